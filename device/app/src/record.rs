//! What the app knows of its registration; kept in the container, in the form that is promised.

use crate::Standing;
use crate::http::{Address, AddressError, Client, ClientIdentity, Trust};
use data_encoding::BASE64;
use pki::{Certificate, CertificateError};
use policy::{Document, SignedDocument, VerifyError};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use vault::{Documents, Slot};
use zeroize::{Zeroize, Zeroizing};

/// The registration itself.
pub(crate) const DEVICE: Slot = Slot("device");
/// The signed settings, as they came.
pub(crate) const SETTINGS: Slot = Slot("settings");
/// The standing that the server told last, as [`standing`] writes it.
pub(crate) const STANDING: Slot = Slot("standing");
const BLOCKED: &str = "blocked";
/// The password of the mailbox.
pub(crate) const MAIL_PASSWORD: Slot = Slot("mail-password");
/// The refresh token of a sign-in with an identity provider.
pub(crate) const MAIL_TOKEN: Slot = Slot("mail-token");
/// Where the mailbox is, if the server of the registration sent us on.
pub(crate) const MAIL_PLACE: Slot = Slot("mail-place");

/// The registration of this device.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    /// The id that the server gave it.
    pub(crate) device: String,
    /// Its identifier in ActiveSync.
    pub(crate) eas_id: String,
    /// Where the server is: `HOST[:PORT]`.
    pub(crate) server: String,
    /// Cordon's authority, DER in base64.
    authority: String,
    /// The device's certificate, DER in base64.
    certificate: String,
    /// The device's key, PKCS#8 in base64.
    key: String,
}

/// Why the registration in the container cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    /// The server's address is none.
    #[error("the registration names no server")]
    Address(#[from] AddressError),
    /// A certificate is damaged.
    #[error("a certificate of the registration is damaged")]
    Certificate(#[from] CertificateError),
    /// It is not in the form that is written.
    #[error("the registration is damaged")]
    Form,
    /// There is none.
    #[error("the container holds no registration")]
    Missing,
    /// Key and certificate are not accepted for TLS.
    #[error("the device's certificate cannot be used")]
    Tls(#[from] rustls::Error),
    /// The container was locked, or failed.
    #[error(transparent)]
    Vault(#[from] vault::AccessError),
    /// The settings are not those that the portal signed (P6).
    #[error("the settings were changed: {0}")]
    Settings(#[from] VerifyError),
}

impl Record {
    /// Puts together what a registration gave.
    pub(crate) fn new(
        server: &str,
        eas_id: &str,
        device: &str,
        authority: &Certificate,
        certificate: &Certificate,
        key: &[u8],
    ) -> Self {
        Self {
            device: device.to_owned(),
            eas_id: eas_id.to_owned(),
            server: server.to_owned(),
            authority: BASE64.encode(authority.as_der()),
            certificate: BASE64.encode(certificate.as_der()),
            key: BASE64.encode(key),
        }
    }

    /// Reads the registration of an open container.
    pub(crate) fn read(documents: &Documents<'_>) -> Result<Self, RecordError> {
        let text = documents.read(DEVICE)?.ok_or(RecordError::Missing)?;

        serde_json::from_slice(&text).map_err(|_| RecordError::Form)
    }

    /// The form in which it is stored.
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(self).expect("texts can be written as JSON"))
    }

    /// The certificate with which the device proves itself.
    pub(crate) fn certificate(&self) -> Result<Certificate, RecordError> {
        let der = BASE64.decode(self.certificate.as_bytes()).map_err(|_| RecordError::Form)?;

        Ok(Certificate::from_der(&der)?)
    }

    /// The same registration with another certificate and its key (PKCS#8).
    pub(crate) fn renewed(&self, certificate: &Certificate, key: &[u8]) -> Self {
        let mut renewed = self.clone();
        renewed.key.zeroize();
        renewed.key = BASE64.encode(key);
        renewed.certificate = BASE64.encode(certificate.as_der());

        renewed
    }

    /// Cordon's authority.
    pub(crate) fn authority(&self) -> Result<Certificate, RecordError> {
        let der = BASE64.decode(self.authority.as_bytes()).map_err(|_| RecordError::Form)?;

        Ok(Certificate::from_der(&der)?)
    }

    /// A client of the server that shows the device's certificate.
    pub(crate) fn client(&self) -> Result<Client, RecordError> {
        self.client_of(Address::parse(&self.server)?)
    }

    /// A client of another server, trusted and shown the same.
    pub(crate) fn client_of(&self, address: Address) -> Result<Client, RecordError> {
        let decode = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| RecordError::Form);
        let identity = ClientIdentity {
            certificate: decode(&self.certificate)?,
            key: Zeroizing::new(decode(&self.key)?),
        };
        let trust = Trust::Authority(self.authority()?);

        Ok(Client::new(address, &trust, Some(identity))?)
    }
}

/// Writes a standing: `active`, or `blocked` and the reason in a line of its own.
pub(crate) fn standing(standing: Standing, reason: Option<&str>) -> String {
    match (standing, reason) {
        (Standing::Blocked, Some(reason)) => format!("{BLOCKED}\n{reason}"),
        (Standing::Blocked, None) => BLOCKED.to_owned(),
        (Standing::Active | Standing::Unregistered | Standing::Wiped, _) => "active".to_owned(),
    }
}

/// Reads a written standing; `Some` says that it is blocked, and for what reason. What cannot be read is blocked.
pub(crate) fn blocked(
    written: Result<Option<Zeroizing<Vec<u8>>>, vault::AccessError>,
) -> Option<Option<String>> {
    let Ok(written) = written else { return Some(None) };
    let text = String::from_utf8_lossy(written.as_ref()?).into_owned();
    let mut lines = text.splitn(2, '\n');

    (lines.next() == Some(BLOCKED)).then(|| lines.next().map(str::to_owned))
}

impl Drop for Record {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("device", &self.device).finish_non_exhaustive()
    }
}

/// Reads the settings of an open container and checks that they are the portal's (P6).
pub(crate) fn settings(
    documents: &Documents<'_>,
    authority: &Certificate,
    now: OffsetDateTime,
) -> Result<Document, RecordError> {
    let text = documents.read(SETTINGS)?.ok_or(RecordError::Missing)?;
    let signed: SignedDocument = serde_json::from_slice(&text).map_err(|_| RecordError::Form)?;

    Ok(signed.verify(authority, now)?)
}
