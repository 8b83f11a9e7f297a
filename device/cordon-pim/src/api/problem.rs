use crate::api::views::{OpenedBy, PasswordRules};
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Why something was not done: for programs a code with parameters, for people a text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    #[serde(skip)]
    status: StatusCode,
    /// A stable word in `snake_case`.
    code: &'static str,
    /// English.
    detail: String,
    /// What else there is to know, by code.
    #[serde(flatten)]
    #[schema(additional_properties)]
    parameters: Map<String, Value>,
}

impl Problem {
    pub(super) fn unprocessable(code: &'static str, detail: String) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    fn new(status: StatusCode, code: &'static str, detail: impl ToString) -> Self {
        Self { status, code, detail: detail.to_string(), parameters: Map::new() }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.parameters.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn bad_request(detail: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    pub(crate) fn not_json() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "bad_request",
            "the body has to be application/json",
        )
    }

    pub(crate) fn body_too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "the request is too large")
    }

    pub(crate) fn no_session() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "no_session",
            "the session is over: start cordon-pim again",
        )
    }

    pub(crate) fn ticket_refused() -> Self {
        let detail = "the ticket is wrong, used or too old: start cordon-pim again";
        Self::new(StatusCode::UNAUTHORIZED, "ticket_refused", detail)
    }

    pub(crate) fn missing(detail: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, "missing", detail)
    }

    /// A fault of ours: told in the log, not to the page.
    pub(crate) fn internal(error: &impl std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the app failed; its log says why")
    }

    fn storage(reason: &str) -> Self {
        tracing::error!(reason, "the container failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "storage",
            format!("the container failed: {reason}"),
        )
    }

    fn locked() -> Self {
        Self::new(StatusCode::LOCKED, "locked", "the container is locked: unlock it first")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

impl From<app::SignInError> for Problem {
    fn from(error: app::SignInError) -> Self {
        match &error {
            app::SignInError::Failed { .. } => Self::internal(&error),
            app::SignInError::Locked => Self::locked(),
            app::SignInError::NotWanted => Self::new(StatusCode::CONFLICT, "not_wanted", error),
            app::SignInError::Provider { .. } => {
                Self::new(StatusCode::BAD_GATEWAY, "provider_unfit", error)
            }
            app::SignInError::Unreachable { .. } => {
                Self::new(StatusCode::BAD_GATEWAY, "unreachable", error)
            }
        }
    }
}

impl From<app::NotDeleted> for Problem {
    fn from(error: app::NotDeleted) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "certificate_not_deleted", error)
    }
}

impl From<app::AccessError> for Problem {
    fn from(error: app::AccessError) -> Self {
        match &error {
            app::AccessError::Locked => Self::locked(),
            app::AccessError::Missing => Self::missing(error),
            app::AccessError::Storage { reason } => Self::storage(reason),
        }
    }
}

impl From<app::ErrandError> for Problem {
    fn from(error: app::ErrandError) -> Self {
        let problem = |status, code| Self::new(status, code, &error);
        match &error {
            app::ErrandError::Forbidden { code } => {
                problem(StatusCode::FORBIDDEN, "forbidden").with("reason", code.as_str())
            }
            app::ErrandError::Impossible { code } => {
                problem(StatusCode::UNPROCESSABLE_ENTITY, "impossible").with("reason", *code)
            }
            app::ErrandError::Locked => Self::locked(),
            app::ErrandError::Missing => Self::missing(error),
            app::ErrandError::NameTaken => problem(StatusCode::CONFLICT, "name_taken"),
            app::ErrandError::Protected => problem(StatusCode::CONFLICT, "protected_folder"),
            app::ErrandError::Refused { code } => {
                problem(StatusCode::BAD_GATEWAY, "refused").with("reason", code.as_str())
            }
            app::ErrandError::Storage { reason } => Self::storage(reason),
            app::ErrandError::TooMuch { code } => {
                problem(StatusCode::UNPROCESSABLE_ENTITY, "too_much").with("reason", code.as_str())
            }
            app::ErrandError::Uncertain => problem(StatusCode::BAD_GATEWAY, "uncertain"),
            app::ErrandError::Unreachable { code } => {
                problem(StatusCode::SERVICE_UNAVAILABLE, "offline").with("reason", code.as_str())
            }
            app::ErrandError::Unsupported => problem(StatusCode::NOT_IMPLEMENTED, "not_supported"),
        }
    }
}

impl From<app::EntryError> for Problem {
    fn from(error: app::EntryError) -> Self {
        match &error {
            app::EntryError::BadValue { field, .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_value", &error)
                    .with("field", *field)
            }
            app::EntryError::Locked => Self::locked(),
            app::EntryError::Missing => Self::missing(error),
            app::EntryError::NoFolder => Self::new(StatusCode::CONFLICT, "no_folder", error),
            app::EntryError::Storage { reason } => Self::storage(reason),
        }
    }
}

impl From<app::ChangeError> for Problem {
    fn from(error: app::ChangeError) -> Self {
        match &error {
            app::ChangeError::Locked => Self::locked(),
            app::ChangeError::Missing => Self::missing(error),
            app::ChangeError::NoFolder => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "no_folder", error)
            }
            app::ChangeError::NotSupported => {
                Self::new(StatusCode::CONFLICT, "not_supported", error)
            }
            app::ChangeError::Storage { reason } => Self::storage(reason),
        }
    }
}

impl From<app::FetchError> for Problem {
    fn from(error: app::FetchError) -> Self {
        match &error {
            app::FetchError::Locked => Self::locked(),
            app::FetchError::Missing => Self::missing(error),
            app::FetchError::Offline => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "offline", error)
            }
            app::FetchError::Refused { code } => {
                Self::new(StatusCode::BAD_GATEWAY, "refused", &error).with("reason", code.as_str())
            }
            app::FetchError::Storage { reason } => Self::storage(reason),
            app::FetchError::TooLarge { limit_mib } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", &error)
                    .with("limit_mib", *limit_mib)
            }
        }
    }
}

impl From<app::SendError> for Problem {
    fn from(error: app::SendError) -> Self {
        let unprocessable = |code| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, &error);
        match &error {
            app::SendError::AttachmentMissing { name } => {
                Self::new(StatusCode::CONFLICT, "attachment_missing", &error)
                    .with("name", name.as_str())
            }
            app::SendError::BadAddress { address } => {
                unprocessable("bad_address").with("address", address.as_str())
            }
            app::SendError::CannotSign(fault) => {
                Self::new(StatusCode::CONFLICT, fault.code(), &error)
            }
            app::SendError::Certificates { problems, despite_allowed, plain_allowed } => {
                let recipient = |one: &app::RecipientProblem| {
                    json!({
                        "address": one.address, "missing": one.missing,
                        "words": { "en": one.words.english, "de": one.words.german },
                    })
                };
                Self::new(StatusCode::CONFLICT, "certificates", &error)
                    .with("recipients", problems.iter().map(recipient).collect::<Vec<_>>())
                    .with("despite_allowed", *despite_allowed)
                    .with("plain_allowed", *plain_allowed)
            }
            app::SendError::EncryptionRequired => unprocessable("encryption_required"),
            app::SendError::NotProtected { .. } => unprocessable("not_protected"),
            app::SendError::DraftIncomplete => {
                Self::new(StatusCode::CONFLICT, "draft_incomplete", &error)
            }
            app::SendError::DraftMissing => Self::missing(&error),
            app::SendError::Locked => Self::locked(),
            app::SendError::NoRecipient => unprocessable("no_recipient"),
            app::SendError::OriginalMissing => Self::missing(&error),
            app::SendError::Storage { reason } => Self::storage(reason),
            app::SendError::TooLarge { limit_mib } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", &error)
                    .with("limit_mib", *limit_mib)
            }
        }
    }
}

impl From<app::ImportError> for Problem {
    fn from(error: app::ImportError) -> Self {
        let unprocessable = |code| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, &error);
        match &error {
            app::ImportError::Locked => Self::locked(),
            app::ImportError::NotACertificate => unprocessable("not_a_certificate"),
            app::ImportError::Storage { reason } => Self::storage(reason),
            app::ImportError::TooMany { most } => unprocessable("too_many").with("most", *most),
        }
    }
}

impl From<app::DraftError> for Problem {
    fn from(error: app::DraftError) -> Self {
        match &error {
            app::DraftError::Incomplete => {
                Self::new(StatusCode::CONFLICT, "draft_incomplete", &error)
            }
            app::DraftError::Locked => Self::locked(),
            app::DraftError::Missing => Self::missing(&error),
            app::DraftError::Storage { reason } => Self::storage(reason),
        }
    }
}

impl From<app::UnlockError> for Problem {
    fn from(error: app::UnlockError) -> Self {
        let problem = |status, code| Self::new(status, code, &error);
        match &error {
            app::UnlockError::Absent => problem(StatusCode::CONFLICT, "absent"),
            app::UnlockError::Blocked { reason } => {
                problem(StatusCode::FORBIDDEN, "blocked").with("reason", reason.clone())
            }
            app::UnlockError::Card(error) => error.into(),
            app::UnlockError::CardNeeded => problem(StatusCode::CONFLICT, "card_needed"),
            app::UnlockError::Certificate { fault, .. } => {
                problem(StatusCode::FORBIDDEN, fault.code())
            }
            app::UnlockError::Damaged { .. } => {
                problem(StatusCode::INTERNAL_SERVER_ERROR, "damaged")
            }
            app::UnlockError::DeviceKeyUnavailable { .. } => {
                problem(StatusCode::SERVICE_UNAVAILABLE, "device_key_unavailable")
            }
            app::UnlockError::KeyWiped => problem(StatusCode::FORBIDDEN, "key_wiped"),
            app::UnlockError::LevelDue { opened_by, rules } => level_due(&error, *opened_by, rules),
            app::UnlockError::NewPassword(error) => error.into(),
            app::UnlockError::NotRenewed(error) => error.into(),
            app::UnlockError::PasswordDue { rules, broken, expired } => {
                problem(StatusCode::FORBIDDEN, "password_due")
                    .with("rules", json!(PasswordRules::from(rules)))
                    .with("broken", broken.clone())
                    .with("expired", *expired)
            }
            app::UnlockError::PasswordNeeded => problem(StatusCode::CONFLICT, "password_needed"),
            app::UnlockError::WrongPassword { attempts_left } => {
                problem(StatusCode::UNAUTHORIZED, "wrong_password")
                    .with("attempts_left", *attempts_left)
            }
            app::UnlockError::Wiped => problem(StatusCode::FORBIDDEN, "wiped"),
        }
    }
}

impl From<&app::RenewError> for Problem {
    fn from(error: &app::RenewError) -> Self {
        let unprocessable = |code| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error);
        match error {
            app::RenewError::Ended { .. } => unprocessable("renewal_ended"),
            app::RenewError::File(error) => error.into(),
            app::RenewError::Older => unprocessable("renewal_older"),
            app::RenewError::OnCard => Self::new(StatusCode::CONFLICT, "key_on_card", error),
            app::RenewError::OtherPerson { name, wanted } => unprocessable("renewal_other_person")
                .with("name", name.as_str())
                .with("wanted", wanted.as_str()),
            app::RenewError::Same => unprocessable("renewal_same"),
            app::RenewError::Unsuitable { .. } => unprocessable("renewal_unsuitable"),
            app::RenewError::Untrusted { fault, .. } => {
                unprocessable("renewal_untrusted").with("fault", fault.code())
            }
        }
    }
}

impl From<&app::CardError> for Problem {
    fn from(error: &app::CardError) -> Self {
        let problem = |status| Self::new(status, error.code(), error);
        match error {
            app::CardError::WrongPin { left } => {
                problem(StatusCode::UNAUTHORIZED).with("attempts_left", *left)
            }
            app::CardError::Other { wanted } => {
                problem(StatusCode::CONFLICT).with("wanted", wanted.as_str())
            }
            app::CardError::Missing
            | app::CardError::Reader(_)
            | app::CardError::Several
            | app::CardError::Token(_)
            | app::CardError::Unsuitable { .. } => problem(StatusCode::CONFLICT),
        }
    }
}

fn level_due(
    error: &impl std::fmt::Display,
    opened_by: app::OpenedBy,
    rules: &app::PasswordRules,
) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "level_due", error)
        .with("opened_by", json!(OpenedBy::from(opened_by)))
        .with("rules", json!(PasswordRules::from(rules)))
}

impl From<&app::NewPasswordError> for Problem {
    fn from(error: &app::NewPasswordError) -> Self {
        let problem = |code| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error);
        match error {
            app::NewPasswordError::Different => problem("passwords_differ"),
            app::NewPasswordError::TooWeak { rules } => {
                problem("password_too_weak").with("rules", json!(PasswordRules::from(rules)))
            }
            app::NewPasswordError::Used => problem("password_used"),
        }
    }
}

impl From<app::ChangePasswordError> for Problem {
    fn from(error: app::ChangePasswordError) -> Self {
        match &error {
            app::ChangePasswordError::ByCard => Self::new(StatusCode::CONFLICT, "by_card", &error),
            app::ChangePasswordError::KeyWiped => {
                Self::new(StatusCode::FORBIDDEN, "key_wiped", &error)
            }
            app::ChangePasswordError::Locked => Self::locked(),
            app::ChangePasswordError::NewPassword(error) => error.into(),
            app::ChangePasswordError::Storage { reason } => Self::storage(reason),
            app::ChangePasswordError::WrongPassword { attempts_left } => {
                Self::new(StatusCode::UNAUTHORIZED, "wrong_password", &error)
                    .with("attempts_left", *attempts_left)
            }
        }
    }
}

impl From<app::RegisterError> for Problem {
    fn from(error: app::RegisterError) -> Self {
        (&error).into()
    }
}

impl From<&app::RegisterError> for Problem {
    fn from(error: &app::RegisterError) -> Self {
        let unprocessable = |code| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error);
        match error {
            app::RegisterError::AlreadyRegistered => {
                Self::new(StatusCode::CONFLICT, "already_registered", error)
            }
            app::RegisterError::Card(error) => error.into(),
            app::RegisterError::LevelDue { opened_by, rules } => {
                level_due(error, *opened_by, rules)
            }
            app::RegisterError::KeyWiped => Self::new(StatusCode::CONFLICT, "key_wiped", error),
            app::RegisterError::LinkUnreadable { .. } => unprocessable("link_unreadable"),
            app::RegisterError::NewPassword(error) => error.into(),
            app::RegisterError::Pkcs12SeveralKeys { keys } => {
                unprocessable("pkcs12_several_keys").with("keys", keys.clone())
            }
            app::RegisterError::Pkcs12TooExpensive { .. } => unprocessable("pkcs12_too_expensive"),
            app::RegisterError::Pkcs12Unsupported { .. } => unprocessable("pkcs12_unsupported"),
            app::RegisterError::Pkcs12Unusable { .. } => unprocessable("pkcs12_unusable"),
            app::RegisterError::Refused { code, detail } => {
                Self::new(StatusCode::FORBIDDEN, "refused", detail).with("reason", code.as_str())
            }
            app::RegisterError::Storage { reason } => Self::storage(reason),
            app::RegisterError::Unreachable { .. } => {
                Self::new(StatusCode::BAD_GATEWAY, "unreachable", error)
            }
            app::RegisterError::Untrusted { .. } => {
                Self::new(StatusCode::BAD_GATEWAY, "untrusted", error)
            }
            app::RegisterError::WrongTransportPassword => unprocessable("wrong_transport_password"),
        }
    }
}

impl From<app::RestoreError> for Problem {
    fn from(error: app::RestoreError) -> Self {
        let problem = |status, code| Self::new(status, code, &error);
        match error {
            app::RestoreError::Blocked { ref reason } => {
                problem(StatusCode::FORBIDDEN, "blocked").with("reason", reason.clone())
            }
            app::RestoreError::Locked(error) => (*error).into(),
            app::RestoreError::NeedsInvitation => {
                problem(StatusCode::FORBIDDEN, "needs_invitation")
            }
            app::RestoreError::NotWiped => problem(StatusCode::CONFLICT, "not_wiped"),
            app::RestoreError::OtherCertificate => {
                problem(StatusCode::UNPROCESSABLE_ENTITY, "other_certificate")
            }
            app::RestoreError::OtherServer => {
                problem(StatusCode::UNPROCESSABLE_ENTITY, "other_server")
            }
            app::RestoreError::Register(error) => error.into(),
            app::RestoreError::Wiped => problem(StatusCode::FORBIDDEN, "wiped"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_a_status_and_a_code() {
        let reason = || "why".to_owned();
        let problems: [Problem; 35] = [
            app::AccessError::Locked.into(),
            app::AccessError::Missing.into(),
            app::ChangeError::NoFolder.into(),
            app::ChangeError::NotSupported.into(),
            app::FetchError::Offline.into(),
            app::FetchError::Refused { code: reason() }.into(),
            app::FetchError::TooLarge { limit_mib: 25 }.into(),
            app::SendError::AttachmentMissing { name: reason() }.into(),
            app::SendError::BadAddress { address: reason() }.into(),
            app::SendError::DraftMissing.into(),
            app::DraftError::Incomplete.into(),
            app::SendError::OriginalMissing.into(),
            app::SendError::NoRecipient.into(),
            app::EntryError::BadValue { field: "end", detail: reason() }.into(),
            app::EntryError::NoFolder.into(),
            app::UnlockError::Absent.into(),
            app::UnlockError::Blocked { reason: Some("lost".to_owned()) }.into(),
            app::UnlockError::Certificate {
                fault: app::CertificateFault::Revoked,
                reason: reason(),
            }
            .into(),
            app::UnlockError::DeviceKeyUnavailable { reason: reason() }.into(),
            app::UnlockError::WrongPassword { attempts_left: Some(2) }.into(),
            app::UnlockError::Wiped.into(),
            app::UnlockError::CardNeeded.into(),
            app::UnlockError::PasswordNeeded.into(),
            app::UnlockError::Card(app::CardError::WrongPin { left: Some(2) }).into(),
            app::UnlockError::Card(app::CardError::Other { wanted: reason() }).into(),
            app::UnlockError::Card(app::CardError::Missing).into(),
            app::UnlockError::KeyWiped.into(),
            app::RegisterError::KeyWiped.into(),
            app::RestoreError::NeedsInvitation.into(),
            app::RestoreError::OtherCertificate.into(),
            app::RestoreError::OtherServer.into(),
            app::RestoreError::Register(app::RegisterError::WrongTransportPassword).into(),
            app::RegisterError::Refused {
                code: reason(),
                detail: "The invitation is used up.".to_owned(),
            }
            .into(),
            app::RegisterError::WrongTransportPassword.into(),
            app::RegisterError::Pkcs12SeveralKeys {
                keys: vec!["one".to_owned(), "two".to_owned()],
            }
            .into(),
        ];

        let lines: Vec<String> = problems.iter().map(line).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        423 {"code":"locked","detail":"the container is locked: unlock it first"}
        404 {"code":"missing","detail":"there is no such thing"}
        422 {"code":"no_folder","detail":"there is no such folder"}
        409 {"code":"not_supported","detail":"the mail server does not know categories"}
        503 {"code":"offline","detail":"the server cannot be reached"}
        502 {"code":"refused","detail":"the server refused: why","reason":"why"}
        413 {"code":"too_large","detail":"the attachment is larger than 25 MiB","limit_mib":25}
        409 {"code":"attachment_missing","detail":"the attachment \"why\" is not on this device and cannot be fetched","name":"why"}
        422 {"code":"bad_address","detail":"\"why\" is not a mail address","address":"why"}
        404 {"code":"missing","detail":"there is no such draft"}
        409 {"code":"draft_incomplete","detail":"part of the draft is only on the server: open it while the server can be reached"}
        404 {"code":"missing","detail":"the original message is gone"}
        422 {"code":"no_recipient","detail":"the mail has no recipient"}
        422 {"code":"bad_value","detail":"end: why","field":"end"}
        409 {"code":"no_folder","detail":"the mailbox has no folder for this yet: synchronise first"}
        409 {"code":"absent","detail":"there is no container on this device"}
        403 {"code":"blocked","detail":"the device is blocked","reason":"lost"}
        403 {"code":"certificate_revoked","detail":"the personal certificate does not let the container open: why"}
        503 {"code":"device_key_unavailable","detail":"the device key is not available: why"}
        401 {"code":"wrong_password","detail":"wrong password","attempts_left":2}
        403 {"code":"wiped","detail":"the container was wiped"}
        409 {"code":"card_needed","detail":"the container opens with a smart card"}
        409 {"code":"password_needed","detail":"the container opens with a password"}
        401 {"code":"wrong_pin","detail":"the PIN is wrong; the card is blocked after 2 more","attempts_left":2}
        409 {"code":"card_other","detail":"this is not the smart card that is needed: put in the one of why","wanted":"why"}
        409 {"code":"card_absent","detail":"there is no smart card in the reader: put yours in"}
        403 {"code":"key_wiped","detail":"the key of the container was deleted; the data is kept"}
        409 {"code":"key_wiped","detail":"this device keeps data whose key was deleted: restore the key, or discard the data"}
        403 {"code":"needs_invitation","detail":"IT has taken this device out of service: ask IT for a new invitation and give its link"}
        422 {"code":"other_certificate","detail":"the data is encrypted for another certificate"}
        422 {"code":"other_server","detail":"the invitation is not by the server that this device was registered with"}
        422 {"code":"wrong_transport_password","detail":"wrong transport password"}
        403 {"code":"refused","detail":"The invitation is used up.","reason":"why"}
        422 {"code":"wrong_transport_password","detail":"wrong transport password"}
        422 {"code":"pkcs12_several_keys","detail":"the certificate file holds several keys, export the one that is meant alone: one; two","keys":["one","two"]}
        "#);
    }

    #[test]
    fn each_failure_of_the_mail_server_says_what_to_do() {
        let code = |code: &str| code.to_owned();
        let unreachable = |reason: &str| app::ErrandError::Unreachable { code: reason.to_owned() };
        let errors = [
            app::ErrandError::Forbidden { code: code("status_16") },
            app::ErrandError::Impossible { code: "name_empty" },
            app::ErrandError::Impossible { code: "inside_itself" },
            app::ErrandError::Missing,
            app::ErrandError::NameTaken,
            app::ErrandError::Protected,
            app::ErrandError::Refused { code: code("status_103") },
            app::ErrandError::TooMuch { code: code("status_8") },
            app::ErrandError::Uncertain,
            unreachable("offline"),
            unreachable("password_refused"),
            unreachable("server_busy"),
            unreachable("http_500"),
            app::ErrandError::Unsupported,
        ];

        let lines: Vec<String> =
            errors.into_iter().map(|error| line(&Problem::from(error))).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        403 {"code":"forbidden","detail":"the mail server does not allow this (status_16): ask IT","reason":"status_16"}
        422 {"code":"impossible","detail":"there is no name","reason":"name_empty"}
        422 {"code":"impossible","detail":"a folder cannot lie in itself","reason":"inside_itself"}
        404 {"code":"missing","detail":"there is no such thing, or not any more"}
        409 {"code":"name_taken","detail":"there is a folder of this name in the same place: take another name"}
        409 {"code":"protected_folder","detail":"this folder belongs to the mailbox and stays as it is"}
        502 {"code":"refused","detail":"the mail server refused (status_103)","reason":"status_103"}
        422 {"code":"too_much","detail":"this is too much for the mail server (status_8): ask for less","reason":"status_8"}
        502 {"code":"uncertain","detail":"the mail server's answer was lost and it may have been done: look before you do it again"}
        503 {"code":"offline","detail":"the mail server cannot be reached","reason":"offline"}
        503 {"code":"offline","detail":"the mail server wants the mailbox's password","reason":"password_refused"}
        503 {"code":"offline","detail":"the mail server is busy: try again in a while","reason":"server_busy"}
        503 {"code":"offline","detail":"the mail server cannot do it now (http_500): try again later","reason":"http_500"}
        501 {"code":"not_supported","detail":"this mail server does not do this"}
        "#);
    }

    #[test]
    fn a_fault_of_ours_is_not_told_to_the_page() {
        assert_eq!(
            line(&Problem::internal(&"the secret path /x")),
            r#"500 {"code":"internal","detail":"the app failed; its log says why"}"#
        );
    }

    fn line(problem: &Problem) -> String {
        format!("{} {}", problem.status.as_u16(), serde_json::to_string(problem).unwrap())
    }
}
