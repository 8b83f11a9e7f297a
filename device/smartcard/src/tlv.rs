//! Tags, lengths and values of one octet of tag (BER-TLV, ISO 7816-4 §5.2.2).

/// Finds the value of `tag` among the elements in a row of `octets`.
pub(crate) fn find(octets: &[u8], tag: u8) -> Option<&[u8]> {
    let mut rest = octets;
    while !rest.is_empty() {
        let (found, value, after) = next(rest)?;
        if found == tag {
            return Some(value);
        }
        rest = after;
    }

    None
}

fn next(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = octets.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81 | 0x82 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length - 0x80))?;
            (digits.iter().fold(0, |sum, digit| sum * 256 + usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;

    Some((*tag, value, rest))
}

/// Appends an element.
pub(crate) fn push(octets: &mut Vec<u8>, tag: u8, value: &[u8]) {
    octets.push(tag);
    let [.., high, low] = value.len().to_be_bytes();
    match value.len() {
        0..0x80 => octets.push(low),
        0x80..0x100 => octets.extend([0x81, low]),
        _ => octets.extend([0x82, high, low]),
    }
    octets.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_as_they_were_written() {
        for length in [0, 1, 127, 128, 255, 256, 4000] {
            let value = vec![7; length];
            let mut octets = Vec::new();
            push(&mut octets, 0x71, &[1]);
            push(&mut octets, 0x70, &value);
            push(&mut octets, 0xfe, b"");
            assert_eq!(find(&octets, 0x70), Some(&value[..]));
            assert_eq!(find(&octets, 0x72), None);
            assert_eq!(find(&octets[..octets.len() - 3], 0x70), None);
        }
        assert_eq!(find(&[0x70, 0x84, 0, 0, 0, 0], 0x70), None);
        assert_eq!(find(&[0x70], 0x70), None);
    }
}
