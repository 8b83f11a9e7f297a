//! A mail to be read.

use crate::AccessError;
use crate::mail::column::People;
use crate::mail::{AttachmentView, MailStore, MessageId, MessageItem, attachments, list, messages};
use ::mail::Mailbox;
use pim::{BodyState, Text};
use rusqlite::{OptionalExtension, Row};

/// A mail to be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessageView {
    /// What the list shows of it.
    pub item: MessageItem,
    /// The recipients of a copy.
    pub cc: Vec<Mailbox>,
    /// The hidden recipients; known for one's own drafts.
    pub bcc: Vec<Mailbox>,
    /// Where answers should go, if not to the author.
    pub reply_to: Vec<Mailbox>,
    /// The protocol's class, such as `IPM.Note.SMIME`.
    pub class: String,
    /// The Message-ID without brackets, where it is known.
    pub message_id: Option<String>,
    /// How much of the text is here.
    pub body_state: BodyState,
    /// The text, as far as it is here.
    pub text: Text,
    /// The attachments, those shown inside the text among them.
    pub attachments: Vec<AttachmentView>,
}

impl MailStore<'_> {
    /// Returns a mail, or `None` if there is no such mail.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn message(&self, id: MessageId) -> Result<Option<MessageView>, AccessError> {
        let database = self.0.database()?;
        let message = database
            .prepare_cached(
                "SELECT message.id, folder, from_name, from_address, to_people, subject, received, read, flagged,
                     importance, preview, attachments, cc_people, bcc_people, reply_to_people, class, message_id,
                     body_state, html, content
                 FROM message LEFT JOIN body ON body.message = message.id
                 WHERE message.id = ?1",
            )?
            .query_row([id.0], view)
            .optional()?;
        let Some(message) = message else { return Ok(None) };
        Ok(Some(MessageView { attachments: attachments::list(&database, id)?, ..message }))
    }
}

fn view(row: &Row<'_>) -> rusqlite::Result<MessageView> {
    let text = match (row.get(18)?, row.get(19)?) {
        (Some(true), Some(content)) => Text::Html(content),
        (Some(false), Some(content)) => Text::Plain(content),
        (None, _) | (_, None) => Text::None,
    };
    Ok(MessageView {
        item: list::item(row)?,
        cc: row.get::<_, People>(12)?.0,
        bcc: row.get::<_, People>(13)?.0,
        reply_to: row.get::<_, People>(14)?.0,
        class: row.get(15)?,
        message_id: row.get(16)?,
        body_state: messages::state_from(row.get(17)?),
        text,
        attachments: Vec::new(),
    })
}
