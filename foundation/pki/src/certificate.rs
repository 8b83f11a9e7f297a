use crate::signature::{self, BadSignature};
use crate::{KeyKind, Purpose};
use const_oid::AssociatedOid;
use der::asn1::ObjectIdentifier;
use der::{Decode, Reader as _, SliceReader, Tag, TagNumber};
use keys::SignatureAlgorithm;
use openssl::sha::sha256;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use time::OffsetDateTime;
use x509_cert::certificate::{CertificateInner, Profile};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName, SubjectKeyIdentifier,
};

/// An X.509 certificate (RFC 5280) with the bytes it was read from.
///
/// Reading checks the form and nothing else; [`crate::chain::verify`] says whether to trust it.
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    parsed: CertificateInner<AsFound>,
    raw: Raw,
}

/// Pieces of the original bytes.
struct Raw {
    signed: Vec<u8>,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    public_key: Vec<u8>,
}

/// Takes certificates as other authorities made them.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
struct AsFound;

impl Profile for AsFound {
    fn check_serial_number(
        _serial: &x509_cert::serial_number::SerialNumber<Self>,
    ) -> der::Result<()> {
        Ok(())
    }

    fn time_encoding(time: x509_cert::time::Time) -> der::Result<x509_cert::time::Time> {
        Ok(time)
    }
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] if the bytes are not one certificate, or not in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let parsed = CertificateInner::from_der(der).map_err(CertificateError::Damaged)?;
        let raw = cut(der).map_err(CertificateError::Damaged)?;
        let repeated = parsed
            .tbs_certificate()
            .extensions()
            .is_some_and(|extensions| has_duplicates(extensions));
        if repeated || parsed.signature_algorithm() != parsed.tbs_certificate().signature() {
            return Err(CertificateError::Inconsistent);
        }

        Ok(Self(Arc::new(Inner { der: der.to_vec(), parsed, raw })))
    }

    /// Reads a certificate in PEM (RFC 7468).
    ///
    /// # Errors
    ///
    /// [`CertificateError`] if the text is not one certificate.
    pub fn from_pem(pem: &str) -> Result<Self, CertificateError> {
        let (label, der) = der::pem::decode_vec(pem.trim_ascii().as_bytes())
            .map_err(|error| CertificateError::Damaged(error.into()))?;
        if label != "CERTIFICATE" {
            return Err(CertificateError::Label(label.to_owned()));
        }

        Self::from_der(&der)
    }

    /// Reads all certificates of a PEM text, in their order; other text between them is skipped.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] if one of them is damaged.
    pub fn all_from_pem(pem: &str) -> Result<Vec<Self>, CertificateError> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";

        pem.split(BEGIN)
            .skip(1)
            .map(|rest| {
                let body = rest.split(END).next().unwrap_or_default();
                Self::from_pem(&format!("{BEGIN}{body}{END}\n"))
            })
            .collect()
    }

    /// Returns the bytes that were read.
    pub fn as_der(&self) -> &[u8] {
        &self.0.der
    }

    /// Writes the certificate as PEM.
    pub fn to_pem(&self) -> String {
        self.0.to_pem()
    }

    /// Returns the subject's name as text (RFC 4514).
    pub fn subject(&self) -> String {
        self.0.parsed.tbs_certificate().subject().to_string()
    }

    /// Returns the subject's common name, if it has one.
    pub fn common_name(&self) -> Option<String> {
        let name = self.0.parsed.tbs_certificate().subject().common_name().ok().flatten();

        name.map(|name| name.value().into_owned())
    }

    /// Returns the issuer's name as text (RFC 4514).
    pub fn issuer(&self) -> String {
        self.0.parsed.tbs_certificate().issuer().to_string()
    }

    /// Returns the serial number, big-endian, as it stands in the certificate.
    pub fn serial(&self) -> &[u8] {
        self.0.parsed.tbs_certificate().serial_number().as_bytes()
    }

    /// Returns the first moment of its validity.
    pub fn not_before(&self) -> OffsetDateTime {
        moment(self.0.parsed.tbs_certificate().validity().not_before)
    }

    /// Returns the last moment of its validity.
    pub fn not_after(&self) -> OffsetDateTime {
        moment(self.0.parsed.tbs_certificate().validity().not_after)
    }

    /// Computes the SHA-256 of the DER bytes.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(sha256(&self.0.der))
    }

    /// Returns the mail addresses it names, lower case, without repetition (RFC 8550 §3).
    pub fn emails(&self) -> Vec<String> {
        let mut emails: Vec<_> = self
            .alternative_names()
            .into_iter()
            .filter_map(|name| match name {
                GeneralName::Rfc822Name(address) => Some(address.as_str().to_lowercase()),
                GeneralName::OtherName(_)
                | GeneralName::DnsName(_)
                | GeneralName::DirectoryName(_)
                | GeneralName::EdiPartyName(_)
                | GeneralName::UniformResourceIdentifier(_)
                | GeneralName::IpAddress(_)
                | GeneralName::RegisteredId(_) => None,
            })
            .collect();
        let subject = self.0.parsed.tbs_certificate().subject();
        emails.extend(
            subject
                .iter()
                .filter(|part| part.oid == const_oid::db::rfc3280::EMAIL_ADDRESS)
                .filter_map(|part| std::str::from_utf8(part.value.value()).ok())
                .map(str::to_lowercase),
        );
        let mut seen = std::collections::BTreeSet::new();
        emails.retain(|email| seen.insert(email.clone()));

        emails
    }

    /// Returns the DNS names it is for, lower case.
    pub fn dns_names(&self) -> Vec<String> {
        let names = self.alternative_names().into_iter();

        names
            .filter_map(|name| match name {
                GeneralName::DnsName(name) => Some(name.as_str().to_lowercase()),
                GeneralName::OtherName(_)
                | GeneralName::Rfc822Name(_)
                | GeneralName::DirectoryName(_)
                | GeneralName::EdiPartyName(_)
                | GeneralName::UniformResourceIdentifier(_)
                | GeneralName::IpAddress(_)
                | GeneralName::RegisteredId(_) => None,
            })
            .collect()
    }

    /// Returns the addresses of the Internet Protocol it is for.
    pub fn ip_addresses(&self) -> Vec<IpAddr> {
        let names = self.alternative_names().into_iter();

        names
            .filter_map(|name| match name {
                GeneralName::IpAddress(octets) => address(octets.as_bytes()),
                GeneralName::OtherName(_)
                | GeneralName::Rfc822Name(_)
                | GeneralName::DnsName(_)
                | GeneralName::DirectoryName(_)
                | GeneralName::EdiPartyName(_)
                | GeneralName::UniformResourceIdentifier(_)
                | GeneralName::RegisteredId(_) => None,
            })
            .collect()
    }

    /// Returns its public key as a DER `SubjectPublicKeyInfo`.
    pub fn public_key(&self) -> &[u8] {
        &self.0.raw.public_key
    }

    /// Returns the kind and size of its public key.
    pub fn key_kind(&self) -> KeyKind {
        KeyKind::of(self.public_key())
    }

    /// Tells whether its extended key usage allows `purpose`; a certificate without that extension
    /// allows all.
    pub fn allows(&self, purpose: Purpose) -> bool {
        match self.extension::<ExtendedKeyUsage>() {
            Ok(None) => true,
            Ok(Some(ExtendedKeyUsage(oids))) => oids.contains(&purpose.oid()),
            Err(_) => false,
        }
    }

    /// Checks that its holder signed `message`.
    ///
    /// # Errors
    ///
    /// [`BadSignature`] if not, or if the algorithm does not fit the key.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        signature::verify(self.public_key(), algorithm.into(), message, signature)
    }

    /// Checks that the holder of `issuer` signed this certificate.
    pub(crate) fn verify_issued_by(&self, issuer: &Self) -> Result<(), BadSignature> {
        let scheme = signature::Scheme::read(self.0.parsed.signature_algorithm())?;
        let bits = self.0.parsed.signature().as_bytes().ok_or(BadSignature)?;

        signature::verify(issuer.public_key(), scheme, &self.0.raw.signed, bits)
    }

    /// The serial number as an INTEGER with its header.
    pub(crate) fn raw_serial(&self) -> &[u8] {
        &self.0.raw.serial
    }

    pub(crate) fn raw_issuer(&self) -> &[u8] {
        &self.0.raw.issuer
    }

    pub(crate) fn raw_subject(&self) -> &[u8] {
        &self.0.raw.subject
    }

    pub(crate) fn extensions(&self) -> &[Extension] {
        self.0.parsed.tbs_certificate().extensions().map_or(&[], Vec::as_slice)
    }

    pub(crate) fn basic_constraints(&self) -> der::Result<Option<BasicConstraints>> {
        self.extension()
    }

    pub(crate) fn key_usage(&self) -> der::Result<Option<KeyUsage>> {
        self.extension()
    }

    pub(crate) fn key_identifier(&self) -> Option<Vec<u8>> {
        let identifier = self.extension::<SubjectKeyIdentifier>().ok().flatten()?;

        Some(identifier.0.into_bytes().into_vec())
    }

    fn alternative_names(&self) -> Vec<GeneralName> {
        let names = self.extension::<SubjectAltName>().ok().flatten();

        names.map(|names| names.0).unwrap_or_default()
    }

    fn extension<'a, T>(&'a self) -> Result<Option<T>, der::Error>
    where
        T: Decode<'a, Error = der::Error> + AssociatedOid,
    {
        let found = self.extensions().iter().find(|extension| extension.extn_id == T::OID);

        found.map(|extension| T::from_der(extension.extn_value.as_bytes())).transpose()
    }
}

impl Inner {
    fn to_pem(&self) -> String {
        der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, &self.der)
            .expect("the label is well-formed and the certificate not too long for memory")
    }
}

impl Eq for Certificate {}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.fingerprint())
    }
}

/// The SHA-256 of a certificate's DER bytes; shown in lower-case hexadecimal.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// Why bytes were not taken as a certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The bytes are not a certificate.
    #[error("the certificate is damaged")]
    Damaged(#[source] der::Error),
    /// An extension appears twice, or the two signature algorithms differ.
    #[error("the certificate contradicts itself")]
    Inconsistent,
    /// The PEM text holds something else.
    #[error("the PEM text holds a {0:?}, not a certificate")]
    Label(String),
}

fn has_duplicates(extensions: &[Extension]) -> bool {
    let distinct: std::collections::BTreeSet<ObjectIdentifier> =
        extensions.iter().map(|extension| extension.extn_id).collect();

    distinct.len() != extensions.len()
}

/// Cuts a certificate open without encoding anything again.
fn cut(der: &[u8]) -> der::Result<Raw> {
    let signed = SliceReader::new(der)?.sequence(|reader| {
        let signed = reader.tlv_bytes()?;
        reader.tlv_bytes()?;
        reader.tlv_bytes()?;
        Ok::<_, der::Error>(signed)
    })?;
    SliceReader::new(signed)?.sequence(|reader| {
        let version = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
        if Tag::peek(reader)? == version {
            reader.tlv_bytes()?;
        }
        let serial = reader.tlv_bytes()?.to_vec();
        let _algorithm = reader.tlv_bytes()?;
        let issuer = reader.tlv_bytes()?.to_vec();
        let _validity = reader.tlv_bytes()?;
        let subject = reader.tlv_bytes()?.to_vec();
        let public_key = reader.tlv_bytes()?.to_vec();
        while !reader.is_finished() {
            reader.tlv_bytes()?;
        }
        Ok(Raw { signed: signed.to_vec(), serial, issuer, subject, public_key })
    })
}

fn moment(time: x509_cert::time::Time) -> OffsetDateTime {
    let since = time.to_unix_duration();

    OffsetDateTime::UNIX_EPOCH
        .checked_add(time::Duration::try_from(since).unwrap_or(time::Duration::MAX))
        .unwrap_or_else(|| time::PrimitiveDateTime::MAX.assume_utc())
}

/// Reads the four or sixteen octets of an address (RFC 5280 §4.2.1.6).
fn address(octets: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let sixteen = <[u8; 16]>::try_from(octets).map(IpAddr::from);

    four.or(sixteen).ok()
}
