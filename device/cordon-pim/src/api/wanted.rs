//! What a person does with a message. Each is done here at once, and on the mail server when it can be reached; what it does not
//! take shows as `refused` in the message.

use crate::api::body::{Json, Path, Query};
use crate::api::views::FlagState;
use crate::api::{Api, Problem};
use app::{FolderId, MessageId};
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Deserializer};
use time::Date;
use time::format_description::well_known::Iso8601;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadRequest {
    read: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlagRequest {
    state: FlagState,
    /// The day by which it is to be done, as `2026-12-31`.
    #[serde(default, deserialize_with = "day")]
    #[schema(value_type = Option<String>, format = Date)]
    due: Option<Date>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CategoriesRequest {
    /// All of them: the ones before are replaced.
    categories: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveRequest {
    /// The folder's number.
    folder: i64,
}

#[derive(Deserialize)]
pub(crate) struct Deletion {
    #[serde(default)]
    for_good: bool,
}

/// Marks a message as read or unread.
#[utoipa::path(
    post,
    path = "/api/messages/{id}/read",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn mark_read(
    State(api): State<Api>,
    Path(message): Path<i64>,
    Json(request): Json<ReadRequest>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.mark_read(MessageId(message), request.read).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Flags a message, notes that it is done, or takes the flag away.
#[utoipa::path(
    post,
    path = "/api/messages/{id}/flag",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn flag(
    State(api): State<Api>,
    Path(message): Path<i64>,
    Json(request): Json<FlagRequest>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.flag(MessageId(message), request.state.into(), request.due).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets the categories of a message.
#[utoipa::path(
    post,
    path = "/api/messages/{id}/categories",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 409, body = Problem, description = "`not_supported` by the mail server"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn categorize(
    State(api): State<Api>,
    Path(message): Path<i64>,
    Json(request): Json<CategoriesRequest>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.categorize(MessageId(message), request.categories).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Moves a message to another folder; its number stays.
#[utoipa::path(
    post,
    path = "/api/messages/{id}/move",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 422, body = Problem, description = "`no_folder`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn shift(
    State(api): State<Api>,
    Path(message): Path<i64>,
    Json(request): Json<MoveRequest>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.move_message(MessageId(message), FolderId(request.folder)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a message: to the folder for deleted ones, or for good. One that lies there goes for good.
#[utoipa::path(
    delete,
    path = "/api/messages/{id}",
    params(
        ("id" = i64, Path),
        ("for_good" = Option<bool>, Query, description = "Leave nothing in the folder for deleted messages."),
    ),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn delete(
    State(api): State<Api>,
    Path(message): Path<i64>,
    Query(deletion): Query<Deletion>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.delete(MessageId(message), deletion.for_good).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let expected =
        |_| serde::de::Error::custom(format!("expected a day like 2026-12-31: {text:?}"));
    Date::parse(&text, &Iso8601::DATE).map(Some).map_err(expected)
}
