use super::{AUTH_ENVELOPED_DATA, GcmParameters};
use crate::signature::encode;
use crate::{Certificate, KeyKind};
use cms::authenveloped_data::AuthEnvelopedData;
use cms::cert::IssuerAndSerialNumber;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::enveloped_data::{
    EncryptedContentInfo, KeyTransRecipientInfo, RecipientIdentifier, RecipientInfo, RecipientInfos,
};
use const_oid::db::{rfc5911, rfc5912};
use der::asn1::{Any, OctetString};
use der::{Decode as _, Encode as _, Sequence};
use openssl::encrypt::Encrypter;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Padding;
use openssl::symm::{self, Cipher};
use spki::AlgorithmIdentifierOwned;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use zeroize::Zeroizing;

/// Random bytes for one message; using them for a second one breaks both.
pub struct Fresh {
    /// The content key.
    pub key: Zeroizing<[u8; 32]>,
    /// The nonce of AES-GCM.
    pub nonce: [u8; 12],
}

impl std::fmt::Debug for Fresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fresh")
    }
}

/// Encrypts `content` for the holders of `recipients` as a DER `ContentInfo` with AuthEnvelopedData.
///
/// # Errors
///
/// [`SealError`] if there is no recipient, or one whose key cannot be encrypted for.
pub fn seal(
    content: &[u8],
    recipients: &[&Certificate],
    fresh: Fresh,
) -> Result<Vec<u8>, SealError> {
    if recipients.is_empty() {
        return Err(SealError::NoRecipient);
    }
    let infos: Result<Vec<_>, _> =
        recipients.iter().map(|recipient| wrap(recipient, &fresh.key)).collect();
    let mut tag = [0; 16];
    let sealed = symm::encrypt_aead(
        Cipher::aes_256_gcm(),
        fresh.key.as_slice(),
        Some(&fresh.nonce),
        &[],
        content,
        &mut tag,
    )
    .map_err(SealError::Encryption)?;
    let message = AuthEnvelopedData {
        version: CmsVersion::V0,
        originator_info: None,
        recip_infos: RecipientInfos::try_from(infos?)?,
        auth_encrypted_content_info: EncryptedContentInfo {
            content_type: rfc5911::ID_DATA,
            content_enc_alg: gcm_identifier(&fresh.nonce)?,
            encrypted_content: Some(OctetString::new(sealed)?),
        },
        auth_attrs: None,
        mac: OctetString::new(tag)?,
        unauth_attrs: None,
    };
    let message = ContentInfo { content_type: AUTH_ENVELOPED_DATA, content: encode(&message) };

    Ok(message.to_der()?)
}

/// Why a message was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The message is too large, or a recipient's name is malformed.
    #[error("the message cannot be encoded")]
    Encoding(#[from] der::Error),
    /// OpenSSL failed; try again later.
    #[error("the encryption failed")]
    Encryption(#[source] ErrorStack),
    /// Name at least one recipient.
    #[error("the message has no recipient")]
    NoRecipient,
    /// The recipient needs a certificate with an RSA key of 2048 bits or more.
    #[error("{0}: the key is not RSA of at least 2048 bits")]
    UnsupportedKey(String),
}

/// `RSAES-OAEP-params` (RFC 4055 §4.1).
#[derive(Sequence)]
struct OaepParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask: Option<AlgorithmIdentifierOwned>,
}

fn wrap(recipient: &Certificate, key: &[u8; 32]) -> Result<RecipientInfo, SealError> {
    let kind = recipient.key_kind();
    if !matches!(kind, KeyKind::Rsa { .. }) || !kind.is_strong() {
        return Err(SealError::UnsupportedKey(recipient.subject()));
    }
    let wrapped = encrypt(recipient.public_key(), key).map_err(SealError::Encryption)?;

    Ok(RecipientInfo::Ktri(KeyTransRecipientInfo {
        version: CmsVersion::V0,
        rid: RecipientIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer: Name::from_der(recipient.raw_issuer())?,
            serial_number: SerialNumber::new(recipient.serial())?,
        }),
        key_enc_alg: oaep_identifier(),
        enc_key: OctetString::new(wrapped)?,
    }))
}

fn encrypt(public_key: &[u8], key: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let public_key = PKey::public_key_from_der(public_key)?;
    let mut encrypter = Encrypter::new(&public_key)?;
    encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
    encrypter.set_rsa_oaep_md(MessageDigest::sha256())?;
    encrypter.set_rsa_mgf1_md(MessageDigest::sha256())?;
    let mut wrapped = vec![0; encrypter.encrypt_len(key)?];
    let length = encrypter.encrypt(key, &mut wrapped)?;
    wrapped.truncate(length);

    Ok(wrapped)
}

fn oaep_identifier() -> AlgorithmIdentifierOwned {
    let hash = AlgorithmIdentifierOwned { oid: rfc5912::ID_SHA_256, parameters: Some(Any::null()) };
    let mask = AlgorithmIdentifierOwned { oid: rfc5912::ID_MGF_1, parameters: Some(encode(&hash)) };
    let parameters = OaepParameters { hash: Some(hash), mask: Some(mask) };

    AlgorithmIdentifierOwned { oid: rfc5912::ID_RSAES_OAEP, parameters: Some(encode(&parameters)) }
}

fn gcm_identifier(nonce: &[u8]) -> Result<AlgorithmIdentifierOwned, der::Error> {
    let parameters = GcmParameters { nonce: OctetString::new(nonce)?, tag_length: 16 };

    Ok(AlgorithmIdentifierOwned {
        oid: rfc5911::ID_AES_256_GCM,
        parameters: Some(encode(&parameters)),
    })
}
