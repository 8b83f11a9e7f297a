use super::{load, save, subject};
use crate::certificates::revoke_all;
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::DeviceId;
use fleet::device::{self, Device, OpenWipe, RetireRefusal, State};
use pki::validate::RevocationReason;

impl Operations {
    /// Takes a device out of service for good, and revokes its certificate. A wipe that it has not confirmed is given up only if `open_wipe` says so.
    ///
    /// # Errors
    ///
    /// [`RetireRefusal`] if it is not in service, or has yet to confirm a wipe that is to be kept.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn retire(
        &self,
        actor: &Actor,
        id: DeviceId,
        open_wipe: OpenWipe,
    ) -> Result<Device, Failure<RetireRefusal>> {
        let mut work = self.begin(actor, Action::DeviceRetire, subject(id)).await?;
        let outcome = retire(&mut work, id, open_wipe).await;

        self.conclude(work, outcome).await
    }
}

async fn retire(
    work: &mut Work,
    id: DeviceId,
    open_wipe: OpenWipe,
) -> Result<Device, Failure<RetireRefusal>> {
    let device = load(work, id).await?;
    if let Some(certificate) = &device.certificate {
        work.note("certificate_serial", &certificate.serial);
    }
    if let State::Wiped { order, confirmed_at: None, .. } = device.state {
        work.note("wipe_unconfirmed", order.name());
    }
    let device = device::retire(device, open_wipe, work.now()).map_err(Failure::Refused)?;
    let device = save(work, device).await?;
    let revoked = work.unit.issued_to_device(id).await?;
    revoke_all(work, revoked, RevocationReason::CessationOfOperation).await?;

    Ok(device)
}
