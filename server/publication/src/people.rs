//! Certificates of people by mail address, for programs of others that send them encrypted mail (RFC 4387 §2).

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use fleet::MailAddress;
use operations::{DirectoryEntry, Fault, Operations};
use serde::Deserialize;

/// Stands in no base64, so it is in no part.
const BOUNDARY: &str = "=_certificate";

/// RFC 4387 §2.2 has the address of an S/MIME certificate in `uri`; everybody writes `email`.
#[derive(Deserialize)]
pub(crate) struct Attributes {
    #[serde(alias = "uri")]
    email: String,
}

/// Answers with the certificates of an address that serve now: one as it is, several as parts.
pub(crate) async fn certificates(
    State(operations): State<Operations>,
    attributes: Result<Query<Attributes>, QueryRejection>,
) -> Response {
    let Ok(Query(attributes)) = attributes else {
        return (StatusCode::BAD_REQUEST, "name one address: ?email=ADDRESS\n").into_response();
    };
    let Ok(address) = MailAddress::parse(&attributes.email) else {
        return (StatusCode::BAD_REQUEST, "what follows email= is no mail address\n")
            .into_response();
    };
    let found: Result<Vec<DirectoryEntry>, Fault> = operations.directory(&address).await;
    match found.as_deref() {
        Ok([]) => StatusCode::NOT_FOUND.into_response(),
        Ok([one]) => answer("application/pkix-cert", one.certificate.as_der().to_vec()),
        Ok(several) => {
            let kind = format!("multipart/mixed; boundary=\"{BOUNDARY}\"");
            answer(&kind, parts(several).into_bytes())
        }
        Err(fault) => {
            let error: &dyn std::error::Error = fault;
            tracing::error!(error, "Could not look up the certificates of an address");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn parts(entries: &[DirectoryEntry]) -> String {
    let part = |entry: &DirectoryEntry| {
        let certificate = BASE64.encode(entry.certificate.as_der());
        format!(
            "--{BOUNDARY}\r\nContent-Type: application/pkix-cert\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{certificate}\r\n"
        )
    };
    let parts: String = entries.iter().map(part).collect();

    format!("{parts}--{BOUNDARY}--\r\n")
}

fn answer(kind: &str, body: Vec<u8>) -> Response {
    let kind =
        HeaderValue::from_str(kind).unwrap_or(HeaderValue::from_static("application/pkix-cert"));
    // A certificate may be revoked at any moment.
    let kept = HeaderValue::from_static("no-cache");

    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], body).into_response()
}
