//! What a container does with changes, in memory.

use std::collections::BTreeMap;

use activesync::messages::Item;
use pim::{
    AccountRecord, Change, CollectionId, ConflictRecord, Edit, EditRecord, EntryId, FolderRecord,
    Saved, ServerId,
};

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) collection: CollectionId,
    pub(crate) server_id: Option<ServerId>,
    pub(crate) item: Item,
    pub(crate) hidden: bool,
    seen: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) rows: BTreeMap<EntryId, Row>,
    pub(crate) edits: BTreeMap<EntryId, EditRecord>,
    pub(crate) conflicts: Vec<ConflictRecord>,
    account: AccountRecord,
    folders: BTreeMap<CollectionId, FolderRecord>,
    numbers: i64,
}

impl Store {
    pub(crate) fn saved(&self) -> Saved {
        Saved {
            account: self.account.clone(),
            folders: self.folders.values().cloned().collect(),
            edits: self.edits.values().cloned().collect(),
            ..Saved::default()
        }
    }

    /// Stores a new entry with its edit.
    pub(crate) fn add(&mut self, collection: &str, client_id: String, item: Item) -> EditRecord {
        let collection = CollectionId(collection.to_owned());
        let entry = self.number();
        let record = EditRecord {
            entry,
            collection: collection.clone(),
            server_id: None,
            client_id,
            base: None,
            edit: Edit::Put(Box::new(item.clone())),
            sent: None,
            refused: None,
        };
        self.rows
            .insert(entry, Row { collection, server_id: None, item, hidden: false, seen: true });
        self.edits.insert(entry, record.clone());
        record
    }

    pub(crate) fn apply(&mut self, changes: Vec<Change>) {
        changes.into_iter().for_each(|change| self.apply_one(change));
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "there are no mails here")]
    fn apply_one(&mut self, change: Change) {
        match change {
            Change::BeginRound(id) => {
                self.of(&id).for_each(|row| row.seen = false);
            }
            Change::EndRound(id) => {
                let edits = &self.edits;
                self.rows.retain(|entry, row| {
                    row.collection != id || row.seen || edits.contains_key(entry)
                });
            }
            Change::DropEntry(entry) => self.drop(entry),
            Change::PatchEntry { item, patch } => {
                let found = self.find(&item);
                if let Some(row) = found.and_then(|entry| self.rows.get_mut(&entry)) {
                    row.item = pim::retold(&row.item, &patch);
                }
            }
            Change::PutAccount(account) => self.account = account,
            Change::PutConflict(conflict) => self.conflicts.push(conflict),
            Change::PutEdit(record) => {
                let Some(row) = self.rows.get_mut(&record.entry) else { return };
                row.collection = record.collection.clone();
                row.server_id.clone_from(&record.server_id);
                row.seen = true;
                match &record.edit {
                    Edit::Delete => row.hidden = true,
                    Edit::Put(item) => (row.item, row.hidden) = (Item::clone(item), false),
                }
                self.edits.insert(record.entry, record);
            }
            Change::PutEntry { item, entry } => {
                let id = self.find(&item).unwrap_or_else(|| self.number());
                let row = Row {
                    collection: item.collection,
                    server_id: Some(item.item),
                    item: *entry,
                    hidden: false,
                    seen: true,
                };
                self.rows.insert(id, row);
            }
            Change::PutFolder(folder) => {
                self.folders.insert(folder.id.clone(), folder);
            }
            Change::RemoveEdit { entry, server_id } => {
                self.edits.remove(&entry);
                let Some(mut row) = self.rows.remove(&entry) else { return };
                let same = |other: &Row| {
                    other.collection == row.collection
                        && other.server_id.as_ref() == Some(&server_id)
                };
                if let Some(told) = self.rows.values().find(|other| same(other)) {
                    row.item = told.item.clone();
                }
                self.rows.retain(|_, other| !same(other));
                row.server_id = Some(server_id);
                self.rows.insert(entry, row);
            }
            Change::RemoveEntry(item) => {
                let found = self.find(&item).filter(|entry| !self.edits.contains_key(entry));
                found.into_iter().for_each(|entry| self.drop(entry));
            }
            Change::RemoveFolder(id) => {
                self.folders.remove(&id);
                let gone = self.rows.iter().filter(|(_, row)| row.collection == id);
                let gone: Vec<EntryId> = gone.map(|(entry, _)| *entry).collect();
                gone.into_iter().for_each(|entry| self.drop(entry));
            }
            other => panic!("{other:?} has no place here"),
        }
    }

    fn of(&mut self, id: &CollectionId) -> impl Iterator<Item = &mut Row> {
        self.rows.values_mut().filter(move |row| row.collection == *id)
    }

    fn find(&self, item: &pim::ItemRef) -> Option<EntryId> {
        let same = |row: &Row| {
            row.collection == item.collection && row.server_id.as_ref() == Some(&item.item)
        };
        self.rows.iter().find(|(_, row)| same(row)).map(|(entry, _)| *entry)
    }

    fn drop(&mut self, entry: EntryId) {
        self.rows.remove(&entry);
        self.edits.remove(&entry);
    }

    fn number(&mut self) -> EntryId {
        self.numbers += 1;
        EntryId(self.numbers)
    }
}
