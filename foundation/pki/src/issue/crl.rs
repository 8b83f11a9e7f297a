//! Making revocation lists (RFC 5280 §5).

use super::{IssueError, authority_key_identifier, extension, sign, time};
use crate::validate::RevocationReason;
use crate::{Certificate, signature};
use ::time::OffsetDateTime;
use const_oid::db::rfc5280;
use der::asn1::{OctetString, Uint};
use der::{Decode as _, Encode as _, Sequence};
use keys::PrivateKey;
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::pkix::CrlNumber;
use x509_cert::ext::pkix::crl::CrlReason;
use x509_cert::ext::{Extension, Extensions};
use x509_cert::name::Name;
use x509_cert::time::Time;

/// What a revocation list is to say. It is about every certificate of its issuer and for every reason, so that it needs
/// no issuing distribution point (RFC 5280 §5.2.5).
#[derive(Clone, Copy, Debug)]
pub struct CrlTemplate<'a> {
    /// Its number; each list of an issuer has a greater one than those before (RFC 5280 §5.2.3).
    pub number: u64,
    /// The moment at which it is made; fractions of a second are cut off.
    pub this_update: OffsetDateTime,
    /// The moment by which the next one will be there; fractions of a second are cut off.
    pub next_update: OffsetDateTime,
    /// The certificates that are revoked.
    pub revoked: &'a [Revoked],
}

/// A certificate that is revoked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Revoked {
    /// Its serial number, big-endian and unsigned.
    pub serial: Vec<u8>,
    /// Since when.
    pub since: OffsetDateTime,
    /// Why.
    pub reason: RevocationReason,
}

/// Makes a revocation list in DER, signed by `key`, which belongs to `issuer`.
///
/// # Errors
///
/// [`IssueError`] says whether the template, the key or the issuer is at fault.
pub fn issue_crl(
    template: &CrlTemplate<'_>,
    issuer: &Certificate,
    key: &dyn PrivateKey,
) -> Result<Vec<u8>, IssueError> {
    if issuer.public_key() != key.public_key() {
        return Err(IssueError::Mismatch);
    }
    if template.next_update <= template.this_update {
        return Err(IssueError::Validity);
    }
    let algorithm = *key.algorithms().first().ok_or(IssueError::Mismatch)?;
    let list = List {
        version: 1,
        signature: signature::identifier(algorithm),
        issuer: Name::from_der(issuer.raw_subject())?,
        this_update: time(template.this_update)?,
        next_update: time(template.next_update)?,
        revoked: entries(template.revoked)?,
        extensions: extensions(template, issuer)?,
    };

    sign(&list.to_der()?, key, algorithm)
}

/// `TBSCertList` (RFC 5280 §5.1.2).
#[derive(Sequence)]
struct List {
    version: u8,
    signature: AlgorithmIdentifierOwned,
    issuer: Name,
    this_update: Time,
    next_update: Time,
    #[asn1(optional = "true")]
    revoked: Option<Vec<Entry>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    extensions: Extensions,
}

#[derive(Sequence)]
struct Entry {
    serial: Uint,
    since: Time,
    #[asn1(optional = "true")]
    extensions: Option<Extensions>,
}

/// The list must be absent rather than empty (RFC 5280 §5.1.2.6).
fn entries(revoked: &[Revoked]) -> Result<Option<Vec<Entry>>, der::Error> {
    let entries: Result<Vec<_>, _> = revoked.iter().map(entry).collect();

    Ok(Some(entries?).filter(|entries| !entries.is_empty()))
}

fn entry(revoked: &Revoked) -> Result<Entry, der::Error> {
    let reason = reason(revoked.reason).map(|reason| {
        let extn_value = OctetString::new(reason.to_der()?)?;
        let extn_id = rfc5280::ID_CE_CRL_REASONS;
        Ok::<_, der::Error>(vec![Extension { extn_id, critical: false, extn_value }])
    });

    Ok(Entry {
        serial: Uint::new(&revoked.serial)?,
        since: time(revoked.since)?,
        extensions: reason.transpose()?,
    })
}

fn extensions(template: &CrlTemplate<'_>, issuer: &Certificate) -> Result<Extensions, der::Error> {
    let number = CrlNumber(Uint::new(&template.number.to_be_bytes())?);
    let mut extensions = vec![extension(false, &number)?];
    if let Some(identifier) = issuer.key_identifier() {
        extensions.push(extension(false, &authority_key_identifier(identifier)?)?);
    }

    Ok(extensions)
}

/// "Unspecified" is said by saying nothing (RFC 5280 §5.3.1).
fn reason(reason: RevocationReason) -> Option<CrlReason> {
    match reason {
        RevocationReason::AaCompromise => Some(CrlReason::AaCompromise),
        RevocationReason::AffiliationChanged => Some(CrlReason::AffiliationChanged),
        RevocationReason::CaCompromise => Some(CrlReason::CaCompromise),
        RevocationReason::CertificateHold => Some(CrlReason::CertificateHold),
        RevocationReason::CessationOfOperation => Some(CrlReason::CessationOfOperation),
        RevocationReason::KeyCompromise => Some(CrlReason::KeyCompromise),
        RevocationReason::PrivilegeWithdrawn => Some(CrlReason::PrivilegeWithdrawn),
        RevocationReason::Superseded => Some(CrlReason::Superseded),
        RevocationReason::Unspecified => None,
    }
}
