//! The settings that IT hands to an app, and the signed document they travel in.
//!
//! ```text
//!   GroupSettings ── for_person ──► Settings ──► Document ── sign ──► SignedDocument
//!                                                    ▲                      │
//!                                                    └────── verify ────────┘
//! ```
//!
//! Invariants:
//! - A document is signed and verified as the bytes that were sent, never as bytes encoded again.
//! - Unknown fields are refused, on both sides: a setting that is not understood is not in force.
//! - What the app gets was valid by [`Settings::validate`] when it was signed, and is checked again
//!   when it is read.

mod certificates;
mod document;
mod ldap;
mod password;
mod settings;
mod sign_in;
mod smime;

pub use self::ldap::{LdapSettings, MOST_ATTRIBUTES};
pub use certificates::{CertificateSettings, MOST_ROOTS, OwnCertificate};
pub use document::{Document, FORMAT, SignError, SignedDocument, VerifyError};
pub use password::{KINDS, MOST_DAYS, MOST_HISTORY, MOST_WORDS, PasswordRules};
pub use settings::{
    ContainerSettings, GroupMailSettings, GroupSettings, MAIL_DAYS, MailSettings, OpenedBy,
    RemoteImages, Settings, ViewingSettings, Violation,
};
pub use sign_in::{NewestVersion, OauthSettings, SignIn};
pub use smime::{Encryption, SmimeSettings};
