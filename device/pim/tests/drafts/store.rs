//! What a container does with changes, in memory.

use std::collections::BTreeMap;

use bytes::Bytes;
use pim::{
    AccountRecord, AttachmentRecord, Change, CollectionId, DraftConflict, DraftContent, DraftEdit,
    DraftFile, DraftFileId, DraftId, DraftRecord, FolderRecord, ItemRef, Mail, MailPatch, Saved,
};
use time::OffsetDateTime;

use crate::server::{Draft, Line, line};

/// A draft as it is kept: what the person wrote, and what synchronisation noted.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) content: DraftContent,
    pub(crate) deletion: Option<bool>,
    revision: i64,
    settled: i64,
    item: Option<ItemRef>,
    client_id: String,
    base: Option<DraftContent>,
    sent: Option<DraftEdit>,
    refused: Option<String>,
    conflict: Option<DraftConflict>,
}

#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) rows: BTreeMap<DraftId, Row>,
    /// The bytes of files.
    pub(crate) files: BTreeMap<DraftFileId, Bytes>,
    mails: BTreeMap<ItemRef, Mail>,
    seen: Vec<ItemRef>,
    account: AccountRecord,
    folders: BTreeMap<CollectionId, FolderRecord>,
    numbers: i64,
}

impl Store {
    pub(crate) fn saved(&self) -> Saved {
        let open = self.rows.iter().filter(|(_, row)| row.revision != row.settled);
        Saved {
            account: self.account.clone(),
            folders: self.folders.values().cloned().collect(),
            drafts: open.map(|(draft, row)| row.record(*draft)).collect(),
            ..Saved::default()
        }
    }

    pub(crate) fn shown(&self) -> Vec<Line> {
        let shown = self.rows.values().filter(|row| row.deletion.is_none());
        let mut shown: Vec<Line> = shown
            .map(|row| {
                let files = row.content.files.iter();
                let files = files.map(|file| {
                    (file.name.clone(), self.files.get(&file.id).cloned().unwrap_or_default())
                });
                // What is half typed stays here.
                let to = row.content.to.iter().filter(|typed| typed.contains('@'));
                let draft = Draft {
                    to: to.cloned().collect::<Vec<_>>().join(", "),
                    text: row.content.text.clone(),
                    files: files.collect(),
                };
                let id = row.item.as_ref().map(|item| item.item.0.clone()).unwrap_or_default();
                line(&id, &draft)
            })
            .collect();
        shown.sort();
        shown
    }

    pub(crate) fn waiting(&self) -> Vec<DraftId> {
        let waiting = self.rows.iter().filter(|(_, row)| row.revision != row.settled);
        waiting.map(|(draft, _)| *draft).collect()
    }

    pub(crate) fn conflicts(&self) -> Vec<DraftConflict> {
        self.rows.values().filter_map(|row| row.conflict).collect()
    }

    pub(crate) fn refused(&self) -> Vec<String> {
        self.rows.values().filter_map(|row| row.refused.clone()).collect()
    }

    pub(crate) fn add(&mut self, content: DraftContent) -> DraftRecord {
        let draft = DraftId(self.number());
        let row = Row {
            content,
            deletion: None,
            revision: 1,
            settled: 0,
            item: None,
            client_id: format!("client{}", draft.0),
            base: None,
            sent: None,
            refused: None,
            conflict: None,
        };
        let record = row.record(draft);
        self.rows.insert(draft, row);
        record
    }

    /// Notes what the person did to a draft.
    pub(crate) fn change(
        &mut self,
        draft: DraftId,
        change: impl FnOnce(&mut Row),
    ) -> Option<DraftRecord> {
        let row = self.rows.get_mut(&draft)?;
        change(row);
        row.revision += 1;
        (row.refused, row.conflict) = (None, None);
        Some(row.record(draft))
    }

    /// Takes in what lies in the server's folder.
    pub(crate) fn adopt(&mut self) {
        let items: Vec<ItemRef> = self.mails.keys().cloned().collect();
        for item in items {
            if self.rows.values().all(|row| row.item.as_ref() != Some(&item)) {
                let record = self.add(DraftContent::default());
                let row = self.rows.get_mut(&record.draft).unwrap();
                (row.item, row.settled) = (Some(item.clone()), row.revision);
                self.follow(&item);
            }
        }
    }

    pub(crate) fn apply(&mut self, changes: Vec<Change>, now: OffsetDateTime) {
        changes.into_iter().for_each(|change| self.apply_one(change, now));
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "there are only drafts here")]
    fn apply_one(&mut self, change: Change, now: OffsetDateTime) {
        match change {
            Change::BeginRound(_) => self.seen.clear(),
            Change::EndRound(_) => {
                let gone: Vec<ItemRef> =
                    self.mails.keys().filter(|item| !self.seen.contains(item)).cloned().collect();
                gone.iter().for_each(|item| self.remove(item));
            }
            Change::DropDraft(draft) => drop(self.rows.remove(&draft)),
            Change::PatchMail { item, patch } => {
                if let Some(mail) = self.mails.get_mut(&item) {
                    write(mail, *patch);
                    self.follow(&item);
                } else if patch.tells_all() {
                    self.mails.insert(item, patch.into_mail(now));
                }
            }
            Change::PutAccount(account) => self.account = account,
            Change::PutBody { item, body, .. } => {
                if let Some(mail) = self.mails.get_mut(&item) {
                    mail.body = body;
                    self.follow(&item);
                }
            }
            Change::PutDraft(record) => self.put(record),
            Change::PutFolder(folder) => drop(self.folders.insert(folder.id.clone(), folder)),
            Change::PutMail { item, mail } => {
                self.mails.insert(item.clone(), *mail);
                self.seen.push(item.clone());
                self.follow(&item);
            }
            Change::RemoveMail(item) => self.remove(&item),
            Change::ShowMail { .. } => {}
            other => panic!("{other:?} has no place here"),
        }
    }

    fn put(&mut self, record: DraftRecord) {
        if let Some(item) = &record.item {
            self.rows
                .retain(|draft, row| *draft == record.draft || row.item.as_ref() != Some(item));
        }
        let Some(row) = self.rows.get_mut(&record.draft) else { return };
        let is_there = record.item.as_ref().is_none_or(|item| self.mails.contains_key(item));
        assert!(is_there, "{:?} is not here", record.item);
        let is_back = record.edit.is_none() && record.conflict == Some(DraftConflict::DeletedHere);
        row.item.clone_from(&record.item);
        row.client_id = record.client_id;
        row.sent = record.sent;
        if row.revision == record.revision {
            (row.refused, row.conflict) = (record.refused, record.conflict);
        }
        for file in &mut row.content.files {
            let known = record.base.iter().flat_map(|base| &base.files);
            let known = known.into_iter().find(|known| known.id == file.id);
            file.reference = known.and_then(|known| known.reference.clone());
        }
        if is_back {
            row.content.files.retain(|file| file.reference.is_some());
        }
        row.base = record.base.filter(|_| !is_back).map(|base| *base);
        if record.edit.is_none() {
            row.settled = record.revision;
            if row.revision == record.revision {
                row.deletion = None;
            }
            record.item.into_iter().for_each(|item| self.follow(&item));
        }
    }

    /// A draft that the person has not changed follows the server.
    fn follow(&mut self, item: &ItemRef) {
        let (Some(mail), numbers) = (self.mails.get(item), &mut self.numbers) else { return };
        let mut rows = self.rows.values_mut();
        let row = rows.find(|row| row.item.as_ref() == Some(item) && row.revision == row.settled);
        let Some(row) = row else { return };
        let mut files: Vec<DraftFile> = row.content.files_named(&mail.attachments);
        for file in &mut files {
            let known = row.content.files.iter().find(|known| known.id == file.id);
            if known
                .is_some_and(|known| known.reference.is_some() && known.reference != file.reference)
            {
                // It may be another file.
                self.files.remove(&file.id);
            }
            if file.id == DraftFileId(0) {
                *numbers += 1;
                file.id = DraftFileId(*numbers);
            }
        }
        let there = DraftContent {
            to: DraftContent::typed_people(&mail.to),
            text: DraftContent::typed_text(&mail.body.text),
            subject: mail.subject.clone(),
            files,
            ..DraftContent::default()
        };
        if row.base.as_ref().is_some_and(|base| base.is_same(&there)) {
            row.content.files.clone_from(&there.files);
        } else {
            row.content = there.clone();
        }
        row.base = Some(there);
    }

    fn remove(&mut self, item: &ItemRef) {
        self.mails.remove(item);
        self.rows.retain(|_, row| row.item.as_ref() != Some(item) || row.revision != row.settled);
        let linked = self.rows.values_mut().filter(|row| row.item.as_ref() == Some(item));
        linked.for_each(|row| row.item = None);
    }

    pub(crate) fn number(&mut self) -> i64 {
        self.numbers += 1;
        self.numbers
    }
}

impl Row {
    fn record(&self, draft: DraftId) -> DraftRecord {
        DraftRecord {
            draft,
            revision: self.revision,
            item: self.item.clone(),
            client_id: self.client_id.clone(),
            base: self.base.clone().filter(|_| self.item.is_some()).map(Box::new),
            edit: match self.deletion {
                _ if self.revision == self.settled => None,
                Some(for_good) => Some(DraftEdit::Delete { for_good }),
                None => Some(DraftEdit::Put(Box::new(self.content.clone()))),
            },
            sent: self.sent.clone(),
            refused: self.refused.clone(),
            conflict: self.conflict,
        }
    }
}

fn write(mail: &mut Mail, patch: MailPatch) {
    mail.to = patch.to.unwrap_or_else(|| mail.to.clone());
    mail.subject = patch.subject.unwrap_or_else(|| mail.subject.clone());
    mail.body = patch.body.unwrap_or_else(|| mail.body.clone());
    let attachments: Option<Vec<AttachmentRecord>> = patch.attachments;
    mail.attachments = attachments.unwrap_or_else(|| mail.attachments.clone());
}
