//! Administrators: who may use the console.

use crate::api::session::password;
use crate::extract::{Body, Id, SignedIn};
use crate::problem::Problem;
use crate::{Console, cookie};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use fleet::administrator::{Administrator, ChangePasswordRefusal, CreateRefusal};
use fleet::{AdministratorId, Login};
use http::StatusCode;
use http::header::SET_COOKIE;
use operations::Failure;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// All administrators, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AdministratorsView {
    items: Vec<AccountView>,
}

/// The account of an administrator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountView {
    id: Uuid,
    name: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// Whether it is the account of whoever asks.
    own: bool,
}

/// Another administrator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountRequest {
    name: String,
    /// What they sign in with at first.
    #[serde(deserialize_with = "password")]
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Another password for whoever asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordRequest {
    #[serde(deserialize_with = "password")]
    #[schema(value_type = String, format = Password)]
    current: SecretString,
    #[serde(deserialize_with = "password")]
    #[schema(value_type = String, format = Password)]
    new: SecretString,
}

/// List administrators
#[utoipa::path(
    get,
    path = "/administrators",
    tag = "administrators",
    responses((status = OK, body = AdministratorsView), (status = UNAUTHORIZED, body = Problem))
)]
pub(crate) async fn list_administrators(
    State(console): State<Console>,
    signed_in: SignedIn,
) -> Result<Json<AdministratorsView>, Problem> {
    let found = console.operations().administrators().await?;
    let items = found.into_iter().map(|account| view(account, &signed_in)).collect();

    Ok(Json(AdministratorsView { items }))
}

/// Add an administrator
#[utoipa::path(
    post,
    path = "/administrators",
    tag = "administrators",
    request_body = AccountRequest,
    responses(
        (status = CREATED, body = AccountView),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn create_administrator(
    State(console): State<Console>,
    signed_in: SignedIn,
    Body(request): Body<AccountRequest>,
) -> Result<(StatusCode, Json<AccountView>), Problem> {
    let name = Login::parse(&request.name).map_err(|text| Problem::refused(&text).at("name"))?;
    let actor = signed_in.actor();
    match console.operations().create_administrator(&actor, name, &request.password).await {
        Ok(account) => Ok((StatusCode::CREATED, Json(view(account, &signed_in)))),
        Err(Failure::Refused(CreateRefusal::Password(refusal))) => {
            Err(Problem::refused(&refusal).at("password"))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Remove an administrator
///
/// Their sessions end at once. The last one stays, and nobody removes their own account.
#[utoipa::path(
    delete,
    path = "/administrators/{id}",
    tag = "administrators",
    params(("id" = Uuid, Path)),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
    )
)]
pub(crate) async fn remove_administrator(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    let id = AdministratorId(id);
    console.operations().remove_administrator(&signed_in.actor(), id).await?;

    Ok(StatusCode::NO_CONTENT)
}

/// Change one's own password
///
/// All sessions of the account end, the one that asks too.
#[utoipa::path(
    put,
    path = "/session/password",
    tag = "session",
    request_body = PasswordRequest,
    responses(
        (status = NO_CONTENT),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
        (status = TOO_MANY_REQUESTS, body = Problem),
    )
)]
pub(crate) async fn change_password(
    State(console): State<Console>,
    signed_in: SignedIn,
    Body(request): Body<PasswordRequest>,
) -> Result<Response, Problem> {
    let operations = console.operations();
    let PasswordRequest { current, new } = request;
    match operations.change_password(&signed_in.session, &current, &new).await {
        Ok(()) => Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie::forget())]).into_response()),
        Err(failure) => Err(not_changed(failure, operations.now())),
    }
}

fn not_changed(failure: Failure<ChangePasswordRefusal>, now: OffsetDateTime) -> Problem {
    let refusal = match failure {
        Failure::Refused(refusal) => refusal,
        failure @ (Failure::Fault(_) | Failure::Unknown(_)) => return failure.into(),
    };
    let problem = Problem::refused(&refusal);
    match refusal {
        ChangePasswordRefusal::LockedOut(locked) => {
            problem.after((locked.until - now).whole_seconds().unsigned_abs().max(1))
        }
        ChangePasswordRefusal::Password(_) | ChangePasswordRefusal::Unchanged => problem.at("new"),
        ChangePasswordRefusal::Wrong => problem.at("current"),
    }
}

fn view(account: Administrator, signed_in: &SignedIn) -> AccountView {
    AccountView {
        own: account.id == signed_in.session.administrator,
        id: account.id.into(),
        name: account.name.to_string(),
        created_at: account.created_at,
    }
}
