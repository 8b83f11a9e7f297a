/// Encrypts or decrypts with RC4, the same thing (RFC 6229 has its test vectors).
///
/// OpenSSL would do it with its legacy provider, which is loaded for the whole process and would
/// give everyone in it broken ciphers back.
#[expect(clippy::indexing_slicing, reason = "a byte is an index of 256 places")]
pub(super) fn apply(key: &[u8], text: &mut [u8]) {
    let mut state: [u8; 256] = std::array::from_fn(|index| index.to_le_bytes()[0]);
    let mut j = 0_u8;
    for (i, byte) in (0..=255_u8).zip(key.iter().cycle()) {
        j = j.wrapping_add(state[usize::from(i)]).wrapping_add(*byte);
        state.swap(usize::from(i), usize::from(j));
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    for byte in text {
        i = i.wrapping_add(1);
        let a = state[usize::from(i)];
        j = j.wrapping_add(a);
        let b = state[usize::from(j)];
        state.swap(usize::from(i), usize::from(j));
        *byte ^= state[usize::from(a.wrapping_add(b))];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6229 §2: the first 16 bytes, and those from 4096 on.
    #[track_caller]
    fn check(key: &[u8], start: u128, later: u128) {
        let mut stream = [0; 4112];
        apply(key, &mut stream);

        assert_eq!(stream[..16], start.to_be_bytes());
        assert_eq!(stream[4096..], later.to_be_bytes());
    }

    #[test]
    fn the_streams_are_those_of_the_rfc() {
        check(
            &[1, 2, 3, 4, 5],
            0xb239_6305_f03d_c027_ccc3_524a_0a11_18a8,
            0xff25_b589_9599_6707_e51f_bdf0_8b34_d875,
        );
        check(
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
            0x9ac7_cc9a_609d_1ef7_b293_2899_cde4_1b97,
            0xa36a_4c30_1ae8_ac13_610c_cbc1_2256_cacc,
        );
    }
}
