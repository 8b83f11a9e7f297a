use super::{mgf1, xor};
use crate::{KeyError, KeyTransport};
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use zeroize::Zeroizing;

/// Takes the message out of a block that RSAES-OAEP decryption left (RFC 8017 §7.1.2), with an empty
/// label.
///
/// All that can be wrong is one answer, and the time taken depends on the block's length and, where
/// the block is right, on that of its message.
///
/// # Errors
///
/// [`KeyError::Undecipherable`] if the block is no such block, [`KeyError::UnsupportedTransport`] for
/// a transport that is not OAEP.
pub fn unpad_oaep(transport: KeyTransport, block: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let digest = match transport {
        KeyTransport::OaepSha1 => MessageDigest::sha1(),
        KeyTransport::OaepSha256 => MessageDigest::sha256(),
        KeyTransport::OaepSha384 => MessageDigest::sha384(),
        KeyTransport::OaepSha512 => MessageDigest::sha512(),
        KeyTransport::Pkcs1 | KeyTransport::Raw => {
            return Err(KeyError::UnsupportedTransport(transport));
        }
    };

    unpad_oaep_with(digest, digest, block)
}

/// Does the same where the mask has another digest than the label, as in messages of Java programs.
///
/// # Errors
///
/// [`KeyError::Undecipherable`] if the block is no such block.
pub fn unpad_oaep_with(
    digest: MessageDigest,
    mask: MessageDigest,
    block: &[u8],
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let unpadded = unpad(digest, mask, block);
    let unpadded = unpadded.map_err(|error| KeyError::Store(Box::new(error)))?;

    unpadded.ok_or(KeyError::Undecipherable)
}

fn unpad(
    digest: MessageDigest,
    mask: MessageDigest,
    block: &[u8],
) -> Result<Option<Zeroizing<Vec<u8>>>, ErrorStack> {
    let size = digest.size();
    if block.len() < 2 * size + 2 {
        return Ok(None);
    }
    let Some((first, rest)) = block.split_first() else { return Ok(None) };
    let Some((seed, data)) = rest.split_at_checked(size) else { return Ok(None) };
    let (mut seed, mut data) = (Zeroizing::new(seed.to_vec()), Zeroizing::new(data.to_vec()));
    xor(&mut seed, &mgf1(mask, &data, size)?);
    let mask = mgf1(mask, &seed, data.len())?;
    xor(&mut data, &mask);

    let label = hash(digest, b"")?;
    let Some((found_label, padded)) = data.split_at_checked(size) else { return Ok(None) };
    let mut right = first.ct_eq(&0) & found_label.ct_eq(&label);
    let mut padding = Choice::from(1);
    let mut start = 0_u32;
    for (at, octet) in (1_u32..).zip(padded) {
        let end = octet.ct_eq(&1);
        start.conditional_assign(&at, padding & end);
        padding &= !end;
        right &= !padding | octet.ct_eq(&0);
    }
    right &= !padding;
    if !bool::from(right) {
        return Ok(None);
    }

    Ok(padded.get(start as usize..).map(|message| Zeroizing::new(message.to_vec())))
}
