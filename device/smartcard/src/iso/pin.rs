//! How an ISO 7816-15 card takes its PIN (ISO/IEC 7816-15 §8.9.2), and what it answers.

use super::objects::Path;
use crate::apdu::{Channel, Command};
use crate::{Error, PinState};
use zeroize::Zeroizing;

/// The longest PIN that is sent, in octets.
const LONGEST: usize = 64;

/// What a card says of a PIN (`PinAttributes`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PinObject {
    /// The name that is shown.
    pub label: String,
    /// By what keys name it.
    pub auth_id: Option<Vec<u8>>,
    /// How it is written.
    pub format: PinFormat,
    /// The least characters.
    pub min: usize,
    /// The octets on the card, to which it is filled up.
    pub stored: usize,
    /// The most characters, where that is not said by the octets.
    pub max: Option<usize>,
    /// The number by which commands name it.
    pub reference: u8,
    /// With what it is filled up.
    pub pad: Option<u8>,
    /// Whether it is filled up.
    pub pads: bool,
    /// Whether it is the PIN of a person, not one that unblocks or administers.
    pub guards_user: bool,
    /// The directory that is selected before it is told.
    pub path: Option<Path>,
}

/// How a PIN is written (`PinType`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PinFormat {
    /// Two digits in each octet.
    Bcd,
    /// Digits.
    AsciiNumeric,
    /// Characters.
    Utf8,
    /// A digit in the lower half of each octet, ones above it.
    HalfNibbleBcd,
    /// The format 2 of ISO 9564-1: length and digits in eight octets.
    Iso9564,
}

impl PinObject {
    /// Writes a PIN as the card takes it; `None` if it is not one for this card, which costs no try.
    pub fn encode(&self, pin: &str) -> Option<Zeroizing<Vec<u8>>> {
        let digits = || pin.bytes().map(|octet| octet & 0x0f);
        let numeric = match self.format {
            PinFormat::Bcd
            | PinFormat::AsciiNumeric
            | PinFormat::HalfNibbleBcd
            | PinFormat::Iso9564 => true,
            PinFormat::Utf8 => false,
        };
        if pin.is_empty() || pin.len() > LONGEST || pin.len() < self.min {
            return None;
        }
        if numeric && !pin.bytes().all(|octet| octet.is_ascii_digit()) {
            return None;
        }
        let pad = self.pad.unwrap_or(0xff);
        let mut octets = Zeroizing::new(Vec::with_capacity(LONGEST));
        match self.format {
            PinFormat::AsciiNumeric | PinFormat::Utf8 => octets.extend_from_slice(pin.as_bytes()),
            PinFormat::HalfNibbleBcd => octets.extend(digits().map(|digit| 0xf0 | digit)),
            PinFormat::Bcd => pack(&mut octets, digits(), pad & 0x0f),
            PinFormat::Iso9564 => {
                octets.push(0x20 | u8::try_from(pin.len()).ok().filter(|length| *length <= 12)?);
                pack(&mut octets, digits(), 0x0f);
                octets.resize(8, 0xff);
                return Some(octets);
            }
        }
        let most = if self.stored == 0 { LONGEST } else { self.stored.min(LONGEST) };
        if octets.len() > most || self.max.is_some_and(|max| max > 0 && pin.len() > max) {
            return None;
        }
        if self.pads && octets.len() < self.stored {
            octets.resize(most, pad);
        }

        Some(octets)
    }

    /// Asks how the PIN stands, with a command without a PIN; this uses no try.
    pub(crate) fn state(&self, card: &dyn Channel) -> Result<PinState, Error> {
        let status = card.send(&self.command(b""))?.status;

        Ok(match status {
            0x9000 => PinState::Verified,
            0x6983 | 0x63c0 => PinState::Blocked,
            0x63c1..=0x63cf => PinState::Tries(status.to_be_bytes()[1] & 0x0f),
            _ => PinState::Unknown,
        })
    }

    /// Tells the card the PIN, written as it takes it.
    pub(crate) fn verify(&self, card: &dyn Channel, pin: &[u8]) -> Result<(), Error> {
        let answer = card.send(&self.command(pin))?;
        match answer.status {
            0x6983 | 0x6984 | 0x63c0 => Err(Error::Blocked),
            status @ 0x63c1..=0x63cf => {
                Err(Error::WrongPin { left: status.to_be_bytes()[1] & 0x0f })
            }
            0x6300 => Err(Error::WrongPinUncounted),
            0x6700 | 0x6a80 => Err(Error::UnfitPin),
            _ => answer.done().map(|_| ()),
        }
    }

    fn command<'a>(&self, data: &'a [u8]) -> Command<'a> {
        Command { instruction: 0x20, parameters: [0x00, self.reference], data, asks: false }
    }
}

fn pack(octets: &mut Vec<u8>, digits: impl Iterator<Item = u8>, fill: u8) {
    let mut first = None;
    for digit in digits {
        match first.take() {
            Some(high) => octets.push(high << 4 | digit),
            None => first = Some(digit),
        }
    }
    octets.extend(first.map(|high| high << 4 | fill));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(format: PinFormat, stored: usize, pad: Option<u8>) -> PinObject {
        PinObject {
            label: String::new(),
            auth_id: None,
            format,
            min: 4,
            stored,
            max: None,
            reference: 1,
            pad,
            pads: pad.is_some(),
            guards_user: true,
            path: None,
        }
    }

    #[test]
    fn a_pin_is_written_as_the_card_says() {
        #[track_caller]
        fn check(format: PinFormat, stored: usize, pad: Option<u8>, text: &str, octets: &[u8]) {
            let encoded = pin(format, stored, pad).encode(text);
            assert_eq!(encoded.as_deref().map(Vec::as_slice), Some(octets));
        }

        check(PinFormat::AsciiNumeric, 8, None, "12345", b"12345");
        check(PinFormat::AsciiNumeric, 8, Some(0), "12345", b"12345\0\0\0");
        check(PinFormat::Utf8, 8, Some(0xff), "äbc", &[0xc3, 0xa4, b'b', b'c', 255, 255, 255, 255]);
        check(PinFormat::Utf8, 0, Some(0xff), "abcd", b"abcd");
        check(PinFormat::Bcd, 4, Some(0xff), "12345", &[0x12, 0x34, 0x5f, 0xff]);
        check(PinFormat::HalfNibbleBcd, 6, None, "1234", &[0xf1, 0xf2, 0xf3, 0xf4]);
        let block = [0x25, 0x12, 0x34, 0x5f, 0xff, 0xff, 0xff, 0xff];
        check(PinFormat::Iso9564, 8, None, "12345", &block);
    }

    #[test]
    fn what_cannot_be_a_pin_is_not_sent() {
        let ascii = pin(PinFormat::AsciiNumeric, 8, Some(0));
        for unfit in ["", "123", "123456789", "12e45", "1234ü"] {
            assert_eq!(ascii.encode(unfit), None, "{unfit}");
        }
        let most = PinObject { max: Some(6), ..ascii };
        assert!(most.encode("123456").is_some() && most.encode("1234567").is_none());
        assert_eq!(pin(PinFormat::Iso9564, 8, None).encode("1234567890123"), None);
        assert_eq!(pin(PinFormat::Bcd, 2, None).encode("12345"), None);
        assert_eq!(pin(PinFormat::Utf8, 0, None).encode(&"x".repeat(65)), None);
    }
}
