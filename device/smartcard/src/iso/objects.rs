//! What the files of an ISO 7816-15 card say of its keys, certificates and PINs (ISO/IEC 7816-15 §8;
//! PKCS #15 v1.1 §6). Pure: bytes in, facts out.

use super::pin::{PinFormat, PinObject};
use crate::tlv::Elements;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const UTF8_STRING: u8 = 0x0c;
const ENUMERATED: u8 = 0x0a;
pub(super) const SEQUENCE: u8 = 0x30;

/// The longest path that is followed, in octets: eight files deep.
const LONGEST_PATH: usize = 16;

/// The longest label that is kept, in characters.
const LONGEST_LABEL: usize = 128;

/// Where a file is: identifiers of two octets each, from the master file (3F00) or from the application.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Path {
    /// The identifiers in a row.
    pub file: Vec<u8>,
    /// Where in the file the object begins, and how long it is; nothing means all of it.
    pub range: Option<(u16, u16)>,
}

impl Path {
    pub(crate) fn of(file: &[u8]) -> Option<Self> {
        let fits = file.len().is_multiple_of(2) && file.len() <= LONGEST_PATH;

        fits.then(|| Self { file: file.to_vec(), range: None })
    }

    /// Reads what a `Path` holds.
    fn read(value: &[u8]) -> Option<Self> {
        let mut elements = Elements::of(value);
        let path = Self::of(elements.next_if(OCTET_STRING)?)?;
        let range =
            elements.next_if(INTEGER).and_then(number).zip(elements.next_if(0x80).and_then(number));

        Some(Self { range, ..path })
    }
}

/// Where objects, or the value of one, are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// In a file.
    File(Path),
    /// Here.
    Here(Vec<u8>),
}

/// The directory of the objects (EF.ODF).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Objects {
    /// Of the private keys.
    pub private_keys: Vec<Source>,
    /// Of the certificates that belong to them.
    pub certificates: Vec<Source>,
    /// Of the PINs.
    pub pins: Vec<Source>,
}

impl Objects {
    /// Reads EF.ODF. What is not needed is passed over.
    pub fn read(file: &[u8]) -> Self {
        let mut objects = Self::default();
        for (tag, value) in Elements::of(file) {
            let source = match Elements::of(value).next() {
                Some((SEQUENCE, path)) => Path::read(path).map(Source::File),
                Some((0xa0, row)) => Some(Source::Here(row.to_vec())),
                Some(_) | None => None,
            };
            match tag {
                0xa0 => objects.private_keys.extend(source),
                0xa4 => objects.certificates.extend(source),
                0xa8 => objects.pins.extend(source),
                _ => {}
            }
        }

        objects
    }
}

/// What a key may be used for (`KeyUsageFlags`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Usage {
    /// It decrypts, unwraps, or agrees on secrets.
    pub decrypts: bool,
    /// It signs, for whatever purpose.
    pub signs: bool,
}

/// Of which kind a key is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyType {
    /// On a curve.
    Ec,
    /// RSA.
    Rsa,
}

/// A private key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PrivateKeyObject {
    /// The name that is shown.
    pub label: String,
    /// The identifier, which the certificate has too.
    pub id: Vec<u8>,
    /// The PIN that guards it.
    pub auth_id: Option<Vec<u8>>,
    /// What it may be used for.
    pub usage: Usage,
    /// Its kind.
    pub kind: KeyType,
    /// The number by which commands name it.
    pub reference: Option<u8>,
    /// The file that is selected before it is used.
    pub path: Option<Path>,
    /// Which of the token's algorithms it works with, by their reference; none says nothing.
    pub algorithms: Vec<u16>,
}

impl PrivateKeyObject {
    /// Reads the objects of a file (EF.PrKD). What cannot be read is passed over.
    pub fn all(file: &[u8]) -> Vec<Self> {
        Elements::of(file).filter_map(|(tag, value)| Self::read(tag, value)).collect()
    }

    fn read(tag: u8, value: &[u8]) -> Option<Self> {
        let kind = match tag {
            SEQUENCE => KeyType::Rsa,
            0xa0 => KeyType::Ec,
            _ => return None,
        };
        let mut parts = Elements::of(value);
        let (label, auth_id) = common(parts.next_if(SEQUENCE)?);
        let mut key = Elements::of(parts.next_if(SEQUENCE)?);
        let id = key.next_if(OCTET_STRING)?.to_vec();
        let usage = bits(key.next_if(BIT_STRING)?);
        let usage = Usage {
            decrypts: [1, 5, 8].iter().any(|bit| usage(*bit)),
            signs: [2, 3, 9].iter().any(|bit| usage(*bit)),
        };
        // Whether the key was made elsewhere, and how it may be read, tells nothing here.
        key.next_if(0x01);
        key.next_if(BIT_STRING);
        let reference = key.next_if(INTEGER).and_then(reference);
        key.next_if(0x18);
        key.next_if(0x80);
        let algorithms = key.next_if(0xa1).map(references).unwrap_or_default();
        parts.next_if(0xa0);
        let path = match value_of(parts.next_if(0xa1)?) {
            Some(Source::File(path)) => Some(path).filter(|path| !path.file.is_empty()),
            Some(Source::Here(_)) | None => None,
        };

        Some(Self { label, id, auth_id, usage, kind, reference, path, algorithms })
    }
}

/// A certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateObject {
    /// The name that is shown.
    pub label: String,
    /// The identifier of the key that it is for.
    pub id: Vec<u8>,
    /// Where it is.
    pub value: Source,
}

impl CertificateObject {
    /// Reads the objects of a file (EF.CD): X.509 certificates alone.
    pub fn all(file: &[u8]) -> Vec<Self> {
        let objects = Elements::of(file).filter(|(tag, _)| *tag == SEQUENCE);

        objects.filter_map(|(_, value)| Self::read(value)).collect()
    }

    fn read(value: &[u8]) -> Option<Self> {
        let mut parts = Elements::of(value);
        let (label, _) = common(parts.next_if(SEQUENCE)?);
        let id = Elements::of(parts.next_if(SEQUENCE)?).next_if(OCTET_STRING)?.to_vec();
        parts.next_if(0xa0);
        let value = value_of(parts.next_if(0xa1)?)?;

        Some(Self { label, id, value })
    }
}

impl PinObject {
    /// Reads the objects of a file (EF.AOD): PINs alone.
    pub fn all(file: &[u8]) -> Vec<Self> {
        let objects = Elements::of(file).filter(|(tag, _)| *tag == SEQUENCE);

        objects.filter_map(|(_, value)| Self::read(value)).collect()
    }

    fn read(value: &[u8]) -> Option<Self> {
        let mut parts = Elements::of(value);
        let (label, _) = common(parts.next_if(SEQUENCE)?);
        let auth_id =
            Elements::of(parts.next_if(SEQUENCE)?).next_if(OCTET_STRING).map(<[u8]>::to_vec);
        parts.next_if(0xa0);
        let mut pin = Elements::of(Elements::of(parts.next_if(0xa1)?).next_if(SEQUENCE)?);
        let flags = bits(pin.next_if(BIT_STRING)?);
        let format = match pin.next_if(ENUMERATED).and_then(number)? {
            0 => PinFormat::Bcd,
            1 => PinFormat::AsciiNumeric,
            2 => PinFormat::Utf8,
            3 => PinFormat::HalfNibbleBcd,
            4 => PinFormat::Iso9564,
            _ => return None,
        };
        let min = pin.next_if(INTEGER).and_then(number)?;
        let stored = pin.next_if(INTEGER).and_then(number)?;
        let max = pin.next_if(INTEGER).and_then(number);
        let reference = pin.next_if(0x80).map_or(Some(0), reference)?;
        let pad = pin.next_if(OCTET_STRING).and_then(|pad| pad.first().copied());
        pin.next_if(0x18);
        let path = pin.next_if(SEQUENCE).and_then(Path::read).filter(|path| !path.file.is_empty());

        Some(Self {
            label,
            auth_id,
            format,
            min: min.into(),
            stored: stored.into(),
            max: max.map(usize::from),
            reference,
            pad,
            pads: flags(5),
            guards_user: !flags(6) && !flags(7),
            path,
        })
    }
}

/// The label and the identifier of the PIN in `CommonObjectAttributes`.
fn common(value: &[u8]) -> (String, Option<Vec<u8>>) {
    let mut parts = Elements::of(value);
    let label = parts.next_if(UTF8_STRING).map(label).unwrap_or_default();
    parts.next_if(BIT_STRING);

    (label, parts.next_if(OCTET_STRING).map(<[u8]>::to_vec))
}

/// The `ObjectValue` at the beginning of the attributes of a type.
fn value_of(attributes: &[u8]) -> Option<Source> {
    let attributes = Elements::of(attributes).next_if(SEQUENCE)?;
    match Elements::of(attributes).next()? {
        (SEQUENCE, path) => Path::read(path).map(Source::File),
        (0xa0, value) => Some(Source::Here(value.to_vec())),
        _ => None,
    }
}

pub(super) fn label(value: &[u8]) -> String {
    String::from_utf8_lossy(value).trim().chars().take(LONGEST_LABEL).collect()
}

fn references(value: &[u8]) -> Vec<u16> {
    Elements::of(value).filter_map(|(tag, v)| (tag == INTEGER).then(|| number(v))?).collect()
}

/// A number that is not negative and has sixteen bits at most.
pub(super) fn number(value: &[u8]) -> Option<u16> {
    match value {
        [low] => Some(u16::from(*low)),
        [high, low] | [0, high, low] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

/// A number of one octet; some cards forget the zero before those from 80 on.
pub(super) fn reference(value: &[u8]) -> Option<u8> {
    match value {
        [octet] | [0, octet] => Some(*octet),
        _ => None,
    }
}

/// The bits of a BIT STRING by their number, as ASN.1 counts.
pub(super) fn bits(value: &[u8]) -> impl Fn(usize) -> bool {
    move |bit: usize| {
        value.get(1 + bit / 8).is_some_and(|octet| octet & (0x80_u8 >> (bit % 8)) != 0)
    }
}

#[cfg(test)]
mod tests;
