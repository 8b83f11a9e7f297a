use super::{AUTH_ENVELOPED_DATA, ContentCipher, GcmParameters, cbc, gcm};
use crate::Certificate;
use cms::authenveloped_data::AuthEnvelopedData;
use cms::content_info::ContentInfo;
use cms::enveloped_data::{
    EncryptedContentInfo, EnvelopedData, KeyTransRecipientInfo, RecipientIdentifier, RecipientInfo,
    RecipientInfos,
};
use const_oid::db::{rfc5911, rfc5912};
use der::asn1::{Any, ObjectIdentifier, OctetString};
use der::{Decode as _, Encode as _, Sequence};
use keys::{KeyError, KeyTransport, PrivateKey};
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;
use openssl::rand::rand_bytes;
use spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

/// Opens a message that was encrypted for the holder of `certificate`, whose key is `key`.
///
/// # Errors
///
/// [`OpenError::Undecipherable`] for all that can go wrong once the content key was unwrapped, and
/// for a wrong padding of it, so that the answer helps nobody who sends messages to learn from it.
pub fn open(
    message: &[u8],
    key: &dyn PrivateKey,
    certificate: &Certificate,
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let sealed = Sealed::read(message)?;
    let recipient = sealed.recipient(certificate)?;
    let transport = transport(&recipient.key_enc_alg)?;
    let mut content_key = Zeroizing::new(vec![0; sealed.cipher.key_length]);
    // A decoy that nobody can guess stands in for a key that was not unwrapped (RFC 3218 §2.3.2).
    rand_bytes(&mut content_key).map_err(|error| OpenError::Key(store(error)))?;
    match key.unwrap(transport, recipient.enc_key.as_bytes()) {
        Ok(unwrapped) if unwrapped.len() == sealed.cipher.key_length => content_key = unwrapped,
        Ok(_) | Err(KeyError::Undecipherable) => {}
        Err(error) => return Err(OpenError::Key(error)),
    }

    sealed.decrypt(&content_key).map_err(|_| OpenError::Undecipherable)
}

/// Why a message was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The bytes are not an encrypted message.
    #[error("the message is damaged or not an encrypted one")]
    Damaged(#[source] der::Error),
    /// The key did not answer; its error says whether asking again can help.
    #[error("the key did not unwrap the message's key")]
    Key(#[source] KeyError),
    /// The message is for others.
    #[error("the message is not encrypted for this certificate")]
    NotARecipient,
    /// The key or the content does not decrypt, for whatever reason.
    #[error("the message cannot be decrypted")]
    Undecipherable,
    /// The message uses an algorithm that is not known here.
    #[error("the message uses the unknown algorithm {0}")]
    UnsupportedAlgorithm(String),
}

/// What the two kinds of message have in common.
struct Sealed {
    recipients: RecipientInfos,
    cipher: ContentCipher,
    nonce: Vec<u8>,
    content: Vec<u8>,
    authentication: Option<Authentication>,
}

struct Authentication {
    attributes: Vec<u8>,
    tag: Vec<u8>,
}

impl Sealed {
    fn read(message: &[u8]) -> Result<Self, OpenError> {
        let message = ContentInfo::from_ber(message).map_err(OpenError::Damaged)?;
        if message.content_type == AUTH_ENVELOPED_DATA {
            let content: AuthEnvelopedData = inner(&message.content).map_err(OpenError::Damaged)?;
            return Self::authenticated(content);
        }
        if message.content_type == rfc5911::ID_ENVELOPED_DATA {
            let content: EnvelopedData = inner(&message.content).map_err(OpenError::Damaged)?;
            return Self::plain(content);
        }

        Err(unsupported(message.content_type))
    }

    fn authenticated(message: AuthEnvelopedData) -> Result<Self, OpenError> {
        let info = message.auth_encrypted_content_info;
        let algorithm = &info.content_enc_alg;
        let cipher = gcm(algorithm.oid).ok_or_else(|| unsupported(algorithm.oid))?;
        let parameters: GcmParameters =
            parameters(algorithm.parameters.as_ref()).map_err(OpenError::Damaged)?;
        let tag = message.mac.as_bytes().to_vec();
        let shortened = usize::from(parameters.tag_length) != tag.len() || tag.len() < 12;
        if shortened || tag.len() > 16 {
            return Err(OpenError::Damaged(der::ErrorKind::Failed.into()));
        }
        let attributes = match &message.auth_attrs {
            Some(attributes) => attributes.to_der().map_err(OpenError::Damaged)?,
            None => Vec::new(),
        };

        Ok(Self {
            recipients: message.recip_infos,
            cipher,
            nonce: parameters.nonce.as_bytes().to_vec(),
            content: content(&info)?,
            authentication: Some(Authentication { attributes, tag }),
        })
    }

    fn plain(message: EnvelopedData) -> Result<Self, OpenError> {
        let info = message.encrypted_content;
        let algorithm = &info.content_enc_alg;
        let cipher = cbc(algorithm.oid).ok_or_else(|| unsupported(algorithm.oid))?;
        let nonce: OctetString =
            parameters(algorithm.parameters.as_ref()).map_err(OpenError::Damaged)?;
        if nonce.as_bytes().len() != 16 {
            return Err(OpenError::Damaged(der::ErrorKind::Failed.into()));
        }

        Ok(Self {
            recipients: message.recip_infos,
            cipher,
            nonce: nonce.as_bytes().to_vec(),
            content: content(&info)?,
            authentication: None,
        })
    }

    fn recipient(&self, certificate: &Certificate) -> Result<&KeyTransRecipientInfo, OpenError> {
        let identifier = certificate.key_identifier();
        let found = self.recipients.0.iter().find_map(|info| match info {
            RecipientInfo::Ktri(info) => {
                is_for(&info.rid, certificate, identifier.as_deref()).then_some(info)
            }
            RecipientInfo::Kari(_)
            | RecipientInfo::Kekri(_)
            | RecipientInfo::Pwri(_)
            | RecipientInfo::Ori(_) => None,
        });

        found.ok_or(OpenError::NotARecipient)
    }

    fn decrypt(&self, key: &[u8]) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
        let mut context = CipherCtx::new()?;
        context.decrypt_init(Some(self.cipher.cipher), None, None)?;
        if self.authentication.is_some() {
            context.set_iv_length(self.nonce.len())?;
        }
        context.decrypt_init(None, Some(key), Some(&self.nonce))?;
        if let Some(authentication) = &self.authentication {
            context.set_tag(&authentication.tag)?;
            if !authentication.attributes.is_empty() {
                context.cipher_update(&authentication.attributes, None)?;
            }
        }
        let mut plain = Zeroizing::new(vec![0; self.content.len() + 32]);
        let written = context.cipher_update(&self.content, Some(&mut plain))?;
        let rest = plain.get_mut(written..).unwrap_or_default();
        let last = context.cipher_final(rest)?;
        plain.truncate(written + last);

        Ok(plain)
    }
}

/// `RSAES-OAEP-params` (RFC 4055 §4.1), read.
#[derive(Sequence)]
struct OaepParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    label: Option<AlgorithmIdentifierOwned>,
}

fn transport(identifier: &AlgorithmIdentifierOwned) -> Result<KeyTransport, OpenError> {
    if identifier.oid == rfc5912::RSA_ENCRYPTION {
        return Ok(KeyTransport::Pkcs1);
    }
    if identifier.oid != rfc5912::ID_RSAES_OAEP {
        return Err(unsupported(identifier.oid));
    }
    let read: OaepParameters =
        parameters(identifier.parameters.as_ref()).map_err(OpenError::Damaged)?;
    let hash = read.hash.map_or(rfc5912::ID_SHA_1, |hash| hash.oid);
    let mask = match read.mask {
        Some(mask) => {
            let digest: AlgorithmIdentifierOwned =
                parameters(mask.parameters.as_ref()).map_err(OpenError::Damaged)?;
            digest.oid
        }
        None => rfc5912::ID_SHA_1,
    };
    if mask != hash || read.label.is_some() {
        return Err(unsupported(identifier.oid));
    }
    let known = [
        (rfc5912::ID_SHA_1, KeyTransport::OaepSha1),
        (rfc5912::ID_SHA_256, KeyTransport::OaepSha256),
        (rfc5912::ID_SHA_384, KeyTransport::OaepSha384),
        (rfc5912::ID_SHA_512, KeyTransport::OaepSha512),
    ];
    let found = known.into_iter().find(|(oid, _)| *oid == hash);

    found.map(|(_, transport)| transport).ok_or_else(|| unsupported(hash))
}

fn is_for(
    identifier: &RecipientIdentifier,
    certificate: &Certificate,
    key_identifier: Option<&[u8]>,
) -> bool {
    match identifier {
        RecipientIdentifier::IssuerAndSerialNumber(identifier) => {
            identifier.serial_number.as_bytes() == certificate.serial()
                && identifier.issuer.to_der().is_ok_and(|name| name == certificate.raw_issuer())
        }
        RecipientIdentifier::SubjectKeyIdentifier(identifier) => {
            key_identifier == Some(identifier.0.as_bytes())
        }
    }
}

fn content(info: &EncryptedContentInfo) -> Result<Vec<u8>, OpenError> {
    let content = info.encrypted_content.as_ref();
    let content = content.ok_or_else(|| {
        OpenError::Damaged(
            der::ErrorKind::Incomplete {
                expected_len: der::Length::ONE,
                actual_len: der::Length::ZERO,
            }
            .into(),
        )
    })?;

    Ok(content.as_bytes().to_vec())
}

/// Reads the content of a message, which may be in BER.
fn inner<T: for<'a> der::DecodeValue<'a, Error = der::Error> + der::FixedTag>(
    content: &Any,
) -> Result<T, der::Error> {
    content.decode_as_encoding(der::EncodingRules::Ber)
}

fn parameters<T: for<'a> der::Decode<'a, Error = der::Error>>(
    parameters: Option<&Any>,
) -> Result<T, der::Error> {
    let missing = || der::Error::from(der::ErrorKind::Failed);

    T::from_der(&parameters.ok_or_else(missing)?.to_der()?)
}

fn unsupported(oid: ObjectIdentifier) -> OpenError {
    OpenError::UnsupportedAlgorithm(oid.to_string())
}

fn store(error: ErrorStack) -> KeyError {
    KeyError::Store(Box::new(error))
}
