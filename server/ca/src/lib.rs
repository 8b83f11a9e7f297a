//! Cordon's own certificate authority: who may have which certificate, and for how long.
//!
//! ```text
//!   Root ──► TLS server        1 year,  host names and addresses
//!        ──► portal signing    2 years, signs settings and answers to registrations
//!        ──► device            2 years, P-256, the device's id as common name
//!        ──► person            3 years, RSA, for companies without certificates of their own
//! ```
//!
//! Invariants:
//! - No certificate outlives the root, and none but the root may issue.
//! - Each profile names the one purpose of its key; nothing of a request but its key is taken over.
//! - Whatever is issued is in the register before it leaves the server; no serial number is given twice.
//! - Numbers of revocation lists never go back.
//! - No I/O and no clock: moments and the random bits of serial numbers are arguments.

mod authority;
mod lists;
mod profile;
mod register;
mod root;

pub use authority::{Authority, AuthorityError, Signer};
pub use lists::{KEPT, PublishedList};
pub use profile::{Profile, ProfileError, renewal_due};
pub use register::{
    Holder, Issued, ReleaseRefusal, RevokeRefusal, SerialNumber, Status, release, revoke,
};
pub use root::{Lifetime, Root, RootError, make_root};
