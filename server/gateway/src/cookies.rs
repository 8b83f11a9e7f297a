//! Which cookies of a client reach the mail server.
//!
//! A cookie can be a session of web mail or of a proxy in front of the mail server, and whoever takes it there may take it for
//! a sign-in. The gateway cannot tell whose it is. So cookies go only with a sign-in that has been decided upon, and of them
//! only those by which a load balancer or Exchange finds the server again.

use std::io;

use fleet::access::{RequestFacts, SignIn};

use crate::buffer::Buffer;

/// Cookies by which Exchange finds the server of a mailbox: 2013 and later, 2010, and the one that clients set themselves. None of
/// them signs anybody in.
pub(crate) const ROUTING: [&str; 4] =
    ["X-BackEndCookie", "ClientId", "exchangecookie", "DefaultAnchorMailbox"];

/// Returns whether a request signs in by itself, so that a cookie can at most say where to.
pub(crate) fn go_with(facts: &RequestFacts) -> bool {
    match facts.sign_in {
        SignIn::Basic { .. } => true,
        // A token does not tell whose it is, but then the certificate does.
        SignIn::Bearer => facts.certificate.is_some(),
        SignIn::Missing | SignIn::Other => false,
    }
}

/// Writes what of a `Cookie` header may go on, if anything. `also` names further cookies; one that ends with `*` stands for all
/// that begin so.
pub(crate) fn write(value: &[u8], also: &[String], to: &mut Buffer) -> io::Result<()> {
    let passing = value.split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|cookie| {
        if !cookie.iter().all(|byte| has_one_reading(*byte)) {
            return false;
        }
        let name = cookie.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
        ROUTING.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name))
            || also.iter().any(|pattern| is_named(name, pattern))
    });
    let line = passing.collect::<Vec<_>>().join(b"; ".as_slice());

    if line.is_empty() { Ok(()) } else { to.add_header("Cookie", &line) }
}

/// Returns whether nobody takes a byte for the end of a cookie, as some readers take commas and quotes (RFC 6265, 4.1.1).
fn has_one_reading(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b'\\')
}

fn is_named(name: &[u8], pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name
            .get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes())),
        None => pattern.as_bytes().eq_ignore_ascii_case(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffer::Buffers;

    #[test]
    fn only_cookies_that_find_a_server_go_on() {
        check(
            "X-BackEndCookie=a==; clientid=b",
            &[],
            "Cookie: X-BackEndCookie=a==; clientid=b\r\n",
        );
        check("a=b;ClientId=c ;; =x;d", &[], "Cookie: ClientId=c\r\n");
        for session in [
            "0xHIGHFLYxSOGo=bob",
            "cadata=1; cadataKey=2",
            "X-BEResource=a~1; X-AnonResource=true",
            "NSC_AAAC=1",
            "MRHSession=1",
            "XClientId=1",
            "ClientIdX=1",
            "ClientId=1, cadata=2",
            "ClientId=1 cadata=2",
            "ClientId=\"1",
            "",
        ] {
            check(session, &[], "");
        }
    }

    #[test]
    fn operators_name_further_ones() {
        let also = ["SERVERID", "BIGipServer*"];
        check(
            "serverid=1; BIGipServerpool=2; x=3",
            &also,
            "Cookie: serverid=1; BIGipServerpool=2\r\n",
        );
        check("SERVERID2=1; BIGip=2", &also, "");
    }

    fn check(value: &str, also: &[&str], expected: &str) {
        let also: Vec<_> = also.iter().map(|name| (*name).to_owned()).collect();
        let mut to = Buffers::new(1).take();
        write(value.as_bytes(), &also, &mut to).unwrap();
        assert_eq!(String::from_utf8(to.filled().to_vec()).unwrap(), expected, "{value}");
    }
}
