//! What the PIV applet calls things (NIST SP 800-73-4, part 1 table 3 and part 2).

use std::fmt;

/// The applet's name, with its version.
pub(crate) const APPLET: &[u8] =
    &[0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00];

/// Where a key and its certificate are.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Slot {
    /// 9A: to sign in; signs without asking again.
    Authentication,
    /// 9C: to sign mail; wants the PIN at each signature.
    Signature,
    /// 9D: to decrypt mail.
    KeyManagement,
    /// 82 to 95: to decrypt old mail, counted from nought to nineteen.
    Retired(u8),
}

impl Slot {
    /// All of them, those to decrypt with first.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::KeyManagement, Self::Signature, Self::Authentication]
            .into_iter()
            .chain((0..20).map(Self::Retired))
    }

    /// The number by which commands name the key.
    pub(crate) fn reference(self) -> u8 {
        match self {
            Self::Authentication => 0x9a,
            Self::Signature => 0x9c,
            Self::KeyManagement => 0x9d,
            Self::Retired(number) => 0x82_u8.saturating_add(number),
        }
    }

    /// The name of the object with the certificate.
    pub(crate) fn object(self) -> [u8; 3] {
        let last = match self {
            Self::Authentication => 0x05,
            Self::Signature => 0x0a,
            Self::KeyManagement => 0x0b,
            Self::Retired(number) => 0x0d_u8.saturating_add(number),
        };

        [0x5f, 0xc1, last]
    }

    /// Whether the key is there to recover what was encrypted for it.
    pub fn decrypts(self) -> bool {
        match self {
            Self::KeyManagement | Self::Retired(_) => true,
            Self::Authentication | Self::Signature => false,
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.reference())
    }
}
