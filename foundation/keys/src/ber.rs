//! BER brought into the form of DER (X.690), as far as lengths and strings go.
//!
//! Programs that write while they do not know the length yet send values of indefinite length and
//! strings in pieces. [`to_der`] gives each value its definite, shortest length and joins the pieces,
//! so that one strict decoder reads everything. It leaves the rest alone: sets stay in their order,
//! and what lies inside of a string, such as another encoding, is only bytes.

/// Values nested deeper than this are refused.
pub const MAX_DEPTH: u8 = 32;

/// More values than this are refused, strings in pieces counted by the piece.
pub const MAX_VALUES: usize = 1 << 18;

/// The bytes are not BER, nest deeper than [`MAX_DEPTH`], are more than [`MAX_VALUES`] values, or use
/// tags beyond 30, which no format here has.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("the bytes are not BER")]
pub struct Malformed;

/// Writes the first value of `bytes` anew and returns what follows it.
///
/// The result is longer than the value by a few bytes for each level of nesting at most. It is
/// allocated once, so that a caller can overwrite it. What is DER already comes back unchanged.
///
/// # Errors
///
/// [`Malformed`] if there is no whole value, or it exceeds the bounds.
pub fn to_der(bytes: &[u8]) -> Result<(Vec<u8>, &[u8]), Malformed> {
    let mut values = MAX_VALUES;
    let (value, rest) = read(bytes, MAX_DEPTH, &mut values)?;
    let mut der = Vec::with_capacity(value.size());
    value.write(&mut der);

    Ok((der, rest))
}

/// Joins an OCTET STRING in pieces whose tag was replaced by an implicit one, as that of the encrypted
/// content of CMS (RFC 5652 §6.1): [`to_der`] cannot know that it is a string. `content` is what the
/// constructed value holds.
///
/// # Errors
///
/// [`Malformed`] if it is not a row of OCTET STRINGs.
pub fn join_octets(mut content: &[u8]) -> Result<Vec<u8>, Malformed> {
    let (mut values, mut pieces) = (MAX_VALUES, Vec::new());
    while !content.is_empty() {
        let (piece, rest) = read(content, MAX_DEPTH, &mut values)?;
        pieces.push(piece);
        content = rest;
    }

    Ok(join(OCTET_STRING, &pieces)?.concat())
}

const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const CONSTRUCTED: u8 = 0x20;

struct Value<'a> {
    tag: u8,
    content: Content<'a>,
    /// How many bytes the content takes when it is written.
    length: usize,
}

enum Content<'a> {
    Bytes(&'a [u8]),
    Joined(Vec<&'a [u8]>),
    Values(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    fn primitive(tag: u8, bytes: &'a [u8]) -> Self {
        Self { tag, content: Content::Bytes(bytes), length: bytes.len() }
    }

    fn constructed(tag: u8, values: Vec<Self>) -> Result<Self, Malformed> {
        if !is_string(tag) {
            let length = values.iter().map(Self::size).sum();
            return Ok(Self { tag, content: Content::Values(values), length });
        }
        let tag = tag & !CONSTRUCTED;
        let pieces = join(tag, &values)?;
        let length = pieces.iter().map(|piece| piece.len()).sum();

        Ok(Self { tag, content: Content::Joined(pieces), length })
    }

    /// Returns the size with tag and length, in bytes.
    fn size(&self) -> usize {
        1 + length_of(self.length).count() + self.length
    }

    fn write(&self, der: &mut Vec<u8>) {
        der.push(self.tag);
        der.extend(length_of(self.length));
        match &self.content {
            Content::Bytes(bytes) => der.extend_from_slice(bytes),
            Content::Joined(pieces) => pieces.iter().for_each(|piece| der.extend_from_slice(piece)),
            Content::Values(values) => values.iter().for_each(|value| value.write(der)),
        }
    }

    /// Returns the content of a string, if it is one.
    fn pieces(&self) -> Option<&[&'a [u8]]> {
        match &self.content {
            Content::Bytes(bytes) => Some(std::slice::from_ref(bytes)),
            Content::Joined(pieces) => Some(pieces),
            Content::Values(_) => None,
        }
    }
}

/// Whether a constructed value with this tag is a string in pieces (X.690 §8.6.4, §8.7.3, §8.23).
fn is_string(tag: u8) -> bool {
    matches!(tag & !CONSTRUCTED, 0x03 | 0x04 | 0x07 | 0x0c | 0x12..=0x1e)
}

/// Returns the content of the string of which these are the pieces.
fn join<'a>(tag: u8, values: &[Value<'a>]) -> Result<Vec<&'a [u8]>, Malformed> {
    if tag == BIT_STRING {
        return join_bits(values);
    }
    let mut joined = Vec::with_capacity(values.len());
    for value in values {
        // The pieces of a string of characters are OCTET STRINGs (X.690 §8.23.6), but not with everyone.
        if value.tag != OCTET_STRING && value.tag != tag {
            return Err(Malformed);
        }
        joined.extend_from_slice(value.pieces().ok_or(Malformed)?);
    }

    Ok(joined)
}

/// Joins bits: each piece starts with the number of bits unused at its end, zero except in the last.
fn join_bits<'a>(values: &[Value<'a>]) -> Result<Vec<&'a [u8]>, Malformed> {
    let mut unused: &'a [u8] = &[0];
    let mut joined = vec![unused];
    for value in values {
        let pieces = value.pieces().filter(|_| value.tag == BIT_STRING && unused == [0]);
        let (first, rest) = pieces.and_then(|pieces| pieces.split_first()).ok_or(Malformed)?;
        let (count, bits) = first.split_at_checked(1).ok_or(Malformed)?;
        unused = count;
        joined.push(bits);
        joined.extend_from_slice(rest);
    }
    if let Some(first) = joined.first_mut() {
        *first = unused;
    }

    Ok(joined)
}

/// Returns the octets of a length in its shortest form (X.690 §10.1).
fn length_of(length: usize) -> impl Iterator<Item = u8> {
    let bytes = length.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let significant = bytes.len() - zeros;
    let (form, skipped) = match length {
        0..0x80 => (None, bytes.len() - 1),
        0x80.. => (u8::try_from(significant).ok().map(|count| 0x80 | count), zeros),
    };

    form.into_iter().chain(bytes.into_iter().skip(skipped))
}

/// Reads one value and returns it with what follows it.
fn read<'a>(
    bytes: &'a [u8],
    depth: u8,
    values: &mut usize,
) -> Result<(Value<'a>, &'a [u8]), Malformed> {
    let depth = depth.checked_sub(1).ok_or(Malformed)?;
    *values = values.checked_sub(1).ok_or(Malformed)?;
    let (&tag, rest) = bytes.split_first().ok_or(Malformed)?;
    if tag & 0x1f == 0x1f || tag & !CONSTRUCTED == 0 {
        return Err(Malformed);
    }
    let constructed = tag & CONSTRUCTED != 0;
    let (length, rest) = read_length(rest)?;
    let Some(length) = length else {
        if !constructed {
            return Err(Malformed);
        }
        let (members, rest) = read_until_end(rest, depth, values)?;
        return Ok((Value::constructed(tag, members)?, rest));
    };
    let (mut inner, rest) = rest.split_at_checked(length).ok_or(Malformed)?;
    if !constructed {
        return Ok((Value::primitive(tag, inner), rest));
    }
    let mut members = Vec::new();
    while !inner.is_empty() {
        let (member, after) = read(inner, depth, values)?;
        members.push(member);
        inner = after;
    }

    Ok((Value::constructed(tag, members)?, rest))
}

fn read_until_end<'a>(
    mut rest: &'a [u8],
    depth: u8,
    values: &mut usize,
) -> Result<(Vec<Value<'a>>, &'a [u8]), Malformed> {
    let mut members = Vec::new();
    loop {
        if let Some(rest) = rest.strip_prefix(&[0, 0]) {
            return Ok((members, rest));
        }
        let (member, after) = read(rest, depth, values)?;
        members.push(member);
        rest = after;
    }
}

/// Reads a length; `None` is the indefinite form.
fn read_length(bytes: &[u8]) -> Result<(Option<usize>, &[u8]), Malformed> {
    let (&first, rest) = bytes.split_first().ok_or(Malformed)?;
    match first {
        0x80 => return Ok((None, rest)),
        0xff => return Err(Malformed),
        0..0x80 => return Ok((Some(usize::from(first)), rest)),
        0x81..0xff => {}
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

    #[track_caller]
    fn check(ber: &[u8], expected: &[u8]) {
        let (der, rest) = to_der(ber).unwrap();

        assert_eq!((der.as_slice(), rest), (expected, &[][..]));
        assert_eq!(to_der(expected), Ok((expected.to_vec(), &[][..])), "DER stays as it is");
    }

    #[test]
    fn lengths_become_definite_and_short() {
        check(&[0x30, 0x80, 0x02, 1, 7, 0, 0], &[0x30, 3, 0x02, 1, 7]);
        check(&[0x30, 0x83, 0, 0, 4, 0x02, 0x82, 0, 0], &[0x30, 2, 0x02, 0]);
        check(&[0xa0, 0x80, 0xa1, 0x80, 0, 0, 0, 0], &[0xa0, 2, 0xa1, 0]);
        for size in [0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000] {
            let content = vec![9; size];
            let form = match size {
                0..0x80 => vec![u8::try_from(size).unwrap()],
                0x80..0x100 => vec![0x81, u8::try_from(size).unwrap()],
                0x100..0x1_0000 => [&[0x82][..], &size.to_be_bytes()[6..]].concat(),
                0x1_0000.. => [&[0x83][..], &size.to_be_bytes()[5..]].concat(),
            };
            let long = [&[0x04, 0x88][..], &size.to_be_bytes(), &content].concat();
            check(&long, &[&[0x04][..], &form, &content].concat());
        }
    }

    #[test]
    fn strings_in_pieces_are_joined() {
        check(&[0x24, 0x80, 0x04, 1, 8, 0x04, 2, 9, 9, 0, 0], &[0x04, 3, 8, 9, 9]);
        check(&[0x24, 7, 0x24, 3, 0x04, 1, 8, 0x04, 0], &[0x04, 1, 8]);
        check(&[0x24, 0], &[0x04, 0]);
        check(&[0x2c, 6, 0x04, 1, b'a', 0x0c, 1, b'b'], &[0x0c, 2, b'a', b'b']);
        check(&[0x3e, 4, 0x04, 2, 0, b'a'], &[0x1e, 2, 0, b'a']);
        check(&[0x23, 8, 0x03, 2, 0, 0xff, 0x03, 2, 4, 0xf0], &[0x03, 3, 4, 0xff, 0xf0]);
        check(&[0x23, 9, 0x23, 3, 0x03, 1, 0, 0x03, 2, 1, 2], &[0x03, 2, 1, 2]);
        check(&[0x23, 0], &[0x03, 1, 0]);
    }

    #[test]
    fn what_is_not_a_string_keeps_its_members() {
        check(&[0xa0, 0x80, 0x04, 1, 8, 0x04, 1, 9, 0, 0], &[0xa0, 6, 0x04, 1, 8, 0x04, 1, 9]);
        check(&[0x31, 6, 0x02, 1, 9, 0x02, 1, 8], &[0x31, 6, 0x02, 1, 9, 0x02, 1, 8]);
    }

    #[test]
    fn what_follows_is_returned() {
        assert_eq!(to_der(&[0x05, 0, 1, 2]), Ok((vec![0x05, 0], &[1, 2][..])));
    }

    #[test]
    fn octets_below_an_implicit_tag_are_joined() {
        assert_eq!(join_octets(&[]), Ok(vec![]));
        assert_eq!(join_octets(&[0x04, 1, 8, 0x24, 0x80, 0x04, 1, 9, 0, 0]), Ok(vec![8, 9]));
        for wrong in [&[0x02, 1, 8][..], &[0x04, 2, 8], &[0x04, 1, 8, 0x30, 0]] {
            assert_eq!(join_octets(wrong), Err(Malformed), "{wrong:?}");
        }
    }

    #[test]
    fn malformed_bytes_are_refused() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 5, 0],
            &[0x04, 0x80, 0, 0],
            &[0x30, 0x80, 0x05, 0],
            &[0x30, 0x80, 0x05, 0, 0],
            &[0x3f, 1, 0],
            &[0x30, 2, 0, 0],
            &[0x30, 0xff],
            &[0x04, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x24, 3, 0x02, 1, 1],
            &[0x24, 2, 0x30, 0],
            &[0x23, 3, 0x04, 1, 0],
            &[0x23, 2, 0x03, 0],
            &[0x23, 8, 0x03, 2, 4, 0xf0, 0x03, 2, 0, 0xff],
        ] {
            assert_eq!(to_der(bytes), Err(Malformed), "{bytes:?}");
        }
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let nested = |depth: usize| [[0x30, 0x80].repeat(depth), vec![0; 2 * depth]].concat();
        let row = |count: usize| [vec![0x30, 0x80], [0x05, 0].repeat(count), vec![0, 0]].concat();

        assert!(to_der(&nested(usize::from(MAX_DEPTH))).is_ok());
        assert_eq!(to_der(&nested(usize::from(MAX_DEPTH) + 1)), Err(Malformed));
        assert!(to_der(&row(MAX_VALUES - 1)).is_ok());
        assert_eq!(to_der(&row(MAX_VALUES)), Err(Malformed));
    }
}
