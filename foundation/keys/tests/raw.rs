//! The work around bare RSA operations, against OpenSSL's own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use keys::raw::{ecdsa_value, pkcs1_sha256, pss_sha256, unpad_oaep};
use keys::{KeyError, KeyTransport, PrivateKey as _, SoftwareKey};
use openssl::encrypt::Encrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Verifier};

const ALL: [(KeyTransport, fn() -> MessageDigest); 4] = [
    (KeyTransport::OaepSha1, MessageDigest::sha1),
    (KeyTransport::OaepSha256, MessageDigest::sha256),
    (KeyTransport::OaepSha384, MessageDigest::sha384),
    (KeyTransport::OaepSha512, MessageDigest::sha512),
];

fn blocks(message: &[u8], wanted: KeyTransport) -> Vec<u8> {
    let key = SoftwareKey::make_rsa(2048).unwrap();
    let public = PKey::public_key_from_der(key.public_key()).unwrap();
    let (_, digest) = ALL.iter().find(|(transport, _)| *transport == wanted).unwrap();
    let mut encrypter = Encrypter::new(&public).unwrap();
    encrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
    encrypter.set_rsa_oaep_md(digest()).unwrap();
    encrypter.set_rsa_mgf1_md(digest()).unwrap();
    let mut wrapped = vec![0; 256];
    let length = encrypter.encrypt(message, &mut wrapped).unwrap();
    wrapped.truncate(length);

    key.unwrap(KeyTransport::Raw, &wrapped).unwrap().to_vec()
}

#[test]
fn what_openssl_padded_is_unpadded() {
    for (transport, _) in ALL {
        for message in [&b""[..], &[1; 32], &[0; 62]] {
            let unpadded = unpad_oaep(transport, &blocks(message, transport)).unwrap();
            assert_eq!(unpadded.as_slice(), message, "{transport:?}");
        }
    }
}

#[test]
fn every_changed_octet_is_refused_alike() {
    let block = blocks(&[7; 32], KeyTransport::OaepSha256);
    for at in 0..block.len() {
        let mut changed = block.clone();
        changed[at] ^= 1;
        let refused = unpad_oaep(KeyTransport::OaepSha256, &changed);
        assert!(matches!(refused, Err(KeyError::Undecipherable)), "octet {at}");
    }
    let refused = unpad_oaep(KeyTransport::OaepSha384, &block);
    assert!(matches!(refused, Err(KeyError::Undecipherable)));
    assert!(unpad_oaep(KeyTransport::OaepSha256, &block[..65]).is_err());
    assert!(unpad_oaep(KeyTransport::Pkcs1, &block).is_err());
}

#[track_caller]
fn check(bits: u32, padding: Padding) {
    let key = Rsa::generate(bits).unwrap();
    let size = key.n().num_bits() as usize;
    let block = if padding == Padding::PKCS1 {
        pkcs1_sha256(b"text", size).unwrap()
    } else {
        pss_sha256(b"text", [9; 32], size).unwrap()
    };
    let mut signature = vec![0; size.div_ceil(8)];
    key.private_encrypt(&block, &mut signature, Padding::NONE).unwrap();

    let key = PKey::from_rsa(key).unwrap();
    let mut verifier = Verifier::new(MessageDigest::sha256(), &key).unwrap();
    verifier.set_rsa_padding(padding).unwrap();
    if padding == Padding::PKCS1_PSS {
        verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).unwrap();
    }
    assert!(verifier.verify_oneshot(&signature, b"text").unwrap(), "{bits} bits");
}

#[test]
fn openssl_verifies_what_was_padded_here() {
    for bits in [2048, 2050, 2058, 3072] {
        check(bits, Padding::PKCS1);
        check(bits, Padding::PKCS1_PSS);
    }
}

#[test]
fn a_short_modulus_is_refused() {
    assert!(pkcs1_sha256(b"text", 488).is_err());
    assert!(pss_sha256(b"text", [0; 32], 520).is_err());
    assert!(pss_sha256(b"text", [0; 32], 0).is_err());
}

#[test]
fn two_numbers_become_der() {
    assert_eq!(ecdsa_value(&[1, 0x80]).unwrap(), [0x30, 7, 2, 1, 1, 2, 2, 0, 0x80]);
    assert!(ecdsa_value(b"").is_err());
    assert!(ecdsa_value(&[1, 2, 3]).is_err());
}
