//! Mails on their way out.

use crate::api::body::{Base64, Json, Path};
use crate::api::views::OutboxView;
use crate::api::{Api, Problem};
use app::{Draft, DraftAttachment, MessageId, OutboxId};
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
    /// The message that this one answers.
    #[serde(default)]
    in_reply_to: Option<i64>,
    #[serde(default)]
    attachments: Vec<SendAttachment>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SendAttachment {
    name: String,
    #[serde(rename = "type")]
    media_type: String,
    /// In Base64.
    data: Base64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SentView {
    id: i64,
}

/// Takes a mail into the outbox; it is on disk on return, and is sent once.
#[utoipa::path(
    post,
    path = "/api/outbox",
    responses(
        (status = 202, body = SentView),
        (status = 413, body = Problem, description = "`too_large` with the `limit_mib`"),
        (status = 422, body = Problem, description = "`no_recipient`, `bad_address` with the `address`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn send(
    State(api): State<Api>,
    Json(request): Json<SendRequest>,
) -> Result<(StatusCode, axum::Json<SentView>), Problem> {
    api.app.touch();
    let attachment = |attachment: SendAttachment| DraftAttachment {
        name: attachment.name,
        media_type: attachment.media_type,
        bytes: attachment.data.0,
    };
    let draft = Draft {
        to: request.to,
        cc: request.cc,
        bcc: request.bcc,
        subject: request.subject,
        text: request.text,
        in_reply_to: request.in_reply_to.map(MessageId),
        attachments: request.attachments.into_iter().map(attachment).collect(),
    };
    let id = api.app.send(draft).await?;
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
