use super::{mgf1, xor};
use crate::KeyError;
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::sha::{Sha256, sha256};

/// The DER of a `DigestInfo` with SHA-256 up to the digest (RFC 8017 §9.2, note 1).
const SHA256_DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// Returns the `DigestInfo` of `message` with SHA-256, which a key pads and signs by itself.
pub fn pkcs1_digest_info(message: &[u8]) -> Vec<u8> {
    [&SHA256_DIGEST_INFO[..], &sha256(message)].concat()
}

/// Returns what the bare RSA operation turns into an RSASSA-PKCS1-v1_5 signature with SHA-256
/// (RFC 8017 §9.2), for a modulus of `bits` bits.
///
/// # Errors
///
/// [`KeyError::Store`] if the modulus is too short.
pub fn pkcs1_sha256(message: &[u8], bits: usize) -> Result<Vec<u8>, KeyError> {
    let info = pkcs1_digest_info(message);
    let padding = bits.div_ceil(8).checked_sub(info.len() + 3).filter(|padding| *padding >= 8);
    let padding = padding.ok_or_else(too_short)?;

    Ok([&[0, 1][..], &vec![0xff; padding], &[0], &info].concat())
}

/// Returns what the bare RSA operation turns into an RSASSA-PSS signature with SHA-256 and `salt`
/// (RFC 8017 §9.1.1), for a modulus of `bits` bits.
///
/// # Errors
///
/// [`KeyError::Store`] if the modulus is too short.
pub fn pss_sha256(message: &[u8], salt: [u8; 32], bits: usize) -> Result<Vec<u8>, KeyError> {
    let encoded = bits.checked_sub(1).ok_or_else(too_short)?;
    let length = encoded.div_ceil(8);
    let zeros = length.checked_sub(salt.len() + 32 + 2).ok_or_else(too_short)?;
    let mut hasher = Sha256::new();
    hasher.update(&[0; 8]);
    hasher.update(&sha256(message));
    hasher.update(&salt);
    let digest = hasher.finish();
    let mut data = [&vec![0; zeros][..], &[1], &salt].concat();
    let mask = mgf1(MessageDigest::sha256(), &digest, data.len());
    xor(&mut data, &mask.map_err(store)?);
    if let Some(first) = data.first_mut() {
        *first &= 0xff >> (8 * length - encoded);
    }
    let block = [&data[..], &digest, &[0xbc]].concat();

    // One octet shorter than the modulus where that has one bit more than whole octets.
    Ok([&vec![0; bits.div_ceil(8) - length][..], &block].concat())
}

/// Writes an ECDSA signature as a DER `ECDSA-Sig-Value` (RFC 3279 §2.2.3), given as its two numbers of
/// one length in a row.
///
/// # Errors
///
/// [`KeyError::Store`] if there are not two numbers.
pub fn ecdsa_value(numbers: &[u8]) -> Result<Vec<u8>, KeyError> {
    if numbers.is_empty() || !numbers.len().is_multiple_of(2) {
        return Err(KeyError::Store("the signature is not two numbers".into()));
    }
    let (r, s) = numbers.split_at(numbers.len() / 2);

    BigNum::from_slice(r)
        .and_then(|r| EcdsaSig::from_private_components(r, BigNum::from_slice(s)?))
        .and_then(|signature| signature.to_der())
        .map_err(store)
}

fn too_short() -> KeyError {
    KeyError::Store("the modulus is too short for a signature".into())
}

fn store(error: ErrorStack) -> KeyError {
    KeyError::Store(Box::new(error))
}
