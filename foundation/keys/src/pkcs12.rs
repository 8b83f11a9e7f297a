//! Key and certificate in one encrypted file (PKCS#12, RFC 7292).
//!
//! Reads what is found in the field: PBES2, Triple DES and 40-bit RC2, SHA-1 and SHA-2 MACs, PBMAC1,
//! empty passwords. Writes PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC under a SHA-256 MAC.

use crate::{ReadError, SoftwareKey, ber};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::{ParsedPkcs12_2, Pkcs12};
use openssl::provider::Provider;
use openssl::stack::Stack;
use openssl::x509::X509;

/// The largest file that is read, in bytes.
pub const MAX_SIZE: usize = 1 << 20;

/// The most iterations of a key derivation that a file may ask for, all its parts together.
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

/// Opens a PKCS#12 file.
///
/// The counts of [`MAX_ITERATIONS`] are those outside the encrypted parts.
///
/// # Errors
///
/// [`OpenError`] tells a wrong password from a damaged file as far as the file allows: without a
/// MAC the two look alike and count as a wrong password.
pub fn open(der: &[u8], password: &str) -> Result<Identity, OpenError> {
    if der.len() > MAX_SIZE {
        return Err(OpenError::TooLarge);
    }
    let iterations = ber::iterations(der).map_err(|ber::Malformed| OpenError::Damaged)?;
    if iterations > MAX_ITERATIONS {
        return Err(OpenError::TooExpensive { iterations });
    }
    // OpenSSL takes passwords as C strings.
    if password.contains('\0') {
        return Err(OpenError::WrongPassword);
    }
    let file = Pkcs12::from_der(der).map_err(|_| OpenError::Damaged)?;

    identity(parse(&file, password)?)
}

/// Seals an identity under a password, stretched `iterations` times for the key, for the
/// certificates and for the MAC each.
///
/// # Errors
///
/// [`SealError`] if the key is not that of the certificate, or the arguments are out of range.
pub fn seal(identity: &Identity, password: &str, iterations: u32) -> Result<Vec<u8>, SealError> {
    if password.contains('\0') {
        return Err(SealError::Password);
    }
    if iterations == 0 || u64::from(iterations) * 3 > MAX_ITERATIONS {
        return Err(SealError::Iterations(iterations));
    }
    let certificate = X509::from_der(&identity.certificate).map_err(|_| SealError::Certificate)?;
    let public = certificate.public_key().map_err(|_| SealError::Certificate)?;
    if !public.public_eq(identity.key.as_pkey()) {
        return Err(SealError::Mismatch);
    }

    build(identity, &certificate, password, iterations).map_err(SealError::Encryption)
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
    #[error("the file holds no certificate for its key")]
    NoCertificate,
    /// The file holds no private key.
    #[error("the file holds no private key")]
    NoKey,
    /// The file asks for more work than is reasonable; have it made again.
    #[error("the file asks for {iterations} iterations, at most {MAX_ITERATIONS} are run")]
    TooExpensive {
        /// What it asks for, all its parts together.
        iterations: u64,
    },
    /// The file is larger than [`MAX_SIZE`].
    #[error("the file is larger than {MAX_SIZE} bytes")]
    TooLarge,
    /// The file is encrypted in a way that is not known here.
    #[error("the file is encrypted with an unknown algorithm")]
    UnsupportedAlgorithm,
    /// Ask for the password again.
    #[error("the password is wrong")]
    WrongPassword,
}

/// Why an identity was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The certificate, or one of its chain, is not a certificate.
    #[error("a certificate is damaged")]
    Certificate,
    /// OpenSSL failed; try again later.
    #[error("the encryption failed")]
    Encryption(#[source] ErrorStack),
    /// Choose another number of iterations.
    #[error("{0} iterations are none or too many")]
    Iterations(u32),
    /// The key does not belong to the certificate.
    #[error("the key does not belong to the certificate")]
    Mismatch,
    /// Choose a password without a zero character.
    #[error("the password contains a zero character")]
    Password,
}

fn parse(file: &Pkcs12, password: &str) -> Result<ParsedPkcs12_2, OpenError> {
    match file.parse2(password).map_err(|errors| reason(&errors)) {
        Err(OpenError::UnsupportedAlgorithm) => {}
        other => return other,
    }
    // RC2 lives in OpenSSL's legacy provider, which is loaded for as long as it is needed.
    let Ok(_legacy) = Provider::try_load(None, "legacy", true) else {
        return Err(OpenError::UnsupportedAlgorithm);
    };

    file.parse2(password).map_err(|errors| reason(&errors))
}

fn identity(parsed: ParsedPkcs12_2) -> Result<Identity, OpenError> {
    let key =
        SoftwareKey::from_pkey(parsed.pkey.ok_or(OpenError::NoKey)?).map_err(OpenError::Key)?;
    let certificate = parsed.cert.ok_or(OpenError::NoCertificate)?;
    let chain = parsed.ca.iter().flatten().map(|certificate| certificate.to_der());

    Ok(Identity {
        key,
        certificate: certificate.to_der().map_err(|_| OpenError::Damaged)?,
        chain: chain.collect::<Result<_, _>>().map_err(|_| OpenError::Damaged)?,
    })
}

fn build(
    identity: &Identity,
    certificate: &X509,
    password: &str,
    iterations: u32,
) -> Result<Vec<u8>, ErrorStack> {
    let mut chain = Stack::new()?;
    for der in &identity.chain {
        chain.push(X509::from_der(der)?)?;
    }

    Pkcs12::builder()
        .pkey(identity.key.as_pkey())
        .cert(certificate)
        .ca(chain)
        .key_algorithm(Nid::AES_256_CBC)
        .cert_algorithm(Nid::AES_256_CBC)
        .key_iter(iterations)
        .mac_iter(iterations)
        .mac_md(MessageDigest::sha256())
        .build2(password)?
        .to_der()
}

/// Reads OpenSSL's error codes (`pkcs12err.h`, `evperr.h`, `err.h` of OpenSSL 3).
fn reason(errors: &ErrorStack) -> OpenError {
    const EVP: i32 = 6;
    const EVP_BAD_DECRYPT: i32 = 100;
    const EVP_UNKNOWN_PBE_ALGORITHM: i32 = 121;
    const EVP_UNSUPPORTED_PRF: i32 = 125;
    const PKCS12: i32 = 35;
    const PKCS12_CIPHERFINAL_ERROR: i32 = 116;
    const PKCS12_MAC_VERIFY_FAILURE: i32 = 113;
    const ANY_UNSUPPORTED: i32 = 0x8010c;
    const PROVIDER: i32 = 57;
    const PROVIDER_BAD_DECRYPT: i32 = 100;

    for error in errors.errors() {
        match (error.library_code(), error.reason_code()) {
            (PKCS12, PKCS12_MAC_VERIFY_FAILURE | PKCS12_CIPHERFINAL_ERROR)
            | (EVP, EVP_BAD_DECRYPT)
            | (PROVIDER, PROVIDER_BAD_DECRYPT) => return OpenError::WrongPassword,
            (_, ANY_UNSUPPORTED) | (EVP, EVP_UNKNOWN_PBE_ALGORITHM | EVP_UNSUPPORTED_PRF) => {
                return OpenError::UnsupportedAlgorithm;
            }
            _ => {}
        }
    }

    OpenError::Damaged
}
