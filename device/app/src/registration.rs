//! The app's side of a registration, as `docs/registration.md` describes it.
//!
//! Everything goes over one [`Connection`], whose exporter is part of every hash: an answer fits no other.

mod link;
mod message;
mod transcript;

pub(crate) use link::Link;

use data_encoding::BASE64;
use keys::{KeyError, PrivateKey, SignatureAlgorithm};
use message::{Finish, Offer, Refusal, Result as Granted, Signed, Start};
use openssl::{hash::MessageDigest, pkey::PKey, sign::Signer};
use pki::cms;
use pki::validate::{Distrusted, Inputs, Use, validate};
use pki::{Certificate, Subject};
use policy::{Document, SignedDocument, VerifyError};
use serde::de::DeserializeOwned;
use time::OffsetDateTime;
use transcript::{Step, Transcript};
use zeroize::Zeroizing;

/// One TLS connection to the server, kept from the first request to the last.
pub(crate) trait Connection: Send {
    /// Why a request got no answer.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Returns what both ends derived: label `EXPORTER-cordon-registration-v1`, a context that is there and empty.
    fn exporter(&self) -> [u8; 32];

    /// Sends a JSON body to a path and waits for the answer. Never opens another connection.
    fn post(
        &mut self,
        path: &str,
        body: Vec<u8>,
    ) -> impl Future<Output = Result<Answer, Self::Error>> + Send;
}

/// What came back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// Who registers, with what.
#[derive(Debug)]
pub(crate) struct Applicant<'a> {
    /// The invitation.
    pub(crate) link: &'a Link,
    /// What the console will show.
    pub(crate) device: DeviceFacts<'a>,
    /// A fresh key on P-256.
    pub(crate) device_key: &'a dyn PrivateKey,
    /// The key of the person's certificate.
    pub(crate) person_key: &'a dyn PrivateKey,
    /// The person's certificate.
    pub(crate) person: &'a Certificate,
    /// 32 random bytes.
    pub(crate) nonce: [u8; 32],
}

/// What the app says about its device.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeviceFacts<'a> {
    /// What it calls itself; the name from the invitation stays if there is none.
    pub(crate) name: Option<&'a str>,
    /// Make and model.
    pub(crate) model: &'a str,
    /// Operating system.
    pub(crate) system: &'a str,
    /// The version of the app.
    pub(crate) app_version: &'a str,
    /// The identifier for ActiveSync: 1 to 32 letters and digits, random.
    pub(crate) eas_id: &'a str,
}

/// What a device has once it is registered.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    /// The device's id.
    pub(crate) device: String,
    /// The certificate of the device's key.
    pub(crate) certificate: Certificate,
    /// Cordon's authority, the anchor from here on.
    pub(crate) authority: Certificate,
    /// The settings as they came.
    pub(crate) signed: SignedDocument,
    /// The settings, verified.
    pub(crate) document: Document,
}

/// Registers this device.
///
/// # Errors
///
/// [`RegistrationError`] tells a refusal of the server from a server that is not to be trusted.
pub(crate) async fn register<C: Connection>(
    connection: &mut C,
    applicant: &Applicant<'_>,
    now: OffsetDateTime,
) -> Result<Registered, RegistrationError<C::Error>> {
    let body = start(applicant)?;
    let transcript = Transcript::start(&connection.exporter(), &body);
    let offer = exchange(connection, "/app/v1/registration/start", body).await?;
    let accepted = accept(offer, transcript, applicant, now)?;

    let body = finish(&accepted, applicant)?;
    let transcript = accepted.transcript.then(Step::Finish, &body);
    let granted = exchange(connection, "/app/v1/registration/finish", body).await?;

    take(granted, transcript, accepted, applicant, now)
}

/// Why this device is not registered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistrationError<E> {
    /// The connection failed; try again.
    #[error("the server gave no answer")]
    Connection(#[source] E),
    /// A key did not do what it was asked; its error says whether asking again can help.
    #[error("the key did not answer")]
    Key(#[source] KeyError),
    /// The person's certificate is not the one that IT deposited, or the request could not be made of it.
    #[error("the challenge is not meant for this certificate")]
    OtherCertificate,
    /// The server said no.
    #[error("the server refused ({code}): {detail}")]
    Refused {
        /// The stable code.
        code: String,
        /// The reason, in English.
        detail: String,
    },
    /// Whoever answered is not the server that the invitation names, or somebody is in between.
    #[error("the server is not to be trusted: {0}")]
    Untrusted(Distrust),
}

/// What does not fit about a server's answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Distrust {
    /// The authority is not the one that the invitation names.
    #[error("its authority is not the one that the invitation names")]
    Authority,
    /// The certificate it handed out is not for this device's key.
    #[error("the certificate it issued is not for this device")]
    Certificate,
    /// The challenge is about something else.
    #[error("its challenge does not belong to this registration")]
    Challenge,
    /// The answer is not of the documented form.
    #[error("its answer cannot be read")]
    Form,
    /// The settings are not signed for this device.
    #[error("the settings it handed out are not for this device")]
    Settings,
    /// The portal's signature does not fit this connection and these messages.
    #[error("its signature does not fit this connection")]
    Signature,
    /// The signer's or the device's certificate does not lead to the authority.
    #[error("its certificate is not valid: {0}")]
    Signer(Distrusted),
}

impl<E> From<Distrust> for RegistrationError<E> {
    fn from(distrust: Distrust) -> Self {
        Self::Untrusted(distrust)
    }
}

/// What was learnt from the offer.
struct Accepted {
    registration: String,
    secret: Zeroizing<[u8; 32]>,
    transcript: Transcript,
    authority: Certificate,
    portal: Certificate,
}

fn start<E>(applicant: &Applicant<'_>) -> Result<Vec<u8>, RegistrationError<E>> {
    let csr = pki::make_request(&Subject::new("device"), applicant.device_key);
    let csr = csr.map_err(|error| match error {
        pki::MakeRequestError::Key(error) => RegistrationError::Key(error),
        error @ (pki::MakeRequestError::Encoding(_) | pki::MakeRequestError::NoAlgorithm) => {
            RegistrationError::Key(KeyError::Store(Box::new(error)))
        }
    })?;
    let start = Start::new(applicant, &csr);

    Ok(serde_json::to_vec(&start).expect("texts and numbers can be written as JSON"))
}

/// Checks the offer and opens the challenge; nothing is done with it before the portal's signature fits.
fn accept<E>(
    signed: Signed,
    transcript: Transcript,
    applicant: &Applicant<'_>,
    now: OffsetDateTime,
) -> Result<Accepted, RegistrationError<E>> {
    let bytes = decode(signed.content())?;
    let offer: Offer = parse(&bytes)?;
    let authority = certificate(&offer.authority)?;
    if authority.fingerprint() != applicant.link.pin {
        return Err(Distrust::Authority.into());
    }
    let portal = certificate(&offer.portal)?;
    let anchors = std::slice::from_ref(&authority);
    validate(&portal, &Inputs::new(anchors, now, Use::DocumentSigning))
        .map_err(Distrust::Signer)?;
    let offered = transcript.then(Step::Offer, &bytes);
    check(&signed, &portal, &offered.offered())?;
    let opened = cms::open(&decode(&offer.challenge)?, applicant.person_key, applicant.person);
    let opened = opened.map_err(|error| match error {
        cms::OpenError::Key(error) => RegistrationError::Key(error),
        cms::OpenError::NotARecipient => RegistrationError::OtherCertificate,
        cms::OpenError::Damaged(_)
        | cms::OpenError::Undecipherable
        | cms::OpenError::UnsupportedAlgorithm(_) => Distrust::Challenge.into(),
    })?;
    let secret = opened.strip_prefix(transcript.challenge().as_slice());
    let secret = secret.and_then(|secret| secret.try_into().ok()).ok_or(Distrust::Challenge)?;

    Ok(Accepted {
        registration: offer.registration,
        secret: Zeroizing::new(secret),
        transcript: offered,
        authority,
        portal,
    })
}

fn finish<E>(
    accepted: &Accepted,
    applicant: &Applicant<'_>,
) -> Result<Vec<u8>, RegistrationError<E>> {
    let proof = hmac_sha256(accepted.secret.as_slice(), &accepted.transcript.proved())
        .map_err(|error| RegistrationError::Key(KeyError::Store(Box::new(error))))?;
    let signed = accepted.transcript.signed_by_device(&proof);
    let signature = applicant
        .device_key
        .sign(SignatureAlgorithm::EcdsaP256Sha256, &signed)
        .map_err(RegistrationError::Key)?;
    let finish = Finish {
        registration: accepted.registration.clone(),
        proof: BASE64.encode(&proof),
        signature: BASE64.encode(&signature.0),
    };

    Ok(serde_json::to_vec(&finish).expect("texts can be written as JSON"))
}

fn take<E>(
    signed: Signed,
    transcript: Transcript,
    accepted: Accepted,
    applicant: &Applicant<'_>,
    now: OffsetDateTime,
) -> Result<Registered, RegistrationError<E>> {
    let bytes = decode(signed.content())?;
    let granted: Granted = parse(&bytes)?;
    check(&signed, &accepted.portal, &transcript.then(Step::Result, &bytes).granted())?;
    let certificate = certificate(&granted.certificate)?;
    let anchors = std::slice::from_ref(&accepted.authority);
    validate(&certificate, &Inputs::new(anchors, now, Use::TlsClient)).map_err(Distrust::Signer)?;
    if certificate.public_key() != applicant.device_key.public_key()
        || certificate.common_name().as_deref() != Some(&granted.device)
    {
        return Err(Distrust::Certificate.into());
    }
    let document = granted.settings.verify(&accepted.authority, now);
    let document = document.map_err(|_: VerifyError| Distrust::Settings)?;
    if document.device != granted.device {
        return Err(Distrust::Settings.into());
    }

    Ok(Registered {
        device: granted.device,
        certificate,
        authority: accepted.authority,
        signed: granted.settings,
        document,
    })
}

async fn exchange<C: Connection>(
    connection: &mut C,
    path: &str,
    body: Vec<u8>,
) -> Result<Signed, RegistrationError<C::Error>> {
    parse(&ask(connection, path, body).await?)
}

/// Sends a JSON body to a path; returns the body of the answer.
pub(crate) async fn ask<C: Connection>(
    connection: &mut C,
    path: &str,
    body: Vec<u8>,
) -> Result<Vec<u8>, RegistrationError<C::Error>> {
    let answer = connection.post(path, body).await.map_err(RegistrationError::Connection)?;
    if matches!(answer.status, 200 | 204) {
        return Ok(answer.body);
    }
    let refusal: Refusal = parse(&answer.body)?;

    Err(RegistrationError::Refused { code: refusal.code, detail: refusal.detail })
}

fn check(signed: &Signed, portal: &Certificate, message: &[u8]) -> Result<(), Distrust> {
    let algorithm = SignatureAlgorithm::from_name(&signed.algorithm).ok_or(Distrust::Signature)?;
    let signature = decode(&signed.signature)?;

    portal.verify(algorithm, message, &signature).map_err(|_| Distrust::Signature)
}

fn parse<T: DeserializeOwned, E>(bytes: &[u8]) -> Result<T, RegistrationError<E>> {
    serde_json::from_slice(bytes).map_err(|_| Distrust::Form.into())
}

fn decode(text: &str) -> Result<Vec<u8>, Distrust> {
    BASE64.decode(text.as_bytes()).map_err(|_| Distrust::Form)
}

fn certificate(text: &str) -> Result<Certificate, Distrust> {
    Certificate::from_der(&decode(text)?).map_err(|_| Distrust::Form)
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Result<Vec<u8>, openssl::error::ErrorStack> {
    let key = PKey::hmac(key)?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key)?;

    signer.sign_oneshot_to_vec(message)
}

#[cfg(test)]
mod tests;
