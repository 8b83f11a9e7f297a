//! Mails that are being written: on disk at once, on the server where it keeps drafts, and sent from here.

use crate::app::App;
use crate::error::{AccessError, DraftError, SendError};
use crate::session::{Wish, with};
use crate::view::{
    Draft, DraftAttachment, DraftFileId, DraftId, DraftKind, DraftText, DraftView, OutboxId,
    Protect, Response, ResponseKind, Topic,
};
use pim::{Fetched, Want};
use policy::Encryption;
use vault::Open;
use vault::mail::{DraftChange, MailStore};

impl App {
    /// Saves a draft: a new one, or the text of one that is there. It is on disk when this returns, and goes to the server once nobody
    /// has written on for a while.
    ///
    /// # Errors
    ///
    /// [`DraftError::Incomplete`] if part of the server's draft is not here: [`App::draft`] fetches it.
    pub async fn save_draft(
        &self,
        id: Option<DraftId>,
        text: DraftText,
    ) -> Result<DraftId, DraftError> {
        let now = self.life.now();
        let text = DraftText { held: text.held || self.is_held(&text).await?, ..text };
        let saved = self.change_draft(move |mail| mail.save_draft(id, &text, now)).await?;
        self.draft_changed(saved).await?;

        Ok(saved)
    }

    /// Puts a file to a draft. It is on disk when this returns.
    ///
    /// # Errors
    ///
    /// As [`App::save_draft`].
    pub async fn add_draft_file(
        &self,
        draft: DraftId,
        file: DraftAttachment,
    ) -> Result<DraftFileId, DraftError> {
        let name = mail::text::line(&file.name);
        let added = self.change_draft(move |mail| {
            mail.add_draft_file(draft, &name, &file.media_type, &file.bytes)
        });
        let added = added.await?;
        self.draft_changed(draft).await?;

        Ok(added)
    }

    /// Takes a file out of a draft.
    ///
    /// # Errors
    ///
    /// As [`App::save_draft`].
    pub async fn remove_draft_file(
        &self,
        draft: DraftId,
        file: DraftFileId,
    ) -> Result<(), DraftError> {
        self.change_draft(move |mail| mail.remove_draft_file(draft, file)).await?;
        self.draft_changed(draft).await?;

        Ok(())
    }

    /// Removes a draft with its files; the server puts it to the deleted mails.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if there is no such draft.
    pub async fn remove_draft(&self, draft: DraftId) -> Result<(), AccessError> {
        self.throw_away(draft, false).await
    }

    /// Lists the drafts, the one saved last first, with those of the server where it keeps drafts.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] unless the container is open.
    pub async fn drafts(&self) -> Result<Vec<DraftView>, AccessError> {
        let (open, _) = self.life.open().await?;
        let drafts = with(&open, |open| {
            open.mail().adopt_drafts()?;
            open.mail().drafts()
        });

        Ok(drafts.await?)
    }

    /// Shows a draft. What the server has of it and is not here yet is fetched, if the server can be reached.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if there is no such draft.
    pub async fn draft(&self, draft: DraftId) -> Result<DraftView, AccessError> {
        let (open, _) = self.life.open().await?;
        let load = || with(&open, move |open| open.mail().draft(draft));
        let found = load().await?.ok_or(AccessError::Missing)?;
        if found.whole {
            return Ok(found);
        }
        if let Some(message) = found.message {
            self.whole(&open, message).await?;
        }
        self.fetch_draft_files(&open, &found).await?;

        load().await?.ok_or(AccessError::Missing)
    }

    /// Puts a draft into the outbox, and removes it in the same step, here and on the server. An answer without recipients goes to
    /// those it has by itself.
    ///
    /// # Errors
    ///
    /// [`SendError`] says what the user has to correct; the draft stays.
    pub async fn send_draft(
        &self,
        draft: DraftId,
        protect: Protect,
    ) -> Result<OutboxId, SendError> {
        let (open, device) = self.life.open().await?;
        let found = match self.draft(draft).await {
            Err(AccessError::Missing) => return Err(SendError::DraftMissing),
            found => found?,
        };
        let mut attachments = Vec::new();
        for file in found.files {
            let bytes = with(&open, move |open| open.mail().draft_bytes(file.id)).await;
            let bytes = bytes.map_err(AccessError::from)?;
            let Some(bytes) = bytes else {
                return Err(SendError::AttachmentMissing { name: file.name });
            };
            let (name, media_type, bytes) = (file.name, file.media_type, bytes.to_vec());
            attachments.push(DraftAttachment { name, media_type, bytes });
        }
        if !found.whole {
            return Err(SendError::DraftIncomplete);
        }
        let DraftText { to, cc, bcc, subject, text, kind, original, importance, held: _ } =
            found.text;
        let importance = importance.unwrap_or_default();
        let kind = match kind {
            DraftKind::New => None,
            DraftKind::Forward => Some(ResponseKind::Forward),
            DraftKind::Reply => Some(ResponseKind::Reply),
            DraftKind::ReplyAll => Some(ResponseKind::ReplyAll),
        };
        let letter = match kind {
            None => {
                let in_reply_to = None;
                let draft = Draft {
                    to,
                    cc,
                    bcc,
                    subject,
                    text,
                    importance,
                    in_reply_to,
                    attachments,
                    protect,
                };
                self.letter(&open, &device, draft).await?
            }
            Some(kind) => {
                let message = original.ok_or(SendError::OriginalMissing)?;
                let by_itself = to.is_empty() && cc.is_empty() && bcc.is_empty();
                let subject = Some(subject).filter(|subject| !subject.is_empty());
                let response =
                    Response { to, cc, bcc, subject, text, importance, attachments, protect };
                self.response(&open, &device, (message, kind), response, by_itself).await?
            }
        };
        let sent = self.post(&open, &device, letter, Some(draft)).await?;
        self.draft_changed(draft).await?;

        Ok(sent)
    }

    /// Removes a draft, to the deleted mails of the server or for good.
    pub(crate) async fn throw_away(
        &self,
        draft: DraftId,
        for_good: bool,
    ) -> Result<(), AccessError> {
        let (open, _) = self.life.open().await?;
        let removed = with(&open, move |open| open.mail().remove_draft(draft, for_good)).await?;
        if !removed {
            return Err(AccessError::Missing);
        }

        self.draft_changed(draft).await
    }

    async fn fetch_draft_files(&self, open: &Open, draft: &DraftView) -> Result<(), AccessError> {
        let id = draft.id;
        let missing = with(open, move |open| open.mail().draft_files_to_fetch(id)).await?;
        for (file, reference) in missing {
            // Whoever looks at the draft sees which files are not here.
            let want = Want::Attachment(reference.clone());
            let Ok(Fetched::Attachment(bytes)) = self.fetch(want).await else { continue };
            with(open, move |open| open.mail().keep_draft_file(file, &reference, &bytes)).await?;
        }

        Ok(())
    }

    /// Tells whether a draft stays on this device: what will be encrypted, and what may quote what came encrypted, is not put on
    /// a server in the clear.
    async fn is_held(&self, text: &DraftText) -> Result<bool, AccessError> {
        let (open, device) = self.life.open().await?;
        if device.settings.borrow().settings.smime.encrypt != Encryption::Asked {
            return Ok(true);
        }
        let Some(original) = text.original else { return Ok(false) };
        let original = with(&open, move |open| open.mail().message(original)).await?;

        Ok(original.is_some_and(|original| original.may_be_encrypted()))
    }

    async fn change_draft<T: Send + 'static>(
        &self,
        change: impl FnOnce(MailStore<'_>) -> Result<DraftChange<T>, vault::AccessError>
        + Send
        + 'static,
    ) -> Result<T, DraftError> {
        let (open, _) = self.life.open().await?;
        let changed = with(&open, move |open| change(open.mail())).await;
        match changed.map_err(AccessError::from)? {
            DraftChange::Done(done) => Ok(done),
            DraftChange::Incomplete => Err(DraftError::Incomplete),
            DraftChange::Missing => Err(DraftError::Missing),
        }
    }

    /// Has synchronisation look at what is stored of a draft by now.
    async fn draft_changed(&self, draft: DraftId) -> Result<(), AccessError> {
        self.life.session().await?.wish(Wish::DraftChanged(draft)).await?;
        self.life.board.changed(Topic::Drafts);

        Ok(())
    }
}

impl From<AccessError> for DraftError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Locked => Self::Locked,
            AccessError::Missing => Self::Missing,
            AccessError::Storage { reason } => Self::Storage { reason },
        }
    }
}
