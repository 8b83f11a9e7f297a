//! Mails that are being written: on this device, and on the server where it keeps drafts.

use crate::api::body::{Json, Path, Query, SendAttachment};
use crate::api::outbox::SentView;
use crate::api::views::{DraftKind, DraftView, Importance};
use crate::api::{Api, Problem};
use app::{DraftFileId, DraftId, DraftText, MessageId, Protect};
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What was typed so far: nothing of it has to be complete.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftRequest {
    #[serde(default)]
    to: Vec<String>,
    #[serde(default)]
    cc: Vec<String>,
    #[serde(default)]
    bcc: Vec<String>,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: String,
    /// Without one it stays as it was.
    #[serde(default)]
    importance: Option<Importance>,
    kind: DraftKind,
    /// The message that it answers or sends on.
    #[serde(default)]
    original: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SavedView {
    id: i64,
}

/// Lists the drafts, the one saved last first, with those of the server where it keeps drafts.
#[utoipa::path(
    get,
    path = "/api/drafts",
    responses((status = 200, body = Vec<DraftView>), (status = 423, body = Problem, description = "`locked`")),
)]
pub(crate) async fn list(State(api): State<Api>) -> Result<axum::Json<Vec<DraftView>>, Problem> {
    Ok(axum::Json(api.app.drafts().await?.into_iter().map(Into::into).collect()))
}

/// Saves a new draft; it is on disk on return.
#[utoipa::path(
    post,
    path = "/api/drafts",
    responses((status = 201, body = SavedView), (status = 423, body = Problem, description = "`locked`")),
)]
pub(crate) async fn make(
    State(api): State<Api>,
    Json(request): Json<DraftRequest>,
) -> Result<(StatusCode, axum::Json<SavedView>), Problem> {
    api.app.touch();
    let id = api.app.save_draft(None, request.into()).await?;
    Ok((StatusCode::CREATED, axum::Json(SavedView { id: id.0 })))
}

/// Shows a draft. What the server has of it and is not here yet is fetched, if the server can be reached.
#[utoipa::path(
    get,
    path = "/api/drafts/{id}",
    params(("id" = i64, Path)),
    responses(
        (status = 200, body = DraftView),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn show(
    State(api): State<Api>,
    Path(draft): Path<i64>,
) -> Result<axum::Json<DraftView>, Problem> {
    api.app.touch();
    Ok(axum::Json(api.app.draft(DraftId(draft)).await?.into()))
}

/// Saves what is typed by now in place of what was before; files stay. Where the server keeps drafts, it has it once nobody has
/// written on for a while.
#[utoipa::path(
    put,
    path = "/api/drafts/{id}",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 409, body = Problem, description = "`draft_incomplete`: part of it is only on the server, show it first"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn save(
    State(api): State<Api>,
    Path(draft): Path<i64>,
    Json(request): Json<DraftRequest>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.save_draft(Some(DraftId(draft)), request.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Throws a draft away; the server puts it to the deleted mails.
#[utoipa::path(
    delete,
    path = "/api/drafts/{id}",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn discard(
    State(api): State<Api>,
    Path(draft): Path<i64>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.remove_draft(DraftId(draft)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a file to a draft; it is on disk on return.
#[utoipa::path(
    post,
    path = "/api/drafts/{id}/files",
    params(("id" = i64, Path)),
    responses(
        (status = 201, body = SavedView),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 409, body = Problem, description = "`draft_incomplete`: part of it is only on the server, show it first"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn attach(
    State(api): State<Api>,
    Path(draft): Path<i64>,
    Json(request): Json<SendAttachment>,
) -> Result<(StatusCode, axum::Json<SavedView>), Problem> {
    api.app.touch();
    let id = api.app.add_draft_file(DraftId(draft), request.into()).await?;
    Ok((StatusCode::CREATED, axum::Json(SavedView { id: id.0 })))
}

/// Takes a file out of a draft.
#[utoipa::path(
    delete,
    path = "/api/drafts/{id}/files/{file}",
    params(("id" = i64, Path), ("file" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 409, body = Problem, description = "`draft_incomplete`: part of it is only on the server, show it first"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn detach(
    State(api): State<Api>,
    Path((draft, file)): Path<(i64, i64)>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.remove_draft_file(DraftId(draft), DraftFileId(file)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a draft into the outbox, from where it is sent once; the draft goes in the same step, here and on the server. An answer
/// without recipients goes to those it has by itself.
#[utoipa::path(
    post,
    path = "/api/drafts/{id}/send",
    params(("id" = i64, Path)),
    responses(
        (status = 202, body = SentView),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 409, body = Problem, description = "`attachment_missing` with its `name`, `draft_incomplete`: fetch it first; `certificates`, `signing_certificate_expired`, `signing_certificate_missing`, `signing_certificate_revoked` as of any mail"),
        (status = 413, body = Problem, description = "`too_large` with the `limit_mib`"),
        (status = 422, body = Problem, description = "`no_recipient`, `bad_address` with the `address`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn send(
    State(api): State<Api>,
    Path(draft): Path<i64>,
    Query(protect): Query<SendDraft>,
) -> Result<(StatusCode, axum::Json<SentView>), Problem> {
    api.app.touch();
    let id = api.app.send_draft(DraftId(draft), protect.into()).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(SentView { id: id.0 })))
}

/// How a draft is signed and encrypted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SendDraft {
    /// Whether it is signed; absent, as IT has it.
    sign: Option<bool>,
    /// Whether it is encrypted; absent, as IT has it, or as the message came that it answers or sends on.
    encrypt: Option<bool>,
    /// Recipients whose certificate is used although something is wrong with it, with commas between.
    despite: Option<String>,
}

impl From<SendDraft> for Protect {
    fn from(wanted: SendDraft) -> Self {
        let despite = wanted.despite.unwrap_or_default();
        let despite = despite.split(',').filter(|address| !address.is_empty());

        Self {
            sign: wanted.sign,
            encrypt: wanted.encrypt,
            despite: despite.map(str::to_owned).collect(),
        }
    }
}

impl From<DraftRequest> for DraftText {
    fn from(request: DraftRequest) -> Self {
        Self {
            to: request.to,
            cc: request.cc,
            bcc: request.bcc,
            subject: request.subject,
            text: request.text,
            importance: request.importance.map(Into::into),
            kind: request.kind.into(),
            original: request.original.map(MessageId),
            held: false,
        }
    }
}
