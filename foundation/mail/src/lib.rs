//! Internet mail as plain values: reading, writing, and making what strangers wrote safe to show.
//!
//! ```text
//!   bytes ──parse──▶ Message ──▶ html::clean ──▶ html::page      what the screen may show
//!   bytes ◀─compose─ Outgoing     text::{from_html, tidy, preview}
//!   bytes ◀─smime─▶  bytes        signed and encrypted, with what is to be thought of it
//! ```
//!
//! Invariants:
//! - no I/O, no clock, no randomness but OpenSSL's for signatures and wrapped keys: dates, Message-IDs and everything else that varies are arguments;
//! - no input makes a reader panic, and what a reader returns is never larger than a small multiple of the input;
//! - what [`html::clean`] returns holds no script, form, handler, frame or style sheet, and names nothing outside itself but the
//!   targets of links.

mod address;
mod authentication;
pub mod compose;
pub mod html;
mod message;
mod parsing;
pub mod smime;
pub mod text;

pub use address::Mailbox;
pub use authentication::dmarc_passed;
pub use message::{Attachment, Message, Protection};
