//! Search over the mails on this device, and on the mail server.

use crate::api::body::Json;
use crate::api::mail::PAGE;
use crate::api::views::{FoundView, SearchView};
use crate::api::{Api, Problem};
use app::{FolderId, SearchScope};
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

/// In the body and not in the address, since addresses are kept in more places.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchRequest {
    /// What the person typed: words, "phrases", `from:`, `to:`, `subject:`, `has:attachment`, `is:unread`, `before:`, `after:`.
    query: String,
    /// The folder; all of them if absent.
    folder: Option<i64>,
    /// How far the days of `before:` and `after:` are ahead of UTC, in minutes.
    #[serde(default)]
    zone_minutes: i16,
    /// How many of the newest to leave out.
    #[serde(default)]
    offset: u64,
    /// How many to return, at most 200.
    #[serde(default = "default_limit")]
    limit: u32,
}

/// Lists the messages that a query means, newest first; without a network.
#[utoipa::path(
    post,
    path = "/api/search",
    responses(
        (status = 200, body = SearchView),
        (status = 404, body = Problem, description = "`missing` folder"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn search(
    State(api): State<Api>,
    Json(request): Json<SearchRequest>,
) -> Result<axum::Json<SearchView>, Problem> {
    let scope =
        SearchScope { folder: request.folder.map(FolderId), zone_minutes: request.zone_minutes };
    let limit = request.limit.min(PAGE);
    Ok(axum::Json(api.app.search(&request.query, scope, request.offset, limit).await?.into()))
}

/// Lists the messages that the mail server finds for a query, those that are not on this device among them.
#[utoipa::path(
    post,
    path = "/api/search/server",
    responses(
        (status = 200, body = FoundView),
        (status = 403, body = Problem, description = "`forbidden` by the mail server, with the `reason`"),
        (status = 404, body = Problem, description = "`missing` folder"),
        (status = 422, body = Problem, description = "`impossible`, with the `reason`: `no_words`; `too_much`, with the `reason`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = 501, body = Problem, description = "`not_supported` by the mail server"),
        (status = 502, body = Problem, description = "`refused` by the mail server, with the `reason`"),
        (status = 503, body = Problem, description = "`offline`, with the `reason`"),
    ),
)]
pub(crate) async fn search_server(
    State(api): State<Api>,
    Json(request): Json<SearchRequest>,
) -> Result<axum::Json<FoundView>, Problem> {
    api.app.touch();
    let scope =
        SearchScope { folder: request.folder.map(FolderId), zone_minutes: request.zone_minutes };
    let offset = u32::try_from(request.offset).unwrap_or(u32::MAX);
    let limit = request.limit.min(PAGE);
    Ok(axum::Json(api.app.search_server(&request.query, scope, offset, limit).await?.into()))
}

fn default_limit() -> u32 {
    PAGE
}
