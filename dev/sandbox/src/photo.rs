//! Small photos, written byte by byte as baseline JPEG (ITU-T T.81): squares of one colour each, so only the first coefficient of a
//! block is not zero.

/// Codes of the sizes 0 to 11 of a first coefficient: how many codes of each length, and the sizes in their order.
const FIRST_LENGTHS: [u8; 16] = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
/// The only code of the other coefficients: none of them is there.
const OTHER_LENGTHS: [u8; 16] = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Draws a face-like pattern of `squares` times `squares` squares, each of 8 times 8 points; the same `seed` gives the same pattern.
pub(crate) fn jpeg(squares: u8, seed: u32) -> Vec<u8> {
    let side = (u16::from(squares) * 8).to_be_bytes();
    let mut file = vec![0xFF, 0xD8];
    segment(&mut file, 0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    segment(&mut file, 0xDB, &[&[0][..], &[8; 64]].concat());
    let frame = [8, side[0], side[1], side[0], side[1], 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
    segment(&mut file, 0xC0, &frame);
    let sizes: Vec<u8> = (0..12).collect();
    segment(&mut file, 0xC4, &[&[0x00][..], &FIRST_LENGTHS, &sizes].concat());
    segment(&mut file, 0xC4, &[&[0x10][..], &OTHER_LENGTHS, &[0]].concat());
    segment(&mut file, 0xDA, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    file.extend(scan(squares, seed));
    file.extend([0xFF, 0xD9]);
    file
}

fn segment(file: &mut Vec<u8>, kind: u8, content: &[u8]) {
    let length = u16::try_from(content.len() + 2).unwrap_or(u16::MAX);
    file.extend([0xFF, kind]);
    file.extend(length.to_be_bytes());
    file.extend(content);
}

/// The colours of all squares: brightness and two of colour, each as the difference to the square before.
fn scan(squares: u8, seed: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    let mut before = [0_i32; 3];
    for y in 0..squares {
        for x in 0..squares {
            for (value, before) in colour(x, y, squares, seed).into_iter().zip(&mut before) {
                first_coefficient(&mut bits, value - *before);
                bits.push(0, 1);
                *before = value;
            }
        }
    }
    bits.finish()
}

/// Left and right are alike. The values are from -128 to 127.
fn colour(x: u8, y: u8, squares: u8, seed: u32) -> [i32; 3] {
    let x = u32::from(x.min(squares.saturating_sub(1).saturating_sub(x)));
    let mixed = seed.wrapping_add(x * 31 + u32::from(y) * 101).wrapping_mul(0x9E37_79B1);
    let lit = mixed >> 30 != 0;
    let tint = |shift: u32| ((seed.wrapping_mul(0x85EB_CA6B) >> shift) & 0x3F) as i32 - 32;
    if lit { [40, tint(8), tint(20)] } else { [100, 0, 0] }
}

fn first_coefficient(bits: &mut Bits, difference: i32) {
    let size = 32 - difference.unsigned_abs().leading_zeros();
    let (code, length) = match size {
        0 => (0b00, 2),
        1..=5 => (size + 1, 3),
        _ => ((1 << (size - 2)) - 2, size - 2),
    };
    bits.push(code, length);
    let value = if difference < 0 { difference - 1 } else { difference };
    bits.push(value.cast_unsigned() & ((1 << size) - 1), size);
}

/// Bits, first the highest; a byte of ones has a zero after it.
#[derive(Debug, Default)]
struct Bits {
    bytes: Vec<u8>,
    pending: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, length: u32) {
        for index in (0..length).rev() {
            self.pending = self.pending << 1 | (value >> index & 1);
            self.count += 1;
            if self.count == 8 {
                let byte = self.pending as u8;
                self.bytes.push(byte);
                if byte == 0xFF {
                    self.bytes.push(0);
                }
                (self.pending, self.count) = (0, 0);
            }
        }
    }

    fn finish(mut self) -> Vec<u8> {
        while self.count != 0 {
            self.push(1, 1);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_is_the_same_each_time_and_differs_between_people() {
        assert_eq!(jpeg(8, 1), jpeg(8, 1));
        assert_ne!(jpeg(8, 1), jpeg(8, 2));
        assert!(jpeg(16, 1).len() > jpeg(8, 1).len());
    }

    #[test]
    fn bytes_of_ones_are_marked() {
        let mut bits = Bits::default();
        bits.push(0xFFFF, 16);
        bits.push(0, 1);
        assert_eq!(bits.finish(), [0xFF, 0, 0xFF, 0, 0x7F]);
    }
}
