//! Keys on smart cards in a reader of the machine (PC/SC), by the card's PIV applet (NIST SP 800-73-4) or
//! its ISO/IEC 7816-15 application (PKCS #15).
//!
//! ```text
//!   readers, wait_for_removal ──► reader ──► apdu      what goes over the wire (ISO 7816-4)
//!   Card ── verify_pin, contents, key ──► CardKey: keys::PrivateKey
//!     ├── piv     the applet's commands
//!     └── iso     files and commands of ISO 7816-15, by families of cards
//! ```
//!
//! Invariants:
//! - A PIN is tried only when a person entered it. It is kept, in memory that is overwritten, while the
//!   card lies in the reader, because a card wants it anew when another program used it in between.
//! - A card that was pulled out never comes back by itself: every handle of it says
//!   [`KeyError::Absent`](keys::KeyError::Absent) from then on.
//! - The bare RSA block is unpadded by [`keys`], as for keys in files, and its padding is not told. A card that
//!   takes the padding off itself can tell of it by its time; of what it refuses we make random bytes.
//! - What a card says is bounded in length and read without trust.

mod apdu;
mod card;
mod error;
pub mod iso;
mod key;
pub mod piv;
mod reader;
mod slot;
mod tlv;

pub use card::{Application, Card, PinState, StoredCertificate};
pub use error::Error;
pub use key::CardKey;
pub use reader::{Reader, readers, wait_for_removal};
pub use slot::{KeyName, Slot};
