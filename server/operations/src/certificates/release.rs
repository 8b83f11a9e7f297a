use super::{load, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use ca::{Issued, ReleaseRefusal, SerialNumber};

impl Operations {
    /// Takes a certificate off hold. The next revocation list does not name it any more.
    ///
    /// # Errors
    ///
    /// [`ReleaseRefusal`] if it is not on hold.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn release_certificate(
        &self,
        actor: &Actor,
        serial: &SerialNumber,
    ) -> Result<Issued, Failure<ReleaseRefusal>> {
        let mut work = self.begin(actor, Action::CertificateRelease, subject(serial)).await?;
        let outcome = release(&mut work, serial).await;

        self.conclude(work, outcome).await
    }
}

async fn release(
    work: &mut Work,
    serial: &SerialNumber,
) -> Result<Issued, Failure<ReleaseRefusal>> {
    let issued = load(work, serial).await?;
    let issued = ca::release(issued, work.now()).map_err(Failure::Refused)?;
    work.unit.save_revocation(&issued).await?;
    if let Some(device) = issued.holder.device {
        work.unit.tell_device(device);
    }

    Ok(issued)
}
