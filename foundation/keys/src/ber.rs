//! Just enough BER (X.690) to find the iteration counts in a PKCS#12 file before they are run.

/// Values nested deeper than this are refused.
const MAX_DEPTH: u8 = 32;

/// The bytes are not BER, or nest too deeply.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Malformed;

/// Adds up the iteration counts that a PKCS#12 file asks for in the open.
///
/// `MacData` (RFC 7292 §4), `PBEParameter` (RFC 8018 A.3), `PBKDF2-params` (RFC 8018 A.2) and
/// `scrypt-params` (RFC 7914 §7) all put the count right behind an OCTET STRING, the salt, and no
/// other structure of the format has an INTEGER there.
pub(crate) fn iterations(bytes: &[u8]) -> Result<u64, Malformed> {
    let (value, _) = read(bytes, MAX_DEPTH)?;

    Ok(sum(&value, MAX_DEPTH))
}

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const CONSTRUCTED: u8 = 0x20;

struct Value {
    tag: u8,
    content: Content,
}

enum Content {
    Bytes(Vec<u8>),
    Values(Vec<Value>),
}

impl Value {
    /// Returns the content of an OCTET STRING, whole or sent in pieces.
    fn octets(&self) -> Option<Vec<u8>> {
        if self.tag & !CONSTRUCTED != OCTET_STRING {
            return None;
        }
        match &self.content {
            Content::Bytes(bytes) => Some(bytes.clone()),
            Content::Values(pieces) => {
                let pieces: Option<Vec<_>> = pieces.iter().map(Self::octets).collect();
                Some(pieces?.concat())
            }
        }
    }
}

fn sum(value: &Value, depth: u8) -> u64 {
    let Some(depth) = depth.checked_sub(1) else {
        return 0;
    };
    if let Some(octets) = value.octets() {
        return read(&octets, depth).map_or(0, |(inner, _)| sum(&inner, depth));
    }
    let Content::Values(values) = &value.content else {
        return 0;
    };
    let inner = values.iter().map(|value| sum(value, depth));
    let counts = values.iter().zip(values.iter().skip(1)).filter_map(|(salt, count)| {
        salt.octets()?;
        integer(count)
    });

    inner.chain(counts).fold(0, u64::saturating_add)
}

fn integer(value: &Value) -> Option<u64> {
    let Value { tag: INTEGER, content: Content::Bytes(bytes) } = value else {
        return None;
    };
    let fold = |sum: u64, byte: &u8| match sum.checked_mul(256) {
        Some(sum) => sum.saturating_add(u64::from(*byte)),
        None => u64::MAX,
    };

    Some(bytes.iter().fold(0, fold))
}

/// Reads one value and returns it with what follows it.
fn read(bytes: &[u8], depth: u8) -> Result<(Value, &[u8]), Malformed> {
    let depth = depth.checked_sub(1).ok_or(Malformed)?;
    let (&tag, rest) = bytes.split_first().ok_or(Malformed)?;
    if tag & 0x1f == 0x1f {
        return Err(Malformed);
    }
    let (length, rest) = read_length(rest)?;
    let Some(length) = length else {
        if tag & CONSTRUCTED == 0 {
            return Err(Malformed);
        }
        let (values, rest) = read_until_end(rest, depth)?;
        return Ok((Value { tag, content: Content::Values(values) }, rest));
    };
    let (mut inner, rest) = rest.split_at_checked(length).ok_or(Malformed)?;
    if tag & CONSTRUCTED == 0 {
        return Ok((Value { tag, content: Content::Bytes(inner.to_vec()) }, rest));
    }
    let mut values = Vec::new();
    while !inner.is_empty() {
        let (value, after) = read(inner, depth)?;
        values.push(value);
        inner = after;
    }

    Ok((Value { tag, content: Content::Values(values) }, rest))
}

fn read_until_end(mut rest: &[u8], depth: u8) -> Result<(Vec<Value>, &[u8]), Malformed> {
    let mut values = Vec::new();
    loop {
        if let Some(rest) = rest.strip_prefix(&[0, 0]) {
            return Ok((values, rest));
        }
        let (value, after) = read(rest, depth)?;
        values.push(value);
        rest = after;
    }
}

/// Reads a length; `None` is the indefinite form.
fn read_length(bytes: &[u8]) -> Result<(Option<usize>, &[u8]), Malformed> {
    let (&first, rest) = bytes.split_first().ok_or(Malformed)?;
    if first == 0x80 {
        return Ok((None, rest));
    }
    if first < 0x80 {
        return Ok((Some(usize::from(first)), rest));
    }
    let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f)).ok_or(Malformed)?;
    let length = length
        .iter()
        .try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add(usize::from(*byte)));

    Ok((Some(length.ok_or(Malformed)?), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_follows_its_salt() {
        assert_eq!(iterations(&[0x30, 8, 0x04, 2, 9, 9, 0x02, 2, 0x08, 0x00]), Ok(2048));
    }

    #[test]
    fn a_salt_in_pieces_hides_nothing() {
        let pieces =
            [0x30, 0x80, 0x24, 0x80, 0x04, 1, 9, 0x04, 1, 9, 0, 0, 0x02, 2, 0x08, 0x00, 0, 0];

        assert_eq!(iterations(&pieces), Ok(2048));
    }

    #[test]
    fn counts_inside_octet_strings_are_found_and_added() {
        let parameters = [0x30, 7, 0x04, 1, 9, 0x02, 2, 0x08, 0x00];
        let mut twice = vec![0x30, 22, 0x04, 9];
        twice.extend(parameters);
        twice.extend([0x04, 9]);
        twice.extend(parameters);

        assert_eq!(iterations(&twice), Ok(4096));
    }

    #[test]
    fn a_huge_count_saturates() {
        let huge = [0x30, 14, 0x04, 1, 9, 0x02, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9];

        assert_eq!(iterations(&huge), Ok(u64::MAX));
    }

    #[test]
    fn malformed_bytes_are_refused() {
        for bytes in [&[][..], &[0x30], &[0x30, 5, 0], &[0x04, 0x80, 0, 0], &[0x3f, 1, 0]] {
            assert_eq!(iterations(bytes), Err(Malformed), "{bytes:?}");
        }
        assert_eq!(iterations(&[[0x30, 0x80]; 200].concat()), Err(Malformed));
    }
}
