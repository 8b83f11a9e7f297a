//! What the tests of both kinds of card share: finding one, and OpenSSL's view of what its keys do.
#![allow(dead_code, reason = "each test program uses a part of it")]

use keys::{PrivateKey as _, SignatureAlgorithm};
use openssl::encrypt::Encrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};
use smartcard::{CardKey, readers};

pub(crate) fn with_card() -> Option<String> {
    readers().ok()?.into_iter().find(|reader| reader.card).map(|reader| reader.name)
}

pub(crate) fn public(key: &CardKey) -> PKey<Public> {
    PKey::public_key_from_der(key.public_key()).unwrap()
}

#[track_caller]
pub(crate) fn check_signature(key: &CardKey, algorithm: SignatureAlgorithm) {
    let signature = key.sign(algorithm, b"text").unwrap();
    let digest = match algorithm {
        SignatureAlgorithm::EcdsaP384Sha384 => MessageDigest::sha384(),
        SignatureAlgorithm::EcdsaP521Sha512 | SignatureAlgorithm::Ed25519 => {
            panic!("no card has {algorithm:?}")
        }
        SignatureAlgorithm::EcdsaP256Sha256
        | SignatureAlgorithm::RsaPkcs1Sha256
        | SignatureAlgorithm::RsaPssSha256 => MessageDigest::sha256(),
    };
    let public = public(key);
    let mut verifier = Verifier::new(digest, &public).unwrap();
    if algorithm == SignatureAlgorithm::RsaPssSha256 {
        verifier.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
        verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).unwrap();
    }
    assert!(verifier.verify_oneshot(&signature.0, b"text").unwrap(), "{algorithm:?}");
}

pub(crate) fn wrap(key: &CardKey, padding: Padding) -> Vec<u8> {
    let public = public(key);
    let mut encrypter = Encrypter::new(&public).unwrap();
    encrypter.set_rsa_padding(padding).unwrap();
    if padding == Padding::PKCS1_OAEP {
        encrypter.set_rsa_oaep_md(MessageDigest::sha256()).unwrap();
        encrypter.set_rsa_mgf1_md(MessageDigest::sha256()).unwrap();
    }
    let mut wrapped = vec![0; 256];
    let length = encrypter.encrypt(&[7; 32], &mut wrapped).unwrap();
    wrapped.truncate(length);

    wrapped
}
