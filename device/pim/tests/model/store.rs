//! What a device has on its disk.

use std::collections::{BTreeMap, BTreeSet};

use pim::{
    AccountRecord, BodyState, Change, CollectionId, FolderRecord, ItemRef, Mail, OutboxId,
    OutboxRecord, Saved, ServerId, Text, UploadRecord,
};
use time::OffsetDateTime;

#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    pub(crate) account: AccountRecord,
    pub(crate) folders: BTreeMap<CollectionId, FolderRecord>,
    pub(crate) mails: BTreeMap<ItemRef, (u64, Mail)>,
    pub(crate) uploads: BTreeMap<ItemRef, bool>,
    pub(crate) outbox: BTreeMap<OutboxId, OutboxRecord>,
    pub(crate) candidates: BTreeSet<ServerId>,
    rounds: BTreeMap<CollectionId, u64>,
}

impl Store {
    pub(crate) fn saved(&self) -> Saved {
        let unfetched =
            self.mails.iter().filter(|(_, (_, mail))| mail.body.state == BodyState::Partial);
        Saved {
            account: self.account.clone(),
            folders: self.folders.values().cloned().collect(),
            uploads: self
                .uploads
                .iter()
                .map(|(item, read)| UploadRecord { item: item.clone(), read: *read })
                .collect(),
            edits: Vec::new(),
            outbox: self.outbox.values().cloned().collect(),
            candidates: self.candidates.iter().cloned().collect(),
            unfetched: unfetched.map(|(item, _)| item.clone()).collect(),
        }
    }

    pub(crate) fn apply(&mut self, changes: Vec<Change>, now: OffsetDateTime) {
        for change in changes {
            self.apply_one(change, now);
        }
    }

    fn apply_one(&mut self, change: Change, now: OffsetDateTime) {
        match change {
            Change::AddCandidate(id) => assert!(self.candidates.insert(id)),
            Change::BeginRound(folder) => *self.rounds.entry(folder).or_default() += 1,
            Change::EndRound(folder) => {
                let round = self.rounds.get(&folder).copied().unwrap_or_default();
                self.mails.retain(|item, (seen, _)| item.collection != folder || *seen == round);
            }
            Change::PutAccount(record) => self.account = record,
            Change::PutBody { item, body, .. } => {
                if let Some((_, mail)) = self.mails.get_mut(&item) {
                    mail.body = body;
                }
            }
            Change::PutFolder(record) => drop(self.folders.insert(record.id.clone(), record)),
            Change::PutMail { item, mail } => {
                assert!(self.folders.contains_key(&item.collection));
                let round = self.rounds.get(&item.collection).copied().unwrap_or_default();
                self.mails.insert(item, (round, *mail));
            }
            Change::PutMessageId { .. } => {}
            Change::PutOutbox(record) => drop(self.outbox.insert(record.id, record)),
            Change::PutUpload(record) => drop(self.uploads.insert(record.item, record.read)),
            Change::PatchMail { item, patch } => {
                if let Some((_, mail)) = self.mails.get_mut(&item) {
                    mail.read = patch.read.unwrap_or(mail.read);
                    mail.subject = patch.subject.unwrap_or(mail.subject.clone());
                    mail.body = patch.body.unwrap_or(mail.body.clone());
                } else if patch.tells_all() {
                    let round = self.rounds.get(&item.collection).copied().unwrap_or_default();
                    self.mails.insert(item, (round, patch.into_mail(now)));
                }
            }
            Change::RemoveCandidate(id) => assert!(self.candidates.remove(&id)),
            Change::RemoveFolder(folder) => {
                self.folders.remove(&folder);
                self.mails.retain(|item, _| item.collection != folder);
            }
            Change::RemoveMail(item) => drop(self.mails.remove(&item)),
            Change::RemoveOutbox(id) => drop(self.outbox.remove(&id)),
            Change::RemoveUpload(item) => drop(self.uploads.remove(&item)),
            Change::DropEntry(_)
            | Change::PatchEntry { .. }
            | Change::PutConflict(_)
            | Change::PutEdit(_)
            | Change::PutEntry { .. }
            | Change::RemoveEdit { .. }
            | Change::RemoveEntry(_) => panic!("there are only mails here"),
        }
    }

    /// Folder, id, read, subject, text.
    pub(crate) fn picture(&self) -> Vec<(String, String, bool, String, String)> {
        let text = |mail: &Mail| match &mail.body.text {
            Text::Plain(text) | Text::Html(text) => text.clone(),
            Text::None => String::new(),
        };
        let picture = |(item, (_, mail)): (&ItemRef, &(u64, Mail))| {
            (
                item.collection.0.clone(),
                item.item.0.clone(),
                mail.read,
                mail.subject.clone(),
                text(mail),
            )
        };
        self.mails.iter().map(picture).collect()
    }
}
