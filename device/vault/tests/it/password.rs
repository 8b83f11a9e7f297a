//! Another password for the same container, and which ones may not come back.

use crate::ground::{COST, Ground, PASSWORD, SETTINGS, make_identity, password, under_password};
use policy::PasswordRules;
use secrecy::SecretString;
use vault::{
    AccessError, ChangePasswordError, Container, KeyWipe, NewPassword, Open, OpenError, Opener,
    PasswordChange, Presence, UserIdentity,
};

#[test]
fn another_password_opens_the_same_data_and_the_old_one_does_not() {
    let ground = Ground::with_container(&make_identity());
    let container = ground.container();
    let open = container.open(&password()).unwrap();

    change(&container, &open, PASSWORD, "another one", 0, 10).unwrap();

    assert!(!open.is_locked());
    assert_eq!(open.password_since().unwrap(), Some(10));
    open.lock();
    assert!(matches!(
        container.open(&password()),
        Err(OpenError::WrongPassword { attempts_left: 2 })
    ));
    let open = container.open(&"another one".into()).unwrap();
    assert_eq!(open.documents().read(SETTINGS).unwrap().unwrap().as_slice(), b"the first settings");
    assert_eq!(open.password_since().unwrap(), Some(10));
}

#[test]
fn a_wrong_old_password_is_a_try_like_any_other() {
    let ground = Ground::with_container(&make_identity());
    let container = ground.container();
    let open = container.open(&password()).unwrap();

    for left in [2, 1] {
        let refused = change(&container, &open, "a guess", "another one", 0, 0);
        let Err(ChangePasswordError::Old(OpenError::WrongPassword { attempts_left })) = refused
        else {
            panic!("{refused:?}")
        };
        assert_eq!(attempts_left, left);
    }
    let last = change(&container, &open, "a guess", "another one", 0, 0);
    assert!(matches!(last, Err(ChangePasswordError::Old(OpenError::KeyDeleted))), "{last:?}");

    assert!(open.is_locked());
    assert_eq!(container.presence().unwrap(), Presence::KeyWiped);
    assert_eq!(container.key_wipe().unwrap(), Some(KeyWipe::WrongPasswords));
}

#[test]
fn the_last_passwords_do_not_come_back() {
    let ground = Ground::with_container(&make_identity());
    let container = ground.container();
    let open = container.open(&password()).unwrap();
    open.note_password(&password(), COST, 0).unwrap();
    let mut present = PASSWORD;
    for (day, next) in ["the second one", "the third one", "the fourth one"].iter().enumerate() {
        change(&container, &open, present, next, 2, i64::try_from(day).unwrap()).unwrap();
        present = next;
    }

    for used in ["the fourth one", "the third one", "the second one"] {
        let refused = change(&container, &open, present, used, 2, 9);
        assert!(matches!(refused, Err(ChangePasswordError::Used)), "{used}: {refused:?}");
    }
    assert_eq!(open.password_since().unwrap(), Some(2));
    change(&container, &open, present, PASSWORD, 2, 9).unwrap();
    change(&container, &open, PASSWORD, "the fourth one", 0, 10).unwrap();
    let same = change(&container, &open, "the fourth one", "the fourth one", 0, 10);
    assert!(matches!(same, Err(ChangePasswordError::Used)), "{same:?}");
}

#[test]
fn no_more_is_kept_than_may_be_asked_for() {
    let ground = Ground::with_container(&make_identity());
    let container = ground.container();
    let open = container.open(&password()).unwrap();
    let name = |number: usize| format!("password {number}");
    change(&container, &open, PASSWORD, &name(0), 0, 0).unwrap();
    for number in 1..60 {
        change(&container, &open, &name(number - 1), &name(number), 0, 0).unwrap();
    }

    let refused = change(&container, &open, &name(59), &name(9), 50, 0);
    assert!(matches!(refused, Err(ChangePasswordError::Used)), "{refused:?}");
    change(&container, &open, &name(59), &name(8), 50, 0).unwrap();
    let noted = open.documents().read(vault::Slot("passwords")).unwrap().unwrap();
    let noted: serde_json::Value = serde_json::from_slice(&noted).unwrap();
    assert_eq!(noted["passwords"].as_array().unwrap().len(), 51);
}

#[test]
fn what_was_noted_before_a_crash_is_no_password_that_was_used() {
    let ground = Ground::with_container(&make_identity());
    let container = ground.container();
    let open = container.open(&password()).unwrap();
    open.note_password(&password(), COST, 5).unwrap();
    let key = std::fs::read_dir(ground.key_files()).unwrap().next().unwrap().unwrap().path();
    let files = [ground.directory().join("identity"), key.join("identity-key")];
    let before = files.each_ref().map(|file| std::fs::read(file).unwrap());
    change(&container, &open, PASSWORD, "another one", 50, 10).unwrap();
    open.lock();

    // The note was written, the file was not.
    for (file, content) in files.iter().zip(before) {
        std::fs::write(file, content).unwrap();
    }

    let open = container.open(&password()).unwrap();
    assert_eq!(open.password_since().unwrap(), Some(5));
    change(&container, &open, PASSWORD, "another one", 50, 20).unwrap();
    assert_eq!(open.password_since().unwrap(), Some(20));
}

#[test]
fn a_password_that_nobody_noted_is_noted_once() {
    let identity = make_identity();
    let ground = Ground::with_container(&identity);
    let container = ground.container();
    let open = container.open(&password()).unwrap();
    assert_eq!(open.password_since().unwrap(), None);

    open.note_password(&password(), COST, 5).unwrap();
    open.note_password(&password(), COST, 7).unwrap();

    assert_eq!(open.password_since().unwrap(), Some(5));
    container.wipe_key(KeyWipe::Ordered).unwrap();
    let open = container.reopen(UserIdentity::File(&identity)).unwrap();
    container.restore_identity(&open, &under_password(&identity)).unwrap();
    assert_eq!(open.password_since().unwrap(), None, "a new password was chosen");
    open.lock();
    assert!(matches!(open.password_since(), Err(AccessError::Locked)));
}

#[test]
fn damaged_notes_are_told_and_stop_nothing_else() {
    let ground = Ground::with_container(&make_identity());
    let container = ground.container();
    let open = container.open(&password()).unwrap();
    open.documents().write(vault::Slot("passwords"), b"{}").unwrap();

    let told = open.password_since().unwrap_err();
    assert_eq!(told.to_string(), "passwords of the container is damaged or was exchanged");
    let refused = change(&container, &open, PASSWORD, "another one", 0, 0);
    assert!(matches!(refused, Err(ChangePasswordError::Access(_))), "{refused:?}");
    open.lock();
    container.open(&password()).unwrap();
}

/// Changes the password at a moment, in seconds since 1970.
pub(crate) fn change(
    container: &Container,
    open: &Open,
    old: &str,
    new: &str,
    history: u8,
    now: i64,
) -> Result<(), ChangePasswordError> {
    let (old, new) = (SecretString::from(old), SecretString::from(new));
    let new = NewPassword::choose(new.clone(), &new, &PasswordRules::default()).unwrap();
    let old = Opener::Password(&old);
    let change = PasswordChange { old, new: &new, history, cost: COST, now };

    container.change_password(open, &change)
}
