//! Keys on tokens of SoftHSM2, checked with OpenSSL.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use keys::{KeyError, KeyTransport, PrivateKey, SignatureAlgorithm, SoftwareKey};
use openssl::encrypt::Encrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};
use pkcs11::{Error, KeyKind, Module, NewKey, PinState, Purpose, StoredCertificate, Token, Uri};
use std::path::Path;
use std::process::Command;

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const PIN: &str = "123456";

/// Names the folder of the tokens in a process that is to run a test, not to prepare it.
const PREPARED: &str = "CORDON_TEST_TOKENS";

/// Runs the test of this name again, in a process whose SoftHSM2 has tokens of its own: the module
/// learns of their folder from its environment alone.
#[track_caller]
fn with_tokens(name: &str, test: fn()) {
    if std::env::var_os(PREPARED).is_some() {
        return test();
    }
    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("softhsm2.conf");
    let tokens = folder.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let text = format!("directories.tokendir = {}\n", tokens.display());
    std::fs::write(&configuration, text).unwrap();
    for label in ["cards", "twin", "twin"] {
        let made = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", label, "--so-pin", "12345678"])
            .args(["--pin", PIN])
            .env("SOFTHSM2_CONF", &configuration)
            .output()
            .expect("softhsm2-util is installed: cargo xtask setup");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env("SOFTHSM2_CONF", &configuration)
        .env(PREPARED, &tokens)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

fn uri(text: &str) -> Uri {
    format!("pkcs11:{text}?module-path={MODULE}").parse().unwrap()
}

fn logged_in() -> Token {
    let token = pkcs11::open(&uri("token=cards")).unwrap();
    token.log_in(Some(PIN)).unwrap();

    token
}

fn new(kind: KeyKind, purpose: Purpose, label: &str) -> NewKey<'_> {
    NewKey { kind, label, id: label.as_bytes(), purpose }
}

fn public(key: &dyn PrivateKey) -> PKey<Public> {
    PKey::public_key_from_der(key.public_key()).unwrap()
}

fn wrap(key: &dyn PrivateKey, transport: KeyTransport, message: &[u8]) -> Vec<u8> {
    let public = public(key);
    let mut encrypter = Encrypter::new(&public).unwrap();
    let digest = match transport {
        KeyTransport::OaepSha1 => Some(MessageDigest::sha1()),
        KeyTransport::OaepSha256 => Some(MessageDigest::sha256()),
        KeyTransport::OaepSha384 => Some(MessageDigest::sha384()),
        KeyTransport::OaepSha512 => Some(MessageDigest::sha512()),
        KeyTransport::Pkcs1 | KeyTransport::Raw => None,
    };
    match digest {
        Some(digest) => {
            encrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
            encrypter.set_rsa_oaep_md(digest).unwrap();
            encrypter.set_rsa_mgf1_md(digest).unwrap();
        }
        None => encrypter.set_rsa_padding(Padding::PKCS1).unwrap(),
    }
    let mut wrapped = vec![0; encrypter.encrypt_len(message).unwrap()];
    let length = encrypter.encrypt(message, &mut wrapped).unwrap();
    wrapped.truncate(length);

    wrapped
}

#[track_caller]
fn check_signatures(key: &dyn PrivateKey) {
    let public = public(key);
    for algorithm in key.algorithms() {
        let signature = key.sign(*algorithm, b"text").unwrap();
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
        if *algorithm == SignatureAlgorithm::RsaPssSha256 {
            verifier.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).unwrap();
        }
        assert!(verifier.verify_oneshot(&signature.0, b"text").unwrap(), "{algorithm:?}");
    }
}

#[test]
fn keys_made_on_a_token_sign() {
    with_tokens("keys_made_on_a_token_sign", || {
        let token = logged_in();
        for (kind, label, count) in [
            (KeyKind::P256, "a", 1),
            (KeyKind::P384, "b", 1),
            (KeyKind::Rsa(2048), "c", 2),
            (KeyKind::Rsa(3072), "d", 2),
        ] {
            let key = token.make_key(&new(kind, Purpose::Signature, label)).unwrap();
            assert_eq!(key.algorithms().len(), count);
            check_signatures(&key);
            let again = token.key(&uri(&format!("object={label}"))).unwrap();
            assert_eq!(again.public_key(), key.public_key());
            check_signatures(&again);
        }
        let wrong = SignatureAlgorithm::RsaPssSha256;
        let refused = token.key(&uri("id=a")).unwrap().sign(wrong, b"text");
        assert!(matches!(refused, Err(KeyError::UnsupportedAlgorithm(_))));
        assert_eq!(token.keys().unwrap().len(), 4);
    });
}

#[test]
fn keys_on_a_token_unwrap() {
    with_tokens("keys_on_a_token_unwrap", || {
        let token = logged_in();
        let new = new(KeyKind::Rsa(2048), Purpose::Decryption, "mail");
        let key = token.make_key(&new).unwrap();
        for transport in [
            KeyTransport::OaepSha1,
            KeyTransport::OaepSha256,
            KeyTransport::OaepSha384,
            KeyTransport::OaepSha512,
            KeyTransport::Pkcs1,
        ] {
            let wrapped = wrap(&key, transport, &[7; 32]);
            let message = key.unwrap(transport, &wrapped).unwrap();
            assert_eq!(message.as_slice(), [7; 32], "{transport:?}");
        }
        let wrapped = wrap(&key, KeyTransport::Pkcs1, &[7; 32]);
        let block = key.unwrap(KeyTransport::Raw, &wrapped).unwrap();
        assert_eq!(block.len(), 256);
        assert_eq!(keys::pkcs1::unpad(&block, 32).as_slice(), [7; 32]);

        // The number 2^2032 is below every modulus and no wrapped key.
        let junk = [&[0, 1][..], &[0; 254]].concat();
        let answers: Vec<_> =
            (0..8).map(|_| key.unwrap(KeyTransport::Pkcs1, &junk).unwrap()).collect();
        assert!(answers.windows(2).any(|pair| pair[0] != pair[1]), "nobody learns of the padding");
        let refused = key.unwrap(KeyTransport::OaepSha256, &junk);
        assert!(matches!(refused, Err(KeyError::Undecipherable)));
        let refused = key.unwrap(KeyTransport::Raw, &[1; 255]);
        assert!(matches!(refused, Err(KeyError::Undecipherable)));
    });
}

#[test]
fn keys_on_a_token_agree() {
    with_tokens("keys_on_a_token_agree", || {
        let token = logged_in();
        for (kind, label, peer, other) in [
            (KeyKind::P256, "a", SoftwareKey::make_p256(), SoftwareKey::make_p384()),
            (KeyKind::P384, "b", SoftwareKey::make_p384(), SoftwareKey::make_p256()),
        ] {
            let key = token.make_key(&new(kind, Purpose::Decryption, label)).unwrap();
            let (peer, other) = (peer.unwrap(), other.unwrap());
            let secret = key.agree(peer.public_key()).unwrap();
            assert_eq!(secret, peer.agree(key.public_key()).unwrap());
            for wrong in [other.public_key(), b"no key"] {
                assert!(matches!(key.agree(wrong), Err(KeyError::Undecipherable)));
            }
        }
    });
}

#[test]
fn tokens_are_told_apart() {
    with_tokens("tokens_are_told_apart", || {
        let refused = pkcs11::open(&uri("token=other"));
        let Err(Error::NoSuchToken { found }) = refused else { panic!("{refused:?}") };
        assert_eq!(found.iter().filter(|label| *label == "twin").count(), 2);
        let refused = pkcs11::open(&uri("token=twin"));
        let Err(Error::SeveralTokens { found }) = refused else { panic!("{refused:?}") };
        assert_eq!(found.len(), 2);
        let module = Module::load(Path::new(MODULE)).unwrap();
        let tokens = module.tokens().unwrap();
        let twin = tokens.iter().find(|token| token.label == "twin").unwrap();
        let open = pkcs11::open(&uri(&format!("token=twin;serial={}", twin.serial))).unwrap();
        assert_eq!(open.info(), twin);

        let refused = pkcs11::open(&"pkcs11:token=cards".parse().unwrap());
        assert!(matches!(refused, Err(Error::NoModule)));
        let refused = Module::load(Path::new("/nowhere/module.so"));
        assert!(matches!(refused, Err(Error::Load { .. })));
        let refused = Module::load(Path::new("/etc/passwd"));
        assert!(matches!(refused, Err(Error::Load { .. })));
    });
}

#[test]
fn a_token_wants_its_pin() {
    with_tokens("a_token_wants_its_pin", || {
        let token = pkcs11::open(&uri("token=cards")).unwrap();
        assert_eq!(token.pin_state().unwrap(), PinState::Ready);
        assert!(matches!(token.log_in(Some("654321")), Err(Error::PinIncorrect)));
        assert_eq!(token.pin_state().unwrap(), PinState::Low);
        assert!(matches!(token.log_in(Some("1")), Err(Error::PinUnfit | Error::PinIncorrect)));
        let refused = token.make_key(&new(KeyKind::P256, Purpose::Signature, "a"));
        assert!(matches!(refused, Err(Error::PinRequired)), "{refused:?}");
        token.log_in(Some(PIN)).unwrap();
        token.log_in(Some(PIN)).unwrap();
        assert_eq!(token.pin_state().unwrap(), PinState::Ready);

        let key = token.make_key(&new(KeyKind::P256, Purpose::Signature, "a")).unwrap();
        let refused = token.make_key(&new(KeyKind::P256, Purpose::Signature, "a"));
        assert!(matches!(refused, Err(Error::AlreadyThere(_))));
        assert!(matches!(token.key(&uri("object=b")), Err(Error::NoSuchKey { .. })));
        token.make_key(&new(KeyKind::P256, Purpose::Signature, "b")).unwrap();
        assert!(matches!(token.key(&uri("")), Err(Error::SeveralKeys { .. })));
        let refused = token.make_key(&new(KeyKind::Rsa(1024), Purpose::Signature, "c"));
        assert!(matches!(refused, Err(Error::UnsupportedKind)));

        token.log_out().unwrap();
        token.log_out().unwrap();
        let refused = key.sign(SignatureAlgorithm::EcdsaP256Sha256, b"text");
        assert!(refused.is_err());
        assert!(!format!("{token:?}").contains(PIN));
    });
}

#[test]
fn a_certificate_goes_with_its_key() {
    with_tokens("a_certificate_goes_with_its_key", || {
        let token = logged_in();
        let stored =
            StoredCertificate { label: "mail".into(), id: b"mail".into(), der: vec![0x30, 0] };
        token.store_certificate(&stored, &[0x30, 0]).unwrap();
        assert_eq!(token.certificates().unwrap(), [stored]);
    });
}

#[test]
fn a_module_that_is_started_anew_finds_the_token_again() {
    with_tokens("a_module_that_is_started_anew_finds_the_token_again", || {
        let algorithm = SignatureAlgorithm::EcdsaP256Sha256;
        let (first, second) = (logged_in(), logged_in());
        let make = |label| first.make_key(&new(KeyKind::P256, Purpose::Signature, label)).unwrap();
        let (key, _other) = (make("a"), make("b"));
        let module = Module::load(Path::new(MODULE)).unwrap();
        let start = module.start();
        let tokens = std::path::PathBuf::from(std::env::var_os(PREPARED).unwrap());
        let away = tokens.with_extension("away");
        std::fs::rename(&tokens, &away).unwrap();
        key.sign(algorithm, b"text").unwrap_err();
        assert!(matches!(module.restart(start), Err(Error::Fault(_))), "SoftHSM2 wants its folder");
        std::fs::create_dir(&tokens).unwrap();
        module.restart(module.start()).unwrap();
        assert!(matches!(pkcs11::open(&uri("token=cards")), Err(Error::NoSuchToken { .. })));

        std::fs::remove_dir_all(&tokens).unwrap();
        std::fs::rename(&away, &tokens).unwrap();
        module.restart(module.start()).unwrap();
        let third = logged_in();
        let (again, now) = (third.key(&uri("object=a")).unwrap(), module.start());
        check_signatures(&again);
        module.restart(start).unwrap();
        assert_eq!(module.start(), now, "it was started since");
        // What was open before neither signs with another key, nor closes a session of others.
        assert!(matches!(key.sign(algorithm, b"text"), Err(KeyError::Absent)));
        assert!(matches!(second.log_in(Some(PIN)), Err(Error::Absent)));
        drop((first, second, key));
        check_signatures(&again);
    });
}
