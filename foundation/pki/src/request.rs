use crate::certificate::address;
use crate::signature::{self, BadSignature, Scheme};
use crate::subject::Subject;
use crate::{AlternativeName, KeyKind};
use const_oid::AssociatedOid as _;
use const_oid::db::rfc5912::ID_EXTENSION_REQ;
use der::asn1::BitString;
use der::{Decode as _, Encode as _, Reader as _, SliceReader};
use keys::{KeyError, PrivateKey, SignatureAlgorithm};
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::attr::Attributes;
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::request::{CertReq, CertReqInfo, Version};

/// Makes a request for a certificate (PKCS#10, RFC 2986), signed with the key it is about.
///
/// # Errors
///
/// [`MakeRequestError::Key`] if the key did not sign.
pub fn make_request(subject: &Subject, key: &dyn PrivateKey) -> Result<Vec<u8>, MakeRequestError> {
    let algorithm = *key.algorithms().first().ok_or(MakeRequestError::NoAlgorithm)?;
    let info = CertReqInfo {
        version: Version::V1,
        subject: subject.to_name()?,
        public_key: SubjectPublicKeyInfoOwned::from_der(key.public_key())?,
        attributes: Attributes::default(),
    };
    let signature = key.sign(algorithm, &info.to_der()?).map_err(MakeRequestError::Key)?;
    let request = CertReq {
        info,
        algorithm: signature::identifier(algorithm),
        signature: BitString::from_bytes(&signature.0)?,
    };

    Ok(request.to_der()?)
}

/// Returns the first request of a PEM text (RFC 7468), in DER.
pub fn request_from_pem(pem: &str) -> Option<Vec<u8>> {
    // Old programs write another label.
    let labels = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

    labels.into_iter().find_map(|label| crate::pem::all(pem, label).next()?.ok())
}

/// A request for a certificate whose sender has proved that the key is theirs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    public_key: Vec<u8>,
    subject: String,
    common_name: Option<String>,
    names: Vec<AlternativeName>,
    other_names: bool,
}

impl Request {
    /// Reads a request in DER and checks its signature.
    ///
    /// # Errors
    ///
    /// [`RequestError`] says what is wrong with it.
    pub fn from_der(der: &[u8]) -> Result<Self, RequestError> {
        let request = CertReq::from_der(der).map_err(RequestError::Damaged)?;
        let (signed, public_key) = cut(der).map_err(RequestError::Damaged)?;
        if !KeyKind::of(&public_key).is_strong() {
            return Err(RequestError::WeakKey);
        }
        let scheme = Scheme::read(&request.algorithm).map_err(|_| RequestError::Unproved)?;
        let bits = request.signature.as_bytes().ok_or(RequestError::Unproved)?;
        signature::verify(&public_key, scheme, &signed, bits)
            .map_err(|_| RequestError::Unproved)?;

        let name = &request.info.subject;
        let common_name = name.common_name().ok().flatten();
        let (names, other_names) =
            asked(&request.info.attributes).map_err(RequestError::Damaged)?;

        Ok(Self {
            public_key,
            subject: name.to_string(),
            common_name: common_name.map(|name| name.value().into_owned()),
            names,
            other_names,
        })
    }

    /// Returns the common name that was asked for, which nobody has checked.
    pub fn common_name(&self) -> Option<String> {
        self.common_name.clone()
    }

    /// Returns the mail addresses and hosts that were asked for (RFC 2985 §5.4.2), which nobody has checked.
    pub fn names(&self) -> &[AlternativeName] {
        &self.names
    }

    /// Tells whether names of other kinds were asked for too.
    pub fn asks_for_other_names(&self) -> bool {
        self.other_names
    }

    /// Returns the public key as a DER `SubjectPublicKeyInfo`.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// Returns the kind and size of the key.
    pub fn key_kind(&self) -> KeyKind {
        KeyKind::of(&self.public_key)
    }

    /// Checks that the key signed `message`.
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
        signature::verify(&self.public_key, algorithm.into(), message, signature)
    }

    /// Returns the name that was asked for (RFC 4514), which nobody has checked.
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

/// Why no request was made.
#[derive(Debug, thiserror::Error)]
pub enum MakeRequestError {
    /// The name or the public key cannot be encoded.
    #[error("the request cannot be encoded")]
    Encoding(#[from] der::Error),
    /// The key did not sign; its error says whether asking again can help.
    #[error("the key did not sign the request")]
    Key(#[source] KeyError),
    /// The key signs with no algorithm.
    #[error("the key does not sign")]
    NoAlgorithm,
}

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The bytes are not a request.
    #[error("the certificate request is damaged")]
    Damaged(#[source] der::Error),
    /// The signature is not by the key that the request is about.
    #[error("the certificate request is not signed by its own key")]
    Unproved,
    /// The key is too short or of a kind that is not used.
    #[error("the key in the certificate request is too weak or of an unknown kind")]
    WeakKey,
}

/// Returns the names that a request asks for, and whether there are others of kinds that are not issued.
fn asked(attributes: &Attributes) -> der::Result<(Vec<AlternativeName>, bool)> {
    let mut names = Vec::new();
    let mut others = false;
    let requests = attributes.iter().filter(|attribute| attribute.oid == ID_EXTENSION_REQ);
    for value in requests.flat_map(|attribute| attribute.values.iter()) {
        for extension in Extensions::from_der(&value.to_der()?)? {
            if extension.extn_id != SubjectAltName::OID {
                continue;
            }
            for name in SubjectAltName::from_der(extension.extn_value.as_bytes())?.0 {
                match known(&name) {
                    Some(name) => names.push(name),
                    None => others = true,
                }
            }
        }
    }

    Ok((names, others))
}

fn known(name: &GeneralName) -> Option<AlternativeName> {
    match name {
        GeneralName::DnsName(name) => Some(AlternativeName::Dns(name.as_str().to_owned())),
        GeneralName::Rfc822Name(name) => Some(AlternativeName::Email(name.as_str().to_owned())),
        GeneralName::IpAddress(octets) => address(octets.as_bytes()).map(AlternativeName::Ip),
        GeneralName::OtherName(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EdiPartyName(_)
        | GeneralName::UniformResourceIdentifier(_)
        | GeneralName::RegisteredId(_) => None,
    }
}

/// Returns the signed bytes and the public key in them.
fn cut(der: &[u8]) -> der::Result<(Vec<u8>, Vec<u8>)> {
    let signed = SliceReader::new(der)?.sequence(|reader| {
        let signed = reader.tlv_bytes()?;
        reader.tlv_bytes()?;
        reader.tlv_bytes()?;
        Ok::<_, der::Error>(signed)
    })?;
    let public_key = SliceReader::new(signed)?.sequence(|reader| {
        let _version = reader.tlv_bytes()?;
        let _subject = reader.tlv_bytes()?;
        let public_key = reader.tlv_bytes()?.to_vec();
        while !reader.is_finished() {
            reader.tlv_bytes()?;
        }
        Ok::<_, der::Error>(public_key)
    })?;

    Ok((signed.to_vec(), public_key))
}
