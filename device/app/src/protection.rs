//! Mails that are signed or encrypted, opened in memory when they are shown.
//!
//! What is decrypted is written nowhere: not beside the mail, not into the index of words. The last mail that was opened is
//! kept in memory for a while, so that its pictures and files need no second use of the key, and goes with the lock.

mod inside;
mod sealing;
mod signer;

pub(crate) use inside::inside;
pub(crate) use sealing::{Protection, addresses, protect};

use crate::app::App;
use crate::error::AccessError;
use crate::lifecycle::Device;
use crate::session::with;
use crate::trust::Followed;
use crate::view::{MessageId, SecurityView};
use mail::smime::{self, Holder, Opened};
use pim::{BodyState, Text};
use std::sync::{Arc, Mutex, PoisonError};
use time::{Duration, OffsetDateTime};
use vault::Open;
use vault::mail::MessageView as Stored;

/// How long what was found of a mail stands.
const KEPT: Duration = Duration::minutes(10);
/// How much of the text its first words are, in characters.
const PREVIEW: usize = 200;

/// A mail as a person reads it.
pub(crate) struct Readable {
    /// The mail, with the text and the files of what is inside where it is protected.
    pub(crate) mail: Stored,
    /// What is to be thought of it; absent if it is not protected, or not here as it came.
    pub(crate) security: Option<SecurityView>,
}

/// The mail that was opened last.
#[derive(Default)]
pub(crate) struct LastOpened(Mutex<Option<Kept>>);

struct Kept {
    message: MessageId,
    at: OffsetDateTime,
    opened: Arc<Opened>,
}

impl LastOpened {
    fn find(&self, message: MessageId, now: OffsetDateTime) -> Option<Arc<Opened>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |kept: &&Kept| kept.message == message && now - kept.at < KEPT;

        kept.as_ref().filter(is_it).map(|kept| Arc::clone(&kept.opened))
    }

    fn keep(&self, message: MessageId, at: OffsetDateTime, opened: &Arc<Opened>) {
        // What could not be opened is tried again.
        let kept = opened.content.is_some();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            kept.then(|| Kept { message, at, opened: Arc::clone(opened) });
    }

    /// Forgets it, as the lock demands.
    pub(crate) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl std::fmt::Debug for LastOpened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LastOpened")
    }
}

impl App {
    /// Loads a mail, fetched if need be, and opens it if it is protected.
    pub(crate) async fn readable(
        &self,
        open: &Open,
        device: &Device,
        message: MessageId,
    ) -> Result<Readable, AccessError> {
        let mut mail = self.whole(open, message).await?;
        if !mail.has_source {
            return Ok(Readable { mail, security: None });
        }
        let Some(opened) = self.opened(open, device, message).await? else {
            return Ok(Readable { mail, security: None });
        };
        let limits = with(open, |open| open.mail().limits()).await?;
        show(&mut mail, &opened, limits.html);
        // The head that is shown is what the server says of the mail.
        let state = opened.state.clone().shown_as(&mail.item.from.address);

        Ok(Readable { mail, security: Some(SecurityView::of(&state, opened.content.is_some())) })
    }

    /// Opens a protected mail; none if it is not here as it came.
    pub(crate) async fn opened(
        &self,
        open: &Open,
        device: &Device,
        message: MessageId,
    ) -> Result<Option<Arc<Opened>>, AccessError> {
        let now = self.life.now();
        if let Some(opened) = device.last_opened.find(message, now) {
            return Ok(Some(opened));
        }
        let mut opened = open_now(open, device, message).await?;
        let mut followed = Followed::Nothing;
        if let Some(first) = &opened {
            followed = device.trust.follow(&first.state.signatures).await;
        }
        if followed == Followed::News {
            opened = open_now(open, device, message).await?;
        }
        if let Some(opened) = &opened {
            if followed != Followed::Late {
                device.last_opened.keep(message, now, opened);
            }
            self.learn(open, device, &opened.state).await?;
        }

        Ok(opened)
    }
}

/// Opens a mail with what is known.
async fn open_now(
    open: &Open,
    device: &Device,
    message: MessageId,
) -> Result<Option<Arc<Opened>>, AccessError> {
    let ground = device.trust.ground(&[]);
    let opened = with(open, move |open| {
        let Some(source) = open.mail().source(message)? else { return Ok(None) };
        let own = open.holders();
        let holders: Vec<_> =
            own.iter().map(|(key, certificate)| Holder { key: &**key, certificate }).collect();

        Ok(Some(Arc::new(smime::open(&source, &holders, &ground.smime()))))
    });

    Ok(opened.await?)
}

/// Puts what is inside of a mail in the place of what its server made of it.
fn show(mail: &mut Stored, opened: &Opened, html_allowed: bool) {
    mail.text = Text::None;
    mail.body_state = BodyState::Whole;
    // Of a mail that cannot be opened the files stay, so that it can be saved as it came.
    let Some(content) = &opened.content else { return };
    mail.attachments = Vec::new();
    mail.item.attachments = 0;
    let Some(message) = ::mail::Message::parse(content) else { return };
    mail.text = match (message.html, message.text) {
        (Some(html), _) if html_allowed => Text::Html(html),
        (_, Some(plain)) => Text::Plain(plain),
        (Some(html), None) => Text::Plain(::mail::text::from_html(&html)),
        (None, None) => Text::None,
    };
    mail.item.preview = match &mail.text {
        Text::Html(html) => ::mail::text::preview(&::mail::text::from_html(html), PREVIEW),
        Text::None => String::new(),
        Text::Plain(plain) => ::mail::text::preview(plain, PREVIEW),
    };
    mail.attachments = inside::views(mail.item.id, &message.attachments);
    let files = mail.attachments.iter().filter(|part| !part.inline).count();
    mail.item.attachments = u32::try_from(files).unwrap_or(u32::MAX);
}
