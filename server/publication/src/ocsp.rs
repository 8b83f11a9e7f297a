//! OCSP over HTTP, by POST and by GET (RFC 6960 appendix A, RFC 5019 §5).

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use operations::{OcspReply, Operations};

const REQUEST: &str = "application/ocsp-request";

/// How long anybody between us and the reader may keep an answer, in seconds.
const KEPT: u32 = 300;

/// Answers a question in the body.
pub(crate) async fn post(
    State(operations): State<Operations>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if kind != Some(REQUEST.as_bytes()) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }

    // What was posted is an answer to one reader.
    answered(&operations, &body, false).await
}

/// Answers a question in the path: base64, in which the client has escaped what has another meaning there.
pub(crate) async fn get(
    State(operations): State<Operations>,
    Path(question): Path<String>,
) -> Response {
    match BASE64.decode(question.trim_start_matches('/').as_bytes()) {
        Ok(question) => answered(&operations, &question, true).await,
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn answered(operations: &Operations, question: &[u8], kept: bool) -> Response {
    let OcspReply { der, is_lasting } = match operations.answer_ocsp(question).await {
        Ok(reply) => reply,
        Err(fault) => {
            let error: &dyn std::error::Error = &fault;
            tracing::error!(error, "Could not answer an OCSP request");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let control = match kept && is_lasting {
        true => format!("public, max-age={KEPT}, no-transform, must-revalidate"),
        false => "no-store".to_owned(),
    };
    let mut response = der.into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/ocsp-response");
    headers.insert(header::CONTENT_TYPE, kind);
    if let Ok(control) = HeaderValue::from_str(&control) {
        headers.insert(header::CACHE_CONTROL, control);
    }

    response
}
