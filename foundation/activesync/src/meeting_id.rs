//! The id of a meeting in two forms: the bytes that mails to 14.1 carry, and the text that calendar items carry.

use data_encoding::{HEXUPPER, HEXUPPER_PERMISSIVE};
use time::{Date, Month};

/// What every id starts with.
const CLASS: [u8; 16] =
    [0x04, 0, 0, 0, 0x82, 0, 0xE0, 0, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 0x08];
/// What the data starts with if it holds an id that another program made.
const FOREIGN: [u8; 12] = *b"vCal-Uid\x01\0\0\0";

/// The id of a meeting as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GlobalObjectId {
    /// Day that the series gives to the occurrence; `None` for the whole meeting.
    pub instance: Option<Date>,
    /// When the meeting was made, in the form of Windows; zeros for a foreign id.
    pub created: [u8; 8],
    /// What tells the meeting from others.
    pub data: Vec<u8>,
}

impl GlobalObjectId {
    /// Reads the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&CLASS)?;
        let ([year_high, year_low, month, day], rest) = rest.split_first_chunk::<4>()?;
        let (created, rest) = rest.split_first_chunk::<8>()?;
        let (_, rest) = rest.split_first_chunk::<8>()?;
        let (length, data) = rest.split_first_chunk::<4>()?;
        let data = data.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        let year = i32::from(u16::from_be_bytes([*year_high, *year_low]));
        let instance = match (year, month, day) {
            (0, 0, 0) => None,
            _ => Some(Date::from_calendar_date(year, Month::try_from(*month).ok()?, *day).ok()?),
        };
        Some(Self { instance, created: *created, data: data.to_vec() })
    }

    /// Writes the bytes. Data above 32 bits cannot be written; it is cut.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = CLASS.to_vec();
        match self.instance {
            Some(date) => {
                bytes.extend(u16::try_from(date.year()).unwrap_or_default().to_be_bytes());
                bytes.extend([u8::from(date.month()), date.day()]);
            }
            None => bytes.extend([0; 4]),
        }
        bytes.extend(self.created);
        bytes.extend([0; 8]);
        let length = u32::try_from(self.data.len()).unwrap_or(u32::MAX);
        bytes.extend(length.to_le_bytes());
        bytes.extend(self.data.iter().take(usize::try_from(length).unwrap_or(usize::MAX)));
        bytes
    }

    /// Returns the id as calendar items carry it: the foreign id inside, else these bytes in upper-case hex, without the instance.
    pub fn uid(&self) -> String {
        if let Some(foreign) = self.data.strip_prefix(&FOREIGN) {
            let text = foreign.split(|byte| *byte == 0).next().unwrap_or_default();
            return String::from_utf8_lossy(text).into_owned();
        }
        HEXUPPER.encode(&Self { instance: None, ..self.clone() }.to_bytes())
    }

    /// Makes the bytes for the id of a calendar item.
    pub fn from_uid(uid: &str) -> Self {
        let own = HEXUPPER_PERMISSIVE.decode(uid.as_bytes()).ok();
        if let Some(own) = own.and_then(|bytes| Self::from_bytes(&bytes)) {
            return own;
        }
        let data = [&FOREIGN[..], uid.as_bytes(), &[0]].concat();
        Self { instance: None, created: [0; 8], data }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    #[test]
    fn ids_of_exchange_are_their_own_hex() {
        let mut bytes = CLASS.to_vec();
        bytes.extend([0x07, 0xEA, 3, 29]);
        bytes.extend([0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0xD7, 0x01]);
        bytes.extend([0; 8]);
        bytes.extend([2, 0, 0, 0, 0xAB, 0xCD]);
        let id = GlobalObjectId::from_bytes(&bytes).unwrap();
        assert_eq!(id.instance, Some(date!(2026 - 03 - 29)));
        assert_eq!(id.to_bytes(), bytes);
        let uid =
            "040000008200E00074C5B7101A82E00800000000102030405060D701000000000000000002000000ABCD";
        assert_eq!(id.uid(), uid);
        let whole = GlobalObjectId::from_uid(uid);
        assert_eq!(whole, GlobalObjectId { instance: None, ..id });
        assert_eq!(GlobalObjectId::from_uid(&uid.to_lowercase()), whole);
    }

    #[test]
    fn foreign_ids_are_inside() {
        let id = GlobalObjectId::from_uid("7a1f@example.test");
        let mut bytes = CLASS.to_vec();
        bytes.extend([0; 20]);
        bytes.extend([30, 0, 0, 0]);
        bytes.extend(b"vCal-Uid\x01\0\0\x007a1f@example.test\0");
        assert_eq!(id.to_bytes(), bytes);
        assert_eq!(id.uid(), "7a1f@example.test");
    }

    #[test]
    fn other_bytes_are_no_ids() {
        let bytes = GlobalObjectId::from_uid("a").to_bytes();
        for end in 0..bytes.len() {
            assert_eq!(GlobalObjectId::from_bytes(&bytes[..end]), None, "{end}");
        }
        let mut wrong_day = bytes;
        wrong_day[18..20].copy_from_slice(&[2, 30]);
        assert_eq!(GlobalObjectId::from_bytes(&wrong_day), None);
    }

    proptest! {
        #[test]
        fn foreign_ids_come_back(uid in "[!-~]{1,60}") {
            let id = GlobalObjectId::from_uid(&uid);
            prop_assert_eq!(id.uid(), uid);
            prop_assert_eq!(GlobalObjectId::from_bytes(&id.to_bytes()), Some(id));
        }
    }
}
