//! Answers that the gateway gives itself.

use std::io::{self, Write};

use activesync::refusal;
use fleet::access::{Asks, Decision, RefusalAnswer, Verdict};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::buffer::Buffer;

const HTTP_DATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// An answer without anything of the mail server's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OwnAnswer {
    pub(crate) status: u16,
    /// The number in the body that says what the HTTP status does not.
    pub(crate) eas_status: Option<u16>,
    body: Vec<u8>,
    retry_after: Option<u32>,
}

impl OwnAnswer {
    /// Says only a status.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, eas_status: None, body: Vec::new(), retry_after: None }
    }

    /// Asks the client to come back after some seconds.
    pub(crate) fn later(seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::empty(503) }
    }

    /// Says a refusal in the way the client understands, or returns `None` if the request is allowed.
    pub(crate) fn decided(decision: &Decision, asks: &Asks) -> Option<Self> {
        match decision.verdict {
            Verdict::Allow => None,
            Verdict::Refuse(refusal) => Some(Self::refusal(refusal.answer(asks))),
        }
    }

    fn refusal(answer: RefusalAnswer) -> Self {
        let body = answer.body.and_then(|(command, status)| refusal::body(command, status));
        Self {
            status: answer.http,
            eas_status: answer.body.map(|(_, status)| status.0),
            body: body.unwrap_or_default(),
            retry_after: answer.retry_after,
        }
    }

    /// Writes the whole answer.
    pub(crate) fn write(
        &self,
        now: OffsetDateTime,
        closes: bool,
        to: &mut Buffer,
    ) -> io::Result<()> {
        write_status(self.status, now, to)?;
        if !self.body.is_empty() {
            to.add_header("Content-Type", b"application/vnd.ms-sync.wbxml")?;
        }
        if let Some(seconds) = self.retry_after {
            write!(to, "Retry-After: {seconds}\r\n")?;
        }
        if self.status == 501 {
            to.add_header("Allow", b"OPTIONS, POST")?;
        }
        write!(to, "Content-Length: {}\r\n", self.body.len())?;
        to.write_all(if closes { b"Connection: close\r\n\r\n" } else { b"\r\n" })?;
        to.write_all(&self.body)
    }
}

/// Writes the status line and the date.
pub(crate) fn write_status(status: u16, now: OffsetDateTime, to: &mut Buffer) -> io::Result<()> {
    let reason =
        http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    write!(to, "HTTP/1.1 {status} {}\r\n", reason.unwrap_or_default())?;
    let date = now.to_offset(time::UtcOffset::UTC).format(HTTP_DATE).map_err(io::Error::other)?;
    to.add_header("Date", date.as_bytes())
}

#[cfg(test)]
mod tests {
    use activesync::query::{Command, Version};
    use fleet::access::Refusal;
    use time::macros::datetime;

    use super::*;
    use crate::buffer::Buffers;

    #[test]
    fn a_refusal_in_the_body() {
        let asks = Asks::Command {
            command: Command::Ping,
            version: Version::V16_1,
            eas_id: "a".into(),
            device_type: "b".into(),
        };
        insta::assert_snapshot!(written(&OwnAnswer::refusal(Refusal::Device.answer(&asks)), false), @r#"
        HTTP/1.1 200 OK\r
        Date: Sat, 03 Jan 2026 04:05:06 GMT\r
        Content-Type: application/vnd.ms-sync.wbxml\r
        Content-Length: 15\r
        \r
        \x03\x01j\x00\x00\rEG\x03129\x00\x01\x01
        "#);
    }

    #[test]
    fn a_refusal_by_http() {
        insta::assert_snapshot!(written(&OwnAnswer::refusal(Refusal::Device.answer(&Asks::Options)), false), @r"
        HTTP/1.1 403 Forbidden\r
        Date: Sat, 03 Jan 2026 04:05:06 GMT\r
        Content-Length: 0\r
        \r
        ");
        insta::assert_snapshot!(written(&OwnAnswer::refusal(Refusal::Unavailable.answer(&Asks::Options)), true), @r"
        HTTP/1.1 503 Service Unavailable\r
        Date: Sat, 03 Jan 2026 04:05:06 GMT\r
        Retry-After: 30\r
        Content-Length: 0\r
        Connection: close\r
        \r
        ");
    }

    fn written(answer: &OwnAnswer, closes: bool) -> String {
        let mut to = Buffers::new(1).take();
        answer.write(datetime!(2026-01-03 06:05:06 +2), closes, &mut to).unwrap();
        to.filled().escape_ascii().to_string().replace("\\n", "\n")
    }
}
