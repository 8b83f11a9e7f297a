//! Files with certificate and key that wait for a person's app.

use crate::Console;
use crate::extract::{Body, Id, Ids, SignedIn};
use crate::problem::Problem;
use audit::SubjectKind;
use axum::Json;
use axum::extract::State;
use data_encoding::{BASE64, HEXLOWER};
use fleet::certificate_file::{CertificateFile, DepositFileRefusal, End, Source};
use fleet::{CertificateFileId, UserId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// A file for a person's app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CertificateFileRequest {
    /// What it is called; for people alone.
    name: String,
    /// The file in base64 (PKCS#12); the app asks for its password.
    file: String,
}

/// The files of a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertificateFilesView {
    /// Those that wait and those that are remembered, the newest first.
    items: Vec<CertificateFileView>,
}

/// A file for a person's app, or what is remembered of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertificateFileView {
    id: Uuid,
    name: String,
    /// SHA-256 of the file, in hexadecimal.
    sha256: String,
    /// How many bytes it has.
    size: u32,
    /// The address that it was mailed from; absent if an administrator deposited it.
    #[schema(required)]
    sender: Option<String>,
    state: FileState,
    #[serde(with = "time::serde::rfc3339")]
    deposited_at: OffsetDateTime,
    /// When it was handed out first.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    handed_out_at: Option<OffsetDateTime>,
    /// When it ceased to wait.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    ended_at: Option<OffsetDateTime>,
}

/// How a file stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FileState {
    /// Nobody fetched it in time.
    Expired,
    /// The app has it.
    Received,
    /// An administrator removed it.
    Removed,
    /// It waits for the app.
    Waiting,
}

impl From<CertificateFile> for CertificateFileView {
    fn from(file: CertificateFile) -> Self {
        Self {
            id: file.id.0,
            name: file.name,
            sha256: HEXLOWER.encode(&file.digest),
            size: file.size,
            sender: match file.source {
                Source::Administrator => None,
                Source::Mail { sender } => Some(sender),
            },
            state: match file.end {
                None => FileState::Waiting,
                Some((End::Expired, _)) => FileState::Expired,
                Some((End::Received, _)) => FileState::Received,
                Some((End::Removed, _)) => FileState::Removed,
            },
            deposited_at: file.deposited_at,
            handed_out_at: file.handed_out_at,
            ended_at: file.end.map(|(_, at)| at),
        }
    }
}

/// List the certificate files of a person
#[utoipa::path(
    get,
    path = "/people/{id}/certificate-files",
    tag = "people",
    params(("id" = Uuid, Path)),
    responses((status = OK, body = CertificateFilesView), (status = NOT_FOUND, body = Problem))
)]
pub(crate) async fn list_certificate_files(
    State(console): State<Console>,
    Id(id): Id,
) -> Result<Json<CertificateFilesView>, Problem> {
    if console.operations().user(UserId(id)).await?.is_none() {
        return Err(Problem::unknown(SubjectKind::User));
    }
    let files = console.operations().certificate_files(UserId(id)).await?;

    Ok(Json(CertificateFilesView { items: files.into_iter().map(Into::into).collect() }))
}

/// Have a certificate file wait for a person's app
#[utoipa::path(
    post,
    path = "/people/{id}/certificate-files",
    tag = "people",
    params(("id" = Uuid, Path)),
    request_body = CertificateFileRequest,
    responses(
        (status = CREATED, body = CertificateFileView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn deposit_certificate_file(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
    Body(request): Body<CertificateFileRequest>,
) -> Result<(StatusCode, Json<CertificateFileView>), Problem> {
    let Ok(content) = BASE64.decode(request.file.as_bytes()) else {
        return Err(Problem::refused(&DepositFileRefusal::NotPkcs12).at("file"));
    };
    let deposited = console
        .operations()
        .deposit_certificate_file(&signed_in.actor(), UserId(id), &request.name, &content)
        .await?;

    Ok((StatusCode::CREATED, Json(deposited.into())))
}

/// Remove a certificate file that waits
#[utoipa::path(
    delete,
    path = "/people/{id}/certificate-files/{file}",
    tag = "people",
    params(("id" = Uuid, Path), ("file" = Uuid, Path)),
    responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem))
)]
pub(crate) async fn remove_certificate_file(
    State(console): State<Console>,
    signed_in: SignedIn,
    Ids(id, file): Ids,
) -> Result<StatusCode, Problem> {
    let (actor, file) = (signed_in.actor(), CertificateFileId(file));
    console.operations().remove_certificate_file(&actor, UserId(id), file).await?;

    Ok(StatusCode::NO_CONTENT)
}
