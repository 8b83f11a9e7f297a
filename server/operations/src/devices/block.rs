use super::{load, save, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::device::{self, BlockRefusal, Device};
use fleet::{DeviceId, Reason};

impl Operations {
    /// Blocks a device: it is refused everywhere within a second, until it is unblocked.
    ///
    /// # Errors
    ///
    /// [`BlockRefusal`] unless the device is registered.
    #[tracing::instrument(skip(self, actor, reason), err(level = "debug"))]
    pub async fn block(
        &self,
        actor: &Actor,
        id: DeviceId,
        reason: Reason,
    ) -> Result<Device, Failure<BlockRefusal>> {
        let mut work = self.begin(actor, Action::DeviceBlock, subject(id)).await?;
        work.note("reason", &reason);
        let outcome = block(&mut work, id, reason).await;

        self.conclude(work, outcome).await
    }
}

async fn block(
    work: &mut Work,
    id: DeviceId,
    reason: Reason,
) -> Result<Device, Failure<BlockRefusal>> {
    let device = load(work, id).await?;
    let device = device::block(device, reason, work.now()).map_err(Failure::Refused)?;

    save(work, device).await
}
