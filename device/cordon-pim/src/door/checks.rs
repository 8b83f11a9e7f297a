//! Who may come in: an ordered list of questions to each request, before anything reads its body.

use crate::door::peer::Peer;
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::{HeaderMap, Method, StatusCode, Uri};

/// Where requests may come from, fixed when the door was opened.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    /// `127.0.0.1:PORT`.
    pub(crate) host: String,
    /// `http://127.0.0.1:PORT`.
    pub(crate) origin: String,
}

impl Address {
    pub(crate) fn new(port: u16) -> Self {
        Self { host: format!("127.0.0.1:{port}"), origin: format!("http://127.0.0.1:{port}") }
    }
}

/// Why a request was turned away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    /// The browser says that another site made the request.
    CrossSite,
    /// The request comes from a page of another origin.
    ForeignOrigin,
    /// Another user of this machine connected.
    ForeignUser,
    /// A change without saying which page asks for it.
    MissingOrigin,
    /// The address was reached under another name, as in DNS rebinding.
    WrongHost,
}

impl Refusal {
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::CrossSite | Self::ForeignOrigin | Self::ForeignUser | Self::MissingOrigin => {
                StatusCode::FORBIDDEN
            }
            Self::WrongHost => StatusCode::MISDIRECTED_REQUEST,
        }
    }
}

/// Judges a request by what came before its body.
pub(crate) fn admit(
    door: &Address,
    peer: Peer,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    if peer == Peer::Foreign {
        return Err(Refusal::ForeignUser);
    }
    let elsewhere = uri.authority().is_some_and(|authority| authority.as_str() != door.host);
    if only(headers, HOST.as_str()) != Single::Is(&door.host) || elsewhere {
        return Err(Refusal::WrongHost);
    }
    let safe = method == Method::GET || method == Method::HEAD;
    match only(headers, ORIGIN.as_str()) {
        Single::Is(origin) if origin == door.origin => {}
        Single::Is(_) | Single::Several => return Err(Refusal::ForeignOrigin),
        Single::Missing if safe => {}
        Single::Missing => return Err(Refusal::MissingOrigin),
    }
    match only(headers, "sec-fetch-site") {
        Single::Is("same-origin" | "none") | Single::Missing => Ok(()),
        // The file with the ticket leads here from outside, and a reload repeats that; the page alone gives nothing away.
        Single::Is(_) if safe && is_page(uri) && is_navigation(headers) => Ok(()),
        Single::Is(_) | Single::Several => Err(Refusal::CrossSite),
    }
}

/// Returns the bearer token of a request (RFC 6750 §2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    match only(headers, AUTHORIZATION.as_str()) {
        Single::Is(value) => value.strip_prefix("Bearer "),
        Single::Missing | Single::Several => None,
    }
}

/// Tells whether a path is one of the page's own, and neither a file of it nor of the interface.
fn is_page(uri: &Uri) -> bool {
    let path = uri.path();
    let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    !is_file && !path.starts_with("/api/") && !path.starts_with("/frame/")
}

fn is_navigation(headers: &HeaderMap) -> bool {
    only(headers, "sec-fetch-mode") == Single::Is("navigate")
        && only(headers, "sec-fetch-dest") == Single::Is("document")
}

/// A header that must not come twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Single<'a> {
    Is(&'a str),
    Missing,
    /// More than one, or one that is not text.
    Several,
}

fn only<'a>(headers: &'a HeaderMap, name: &str) -> Single<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Single::Missing,
        (Some(value), None) => value.to_str().map_or(Single::Several, Single::Is),
        (Some(_), Some(_)) => Single::Several,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST_IS: (&str, &str) = ("host", "127.0.0.1:4711");
    const ORIGIN_IS: (&str, &str) = ("origin", "http://127.0.0.1:4711");

    #[test]
    fn the_pages_own_requests_come_in() {
        check("GET", "/", &[HOST_IS], Ok(()));
        check("GET", "/api/state", &[HOST_IS, ("sec-fetch-site", "same-origin")], Ok(()));
        check(
            "POST",
            "/api/lock",
            &[HOST_IS, ORIGIN_IS, ("sec-fetch-site", "same-origin")],
            Ok(()),
        );
        check("GET", "/", &[HOST_IS, ("sec-fetch-site", "none")], Ok(()));
        check("GET", "http://127.0.0.1:4711/", &[HOST_IS], Ok(()));
    }

    #[test]
    fn another_name_for_the_address_is_refused() {
        for host in
            ["evil.example", "localhost:4711", "127.0.0.1", "127.0.0.1:4712", "127.0.0.1:4711.", ""]
        {
            check("GET", "/", &[("host", host)], Err(Refusal::WrongHost));
        }
        check("GET", "/", &[], Err(Refusal::WrongHost));
        check("GET", "/", &[HOST_IS, HOST_IS], Err(Refusal::WrongHost));
        check("GET", "http://evil.example/", &[HOST_IS], Err(Refusal::WrongHost));
    }

    #[test]
    fn another_origin_is_refused_whatever_it_asks_for() {
        for origin in [
            "http://evil.example",
            "null",
            "https://127.0.0.1:4711",
            "http://127.0.0.1:4712",
            "file://",
        ] {
            check("GET", "/", &[HOST_IS, ("origin", origin)], Err(Refusal::ForeignOrigin));
            check("POST", "/api/lock", &[HOST_IS, ("origin", origin)], Err(Refusal::ForeignOrigin));
        }
        check("POST", "/api/lock", &[HOST_IS, ORIGIN_IS, ORIGIN_IS], Err(Refusal::ForeignOrigin));
    }

    #[test]
    fn a_change_needs_an_origin() {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            check(method, "/api/lock", &[HOST_IS], Err(Refusal::MissingOrigin));
        }
    }

    #[test]
    fn what_another_site_makes_the_browser_do_is_refused() {
        for site in ["cross-site", "same-site"] {
            check(
                "GET",
                "/api/state",
                &[HOST_IS, ("sec-fetch-site", site)],
                Err(Refusal::CrossSite),
            );
            check(
                "GET",
                "/assets/index.js",
                &[HOST_IS, ("sec-fetch-site", site)],
                Err(Refusal::CrossSite),
            );
            check(
                "POST",
                "/api/lock",
                &[HOST_IS, ORIGIN_IS, ("sec-fetch-site", site)],
                Err(Refusal::CrossSite),
            );
        }
    }

    #[test]
    fn only_the_page_itself_may_be_opened_from_the_file_with_the_ticket_and_reloaded() {
        let from_file = [
            HOST_IS,
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        check("GET", "/", &from_file, Ok(()));
        check("GET", "/folders/7", &from_file, Ok(()));
        check("GET", "/assets/index.js", &from_file, Err(Refusal::CrossSite));
        check("GET", "/api/state", &from_file, Err(Refusal::CrossSite));
        check("GET", "/frame/x", &from_file, Err(Refusal::CrossSite));
        let framed = [
            HOST_IS,
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "iframe"),
        ];
        check("GET", "/", &framed, Err(Refusal::CrossSite));
    }

    #[test]
    fn another_user_is_refused_before_anything_else() {
        let request = http::Request::get("/").body(()).unwrap();

        let verdict = admit(
            &Address::new(4711),
            Peer::Foreign,
            request.method(),
            request.uri(),
            request.headers(),
        );

        assert_eq!(verdict, Err(Refusal::ForeignUser));
    }

    #[test]
    fn a_bearer_token_is_taken_from_one_header_alone() {
        let token = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("authorization", http::HeaderValue::from_static(value));
            }
            bearer(&headers).map(str::to_owned)
        };

        assert_eq!(token(&["Bearer abc"]), Some("abc".to_owned()));
        assert_eq!(token(&["Basic abc"]), None);
        assert_eq!(token(&["Bearer abc", "Bearer def"]), None);
        assert_eq!(token(&[]), None);
    }

    #[track_caller]
    fn check(
        method: &str,
        uri: &str,
        headers: &[(&'static str, &str)],
        expected: Result<(), Refusal>,
    ) {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).unwrap();

        let verdict = admit(
            &Address::new(4711),
            Peer::Ours,
            request.method(),
            request.uri(),
            request.headers(),
        );

        assert_eq!(verdict, expected, "{method} {uri} {headers:?}");
    }
}
