//! Rows in, rows out: the fleet's database, SQLite or PostgreSQL.
//!
//! ```text
//! operations ──> Store ──────────> reads, as they are at this moment
//!                  │ begin
//!                  v
//!              UnitOfWork ───────> reads that lock, writes
//!                  │ commit
//!                  v
//!               durable, with its changes and its audit events numbered in the order of commits
//! ```
//!
//! # Invariants
//!
//! - One code path serves both kinds of database; nothing outside this crate names SeaORM.
//! - Nothing here decides anything. A row that no version of this program writes is an error, never a guess.
//! - All writes that read first run in a [`UnitOfWork`]. SQLite takes its write lock when one begins; PostgreSQL
//!   locks each row that is read to be changed.
//! - Rows are locked in this order, so that no two units of work wait for each other: licence, invitation, user,
//!   group, device, issued certificate, revocation list, the counter of changes, the counter of audit events; administrator, sign-in guard. PostgreSQL
//!   adds locks of its own: an inserted row locks what its foreign keys refer to, and so does a row that is updated
//!   twice. Each is therefore inserted under the lock of what it refers to, and none is updated twice.
//! - A sequence number is taken by locking its counter until the commit. Whoever has seen number n has therefore
//!   seen everything up to n: there are no gaps to be filled later.
//! - The certificate files of a person are read to be changed, and written, under the lock of the person.
//! - Moments are stored as milliseconds since 1970, and order nothing.

mod access;
mod administrators;
mod audit_log;
mod certificate_files;
mod certificates;
mod changes;
mod devices;
mod error;
mod groups;
mod invitations;
mod meta;
mod migration;
mod millis;
mod registrations;
mod revocation_lists;
mod search;
mod sequence;
mod tables;
mod users;
mod work;

pub use access::OwnedDevice;
pub use administrators::{PasswordHash, TokenHash};
pub use certificate_files::StoredFile;
pub use certificates::{HolderNames, IssuedFilter};
pub use changes::Change;
pub use devices::{CountByState, DeviceStatus};
pub use error::{InsertError, SaveUserError, StoreError};
pub use invitations::CodeHash;
pub use registrations::Attempt;
pub use revocation_lists::ListState;
pub use work::{Store, UnitOfWork};
