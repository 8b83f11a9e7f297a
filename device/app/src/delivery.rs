//! Certificate files that wait at Cordon's server: they are put into the import folder, and the server forgets them
//! (`docs/certificate-files.md`).
//!
//! What is said to have arrived is on the disk. The names are ours, so that nothing a server says leads elsewhere.

use crate::app::App;
use crate::certificate_file::write_whole;
use crate::enrol::{failed, storage};
use crate::error::RegisterError;
use crate::http::{Address, Client, HttpError, Trust};
use crate::lifecycle::Life;
use crate::portal::PortalError;
use crate::registration::{Link, RegistrationError, ask};
use data_encoding::{BASE64, HEXLOWER};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io;
use std::path::Path;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

/// What begins the name of a file that came this way.
const PREFIX: &str = "portal-";
/// How many digits of its SHA-256 follow.
const DIGITS: usize = 12;

/// The files, as the server hands them out.
#[derive(Debug, Deserialize)]
pub(crate) struct Delivery {
    files: Vec<Delivered>,
}

#[derive(Debug, Deserialize)]
struct Delivered {
    sha256: String,
    pkcs12: String,
}

impl App {
    /// Fetches the certificate files that wait at the server: for whoever was invited with a link, or else for the person of the open
    /// container. Returns their names in the import folder, the newest first.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] if the link or the server says no, or the folder cannot be written.
    pub async fn fetch_certificate_files(
        &self,
        link: Option<&str>,
    ) -> Result<Vec<String>, RegisterError> {
        match link {
            Some(link) => self.life.fetch_as_invited(link).await,
            None => self.life.fetch_as_device().await,
        }
    }
}

impl Life {
    async fn fetch_as_invited(&self, link: &str) -> Result<Vec<String>, RegisterError> {
        let unreadable = |error: &dyn std::error::Error| RegisterError::LinkUnreadable {
            reason: error.to_string(),
        };
        let link = Link::parse(link).map_err(|error| unreadable(&error))?;
        let address = Address::parse(&link.server).map_err(|error| unreadable(&error))?;
        let trust = Trust::Pin(link.pin.0);
        let client = Client::new(address, &trust, None).map_err(|error| storage(&error))?;
        let unanswered = |error: HttpError| failed(RegistrationError::Connection(error));
        let mut connection = client.connect().await.map_err(unanswered)?;
        let body = json!({ "code": *link.code }).to_string().into_bytes();
        let path = "/app/v1/registration/certificate-files";
        let answer = ask(&mut connection, path, body).await.map_err(failed)?;
        let delivery = serde_json::from_slice(&answer).map_err(|error| storage(&error))?;
        let (names, digests) = self.take(delivery).await.map_err(|error| storage(&error))?;
        if names.is_empty() {
            return Ok(names);
        }
        let body = json!({ "code": *link.code, "sha256": digests }).to_string().into_bytes();
        let path = "/app/v1/registration/certificate-files/received";
        if let Err(error) = ask(&mut connection, path, body).await {
            unheard(&error);
        }

        Ok(names)
    }

    /// Without an open container there is nobody for whom to ask.
    async fn fetch_as_device(&self) -> Result<Vec<String>, RegisterError> {
        let Ok((_, device)) = self.open().await else { return Ok(Vec::new()) };
        let told = |error: PortalError| match error {
            PortalError::Http(error) => failed(RegistrationError::Connection(error)),
            PortalError::Refused { code } | PortalError::Unknown { code } => {
                RegisterError::Refused { code, detail: "the server hands out no files".to_owned() }
            }
            error @ PortalError::Unreadable { .. } => storage(&error),
        };
        let delivery = device.portal.certificate_files().await.map_err(told)?;
        let (names, digests) = self.take(delivery).await.map_err(|error| storage(&error))?;
        if names.is_empty() {
            return Ok(names);
        }
        if let Err(error) = device.portal.received(&digests).await {
            unheard(&error);
        }

        Ok(names)
    }

    /// Puts files into the import folder; returns their names there, and the SHA-256 of each.
    async fn take(&self, delivery: Delivery) -> io::Result<(Vec<String>, Vec<String>)> {
        let folder = self.imports.clone();
        let taken = spawn_blocking(move || {
            fs::create_dir_all(&folder)?;
            let mut taken = (Vec::new(), Vec::new());
            for file in &delivery.files {
                let Some(content) = file.open() else {
                    tracing::warn!("A certificate file of the server's is not what it should be");
                    continue;
                };
                let name = name(&file.sha256);
                write_whole(&folder.join(&name), &content)?;
                taken.0.push(name);
                taken.1.push(file.sha256.clone());
            }
            Ok(taken)
        });
        let taken = taken.await;
        let taken = taken.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        self.show_delivered();

        taken
    }

    /// Tells screens how many files wait at the server. They are fetched when the person asks for them, because they may be meant for
    /// another device, which is about to be registered.
    pub(crate) fn show_waiting(&self, waiting: u64) {
        if self.board.facts().waiting != waiting {
            self.board.update(|facts| facts.waiting = waiting);
        }
    }

    /// Tells screens how many files that came this way lie in the import folder.
    pub(crate) fn show_delivered(&self) {
        let delivered = delivered(&self.imports);
        if self.board.facts().delivered != delivered {
            self.board.update(|facts| facts.delivered = delivered);
        }
    }
}

impl Delivered {
    /// Returns the content, if it is what the server says it is.
    fn open(&self) -> Option<Zeroizing<Vec<u8>>> {
        let content = Zeroizing::new(BASE64.decode(self.pkcs12.as_bytes()).ok()?);
        let digest = HEXLOWER.encode(&Sha256::digest(&content));

        (digest == self.sha256).then_some(content)
    }
}

/// They are here. The server hands them out once more, to whoever asks in the same way.
fn unheard(error: &dyn std::error::Error) {
    tracing::warn!(%error, "The server does not know that certificate files have arrived");
}

/// What a file with this SHA-256, hexadecimal, is called here.
fn name(sha256: &str) -> String {
    let digits: String = sha256.chars().take(DIGITS).collect();

    format!("{PREFIX}{digits}.p12")
}

/// Counts the files in the import folder that came this way.
fn delivered(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());

    names.filter(|name| name.starts_with(PREFIX) && name.ends_with(".p12")).map(|_| 1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_server_says_it_is_is_taken_and_under_our_name() {
        let sha256 = HEXLOWER.encode(&Sha256::digest(b"key"));
        let file = |sha256: &str, content: &[u8]| Delivered {
            sha256: sha256.to_owned(),
            pkcs12: BASE64.encode(content),
        };

        assert_eq!(file(&sha256, b"key").open().unwrap().as_slice(), b"key");
        assert_eq!(file(&sha256, b"other").open(), None);
        assert_eq!(file("../../x", b"key").open(), None);
        assert_eq!(name(&sha256), "portal-2c70e12b7a06.p12");
    }
}
