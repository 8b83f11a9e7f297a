//! Changes of the user on their way to the server.

use std::collections::BTreeMap;

use activesync::{
    messages::{ClientCommand, CommandResult, Email},
    status::SyncStatus,
};

use crate::{Change, CollectionId, ItemRef, MailPatch, ServerId, UploadRecord};

/// The most changes that go up in one request.
const MOST_AT_ONCE: usize = 100;

/// What the server has not confirmed yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uploads(BTreeMap<ItemRef, bool>);

impl Uploads {
    pub(crate) fn restore(records: Vec<UploadRecord>) -> Self {
        Self(records.into_iter().map(|record| (record.item, record.read)).collect())
    }

    pub(crate) fn put(&mut self, record: UploadRecord) -> Change {
        self.0.insert(record.item.clone(), record.read);
        Change::PutUpload(record)
    }

    pub(crate) fn forget(&mut self, item: &ItemRef) -> Option<Change> {
        self.0.remove(item).map(|_| Change::RemoveUpload(item.clone()))
    }

    pub(crate) fn forget_folder(&mut self, collection: &CollectionId) -> Vec<Change> {
        let gone: Vec<ItemRef> =
            self.0.keys().filter(|item| item.collection == *collection).cloned().collect();
        gone.iter().filter_map(|item| self.forget(item)).collect()
    }

    /// Tells a folder with changes that wait.
    pub(crate) fn waits_in(&self, collection: &CollectionId) -> bool {
        self.0.keys().any(|item| item.collection == *collection)
    }

    /// Takes the changes that go up with the next request for a folder.
    pub(crate) fn of(&self, collection: &CollectionId) -> Vec<UploadRecord> {
        let of_folder = self.0.iter().filter(|(item, _)| item.collection == *collection);
        of_folder
            .take(MOST_AT_ONCE)
            .map(|(item, read)| UploadRecord { item: item.clone(), read: *read })
            .collect()
    }

    /// Handles the server's word on the changes that went up: those it does not mention it took.
    pub(crate) fn settle(
        &mut self,
        sent: &[UploadRecord],
        results: &[CommandResult],
    ) -> Vec<Change> {
        sent.iter().flat_map(|record| self.settle_one(record, results)).collect()
    }

    /// Lets the user's word stand against what the server said before it knew of it.
    pub(crate) fn overlay(&self, item: &ItemRef, patch: &mut MailPatch) {
        if let (Some(read), true) = (self.0.get(item), patch.read.is_some()) {
            patch.read = Some(*read);
        }
    }

    fn settle_one(&mut self, sent: &UploadRecord, results: &[CommandResult]) -> Vec<Change> {
        let is_latest = self.0.get(&sent.item) == Some(&sent.read);
        let verdict = results.iter().find_map(|result| match result {
            CommandResult::Change { server_id, status, .. } if *server_id == sent.item.item.0 => {
                Some(status.sync())
            }
            CommandResult::Add { .. }
            | CommandResult::Change { .. }
            | CommandResult::Delete { .. }
            | CommandResult::Fetch { .. } => None,
        });
        match verdict {
            Some(SyncStatus::NotFound) => {
                let gone = Change::RemoveMail(sent.item.clone());
                self.forget(&sent.item).into_iter().chain([gone]).collect()
            }
            Some(SyncStatus::ServerError | SyncStatus::Retry | SyncStatus::CannotComplete) => {
                Vec::new()
            }
            Some(
                SyncStatus::Common(_)
                | SyncStatus::Conflict
                | SyncStatus::FoldersChanged
                | SyncStatus::Incomplete
                | SyncStatus::IntervalOutOfRange
                | SyncStatus::ItemMalformed
                | SyncStatus::KeyInvalid
                | SyncStatus::Ok
                | SyncStatus::ProtocolError
                | SyncStatus::TooManyCollections
                | SyncStatus::Undocumented(_),
            )
            | None
                if is_latest =>
            {
                self.forget(&sent.item).into_iter().collect()
            }
            Some(_) | None => Vec::new(),
        }
    }
}

/// Writes a change as the server reads it.
pub(crate) fn command(record: &UploadRecord) -> ClientCommand {
    let mail = Email { read: Some(record.read), ..Email::default() };
    ClientCommand::Change {
        server_id: record.item.item.0.clone(),
        instance: None,
        item: mail.into(),
        send: false,
    }
}

/// Names an item by its parts.
pub(crate) fn item(collection: &CollectionId, server_id: &str) -> ItemRef {
    ItemRef { collection: collection.clone(), item: ServerId(server_id.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use activesync::status::Status;

    #[test]
    fn silence_confirms() {
        check(&[], &[Change::RemoveUpload(mail())], false);
    }

    #[test]
    fn a_mail_that_is_gone_goes_here_too() {
        check(&[result(8)], &[Change::RemoveUpload(mail()), Change::RemoveMail(mail())], false);
    }

    #[test]
    fn what_the_server_could_not_do_now_is_sent_again() {
        check(&[result(16)], &[], true);
        check(&[result(5)], &[], true);
    }

    #[test]
    fn what_the_server_will_never_take_is_not_sent_again() {
        for status in [4, 6, 7, 106] {
            check(&[result(status)], &[Change::RemoveUpload(mail())], false);
        }
    }

    #[test]
    fn a_change_of_mind_in_the_meantime_stays() {
        let mut uploads = Uploads::default();
        uploads.put(UploadRecord { item: mail(), read: true });
        let sent = uploads.of(&mail().collection);
        uploads.put(UploadRecord { item: mail(), read: false });

        assert_eq!(uploads.settle(&sent, &[]), []);
        assert_eq!(uploads.of(&mail().collection), [UploadRecord { item: mail(), read: false }]);
    }

    #[test]
    fn the_users_word_stands_until_it_is_known_to_the_server() {
        let mut uploads = Uploads::default();
        uploads.put(UploadRecord { item: mail(), read: true });
        let mut patch = MailPatch { read: Some(false), ..MailPatch::default() };
        uploads.overlay(&mail(), &mut patch);
        assert_eq!(patch.read, Some(true));
    }

    #[track_caller]
    fn check(results: &[CommandResult], changes: &[Change], waits: bool) {
        let mut uploads = Uploads::default();
        uploads.put(UploadRecord { item: mail(), read: true });
        let sent = uploads.of(&mail().collection);

        assert_eq!(uploads.settle(&sent, results), changes);
        assert_eq!(uploads.waits_in(&mail().collection), waits);
    }

    fn result(status: u16) -> CommandResult {
        CommandResult::Change {
            server_id: "1:2".to_owned(),
            instance: None,
            status: Status(status),
            item: None,
        }
    }

    fn mail() -> ItemRef {
        item(&CollectionId("inbox".to_owned()), "1:2")
    }
}
