//! Whether a certificate leads to an authority that one trusts (RFC 5280 §6, without policies and
//! name constraints, which are refused where they are critical).

use crate::{Certificate, Purpose};
use der::asn1::ObjectIdentifier;
use time::OffsetDateTime;
use x509_cert::ext::pkix::KeyUsage;

/// The most authorities between a leaf and its root.
const MAX_DEPTH: usize = 6;

/// The most signatures that are checked for one leaf, so that a heap of certificates with one name
/// costs little.
const MAX_SIGNATURES: u32 = 64;

/// Verifies that `leaf` leads to one of `anchors` and may be used for `purpose` at `now`.
///
/// `intermediates` may hold anything and in any order; `anchors` are trusted as they are, as long
/// as they are within their validity.
///
/// # Errors
///
/// [`ChainError`] names the first rule broken; where several paths fail, that of the last tried.
pub fn verify(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &[Certificate],
    now: OffsetDateTime,
    purpose: Purpose,
) -> Result<(), ChainError> {
    check_leaf(leaf, purpose)?;
    let mut search = Search { intermediates, anchors, now, purpose, budget: MAX_SIGNATURES };

    search.climb(leaf, 0)
}

/// Checks that `certificate` is within its validity at `now`.
///
/// # Errors
///
/// [`ChainError::Expired`] or [`ChainError::NotYetValid`].
pub fn verify_time(certificate: &Certificate, now: OffsetDateTime) -> Result<(), ChainError> {
    if now < certificate.not_before() {
        return Err(ChainError::NotYetValid {
            subject: certificate.subject(),
            since: certificate.not_before(),
        });
    }
    // Certificates count in whole seconds and the last of them still belongs.
    if now.replace_nanosecond(0).unwrap_or(now) > certificate.not_after() {
        return Err(ChainError::Expired {
            subject: certificate.subject(),
            until: certificate.not_after(),
        });
    }

    Ok(())
}

/// Why a certificate is not trusted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ChainError {
    /// An extension that the verifier must understand cannot be read.
    #[error("{subject}: an extension is damaged")]
    Damaged {
        /// Whose certificate.
        subject: String,
    },
    /// Ask for a new certificate.
    #[error("{subject}: expired at {until}")]
    Expired {
        /// Whose certificate.
        subject: String,
        /// Its last moment.
        until: OffsetDateTime,
    },
    /// The issuer is no authority, or may not sign certificates.
    #[error("{subject}: may not issue certificates")]
    NotAnAuthority {
        /// The issuer.
        subject: String,
    },
    /// Wait, or set the clock.
    #[error("{subject}: not valid before {since}")]
    NotYetValid {
        /// Whose certificate.
        subject: String,
        /// Its first moment.
        since: OffsetDateTime,
    },
    /// There are more authorities than the path or the verifier allows.
    #[error("{subject}: too many authorities below it")]
    PathTooLong {
        /// The authority whose limit is passed.
        subject: String,
    },
    /// The certificate is for other uses.
    #[error("{subject}: not for {purpose:?}")]
    Purpose {
        /// Whose certificate.
        subject: String,
        /// What it was presented for.
        purpose: Purpose,
    },
    /// The signature is not by the issuer it names.
    #[error("{subject}: the signature is wrong")]
    Signature {
        /// Whose certificate.
        subject: String,
    },
    /// Too many certificates of one name were offered.
    #[error("too many candidates for the issuers")]
    TooManyCandidates,
    /// A critical extension is not understood.
    #[error("{subject}: the critical extension {extension} is unknown")]
    UnknownExtension {
        /// Whose certificate.
        subject: String,
        /// The extension's object identifier.
        extension: String,
    },
    /// No authority of the issuer's name is trusted.
    #[error("{subject}: the issuer {issuer} is not trusted")]
    UnknownIssuer {
        /// Whose certificate.
        subject: String,
        /// The issuer it names.
        issuer: String,
    },
    /// The key is too short or of a kind that is not used.
    #[error("{subject}: the key is too weak or of an unknown kind")]
    WeakKey {
        /// Whose certificate.
        subject: String,
    },
}

struct Search<'a> {
    intermediates: &'a [Certificate],
    anchors: &'a [Certificate],
    now: OffsetDateTime,
    purpose: Purpose,
    budget: u32,
}

impl Search<'_> {
    /// Climbs from `certificate`, which has `below` authorities beneath it, to an anchor.
    fn climb(&mut self, certificate: &Certificate, below: usize) -> Result<(), ChainError> {
        verify_time(certificate, self.now)?;
        check_extensions(certificate)?;
        if !certificate.key_kind().is_strong() {
            return Err(ChainError::WeakKey { subject: certificate.subject() });
        }
        if self.anchors.contains(certificate) {
            return Ok(());
        }
        let mut failure = ChainError::UnknownIssuer {
            subject: certificate.subject(),
            issuer: certificate.issuer(),
        };
        let candidates = self.anchors.iter().chain(self.intermediates);
        for issuer in candidates.filter(|it| it.raw_subject() == certificate.raw_issuer()) {
            if issuer == certificate {
                continue;
            }
            match self.step(certificate, issuer, below) {
                Ok(()) => return Ok(()),
                Err(ChainError::TooManyCandidates) => return Err(ChainError::TooManyCandidates),
                Err(error) => failure = error,
            }
        }

        Err(failure)
    }

    fn step(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        below: usize,
    ) -> Result<(), ChainError> {
        check_authority(issuer, below, self.purpose)?;
        self.budget = self.budget.checked_sub(1).ok_or(ChainError::TooManyCandidates)?;
        certificate
            .verify_issued_by(issuer, &crate::Algorithms::default())
            .map_err(|_| ChainError::Signature { subject: certificate.subject() })?;

        self.climb(issuer, below + 1)
    }
}

fn check_leaf(leaf: &Certificate, purpose: Purpose) -> Result<(), ChainError> {
    let usage = leaf.key_usage().map_err(|_| damaged(leaf))?;
    let fits = usage.is_none_or(|usage| match purpose {
        Purpose::DocumentSigning => usage.digital_signature() || usage.non_repudiation(),
        Purpose::EmailProtection => {
            usage.digital_signature()
                || usage.non_repudiation()
                || usage.key_encipherment()
                || usage.key_agreement()
        }
        Purpose::TlsClient | Purpose::TlsServer => usage.digital_signature(),
    });
    if !fits || !leaf.allows(purpose) {
        return Err(ChainError::Purpose { subject: leaf.subject(), purpose });
    }

    Ok(())
}

fn check_authority(issuer: &Certificate, below: usize, purpose: Purpose) -> Result<(), ChainError> {
    let constraints = issuer.basic_constraints().map_err(|_| damaged(issuer))?;
    let Some(constraints) = constraints.filter(|constraints| constraints.ca) else {
        return Err(ChainError::NotAnAuthority { subject: issuer.subject() });
    };
    let usage = issuer.key_usage().map_err(|_| damaged(issuer))?;
    if !usage.as_ref().is_none_or(KeyUsage::key_cert_sign) {
        return Err(ChainError::NotAnAuthority { subject: issuer.subject() });
    }
    let limit = constraints.path_len_constraint.map_or(MAX_DEPTH, usize::from).min(MAX_DEPTH);
    if below > limit {
        return Err(ChainError::PathTooLong { subject: issuer.subject() });
    }
    if !issuer.allows(purpose) {
        return Err(ChainError::Purpose { subject: issuer.subject(), purpose });
    }

    Ok(())
}

fn check_extensions(certificate: &Certificate) -> Result<(), ChainError> {
    use const_oid::db::rfc5280;

    const UNDERSTOOD: [ObjectIdentifier; 5] = [
        rfc5280::ID_CE_BASIC_CONSTRAINTS,
        rfc5280::ID_CE_EXT_KEY_USAGE,
        rfc5280::ID_CE_KEY_USAGE,
        rfc5280::ID_CE_SUBJECT_ALT_NAME,
        // Policies restrict only those who ask for one.
        rfc5280::ID_CE_CERTIFICATE_POLICIES,
    ];
    let unknown = certificate
        .extensions()
        .iter()
        .find(|extension| extension.critical && !UNDERSTOOD.contains(&extension.extn_id));
    let Some(unknown) = unknown else {
        return Ok(());
    };

    Err(ChainError::UnknownExtension {
        subject: certificate.subject(),
        extension: unknown.extn_id.to_string(),
    })
}

fn damaged(certificate: &Certificate) -> ChainError {
    ChainError::Damaged { subject: certificate.subject() }
}
