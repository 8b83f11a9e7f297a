//! What stands between the network and the handlers.

use crate::extract::SignedIn;
use crate::problem::Problem;
use crate::{Console, cookie};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use fleet::administrator::SessionRefusal;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, Method, StatusCode};

/// The page's own scripts set this header; a form or an image of another site cannot.
const OWN: HeaderName = HeaderName::from_static("x-cordon-console");
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; \
    object-src 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html default";

const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), \
             microphone=(), midi=(), payment=(), serial=(), usb=()",
        ),
    ),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// Gives every answer the headers that keep other sites and injected markup out, unless it has its own.
pub(crate) async fn set_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }

    response
}

/// Lets only the console's own page call: browsers say where a request comes from, and only the page sets the header.
pub(crate) async fn demand_same_origin(request: Request, next: Next) -> Response {
    if is_own(request.method(), request.headers()) {
        return next.run(request).await;
    }

    Problem::new(
        StatusCode::FORBIDDEN,
        "foreign_origin",
        "the request does not come from the console's own page; other pages cannot call this API",
    )
    .into_response()
}

/// Demands a session that lasts, and tells the handler whose it is.
pub(crate) async fn demand_session(
    State(console): State<Console>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(token) = cookie::token(request.headers()) else {
        return Err(Problem::refused(&SessionRefusal));
    };
    let session = console.operations().session(&token).await?;
    request.extensions_mut().insert(SignedIn { session, token });

    Ok(next.run(request).await)
}

fn is_own(method: &Method, headers: &HeaderMap) -> bool {
    let reads = *method == Method::GET || *method == Method::HEAD;
    // A file that is opened by a link, such as a certificate, comes without the page's header, and after typing an
    // address without a site.
    let site = match headers.get(SITE).map(HeaderValue::as_bytes) {
        None | Some(b"same-origin") => true,
        Some(b"none") => reads,
        Some(_) => false,
    };

    site && has_own_origin(headers) && (reads || headers.contains_key(OWN))
}

fn has_own_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let Some((_, authority)) = origin.to_str().ok().and_then(|origin| origin.split_once("://"))
    else {
        return false;
    };

    headers.get(HOST).is_some_and(|host| host.as_bytes().eq_ignore_ascii_case(authority.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSOLE: (&str, &str) = ("x-cordon-console", "1");
    const HOST: (&str, &str) = ("host", "console.example:8444");

    #[test]
    fn the_page_itself_may_call() {
        let own = ("origin", "https://console.example:8444");
        let site = ("sec-fetch-site", "same-origin");

        check(Method::GET, &[HOST, site, CONSOLE], true);
        check(Method::POST, &[HOST, site, own, CONSOLE], true);
        check(Method::POST, &[HOST, CONSOLE], true);
        check(Method::DELETE, &[("host", "Console.Example:8444"), own, CONSOLE], true);
    }

    #[test]
    fn a_link_and_a_typed_address_may_read() {
        check(Method::GET, &[HOST, ("sec-fetch-site", "same-origin")], true);
        check(Method::GET, &[HOST, ("sec-fetch-site", "none")], true);
    }

    #[test]
    fn other_sites_may_not_call() {
        for site in ["cross-site", "same-site", "", "SAME-ORIGIN"] {
            check(Method::GET, &[HOST, ("sec-fetch-site", site), CONSOLE], false);
            check(Method::POST, &[HOST, ("sec-fetch-site", site), CONSOLE], false);
        }
        for origin in [
            "https://evil.example",
            "null",
            "https://console.example",
            "https://console.example:8444.evil.example",
            "console.example:8444",
        ] {
            check(Method::POST, &[HOST, ("origin", origin), CONSOLE], false);
        }
    }

    #[test]
    fn a_form_may_not_change_anything() {
        check(Method::POST, &[HOST], false);
        check(Method::POST, &[HOST, ("sec-fetch-site", "same-origin")], false);
        check(Method::POST, &[HOST, ("sec-fetch-site", "none"), CONSOLE], false);
    }

    #[track_caller]
    fn check(method: Method, fields: &[(&'static str, &'static str)], expected: bool) {
        let fields = fields
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let headers: HeaderMap = fields.collect();

        assert_eq!(is_own(&method, &headers), expected, "{headers:?}");
    }
}
