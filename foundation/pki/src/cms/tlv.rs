//! Values of a normalised message, read in place and written.

use super::{Malformed, ber};
use der::asn1::ObjectIdentifier;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// Returns the constructed context-specific tag of a number below 31.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// Returns the primitive context-specific tag of a number below 31.
pub(super) const fn primitive(number: u8) -> u8 {
    0x80 | number
}

/// One value, in the bytes it was read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// Header and content.
    pub(super) whole: &'a [u8],
}

impl<'a> Value<'a> {
    /// Reads the values inside.
    pub(super) fn values(self) -> Values<'a> {
        Values(self.content)
    }

    /// Takes an OCTET STRING below an implicit tag, which may have come in pieces.
    pub(super) fn octets(self) -> Result<Vec<&'a [u8]>, Malformed> {
        if self.tag & 0x20 == 0 {
            return Ok(vec![self.content]);
        }
        let (mut values, mut pieces) = (self.values(), Vec::new());
        while !values.is_empty() {
            pieces.push(values.take(OCTET_STRING)?.content);
        }

        Ok(pieces)
    }

    pub(super) fn oid(self) -> Result<ObjectIdentifier, Malformed> {
        if self.tag != OID {
            return Err(Malformed);
        }

        ObjectIdentifier::from_bytes(self.content).map_err(|_| Malformed)
    }

    /// Reads an INTEGER from 0 to 65535.
    pub(super) fn small(self) -> Result<u16, Malformed> {
        if self.tag != INTEGER {
            return Err(Malformed);
        }
        match self.content {
            [low] if *low < 0x80 => Ok(u16::from(*low)),
            [high, low] | [0, high, low] if *high < 0x80 || self.content.len() == 3 => {
                Ok(u16::from_be_bytes([*high, *low]))
            }
            _ => Err(Malformed),
        }
    }
}

/// Values one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a>(&'a [u8]);

impl<'a> Values<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Reads the next value, whatever it is.
    pub(super) fn any(&mut self) -> Result<Value<'a>, Malformed> {
        let (tag, length, rest) = ber::header(self.0)?;
        let length = length.ok_or(Malformed)?;
        let (content, rest) = rest.split_at_checked(length).ok_or(Malformed)?;
        let whole = self.0.get(..self.0.len() - rest.len()).ok_or(Malformed)?;
        self.0 = rest;

        Ok(Value { tag, content, whole })
    }

    /// Reads the next value, which must have this tag.
    pub(super) fn take(&mut self, tag: u8) -> Result<Value<'a>, Malformed> {
        self.optional(tag)?.ok_or(Malformed)
    }

    /// Reads the next value if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Value<'a>>, Malformed> {
        if self.0.first() != Some(&tag) {
            return Ok(None);
        }

        self.any().map(Some)
    }

    /// Reads what is left.
    pub(super) fn all(mut self) -> Result<Vec<Value<'a>>, Malformed> {
        let mut values = Vec::new();
        while !self.is_empty() {
            values.push(self.any()?);
        }

        Ok(values)
    }

    /// Makes sure that nothing is left.
    pub(super) fn end(self) -> Result<(), Malformed> {
        if self.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

/// An `AlgorithmIdentifier` (RFC 5280 §4.1.1.2), in the bytes it was read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Algorithm<'a> {
    pub(super) oid: ObjectIdentifier,
    pub(super) parameters: Option<Value<'a>>,
    pub(super) whole: &'a [u8],
}

impl<'a> Algorithm<'a> {
    pub(super) fn read(value: Value<'a>) -> Result<Self, Malformed> {
        if value.tag != SEQUENCE {
            return Err(Malformed);
        }
        let mut values = value.values();
        let oid = values.any()?.oid()?;
        let parameters = if values.is_empty() { None } else { Some(values.any()?) };
        values.end()?;

        Ok(Self { oid, parameters, whole: value.whole })
    }

    /// Reads the parameters as an `AlgorithmIdentifier` of their own.
    pub(super) fn inner(&self) -> Result<Self, Malformed> {
        Self::read(self.parameters.ok_or(Malformed)?)
    }
}

/// Writes one value made of `parts`.
pub(super) fn write(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum();
    let mut der = Vec::with_capacity(length + 10);
    ber::write_header(tag, length, &mut der);
    parts.iter().for_each(|part| der.extend_from_slice(part));

    der
}

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    write(SEQUENCE, parts)
}

/// Writes a SET OF, whose values DER wants in the order of their bytes (X.690 §11.6).
pub(super) fn set_of(tag: u8, mut values: Vec<Vec<u8>>) -> Vec<u8> {
    values.sort();
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();

    write(tag, &values)
}

pub(super) fn oid(oid: ObjectIdentifier) -> Vec<u8> {
    write(OID, &[oid.as_bytes()])
}

pub(super) fn octet_string(octets: &[u8]) -> Vec<u8> {
    write(OCTET_STRING, &[octets])
}

/// Writes an INTEGER from 0 to 127.
pub(super) fn integer(number: u8) -> Vec<u8> {
    write(INTEGER, &[&[number]])
}

/// Writes an algorithm without parameters.
pub(super) fn algorithm(identifier: ObjectIdentifier) -> Vec<u8> {
    sequence(&[&oid(identifier)])
}

/// Writes an algorithm whose parameters are NULL.
pub(super) fn algorithm_null(identifier: ObjectIdentifier) -> Vec<u8> {
    sequence(&[&oid(identifier), &[5, 0]])
}
