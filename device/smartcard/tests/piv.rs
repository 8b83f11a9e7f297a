//! A PIV card in a reader of software, over the real pcscd, with OpenSC's tools as a second opinion.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use flate2::Compression;
use flate2::write::GzEncoder;
use keys::{KeyError, KeyTransport, PrivateKey as _, SignatureAlgorithm, SoftwareKey};
use openssl::pkey::PKey;
use openssl::rsa::{Padding, Rsa};
use smartcard::{Card, Error, PinState, Slot, readers, wait_for_removal};
use std::io::Write as _;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{check_signature, with_card, wrap};
use testcard::{Inserted, PIN, Piv, Reader, until, with_reader};

fn insert(reader: &Reader, piv: &Arc<Mutex<Piv>>) -> (Inserted, Card) {
    let inserted = reader.insert(piv, || with_card().is_some());
    let card = Card::connect(&with_card().unwrap()).unwrap();

    (inserted, card)
}

#[test]
fn a_piv_card_signs_unwraps_and_agrees() {
    with_reader("a_piv_card_signs_unwraps_and_agrees", |reader| {
        reader.start();
        let (_inserted, card) = insert(reader, &Arc::default());
        card.verify_pin(PIN).unwrap();

        let mail = card.key(Slot::KeyManagement).unwrap();
        check_signature(&mail, SignatureAlgorithm::RsaPkcs1Sha256);
        check_signature(&mail, SignatureAlgorithm::RsaPssSha256);
        let wrapped = wrap(&mail, Padding::PKCS1_OAEP);
        let message = mail.unwrap(KeyTransport::OaepSha256, &wrapped).unwrap();
        assert_eq!(message.as_slice(), [7; 32]);
        let block = mail.unwrap(KeyTransport::Raw, &wrap(&mail, Padding::PKCS1)).unwrap();
        assert_eq!(keys::pkcs1::unpad(&block, 32).as_slice(), [7; 32]);
        let refused = mail.unwrap(KeyTransport::OaepSha1, &wrapped);
        assert!(matches!(refused, Err(KeyError::Undecipherable)));
        let refused = mail.unwrap(KeyTransport::Raw, &[1; 255]);
        assert!(matches!(refused, Err(KeyError::Undecipherable)));

        // 9C wants the PIN at each signature.
        let signing = card.key(Slot::Signature).unwrap();
        check_signature(&signing, SignatureAlgorithm::EcdsaP256Sha256);
        check_signature(&signing, SignatureAlgorithm::EcdsaP256Sha256);
        let access = card.key(Slot::Authentication).unwrap();
        check_signature(&access, SignatureAlgorithm::EcdsaP384Sha384);
        let refused = access.sign(SignatureAlgorithm::EcdsaP256Sha256, b"text");
        assert!(matches!(refused, Err(KeyError::UnsupportedAlgorithm(_))));

        for (key, peer) in
            [(&signing, SoftwareKey::make_p256()), (&access, SoftwareKey::make_p384())]
        {
            let peer = peer.unwrap();
            let secret = key.agree(peer.public_key()).unwrap();
            assert_eq!(secret, peer.agree(key.public_key()).unwrap());
        }
        let other = SoftwareKey::make_p384().unwrap();
        assert!(matches!(signing.agree(other.public_key()), Err(KeyError::Undecipherable)));
    });
}

#[test]
fn the_card_counts_wrong_pins() {
    with_reader("the_card_counts_wrong_pins", |reader| {
        reader.start();
        let piv = Arc::<Mutex<Piv>>::default();
        let (inserted, card) = insert(reader, &piv);
        assert_eq!(card.pin_state().unwrap(), PinState::Tries(3));
        for unfit in ["", "12345", "123456789", "12345ü"] {
            assert!(matches!(card.verify_pin(unfit), Err(Error::UnfitPin)));
        }
        assert_eq!(card.pin_state().unwrap(), PinState::Tries(3));
        let key = card.key(Slot::KeyManagement).unwrap();
        let refused = key.sign(SignatureAlgorithm::RsaPkcs1Sha256, b"text");
        assert!(matches!(refused, Err(KeyError::PinRequired)));

        assert!(matches!(card.verify_pin("654321"), Err(Error::WrongPin { left: 2 })));
        assert_eq!(card.pin_state().unwrap(), PinState::Tries(2));
        card.verify_pin(PIN).unwrap();
        assert_eq!(card.pin_state().unwrap(), PinState::Verified);
        assert_eq!(piv.lock().unwrap().tries_left(), 3);

        assert!(matches!(card.verify_pin("654321"), Err(Error::WrongPin { left: 2 })));
        let refused = key.sign(SignatureAlgorithm::RsaPkcs1Sha256, b"text");
        assert!(matches!(refused, Err(KeyError::PinRequired)), "no PIN is tried by itself");
        assert!(matches!(card.verify_pin("654321"), Err(Error::WrongPin { left: 1 })));
        assert!(matches!(card.verify_pin("654321"), Err(Error::Blocked)));
        assert_eq!(card.pin_state().unwrap(), PinState::Blocked);
        assert!(matches!(card.verify_pin(PIN), Err(Error::Blocked)));
        drop(inserted);
        until("the reader is empty", || with_card().is_none());
        let (_inserted, card) = insert(reader, &piv);
        assert_eq!(card.pin_state().unwrap(), PinState::Blocked);
    });
}

#[test]
fn a_card_that_is_pulled_out_is_gone() {
    with_reader("a_card_that_is_pulled_out_is_gone", |reader| {
        reader.start();
        let piv = Arc::<Mutex<Piv>>::default();
        let (inserted, card) = insert(reader, &piv);
        card.verify_pin(PIN).unwrap();
        let key = card.key(Slot::KeyManagement).unwrap();
        check_signature(&key, SignatureAlgorithm::RsaPssSha256);
        let name = card.reader().to_owned();
        assert!(!wait_for_removal(&name, Duration::from_millis(50)).unwrap());
        let watch = std::thread::spawn({
            let name = name.clone();
            move || wait_for_removal(&name, Duration::from_secs(30)).unwrap()
        });
        drop(inserted);
        assert!(watch.join().unwrap());
        let refused = key.sign(SignatureAlgorithm::RsaPssSha256, b"text");
        assert!(matches!(refused, Err(KeyError::Absent)), "{refused:?}");
        assert!(matches!(Card::connect(&name), Err(Error::Absent)));

        // The same card again does not bring the old handles back: nobody entered its PIN.
        let (_inserted, again) = insert(reader, &piv);
        let refused = key.sign(SignatureAlgorithm::RsaPssSha256, b"text");
        assert!(matches!(refused, Err(KeyError::Absent)));
        assert!(matches!(again.pin_state(), Ok(PinState::Tries(3))));
        drop(again);
        reader.stop();
        assert!(wait_for_removal(&name, Duration::from_secs(30)).unwrap());
    });
}

#[test]
fn without_service_or_reader_it_is_said() {
    with_reader("without_service_or_reader_it_is_said", |reader| {
        assert!(matches!(readers(), Err(Error::NoService)));
        assert!(matches!(Card::connect("Test reader 00 00"), Err(Error::NoService)));
        reader.start();
        until("the reader is seen", || readers().is_ok_and(|readers| !readers.is_empty()));
        assert!(readers().unwrap().iter().all(|reader| !reader.card));
        assert!(matches!(Card::connect("Other reader 00 00"), Err(Error::NoReader)));
    });
}

#[test]
fn certificates_are_read_packed_or_not() {
    with_reader("certificates_are_read_packed_or_not", |reader| {
        reader.start();
        let piv = Arc::<Mutex<Piv>>::default();
        let plain = {
            let mut card = piv.lock().unwrap();
            card.put(0x82, 0x0d, PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap());
            card.put_certificate(0x0e, b"no gzip", 1);
            SoftwareKey::make_p256().unwrap()
        };
        let (inserted, card) = insert(reader, &piv);
        assert!(matches!(card.certificates(), Err(Error::Damaged(_))));
        let old = card.certificate(Slot::Retired(0)).unwrap();
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&old).unwrap();
        {
            let mut card = piv.lock().unwrap();
            card.put_certificate(0x0d, &packed.finish().unwrap(), 1);
            card.put_certificate(0x0e, b"no certificate", 0);
        }
        assert_eq!(card.certificate(Slot::Retired(0)).unwrap(), old);
        let slots: Vec<_> =
            card.certificates().unwrap().into_iter().map(|(slot, _)| slot.to_string()).collect();
        assert_eq!(slots, ["9D", "9C", "9A", "82", "83"]);
        assert!(matches!(card.key(Slot::Retired(1)), Err(Error::NoCertificate { .. })));
        assert!(matches!(card.key(Slot::Retired(2)), Err(Error::NoCertificate { .. })));
        card.verify_pin(PIN).unwrap();
        let key = card.key(Slot::Retired(0)).unwrap();
        check_signature(&key, SignatureAlgorithm::RsaPkcs1Sha256);
        assert_ne!(key.public_key(), plain.public_key());
        drop(inserted);
    });
}

#[test]
fn opensc_takes_the_card_for_a_piv_card() {
    with_reader("opensc_takes_the_card_for_a_piv_card", |reader| {
        reader.start();
        let (_inserted, card) = insert(reader, &Arc::default());
        let run = |program: &str, arguments: &[&str]| {
            let done = Command::new(program).args(arguments).output().expect("OpenSC is installed");
            String::from_utf8([done.stdout, done.stderr].concat()).unwrap()
        };
        let name = run("opensc-tool", &["--name"]);
        assert!(name.contains("Personal Identity Verification"), "{name}");
        for (slot, id) in [(Slot::Authentication, "01"), (Slot::KeyManagement, "03")] {
            let read = run("pkcs15-tool", &["--read-certificate", id]);
            let start = read.find("-----BEGIN").expect(&read);
            let found = openssl::x509::X509::from_pem(&read.as_bytes()[start..]).unwrap();
            assert_eq!(found.to_der().unwrap(), card.certificate(slot).unwrap());
        }
    });
}
