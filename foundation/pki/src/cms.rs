//! Messages encrypted for the holders of certificates (CMS, RFC 5652, RFC 5083, RFC 5084).
//!
//! Writes AuthEnvelopedData with AES-256-GCM and RSA-OAEP with SHA-256. Reads that and
//! EnvelopedData with AES-CBC, with OAEP or PKCS#1 v1.5, also as BER with indefinite lengths.

mod open;
mod seal;

pub use open::{OpenError, open};
pub use seal::{Fresh, SealError, seal};

use const_oid::db::rfc5911;
use der::asn1::ObjectIdentifier;
use openssl::cipher::{Cipher, CipherRef};

/// The object identifier of AuthEnvelopedData (RFC 5083 §2).
const AUTH_ENVELOPED_DATA: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.23");

/// `GCMParameters` (RFC 5084 §3.2).
#[derive(der::Sequence)]
struct GcmParameters {
    nonce: der::asn1::OctetString,
    #[asn1(default = "default_tag_length")]
    tag_length: u8,
}

fn default_tag_length() -> u8 {
    12
}

/// A content cipher, its key length and whether it authenticates.
#[derive(Clone, Copy)]
struct ContentCipher {
    cipher: &'static CipherRef,
    key_length: usize,
}

fn cbc(oid: ObjectIdentifier) -> Option<ContentCipher> {
    let known = [
        (rfc5911::ID_AES_128_CBC, Cipher::aes_128_cbc(), 16),
        (rfc5911::ID_AES_192_CBC, Cipher::aes_192_cbc(), 24),
        (rfc5911::ID_AES_256_CBC, Cipher::aes_256_cbc(), 32),
    ];

    find(known, oid)
}

fn gcm(oid: ObjectIdentifier) -> Option<ContentCipher> {
    let known = [
        (rfc5911::ID_AES_128_GCM, Cipher::aes_128_gcm(), 16),
        (rfc5911::ID_AES_192_GCM, Cipher::aes_192_gcm(), 24),
        (rfc5911::ID_AES_256_GCM, Cipher::aes_256_gcm(), 32),
    ];

    find(known, oid)
}

fn find(
    known: [(ObjectIdentifier, &'static CipherRef, usize); 3],
    oid: ObjectIdentifier,
) -> Option<ContentCipher> {
    let (_, cipher, key_length) = known.into_iter().find(|(known, ..)| *known == oid)?;

    Some(ContentCipher { cipher, key_length })
}
