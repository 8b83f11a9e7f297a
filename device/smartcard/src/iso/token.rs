//! What the files of an ISO 7816-15 card say of the token and of the card's applications. Pure: bytes in,
//! facts out.

use super::objects::{
    self, BIT_STRING, INTEGER, OCTET_STRING, Path, SEQUENCE, UTF8_STRING, bits, label, number,
};
use crate::tlv::Elements;

/// What a token says of itself (EF.CIAInfo, once EF.TokenInfo).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TokenObject {
    /// The name that is shown.
    pub label: String,
    /// What it computes.
    pub algorithms: Vec<AlgorithmObject>,
}

/// An algorithm of a token (`AlgorithmInfo`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AlgorithmObject {
    /// By what keys name it.
    pub reference: u16,
    /// Its number as a mechanism of PKCS #11.
    pub mechanism: u16,
    /// Whether it signs.
    pub signs: bool,
    /// Whether it deciphers.
    pub deciphers: bool,
    /// By what commands name it.
    pub command: Option<u8>,
}

impl TokenObject {
    /// Reads the file; what is not there stays empty.
    pub fn read(file: &[u8]) -> Self {
        let Some((SEQUENCE, value)) = Elements::of(file).next() else { return Self::default() };
        let mut parts = Elements::of(value);
        parts.next_if(INTEGER);
        parts.next_if(OCTET_STRING);
        parts.next_if(UTF8_STRING);
        let label = parts.next_if(0x80).map(label).unwrap_or_default();
        parts.next_if(BIT_STRING);
        parts.next_if(SEQUENCE);
        parts.next_if(0xa1);
        let algorithms = Elements::of(parts.next_if(0xa2).unwrap_or_default());

        Self {
            label,
            algorithms: algorithms
                .filter(|(tag, _)| *tag == SEQUENCE)
                .filter_map(|(_, value)| AlgorithmObject::read(value))
                .collect(),
        }
    }
}

impl AlgorithmObject {
    fn read(value: &[u8]) -> Option<Self> {
        let mut parts = Elements::of(value);
        let reference = parts.next_if(INTEGER).and_then(number)?;
        let mechanism = parts.next_if(INTEGER).and_then(number)?;
        // The parameters, of any type; `NULL` most often.
        parts.next();
        let operations = bits(parts.next_if(BIT_STRING)?);
        let (signs, deciphers) = (operations(1), operations(5));
        parts.next_if(0x06);
        let command = parts.next_if(INTEGER).and_then(objects::reference);

        Some(Self { reference, mechanism, signs, deciphers, command })
    }
}

/// An application of the card (EF.DIR).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApplicationTemplate {
    /// Its name.
    pub name: Vec<u8>,
    /// Where its files are.
    pub path: Option<Path>,
}

impl ApplicationTemplate {
    /// Reads the file, or its records in a row.
    pub fn all(file: &[u8]) -> Vec<Self> {
        let read = |value: &[u8]| {
            let field = |wanted| Elements::of(value).find(|(tag, _)| *tag == wanted);
            let (_, name) = field(0x4f)?;
            let path = field(0x51).and_then(|(_, path)| Path::of(path));

            Some(Self { name: name.to_vec(), path: path.filter(|path| !path.file.is_empty()) })
        };

        Elements::of(file).filter(|(tag, _)| *tag == 0x61).filter_map(|(_, v)| read(v)).collect()
    }
}
