//! Registration, lock and unlock, and the state of it all.

use crate::api::body::{Base64, Json, Secret};
use crate::api::imports::GivenFile;
use crate::api::views::StateView;
use crate::api::{Api, Problem};
use app::{
    Certificate, CertificateFile, Opening, PasswordChoice, Registration, Renewing, Restoration,
};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use std::path::PathBuf;
use utoipa::ToSchema;

type StateAnswer = Result<axum::Json<StateView>, Problem>;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterRequest {
    /// The invitation link.
    link: String,
    /// The certificate file, in Base64; without it the key on the smart card is the person's, and stays there.
    pkcs12: Option<Base64>,
    /// Where the file of `pkcs12` lies on this machine, if it is to be deleted once its key is in the container: an absolute path.
    #[schema(value_type = Option<String>)]
    file: Option<PathBuf>,
    /// The name of the certificate file in the import folder, in place of `pkcs12`; it is deleted once its key is in the container.
    imported: Option<String>,
    /// The password of the certificate file.
    transport_password: Option<Secret>,
    /// The password of the container, unless a smart card opens it.
    password: Option<Secret>,
    /// The same again.
    password_again: Option<Secret>,
    /// The PIN of the smart card that opens the container.
    pin: Option<Secret>,
    /// The password of the mailbox, where its server wants one.
    mail_password: Option<Secret>,
    /// Data whose key was deleted may go for good.
    #[serde(default)]
    discard_unreadable: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreRequest {
    /// The certificate file, in Base64; without it the key on the smart card is the person's, and stays there.
    pkcs12: Option<Base64>,
    /// Where the file of `pkcs12` lies on this machine, if it is to be deleted once its key is in the container: an absolute path.
    #[schema(value_type = Option<String>)]
    file: Option<PathBuf>,
    /// The name of the certificate file in the import folder, in place of `pkcs12`; it is deleted once its key is in the container.
    imported: Option<String>,
    /// The password of the certificate file.
    transport_password: Option<Secret>,
    /// The password of the container, unless a smart card opens it.
    password: Option<Secret>,
    /// The same again.
    password_again: Option<Secret>,
    /// The PIN of the smart card that opens the container.
    pin: Option<Secret>,
    /// The link of a new invitation, which `needs_invitation` asks for.
    #[serde(default)]
    link: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordRequest {
    password: Secret,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnlockRequest {
    /// The password of the container.
    password: Option<Secret>,
    /// The PIN of the smart card, where one opens it.
    pin: Option<Secret>,
    /// What opens it from now on, which `password_due` and `level_due` ask for.
    #[serde(default)]
    new: Option<NewOpening>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenewRequest {
    /// The certificate file, in Base64.
    pkcs12: Option<Base64>,
    /// Where the file of `pkcs12` lies on this machine, if it is to be deleted once its key is in the container: an absolute path.
    #[schema(value_type = Option<String>)]
    file: Option<PathBuf>,
    /// The name of the certificate file in the import folder, in place of `pkcs12`; it is deleted once its key is in the container.
    imported: Option<String>,
    /// The password of the certificate file.
    transport_password: Secret,
    /// The password of the container.
    password: Option<Secret>,
    /// The PIN of the smart card, where one opens it.
    pin: Option<Secret>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePasswordRequest {
    /// The password of now.
    password: Secret,
    new: NewPassword,
}

/// A new password of the container.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    password: Secret,
    /// The same again.
    again: Secret,
}

impl From<NewPassword> for PasswordChoice {
    fn from(new: NewPassword) -> Self {
        Self { password: new.password.0, again: new.again.0 }
    }
}

/// What is to open the container: a password, or the smart card that is in the reader.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOpening {
    password: Option<Secret>,
    /// The same again.
    again: Option<Secret>,
    /// The PIN of the card.
    pin: Option<Secret>,
}

impl NewOpening {
    /// Takes the one way or the other; `None` if neither is given.
    fn take(self) -> Result<Option<app::NewOpening>, Problem> {
        match (self.password, self.again, self.pin) {
            (None, None, None) => Ok(None),
            (None, None, Some(pin)) => Ok(Some(app::NewOpening::Card(pin.0))),
            (Some(password), Some(again), None) => {
                let choice = PasswordChoice { password: password.0, again: again.0 };
                Ok(Some(app::NewOpening::Password(choice)))
            }
            (None, Some(_), _) | (Some(_), None, _) => {
                Err(Problem::bad_request("a new password comes twice"))
            }
            (Some(_), Some(_), Some(_)) => {
                Err(Problem::bad_request("either a password or a pin opens the container"))
            }
        }
    }
}

/// Takes the certificate file, or the key on the card whose PIN is given to open the container with.
fn certificate(
    file: Option<CertificateFile>,
    opening: Option<&app::NewOpening>,
) -> Result<Certificate, Problem> {
    match (file, opening) {
        (Some(file), _) => Ok(Certificate::File(file)),
        (None, Some(app::NewOpening::Card(pin))) => Ok(Certificate::Card(pin.clone())),
        (None, Some(app::NewOpening::Password(_)) | None) => {
            Err(Problem::bad_request("a certificate file is needed, or the pin of a smart card"))
        }
    }
}

/// Shows the state of container, device and synchronisation.
#[utoipa::path(get, path = "/api/state", responses((status = 200, body = StateView)))]
pub(crate) async fn state(State(api): State<Api>) -> axum::Json<StateView> {
    axum::Json(api.app.state().into())
}

/// Registers this device with an invitation and makes the container.
#[utoipa::path(
    post,
    path = "/api/register",
    responses(
        (status = 200, body = StateView),
        (status = 401, body = Problem, description = "`wrong_pin` with the `attempts_left`"),
        (status = 403, body = Problem, description = "`refused` by the server, with its `reason`; `level_due` as for unlocking: the same \
            link works again with what IT wants"),
        (status = 409, body = Problem, description = "`already_registered`, `key_wiped`; what is wrong with the card, as for unlocking"),
        (status = 422, body = Problem, description = "`link_unreadable`, `pkcs12_several_keys` with the `keys`, \
            `pkcs12_too_expensive`, `pkcs12_unsupported`, `pkcs12_unusable`, `import_unreadable`, `wrong_transport_password`, `passwords_differ`, \
            `password_too_weak` with the `rules`"),
        (status = 502, body = Problem, description = "`unreachable`, `untrusted`"),
    ),
)]
pub(crate) async fn register(
    State(api): State<Api>,
    Json(request): Json<RegisterRequest>,
) -> StateAnswer {
    let RegisterRequest { pkcs12, file, imported, transport_password, .. } = request;
    let RegisterRequest { password, password_again, pin, .. } = request;
    let opening = NewOpening { password, again: password_again, pin }.take()?;
    let file = GivenFile { pkcs12, file, imported, transport_password }.take(&api)?;
    let registration = Registration {
        link: request.link,
        certificate: certificate(file, opening.as_ref())?,
        opening,
        mail_password: request.mail_password.map(|password| password.0),
        discard_unreadable: request.discard_unreadable,
    };
    api.app.register(registration).await?;
    api.app.delete_imported().await?;
    Ok(axum::Json(api.app.state().into()))
}

/// Puts back a key that was deleted, and opens the container: the data is readable again.
#[utoipa::path(
    post,
    path = "/api/restore",
    responses(
        (status = 200, body = StateView),
        (status = 403, body = Problem, description = "`blocked` with the `reason`, `needs_invitation`, `wiped`; \
            `refused` by the server, with its `reason`"),
        (status = 409, body = Problem, description = "`not_wiped`"),
        (status = 422, body = Problem, description = "`other_certificate`, `other_server`; else as of a registration"),
        (status = 502, body = Problem, description = "`unreachable`, `untrusted`"),
    ),
)]
pub(crate) async fn restore(
    State(api): State<Api>,
    Json(request): Json<RestoreRequest>,
) -> StateAnswer {
    let RestoreRequest { pkcs12, file, imported, transport_password, .. } = request;
    let RestoreRequest { password, password_again, pin, .. } = request;
    let opening = NewOpening { password, again: password_again, pin }.take()?;
    let file = GivenFile { pkcs12, file, imported, transport_password }.take(&api)?;
    let restoration = Restoration {
        certificate: certificate(file, opening.as_ref())?,
        opening,
        link: request.link,
    };
    api.app.restore(restoration).await?;
    api.app.delete_imported().await?;
    Ok(axum::Json(api.app.state().into()))
}

/// Opens the container.
#[utoipa::path(
    post,
    path = "/api/unlock",
    responses(
        (status = 200, body = StateView),
        (status = 401, body = Problem, description = "`wrong_password` or `wrong_pin` with the `attempts_left`"),
        (status = 403, body = Problem, description = "`level_due` if IT wants something else to open the container, with `opened_by` and \
            the `rules` for a password; `blocked` with the `reason`, `key_wiped`, `wiped`; \
            `password_due` with the `rules` for a new one, which of them are `broken`, and whether the password has `expired`; \
            `certificate_expired`, `certificate_revoked`, `certificate_revocation_unknown`, `certificate_untrusted` or `certificate_unusable` \
            if the personal certificate is not what IT asks for"),
        (status = 409, body = Problem, description = "`absent`; `card_needed` and `password_needed` if the other one opens the container; \
            what is wrong with the card: `card_absent`, `card_busy`, `card_damaged`, `card_other` with whose is `wanted`, `card_refused`, \
            `card_several`, `card_unknown`, `card_unsuitable`, `middleware_failed`, `no_certificate`, `no_reader`, `no_reader_service`, \
            `pin_blocked`, `pin_expired`, `pin_required`, `pin_unfit`, `reader_failed`"),
        (status = 422, body = Problem, description = "the new password: `passwords_differ`, `password_too_weak` with the `rules`, \
            `password_used`"),
    ),
)]
pub(crate) async fn unlock(
    State(api): State<Api>,
    Json(request): Json<UnlockRequest>,
) -> StateAnswer {
    let opening = opening(request.password, request.pin)?;
    let new = request.new.map(NewOpening::take).transpose()?.flatten();
    api.app.unlock(opening, new).await?;
    Ok(axum::Json(api.app.state().into()))
}

/// Takes another personal certificate from now on, and opens the container where it is locked. What was encrypted for the one
/// of before stays readable.
#[utoipa::path(
    post,
    path = "/api/renew",
    responses(
        (status = 200, body = StateView),
        (status = 401, body = Problem, description = "`wrong_password` or `wrong_pin` with the `attempts_left`"),
        (status = 403, body = Problem, description = "as for unlocking"),
        (status = 409, body = Problem, description = "`key_on_card`; else as for unlocking"),
        (status = 422, body = Problem, description = "`renewal_ended`, `renewal_older`, `renewal_other_person` with its `name` and the one that is \
            `wanted`, `renewal_same`, `renewal_unsuitable`, `renewal_untrusted` with its `fault`; the file as for a registration"),
    ),
)]
pub(crate) async fn renew(
    State(api): State<Api>,
    Json(request): Json<RenewRequest>,
) -> StateAnswer {
    api.app.touch();
    let opening = opening(request.password, request.pin)?;
    let RenewRequest { pkcs12, file, imported, transport_password, .. } = request;
    let given = GivenFile { pkcs12, file, imported, transport_password: Some(transport_password) };
    let file = given.take(&api)?;
    let file = file.ok_or_else(|| Problem::bad_request("a certificate file is needed"))?;
    api.app.renew(Renewing { file, opening }).await?;
    api.app.delete_imported().await?;
    Ok(axum::Json(api.app.state().into()))
}

/// Takes what opens the container.
fn opening(password: Option<Secret>, pin: Option<Secret>) -> Result<Opening, Problem> {
    match (password, pin) {
        (Some(password), None) => Ok(Opening::Password(password.0)),
        (None, Some(pin)) => Ok(Opening::Card(pin.0)),
        (None, None) | (Some(_), Some(_)) => {
            Err(Problem::bad_request("either a password or a pin opens the container"))
        }
    }
}

/// Changes the password of the open container.
#[utoipa::path(
    post,
    path = "/api/password",
    responses(
        (status = 200, body = StateView),
        (status = 401, body = Problem, description = "`wrong_password` with the `attempts_left`"),
        (status = 403, body = Problem, description = "`key_wiped`: that was the last try"),
        (status = 422, body = Problem, description = "`passwords_differ`, `password_too_weak` with the `rules`, `password_used`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn change_password(
    State(api): State<Api>,
    Json(request): Json<ChangePasswordRequest>,
) -> StateAnswer {
    api.app.touch();
    api.app.change_password(request.password.0, request.new.into()).await?;
    Ok(axum::Json(api.app.state().into()))
}

/// Drops the keys and every plain text.
#[utoipa::path(post, path = "/api/lock", responses((status = 200, body = StateView)))]
pub(crate) async fn lock(State(api): State<Api>) -> axum::Json<StateView> {
    api.frames.forget_all();
    api.app.lock().await;
    axum::Json(api.app.state().into())
}

/// Sets the password of the mailbox.
#[utoipa::path(
    post,
    path = "/api/mail-password",
    responses((status = 200, body = StateView), (status = 423, body = Problem, description = "`locked`")),
)]
pub(crate) async fn set_mail_password(
    State(api): State<Api>,
    Json(request): Json<PasswordRequest>,
) -> StateAnswer {
    api.app.touch();
    api.app.set_mail_password(request.password.0).await?;
    Ok(axum::Json(api.app.state().into()))
}

/// Starts to synchronise at once.
#[utoipa::path(
    post,
    path = "/api/sync",
    responses((status = 202), (status = 423, body = Problem, description = "`locked`")),
)]
pub(crate) async fn sync(State(api): State<Api>) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.sync_now().await?;
    Ok(StatusCode::ACCEPTED)
}

/// Notes that the user is there, which puts off the lock on timeout. Reading a message or changing anything does so too.
#[utoipa::path(post, path = "/api/touch", responses((status = 204)))]
pub(crate) async fn touch(State(api): State<Api>) -> StatusCode {
    api.app.touch();
    StatusCode::NO_CONTENT
}
