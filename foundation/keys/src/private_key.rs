use std::fmt;
use zeroize::Zeroizing;

/// A private key, wherever it lives.
///
/// The key material never crosses this trait.
pub trait PrivateKey: fmt::Debug + Send + Sync {
    /// Returns the public half as a DER `SubjectPublicKeyInfo` (RFC 5280 §4.1).
    fn public_key(&self) -> &[u8];

    /// Returns the algorithms this key signs with, best first; never empty.
    fn algorithms(&self) -> &[SignatureAlgorithm];

    /// Signs `message` with `algorithm`; the implementation does the hashing.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says whether asking again can help; see its variants.
    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Signature, KeyError>;

    /// Recovers a key that was wrapped for this one (RSA key transport, RFC 8017 §7).
    ///
    /// With [`KeyTransport::Pkcs1`] a wrong padding gives random bytes of a random length, so that
    /// nobody learns of it; the caller compares the length with what it expects.
    ///
    /// # Errors
    ///
    /// [`KeyError::Undecipherable`] if the bytes were not wrapped for this key.
    fn unwrap(&self, padding: KeyTransport, wrapped: &[u8])
    -> Result<Zeroizing<Vec<u8>>, KeyError>;

    /// Agrees on a secret with the holder of `peer`, a DER `SubjectPublicKeyInfo` on the same curve:
    /// the x-coordinate of the shared point (SEC 1 §3.3.1).
    ///
    /// # Errors
    ///
    /// [`KeyError::Undecipherable`] if `peer` is no key of this curve,
    /// [`KeyError::UnsupportedAgreement`] if this key does not agree.
    fn agree(&self, _peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        Err(KeyError::UnsupportedAgreement)
    }
}

/// How a signature is made.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256, the signature as a DER `ECDSA-Sig-Value` (RFC 3279 §2.2.3).
    EcdsaP256Sha256,
    /// ECDSA on P-384 with SHA-384, the signature as a DER `ECDSA-Sig-Value`.
    EcdsaP384Sha384,
    /// ECDSA on P-521 with SHA-512, the signature as a DER `ECDSA-Sig-Value`.
    EcdsaP521Sha512,
    /// Ed25519 (RFC 8032), the signature of 64 octets.
    Ed25519,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2).
    RsaPkcs1Sha256,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 8017 §8.1).
    RsaPssSha256,
}

impl SignatureAlgorithm {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::EcdsaP256Sha256,
        Self::EcdsaP384Sha384,
        Self::EcdsaP521Sha512,
        Self::Ed25519,
        Self::RsaPkcs1Sha256,
        Self::RsaPssSha256,
    ];

    /// Returns the stable name used in documents and messages, for example `ecdsa-p256-sha256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::EcdsaP256Sha256 => "ecdsa-p256-sha256",
            Self::EcdsaP384Sha384 => "ecdsa-p384-sha384",
            Self::EcdsaP521Sha512 => "ecdsa-p521-sha512",
            Self::Ed25519 => "ed25519",
            Self::RsaPkcs1Sha256 => "rsa-pkcs1-sha256",
            Self::RsaPssSha256 => "rsa-pss-sha256",
        }
    }

    /// Finds an algorithm by its [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

/// How a content key is wrapped for an RSA key.
///
/// The mask of OAEP uses the same digest as its label, as every common tool does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyTransport {
    /// RSAES-OAEP with SHA-1, the default of RFC 4055 and of many mail programs.
    OaepSha1,
    /// RSAES-OAEP with SHA-256.
    OaepSha256,
    /// RSAES-OAEP with SHA-384.
    OaepSha384,
    /// RSAES-OAEP with SHA-512.
    OaepSha512,
    /// RSAES-PKCS1-v1_5 with the padding taken off by the key.
    Pkcs1,
    /// The bare block of the modulus's length, whose padding [`crate::pkcs1::unpad`] takes off; what
    /// it holds must not be told to anybody.
    Raw,
}

/// The bytes of a signature, encoded as its algorithm prescribes.
#[derive(Clone, Eq, PartialEq)]
pub struct Signature(pub Vec<u8>);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({} bytes)", self.0.len())
    }
}

/// Why a key did not do what was asked, named by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The card or token with the key is gone; ask for it.
    #[error("the card or token with the key is not there")]
    Absent,
    /// The card or token wants the PIN first; ask for it.
    #[error("the card or token wants its PIN before it uses the key")]
    PinRequired,
    /// A fault below us; the cause is for the log.
    #[error("the key store failed")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The bytes were not wrapped for this key.
    #[error("the wrapped key was not made for this key")]
    Undecipherable,
    /// The key agrees on no secrets; a caller's mistake.
    #[error("the key agrees on no secrets")]
    UnsupportedAgreement,
    /// The key does not sign this way; a caller's mistake.
    #[error("the key does not sign with {0:?}")]
    UnsupportedAlgorithm(SignatureAlgorithm),
    /// The key does not unwrap this way; a caller's mistake.
    #[error("the key does not unwrap with {0:?}")]
    UnsupportedTransport(KeyTransport),
}
