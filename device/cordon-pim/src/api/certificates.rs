//! Certificates of the people that one writes to.

use crate::api::body::{Base64, Json, Path, Query};
use crate::api::views::{ImportedView, KnownCertificateView};
use crate::api::{Api, Problem};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Whose {
    /// Only those for this address.
    address: Option<String>,
}

/// Lists the certificates of people that are here, by address.
#[utoipa::path(
    get,
    path = "/api/certificates",
    responses(
        (status = 200, body = Vec<KnownCertificateView>),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn list(
    State(api): State<Api>,
    Query(whose): Query<Whose>,
) -> Result<axum::Json<Vec<KnownCertificateView>>, Problem> {
    api.app.touch();
    let known = api.app.known_certificates(whose.address).await?;
    Ok(axum::Json(known.into_iter().map(Into::into).collect()))
}

/// Shows a certificate.
#[utoipa::path(
    get,
    path = "/api/certificates/{id}",
    params(("id" = i64, Path)),
    responses(
        (status = 200, body = KnownCertificateView),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn show(
    State(api): State<Api>,
    Path(certificate): Path<i64>,
) -> Result<axum::Json<KnownCertificateView>, Problem> {
    api.app.touch();
    Ok(axum::Json(api.app.known_certificate(certificate).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportRequest {
    /// One certificate in DER, or any number in PEM; in Base64.
    data: Base64,
}

/// Takes in certificates, for every address that they name.
#[utoipa::path(
    post,
    path = "/api/certificates",
    responses(
        (status = 200, body = ImportedView),
        (status = 422, body = Problem, description = "`not_a_certificate`, `too_many`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn import(
    State(api): State<Api>,
    Json(request): Json<ImportRequest>,
) -> Result<axum::Json<ImportedView>, Problem> {
    api.app.touch();
    Ok(axum::Json(api.app.import_certificates(request.data.0).await?.into()))
}

/// Removes a certificate.
#[utoipa::path(
    delete,
    path = "/api/certificates/{id}",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn remove(
    State(api): State<Api>,
    Path(certificate): Path<i64>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.forget_certificate(certificate).await?;
    Ok(StatusCode::NO_CONTENT)
}
