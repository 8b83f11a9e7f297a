//! Drafts on their way to the rules, and with their files to the server.

use super::{Driver, Ended, with};
use activesync::messages::{ClientCommand, Item, NewAttachment, SyncRequest};
use bytes::Bytes;
use vault::mail::{DraftFileId, DraftId};

impl Driver {
    /// Tells the rules what is stored of a draft.
    pub(super) async fn draft_changed(&mut self, draft: DraftId) -> Result<(), Ended> {
        let record = with(&self.open, move |open| open.mail().draft_record(draft)).await?;
        let Some(record) = record else { return Ok(()) };
        let changes = self.account.take_draft(record, (self.life.clock)());

        self.store(changes).await
    }

    /// Puts the bytes of new files into a request. A file that was taken out meanwhile is left out; what the draft is by now follows.
    pub(super) async fn with_files(&self, mut request: SyncRequest) -> Result<SyncRequest, Ended> {
        let commands = request.collections.iter_mut().flat_map(|one| &mut one.commands);
        for command in commands {
            let item = match command {
                ClientCommand::Add { item, .. } | ClientCommand::Change { item, .. } => item,
                ClientCommand::Delete { .. } | ClientCommand::Fetch { .. } => continue,
            };
            let Item::Email(email) = item else { continue };
            let Some(attachments) = &mut email.attachments else { continue };
            let mut filled = Vec::new();
            for attachment in std::mem::take(&mut attachments.add) {
                if let Some(content) = self.file_of(&attachment).await? {
                    filled.push(NewAttachment { content: Some(content), ..attachment });
                }
            }
            attachments.add = filled;
        }

        Ok(request)
    }

    async fn file_of(&self, attachment: &NewAttachment) -> Result<Option<Bytes>, Ended> {
        let id = attachment.client_id.as_deref().and_then(|name| name.strip_prefix('f'));
        let Some(id) = id.and_then(|id| id.parse().ok()) else { return Ok(None) };
        let bytes = with(&self.open, move |open| open.mail().draft_bytes(DraftFileId(id))).await?;

        Ok(bytes.map(|bytes| Bytes::from(bytes.to_vec())))
    }
}
