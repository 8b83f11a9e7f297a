//! A smart card by somebody else's middleware: a PIV card of software behind OpenSC's PKCS#11 module.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use keys::{KeyError, KeyTransport, PrivateKey, SignatureAlgorithm};
use openssl::encrypt::Encrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Verifier};
use pkcs11::{Error, Module, Token, TokenKey, Uri};
use std::path::Path;
use std::sync::{Arc, Mutex};
use testcard::{Inserted, PIN, Piv, Reader, with_reader};

const MODULE: &str = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so";

fn module() -> Module {
    let other = MODULE.replace("x86_64", std::env::consts::ARCH);

    Module::load(Path::new(&other)).expect("opensc-pkcs11 is installed: cargo xtask setup")
}

fn insert(reader: &Reader) -> (Inserted, Token) {
    let mut card = Piv::default();
    for (slot, object) in [(0x9a, 0x05), (0x9c, 0x0a)] {
        card.put(slot, object, PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap());
    }

    insert_card(reader, card)
}

fn insert_card(reader: &Reader, card: Piv) -> (Inserted, Token) {
    let module = module();
    let inserted = reader.insert(&Arc::new(Mutex::new(card)), || {
        module.tokens().is_ok_and(|tokens| !tokens.is_empty())
    });
    let token = module.open(&Uri::default()).unwrap();

    (inserted, token)
}

/// OpenSC counts 9A, 9C and 9D of a PIV card from one.
fn key_of(keys: &[TokenKey], id: u8) -> &TokenKey {
    keys.iter().find(|key| key.id() == [id]).unwrap()
}

#[track_caller]
fn check_signature(key: &TokenKey, algorithm: SignatureAlgorithm) {
    let signature = key.sign(algorithm, b"text").unwrap();
    let public = PKey::public_key_from_der(key.public_key()).unwrap();
    let digest = match algorithm {
        SignatureAlgorithm::EcdsaP384Sha384 => MessageDigest::sha384(),
        SignatureAlgorithm::EcdsaP521Sha512 | SignatureAlgorithm::Ed25519 => {
            panic!("no token has {algorithm:?}")
        }
        SignatureAlgorithm::EcdsaP256Sha256
        | SignatureAlgorithm::RsaPkcs1Sha256
        | SignatureAlgorithm::RsaPssSha256 => MessageDigest::sha256(),
    };
    let mut verifier = Verifier::new(digest, &public).unwrap();
    if algorithm == SignatureAlgorithm::RsaPssSha256 {
        verifier.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
        verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).unwrap();
    }
    assert!(verifier.verify_oneshot(&signature.0, b"text").unwrap(), "{algorithm:?}");
}

#[test]
fn a_card_works_by_the_middleware_of_opensc() {
    with_reader("a_card_works_by_the_middleware_of_opensc", |reader| {
        reader.start();
        let (_inserted, token) = insert(reader);
        assert_eq!(token.certificates().unwrap().len(), 3);
        assert!(matches!(token.log_in(Some("654321")), Err(Error::PinIncorrect)));
        token.log_in(Some(PIN)).unwrap();
        let keys = token.keys().unwrap();
        assert_eq!(keys.len(), 3);

        let access = key_of(&keys, 1);
        check_signature(access, SignatureAlgorithm::RsaPkcs1Sha256);
        check_signature(access, SignatureAlgorithm::RsaPssSha256);
        // The card wants the PIN at each of these.
        let signing = key_of(&keys, 2);
        check_signature(signing, SignatureAlgorithm::RsaPkcs1Sha256);
        check_signature(signing, SignatureAlgorithm::RsaPkcs1Sha256);

        let mail = key_of(&keys, 3);
        assert!(mail.recovers() && !mail.signs());
        let refused = mail.sign(SignatureAlgorithm::RsaPkcs1Sha256, b"text");
        assert!(matches!(refused, Err(KeyError::UnsupportedAlgorithm(_))));
        let public = PKey::public_key_from_der(mail.public_key()).unwrap();
        let mut encrypter = Encrypter::new(&public).unwrap();
        encrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
        encrypter.set_rsa_oaep_md(MessageDigest::sha256()).unwrap();
        encrypter.set_rsa_mgf1_md(MessageDigest::sha256()).unwrap();
        let mut wrapped = vec![0; 256];
        encrypter.encrypt(&[7; 32], &mut wrapped).unwrap();
        let message = mail.unwrap(KeyTransport::OaepSha256, &wrapped).unwrap();
        assert_eq!(message.as_slice(), [7; 32]);
        let block = mail.unwrap(KeyTransport::Raw, &wrapped).unwrap();
        assert_eq!(block.len(), 256);
    });
}

#[test]
fn a_key_on_a_curve_signs_by_opensc_although_it_wants_the_pin_each_time() {
    with_reader("a_key_on_a_curve_signs_by_opensc_although_it_wants_the_pin_each_time", |reader| {
        reader.start();
        let (_inserted, token) = insert_card(reader, Piv::with_history());
        token.log_in(Some(PIN)).unwrap();
        let keys = token.keys().unwrap();
        check_signature(key_of(&keys, 1), SignatureAlgorithm::EcdsaP384Sha384);
        let signing = key_of(&keys, 2);
        check_signature(signing, SignatureAlgorithm::EcdsaP256Sha256);
        check_signature(signing, SignatureAlgorithm::EcdsaP256Sha256);
    });
}

#[test]
fn a_card_that_is_pulled_out_is_missed_by_its_token() {
    with_reader("a_card_that_is_pulled_out_is_missed_by_its_token", |reader| {
        reader.start();
        let (inserted, token) = insert(reader);
        token.log_in(Some(PIN)).unwrap();
        let keys = token.keys().unwrap();
        let access = key_of(&keys, 1);
        check_signature(access, SignatureAlgorithm::RsaPkcs1Sha256);
        drop(inserted);
        testcard::until("the module misses the card", || {
            module().tokens().is_ok_and(|tokens| tokens.is_empty())
        });
        let refused = access.sign(SignatureAlgorithm::RsaPkcs1Sha256, b"text");
        assert!(matches!(refused, Err(KeyError::Absent)), "{refused:?}");
        assert!(matches!(token.pin_state(), Err(Error::Absent)));
    });
}
