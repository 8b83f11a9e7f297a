//! What requests bring along: each part is refused with a problem, and secrets are overwritten after use.

use crate::api::Problem;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::StatusCode;
use http::request::Parts;
use secrecy::SecretString;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use zeroize::Zeroizing;

/// A part of the path.
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(path)| Self(path))
            .map_err(|refusal| Problem::bad_request(refusal.body_text()))
    }
}

/// What stands behind the path.
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        query
            .map(|axum::extract::Query(query)| Self(query))
            .map_err(|refusal| Problem::bad_request(refusal.body_text()))
    }
}

/// A JSON body. Its bytes are overwritten once they are read, since they may hold a password.
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = request.headers().get(http::header::CONTENT_TYPE).is_some_and(|kind| {
            kind.to_str().is_ok_and(|kind| {
                kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json")
            })
        });
        if !is_json {
            return Err(Problem::not_json());
        }
        let body =
            bytes::Bytes::from_request(request, state).await.map_err(|refusal| {
                match refusal.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => Problem::body_too_large(),
                    _ => Problem::bad_request(refusal.body_text()),
                }
            })?;
        let body = Zeroizing::new(Vec::from(body));
        serde_json::from_slice(&body).map(Self).map_err(Problem::bad_request)
    }
}

/// A file in a body.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendAttachment {
    name: String,
    #[serde(rename = "type")]
    media_type: String,
    /// In Base64.
    data: Base64,
}

impl From<SendAttachment> for app::DraftAttachment {
    fn from(file: SendAttachment) -> Self {
        Self { name: file.name, media_type: file.media_type, bytes: file.data.0 }
    }
}

/// How a mail is to be signed and encrypted.
#[derive(Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Protect {
    /// Whether it is signed; absent, as IT has it.
    sign: Option<bool>,
    /// Whether it is encrypted; absent, as IT has it, or as the message came that it answers or sends on.
    encrypt: Option<bool>,
    /// Recipients whose certificate is used although something is wrong with it.
    despite: Vec<String>,
}

impl From<Protect> for app::Protect {
    fn from(protect: Protect) -> Self {
        Self { sign: protect.sign, encrypt: protect.encrypt, despite: protect.despite }
    }
}

/// A password in a body.
pub(crate) struct Secret(pub(crate) SecretString);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

impl utoipa::PartialSchema for Secret {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        String::schema()
    }
}

impl utoipa::ToSchema for Secret {}

/// Bytes in a body, in Base64 (RFC 4648 §4).
pub(crate) struct Base64(pub(crate) Vec<u8>);

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let bytes = data_encoding::BASE64.decode(text.as_bytes());
        bytes.map(Self).map_err(|_| serde::de::Error::custom("expected Base64"))
    }
}

impl utoipa::PartialSchema for Base64 {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        String::schema()
    }
}

impl utoipa::ToSchema for Base64 {}
