//! The rules of the fleet: people, groups, devices and their life, invitations, the licence, administrators.
//!
//! ```text
//!            invite        register          block
//! (nothing) ───────> invited ─────> registered ⇄ blocked
//!                       │               │  unblock  │
//!                       │ revoke        ├── wipe ───┤──> wiped
//!                       v               └── retire ─┴─────┴──> retired
//!                   (nothing)
//! ```
//!
//! A rule takes values and the time and returns values, or a [`Refusal`] that says what was refused, why, and what
//! to do about it.
//!
//! # Invariants
//!
//! - No I/O, no clock, no randomness: moments, identifiers and random bytes are arguments.
//! - A rule fails only by refusing; infrastructure cannot fail here.
//! - The licence counts registered and blocked devices, and nothing else.
//! - Codes of refusals are stable: they are recorded in the audit log and answered by the APIs.

pub mod access;
pub mod administrator;
pub mod certificate_file;
pub mod device;
pub mod group;
pub mod invitation;
pub mod licence;
pub mod list;
pub mod network;
pub mod registration;
pub mod throttle;
pub mod user;

mod ids;
mod refusal;
mod text;

pub use ids::{AdministratorId, CertificateFileId, DeviceId, GroupId, InvitationId, UserId};
pub use refusal::{Refusal, RefusalKind};
pub use text::{EasId, Login, MailAddress, Name, Reason, TextRefusal};
