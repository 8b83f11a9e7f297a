//! Answers that are not a success.

use audit::SubjectKind;
use axum::Json;
use axum::response::{IntoResponse, Response};
use fleet::Refusal;
use http::StatusCode;
use http::header::RETRY_AFTER;
use operations::{Answer, AnswerKind, Failure, Fault};
use serde::Serialize;
use std::convert::Infallible;
use utoipa::ToSchema;

/// Why a request was not carried out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    #[serde(skip)]
    status: StatusCode,
    /// A stable name for the cause.
    code: &'static str,
    /// What happened, why, and what to do about it, in English.
    detail: String,
    /// The field of the request that is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'static str>,
    /// After how many seconds to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
    /// Everything that is wrong with settings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    violations: Vec<ViolationView>,
}

/// A setting that was not taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ViolationView {
    /// The setting's path, for instance `container.password.minimum_length`.
    pub(crate) place: &'static str,
    /// What is wrong and what would be right.
    pub(crate) reason: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            place: None,
            retry_after_seconds: None,
            violations: Vec::new(),
        }
    }

    /// Answers that the address leads nowhere.
    pub(crate) fn nothing() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this address")
    }

    /// Answers that there is no such thing.
    pub(crate) fn unknown(kind: SubjectKind) -> Self {
        Failure::<Infallible>::Unknown(kind).into()
    }

    /// Answers what the rules say.
    pub(crate) fn refused(refusal: &dyn Refusal) -> Self {
        Self::new(status(refusal.kind().into()), refusal.code(), refusal.to_string())
    }

    /// Says which field of the request is to blame.
    pub(crate) fn at(self, place: &'static str) -> Self {
        Self { place: Some(place), ..self }
    }

    /// Says after how many seconds to try again.
    pub(crate) fn after(self, seconds: u64) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    /// Says what is wrong with settings.
    pub(crate) fn with(self, violations: Vec<ViolationView>) -> Self {
        Self { violations, ..self }
    }
}

impl<R: Refusal> From<Failure<R>> for Problem {
    fn from(failure: Failure<R>) -> Self {
        match failure.answer() {
            Ok(Answer { kind, code, text }) => Self::new(status(kind), code, text),
            Err(fault) => internal(fault),
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        internal(&fault)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry = self.retry_after_seconds;
        let mut response = (self.status, Json(self)).into_response();
        if let Some(seconds) = retry {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }

        response
    }
}

/// Answers for a fault of ours: everything to the log, nothing to the caller.
pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error, "Could not serve a request of the console");

    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "something failed on our side; the server's log says what",
    )
}

const fn status(kind: AnswerKind) -> StatusCode {
    match kind {
        AnswerKind::Conflict => StatusCode::CONFLICT,
        AnswerKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        AnswerKind::TooEarly => StatusCode::TOO_MANY_REQUESTS,
        AnswerKind::Unknown => StatusCode::NOT_FOUND,
        AnswerKind::Unproven => StatusCode::UNAUTHORIZED,
    }
}
