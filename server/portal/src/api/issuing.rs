//! What administrators do with certificates.

use crate::Console;
use crate::api::certificates::{IssuedView, ProfileName, ReasonName, view};
use crate::extract::{Body, SerialOf, SignedIn};
use crate::problem::Problem;
use audit::SubjectKind;
use axum::Json;
use axum::extract::State;
use data_encoding::BASE64;
use fleet::UserId;
use http::StatusCode;
use operations::{CertificateOrder, Failure, IssueRefusal};
use pki::validate::RevocationReason;
use pki::{AlternativeName, request_from_pem};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a certificate is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssueRequest {
    /// What it is for: one of those for people, `server` or `scep`.
    profile: ProfileName,
    /// The request (PKCS#10) in base64; its content is DER or PEM.
    request: String,
    /// The person whom it is for; their own mail addresses are allowed then.
    user: Option<Uuid>,
    /// The common name; that of the request if there is none.
    name: Option<String>,
    /// Mail addresses, or hosts and their addresses; those of the request if there are none.
    #[serde(default)]
    names: Vec<String>,
}

/// With which key a certificate is issued again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenewRequest {
    /// A request (PKCS#10) with the new key in base64, as DER or PEM; the same key without it.
    request: Option<String>,
}

/// Why a certificate is revoked for good.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeRequest {
    reason: ReasonName,
}

type Answered = Result<Json<IssuedView>, Problem>;

/// Issue a certificate to a request
#[utoipa::path(
    post,
    path = "/certificates",
    tag = "certificates",
    request_body = IssueRequest,
    responses(
        (status = CREATED, body = IssuedView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn issue_certificate(
    State(console): State<Console>,
    signed_in: SignedIn,
    Body(request): Body<IssueRequest>,
) -> Result<(StatusCode, Json<IssuedView>), Problem> {
    let der = read(&request.request)?;
    let name = request.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let order = CertificateOrder {
        profile: request.profile.into(),
        request: &der,
        name,
        names: request.names.iter().map(|name| alternative_name(name.trim())).collect(),
        user: request.user.map(UserId),
    };
    let issued = console.operations().issue_certificate(&signed_in.actor(), order).await;
    let issued = issued.map_err(not_issued)?;

    Ok((StatusCode::CREATED, view(console.operations(), &issued.serial).await?))
}

/// Issue a certificate again, for a later time
///
/// The old one stays good until it ends or is revoked.
#[utoipa::path(
    post,
    path = "/certificates/{serial}/renew",
    tag = "certificates",
    params(("serial" = String, Path)),
    request_body = RenewRequest,
    responses(
        (status = CREATED, body = IssuedView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn renew_certificate(
    State(console): State<Console>,
    signed_in: SignedIn,
    SerialOf(serial): SerialOf,
    Body(request): Body<RenewRequest>,
) -> Result<(StatusCode, Json<IssuedView>), Problem> {
    let operations = console.operations();
    let der = request.request.as_deref().map(read).transpose()?;
    let issued = operations.renew_certificate(&signed_in.actor(), &serial, der.as_deref()).await;
    let issued = issued.map_err(not_issued)?;

    Ok((StatusCode::CREATED, view(operations, &issued.serial).await?))
}

/// Revoke a certificate for good
///
/// The next revocation list says so; it is published within seconds.
#[utoipa::path(
    post,
    path = "/certificates/{serial}/revoke",
    tag = "certificates",
    params(("serial" = String, Path)),
    request_body = RevokeRequest,
    responses(
        (status = OK, body = IssuedView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn revoke_certificate(
    State(console): State<Console>,
    signed_in: SignedIn,
    SerialOf(serial): SerialOf,
    Body(request): Body<RevokeRequest>,
) -> Answered {
    let reason = request.reason.into();
    if reason == RevocationReason::CertificateHold {
        let detail = "the certificate was not revoked: a hold can be taken back; put the certificate on hold, or state \
             another reason";
        return Err(
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "reason_is_a_hold", detail).at("reason")
        );
    }
    console.operations().revoke_certificate(&signed_in.actor(), &serial, reason).await?;

    view(console.operations(), &serial).await
}

/// Put a certificate on hold
///
/// It is not to be trusted until it is released.
#[utoipa::path(
    post,
    path = "/certificates/{serial}/hold",
    tag = "certificates",
    params(("serial" = String, Path)),
    responses(
        (status = OK, body = IssuedView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
    )
)]
pub(crate) async fn hold_certificate(
    State(console): State<Console>,
    signed_in: SignedIn,
    SerialOf(serial): SerialOf,
) -> Answered {
    let reason = RevocationReason::CertificateHold;
    console.operations().revoke_certificate(&signed_in.actor(), &serial, reason).await?;

    view(console.operations(), &serial).await
}

/// Take a certificate off hold
#[utoipa::path(
    post,
    path = "/certificates/{serial}/release",
    tag = "certificates",
    params(("serial" = String, Path)),
    responses(
        (status = OK, body = IssuedView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
    )
)]
pub(crate) async fn release_certificate(
    State(console): State<Console>,
    signed_in: SignedIn,
    SerialOf(serial): SerialOf,
) -> Answered {
    console.operations().release_certificate(&signed_in.actor(), &serial).await?;

    view(console.operations(), &serial).await
}

/// Reads a request, in DER or PEM.
fn read(text: &str) -> Result<Vec<u8>, Problem> {
    let damaged = || Problem::refused(&IssueRefusal::Damaged).at("request");
    let bytes = BASE64.decode(text.as_bytes()).map_err(|_| damaged())?;
    match std::str::from_utf8(&bytes).ok().filter(|text| text.contains("-----BEGIN ")) {
        Some(text) => request_from_pem(text).ok_or_else(damaged),
        None => Ok(bytes),
    }
}

/// Tells mail addresses, addresses of hosts and their names apart; whether they are allowed is for the rules to say.
fn alternative_name(text: &str) -> AlternativeName {
    if text.contains('@') {
        return AlternativeName::Email(text.to_owned());
    }

    text.parse().map_or_else(|_| AlternativeName::Dns(text.to_owned()), AlternativeName::Ip)
}

/// Says which field is to blame for what.
pub(crate) fn not_issued(failure: Failure<IssueRefusal>) -> Problem {
    let place = match &failure {
        Failure::Fault(_) => None,
        Failure::Refused(refusal) => place_of(refusal),
        Failure::Unknown(SubjectKind::User) => Some("user"),
        Failure::Unknown(_) => None,
    };
    let problem = Problem::from(failure);

    match place {
        Some(place) => problem.at(place),
        None => problem,
    }
}

fn place_of(refusal: &IssueRefusal) -> Option<&'static str> {
    match refusal {
        IssueRefusal::AnothersAddress(_) => Some("user"),
        IssueRefusal::NotOrdered(_) => Some("profile"),
        IssueRefusal::NameNotAllowed(_)
        | IssueRefusal::NoNames
        | IssueRefusal::OtherNames
        | IssueRefusal::WrongNames(_) => Some("names"),
        IssueRefusal::Damaged
        | IssueRefusal::Unproved
        | IssueRefusal::UnsupportedKey { .. }
        | IssueRefusal::WeakKey => Some("request"),
        IssueRefusal::ShortPassword | IssueRefusal::ZeroInPassword => Some("password"),
        IssueRefusal::NotGood(_) | IssueRefusal::NotKept => None,
    }
}
