//! What the server does when asked: load, decide, save and audit, in one transaction.
//!
//! ```text
//! faces, command line
//!        │  one method, one file
//!        v
//!   begin ──> load ──> fleet decides ──> save ──> conclude
//!                                                   │
//!     done: what was saved and the audit event, together
//!     refused: nothing is saved, and an audit event says so
//!     fault: nothing is saved, and nothing is recorded
//! ```
//!
//! # Invariants
//!
//! - Only this crate writes to the store, and each write that changes what the fleet is commits with exactly one
//!   audit event. (Contacts of devices, uses of sessions and upkeep change only what can be forgotten.)
//! - What the rules refuse is a [`Failure::Refused`], an answer to whoever asked; what fails on our side is a
//!   [`Fault`], for the log.
//! - Passwords, codes and tokens are stored as hashes only, and are in no event and no log.
//! - The clock is an argument of [`Operations::new`].

mod administrators;
mod certificate_files;
mod certificates;
mod devices;
mod failure;
pub mod feed;
mod figures;
mod groups;
mod held;
mod initialise;
mod invitations;
mod log;
mod registration;
mod sealing;
mod tidy;
mod users;
mod work;

pub use administrators::SignedIn;
pub use certificate_files::{Fetcher, HandedOut, MailedFile};
pub use certificates::{
    CertificateOrder, DirectoryEntry, IssueRefusal, KeyFile, KeyFileOrder, ListDue, Listed, NewKey,
    OcspReply, Origin,
};
pub use devices::AddRefusal;
pub use failure::{Answer, AnswerKind, Failure, Fault};
pub use figures::Figures;
pub use held::Waiter;
pub use invitations::{InvitationCode, Invited};
pub use registration::{FinishRequest, SignedAnswer, StartRequest};
pub use sealing::SealingKey;
pub use store::{DeviceStatus, HolderNames, IssuedFilter, StoreError};
pub use work::{Clock, Operations, Setup};
