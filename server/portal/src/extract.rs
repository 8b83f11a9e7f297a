//! What handlers take out of requests, with problems as answers to what cannot be read.

use crate::problem::{Problem, internal};
use audit::Actor;
use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{self, FromRequest, FromRequestParts, Request};
use ca::SerialNumber;
use data_encoding::HEXLOWER_PERMISSIVE;
use fleet::administrator::Session;
use http::request::Parts;
use pki::Fingerprint;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// The JSON body of a request.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

/// The query of a request.
#[derive(Debug)]
pub(crate) struct Asked<T>(pub(crate) T);

/// The identifier in a path.
#[derive(Debug)]
pub(crate) struct Id(pub(crate) Uuid);

/// Two identifiers in a path.
#[derive(Debug)]
pub(crate) struct Ids(pub(crate) Uuid, pub(crate) Uuid);

/// The serial number in a path.
#[derive(Debug)]
pub(crate) struct SerialOf(pub(crate) SerialNumber);

/// The SHA-256 in a path.
#[derive(Debug)]
pub(crate) struct FingerprintOf(pub(crate) Fingerprint);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Json(body) = Json::from_request(request, state).await?;

        Ok(Self(body))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let extract::Query(query) = extract::Query::from_request_parts(parts, state).await?;

        Ok(Self(query))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let extract::Path(id) = extract::Path::from_request_parts(parts, state).await?;

        Ok(Self(id))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let extract::Path((id, other)) = extract::Path::from_request_parts(parts, state).await?;

        Ok(Self(id, other))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SerialOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let extract::Path(text) = extract::Path::<String>::from_request_parts(parts, state).await?;

        SerialNumber::parse(&text).map(Self).ok_or_else(Problem::nothing)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for FingerprintOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let extract::Path(text) = extract::Path::<String>::from_request_parts(parts, state).await?;
        let octets = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
        let octets = octets.and_then(|octets| octets.try_into().ok());

        octets.map(|octets| Self(Fingerprint(octets))).ok_or_else(Problem::nothing)
    }
}

/// Who is signed in; put in place by [`demand_session`](crate::guard::demand_session).
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) session: Session,
    pub(crate) token: SecretString,
}

impl SignedIn {
    /// Returns what the audit log calls them.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Administrator(self.session.name.to_string())
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| internal(&NoSession))
    }
}

/// A handler that needs a session was mounted where none is demanded.
#[derive(Debug, thiserror::Error)]
#[error("the route does not demand a session")]
struct NoSession;

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), "malformed", rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), "malformed", rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Self::nothing()
    }
}
