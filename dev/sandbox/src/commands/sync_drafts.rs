use activesync::messages::{self, Attachment, Class, Email};
use activesync::query::Version;
use activesync::status::Status;

use super::sync_commands::Uploads;
use crate::drafts;
use crate::http::Call;
use crate::itip::Letter;
use crate::mailbox::{Content, Item, ItemId, Mailbox};
use crate::pim::Purpose;
use crate::render::{self, Wanted};

const MALFORMED: Status = Status(6);
const NO_RECIPIENT: Status = Status(183);

impl Uploads<'_> {
    /// Returns whether devices write drafts into the folder.
    pub(super) fn takes_drafts(&self) -> bool {
        self.folder == Mailbox::DRAFTS && self.call.version >= Version::V16_0
    }

    /// Makes a draft, or sends it at once.
    pub(super) fn add_draft(
        &mut self,
        client_id: &str,
        item: &messages::Item,
        send: bool,
    ) -> Result<Option<ItemId>, Status> {
        if self.uploaded.sent.contains(client_id) {
            return Ok(None);
        }
        let item = item.clone();
        if item.class().is_some_and(|class| class != Class::Email) {
            return Err(MALFORMED);
        }
        let mail = item.into_email().ok_or(MALFORMED)?;
        let now = self.call.server.now();
        let mime = drafts::written(None, &mail, self.call.account.owner(), now);
        if send {
            self.send(client_id, &mime)?;
            return Ok(None);
        }
        let id = self.mailbox.add(self.folder, Content::Stored(mime), now, true);
        if let Some(item) = self.mailbox.item(id) {
            self.note(item.changed);
        }
        self.uploaded.made.insert(client_id.to_owned(), id);
        Ok(Some(id))
    }

    /// Changes a draft, or sends it; then it is gone.
    pub(super) fn change_draft(
        &mut self,
        id: ItemId,
        item: &Item,
        change: &Email,
        send: bool,
    ) -> Result<Option<messages::Item>, Status> {
        let old = self.call.server.mime(&item.content);
        let now = self.call.server.now();
        let mime = drafts::written(Some(&old), change, self.call.account.owner(), now);
        let gone = if send {
            self.send(&id.to_string(), &mime)?;
            self.mailbox.delete(id)
        } else {
            self.mailbox.replace(id, Content::Stored(mime), item.received)
        };
        gone.into_iter().for_each(|change| self.note(change));
        Ok(self.given_draft(id, &change.clone().into()))
    }

    fn send(&mut self, id: &str, mime: &bytes::Bytes) -> Result<(), Status> {
        let (to, mime) = drafts::ready(mime).ok_or(NO_RECIPIENT)?;
        self.letters.push(Letter { to, mime });
        self.submitted += 1;
        self.uploaded.sent.insert(id.to_owned());
        Ok(())
    }

    /// Returns the conversation of a draft, and the references of the attachments that `sent` adds to it.
    pub(super) fn given_draft(&self, id: ItemId, sent: &messages::Item) -> Option<messages::Item> {
        let item = self.mailbox.item(id).filter(|_| self.takes_drafts())?;
        let Call { server, version, .. } = self.call;
        let shown = render::shown(server, id, item, &Wanted::default(), *version, Purpose::Whole);
        let shown = shown.into_email()?;
        let new = sent.clone().into_email()?.attachments.map(|attachments| attachments.add);
        let new = new.unwrap_or_default();
        let all = shown.attachments.map(|attachments| attachments.list).unwrap_or_default();
        let first = all.len().saturating_sub(new.len());
        let added = all
            .into_iter()
            .skip(first)
            .zip(new)
            .map(|(attachment, new)| Attachment { client_id: new.client_id, ..attachment });
        let added: Vec<_> = added.collect();
        let given = Email {
            conversation_id: shown.conversation_id,
            conversation_index: shown.conversation_index,
            attachments: (!added.is_empty()).then(|| added.into()),
            ..Email::default()
        };
        Some(given.into())
    }
}
