//! As much of LDAP (RFC 4511) as it takes to find entries in a directory: messages and filters, as bytes.
//!
//! ```text
//!   template "(mail={address})" ── parse ──► Filter ── for an address ──► search ──► bytes
//!   bytes ── missing ──► a whole message ── Answer::read ──► entry, end, or neither
//! ```
//!
//! Invariants:
//! - An address becomes a value of a filter that is understood already: nothing in it can become a part of the filter.
//! - A message is read within [`LARGEST`] and without recursion, whatever the server says of its length.

mod ber;
mod filter;
mod message;

pub use filter::{Filter, FilterError, PLACEHOLDER};
pub use message::{Answer, Content, LARGEST, Search, Unreadable, missing, start_tls, unbind};
