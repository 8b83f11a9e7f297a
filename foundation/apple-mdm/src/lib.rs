//! What Apple devices are told and tell: configuration profiles, and the rules that Apple has for them.
//!
//! ```text
//!   bytes ──Profile::read──▶ Profile ──check──▶ Findings     for a Target: system version, supervision, kind of enrolment
//!                               │  ▲
//!                 sign, encrypt │  └ schema.json: the keys of all payloads, commands and declarations for iOS
//!                               ▼
//!                             bytes
//! ```
//!
//! Invariants:
//! - No I/O, no clock: what is signed and when is told by the caller.
//! - The schema is Apple's own (github.com/apple/device-management, MIT licence), made smaller by
//!   `dev/apple-schema/convert.py`; nobody adds to it by hand.

mod check;
mod profile;
mod schema;
mod target;

pub use check::{Finding, Problem, Severity, check, check_command, check_declaration};
pub use profile::{EncryptError, Profile, ReadError, encrypt};
pub use target::{Enrolment, Target, Version, VersionError};
