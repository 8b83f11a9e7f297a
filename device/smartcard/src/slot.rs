//! Where on a card a key is.

use std::fmt;

/// The longest identifier of a key that is used, in octets; cards take a number or a digest.
const LONGEST: usize = 32;

/// Where a key and its certificate are.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Slot {
    /// 9A of a PIV card: to sign in; signs without asking again.
    Authentication,
    /// 9C of a PIV card: to sign mail; wants the PIN at each signature.
    Signature,
    /// 9D of a PIV card: to decrypt mail.
    KeyManagement,
    /// 82 to 95 of a PIV card: to decrypt old mail, counted from nought to nineteen.
    Retired(u8),
    /// A key of an ISO 7816-15 card.
    Iso(KeyName),
}

/// How an ISO 7816-15 card names a key, and what it says that the key is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct KeyName {
    octets: [u8; LONGEST],
    length: usize,
    decrypts: bool,
    signs: bool,
}

impl KeyName {
    /// `None` if the identifier is empty or too long.
    pub(crate) fn new(id: &[u8], decrypts: bool, signs: bool) -> Option<Self> {
        let mut octets = [0; LONGEST];
        octets.get_mut(..id.len()).filter(|octets| !octets.is_empty())?.copy_from_slice(id);

        Some(Self { octets, length: id.len(), decrypts, signs })
    }

    /// Returns the key's identifier, which its certificate has too.
    pub fn id(&self) -> &[u8] {
        self.octets.get(..self.length).unwrap_or_default()
    }
}

impl Slot {
    /// All of a PIV card, those to decrypt with first.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::KeyManagement, Self::Signature, Self::Authentication]
            .into_iter()
            .chain((0..20).map(Self::Retired))
    }

    /// Whether the key is there to recover what was encrypted for it.
    pub fn decrypts(self) -> bool {
        match self {
            Self::KeyManagement | Self::Retired(_) => true,
            Self::Authentication | Self::Signature => false,
            Self::Iso(name) => name.decrypts,
        }
    }

    /// Whether the key is there to sign.
    pub fn signs(self) -> bool {
        match self {
            Self::KeyManagement | Self::Retired(_) => false,
            Self::Authentication | Self::Signature => true,
            Self::Iso(name) => name.signs,
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authentication => f.write_str("9A"),
            Self::Signature => f.write_str("9C"),
            Self::KeyManagement => f.write_str("9D"),
            Self::Retired(number) => write!(f, "{:02X}", 0x82_u8.saturating_add(*number)),
            Self::Iso(name) => {
                f.write_str("id:")?;
                name.id().iter().try_for_each(|octet| write!(f, "{octet:02x}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_named() {
        let shown = |slot: Slot| slot.to_string();
        assert_eq!(shown(Slot::Retired(19)), "95");
        let name = KeyName::new(&[0x45, 0x0a], true, false).unwrap();
        assert_eq!((shown(Slot::Iso(name)), name.id()), ("id:450a".to_owned(), &[0x45, 0x0a][..]));
        assert!(Slot::Iso(name).decrypts() && !Slot::Iso(name).signs());
        assert!(KeyName::new(&[1; 32], true, true).is_some());
        assert!(KeyName::new(&[1; 33], true, true).is_none());
        assert!(KeyName::new(b"", true, true).is_none());
    }
}
