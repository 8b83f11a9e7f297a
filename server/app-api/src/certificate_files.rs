//! Certificate files that wait for the app (`docs/certificate-files.md`).

use crate::Face;
use crate::answer::{Problem, fresh};
use crate::caller::{Caller, OnConnection};
use crate::registration::{guarded, parse};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use data_encoding::{BASE64, HEXLOWER};
use operations::{Fetcher, HandedOut, InvitationCode};
use serde::{Deserialize, Serialize};

/// The most files that can be named at once.
const MOST: usize = 100;

pub(crate) async fn for_invited(
    State(face): State<Face>,
    OnConnection(connection): OnConnection,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    guarded(&face, &connection, async {
        let form: InvitedForm = parse(&body.map_err(Problem::malformed)?)?;
        let code = InvitationCode::parse(&form.code);

        hand_out(&face, Fetcher::Invited(code.as_ref())).await
    })
    .await
}

pub(crate) async fn received_by_invited(
    State(face): State<Face>,
    OnConnection(connection): OnConnection,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    guarded(&face, &connection, async {
        let form: InvitedReceivedForm = parse(&body.map_err(Problem::malformed)?)?;
        let code = InvitationCode::parse(&form.code);

        receive(&face, Fetcher::Invited(code.as_ref()), &form.sha256).await
    })
    .await
}

pub(crate) async fn for_device(
    State(face): State<Face>,
    Caller(device): Caller,
) -> Result<Response, Problem> {
    hand_out(&face, Fetcher::Device(device.id)).await
}

pub(crate) async fn received_by_device(
    State(face): State<Face>,
    Caller(device): Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let form: ReceivedForm = parse(&body.map_err(Problem::malformed)?)?;

    receive(&face, Fetcher::Device(device.id), &form.sha256).await
}

async fn hand_out(face: &Face, fetcher: Fetcher<'_>) -> Result<Response, Problem> {
    let files = face.operations.hand_out_certificate_files(fetcher).await?;

    Ok(fresh(Json(FilesView { files: files.iter().map(FileView::from).collect() })))
}

async fn receive(
    face: &Face,
    fetcher: Fetcher<'_>,
    digests: &[String],
) -> Result<Response, Problem> {
    let malformed = || Problem::malformed("`sha256` is a list of at most 100 SHA-256, hexadecimal");
    let read = |text: &String| {
        let digest = HEXLOWER.decode(text.as_bytes()).ok()?;
        <[u8; 32]>::try_from(digest).ok()
    };
    let digests: Option<Vec<_>> = digests.iter().map(read).collect();
    let digests = digests.filter(|all| all.len() <= MOST).ok_or_else(malformed)?;
    face.operations.receive_certificate_files(fetcher, &digests).await?;

    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InvitedForm {
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InvitedReceivedForm {
    code: String,
    sha256: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceivedForm {
    sha256: Vec<String>,
}

#[derive(Serialize)]
struct FilesView {
    files: Vec<FileView>,
}

#[derive(Serialize)]
struct FileView {
    name: String,
    sha256: String,
    pkcs12: String,
}

impl From<&HandedOut> for FileView {
    fn from(file: &HandedOut) -> Self {
        Self {
            name: file.name.clone(),
            sha256: HEXLOWER.encode(&file.digest),
            pkcs12: BASE64.encode(&file.content),
        }
    }
}
