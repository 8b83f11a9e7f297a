//! Looking for the certificates of those to whom a mail is encrypted.

use super::{ldap, new};
use crate::app::App;
use crate::error::AccessError;
use crate::lifecycle::Device;
use crate::portal::{Portal, PortalError};
use crate::session::with;
use crate::trust::Trust;
use pki::Certificate;
use pki::validate::Distrusted;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::time::timeout;
use vault::{Correspondent, Open, Source};

/// How long Cordon's server is asked for certificates, all addresses together.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is known of a recipient.
pub(crate) enum Found {
    /// A certificate that is good.
    Good(Box<Correspondent>),
    /// Only one that is not.
    Doubtful(Box<Correspondent>, Box<Distrusted>),
    /// None.
    Missing,
}

impl App {
    /// Looks for a certificate of each address, in their order: here, then in the directories, one after the other, for as long as
    /// there is an address without a good one.
    pub(crate) async fn find_correspondents(
        &self,
        open: &Open,
        device: &Device,
        addresses: &[String],
    ) -> Result<Vec<Found>, AccessError> {
        let now = self.life.now();
        let mut here = known(open, &device.trust, addresses).await?;
        for source in [Source::Ldap, Source::Directory, Source::Portal] {
            let wanted = lacking(addresses, &here);
            if wanted.is_empty() {
                break;
            }
            let found = match source {
                Source::Ldap => ask_ldap(device, &wanted).await,
                Source::Directory => self.ask_mail_server(&wanted).await,
                Source::Portal => ask_portal(&device.portal, &wanted).await,
                Source::Import | Source::SignedMail => continue,
            };
            if !found.is_empty() {
                keep(open, found, source, now).await?;
                here = known(open, &device.trust, addresses).await?;
            }
        }

        Ok(here)
    }

    /// Asks for certificates where the mail server knows people. What cannot be had is not found.
    async fn ask_mail_server(&self, addresses: &[String]) -> Vec<(String, Certificate)> {
        let answers = match self.certificates(addresses.to_vec()).await {
            Ok(answers) => answers,
            Err(error) => {
                tracing::info!(%error, "The mail server was asked for certificates in vain");
                return Vec::new();
            }
        };
        let people = answers.iter().flat_map(|answer| &answer.people);
        let certificates = people.flat_map(|person| &person.certificates);
        let certificates: Vec<_> =
            certificates.filter_map(|one| Certificate::from_der(&one.der).ok()).collect();
        let found = addresses.iter().flat_map(|address| fitting(address, &certificates));

        found.collect()
    }
}

/// Asks the directory that the settings name.
async fn ask_ldap(device: &Device, addresses: &[String]) -> Vec<(String, Certificate)> {
    let settings = device.settings.borrow().settings.ldap.clone();
    if settings.server.is_empty() {
        return Vec::new();
    }
    let answers = ldap::ask(&settings, &device.trust.of_servers(), addresses).await;

    answers.iter().flat_map(|(address, certificates)| fitting(address, certificates)).collect()
}

/// Asks Cordon's server for the certificates of each address. What cannot be had in time is not found.
async fn ask_portal(portal: &Portal, addresses: &[String]) -> Vec<(String, Certificate)> {
    let mut found = Vec::new();
    let asking = async {
        for address in addresses {
            match portal.certificates(address).await {
                Ok(certificates) => found.extend(fitting(address, &certificates)),
                // Another address may be one that the server takes.
                Err(error @ (PortalError::Refused { .. } | PortalError::Unreadable { .. })) => {
                    tracing::info!(%error, "The server told no certificates of an address");
                }
                Err(error @ (PortalError::Http(_) | PortalError::Unknown { .. })) => {
                    tracing::info!(%error, "The server was asked for certificates in vain");
                    return;
                }
            }
        }
    };
    if timeout(PATIENCE, asking).await.is_err() {
        tracing::info!("The server did not tell all certificates in time");
    }

    found
}

/// Those certificates that name the address: nobody's word about it is taken.
fn fitting(address: &str, certificates: &[Certificate]) -> Vec<(String, Certificate)> {
    let named = address.to_lowercase();
    let fitting = certificates.iter().filter(|one| one.emails().contains(&named));

    fitting.map(|one| (address.to_owned(), one.clone())).collect()
}

/// The addresses for which nothing good is known.
fn lacking(addresses: &[String], found: &[Found]) -> Vec<String> {
    let lacking = addresses.iter().zip(found).filter(|(_, found)| !matches!(found, Found::Good(_)));

    lacking.map(|(address, _)| address.clone()).collect()
}

async fn keep(
    open: &Open,
    found: Vec<(String, Certificate)>,
    source: Source,
    now: OffsetDateTime,
) -> Result<(), AccessError> {
    let keep = with(open, move |open| {
        let found: Vec<_> = found.iter().map(|(address, one)| new(address, one, source)).collect();
        open.correspondents().keep(&found, now)
    });

    Ok(keep.await?)
}

async fn known(
    open: &Open,
    trust: &Trust,
    addresses: &[String],
) -> Result<Vec<Found>, AccessError> {
    let mut all = Vec::new();
    for address in addresses {
        let wanted = address.clone();
        let certificates = with(open, move |open| open.correspondents().of(&wanted)).await?;
        let mut judged = Vec::new();
        for one in certificates {
            let verdict = trust.judge_recipient(&one.certificate, address).await;
            judged.push((one, verdict));
        }
        all.push(best(judged));
    }

    Ok(all)
}

/// Chooses the good one that tells what its holder reads, and of those the youngest; a bad one only if there is nothing else.
fn best(judged: Vec<(Correspondent, Result<(), Distrusted>)>) -> Found {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (one, verdict) in judged {
        match verdict {
            Ok(()) => good.push(one),
            Err(error) => bad.push((one, error)),
        }
    }
    let good = good
        .into_iter()
        .max_by_key(|one| (one.capabilities.is_some(), one.certificate.not_before(), one.id));
    if let Some(good) = good {
        return Found::Good(Box::new(good));
    }
    match bad.into_iter().max_by_key(|(one, _)| (one.certificate.not_after(), one.id)) {
        Some((one, error)) => Found::Doubtful(Box::new(one), Box::new(error)),
        None => Found::Missing,
    }
}
