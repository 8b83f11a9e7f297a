//! Another personal certificate in the place of the present one, which ends or was lost to others (P17).
//!
//! Everything that could speak against the new one is looked at before anything changes; then the vault takes it in one
//! step, and keeps the key of before for what was encrypted with it.

use crate::app::Renewing;
use crate::certificate_file::CertificateFile;
use crate::enrol::storage;
use crate::error::{RenewError, UnlockError};
use crate::lifecycle::{Device, Life};
use crate::opening::Proof;
use crate::person::{is_of_same_person, open_identity};
use keys::pkcs12::Identity;
use pki::Certificate;
use std::sync::Arc;
use tokio::task::spawn_blocking;
use vault::{Cost, Open, Renewal};

/// The next key and certificate, and the file that they came in.
#[derive(Debug)]
pub(crate) struct Next {
    identity: Identity,
    file: CertificateFile,
}

impl Life {
    /// Takes another personal certificate, and opens the container where it is locked.
    pub(crate) async fn renew(self: &Arc<Self>, given: Renewing) -> Result<(), UnlockError> {
        let Renewing { file, opening } = given;
        let identity = open_identity(&file).map_err(RenewError::File)?;
        let next = Arc::new(Next { identity, file });
        let mut running = self.running.lock().await;
        let Some(now) = running.as_mut().filter(|_| !self.is_leaving()) else {
            return self.enter(&mut running, opening, None, Some(next)).await;
        };
        let (open, device) = (now.open.clone(), Arc::clone(&now.device));
        let life = Arc::clone(self);
        let proof = spawn_blocking(move || life.proof(opening)).await;
        let proof = proof.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        let renewed = self.replace_identity(&open, &device, &proof, next).await;
        let renewed = match renewed {
            Err(UnlockError::KeyWiped) => {
                drop(running);
                self.lock().await;
                return Err(UnlockError::KeyWiped);
            }
            renewed @ (Ok(_) | Err(_)) => renewed?,
        };
        now.end().await;
        *running = None;
        let device = match self.device(&renewed) {
            Ok(device) => Arc::new(device),
            Err(error) => {
                renewed.lock();
                self.board.close();
                return Err(UnlockError::Damaged { reason: error.to_string() });
            }
        };
        *running = Some(self.start(renewed, device, None, proof.into_card_to_watch()));

        Ok(())
    }

    /// Puts another key in the place of the user's, if nothing speaks against it; `open` is locked then.
    pub(crate) async fn replace_identity(
        self: &Arc<Self>,
        open: &Open,
        device: &Device,
        proof: &Proof,
        next: Arc<Next>,
    ) -> Result<Open, UnlockError> {
        let certificate = self.check_next(open, device, &next.identity)?;
        let chain = next.identity.chain.iter().filter_map(|der| Certificate::from_der(der).ok());
        let chain: Vec<_> = chain.collect();
        device.trust.check_next(&certificate, &chain).await?;
        let (life, open, proof) = (Arc::clone(self), open.clone(), proof.clone());
        let renewed = spawn_blocking(move || {
            let (cost, now) = (Cost::STANDARD, life.now().unix_timestamp());
            let planned = life.deletions.plan(&next.file, &next.identity.certificate);
            planned.map_err(|error| RenewError::File(storage(&error)))?;
            let renewal = Renewal { opener: proof.opener(), identity: &next.identity, cost, now };

            life.container.renew(&open, &renewal).map_err(|error| life.not_renewed(error))
        });

        renewed.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    /// Tells whether a certificate can be the next one of the same person.
    fn check_next(
        &self,
        open: &Open,
        device: &Device,
        identity: &Identity,
    ) -> Result<Certificate, RenewError> {
        let unsuitable = |reason: String| RenewError::Unsuitable { reason };
        let next = Certificate::from_der(&identity.certificate);
        let next = next.map_err(|error| unsuitable(error.to_string()))?;
        let present = open.certificate();
        let address = device.settings.borrow().settings.mail.address.clone();
        if !is_of_same_person(&next, present, Some(&address)) {
            let names = next.emails();
            let name = if names.is_empty() { next.subject() } else { names.join(", ") };
            return Err(RenewError::OtherPerson { name: mail::text::line(&name), wanted: address });
        }
        let now = self.now();
        if next.not_after() <= now {
            return Err(RenewError::Ended { ended: next.not_after() });
        }
        if next.as_der() == present.as_der() {
            return Err(RenewError::Same);
        }
        if next.not_before() < present.not_before() {
            return Err(RenewError::Older);
        }

        Ok(next)
    }

    fn not_renewed(&self, error: vault::RenewError) -> UnlockError {
        match error {
            vault::RenewError::Access(error) => UnlockError::Damaged { reason: error.to_string() },
            vault::RenewError::Old(error) => self.not_opened(error),
            vault::RenewError::OnCard => RenewError::OnCard.into(),
            vault::RenewError::Same => RenewError::Same.into(),
            vault::RenewError::UnsuitableIdentity { reason } => {
                RenewError::Unsuitable { reason }.into()
            }
        }
    }
}
