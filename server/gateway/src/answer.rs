//! From the head of the mail server's answer to the head that the client sees.

use std::io::Write;

use activesync::query::{Command, Version};
use httparse::Header;

use crate::buffer::Buffer;
use crate::config::ACTIVESYNC_PATH;
use crate::framing::Framing;
use crate::head::{MOST_HEADERS, decimal};
use crate::journal::shown;

/// Headers that end at the gateway, or that would lead the client around it.
const DROPPED: [&str; 10] = [
    "alt-svc",
    "connection",
    "content-length",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The mailbox is elsewhere; `X-MS-Location` says where.
const MOVED: u16 = 451;

/// What the head of an answer says about what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// How the body ends.
    pub(crate) framing: Framing,
    /// Whether the server takes another request on this connection.
    pub(crate) reusable: bool,
}

/// What stands at the front of the bytes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A head of `length` bytes; the client's is written.
    Final { length: usize, answer: Answer },
    /// A notice of `length` bytes that the real answer follows.
    Interim { length: usize },
    /// Only the beginning of a head.
    Part,
}

/// Who reads the answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    /// The name under which the client reached the gateway.
    pub(crate) host: &'a str,
    /// The name under which the gateway reaches the mail server.
    pub(crate) upstream: &'a str,
    /// Whether its connection ends with this answer.
    pub(crate) closes: bool,
}

/// Why the answer cannot be passed on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadAnswer {
    /// The mailbox is at another mail server, and the gateway goes to none that it was not told of.
    #[error(
        "the mail server says that the mailbox is at {0}, which is not the configured mail server"
    )]
    Elsewhere(String),
    /// It has no clear reading.
    #[error("{0}")]
    Unclear(&'static str),
}

/// Reads the head at the front of `bytes` and, if it is whole, writes the one for the client to `to`.
pub(crate) fn translate(
    bytes: &[u8],
    reader: Reader<'_>,
    to: &mut Buffer,
) -> Result<Found, BadAnswer> {
    let mut space = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut space);
    let length = match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(Found::Part),
        Err(_) => return Err(BadAnswer::Unclear("answer head cannot be read")),
    };
    let status = response.code.unwrap_or_default();
    match status {
        101 => return Err(BadAnswer::Unclear("switching protocols")),
        100..200 => return Ok(Found::Interim { length }),
        200..600 => {}
        _ => return Err(BadAnswer::Unclear("answer status out of range")),
    }
    if status == MOVED {
        check_location(response.headers, reader)?;
    }
    let framing = framing(status, response.headers)?;
    let reusable =
        response.version == Some(1) && framing != Framing::UntilClose && !closes(response.headers);
    write(status, framing, response.reason.unwrap_or_default(), response.headers, reader, to)
        .map_err(|_| BadAnswer::Unclear("answer head too long"))?;
    Ok(Found::Final { length, answer: Answer { status, framing, reusable } })
}

/// Refuses an answer that sends a client to another mail server: with the gateway's name in its place, the client would ask here for
/// ever, and with its own, the client would go around the gateway.
fn check_location(headers: &[Header<'_>], reader: Reader<'_>) -> Result<(), BadAnswer> {
    let named = headers.iter().find(|header| header.name.eq_ignore_ascii_case("x-ms-location"));
    let Some(named) = named else { return Ok(()) };
    let location = str::from_utf8(named.value).unwrap_or_default().trim();
    let authority = authority(location);
    if [reader.upstream, reader.host].iter().any(|known| known.eq_ignore_ascii_case(authority)) {
        return Ok(());
    }

    Err(BadAnswer::Elsewhere(shown(authority)))
}

/// Returns the host of an address, with its port if that is not the scheme's own.
fn authority(location: &str) -> &str {
    let (rest, port) = match (location.strip_prefix("https://"), location.strip_prefix("http://")) {
        (Some(rest), _) => (rest, ":443"),
        (None, Some(rest)) => (rest, ":80"),
        (None, None) => (location, ""),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();

    authority.strip_suffix(port).unwrap_or(authority)
}

fn framing(status: u16, headers: &[Header<'_>]) -> Result<Framing, BadAnswer> {
    let mut length = None;
    let mut chunked = false;
    for header in headers {
        let value = str::from_utf8(header.value).unwrap_or_default().trim_matches([' ', '\t']);
        if header.name.eq_ignore_ascii_case("content-length") {
            let number = decimal(value)
                .ok_or(BadAnswer::Unclear("Content-Length of the answer is not a number"))?;
            if length.replace(number).is_some() {
                return Err(BadAnswer::Unclear("several Content-Length in the answer"));
            }
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            if chunked || !value.eq_ignore_ascii_case("chunked") {
                return Err(BadAnswer::Unclear("Transfer-Encoding of the answer is not chunked"));
            }
            chunked = true;
        }
    }
    match (status, chunked, length) {
        (204 | 304, _, _) => Ok(Framing::Length(0)),
        (_, true, Some(_)) => {
            Err(BadAnswer::Unclear("Content-Length and Transfer-Encoding in the answer"))
        }
        (_, true, None) => Ok(Framing::Chunked),
        (_, false, Some(length)) => Ok(Framing::Length(length)),
        (_, false, None) => Ok(Framing::UntilClose),
    }
}

fn closes(headers: &[Header<'_>]) -> bool {
    let close = |value: &[u8]| {
        str::from_utf8(value).is_ok_and(|value| {
            value.split(',').any(|token| token.trim().eq_ignore_ascii_case("close"))
        })
    };
    headers
        .iter()
        .any(|header| header.name.eq_ignore_ascii_case("connection") && close(header.value))
}

fn write(
    status: u16,
    framing: Framing,
    reason: &str,
    headers: &[Header<'_>],
    reader: Reader<'_>,
    to: &mut Buffer,
) -> std::io::Result<()> {
    write!(to, "HTTP/1.1 {status} {reason}\r\n")?;
    for Header { name, value } in headers {
        if name.eq_ignore_ascii_case("x-ms-location") {
            // The server names itself, which clients cannot reach; the gateway is in front of it.
            write!(to, "{name}: https://{}{ACTIVESYNC_PATH}\r\n", reader.host)?;
        } else if let Some(is_known) = announced(name) {
            to.add_header(name, known_of(value, is_known).as_bytes())?;
        } else if !DROPPED.iter().any(|dropped| dropped.eq_ignore_ascii_case(name))
            && !is_unusable_offer(name, value)
        {
            to.add_header(name, value)?;
        }
    }
    match framing {
        Framing::Chunked | Framing::UntilClose => write!(to, "Transfer-Encoding: chunked\r\n")?,
        Framing::Length(0) if matches!(status, 204 | 304) => {}
        Framing::Length(length) => write!(to, "Content-Length: {length}\r\n")?,
    }
    to.write_all(if reader.closes { b"Connection: close\r\n\r\n" } else { b"\r\n" })
}

/// Returns what may stand in a header that announces what the server can do. What the gateway refuses is not announced.
fn announced(name: &str) -> Option<fn(&str) -> bool> {
    if name.eq_ignore_ascii_case("ms-asprotocolversions") || name.eq_ignore_ascii_case("x-ms-rp") {
        Some(|version| Version::parse(version).is_some())
    } else if name.eq_ignore_ascii_case("ms-asprotocolcommands") {
        Some(|command| Command::from_name(command.trim()).is_some())
    } else {
        None
    }
}

fn known_of(value: &[u8], is_known: fn(&str) -> bool) -> String {
    let value = str::from_utf8(value).unwrap_or_default();
    value.split(',').filter(|one| is_known(one)).collect::<Vec<_>>().join(",")
}

/// Returns whether this offers a sign-in that would hold for a whole connection to the server, which many clients share.
fn is_unusable_offer(name: &str, value: &[u8]) -> bool {
    let begins = |scheme: &str| {
        value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
    };
    name.eq_ignore_ascii_case("www-authenticate") && (begins("ntlm") || begins("negotiate"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffer::Buffers;

    #[test]
    fn an_answer_is_passed_on_without_what_ends_here() {
        let (found, text) = translated(
            "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\
             Set-Cookie: a=b\r\nAlt-Svc: h3\r\nSet-Cookie: c=d\r\nMS-ASProtocolVersions: 14.1,16.1\r\n\r\nhello",
        );
        let answer = Answer { status: 200, framing: Framing::Length(5), reusable: true };
        assert!(
            matches!(found, Ok(Found::Final { answer: found, .. }) if found == answer),
            "{found:?}"
        );
        insta::assert_snapshot!(text, @"
        HTTP/1.1 200 OK
        Server: x
        Set-Cookie: a=b
        Set-Cookie: c=d
        MS-ASProtocolVersions: 14.1,16.1
        Content-Length: 5
        ");
    }

    #[test]
    fn the_client_is_never_led_around_the_gateway() {
        let (_, text) = translated(
            "HTTP/1.1 451 Redirect\r\nX-MS-Location: https://inner.example.org/Microsoft-Server-ActiveSync\r\n\
             Content-Length: 0\r\n\r\n",
        );
        insta::assert_snapshot!(text, @"
        HTTP/1.1 451 Redirect
        X-MS-Location: https://mail.test/Microsoft-Server-ActiveSync
        Content-Length: 0
        ");
    }

    #[test]
    fn a_client_is_not_sent_to_a_mail_server_that_nobody_configured() {
        for (location, elsewhere) in [
            ("https://inner.example.org", None),
            ("https://INNER.example.org:443/Microsoft-Server-ActiveSync", None),
            ("https://mail.test/", None),
            ("https://inner.example.org:444/", Some("inner.example.org:444")),
            ("https://other.example.org/eas", Some("other.example.org")),
            ("http://other.example.org:80", Some("other.example.org")),
            ("https://inner.example.org@evil.example/", Some("inner.example.org@evil.example")),
            ("", Some("")),
        ] {
            let (found, _) = translated(&format!(
                "HTTP/1.1 451 Redirect\r\nX-MS-Location: {location}\r\nContent-Length: 0\r\n\r\n"
            ));
            let error = elsewhere.map(|host| BadAnswer::Elsewhere(host.to_owned()));
            assert_eq!(found.err(), error, "{location}");
        }
        let (found, _) = translated("HTTP/1.1 451 Redirect\r\nContent-Length: 0\r\n\r\n");
        assert!(found.is_ok(), "the client has to look for itself");
    }

    #[test]
    fn what_the_gateway_refuses_is_not_announced() {
        let (_, text) = translated(
            "HTTP/1.1 200 OK\r\nMS-ASProtocolVersions: 2.5,12.0,12.1, 14.0,14.1\r\nX-MS-RP: 2.5,16.1\r\n\
             MS-ASProtocolCommands: Sync,GetHierarchy,Ping\r\nContent-Length: 0\r\n\r\n",
        );
        insta::assert_snapshot!(text, @"
        HTTP/1.1 200 OK
        MS-ASProtocolVersions: 12.1, 14.0,14.1
        X-MS-RP: 16.1
        MS-ASProtocolCommands: Sync,Ping
        Content-Length: 0
        ");
    }

    #[test]
    fn a_sign_in_of_the_connection_is_not_offered() {
        let (_, text) = translated(
            "HTTP/1.1 401 \r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n\
             WWW-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n",
        );
        insta::assert_snapshot!(text, @r#"
        HTTP/1.1 401 
        WWW-Authenticate: Basic realm="a"
        Content-Length: 0
        "#);
    }

    #[test]
    fn each_end_of_a_body_is_understood() {
        for (head, framing, reusable) in [
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked", Framing::Chunked, true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0", Framing::Length(0), true),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: TE, Close",
                Framing::Length(7),
                false,
            ),
            ("HTTP/1.0 200 OK\r\nContent-Length: 7", Framing::Length(7), false),
            ("HTTP/1.1 200 OK\r\nServer: a", Framing::UntilClose, false),
            ("HTTP/1.1 204 No Content\r\nServer: a", Framing::Length(0), true),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9", Framing::Length(0), true),
        ] {
            let found = translated(&format!("{head}\r\n\r\n")).0;
            let Ok(Found::Final { answer, .. }) = found else { panic!("{head}: {found:?}") };
            assert_eq!((answer.framing, answer.reusable), (framing, reusable), "{head}");
        }
    }

    #[test]
    fn an_answer_with_two_readings_is_not_passed_on() {
        for (head, error) in [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1",
                "several Content-Length in the answer",
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1, 1",
                "Content-Length of the answer is not a number",
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
                "Content-Length and Transfer-Encoding in the answer",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked",
                "Transfer-Encoding of the answer is not chunked",
            ),
            ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x", "switching protocols"),
            ("HTTP/1.1 999 ?", "answer status out of range"),
            ("SSH-2.0", "answer head cannot be read"),
        ] {
            assert_eq!(
                translated(&format!("{head}\r\n\r\n")).0,
                Err(BadAnswer::Unclear(error)),
                "{head}"
            );
        }
    }

    #[test]
    fn notices_before_the_answer_are_recognised() {
        assert_eq!(
            translated("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200").0,
            Ok(Found::Interim { length: 25 })
        );
        assert_eq!(translated("HTTP/1.1 200 OK\r\nContent-").0, Ok(Found::Part));
    }

    fn translated(text: &str) -> (Result<Found, BadAnswer>, String) {
        let mut to = Buffers::new(1).take();
        let found = translate(
            text.as_bytes(),
            Reader { host: "mail.test", upstream: "inner.example.org", closes: false },
            &mut to,
        );
        (found, String::from_utf8(to.filled().to_vec()).unwrap().replace("\r\n", "\n"))
    }
}
