//! Keys on smart cards in a reader of the machine (PC/SC), by the card's PIV applet (NIST SP 800-73-4).
//!
//! ```text
//!   readers, wait_for_removal ──► reader ──► apdu      what goes over the wire (ISO 7816-4)
//!   Card ── verify_pin, certificates, key ──► CardKey: keys::PrivateKey
//! ```
//!
//! Invariants:
//! - A PIN is tried only when a person entered it. It is kept, in memory that is overwritten, while the
//!   card lies in the reader, because a card wants it anew when another program used it in between.
//! - A card that was pulled out never comes back by itself: every handle of it says
//!   [`KeyError::Absent`](keys::KeyError::Absent) from then on.
//! - The bare RSA block is unpadded by [`keys`], as for keys in files, and its padding is not told.
//! - What a card says is bounded in length and read without trust.

mod apdu;
mod card;
mod error;
mod key;
mod piv;
mod reader;
mod tlv;

pub use card::{Card, PinState};
pub use error::Error;
pub use key::CardKey;
pub use piv::Slot;
pub use reader::{Reader, readers, wait_for_removal};
