//! What the user wants of mails, on its way to the server.
//!
//! Marks go up as changes of the folder the mail lies in, deletions as deletions there; only then is a mail moved. The server
//! confirms by silence. What it refuses is as before again, and the mail says so.

mod moves;

pub(crate) use moves::{Moves, request};

use std::collections::{BTreeMap, BTreeSet};

use activesync::{
    messages::{ClientCommand, CommandResult, Email},
    status::{Status, SyncStatus},
};

use crate::{
    Change, CollectionId, Destination, ItemRef, Known, MailPatch, Marks, Place, Refusal,
    RefusedChange, ServerId, UploadRecord,
};

/// The most changes that go up in one request.
const MOST_AT_ONCE: usize = 100;
/// How often a change goes up that the server cannot carry out now.
const MOST_TRIES: u32 = 5;

/// What the server has not confirmed yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uploads {
    records: BTreeMap<ItemRef, UploadRecord>,
    /// How often the server could not carry out what is wanted of a mail.
    tries: BTreeMap<ItemRef, u32>,
    /// Folders of which news is awaited.
    awaited: Vec<CollectionId>,
    /// Mails that appeared where some are to be moved.
    appeared: BTreeSet<ItemRef>,
}

/// What of a record goes up next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Due {
    Change,
    Delete { for_good: bool },
    Move,
}

impl Uploads {
    pub(crate) fn restore(records: Vec<UploadRecord>) -> Self {
        let records = records.into_iter().map(|record| (record.item.clone(), record)).collect();
        Self { records, ..Self::default() }
    }

    /// Sets marks, here at once.
    pub(crate) fn mark(&mut self, item: ItemRef, marks: Marks, known: Known) -> Vec<Change> {
        let before = known.marks.flag.clone().unwrap_or_default();
        let flag = marks.flag.map(|flag| flag.instead_of(&before));
        let marks = Marks { flag, ..marks };
        let record = self.record(&item, &known);
        record.before.take(known.marks.only_new(&marks, &record.marks));
        record.marks.take(marks.clone());
        let put = Change::PutUpload(record.clone());
        vec![put, Change::PatchMail { item, patch: Box::new(marks.into()) }]
    }

    /// Puts a mail somewhere else, here at once.
    pub(crate) fn place(&mut self, item: ItemRef, to: Destination, known: Known) -> Vec<Change> {
        let record = self.record(&item, &known);
        let attempt = record.place.take().and_then(|place| place.attempt);
        let stays = to == Destination::Folder(item.collection.clone()) && attempt.is_none();
        record.place = (!stays).then(|| Place { to: to.clone(), attempt });
        let put = if record.is_empty() {
            self.records.remove(&item);
            Change::RemoveUpload(item.clone())
        } else {
            Change::PutUpload(record.clone())
        };
        vec![put, show(item, &to)]
    }

    pub(crate) fn forget(&mut self, item: &ItemRef) -> Option<Change> {
        self.tries.remove(item);
        self.records.remove(item).map(|_| Change::RemoveUpload(item.clone()))
    }

    /// Names the folders of which news is awaited since this was asked last.
    pub(crate) fn awaited(&mut self) -> Vec<CollectionId> {
        std::mem::take(&mut self.awaited)
    }

    /// Tells a folder with changes or deletions that wait.
    pub(crate) fn waits_in(&self, collection: &CollectionId) -> bool {
        self.of_folder(collection)
            .any(|record| matches!(due(record), Some(Due::Change | Due::Delete { .. })))
    }

    /// Takes the changes that go up with the next request for a folder: among them deletions of one kind.
    pub(crate) fn of(&self, collection: &CollectionId) -> Vec<UploadRecord> {
        let mut kind = None;
        let fits = |record: &&UploadRecord| match due(record) {
            Some(Due::Change) => true,
            Some(Due::Delete { for_good }) => *kind.get_or_insert(for_good) == for_good,
            Some(Due::Move) | None => false,
        };
        self.of_folder(collection).filter(fits).take(MOST_AT_ONCE).cloned().collect()
    }

    /// Handles the server's word on the changes that went up: those it does not mention it took.
    pub(crate) fn settle(
        &mut self,
        sent: &[UploadRecord],
        results: &[CommandResult],
    ) -> Vec<Change> {
        sent.iter().flat_map(|record| self.settle_one(record, results)).collect()
    }

    /// Takes changes back that the server cannot read.
    pub(crate) fn unreadable(&mut self, sent: &[UploadRecord], code: &str) -> Vec<Change> {
        sent.iter().flat_map(|record| self.refuse(record, code)).collect()
    }

    /// The server failed over these changes: they are tried some more times.
    pub(crate) fn failed(&mut self, sent: &[UploadRecord], code: &str) -> Vec<Change> {
        sent.iter().flat_map(|record| self.try_again(record, code)).collect()
    }

    /// Lets the user's word stand against what the server said before it knew of it, and notes what that was.
    pub(crate) fn overlay(&mut self, item: &ItemRef, patch: &mut MailPatch) -> Option<Change> {
        let record = self.records.get_mut(item)?;
        let said = record.marks.overlay(patch);
        if said.is_empty() {
            return None;
        }
        record.before.take(said);
        Some(Change::PutUpload(record.clone()))
    }

    fn record(&mut self, item: &ItemRef, known: &Known) -> &mut UploadRecord {
        self.tries.remove(item);
        self.records
            .entry(item.clone())
            .or_insert_with(|| UploadRecord::new(item.clone(), known.print.clone()))
    }

    fn of_folder(&self, collection: &CollectionId) -> impl Iterator<Item = &UploadRecord> {
        self.records.values().filter(move |record| record.item.collection == *collection)
    }

    fn settle_one(&mut self, sent: &UploadRecord, results: &[CommandResult]) -> Vec<Change> {
        let Some(status) = verdict(&sent.item.item, results) else { return self.confirm(sent) };
        let code = format!("status_{}", status.0);
        match status.sync() {
            SyncStatus::Ok => self.confirm(sent),
            SyncStatus::NotFound => self.gone(&sent.item),
            SyncStatus::ServerError | SyncStatus::Retry | SyncStatus::CannotComplete => {
                self.try_again(sent, &code)
            }
            SyncStatus::Common(_)
            | SyncStatus::Conflict
            | SyncStatus::FoldersChanged
            | SyncStatus::Incomplete
            | SyncStatus::IntervalOutOfRange
            | SyncStatus::ItemMalformed
            | SyncStatus::KeyInvalid
            | SyncStatus::ProtocolError
            | SyncStatus::TooManyCollections
            | SyncStatus::Undocumented(_) => self.refuse(sent, &code),
        }
    }

    /// The server has it.
    fn confirm(&mut self, sent: &UploadRecord) -> Vec<Change> {
        if matches!(due(sent), Some(Due::Delete { .. })) {
            return self.gone(&sent.item);
        }
        self.tries.remove(&sent.item);
        let Some(record) = self.records.get_mut(&sent.item) else { return Vec::new() };
        record.marks.take_same(&sent.marks, &mut record.before);
        vec![self.keep(&sent.item)]
    }

    fn try_again(&mut self, sent: &UploadRecord, code: &str) -> Vec<Change> {
        let tries = self.tries.entry(sent.item.clone()).or_default();
        *tries += 1;
        if *tries < MOST_TRIES { Vec::new() } else { self.refuse(sent, code) }
    }

    /// The server will not have it: all is as it says.
    fn refuse(&mut self, sent: &UploadRecord, code: &str) -> Vec<Change> {
        let code = code.to_owned();
        self.tries.remove(&sent.item);
        let Some(record) = self.records.get_mut(&sent.item) else { return Vec::new() };
        if due(sent) != Some(Due::Change) {
            // Whoever wants it elsewhere by now does not want it deleted.
            let is_latest = record.place == sent.place;
            let stay = |uploads: &mut Self| uploads.stay(&sent.item, RefusedChange::Delete, code);
            return if is_latest { stay(self) } else { Vec::new() };
        }
        let before = record.marks.take_same(&sent.marks, &mut record.before);
        let put = self.keep(&sent.item);
        let patch = Change::PatchMail { item: sent.item.clone(), patch: Box::new(before.into()) };
        vec![put, patch, refused(&sent.item, RefusedChange::Marks, code)]
    }

    /// Leaves a mail where it lies, and tells why.
    fn stay(&mut self, item: &ItemRef, change: RefusedChange, code: String) -> Vec<Change> {
        self.tries.remove(item);
        let Some(record) = self.records.get_mut(item) else { return Vec::new() };
        record.place = None;
        let home = Destination::Folder(item.collection.clone());
        vec![self.keep(item), show(item.clone(), &home), refused(item, change, code)]
    }

    /// Says what is to be stored of a record that changed.
    fn keep(&mut self, item: &ItemRef) -> Change {
        match self.records.get(item) {
            Some(record) if !record.is_empty() => Change::PutUpload(record.clone()),
            Some(_) | None => {
                self.records.remove(item);
                Change::RemoveUpload(item.clone())
            }
        }
    }
}

/// Says what of a record goes up next; nothing while it has to be seen where the mail is.
fn due(record: &UploadRecord) -> Option<Due> {
    match &record.place {
        Some(Place { attempt: Some(attempt), .. }) => {
            (attempt.stage == crate::AttemptStage::Sent).then_some(Due::Move)
        }
        Some(_) | None if !record.marks.is_empty() => Some(Due::Change),
        Some(Place { to: Destination::DeletedItems, attempt: None }) => {
            Some(Due::Delete { for_good: false })
        }
        Some(Place { to: Destination::Nowhere, attempt: None }) => {
            Some(Due::Delete { for_good: true })
        }
        Some(Place { to: Destination::Folder(_), attempt: None }) => Some(Due::Move),
        None => None,
    }
}

/// Writes a change as the server reads it.
pub(crate) fn command(record: &UploadRecord) -> ClientCommand {
    let server_id = record.item.item.0.clone();
    if matches!(due(record), Some(Due::Delete { .. })) {
        return ClientCommand::Delete { server_id, instance: None };
    }
    let Marks { read, flag, categories } = record.marks.clone();
    let flag = flag.map(|flag| flag.to_wire());
    let mail = Email { read, flag, categories, ..Email::default() };
    ClientCommand::Change { server_id, instance: None, item: mail.into(), send: false }
}

/// Says whether deleted mails go to the folder for them; nothing where none is deleted.
pub(crate) fn deletes_as_moves(sent: &[UploadRecord]) -> Option<bool> {
    sent.iter().find_map(|record| match due(record) {
        Some(Due::Delete { for_good }) => Some(!for_good),
        Some(Due::Change | Due::Move) | None => None,
    })
}

/// Names an item by its parts.
pub(crate) fn item(collection: &CollectionId, server_id: &str) -> ItemRef {
    ItemRef { collection: collection.clone(), item: ServerId(server_id.to_owned()) }
}

fn verdict(sent: &ServerId, results: &[CommandResult]) -> Option<Status> {
    results.iter().find_map(|result| match result {
        CommandResult::Change { server_id, status, .. }
        | CommandResult::Delete { server_id, status, .. }
            if *server_id == sent.0 =>
        {
            Some(*status)
        }
        CommandResult::Add { .. }
        | CommandResult::Change { .. }
        | CommandResult::Delete { .. }
        | CommandResult::Fetch { .. } => None,
    })
}

fn show(item: ItemRef, to: &Destination) -> Change {
    let folder = match to {
        Destination::Folder(folder) => Some(folder.clone()),
        Destination::DeletedItems | Destination::Nowhere => None,
    };
    Change::ShowMail { item, folder }
}

fn refused(item: &ItemRef, change: RefusedChange, code: String) -> Change {
    Change::RefuseMail { item: item.clone(), refusal: Refusal { change, code } }
}

#[cfg(test)]
mod tests;
