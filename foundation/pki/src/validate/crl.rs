//! Lists of certificates that were revoked (RFC 5280 §5).

use crate::asn1::{explicit, is_next, time};
use crate::name::DistinguishedName;
use crate::signature::{self, SignatureFault};
use crate::{Algorithms, Certificate};
use const_oid::db::rfc5280;
use der::asn1::{AnyRef, BitString, IntRef, ObjectIdentifier, UintRef};
use der::{Decode as _, Encode as _, Error, ErrorKind, Reader, SliceReader, Tag};
use spki::AlgorithmIdentifierOwned;
use std::fmt;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use x509_cert::ext::pkix::crl::CrlReason;
use x509_cert::ext::pkix::name::{GeneralName, GeneralNames};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, IssuingDistributionPoint};
use x509_cert::ext::{Extension, Extensions};

/// A certificate revocation list with the bytes it was read from.
///
/// Reading checks the form and nothing else; validation says whether it counts.
#[derive(Clone)]
pub struct Crl(Arc<Inner>);

struct Inner {
    signed: Vec<u8>,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
    list: List,
}

/// What is signed.
struct List {
    algorithm: AlgorithmIdentifierOwned,
    issuer: DistinguishedName,
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    /// The revoked certificates as they stand there, one after the other.
    entries: Vec<u8>,
    extensions: ListExtensions,
}

#[derive(Default)]
struct ListExtensions {
    number: Option<Vec<u8>>,
    base: Option<Vec<u8>>,
    scope: Option<IssuingDistributionPoint>,
    raw_scope: Option<Vec<u8>>,
    key_identifier: Option<Vec<u8>>,
    unknown: bool,
}

/// That a certificate was revoked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Revocation {
    /// The day and time that its issuer gives.
    pub since: OffsetDateTime,
    /// Why.
    pub reason: RevocationReason,
}

impl Revocation {
    /// Tells whether it is for good, and not a suspension that may be lifted.
    pub(super) fn is_final(&self) -> bool {
        self.reason != RevocationReason::CertificateHold
    }
}

/// How far the clock of an issuer may be ahead.
const LARGEST_SKEW: Duration = Duration::minutes(5);

/// Why a certificate was revoked (RFC 5280 §5.3.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RevocationReason {
    /// The key of an attribute authority is in wrong hands.
    AaCompromise,
    /// The holder's name or office changed.
    AffiliationChanged,
    /// The key of an authority is in wrong hands.
    CaCompromise,
    /// Suspended; it may come back.
    CertificateHold,
    /// No longer needed.
    CessationOfOperation,
    /// The key is in wrong hands.
    KeyCompromise,
    /// A right that it gave was withdrawn.
    PrivilegeWithdrawn,
    /// Replaced by another.
    Superseded,
    /// Not said.
    Unspecified,
}

impl RevocationReason {
    /// Every reason, in alphabetical order.
    pub const ALL: &[Self] = &[
        Self::AaCompromise,
        Self::AffiliationChanged,
        Self::CaCompromise,
        Self::CertificateHold,
        Self::CessationOfOperation,
        Self::KeyCompromise,
        Self::PrivilegeWithdrawn,
        Self::Superseded,
        Self::Unspecified,
    ];

    /// Returns the name that it has in RFC 5280 §5.3.1.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AaCompromise => "aACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::CaCompromise => "cACompromise",
            Self::CertificateHold => "certificateHold",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::KeyCompromise => "keyCompromise",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::Superseded => "superseded",
            Self::Unspecified => "unspecified",
        }
    }

    /// Finds the reason with this name, however its letters are written.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.name().eq_ignore_ascii_case(name))
    }
}

impl From<CrlReason> for RevocationReason {
    fn from(reason: CrlReason) -> Self {
        match reason {
            CrlReason::AaCompromise => Self::AaCompromise,
            CrlReason::AffiliationChanged => Self::AffiliationChanged,
            CrlReason::CaCompromise => Self::CaCompromise,
            CrlReason::CertificateHold => Self::CertificateHold,
            CrlReason::CessationOfOperation => Self::CessationOfOperation,
            CrlReason::KeyCompromise => Self::KeyCompromise,
            CrlReason::PrivilegeWithdrawn => Self::PrivilegeWithdrawn,
            CrlReason::Superseded => Self::Superseded,
            // Removed from a list that is whole: nobody can say what that means.
            CrlReason::RemoveFromCRL | CrlReason::Unspecified => Self::Unspecified,
        }
    }
}

/// What a list says of one certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Entry {
    /// No longer revoked, by a delta.
    Removed,
    Revoked(Revocation),
}

impl Crl {
    /// Reads a list in DER.
    ///
    /// # Errors
    ///
    /// [`CrlError`] if the bytes are not one list.
    pub fn from_der(der: &[u8]) -> Result<Self, CrlError> {
        let mut reader = SliceReader::new(der).map_err(CrlError::Damaged)?;
        let (signed, algorithm, signature) = reader
            .sequence(|reader| {
                let signed = reader.tlv_bytes()?;
                let algorithm = AlgorithmIdentifierOwned::decode(reader)?;

                Ok::<_, Error>((signed, algorithm, BitString::decode(reader)?))
            })
            .map_err(CrlError::Damaged)?;
        reader.finish().map_err(CrlError::Damaged)?;
        let mut list = List::read(signed).map_err(CrlError::Damaged)?;
        if list.algorithm != algorithm {
            return Err(CrlError::Inconsistent);
        }
        let unknown = list.has_unknown().map_err(CrlError::Damaged)?;
        list.extensions.unknown |= unknown;

        Ok(Self(Arc::new(Inner { signed: signed.to_vec(), algorithm, signature, list })))
    }

    /// Reads all lists of a PEM text (RFC 7468), in their order; other text between them is skipped.
    ///
    /// # Errors
    ///
    /// [`CrlError`] if one of them is damaged.
    pub fn all_from_pem(pem: &str) -> Result<Vec<Self>, CrlError> {
        crate::pem::all(pem, "X509 CRL")
            .map(|der| Self::from_der(&der.map_err(CrlError::Damaged)?))
            .collect()
    }

    /// Returns its number, big-endian, if it has one (RFC 5280 §5.2.3).
    pub fn number(&self) -> Option<&[u8]> {
        self.0.list.extensions.number.as_deref()
    }

    /// Returns the moment at which it was made.
    pub fn this_update(&self) -> OffsetDateTime {
        self.0.list.this_update
    }

    /// Returns the moment by which the next will be there, if it says so.
    pub fn next_update(&self) -> Option<OffsetDateTime> {
        self.0.list.next_update
    }

    pub(crate) fn issuer(&self) -> &DistinguishedName {
        &self.0.list.issuer
    }

    pub(super) fn scope(&self) -> Option<&IssuingDistributionPoint> {
        self.0.list.extensions.scope.as_ref()
    }

    pub(super) fn is_delta(&self) -> bool {
        self.0.list.extensions.base.is_some()
    }

    /// Tells whether something critical in it is not understood.
    pub(super) fn has_unknown(&self) -> bool {
        self.0.list.extensions.unknown
    }

    pub(super) fn has_begun(&self, at: OffsetDateTime) -> bool {
        self.0.list.this_update <= at.saturating_add(LARGEST_SKEW)
    }

    /// Tells whether a list that names its issuer so may be signed with the key of this certificate.
    pub(crate) fn may_be_by(&self, issuer: &Certificate) -> bool {
        let named = &self.0.list.extensions.key_identifier;
        let own = &issuer.facts().key_identifier;
        let other_key = named.is_some() && own.is_some() && named != own;

        issuer.facts().subject.as_ref() == Some(&self.0.list.issuer) && !other_key
    }

    pub(super) fn has_ended(&self, at: OffsetDateTime) -> bool {
        // A list that never ends would be the last that anybody needs to show.
        self.0.list.next_update.is_none_or(|next| next < at)
    }

    /// Tells whether it brings `complete` up to date (RFC 5280 §5.2.4, §6.3.3 c).
    pub(super) fn completes(&self, complete: &Self) -> bool {
        let (delta, whole) = (&self.0.list, &complete.0.list);
        let (Some(base), Some(number), Some(old)) =
            (&delta.extensions.base, &delta.extensions.number, &whole.extensions.number)
        else {
            return false;
        };

        delta.issuer == whole.issuer
            && delta.extensions.raw_scope == whole.extensions.raw_scope
            && delta.extensions.key_identifier == whole.extensions.key_identifier
            && !is_less(old, base)
            && is_less(old, number)
    }

    pub(super) fn is_newer_than(&self, other: &Self) -> bool {
        match (&other.0.list.extensions.number, &self.0.list.extensions.number) {
            (Some(other), Some(own)) => is_less(other, own),
            (None, Some(_)) => true,
            (Some(_) | None, None) => false,
        }
    }

    pub(crate) fn verify(
        &self,
        signer: &Certificate,
        algorithms: &Algorithms,
    ) -> Result<(), SignatureFault> {
        let (message, signature) = (&self.0.signed, &self.0.signature);

        signature::verify_with(signer, &self.0.algorithm, algorithms, message, signature)
    }

    /// Looks a certificate up by its serial number in DER and its issuer.
    pub(super) fn find(&self, serial: &[u8], issuer: &DistinguishedName) -> Option<Entry> {
        let list = &self.0.list;
        let mut found = None;
        // All of it was read before, so that nothing can fail here.
        let end = list.each(|entry, of| {
            if entry.serial == serial && of == Some(issuer) {
                found = Some(entry.meaning(self.is_delta()));
            }
            Ok(!matches!(found, Some(Entry::Revoked(_))))
        });

        end.ok().and(found)
    }

    pub(super) fn place(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crl").field("this_update", &self.this_update()).finish_non_exhaustive()
    }
}

/// Why bytes were not taken as a list.
#[derive(Debug, thiserror::Error)]
pub enum CrlError {
    /// The bytes are not a certificate revocation list.
    #[error("the revocation list is damaged")]
    Damaged(#[source] Error),
    /// The two signature algorithms differ.
    #[error("the revocation list contradicts itself")]
    Inconsistent,
}

struct RawEntry<'a> {
    serial: &'a [u8],
    since: OffsetDateTime,
    extensions: Option<&'a [u8]>,
}

impl RawEntry<'_> {
    fn extensions(&self) -> der::Result<Extensions> {
        self.extensions.map_or_else(|| Ok(Extensions::new()), Extensions::from_der)
    }

    fn extension(&self, oid: ObjectIdentifier) -> der::Result<Option<Vec<u8>>> {
        let extension = self.extensions()?.into_iter().find(|extension| extension.extn_id == oid);

        Ok(extension.map(|extension| extension.extn_value.into_bytes().into_vec()))
    }

    fn meaning(&self, delta: bool) -> Entry {
        let reason = self.extension(rfc5280::ID_CE_CRL_REASONS).ok().flatten();
        let reason = reason.and_then(|reason| CrlReason::from_der(&reason).ok());
        if delta && reason == Some(CrlReason::RemoveFromCRL) {
            return Entry::Removed;
        }
        let reason = reason.map_or(RevocationReason::Unspecified, RevocationReason::from);

        Entry::Revoked(Revocation { since: self.since, reason })
    }
}

impl List {
    fn read(der: &[u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let list = reader.sequence(|reader| {
            if is_next(reader, Tag::Integer) && u8::decode(reader)? != 1 {
                return Err(ErrorKind::Value { tag: Tag::Integer }.into());
            }
            let algorithm = AlgorithmIdentifierOwned::decode(reader)?;
            let issuer = DistinguishedName::read(reader.tlv_bytes()?)?;
            let this_update = time(reader)?;
            let timed = is_next(reader, Tag::UtcTime) || is_next(reader, Tag::GeneralizedTime);
            let next_update = timed.then(|| time(reader)).transpose()?;
            let entries = match is_next(reader, Tag::Sequence) {
                true => AnyRef::decode(reader)?.value().to_vec(),
                false => Vec::new(),
            };
            let extensions = explicit(reader, 0)?.map(Extensions::from_der).transpose()?;
            let extensions = ListExtensions::read(&extensions.unwrap_or_default())?;

            Ok::<_, Error>(Self {
                algorithm,
                issuer,
                this_update,
                next_update,
                entries,
                extensions,
            })
        })?;
        reader.finish()?;

        Ok(list)
    }

    fn is_indirect(&self) -> bool {
        self.extensions.scope.as_ref().is_some_and(|scope| scope.indirect_crl)
    }

    /// Reads all entries, so that no later look at them fails, and looks for what is not understood.
    fn has_unknown(&self) -> der::Result<bool> {
        let mut unknown = false;
        self.each(|entry, _| {
            // Another spelling of a serial number would not be found.
            IntRef::from_der(entry.serial)?;
            unknown |= entry.extensions()?.iter().any(|extension| {
                let known = match extension.extn_id {
                    rfc5280::ID_CE_CERTIFICATE_ISSUER => self.is_indirect(),
                    oid => {
                        [rfc5280::ID_CE_CRL_REASONS, rfc5280::ID_CE_INVALIDITY_DATE].contains(&oid)
                    }
                };
                extension.critical && !known
            });
            Ok(true)
        })?;

        Ok(unknown)
    }

    /// Shows each entry, and whose certificate it is about, until `show` has seen enough.
    ///
    /// The issuer of an entry is that of the one before, unless it names its own (RFC 5280 §5.3.3).
    fn each<'a>(
        &'a self,
        mut show: impl FnMut(&RawEntry<'a>, Option<&DistinguishedName>) -> der::Result<bool>,
    ) -> der::Result<()> {
        let mut reader = SliceReader::new(&self.entries)?;
        let mut named = None;
        let mut issuer = Some(&self.issuer);
        let indirect = self.is_indirect();
        let mut more = true;
        while more && !reader.is_finished() {
            let entry = reader.sequence(|reader| {
                let serial = reader.tlv_bytes()?;
                let since = time(reader)?;
                let extensions = match reader.is_finished() {
                    true => None,
                    false => Some(reader.tlv_bytes()?),
                };

                Ok::<_, Error>(RawEntry { serial, since, extensions })
            })?;
            let names = match indirect {
                true => entry.extension(rfc5280::ID_CE_CERTIFICATE_ISSUER)?,
                false => None,
            };
            if let Some(names) = names {
                named = directory(&GeneralNames::from_der(&names)?)?;
                issuer = None;
            }
            more = show(&entry, named.as_ref().or(issuer))?;
        }

        Ok(())
    }
}

impl ListExtensions {
    fn read(extensions: &[Extension]) -> der::Result<Self> {
        let mut read = Self::default();
        for extension in extensions {
            let der = extension.extn_value.as_bytes();
            match extension.extn_id {
                rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER => {
                    let identifier = AuthorityKeyIdentifier::from_der(der)?.key_identifier;
                    read.key_identifier = identifier.map(|it| it.as_bytes().to_vec());
                }
                rfc5280::ID_CE_CRL_NUMBER => read.number = Some(number(der)?),
                rfc5280::ID_CE_DELTA_CRL_INDICATOR => read.base = Some(number(der)?),
                rfc5280::ID_CE_FRESHEST_CRL | rfc5280::ID_CE_ISSUER_ALT_NAME => {}
                rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT => {
                    read.scope = Some(IssuingDistributionPoint::from_der(der)?);
                    read.raw_scope = Some(der.to_vec());
                }
                _ => read.unknown |= extension.critical,
            }
        }
        let known: std::collections::BTreeSet<_> = extensions.iter().map(|it| it.extn_id).collect();
        if known.len() != extensions.len() {
            return Err(ErrorKind::Failed.into());
        }

        Ok(read)
    }
}

fn number(der: &[u8]) -> der::Result<Vec<u8>> {
    Ok(UintRef::from_der(der)?.as_bytes().to_vec())
}

/// Compares numbers in big-endian octets without leading zeros.
fn is_less(one: &[u8], other: &[u8]) -> bool {
    (one.len(), one) < (other.len(), other)
}

/// The directory name among names.
pub(super) fn directory(names: &[GeneralName]) -> der::Result<Option<DistinguishedName>> {
    let found = names.iter().find_map(|name| match name {
        GeneralName::DirectoryName(name) => Some(name),
        GeneralName::DnsName(_)
        | GeneralName::EdiPartyName(_)
        | GeneralName::IpAddress(_)
        | GeneralName::OtherName(_)
        | GeneralName::RegisteredId(_)
        | GeneralName::Rfc822Name(_)
        | GeneralName::UniformResourceIdentifier(_) => None,
    });

    found.map(|name| DistinguishedName::read(&name.to_der()?)).transpose()
}
