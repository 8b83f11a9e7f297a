//! Revocation lists and certificates as files.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ca::PublishedList;
use operations::Operations;
use pki::Certificate;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// How long anybody between us and the reader may keep a list, in seconds: so long a revocation may stay unseen.
const LIST_KEPT: i64 = 300;

/// How long a certificate may be kept, in seconds; it never changes.
const CERTIFICATE_KEPT: i64 = 86_400;

/// Answers with a file.
pub(crate) async fn file(
    State(operations): State<Operations>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some((stem, extension)) = name.rsplit_once('.') else { return nothing() };
    let Some(issuer) = authority(&operations, stem) else { return nothing() };
    match extension {
        "cer" => certificate(&issuer),
        "crl" => match operations.revocation_list(issuer.fingerprint()).await {
            Ok(Some(published)) => list(&published, operations.now(), &headers),
            Ok(None) => nothing(),
            Err(fault) => {
                let error: &dyn std::error::Error = &fault;
                tracing::error!(error, "Could not answer with a revocation list");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        },
        _ => nothing(),
    }
}

fn authority(operations: &Operations, name: &str) -> Option<Certificate> {
    let issuer = operations.authority().root().certificate();
    let meant = name == "authority" || name.eq_ignore_ascii_case(&issuer.fingerprint().to_string());

    meant.then(|| issuer.clone())
}

fn certificate(issuer: &Certificate) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pkix-cert")),
        (header::CACHE_CONTROL, kept(CERTIFICATE_KEPT)),
    ];

    (headers, issuer.as_der().to_vec()).into_response()
}

fn list(published: &PublishedList, now: OffsetDateTime, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", published.number);
    let left = (published.next_update - now).whole_seconds();
    let mut response = match headers.get(header::IF_NONE_MATCH) {
        Some(known) if known.as_bytes() == tag.as_bytes() => {
            StatusCode::NOT_MODIFIED.into_response()
        }
        Some(_) | None => published.der.clone().into_response(),
    };
    let own = response.headers_mut();
    own.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pkix-crl"));
    own.insert(header::CACHE_CONTROL, kept(left.clamp(0, LIST_KEPT)));
    for (name, value) in
        [(header::ETAG, Some(tag)), (header::LAST_MODIFIED, http_date(published.this_update))]
    {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            own.insert(name, value);
        }
    }

    response
}

fn nothing() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

fn kept(seconds: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("public, max-age={seconds}, must-revalidate"))
        .unwrap_or_else(|_| HeaderValue::from_static("no-store"))
}

/// A moment as HTTP writes it (RFC 9110 §5.6.7).
fn http_date(moment: OffsetDateTime) -> Option<String> {
    const FORM: &[BorrowedFormatItem<'_>] = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );

    moment.to_offset(time::UtcOffset::UTC).format(FORM).ok()
}
