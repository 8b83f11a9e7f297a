//! The running app: sessions with the mail server and with Cordon's server, lock and unlock, and what screens show.
//!
//! ```text
//!            App            what a door (HTTP, command line) calls; everything returns plain views
//!     ┌───────┼─────────┐
//!  session  status   registration     tasks and calls that live while the container is open
//!     │       │         │
//!   pim (rules)      http             the one HTTP/1.1 client: pinned trust, device certificate, limits
//!     │
//!   vault                             the container at rest
//! ```
//!
//! Invariants
//! - Nothing of a mailbox is in memory while the container is locked: locking drops the session and the open container.
//! - The answer of a server is stored before the next request that builds on it is sent.
//! - A mail in the outbox has its identity on disk before the first byte of it is sent.
//! - No method reads a clock; the moment comes from the function given to [`App::open`].

mod app;
mod board;
mod cards;
mod certificate_file;
mod correspondents;
mod delivery;
mod device_certificate;
mod drafts;
mod enrol;
pub mod entries;
mod errands;
mod error;
mod http;
mod lifecycle;
mod mailbox;
mod opening;
mod person;
mod portal;
mod protection;
mod ranges;
mod record;
mod registration;
mod remote_images;
mod renewal;
mod restore;
mod search;
mod send;
mod session;
mod sign_in;
#[cfg(test)]
mod tests;
mod trust;
mod view;
mod wanted;

pub use app::{
    App, Certificate, Clock, NewOpening, Opening, Paths, Registration, Renewing, Restoration,
};
pub use certificate_file::{CertificateFile, NotDeleted};
pub use correspondents::{CertificateSource, Imported, KnownCertificate};
pub use errands::*;
pub use error::*;
pub use opening::PasswordChoice;
pub use policy::{Encryption, OpenedBy, PasswordRules, SmimeSettings};
pub use trust::CertificateFault;
pub use view::*;
