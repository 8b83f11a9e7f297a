//! RC2 in CBC mode (RFC 2268), for reading old files and old mail; nothing is written with it.
//!
//! OpenSSL would do it with its legacy provider, which is loaded for the whole process and would give
//! everyone in it broken ciphers back.

use zeroize::{Zeroize as _, Zeroizing};

const BLOCK: usize = 8;

/// A key expanded for blocks (RFC 2268 §2).
struct Rc2([u16; 64]);

/// Decrypts and takes off the padding (RFC 8018 §6.1.1); `None` if that is wrong.
///
/// The key is one to 128 bytes long, of which `effective_bits`, at most 1024, count.
pub fn decrypt(
    key: &[u8],
    effective_bits: usize,
    iv: &[u8],
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = Rc2::new(key, effective_bits)?;
    let mut before: [u8; BLOCK] = iv.try_into().ok()?;
    let (blocks, []) = ciphertext.as_chunks::<BLOCK>() else {
        return None;
    };
    let mut text = Zeroizing::new(Vec::with_capacity(ciphertext.len()));
    for block in blocks {
        let plain = cipher.decrypt(*block);
        text.extend(plain.iter().zip(before).map(|(byte, other)| byte ^ other));
        before = *block;
    }
    let padding = *text.last()?;
    let length = text.len().checked_sub(usize::from(padding))?;
    if !(1..=8).contains(&padding) || text.iter().skip(length).any(|byte| *byte != padding) {
        return None;
    }
    text.truncate(length);

    Some(text)
}

impl Rc2 {
    #[expect(
        clippy::indexing_slicing,
        reason = "indices stay below 128, those of the table are bytes"
    )]
    fn new(key: &[u8], effective_bits: usize) -> Option<Self> {
        if !(1..=128).contains(&key.len()) || !(1..=1024).contains(&effective_bits) {
            return None;
        }
        let (length, effective) = (key.len(), effective_bits.div_ceil(8));
        let mask = 0xff_u8 >> (8 * effective - effective_bits);
        let mut bytes = Zeroizing::new([0_u8; 128]);
        bytes.iter_mut().zip(key).for_each(|(byte, key)| *byte = *key);
        for i in length..128 {
            bytes[i] = table(bytes[i - 1].wrapping_add(bytes[i - length]));
        }
        bytes[128 - effective] = table(bytes[128 - effective] & mask);
        for i in (0..128 - effective).rev() {
            bytes[i] = table(bytes[i + 1] ^ bytes[i + effective]);
        }

        Some(Self(std::array::from_fn(|i| u16::from_le_bytes([bytes[2 * i], bytes[2 * i + 1]]))))
    }

    /// Decrypts one block (RFC 2268 §4).
    #[expect(clippy::indexing_slicing, reason = "the words of a block are four, those of a key 64")]
    fn decrypt(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut words: [u16; 4] =
            std::array::from_fn(|i| u16::from_le_bytes([block[2 * i], block[2 * i + 1]]));
        let mix = |words: &mut [u16; 4], round: usize| {
            for (i, turn) in [1, 2, 3, 5].into_iter().enumerate().rev() {
                let (a, b, c) = (words[(i + 3) % 4], words[(i + 2) % 4], words[(i + 1) % 4]);
                words[i] = words[i]
                    .rotate_right(turn)
                    .wrapping_sub(self.0[4 * round + i])
                    .wrapping_sub(a & b)
                    .wrapping_sub(!a & c);
            }
        };
        let mash = |words: &mut [u16; 4]| {
            for i in (0..4).rev() {
                let index = usize::from(words[(i + 3) % 4] & 63);
                words[i] = words[i].wrapping_sub(self.0[index]);
            }
        };
        (11..16).rev().for_each(|round| mix(&mut words, round));
        mash(&mut words);
        (5..11).rev().for_each(|round| mix(&mut words, round));
        mash(&mut words);
        (0..5).rev().for_each(|round| mix(&mut words, round));
        let mut plain = [0; BLOCK];
        plain.iter_mut().zip(words.iter().flat_map(|word| word.to_le_bytes())).for_each(
            |(byte, value)| {
                *byte = value;
            },
        );

        plain
    }
}

impl Drop for Rc2 {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[expect(clippy::indexing_slicing, reason = "a byte is an index of 256 places")]
fn table(byte: u8) -> u8 {
    PI_TABLE[usize::from(byte)]
}

/// Drawn from the digits of pi (RFC 2268 §2).
#[rustfmt::skip]
const PI_TABLE: [u8; 256] = [
    0xd9, 0x78, 0xf9, 0xc4, 0x19, 0xdd, 0xb5, 0xed, 0x28, 0xe9, 0xfd, 0x79, 0x4a, 0xa0, 0xd8, 0x9d,
    0xc6, 0x7e, 0x37, 0x83, 0x2b, 0x76, 0x53, 0x8e, 0x62, 0x4c, 0x64, 0x88, 0x44, 0x8b, 0xfb, 0xa2,
    0x17, 0x9a, 0x59, 0xf5, 0x87, 0xb3, 0x4f, 0x13, 0x61, 0x45, 0x6d, 0x8d, 0x09, 0x81, 0x7d, 0x32,
    0xbd, 0x8f, 0x40, 0xeb, 0x86, 0xb7, 0x7b, 0x0b, 0xf0, 0x95, 0x21, 0x22, 0x5c, 0x6b, 0x4e, 0x82,
    0x54, 0xd6, 0x65, 0x93, 0xce, 0x60, 0xb2, 0x1c, 0x73, 0x56, 0xc0, 0x14, 0xa7, 0x8c, 0xf1, 0xdc,
    0x12, 0x75, 0xca, 0x1f, 0x3b, 0xbe, 0xe4, 0xd1, 0x42, 0x3d, 0xd4, 0x30, 0xa3, 0x3c, 0xb6, 0x26,
    0x6f, 0xbf, 0x0e, 0xda, 0x46, 0x69, 0x07, 0x57, 0x27, 0xf2, 0x1d, 0x9b, 0xbc, 0x94, 0x43, 0x03,
    0xf8, 0x11, 0xc7, 0xf6, 0x90, 0xef, 0x3e, 0xe7, 0x06, 0xc3, 0xd5, 0x2f, 0xc8, 0x66, 0x1e, 0xd7,
    0x08, 0xe8, 0xea, 0xde, 0x80, 0x52, 0xee, 0xf7, 0x84, 0xaa, 0x72, 0xac, 0x35, 0x4d, 0x6a, 0x2a,
    0x96, 0x1a, 0xd2, 0x71, 0x5a, 0x15, 0x49, 0x74, 0x4b, 0x9f, 0xd0, 0x5e, 0x04, 0x18, 0xa4, 0xec,
    0xc2, 0xe0, 0x41, 0x6e, 0x0f, 0x51, 0xcb, 0xcc, 0x24, 0x91, 0xaf, 0x50, 0xa1, 0xf4, 0x70, 0x39,
    0x99, 0x7c, 0x3a, 0x85, 0x23, 0xb8, 0xb4, 0x7a, 0xfc, 0x02, 0x36, 0x5b, 0x25, 0x55, 0x97, 0x31,
    0x2d, 0x5d, 0xfa, 0x98, 0xe3, 0x8a, 0x92, 0xae, 0x05, 0xdf, 0x29, 0x10, 0x67, 0x6c, 0xba, 0xc9,
    0xd3, 0x00, 0xe6, 0xcf, 0xe1, 0x9e, 0xa8, 0x2c, 0x63, 0x16, 0x01, 0x3f, 0x58, 0xe2, 0x89, 0xa9,
    0x0d, 0x38, 0x34, 0x1b, 0xab, 0x33, 0xff, 0xb0, 0xbb, 0x48, 0x0c, 0x5f, 0xb9, 0xb1, 0xcd, 0x2e,
    0xc5, 0xf3, 0xdb, 0x47, 0xe5, 0xa5, 0x9c, 0x77, 0x0a, 0xa6, 0x20, 0x68, 0xfe, 0x7f, 0xc1, 0xad,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2268 §5.
    #[test]
    fn the_blocks_are_those_of_the_rfc() {
        let long = [
            0x88, 0xbc, 0xa9, 0x0e, 0x90, 0x87, 0x5a, 0x7f, 0x0f, 0x79, 0xc3, 0x84, 0x62, 0x7b,
            0xaf, 0xb2, 0x16, 0xf8, 0x0a, 0x6f, 0x85, 0x92, 0x05, 0x84, 0xc4, 0x2f, 0xce, 0xb0,
            0xbe, 0x25, 0x5d, 0xaf, 0x1e,
        ];
        let thirty = 0x3000_0000_0000_0000_u64.to_be_bytes();
        for (key, bits, plain, cipher) in [
            (&[0; 8][..], 63, 0, 0xebb7_73f9_9327_8eff),
            (&[0xff; 8], 64, u64::MAX, 0x278b_27e4_2e2f_0d49),
            (&thirty, 64, 0x1000_0000_0000_0001, 0x3064_9edf_9be7_d2c2),
            (&long[..1], 64, 0, 0x61a8_a244_adac_ccf0),
            (&long[..7], 64, 0, 0x6ccf_4308_974c_267f),
            (&long[..16], 64, 0, 0x1a80_7d27_2bbe_5db1),
            (&long[..16], 128, 0, 0x2269_552a_b0f8_5ca6),
            (&long, 129, 0, 0x5b78_d3a4_3dff_f1f1_u64),
        ] {
            let block = Rc2::new(key, bits).unwrap().decrypt(cipher.to_be_bytes());
            assert_eq!(u64::from_be_bytes(block), plain, "{bits} bits of {key:?}");
        }
    }

    #[test]
    fn only_whole_blocks_with_padding_are_text() {
        // Eight times eight is a block of padding, here chained with the block before it.
        let cipher = Rc2::new(&[7; 5], 40).unwrap();
        let iv = cipher.decrypt([9; 8]).map(|byte| byte ^ 8);
        assert!(decrypt(&[7; 5], 40, &iv, &[9; 8]).unwrap().is_empty());

        assert!(decrypt(&[7; 5], 40, &[0; 8], &[9; 8]).is_none());
        assert!(decrypt(&[7; 5], 40, &iv, &[9; 9]).is_none());
        assert!(decrypt(&[7; 5], 40, &iv, &[]).is_none());
        assert!(decrypt(&[7; 5], 40, &[0; 7], &[9; 8]).is_none());
        assert!(decrypt(&[], 40, &iv, &[9; 8]).is_none());
        assert!(decrypt(&[7; 5], 0, &iv, &[9; 8]).is_none());
    }
}
