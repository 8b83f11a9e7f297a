//! What tests need and nothing that ships may use: databases, servers, certificates from elsewhere.
//!
//! ```text
//! tests ──> database ──> postgres (or a SQLite file)
//!   ├─────> dovecot
//!   ├─────> slapd
//!   ├─────> softhsm
//!   └─────> sogo
//! ```
//!
//! # Invariants
//!
//! - Whatever is started listens on loopback only, on a free port, and ends with the value that stands for it.
//! - Nothing passes because something is missing: what cannot be had is a failure.

pub mod database;
pub mod dovecot;
pub mod postgres;
pub mod slapd;
pub mod softhsm;
pub mod sogo;
