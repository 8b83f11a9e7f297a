use activesync::messages::{AttendeeStatus, UserResponse};
use bytes::Bytes;
use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::mime::MimePart;
use time::OffsetDateTime;

use super::{Itip, write};
use crate::pim::Owner;

/// A mail that the server writes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    /// Addresses of those who get it.
    pub(crate) to: Vec<String>,
    pub(crate) mime: Bytes,
}

/// Why the server writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Answer(UserResponse),
    Cancel,
    Invite,
}

impl Purpose {
    fn prefix(self) -> &'static str {
        match self {
            Self::Answer(UserResponse::Accept) => "Accepted: ",
            Self::Answer(UserResponse::Decline) => "Declined: ",
            Self::Answer(UserResponse::Tentative) => "Tentative: ",
            Self::Cancel => "Canceled: ",
            Self::Invite => "",
        }
    }
}

/// Writes a mail about a meeting.
pub(crate) fn letter(
    itip: &Itip,
    purpose: Purpose,
    from: Owner<'_>,
    to: Vec<String>,
    text: &str,
    now: OffsetDateTime,
) -> Letter {
    let subject =
        format!("{}{}", purpose.prefix(), itip.event.subject.as_deref().unwrap_or_default());
    let calendar = ContentType::new("text/calendar")
        .attribute("method", itip.method.name())
        .attribute("charset", "utf-8");
    let parts = vec![
        MimePart::new("text/plain", text.to_owned()),
        MimePart::new(calendar, write::text(itip)),
    ];
    let addresses: Vec<&str> = to.iter().map(String::as_str).collect();
    let id = format!("{}.{}", now.unix_timestamp_nanos(), from.address);
    let message = MessageBuilder::new()
        .date(now.unix_timestamp())
        .message_id(id)
        .from((from.name, from.address))
        .to(addresses)
        .subject(subject)
        .body(MimePart::new("multipart/alternative", parts));
    let mime = message.write_to_vec().map(Bytes::from).unwrap_or_default();
    Letter { to, mime }
}

/// Returns how an answer stands among attendees.
pub(crate) fn status_of(response: UserResponse) -> AttendeeStatus {
    match response {
        UserResponse::Accept => AttendeeStatus::Accepted,
        UserResponse::Decline => AttendeeStatus::Declined,
        UserResponse::Tentative => AttendeeStatus::Tentative,
    }
}
