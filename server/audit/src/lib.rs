//! What the audit log records: who did what, on what, when, and how it ended.
//!
//! ```text
//! operations ── makes ──> Record ── store numbers it ──> Event ── to_json ──> export
//! ```
//!
//! # Invariants
//!
//! - Names of actions, actors, subjects and outcomes are stable: they are stored, exported and searched for.
//!   One that was ever released is never renamed or given another meaning.
//! - Order is the sequence number. Times are facts about an event and order nothing.
//! - A record holds no secret: no password, code, token or key, and no content of mail.
//! - Nothing here reads a clock or does I/O.

mod action;
mod event;
mod filter;
mod json;
mod party;

pub use action::Action;
pub use event::{Detail, Event, Outcome, Record};
pub use filter::{Ending, Filter};
pub use json::FormatError;
pub use party::{Actor, Subject, SubjectKind};
