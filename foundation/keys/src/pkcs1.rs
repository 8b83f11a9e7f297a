//! The padding of RSAES-PKCS1-v1_5 (RFC 8017 §7.2), taken off without telling whether it was right.

use openssl::error::ErrorStack;
use openssl::rand::rand_bytes;
use openssl::sha::Sha256;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use zeroize::Zeroizing;

/// The octets of the padding besides the random ones, of which there are eight or more.
const OVERHEAD: usize = 3;

/// Takes the message of `length` octets out of a decrypted block.
///
/// A block with another padding or another length of message gives a message that follows from the
/// block and that nobody can foretell who does not know the block (implicit rejection). The time
/// taken depends on the two lengths alone. One code serves keys in files and on cards, which give
/// the block by [`KeyTransport::Raw`](crate::KeyTransport::Raw).
pub fn unpad(block: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut message = rejection(block, length);
    let padding = block.len().checked_sub(length).filter(|padding| *padding >= OVERHEAD + 8);
    let Some((padding, found)) = padding.and_then(|padding| block.split_at_checked(padding)) else {
        return message;
    };
    let [first, second, random @ .., last] = padding else { return message };
    let mut fits = first.ct_eq(&0) & second.ct_eq(&2) & last.ct_eq(&0);
    for octet in random {
        fits &= !octet.ct_eq(&0);
    }
    select(&mut message, found, fits);

    message
}

/// Makes random bytes of a random length below `limit`: what a key that takes the padding off itself
/// gives where it refused (RFC 3218 §2.3.2).
///
/// # Errors
///
/// Those of the generator.
pub fn make_decoy(limit: usize) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
    let mut number = [0; 8];
    rand_bytes(&mut number)?;
    let mut decoy = Zeroizing::new(vec![0; limit]);
    rand_bytes(&mut decoy)?;
    let length = u64::from_le_bytes(number).checked_rem(limit as u64).unwrap_or_default();
    decoy.truncate(usize::try_from(length).unwrap_or_default());

    Ok(decoy)
}

fn select(message: &mut [u8], found: &[u8], fits: Choice) {
    for (octet, found) in message.iter_mut().zip(found) {
        *octet = u8::conditional_select(octet, found, fits);
    }
}

/// Stretches the digest of the block to `length` octets.
fn rejection(block: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut message = Zeroizing::new(Vec::with_capacity(length + 32));
    let mut counter = 0_u32;
    while message.len() < length {
        let mut digest = Sha256::new();
        digest.update(b"RSAES-PKCS1-v1_5 implicit rejection");
        digest.update(&counter.to_be_bytes());
        digest.update(block);
        message.extend_from_slice(&digest.finish());
        counter += 1;
    }
    message.truncate(length);

    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(start: [u8; 2], padding: u8, end: u8) -> Vec<u8> {
        let mut block = start.to_vec();
        block.extend([padding; 221]);
        block.push(end);
        block.extend(1..=32);

        block
    }

    #[test]
    fn a_right_padding_gives_the_message() {
        let right = block([0, 2], 9, 0);

        assert_eq!(unpad(&right, 32).as_slice(), (1..=32).collect::<Vec<_>>());
    }

    #[test]
    fn a_wrong_padding_gives_what_nobody_expects_but_always_the_same() {
        let message: Vec<u8> = (1..=32).collect();
        for wrong in [
            block([1, 2], 9, 0),
            block([0, 1], 9, 0),
            block([0, 2], 0, 0),
            block([0, 2], 9, 9),
            [0; 256].to_vec(),
        ] {
            let rejected = unpad(&wrong, 32);
            assert_ne!(rejected.as_slice(), message);
            assert_ne!(rejected.as_slice(), [0; 32]);
            assert_eq!(unpad(&wrong, 32), rejected);
        }
        let right = block([0, 2], 9, 0);
        for other in [16, 31, 33] {
            let rejected = unpad(&right, other);
            assert_eq!(rejected.len(), other);
            assert!(!message.ends_with(&rejected));
        }
        assert_ne!(unpad(&block([0, 2], 9, 9), 32), unpad(&block([0, 2], 8, 9), 32));
    }

    #[test]
    fn a_padding_of_less_than_eight_octets_is_wrong() {
        let mut short = vec![0, 2];
        short.extend([9; 7]);
        short.push(0);
        short.extend([5; 32]);
        assert_ne!(unpad(&short, 32).as_slice(), [5; 32]);
        short.insert(2, 9);
        assert_eq!(unpad(&short, 32).as_slice(), [5; 32]);
        assert_eq!(unpad(b"", 32).len(), 32);
    }

    #[test]
    fn decoys_differ_in_length_and_content() {
        let decoys: Vec<_> = (0..32).map(|_| make_decoy(245).unwrap()).collect();
        assert!(decoys.iter().all(|decoy| decoy.len() < 245));
        assert!(decoys.iter().any(|decoy| decoy.len() != decoys[0].len()));
        assert!(decoys.iter().any(|decoy| decoy.len() > 16 && decoy[..16] != decoys[0][..]));
        assert!(make_decoy(0).unwrap().is_empty());
    }
}
