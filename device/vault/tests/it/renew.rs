//! Another certificate with its key in the place of the user's.

use crate::card::{card_of, make_ec_identity, switch};
use crate::ground::{
    COST, Ground, PASSWORD, SETTINGS, make_identity, new_container, new_password, password,
};
use keys::pkcs12::Identity;
use policy::PasswordRules;
use secrecy::SecretString;
use vault::{
    Container, FileId, FileOwner, KeyWipe, NewContainer, NewIdentity, NewPassword, Open, OpenError,
    Opener, PasswordChange, Presence, RenewError, Renewal, RestoreError, UserIdentity,
};

const NOW: i64 = 1_800_000_000;

#[test]
fn everything_is_readable_after_each_of_several_renewals() {
    let identities = [make_identity(), make_ec_identity(), make_identity()];
    let ground = Ground::with_container(&identities[0]);
    let container = ground.container();
    let mut open = container.open(&password()).unwrap();
    let mut files = vec![put(&open, 0)];

    for (number, identity) in identities.iter().enumerate().skip(1) {
        let renewed = renew(&container, &open, identity);

        assert!(open.is_locked());
        assert_eq!(renewed.certificate().as_der(), identity.certificate);
        files.push(put(&renewed, number));
        check(&renewed, &files);
        renewed.lock();
        open = container.open(&password()).unwrap();
        assert_eq!(open.certificate().as_der(), identity.certificate);
        check(&open, &files);
    }

    let holders = open.holders();
    let shown: Vec<_> = holders.iter().map(|(_, certificate)| certificate.as_der()).collect();
    let newest_first: Vec<_> = identities.iter().rev().map(|it| &it.certificate[..]).collect();
    assert_eq!(shown, newest_first);
    open.lock();
    for (key, _) in holders {
        assert!(key.unwrap(keys::KeyTransport::OaepSha256, b"wrapped").is_err());
    }
}

#[test]
fn the_database_is_under_the_new_key_alone() {
    let (old, new) = (make_identity(), make_identity());
    let ground = Ground::with_container(&old);
    let container = ground.container();
    let open = container.open(&password()).unwrap();
    let files = vec![put(&open, 0)];
    renew(&container, &open, &new).lock();

    container.wipe_key(KeyWipe::Ordered).unwrap();

    let refused = container.reopen(UserIdentity::File(&old)).unwrap_err();
    assert!(matches!(refused, RestoreError::OtherIdentity), "{refused:?}");
    let open = container.reopen(UserIdentity::File(&new)).unwrap();
    check(&open, &files);
    let back = NewIdentity::Password { identity: &new, password: &new_password(), cost: COST };
    container.restore_identity(&open, &back).unwrap();
    check(&container.open(&password()).unwrap(), &files);
    assert_eq!(names(&ground, "public"), ["certificate.der"]);
    let published = std::fs::read(ground.directory().join("public/certificate.der")).unwrap();
    assert_eq!(published, new.certificate);
}

#[test]
fn a_card_goes_on_opening_a_renewed_container() {
    let ground = Ground::with_container(&make_identity());
    let container = ground.container();
    let open = container.open(&password()).unwrap();
    let files = vec![put(&open, 0)];
    let card = card_of(make_identity());
    switch(&container, &open, &card);
    let new = make_identity();
    let renewal = |opener| Renewal { opener, identity: &new, cost: COST, now: NOW };

    let right = password();
    let refused = container.renew(&open, &renewal(Opener::Password(&right))).unwrap_err();
    assert!(matches!(refused, RenewError::Old(OpenError::NeedsCard)), "{refused:?}");
    container.renew(&open, &renewal(Opener::Card(&card))).unwrap().lock();

    let open = container.open_with(Opener::Card(&card)).unwrap();
    assert_eq!(open.certificate().as_der(), new.certificate);
    check(&open, &files);
}

#[test]
fn what_cannot_be_renewed_stays_as_it_is() {
    let old = make_identity();
    let ground = Ground::with_container(&old);
    let container = ground.container();
    let open = container.open(&password()).unwrap();
    let files = vec![put(&open, 0)];
    let (before, right, wrong) = (ground.contents(), password(), SecretString::from("wrong"));
    let renewal = |password, identity| Renewal {
        opener: Opener::Password(password),
        identity,
        cost: COST,
        now: NOW,
    };

    let refused = container.renew(&open, &renewal(&right, &old)).unwrap_err();
    assert!(matches!(refused, RenewError::Same), "{refused:?}");
    let mut mismatched = make_identity();
    mismatched.certificate = old.certificate.clone();
    let refused = container.renew(&open, &renewal(&right, &mismatched)).unwrap_err();
    assert!(matches!(refused, RenewError::UnsuitableIdentity { .. }), "{refused:?}");
    assert_eq!(ground.contents().get("identity"), before.get("identity"));
    let new = make_identity();
    let refused = container.renew(&open, &renewal(&wrong, &new)).unwrap_err();
    assert!(matches!(refused, RenewError::Old(OpenError::WrongPassword { attempts_left: 2 })));
    check(&open, &files);
    open.lock();
    let refused = container.renew(&open, &renewal(&right, &new)).unwrap_err();
    assert!(matches!(refused, RenewError::Access(vault::AccessError::Locked)), "{refused:?}");
    let open = container.open(&password()).unwrap();
    assert_eq!(open.certificate().as_der(), old.certificate);
    check(&open, &files);

    // A key that never leaves its card is not replaced either.
    let ground = Ground::new();
    let card = card_of(make_identity());
    let on_card = NewContainer { identity: NewIdentity::OnCard(&card), ..new_container(&old, 3) };
    let container = ground.container();
    let open = container.create(&on_card).unwrap();
    let renewal = Renewal { opener: Opener::Card(&card), identity: &new, cost: COST, now: NOW };
    let refused = container.renew(&open, &renewal).unwrap_err();
    assert!(matches!(refused, RenewError::OnCard), "{refused:?}");
}

#[test]
fn the_password_stays_as_old_as_it_was_and_does_not_come_back() {
    let ground = Ground::with_container(&make_identity());
    let container = ground.container();
    let open = container.open(&password()).unwrap();
    open.note_password(&password(), COST, 1_700_000_000).unwrap();

    let open = renew(&container, &open, &make_identity());

    assert_eq!(open.password_since().unwrap(), Some(1_700_000_000));
    let word = SecretString::from("another good password");
    let another = NewPassword::choose(word.clone(), &word, &PasswordRules::default()).unwrap();
    let change = |old, new| PasswordChange { old, new, history: 3, cost: COST, now: NOW };
    let right = password();
    container.change_password(&open, &change(Opener::Password(&right), &another)).unwrap();
    let back = new_password();
    let refused =
        container.change_password(&open, &change(Opener::Password(another.secret()), &back));
    assert!(matches!(refused, Err(vault::ChangePasswordError::Used)), "{refused:?}");
}

/// The last two steps, of which the next start has to do what is missing; a killed process is met in `kill`.
#[test]
fn a_renewal_that_stopped_is_finished_or_undone() {
    for reached in ["the session key was written", "the identity was written"] {
        let (old, new) = (make_identity(), make_identity());
        let ground = Ground::with_container(&old);
        let files = {
            let container = ground.container();
            let open = container.open(&password()).unwrap();
            vec![put(&open, 0)]
        };
        let before = ground.contents();
        let container = ground.container();
        let open = container.open(&password()).unwrap();
        renew(&container, &open, &new).lock();
        drop(container);
        // As it was while both were there.
        let directory = ground.directory();
        std::fs::rename(directory.join("session-key"), directory.join("session-key-next")).unwrap();
        std::fs::write(directory.join("session-key"), &before["session-key"]).unwrap();
        let finished = reached == "the identity was written";
        if !finished {
            ground.put_back(&before, &["identity", "identity-key"]);
        }

        // The first opening finishes or undoes, the second finds it done.
        for _ in 0..2 {
            let open = ground.container().open(&password()).expect(reached);
            let expected = if finished { &new } else { &old };
            assert_eq!(open.certificate().as_der(), expected.certificate, "{reached}");
            check(&open, &files);
            assert!(!directory.join("session-key-next").exists(), "{reached}");
        }
    }
}

#[test]
fn wiping_everything_takes_an_unfinished_renewal_too() {
    let ground = Ground::with_container(&make_identity());
    std::fs::write(ground.directory().join("session-key-next"), b"of a renewal").unwrap();

    ground.container().wipe_data().unwrap();

    assert_eq!(ground.container().presence().unwrap(), Presence::Wiped);
    assert_eq!(names(&ground, "."), ["lock", "wiped"]);
}

pub(crate) fn renew(container: &Container, open: &Open, identity: &Identity) -> Open {
    let (password, cost) = (SecretString::from(PASSWORD), COST);
    let opener = Opener::Password(&password);

    container.renew(open, &Renewal { opener, identity, cost, now: NOW }).unwrap()
}

pub(crate) fn put(open: &Open, number: usize) -> FileId {
    open.files(FileOwner::MAIL).put(format!("file {number}").as_bytes()).unwrap()
}

pub(crate) fn check(open: &Open, files: &[FileId]) {
    for (number, file) in files.iter().enumerate() {
        let content = open.files(FileOwner::MAIL).read(*file).unwrap();
        assert_eq!(content.as_slice(), format!("file {number}").as_bytes());
    }
    let settings = open.documents().read(SETTINGS).unwrap().unwrap();
    assert_eq!(settings.as_slice(), b"the first settings");
}

fn names(ground: &Ground, directory: &str) -> Vec<String> {
    let entries = std::fs::read_dir(ground.directory().join(directory)).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
