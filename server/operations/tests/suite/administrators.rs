//! Administrators, their sessions, and the slowing down of guesses.

use crate::fleet_for_tests::{Fleet, NOW, anna, clock, refusal};
use audit::Actor;
use fleet::Login;
use fleet::administrator::Administrator;
use secrecy::{ExposeSecret as _, SecretString};
use time::Duration;
use tokio::task::JoinSet;

#[tokio::test]
async fn an_administrator_signs_in_and_out() {
    let fleet = Fleet::new().await;
    let admin = anna_exists(&fleet).await;
    let it = &fleet.operations;

    let signed_in = it.sign_in("ANNA", &password(), None).await.unwrap();
    assert_eq!(signed_in.token.expose_secret().len(), 43);
    let session = it.session(&signed_in.token).await.unwrap();
    assert_eq!((session.administrator, session.name), (admin.id, admin.name));

    it.sign_out(&signed_in.token).await.unwrap();
    assert_eq!(refusal(it.session(&signed_in.token).await), "not_signed_in");
    assert_eq!(refusal(it.sign_out(&signed_in.token).await), "not_signed_in");
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it_and_after_twelve_hours() {
    clock!(clock);
    let fleet = Fleet::with(5, clock::now).await;
    anna_exists(&fleet).await;
    let it = &fleet.operations;
    let idle = it.sign_in("anna", &password(), None).await.unwrap().token;
    let busy = it.sign_in("anna", &password(), None).await.unwrap().token;

    for _ in 0..(12 * 60 / 20) - 1 {
        clock::advance(Duration::minutes(20));
        it.session(&busy).await.unwrap();
    }
    assert_eq!(refusal(it.session(&idle).await), "not_signed_in");
    clock::advance(Duration::minutes(20));
    assert_eq!(refusal(it.session(&busy).await), "not_signed_in");

    it.tidy().await.unwrap();
    assert_eq!(refusal(it.session(&busy).await), "not_signed_in");
}

#[tokio::test]
async fn guessing_is_slowed_down_whether_or_not_the_name_exists() {
    clock!(clock);
    let fleet = Fleet::with(5, clock::now).await;
    anna_exists(&fleet).await;
    let it = &fleet.operations;

    for name in ["anna", "nobody"] {
        for _ in 0..5 {
            let wrong = it.sign_in(name, &"wrong".into(), None).await;
            assert_eq!(refusal(wrong), "wrong_name_or_password");
        }
        assert_eq!(refusal(it.sign_in(name, &password(), None).await), "locked_out");
    }

    clock::advance(Duration::seconds(30));
    assert_eq!(refusal(it.sign_in("anna", &"wrong".into(), None).await), "wrong_name_or_password");
    clock::advance(Duration::seconds(59));
    let failure = it.sign_in("anna", &password(), None).await.unwrap_err();
    insta::assert_snapshot!(failure, @"nobody was signed in: too many passwords were wrong; wait until 03:05:35 UTC and try again");
    clock::advance(Duration::SECOND);
    it.sign_in("anna", &password(), None).await.unwrap();
    assert_eq!(
        refusal(it.sign_in("anna", &"wrong".into(), None).await),
        "wrong_name_or_password",
        "the right password makes the wrong ones forgotten"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_at_the_same_time_are_no_way_around_the_pause() {
    let fleet = Fleet::new().await;
    anna_exists(&fleet).await;
    let mut guesses = JoinSet::new();
    for _ in 0..12 {
        let it = fleet.operations.clone();
        guesses.spawn(async move { refusal(it.sign_in("anna", &"wrong".into(), None).await) });
    }

    let answers = guesses.join_all().await;
    let looked_at = answers.iter().filter(|answer| **answer == "wrong_name_or_password").count();
    assert_eq!(looked_at, 5, "{answers:?}");
}

#[tokio::test]
async fn another_password_ends_the_sessions_and_the_pause() {
    let fleet = Fleet::new().await;
    let admin = anna_exists(&fleet).await;
    let it = &fleet.operations;
    let token = it.sign_in("anna", &password(), None).await.unwrap().token;
    for _ in 0..5 {
        refusal(it.sign_in("anna", &"wrong".into(), None).await);
    }
    let other = "another horse battery".into();

    it.set_password(&anna(), admin.id, &other).await.unwrap();

    assert_eq!(refusal(it.session(&token).await), "not_signed_in");
    assert_eq!(refusal(it.sign_in("anna", &password(), None).await), "wrong_name_or_password");
    it.sign_in("anna", &other, None).await.unwrap();
}

#[tokio::test]
async fn a_removed_administrator_is_out_at_once() {
    let fleet = Fleet::new().await;
    let admin = anna_exists(&fleet).await;
    let it = &fleet.operations;
    let ben = Login::parse("ben").unwrap();
    it.create_administrator(&anna(), ben, &password()).await.unwrap();
    let token = it.sign_in("anna", &password(), None).await.unwrap().token;

    let ben = Actor::Administrator("ben".into());
    it.remove_administrator(&ben, admin.id).await.unwrap();

    assert_eq!(refusal(it.session(&token).await), "not_signed_in");
    assert_eq!(refusal(it.sign_in("anna", &password(), None).await), "wrong_name_or_password");
    let left = it.administrators().await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].created_at, NOW);
}

#[tokio::test]
async fn nobody_removes_their_own_account_or_the_last_one() {
    let fleet = Fleet::new().await;
    let admin = anna_exists(&fleet).await;
    let it = &fleet.operations;
    assert_eq!(refusal(it.remove_administrator(&anna(), admin.id).await), "last_administrator");
    let ben = it.create_administrator(&anna(), Login::parse("ben").unwrap(), &password()).await;
    let ben = ben.unwrap();

    assert_eq!(refusal(it.remove_administrator(&anna(), admin.id).await), "own_account");
    it.remove_administrator(&anna(), ben.id).await.unwrap();
    let root = Actor::CommandLine("anna".into());
    assert_eq!(refusal(it.remove_administrator(&root, admin.id).await), "last_administrator");
}

#[tokio::test]
async fn whoever_knows_their_password_changes_it() {
    let fleet = Fleet::new().await;
    anna_exists(&fleet).await;
    let it = &fleet.operations;
    let signed_in = it.sign_in("anna", &password(), None).await.unwrap();
    let elsewhere = it.sign_in("anna", &password(), None).await.unwrap().token;
    let session = &signed_in.session;
    let other: SecretString = "another horse battery".into();
    let change = async |current: &SecretString, new: &SecretString| {
        refusal(it.change_password(session, current, new).await)
    };

    assert_eq!(change(&"a wrong password".into(), &other).await, "wrong_current_password");
    assert_eq!(change(&password(), &password()).await, "password_unchanged");
    assert_eq!(change(&password(), &"short".into()).await, "password_too_short");
    it.session(&signed_in.token).await.expect("nothing was changed");

    it.change_password(session, &password(), &other).await.unwrap();
    for token in [&signed_in.token, &elsewhere] {
        assert_eq!(refusal(it.session(token).await), "not_signed_in");
    }
    assert_eq!(change(&password(), &"third horse battery".into()).await, "wrong_current_password");
    it.sign_in("anna", &other, None).await.unwrap();
}

#[tokio::test]
async fn a_session_is_no_way_to_guess_the_password() {
    let fleet = Fleet::new().await;
    anna_exists(&fleet).await;
    let it = &fleet.operations;
    let session = it.sign_in("anna", &password(), None).await.unwrap().session;
    let other: SecretString = "another horse battery".into();

    for _ in 0..5 {
        let wrong = it.change_password(&session, &"wrong".into(), &other).await;
        assert_eq!(refusal(wrong), "wrong_current_password");
    }
    let right = it.change_password(&session, &password(), &other).await;
    assert_eq!(refusal(right), "locked_out");
    assert_eq!(refusal(it.sign_in("anna", &password(), None).await), "locked_out");
}

#[tokio::test]
async fn no_secret_is_in_the_log_or_in_a_debug_form() {
    let fleet = Fleet::new().await;
    anna_exists(&fleet).await;
    let it = &fleet.operations;
    let signed_in = it.sign_in("anna", &password(), None).await.unwrap();
    refusal(it.sign_in("anna", &"a wrong password".into(), None).await);

    let token = signed_in.token.expose_secret().to_owned();
    let mut texts = vec![format!("{signed_in:?}")];
    texts.extend(fleet.events().await.iter().map(|event| event.to_json().unwrap()));
    for text in texts {
        for secret in [&token, "correct horse", "a wrong password", "argon2"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

async fn anna_exists(fleet: &Fleet) -> Administrator {
    let name = Login::parse("anna").unwrap();

    fleet.operations.create_administrator(&anna(), name, &password()).await.unwrap()
}

fn password() -> SecretString {
    "correct horse battery".into()
}
