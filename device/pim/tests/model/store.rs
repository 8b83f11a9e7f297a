//! What a device has on its disk.

use std::collections::{BTreeMap, BTreeSet};

use pim::{
    AccountRecord, BodyState, Change, CollectionId, FolderRecord, ItemRef, Known, Mail, Marks,
    OutboxId, OutboxRecord, Print, Refusal, Saved, ServerId, UploadRecord,
};
use time::OffsetDateTime;

#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    pub(crate) account: AccountRecord,
    pub(crate) folders: BTreeMap<CollectionId, FolderRecord>,
    pub(crate) mails: BTreeMap<ItemRef, (i64, Mail)>,
    /// Where mails are shown that are shown elsewhere or nowhere.
    pub(crate) shown: BTreeMap<ItemRef, Option<CollectionId>>,
    pub(crate) uploads: BTreeMap<ItemRef, UploadRecord>,
    pub(crate) refused: Vec<Refusal>,
    pub(crate) outbox: BTreeMap<OutboxId, OutboxRecord>,
    pub(crate) candidates: BTreeSet<ServerId>,
    rounds: BTreeMap<CollectionId, i64>,
}

impl Store {
    pub(crate) fn saved(&self) -> Saved {
        let unfetched =
            self.mails.iter().filter(|(_, (_, mail))| mail.body.state == BodyState::Partial);
        Saved {
            account: self.account.clone(),
            folders: self.folders.values().cloned().collect(),
            edits: Vec::new(),
            drafts: Vec::new(),
            uploads: self.uploads.values().cloned().collect(),
            outbox: self.outbox.values().cloned().map(|mail| self.with_original(mail)).collect(),
            candidates: self.candidates.iter().cloned().collect(),
            unfetched: unfetched.map(|(item, _)| item.clone()).collect(),
        }
    }

    /// A mail of the outbox knows its original by what the device calls it, whatever the server does.
    fn with_original(&self, mut mail: OutboxRecord) -> OutboxRecord {
        if let Some(original) = &mut mail.original {
            original.item = original.item.take().filter(|item| self.mails.contains_key(item));
        }
        mail
    }

    pub(crate) fn apply(&mut self, changes: Vec<Change>, now: OffsetDateTime) {
        for change in changes {
            self.apply_one(change, now);
        }
        // What belongs to a mail goes with it.
        let mails = &self.mails;
        self.uploads.retain(|item, _| mails.contains_key(item));
        self.shown.retain(|item, _| mails.contains_key(item));
    }

    fn apply_one(&mut self, change: Change, now: OffsetDateTime) {
        match change {
            Change::AddCandidate(id) => assert!(self.candidates.insert(id)),
            Change::BeginRound(folder) => *self.rounds.entry(folder).or_default() += 1,
            Change::Enforce(_) => {}
            Change::Erase => {
                *self = Self { account: self.account.clone(), ..Self::default() };
            }
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
            Change::PutMessageId { .. } | Change::PutSource { .. } => {}
            Change::PutOutbox(mut record) => {
                // Which mail it answers is written once.
                if let Some(known) = self.outbox.get(&record.id) {
                    record.original = known.original.clone();
                }
                self.outbox.insert(record.id, record);
            }
            Change::MoveMail { from, to } => {
                let originals = self.outbox.values_mut().filter_map(|mail| mail.original.as_mut());
                for original in originals.filter(|one| one.item.as_ref() == Some(&from)) {
                    original.item = Some(to.clone());
                }
                let shown = self.shown.remove(&from);
                let upload = self.uploads.remove(&from);
                assert!(upload.is_none(), "what is wanted of a mail moves by itself: {shown:?}");
                let Some((_, mail)) = self.mails.remove(&from) else { return };
                let round = self.rounds.get(&to.collection).copied().unwrap_or_default();
                if self.folders.contains_key(&to.collection) {
                    self.mails.entry(to).or_insert((round - 1, mail));
                }
            }
            Change::PutUpload(record) => drop(self.uploads.insert(record.item.clone(), record)),
            Change::RefuseMail { refusal, .. } => self.refused.push(refusal),
            Change::ShowMail { item, folder } => {
                if folder.as_ref() == Some(&item.collection) {
                    self.shown.remove(&item);
                } else {
                    self.shown.insert(item, folder);
                }
            }
            Change::PatchMail { item, patch } => {
                if let Some((_, mail)) = self.mails.get_mut(&item) {
                    mail.read = patch.read.unwrap_or(mail.read);
                    mail.flag = patch.flag.unwrap_or(mail.flag.clone());
                    mail.categories = patch.categories.unwrap_or(mail.categories.clone());
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
            Change::DropDraft(_)
            | Change::DropEntry(_)
            | Change::PatchEntry { .. }
            | Change::PutConflict(_)
            | Change::PutDraft(_)
            | Change::PutEdit(_)
            | Change::PutEntry { .. }
            | Change::RemoveEdit { .. }
            | Change::OweNews { .. }
            | Change::RemoveEntry(_) => panic!("there are only mails here"),
        }
    }

    /// The mails that the user sees.
    pub(crate) fn visible(&self) -> Vec<ItemRef> {
        let hidden = |item: &&ItemRef| !matches!(self.shown.get(item), Some(None));
        self.mails.keys().filter(hidden).cloned().collect()
    }

    pub(crate) fn known(&self, item: &ItemRef) -> Known {
        let (_, mail) = &self.mails[item];
        Known {
            marks: Marks {
                read: Some(mail.read),
                flag: Some(mail.flag.clone()),
                categories: Some(mail.categories.clone()),
            },
            print: Print { received: Some(mail.received), subject: mail.subject.clone() },
        }
    }
}
