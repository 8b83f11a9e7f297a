//! People: the company's directory, certificates and free time, asked of the mail server.

use crate::api::body::{Base64, Json, Query};
use crate::api::mail::PAGE;
use crate::api::views::{AvailabilityView, CertificateVerdict, CertificatesView, DirectoryView};
use crate::api::{Api, Problem};
use axum::extract::State;
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DirectoryRequest {
    query: String,
    #[serde(default)]
    offset: u32,
    #[serde(default = "default_limit")]
    limit: u32,
    #[serde(default)]
    photos: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CertificatesRequest {
    /// Names or addresses.
    names: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AvailabilityRequest {
    /// Names or addresses, at most 100.
    names: Vec<String>,
    /// The answer goes by its clock.
    #[serde(with = "time::serde::rfc3339")]
    start: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    end: OffsetDateTime,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckRequest {
    /// In DER and Base64.
    certificates: Vec<Base64>,
    /// Certificates of issuers that help to build the chain, in DER and Base64.
    #[serde(default)]
    chain: Vec<Base64>,
    /// One whose revocation state is unknown is not good.
    #[serde(default)]
    revocation: bool,
}

/// Finds people in the company's directory, while typing; a request that is given up is not asked any more.
#[utoipa::path(
    get,
    path = "/api/directory",
    params(
        ("query" = String, Query, description = "The beginning of a name, an address or another property"),
        ("offset" = Option<u32>, Query, description = "How many of the first to leave out"),
        ("limit" = Option<u32>, Query, description = "How many to return, at most 200"),
        ("photos" = Option<bool>, Query, description = "With photos, where the mail server has them"),
    ),
    responses(
        (status = 200, body = DirectoryView),
        (status = 403, body = Problem, description = "`forbidden` by the mail server, with the `reason`"),
        (status = 422, body = Problem, description = "`impossible`, with the `reason`: `no_words`; `too_much`, with the `reason`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = 501, body = Problem, description = "`not_supported` by the mail server"),
        (status = 502, body = Problem, description = "`refused` by the mail server, with the `reason`"),
        (status = 503, body = Problem, description = "`offline`, with the `reason`"),
    ),
)]
pub(crate) async fn search_directory(
    State(api): State<Api>,
    Query(request): Query<DirectoryRequest>,
) -> Result<axum::Json<DirectoryView>, Problem> {
    api.app.touch();
    let DirectoryRequest { query, offset, limit, photos } = request;
    let page = api.app.directory(&query, offset, limit.min(PAGE), photos).await?;
    Ok(axum::Json(page.into()))
}

/// Looks up the certificates of people. The app has not verified them.
#[utoipa::path(
    post,
    path = "/api/directory/certificates",
    responses(
        (status = 200, body = Vec<CertificatesView>, description = "In the order of the names"),
        (status = 422, body = Problem, description = "`impossible`, with the `reason`: `name_empty`, `name_too_long`; `too_much`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = "default", body = Problem, description = "What else the mail server says, as for the directory"),
    ),
)]
pub(crate) async fn find_certificates(
    State(api): State<Api>,
    Json(request): Json<CertificatesRequest>,
) -> Result<axum::Json<Vec<CertificatesView>>, Problem> {
    api.app.touch();
    let found = api.app.certificates(request.names).await?;
    Ok(axum::Json(found.into_iter().map(Into::into).collect()))
}

/// Looks up when people are free.
#[utoipa::path(
    post,
    path = "/api/directory/availability",
    responses(
        (status = 200, body = Vec<AvailabilityView>, description = "In the order of the names"),
        (status = 422, body = Problem, description = "`impossible`, with the `reason`: `name_empty`, `name_too_long`, `end_before_start`; `too_much`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = "default", body = Problem, description = "What else the mail server says, as for the directory"),
    ),
)]
pub(crate) async fn find_free_time(
    State(api): State<Api>,
    Json(request): Json<AvailabilityRequest>,
) -> Result<axum::Json<Vec<AvailabilityView>>, Problem> {
    api.app.touch();
    let found = api.app.availability(request.names, request.start, request.end).await?;
    Ok(axum::Json(found.into_iter().map(Into::into).collect()))
}

/// Lets the mail server judge certificates for signed mail.
#[utoipa::path(
    post,
    path = "/api/directory/check",
    responses(
        (status = 200, body = Vec<CertificateVerdict>, description = "In the order of the certificates"),
        (status = 422, body = Problem, description = "`impossible`, with the `reason`: `no_certificate`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = "default", body = Problem, description = "What else the mail server says, as for the directory"),
    ),
)]
pub(crate) async fn check_certificates(
    State(api): State<Api>,
    Json(request): Json<CheckRequest>,
) -> Result<axum::Json<Vec<CertificateVerdict>>, Problem> {
    api.app.touch();
    let bytes = |list: Vec<Base64>| list.into_iter().map(|part| part.0).collect();
    let CheckRequest { certificates, chain, revocation } = request;
    let verdicts =
        api.app.check_certificates(bytes(certificates), bytes(chain), revocation).await?;
    Ok(axum::Json(verdicts.into_iter().map(Into::into).collect()))
}

fn default_limit() -> u32 {
    20
}
