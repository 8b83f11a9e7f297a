//! What can be wrong, in words for whoever has to help.

use super::{Revocation, RevocationReason, Unknown, Use};
use crate::{Certificate, Fingerprint, KeyKind};
use std::fmt;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A certificate is not trusted: every check that failed on the path that came closest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Distrusted {
    /// From the leaf upwards; it ends at an anchor, or where nothing led further.
    pub path: Vec<Certificate>,
    /// What is wrong first.
    pub fault: Box<Fault>,
    /// What is wrong besides.
    pub others: Vec<Fault>,
}

impl Distrusted {
    /// Returns all that is wrong.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        std::iter::once(&*self.fault).chain(&self.others)
    }
}

impl fmt::Display for Distrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl std::error::Error for Distrusted {}

/// A check that failed, and the certificate on which it did.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{subject}: {reason}")]
pub struct Fault {
    /// Whose certificate, as text (RFC 4514).
    pub subject: String,
    /// Which certificate.
    pub fingerprint: Fingerprint,
    /// What is wrong with it.
    pub reason: Reason,
}

impl Fault {
    pub(super) fn new(certificate: &Certificate, reason: Reason) -> Self {
        Self { subject: certificate.subject(), fingerprint: certificate.fingerprint(), reason }
    }
}

/// Why a certificate is not trusted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Reason {
    /// It was signed with an algorithm that is unknown or too weak.
    #[error("it is signed with an algorithm that is unknown or too weak ({0})")]
    Algorithm(String),
    /// An extension cannot be read, or breaks its own rules.
    #[error("the extension {0} is damaged")]
    DamagedExtension(String),
    /// Its name cannot be read.
    #[error("its name is damaged")]
    DamagedName,
    /// Ask for a new certificate.
    #[error("it expired at {}", moment(*.0))]
    Expired(OffsetDateTime),
    /// A name in it is one that an authority above may not certify.
    #[error("{name} is not one that its authority {authority} may certify")]
    ForbiddenName {
        /// The name, with its kind.
        name: String,
        /// Who may not certify it.
        authority: String,
    },
    /// No policy that is asked for holds along the path.
    #[error("no policy that is asked for holds for it and all authorities above it")]
    NoPolicy,
    /// It issued a certificate, but is not that of an authority.
    #[error("it may not issue certificates")]
    NotAnAuthority,
    /// It is for other uses.
    #[error("it is not for {0}")]
    NotFor(Use),
    /// Wait, or set the clock.
    #[error("it is not valid before {}", moment(*.0))]
    NotYetValid(OffsetDateTime),
    /// It is that of somebody else.
    #[error("it is not for {asked}, but for {}", list(.known))]
    OtherName {
        /// Who was asked for.
        asked: String,
        /// Whom it names instead.
        known: Vec<String>,
    },
    /// There are more authorities below it than it allows.
    #[error("there are too many authorities below it")]
    PathTooLong,
    /// It maps policies to or from "any".
    #[error("it maps the policy \"any\", which no certificate may")]
    PolicyMapping,
    /// It was revoked.
    #[error("it was revoked at {}: {}", moment(.0.since), revocation(.0.reason))]
    Revoked(Revocation),
    /// It is not known whether it was revoked.
    #[error("it is not known whether it was revoked: {0}")]
    RevocationUnknown(Unknown),
    /// It was not signed by the issuer it names.
    #[error("its signature is not one of {issuer}")]
    Signature {
        /// The issuer it names.
        issuer: String,
    },
    /// There were more certificates, lists or names to look at than anybody needs.
    #[error("too much was given to look through; give less")]
    TooMuchWork,
    /// It has a critical extension that is not understood.
    #[error("its critical extension {0} is not understood")]
    UnknownExtension(String),
    /// No certificate of the issuer is known, or none that leads to an anchor.
    #[error(
        "its issuer {issuer} is not trusted, and nothing is known that leads from it to an authority that is"
    )]
    UnknownIssuer {
        /// The issuer it names.
        issuer: String,
    },
    /// Its key is too short or of a kind that is not used.
    #[error("its key ({0}) is too weak or of a kind that is not used")]
    WeakKey(KeyKind),
}

pub(super) fn moment(moment: OffsetDateTime) -> String {
    moment.format(&Rfc3339).unwrap_or_else(|_| moment.to_string())
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "nobody of that kind".to_owned() } else { names.join(", ") }
}

fn revocation(reason: RevocationReason) -> &'static str {
    match reason {
        RevocationReason::AaCompromise => "the key of an attribute authority is in wrong hands",
        RevocationReason::AffiliationChanged => "the holder's name or office changed",
        RevocationReason::CaCompromise => "the key of its authority is in wrong hands",
        RevocationReason::CertificateHold => "suspended, it may come back",
        RevocationReason::CessationOfOperation => "no longer needed",
        RevocationReason::KeyCompromise => "the key is in wrong hands",
        RevocationReason::PrivilegeWithdrawn => "a right was withdrawn",
        RevocationReason::Superseded => "replaced by another",
        RevocationReason::Unspecified => "no reason given",
    }
}
