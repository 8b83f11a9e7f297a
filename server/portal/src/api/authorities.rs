use crate::Console;
use crate::extract::{FingerprintOf, SignedIn};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use ca::Issuer;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use operations::{Fault, ListDue, Operations};
use pki::{Certificate, Fingerprint};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// The authorities whose keys are here, the root first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuthoritiesView {
    items: Vec<AuthorityView>,
}

/// An authority.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuthorityView {
    /// SHA-256 of its certificate, in hexadecimal.
    fingerprint: String,
    role: AuthorityRole,
    subject: String,
    /// The kind and size of its key.
    key: String,
    #[serde(with = "time::serde::rfc3339")]
    not_before: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    not_after: OffsetDateTime,
    /// Its last revocation list; none before the first one.
    #[schema(required)]
    list: Option<ListView>,
}

/// What an authority does.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthorityRole {
    /// It stands above the one that issues.
    Root,
    /// It issues, below a root.
    Issuing,
    /// It issues and is its own root.
    Only,
}

/// A revocation list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListView {
    number: u64,
    #[serde(with = "time::serde::rfc3339")]
    this_update: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    next_update: OffsetDateTime,
}

/// List the authorities
#[utoipa::path(
    get,
    path = "/authorities",
    tag = "certificates",
    responses((status = OK, body = AuthoritiesView), (status = UNAUTHORIZED, body = Problem))
)]
pub(crate) async fn list_authorities(
    State(console): State<Console>,
) -> Result<Json<AuthoritiesView>, Problem> {
    Ok(view(console.operations()).await?)
}

/// Publish new revocation lists now
#[utoipa::path(
    post,
    path = "/authorities/lists",
    tag = "certificates",
    responses((status = OK, body = AuthoritiesView), (status = UNAUTHORIZED, body = Problem))
)]
pub(crate) async fn publish_lists(
    State(console): State<Console>,
    signed_in: SignedIn,
) -> Result<Json<AuthoritiesView>, Problem> {
    console.operations().publish_lists(&signed_in.actor(), ListDue::Now).await?;

    Ok(view(console.operations()).await?)
}

/// Download the certificate of an authority
#[utoipa::path(
    get,
    path = "/authorities/{fingerprint}/certificate",
    tag = "certificates",
    params(("fingerprint" = String, Path)),
    responses(
        (status = OK, body = String, content_type = "application/x-pem-file"),
        (status = NOT_FOUND, body = Problem),
    )
)]
pub(crate) async fn download_authority(
    State(console): State<Console>,
    FingerprintOf(fingerprint): FingerprintOf,
) -> Result<Response, Problem> {
    let authority = find(console.operations(), fingerprint)?;
    let headers = [
        (CONTENT_TYPE, "application/x-pem-file"),
        (CONTENT_DISPOSITION, "attachment; filename=\"authority.pem\""),
    ];

    Ok((headers, authority.to_pem()).into_response())
}

/// Download the last revocation list of an authority
#[utoipa::path(
    get,
    path = "/authorities/{fingerprint}/list",
    tag = "certificates",
    params(("fingerprint" = String, Path)),
    responses(
        (status = OK, body = Vec<u8>, content_type = "application/pkix-crl"),
        (status = NOT_FOUND, body = Problem),
    )
)]
pub(crate) async fn download_list(
    State(console): State<Console>,
    FingerprintOf(fingerprint): FingerprintOf,
) -> Result<Response, Problem> {
    find(console.operations(), fingerprint)?;
    let Some(list) = console.operations().revocation_list(fingerprint).await? else {
        let detail = "no revocation list was published yet; publish one first";
        return Err(Problem::new(StatusCode::NOT_FOUND, "no_list", detail));
    };
    let headers = [
        (CONTENT_TYPE, "application/pkix-crl"),
        (CONTENT_DISPOSITION, "attachment; filename=\"authority.crl\""),
    ];

    Ok((headers, list.der).into_response())
}

async fn view(operations: &Operations) -> Result<Json<AuthoritiesView>, Fault> {
    let authority = operations.authority();
    let role = match authority.root() {
        Some(_) => AuthorityRole::Issuing,
        None => AuthorityRole::Only,
    };
    let mut items = Vec::new();
    if let Some(root) = authority.root() {
        items.push(describe(operations, root, AuthorityRole::Root).await?);
    }
    items.push(describe(operations, authority.issuer(), role).await?);

    Ok(Json(AuthoritiesView { items }))
}

async fn describe(
    operations: &Operations,
    issuer: &Issuer,
    role: AuthorityRole,
) -> Result<AuthorityView, Fault> {
    let certificate = issuer.certificate();
    let list = operations.revocation_list(certificate.fingerprint()).await?;

    Ok(AuthorityView {
        fingerprint: certificate.fingerprint().to_string(),
        role,
        subject: certificate.subject(),
        key: certificate.key_kind().to_string(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        list: list.map(|list| ListView {
            number: list.number,
            this_update: list.this_update,
            next_update: list.next_update,
        }),
    })
}

fn find(operations: &Operations, fingerprint: Fingerprint) -> Result<&Certificate, Problem> {
    let mut certificates = operations.authority().issuers().map(Issuer::certificate);

    certificates.find(|it| it.fingerprint() == fingerprint).ok_or_else(Problem::nothing)
}
