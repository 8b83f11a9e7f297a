//! Answers, and what becomes of failures.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fleet::Refusal;
use operations::{AnswerKind, Failure, Fault};
use serde::Serialize;

/// An answer that is not what was asked for.
#[derive(Debug)]
pub(crate) enum Problem {
    /// We failed.
    Fault(Fault),
    /// It was refused.
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// The stable code.
        code: &'static str,
        /// What was refused, why, and what to do about it.
        detail: String,
    },
}

impl Problem {
    pub(crate) fn refused(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self::Refused { status, code, detail: detail.into() }
    }

    /// The body is not what is documented.
    pub(crate) fn malformed(what: impl std::fmt::Display) -> Self {
        let detail = format!("the request was not understood: {what}; update the app");

        Self::refused(StatusCode::BAD_REQUEST, "malformed_request", detail)
    }
}

impl<R: Refusal> From<Failure<R>> for Problem {
    fn from(failure: Failure<R>) -> Self {
        match failure.into_answer() {
            Ok(answer) => Self::Refused {
                status: status(answer.kind),
                code: answer.code,
                detail: answer.text,
            },
            Err(fault) => Self::Fault(fault),
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, detail) = match self {
            Self::Refused { status, code, detail } => {
                tracing::info!(status = status.as_u16(), code, "Refused a request of an app");
                (status, code, detail)
            }
            Self::Fault(fault) => {
                let error: &dyn std::error::Error = &fault;
                tracing::error!(error, "Could not answer an app");
                let (status, code, detail) = told(&fault);
                (status, code, detail.to_owned())
            }
        };

        fresh((status, Json(ProblemView { code, detail })))
    }
}

fn told(fault: &Fault) -> (StatusCode, &'static str, &'static str) {
    match fault {
        Fault::Unsigned { .. } => (
            StatusCode::SERVICE_UNAVAILABLE,
            "authority_away",
            "the key with which the server makes certificates is away for now; try again later, and tell IT if that lasts",
        ),
        Fault::Random(_) | Fault::Store(_) | Fault::Broken { .. } => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_failed",
            "the server failed; try again later",
        ),
    }
}

/// Marks an answer as one that nobody may keep.
pub(crate) fn fresh(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

    response
}

pub(crate) async fn not_found() -> Problem {
    let detail = "there is nothing here; update the app";

    Problem::refused(StatusCode::NOT_FOUND, "not_found", detail)
}

pub(crate) async fn method_not_allowed() -> Problem {
    let detail = "this is not done here; update the app";

    Problem::refused(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}

#[derive(Serialize)]
struct ProblemView {
    code: &'static str,
    detail: String,
}

fn status(kind: AnswerKind) -> StatusCode {
    match kind {
        AnswerKind::Conflict => StatusCode::CONFLICT,
        AnswerKind::Invalid => StatusCode::BAD_REQUEST,
        AnswerKind::TooEarly => StatusCode::TOO_MANY_REQUESTS,
        AnswerKind::Unknown => StatusCode::NOT_FOUND,
        AnswerKind::Unproven => StatusCode::FORBIDDEN,
    }
}
