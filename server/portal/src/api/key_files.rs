//! Keys that are made for people.

use crate::Console;
use crate::api::issuing::not_issued;
use crate::api::people::{PersonView, view};
use crate::api::session::password;
use crate::extract::{Body, Id, SignedIn};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use data_encoding::BASE64;
use fleet::UserId;
use http::StatusCode;
use operations::{KeyFileOrder, NewKey};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key for a person who has none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyFileRequest {
    key: KeyKind,
    /// What the file is encrypted with: at least ten characters.
    #[serde(deserialize_with = "password")]
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// Whether registrations of the person are encrypted for the certificate from now on.
    #[serde(default = "yes")]
    deposit: bool,
}

/// The kind of a key.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyKind {
    /// On the curve P-256.
    P256,
    /// On the curve P-384.
    P384,
    /// RSA with 3072 bits.
    Rsa,
}

/// A key, which is nowhere else.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyFileView {
    /// Key, certificate and issuers in base64 (PKCS#12).
    file: String,
    /// The certificate's serial number, in hexadecimal.
    serial: String,
    person: PersonView,
}

/// Make a key and a certificate for a person
///
/// The key is in the answer alone: nobody gets it a second time.
#[utoipa::path(
    post,
    path = "/people/{id}/key-file",
    tag = "people",
    params(("id" = Uuid, Path)),
    request_body = KeyFileRequest,
    responses(
        (status = CREATED, body = KeyFileView),
        (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn make_key_file(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
    Body(request): Body<KeyFileRequest>,
) -> Result<(StatusCode, Json<KeyFileView>), Problem> {
    let (operations, actor, user) = (console.operations(), signed_in.actor(), UserId(id));
    let KeyFileRequest { key, password, deposit } = request;
    let order = KeyFileOrder { user, key: key.into(), password };
    let made = operations.make_key_file(&actor, order).await.map_err(not_issued)?;
    if deposit {
        operations.deposit_certificate(&actor, user, &made.certificate).await?;
    }
    let Json(person) = view(operations, user).await?;
    let file = BASE64.encode(&made.pkcs12);

    Ok((
        StatusCode::CREATED,
        Json(KeyFileView { file, serial: made.issued.serial.to_string(), person }),
    ))
}

fn yes() -> bool {
    true
}

impl From<KeyKind> for NewKey {
    fn from(kind: KeyKind) -> Self {
        match kind {
            KeyKind::P256 => Self::P256,
            KeyKind::P384 => Self::P384,
            KeyKind::Rsa => Self::Rsa,
        }
    }
}
