//! The way in: a ticket for a session.

use crate::api::Problem;
use crate::api::body::Json;
use crate::door::Door;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RedeemRequest {
    /// What stands behind `#ticket=` in the page's address.
    ticket: String,
}

#[derive(Serialize, ToSchema)]
struct SessionView {
    /// To be sent as `Authorization: Bearer …` with each request.
    token: String,
}

pub(crate) fn router() -> Router<Arc<Door>> {
    routes().split_for_parts().0
}

pub(crate) fn description() -> utoipa::openapi::OpenApi {
    routes().split_for_parts().1
}

fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(redeem)).layer(DefaultBodyLimit::max(1024))
}

/// Exchanges the ticket of the page's address for a session; works once.
#[utoipa::path(
    post,
    path = "/api/door/redeem",
    responses((status = 200, body = SessionView), (status = 401, body = Problem)),
)]
async fn redeem(
    State(door): State<Arc<Door>>,
    Json(request): Json<RedeemRequest>,
) -> Result<axum::Json<SessionView>, Problem> {
    door.redeem(&request.ticket).map(|token| axum::Json(SessionView { token }))
}
