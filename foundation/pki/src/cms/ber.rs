//! BER made readable as DER (X.690 §8, §10): indefinite lengths become definite, strings in pieces
//! become whole.
//!
//! Whatever is in DER already stays as it is, byte for byte, so that a signature over it holds.
//! Pieces below a context-specific tag cannot be told from an explicit tag without knowing the
//! type; [`super::tlv::Value::octets`] joins those.

use super::Malformed;
use std::borrow::Cow;

/// The most bytes of a message.
const MAX_SIZE: usize = 1 << 30;

/// Values nested deeper than this are refused; those of real messages nest some fifteen deep.
const MAX_DEPTH: u8 = 48;

/// The most values of a message, so that its tree stays small whatever it is made of.
const MAX_VALUES: usize = 1 << 18;

const CLASS: u8 = 0xc0;
const CONSTRUCTED: u8 = 0x20;
const NUMBER: u8 = 0x1f;
const BIT_STRING: u8 = 0x03;

/// Gives the one value that `bytes` hold with definite lengths and whole strings.
///
/// # Errors
///
/// [`Malformed`] if the bytes are not one BER value, or nest too deeply, or are too many.
pub(super) fn normalise(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Malformed> {
    if bytes.len() > MAX_SIZE {
        return Err(Malformed);
    }
    let mut reader = Reader { values: MAX_VALUES };
    let (node, rest) = reader.value(bytes, MAX_DEPTH)?.ok_or(Malformed)?;
    if !rest.is_empty() {
        return Err(Malformed);
    }

    Ok(match node {
        Node::AsFound(whole) => Cow::Borrowed(whole),
        Node::Joined { .. } | Node::Nested { .. } => {
            let mut der = Vec::with_capacity(node.size());
            node.write(&mut der);
            Cow::Owned(der)
        }
    })
}

/// Takes the header of a value apart: its tag, the length of its content if it is definite, and
/// what follows.
pub(super) fn header(bytes: &[u8]) -> Result<(u8, Option<usize>, &[u8]), Malformed> {
    let [tag, first, rest @ ..] = bytes else { return Err(Malformed) };
    if tag & NUMBER == NUMBER {
        return Err(Malformed);
    }
    if *first < 0x80 {
        return Ok((*tag, Some(usize::from(*first)), rest));
    }
    let octets = usize::from(first & 0x7f);
    if octets == 0 {
        return Ok((*tag, None, rest));
    }
    let (octets, rest) =
        rest.split_at_checked(octets).filter(|(octets, _)| octets.len() <= 8).ok_or(Malformed)?;
    let length = octets.iter().fold(0_u64, |length, octet| length << 8 | u64::from(*octet));

    Ok((*tag, Some(usize::try_from(length).map_err(|_| Malformed)?), rest))
}

/// Writes the header of a value in DER.
pub(super) fn write_header(tag: u8, length: usize, der: &mut Vec<u8>) {
    der.push(tag);
    let octets = length.to_be_bytes();
    let octets: Vec<u8> = octets.into_iter().skip_while(|octet| *octet == 0).collect();
    match (length, u8::try_from(octets.len())) {
        (0..=0x7f, _) => der.extend(u8::try_from(length)),
        (_, count) => {
            der.extend(count.map(|count| 0x80 | count));
            der.extend(octets);
        }
    }
}

enum Node<'a> {
    /// Needs no change: header and content.
    AsFound(&'a [u8]),
    /// A string that came in pieces; `unused` is the first octet of a BIT STRING.
    Joined { tag: u8, unused: Option<u8>, pieces: Vec<&'a [u8]>, length: usize },
    /// Something inside changes, or the length was indefinite.
    Nested { tag: u8, children: Vec<Self>, length: usize },
}

impl Node<'_> {
    fn size(&self) -> usize {
        match self {
            Self::AsFound(whole) => whole.len(),
            Self::Joined { length, .. } | Self::Nested { length, .. } => {
                header_size(*length) + length
            }
        }
    }

    fn write(&self, der: &mut Vec<u8>) {
        match self {
            Self::AsFound(whole) => der.extend_from_slice(whole),
            Self::Joined { tag, unused, pieces, length } => {
                write_header(*tag, *length, der);
                der.extend(unused);
                pieces.iter().for_each(|piece| der.extend_from_slice(piece));
            }
            Self::Nested { tag, children, length } => {
                write_header(*tag, *length, der);
                children.iter().for_each(|child| child.write(der));
            }
        }
    }
}

fn header_size(length: usize) -> usize {
    if length < 0x80 { 2 } else { 2 + (usize::BITS - length.leading_zeros()).div_ceil(8) as usize }
}

/// A value and what follows it; none at the end of a content of indefinite length.
type Found<'a> = Option<(Node<'a>, &'a [u8])>;

struct Reader {
    values: usize,
}

impl Reader {
    fn value<'a>(&mut self, bytes: &'a [u8], depth: u8) -> Result<Found<'a>, Malformed> {
        if bytes.starts_with(&[0, 0]) {
            return Ok(None);
        }
        self.values = self.values.checked_sub(1).ok_or(Malformed)?;
        let depth = depth.checked_sub(1).ok_or(Malformed)?;
        let (tag, length, content) = header(bytes)?;
        let in_pieces = is_string_in_pieces(tag);
        let Some(length) = length else {
            if tag & CONSTRUCTED == 0 {
                return Err(Malformed);
            }
            let (children, rest) = self.until_end(content, depth)?;
            return Ok(Some((nested(tag, children, in_pieces)?, rest)));
        };
        let (content, rest) = content.split_at_checked(length).ok_or(Malformed)?;
        let whole = bytes.get(..bytes.len() - rest.len()).ok_or(Malformed)?;
        if tag & CONSTRUCTED == 0 {
            return Ok(Some((Node::AsFound(whole), rest)));
        }
        let children = self.all(content, depth)?;
        let as_found = children.iter().all(|child| matches!(child, Node::AsFound(_)));
        if as_found && !in_pieces {
            return Ok(Some((Node::AsFound(whole), rest)));
        }

        Ok(Some((nested(tag, children, in_pieces)?, rest)))
    }

    fn all<'a>(&mut self, mut bytes: &'a [u8], depth: u8) -> Result<Vec<Node<'a>>, Malformed> {
        let mut children = Vec::new();
        while !bytes.is_empty() {
            let (child, rest) = self.value(bytes, depth)?.ok_or(Malformed)?;
            children.push(child);
            bytes = rest;
        }

        Ok(children)
    }

    fn until_end<'a>(
        &mut self,
        mut bytes: &'a [u8],
        depth: u8,
    ) -> Result<(Vec<Node<'a>>, &'a [u8]), Malformed> {
        let mut children = Vec::new();
        while let Some((child, rest)) = self.value(bytes, depth)? {
            children.push(child);
            bytes = rest;
        }

        Ok((children, bytes.get(2..).ok_or(Malformed)?))
    }
}

/// All universal types but SEQUENCE, SET, EXTERNAL and EMBEDDED PDV are made of octets.
fn is_string_in_pieces(tag: u8) -> bool {
    let number = tag & NUMBER;

    tag & CLASS == 0 && tag & CONSTRUCTED != 0 && !matches!(number, 0x08 | 0x0b | 0x10 | 0x11)
}

fn nested(tag: u8, children: Vec<Node<'_>>, in_pieces: bool) -> Result<Node<'_>, Malformed> {
    if !in_pieces {
        let length = children.iter().map(Node::size).sum();
        return Ok(Node::Nested { tag, children, length });
    }
    let tag = tag & !CONSTRUCTED;
    let (mut pieces, mut unused) = (Vec::new(), (tag == BIT_STRING).then_some(0));
    for child in children {
        let (bits, inner) = match child {
            Node::AsFound(whole) => {
                let (found, _, content) = header(whole)?;
                let (bits, content) = match content {
                    [bits, content @ ..] if tag == BIT_STRING => (Some(*bits), content),
                    [] if tag == BIT_STRING => return Err(Malformed),
                    content => (None, content),
                };
                (bits, (found == tag).then_some(vec![content]).ok_or(Malformed)?)
            }
            Node::Joined { tag: found, unused, pieces, .. } => {
                (unused, (found == tag).then_some(pieces).ok_or(Malformed)?)
            }
            Node::Nested { .. } => return Err(Malformed),
        };
        // Only the last piece may end within an octet.
        if unused.is_some_and(|unused| unused != 0) {
            return Err(Malformed);
        }
        unused = bits;
        pieces.extend(inner);
    }
    let length = pieces.iter().map(|piece| piece.len()).sum::<usize>();
    let length = length + usize::from(unused.is_some());

    Ok(Node::Joined { tag, unused, pieces, length })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ber: &[u8], der: &[u8]) {
        assert_eq!(normalise(ber).as_deref(), Ok(der));
    }

    #[test]
    fn der_stays_as_it_is() {
        for der in [&b"\x05\x00"[..], b"\x30\x03\x02\x01\x05", b"\x30\x81\x03\x02\x01\x05"] {
            assert!(matches!(normalise(der), Ok(Cow::Borrowed(same)) if same == der));
        }
    }

    #[test]
    fn lengths_become_definite() {
        check(b"\x30\x80\x02\x01\x05\x00\x00", b"\x30\x03\x02\x01\x05");
        check(b"\x30\x80\xa0\x80\x05\x00\x00\x00\x00\x00", b"\x30\x04\xa0\x02\x05\x00");
        // The outer length is definite, and is another after the change inside.
        check(b"\x30\x06\x30\x80\x05\x00\x00\x00", b"\x30\x04\x30\x02\x05\x00");
        let mut long = b"\x30\x80\x04\x82\x01\x00".to_vec();
        long.extend([7; 256]);
        long.extend([0, 0]);
        let mut expected = b"\x30\x82\x01\x04\x04\x82\x01\x00".to_vec();
        expected.extend([7; 256]);
        check(&long, &expected);
    }

    #[test]
    fn strings_become_whole() {
        check(b"\x24\x80\x04\x01a\x04\x02bc\x00\x00", b"\x04\x03abc");
        check(b"\x24\x06\x04\x01a\x04\x01b", b"\x04\x02ab");
        check(b"\x24\x80\x24\x80\x04\x01a\x00\x00\x04\x01b\x00\x00", b"\x04\x02ab");
        check(b"\x24\x80\x00\x00", b"\x04\x00");
        check(b"\x23\x08\x03\x02\x00\xff\x03\x02\x04\xf0", b"\x03\x03\x04\xff\xf0");
        // What is inside a whole string is not looked at.
        check(b"\x30\x80\x04\x02\x30\x80\x00\x00", b"\x30\x04\x04\x02\x30\x80");
    }

    #[test]
    fn what_is_no_ber_is_refused() {
        for junk in [
            &b""[..],
            b"\x30",
            b"\x30\x80",
            b"\x30\x05\x02\x01\x05",
            b"\x05\x00\x05\x00",
            b"\x00\x00",
            b"\x04\x80\x00\x00",
            b"\x1f\x81\x01\x00",
            b"\x24\x80\x02\x01\x05\x00\x00",
            b"\x24\x80\x30\x00\x00\x00",
            b"\x23\x08\x03\x02\x04\xf0\x03\x02\x00\xff",
            b"\x30\x89\x01\x01\x01\x01\x01\x01\x01\x01\x01",
            b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            assert_eq!(normalise(junk), Err(Malformed), "{junk:?}");
        }
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let deep = [[0x30, 0x80].repeat(60), [0, 0].repeat(60)].concat();
        assert_eq!(normalise(&deep), Err(Malformed));
        let many = [b"\x30\x80".to_vec(), [5, 0].repeat(MAX_VALUES), vec![0, 0]].concat();
        assert_eq!(normalise(&many), Err(Malformed));
    }
}
