mod crl;
mod locations;
mod ocsp;

pub use crl::{CrlTemplate, Revoked, issue_crl};
pub use locations::Locations;
pub use ocsp::{OcspQuestion, OcspRefusal, OcspStatus, OcspTerm, QuestionError, answer_ocsp};

use crate::{Certificate, CertificateError, KeyKind, Purpose, Subject, signature};
use const_oid::AssociatedOid;
use const_oid::db::{rfc5280, rfc6960};
use der::asn1::{BitString, Ia5String, Null, ObjectIdentifier, OctetString};
use der::flagset::FlagSet;
use der::{DateTime, Decode as _, Encode, Sequence};
use keys::{KeyError, PrivateKey, SignatureAlgorithm};
use openssl::sha::sha256;
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use std::net::IpAddr;
use time::OffsetDateTime;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages,
    SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, Extensions};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

/// What a certificate is to say.
#[derive(Clone, Debug)]
pub struct Template<'a> {
    /// Whom it is for.
    pub subject: Subject,
    /// Their public key, a DER `SubjectPublicKeyInfo`.
    pub public_key: &'a [u8],
    /// The first moment of its validity; fractions of a second are cut off.
    pub not_before: OffsetDateTime,
    /// The last moment of its validity; fractions of a second are cut off.
    pub not_after: OffsetDateTime,
    /// What the key may do.
    pub usage: Usage,
    /// Other names of the subject.
    pub names: Vec<AlternativeName>,
}

/// What the key of a certificate may do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Usage {
    /// Issue certificates.
    Authority {
        /// How many further authorities may stand between it and a leaf.
        path_length: u8,
    },
    /// Unwrap or agree on keys, for one purpose.
    Encipherment(Purpose),
    /// Sign, and unwrap or agree on keys, for one purpose: keys of people for their mail.
    EnciphermentAndSignature(Purpose),
    /// Sign OCSP answers in the name of the issuer (RFC 6960 §4.2.2.2); nobody asks whether it was revoked.
    OcspSigning,
    /// Pass on requests to the authority, which are enciphered for it and which it signs (RFC 8894 §2.1.2).
    RegistrationAuthority,
    /// Sign, for one purpose.
    Signature(Purpose),
}

/// A further name of a certificate's subject (RFC 5280 §4.2.1.6).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AlternativeName {
    /// A host name.
    Dns(String),
    /// A mail address.
    Email(String),
    /// An address of the Internet Protocol.
    Ip(IpAddr),
}

/// A certificate's serial number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Serial([u8; 16]);

impl Serial {
    /// Takes 128 random bits, of which the sign is cleared (RFC 5280 §4.1.2.2); two serials of one authority must not be
    /// equal.
    pub fn from_random(mut bytes: [u8; 16]) -> Self {
        let [sign, ..] = &mut bytes;
        *sign &= 0x7f;

        Self(bytes)
    }

    /// Returns the number, big-endian.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Issues a certificate: signed by `key`, which belongs to `issuer`, or by itself if there is none.
///
/// # Errors
///
/// [`IssueError`] says whether the template, the key or the issuer is at fault.
pub fn issue(
    template: &Template<'_>,
    issuer: Option<&Certificate>,
    key: &dyn PrivateKey,
    serial: Serial,
) -> Result<Certificate, IssueError> {
    issue_with(template, &Locations::default(), issuer, key, serial)
}

/// Issues a certificate like [`issue`], which says where its issuer publishes what.
///
/// # Errors
///
/// [`IssueError`] says whether the template, the locations, the key or the issuer is at fault.
pub fn issue_with(
    template: &Template<'_>,
    locations: &Locations,
    issuer: Option<&Certificate>,
    key: &dyn PrivateKey,
    serial: Serial,
) -> Result<Certificate, IssueError> {
    let signer_key = issuer.map_or(template.public_key, Certificate::public_key);
    if signer_key != key.public_key() {
        return Err(IssueError::Mismatch);
    }
    if template.not_after <= template.not_before {
        return Err(IssueError::Validity);
    }
    let algorithm = *key.algorithms().first().ok_or(IssueError::Mismatch)?;
    let identifier = signature::identifier(algorithm);
    let signed = to_be_signed(template, locations, issuer, identifier, serial)?;
    let der = sign(&signed.to_der()?, key, algorithm)?;

    Certificate::from_der(&der).map_err(IssueError::Certificate)
}

/// Puts a signature behind what is to be signed (RFC 5280 §4.1.1, §5.1.1).
fn sign(
    signed: &[u8],
    key: &dyn PrivateKey,
    algorithm: SignatureAlgorithm,
) -> Result<Vec<u8>, IssueError> {
    let signature = key.sign(algorithm, signed).map_err(IssueError::Key)?;
    let whole = Signed {
        signed: der::asn1::Any::from_der(signed)?,
        algorithm: signature::identifier(algorithm),
        signature: BitString::from_bytes(&signature.0)?,
    };

    Ok(whole.to_der()?)
}

/// Why a certificate was not issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// What was made is not a certificate, for instance because a name is not plain ASCII.
    #[error("the certificate contradicts itself")]
    Certificate(#[source] CertificateError),
    /// A name, a date or a key of the template cannot be encoded.
    #[error("the certificate cannot be encoded")]
    Encoding(#[from] der::Error),
    /// The issuer's key did not sign; its error says whether asking again can help.
    #[error("the issuer's key did not sign")]
    Key(#[source] KeyError),
    /// The key does not belong to the issuer's certificate.
    #[error("the key does not belong to the issuer's certificate")]
    Mismatch,
    /// The end of the validity is not behind its beginning.
    #[error("the certificate would end before it begins")]
    Validity,
}

/// `Certificate` (RFC 5280 §4.1).
#[derive(Sequence)]
struct Signed {
    signed: der::asn1::Any,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

/// `TBSCertificate` (RFC 5280 §4.1).
#[derive(Sequence)]
struct ToBeSigned {
    #[asn1(context_specific = "0", default = "Default::default")]
    version: Version,
    serial_number: SerialNumber,
    signature: AlgorithmIdentifierOwned,
    issuer: Name,
    validity: Validity,
    subject: Name,
    public_key: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Extensions>,
}

fn to_be_signed(
    template: &Template<'_>,
    locations: &Locations,
    issuer: Option<&Certificate>,
    signature: AlgorithmIdentifierOwned,
    serial: Serial,
) -> Result<ToBeSigned, der::Error> {
    let subject = template.subject.to_name()?;
    let issuer_name = match issuer {
        Some(issuer) => Name::from_der(issuer.raw_subject())?,
        None => subject.clone(),
    };

    Ok(ToBeSigned {
        version: Version::V3,
        serial_number: SerialNumber::new(&serial.0)?,
        signature,
        issuer: issuer_name,
        validity: Validity::new(time(template.not_before)?, time(template.not_after)?),
        subject,
        public_key: SubjectPublicKeyInfoOwned::from_der(template.public_key)?,
        extensions: Some(extensions(template, locations, issuer)?),
    })
}

fn extensions(
    template: &Template<'_>,
    locations: &Locations,
    issuer: Option<&Certificate>,
) -> Result<Extensions, der::Error> {
    let path_length = match &template.usage {
        Usage::Authority { path_length } => Some(*path_length),
        Usage::Encipherment(_)
        | Usage::EnciphermentAndSignature(_)
        | Usage::OcspSigning
        | Usage::RegistrationAuthority
        | Usage::Signature(_) => None,
    };
    let (flags, purpose) = template.usage.meaning(KeyKind::of(template.public_key));
    let constraints =
        BasicConstraints { ca: path_length.is_some(), path_len_constraint: path_length };
    let identifier = key_identifier(template.public_key)?;
    let mut extensions = vec![
        extension(true, &constraints)?,
        extension(true, &KeyUsage(flags))?,
        extension(false, &SubjectKeyIdentifier(OctetString::new(identifier)?))?,
    ];
    if let Some(purpose) = purpose {
        extensions.push(extension(false, &ExtendedKeyUsage(vec![purpose]))?);
    }
    if template.usage == Usage::OcspSigning {
        extensions.push(extension_of(rfc6960::ID_PKIX_OCSP_NOCHECK, Null.to_der()?)?);
    }
    if let Some(identifier) = issuer.and_then(Certificate::key_identifier) {
        extensions.push(extension(false, &authority_key_identifier(identifier)?)?);
    }
    if !template.names.is_empty() {
        let names: Result<Vec<_>, _> = template.names.iter().map(general_name).collect();
        extensions.push(extension(false, &SubjectAltName(names?))?);
    }
    extensions.extend(locations.extensions()?);

    Ok(extensions)
}

impl Usage {
    /// The bits of the key usage, and the purpose if there is but one.
    fn meaning(&self, kind: KeyKind) -> (FlagSet<KeyUsages>, Option<ObjectIdentifier>) {
        let signs: FlagSet<KeyUsages> = KeyUsages::DigitalSignature.into();
        // Keys on curves unwrap nothing: two of them agree on a secret (RFC 8551 §2.3, RFC 5480 §3).
        let enciphers: FlagSet<KeyUsages> = match kind {
            KeyKind::Rsa { .. } => KeyUsages::KeyEncipherment.into(),
            KeyKind::Other | KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => {
                KeyUsages::KeyAgreement.into()
            }
            // They only sign (RFC 8410 §5, RFC 4055 §1.2).
            KeyKind::Ed25519 | KeyKind::RsaPss { .. } => FlagSet::default(),
        };
        match self {
            Self::Authority { .. } => (KeyUsages::KeyCertSign | KeyUsages::CRLSign, None),
            Self::Encipherment(purpose) => (enciphers, Some(purpose.oid())),
            Self::EnciphermentAndSignature(purpose) => (signs | enciphers, Some(purpose.oid())),
            Self::OcspSigning => (signs, Some(rfc5280::ID_KP_OCSP_SIGNING)),
            Self::RegistrationAuthority => (signs | enciphers, Some(CMC_RA)),
            Self::Signature(purpose) => (signs, Some(purpose.oid())),
        }
    }
}

/// Registration authorities (RFC 6402 §2.10). A certificate without a purpose would be good for each.
const CMC_RA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.28");

fn authority_key_identifier(identifier: Vec<u8>) -> Result<AuthorityKeyIdentifier, der::Error> {
    Ok(AuthorityKeyIdentifier {
        key_identifier: Some(OctetString::new(identifier)?),
        authority_cert_issuer: None,
        authority_cert_serial_number: None,
    })
}

fn extension<T: Encode + AssociatedOid>(
    critical: bool,
    value: &T,
) -> Result<Extension, der::Error> {
    Ok(Extension { extn_id: T::OID, critical, extn_value: OctetString::new(value.to_der()?)? })
}

/// An extension that is not critical.
fn extension_of(extn_id: ObjectIdentifier, value: Vec<u8>) -> Result<Extension, der::Error> {
    Ok(Extension { extn_id, critical: false, extn_value: OctetString::new(value)? })
}

fn general_name(name: &AlternativeName) -> Result<GeneralName, der::Error> {
    Ok(match name {
        AlternativeName::Dns(name) => GeneralName::DnsName(Ia5String::new(name)?),
        AlternativeName::Email(address) => GeneralName::Rfc822Name(Ia5String::new(address)?),
        AlternativeName::Ip(address) => GeneralName::from(*address),
    })
}

/// Identifies a key by the first 160 bits of the SHA-256 of its bits (RFC 7093 §2, method 1).
fn key_identifier(public_key: &[u8]) -> Result<Vec<u8>, der::Error> {
    let info = SubjectPublicKeyInfoOwned::from_der(public_key)?;
    let digest = sha256(info.subject_public_key.raw_bytes());

    Ok(digest.iter().take(20).copied().collect())
}

pub(crate) fn time(moment: OffsetDateTime) -> Result<Time, der::Error> {
    let seconds = u64::try_from(moment.unix_timestamp()).map_err(|_| der::ErrorKind::DateTime)?;

    Ok(DateTime::from_unix_duration(std::time::Duration::from_secs(seconds))?.into())
}
