//! How signatures of messages are made (RFC 3370, RFC 4056, RFC 5753, RFC 8419).

use super::signer::SignerFault;
use super::tlv::{self, Algorithm, Value, context};
use crate::Algorithms;
use crate::signature::ECDSA_WITH_SHA_1;
use const_oid::db::{rfc5912, rfc8410};
use der::asn1::ObjectIdentifier;
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};

/// A digest of what is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Digest {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    const ALL: [(ObjectIdentifier, Self); 6] = [
        (rfc5912::ID_MD_5, Self::Md5),
        (rfc5912::ID_SHA_1, Self::Sha1),
        (rfc5912::ID_SHA_224, Self::Sha224),
        (rfc5912::ID_SHA_256, Self::Sha256),
        (rfc5912::ID_SHA_384, Self::Sha384),
        (rfc5912::ID_SHA_512, Self::Sha512),
    ];

    pub(super) fn read(algorithm: &Algorithm<'_>) -> Result<Self, SignerFault> {
        let found = Self::ALL.into_iter().find(|(oid, _)| *oid == algorithm.oid);

        found.map(|(_, digest)| digest).ok_or_else(|| unsupported(algorithm))
    }

    /// Tells whether signatures with it can be forged.
    pub(super) fn is_weak(self) -> bool {
        match self {
            Self::Md5 | Self::Sha1 => true,
            Self::Sha224 | Self::Sha256 | Self::Sha384 | Self::Sha512 => false,
        }
    }

    /// Refuses it if signatures with it can be forged, unless they count nevertheless.
    pub(super) fn check(self, algorithms: &Algorithms) -> Result<(), SignerFault> {
        let counts = match self {
            Self::Md5 => algorithms.md5,
            Self::Sha1 => algorithms.sha1,
            Self::Sha224 | Self::Sha256 | Self::Sha384 | Self::Sha512 => true,
        };

        counts.then_some(()).ok_or_else(|| SignerFault::WeakAlgorithm(self.name().to_owned()))
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    pub(super) fn of(self, message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        hash(self.openssl(), message).map(|digest| digest.to_vec())
    }

    fn openssl(self) -> MessageDigest {
        match self {
            Self::Md5 => MessageDigest::md5(),
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha224 => MessageDigest::sha224(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }
}

/// How one signature is verified.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scheme {
    Ecdsa(Digest),
    Ed25519,
    RsaPkcs1(Digest),
    RsaPss { digest: Digest, mask: Digest, salt: u16 },
}

impl Scheme {
    /// Reads the algorithm of a signature over something whose digest is made with `digest`.
    pub(super) fn read(algorithm: &Algorithm<'_>, digest: Digest) -> Result<Self, SignerFault> {
        const WITH_DIGEST: [(ObjectIdentifier, Scheme); 11] = [
            (rfc5912::MD_5_WITH_RSA_ENCRYPTION, Scheme::RsaPkcs1(Digest::Md5)),
            (rfc5912::SHA_1_WITH_RSA_ENCRYPTION, Scheme::RsaPkcs1(Digest::Sha1)),
            (ECDSA_WITH_SHA_1, Scheme::Ecdsa(Digest::Sha1)),
            (rfc5912::ECDSA_WITH_SHA_224, Scheme::Ecdsa(Digest::Sha224)),
            (rfc5912::ECDSA_WITH_SHA_256, Scheme::Ecdsa(Digest::Sha256)),
            (rfc5912::ECDSA_WITH_SHA_384, Scheme::Ecdsa(Digest::Sha384)),
            (rfc5912::ECDSA_WITH_SHA_512, Scheme::Ecdsa(Digest::Sha512)),
            (rfc5912::SHA_224_WITH_RSA_ENCRYPTION, Scheme::RsaPkcs1(Digest::Sha224)),
            (rfc5912::SHA_256_WITH_RSA_ENCRYPTION, Scheme::RsaPkcs1(Digest::Sha256)),
            (rfc5912::SHA_384_WITH_RSA_ENCRYPTION, Scheme::RsaPkcs1(Digest::Sha384)),
            (rfc5912::SHA_512_WITH_RSA_ENCRYPTION, Scheme::RsaPkcs1(Digest::Sha512)),
        ];
        let plain = [
            (rfc5912::RSA_ENCRYPTION, Self::RsaPkcs1(digest)),
            (rfc5912::ID_EC_PUBLIC_KEY, Self::Ecdsa(digest)),
            (rfc8410::ID_ED_25519, Self::Ed25519),
        ];
        if let Some((_, scheme)) = plain.into_iter().find(|(oid, _)| *oid == algorithm.oid) {
            return Ok(scheme);
        }
        if algorithm.oid == rfc5912::ID_RSASSA_PSS {
            return pss(algorithm, digest);
        }
        let found = WITH_DIGEST.into_iter().find(|(oid, _)| *oid == algorithm.oid);
        let (_, scheme) = found.ok_or_else(|| unsupported(algorithm))?;
        match scheme {
            Self::Ecdsa(own) | Self::RsaPkcs1(own) if own == digest => Ok(scheme),
            // Two digests in one signature: nobody writes that.
            Self::Ecdsa(_) | Self::RsaPkcs1(_) | Self::Ed25519 | Self::RsaPss { .. } => {
                Err(SignerFault::Damaged)
            }
        }
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::Ecdsa(digest) => format!("ECDSA, {}", digest.name()),
            Self::Ed25519 => "Ed25519".to_owned(),
            Self::RsaPkcs1(digest) => format!("RSA PKCS#1 v1.5, {}", digest.name()),
            Self::RsaPss { digest, .. } => format!("RSA-PSS, {}", digest.name()),
        }
    }

    /// Checks a signature with a DER `SubjectPublicKeyInfo`.
    pub(super) fn verifies(self, public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let kinds: &[Id] = match self {
            Self::Ecdsa(_) => &[Id::EC],
            Self::Ed25519 => &[Id::ED25519],
            Self::RsaPkcs1(_) => &[Id::RSA],
            // What such a key says of digest and salt, OpenSSL holds it to.
            Self::RsaPss { .. } => &[Id::RSA, Id::RSA_PSS],
        };
        let key = PKey::public_key_from_der(public_key).ok();
        let key = key.filter(|key| kinds.contains(&key.id()));

        key.is_some_and(|key| self.check(&key, message, signature).unwrap_or(false))
    }

    fn check(
        self,
        key: &PKey<Public>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, ErrorStack> {
        let mut verifier = match self {
            Self::Ecdsa(digest) | Self::RsaPkcs1(digest) | Self::RsaPss { digest, .. } => {
                Verifier::new(digest.openssl(), key)?
            }
            Self::Ed25519 => Verifier::new_without_digest(key)?,
        };
        if let Self::RsaPss { mask, salt, .. } = self {
            verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
            verifier.set_rsa_mgf1_md(mask.openssl())?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(i32::from(salt)))?;
        }

        verifier.verify_oneshot(signature, message)
    }
}

/// Reads `RSASSA-PSS-params` (RFC 4055 §3.1), whose digest must be that of the message (RFC 4056 §3).
fn pss(algorithm: &Algorithm<'_>, digest: Digest) -> Result<Scheme, SignerFault> {
    const USUAL_SALT: u16 = 20;
    let parameters = algorithm.parameters.filter(|value| value.tag == tlv::SEQUENCE);
    let mut values = parameters.ok_or(SignerFault::Damaged)?.values();
    let hash = values.optional(context(0))?;
    let mask = values.optional(context(1))?;
    let salt = values.optional(context(2))?;
    let trailer = values.optional(context(3))?;
    values.end()?;
    let weak = || SignerFault::WeakAlgorithm("SHA-1".to_owned());
    let hash = Algorithm::read(hash.ok_or_else(weak)?.values().any()?)?;
    let mask = Algorithm::read(mask.ok_or_else(weak)?.values().any()?)?;
    let number = |value: Value<'_>| value.values().any()?.small();
    let salt = salt.map_or(Ok(USUAL_SALT), number)?;
    if mask.oid != rfc5912::ID_MGF_1 || trailer.map_or(Ok(1), number)? != 1 {
        return Err(unsupported(algorithm));
    }
    if Digest::read(&hash)? != digest {
        return Err(SignerFault::Damaged);
    }

    Ok(Scheme::RsaPss { digest, mask: Digest::read(&mask.inner()?)?, salt })
}

fn unsupported(algorithm: &Algorithm<'_>) -> SignerFault {
    SignerFault::UnsupportedAlgorithm(algorithm.oid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    #[test]
    fn wycheproof_agrees_on_signatures_of_messages() {
        let pss = |digest, salt| Scheme::RsaPss { digest, mask: digest, salt };
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
                "pss SHA-256" => pss(Digest::Sha256, 32),
                "pss SHA-512" => pss(Digest::Sha512, 64),
                other => panic!("{other}"),
            };
            case.expect(scheme.verifies(&case.key, &case.message, &case.signature));
        }
        println!("Wycheproof: {tried} signatures of messages, {tried} as expected");
    }
}
