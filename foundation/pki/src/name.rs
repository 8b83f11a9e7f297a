//! Distinguished names as they are compared (RFC 5280 §7.1).

use crate::asn1::all;
use const_oid::db::rfc3280;
use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode as _, Error, ErrorKind, Reader, SliceReader, Tag, Tagged as _};

/// A distinguished name in the form in which two names are the same or not: texts of every encoding
/// as Unicode, lower case, without spaces at the ends and with single ones in between.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct DistinguishedName(Vec<RelativeName>);

/// The parts of one relative name, sorted, because their order means nothing.
type RelativeName = Vec<(ObjectIdentifier, Value)>;

#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Value {
    Text(String),
    Other(Tag, Vec<u8>),
}

impl DistinguishedName {
    /// Reads a DER `Name`.
    ///
    /// # Errors
    ///
    /// An error if it is no name, or if a text in it cannot be read: who cannot be compared cannot
    /// be kept out either.
    pub(crate) fn read(name: &[u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(name)?;
        let parts =
            reader.sequence(|reader| all(reader, |reader| relative(reader.tlv_bytes()?)))?;
        reader.finish()?;

        Ok(Self(parts))
    }

    /// Adds a relative name, given as a DER `RelativeDistinguishedName`.
    pub(crate) fn with(&self, part: &[u8]) -> der::Result<Self> {
        let mut parts = self.0.clone();
        parts.push(relative(part)?);

        Ok(Self(parts))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether the name lies in the subtree below `base`, or is `base`.
    pub(crate) fn is_within(&self, base: &Self) -> bool {
        self.0.starts_with(&base.0)
    }

    /// The mail addresses in it, as the deprecated attribute of PKCS #9, lower case.
    pub(crate) fn emails(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flatten().filter_map(|(oid, value)| match value {
            Value::Text(text) if *oid == rfc3280::EMAIL_ADDRESS => Some(text.as_str()),
            Value::Text(_) | Value::Other(..) => None,
        })
    }
}

fn relative(set: &[u8]) -> der::Result<RelativeName> {
    let set = AnyRef::from_der(set)?;
    set.tag().assert_eq(Tag::Set)?;
    let mut reader = SliceReader::new(set.value())?;
    let mut parts = all(&mut reader, |reader| {
        reader.sequence(|reader| {
            let oid = ObjectIdentifier::decode(reader)?;
            let value = AnyRef::decode(reader)?;
            Ok::<_, Error>((oid, comparable(value)?))
        })
    })?;
    parts.sort();

    Ok(parts)
}

fn comparable(value: AnyRef<'_>) -> der::Result<Value> {
    const UTF8: [Tag; 5] = [
        Tag::Ia5String,
        Tag::NumericString,
        Tag::PrintableString,
        Tag::Utf8String,
        Tag::VisibleString,
    ];
    let (tag, bytes) = (value.tag(), value.value());
    let broken = || Error::from(ErrorKind::Value { tag });
    let text: String = if UTF8.contains(&tag) {
        std::str::from_utf8(bytes).map_err(|_| broken())?.to_owned()
    } else if tag == Tag::TeletexString {
        // Nobody ever wrote anything else in it than Latin-1.
        bytes.iter().copied().map(char::from).collect()
    } else if tag == Tag::BmpString {
        let (units, rest) = bytes.as_chunks::<2>();
        let text = char::decode_utf16(units.iter().copied().map(u16::from_be_bytes));
        let text = text.collect::<Result<_, _>>().ok().filter(|_| rest.is_empty());
        text.ok_or_else(broken)?
    } else {
        return Ok(Value::Other(tag, bytes.to_vec()));
    };

    Ok(Value::Text(folded(&text)))
}

fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }

    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name of one common name, of the string type with this tag.
    fn name(tag: u8, text: &[u8]) -> DistinguishedName {
        let sized =
            |tag: u8, inner: &[u8]| [&[tag, u8::try_from(inner.len()).unwrap()], inner].concat();
        let part = [&[6, 3, 0x55, 4, 3][..], &sized(tag, text)].concat();
        let der = sized(0x30, &sized(0x31, &sized(0x30, &part)));

        DistinguishedName::read(&der).unwrap()
    }

    #[test]
    fn names_are_the_same_whatever_their_case_spaces_and_encoding() {
        let plain = name(0x0c, "größe ag".as_bytes());

        assert_eq!(name(0x0c, "  GRÖßE   AG ".as_bytes()), plain);
        assert_eq!(name(0x14, b"Gr\xf6\xdfe AG"), plain);
        assert_eq!(name(0x1e, b"\0G\0r\0\xf6\0\xdf\0e\0 \0A\0G"), plain);
        assert_ne!(name(0x13, b"grosse ag"), plain);
        assert_ne!(name(0x0c, "größeag".as_bytes()), plain);
    }

    #[test]
    fn a_name_is_within_its_beginnings_only() {
        let base = name(0x0c, b"a");
        let part = [0x31, 0x0c, 0x30, 0x0a, 6, 3, 0x55, 4, 10, 0x0c, 3, b'O', b'r', b'g'];
        let longer = base.with(&part).unwrap();

        assert!(longer.is_within(&base) && longer.is_within(&longer));
        assert!(base.is_within(&DistinguishedName::default()));
        assert!(!base.is_within(&longer));
        assert!(!name(0x0c, b"ab").is_within(&base));
    }

    #[test]
    fn a_text_that_is_none_is_no_name() {
        let der = [0x30, 0x0e, 0x31, 0x0c, 0x30, 0x0a, 6, 3, 0x55, 4, 3, 0x0c, 3, 0xff, 0xff, 0xff];

        assert!(DistinguishedName::read(&der).is_err());
    }
}
