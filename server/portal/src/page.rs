//! The console's page: files built from `web/portal`, part of the program.

use crate::problem::Problem;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{Method, StatusCode, Uri};
use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;

/// Read from disk by development builds, so that the page can be rebuilt without the program.
#[derive(RustEmbed)]
#[folder = "../../web/portal/dist"]
#[allow_missing = true]
struct Files;

/// Names of files under `assets/` hold a hash of their content.
const FOREVER: &str = "public, max-age=31536000, immutable";
const PLACEHOLDER: &str = include_str!("placeholder.html");

/// Serves a file, or the page itself for every path of the page.
pub(crate) async fn serve(method: Method, uri: Uri) -> Response {
    if uri.path() == "/api" || uri.path().starts_with("/api/") {
        return Problem::nothing().into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response();
    }
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Files::get(path) {
        return answer(file, path.starts_with("assets/"));
    }
    if path.contains('.') {
        return StatusCode::NOT_FOUND.into_response();
    }

    match Files::get("index.html") {
        Some(file) => answer(file, false),
        None => placeholder(),
    }
}

fn answer(file: EmbeddedFile, lasts: bool) -> Response {
    let kind = file.metadata.mimetype().to_owned();
    let content = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let caching = if lasts { FOREVER } else { "no-store" };

    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, caching.to_owned())], content).into_response()
}

/// Says that the page was not built when the program was.
fn placeholder() -> Response {
    let kind = [(CONTENT_TYPE, "text/html; charset=utf-8")];

    (StatusCode::SERVICE_UNAVAILABLE, kind, PLACEHOLDER).into_response()
}
