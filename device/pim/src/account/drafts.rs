//! Drafts that the server keeps too.

use activesync::query::Version;
use time::OffsetDateTime;

use super::{Account, Asked};
use crate::{
    Change, CollectionId, DraftRecord, FetchFailure, Fetched, ItemRef, MailPatch, Request, Want,
};

impl Account {
    /// Takes in what the person did to a draft, which is stored already. The changes are to be stored before anything else is asked
    /// of the account.
    pub fn take_draft(&mut self, record: DraftRecord, now: OffsetDateTime) -> Vec<Change> {
        let changes = self.drafts.take(record, now);
        let drafts = &self.drafts;
        self.folders.begin_again(|id| drafts.is_lost_in(id));
        changes
    }

    /// Names the folder for drafts, if the server keeps them.
    pub(super) fn drafts_folder(&self) -> Option<&CollectionId> {
        let keeps_drafts = self.record.version.is_some_and(|version| version >= Version::V16_0);
        self.folders.drafts().filter(|_| keeps_drafts)
    }

    /// Asks which files the server has of a draft.
    pub(super) fn look_at_draft(&mut self, now: OffsetDateTime) -> Option<Request> {
        let item = self.draft_to_look_at(now)?.clone();
        Some(self.fetch_request(vec![Want::Body(item)], Asked::Draft, now))
    }

    pub(super) fn draft_to_look_at(&self, now: OffsetDateTime) -> Option<&ItemRef> {
        self.drafts_folder().and_then(|_| self.drafts.to_look_at(now))
    }

    /// Takes note of what fetched texts say of the files of drafts.
    pub(super) fn draft_files_told(&mut self, fetched: &[Change]) -> Vec<Change> {
        let mut changes = Vec::new();
        for change in fetched {
            let Change::PutBody { item, attachments, .. } = change else { continue };
            let list = attachments.as_deref().unwrap_or_default();
            let patch = MailPatch { attachments: Some(list.to_vec()), ..MailPatch::default() };
            changes.push(Change::PatchMail { item: item.clone(), patch: Box::new(patch) });
            changes.extend(self.drafts.looked_at(item, list));
        }
        changes
    }

    /// Leaves a draft alone for a while whose files could not be asked for.
    pub(super) fn look_at_draft_later(&mut self, want: &Want, now: OffsetDateTime) {
        if let Want::Body(item) = want {
            self.drafts.look_later(item, now, self.jitter);
        }
    }

    /// Takes note that the files of a draft could not be told.
    pub(super) fn draft_looked_at(
        &mut self,
        want: &Want,
        result: &Result<Fetched, FetchFailure>,
        now: OffsetDateTime,
    ) -> Vec<Change> {
        let Want::Body(item) = want else { return Vec::new() };
        let is_gone = match result {
            Ok(_) => return Vec::new(),
            Err(FetchFailure::Missing) => true,
            Err(FetchFailure::Refused(_) | FetchFailure::Unreachable(_)) => false,
        };
        if is_gone {
            self.folders.want(&item.collection);
        }
        self.drafts.not_looked_at(item, is_gone, now, self.jitter)
    }
}
