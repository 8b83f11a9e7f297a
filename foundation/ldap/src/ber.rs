//! BER as LDAP restricts it: definite lengths, tags of one byte (RFC 4511, 5.1).

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// Writes one element.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        Ok(_) | Err(_) => {
            let bytes = length.to_be_bytes();
            let significant = bytes.iter().skip_while(|byte| **byte == 0);
            let count = u8::try_from(significant.clone().count()).unwrap_or_default();
            out.push(0x80 | count);
            out.extend(significant);
        }
    }
    out.extend_from_slice(content);

    out
}

/// Writes an element of elements.
pub(crate) fn elements(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    element(tag, &parts.concat())
}

/// Writes a number that is not negative, as INTEGER or ENUMERATED.
pub(crate) fn number(tag: u8, value: u32) -> Vec<u8> {
    let bytes = [&[0][..], &value.to_be_bytes()].concat();
    // One zero stays before a byte that would make the number negative.
    let needless =
        bytes.windows(2).take_while(|pair| matches!(pair, [0, next] if *next < 0x80)).count();

    element(tag, bytes.get(needless..).unwrap_or_default())
}

/// Reads one element, as tag and content; the rest is what comes after it.
pub(crate) fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (length, rest) = length(rest)?;
    let (content, rest) = rest.split_at_checked(length)?;

    // Longer tags occur nowhere in LDAP.
    (tag & 0x1f != 0x1f).then_some((tag, content, rest))
}

/// Reads the element that comes next, which must have this tag, and leaves the rest.
pub(crate) fn next<'a>(rest: &mut &'a [u8], wanted: u8) -> Option<&'a [u8]> {
    let (tag, content, after) = split(rest)?;
    if tag != wanted {
        return None;
    }
    *rest = after;

    Some(content)
}

/// Reads a number that is not negative.
pub(crate) fn read_number(content: &[u8]) -> Option<u32> {
    let (first, _) = content.split_first()?;
    if *first >= 0x80 || content.len() > 5 {
        return None;
    }
    let value = content.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));

    u32::try_from(value).ok()
}

/// Reads a length; `None` also if it is not all there.
pub(crate) fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
    if octets.is_empty() || octets.len() > 4 {
        return None;
    }
    let value = octets.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));

    Some((usize::try_from(value).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        for (value, bytes) in [
            (0, &[2, 1, 0][..]),
            (127, &[2, 1, 127]),
            (128, &[2, 2, 0, 128]),
            (256, &[2, 2, 1, 0]),
            (u32::MAX, &[2, 5, 0, 255, 255, 255, 255]),
        ] {
            let written = number(INTEGER, value);
            assert_eq!(written, bytes, "{value}");
            let (_, content, rest) = split(&written).unwrap();
            assert_eq!((read_number(content), rest.len()), (Some(value), 0));
        }
    }

    #[test]
    fn lengths_of_every_size_come_back() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let written = element(OCTETS, &content);
            assert_eq!(split(&written), Some((OCTETS, &content[..], &[][..])), "{length}");
            assert_eq!(split(&written[..written.len() - 1]), None, "{length}");
        }
    }

    #[test]
    fn what_ldap_does_not_allow_is_not_read() {
        for bytes in [
            &[][..],
            &[4],
            // Indefinite length, lengths of more than four bytes, a long tag.
            &[0x30, 0x80, 0, 0],
            &[4, 0x85, 0, 0, 0, 0, 0],
            &[4, 0xff],
            &[0x1f, 0x20, 0],
            &[4, 0x84, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(split(bytes), None, "{bytes:02x?}");
        }
        for number in [&[][..], &[0x80], &[0xff, 0xff], &[1, 0, 0, 0, 0], &[0; 6]] {
            assert_eq!(read_number(number), None, "{number:02x?}");
        }
    }
}
