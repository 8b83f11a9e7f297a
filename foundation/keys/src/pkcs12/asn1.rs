//! The steps through DER that reading needs; whatever does not fit is damage.

use super::OpenError;
use crate::ber;
use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode as _, Reader as _, SliceReader, Tag, TagNumber};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// An `AlgorithmIdentifier` (RFC 5280 §4.1.1.2).
#[derive(Clone, Copy)]
pub(super) struct Algorithm<'a> {
    pub(super) oid: ObjectIdentifier,
    pub(super) parameters: Option<AnyRef<'a>>,
}

impl<'a> Algorithm<'a> {
    pub(super) fn read(value: AnyRef<'a>) -> Result<Self, OpenError> {
        let members = sequence(value)?;
        let (name, rest) = members.split_first().ok_or(OpenError::Damaged)?;

        Ok(Self { oid: oid(*name)?, parameters: rest.first().copied() })
    }

    /// Returns the members of the parameters, which have to be a SEQUENCE.
    pub(super) fn members(&self) -> Result<Vec<AnyRef<'a>>, OpenError> {
        sequence(self.parameters.ok_or(OpenError::Damaged)?)
    }

    pub(super) fn unsupported(&self) -> OpenError {
        OpenError::UnsupportedAlgorithm { oid: self.oid.to_string() }
    }
}

/// Brings one value, with nothing behind it, into the form of DER.
pub(super) fn normalise(ber: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let (der, rest) = ber::to_der(ber).map_err(damaged)?;
    let der = Zeroizing::new(der);

    if rest.is_empty() { Ok(der) } else { Err(OpenError::Damaged) }
}

pub(super) fn value(der: &[u8]) -> Result<AnyRef<'_>, OpenError> {
    AnyRef::from_der(der).map_err(damaged)
}

/// Splits the content of a SEQUENCE or SET.
pub(super) fn members(content: &[u8]) -> Result<Vec<AnyRef<'_>>, OpenError> {
    let mut reader = SliceReader::new(content).map_err(damaged)?;
    let mut members = Vec::new();
    while !reader.is_finished() {
        members.push(reader.decode().map_err(damaged)?);
    }

    Ok(members)
}

pub(super) fn sequence(value: AnyRef<'_>) -> Result<Vec<AnyRef<'_>>, OpenError> {
    members(content(value, Tag::Sequence)?)
}

pub(super) fn set(value: AnyRef<'_>) -> Result<Vec<AnyRef<'_>>, OpenError> {
    members(content(value, Tag::Set)?)
}

pub(super) fn octets(value: AnyRef<'_>) -> Result<&[u8], OpenError> {
    content(value, Tag::OctetString)
}

pub(super) fn oid(value: AnyRef<'_>) -> Result<ObjectIdentifier, OpenError> {
    ObjectIdentifier::from_bytes(content(value, Tag::ObjectIdentifier)?).map_err(damaged)
}

/// Returns the encoding inside of `[0] EXPLICIT`.
pub(super) fn explicit(value: AnyRef<'_>) -> Result<&[u8], OpenError> {
    content(value, zero(true))
}

/// Returns the content of `[0] IMPLICIT OCTET STRING`, whole or in pieces.
pub(super) fn implicit_octets(value: AnyRef<'_>) -> Result<Cow<'_, [u8]>, OpenError> {
    if is(value, zero(false)) {
        return Ok(Cow::Borrowed(value.value()));
    }

    ber::join_octets(explicit(value)?).map(Cow::Owned).map_err(damaged)
}

/// Reads an INTEGER of 1 or more; huge ones saturate.
pub(super) fn count(value: AnyRef<'_>) -> Result<u64, OpenError> {
    let bytes = content(value, Tag::Integer)?;
    if bytes.first().is_none_or(|first| *first >= 0x80) {
        return Err(OpenError::Damaged);
    }
    let count = bytes.iter().fold(0_u64, |sum, byte| match sum.checked_mul(256) {
        Some(sum) => sum.saturating_add(u64::from(*byte)),
        None => u64::MAX,
    });

    if count == 0 { Err(OpenError::Damaged) } else { Ok(count) }
}

pub(super) fn is(value: AnyRef<'_>, tag: Tag) -> bool {
    value.header().tag() == tag
}

pub(super) fn damaged<E>(_: E) -> OpenError {
    OpenError::Damaged
}

fn content(value: AnyRef<'_>, tag: Tag) -> Result<&[u8], OpenError> {
    if is(value, tag) { Ok(value.value()) } else { Err(OpenError::Damaged) }
}

fn zero(constructed: bool) -> Tag {
    Tag::ContextSpecific { constructed, number: TagNumber(0) }
}
