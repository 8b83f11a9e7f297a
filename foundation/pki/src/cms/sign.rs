use super::Capabilities;
use super::tlv::{self, context};
use crate::{Certificate, signature};
use const_oid::db::{rfc5911, rfc5912};
use der::Encode as _;
use der::asn1::ObjectIdentifier;
use keys::{KeyError, PrivateKey, SignatureAlgorithm};
use openssl::sha::{sha256, sha384, sha512};
use time::OffsetDateTime;

/// Who signs, and what is said about it.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'a> {
    /// The key.
    pub key: &'a dyn PrivateKey,
    /// How it signs.
    pub algorithm: SignatureAlgorithm,
    /// Its certificate.
    pub certificate: &'a Certificate,
    /// The certificates between it and a root, which go with the message.
    pub chain: &'a [Certificate],
    /// When it is signed; fractions of a second are cut off.
    pub time: OffsetDateTime,
    /// The certificate to which answers are to be encrypted, if there is one; it goes with the message.
    pub encryption: Option<&'a Certificate>,
}

/// Where the content is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// Outside of the message, as in `multipart/signed`.
    Detached,
    /// Inside of the message.
    Opaque,
}

/// Signs `content` as a DER `ContentInfo` with SignedData, with the signing time, the own
/// [`Capabilities`] and the signer's certificate among what is signed.
///
/// # Errors
///
/// [`SignError`] if the key does not sign or is not that of the certificate.
pub fn sign(content: &[u8], signing: &Signing<'_>, form: Form) -> Result<Vec<u8>, SignError> {
    let (key, certificate) = (signing.key, signing.certificate);
    if key.public_key() != certificate.public_key() {
        return Err(SignError::Mismatch);
    }
    let (digest_oid, digest) = digest(signing.algorithm, content);
    let attributes = attributes(signing, &digest)?;
    // What is signed has the tag of a SET, what is sent an implicit one (RFC 5652 §5.4).
    let signed = tlv::set_of(tlv::SET, attributes.clone());
    let signature = key.sign(signing.algorithm, &signed).map_err(SignError::Key)?;
    let algorithm = signature::identifier(signing.algorithm).to_der()?;
    let digest_algorithm = tlv::algorithm(digest_oid);
    let signer = tlv::sequence(&[
        &tlv::integer(1),
        &issuer_and_serial(certificate),
        &digest_algorithm,
        &tlv::set_of(context(0), attributes),
        &algorithm,
        &tlv::octet_string(&signature.0),
    ]);
    let content = match form {
        Form::Detached => Vec::new(),
        Form::Opaque => tlv::write(context(0), &[&tlv::octet_string(content)]),
    };
    let message = tlv::sequence(&[
        &tlv::integer(1),
        &tlv::write(tlv::SET, &[&digest_algorithm]),
        &tlv::sequence(&[&tlv::oid(rfc5911::ID_DATA), &content]),
        &tlv::set_of(context(0), certificates(signing)),
        &tlv::write(tlv::SET, &[&signer]),
    ]);

    Ok(tlv::sequence(&[&tlv::oid(rfc5911::ID_SIGNED_DATA), &tlv::write(context(0), &[&message])]))
}

/// Why a message was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The time is none that a certificate could name.
    #[error("the message cannot be encoded")]
    Encoding(#[from] der::Error),
    /// The key did not sign; its error says whether asking again can help.
    #[error("the key did not sign")]
    Key(#[source] KeyError),
    /// The key does not belong to the certificate.
    #[error("the key does not belong to the certificate")]
    Mismatch,
}

fn digest(algorithm: SignatureAlgorithm, content: &[u8]) -> (ObjectIdentifier, Vec<u8>) {
    match algorithm {
        SignatureAlgorithm::EcdsaP256Sha256
        | SignatureAlgorithm::RsaPkcs1Sha256
        | SignatureAlgorithm::RsaPssSha256 => (rfc5912::ID_SHA_256, sha256(content).to_vec()),
        SignatureAlgorithm::EcdsaP384Sha384 => (rfc5912::ID_SHA_384, sha384(content).to_vec()),
        // RFC 8419 §3.1 wants this digest with Ed25519.
        SignatureAlgorithm::EcdsaP521Sha512 | SignatureAlgorithm::Ed25519 => {
            (rfc5912::ID_SHA_512, sha512(content).to_vec())
        }
    }
}

fn attributes(signing: &Signing<'_>, digest: &[u8]) -> Result<Vec<Vec<u8>>, der::Error> {
    let attribute =
        |kind, value: &[u8]| tlv::sequence(&[&tlv::oid(kind), &tlv::write(tlv::SET, &[value])]);
    let certificate = tlv::octet_string(&sha256(signing.certificate.as_der()));
    // Three SEQUENCEs: the attribute, its list of certificates, and the first of them (RFC 5035 §3).
    let certificate = tlv::sequence(&[&tlv::sequence(&[&tlv::sequence(&[&certificate])])]);
    let mut attributes = vec![
        attribute(rfc5911::ID_CONTENT_TYPE, &tlv::oid(rfc5911::ID_DATA)),
        attribute(rfc5911::ID_SIGNING_TIME, &crate::issue::time(signing.time)?.to_der()?),
        attribute(rfc5911::ID_MESSAGE_DIGEST, &tlv::octet_string(digest)),
        attribute(rfc5911::SMIME_CAPABILITIES, &Capabilities::own().to_der()),
        attribute(rfc5911::ID_AA_SIGNING_CERTIFICATE_V_2, &certificate),
    ];
    if let Some(encryption) = signing.encryption {
        let preferred = tlv::write(context(0), &[encryption.raw_issuer(), encryption.raw_serial()]);
        attributes.push(attribute(rfc5911::ID_AA_ENCRYP_KEY_PREF, &preferred));
    }

    Ok(attributes)
}

fn certificates(signing: &Signing<'_>) -> Vec<Vec<u8>> {
    let all = std::iter::once(signing.certificate).chain(signing.chain).chain(signing.encryption);
    let mut all: Vec<_> = all.map(|certificate| certificate.as_der().to_vec()).collect();
    all.sort();
    all.dedup();

    all
}

/// `IssuerAndSerialNumber` (RFC 5652 §10.2.4).
pub(super) fn issuer_and_serial(certificate: &Certificate) -> Vec<u8> {
    tlv::sequence(&[certificate.raw_issuer(), certificate.raw_serial()])
}
