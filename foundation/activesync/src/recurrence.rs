//! Recurrence: when a series takes place.
//!
//! ```text
//!   messages::Recurrence ──check/read──► Pattern ──from(start, zone)──► Occurrences
//!   messages::Event ───────────────────────────────between(from, to)──► Instances, with exceptions applied
//! ```

mod instances;
mod lunar;
mod occurrences;
mod pattern;

pub use instances::{Instance, between};
pub use occurrences::{Occurrences, starts};
pub use pattern::{End, Field, Pattern, PatternError, Rule, Weekdays};
