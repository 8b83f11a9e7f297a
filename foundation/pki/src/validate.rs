//! Whether a certificate leads to an authority that one trusts, and is good for what it is shown for
//! (RFC 5280 §6, with the policies of RFC 9618, and RFC 6960).
//!
//! ```text
//!   leaf, Inputs  ──►  search   paths from the leaf to an anchor, by names and signatures
//!                        │
//!                        ├──►  path         each certificate of a path, from the anchor down
//!                        │       ├──► policy, names
//!                        │       └──► purpose    what the leaf is shown for
//!                        └──►  revocation   each certificate below the anchor
//!                                ├──► crl, scope
//!                                └──► ocsp
//! ```
//!
//! Everything that may be looked at is given: certificates, lists and answers, in any number and any
//! order. The work is bounded, whatever they are; who is given too much says so and trusts nobody.
//!
//! What goes beyond RFC 5280:
//! - An anchor is a certificate. It has to be within its validity, and the limits it sets itself
//!   (path length, names, purposes, RFC 5937) hold.
//! - A leaf may be an anchor itself.
//! - The purposes of an authority's extended key usage are the only ones below it.

mod crl;
mod facts;
mod fault;
mod names;
mod ocsp;
mod path;
mod policy;
mod purpose;
mod revocation;
mod scope;
mod search;

pub use crl::{Crl, CrlError, Revocation, RevocationReason};
pub(crate) use facts::Facts;
pub use fault::{Distrusted, Fault, Reason};
pub use ocsp::{NonceError, OcspAnswer, OcspError, ocsp_request, ocsp_with_nonce};
pub(crate) use ocsp::{digest_of, key_bits};
pub use policy::PolicyInputs;
pub use purpose::{PeerName, Use};
pub use revocation::{Source, Standing, Unknown};

use crate::{Algorithms, Certificate};
use der::asn1::ObjectIdentifier;
use search::Session;
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// What a certificate is validated against.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// The authorities that are trusted.
    pub anchors: &'a [Certificate],
    /// Certificates that may lie between, in any order, and whatever else was found.
    pub untrusted: &'a [Certificate],
    /// Revocation lists, also of others.
    pub crls: &'a [Crl],
    /// OCSP answers, also about others.
    pub ocsp: &'a [OcspAnswer],
    /// The moment for which it is asked.
    pub at: OffsetDateTime,
    /// The moment at which lists and answers are read, if it is another: of who looks back.
    pub read_at: Option<OffsetDateTime>,
    /// What the leaf is shown for.
    pub purpose: Use,
    /// Whom the leaf has to be for.
    pub name: Option<PeerName>,
    /// What is asked of policies.
    pub policies: PolicyInputs,
    /// Which signatures and keys count.
    pub algorithms: Algorithms,
    /// What it takes that nobody revoked a certificate.
    pub revocation: Revocations,
}

impl<'a> Inputs<'a> {
    /// Asks for a purpose at a moment; everything else may be added.
    pub fn new(anchors: &'a [Certificate], at: OffsetDateTime, purpose: Use) -> Self {
        Self {
            anchors,
            untrusted: &[],
            crls: &[],
            ocsp: &[],
            at,
            read_at: None,
            purpose,
            name: None,
            policies: PolicyInputs::default(),
            algorithms: Algorithms::default(),
            revocation: Revocations::IfKnown,
        }
    }
}

impl Inputs<'_> {
    fn read_at(&self) -> OffsetDateTime {
        self.read_at.unwrap_or(self.at)
    }
}

/// What it takes that nobody revoked a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Revocations {
    /// A certificate that is known to be revoked is refused.
    IfKnown,
    /// So is one of which that is not known.
    Required,
}

/// What holds of a certificate that is trusted.
#[derive(Clone, Debug)]
pub struct Trusted {
    /// From the leaf to the anchor.
    pub path: Vec<Certificate>,
    /// The acceptable policies that hold along the path, or "any" (the user-constrained policy set).
    pub policies: BTreeSet<ObjectIdentifier>,
    /// What is known of the revocation of each certificate below the anchor, in the order of the path.
    pub standings: Vec<Standing>,
}

/// Validates a certificate.
///
/// # Errors
///
/// [`Distrusted`] says what is wrong, of the path that came closest.
pub fn validate(leaf: &Certificate, inputs: &Inputs<'_>) -> Result<Trusted, Distrusted> {
    Session::new(inputs).validate(leaf)
}

/// Checks that `certificate` is within its validity at `now`.
///
/// # Errors
///
/// [`Reason::Expired`] or [`Reason::NotYetValid`].
pub fn validate_time(certificate: &Certificate, now: OffsetDateTime) -> Result<(), Reason> {
    path::outside_validity(certificate, now).map_or(Ok(()), Err)
}
