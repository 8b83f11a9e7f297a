//! Contacts, events, tasks and notes, and what the person changed in them, on its way to the server.
//!
//! ```text
//!   as the server has it ──person──▶ edit ──"sent" is stored, sent──▶ sent ──confirmed──▶ as the server has it
//!                                     ▲                                 │ answer lost, or restart
//!                                     │                                 ▼
//!                                     └──a round brought nothing like it── a new entry is looked for among what arrives
//! ```
//!
//! Rules where two changes meet, [`ConflictKind`] by [`ConflictKind`]:
//! - what only one side changed is taken from that side, property by property;
//! - what both changed stands as the server has it, and the person's words are kept aside;
//! - a change beats a deletion, whichever side deleted.
//!
//! An edit goes up only right after a round that brought nothing more, because some servers let the last one win without a look.

mod merge;
mod record;
mod retold;
mod same;
mod settle;
mod upload;

use std::collections::{BTreeMap, BTreeSet};

use activesync::{
    messages::{Class, ClientCommand, Item},
    query::Version,
};
use time::OffsetDateTime;

pub use record::{ConflictKind, ConflictRecord, Edit, EditRecord, EntryId};
pub use retold::retold;

use crate::{Change, CollectionId, ItemRef, ServerId};

/// An entry as it is shown, for [`Account::edit`](crate::Account::edit).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Shown {
    /// The entry.
    pub entry: EntryId,
    /// The folder it lies in.
    pub collection: CollectionId,
    /// What the server calls it; absent until the server has taken it in.
    pub server_id: Option<ServerId>,
    /// All its properties.
    pub item: Item,
    /// A name never used before, 1 to 32 characters.
    pub client_id: String,
}

/// What the person does to an entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EntryEdit {
    /// Changes properties: those given are replaced, those cleared go, the rest stays.
    Change(Box<Item>),
    /// Deletes it.
    Delete,
}

/// What the server has not confirmed yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entries {
    edits: BTreeMap<EntryId, Pending>,
    /// What the rounds from key 0 have brought that are under way.
    rounds: BTreeMap<CollectionId, BTreeSet<ServerId>>,
    /// Deleted with the answer that is being read: what the same answer says of them is of before.
    just_deleted: BTreeSet<ItemRef>,
}

#[derive(Clone, Debug)]
struct Pending {
    record: EditRecord,
    not_before: Option<OffsetDateTime>,
    tries: u32,
    /// It was sent as a new entry, and nobody knows whether it was taken.
    doubtful: bool,
    /// The server has another version, which has not come yet.
    outdated: bool,
}

/// What goes up with the next request for a folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outgoing {
    pub(crate) entries: Vec<EntryId>,
    pub(crate) commands: Vec<ClientCommand>,
    /// To be stored before a byte is sent.
    pub(crate) store_first: Vec<Change>,
}

/// The most edits that go up in one request.
const MOST_AT_ONCE: usize = 50;

impl Entries {
    pub(crate) fn restore(records: Vec<EditRecord>) -> Self {
        let mut entries = Self::default();
        records.into_iter().for_each(|record| entries.take(record));
        entries
    }

    /// Takes in an edit that is stored already.
    pub(crate) fn take(&mut self, record: EditRecord) {
        let doubtful = record.server_id.is_none() && record.sent.is_some();
        self.edits.insert(record.entry, Pending { doubtful, ..Pending::new(record) });
    }

    /// Notes what the person does to an entry.
    pub(crate) fn edit(&mut self, shown: Shown, edit: EntryEdit) -> Vec<Change> {
        let entry = shown.entry;
        let Some(pending) = self.edits.get_mut(&entry) else {
            let was = shown.item.clone();
            let edit = edit.apply_to(shown.item);
            if edit == Edit::Put(Box::new(was.clone())) {
                return Vec::new();
            }
            let record = EditRecord {
                entry,
                collection: shown.collection,
                server_id: shown.server_id,
                client_id: shown.client_id,
                base: Some(Box::new(was)),
                edit,
                sent: None,
                refused: None,
            };
            self.take(record.clone());
            return vec![Change::PutEdit(record)];
        };
        let record = &mut pending.record;
        if edit == EntryEdit::Delete && record.server_id.is_none() && record.sent.is_none() {
            self.edits.remove(&entry);
            return vec![Change::DropEntry(entry)];
        }
        record.edit = edit.apply_to(shown.item);
        record.refused = None;
        (pending.tries, pending.not_before) = (0, None);
        vec![Change::PutEdit(record.clone())]
    }

    /// Says whether the folder has to be asked for the sake of an edit.
    pub(crate) fn waits_in(&self, collection: &CollectionId, now: OffsetDateTime) -> bool {
        self.of(collection).any(|pending| pending.is_due(now))
    }

    /// Says whether there is an edit in a folder of whose round it is not known what it brought: there is no telling then what is
    /// gone from the server.
    pub(crate) fn is_lost_in(&self, collection: &CollectionId) -> bool {
        !self.rounds.contains_key(collection) && self.of(collection).next().is_some()
    }

    /// Says when the next pause of an edit ends.
    pub(crate) fn wake_at(&self) -> Option<OffsetDateTime> {
        let waiting = self.edits.values().filter(|pending| pending.record.refused.is_none());
        waiting.filter_map(|pending| pending.not_before).min()
    }

    /// Takes what goes up with the next request for a folder, no more edits than `most`.
    pub(crate) fn outgoing(
        &mut self,
        collection: &CollectionId,
        version: Version,
        most: usize,
        now: OffsetDateTime,
    ) -> Outgoing {
        let mut outgoing = Outgoing::default();
        let mut needless = Vec::new();
        let ready = self.edits.values_mut().filter(|pending| {
            pending.record.collection == *collection
                && pending.is_due(now)
                && !pending.doubtful
                && !pending.outdated
        });
        for pending in ready.take(most.min(MOST_AT_ONCE)) {
            let record = &mut pending.record;
            let is_new = record.server_id.is_none();
            // What was sent as new may be known by its id: the same goes up again, what was changed since follows.
            let edit = record.sent.take().filter(|_| is_new).unwrap_or_else(|| record.edit.clone());
            let commands = upload::commands(record, &edit, version);
            if commands.is_empty() {
                needless.push(record.entry);
                continue;
            }
            record.sent = Some(edit);
            outgoing.store_first.push(Change::PutEdit(record.clone()));
            outgoing.entries.push(record.entry);
            outgoing.commands.extend(commands);
        }
        for entry in needless {
            let Some(pending) = self.edits.remove(&entry) else { continue };
            outgoing.store_first.push(match pending.record.server_id {
                Some(server_id) => Change::RemoveEdit { entry, server_id },
                None => Change::DropEntry(entry),
            });
        }
        outgoing
    }

    /// A round from key 0 begins: what it does not bring is gone from the server.
    pub(crate) fn round_begins(&mut self, collection: &CollectionId) {
        self.rounds.insert(collection.clone(), BTreeSet::new());
    }

    /// A round from key 0 ends.
    pub(crate) fn round_ended(&mut self, collection: &CollectionId) -> Vec<Change> {
        let Some(seen) = self.rounds.remove(collection) else { return Vec::new() };
        let items = self.of(collection).filter_map(|pending| pending.record.item());
        let gone: Vec<ItemRef> = items.filter(|item| !seen.contains(&item.item)).collect();
        gone.iter().flat_map(|item| self.gone(item)).collect()
    }

    /// Everything the server had to say of a folder was heard.
    pub(crate) fn up_to_date(&mut self, collection: &CollectionId) -> Vec<Change> {
        let mut dropped = Vec::new();
        for pending in self.of_mut(collection) {
            pending.outdated = false;
            if std::mem::take(&mut pending.doubtful) && pending.record.edit == Edit::Delete {
                dropped.push(pending.record.entry);
            }
        }
        dropped.iter().for_each(|entry| drop(self.edits.remove(entry)));
        dropped.into_iter().map(Change::DropEntry).collect()
    }

    /// Says whether the person wrote something in a folder that the server does not have.
    pub(crate) fn has_words_in(&self, collection: &CollectionId) -> bool {
        self.of(collection).any(|pending| matches!(pending.record.edit, Edit::Put(_)))
    }

    /// The folder is gone from the server. What the person wrote goes to another folder, as a new entry, where there is one.
    pub(crate) fn forget_folder(
        &mut self,
        collection: &CollectionId,
        refuge: Option<&CollectionId>,
    ) -> Vec<Change> {
        self.rounds.remove(collection);
        let entries: Vec<EntryId> =
            self.of(collection).map(|pending| pending.record.entry).collect();
        let mut changes = Vec::new();
        for entry in entries {
            let Some(mut pending) = self.edits.remove(&entry) else { continue };
            if let (Edit::Put(_), Some(refuge)) = (&pending.record.edit, refuge) {
                pending.record.collection = refuge.clone();
                changes.extend(self.make_anew(pending));
            }
        }
        changes
    }

    fn of(&self, collection: &CollectionId) -> impl Iterator<Item = &Pending> {
        self.edits.values().filter(move |pending| pending.record.collection == *collection)
    }

    fn of_mut(&mut self, collection: &CollectionId) -> impl Iterator<Item = &mut Pending> {
        self.edits.values_mut().filter(move |pending| pending.record.collection == *collection)
    }

    fn entry_of(&self, item: &ItemRef) -> Option<EntryId> {
        let same = |pending: &&Pending| pending.record.server_id.as_ref() == Some(&item.item);
        self.of(&item.collection).find(same).map(|pending| pending.record.entry)
    }

    /// Lets an entry that is gone from the server go there as a new one.
    fn make_anew(&mut self, pending: Pending) -> Vec<Change> {
        let mut record = pending.record;
        let conflict = ConflictRecord {
            entry: record.entry,
            kind: ConflictKind::DeletedThere,
            mine: Box::default(),
        };
        (record.server_id, record.base, record.sent) = (None, None, None);
        // The old name may be known to the server as that of what was deleted.
        record.client_id.push_str("-a");
        self.take(record.clone());
        vec![Change::PutEdit(record), Change::PutConflict(conflict)]
    }
}

impl Pending {
    fn new(record: EditRecord) -> Self {
        Self { record, not_before: None, tries: 0, doubtful: false, outdated: false }
    }

    fn is_due(&self, now: OffsetDateTime) -> bool {
        self.record.refused.is_none() && self.not_before.is_none_or(|moment| moment <= now)
    }
}

impl EntryEdit {
    fn apply_to(self, mut item: Item) -> Edit {
        match self {
            Self::Change(change) => {
                item.apply(*change);
                Edit::Put(Box::new(item))
            }
            Self::Delete => Edit::Delete,
        }
    }
}

/// Tells a server's news of entries: an edit takes part in them, or they are stored as they are.
pub(crate) fn news(entries: &mut Entries, class: Class, news: News<'_>) -> Vec<Change> {
    match news {
        News::Put { item, entry, is_new } => {
            if let Some(seen) = entries.rounds.get_mut(&item.collection) {
                seen.insert(item.item.clone());
            }
            let entry = entry.of_class(class);
            entries.arrived(&item, &entry, is_new).unwrap_or_else(|| {
                let entry = Box::new(entry);
                vec![if is_new {
                    Change::PutEntry { item, entry }
                } else {
                    Change::PatchEntry { item, patch: entry }
                }]
            })
        }
        News::Gone(item) => entries.gone(item),
        // It is still there, outside of what was asked for; an edit of it has its way.
        News::TooOld(item) => match entries.entry_of(item) {
            Some(_) => Vec::new(),
            None => vec![Change::RemoveEntry(item.clone())],
        },
    }
}

/// What a server tells of one entry.
#[derive(Debug)]
pub(crate) enum News<'a> {
    Gone(&'a ItemRef),
    Put { item: ItemRef, entry: Item, is_new: bool },
    TooOld(&'a ItemRef),
}
