//! From a request head to the facts that are decided upon, and to the head that the mail server sees.

use std::borrow::Cow;
use std::io::{self, Write};

use activesync::query::{Query, QueryError};
use data_encoding::{BASE64, BASE64_NOPAD};
use fleet::access::{Asks, RequestFacts, SignIn};
use zeroize::Zeroizing;

use crate::buffer::Buffer;
use crate::client::Client;
use crate::config::ACTIVESYNC_PATH;
use crate::cookies;
use crate::framing::Framing;
use crate::head::Head;
use crate::journal::shown;
use crate::upstream::Upstream;

/// Headers of a client that reach the mail server, besides some cookies. Everything else stays here: names that a server trusts
/// because a proxy sets them cannot come from outside.
const FORWARDED: [&str; 14] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "client-request-id",
    "content-encoding",
    "content-type",
    "ms-asacceptmultipart",
    "ms-asprotocolversion",
    "pragma",
    "user-agent",
    "x-ms-policykey",
];

/// Headers that the gateway or the mail server acts upon, and that are therefore there once at most.
const SINGLE: [&str; 7] = [
    "authorization",
    "content-encoding",
    "content-type",
    "ms-asacceptmultipart",
    "ms-asprotocolversion",
    "user-agent",
    "x-ms-policykey",
];

/// What an operator lets through besides.
#[derive(Debug)]
pub(crate) struct Forwarded {
    /// Names of headers.
    pub(crate) headers: Vec<String>,
    /// Names of cookies.
    pub(crate) cookies: Vec<String>,
}

/// Whose a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// The mail server's ActiveSync.
    ActiveSync,
    /// Nobody's: web mail, EWS, autodiscover and whatever else a mail server has.
    Closed,
    /// That of the app, served in process.
    Face,
}

/// Assigns a path. Only exact ASCII counts: a path with percent signs, dots or empty segments belongs to nobody.
pub(crate) fn route(path: &str) -> Route {
    if path.eq_ignore_ascii_case(ACTIVESYNC_PATH) {
        return Route::ActiveSync;
    }
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.');
    let odd = path.contains("//") || path.contains("/.") || !path.bytes().all(plain);
    let face = path == "/join" || path.strip_prefix("/app/").is_some_and(|rest| !rest.is_empty());
    if face && !odd { Route::Face } else { Route::Closed }
}

/// Collects what a request to ActiveSync says about itself.
pub(crate) fn facts(head: &Head<'_, '_>, client: &Client) -> RequestFacts {
    let mut facts = RequestFacts {
        asks: Asks::Options,
        query_user: None,
        sign_in: SignIn::Missing,
        certificate: client.certificate(),
        user_agent: None,
        peer: client.peer(),
    };
    if let Err(malformed) = read(head, &mut facts) {
        facts.asks = malformed;
    }
    facts
}

fn read(head: &Head<'_, '_>, facts: &mut RequestFacts) -> Result<(), Asks> {
    for name in SINGLE {
        head.single(name).map_err(|bad| malformed(bad.status, bad.what))?;
    }
    let header = |name| head.single(name).ok().flatten();
    facts.user_agent = header("user-agent").map(str::to_owned);
    facts.sign_in = header("authorization").map_or(Ok(SignIn::Missing), sign_in)?;
    match head.method {
        "OPTIONS" if head.framing == Framing::Length(0) => Ok(()),
        "OPTIONS" => Err(malformed(400, "OPTIONS with a body")),
        "POST" => command(head, facts),
        _ => Err(malformed(501, "neither POST nor OPTIONS")),
    }
}

fn command(head: &Head<'_, '_>, facts: &mut RequestFacts) -> Result<(), Asks> {
    let text = head.query.ok_or_else(|| malformed(400, "no query"))?;
    if text.contains(';') {
        return Err(malformed(400, "semicolon in the query"));
    }
    let header = |name| head.single(name).ok().flatten();
    let query = Query::parse(text)
        .and_then(|query| {
            query.with_headers(
                header("ms-asprotocolversion"),
                header("x-ms-policykey"),
                header("ms-asacceptmultipart"),
            )
        })
        .map_err(unreadable)?;
    facts.query_user = query.user;
    facts.asks = Asks::Command {
        command: query.command,
        version: query.version.ok_or_else(|| malformed(400, "no protocol version"))?,
        eas_id: query.device_id.as_str().to_ascii_lowercase(),
        device_type: query.device_type,
    };
    Ok(())
}

fn unreadable(error: QueryError) -> Asks {
    let status = if matches!(error, QueryError::UnknownCommand(_)) { 501 } else { 400 };
    malformed(status, shown(&error.to_string()))
}

fn malformed(status: u16, what: impl Into<Cow<'static, str>>) -> Asks {
    Asks::Malformed { status, what: what.into() }
}

/// Reads the scheme and, for Basic, the name. The password is overwritten before this returns.
fn sign_in(value: &str) -> Result<SignIn, Asks> {
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(SignIn::Bearer);
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(SignIn::Other);
    }
    basic_user(rest.trim_start())
        .map(|user| SignIn::Basic { user })
        .ok_or_else(|| malformed(400, "Basic cannot be read"))
}

fn basic_user(credentials: &str) -> Option<String> {
    let encoding = if credentials.len().is_multiple_of(4) { BASE64 } else { BASE64_NOPAD };
    let decoded = Zeroizing::new(encoding.decode(credentials.as_bytes()).ok()?);
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let user = decoded.get(..colon)?;
    // Old clients write ISO-8859-1, whose bytes are the code points.
    let user = str::from_utf8(user)
        .map_or_else(|_| user.iter().copied().map(char::from).collect(), str::to_owned);
    (!user.is_empty() && !user.chars().any(char::is_control)).then_some(user)
}

/// Writes the head that the mail server gets: canonical path, its own name as host, one framing, and the headers it needs.
pub(crate) fn write_head(
    head: &Head<'_, '_>,
    facts: &RequestFacts,
    upstream: &Upstream,
    also: &Forwarded,
    to: &mut Buffer,
) -> io::Result<()> {
    write!(to, "{} {}", head.method, upstream.path())?;
    if let Some(query) = head.query.filter(|_| head.method == "POST") {
        write!(to, "?{query}")?;
    }
    write!(to, " HTTP/1.1\r\nHost: {}\r\n", upstream.authority())?;
    for header in head.headers {
        let name = header.name;
        let forwarded = FORWARDED.iter().any(|known| known.eq_ignore_ascii_case(name))
            || also.headers.iter().any(|known| known.eq_ignore_ascii_case(name));
        if name.eq_ignore_ascii_case("cookie") {
            if cookies::go_with(facts) {
                cookies::write(header.value, &also.cookies, to)?;
            }
        } else if forwarded {
            to.add_header(name, header.value)?;
        }
    }
    match head.framing {
        Framing::Chunked => write!(to, "Transfer-Encoding: chunked\r\n")?,
        Framing::Length(length) if head.method == "POST" => {
            write!(to, "Content-Length: {length}\r\n")?
        }
        Framing::Length(_) | Framing::UntilClose => {}
    }
    write!(
        to,
        "X-Forwarded-For: {}\r\nX-Forwarded-Proto: https\r\n\r\n",
        facts.peer.ip().to_canonical()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_exactly_one() {
        for path in [
            "/Microsoft-Server-ActiveSync",
            "/microsoft-server-activesync",
            "/MICROSOFT-SERVER-ACTIVESYNC",
        ] {
            assert_eq!(route(path), Route::ActiveSync, "{path}");
        }
        for path in ["/join", "/app/v1/status", "/app/v1/registration/start"] {
            assert_eq!(route(path), Route::Face, "{path}");
        }
        for path in [
            "/",
            "/Microsoft-Server-ActiveSync/",
            "/Microsoft-Server-ActiveSync/default.eas",
            "//Microsoft-Server-ActiveSync",
            "/./Microsoft-Server-ActiveSync",
            "/app/../Microsoft-Server-ActiveSync",
            "/%4dicrosoft-Server-ActiveSync",
            "/Microsoft-Server-ActiveSync%20",
            "/Microsoft-Server-ActiveSync%00",
            "/Microsoft-Server-ActiveSync;x",
            "/EWS/Exchange.asmx",
            "/owa/",
            "/autodiscover/autodiscover.xml",
            "/app",
            "/app/",
            "/App/v1/status",
            "/app//v1",
            "/app/v1/../../join",
            "/app/v1/%2e%2e",
            "/app/v1\\status",
            "/join/",
            "/joint",
        ] {
            assert_eq!(route(path), Route::Closed, "{path}");
        }
    }

    #[test]
    fn the_user_of_a_sign_in_is_read() {
        let basic = |text: &[u8]| sign_in(&format!("Basic {}", BASE64.encode(text)));
        let user = |user: &str| Ok(SignIn::Basic { user: user.to_owned() });
        assert_eq!(basic(b"alice:secret"), user("alice"));
        assert_eq!(basic(b"EXAMPLE\\alice:se:cret"), user("EXAMPLE\\alice"));
        assert_eq!(basic("jörg:x".as_bytes()), user("jörg"));
        assert_eq!(basic(b"j\xf6rg:x"), user("jörg"));
        assert_eq!(sign_in("BASIC  YTpi"), user("a"));
        assert_eq!(sign_in("Bearer abc"), Ok(SignIn::Bearer));
        assert_eq!(sign_in("Bearer"), Ok(SignIn::Bearer));
        for other in
            ["NTLM TlRMTVNTUAAB", "Negotiate YII", "Digest username=\"a\"", "", "Basic\tYTpi"]
        {
            assert_eq!(sign_in(other), Ok(SignIn::Other), "{other}");
        }
    }

    #[test]
    fn a_basic_sign_in_that_cannot_be_read_is_malformed() {
        for text in [
            "Basic",
            "Basic ",
            "Basic YTpi YTpi",
            "Basic YTpi=",
            "Basic YT*i",
            "Basic YWI=",
            "Basic OmI=",
        ] {
            assert_eq!(sign_in(text), Err(malformed(400, "Basic cannot be read")), "{text}");
        }
        let with_control = format!("Basic {}", BASE64.encode(b"a\nb:c"));
        assert_eq!(sign_in(&with_control), Err(malformed(400, "Basic cannot be read")));
    }
}
