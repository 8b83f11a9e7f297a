//! Signature algorithms as certificates name them, and their verification.

use crate::{Certificate, KeyKind};
use const_oid::db::{rfc5912, rfc8410};
use der::asn1::{Any, BitString, ObjectIdentifier};
use der::{Decode as _, Encode as _, Sequence};
use keys::SignatureAlgorithm;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};
use spki::AlgorithmIdentifierOwned;

/// The signature is not one of this message by this key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the signature is wrong")]
pub struct BadSignature;

/// Which signatures and keys count, beyond those that always do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Algorithms {
    /// Signatures with MD5, which anybody can forge.
    pub md5: bool,
    /// Signatures with SHA-1, which those with enough money can forge.
    pub sha1: bool,
    /// The shortest RSA key, in bits.
    pub shortest_rsa: u32,
}

impl Default for Algorithms {
    /// No MD5, no SHA-1, RSA keys of 2048 bits or more.
    fn default() -> Self {
        Self { md5: false, sha1: false, shortest_rsa: 2048 }
    }
}

impl Algorithms {
    /// Tells whether keys of this kind and size count.
    pub(crate) fn take(&self, kind: KeyKind) -> bool {
        match kind {
            KeyKind::Rsa { bits } | KeyKind::RsaPss { bits } => {
                (self.shortest_rsa..=LONGEST_RSA).contains(&bits)
            }
            KeyKind::Ed25519 | KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => true,
            KeyKind::Other => false,
        }
    }
}

/// Longer keys only cost time.
const LONGEST_RSA: u32 = 16_384;

/// Why a signature does not count.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum SignatureFault {
    /// Its algorithm is unknown or refused.
    Refused(ObjectIdentifier),
    /// It is not one of this message by this key.
    Wrong,
}

/// How a signature is verified.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scheme {
    Ecdsa(Digest),
    Ed25519,
    RsaPkcs1(Digest),
    RsaPss(Digest),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Digest {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl From<SignatureAlgorithm> for Scheme {
    fn from(algorithm: SignatureAlgorithm) -> Self {
        match algorithm {
            SignatureAlgorithm::EcdsaP256Sha256 => Self::Ecdsa(Digest::Sha256),
            SignatureAlgorithm::EcdsaP384Sha384 => Self::Ecdsa(Digest::Sha384),
            SignatureAlgorithm::EcdsaP521Sha512 => Self::Ecdsa(Digest::Sha512),
            SignatureAlgorithm::Ed25519 => Self::Ed25519,
            SignatureAlgorithm::RsaPkcs1Sha256 => Self::RsaPkcs1(Digest::Sha256),
            SignatureAlgorithm::RsaPssSha256 => Self::RsaPss(Digest::Sha256),
        }
    }
}

impl Scheme {
    /// Reads the identifier of a signature algorithm that is safe (RFC 4055, RFC 5758, RFC 8410).
    pub(crate) fn read(identifier: &AlgorithmIdentifierOwned) -> Result<Self, BadSignature> {
        let scheme = Self::read_any(identifier)?;

        if scheme.is_allowed(&Algorithms::default()) { Ok(scheme) } else { Err(BadSignature) }
    }

    fn is_allowed(self, algorithms: &Algorithms) -> bool {
        match self {
            Self::Ed25519 => true,
            Self::Ecdsa(digest) | Self::RsaPkcs1(digest) | Self::RsaPss(digest) => match digest {
                Digest::Md5 => algorithms.md5,
                Digest::Sha1 => algorithms.sha1,
                Digest::Sha256 | Digest::Sha384 | Digest::Sha512 => true,
            },
        }
    }

    fn read_any(identifier: &AlgorithmIdentifierOwned) -> Result<Self, BadSignature> {
        let plain = [
            (ECDSA_WITH_SHA_1, Self::Ecdsa(Digest::Sha1)),
            (rfc5912::MD_5_WITH_RSA_ENCRYPTION, Self::RsaPkcs1(Digest::Md5)),
            (rfc5912::SHA_1_WITH_RSA_ENCRYPTION, Self::RsaPkcs1(Digest::Sha1)),
            (rfc8410::ID_ED_25519, Self::Ed25519),
            (rfc5912::ECDSA_WITH_SHA_256, Self::Ecdsa(Digest::Sha256)),
            (rfc5912::ECDSA_WITH_SHA_384, Self::Ecdsa(Digest::Sha384)),
            (rfc5912::ECDSA_WITH_SHA_512, Self::Ecdsa(Digest::Sha512)),
            (rfc5912::SHA_256_WITH_RSA_ENCRYPTION, Self::RsaPkcs1(Digest::Sha256)),
            (rfc5912::SHA_384_WITH_RSA_ENCRYPTION, Self::RsaPkcs1(Digest::Sha384)),
            (rfc5912::SHA_512_WITH_RSA_ENCRYPTION, Self::RsaPkcs1(Digest::Sha512)),
        ];
        if let Some((_, scheme)) = plain.into_iter().find(|(oid, _)| *oid == identifier.oid) {
            return Ok(scheme);
        }
        if identifier.oid != rfc5912::ID_RSASSA_PSS {
            return Err(BadSignature);
        }

        read_pss(identifier.parameters.as_ref()).map(Self::RsaPss)
    }
}

/// `ecdsa-with-SHA1` (RFC 3279 §2.2.3).
pub(crate) const ECDSA_WITH_SHA_1: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.10045.4.1");

/// Checks a signature by the holder of a certificate, with an algorithm that `algorithms` allow.
pub(crate) fn verify_with(
    signer: &Certificate,
    identifier: &AlgorithmIdentifierOwned,
    algorithms: &Algorithms,
    message: &[u8],
    signature: &BitString,
) -> Result<(), SignatureFault> {
    let scheme = Scheme::read_any(identifier).ok().filter(|it| it.is_allowed(algorithms));
    let scheme = scheme.ok_or(SignatureFault::Refused(identifier.oid))?;

    // Signatures are whole octets; a bit string may say otherwise.
    let signature = signature.as_bytes().ok_or(SignatureFault::Wrong)?;

    let key = signer.key().ok_or(SignatureFault::Wrong)?;

    verify_by(key, scheme, message, signature).map_err(|_| SignatureFault::Wrong)
}

/// Names an algorithm the way certificates and requests do.
pub(crate) fn identifier(algorithm: SignatureAlgorithm) -> AlgorithmIdentifierOwned {
    let (oid, parameters) = match algorithm {
        SignatureAlgorithm::EcdsaP256Sha256 => (rfc5912::ECDSA_WITH_SHA_256, None),
        SignatureAlgorithm::EcdsaP384Sha384 => (rfc5912::ECDSA_WITH_SHA_384, None),
        SignatureAlgorithm::EcdsaP521Sha512 => (rfc5912::ECDSA_WITH_SHA_512, None),
        SignatureAlgorithm::Ed25519 => (rfc8410::ID_ED_25519, None),
        SignatureAlgorithm::RsaPkcs1Sha256 => {
            (rfc5912::SHA_256_WITH_RSA_ENCRYPTION, Some(Any::null()))
        }
        SignatureAlgorithm::RsaPssSha256 => {
            (rfc5912::ID_RSASSA_PSS, Some(encode(&PssParameters::sha256())))
        }
    };

    AlgorithmIdentifierOwned { oid, parameters }
}

/// Checks a signature with a DER `SubjectPublicKeyInfo`.
pub(crate) fn verify(
    public_key: &[u8],
    scheme: Scheme,
    message: &[u8],
    signature: &[u8],
) -> Result<(), BadSignature> {
    let key = PKey::public_key_from_der(public_key).map_err(|_| BadSignature)?;

    verify_by(&key, scheme, message, signature)
}

fn verify_by(
    key: &PKey<Public>,
    scheme: Scheme,
    message: &[u8],
    signature: &[u8],
) -> Result<(), BadSignature> {
    let kinds: &[Id] = match scheme {
        Scheme::Ecdsa(_) => &[Id::EC],
        Scheme::Ed25519 => &[Id::ED25519],
        Scheme::RsaPkcs1(_) => &[Id::RSA],
        Scheme::RsaPss(_) => &[Id::RSA, Id::RSA_PSS],
    };
    if !kinds.contains(&key.id()) {
        return Err(BadSignature);
    }

    match check(key, scheme, message, signature) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(BadSignature),
    }
}

pub(crate) fn encode(value: &impl der::Encode) -> Any {
    let der = value.to_der().expect("values made here can be encoded");

    Any::from_der(&der).expect("what was just encoded can be read")
}

/// `RSASSA-PSS-params` (RFC 4055 §3.1).
#[derive(Sequence)]
struct PssParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    salt_length: Option<u8>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    trailer: Option<u8>,
}

impl PssParameters {
    fn sha256() -> Self {
        let hash =
            AlgorithmIdentifierOwned { oid: rfc5912::ID_SHA_256, parameters: Some(Any::null()) };
        let mask =
            AlgorithmIdentifierOwned { oid: rfc5912::ID_MGF_1, parameters: Some(encode(&hash)) };

        Self { hash: Some(hash), mask: Some(mask), salt_length: Some(32), trailer: None }
    }
}

/// Accepts one digest for the message and for the mask, and a salt as long as it.
fn read_pss(parameters: Option<&Any>) -> Result<Digest, BadSignature> {
    let der = parameters.ok_or(BadSignature)?.to_der().map_err(|_| BadSignature)?;
    let read = PssParameters::from_der(&der).map_err(|_| BadSignature)?;
    let digest = digest_of(&read.hash.ok_or(BadSignature)?)?;
    let mask = read.mask.filter(|mask| mask.oid == rfc5912::ID_MGF_1).ok_or(BadSignature)?;
    let mask = mask.parameters.ok_or(BadSignature)?.to_der().map_err(|_| BadSignature)?;
    let mask = AlgorithmIdentifierOwned::from_der(&mask).map_err(|_| BadSignature)?;
    let length = match digest {
        Digest::Md5 | Digest::Sha1 => return Err(BadSignature),
        Digest::Sha256 => 32,
        Digest::Sha384 => 48,
        Digest::Sha512 => 64,
    };
    let usual = digest_of(&mask)? == digest
        && read.salt_length == Some(length)
        && read.trailer.is_none_or(|trailer| trailer == 1);

    if usual { Ok(digest) } else { Err(BadSignature) }
}

fn digest_of(identifier: &AlgorithmIdentifierOwned) -> Result<Digest, BadSignature> {
    let known = [
        (rfc5912::ID_SHA_256, Digest::Sha256),
        (rfc5912::ID_SHA_384, Digest::Sha384),
        (rfc5912::ID_SHA_512, Digest::Sha512),
    ];
    let found = known.into_iter().find(|(oid, _)| *oid == identifier.oid);

    found.map(|(_, digest)| digest).ok_or(BadSignature)
}

fn check(
    key: &PKey<Public>,
    scheme: Scheme,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, ErrorStack> {
    let digest = match scheme {
        Scheme::Ed25519 => {
            return Verifier::new_without_digest(key)?.verify_oneshot(signature, message);
        }
        Scheme::Ecdsa(digest) | Scheme::RsaPkcs1(digest) | Scheme::RsaPss(digest) => match digest {
            Digest::Md5 => MessageDigest::md5(),
            Digest::Sha1 => MessageDigest::sha1(),
            Digest::Sha256 => MessageDigest::sha256(),
            Digest::Sha384 => MessageDigest::sha384(),
            Digest::Sha512 => MessageDigest::sha512(),
        },
    };
    let mut verifier = Verifier::new(digest, key)?;
    if let Scheme::RsaPss(_) = scheme {
        verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
        verifier.set_rsa_mgf1_md(digest)?;
        verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
    }

    verifier.verify_oneshot(signature, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    #[test]
    fn wycheproof_agrees_on_signatures() {
        let cases = vectors::signatures();
        let tried = cases.len();
        for case in cases {
            let scheme = match case.what.as_str() {
                "ecdsa SHA-256" => Scheme::Ecdsa(Digest::Sha256),
                "ecdsa SHA-384" => Scheme::Ecdsa(Digest::Sha384),
                "ecdsa SHA-512" => Scheme::Ecdsa(Digest::Sha512),
                "ed25519" => Scheme::Ed25519,
                "pkcs1 SHA-256" => Scheme::RsaPkcs1(Digest::Sha256),
                "pkcs1 SHA-512" => Scheme::RsaPkcs1(Digest::Sha512),
                "pss SHA-256" => Scheme::RsaPss(Digest::Sha256),
                "pss SHA-512" => Scheme::RsaPss(Digest::Sha512),
                other => panic!("{other}"),
            };
            case.expect(verify(&case.key, scheme, &case.message, &case.signature).is_ok());
        }
        println!("Wycheproof: {tried} signatures of certificates, {tried} as expected");
    }
}
