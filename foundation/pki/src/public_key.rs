use openssl::ec::Asn1Flag;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use std::fmt;

/// The kind and size of a public key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyKind {
    /// A key for Ed25519.
    Ed25519,
    /// A key that is not used here.
    Other,
    /// An EC key on P-256.
    P256,
    /// An EC key on P-384.
    P384,
    /// An EC key on P-521.
    P521,
    /// An RSA key.
    Rsa {
        /// The length of its modulus.
        bits: u32,
    },
    /// An RSA key that says it is for RSASSA-PSS alone (RFC 4055 §1.2): signatures by it are verified, and nothing else is done with it.
    RsaPss {
        /// The length of its modulus.
        bits: u32,
    },
}

impl KeyKind {
    /// Reads the kind of a DER `SubjectPublicKeyInfo`.
    pub fn of(public_key: &[u8]) -> Self {
        PKey::public_key_from_der(public_key).map_or(Self::Other, |key| Self::of_key(&key))
    }

    pub(crate) fn of_key(key: &PKey<Public>) -> Self {
        if key.id() == Id::RSA {
            return Self::Rsa { bits: key.bits() };
        }
        if key.id() == Id::RSA_PSS {
            return Self::RsaPss { bits: key.bits() };
        }
        if key.id() == Id::ED25519 {
            return Self::Ed25519;
        }

        let curve = key.ec_key().ok().and_then(|key| {
            // One that is spelt out may be any (RFC 5480 §2.1.1).
            let named = key.group().asn1_flag() == Asn1Flag::NAMED_CURVE;
            key.group().curve_name().filter(|_| named)
        });
        match curve {
            Some(Nid::X9_62_PRIME256V1) => Self::P256,
            Some(Nid::SECP384R1) => Self::P384,
            Some(Nid::SECP521R1) => Self::P521,
            _ => Self::Other,
        }
    }

    /// Tells whether keys of this kind and size are strong enough to be given certificates.
    pub fn is_strong(self) -> bool {
        match self {
            Self::Other | Self::RsaPss { .. } => false,
            Self::Ed25519 | Self::P256 | Self::P384 | Self::P521 => true,
            Self::Rsa { bits } => (2048..=16_384).contains(&bits),
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Other => f.write_str("unknown"),
            Self::P256 => f.write_str("P-256"),
            Self::P384 => f.write_str("P-384"),
            Self::P521 => f.write_str("P-521"),
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::RsaPss { bits } => write!(f, "RSASSA-PSS-{bits}"),
        }
    }
}
