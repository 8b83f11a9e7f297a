//! A container in the hands of somebody else.

use crate::ground::{Ground, SETTINGS, make_identity, password};
use std::fs;
use std::path::Path;
use vault::{Fault, FileError, OpenError};

#[test]
fn a_container_without_its_device_bound_key_does_not_open() {
    let ground = Ground::with_container(&make_identity());

    fs::remove_dir_all(ground.key_files()).unwrap();

    let refused = ground.container().open(&password());
    assert!(matches!(refused, Err(OpenError::Fault(Fault::DeviceKeyMissing))), "{refused:?}");
}

#[test]
fn a_container_that_was_moved_to_another_device_does_not_open_with_the_right_password() {
    let identity = make_identity();
    let (here, there) = (Ground::with_container(&identity), Ground::with_container(&identity));
    let container_here = only_name(&here.key_files());
    let container_there = only_name(&there.key_files());

    // The other device's keys, under the name that the moved container asks for.
    fs::remove_dir_all(there.directory()).unwrap();
    copy(&here.directory(), &there.directory());
    fs::rename(there.key_files().join(container_there), there.key_files().join(container_here))
        .unwrap();

    let refused = there.container().open(&password());
    assert!(matches!(refused, Err(OpenError::Fault(Fault::Damaged { .. }))), "{refused:?}");
}

#[test]
fn every_sealed_file_notices_a_changed_bit() {
    let ground = Ground::with_container(&make_identity());
    for name in ["identity", "session-key", "container.db"] {
        let path = ground.directory().join(name);
        let original = fs::read(&path).unwrap();
        for index in [0, 50, original.len() / 2, original.len() - 1] {
            let mut changed = original.clone();
            changed[index] ^= 1;
            fs::write(&path, changed).unwrap();

            let container = ground.container();
            let refused = container.open(&password()).and_then(|open| {
                // Pages of the database are checked as they are read.
                let checked =
                    open.database()
                        .unwrap()
                        .query_row("PRAGMA cipher_integrity_check", [], |_| Ok(()));
                if checked.is_ok() {
                    Err(Fault::Damaged { what: name.to_owned() }.into())
                } else {
                    Ok(open)
                }
            });
            assert!(
                matches!(refused, Err(OpenError::Fault(Fault::Damaged { .. }))),
                "{name} {index}: {refused:?}"
            );
        }
        fs::write(&path, original).unwrap();
        ground.container().open(&password()).unwrap().lock();
    }
}

#[test]
fn a_file_is_refused_when_changed_shortened_or_put_in_anothers_place() {
    let ground = Ground::new();
    let open = ground.create(&make_identity(), 3);
    let first = open.files(vault::FileOwner::MAIL).put(b"first").unwrap();
    let second = open.files(vault::FileOwner::MAIL).put(b"second").unwrap();
    let path = ground.directory().join("files/mail").join(first.to_string());
    let original = fs::read(&path).unwrap();
    let other = fs::read(ground.directory().join("files/mail").join(second.to_string())).unwrap();
    let mut changed = original.clone();
    changed[60] ^= 0x80;

    for content in [&changed[..], &original[..original.len() - 1], &original[..20], &[], &other[..]]
    {
        fs::write(&path, content).unwrap();
        let refused = open.files(vault::FileOwner::MAIL).read(first);
        assert!(matches!(refused, Err(FileError::Fault(Fault::Damaged { .. }))), "{refused:?}");
    }

    fs::write(&path, original).unwrap();
    assert_eq!(open.files(vault::FileOwner::MAIL).read(first).unwrap().as_slice(), b"first");
}

#[test]
fn public_certificates_are_not_trusted() {
    let ground = Ground::with_container(&make_identity());
    let public = ground.directory().join("public/certificate.der");
    fs::write(&public, make_identity().certificate).unwrap();

    let container = ground.container();
    let open = container.open(&password()).unwrap();

    assert_ne!(open.certificate().as_der(), fs::read(&public).unwrap());
    assert_eq!(open.documents().read(SETTINGS).unwrap().unwrap().as_slice(), b"the first settings");
}

#[test]
fn restoring_the_container_from_a_copy_does_not_undo_wrong_passwords() {
    let ground = Ground::with_container(&make_identity());
    let copy_of_it = ground.path().join("copy");
    copy(&ground.directory(), &copy_of_it);
    assert!(ground.container().open(&"wrong password".into()).is_err());
    assert!(ground.container().open(&"wrong password".into()).is_err());

    fs::remove_dir_all(ground.directory()).unwrap();
    copy(&copy_of_it, &ground.directory());

    assert_eq!(ground.container().attempts_left().unwrap(), Some(1));
    assert!(matches!(
        ground.container().open(&"wrong password".into()),
        Err(OpenError::KeyDeleted)
    ));
}

#[test]
fn a_container_without_its_counter_does_not_open() {
    let ground = Ground::with_container(&make_identity());
    fs::remove_file(ground.directory().join("attempts")).unwrap();
    assert_eq!(ground.container().attempts_left().unwrap(), Some(3));

    fs::remove_file(ground.key_files().join(only_name(&ground.key_files())).join("attempts"))
        .unwrap();

    let refused = ground.container().open(&password());
    assert!(matches!(refused, Err(OpenError::Fault(Fault::Damaged { .. }))), "{refused:?}");
}

#[test]
fn strange_bytes_for_any_file_are_refused_without_a_panic() {
    let ground = Ground::with_container(&make_identity());
    for name in ["device-layer", "identity", "session-key", "container.db"] {
        let path = ground.directory().join(name);
        let original = fs::read(&path).unwrap();
        for junk in [&b""[..], b"{", b"CORDONL1", &[0xff; 5000]] {
            fs::write(&path, junk).unwrap();
            let refused = ground.container().open(&password());
            assert!(matches!(refused, Err(OpenError::Fault(_))), "{name} {junk:?}: {refused:?}");
        }
        fs::write(&path, original).unwrap();
    }
}

fn only_name(directory: &Path) -> String {
    let names: Vec<_> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 1);
    names[0].clone().into_string().unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
