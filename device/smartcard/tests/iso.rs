//! Cards with the application of ISO 7816-15 in a reader of software, over the real pcscd, with OpenSC as a second
//! opinion.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use keys::{KeyError, KeyTransport, PrivateKey as _, SignatureAlgorithm, SoftwareKey, pkcs1};
use openssl::hash::MessageDigest;
use openssl::rsa::Padding;
use openssl::sign::Verifier;
use smartcard::{Application, Card, CardKey, Error, PinState, Slot};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use support::{check_signature, public, with_card, wrap};
use testcard::{Flavour, Inserted, Iso, PIN, Reader, until, with_reader};

fn make(flavour: Flavour) -> Arc<Mutex<Iso>> {
    Arc::new(Mutex::new(Iso::new(flavour)))
}

fn insert(reader: &Reader, iso: &Arc<Mutex<Iso>>) -> (Inserted, Card) {
    let inserted = reader.insert_card(iso, || with_card().is_some());
    let card = Card::connect(&with_card().unwrap()).unwrap();

    (inserted, card)
}

/// The key with this number of the test card.
fn key(card: &Card, number: u8) -> CardKey {
    card.key(slot(card, number)).unwrap()
}

fn slot(card: &Card, number: u8) -> Slot {
    let slots = card.certificates().unwrap().into_iter().map(|(slot, _)| slot);
    let mut fitting = slots.filter(|slot| slot.to_string() == format!("id:45{number:02x}"));

    fitting.next().unwrap()
}

#[track_caller]
fn check_agreement(key: &CardKey, peer: &SoftwareKey) {
    let secret = key.agree(peer.public_key()).unwrap();
    assert_eq!(secret, peer.agree(key.public_key()).unwrap());
}

#[test]
fn an_iso_7816_15_card_signs_unwraps_and_agrees() {
    with_reader("an_iso_7816_15_card_signs_unwraps_and_agrees", |reader| {
        reader.start();
        let iso = make(Flavour::Standard);
        let (_inserted, card) = insert(reader, &iso);
        assert_eq!((card.application(), card.label()), (Application::Iso, "Card of tests"));
        let contents = card.contents().unwrap();
        let shown: Vec<_> = contents
            .iter()
            .map(|it| (it.slot.to_string(), &*it.label, it.slot.decrypts(), it.slot.signs()))
            .collect();
        let named = |number: u8| (format!("id:450{number}"), format!("Key {number}"));
        for (found, number) in shown.iter().zip(1..) {
            let (id, label) = named(number);
            assert_eq!(found, &(id, &*label, true, true));
        }
        assert_eq!(shown.len(), 3);
        card.verify_pin(PIN).unwrap();

        let mail = key(&card, 1);
        check_signature(&mail, SignatureAlgorithm::RsaPkcs1Sha256);
        check_signature(&mail, SignatureAlgorithm::RsaPssSha256);
        let wrapped = wrap(&mail, Padding::PKCS1_OAEP);
        let message = mail.unwrap(KeyTransport::OaepSha256, &wrapped).unwrap();
        assert_eq!(message.as_slice(), [7; 32]);
        let block = mail.unwrap(KeyTransport::Raw, &wrap(&mail, Padding::PKCS1)).unwrap();
        assert_eq!(pkcs1::unpad(&block, 32).as_slice(), [7; 32]);
        let refused = mail.unwrap(KeyTransport::OaepSha1, &wrapped);
        assert!(matches!(refused, Err(KeyError::Undecipherable)));
        let refused = mail.unwrap(KeyTransport::Raw, &[1; 255]);
        assert!(matches!(refused, Err(KeyError::Undecipherable)));

        // This one wants the PIN at each use.
        let signing = key(&card, 2);
        check_signature(&signing, SignatureAlgorithm::EcdsaP256Sha256);
        check_signature(&signing, SignatureAlgorithm::EcdsaP256Sha256);
        check_agreement(&signing, &SoftwareKey::make_p256().unwrap());
        let large = key(&card, 3);
        check_signature(&large, SignatureAlgorithm::EcdsaP384Sha384);
        check_agreement(&large, &SoftwareKey::make_p384().unwrap());
        let refused = large.sign(SignatureAlgorithm::EcdsaP256Sha256, b"text");
        assert!(matches!(refused, Err(KeyError::UnsupportedAlgorithm(_))));
        let other = SoftwareKey::make_p384().unwrap();
        assert!(matches!(signing.agree(other.public_key()), Err(KeyError::Undecipherable)));
    });
}

#[test]
fn a_card_without_chains_and_counters_works() {
    with_reader("a_card_without_chains_and_counters_works", |reader| {
        reader.start();
        let iso = make(Flavour::CardOs);
        let (_inserted, card) = insert(reader, &iso);
        assert_eq!(card.pin_state().unwrap(), PinState::Unknown);
        assert!(matches!(card.verify_pin("654321"), Err(Error::WrongPinUncounted)));
        assert_eq!(iso.lock().unwrap().tries_left(), 2);
        card.verify_pin(PIN).unwrap();
        let mail = key(&card, 1);
        assert_eq!(mail.algorithms(), [SignatureAlgorithm::RsaPkcs1Sha256]);
        check_signature(&mail, SignatureAlgorithm::RsaPkcs1Sha256);
        let block = mail.unwrap(KeyTransport::Raw, &wrap(&mail, Padding::PKCS1)).unwrap();
        assert_eq!(pkcs1::unpad(&block, 32).as_slice(), [7; 32]);
        let wrapped = wrap(&mail, Padding::PKCS1_OAEP);
        let message = mail.unwrap(KeyTransport::OaepSha256, &wrapped).unwrap();
        assert_eq!(message.as_slice(), [7; 32]);
    });
}

#[test]
fn a_card_that_pads_by_itself_tells_nothing_of_it() {
    with_reader("a_card_that_pads_by_itself_tells_nothing_of_it", |reader| {
        reader.start();
        let (_inserted, card) = insert(reader, &make(Flavour::IsoApplet));
        card.verify_pin(PIN).unwrap();
        let mail = key(&card, 1);
        assert_eq!(mail.algorithms(), [SignatureAlgorithm::RsaPkcs1Sha256]);
        check_signature(&mail, SignatureAlgorithm::RsaPkcs1Sha256);
        let right = wrap(&mail, Padding::PKCS1);
        let refused = mail.unwrap(KeyTransport::Raw, &right);
        assert!(matches!(refused, Err(KeyError::UnsupportedTransport(KeyTransport::Raw))));
        let refused = mail.unwrap(KeyTransport::OaepSha256, &right);
        assert!(matches!(refused, Err(KeyError::UnsupportedTransport(_))));
        let message = mail.unwrap(KeyTransport::Pkcs1, &right).unwrap();
        assert_eq!(message.as_slice(), [7; 32]);
        // A wrong padding is another message each time, not an error.
        let mut wrong = right;
        wrong[255] ^= 1;
        let made_up: Vec<_> =
            (0..4).map(|_| mail.unwrap(KeyTransport::Pkcs1, &wrong).unwrap()).collect();
        assert!(made_up.iter().any(|message| *message != made_up[0]));

        check_signature(&key(&card, 2), SignatureAlgorithm::EcdsaP256Sha256);
        check_agreement(&key(&card, 2), &SoftwareKey::make_p256().unwrap());
        check_signature(&key(&card, 3), SignatureAlgorithm::EcdsaP384Sha384);
    });
}

#[test]
fn an_iso_7816_15_card_counts_wrong_pins() {
    with_reader("an_iso_7816_15_card_counts_wrong_pins", |reader| {
        reader.start();
        let iso = make(Flavour::Standard);
        let (inserted, card) = insert(reader, &iso);
        for unfit in ["", "123", "1234567890123", "12345e"] {
            assert!(matches!(card.verify_pin(unfit), Err(Error::UnfitPin)));
        }
        assert_eq!(card.pin_state().unwrap(), PinState::Tries(3));
        let mail = key(&card, 1);
        let refused = mail.sign(SignatureAlgorithm::RsaPkcs1Sha256, b"text");
        assert!(matches!(refused, Err(KeyError::PinRequired)));
        assert!(matches!(card.verify_pin("654321"), Err(Error::WrongPin { left: 2 })));
        card.verify_pin(PIN).unwrap();
        assert_eq!(iso.lock().unwrap().tries_left(), 3);

        assert!(matches!(card.verify_pin("654321"), Err(Error::WrongPin { left: 2 })));
        let refused = mail.sign(SignatureAlgorithm::RsaPkcs1Sha256, b"text");
        assert!(matches!(refused, Err(KeyError::PinRequired)), "no PIN is tried by itself");
        assert!(matches!(card.verify_pin("654321"), Err(Error::WrongPin { left: 1 })));
        assert!(matches!(card.verify_pin("654321"), Err(Error::Blocked)));
        assert!(matches!(card.verify_pin(PIN), Err(Error::Blocked)));
        assert_eq!(card.pin_state().unwrap(), PinState::Blocked);
        drop(inserted);
        until("the reader is empty", || with_card().is_none());
        let refused = mail.sign(SignatureAlgorithm::RsaPkcs1Sha256, b"text");
        assert!(matches!(refused, Err(KeyError::Absent)));
        let (_inserted, card) = insert(reader, &iso);
        assert_eq!(card.pin_state().unwrap(), PinState::Blocked);
    });
}

#[test]
fn a_signature_that_is_not_right_is_not_given_out() {
    with_reader("a_signature_that_is_not_right_is_not_given_out", |reader| {
        reader.start();
        let iso = make(Flavour::Standard);
        // The certificate of another key of the same kind.
        let other = Iso::new(Flavour::Standard).file(0x4301);
        iso.lock().unwrap().put(0x4301, &other);
        let (_inserted, card) = insert(reader, &iso);
        card.verify_pin(PIN).unwrap();
        let refused = key(&card, 1).sign(SignatureAlgorithm::RsaPkcs1Sha256, b"text");
        assert!(matches!(refused, Err(KeyError::Store(_))), "{refused:?}");
    });
}

#[test]
fn a_hostile_card_shows_nothing_and_keeps_nobody_waiting() {
    with_reader("a_hostile_card_shows_nothing_and_keeps_nobody_waiting", |reader| {
        reader.start();
        let refers = |file: u16| {
            let [high, low] = file.to_be_bytes();
            move |tag: u8| [tag, 6, 0x30, 4, 4, 2, high, low]
        };
        type Hostile = (&'static str, Box<dyn Fn(&mut Iso)>);
        let hostile: Vec<Hostile> = vec![
            (
                "files without an end",
                Box::new(|card| {
                    for file in [0x5032, 0x4401, 0x4402, 0x4403] {
                        card.make_endless(file);
                    }
                }),
            ),
            (
                "a directory that names itself",
                Box::new(move |card| {
                    let own = refers(0x5031);
                    card.put(0x5031, &[own(0xa0), own(0xa4), own(0xa8)].concat());
                }),
            ),
            (
                "a thousand directories",
                Box::new(move |card| {
                    let keys = refers(0x4401);
                    card.put(
                        0x5031,
                        &std::iter::repeat_n(keys(0xa0), 1000).flatten().collect::<Vec<_>>(),
                    );
                }),
            ),
            (
                "lengths beyond the end",
                Box::new(|card| {
                    for file in [0x4401, 0x4402, 0x4403, 0x5032] {
                        card.put(
                            file,
                            &[0x30, 0x82, 0xff, 0xff, 0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
                        );
                    }
                }),
            ),
            (
                "empty files",
                Box::new(|card| {
                    for file in [0x4401, 0x4402, 0x4403, 0x5032] {
                        card.put(file, b"");
                    }
                }),
            ),
        ];
        for (what, change) in hostile {
            let iso = make(Flavour::Standard);
            change(&mut iso.lock().unwrap());
            let start = Instant::now();
            let (inserted, card) = insert(reader, &iso);
            assert_eq!(card.certificates().unwrap(), [], "{what}");
            assert!(start.elapsed().as_secs() < 20, "{what}");
            drop(inserted);
            until("the reader is empty", || with_card().is_none());
        }
        // Certificates that are none, or never end, are no keys.
        let iso = make(Flavour::Standard);
        iso.lock().unwrap().make_endless(0x4301);
        iso.lock().unwrap().put(0x4302, b"no certificate");
        let (_inserted, card) = insert(reader, &iso);
        assert!(matches!(card.key(slot(&card, 1)), Err(Error::NoCertificate { .. })));
        assert!(matches!(card.key(slot(&card, 2)), Err(Error::NoCertificate { .. })));
        assert!(card.key(slot(&card, 3)).is_ok());
    });
}

#[test]
fn opensc_reads_the_cards_of_iso_7816_15() {
    with_reader("opensc_reads_the_cards_of_iso_7816_15", |reader| {
        reader.start();
        for flavour in [Flavour::Standard, Flavour::CardOs, Flavour::IsoApplet] {
            let (inserted, card) = insert(reader, &make(flavour));
            let listed = run("pkcs15-tool", &["--list-keys", "--list-pins", "--dump"]);
            for contents in card.contents().unwrap() {
                let id = contents.slot.to_string().replace("id:", "");
                assert!(listed.contains(&contents.label), "{flavour:?}: {listed}");
                let read = run("pkcs15-tool", &["--read-certificate", &id]);
                let start = read.find("-----BEGIN").expect(&read);
                let found = openssl::x509::X509::from_pem(&read.as_bytes()[start..]).unwrap();
                assert_eq!(found.to_der().unwrap(), contents.der, "{flavour:?}");
            }
            assert!(listed.contains("ascii-numeric"), "{flavour:?}: {listed}");
            drop((card, inserted));
            until("the reader is empty", || with_card().is_none());
        }
    });
}

#[test]
fn opensc_uses_the_keys_of_iso_7816_15() {
    with_reader("opensc_uses_the_keys_of_iso_7816_15", |reader| {
        reader.start();
        for flavour in [Flavour::CardOs, Flavour::IsoApplet] {
            let iso = make(flavour);
            let (inserted, card) = insert(reader, &iso);
            let public = public(&key(&card, 1));
            drop(card);
            let folder = tempfile::tempdir().unwrap();
            let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
            std::fs::write(file("text"), b"text").unwrap();
            let said = run(
                "pkcs11-tool",
                &["--pin", PIN, "--id", "4501", "--sign", "--mechanism", "SHA256-RSA-PKCS"]
                    .into_iter()
                    .chain(["--input-file", &file("text"), "--output-file", &file("signature")])
                    .collect::<Vec<_>>(),
            );
            let signature = std::fs::read(file("signature")).expect(&said);
            let mut verifier = Verifier::new(MessageDigest::sha256(), &public).unwrap();
            assert!(verifier.verify_oneshot(&signature, b"text").unwrap(), "{flavour:?}: {said}");
            drop(inserted);
            until("the reader is empty", || with_card().is_none());
        }
    });
}

fn run(program: &str, arguments: &[&str]) -> String {
    // Cards that no driver knows by their answer to reset are for the driver of ISO 7816 itself.
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("opensc.conf");
    std::fs::write(&settings, "app default { enable_default_driver = true; }").unwrap();
    let mut command = Command::new(program);
    let done = command.args(arguments).env("OPENSC_CONF", settings).output();
    let done = done.expect("OpenSC is installed");

    String::from_utf8([done.stdout, done.stderr].concat()).unwrap()
}
