use super::{load, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use ca::{Issued, RevokeRefusal, SerialNumber};
use pki::validate::RevocationReason;

impl Operations {
    /// Revokes a certificate, or puts it on hold. The next revocation list says so; it is published within seconds.
    ///
    /// # Errors
    ///
    /// [`RevokeRefusal`] if it is revoked already, or has expired.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn revoke_certificate(
        &self,
        actor: &Actor,
        serial: &SerialNumber,
        reason: RevocationReason,
    ) -> Result<Issued, Failure<RevokeRefusal>> {
        let mut work = self.begin(actor, Action::CertificateRevoke, subject(serial)).await?;
        work.note("revocation_reason", reason.name());
        let outcome = revoke(&mut work, serial, reason).await;

        self.conclude(work, outcome).await
    }
}

async fn revoke(
    work: &mut Work,
    serial: &SerialNumber,
    reason: RevocationReason,
) -> Result<Issued, Failure<RevokeRefusal>> {
    let issued = load(work, serial).await?;
    let issued = ca::revoke(issued, reason, work.now()).map_err(Failure::Refused)?;
    work.unit.save_revocation(&issued).await?;
    if let Some(device) = issued.holder.device {
        work.unit.tell_device(device);
    }

    Ok(issued)
}
