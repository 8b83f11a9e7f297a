use crate::{Issued, PublishedList};
use keys::PrivateKey;
use pki::validate::{Reason, validate_time};
use pki::{Certificate, IssueError, KeyKind, Serial, Subject, Template, Usage, issue};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// How far certificates are dated back, so that clocks which lag accept them.
pub(crate) const BACKDATED: Duration = Duration::hours(1);

/// The root of a company's own hierarchy: its certificate and key.
#[derive(Clone, Debug)]
pub struct Root {
    certificate: Certificate,
    key: Arc<dyn PrivateKey>,
}

/// How long a root lives, from 10 to 20 years.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lifetime(u8);

impl Lifetime {
    /// Takes a number of years from 10 to 20.
    pub fn from_years(years: u8) -> Option<Self> {
        (10..=20).contains(&years).then_some(Self(years))
    }

    fn duration(self) -> Duration {
        Duration::days(365) * i32::from(self.0)
    }
}

/// Makes a root certificate for `key`, which must be on P-256 or P-384.
///
/// # Errors
///
/// [`RootError`] if the key is of another kind or does not sign.
pub fn make_root(
    organization: &str,
    key: Arc<dyn PrivateKey>,
    lifetime: Lifetime,
    serial: Serial,
    now: OffsetDateTime,
) -> Result<Root, RootError> {
    check_kind(KeyKind::of(key.public_key()))?;
    let template = Template {
        subject: Subject::new(&format!("{organization} Cordon CA")).with_organization(organization),
        public_key: key.public_key(),
        not_before: now - BACKDATED,
        not_after: now + lifetime.duration(),
        usage: Usage::Authority { path_length: 0 },
        names: Vec::new(),
    };
    let certificate = issue(&template, None, key.as_ref(), serial).map_err(RootError::Issue)?;

    Ok(Root { certificate, key })
}

impl Root {
    /// Takes an existing root, for example one read from disk.
    ///
    /// # Errors
    ///
    /// [`RootError`] if key and certificate do not belong together or are of the wrong kind.
    pub fn new(certificate: Certificate, key: Arc<dyn PrivateKey>) -> Result<Self, RootError> {
        check_kind(certificate.key_kind())?;
        if certificate.public_key() != key.public_key() {
            return Err(RootError::Mismatch);
        }

        Ok(Self { certificate, key })
    }

    /// Returns the root's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Checks that the root is within its validity.
    ///
    /// # Errors
    ///
    /// [`RootError::Validity`] if it has expired or has not begun.
    pub fn verify_time(&self, now: OffsetDateTime) -> Result<(), RootError> {
        validate_time(&self.certificate, now).map_err(RootError::Validity)
    }

    /// Makes the revocation list that follows the one numbered `last`.
    ///
    /// # Errors
    ///
    /// [`IssueError`] if the key does not sign.
    pub fn issue_list(
        &self,
        revoked: &[Issued],
        last: u64,
        now: OffsetDateTime,
    ) -> Result<PublishedList, IssueError> {
        PublishedList::make(revoked, last, &self.certificate, self.key(), now)
    }

    pub(crate) fn key(&self) -> &dyn PrivateKey {
        self.key.as_ref()
    }
}

/// Why there is no root.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// The certificate could not be issued.
    #[error("the root certificate was not issued")]
    Issue(#[source] IssueError),
    /// Key and certificate do not belong together.
    #[error("the key does not belong to the root certificate")]
    Mismatch,
    /// The key is of a kind that is not used for roots.
    #[error("roots have keys on P-256 or P-384, not {0}")]
    UnsupportedKey(KeyKind),
    /// The root has expired or has not begun.
    #[error("the root certificate is not valid")]
    Validity(#[source] Reason),
}

fn check_kind(kind: KeyKind) -> Result<(), RootError> {
    match kind {
        KeyKind::P256 | KeyKind::P384 => Ok(()),
        KeyKind::Ed25519 | KeyKind::Other | KeyKind::P521 | KeyKind::Rsa { .. } => {
            Err(RootError::UnsupportedKey(kind))
        }
    }
}
