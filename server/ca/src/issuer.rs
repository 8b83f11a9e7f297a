use crate::{Issued, PublishedList};
use keys::PrivateKey;
use pki::validate::{Reason, validate_time};
use pki::{
    Certificate, IssueError, KeyKind, Locations, Serial, Subject, Template, Usage, issue,
    issue_with,
};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// How long a revocation list may be relied upon.
const LIST_LIFE: Duration = Duration::days(7);

/// How long one of a root may be relied upon.
const ROOT_LIST_LIFE: Duration = Duration::days(365);

/// How far certificates are dated back, so that clocks which lag accept them.
pub(crate) const BACKDATED: Duration = Duration::hours(1);

/// An authority of a company's own hierarchy: its certificate and key.
#[derive(Clone, Debug)]
pub struct Issuer {
    certificate: Certificate,
    key: Arc<dyn PrivateKey>,
    locations: Locations,
    list_life: Duration,
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
/// [`IssuerError`] if the key is of another kind or does not sign.
pub fn make_root(
    organization: &str,
    key: Arc<dyn PrivateKey>,
    lifetime: Lifetime,
    serial: Serial,
    now: OffsetDateTime,
) -> Result<Issuer, IssuerError> {
    check_kind(KeyKind::of(key.public_key()))?;
    self_signed(organization, &format!("{organization} Cordon CA"), 0, key, lifetime, serial, now)
}

/// Makes the certificate of a root for `key`, below which there is one more authority.
///
/// # Errors
///
/// [`IssuerError`] if the key is of another kind or does not sign.
pub fn make_root_above(
    organization: &str,
    key: Arc<dyn PrivateKey>,
    lifetime: Lifetime,
    serial: Serial,
    now: OffsetDateTime,
) -> Result<Issuer, IssuerError> {
    check_kind(KeyKind::of(key.public_key()))?;
    let name = format!("{organization} Cordon Root CA");

    self_signed(organization, &name, 1, key, lifetime, serial, now)
}

/// Makes the authority that issues day by day, below a root that [`make_root_above`] made. It lives as long as the root:
/// the app trusts it, so that it has no successor.
///
/// # Errors
///
/// [`IssuerError`] if the key is of another kind, or that of the root does not sign.
pub fn make_below(
    root: &Issuer,
    organization: &str,
    key: Arc<dyn PrivateKey>,
    serial: Serial,
    now: OffsetDateTime,
) -> Result<Issuer, IssuerError> {
    check_kind(KeyKind::of(key.public_key()))?;
    root.verify_time(now)?;
    let above = root.certificate();
    // The responder answers for the authority below alone.
    let locations = Locations { ocsp: None, ..root.locations().clone() };
    let template = Template {
        subject: Subject::new(&format!("{organization} Cordon CA")).with_organization(organization),
        public_key: key.public_key(),
        not_before: (now - BACKDATED).max(above.not_before()),
        not_after: above.not_after(),
        usage: Usage::Authority { path_length: 0 },
        names: Vec::new(),
    };
    let certificate = issue_with(&template, &locations, Some(above), root.key(), serial)
        .map_err(IssuerError::Issue)?;

    Ok(Issuer { certificate, key, locations: Locations::default(), list_life: LIST_LIFE })
}

fn self_signed(
    organization: &str,
    name: &str,
    path_length: u8,
    key: Arc<dyn PrivateKey>,
    lifetime: Lifetime,
    serial: Serial,
    now: OffsetDateTime,
) -> Result<Issuer, IssuerError> {
    let template = Template {
        subject: Subject::new(name).with_organization(organization),
        public_key: key.public_key(),
        not_before: now - BACKDATED,
        not_after: now + lifetime.duration(),
        usage: Usage::Authority { path_length },
        names: Vec::new(),
    };
    let certificate = issue(&template, None, key.as_ref(), serial).map_err(IssuerError::Issue)?;

    Ok(Issuer { certificate, key, locations: Locations::default(), list_life: LIST_LIFE })
}

impl Issuer {
    /// Takes an existing root, for example one read from disk.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if key and certificate do not belong together or are of the wrong kind.
    pub fn new(certificate: Certificate, key: Arc<dyn PrivateKey>) -> Result<Self, IssuerError> {
        check_kind(certificate.key_kind())?;
        if certificate.public_key() != key.public_key() {
            return Err(IssuerError::Mismatch);
        }

        Ok(Self { certificate, key, locations: Locations::default(), list_life: LIST_LIFE })
    }

    /// Publishes below `address`, an `http` address without a slash at its end: certificates that are issued from here on say
    /// where lists, answers and the authority's certificate are.
    #[must_use]
    pub fn published_at(self, address: &str) -> Self {
        let name = self.certificate.fingerprint();
        let locations = Locations {
            crl: Some(format!("{address}/pki/{name}.crl")),
            issuer: Some(format!("{address}/pki/{name}.cer")),
            ocsp: Some(format!("{address}/pki/ocsp")),
            policies: Vec::new(),
        };

        Self { locations, ..self }
    }

    /// Returns the root's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Checks that the root is within its validity.
    ///
    /// # Errors
    ///
    /// [`IssuerError::Validity`] if it has expired or has not begun.
    pub fn verify_time(&self, now: OffsetDateTime) -> Result<(), IssuerError> {
        validate_time(&self.certificate, now).map_err(IssuerError::Validity)
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
        let number = PublishedList::number_after(last, now);

        PublishedList::make(revoked, number, self, now)
    }

    /// Makes its lists last a year, as those of a root whose key may be taken away.
    pub(crate) fn above(self) -> Self {
        Self { list_life: ROOT_LIST_LIFE, ..self }
    }

    pub(crate) fn list_life(&self) -> Duration {
        self.list_life
    }

    pub(crate) fn locations(&self) -> &Locations {
        &self.locations
    }

    pub(crate) fn key(&self) -> &dyn PrivateKey {
        self.key.as_ref()
    }
}

/// Why there is no root.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
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

fn check_kind(kind: KeyKind) -> Result<(), IssuerError> {
    match kind {
        KeyKind::P256 | KeyKind::P384 => Ok(()),
        KeyKind::Ed25519
        | KeyKind::Other
        | KeyKind::P521
        | KeyKind::Rsa { .. }
        | KeyKind::RsaPss { .. } => Err(IssuerError::UnsupportedKey(kind)),
    }
}
