use crate::extract::{Body, SignedIn};
use crate::problem::Problem;
use crate::{Console, cookie};
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use fleet::administrator::SignInRefusal;
use fleet::throttle::TooMany;
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use operations::Failure;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};
use std::net::SocketAddr;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// The administrator; none if nobody is signed in.
    #[schema(required)]
    administrator: Option<AdministratorView>,
}

/// A signed-in administrator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AdministratorView {
    name: String,
}

/// Name and password of an administrator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInRequest {
    name: String,
    #[serde(deserialize_with = "password")]
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Tell who is signed in
///
/// Nobody being signed in is an answer, not a problem.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = OK, body = SessionView)))]
pub(crate) async fn read_session(
    State(console): State<Console>,
    headers: HeaderMap,
) -> Result<Json<SessionView>, Problem> {
    let Some(token) = cookie::token(&headers) else {
        return Ok(Json(SessionView { administrator: None }));
    };

    match console.operations().session(&token).await {
        Ok(session) => Ok(Json(view(session.name.as_str()))),
        Err(Failure::Refused(_)) => Ok(Json(SessionView { administrator: None })),
        Err(failure @ (Failure::Fault(_) | Failure::Unknown(_))) => Err(failure.into()),
    }
}

/// Sign in
///
/// Answers with a cookie that the browser keeps until it is closed.
#[utoipa::path(
    post,
    path = "/session",
    tag = "session",
    request_body = SignInRequest,
    responses(
        (status = OK, body = SessionView),
        (status = UNAUTHORIZED, body = Problem),
        (status = TOO_MANY_REQUESTS, body = Problem),
    )
)]
pub(crate) async fn sign_in(
    State(console): State<Console>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Body(request): Body<SignInRequest>,
) -> Result<Response, Problem> {
    let peer = peer.map(|Extension(ConnectInfo(address))| address.ip());
    let operations = console.operations();
    console.admit_sign_in(peer).map_err(too_many)?;
    let signed_in = match operations.sign_in(&request.name, &request.password, peer).await {
        Ok(signed_in) => signed_in,
        Err(failure) => return Err(not_signed_in(failure, operations.now())),
    };
    let Some(kept) = cookie::keep(&signed_in.token) else {
        return Err(crate::problem::internal(&Unkeepable));
    };

    Ok(([(SET_COOKIE, kept)], Json(view(signed_in.session.name.as_str()))).into_response())
}

/// Sign out
#[utoipa::path(
    delete,
    path = "/session",
    tag = "session",
    responses((status = NO_CONTENT), (status = UNAUTHORIZED, body = Problem))
)]
pub(crate) async fn sign_out(
    State(console): State<Console>,
    signed_in: SignedIn,
) -> Result<Response, Problem> {
    console.operations().sign_out(&signed_in.token).await?;

    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie::forget())]).into_response())
}

/// Reads a password so that it is forgotten safely.
pub(crate) fn password<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

fn view(name: &str) -> SessionView {
    SessionView { administrator: Some(AdministratorView { name: name.to_owned() }) }
}

fn not_signed_in(failure: Failure<SignInRefusal>, now: OffsetDateTime) -> Problem {
    let until = match &failure {
        Failure::Refused(SignInRefusal::LockedOut(locked)) => Some(locked.until),
        Failure::Refused(SignInRefusal::Wrong) | Failure::Fault(_) | Failure::Unknown(_) => None,
    };
    let problem = Problem::from(failure);

    match until {
        Some(until) => problem.after((until - now).whole_seconds().unsigned_abs().max(1)),
        None => problem,
    }
}

fn too_many(TooMany { seconds }: TooMany) -> Problem {
    let detail = "too many attempts to sign in came from your address; wait a little";

    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail).after(seconds)
}

/// Tokens consist of letters and digits, which fit into a header.
#[derive(Debug, thiserror::Error)]
#[error("the token of a session does not fit into a header")]
struct Unkeepable;
