use super::cipher::{ContentCipher, Parameters, Seal};
use super::recipient::Recipient;
use super::tlv::{self, Algorithm, Value, Values, context, primitive};
use super::{AUTH_ENVELOPED_DATA, Malformed, ber};
use crate::Certificate;
use const_oid::db::rfc5911;
use der::asn1::ObjectIdentifier;
use keys::{KeyError, PrivateKey};
use zeroize::Zeroizing;

/// Opens a message that was encrypted for the holder of `certificate`, whose key is `key`, with one
/// of the ciphers of today.
///
/// # Errors
///
/// Those of [`decrypt`]; [`OpenError::UnsupportedAlgorithm`] for the ciphers of old mail too.
pub fn open(
    message: &[u8],
    key: &dyn PrivateKey,
    certificate: &Certificate,
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    decrypt(message, key, certificate, Ciphers::Strong).map(|decrypted| decrypted.content)
}

/// Opens a message that was encrypted for the holder of `certificate`, whose key is `key`, and says
/// how it was encrypted. Nothing comes back before all of it is decrypted and checked.
///
/// # Errors
///
/// [`OpenError::Undecipherable`] for all that can go wrong once the content key was unwrapped, and
/// for a wrong padding of it, so that the answer helps nobody who sends messages to learn from it.
pub fn decrypt(
    message: &[u8],
    key: &dyn PrivateKey,
    certificate: &Certificate,
    ciphers: Ciphers,
) -> Result<Decrypted, OpenError> {
    let message = ber::normalise(message)?;
    let sealed = Sealed::read(&message)?;
    let cipher = sealed.parameters.cipher;
    let content_key = content_key(cipher, sealed.recipients, key, certificate, ciphers)?;
    let content =
        sealed.parameters.decrypt(&content_key, &sealed.content, sealed.authentication.as_ref())?;

    Ok(Decrypted { content, cipher, content_type: sealed.content_type })
}

/// Has the key of a content unwrapped, if its cipher is good enough.
pub(super) fn content_key(
    cipher: ContentCipher,
    recipients: Values<'_>,
    key: &dyn PrivateKey,
    certificate: &Certificate,
    ciphers: Ciphers,
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    match ciphers {
        Ciphers::Strong if !cipher.is_strong() => return Err(unsupported(cipher.oid())),
        Ciphers::Historic | Ciphers::Strong => {}
    }
    let recipient = Recipient::find(recipients, certificate)?;

    recipient.content_key(key, cipher.key_length()).map_err(OpenError::Key)
}

/// Which ciphers of contents are good enough.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ciphers {
    /// Triple DES and RC2 too, in which old mail is written.
    Historic,
    /// AES alone.
    Strong,
}

/// A message that was decrypted.
#[derive(Debug)]
pub struct Decrypted {
    /// What it held.
    pub content: Zeroizing<Vec<u8>>,
    /// How it was encrypted.
    pub cipher: ContentCipher,
    /// What it says that its content is; nobody has vouched for it.
    pub content_type: ObjectIdentifier,
}

impl Decrypted {
    /// Tells whether the content is said to be plain data, as that of mail is (RFC 5652 §4).
    pub fn holds_data(&self) -> bool {
        self.content_type == rfc5911::ID_DATA
    }
}

/// Why a message was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The bytes are not an encrypted message.
    #[error("the message is damaged or not an encrypted one")]
    Damaged(#[from] Malformed),
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
struct Sealed<'a> {
    recipients: Values<'a>,
    content_type: ObjectIdentifier,
    parameters: Parameters<'a>,
    content: Vec<&'a [u8]>,
    authentication: Option<Seal<'a>>,
}

impl<'a> Sealed<'a> {
    fn read(message: &'a [u8]) -> Result<Self, OpenError> {
        let (kind, content) = super::content_info(message)?;
        let authenticated = is_authenticated(kind)?;
        let mut values = content.values();
        values.take(tlv::INTEGER)?;
        values.optional(context(0))?;
        let recipients = values.take(tlv::SET)?.values();
        let (content_type, algorithm, content) = encrypted_content(values.take(tlv::SEQUENCE)?)?;
        let parameters = Parameters::read(&algorithm, authenticated)?;
        let authentication = if authenticated {
            let attributes = values.optional(context(1))?;
            let tag = values.take(tlv::OCTET_STRING)?.content;
            if tag.len() != parameters.tag_length {
                return Err(Malformed.into());
            }
            // What is authenticated has the tag of a SET (RFC 5083 §2.2).
            let attributes = attributes.map(|found| tlv::write(tlv::SET, &[found.content]));
            Some(Seal { attributes: attributes.unwrap_or_default(), tag })
        } else {
            None
        };
        // Attributes that nobody protects.
        values.optional(context(if authenticated { 2 } else { 1 }))?;
        values.end()?;

        Ok(Self { recipients, content_type, parameters, content, authentication })
    }
}

/// `EncryptedContentInfo` (RFC 5652 §6.1); a content that is kept elsewhere is none.
fn encrypted_content(
    info: Value<'_>,
) -> Result<(ObjectIdentifier, Algorithm<'_>, Vec<&[u8]>), Malformed> {
    let mut values = info.values();
    let content_type = values.any()?.oid()?;
    let algorithm = Algorithm::read(values.any()?)?;
    let content = values.any()?;
    values.end()?;
    if content.tag != context(0) && content.tag != primitive(0) {
        return Err(Malformed);
    }

    Ok((content_type, algorithm, content.octets()?))
}

/// Tells which of the two kinds of encrypted message it is.
pub(super) fn is_authenticated(kind: ObjectIdentifier) -> Result<bool, OpenError> {
    if kind == AUTH_ENVELOPED_DATA {
        return Ok(true);
    }

    if kind == rfc5911::ID_ENVELOPED_DATA { Ok(false) } else { Err(unsupported(kind)) }
}

fn unsupported(oid: ObjectIdentifier) -> OpenError {
    OpenError::UnsupportedAlgorithm(oid.to_string())
}
