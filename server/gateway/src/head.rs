//! The strict reading of a request head: one meaning or none.
//!
//! Whatever two readers could understand differently is refused here, so that the mail server behind the gateway cannot see
//! another request than the one that was decided.

use httparse::Header;

use crate::framing::Framing;

/// Most header lines that the parser has room for; the configured limit may be lower.
pub(crate) const MOST_HEADERS: usize = 128;

/// Why a head is not read, with the HTTP status of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadHead {
    pub(crate) status: u16,
    pub(crate) what: &'static str,
}

const fn bad(what: &'static str) -> BadHead {
    BadHead { status: 400, what }
}

/// A request head with exactly one reading.
#[derive(Debug)]
pub(crate) struct Head<'h, 'b> {
    /// The method, a token.
    pub(crate) method: &'b str,
    /// The path, as it was sent.
    pub(crate) path: &'b str,
    /// What follows the first question mark.
    pub(crate) query: Option<&'b str>,
    /// The only `Host`.
    pub(crate) host: &'b str,
    /// How the body ends.
    pub(crate) framing: Framing,
    /// Whether the client waits for `100 Continue`.
    pub(crate) expects_continue: bool,
    /// Whether the client wants no further request on this connection.
    pub(crate) closes: bool,
    /// All header lines, in order.
    pub(crate) headers: &'h [Header<'b>],
}

impl<'b> Head<'_, 'b> {
    /// Returns the value of the only header `name`, and `Err` if there are several or it is not ASCII.
    pub(crate) fn single(&self, name: &'static str) -> Result<Option<&'b str>, BadHead> {
        single(self.headers, name)
    }
}

/// Finds the end of the head in `bytes`, of which the first `seen` were looked at before.
///
/// Returns the head's length with its empty line, or `None` if it has not ended. Every line must end with CR LF, and no line
/// continues the one before.
pub(crate) fn end_of_head(bytes: &[u8], seen: usize) -> Result<Option<usize>, BadHead> {
    if bytes.first().is_some_and(|first| !first.is_ascii_alphabetic()) {
        return Err(bad("no method"));
    }
    let mut before =
        seen.checked_sub(1).and_then(|last| bytes.get(last)).copied().unwrap_or_default();
    let mut line_is_empty =
        bytes.get(..seen).is_some_and(|seen| seen.ends_with(b"\r\n") || seen.ends_with(b"\r\n\r"));
    for (offset, &byte) in bytes.iter().enumerate().skip(seen) {
        match (before, byte) {
            (b'\r', b'\n') if line_is_empty => return Ok(Some(offset + 1)),
            (b'\r', b'\n') => line_is_empty = true,
            (b'\r', _) => return Err(bad("CR without LF")),
            (_, b'\n') => return Err(bad("LF without CR")),
            (_, b'\r') => {}
            (_, b' ' | b'\t') if line_is_empty => return Err(bad("folded header line")),
            (_, 0..=8 | 11..=31 | 127) => return Err(bad("control character")),
            _ => line_is_empty = false,
        }
        before = byte;
    }
    Ok(None)
}

/// Reads a head that [`end_of_head`] found complete.
pub(crate) fn read<'h, 'b>(
    bytes: &'b [u8],
    space: &'h mut [Header<'b>; MOST_HEADERS],
    most_headers: usize,
) -> Result<Head<'h, 'b>, BadHead> {
    let mut request = httparse::Request::new(space);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length == bytes.len() => {}
        Ok(_) => return Err(bad("head is not one request")),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(BadHead { status: 431, what: "too many header lines" });
        }
        Err(httparse::Error::Version) => return Err(BadHead { status: 505, what: "HTTP version" }),
        Err(_) => return Err(bad("head cannot be read")),
    }
    let (Some(method), Some(target), Some(version)) =
        (request.method, request.path, request.version)
    else {
        return Err(bad("request line cannot be read"));
    };
    if version != 1 {
        return Err(BadHead { status: 505, what: "HTTP version" });
    }
    let headers: &'h [Header<'b>] = request.headers;
    if headers.len() > most_headers {
        return Err(BadHead { status: 431, what: "too many header lines" });
    }
    let (path, query) = split_target(target)?;
    check_names(headers)?;
    let closes = connection(headers)?;
    Ok(Head {
        method,
        path,
        query,
        host: host(headers)?,
        framing: framing(headers)?,
        expects_continue: expects_continue(headers)?,
        closes,
        headers,
    })
}

/// Takes the origin form only: no scheme, no authority, no `*`.
fn split_target(target: &str) -> Result<(&str, Option<&str>), BadHead> {
    if !target.starts_with('/') {
        return Err(bad("request target is not a path"));
    }
    if !target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return Err(bad("request target has a character that must be encoded"));
    }
    Ok(target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query))))
}

/// Refuses names that some servers take for others, and what the gateway never does.
fn check_names(headers: &[Header<'_>]) -> Result<(), BadHead> {
    for header in headers {
        if header.name.contains('_') {
            return Err(bad("header name with an underscore"));
        }
        if header.name.eq_ignore_ascii_case("upgrade")
            || header.name.eq_ignore_ascii_case("http2-settings")
        {
            return Err(bad("upgrade"));
        }
    }
    Ok(())
}

/// Returns whether the connection ends after the answer. `Connection` may not name other headers: removing one on the way
/// would let the server see another request.
fn connection(headers: &[Header<'_>]) -> Result<bool, BadHead> {
    let mut closes = false;
    for header in headers.iter().filter(|header| header.name.eq_ignore_ascii_case("connection")) {
        let value =
            std::str::from_utf8(header.value).map_err(|_| bad("Connection cannot be read"))?;
        for token in value.split(',').map(str::trim).filter(|token| !token.is_empty()) {
            match token.to_ascii_lowercase().as_str() {
                "close" => closes = true,
                "keep-alive" | "te" => {}
                "upgrade" => return Err(bad("upgrade")),
                _ => return Err(bad("Connection names a header")),
            }
        }
    }
    Ok(closes)
}

fn host<'b>(headers: &[Header<'b>]) -> Result<&'b str, BadHead> {
    let Some(host) = single(headers, "host")? else {
        return Err(bad("no Host"));
    };
    let plausible =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    if host.is_empty() || host.len() > 255 || !host.bytes().all(plausible) {
        return Err(bad("Host cannot be read"));
    }
    Ok(host)
}

fn framing(headers: &[Header<'_>]) -> Result<Framing, BadHead> {
    let length = single(headers, "content-length").map_err(|_| bad("several Content-Length"))?;
    let encoding =
        single(headers, "transfer-encoding").map_err(|_| bad("several Transfer-Encoding"))?;
    match (length, encoding) {
        (None, None) => Ok(Framing::Length(0)),
        (Some(_), Some(_)) => Err(bad("Content-Length and Transfer-Encoding")),
        (None, Some(encoding)) if encoding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
        (None, Some(_)) => Err(bad("Transfer-Encoding is not chunked")),
        (Some(length), None) => {
            decimal(length).map(Framing::Length).ok_or(bad("Content-Length is not a number"))
        }
    }
}

/// Reads digits and nothing else, unlike `str::parse`, which takes a plus sign.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn expects_continue(headers: &[Header<'_>]) -> Result<bool, BadHead> {
    match single(headers, "expect")? {
        None => Ok(false),
        Some(value) if value.eq_ignore_ascii_case("100-continue") => Ok(true),
        Some(_) => Err(BadHead { status: 417, what: "Expect is not 100-continue" }),
    }
}

fn single<'b>(headers: &[Header<'b>], name: &'static str) -> Result<Option<&'b str>, BadHead> {
    let mut found = headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
    let Some(first) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        return Err(bad("header twice"));
    }
    let value = std::str::from_utf8(first.value).map_err(|_| bad("header is not text"))?;
    Ok(Some(value.trim_matches([' ', '\t'])))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    #[test]
    fn the_end_of_a_head_is_found_however_it_arrives() {
        let head = b"POST / HTTP/1.1\r\nHost: a\r\n\r\nbody";
        for seen in 0..head.len() - 4 {
            assert_eq!(end_of_head(&head[..seen], 0), Ok(None), "{seen}");
            assert_eq!(end_of_head(head, seen), Ok(Some(head.len() - 4)), "{seen}");
        }
    }

    #[test]
    fn lines_end_with_cr_lf_and_do_not_continue() {
        for (head, what) in [
            ("\r\nPOST / HTTP/1.1\r\n\r\n", "no method"),
            (" POST / HTTP/1.1\r\n\r\n", "no method"),
            ("POST / HTTP/1.1\nHost: a\r\n\r\n", "LF without CR"),
            ("POST / HTTP/1.1\r\nHost: a\n\r\n", "LF without CR"),
            ("POST / HTTP/1.1\r\nHost: a\r\n\n", "LF without CR"),
            ("POST / HTTP/1.1\r\nHost: a\rb\r\n\r\n", "CR without LF"),
            ("POST / HTTP/1.1\r\nHost: a\r\r\n\r\n", "CR without LF"),
            ("POST / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", "folded header line"),
            ("POST / HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n", "folded header line"),
            ("POST / HTTP/1.1\r\nHost: a\0\r\n\r\n", "control character"),
            ("POST / HTTP/1.1\r\nHost: a\x0b\r\n\r\n", "control character"),
        ] {
            assert_eq!(end_of_head(head.as_bytes(), 0), Err(bad(what)), "{head:?}");
        }
    }

    #[test]
    fn a_plain_request_is_read() {
        check(
            "POST /a?b=c HTTP/1.1\r\nHost: mail.test:8443\r\nContent-Length: 12\r\n\r\n",
            Ok(Framing::Length(12)),
        );
        check(
            "POST / HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: Chunked\r\n\r\n",
            Ok(Framing::Chunked),
        );
        check(
            "OPTIONS / HTTP/1.1\r\nhost: a\r\nconnection: TE, Keep-Alive\r\n\r\n",
            Ok(Framing::Length(0)),
        );
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for (lines, what) in [
            (
                "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
                "Content-Length and Transfer-Encoding",
            ),
            (
                "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
                "Content-Length and Transfer-Encoding",
            ),
            ("Content-Length: 1\r\nContent-Length: 1\r\n", "several Content-Length"),
            ("Content-Length: 1, 1\r\n", "Content-Length is not a number"),
            ("Content-Length: +1\r\n", "Content-Length is not a number"),
            ("Content-Length: -1\r\n", "Content-Length is not a number"),
            ("Content-Length: 0x1\r\n", "Content-Length is not a number"),
            ("Content-Length: 99999999999999999999\r\n", "Content-Length is not a number"),
            ("Content-Length:\r\n", "Content-Length is not a number"),
            ("Content-Length : 1\r\n", "head cannot be read"),
            ("Content_Length: 1\r\n", "header name with an underscore"),
            (
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                "several Transfer-Encoding",
            ),
            ("Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding is not chunked"),
            ("Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding is not chunked"),
            ("Transfer-Encoding: xchunked\r\n", "Transfer-Encoding is not chunked"),
            ("Transfer-Encoding: \"chunked\"\r\n", "Transfer-Encoding is not chunked"),
            ("Transfer-Encoding:\r\n", "Transfer-Encoding is not chunked"),
            ("Transfer-Encoding: \u{e9}\r\n", "Transfer-Encoding is not chunked"),
            ("Host: b\r\n", "header twice"),
            ("Connection: close, Authorization\r\n", "Connection names a header"),
            ("Connection: Content-Length\r\n", "Connection names a header"),
            ("Connection: Upgrade\r\n", "upgrade"),
            ("Upgrade: websocket\r\n", "upgrade"),
            ("HTTP2-Settings: AAMAAABkAAQAAP__\r\n", "upgrade"),
            ("No colon\r\n", "head cannot be read"),
            (": no name\r\n", "head cannot be read"),
        ] {
            check(&format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n"), Err(bad(what)));
        }
    }

    #[test]
    fn only_the_origin_form_is_a_target() {
        for (target, what) in [
            ("http://a/", "request target is not a path"),
            ("https://other/Microsoft-Server-ActiveSync", "request target is not a path"),
            ("*", "request target is not a path"),
            ("a:443", "request target is not a path"),
            ("?Cmd=Sync", "request target is not a path"),
            ("/a#b", "request target has a character that must be encoded"),
            ("/\u{e9}", "request target has a character that must be encoded"),
        ] {
            check(&format!("POST {target} HTTP/1.1\r\nHost: a\r\n\r\n"), Err(bad(what)));
        }
        for line in [
            "POST  / HTTP/1.1",
            "POST /  HTTP/1.1",
            "POST\t/ HTTP/1.1",
            "POST / HTTP/1.1 ",
            "POST /",
        ] {
            let text = format!("{line}\r\nHost: a\r\n\r\n");
            let mut space = [httparse::EMPTY_HEADER; MOST_HEADERS];
            assert!(read(text.as_bytes(), &mut space, MOST_HEADERS).is_err(), "{line:?}");
        }
    }

    #[test]
    fn the_host_is_one_plain_name() {
        for line in [
            "",
            "Host:\r\n",
            "Host: a b\r\n",
            "Host: a/b\r\n",
            "Host: user@a\r\n",
            "Host: a\r\nHost: a\r\n",
        ] {
            let text = format!("POST / HTTP/1.1\r\n{line}\r\n");
            let mut space = [httparse::EMPTY_HEADER; MOST_HEADERS];
            assert_eq!(
                read(text.as_bytes(), &mut space, 64).err().map(|bad| bad.status),
                Some(400),
                "{line:?}"
            );
        }
    }

    #[test]
    fn other_versions_and_expectations_have_their_own_answer() {
        check(
            "POST / HTTP/1.0\r\nHost: a\r\n\r\n",
            Err(BadHead { status: 505, what: "HTTP version" }),
        );
        check(
            "POST / HTTP/2.0\r\nHost: a\r\n\r\n",
            Err(BadHead { status: 505, what: "HTTP version" }),
        );
        let expect = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n";
        check(expect, Err(BadHead { status: 417, what: "Expect is not 100-continue" }));
        let many = format!("POST / HTTP/1.1\r\nHost: a\r\n{}\r\n", "A: b\r\n".repeat(64));
        check(&many, Err(BadHead { status: 431, what: "too many header lines" }));
        let far_too_many = format!("POST / HTTP/1.1\r\nHost: a\r\n{}\r\n", "A: b\r\n".repeat(200));
        check(&far_too_many, Err(BadHead { status: 431, what: "too many header lines" }));
    }

    proptest! {
        /// Pieces of requests in any order, so that the reader gets far, and bytes in between.
        #[test]
        fn no_bytes_make_the_reader_panic(
            pieces in vec(select(vec![
                "POST ", "OPTIONS ", "/a?b", " HTTP/1.1", "\r\n", "\r", "\n", "Host: a", "Content-Length: 1", "Transfer-Encoding:",
                "chunked", "Connection: close", ":", " ", "\t", "\0", "\u{e9}", "x",
            ]), 0..30),
            seen in 0_usize..60,
        ) {
            let text = pieces.concat();
            let seen = seen.min(text.len());
            if let (Ok(None), Ok(Some(length))) = (end_of_head(&text.as_bytes()[..seen], 0), end_of_head(text.as_bytes(), seen)) {
                prop_assert_eq!(end_of_head(text.as_bytes(), 0), Ok(Some(length)));
                let mut space = [httparse::EMPTY_HEADER; MOST_HEADERS];
                if let Ok(head) = read(&text.as_bytes()[..length], &mut space, 64) {
                    prop_assert!(head.path.starts_with('/'));
                    prop_assert!(!text.as_bytes()[..length - 4].windows(4).any(|window| window == b"\r\n\r\n"));
                }
            }
        }
    }

    #[track_caller]
    fn check(text: &str, framing: Result<Framing, BadHead>) {
        let mut space = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let head = read(text.as_bytes(), &mut space, 64);
        assert_eq!(head.map(|head| head.framing), framing, "{text:?}");
    }
}
