use super::recipient::identifies;
use super::scheme::{Digest, Scheme};
use super::tlv::{self, Algorithm, Value, Values, context, primitive};
use super::{Capabilities, Malformed};
use crate::{Algorithms, Certificate};
use const_oid::db::{rfc5911, rfc5912};
use der::Decode as _;
use der::asn1::ObjectIdentifier;
use openssl::memcmp;
use openssl::sha::{sha1, sha256};
use time::{Duration, OffsetDateTime};

/// One signature of a message (`SignerInfo`, RFC 5652 §5.3), in the bytes it was read from.
#[derive(Clone, Debug)]
pub struct Signer {
    identifier: Vec<u8>,
    digest_algorithm: Vec<u8>,
    /// What is signed in place of the content, with the tag of a SET.
    attributes: Option<Vec<u8>>,
    signature_algorithm: Vec<u8>,
    signature: Vec<u8>,
}

/// Why a signature does not count.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignerFault {
    /// What is signed can be read in two ways, one of which its signer never meant.
    #[error("what is signed can be read in two ways")]
    Ambiguous,
    /// The content is not the one that was signed.
    #[error("the content was changed after it was signed")]
    ContentChanged,
    /// The signature cannot be read or contradicts itself.
    #[error("the signature is damaged")]
    Damaged,
    /// There is no certificate of the signer, neither in the message nor known.
    #[error("the certificate of the signer is missing")]
    NoCertificate,
    /// The certificate says that its key does not sign.
    #[error("the certificate is not for signing")]
    NotForSigning,
    /// The signature names another certificate than the one that verifies it.
    #[error("the signature was made for another certificate")]
    OtherCertificate,
    /// The signature is not one of the certificate's key.
    #[error("the signature is wrong")]
    Signature,
    /// The signature uses an algorithm that is not known here.
    #[error("the signature uses the unknown algorithm {0}")]
    UnsupportedAlgorithm(String),
    /// The signature uses an algorithm that can be forged.
    #[error("the signature uses {0}, which can be forged")]
    WeakAlgorithm(String),
}

impl From<Malformed> for SignerFault {
    fn from(_: Malformed) -> Self {
        Self::Damaged
    }
}

impl Signer {
    pub(super) fn read(info: Value<'_>) -> Result<Self, Malformed> {
        let mut values = info.values();
        values.take(tlv::INTEGER)?;
        let identifier = values.any()?;
        let digest_algorithm = Algorithm::read(values.any()?)?;
        let attributes = values.optional(context(0))?;
        let signature_algorithm = Algorithm::read(values.any()?)?;
        let signature = values.take(tlv::OCTET_STRING)?;
        values.optional(context(1))?;
        values.end()?;

        Ok(Self {
            identifier: identifier.whole.to_vec(),
            digest_algorithm: digest_algorithm.whole.to_vec(),
            // RFC 5652 §5.4
            attributes: attributes.map(|found| tlv::write(tlv::SET, &[found.content])),
            signature_algorithm: signature_algorithm.whole.to_vec(),
            signature: signature.content.to_vec(),
        })
    }

    /// Tells whether the signature says that it is one of this certificate's holder.
    pub fn names(&self, certificate: &Certificate) -> bool {
        let identifier = Values::new(&self.identifier).any();

        identifier.and_then(|it| identifies(it, certificate)).unwrap_or(false)
    }

    /// Checks the signature over a content and its type with a certificate; of `algorithms` the digests count.
    ///
    /// # Errors
    ///
    /// [`SignerFault`] says what is wrong with it.
    pub fn verify(
        &self,
        certificate: &Certificate,
        content_type: ObjectIdentifier,
        content: &[u8],
        algorithms: &Algorithms,
    ) -> Result<(), SignerFault> {
        let digest = Digest::read(&algorithm(&self.digest_algorithm)?)?;
        digest.check(algorithms)?;
        let scheme = Scheme::read(&algorithm(&self.signature_algorithm)?, digest)?;
        let usage = certificate.key_usage().map_err(|_| SignerFault::Damaged)?;
        if usage.is_some_and(|usage| !usage.digital_signature() && !usage.non_repudiation()) {
            return Err(SignerFault::NotForSigning);
        }
        let Some(attributes) = &self.attributes else {
            return self.verify_bare(certificate, scheme, content_type, content);
        };
        if single(attributes, rfc5911::ID_CONTENT_TYPE)?.ok_or(SignerFault::Damaged)?.oid()?
            != content_type
        {
            return Err(SignerFault::Damaged);
        }
        let signed = single(attributes, rfc5911::ID_MESSAGE_DIGEST)?.ok_or(SignerFault::Damaged)?;
        let computed = digest.of(content).map_err(|_| SignerFault::Damaged)?;
        if !scheme.verifies(certificate.public_key(), attributes, &self.signature) {
            return Err(SignerFault::Signature);
        }
        let same = signed.tag == tlv::OCTET_STRING && signed.content.len() == computed.len();
        if !same || !memcmp::eq(signed.content, &computed) {
            return Err(SignerFault::ContentChanged);
        }

        names_certificate(attributes, certificate)
    }

    /// Without attributes the content itself is signed, which then must be data (RFC 5652 §5.3) and
    /// must not be attributes: otherwise a signature over those could be passed off as one over them
    /// as a content.
    fn verify_bare(
        &self,
        certificate: &Certificate,
        scheme: Scheme,
        content_type: ObjectIdentifier,
        content: &[u8],
    ) -> Result<(), SignerFault> {
        if content_type != rfc5911::ID_DATA {
            return Err(SignerFault::Damaged);
        }
        let attributes = single(content, rfc5911::ID_MESSAGE_DIGEST);
        if content.first() == Some(&tlv::SET) && matches!(attributes, Ok(Some(_))) {
            return Err(SignerFault::Ambiguous);
        }
        if !scheme.verifies(certificate.public_key(), content, &self.signature) {
            // A wrong signature and another content cannot be told apart.
            return Err(SignerFault::ContentChanged);
        }

        Ok(())
    }

    /// Returns the name of its digest, if signatures with that can be forged.
    pub fn weak_digest(&self) -> Option<&'static str> {
        let digest = Digest::read(&algorithm(&self.digest_algorithm).ok()?).ok()?;

        digest.is_weak().then(|| digest.name())
    }

    /// Returns when the signer says it was signed; nobody else vouches for that.
    pub fn signing_time(&self) -> Option<OffsetDateTime> {
        let time = single(self.attributes.as_ref()?, rfc5911::ID_SIGNING_TIME).ok()??;
        let time = x509_cert::time::Time::from_der(time.whole).ok()?.to_unix_duration();

        OffsetDateTime::UNIX_EPOCH.checked_add(Duration::try_from(time).ok()?)
    }

    /// Returns what the signer's program can read, if it says so. Only a signature that is verified
    /// and trusted vouches for it.
    pub fn capabilities(&self) -> Option<Capabilities> {
        let found = single(self.attributes.as_ref()?, rfc5911::SMIME_CAPABILITIES).ok()??;

        Capabilities::from_der(found.whole).ok()
    }

    /// Finds the certificate that the signer wants to be written to among `certificates` (RFC 8551
    /// §2.5.3). Only a signature that is verified and trusted vouches for it.
    pub fn preferred<'a>(&self, certificates: &'a [Certificate]) -> Option<&'a Certificate> {
        let found = single(self.attributes.as_ref()?, rfc5911::ID_AA_ENCRYP_KEY_PREF).ok()??;
        let identifier = match found.tag {
            tag if tag == context(0) => tlv::write(tlv::SEQUENCE, &[found.content]),
            tag if tag == context(1) => {
                let key = found.values().take(tlv::OCTET_STRING).ok()?;
                tlv::write(primitive(0), &[key.content])
            }
            tag if tag == primitive(2) => tlv::write(primitive(0), &[found.content]),
            _ => return None,
        };
        let identifier = Values::new(&identifier).any().ok()?;

        certificates.iter().find(|it| identifies(identifier, it).unwrap_or(false))
    }

    /// Returns the name of the algorithm, for example `ECDSA, SHA-256`; its number if it is unknown.
    pub fn algorithm(&self) -> String {
        let named = || -> Result<String, SignerFault> {
            let digest = Digest::read(&algorithm(&self.digest_algorithm)?)?;
            Ok(Scheme::read(&algorithm(&self.signature_algorithm)?, digest)?.name())
        };

        named().unwrap_or_else(|fault| match fault {
            SignerFault::UnsupportedAlgorithm(name) | SignerFault::WeakAlgorithm(name) => name,
            SignerFault::Ambiguous
            | SignerFault::ContentChanged
            | SignerFault::Damaged
            | SignerFault::NoCertificate
            | SignerFault::NotForSigning
            | SignerFault::OtherCertificate
            | SignerFault::Signature => "?".to_owned(),
        })
    }
}

fn algorithm(der: &[u8]) -> Result<Algorithm<'_>, Malformed> {
    Algorithm::read(Values::new(der).any()?)
}

/// Finds the one value of the one attribute of this type in a SET of attributes (RFC 5652 §5.3).
fn single(attributes: &[u8], kind: ObjectIdentifier) -> Result<Option<Value<'_>>, Malformed> {
    let mut found = None;
    for attribute in Values::new(attributes).any()?.values().all()? {
        if attribute.tag != tlv::SEQUENCE {
            return Err(Malformed);
        }
        let mut values = attribute.values();
        let name = values.any()?.oid()?;
        let mut set = values.take(tlv::SET)?.values();
        values.end()?;
        if name != kind {
            continue;
        }
        let value = set.any()?;
        set.end()?;
        if found.replace(value).is_some() {
            return Err(Malformed);
        }
    }

    Ok(found)
}

/// Checks the certificate that the attributes name, if they do (RFC 5035 §3).
fn names_certificate(attributes: &[u8], certificate: &Certificate) -> Result<(), SignerFault> {
    if let Some(found) = single(attributes, rfc5911::ID_AA_SIGNING_CERTIFICATE_V_2)? {
        let mut values = first_identifier(found)?;
        let algorithm = values.optional(tlv::SEQUENCE)?.map(Algorithm::read).transpose()?;
        let named = values.take(tlv::OCTET_STRING)?.content;
        let digest = match algorithm {
            Some(algorithm) if algorithm.oid == rfc5912::ID_SHA_1 => {
                sha1(certificate.as_der()).to_vec()
            }
            Some(algorithm) => Digest::read(&algorithm)?
                .of(certificate.as_der())
                .map_err(|_| SignerFault::Damaged)?,
            None => sha256(certificate.as_der()).to_vec(),
        };
        if named != digest {
            return Err(SignerFault::OtherCertificate);
        }
    }
    if let Some(found) = single(attributes, rfc5911::ID_AA_SIGNING_CERTIFICATE)?
        && first_identifier(found)?.take(tlv::OCTET_STRING)?.content != sha1(certificate.as_der())
    {
        return Err(SignerFault::OtherCertificate);
    }

    Ok(())
}

/// The first `ESSCertID` is that of the signer (RFC 5035 §5.4.1).
fn first_identifier(found: Value<'_>) -> Result<Values<'_>, Malformed> {
    let identifiers = found.values().take(tlv::SEQUENCE)?;

    Ok(identifiers.values().take(tlv::SEQUENCE)?.values())
}
