//! What a device has on its disk: mails and entries, as the tests of the device model both.

use std::collections::BTreeMap;

use activesync::messages::Item;
use pim::{BodyState, Change, FlagDetails, FollowUp, ItemRef, Mail, OutboxState, Saved};

use crate::{clock, entries, mails};

#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) mails: mails::Store,
    pub(crate) entries: entries::Store,
}

impl Store {
    pub(crate) fn saved(&self) -> Saved {
        Saved { edits: self.entries.saved().edits, ..self.mails.saved() }
    }

    pub(crate) fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            let (mail, entry) = match change {
                Change::BeginRound(_)
                | Change::EndRound(_)
                | Change::Erase
                | Change::PutAccount(_)
                | Change::PutFolder(_)
                | Change::RemoveFolder(_) => (Some(change.clone()), Some(change)),
                Change::DropEntry(_)
                | Change::PatchEntry { .. }
                | Change::PutConflict(_)
                | Change::PutEdit(_)
                | Change::PutEntry { .. }
                | Change::RemoveEdit { .. }
                | Change::RemoveEntry(_) => (None, Some(change)),
                // The server tells of meetings itself, or nobody is invited.
                Change::OweNews { .. } => (None, None),
                // Nobody writes drafts.
                Change::DropDraft(_) | Change::PutDraft(_) => (None, None),
                Change::AddCandidate(_)
                | Change::Enforce(_)
                | Change::MoveMail { .. }
                | Change::PatchMail { .. }
                | Change::PutBody { .. }
                | Change::PutMail { .. }
                | Change::PutMessageId { .. }
                | Change::PutOutbox(_)
                | Change::PutSource { .. }
                | Change::PutUpload(_)
                | Change::RefuseMail { .. }
                | Change::RemoveCandidate(_)
                | Change::RemoveMail(_)
                | Change::RemoveOutbox(_)
                | Change::RemoveUpload(_)
                | Change::ShowMail { .. } => (Some(change), None),
            };
            self.mails.apply(mail.into_iter().collect(), clock::now());
            self.entries.apply(entry.into_iter().collect());
        }
    }

    /// The mails, wherever they are shown.
    pub(crate) fn mails(&self) -> BTreeMap<ItemRef, Mail> {
        let mails = self.mails.mails.iter();
        mails.map(|(item, (_, mail))| (item.clone(), shown(mail))).collect()
    }

    /// The entries that the server knows, by its ids, and those that it does not.
    pub(crate) fn entries(&self) -> BTreeMap<String, Item> {
        let rows = self.entries.rows.iter().filter(|(_, row)| !row.hidden);
        rows.map(|(entry, row)| {
            let id = row.server_id.as_ref().map(|id| id.0.clone());
            (id.unwrap_or_else(|| format!("new {}", entry.0)), row.item.clone())
        })
        .collect()
    }

    pub(crate) fn unfetched(&self) -> Vec<ItemRef> {
        let mails = self.mails.mails.iter();
        let partial = mails.filter(|(_, (_, mail))| mail.body.state == BodyState::Partial);
        partial.map(|(item, _)| item.clone()).collect()
    }

    /// Whether something is still to be told to the server.
    pub(crate) fn is_waiting(&self) -> bool {
        let mut outbox = self.mails.outbox.values();
        let mut edits = self.entries.edits.values();
        outbox.any(|mail| !matches!(mail.state, OutboxState::Failed(_)))
            || edits.any(|edit| edit.refused.is_none())
            || !self.mails.uploads.is_empty()
            || !self.mails.candidates.is_empty()
    }
}

/// A mail as people see it. Who sets a flag does not hear what the server adds to it; nothing of that is shown.
fn shown(mail: &Mail) -> Mail {
    let flag = FollowUp { details: FlagDetails::default(), ..mail.flag.clone() };
    Mail { flag, ..mail.clone() }
}
