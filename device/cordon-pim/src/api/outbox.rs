//! Mails on their way out.

use crate::api::body::{Json, Path, Protect, SendAttachment};
use crate::api::views::{Importance, OutboxView};
use crate::api::{Api, Problem};
use app::{Draft, MessageId, OutboxId, Response};
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendRequest {
    /// Addresses, bare or as `Name <address>`.
    to: Vec<String>,
    #[serde(default)]
    cc: Vec<String>,
    #[serde(default)]
    bcc: Vec<String>,
    subject: String,
    text: String,
    #[serde(default)]
    importance: Importance,
    /// The message that this one answers.
    #[serde(default)]
    in_reply_to: Option<i64>,
    #[serde(default)]
    attachments: Vec<SendAttachment>,
    #[serde(default)]
    protect: Protect,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RespondRequest {
    kind: ResponseKind,
    /// Recipients, besides those that an answer has by itself: bare, or as `Name <address>`.
    #[serde(default)]
    to: Vec<String>,
    #[serde(default)]
    cc: Vec<String>,
    #[serde(default)]
    bcc: Vec<String>,
    /// Without one it is made of the original's.
    #[serde(default)]
    subject: Option<String>,
    /// What is new.
    text: String,
    #[serde(default)]
    importance: Importance,
    /// Files, besides those of a message that is sent on.
    #[serde(default)]
    attachments: Vec<SendAttachment>,
    #[serde(default)]
    protect: Protect,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ResponseKind {
    Forward,
    Reply,
    ReplyAll,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SentView {
    pub(crate) id: i64,
}

/// Takes a mail into the outbox; it is on disk on return, and is sent once.
#[utoipa::path(
    post,
    path = "/api/outbox",
    responses(
        (status = 202, body = SentView),
        (status = 409, body = Problem, description = "`certificates` with the `recipients`, and whether `despite` and no encryption are allowed; `signing_certificate_expired`, `signing_certificate_missing`, `signing_certificate_revoked`"),
        (status = 413, body = Problem, description = "`too_large` with the `limit_mib`"),
        (status = 422, body = Problem, description = "`no_recipient`, `bad_address` with the `address`, `encryption_required`, `not_protected`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn send(
    State(api): State<Api>,
    Json(request): Json<SendRequest>,
) -> Result<(StatusCode, axum::Json<SentView>), Problem> {
    api.app.touch();
    let draft = Draft {
        to: request.to,
        cc: request.cc,
        bcc: request.bcc,
        subject: request.subject,
        text: request.text,
        importance: request.importance.into(),
        in_reply_to: request.in_reply_to.map(MessageId),
        attachments: request.attachments.into_iter().map(Into::into).collect(),
        protect: request.protect.into(),
    };
    let id = api.app.send(draft).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(SentView { id: id.0 })))
}

/// Answers a message or sends it on: as for any mail, it is on disk on return, and is sent once. Where the mail server can, it adds
/// the original by itself, with its files.
#[utoipa::path(
    post,
    path = "/api/messages/{id}/respond",
    params(("id" = i64, Path)),
    responses(
        (status = 202, body = SentView),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 409, body = Problem, description = "`attachment_missing` with its `name`: fetch it first; `certificates`, `signing_certificate_expired`, `signing_certificate_missing`, `signing_certificate_revoked` as of any mail"),
        (status = 413, body = Problem, description = "`too_large` with the `limit_mib`"),
        (status = 422, body = Problem, description = "`no_recipient`, `bad_address` with the `address`, `encryption_required`, `not_protected`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn respond(
    State(api): State<Api>,
    Path(message): Path<i64>,
    Json(request): Json<RespondRequest>,
) -> Result<(StatusCode, axum::Json<SentView>), Problem> {
    api.app.touch();
    let kind = match request.kind {
        ResponseKind::Forward => app::ResponseKind::Forward,
        ResponseKind::Reply => app::ResponseKind::Reply,
        ResponseKind::ReplyAll => app::ResponseKind::ReplyAll,
    };
    let response = Response {
        to: request.to,
        cc: request.cc,
        bcc: request.bcc,
        subject: request.subject,
        text: request.text,
        importance: request.importance.into(),
        attachments: request.attachments.into_iter().map(Into::into).collect(),
        protect: request.protect.into(),
    };
    let id = api.app.respond(MessageId(message), kind, response).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(SentView { id: id.0 })))
}

/// Lists the mails that wait to be sent, oldest first.
#[utoipa::path(
    get,
    path = "/api/outbox",
    responses((status = 200, body = Vec<OutboxView>), (status = 423, body = Problem, description = "`locked`")),
)]
pub(crate) async fn list(State(api): State<Api>) -> Result<axum::Json<Vec<OutboxView>>, Problem> {
    Ok(axum::Json(api.app.outbox().await?.into_iter().map(Into::into).collect()))
}

/// Drops a mail that waits or has failed.
#[utoipa::path(
    delete,
    path = "/api/outbox/{id}",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn discard(
    State(api): State<Api>,
    Path(mail): Path<i64>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.discard(OutboxId(mail)).await?;
    Ok(StatusCode::NO_CONTENT)
}
