//! RC2 in CBC mode (RFC 2268), for reading old mail; nothing is ever written with it.

/// The table of the key expansion, a permutation of the octets (RFC 2268 §2).
#[rustfmt::skip]
const TABLE: [u8; 256] = [
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

/// Decrypts and takes the padding off; none if the content is not whole blocks or the padding is wrong.
pub(super) fn decrypt(key: &[u8], bits: u16, iv: [u8; 8], content: &[u8]) -> Option<Vec<u8>> {
    let key = Expanded::new(key, bits)?;
    let (blocks, rest) = content.as_chunks::<8>();
    if !rest.is_empty() {
        return None;
    }
    let mut plain = Vec::with_capacity(content.len());
    let mut previous = iv;
    for block in blocks {
        let decrypted = key.decrypt(*block);
        plain.extend(decrypted.iter().zip(previous).map(|(octet, chained)| octet ^ chained));
        previous = *block;
    }
    let padding = plain.last().copied().filter(|padding| (1..=8).contains(padding))?;
    let end = plain.len().checked_sub(usize::from(padding))?;
    if plain.get(end..)?.iter().any(|octet| *octet != padding) {
        return None;
    }
    plain.truncate(end);

    Some(plain)
}

/// A key of 64 words.
struct Expanded([u16; 64]);

impl Expanded {
    /// Expands a key of 1 to 128 octets, of which `bits` count (RFC 2268 §2).
    fn new(key: &[u8], bits: u16) -> Option<Self> {
        if !(1..=128).contains(&key.len()) || !(1..=1024).contains(&bits) {
            return None;
        }
        let mut octets = key.to_vec();
        while octets.len() < 128 {
            let (last, first) = (octets.last()?, octets.get(octets.len() - key.len())?);
            let next = table(last.wrapping_add(*first));
            octets.push(next);
        }
        let effective = usize::from(bits.div_ceil(8));
        let mask = 0xff >> (8 * bits.div_ceil(8) - bits);
        let start = 128 - effective;
        *octets.get_mut(start)? = table(octets.get(start)? & mask);
        for place in (0..start).rev() {
            let next = table(octets.get(place + 1)? ^ octets.get(place + effective)?);
            *octets.get_mut(place)? = next;
        }
        let mut words = [0; 64];
        for (word, pair) in words.iter_mut().zip(octets.as_chunks::<2>().0) {
            *word = u16::from_le_bytes(*pair);
        }

        Some(Self(words))
    }

    /// Decrypts one block (RFC 2268 §4).
    fn decrypt(&self, block: [u8; 8]) -> [u8; 8] {
        let mut words = [0_u16; 4];
        for (word, pair) in words.iter_mut().zip(block.as_chunks::<2>().0) {
            *word = u16::from_le_bytes(*pair);
        }
        let mut keys = self.0.iter().rev();
        for (rounds, mash) in [(5, true), (6, true), (5, false)] {
            for _ in 0..rounds {
                mix_back(&mut words, &mut keys);
            }
            if mash {
                self.mash_back(&mut words);
            }
        }
        let [a, b, c, d] = words.map(u16::to_le_bytes);

        [a[0], a[1], b[0], b[1], c[0], c[1], d[0], d[1]]
    }

    fn mash_back(&self, words: &mut [u16; 4]) {
        let key = |word: u16| self.0.get(usize::from(word & 63)).copied().unwrap_or_default();
        let [a, b, c, d] = words;
        *d = d.wrapping_sub(key(*c));
        *c = c.wrapping_sub(key(*b));
        *b = b.wrapping_sub(key(*a));
        *a = a.wrapping_sub(key(*d));
    }
}

fn mix_back<'a>(words: &mut [u16; 4], keys: &mut impl Iterator<Item = &'a u16>) {
    let mut mix = |word: &mut u16, one: u16, two: u16, three: u16, turn: u32| {
        let key = keys.next().copied().unwrap_or_default();
        let mixed = (one & two).wrapping_add(!one & three);
        *word = word.rotate_right(turn).wrapping_sub(key).wrapping_sub(mixed);
    };
    let [a, b, c, d] = words;
    mix(d, *c, *b, *a, 5);
    mix(c, *b, *a, *d, 3);
    mix(b, *a, *d, *c, 2);
    mix(a, *d, *c, *b, 1);
}

fn table(octet: u8) -> u8 {
    TABLE.get(usize::from(octet)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 2268 §5, of which each block is decrypted.
    #[test]
    fn the_vectors_of_the_rfc_decrypt() {
        for (key, bits, plain, cipher) in [
            ("0000000000000000", 63, "0000000000000000", "ebb773f993278eff"),
            ("ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49"),
            ("3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2"),
            ("88", 64, "0000000000000000", "61a8a244adacccf0"),
            ("88bca90e90875a", 64, "0000000000000000", "6ccf4308974c267f"),
            ("88bca90e90875a7f0f79c384627bafb2", 64, "0000000000000000", "1a807d272bbe5db1"),
            ("88bca90e90875a7f0f79c384627bafb2", 128, "0000000000000000", "2269552ab0f85ca6"),
            (
                "88bca90e90875a7f0f79c384627bafb216f80a6f85920584c42fceb0be255daf1e",
                129,
                "0000000000000000",
                "5b78d3a43dfff1f1",
            ),
        ] {
            let bytes = |hex: &str| data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
            let expanded = Expanded::new(&bytes(key), bits).unwrap();
            let block = expanded.decrypt(bytes(cipher).try_into().unwrap());
            assert_eq!(block.as_slice(), bytes(plain), "{key} {bits}");
        }
    }

    #[test]
    fn wrong_paddings_and_sizes_are_refused() {
        for content in [&b""[..], &[7; 7], &[7; 8]] {
            assert_eq!(decrypt(&[1; 5], 40, [0; 8], content), None);
        }
    }
}
