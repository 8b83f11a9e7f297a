//! Cordon's own certificate authority: who may have which certificate, and for how long.
//!
//! ```text
//!   root ──► authority         20 years; issues day by day, and is what the app trusts
//!              ├──► TLS server        1 year,  host names and addresses
//!              ├──► portal signing    2 years, signs settings and answers to registrations
//!              ├──► OCSP              2 weeks, answers whether certificates are revoked
//!              ├──► device            2 years, P-256, the device's id as common name
//!              ├──► person            3 years, for mail, to sign, to encrypt, or both
//!              └──► SCEP              1 year,  passes on requests of devices
//! ```
//!
//! Installations from before there were two have one authority that is its own root.
//!
//! Invariants:
//! - No certificate outlives its issuer; below the authority nobody may issue.
//! - Each profile names the one purpose of its key; nothing of a request but its key is taken over.
//! - Whatever is issued is in the register before it leaves the server; no serial number is given twice.
//! - Numbers of revocation lists never go back.
//! - No I/O and no clock: moments and the random bits of serial numbers are arguments.

mod authority;
mod issuer;
mod lists;
mod profile;
mod register;
mod rules;

pub use authority::{Authority, AuthorityError, Signer};
pub use issuer::{Issuer, IssuerError, Lifetime, make_below, make_root, make_root_above};
pub use lists::{KEPT, PublishedList};
pub use profile::{Profile, ProfileError, renewal_due};
pub use register::{
    Holder, Issued, ReleaseRefusal, RevokeRefusal, SerialNumber, Standing, Status, release, revoke,
};
pub use rules::NameRules;
