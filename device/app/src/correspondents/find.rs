//! Looking for the certificates of those to whom a mail is encrypted.

use super::new;
use crate::app::App;
use crate::error::AccessError;
use crate::lifecycle::Device;
use crate::session::with;
use crate::trust::Trust;
use pki::Certificate;
use pki::validate::Distrusted;
use vault::{Correspondent, Open, Source};

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
    /// Looks for a certificate of each address, in their order: here, then where the mail server knows people.
    pub(crate) async fn find_correspondents(
        &self,
        open: &Open,
        device: &Device,
        addresses: &[String],
    ) -> Result<Vec<Found>, AccessError> {
        let now = self.life.now();
        let here = known(open, &device.trust, addresses).await?;
        let wanted = addresses.iter().zip(&here);
        let wanted = wanted.filter(|(_, found)| !matches!(found, Found::Good(_)));
        let wanted: Vec<String> = wanted.map(|(address, _)| address.clone()).collect();
        if wanted.is_empty() {
            return Ok(here);
        }
        let found = self.ask_mail_server(&wanted).await;
        if found.is_empty() {
            return Ok(here);
        }
        let keep = with(open, move |open| {
            let found: Vec<_> =
                found.iter().map(|(address, one)| new(address, one, Source::Directory)).collect();
            open.correspondents().keep(&found, now)
        });
        keep.await?;

        known(open, &device.trust, addresses).await
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
        let mut found = Vec::new();
        for address in addresses {
            let fits = |one: &&Certificate| one.emails().contains(&address.to_lowercase());
            let fitting = certificates.iter().filter(fits);
            found.extend(fitting.map(|one| (address.clone(), one.clone())));
        }

        found
    }
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
