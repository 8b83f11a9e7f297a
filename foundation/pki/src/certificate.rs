use crate::asn1::{self, explicit, is_next};
use crate::name::DistinguishedName;
use crate::signature::{self, BadSignature, SignatureFault};
use crate::validate::Facts;
use crate::{Algorithms, KeyKind, Purpose};
use const_oid::AssociatedOid;
use der::asn1::{BitString, Int, ObjectIdentifier};
use der::{Decode, Reader as _, SliceReader, Tag, TagNumber};
use keys::SignatureAlgorithm;
use openssl::pkey::{PKey, Public};
use openssl::sha::sha256;
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoRef};
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use time::OffsetDateTime;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, SubjectAltName, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, Extensions};
use x509_cert::name::Name;

/// An X.509 certificate (RFC 5280) with the bytes it was read from.
///
/// Reading checks the form and nothing else; [`crate::validate`] says whether to trust it.
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    signed: Signed,
    raw: Raw,
    signature: BitString,
    facts: OnceLock<Facts>,
    /// Reading a key takes as long as checking a signature with it. Nothing if it cannot be read.
    key: OnceLock<Option<PKey<Public>>>,
}

/// Pieces of the original bytes.
struct Raw {
    signed: Vec<u8>,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    public_key: Vec<u8>,
}

/// What is signed, read as other authorities write it.
struct Signed {
    version: Version,
    serial: Int,
    algorithm: AlgorithmIdentifierOwned,
    issuer: Name,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    subject: Name,
    extensions: Extensions,
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] if the bytes are not one certificate, or not in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (inner, algorithm) = Inner::read(der).map_err(CertificateError::Damaged)?;
        if has_duplicates(&inner.signed.extensions) || algorithm != inner.signed.algorithm {
            return Err(CertificateError::Inconsistent);
        }

        Ok(Self(Arc::new(inner)))
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
        self.0.signed.subject.to_string()
    }

    /// Returns the subject's common name, if it has one.
    pub fn common_name(&self) -> Option<String> {
        let name = self.0.signed.subject.common_name().ok().flatten();

        name.map(|name| name.value().into_owned())
    }

    /// Returns the issuer's name as text (RFC 4514).
    pub fn issuer(&self) -> String {
        self.0.signed.issuer.to_string()
    }

    /// Returns the serial number, big-endian, as it stands in the certificate.
    pub fn serial(&self) -> &[u8] {
        self.0.signed.serial.as_bytes()
    }

    /// Returns the first moment of its validity.
    pub fn not_before(&self) -> OffsetDateTime {
        self.0.signed.not_before
    }

    /// Returns the last moment of its validity.
    pub fn not_after(&self) -> OffsetDateTime {
        self.0.signed.not_after
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
        // Read as name constraints see them, so that none slips through.
        let subject = self.facts().subject.iter();
        emails.extend(subject.flat_map(DistinguishedName::emails).map(str::to_owned));
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
        self.key().map_or(KeyKind::Other, KeyKind::of_key)
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

    /// Tells whether its key usage and extended key usage allow to encrypt mail for its holder.
    pub fn encrypts_mail(&self) -> bool {
        crate::validate::Use::MailEncryption.fits(self)
    }

    /// Tells whether its key usage and extended key usage allow its holder to sign mail.
    pub fn signs_mail(&self) -> bool {
        crate::validate::Use::MailSigning.fits(self)
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
    pub(crate) fn verify_issued_by(
        &self,
        issuer: &Self,
        algorithms: &Algorithms,
    ) -> Result<(), SignatureFault> {
        let (message, bits) = (&self.0.raw.signed, &self.0.signature);

        signature::verify_with(issuer, &self.0.signed.algorithm, algorithms, message, bits)
    }

    /// Its public key.
    pub(crate) fn key(&self) -> Option<&PKey<Public>> {
        let read = || PKey::public_key_from_der(self.public_key()).ok();

        self.0.key.get_or_init(read).as_ref()
    }

    /// What validation wants to know of it.
    pub(crate) fn facts(&self) -> &Facts {
        let (raw, signed) = (&self.0.raw, &self.0.signed);

        self.0.facts.get_or_init(|| {
            Facts::read(&raw.subject, &raw.issuer, signed.version, &signed.extensions)
        })
    }

    /// Tells the objects of one process apart.
    pub(crate) fn place(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// The serial number in DER.
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
        &self.0.signed.extensions
    }

    /// Tells whether the key is meant for recovering keys of messages: by its key usage, if there is one (RFC 5280 §4.2.1.3).
    pub fn is_for_encryption(&self) -> bool {
        self.key_usage().is_ok_and(|usage| {
            usage.is_none_or(|usage| usage.key_encipherment() || usage.key_agreement())
        })
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
    /// Cuts a certificate open without encoding anything again; beside it, the algorithm that is not signed.
    fn read(der: &[u8]) -> der::Result<(Self, AlgorithmIdentifierOwned)> {
        let mut reader = SliceReader::new(der)?;
        let (bytes, algorithm, signature) = reader.sequence(|reader| {
            let signed = reader.tlv_bytes()?;
            let algorithm = AlgorithmIdentifierOwned::decode(reader)?;

            Ok::<_, der::Error>((signed, algorithm, BitString::decode(reader)?))
        })?;
        reader.finish()?;
        let mut reader = SliceReader::new(bytes)?;
        let (signed, raw) = reader.sequence(|reader| read_signed(reader, bytes))?;
        reader.finish()?;
        let (facts, key) = (OnceLock::new(), OnceLock::new());

        Ok((Self { der: der.to_vec(), signed, raw, signature, facts, key }, algorithm))
    }

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

/// Reads `TBSCertificate` (RFC 5280 §4.1), whose bytes are `signed`.
fn read_signed(reader: &mut SliceReader<'_>, signed: &[u8]) -> der::Result<(Signed, Raw)> {
    let version = explicit(reader, 0)?.map(Version::from_der).transpose()?;
    let serial = reader.tlv_bytes()?;
    let algorithm = AlgorithmIdentifierOwned::decode(reader)?;
    let issuer = reader.tlv_bytes()?;
    let (not_before, not_after) = reader
        .sequence(|reader| Ok::<_, der::Error>((asn1::time(reader)?, asn1::time(reader)?)))?;
    let subject = reader.tlv_bytes()?;
    let public_key = reader.tlv_bytes()?;
    SubjectPublicKeyInfoRef::from_der(public_key)?;
    // Nobody uses the unique identifiers of version 2.
    for number in [1, 2].map(TagNumber) {
        if is_next(reader, Tag::ContextSpecific { constructed: false, number }) {
            reader.tlv_bytes()?;
        }
    }
    let extensions = explicit(reader, 3)?.map(Extensions::from_der).transpose()?;
    let read = Signed {
        version: version.unwrap_or(Version::V1),
        serial: Int::from_der(serial)?,
        algorithm,
        issuer: Name::from_der(issuer)?,
        not_before,
        not_after,
        subject: Name::from_der(subject)?,
        extensions: extensions.unwrap_or_default(),
    };
    let raw = Raw {
        signed: signed.to_vec(),
        serial: serial.to_vec(),
        issuer: issuer.to_vec(),
        subject: subject.to_vec(),
        public_key: public_key.to_vec(),
    };

    Ok((read, raw))
}

/// Reads the four or sixteen octets of an address (RFC 5280 §4.2.1.6).
pub(crate) fn address(octets: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let sixteen = <[u8; 16]>::try_from(octets).map(IpAddr::from);

    four.or(sixteen).ok()
}
