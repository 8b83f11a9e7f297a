//! What a registered device asks Cordon's server, and what it reports (`docs/registration.md`).

use crate::delivery::Delivery;
use crate::http::{Client, HttpError, Request, Response};
use bytes::Bytes;
use data_encoding::BASE64;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use pki::Certificate;
use policy::SignedDocument;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long an answer may take beyond the time that was asked for.
const PATIENCE: Duration = Duration::from_secs(15);
/// The largest answer, in bytes.
const LARGEST: usize = 256 * 1024;
/// What the app calls itself.
pub(crate) const AGENT: &str = concat!("cordon-pim/", env!("CARGO_PKG_VERSION"));

/// Cordon's server, as a registered device sees it.
#[derive(Clone, Debug)]
pub(crate) struct Portal(Client);

/// Where the device stands.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub(crate) struct Status {
    /// What IT says.
    pub(crate) standing: ToldStanding,
    /// Why it is blocked.
    pub(crate) reason: Option<String>,
    /// What is to be wiped.
    pub(crate) wipe: Option<Wipe>,
    /// How many certificate files wait for the person.
    #[serde(default)]
    pub(crate) certificate_files: u64,
    /// Changes whenever anything else here does.
    pub(crate) sequence: u64,
}

/// What IT says about the device.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ToldStanding {
    Active,
    Blocked,
    Retired,
    Wiped,
}

/// What is to be wiped.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Wipe {
    /// The user's key.
    Key,
    /// Everything.
    Data,
}

/// Why the server told nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PortalError {
    /// No answer came; try again.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The server does not do what it was asked.
    #[error("the server refused ({code})")]
    Refused {
        /// Its code.
        code: String,
    },
    /// The server no longer knows this device.
    #[error("the server does not know this device any more ({code})")]
    Unknown {
        /// Its code.
        code: String,
    },
    /// The answer is not one of the server's.
    #[error("the server answered {status}, which is not understood")]
    Unreadable {
        /// The HTTP status.
        status: StatusCode,
    },
}

impl Portal {
    pub(crate) fn new(client: Client) -> Self {
        Self(client)
    }

    /// Asks where the device stands; with `after`, waits up to `wait` for something else than that.
    pub(crate) async fn status(
        &self,
        after: Option<u64>,
        wait: Duration,
    ) -> Result<Status, PortalError> {
        let query = match after {
            Some(after) => format!("?after={after}&wait={}", wait.as_secs()),
            None => String::new(),
        };
        let path = format!("/app/v1/status{query}");
        let answer = self.0.send(request(Method::GET, path, Bytes::new(), wait)).await?;

        read(&answer)
    }

    /// Fetches the certificate files that wait for the person.
    pub(crate) async fn certificate_files(&self) -> Result<Delivery, PortalError> {
        let path = "/app/v1/certificate-files".to_owned();
        let answer = self.0.send(request(Method::GET, path, Bytes::new(), Duration::ZERO)).await?;

        read(&answer)
    }

    /// Reports that certificate files have arrived, each by its SHA-256, hexadecimal.
    pub(crate) async fn received(&self, digests: &[String]) -> Result<(), PortalError> {
        let body = serde_json::json!({ "sha256": digests }).to_string();

        self.report("/app/v1/certificate-files/received", Bytes::from(body)).await
    }

    /// Fetches the signed settings.
    pub(crate) async fn settings(&self) -> Result<SignedDocument, PortalError> {
        let path = "/app/v1/settings".to_owned();
        let answer = self.0.send(request(Method::GET, path, Bytes::new(), Duration::ZERO)).await?;

        read(&answer)
    }

    /// Asks for which certificates mail to an address can be encrypted. They are the server's word: judge them.
    pub(crate) async fn certificates(
        &self,
        address: &str,
    ) -> Result<Vec<Certificate>, PortalError> {
        #[derive(Deserialize)]
        struct Directory {
            certificates: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            certificate: String,
        }

        let path = format!("/app/v1/certificates?address={}", escaped(address));
        let answer = self.0.send(request(Method::GET, path, Bytes::new(), Duration::ZERO)).await?;
        let Directory { certificates } = read(&answer)?;
        // One that is not understood spoils no other.
        let certificates = certificates.iter().filter_map(|entry| {
            let der = BASE64.decode(entry.certificate.as_bytes()).ok()?;
            Certificate::from_der(&der).ok()
        });

        Ok(certificates.collect())
    }

    /// Asks for a certificate for another key of this device (PKCS#10, DER).
    pub(crate) async fn renew(&self, request_der: &[u8]) -> Result<Certificate, PortalError> {
        #[derive(Deserialize)]
        struct Renewed {
            certificate: String,
        }

        let body = format!(r#"{{"csr":"{}"}}"#, BASE64.encode(request_der));
        let path = "/app/v1/certificate".to_owned();
        let request = request(Method::POST, path, Bytes::from(body), Duration::ZERO);
        let answer = self.0.send(request).await?;
        let Renewed { certificate } = read(&answer)?;
        let der = BASE64.decode(certificate.as_bytes()).ok();
        let certificate = der.and_then(|der| Certificate::from_der(&der).ok());

        certificate.ok_or(PortalError::Unreadable { status: answer.status })
    }

    /// Reports that an order to wipe was carried out.
    pub(crate) async fn wiped(&self, done: Wipe) -> Result<(), PortalError> {
        let body = match done {
            Wipe::Data => r#"{"done":"data"}"#,
            Wipe::Key => r#"{"done":"key"}"#,
        };

        self.report("/app/v1/wiped", Bytes::from_static(body.as_bytes())).await
    }

    /// Sends what the server answers with nothing but that it has heard it.
    async fn report(&self, path: &str, body: Bytes) -> Result<(), PortalError> {
        let request = request(Method::POST, path.to_owned(), body, Duration::ZERO);
        let answer = self.0.send(request).await?;
        if answer.status != StatusCode::NO_CONTENT {
            return Err(refused(&answer));
        }

        Ok(())
    }
}

/// A request with what every request carries.
pub(crate) fn request(method: Method, path: String, body: Bytes, wait: Duration) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    if !body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }

    Request { method, path, headers, body, within: wait + PATIENCE, largest: LARGEST }
}

/// A text as a value of a query (RFC 3986, section 2.1).
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };

    text.bytes().map(escape).collect()
}

fn read<T: DeserializeOwned>(answer: &Response) -> Result<T, PortalError> {
    if answer.status != StatusCode::OK {
        return Err(refused(answer));
    }

    serde_json::from_slice(&answer.body)
        .map_err(|_| PortalError::Unreadable { status: answer.status })
}

fn refused(answer: &Response) -> PortalError {
    #[derive(Deserialize)]
    struct Problem {
        code: String,
    }

    match serde_json::from_slice::<Problem>(&answer.body) {
        Ok(Problem { code }) if answer.status == StatusCode::FORBIDDEN => {
            PortalError::Unknown { code }
        }
        Ok(Problem { code }) => PortalError::Refused { code },
        Err(_) => PortalError::Unreadable { status: answer.status },
    }
}
