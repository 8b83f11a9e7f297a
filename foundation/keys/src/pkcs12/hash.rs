use der::asn1::ObjectIdentifier;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sha::{Sha1, Sha224, Sha256, Sha384, Sha512};
use openssl::sign::Signer;
use zeroize::{Zeroize as _, Zeroizing};

/// A hash function of the derivation of RFC 7292 and of a MAC.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(super) fn from_oid(oid: ObjectIdentifier) -> Option<Self> {
        match oid.to_string().as_str() {
            "1.3.14.3.2.26" => Some(Self::Sha1),
            "2.16.840.1.101.3.4.2.4" => Some(Self::Sha224),
            "2.16.840.1.101.3.4.2.1" => Some(Self::Sha256),
            "2.16.840.1.101.3.4.2.2" => Some(Self::Sha384),
            "2.16.840.1.101.3.4.2.3" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// Returns the size of what goes in at once, in bytes.
    pub(super) fn block_size(self) -> usize {
        match self {
            Self::Sha1 | Self::Sha224 | Self::Sha256 => 64,
            Self::Sha384 | Self::Sha512 => 128,
        }
    }

    /// Returns the size of what comes out, in bytes.
    pub(super) fn size(self) -> usize {
        self.message_digest().size()
    }

    /// Hashes `data`, then the result, and so on: `rounds` times, but once at least.
    pub(super) fn repeat(self, data: &[u8], rounds: u64) -> Zeroizing<Vec<u8>> {
        macro_rules! repeat {
            ($hasher:ident) => {{
                let once = |data: &[u8]| {
                    let mut hasher = $hasher::new();
                    hasher.update(data);
                    hasher.finish()
                };
                let mut digest = once(data);
                for _ in 1..rounds {
                    digest = once(&digest);
                }
                let result = Zeroizing::new(digest.to_vec());
                digest.zeroize();
                result
            }};
        }
        match self {
            Self::Sha1 => repeat!(Sha1),
            Self::Sha224 => repeat!(Sha224),
            Self::Sha256 => repeat!(Sha256),
            Self::Sha384 => repeat!(Sha384),
            Self::Sha512 => repeat!(Sha512),
        }
    }

    pub(super) fn message_digest(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha224 => MessageDigest::sha224(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }
}

/// Finds the hash function of an HMAC by the HMAC's identifier (RFC 8018 §B.1.2).
pub(super) fn of_hmac(oid: ObjectIdentifier) -> Option<MessageDigest> {
    match oid.to_string().as_str() {
        "1.2.840.113549.2.7" => Some(MessageDigest::sha1()),
        "1.2.840.113549.2.8" => Some(MessageDigest::sha224()),
        "1.2.840.113549.2.9" => Some(MessageDigest::sha256()),
        "1.2.840.113549.2.10" => Some(MessageDigest::sha384()),
        "1.2.840.113549.2.11" => Some(MessageDigest::sha512()),
        "1.2.840.113549.2.12" => MessageDigest::from_name("SHA512-224"),
        "1.2.840.113549.2.13" => MessageDigest::from_name("SHA512-256"),
        _ => None,
    }
}

/// Makes an HMAC (RFC 2104).
pub(super) fn hmac(digest: MessageDigest, key: &[u8], data: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let key = PKey::hmac(key)?;

    Signer::new(digest, &key)?.sign_oneshot_to_vec(data)
}
