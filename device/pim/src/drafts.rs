//! Drafts that the server keeps too, since 16.0: what the person wrote here, on its way there.
//!
//! ```text
//!   as the server has it ──person──▶ edit, which settles ──"sent" is stored, sent──▶ sent ──confirmed──▶ as the server has it
//!                                     ▲                                               │ answer lost, or restart
//!                                     │                                               ▼
//!                                     └──it is not there── a new one is looked for among what arrives; one with new files is looked at
//! ```
//!
//! Rules where two changes meet, [`DraftConflict`] by [`DraftConflict`]:
//! - what both changed stands as the server has it, and what was written here becomes a draft of its own;
//! - a change beats a deletion, whichever side deleted.
//!
//! A draft is sent from the outbox like any mail and then deleted on the server, although `Send` would do both at once: of `Send`
//! nobody can tell after a lost answer whether it was carried out, while a mail of the outbox is found by its Message-ID.

mod content;
mod record;
mod settle;
mod upload;

use std::collections::{BTreeMap, BTreeSet};

use time::{Duration, OffsetDateTime};

pub use content::{DraftContent, DraftFile};
pub use record::{DraftConflict, DraftEdit, DraftFileId, DraftId, DraftRecord};

pub(crate) use record::OutgoingDrafts;

use crate::{Change, CollectionId, ItemRef, ServerId};

/// What the server has not confirmed yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drafts {
    edits: BTreeMap<DraftId, Pending>,
    /// What the rounds from key 0 have brought that are under way.
    rounds: BTreeMap<CollectionId, BTreeSet<ServerId>>,
    /// What arrived while it was not known whether a new draft was taken, and is not as it was sent: somebody may have written on it.
    strangers: BTreeMap<ItemRef, DraftContent>,
    /// The server may have known a new draft by its name, and take what somebody wrote in it since for known here.
    is_behind: bool,
}

#[derive(Clone, Debug)]
struct Pending {
    record: DraftRecord,
    not_before: Option<OffsetDateTime>,
    /// Since when it waits until nobody writes on.
    since: Option<OffsetDateTime>,
    tries: u32,
    /// How often the server failed to tell which files it has.
    looks: u32,
    doubt: Doubt,
    /// The server has another version, which has not come yet.
    outdated: bool,
    /// It went up as new more than once.
    again: bool,
}

/// What is not known of what was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Doubt {
    /// Which files the server has: it has to be asked, since files that go up twice are there twice.
    Files,
    None,
    /// Whether it was taken: news of the folder tells.
    Taken,
}

/// The most drafts that go up in one request, and at the same time the end of a request that carries files.
const MOST_AT_ONCE: usize = 10;
/// The most bytes of files in one draft; mail servers seldom take more.
const LARGEST: u64 = 40 * 1024 * 1024;
/// How long nobody must have written before a draft goes up, and how long it waits at most.
const SETTLES: Duration = Duration::seconds(10);
const LONGEST_WAIT: Duration = Duration::seconds(60);

impl Drafts {
    pub(crate) fn restore(records: Vec<DraftRecord>) -> Self {
        let mut drafts = Self::default();
        for record in records.into_iter().filter(|record| record.edit.is_some()) {
            let doubt = Doubt::of(&record);
            drafts.edits.insert(record.draft, Pending { doubt, ..Pending::new(record) });
        }
        drafts
    }

    /// Takes in what the person did to a draft, which is stored already.
    pub(crate) fn take(&mut self, record: DraftRecord, now: OffsetDateTime) -> Vec<Change> {
        let known = self.edits.remove(&record.draft);
        let mut pending = match known {
            Some(known) => Pending { record, tries: 0, looks: 0, ..known },
            None => Pending::new(record),
        };
        let record = &pending.record;
        match (&record.edit, &record.item) {
            (None, _) => Vec::new(),
            (Some(DraftEdit::Delete { .. }), None) if record.sent.is_none() => {
                vec![Change::DropDraft(record.draft)]
            }
            (Some(DraftEdit::Delete { .. }), item) => {
                let hide = item.clone().map(|item| Change::ShowMail { item, folder: None });
                pending.not_before = None;
                self.edits.insert(pending.record.draft, pending);
                hide.into_iter().collect()
            }
            (Some(DraftEdit::Put(_)), _) => {
                let since = *pending.since.get_or_insert(now);
                pending.not_before = Some((now + SETTLES).min(since + LONGEST_WAIT));
                self.edits.insert(pending.record.draft, pending);
                Vec::new()
            }
        }
    }

    /// Says whether the folder has to be asked for the sake of a draft.
    pub(crate) fn wait(&self, now: OffsetDateTime) -> bool {
        self.edits.values().any(|pending| pending.is_due(now) && pending.doubt != Doubt::Files)
    }

    /// Names a draft whose files on the server have to be looked at.
    pub(crate) fn to_look_at(&self, now: OffsetDateTime) -> Option<&ItemRef> {
        let mut pending = self.edits.values();
        let pending = pending.find(|one| one.is_due(now) && one.doubt == Doubt::Files)?;
        pending.record.item.as_ref()
    }

    /// Says whether there is a draft in a folder of whose round it is not known what it brought.
    pub(crate) fn is_lost_in(&self, collection: &CollectionId) -> bool {
        !self.rounds.contains_key(collection) && self.of(collection).next().is_some()
    }

    /// Says whether a draft that arrived earlier may be one that was sent from here as new, with what somebody wrote in it since: what
    /// arrived is not known any more after a restart.
    pub(crate) fn may_be_strangers(&self) -> bool {
        self.edits.values().any(Pending::is_new_there)
    }

    /// Says whether the folder of drafts has to be gone through anew.
    pub(crate) fn take_behind(&mut self) -> bool {
        std::mem::take(&mut self.is_behind)
    }

    /// Says when the next pause of a draft ends.
    pub(crate) fn wake_at(&self) -> Option<OffsetDateTime> {
        let waiting = self.edits.values().filter(|pending| pending.record.refused.is_none());
        waiting.filter_map(|pending| pending.not_before).min()
    }

    /// Takes what goes up with the next request for the folder of drafts, no more of them than `most`. `deletes_as_moves` holds for
    /// what else it deletes.
    pub(crate) fn outgoing(
        &mut self,
        deletes_as_moves: Option<bool>,
        most: usize,
        now: OffsetDateTime,
    ) -> OutgoingDrafts {
        let mut outgoing = OutgoingDrafts { deletes_as_moves, ..OutgoingDrafts::default() };
        let mut needless = Vec::new();
        let ready = self.edits.values_mut().filter(|pending| {
            pending.is_due(now) && pending.doubt == Doubt::None && !pending.outdated
        });
        for pending in ready.take(most.min(MOST_AT_ONCE)) {
            let record = &mut pending.record;
            let is_new = record.item.is_none();
            // What was sent as new may be known by its name: the same goes up again, what was changed since follows.
            let again = record.sent.take().filter(|_| is_new);
            pending.again = again.is_some();
            let Some(edit) = again.or_else(|| record.edit.clone()) else { continue };
            if edit.size() > LARGEST {
                record.refused = Some("too_large".to_owned());
                outgoing.store_first.push(Change::PutDraft(record.clone()));
                continue;
            }
            if let DraftEdit::Delete { for_good } = edit
                && *outgoing.deletes_as_moves.get_or_insert(!for_good) == for_good
            {
                continue;
            }
            let Some(command) = upload::command(record, &edit) else {
                needless.push(record.draft);
                continue;
            };
            let ends = edit.changes_files(record.base.as_deref());
            record.sent = Some(edit);
            pending.since = None;
            outgoing.store_first.push(Change::PutDraft(record.clone()));
            outgoing.drafts.push(record.draft);
            outgoing.commands.push(command);
            if ends {
                break;
            }
        }
        for draft in needless {
            let Some(pending) = self.edits.remove(&draft) else { continue };
            outgoing.store_first.extend(self.clean(pending));
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
        let items = self.of(collection).filter_map(|pending| pending.record.item.clone());
        let gone: Vec<ItemRef> = items.filter(|item| !seen.contains(&item.item)).collect();
        gone.iter().flat_map(|item| self.gone(item)).collect()
    }

    /// Everything the server had to say of the folder of drafts was heard.
    pub(crate) fn up_to_date(&mut self) -> Vec<Change> {
        let mut dropped = Vec::new();
        for pending in self.edits.values_mut() {
            pending.outdated = false;
            if pending.doubt == Doubt::Taken {
                pending.doubt = Doubt::None;
                let is_new = pending.record.item.is_none();
                if is_new && pending.record.edit.as_ref().is_some_and(DraftEdit::is_deletion) {
                    dropped.push(pending.record.draft);
                }
            }
        }
        dropped.iter().for_each(|draft| drop(self.edits.remove(draft)));
        dropped.into_iter().map(Change::DropDraft).collect()
    }

    /// The folder is gone from the server. What the person wrote waits for another one.
    pub(crate) fn forget_folder(&mut self, collection: &CollectionId) -> Vec<Change> {
        self.rounds.remove(collection);
        let items = self.of(collection).filter_map(|pending| pending.record.item.clone());
        let items: Vec<ItemRef> = items.collect();
        items.iter().flat_map(|item| self.gone(item)).collect()
    }

    fn of(&self, collection: &CollectionId) -> impl Iterator<Item = &Pending> {
        let lies_there = move |pending: &&Pending| {
            pending.record.item.as_ref().is_some_and(|item| item.collection == *collection)
        };
        self.edits.values().filter(lies_there)
    }

    fn has_edit(&self, item: &ItemRef) -> bool {
        self.edits.values().any(|pending| pending.record.item.as_ref() == Some(item))
    }

    fn take_out(&mut self, item: &ItemRef) -> Option<Pending> {
        let mut edits = self.edits.iter();
        let (draft, _) = edits.find(|(_, pending)| pending.record.item.as_ref() == Some(item))?;
        let draft = *draft;
        self.edits.remove(&draft)
    }
}

impl Pending {
    fn new(record: DraftRecord) -> Self {
        Self {
            record,
            not_before: None,
            since: None,
            tries: 0,
            looks: 0,
            doubt: Doubt::None,
            outdated: false,
            again: false,
        }
    }

    /// It was sent as new, and may be there.
    fn is_new_there(&self) -> bool {
        self.record.item.is_none() && self.record.sent.is_some()
    }

    fn is_due(&self, now: OffsetDateTime) -> bool {
        self.record.refused.is_none() && self.not_before.is_none_or(|moment| moment <= now)
    }
}

impl Doubt {
    /// Says what is not known after a lost answer.
    fn of(record: &DraftRecord) -> Self {
        let base = record.base.as_deref();
        match (&record.sent, &record.item) {
            (None, _) => Self::None,
            (Some(sent), Some(_))
                if sent.changes_files(base) || base.is_some_and(|base| !base.is_named()) =>
            {
                Self::Files
            }
            (Some(_), _) => Self::Taken,
        }
    }
}

impl DraftEdit {
    pub(crate) fn is_deletion(&self) -> bool {
        match self {
            Self::Delete { .. } => true,
            Self::Put(_) => false,
        }
    }

    fn content(&self) -> Option<&DraftContent> {
        match self {
            Self::Delete { .. } => None,
            Self::Put(content) => Some(content),
        }
    }

    fn size(&self) -> u64 {
        self.content().map_or(0, DraftContent::size)
    }

    fn changes_files(&self, base: Option<&DraftContent>) -> bool {
        let none = DraftContent::default();
        let base = base.unwrap_or(&none);
        self.content().is_some_and(|content| upload::changes_files(base, content))
    }
}
