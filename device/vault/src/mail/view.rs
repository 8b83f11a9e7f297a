//! A mail to be read.

use crate::AccessError;
use crate::mail::column::People;
use crate::mail::list::{ITEM_COLUMNS, item_columns};
use crate::mail::{AttachmentView, MailStore, MessageId, MessageItem, attachments, list, messages};
use ::mail::Mailbox;
use activesync::messages::MeetingRequest;
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
    /// The mail is here as it came: [`MailStore::source`].
    pub has_source: bool,
    /// How much of the text is here.
    pub body_state: BodyState,
    /// The text, as far as it is here.
    pub text: Text,
    /// The attachments, those shown inside the text among them.
    pub attachments: Vec<AttachmentView>,
    /// The meeting that it is about.
    pub meeting: Option<Box<MeetingRequest>>,
}

impl MessageView {
    /// Tells whether it is signed or encrypted, as a whole or in a file that some gateway made of it.
    pub fn is_protected(&self) -> bool {
        let is_file = |part: &AttachmentView| part.name.to_lowercase().ends_with(".p7m");

        self.has_source || pim::is_smime(&self.class) || self.attachments.iter().any(is_file)
    }

    /// Tells whether it may have come encrypted, by what can be told without opening it.
    pub fn may_be_encrypted(&self) -> bool {
        let is_clear = self.class.to_ascii_lowercase().ends_with(".multipartsigned");

        self.is_protected() && !is_clear
    }
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
                concat!(
                    "SELECT ",
                    item_columns!(),
                    ", cc_people, bcc_people, reply_to_people, class, message_id, body_state, html, content, meeting,
                     EXISTS (SELECT 1 FROM source WHERE source.message = message.id)
                     FROM message LEFT JOIN body ON body.message = message.id
                     WHERE message.id = ?1 AND shown IS NOT NULL"
                ),
            )?
            .query_row([id.0], view)
            .optional()?;
        let Some(message) = message else { return Ok(None) };
        Ok(Some(MessageView { attachments: attachments::list(&database, id)?, ..message }))
    }
}

/// The first column after those of the list.
const REST: usize = ITEM_COLUMNS;

fn view(row: &Row<'_>) -> rusqlite::Result<MessageView> {
    let text = match (row.get(REST + 6)?, row.get(REST + 7)?) {
        (Some(true), Some(content)) => Text::Html(content),
        (Some(false), Some(content)) => Text::Plain(content),
        (None, _) | (_, None) => Text::None,
    };
    Ok(MessageView {
        item: list::item(row)?,
        cc: row.get::<_, People>(REST)?.0,
        bcc: row.get::<_, People>(REST + 1)?.0,
        reply_to: row.get::<_, People>(REST + 2)?.0,
        class: row.get(REST + 3)?,
        message_id: row.get(REST + 4)?,
        body_state: messages::state_from(row.get(REST + 5)?),
        text,
        attachments: Vec::new(),
        meeting: messages::meeting(row, REST + 8)?,
        has_source: row.get(REST + 9)?,
    })
}
