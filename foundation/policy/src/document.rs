use crate::{Settings, Violation};
use data_encoding::BASE64;
use keys::{KeyError, PrivateKey, SignatureAlgorithm};
use pki::Certificate;
use pki::validate::{Distrusted, Inputs, Use, validate};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The name and version of the document's format.
pub const FORMAT: &str = "cordon-settings/1";

/// The most bytes of a document that are read.
const MAX_SIZE: usize = 64 * 1024;

/// The most certificates that may come with a document.
const MAX_CERTIFICATES: usize = 4;

/// Settings as they are handed to one device.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Always [`FORMAT`].
    pub format: String,
    /// The id of the device that they are for.
    pub device: String,
    /// The name of the group that they come from.
    pub group: String,
    /// The number of the group's settings, which grows with each change.
    pub revision: u64,
    /// When the group's settings were last changed.
    #[serde(with = "time::serde::rfc3339")]
    pub changed_at: OffsetDateTime,
    /// The settings.
    pub settings: Settings,
}

/// A document with its signature: what goes over the wire and into the container.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignedDocument {
    /// The document's bytes, JSON, in base64.
    pub document: String,
    /// The name of the signature's algorithm, see [`SignatureAlgorithm::name`].
    pub algorithm: String,
    /// The signature over [`FORMAT`], a line feed and the document's bytes, in base64.
    pub signature: String,
    /// The signer's certificate and those between it and the anchor, DER, in base64.
    pub certificates: Vec<String>,
}

impl SignedDocument {
    /// Signs a document with the key of the first of `certificates`.
    ///
    /// # Errors
    ///
    /// [`SignError`] if the settings are not valid or the key does not sign.
    pub fn sign(
        document: &Document,
        key: &dyn PrivateKey,
        certificates: &[Certificate],
    ) -> Result<Self, SignError> {
        document.settings.validate().map_err(SignError::Settings)?;
        let algorithm = *key.algorithms().first().ok_or(SignError::NoAlgorithm)?;
        let bytes = serde_json::to_vec(document).map_err(SignError::Encoding)?;
        let signature = key.sign(algorithm, &signed(&bytes)).map_err(SignError::Key)?;

        Ok(Self {
            document: BASE64.encode(&bytes),
            algorithm: algorithm.name().to_owned(),
            signature: BASE64.encode(&signature.0),
            certificates: certificates.iter().map(|it| BASE64.encode(it.as_der())).collect(),
        })
    }

    /// Verifies that a document was signed for `anchor` and reads it.
    ///
    /// Whether it is for this device, and not older than the last one, is for the caller to check.
    ///
    /// # Errors
    ///
    /// [`VerifyError`] names the first thing wrong; nothing of the document may be used then.
    pub fn verify(
        &self,
        anchor: &Certificate,
        now: OffsetDateTime,
    ) -> Result<Document, VerifyError> {
        if self.document.len() > MAX_SIZE || self.certificates.len() > MAX_CERTIFICATES {
            return Err(VerifyError::TooLarge);
        }
        let algorithm =
            SignatureAlgorithm::from_name(&self.algorithm).ok_or(VerifyError::Signature)?;
        let bytes = decode(&self.document)?;
        let certificates = self
            .certificates
            .iter()
            .map(|it| Certificate::from_der(&decode(it)?).map_err(|_| VerifyError::Damaged))
            .collect::<Result<Vec<_>, _>>()?;
        let (signer, intermediates) = certificates.split_first().ok_or(VerifyError::Damaged)?;
        let anchors = std::slice::from_ref(anchor);
        let inputs =
            Inputs { untrusted: intermediates, ..Inputs::new(anchors, now, Use::DocumentSigning) };
        validate(signer, &inputs).map_err(VerifyError::Signer)?;
        signer
            .verify(algorithm, &signed(&bytes), &decode(&self.signature)?)
            .map_err(|_| VerifyError::Signature)?;
        let document: Document = serde_json::from_slice(&bytes).map_err(VerifyError::Unreadable)?;
        if document.format != FORMAT {
            return Err(VerifyError::Format(document.format));
        }
        document.settings.validate().map_err(VerifyError::Settings)?;

        Ok(document)
    }
}

/// Why a document was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The document cannot be written as JSON.
    #[error("the settings document cannot be encoded")]
    Encoding(#[source] serde_json::Error),
    /// The key did not sign; its error says whether asking again can help.
    #[error("the signing key did not sign")]
    Key(#[source] KeyError),
    /// The key signs with no algorithm.
    #[error("the signing key does not sign")]
    NoAlgorithm,
    /// Correct the settings.
    #[error("the settings are not valid: {}", list(.0))]
    Settings(Vec<Violation>),
}

/// Why a signed document is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// Its parts are not what they should be.
    #[error("the settings document is damaged")]
    Damaged,
    /// It is of a format that is not known here; update the app.
    #[error("the settings document has the unknown format {0:?}")]
    Format(String),
    /// Its settings cannot be put in force.
    #[error("the settings are not valid: {}", list(.0))]
    Settings(Vec<Violation>),
    /// It was changed, or signed with another key.
    #[error("the signature of the settings document is wrong")]
    Signature,
    /// Its signer is not trusted.
    #[error("the signer of the settings document is not trusted")]
    Signer(#[source] Distrusted),
    /// It is larger than any real one.
    #[error("the settings document is too large")]
    TooLarge,
    /// The signed bytes are not a document; update the app.
    #[error("the settings document cannot be read")]
    Unreadable(#[source] serde_json::Error),
}

fn list(violations: &[Violation]) -> String {
    let texts: Vec<_> = violations.iter().map(ToString::to_string).collect();

    texts.join("; ")
}

/// Keeps the signature from being taken for one over something else.
fn signed(bytes: &[u8]) -> Vec<u8> {
    [FORMAT.as_bytes(), b"\n", bytes].concat()
}

fn decode(text: &str) -> Result<Vec<u8>, VerifyError> {
    BASE64.decode(text.as_bytes()).map_err(|_| VerifyError::Damaged)
}
