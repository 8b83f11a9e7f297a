//! Invitations, answers and cancellations as mails carry them: iTIP in a part of the type `text/calendar`.

mod line;
mod mail;
mod read;
mod rule;
mod write;

use activesync::messages::Event;
use mail_parser::{Message, MimeHeaders};
use time::OffsetDateTime;

pub(crate) use mail::{Letter, Purpose, letter, status_of};

/// What a message wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Cancel,
    /// An answer that proposes another time.
    Counter,
    Reply,
    Request,
}

/// A message about a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Itip {
    pub(crate) method: Method,
    /// The meeting, in the form in which the sandbox keeps events.
    pub(crate) event: Event,
    /// Start that the series gives to the only occurrence that is meant.
    pub(crate) occurrence: Option<OffsetDateTime>,
}

impl Method {
    const ALL: [Self; 4] = [Self::Cancel, Self::Counter, Self::Reply, Self::Request];

    fn name(self) -> &'static str {
        match self {
            Self::Cancel => "CANCEL",
            Self::Counter => "COUNTER",
            Self::Reply => "REPLY",
            Self::Request => "REQUEST",
        }
    }
}

/// Finds what a mail says of a meeting.
pub(crate) fn of(message: &Message<'_>) -> Option<Itip> {
    let part = message.parts.iter().find(|part| part.is_content_type("text", "calendar"))?;
    read::read(part.text_contents()?)
}
