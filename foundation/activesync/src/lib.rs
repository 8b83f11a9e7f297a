//! Exchange ActiveSync, versions 12.1 to 16.1: WBXML, the request line, and typed messages in both directions.
//!
//! ```text
//!   messages     what a command asks and answers     query         who asks for which command
//!      │         items of every class                refusal       the small answers that say no
//!    wbxml       bytes ⇄ elements, xml: for people   autodiscover  where the server is
//!      │                                             recurrence    when a series takes place
//!  codepage      numbers ⇄ names                     zone          by which clock
//! ```
//!
//! Client, gateway and sample server read and write through the same types, so each message has `decode` and `encode`.
//!
//! Invariants:
//! - no I/O, no clock, no randomness;
//! - no input makes a reader panic or recurse;
//! - what is read takes at most 64 times the memory of its document and 1 MiB, and twice that for a moment: a few bytes can stand
//!   for an item with room for all its properties, so readers count, and refuse a document that goes beyond;
//! - unknown elements are skipped with all that is in them; a document is never refused because of one.

pub mod autodiscover;
pub mod codepage;
pub mod date;
pub mod meeting_id;
pub mod messages;
pub mod query;
pub mod recurrence;
pub mod refusal;
pub mod status;
pub mod wbxml;
pub mod xml;
pub mod zone;
