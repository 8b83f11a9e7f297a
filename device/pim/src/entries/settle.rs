//! What the server says of edits, and of entries that have one.

use activesync::{
    messages::{CommandResult, Item},
    status::{Status, SyncStatus},
};
use time::OffsetDateTime;

use super::{
    ConflictKind, ConflictRecord, Edit, Entries, EntryId, Pending,
    merge::{Merged, merge},
    retold::retold,
    same::is_same,
};
use crate::{Change, ItemRef, ServerId, pace};

/// How often the same edit is sent before the person is asked.
const MOST_TRIES: u32 = 5;

/// What the server said of one edit.
#[derive(Debug)]
enum Verdict {
    /// It was taken as a new entry.
    Added {
        server_id: ServerId,
        given: Option<Item>,
    },
    /// It was taken, or the server has nothing against it.
    Done {
        given: Option<Item>,
    },
    Refused(Status),
    /// A new entry of which the server says nothing.
    Silence,
}

impl Entries {
    /// Nobody knows whether the server took what was sent.
    pub(crate) fn unanswered(&mut self, sent: &[EntryId]) {
        for entry in sent {
            if let Some(pending) = self.edits.get_mut(entry) {
                pending.doubtful = pending.record.server_id.is_none();
            }
        }
    }

    /// Handles the server's word on the edits that went up: those it does not mention it took, but for new entries.
    pub(crate) fn settle(
        &mut self,
        sent: &[EntryId],
        results: &[CommandResult],
        now: OffsetDateTime,
        jitter: u16,
    ) -> Vec<Change> {
        self.just_deleted.clear();
        let mut changes = Vec::new();
        for entry in sent {
            let Some(pending) = self.edits.remove(entry) else { continue };
            changes.extend(match verdict(&pending, results) {
                Verdict::Added { server_id, given } => self.taken(pending, server_id, given),
                Verdict::Done { given } => match pending.record.server_id.clone() {
                    Some(server_id) => self.taken(pending, server_id, given),
                    None => self.again_later(pending, "not_confirmed", now, jitter),
                },
                Verdict::Refused(status) => self.not_taken(pending, status, now, jitter),
                Verdict::Silence => {
                    // It may be among what this answer brings, or the next.
                    let pending = Pending { doubtful: true, ..pending };
                    self.again_later(pending, "not_confirmed", now, jitter)
                }
            });
        }
        changes
    }

    /// The server takes none of the edits, for something in the request that it cannot read.
    pub(crate) fn refuse(&mut self, sent: &[EntryId], code: &str) -> Vec<Change> {
        let refused = sent.iter().filter_map(|entry| self.edits.remove(entry)).collect::<Vec<_>>();
        refused.into_iter().flat_map(|pending| self.refused(pending, code.to_owned())).collect()
    }

    /// The server failed over these edits: they are tried some more times.
    pub(crate) fn failed(
        &mut self,
        sent: &[EntryId],
        code: &str,
        now: OffsetDateTime,
        jitter: u16,
    ) -> Vec<Change> {
        let failed = sent.iter().filter_map(|entry| self.edits.remove(entry)).collect::<Vec<_>>();
        let again = |pending| self.again_later(pending, code, now, jitter);
        failed.into_iter().flat_map(again).collect()
    }

    /// An entry arrives that has an edit, or that is one sent from here; `None` if it is neither.
    pub(super) fn arrived(
        &mut self,
        item: &ItemRef,
        told: &Item,
        is_new: bool,
    ) -> Option<Vec<Change>> {
        if self.just_deleted.contains(item) {
            return Some(Vec::new());
        }
        if let Some(pending) = self.entry_of(item).and_then(|entry| self.edits.remove(&entry)) {
            let theirs = match &pending.record.base {
                Some(base) if !is_new => retold(base, told),
                Some(_) | None => told.clone(),
            };
            return Some(self.meet(pending, item, theirs));
        }
        let ours = self.of(&item.collection).find(|pending| {
            pending.doubtful
                && matches!(&pending.record.sent, Some(Edit::Put(sent)) if is_same(sent, told))
        });
        let entry = ours.filter(|_| is_new)?.record.entry;
        let mut pending = self.edits.remove(&entry)?;
        let sent = pending.record.sent.take();
        pending.record.server_id = Some(item.item.clone());
        pending.doubtful = false;
        if let (Some(Edit::Put(sent)), Edit::Put(_)) = (sent, &pending.record.edit) {
            // From here on it is an entry of the server's that was changed since it was sent.
            pending.record.base = Some(sent);
            let named = Change::RemoveEdit { entry, server_id: item.item.clone() };
            return Some(
                [named].into_iter().chain(self.meet(pending, item, told.clone())).collect(),
            );
        }
        pending.record.base = Some(Box::new(told.clone()));
        Some(self.keep(pending))
    }

    /// An entry is gone from the server. What the person changed in it meanwhile is not lost: it is made anew.
    pub(super) fn gone(&mut self, item: &ItemRef) -> Vec<Change> {
        let Some(pending) = self.entry_of(item).and_then(|entry| self.edits.remove(&entry)) else {
            return vec![Change::RemoveEntry(item.clone())];
        };
        match &pending.record.edit {
            Edit::Delete => vec![Change::DropEntry(pending.record.entry)],
            Edit::Put(_) => self.make_anew(pending),
        }
    }

    /// Lets an edit and the server's present version meet.
    fn meet(&mut self, mut pending: Pending, item: &ItemRef, theirs: Item) -> Vec<Change> {
        let entry = pending.record.entry;
        let server_id = item.item.clone();
        let base = pending.record.base.take();
        pending.outdated = false;
        let unchanged = base.as_deref() == Some(&theirs);
        let shows = |theirs: Item| {
            let entry = Box::new(theirs);
            Change::PutEntry { item: item.clone(), entry }
        };
        let mine = match &pending.record.edit {
            Edit::Delete if unchanged => {
                pending.record.base = base;
                return self.keep(pending);
            }
            Edit::Delete => {
                let conflict =
                    ConflictRecord { entry, kind: ConflictKind::DeletedHere, mine: Box::default() };
                return vec![
                    Change::RemoveEdit { entry, server_id },
                    shows(theirs),
                    Change::PutConflict(conflict),
                ];
            }
            Edit::Put(mine) => mine,
        };
        let sent = match pending.record.sent.take() {
            Some(Edit::Put(sent)) => Some(sent),
            Some(Edit::Delete) | None => None,
        };
        let Merged { item: merged, lost } =
            merge(base.as_deref().unwrap_or(&theirs), sent.as_deref(), mine, &theirs);
        let conflict = (!lost.is_empty()).then(|| {
            let mine = Box::new(lost);
            Change::PutConflict(ConflictRecord { entry, kind: ConflictKind::Changed, mine })
        });
        let mut changes = if merged == theirs {
            vec![Change::RemoveEdit { entry, server_id }, shows(theirs)]
        } else {
            pending.record.base = Some(Box::new(theirs));
            pending.record.edit = Edit::Put(Box::new(merged));
            self.keep(pending)
        };
        changes.extend(conflict);
        changes
    }

    /// The server has what was sent.
    fn taken(
        &mut self,
        mut pending: Pending,
        server_id: ServerId,
        given: Option<Item>,
    ) -> Vec<Change> {
        let entry = pending.record.entry;
        let item =
            ItemRef { collection: pending.record.collection.clone(), item: server_id.clone() };
        let sent = pending.record.sent.take();
        let is_latest = sent.as_ref() == Some(&pending.record.edit);
        match sent {
            Some(Edit::Delete) => {
                self.just_deleted.insert(item);
                vec![Change::DropEntry(entry)]
            }
            Some(Edit::Put(_)) if is_latest => {
                let patch = given.map(|given| Change::PatchEntry { item, patch: Box::new(given) });
                [Change::RemoveEdit { entry, server_id }].into_iter().chain(patch).collect()
            }
            Some(Edit::Put(mut sent)) => {
                if let Some(given) = given {
                    if let Edit::Put(edit) = &mut pending.record.edit {
                        edit.apply(given.clone());
                    }
                    sent.apply(given);
                }
                pending.record.server_id = Some(server_id);
                pending.record.base = Some(sent);
                (pending.tries, pending.not_before) = (0, None);
                self.keep(pending)
            }
            None => self.keep(pending),
        }
    }

    fn not_taken(
        &mut self,
        mut pending: Pending,
        status: Status,
        now: OffsetDateTime,
        jitter: u16,
    ) -> Vec<Change> {
        match status.sync() {
            SyncStatus::NotFound => match (&pending.record.edit, pending.record.item()) {
                (Edit::Delete, _) => vec![Change::DropEntry(pending.record.entry)],
                (Edit::Put(_), Some(_)) => self.make_anew(pending),
                (Edit::Put(_), None) => self.refused(pending, code(status)),
            },
            SyncStatus::Conflict => {
                pending.outdated = true;
                pending.record.sent = None;
                self.again_later(pending, &code(status), now, jitter)
            }
            SyncStatus::ServerError | SyncStatus::Retry | SyncStatus::CannotComplete => {
                self.again_later(pending, &code(status), now, jitter)
            }
            SyncStatus::Common(_)
            | SyncStatus::FoldersChanged
            | SyncStatus::Incomplete
            | SyncStatus::IntervalOutOfRange
            | SyncStatus::ItemMalformed
            | SyncStatus::KeyInvalid
            | SyncStatus::Ok
            | SyncStatus::ProtocolError
            | SyncStatus::TooManyCollections
            | SyncStatus::Undocumented(_) => self.refused(pending, code(status)),
        }
    }

    /// Sends the same again after a pause; after several tries the person is asked.
    fn again_later(
        &mut self,
        mut pending: Pending,
        code: &str,
        now: OffsetDateTime,
        jitter: u16,
    ) -> Vec<Change> {
        pending.tries += 1;
        if pending.tries >= MOST_TRIES {
            return self.refused(pending, code.to_owned());
        }
        if !pending.outdated {
            pending.not_before = Some(now + pace::pause(pending.tries, pace::WHILE_BROKEN, jitter));
        }
        self.keep(pending)
    }

    fn refused(&mut self, mut pending: Pending, code: String) -> Vec<Change> {
        pending.record.refused = Some(code);
        pending.record.sent = None;
        (pending.outdated, pending.doubtful) = (false, false);
        self.keep(pending)
    }

    fn keep(&mut self, pending: Pending) -> Vec<Change> {
        let stored = Change::PutEdit(pending.record.clone());
        self.edits.insert(pending.record.entry, pending);
        vec![stored]
    }
}

/// Takes together what the server says of all commands that one edit became: the first refusal counts.
fn verdict(pending: &Pending, results: &[CommandResult]) -> Verdict {
    let record = &pending.record;
    let is_new = record.server_id.is_none();
    let mut verdict = if is_new { Verdict::Silence } else { Verdict::Done { given: None } };
    for result in results {
        let concerns =
            |id: &String| record.server_id.as_ref().is_some_and(|server_id| server_id.0 == *id);
        let told = match result {
            CommandResult::Add { client_id, server_id, status, item }
                if is_new && *client_id == record.client_id =>
            {
                match server_id {
                    Some(server_id) if status.is_ok() => Verdict::Added {
                        server_id: ServerId(server_id.clone()),
                        given: item.clone(),
                    },
                    _ if status.is_ok() => continue,
                    _ => Verdict::Refused(*status),
                }
            }
            CommandResult::Change { server_id, status, item, .. } if concerns(server_id) => {
                match status.is_ok() {
                    true => Verdict::Done { given: item.clone() },
                    false => Verdict::Refused(*status),
                }
            }
            CommandResult::Delete { server_id, instance, status } if concerns(server_id) => {
                // An occurrence that is gone already is as wanted.
                let is_done =
                    status.is_ok() || instance.is_some() && status.sync() == SyncStatus::NotFound;
                if is_done { continue } else { Verdict::Refused(*status) }
            }
            CommandResult::Add { .. }
            | CommandResult::Change { .. }
            | CommandResult::Delete { .. }
            | CommandResult::Fetch { .. } => continue,
        };
        if matches!(told, Verdict::Refused(_)) {
            return told;
        }
        verdict = told;
    }
    verdict
}

fn code(status: Status) -> String {
    format!("status_{}", status.0)
}
