//! What screens ask of the mailbox.

use crate::app::App;
use crate::error::{AccessError, FetchError};
use crate::lifecycle::Device;
use crate::protection::{Readable, inside};
use crate::remote_images;
use crate::session::{Wish, with};
use crate::view::{
    AttachmentContent, AttachmentId, BodyKind, FolderId, FolderView, FrameView, MessageId,
    MessageItem, MessagePage, MessageView, OutboxId, OutboxView, media_type_of,
};
use mail::html::{Picture, Pictures, clean, page};
use pim::{BodyState, FetchFailure, Fetched, Text, Want};
use vault::Open;
use vault::mail::AttachmentView as Stored;

/// The most pictures inside one text that are fetched.
const MOST_PICTURES: usize = 100;

impl App {
    /// Lists the folders of the mailbox.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] unless the container is open.
    pub async fn folders(&self) -> Result<Vec<FolderView>, AccessError> {
        let (open, _) = self.life.open().await?;
        let folders = with(&open, |open| open.mail().folders()).await?;

        Ok(folders.into_iter().map(FolderView::from).collect())
    }

    /// Lists messages of a folder, newest first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if there is no such folder.
    pub async fn messages(
        &self,
        folder: FolderId,
        offset: u64,
        limit: u32,
    ) -> Result<MessagePage, AccessError> {
        let (open, _) = self.life.open().await?;
        let folder = vault::mail::FolderId(folder.0);
        let page = with(&open, move |open| open.mail().messages(folder, offset, limit)).await?;

        page.map(MessagePage::from).ok_or(AccessError::Missing)
    }

    /// Shows one message; its text is fetched if the server still owes it and can be reached.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if there is no such message.
    pub async fn message(&self, message: MessageId) -> Result<MessageView, AccessError> {
        let (open, device) = self.life.open().await?;

        let Readable { mail, security } = self.readable(&open, &device, message).await?;
        let uid = mail.meeting.as_ref().and_then(|meeting| meeting.meeting_uid());
        let mut view = MessageView { security, ..MessageView::from(mail) };
        if let (Some(meeting), Some(uid)) = (&mut view.meeting, uid) {
            let event = with(&open, move |open| open.entries().find_event(&uid)).await?;
            meeting.event = event.map(|entry| entry.0);
        }

        Ok(view)
    }

    /// Lists the messages of a message's conversation in all folders, itself among them, newest first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if there is no such message.
    pub async fn conversation(&self, message: MessageId) -> Result<MessagePage, AccessError> {
        let (open, _) = self.life.open().await?;
        let id = message;
        let mails = with(&open, move |open| open.mail().conversation(id)).await?;
        let items = mails.ok_or(AccessError::Missing)?.into_iter().map(MessageItem::from);
        let items: Vec<MessageItem> = items.collect();

        Ok(MessagePage { total: u64::try_from(items.len()).unwrap_or(u64::MAX), items })
    }

    /// Makes the document that shows the HTML text of a message, with its inline pictures, and on request those from outside.
    ///
    /// # Errors
    ///
    /// [`FetchError::Missing`] if the message has no HTML text.
    pub async fn frame(
        &self,
        message: MessageId,
        remote_images: bool,
    ) -> Result<FrameView, FetchError> {
        let (open, device) = self.life.open().await?;
        let Readable { mail: message, security } = self.readable(&open, &device, message).await?;
        let Text::Html(html) = &message.text else { return Err(FetchError::Missing) };
        let mut pictures = Pictures::default();
        let shown = message
            .attachments
            .iter()
            .filter(|part| part.content_id.as_ref().is_some_and(|id| html.contains(id.as_str())));
        for part in shown.take(MOST_PICTURES) {
            // A picture that cannot be had is left out; the text is worth more than the refusal.
            let Ok(content) = self.attachment(AttachmentId(part.id.0)).await else { continue };
            if let (Some(id), Some(picture)) = (&part.content_id, Picture::recognise(content.bytes))
            {
                pictures.inline.insert(id.clone(), picture);
            }
        }
        let mut cleaned = clean(html, &pictures);
        let allowed = device.settings.borrow().settings.viewing.remote_images;
        let safe = security.is_none_or(|security| security.remote_content);
        if remote_images && safe && allowed == policy::RemoteImages::Ask {
            pictures.remote = remote_images::fetch(&cleaned.blocked).await;
            cleaned = clean(html, &pictures);
        }

        Ok(FrameView {
            html: page(&cleaned.html),
            blocked_images: u32::try_from(cleaned.blocked.len()).unwrap_or(u32::MAX),
        })
    }

    /// Reads an attachment, and fetches it from the server if it is not here yet.
    ///
    /// # Errors
    ///
    /// [`FetchError`] says whether trying later can help.
    pub async fn attachment(
        &self,
        attachment: AttachmentId,
    ) -> Result<AttachmentContent, FetchError> {
        let (open, device) = self.life.open().await?;
        if let Some((message, place)) = inside(attachment.0) {
            return self.file_inside(&open, &device, message, place).await;
        }
        let id = vault::mail::AttachmentId(attachment.0);
        let stored =
            with(&open, move |open| open.mail().attachment(id)).await.map_err(AccessError::from)?;
        let stored = stored.ok_or(FetchError::Missing)?;
        let limits = with(&open, |open| open.mail().limits()).await.map_err(AccessError::from)?;
        if !limits.attachments {
            return Err(FetchError::Refused { code: "attachments_forbidden".to_owned() });
        }
        let here = with(&open, move |open| open.mail().attachment_bytes(id))
            .await
            .map_err(AccessError::from)?;
        if let Some(bytes) = here {
            return Ok(content(&stored, bytes.to_vec()));
        }
        let limit_mib = device.settings.borrow().settings.viewing.attachment_limit_mib;
        if stored.size > u64::from(limit_mib) * 1024 * 1024 {
            return Err(FetchError::TooLarge { limit_mib });
        }
        let bytes = self.fetch_attachment(&open, &stored, limit_mib).await?;
        let content = content(&stored, bytes);
        let (media_type, bytes) = (content.media_type.clone(), content.bytes.clone());
        with(&open, move |open| open.mail().keep_attachment(id, &media_type, &bytes))
            .await
            .map_err(AccessError::from)?;

        Ok(content)
    }

    /// Lists the mails that wait to be sent, oldest first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] unless the container is open.
    pub async fn outbox(&self) -> Result<Vec<OutboxView>, AccessError> {
        let (open, _) = self.life.open().await?;
        let mails = with(&open, |open| open.mail().outbox()).await?;

        Ok(mails.into_iter().map(OutboxView::from).collect())
    }

    /// Drops a mail from the outbox; one that is on its way right now stays.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if it is not there, or on its way.
    pub async fn discard(&self, mail: OutboxId) -> Result<(), AccessError> {
        let mail = pim::OutboxId(mail.0);
        let discarded = self.life.session().await?.ask(|done| Wish::Discard { mail, done }).await?;

        if discarded { Ok(()) } else { Err(AccessError::Missing) }
    }

    pub(crate) async fn whole(
        &self,
        open: &Open,
        message: MessageId,
    ) -> Result<vault::mail::MessageView, AccessError> {
        let id = message;
        let load = || with(open, move |open| open.mail().message(id));
        let found = load().await?.ok_or(AccessError::Missing)?;
        let wants_source = found.is_protected() && !found.has_source;
        if found.body_state != BodyState::Partial && !wants_source {
            return Ok(found);
        }
        let Some(item) = with(open, move |open| open.mail().item(id)).await? else {
            return Ok(found);
        };
        let want = if wants_source { Want::Source(item) } else { Want::Body(item) };
        match self.fetch(want).await {
            Ok(_) => Ok(load().await?.unwrap_or(found)),
            // Offline one reads what is here.
            Err(_) => Ok(found),
        }
    }

    /// Reads a file inside of a mail that is signed or encrypted.
    async fn file_inside(
        &self,
        open: &Open,
        device: &Device,
        message: MessageId,
        place: usize,
    ) -> Result<AttachmentContent, FetchError> {
        let limits = with(open, |open| open.mail().limits()).await.map_err(AccessError::from)?;
        if !limits.attachments {
            return Err(FetchError::Refused { code: "attachments_forbidden".to_owned() });
        }
        let opened = self.opened(open, device, message).await?.ok_or(FetchError::Missing)?;
        let content = opened.content.as_ref().ok_or(FetchError::Missing)?;
        let parsed = mail::Message::parse(content).ok_or(FetchError::Missing)?;
        let file = parsed.attachments.into_iter().nth(place).ok_or(FetchError::Missing)?;
        let size = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        if limits.largest_attachment.is_some_and(|largest| size > largest) {
            return Err(FetchError::Refused { code: "too_large".to_owned() });
        }
        let media_type = media_type_of(&file.name, &file.media_type);

        Ok(AttachmentContent { name: file.name, media_type, bytes: file.bytes })
    }

    pub(crate) async fn fetch(&self, want: Want) -> Result<Fetched, FetchError> {
        let fetched = self.life.session().await?.ask(|done| Wish::Fetch { want, done }).await?;

        fetched.map_err(|failure| match failure {
            FetchFailure::Missing => FetchError::Missing,
            FetchFailure::Refused(code) => FetchError::Refused { code },
            FetchFailure::Unreachable(_) => FetchError::Offline,
        })
    }
}

fn content(stored: &Stored, bytes: Vec<u8>) -> AttachmentContent {
    AttachmentContent {
        name: stored.name.clone(),
        media_type: crate::view::media_type(stored),
        bytes,
    }
}

impl From<vault::AccessError> for AccessError {
    fn from(error: vault::AccessError) -> Self {
        match error {
            vault::AccessError::Fault(fault) => Self::Storage { reason: fault.to_string() },
            vault::AccessError::Locked => Self::Locked,
        }
    }
}

impl From<AccessError> for FetchError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Locked => Self::Locked,
            AccessError::Missing => Self::Missing,
            AccessError::Storage { reason } => Self::Storage { reason },
        }
    }
}

/// In which form the text of a stored message is there.
pub(crate) fn body_kind(text: &Text) -> BodyKind {
    match text {
        Text::Html(_) => BodyKind::Html,
        Text::None => BodyKind::None,
        Text::Plain(_) => BodyKind::Text,
    }
}
