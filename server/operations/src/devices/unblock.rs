use super::{load, save, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::DeviceId;
use fleet::device::{self, Device, UnblockRefusal};

impl Operations {
    /// Unblocks a device: it works again as it did before.
    ///
    /// # Errors
    ///
    /// [`UnblockRefusal`] unless the device is blocked.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn unblock(
        &self,
        actor: &Actor,
        id: DeviceId,
    ) -> Result<Device, Failure<UnblockRefusal>> {
        let mut work = self.begin(actor, Action::DeviceUnblock, subject(id)).await?;
        let outcome = unblock(&mut work, id).await;

        self.conclude(work, outcome).await
    }
}

async fn unblock(work: &mut Work, id: DeviceId) -> Result<Device, Failure<UnblockRefusal>> {
    let device = load(work, id).await?;
    let device = device::unblock(device).map_err(Failure::Refused)?;

    save(work, device).await
}
