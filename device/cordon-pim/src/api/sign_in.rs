//! Sign-in to the mail server with the browser.

use crate::api::views::StateView;
use crate::api::{Api, Problem};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// A sign-in that waits for the browser.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInView {
    /// Where the browser has to go; it comes back to the app by itself. Good for ten minutes and once.
    url: String,
}

/// Begins a sign-in with the identity provider; one that waits is given up.
///
/// How it ends is in the state: `signing_in` turns false, and `sign_in_failure` says why if it came to nothing.
#[utoipa::path(
    post,
    path = "/api/sign-in",
    responses(
        (status = 200, body = SignInView),
        (status = 409, body = Problem, description = "`not_wanted`: the mail server takes a password"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = 502, body = Problem, description = "`unreachable`, `provider_unfit`"),
    ),
)]
pub(crate) async fn begin(State(api): State<Api>) -> Result<Json<SignInView>, Problem> {
    api.app.touch();
    let url = api.app.begin_sign_in().await?;
    Ok(Json(SignInView { url }))
}

/// Forgets the sign-in with the identity provider, and asks it to take its tokens back.
#[utoipa::path(
    delete,
    path = "/api/sign-in",
    responses((status = 200, body = StateView), (status = 423, body = Problem, description = "`locked`")),
)]
pub(crate) async fn end(State(api): State<Api>) -> Result<Json<StateView>, Problem> {
    api.app.touch();
    api.app.sign_out().await?;
    Ok(Json(api.app.state().into()))
}
