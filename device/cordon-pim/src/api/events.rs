//! News for the page, by long poll.

use crate::api::Api;
use crate::api::body::Query;
use crate::api::views::ChangesView;
use axum::extract::State;
use serde::Deserialize;
use std::time::Duration;
use utoipa::IntoParams;

/// How long a request waits for news.
const WAIT: Duration = Duration::from_secs(25);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct After {
    /// The last number that is known.
    #[serde(default)]
    after: u64,
}

/// Waits until something changes, at most 25 seconds, and says what.
#[utoipa::path(get, path = "/api/events", responses((status = 200, body = ChangesView)))]
pub(crate) async fn wait(
    State(api): State<Api>,
    Query(After { after }): Query<After>,
) -> axum::Json<ChangesView> {
    axum::Json(api.app.wait_for_change(after, WAIT).await.into())
}
