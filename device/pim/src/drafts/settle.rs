//! What the server says of drafts.

use activesync::{
    messages::{Attachment, CommandResult, Email},
    status::{Status, SyncStatus},
};
use time::OffsetDateTime;

use super::{
    Doubt, DraftConflict, DraftContent, DraftEdit, DraftId, Drafts, Pending,
    content::files_of,
    upload::{changes_files, command, file_name},
};
use crate::{AttachmentRecord, Change, CollectionId, ItemRef, MailPatch, ServerId, Thread, pace};

/// How often the same is tried before the person is asked.
const MOST_TRIES: u32 = 5;

/// What the server said of one draft.
#[derive(Debug)]
enum Verdict {
    Added {
        server_id: ServerId,
        given: Option<Box<Email>>,
    },
    Done {
        given: Option<Box<Email>>,
    },
    Refused(Status),
    /// A new draft of which the server says nothing.
    Silence,
}

impl Drafts {
    /// Nobody knows whether the server took what was sent.
    pub(crate) fn unanswered(&mut self, sent: &[DraftId]) {
        for draft in sent {
            let Some(pending) = self.edits.get_mut(draft) else { continue };
            pending.doubt = Doubt::of(&pending.record);
        }
    }

    /// The server takes none of the drafts, for something in the request that it cannot read.
    pub(crate) fn refuse(&mut self, sent: &[DraftId], code: &str) -> Vec<Change> {
        let refused: Vec<_> = sent.iter().filter_map(|draft| self.edits.remove(draft)).collect();
        refused.into_iter().flat_map(|pending| self.refused(pending, code.to_owned())).collect()
    }

    /// The server failed over these drafts: they are tried some more times.
    pub(crate) fn failed(
        &mut self,
        sent: &[DraftId],
        code: &str,
        now: OffsetDateTime,
        jitter: u16,
    ) -> Vec<Change> {
        let failed: Vec<_> = sent.iter().filter_map(|draft| self.edits.remove(draft)).collect();
        let again = |pending| self.again_later(pending, code, now, jitter);
        failed.into_iter().flat_map(again).collect()
    }

    /// Handles the server's word on the drafts that went up: those it does not mention it took, but for new ones.
    pub(crate) fn settle(
        &mut self,
        collection: &CollectionId,
        sent: &[DraftId],
        results: &[CommandResult],
        now: OffsetDateTime,
        jitter: u16,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        for draft in sent {
            let Some(mut pending) = self.edits.remove(draft) else { continue };
            changes.extend(match verdict(&pending, results) {
                Verdict::Added { server_id, given } => {
                    let item = ItemRef { collection: collection.clone(), item: server_id };
                    let theirs = self.strangers.remove(&item);
                    self.is_behind |= pending.again;
                    if self.has_edit(&item) {
                        // The person has opened it as somebody else's, and written on there.
                        self.make_anew(pending, DraftConflict::Changed)
                    } else {
                        pending.record.item = Some(item.clone());
                        match theirs {
                            Some(theirs) => self.meet_stranger(pending, &item, theirs),
                            None => self.taken(pending, given, now),
                        }
                    }
                }
                Verdict::Done { given } => self.taken(pending, given, now),
                Verdict::Refused(status) => self.not_taken(pending, status, now, jitter),
                Verdict::Silence => {
                    // It may be among what this answer brings, or the next.
                    pending.doubt = Doubt::of(&pending.record);
                    self.again_later(pending, "not_confirmed", now, jitter)
                }
            });
        }
        changes
    }

    /// A mail arrives in the folder of drafts. Only one that has an edit, or that was sent from here, means something.
    pub(crate) fn arrived(
        &mut self,
        item: &ItemRef,
        patch: &MailPatch,
        is_new: bool,
    ) -> Vec<Change> {
        if let Some(seen) = self.rounds.get_mut(&item.collection) {
            seen.insert(item.item.clone());
        }
        let told = DraftContent::default().told(patch);
        if let Some(pending) = self.take_out(item) {
            self.note_stranger(item, told, patch, is_new);
            let theirs = pending.record.base.as_deref().cloned().unwrap_or_default().told(patch);
            return self.meet(pending, item, theirs);
        }
        let is_ours = |pending: &&Pending| {
            let sent = pending.record.sent.as_ref().and_then(DraftEdit::content);
            pending.record.item.is_none()
                && pending.doubt == Doubt::Taken
                && sent.is_some_and(|sent| sent.is_same(&told))
        };
        let ours = self.edits.values().find(is_ours).filter(|_| is_new);
        let ours = ours.map(|one| one.record.draft);
        let Some(mut pending) = ours.and_then(|draft| self.edits.remove(&draft)) else {
            self.note_stranger(item, told, patch, is_new);
            return Vec::new();
        };
        pending.record.item = Some(item.clone());
        pending.doubt = Doubt::None;
        let base = pending.record.sent.take().and_then(|sent| sent.content().cloned());
        pending.record.base = base.map(|base| Box::new(base.told(patch)));
        self.go_on(pending)
    }

    /// A draft is gone from the server. What the person wrote in it meanwhile is not lost: it is made anew.
    pub(crate) fn gone(&mut self, item: &ItemRef) -> Vec<Change> {
        let Some(pending) = self.take_out(item) else { return Vec::new() };
        match pending.record.edit {
            Some(DraftEdit::Put(_)) => self.make_anew(pending, DraftConflict::DeletedThere),
            Some(DraftEdit::Delete { .. }) | None => vec![Change::DropDraft(pending.record.draft)],
        }
    }

    fn note_stranger(
        &mut self,
        item: &ItemRef,
        told: DraftContent,
        patch: &MailPatch,
        is_new: bool,
    ) {
        if !self.may_be_strangers() {
            self.strangers.clear();
        } else if is_new {
            self.strangers.insert(item.clone(), told);
        } else if let Some(known) = self.strangers.get_mut(item) {
            *known = known.told(patch);
        }
    }

    /// The server knew a new draft by its name, and somebody has written on it since it was sent.
    fn meet_stranger(
        &mut self,
        mut pending: Pending,
        item: &ItemRef,
        theirs: DraftContent,
    ) -> Vec<Change> {
        let sent = pending.record.sent.take();
        let sent = sent.as_ref().and_then(DraftEdit::content).cloned();
        pending.record.base = sent.map(Box::new);
        self.meet(pending, item, theirs)
    }

    /// The files that the server has of a draft are known again.
    pub(crate) fn looked_at(&mut self, item: &ItemRef, list: &[AttachmentRecord]) -> Vec<Change> {
        let Some(mut pending) = self.take_out(item) else { return Vec::new() };
        if pending.doubt != Doubt::Files {
            self.edits.insert(pending.record.draft, pending);
            return Vec::new();
        }
        (pending.doubt, pending.looks, pending.not_before) = (Doubt::None, 0, None);
        let base = pending.record.base.as_deref().cloned().unwrap_or_default();
        let sent = pending.record.sent.take();
        let sent = sent.as_ref().and_then(DraftEdit::content);
        let there = |known: &DraftContent| {
            let others: Vec<&DraftContent> =
                [known].into_iter().chain(sent).chain([&base]).collect();
            DraftContent { files: files_of(list, &others), ..known.clone() }
        };
        // Where files were replaced by others of the same names nobody can tell: then they are replaced once more.
        let is_telling = |sent: &&DraftContent| !sent.has_same_files(&base) || **sent == base;
        let as_sent = sent.filter(is_telling).map(|sent| (there(sent), sent));
        let as_sent = as_sent.filter(|(there, sent)| there.has_same_files(sent));
        let known = as_sent.map_or_else(|| there(&base), |(there, _)| there);
        pending.record.base = Some(Box::new(known));
        self.go_on(pending)
    }

    /// The files that the server has of a draft could not be told.
    pub(crate) fn not_looked_at(
        &mut self,
        item: &ItemRef,
        is_gone: bool,
        now: OffsetDateTime,
        jitter: u16,
    ) -> Vec<Change> {
        let Some(mut pending) = self.take_out(item) else { return Vec::new() };
        if is_gone {
            // News of the folder will say so.
            pending.doubt = Doubt::Taken;
            return self.keep(pending);
        }
        pending.looks += 1;
        if pending.looks >= MOST_TRIES {
            return self.refused(pending, "fate_unknown".to_owned());
        }
        pending.not_before = Some(now + pace::pause(pending.looks, pace::WHILE_BROKEN, jitter));
        self.keep(pending)
    }

    /// Nobody answered when the files of a draft were asked for: that says nothing of it, and must not keep everything else waiting.
    pub(crate) fn look_later(&mut self, item: &ItemRef, now: OffsetDateTime, jitter: u16) {
        let mut edits = self.edits.values_mut();
        if let Some(pending) = edits.find(|one| one.record.item.as_ref() == Some(item)) {
            let pause = pace::pause(pending.looks + 1, pace::WHILE_OFFLINE, jitter);
            pending.not_before = Some(now + pause);
        }
    }

    /// Lets an edit and the server's present version meet.
    fn meet(&mut self, mut pending: Pending, item: &ItemRef, theirs: DraftContent) -> Vec<Change> {
        pending.outdated = false;
        let record = &mut pending.record;
        let is_same = |content: Option<&DraftContent>| {
            content.is_some_and(|content| content.is_same(&theirs))
        };
        let is_known = is_same(record.base.as_deref());
        let is_sent = is_same(record.sent.as_ref().and_then(DraftEdit::content));
        match &record.edit {
            Some(DraftEdit::Put(mine)) if is_known || is_sent || mine.is_same(&theirs) => {
                // A file may have been replaced by another of the same name since: the server has the one that it was known to have, or
                // that went up.
                let sent = record.sent.as_ref().and_then(DraftEdit::content);
                let known = match (is_known, is_sent) {
                    (true, _) => [record.base.as_deref(), Some(&**mine)],
                    (false, true) => [sent, record.base.as_deref()],
                    (false, false) => [Some(&**mine), record.base.as_deref()],
                };
                let known: Vec<&DraftContent> = known.into_iter().flatten().collect();
                let list: Vec<AttachmentRecord> = theirs.files.iter().filter_map(named).collect();
                let files = files_of(&list, &known);
                if !is_known {
                    (record.sent, pending.doubt) = (None, Doubt::None);
                }
                record.base = Some(Box::new(DraftContent { files, ..theirs }));
                if pending.doubt == Doubt::None && record.sent.is_none() {
                    self.go_on(pending)
                } else {
                    self.keep(pending)
                }
            }
            Some(DraftEdit::Put(_)) => self.make_anew(pending, DraftConflict::Changed),
            Some(DraftEdit::Delete { .. }) if is_known || is_sent => self.keep(pending),
            Some(DraftEdit::Delete { .. }) | None => {
                (record.edit, record.sent) = (None, None);
                record.conflict = Some(DraftConflict::DeletedHere);
                record.base = Some(Box::new(theirs));
                let folder = Some(item.collection.clone());
                vec![
                    Change::ShowMail { item: item.clone(), folder },
                    Change::PutDraft(pending.record),
                ]
            }
        }
    }

    /// The server has what was sent.
    fn taken(
        &mut self,
        mut pending: Pending,
        given: Option<Box<Email>>,
        now: OffsetDateTime,
    ) -> Vec<Change> {
        let (Some(sent), Some(item)) = (pending.record.sent.take(), pending.record.item.clone())
        else {
            return self.keep(pending);
        };
        (pending.tries, pending.since) = (0, None);
        let DraftEdit::Put(sent) = sent else {
            return vec![Change::RemoveMail(item), Change::DropDraft(pending.record.draft)];
        };
        let base = pending.record.base.take();
        let mut known = with_references(*sent, given.as_deref());
        // Servers may name the files anew when some go.
        if base.as_ref().is_some_and(|base| changes_files(base, &known)) {
            known.files.iter_mut().for_each(|file| file.reference = None);
        }
        let shown = match &base {
            None => {
                let thread = given.as_deref().map(thread).unwrap_or_default();
                let mail = Box::new(known.to_mail(thread, now));
                Change::PutMail { item: item.clone(), mail }
            }
            Some(base) => {
                let patch = Box::new(known.to_patch(base));
                Change::PatchMail { item: item.clone(), patch }
            }
        };
        let is_deleted = pending.record.edit.as_ref().is_some_and(DraftEdit::is_deletion);
        let hidden = is_deleted.then_some(Change::ShowMail { item, folder: None });
        let is_named = known.is_named();
        pending.record.base = Some(Box::new(known.clone()));
        let changes = if is_named || is_deleted {
            self.go_on(pending)
        } else {
            pending.record.sent = Some(DraftEdit::Put(Box::new(known)));
            (pending.doubt, pending.not_before) = (Doubt::Files, None);
            self.keep(pending)
        };
        [shown].into_iter().chain(hidden).chain(changes).collect()
    }

    fn not_taken(
        &mut self,
        mut pending: Pending,
        status: Status,
        now: OffsetDateTime,
        jitter: u16,
    ) -> Vec<Change> {
        match status.sync() {
            SyncStatus::NotFound => match (&pending.record.edit, pending.record.item.clone()) {
                (Some(DraftEdit::Put(_)), Some(_)) => {
                    self.make_anew(pending, DraftConflict::DeletedThere)
                }
                (Some(DraftEdit::Put(_)), None) => self.refused(pending, code(status)),
                (Some(DraftEdit::Delete { .. }) | None, item) => {
                    let gone = item.map(Change::RemoveMail);
                    gone.into_iter().chain([Change::DropDraft(pending.record.draft)]).collect()
                }
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

    /// Tries the same again after a pause; after several tries the person is asked.
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

    /// The server will not have it. A draft that was to go is shown again.
    fn refused(&mut self, mut pending: Pending, code: String) -> Vec<Change> {
        (pending.outdated, pending.doubt) = (false, Doubt::None);
        let record = &mut pending.record;
        (record.refused, record.sent) = (Some(code), None);
        let is_deletion = record.edit.as_ref().is_some_and(DraftEdit::is_deletion);
        match record.item.clone().filter(|_| is_deletion) {
            Some(item) => {
                record.edit = None;
                let folder = Some(item.collection.clone());
                vec![Change::ShowMail { item, folder }, Change::PutDraft(pending.record)]
            }
            None => self.keep(pending),
        }
    }

    /// Keeps what the person wrote as a draft that the server does not know.
    fn make_anew(&mut self, mut pending: Pending, conflict: DraftConflict) -> Vec<Change> {
        let record = &mut pending.record;
        (record.item, record.base, record.sent) = (None, None, None);
        record.conflict = Some(conflict);
        // The old name may be known to the server as that of what it has or had.
        record.client_id = renamed(&record.client_id);
        if let Some(DraftEdit::Put(content)) = &mut record.edit {
            content.files.iter_mut().for_each(|file| file.reference = None);
        }
        self.keep(Pending { not_before: None, ..Pending::new(pending.record) })
    }

    /// Sends what is left to do, if anything is.
    fn go_on(&mut self, pending: Pending) -> Vec<Change> {
        let record = &pending.record;
        let to_do = record.edit.as_ref().and_then(|edit| command(record, edit));
        let is_done = record.item.is_some() && to_do.is_none();
        if is_done { self.clean(pending) } else { self.keep(pending) }
    }

    /// The server has it as it is here.
    pub(super) fn clean(&mut self, pending: Pending) -> Vec<Change> {
        let mut record = pending.record;
        if record.item.is_none() {
            return vec![Change::DropDraft(record.draft)];
        }
        (record.edit, record.sent, record.refused) = (None, None, None);
        vec![Change::PutDraft(record)]
    }

    fn keep(&mut self, pending: Pending) -> Vec<Change> {
        let stored = Change::PutDraft(pending.record.clone());
        self.edits.insert(pending.record.draft, pending);
        vec![stored]
    }
}

/// Gives a draft another name for the server, of the same length at each time but for the number.
fn renamed(client_id: &str) -> String {
    let (name, number) = client_id.rsplit_once('-').unwrap_or((client_id, "0"));
    let number = number.parse::<u32>().unwrap_or_default();
    format!("{name}-{}", number.wrapping_add(1))
}

/// Notes by which references the server hands out the files that it was given.
fn with_references(mut content: DraftContent, given: Option<&Email>) -> DraftContent {
    let given = given.and_then(|email| email.attachments.as_ref());
    let given: &[Attachment] = given.map_or(&[], |attachments| &attachments.list);
    for file in &mut content.files {
        let name = file_name(file.id);
        let found = given.iter().find(|one| one.client_id.as_deref() == Some(&*name));
        if let Some(found) = found {
            file.reference = Some(found.file_reference.clone());
        }
    }
    content
}

fn named(file: &super::DraftFile) -> Option<AttachmentRecord> {
    Some(AttachmentRecord {
        name: mail::text::line(&file.name),
        reference: file.reference.clone()?,
        size: file.size,
        content_id: None,
        inline: false,
    })
}

fn thread(given: &Email) -> Thread {
    Thread {
        conversation: given.conversation_id.clone(),
        index: given.conversation_index.clone(),
        topic: String::new(),
    }
}

fn verdict(pending: &Pending, results: &[CommandResult]) -> Verdict {
    let record = &pending.record;
    let email = |item: &Option<activesync::messages::Item>| item.clone()?.into_email();
    let Some(item) = &record.item else {
        let told = results.iter().find_map(|result| match result {
            CommandResult::Add { client_id, server_id, status, item }
                if *client_id == record.client_id =>
            {
                Some(match server_id {
                    Some(server_id) if status.is_ok() => Verdict::Added {
                        server_id: ServerId(server_id.clone()),
                        given: email(item),
                    },
                    None if status.is_ok() => Verdict::Silence,
                    Some(_) | None => Verdict::Refused(*status),
                })
            }
            CommandResult::Add { .. }
            | CommandResult::Change { .. }
            | CommandResult::Delete { .. }
            | CommandResult::Fetch { .. } => None,
        });
        return told.unwrap_or(Verdict::Silence);
    };
    let told = results.iter().find_map(|result| match result {
        CommandResult::Change { server_id, status, item: given, .. }
            if *server_id == item.item.0 =>
        {
            Some(if status.is_ok() {
                Verdict::Done { given: email(given) }
            } else {
                Verdict::Refused(*status)
            })
        }
        CommandResult::Delete { server_id, status, .. }
            if *server_id == item.item.0 && !status.is_ok() =>
        {
            Some(Verdict::Refused(*status))
        }
        CommandResult::Add { .. }
        | CommandResult::Change { .. }
        | CommandResult::Delete { .. }
        | CommandResult::Fetch { .. } => None,
    });
    told.unwrap_or(Verdict::Done { given: None })
}

fn code(status: Status) -> String {
    format!("status_{}", status.0)
}
