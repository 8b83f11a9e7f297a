//! Signed and encrypted mail (S/MIME, RFC 8551).
//!
//! ```text
//!   bytes ──open──▶ Opened { content, state }      content: what is signed or was encrypted, and nothing else
//!                              │
//!                              └──▶ State::lines    what a reader is told, in their language
//!   Read  ──unseal──▶ Write, Unsealed             an encrypted mail that is larger than memory
//!   bytes ◀──sign, seal── a mail as bytes
//! ```
//!
//! Only a mail that is signed or encrypted as a whole is opened. A protected part inside of an unprotected mail is left
//! closed, so that nothing around it can borrow its signature or carry away its text; the state says so.

mod entity;
mod large;
mod opening;
mod problem;
mod signature;
mod state;
mod words;
mod writing;

pub use large::{UnsealError, Unsealed, unseal};
pub use opening::{Holder, Opened, open};
pub use problem::{Language, Problem, Severity};
pub use signature::Signature;
pub use state::{Layer, State, Trust};
pub use writing::{SignMailError, seal, sign};
