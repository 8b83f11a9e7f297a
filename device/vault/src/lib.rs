//! The container at rest: one directory that holds everything of the company's, readable only with the user's
//! password, the user's private key and a key that is bound to this device.
//!
//! ```text
//!   password ──► identity (PKCS#12) ──► user's private key ──┬─► session key ──► container.db (SQLCipher)
//!                    │ second layer                          └─► files/*/<id>  (CMS, a fresh key each)
//!   device-bound keys (Secret Service, or key files elsewhere) ──► second layer of identity, session key and files
//! ```
//!
//! [`Container`] is a container on this disk, locked; [`Open`] is one whose keys are in memory. Locking takes the keys
//! and the database away from every clone of [`Open`] and from every handle it gave out. [`mail`] is the mailbox in it,
//! and [`entries`] are the contacts, events, tasks and notes.
//! `docs/container.md` describes each file, the order of writes, and what a crash or a thief finds.
//!
//! Invariants:
//! - Plain text, keys and passwords never reach the disk, not in a temporary file either.
//! - What a call acknowledged survives a killed process and a power cut; what it did not is absent or complete.
//! - A try at a password is counted on disk before it is made.
//! - One process at a time: [`Container::at`] holds an advisory lock on the directory.
//! - No clock: what has to do with time is told by the caller.

mod attempts;
mod container;
mod correspondents;
mod create;
mod database;
mod device_key;
mod disk;
mod documents;
pub mod entries;
mod envelope;
mod fault;
mod fetched;
mod files;
mod former;
mod header;
mod identity;
mod key;
mod layer;
pub mod mail;
mod open;
mod password;
mod renew;
mod restore;
mod session;
mod wipe;

pub use container::{Container, DeviceKeys, Place, PlaceError, Presence, Warning};
pub use correspondents::{
    Correspondent, CorrespondentId, Correspondents, NewCorrespondent, Source,
};
pub use create::{CreateError, NewContainer};
pub use database::Database;
pub use documents::{Documents, Slot};
pub use fault::{AccessError, Fault};
pub use fetched::Fetched;
pub use files::{FileError, FileId, FileIdError, FileOwner, Files};
pub use identity::{CardIdentity, NewIdentity, Protection, SigningKey, UserIdentity};
pub use open::{OpenError, Opener};
pub use password::{
    ChangePasswordError, Cost, NewPassword, PasswordChange, PasswordError, Rule, broken_rules,
};
pub use renew::{RenewError, Renewal};
pub use restore::RestoreError;
pub use session::Open;
pub use wipe::KeyWipe;
