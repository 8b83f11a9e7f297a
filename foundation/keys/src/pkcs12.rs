//! Keys and certificates in one encrypted file (PKCS#12, RFC 7292).
//!
//! Reads what is found in the field, BER or DER: PBES2 with PBKDF2 of any HMAC or scrypt, and AES, Triple
//! DES or RC2; the six ciphers of RFC 7292, RC2 of 40 bits among them; MACs with SHA-1 and SHA-2,
//! PBMAC1 (RFC 9579) and none; empty passwords and none; several keys, names, and certificates
//! without a key. Writes PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC under a SHA-256 MAC.
//!
//! ```text
//!   bytes ─ ber ─► bags ◄─ mac, encryption ◄─ kdf, cipher
//!                   └─► Contents ─► Identity ─ seal ─► bytes
//! ```

mod asn1;
mod bags;
mod budget;
mod cipher;
mod contents;
mod encryption;
mod hash;
mod kdf;
mod mac;
mod password;
mod rc4;
mod seal;

pub use contents::{Contents, NamedCertificate, Offer};
pub use seal::{SealError, seal};

use crate::{ReadError, SoftwareKey};

/// The largest file that is read, in bytes.
pub const MAX_SIZE: usize = 1 << 20;

/// The most keys that a file may hold.
pub const MAX_KEYS: usize = 100;

/// The most certificates of a file; each key that is offered takes the others along.
pub const MAX_CERTIFICATES: usize = 400;

/// The most rounds of hashing that are run for a file, all its parts together.
pub const MAX_ITERATIONS: u64 = 10_000_000;

/// A private key with its certificate and those that lead to its root.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The key.
    pub key: SoftwareKey,
    /// The key's certificate, DER.
    pub certificate: Vec<u8>,
    /// Other certificates of the file, DER, in the file's order.
    pub chain: Vec<Vec<u8>>,
}

/// Opens a PKCS#12 file that holds one identity, by at most [`MAX_ITERATIONS`].
///
/// # Errors
///
/// [`OpenError`] says what the file lacks or has too much of; see [`read`] for passwords.
pub fn open(file: &[u8], password: &str) -> Result<Identity, OpenError> {
    read(file, password, MAX_ITERATIONS)?.only()
}

/// Opens a PKCS#12 file and returns all that it holds, by at most `max_iterations` rounds of hashing.
///
/// Without a MAC nothing shows that the certificates are those that were written.
///
/// # Errors
///
/// [`OpenError`] tells a wrong password from a damaged file as far as the file allows: it is the
/// password unless something opens under it. A file in which nothing is encrypted opens under any
/// password if it has no MAC.
pub fn read(file: &[u8], password: &str, max_iterations: u64) -> Result<Contents, OpenError> {
    if file.len() > MAX_SIZE {
        return Err(OpenError::TooLarge);
    }

    Contents::sort(bags::open(file, password, max_iterations)?)
}

/// Reads the certificates of a PKCS#12 file that lie open in it, DER; programs of today encrypt them with the keys, and then
/// there is none.
///
/// Nothing shows that the file holds a key, or that these are the certificates that were written.
///
/// # Errors
///
/// [`OpenError`] if this is not such a file, or more than is reasonable.
pub fn open_certificates(file: &[u8]) -> Result<Vec<Vec<u8>>, OpenError> {
    if file.len() > MAX_SIZE {
        return Err(OpenError::TooLarge);
    }

    bags::open_certificates(file)
}

/// Why a PKCS#12 file was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is not PKCS#12 or was changed; ask for another copy.
    #[error("the file is damaged or not a PKCS#12 file")]
    Damaged,
    /// The key in the file is of a kind that is not used.
    #[error(transparent)]
    Key(ReadError),
    /// The file holds no certificate for its key.
    #[error(
        "the file holds no certificate for its key: export it again together with the certificate"
    )]
    NoCertificate,
    /// The file holds no private key.
    #[error("the file holds no private key: export it again together with the key")]
    NoKey,
    /// The password is that of the file but not of everything in it; have it made again.
    #[error("a part of the file is under another password: export it again with one password")]
    OtherPassword,
    /// The file holds more than one identity; choose one.
    #[error("the file holds several keys, export the one that is meant alone: {}", offers.join("; "))]
    SeveralIdentities {
        /// Each with its name if it has one, its certificate's subject and serial number.
        offers: Vec<String>,
    },
    /// The file asks for more work than is reasonable; have it made again.
    #[error(
        "the file asks for {iterations} iterations or more, at most {limit} are run: export it again with fewer"
    )]
    TooExpensive {
        /// How many it asks for, as far as it was read.
        iterations: u64,
        /// How many were allowed.
        limit: u64,
    },
    /// The file is larger than [`MAX_SIZE`], or holds more than [`MAX_KEYS`] or [`MAX_CERTIFICATES`].
    #[error(
        "the file is larger than {MAX_SIZE} bytes or holds more than {MAX_KEYS} keys or {MAX_CERTIFICATES} certificates"
    )]
    TooLarge,
    /// The file is encrypted or authenticated in a way that is not known here.
    #[error("the file uses an algorithm that is not known here, {oid}: export it again with AES")]
    UnsupportedAlgorithm {
        /// Its object identifier, in decimal with dots.
        oid: String,
    },
    /// Ask for the password again.
    #[error("the password is wrong")]
    WrongPassword,
}
