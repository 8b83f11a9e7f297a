use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StateView {
    container: ContainerState,
    standing: Standing,
    /// What IT noted when it blocked the device.
    block_reason: Option<String>,
    /// Why the user's key was deleted, while it is gone and that is known.
    key_wiped_by: Option<KeyWipe>,
    account: Option<AccountView>,
    /// What opens the container; absent while there is none with a key.
    opens_with: Option<OpensWith>,
    /// The container was locked because its smart card was pulled out.
    card_removed: bool,
    /// How many wrong passwords in a row delete the key from here on.
    attempts_left: Option<u8>,
    needs_mail_password: bool,
    /// The person has to sign in with the browser: `POST /api/sign-in`.
    needs_sign_in: bool,
    /// A sign-in waits for the browser.
    signing_in: bool,
    /// A stable code of why the last sign-in in the browser came to nothing.
    sign_in_failure: Option<String>,
    sync: SyncView,
    /// How many mails wait to be sent.
    outbox: u64,
    /// How many certificate files IT has sent: they wait at Cordon's server, or lie in the import folder. `POST /api/imports` brings them there.
    delivered: u64,
    password_rules: PasswordRules,
    remote_images: RemoteImages,
    smime: SmimeView,
    /// 0 for never.
    lock_after_seconds: u32,
    /// What the mail server's policy asks for, while the container is open.
    policy: Vec<PolicySetting>,
    /// Codes: `device_key_in_file`.
    warnings: Vec<&'static str>,
    /// For `after` of `/api/events`.
    sequence: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct OpensWith {
    by: OpenedBy,
    /// Whose smart card it is, as its certificate says.
    card: Option<String>,
}

/// What opens the container; `key_on_card` has the person's key stay on the card, whose removal locks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OpenedBy {
    Card,
    KeyOnCard,
    Password,
}

impl From<app::OpenedBy> for OpenedBy {
    fn from(opened_by: app::OpenedBy) -> Self {
        match opened_by {
            app::OpenedBy::Card => Self::Card,
            app::OpenedBy::KeyOnCard => Self::KeyOnCard,
            app::OpenedBy::Password => Self::Password,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct PolicySetting {
    /// Its name in the protocol.
    setting: String,
    value: String,
    verdict: PolicyVerdict,
}

/// `beyond`: it concerns the device outside the container. `unmet`: the app does not do it, and has said so.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PolicyVerdict {
    Beyond,
    Enforced,
    Unmet,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ContainerState {
    Absent,
    KeyWiped,
    Locked,
    Open,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum KeyWipe {
    Ordered,
    WrongPasswords,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Standing {
    Active,
    Blocked,
    Unregistered,
    Wiped,
}

#[derive(Debug, Serialize, ToSchema)]
struct AccountView {
    name: String,
    address: String,
    /// When the personal certificate ends, or the one to sign with, where that is another and ends earlier.
    #[serde(with = "time::serde::rfc3339")]
    certificate_ends: OffsetDateTime,
}

#[derive(Debug, Serialize, ToSchema)]
struct SyncView {
    state: SyncState,
    #[serde(with = "time::serde::rfc3339::option")]
    last_success: Option<OffsetDateTime>,
    /// A stable code of what went wrong.
    detail: Option<String>,
    done: u64,
    total: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SyncState {
    Error,
    Idle,
    Offline,
    Refused,
    Syncing,
}

/// What a password of the container has to be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PasswordRules {
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
    /// Words that no password may hold, in whatever case.
    forbidden_words: Vec<String>,
}

impl From<&app::PasswordRules> for PasswordRules {
    fn from(rules: &app::PasswordRules) -> Self {
        Self {
            minimum_length: rules.minimum_length,
            digit: rules.digit,
            letter: rules.letter,
            upper_and_lower: rules.upper_and_lower,
            symbol: rules.symbol,
            kinds: rules.kinds,
            no_sequences: rules.no_sequences,
            history: rules.history,
            days: rules.days,
            forbidden_words: rules.forbidden_words.clone(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RemoteImages {
    Ask,
    Never,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangesView {
    sequence: u64,
    topics: Vec<Topic>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Topic {
    State,
    Folders,
    Messages,
    Outbox,
    Drafts,
    Entries,
}

/// How mails are signed and encrypted, as IT has it.
#[derive(Debug, Serialize, ToSchema)]
struct SmimeView {
    /// Whether they are signed unless their author says otherwise.
    sign: bool,
    encrypt: Encryption,
}

/// When mails are encrypted: when their author says so, unless their author says otherwise, or always.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Encryption {
    Asked,
    Default,
    Required,
}

impl From<app::SmimeSettings> for SmimeView {
    fn from(smime: app::SmimeSettings) -> Self {
        Self {
            sign: smime.sign,
            encrypt: match smime.encrypt {
                app::Encryption::Asked => Encryption::Asked,
                app::Encryption::Default => Encryption::Default,
                app::Encryption::Required => Encryption::Required,
            },
        }
    }
}

impl From<app::StateView> for StateView {
    fn from(state: app::StateView) -> Self {
        Self {
            container: match state.container {
                app::ContainerState::Absent => ContainerState::Absent,
                app::ContainerState::KeyWiped => ContainerState::KeyWiped,
                app::ContainerState::Locked => ContainerState::Locked,
                app::ContainerState::Open => ContainerState::Open,
            },
            standing: match state.standing {
                app::Standing::Active => Standing::Active,
                app::Standing::Blocked => Standing::Blocked,
                app::Standing::Unregistered => Standing::Unregistered,
                app::Standing::Wiped => Standing::Wiped,
            },
            block_reason: state.block_reason,
            key_wiped_by: state.key_wiped_by.map(|cause| match cause {
                app::KeyWipe::Ordered => KeyWipe::Ordered,
                app::KeyWipe::WrongPasswords => KeyWipe::WrongPasswords,
            }),
            account: state.account.map(|account| AccountView {
                name: account.name,
                address: account.address,
                certificate_ends: account.certificate_ends,
            }),
            opens_with: state
                .opens_with
                .map(|opens| OpensWith { by: opens.by.into(), card: opens.card }),
            card_removed: state.card_removed,
            attempts_left: state.attempts_left,
            needs_sign_in: state.needs_sign_in,
            signing_in: state.signing_in,
            sign_in_failure: state.sign_in_failure,
            needs_mail_password: state.needs_mail_password,
            sync: state.sync.into(),
            outbox: state.outbox,
            delivered: state.delivered,
            password_rules: (&state.password_rules).into(),
            smime: state.smime.into(),
            remote_images: match state.remote_images {
                app::RemoteImages::Ask => RemoteImages::Ask,
                app::RemoteImages::Never => RemoteImages::Never,
            },
            lock_after_seconds: state.lock_after_seconds,
            policy: state.policy.into_iter().map(PolicySetting::from).collect(),
            warnings: state
                .warnings
                .into_iter()
                .map(|warning| match warning {
                    app::Warning::DeviceKeyInFile => "device_key_in_file",
                })
                .collect(),
            sequence: state.sequence,
        }
    }
}

impl From<app::PolicyView> for PolicySetting {
    fn from(setting: app::PolicyView) -> Self {
        Self {
            setting: setting.setting,
            value: setting.value,
            verdict: match setting.verdict {
                app::PolicyVerdict::Beyond => PolicyVerdict::Beyond,
                app::PolicyVerdict::Enforced => PolicyVerdict::Enforced,
                app::PolicyVerdict::Unmet => PolicyVerdict::Unmet,
            },
        }
    }
}

impl From<app::SyncView> for SyncView {
    fn from(sync: app::SyncView) -> Self {
        Self {
            state: match sync.state {
                app::SyncState::Error => SyncState::Error,
                app::SyncState::Idle => SyncState::Idle,
                app::SyncState::Offline => SyncState::Offline,
                app::SyncState::Refused => SyncState::Refused,
                app::SyncState::Syncing => SyncState::Syncing,
            },
            last_success: sync.last_success,
            detail: sync.detail,
            done: sync.done,
            total: sync.total,
        }
    }
}

impl From<app::ChangesView> for ChangesView {
    fn from(changes: app::ChangesView) -> Self {
        let topic = |topic| match topic {
            app::Topic::State => Topic::State,
            app::Topic::Folders => Topic::Folders,
            app::Topic::Messages => Topic::Messages,
            app::Topic::Outbox => Topic::Outbox,
            app::Topic::Drafts => Topic::Drafts,
            app::Topic::Entries => Topic::Entries,
        };
        Self { sequence: changes.sequence, topics: changes.topics.into_iter().map(topic).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_state_has_its_shape() {
        let state = app::StateView {
            container: app::ContainerState::Open,
            standing: app::Standing::Active,
            block_reason: None,
            key_wiped_by: Some(app::KeyWipe::WrongPasswords),
            account: Some(app::AccountView {
                name: "Alice".into(),
                address: "alice@example.com".into(),
                certificate_ends: datetime!(2027-11-22 10:00 UTC),
            }),
            opens_with: Some(app::OpensWith {
                by: app::OpenedBy::KeyOnCard,
                card: Some("Alice".into()),
            }),
            card_removed: false,
            attempts_left: Some(9),
            needs_mail_password: false,
            needs_sign_in: true,
            signing_in: false,
            sign_in_failure: Some("sign_in_refused".into()),
            sync: app::SyncView {
                state: app::SyncState::Offline,
                last_success: Some(datetime!(2026-11-22 10:00 UTC)),
                detail: Some("no_route".into()),
                done: 3,
                total: Some(7),
            },
            outbox: 1,
            delivered: 2,
            password_rules: app::PasswordRules {
                minimum_length: 8,
                digit: true,
                ..Default::default()
            },
            remote_images: app::RemoteImages::Ask,
            smime: app::SmimeSettings::default(),
            lock_after_seconds: 300,
            policy: vec![app::PolicyView {
                setting: "AllowCamera".into(),
                value: "0".into(),
                verdict: app::PolicyVerdict::Beyond,
            }],
            warnings: vec![app::Warning::DeviceKeyInFile],
            sequence: 12,
        };

        insta::assert_json_snapshot!(StateView::from(state), @r#"
        {
          "container": "open",
          "standing": "active",
          "block_reason": null,
          "key_wiped_by": "wrong_passwords",
          "account": {
            "name": "Alice",
            "address": "alice@example.com",
            "certificate_ends": "2027-11-22T10:00:00Z"
          },
          "opens_with": {
            "by": "key_on_card",
            "card": "Alice"
          },
          "card_removed": false,
          "attempts_left": 9,
          "needs_mail_password": false,
          "needs_sign_in": true,
          "signing_in": false,
          "sign_in_failure": "sign_in_refused",
          "sync": {
            "state": "offline",
            "last_success": "2026-11-22T10:00:00Z",
            "detail": "no_route",
            "done": 3,
            "total": 7
          },
          "outbox": 1,
          "delivered": 2,
          "password_rules": {
            "minimum_length": 8,
            "digit": true,
            "letter": false,
            "upper_and_lower": false,
            "symbol": false,
            "kinds": 0,
            "no_sequences": false,
            "history": 0,
            "days": 0,
            "forbidden_words": []
          },
          "remote_images": "ask",
          "smime": {
            "sign": false,
            "encrypt": "asked"
          },
          "lock_after_seconds": 300,
          "policy": [
            {
              "setting": "AllowCamera",
              "value": "0",
              "verdict": "beyond"
            }
          ],
          "warnings": [
            "device_key_in_file"
          ],
          "sequence": 12
        }
        "#);
    }

    #[test]
    fn changes_have_their_shape() {
        let changes = app::ChangesView {
            sequence: 12,
            topics: vec![app::Topic::State, app::Topic::Messages],
        };

        insta::assert_json_snapshot!(ChangesView::from(changes), @r#"
        {
          "sequence": 12,
          "topics": [
            "state",
            "messages"
          ]
        }
        "#);
    }
}
