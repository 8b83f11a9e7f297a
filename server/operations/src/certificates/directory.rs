use super::is_withdrawn;
use crate::{Fault, Operations};
use ca::SerialNumber;
use fleet::MailAddress;
use pki::Certificate;
use pki::validate::validate_time;

/// Where a certificate in the directory comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// An administrator deposited it for a person; whether its issuer is to be trusted is for the reader to say.
    Deposited,
    /// This server's authority issued it.
    Issued,
}

impl Origin {
    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deposited => "deposited",
            Self::Issued => "issued",
        }
    }
}

/// A certificate for which mail to an address can be encrypted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DirectoryEntry {
    /// The certificate.
    pub certificate: Certificate,
    /// Where it comes from.
    pub origin: Origin,
}

impl Operations {
    /// Finds the certificates for which mail to an address can be encrypted: valid at this moment, not revoked, and with
    /// that very address in them; those of this authority first, the newest first.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    #[tracing::instrument(skip_all, err(level = "debug"))]
    pub async fn directory(&self, address: &MailAddress) -> Result<Vec<DirectoryEntry>, Fault> {
        let (now, key) = (self.now(), address.key());
        let issued = self.store().issued_for_address(&key, now).await?;
        let issued = issued.into_iter().filter(|issued| issued.profile.encrypts_mail());
        let issued = issued.filter_map(|issued| Some((issued.der?, Origin::Issued)));
        let deposited = self.store().deposited_for_address(&key).await?.into_iter();
        let deposited = deposited.map(|der| (der, Origin::Deposited));
        let mut entries: Vec<DirectoryEntry> = Vec::new();
        for (der, origin) in issued.chain(deposited) {
            let certificate = Certificate::from_der(&der)
                .map_err(|error| Fault::broken("reading a certificate of the directory", error))?;
            // What was deposited may be of this authority too, and revoked since.
            let own = match origin {
                Origin::Deposited => self.store().issued(&SerialNumber::of(&certificate)).await?,
                Origin::Issued => None,
            };
            if own.is_some_and(|own| is_withdrawn(&own, &certificate, now)) {
                continue;
            }
            let serves = validate_time(&certificate, now).is_ok()
                && certificate.emails().contains(&key)
                && certificate.encrypts_mail();
            if serves && entries.iter().all(|entry| entry.certificate != certificate) {
                entries.push(DirectoryEntry { certificate, origin });
            }
        }

        Ok(entries)
    }
}
