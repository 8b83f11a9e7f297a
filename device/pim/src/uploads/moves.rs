//! Mails on their way to another folder.
//!
//! ```text
//!   wanted ──store, send──▶ Sent ──answered──▶ its new id takes the place of the old one
//!                            │ answer lost: the same again
//!                            ▼ "no such mail"
//!                         Missing ──the folder does not lack it──▶ stays, refused
//!                            │ deleted in the folder
//!                            ▼
//!                          Left ──appears in the other folder──▶ its new id takes the place of the old one
//!                            └──the other folder is up to date without it──▶ gone
//! ```
//!
//! A folder has to tell of each mail that was moved into it. Of one that was gone again before it was asked, it never says a word.
//!
//! Whatever is decided here, both folders are asked for news afterwards, and what they say holds.

use activesync::{
    messages::{Move, MoveItemsRequest, MoveResult},
    status::{MoveStatus, Status},
};
use time::OffsetDateTime;

use super::{Due, MOST_AT_ONCE, MOST_TRIES, Uploads, due, show};
use crate::{
    Attempt, AttemptStage, Change, CollectionId, Destination, ItemRef, MailPatch, Place, Print,
    RefusedChange, ServerId, UploadRecord,
};

/// Moves that are asked of the server: each mail, and its folder to be.
pub(crate) type Moves = Vec<Sent>;

type Sent = (ItemRef, CollectionId);

impl Uploads {
    /// Tells a folder out of which mails wait to be moved.
    pub(crate) fn moves_from(&self, collection: &CollectionId) -> bool {
        self.of_folder(collection).any(|record| due(record) == Some(Due::Move))
    }

    /// Begins to move mails out of a folder: the changes must be stored before a byte leaves.
    pub(crate) fn begin_moves(&mut self, collection: &CollectionId) -> (Moves, Vec<Change>) {
        let due: Vec<ItemRef> = self
            .of_folder(collection)
            .filter(|record| due(record) == Some(Due::Move))
            .take(MOST_AT_ONCE)
            .map(|record| record.item.clone())
            .collect();
        let (mut sent, mut changes) = (Vec::new(), Vec::new());
        for item in due {
            let Some(record) = self.records.get_mut(&item) else { continue };
            let Some(place) = &mut record.place else { continue };
            if let Some(attempt) = &place.attempt {
                sent.push((item, attempt.to.clone()));
            } else if let Destination::Folder(to) = &place.to {
                sent.push((item, to.clone()));
                let attempt = Attempt { to: to.clone(), stage: AttemptStage::Sent, landed: None };
                place.attempt = Some(attempt);
                changes.push(Change::PutUpload(record.clone()));
            }
        }
        (sent, changes)
    }

    /// Handles what the server says of the moves that were asked for.
    pub(crate) fn moved(&mut self, sent: &[Sent], results: &[MoveResult]) -> Vec<Change> {
        let of = |item: &ItemRef| results.iter().find(|result| result.source_id == item.item.0);
        sent.iter().flat_map(|(item, to)| self.moved_one(item, to, of(item))).collect()
    }

    /// The server failed over these moves: they are tried some more times.
    pub(crate) fn not_moved(&mut self, sent: &[Sent], code: &str, for_good: bool) -> Vec<Change> {
        let mut changes = Vec::new();
        for (item, to) in sent {
            let tries = self.tries.entry(item.clone()).or_default();
            *tries += 1;
            if for_good || *tries >= MOST_TRIES {
                self.await_both(item, to);
                changes.extend(self.stay(item, RefusedChange::Move, code.to_owned()));
            }
        }
        changes
    }

    /// Says whether the server failed over these moves more than once, or gave them up.
    pub(crate) fn were_tried(&self, sent: &[Sent]) -> bool {
        sent.iter().all(|(item, _)| self.tries.get(item).is_none_or(|tries| *tries > 1))
    }

    /// A mail is no longer in its folder.
    pub(crate) fn gone(&mut self, item: &ItemRef) -> Vec<Change> {
        let Some(attempt) = self.records.get(item).and_then(UploadRecord::attempt).cloned() else {
            let forgotten = self.forget(item);
            return forgotten.into_iter().chain([Change::RemoveMail(item.clone())]).collect();
        };
        match attempt.landed {
            Some(landed) => self.landed(item, &attempt.to, landed, true),
            None => {
                self.awaited.push(attempt.to);
                self.advance(item, |attempt| attempt.stage = AttemptStage::Left)
            }
        }
    }

    /// A mail appeared in a folder: it may be one that was moved there.
    pub(crate) fn appeared(
        &mut self,
        collection: &CollectionId,
        server_id: &str,
        patch: &MailPatch,
    ) -> Vec<Change> {
        let landed = ServerId(server_id.to_owned());
        let there = ItemRef { collection: collection.clone(), item: landed.clone() };
        if let Some(record) = self.records.get_mut(&there).filter(|record| record.arriving) {
            record.arriving = false;
            return vec![self.keep(&there)];
        }
        let leads_here = |record: &&UploadRecord| {
            record.attempt().is_some_and(|attempt| attempt.to == *collection)
        };
        let fits = |record: &&UploadRecord| {
            record.attempt().is_some_and(|attempt| attempt.landed.is_none())
                && is_print_of(&record.print, patch)
        };
        let mut bound = self.records.values().filter(leads_here).peekable();
        if bound.peek().is_some() {
            self.appeared.insert(there);
        }
        let Some(record) = bound.find(fits) else { return Vec::new() };
        let item = record.item.clone();
        if record.attempt().is_some_and(|attempt| attempt.stage == AttemptStage::Left) {
            self.landed(&item, collection, landed, true)
        } else {
            self.advance(&item, |attempt| attempt.landed = Some(landed))
        }
    }

    /// A folder is up to date: what was to be seen there has been seen.
    pub(crate) fn completed(&mut self, collection: &CollectionId) -> Vec<Change> {
        let stage = |record: &UploadRecord, stage| {
            record.attempt().is_some_and(|attempt| attempt.stage == stage)
        };
        let arrives = |record: &&UploadRecord| {
            stage(record, AttemptStage::Left)
                && record.attempt().is_some_and(|attempt| attempt.to == *collection)
        };
        let stays = |record: &&UploadRecord| {
            stage(record, AttemptStage::Missing) && record.item.collection == *collection
        };
        let item = |record: &UploadRecord| record.item.clone();
        let untold =
            |record: &&UploadRecord| record.arriving && record.item.collection == *collection;
        let untold: Vec<ItemRef> = self.records.values().filter(untold).map(item).collect();
        let mut changes: Vec<Change> = Vec::new();
        for item in untold {
            if let Some(record) = self.records.get_mut(&item) {
                record.arriving = false;
            }
            changes.extend(self.gone(&item));
        }
        let lost: Vec<ItemRef> = self.records.values().filter(arrives).map(item).collect();
        let there: Vec<ItemRef> = self.records.values().filter(stays).map(item).collect();
        for item in lost {
            changes.extend(self.forget(&item));
            changes.push(Change::RemoveMail(item));
        }
        for item in there {
            changes.extend(self.stay(&item, RefusedChange::Move, "status_1".to_owned()));
        }
        if !self.records.values().any(|record| record.attempt().is_some()) {
            self.appeared.clear();
        }
        changes
    }

    /// A folder is gone, with everything in it. What was to be moved there stays where it is.
    pub(crate) fn forget_folder(&mut self, collection: &CollectionId) -> Vec<Change> {
        let inside: Vec<ItemRef> =
            self.of_folder(collection).map(|record| record.item.clone()).collect();
        let mut changes: Vec<Change> = inside.iter().filter_map(|item| self.forget(item)).collect();
        let leads_there = |record: &&UploadRecord| {
            record.place.as_ref().is_some_and(|place| {
                place.to == Destination::Folder(collection.clone())
                    || place.attempt.as_ref().is_some_and(|attempt| attempt.to == *collection)
            })
        };
        let bound: Vec<UploadRecord> = self.records.values().filter(leads_there).cloned().collect();
        for record in bound {
            let item = record.item.clone();
            if record.attempt().is_some_and(|attempt| attempt.stage == AttemptStage::Left) {
                changes.extend(self.forget(&item));
                changes.push(Change::RemoveMail(item));
            } else {
                self.awaited.push(item.collection.clone());
                let code = "folder_missing".to_owned();
                changes.extend(self.stay(&item, RefusedChange::Move, code));
            }
        }
        changes
    }

    fn moved_one(
        &mut self,
        item: &ItemRef,
        to: &CollectionId,
        result: Option<&MoveResult>,
    ) -> Vec<Change> {
        self.await_both(item, to);
        let Some(MoveResult { status, destination_id, .. }) = result else {
            return self.not_moved(&[(item.clone(), to.clone())], "no_answer", false);
        };
        match (status.move_items(), destination_id) {
            (MoveStatus::Ok, Some(id)) => {
                let there = ItemRef { collection: to.clone(), item: ServerId(id.clone()) };
                let told = self.appeared.contains(&there);
                self.landed(item, to, there.item, told)
            }
            (MoveStatus::Ok, None) | (MoveStatus::UnknownSource, _) => {
                self.advance(item, |attempt| attempt.stage = AttemptStage::Missing)
            }
            (MoveStatus::Locked, _) => {
                self.not_moved(&[(item.clone(), to.clone())], &code(*status), false)
            }
            (
                MoveStatus::Common(_)
                | MoveStatus::Failed
                | MoveStatus::SameFolder
                | MoveStatus::UnknownDestination
                | MoveStatus::Undocumented(_),
                _,
            ) => self.stay(item, RefusedChange::Move, code(*status)),
        }
    }

    /// The mail is there, under another id, and what else is wanted of it with it. `told` says that the folder has told of it.
    fn landed(
        &mut self,
        item: &ItemRef,
        to: &CollectionId,
        landed: ServerId,
        told: bool,
    ) -> Vec<Change> {
        self.tries.remove(item);
        let there = ItemRef { collection: to.clone(), item: landed };
        let record = self.records.remove(item);
        let record = record.unwrap_or_else(|| UploadRecord::new(item.clone(), Print::default()));
        let mut changes = vec![
            Change::RemoveUpload(item.clone()),
            Change::MoveMail { from: item.clone(), to: there.clone() },
        ];
        let onward = record.place.map(|place| place.to);
        let onward = onward.filter(|onward| *onward != Destination::Folder(to.clone()));
        let mut record = UploadRecord {
            item: there.clone(),
            place: onward.map(|to| Place { to, attempt: None }),
            arriving: !told,
            ..record
        };
        if let Some(known) = self.records.remove(&there) {
            record.marks.take(known.marks);
            record.before.take(known.before);
            record.place = known.place.or(record.place);
        }
        if record.is_empty() {
            return changes;
        }
        changes.push(Change::PutUpload(record.clone()));
        let patch = Box::new(record.marks.clone().into());
        changes.push(Change::PatchMail { item: there.clone(), patch });
        changes.extend(record.place.as_ref().map(|place| show(there.clone(), &place.to)));
        self.records.insert(there, record);
        changes
    }

    fn advance(&mut self, item: &ItemRef, step: impl FnOnce(&mut Attempt)) -> Vec<Change> {
        let record = self.records.get_mut(item);
        let Some(record) = record else { return Vec::new() };
        let Some(Place { attempt: Some(attempt), .. }) = &mut record.place else {
            return Vec::new();
        };
        step(attempt);
        vec![Change::PutUpload(record.clone())]
    }

    fn await_both(&mut self, item: &ItemRef, to: &CollectionId) {
        self.awaited.extend([item.collection.clone(), to.clone()]);
    }
}

/// Writes the request for some moves.
pub(crate) fn request(sent: &[Sent]) -> MoveItemsRequest {
    let entry = |(item, to): &Sent| Move {
        source_id: item.item.0.clone(),
        source_folder: item.collection.0.clone(),
        destination_folder: to.0.clone(),
    };
    MoveItemsRequest { moves: sent.iter().map(entry).collect() }
}

fn code(status: Status) -> String {
    format!("status_{}", status.0)
}

/// What is stored is exact to the millisecond.
fn is_print_of(print: &Print, patch: &MailPatch) -> bool {
    let milliseconds = |moment: OffsetDateTime| moment.unix_timestamp_nanos().div_euclid(1_000_000);
    print.received.is_some()
        && print.received.map(milliseconds) == patch.received.map(milliseconds)
        && print.subject == patch.subject.as_deref().unwrap_or_default()
}
