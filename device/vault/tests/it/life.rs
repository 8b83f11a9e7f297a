//! A container from its making to its end.

use crate::ground::{
    Ground, SETTINGS, certificate_of, identity_of, make_identity, new_container, password, place,
    under_password,
};
use keys::{KeyError, KeyTransport};
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use std::collections::BTreeSet;
use vault::{
    AccessError, Container, CreateError, FileError, FileOwner, KeyWipe, OpenError, PlaceError,
    Presence, RestoreError, UserIdentity, Warning,
};

#[test]
fn what_was_put_in_is_there_after_the_next_unlock() {
    let ground = Ground::new();
    assert_eq!(ground.container().presence().unwrap(), Presence::Absent);
    let open = ground.create(&make_identity(), 3);
    let file = open.files(FileOwner::MAIL).put(b"an attachment").unwrap();
    open.documents().write(SETTINGS, b"later settings").unwrap();
    open.database().unwrap().execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (7)").unwrap();
    open.lock();

    let container = ground.container();
    assert_eq!(container.presence().unwrap(), Presence::Locked);
    let open = container.open(&password()).unwrap();

    assert_eq!(open.files(FileOwner::MAIL).read(file).unwrap().as_slice(), b"an attachment");
    assert_eq!(open.documents().read(SETTINGS).unwrap().unwrap().as_slice(), b"later settings");
    let number: i64 =
        open.database().unwrap().query_row("SELECT x FROM t", [], |row| row.get(0)).unwrap();
    assert_eq!(number, 7);
    assert_eq!(container.warnings().unwrap(), [Warning::DeviceKeyInFile]);
}

#[test]
fn everything_in_a_container_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let ground = Ground::new();
    let open = ground.create(&make_identity(), 3);
    open.files(FileOwner::MAIL).put(b"an attachment").unwrap();
    let mut directories = vec![ground.directory(), ground.key_files()];
    let mut files = 0;
    while let Some(directory) = directories.pop() {
        assert_eq!(
            std::fs::metadata(&directory).unwrap().permissions().mode() & 0o777,
            0o700,
            "{directory:?}"
        );
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                assert_eq!(
                    std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                    0o600,
                    "{path:?}"
                );
                files += 1;
            }
        }
    }
    assert!(files >= 12, "{files}");
}

#[test]
fn a_container_holds_its_first_documents_from_the_start() {
    let ground = Ground::with_container(&make_identity());
    let container = ground.container();
    let open = container.open(&password()).unwrap();

    assert_eq!(open.documents().read(SETTINGS).unwrap().unwrap().as_slice(), b"the first settings");
    open.documents().remove(SETTINGS).unwrap();
    assert_eq!(open.documents().read(SETTINGS).unwrap(), None);
}

#[test]
fn locking_takes_everything_from_every_handle() {
    let ground = Ground::new();
    let open = ground.create(&make_identity(), 3);
    let (clone, key) = (open.clone(), open.key());
    let file = open.files(FileOwner::MAIL).put(b"an attachment").unwrap();

    open.lock();

    assert!(clone.is_locked());
    assert!(matches!(clone.database(), Err(AccessError::Locked)));
    assert!(matches!(clone.documents().read(SETTINGS), Err(AccessError::Locked)));
    assert!(matches!(clone.files(FileOwner::MAIL).put(b"more"), Err(AccessError::Locked)));
    assert!(matches!(clone.files(FileOwner::MAIL).read(file), Err(FileError::Locked)));
    assert!(matches!(clone.limit_wrong_passwords(9), Err(AccessError::Locked)));
    assert!(matches!(key.unwrap(KeyTransport::OaepSha256, &[1; 256]), Err(KeyError::Store(_))));
}

#[test]
fn a_second_unlock_locks_the_first() {
    let ground = Ground::with_container(&make_identity());
    let container = ground.container();
    let first = container.open(&password()).unwrap();

    let second = container.open(&password()).unwrap();

    assert!(first.is_locked());
    assert!(!second.is_locked());
}

#[test]
fn wrong_passwords_are_counted_until_the_right_one() {
    let ground = Ground::with_container(&make_identity());
    assert_eq!(ground.container().attempts_left().unwrap(), Some(3));

    wrong(&ground.container(), 2);
    wrong(&ground.container(), 1);
    ground.container().open(&password()).unwrap().lock();

    assert_eq!(ground.container().attempts_left().unwrap(), Some(3));
}

#[test]
fn the_last_wrong_password_deletes_the_key_and_the_same_certificate_brings_the_data_back() {
    let identity = make_identity();
    let ground = Ground::with_container(&identity);
    let container = ground.container();
    wrong(&container, 2);
    wrong(&container, 1);

    assert!(matches!(container.open(&"wrong".into()), Err(OpenError::KeyDeleted)));

    assert_eq!(container.presence().unwrap(), Presence::KeyWiped);
    assert!(matches!(container.open(&password()), Err(OpenError::KeyDeleted)));
    assert!(matches!(container.create(&new_container(&identity, 3)), Err(CreateError::Exists)));
    assert_eq!(container.key_wipe().unwrap(), Some(KeyWipe::WrongPasswords));
    assert!(matches!(
        container.reopen(UserIdentity::File(&make_identity())),
        Err(RestoreError::OtherIdentity)
    ));
    let open = container.reopen(UserIdentity::File(&identity)).unwrap();
    let other = container.restore_identity(&open, &under_password(&make_identity()));
    assert!(matches!(other, Err(RestoreError::OtherIdentity)));
    assert_eq!(container.presence().unwrap(), Presence::KeyWiped);
    container.restore_identity(&open, &under_password(&identity)).unwrap();
    assert_eq!(container.key_wipe().unwrap(), None);
    assert_eq!(open.documents().read(SETTINGS).unwrap().unwrap().as_slice(), b"the first settings");
    open.lock();
    container.open(&password()).unwrap();
    assert_eq!(container.attempts_left().unwrap(), Some(3));
}

#[test]
fn an_old_copy_of_a_deleted_identity_opens_nothing() {
    let ground = Ground::with_container(&make_identity());
    let stolen = std::fs::read(ground.directory().join("identity")).unwrap();
    let container = ground.container();

    container.wipe_key(KeyWipe::Ordered).unwrap();
    std::fs::write(ground.directory().join("identity"), stolen).unwrap();

    assert!(container.open(&password()).is_err());
}

#[test]
fn only_a_container_without_its_key_takes_one() {
    let identity = make_identity();
    let ground = Ground::with_container(&identity);
    let container = ground.container();

    assert!(matches!(container.reopen(UserIdentity::File(&identity)), Err(RestoreError::NotWiped)));
    let open = container.open(&password()).unwrap();
    let refused = container.restore_identity(&open, &under_password(&identity));
    assert!(matches!(refused, Err(RestoreError::NotWiped)));
}

#[test]
fn a_reopened_container_is_without_its_key_again_once_it_is_locked() {
    let identity = make_identity();
    let ground = Ground::with_container(&identity);
    let container = ground.container();
    container.wipe_key(KeyWipe::Ordered).unwrap();
    let before = names(&ground.directory());

    let open = container.reopen(UserIdentity::File(&identity)).unwrap();
    open.lock();

    let after = container.restore_identity(&open, &under_password(&identity));
    assert!(matches!(after, Err(RestoreError::Locked)));
    drop(container);
    let container = ground.container();
    assert_eq!(container.presence().unwrap(), Presence::KeyWiped);
    assert_eq!(container.key_wipe().unwrap(), Some(KeyWipe::Ordered));
    assert!(matches!(container.open(&password()), Err(OpenError::KeyDeleted)));
    assert_eq!(names(&ground.directory()), before);
}

#[test]
fn the_limit_of_wrong_passwords_follows_the_settings() {
    let ground = Ground::new();
    let open = ground.create(&make_identity(), 3);

    open.limit_wrong_passwords(2).unwrap();
    open.lock();

    wrong(&ground.container(), 1);
    assert!(matches!(ground.container().open(&"wrong".into()), Err(OpenError::KeyDeleted)));
}

#[test]
fn wiping_the_key_locks_what_is_open() {
    let ground = Ground::new();
    let container = ground.container();
    let open = container.create(&new_container(&make_identity(), 3)).unwrap();

    container.wipe_key(KeyWipe::Ordered).unwrap();

    assert!(open.is_locked());
    assert_eq!(container.presence().unwrap(), Presence::KeyWiped);
}

#[test]
fn wiping_the_data_leaves_a_note_and_room_for_another_container() {
    let ground = Ground::new();
    let container = ground.container();
    let open = container.create(&new_container(&make_identity(), 3)).unwrap();
    open.files(FileOwner::MAIL).put(b"an attachment").unwrap();

    container.wipe_data().unwrap();

    assert!(open.is_locked());
    assert_eq!(container.presence().unwrap(), Presence::Wiped);
    assert_eq!(names(&ground.directory()), ["lock", "wiped"]);
    assert_eq!(names(&ground.key_files()), Vec::<String>::new());
    assert!(matches!(container.open(&password()), Err(OpenError::Absent)));
    container.create(&new_container(&make_identity(), 3)).unwrap().lock();
    assert_eq!(container.presence().unwrap(), Presence::Locked);
}

#[test]
fn a_container_has_one_owner_at_a_time() {
    let ground = Ground::new();
    let owner = ground.container();

    assert!(matches!(Container::at(place(ground.path())), Err(PlaceError::InUse { .. })));
    drop(owner);
    assert!(Container::at(place(ground.path())).is_ok());
}

#[test]
fn keys_that_cannot_protect_a_container_are_refused_and_leave_nothing() {
    let ground = Ground::new();
    let mut other_curve = make_identity();
    let curve = EcGroup::from_curve_name(Nid::SECP256K1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap();
    other_curve.certificate = certificate_of(&key);
    let mut mismatched = make_identity();
    mismatched.certificate = make_identity().certificate;
    let mut damaged = make_identity();
    damaged.certificate = b"no certificate".to_vec();

    for identity in [other_curve, mismatched, damaged] {
        let refused = ground.container().create(&new_container(&identity, 3));
        assert!(matches!(refused, Err(CreateError::UnsuitableIdentity { .. })), "{refused:?}");
        assert_eq!(names(&ground.directory()), ["lock"]);
    }
}

#[test]
fn an_elliptic_key_protects_a_container_too() {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let identity = identity_of(PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap());
    let ground = Ground::with_container(&identity);

    let open = ground.container().open(&password()).unwrap();

    let file = open.files(FileOwner::MAIL).put(b"a file").unwrap();
    assert_eq!(open.files(FileOwner::MAIL).read(file).unwrap().as_slice(), b"a file");
}

#[test]
fn a_larger_rsa_key_and_a_chain_are_kept() {
    let ground = Ground::new();
    let mut identity = identity_of(PKey::from_rsa(Rsa::generate(3072).unwrap()).unwrap());
    identity.chain = vec![make_identity().certificate];
    ground.create(&identity, 3).lock();

    let container = ground.container();
    let open = container.open(&password()).unwrap();

    assert_eq!(open.certificate().as_der(), identity.certificate);
    assert_eq!(open.chain(), identity.chain);
    assert_eq!(names(&ground.directory().join("public")), ["certificate.der", "chain-0.der"]);
}

#[test]
fn files_nobody_recorded_are_swept() {
    let ground = Ground::new();
    let open = ground.create(&make_identity(), 3);
    let kept = open.files(FileOwner::MAIL).put(b"kept").unwrap();
    let orphan = open.files(FileOwner::MAIL).put(b"orphan").unwrap();

    assert_eq!(open.files(FileOwner::MAIL).sweep(&BTreeSet::from([kept])).unwrap(), 1);

    assert!(open.files(FileOwner::MAIL).contains(kept).unwrap());
    assert!(matches!(open.files(FileOwner::MAIL).read(orphan), Err(FileError::Missing)));
    open.files(FileOwner::MAIL).remove(kept).unwrap();
    open.files(FileOwner::MAIL).remove(kept).unwrap();
    assert!(matches!(open.files(FileOwner::MAIL).read(kept), Err(FileError::Missing)));
    assert_eq!(kept.to_string().parse(), Ok(kept));
    assert!("..".parse::<vault::FileId>().is_err());
    assert!("../../../../../../etc/passwd0000".parse::<vault::FileId>().is_err());
}

#[test]
fn each_owner_sweeps_its_own_files_only() {
    let ground = Ground::new();
    let open = ground.create(&make_identity(), 3);
    let (mail, photos) = (open.files(FileOwner::MAIL), open.files(FileOwner("photos")));
    let (attachment, photo) = (mail.put(b"attachment").unwrap(), photos.put(b"photo").unwrap());

    assert_eq!(mail.sweep(&BTreeSet::new()).unwrap(), 1);

    assert!(matches!(mail.read(attachment), Err(FileError::Missing)));
    assert_eq!(photos.read(photo).unwrap().as_slice(), b"photo");
    let directory = ground.directory().join("files");
    std::fs::copy(
        directory.join(format!("photos/{photo}")),
        directory.join(format!("mail/{photo}")),
    )
    .unwrap();
    assert!(matches!(mail.read(photo), Err(FileError::Fault(_))), "it opens as another owner's");
}

#[track_caller]
fn wrong(container: &Container, left: u8) {
    match container.open(&"wrong password".into()) {
        Err(OpenError::WrongPassword { attempts_left }) => assert_eq!(attempts_left, left),
        other => panic!("{other:?}"),
    }
}

fn names(directory: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
