//! Mails that are being written: on disk at once, and sent from there.

use crate::app::App;
use crate::error::{AccessError, SendError};
use crate::session::with;
use crate::view::{
    Draft, DraftAttachment, DraftFileId, DraftFileView, DraftId, DraftKind, DraftText, DraftView,
    Importance, MessageId, OutboxId, Response, ResponseKind, Topic,
};
use vault::mail as stored;

impl App {
    /// Saves a draft: a new one, or the text of one that is there. It is on disk when this returns.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if there is no such draft.
    pub async fn save_draft(
        &self,
        id: Option<DraftId>,
        text: DraftText,
    ) -> Result<DraftId, AccessError> {
        let (open, _) = self.life.open().await?;
        let (id, now) = (id.map(|id| stored::DraftId(id.0)), self.life.now());
        let text = stored::DraftText::from(text);
        let saved = with(&open, move |open| open.mail().save_draft(id, &text, now)).await?;
        let saved = saved.ok_or(AccessError::Missing)?;
        self.life.board.changed(Topic::Drafts);

        Ok(DraftId(saved.0))
    }

    /// Puts a file to a draft. It is on disk when this returns.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if there is no such draft.
    pub async fn add_draft_file(
        &self,
        draft: DraftId,
        file: DraftAttachment,
    ) -> Result<DraftFileId, AccessError> {
        let (open, _) = self.life.open().await?;
        let draft = stored::DraftId(draft.0);
        let name = mail::text::line(&file.name);
        let added = with(&open, move |open| {
            open.mail().add_draft_file(draft, &name, &file.media_type, &file.bytes)
        });
        let added = added.await?.ok_or(AccessError::Missing)?;
        self.life.board.changed(Topic::Drafts);

        Ok(DraftFileId(added.0))
    }

    /// Takes a file out of a draft.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if it is not there.
    pub async fn remove_draft_file(
        &self,
        draft: DraftId,
        file: DraftFileId,
    ) -> Result<(), AccessError> {
        let (draft, file) = (stored::DraftId(draft.0), stored::DraftFileId(file.0));
        self.remove(move |mail| mail.remove_draft_file(draft, file)).await
    }

    /// Removes a draft with its files.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if there is no such draft.
    pub async fn remove_draft(&self, draft: DraftId) -> Result<(), AccessError> {
        let draft = stored::DraftId(draft.0);
        self.remove(move |mail| mail.remove_draft(draft)).await
    }

    /// Lists the drafts, the one saved last first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] unless the container is open.
    pub async fn drafts(&self) -> Result<Vec<DraftView>, AccessError> {
        let (open, _) = self.life.open().await?;
        let drafts = with(&open, |open| open.mail().drafts()).await?;

        Ok(drafts.into_iter().map(DraftView::from).collect())
    }

    /// Shows a draft.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if there is no such draft.
    pub async fn draft(&self, draft: DraftId) -> Result<DraftView, AccessError> {
        let (open, _) = self.life.open().await?;
        let draft = stored::DraftId(draft.0);
        let found = with(&open, move |open| open.mail().draft(draft)).await?;

        found.map(DraftView::from).ok_or(AccessError::Missing)
    }

    /// Puts a draft into the outbox, and removes it in the same step. An answer without recipients goes to those it has by itself.
    ///
    /// # Errors
    ///
    /// [`SendError`] says what the user has to correct; the draft stays.
    pub async fn send_draft(&self, draft: DraftId) -> Result<OutboxId, SendError> {
        let (open, device) = self.life.open().await?;
        let id = stored::DraftId(draft.0);
        let found = with(&open, move |open| open.mail().draft(id)).await;
        let found = found.map_err(AccessError::from)?.ok_or(SendError::DraftMissing)?;
        let mut attachments = Vec::new();
        for file in found.files {
            let bytes = with(&open, move |open| open.mail().draft_bytes(file.id)).await;
            let Some(bytes) = bytes.map_err(AccessError::from)? else { continue };
            let bytes = bytes.to_vec();
            attachments.push(DraftAttachment {
                name: file.name,
                media_type: file.media_type,
                bytes,
            });
        }
        let stored::DraftText { to, cc, bcc, subject, text, kind, original } = found.text;
        let kind = match kind {
            stored::DraftKind::New => None,
            stored::DraftKind::Forward => Some(ResponseKind::Forward),
            stored::DraftKind::Reply => Some(ResponseKind::Reply),
            stored::DraftKind::ReplyAll => Some(ResponseKind::ReplyAll),
        };
        let letter = match kind {
            None => {
                let in_reply_to = None;
                let importance = Importance::Normal;
                let draft =
                    Draft { to, cc, bcc, subject, text, importance, in_reply_to, attachments };
                self.letter(&open, draft).await?
            }
            Some(kind) => {
                let message = MessageId(original.ok_or(SendError::OriginalMissing)?.0);
                let by_itself = to.is_empty() && cc.is_empty() && bcc.is_empty();
                let subject = Some(subject).filter(|subject| !subject.is_empty());
                let importance = Importance::Normal;
                let response = Response { to, cc, bcc, subject, text, importance, attachments };
                self.response(&open, &device, (message, kind), response, by_itself).await?
            }
        };
        let sent = self.post(&open, &device, letter, Some(id)).await?;
        self.life.board.changed(Topic::Drafts);

        Ok(sent)
    }

    async fn remove(
        &self,
        remove: impl FnOnce(stored::MailStore<'_>) -> Result<bool, vault::AccessError> + Send + 'static,
    ) -> Result<(), AccessError> {
        let (open, _) = self.life.open().await?;
        if !with(&open, move |open| remove(open.mail())).await? {
            return Err(AccessError::Missing);
        }
        self.life.board.changed(Topic::Drafts);

        Ok(())
    }
}

impl From<DraftText> for stored::DraftText {
    fn from(text: DraftText) -> Self {
        let kind = match text.kind {
            DraftKind::Forward => stored::DraftKind::Forward,
            DraftKind::New => stored::DraftKind::New,
            DraftKind::Reply => stored::DraftKind::Reply,
            DraftKind::ReplyAll => stored::DraftKind::ReplyAll,
        };
        Self {
            to: text.to,
            cc: text.cc,
            bcc: text.bcc,
            subject: text.subject,
            text: text.text,
            kind,
            original: text.original.map(|message| stored::MessageId(message.0)),
        }
    }
}

impl From<stored::DraftView> for DraftView {
    fn from(draft: stored::DraftView) -> Self {
        let text = draft.text;
        let kind = match text.kind {
            stored::DraftKind::Forward => DraftKind::Forward,
            stored::DraftKind::New => DraftKind::New,
            stored::DraftKind::Reply => DraftKind::Reply,
            stored::DraftKind::ReplyAll => DraftKind::ReplyAll,
        };
        let file = |file: stored::DraftFileView| DraftFileView {
            id: DraftFileId(file.id.0),
            name: file.name,
            media_type: file.media_type,
            size: file.size,
        };
        Self {
            id: DraftId(draft.id.0),
            saved: draft.saved,
            text: DraftText {
                to: text.to,
                cc: text.cc,
                bcc: text.bcc,
                subject: text.subject,
                text: text.text,
                kind,
                original: text.original.map(|message| MessageId(message.0)),
            },
            files: draft.files.into_iter().map(file).collect(),
        }
    }
}
