mod certificates;
mod ldap;

pub(crate) use certificates::CertificatesView;
pub(crate) use ldap::LdapView;

use crate::Console;
use crate::extract::{Body, Id, SignedIn};
use crate::problem::{Problem, ViolationView};
use audit::SubjectKind;
use axum::Json;
use axum::extract::State;
use fleet::GroupId;
use fleet::group::{Group, SettingsRefusal};
use operations::Failure;
use policy::{
    ContainerSettings, Encryption, GroupMailSettings, GroupSettings, NewestVersion, OauthSettings,
    OpenedBy, PasswordRules, RemoteImages, SignIn, SmimeSettings, ViewingSettings, Violation,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// The settings of a group, with their age.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingsView {
    /// Counts the changes.
    revision: u64,
    #[serde(with = "time::serde::rfc3339")]
    changed_at: OffsetDateTime,
    settings: GroupSettingsView,
}

/// Other settings for a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsRequest {
    /// The revision that these settings are made of; another one has been saved since if it is not the last.
    revision: u64,
    settings: GroupSettingsView,
}

/// What the apps of a group are told.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupSettingsView {
    mail: MailView,
    container: ContainerView,
    viewing: ViewingView,
    #[serde(default)]
    certificates: CertificatesView,
    #[serde(default)]
    smime: SmimeView,
    #[serde(default)]
    ldap: LdapView,
    /// How often an app asks for its status, in seconds.
    status_interval_seconds: u32,
}

/// Where mail comes from.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailView {
    /// The gateway, `host` or `host:port`.
    server: String,
    /// How many days of mail are kept on a device; 0 is all of it.
    days: u16,
    /// The newest version of ActiveSync that is spoken with the mail server.
    #[serde(default)]
    newest_version: NewestVersionView,
    /// How the members sign in to the mail server.
    #[serde(default)]
    sign_in: SignInView,
    #[serde(default)]
    oauth: OauthView,
}

/// The newest version of ActiveSync that is spoken.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub(crate) enum NewestVersionView {
    #[default]
    #[serde(rename = "any")]
    Any,
    #[serde(rename = "12.1")]
    V12_1,
    #[serde(rename = "14.0")]
    V14_0,
    #[serde(rename = "14.1")]
    V14_1,
    #[serde(rename = "16.0")]
    V16_0,
    #[serde(rename = "16.1")]
    V16_1,
}

/// How somebody signs in to the mail server.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignInView {
    Oauth,
    #[default]
    Password,
}

/// The identity provider, where one signs in.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OauthView {
    /// Address of the provider; empty where the mail server names it.
    issuer: String,
    /// The name under which the provider knows the app.
    client_id: String,
    /// What is asked of the provider, with blanks between.
    scopes: String,
}

/// How the encrypted container behaves.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContainerView {
    /// After how many seconds without use it locks itself.
    lock_after_seconds: u32,
    /// After how many wrong passwords in a row it destroys its key.
    wrong_passwords: u8,
    #[serde(default)]
    opened_by: OpenedByView,
    password: PasswordView,
}

/// What opens the container; `key_on_card` has the person's key stay on the card, whose removal locks.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OpenedByView {
    Card,
    KeyOnCard,
    #[default]
    Password,
}

/// What a password must be.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordView {
    minimum_length: u8,
    /// Whether a digit is needed.
    digit: bool,
    /// Whether a letter is needed.
    letter: bool,
    /// Whether a capital and a small letter are needed.
    upper_and_lower: bool,
    /// Whether a character is needed that is neither letter nor digit.
    symbol: bool,
    /// How many of small letters, capitals, digits and other characters are needed.
    kinds: u8,
    /// Whether four characters in a row may be neither the same nor consecutive.
    no_sequences: bool,
    /// How many passwords before the present one may not come back.
    history: u8,
    /// After how many days a new password is needed; 0 for never.
    days: u16,
    /// Words that no password may hold, in whatever case; at most 100.
    forbidden_words: Vec<String>,
}

/// How mail is signed and encrypted (S/MIME).
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SmimeView {
    /// Whether mails are signed unless their author says otherwise.
    sign: bool,
    encrypt: EncryptionView,
    /// Whether the author may encrypt with a certificate although something is wrong with it.
    doubtful_certificates: bool,
    /// Whether Triple DES may be used for recipients who read nothing better.
    triple_des: bool,
    /// Whether signatures made with SHA-1 count, on mails and on their signers' certificates.
    sha1_signatures: bool,
}

/// When mails are encrypted: when their author says so, unless their author says otherwise, or always.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EncryptionView {
    Asked,
    Default,
    Required,
}

impl Default for SmimeView {
    fn default() -> Self {
        SmimeSettings::default().into()
    }
}

impl From<SmimeSettings> for SmimeView {
    fn from(smime: SmimeSettings) -> Self {
        Self {
            sign: smime.sign,
            encrypt: match smime.encrypt {
                Encryption::Asked => EncryptionView::Asked,
                Encryption::Default => EncryptionView::Default,
                Encryption::Required => EncryptionView::Required,
            },
            doubtful_certificates: smime.doubtful_certificates,
            triple_des: smime.triple_des,
            sha1_signatures: smime.sha1_signatures,
        }
    }
}

impl From<SmimeView> for SmimeSettings {
    fn from(view: SmimeView) -> Self {
        Self {
            sign: view.sign,
            encrypt: match view.encrypt {
                EncryptionView::Asked => Encryption::Asked,
                EncryptionView::Default => Encryption::Default,
                EncryptionView::Required => Encryption::Required,
            },
            doubtful_certificates: view.doubtful_certificates,
            triple_des: view.triple_des,
            sha1_signatures: view.sha1_signatures,
        }
    }
}

/// What is shown of a message.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewingView {
    remote_images: RemoteImagesView,
    /// The largest attachment that is fetched, in MiB.
    attachment_limit_mib: u16,
}

/// Whether pictures are fetched from elsewhere.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RemoteImagesView {
    Ask,
    Never,
}

/// Show the settings of a group
#[utoipa::path(
    get,
    path = "/groups/{id}/settings",
    tag = "groups",
    params(("id" = Uuid, Path)),
    responses((status = OK, body = SettingsView), (status = NOT_FOUND, body = Problem))
)]
pub(crate) async fn read_settings(
    State(console): State<Console>,
    Id(id): Id,
) -> Result<Json<SettingsView>, Problem> {
    let Some(group) = console.operations().group(GroupId(id)).await? else {
        return Err(Problem::unknown(SubjectKind::Group));
    };

    Ok(Json(group.into()))
}

/// Change the settings of a group
///
/// Refused if somebody else has changed them since they were read.
#[utoipa::path(
    put,
    path = "/groups/{id}/settings",
    tag = "groups",
    params(("id" = Uuid, Path)),
    request_body = SettingsRequest,
    responses(
        (status = OK, body = SettingsView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn change_settings(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
    Body(request): Body<SettingsRequest>,
) -> Result<Json<SettingsView>, Problem> {
    let SettingsRequest { revision, settings } = request;
    let operations = console.operations();
    let changed = operations
        .change_settings(&signed_in.actor(), GroupId(id), settings.into(), Some(revision))
        .await
        .map_err(not_changed)?;

    Ok(Json(changed.into()))
}

fn not_changed(failure: Failure<SettingsRefusal>) -> Problem {
    let violations = match &failure {
        Failure::Refused(SettingsRefusal::Invalid(invalid)) => {
            invalid.violations.iter().map(ViolationView::from).collect()
        }
        Failure::Refused(SettingsRefusal::Outdated { .. } | SettingsRefusal::Unchanged)
        | Failure::Fault(_)
        | Failure::Unknown(_) => Vec::new(),
    };

    Problem::from(failure).with(violations)
}

impl From<&Violation> for ViolationView {
    fn from(violation: &Violation) -> Self {
        Self { place: violation.place, reason: violation.reason.clone() }
    }
}

impl From<Group> for SettingsView {
    fn from(group: Group) -> Self {
        Self {
            revision: group.revision,
            changed_at: group.changed_at,
            settings: group.settings.into(),
        }
    }
}

impl From<GroupMailSettings> for MailView {
    fn from(mail: GroupMailSettings) -> Self {
        let GroupMailSettings { server, days, newest_version, sign_in, oauth } = mail;
        let OauthSettings { issuer, client_id, scopes } = oauth;

        Self {
            server,
            days,
            newest_version: match newest_version {
                NewestVersion::Any => NewestVersionView::Any,
                NewestVersion::V12_1 => NewestVersionView::V12_1,
                NewestVersion::V14_0 => NewestVersionView::V14_0,
                NewestVersion::V14_1 => NewestVersionView::V14_1,
                NewestVersion::V16_0 => NewestVersionView::V16_0,
                NewestVersion::V16_1 => NewestVersionView::V16_1,
            },
            sign_in: match sign_in {
                SignIn::Oauth => SignInView::Oauth,
                SignIn::Password => SignInView::Password,
            },
            oauth: OauthView { issuer, client_id, scopes },
        }
    }
}

impl From<MailView> for GroupMailSettings {
    fn from(view: MailView) -> Self {
        let MailView { server, days, newest_version, sign_in, oauth } = view;
        let OauthView { issuer, client_id, scopes } = oauth;

        Self {
            server,
            days,
            newest_version: match newest_version {
                NewestVersionView::Any => NewestVersion::Any,
                NewestVersionView::V12_1 => NewestVersion::V12_1,
                NewestVersionView::V14_0 => NewestVersion::V14_0,
                NewestVersionView::V14_1 => NewestVersion::V14_1,
                NewestVersionView::V16_0 => NewestVersion::V16_0,
                NewestVersionView::V16_1 => NewestVersion::V16_1,
            },
            sign_in: match sign_in {
                SignInView::Oauth => SignIn::Oauth,
                SignInView::Password => SignIn::Password,
            },
            oauth: OauthSettings { issuer, client_id, scopes },
        }
    }
}

impl From<PasswordRules> for PasswordView {
    fn from(rules: PasswordRules) -> Self {
        let PasswordRules {
            minimum_length,
            digit,
            letter,
            upper_and_lower,
            symbol,
            kinds,
            no_sequences,
            history,
            days,
            forbidden_words,
        } = rules;

        Self {
            minimum_length,
            digit,
            letter,
            upper_and_lower,
            symbol,
            kinds,
            no_sequences,
            history,
            days,
            forbidden_words,
        }
    }
}

impl From<PasswordView> for PasswordRules {
    fn from(view: PasswordView) -> Self {
        let PasswordView {
            minimum_length,
            digit,
            letter,
            upper_and_lower,
            symbol,
            kinds,
            no_sequences,
            history,
            days,
            forbidden_words,
        } = view;

        Self {
            minimum_length,
            digit,
            letter,
            upper_and_lower,
            symbol,
            kinds,
            no_sequences,
            history,
            days,
            forbidden_words,
        }
    }
}

impl From<GroupSettings> for GroupSettingsView {
    fn from(settings: GroupSettings) -> Self {
        let GroupSettings {
            mail,
            container,
            viewing,
            certificates,
            smime,
            ldap,
            status_interval_seconds,
        } = settings;

        Self {
            mail: mail.into(),
            container: ContainerView {
                lock_after_seconds: container.lock_after_seconds,
                wrong_passwords: container.wrong_passwords,
                opened_by: match container.opened_by {
                    OpenedBy::Card => OpenedByView::Card,
                    OpenedBy::KeyOnCard => OpenedByView::KeyOnCard,
                    OpenedBy::Password => OpenedByView::Password,
                },
                password: container.password.into(),
            },
            viewing: ViewingView {
                remote_images: match viewing.remote_images {
                    RemoteImages::Ask => RemoteImagesView::Ask,
                    RemoteImages::Never => RemoteImagesView::Never,
                },
                attachment_limit_mib: viewing.attachment_limit_mib,
            },
            certificates: certificates.into(),
            smime: smime.into(),
            ldap: ldap.into(),
            status_interval_seconds,
        }
    }
}

impl From<GroupSettingsView> for GroupSettings {
    fn from(view: GroupSettingsView) -> Self {
        let GroupSettingsView {
            mail,
            container,
            viewing,
            certificates,
            smime,
            ldap,
            status_interval_seconds,
        } = view;

        Self {
            mail: mail.into(),
            container: ContainerSettings {
                lock_after_seconds: container.lock_after_seconds,
                wrong_passwords: container.wrong_passwords,
                opened_by: match container.opened_by {
                    OpenedByView::Card => OpenedBy::Card,
                    OpenedByView::KeyOnCard => OpenedBy::KeyOnCard,
                    OpenedByView::Password => OpenedBy::Password,
                },
                password: container.password.into(),
            },
            viewing: ViewingSettings {
                remote_images: match viewing.remote_images {
                    RemoteImagesView::Ask => RemoteImages::Ask,
                    RemoteImagesView::Never => RemoteImages::Never,
                },
                attachment_limit_mib: viewing.attachment_limit_mib,
            },
            certificates: certificates.into(),
            smime: smime.into(),
            ldap: ldap.into(),
            status_interval_seconds,
        }
    }
}
