//! Passwords that the mail server's policy or IT does not want any more.

use activesync::codepage::{Tag, provision};
use activesync::messages::{PolicyDocument, PolicySetting};
use secrecy::SecretString;
use vault::Slot;

use super::ground::{Ground, PASSWORD, by};
use super::synced;
use crate::{
    ChangePasswordError, ContainerState, NewOpening, NewPasswordError, PasswordChoice, Standing,
    UnlockError,
};

const NEW: &str = "Weidenröschen-20";

#[tokio::test(flavor = "multi_thread")]
async fn a_stricter_policy_asks_for_another_password_at_the_next_unlock() {
    let ground = Ground::new(|options| options.samples = false).await;
    synced(&ground).await;
    wants(
        &ground,
        &[
            (provision::DEVICE_PASSWORD_ENABLED, "1"),
            (provision::ALPHANUMERIC_DEVICE_PASSWORD_REQUIRED, "1"),
            (provision::MIN_DEVICE_PASSWORD_COMPLEX_CHARACTERS, "4"),
            (provision::ALLOW_SIMPLE_DEVICE_PASSWORD, "0"),
        ],
    );
    let rules = ground
        .until("the rules", async |app| {
            let rules = app.state().password_rules;
            (rules.kinds == 4).then_some(rules)
        })
        .await;
    assert!(rules.digit && rules.letter && rules.no_sequences, "{rules:?}");
    assert_eq!(rules.minimum_length, 8, "the settings stay in force");
    let app = &ground.app;
    app.lock().await;

    let due = app.unlock(by(PASSWORD), None).await.unwrap_err();
    let UnlockError::PasswordDue { rules: told, broken, expired } = due else { panic!("{due:?}") };
    assert_eq!((told, expired), (rules, false));
    assert_eq!(broken, ["kinds"]);
    assert_eq!(app.state().container, ContainerState::Locked);
    assert!(app.folders().await.is_err());

    let weak = app
        .unlock(by(PASSWORD), Some(NewOpening::Password(choice("Weiden-1234", "Weiden-1234"))))
        .await;
    let Err(UnlockError::NewPassword(NewPasswordError::TooWeak { .. })) = weak else {
        panic!("{weak:?}")
    };
    let differs =
        app.unlock(by(PASSWORD), Some(NewOpening::Password(choice(NEW, "Weidenröschen-21")))).await;
    let Err(UnlockError::NewPassword(NewPasswordError::Different)) = differs else {
        panic!("{differs:?}")
    };
    let wrong = app.unlock(by("a guess"), Some(NewOpening::Password(choice(NEW, NEW)))).await;
    assert!(matches!(wrong, Err(UnlockError::WrongPassword { .. })), "{wrong:?}");
    assert_eq!(app.state().container, ContainerState::Locked);

    app.unlock(by(PASSWORD), Some(NewOpening::Password(choice(NEW, NEW)))).await.unwrap();
    assert_eq!(app.state().container, ContainerState::Open);
    app.lock().await;
    let old = app.unlock(by(PASSWORD), None).await;
    assert!(matches!(old, Err(UnlockError::WrongPassword { .. })), "{old:?}");
    app.unlock(by(NEW), None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_password_expires_and_does_not_come_back() {
    let ground = Ground::new(|options| options.samples = false).await;
    synced(&ground).await;
    wants(
        &ground,
        &[
            (provision::DEVICE_PASSWORD_ENABLED, "1"),
            (provision::DEVICE_PASSWORD_EXPIRATION, "30"),
            (provision::DEVICE_PASSWORD_HISTORY, "1"),
        ],
    );
    ground
        .until("the rules", async |app| (app.state().password_rules.days == 30).then_some(()))
        .await;
    let app = &ground.app;
    app.lock().await;
    app.unlock(by(PASSWORD), None).await.unwrap();
    passes(&ground, 29).await;
    app.lock().await;
    app.unlock(by(PASSWORD), None).await.unwrap();
    passes(&ground, 1).await;
    app.lock().await;

    let due = app.unlock(by(PASSWORD), None).await;
    let Err(UnlockError::PasswordDue { broken, expired: true, .. }) = due else {
        panic!("{due:?}")
    };
    assert!(broken.is_empty(), "{broken:?}");
    let same =
        app.unlock(by(PASSWORD), Some(NewOpening::Password(choice(PASSWORD, PASSWORD)))).await;
    let Err(UnlockError::NewPassword(NewPasswordError::Used)) = same else { panic!("{same:?}") };
    app.unlock(by(PASSWORD), Some(NewOpening::Password(choice(NEW, NEW)))).await.unwrap();

    let back = app.change_password(NEW.into(), choice(PASSWORD, PASSWORD)).await;
    let Err(ChangePasswordError::NewPassword(NewPasswordError::Used)) = back else {
        panic!("{back:?}")
    };
    app.change_password(NEW.into(), choice("another long one 2", "another long one 2"))
        .await
        .unwrap();
    app.change_password("another long one 2".into(), choice(PASSWORD, PASSWORD)).await.unwrap();
    app.lock().await;
    app.unlock(by(PASSWORD), None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_the_old_password_of_an_open_container_cost_the_key() {
    let ground = Ground::new(|options| options.samples = false).await;
    let app = &ground.app;
    synced(&ground).await;
    let left = app.state().attempts_left.unwrap();

    for left in (1..left).rev() {
        let refused = app.change_password("a guess".into(), choice(NEW, NEW)).await;
        let Err(ChangePasswordError::WrongPassword { attempts_left }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(attempts_left, Some(left));
    }
    let last = app.change_password("a guess".into(), choice(NEW, NEW)).await;
    assert!(matches!(last, Err(ChangePasswordError::KeyWiped)), "{last:?}");

    let state = app.state();
    assert_eq!(state.container, ContainerState::KeyWiped);
    assert_eq!(state.standing, Standing::Wiped);
    let locked = app.change_password(PASSWORD.into(), choice(NEW, NEW)).await;
    assert!(matches!(locked, Err(ChangePasswordError::Locked)), "{locked:?}");
}

fn wants(ground: &Ground, settings: &[(Tag, &str)]) {
    let settings = settings.iter().map(|(tag, value)| PolicySetting::new(*tag, *value)).collect();
    ground.server.change_policy("alice", PolicyDocument { settings }).unwrap();
    ground.server.deliver_text("alice", "bob@example.test", "Wakes the app", "x").unwrap();
}

/// Makes the present password older, in days.
async fn passes(ground: &Ground, days: i64) {
    const NOTED: Slot = Slot("passwords");
    let (open, _) = ground.app.life.open().await.unwrap();
    let noted = open.documents().read(NOTED).unwrap().unwrap();
    let mut noted: serde_json::Value = serde_json::from_slice(&noted).unwrap();
    let since = noted["passwords"][0]["since"].as_i64().unwrap();
    noted["passwords"][0]["since"] = (since - days * 86_400).into();
    open.documents().write(NOTED, noted.to_string().as_bytes()).unwrap();
}

fn choice(password: &str, again: &str) -> PasswordChoice {
    PasswordChoice { password: SecretString::from(password), again: SecretString::from(again) }
}
