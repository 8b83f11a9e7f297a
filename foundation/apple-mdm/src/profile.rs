//! Profiles as files: property lists (XML or binary), signed or not, encrypted for a device or not.

use pki::Certificate;
use pki::cms::{self, ContentCipher, Fresh, Recipient, SealError, Signed};
use plist::{Dictionary, Value};
use std::io::Cursor;

/// A profile as it was found.
#[derive(Debug)]
pub struct Profile {
    /// Its values.
    pub content: Dictionary,
    /// The CMS message around it, if it is signed: who by, is for whoever trusts somebody to say.
    pub signature: Option<Signed>,
    /// The property list, byte for byte: what is signed.
    pub bytes: Vec<u8>,
}

impl Profile {
    /// Reads a profile, `.mobileconfig`.
    ///
    /// # Errors
    ///
    /// [`ReadError`] says which of the layers is at fault.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        let (bytes, signature) = if bytes.first() == Some(&0x30) {
            let mut signed = Signed::read(bytes).map_err(|_| ReadError::Signature)?;
            let content = signed.content.take().ok_or(ReadError::Detached)?;
            (content.to_vec(), Some(signed))
        } else {
            (bytes.to_vec(), None)
        };
        let list = Value::from_reader(Cursor::new(&bytes)).map_err(ReadError::List)?;
        let content = list.into_dictionary().ok_or(ReadError::NoDictionary)?;

        Ok(Self { content, signature, bytes })
    }

    /// Tells whether its payloads are encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.content.contains_key("EncryptedPayloadContent")
    }
}

/// Why bytes are no profile.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The signature is beside the profile, where it should be around it.
    #[error("the signature does not contain the profile")]
    Detached,
    /// The property list is damaged.
    #[error("not a property list: {0}")]
    List(#[source] plist::Error),
    /// The property list is something else than a dictionary.
    #[error("the property list is no dictionary")]
    NoDictionary,
    /// What is around the property list is no CMS signature.
    #[error("neither a property list nor a signed one")]
    Signature,
}

/// Encrypts the payloads of a profile for a device's certificate, and writes it as a property list, for signing.
///
/// AES-256 in CBC mode with RSA key transport is what all versions of iOS read.
///
/// # Errors
///
/// [`EncryptError`] if there are no payloads, or the certificate is for nothing of this kind.
pub fn encrypt(
    profile: &Dictionary,
    device: &Certificate,
    fresh: Fresh,
) -> Result<Vec<u8>, EncryptError> {
    let payloads = profile.get("PayloadContent").ok_or(EncryptError::NoPayloads)?;
    let mut list = Vec::new();
    payloads.to_writer_xml(&mut list).map_err(EncryptError::List)?;
    let recipient = Recipient { certificate: device, capabilities: None };
    let sealed = cms::encrypt(&list, &[recipient], ContentCipher::Aes256Cbc, fresh);
    let sealed = sealed.map_err(EncryptError::Encryption)?;
    let mut encrypted = profile.clone();
    encrypted.remove("PayloadContent");
    encrypted.insert("IsEncrypted".to_owned(), Value::Boolean(true));
    encrypted.insert("EncryptedPayloadContent".to_owned(), Value::Data(sealed));
    let mut bytes = Vec::new();
    Value::Dictionary(encrypted).to_writer_xml(&mut bytes).map_err(EncryptError::List)?;

    Ok(bytes)
}

/// Why a profile was not encrypted.
#[derive(Debug, thiserror::Error)]
pub enum EncryptError {
    /// The certificate is not fit, or OpenSSL failed.
    #[error("the payloads were not encrypted")]
    Encryption(#[source] SealError),
    /// The values cannot be written.
    #[error("the profile cannot be written")]
    List(#[source] plist::Error),
    /// There is nothing to encrypt.
    #[error("the profile has no PayloadContent; perhaps it is encrypted already")]
    NoPayloads,
}
