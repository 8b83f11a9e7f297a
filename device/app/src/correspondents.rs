//! Certificates of the people that one writes to: learnt from signed mails, put in by the person, found in directories.
//!
//! What is looked for is looked for here first, then in the directories that there are: one that speaks LDAP, the mail server's,
//! and Cordon's own. A certificate is judged whenever it is
//! used, by [`Roots`]; what is found is kept.

mod find;
mod ldap;
mod view;

pub(crate) use find::Found;
pub use view::{CertificateSource, Imported, KnownCertificate};

use crate::app::App;
use crate::error::{AccessError, ImportError};
use crate::lifecycle::Device;
use crate::session::with;
use mail::smime::State;
use pki::Certificate;
use pki::cms::Capabilities;
use time::OffsetDateTime;
use vault::{Correspondent, CorrespondentId, NewCorrespondent, Open, Source};

/// The most certificates of one import.
const MOST_IMPORTED: usize = 10_000;

impl App {
    /// Lists the certificates that are here, by address; those of one address if it is given.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] unless the container is open.
    pub async fn known_certificates(
        &self,
        address: Option<String>,
    ) -> Result<Vec<KnownCertificate>, AccessError> {
        let (open, device) = self.life.open().await?;
        let load = with(&open, move |open| match address {
            Some(address) => open.correspondents().of(&address),
            None => open.correspondents().all(),
        });
        let (known, ground) = (load.await?, device.trust.ground(&[]));
        let view = |one: &Correspondent| KnownCertificate::of(one, &ground);

        Ok(known.iter().map(view).collect())
    }

    /// Shows one certificate.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if there is no such one.
    pub async fn known_certificate(&self, id: i64) -> Result<KnownCertificate, AccessError> {
        let (open, device) = self.life.open().await?;
        let found = with(&open, move |open| open.correspondents().get(CorrespondentId(id))).await?;
        let found = found.ok_or(AccessError::Missing)?;

        Ok(KnownCertificate::of(&found, &device.trust.ground(&[])))
    }

    /// Takes in the certificates of a file, one in DER or any number in PEM, for every address that they name.
    ///
    /// # Errors
    ///
    /// [`ImportError`] says what the person can do; nothing was taken in.
    pub async fn import_certificates(&self, file: Vec<u8>) -> Result<Imported, ImportError> {
        let (open, _) = self.life.open().await?;
        let certificates = read(&file)?;
        if certificates.len() > MOST_IMPORTED {
            return Err(ImportError::TooMany { most: MOST_IMPORTED });
        }
        let (mut kept, mut nameless) = (Vec::new(), Vec::new());
        for certificate in certificates {
            let addresses = certificate.emails();
            if addresses.is_empty() {
                nameless.push(mail::text::line(&certificate.subject()));
            }
            kept.extend(addresses.into_iter().map(|address| (address, certificate.clone())));
        }
        let addresses = kept.iter().map(|(address, _)| address.clone()).collect();
        let now = self.life.now();
        let keep = with(&open, move |open| {
            let new: Vec<_> =
                kept.iter().map(|(address, one)| new(address, one, Source::Import)).collect();
            open.correspondents().keep(&new, now)
        });
        keep.await.map_err(AccessError::from)?;

        Ok(Imported { addresses, nameless })
    }

    /// Removes a certificate.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if there is no such one.
    pub async fn forget_certificate(&self, id: i64) -> Result<(), AccessError> {
        let (open, _) = self.life.open().await?;
        let removed = with(&open, move |open| open.correspondents().remove(CorrespondentId(id)));

        if removed.await? { Ok(()) } else { Err(AccessError::Missing) }
    }

    /// Keeps the certificates with which the author of a mail wants to be answered, if all about the signature is in order.
    pub(crate) async fn learn(
        &self,
        open: &Open,
        device: &Device,
        state: &State,
    ) -> Result<(), AccessError> {
        if !state.is_signed() {
            return Ok(());
        }
        let now = self.life.now();
        let own = device.settings.borrow().settings.mail.address.to_lowercase();
        let mut learnt = Vec::new();
        for signature in state.vouching() {
            // Others may have signed too, and vouch for themselves alone.
            let own_addresses = signature.addresses();
            let certificate = signature.preferred.as_ref().or(signature.certificate.as_ref());
            let Some(certificate) = certificate else { continue };
            let addresses = certificate.emails();
            let authors = state.authors.iter().map(|author| author.address.to_lowercase());
            let theirs =
                |it: &String| addresses.contains(it) && own_addresses.contains(it) && *it != own;
            for author in authors.filter(theirs) {
                // Nobody says tomorrow's news.
                let told = signature.time.map_or(now, |time| time.min(now));
                let capabilities = signature.capabilities.clone();
                learnt.push(Learnt {
                    author,
                    certificate: certificate.clone(),
                    capabilities,
                    told,
                });
            }
        }
        let keep = with(open, move |open| {
            let learnt: Vec<_> = learnt.iter().map(Learnt::as_new).collect();
            open.correspondents().keep(&learnt, now)
        });

        Ok(keep.await?)
    }
}

/// What a signature says of its author.
struct Learnt {
    author: String,
    certificate: Certificate,
    capabilities: Option<Capabilities>,
    told: OffsetDateTime,
}

impl Learnt {
    fn as_new(&self) -> NewCorrespondent<'_> {
        let capabilities = self.capabilities.as_ref().map(|them| (them, self.told));

        NewCorrespondent {
            capabilities,
            ..new(&self.author, &self.certificate, Source::SignedMail)
        }
    }
}

fn new<'a>(address: &'a str, certificate: &'a Certificate, source: Source) -> NewCorrespondent<'a> {
    NewCorrespondent { address, certificate, source, capabilities: None }
}

fn read(file: &[u8]) -> Result<Vec<Certificate>, ImportError> {
    let text = std::str::from_utf8(file).ok().filter(|text| text.contains("-----BEGIN"));
    let certificates = match text {
        Some(text) => Certificate::all_from_pem(text),
        None => Certificate::from_der(file).map(|one| vec![one]),
    };
    let certificates = certificates.map_err(|_| ImportError::NotACertificate)?;

    if certificates.is_empty() { Err(ImportError::NotACertificate) } else { Ok(certificates) }
}
