use super::{load, save, subject};
use crate::certificates::revoke_all;
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::DeviceId;
use fleet::device::{self, ConfirmWipeRefusal, Device, WipeOrder};
use pki::validate::RevocationReason;

impl Operations {
    /// Notes that a device wiped what `done` says.
    ///
    /// # Errors
    ///
    /// [`ConfirmWipeRefusal`] unless that, or less, is what it was told and had not reported yet.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn confirm_wipe(
        &self,
        actor: &Actor,
        id: DeviceId,
        done: WipeOrder,
    ) -> Result<Device, Failure<ConfirmWipeRefusal>> {
        let mut work = self.begin(actor, Action::DeviceConfirmWipe, subject(id)).await?;
        work.note("wiped", done.name());
        let outcome = confirm_wipe(&mut work, id, done).await;

        self.conclude(work, outcome).await
    }
}

async fn confirm_wipe(
    work: &mut Work,
    id: DeviceId,
    done: WipeOrder,
) -> Result<Device, Failure<ConfirmWipeRefusal>> {
    let device = load(work, id).await?;
    let device = device::confirm_wipe(device, done, work.now()).map_err(Failure::Refused)?;
    let device = save(work, device).await?;
    if done == WipeOrder::Data {
        // The key is gone from the device; before that, it had to prove itself to hear of the order.
        let revoked = work.unit.issued_to_device(id).await?;
        revoke_all(work, revoked, RevocationReason::CessationOfOperation).await?;
    }

    Ok(device)
}
