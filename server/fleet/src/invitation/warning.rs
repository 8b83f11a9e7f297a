//! What an invitation will fail on, said while there is time to do something about it.

use crate::user::{CertificateStanding, User};
use std::fmt;
use time::OffsetDateTime;

/// Why an invitation leads to nothing as things stand; it is made nevertheless.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Warning {
    /// The certificate of the person who is invited has expired.
    CertificateExpired,
    /// The person who is invited has no certificate.
    CertificateMissing,
    /// The certificate of the person who is invited is not valid yet.
    CertificateNotYetValid,
}

/// Warns of what a registration with an invitation of `user` would be refused for at `now`.
pub fn warning(user: &User, now: OffsetDateTime) -> Option<Warning> {
    match user.certificate_standing(now) {
        CertificateStanding::Current(_) => None,
        CertificateStanding::Expired => Some(Warning::CertificateExpired),
        CertificateStanding::Missing => Some(Warning::CertificateMissing),
        CertificateStanding::NotYetValid => Some(Warning::CertificateNotYetValid),
    }
}

impl Warning {
    /// Returns the stable code, in snake case: that of the refusal it warns of.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CertificateExpired => "user_certificate_expired",
            Self::CertificateMissing => "user_certificate_missing",
            Self::CertificateNotYetValid => "user_certificate_not_yet_valid",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CertificateExpired => {
                "the registration will be refused: the certificate deposited for this person has expired; \
                 deposit the current one before they use the invitation"
            }
            Self::CertificateMissing => {
                "the registration will be refused: no certificate is deposited for this person; \
                 deposit theirs before they use the invitation"
            }
            Self::CertificateNotYetValid => {
                "the registration will be refused for now: the certificate deposited for this person is not valid yet; \
                 they can use the invitation once it is"
            }
        })
    }
}
