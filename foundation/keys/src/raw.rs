//! What remains to be done around a key that only computes: cards and tokens whose RSA operation is
//! bare, and whose ECDSA gives two numbers in a row.

mod oaep;
mod signature;

pub use oaep::{unpad_oaep, unpad_oaep_with};
pub use signature::{ecdsa_value, pkcs1_digest_info, pkcs1_sha256, pss_sha256};

use openssl::error::ErrorStack;
use openssl::hash::{Hasher, MessageDigest};
use zeroize::Zeroizing;

/// The mask of RFC 8017 appendix B.2.1, `length` octets that follow from `seed`.
fn mgf1(
    digest: MessageDigest,
    seed: &[u8],
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
    let mut mask = Zeroizing::new(Vec::with_capacity(length + digest.size()));
    let mut counter = 0_u32;
    while mask.len() < length {
        let mut hasher = Hasher::new(digest)?;
        hasher.update(seed)?;
        hasher.update(&counter.to_be_bytes())?;
        mask.extend_from_slice(&hasher.finish()?);
        counter += 1;
    }
    mask.truncate(length);

    Ok(mask)
}

fn xor(octets: &mut [u8], mask: &[u8]) {
    for (octet, mask) in octets.iter_mut().zip(mask) {
        *octet ^= mask;
    }
}
