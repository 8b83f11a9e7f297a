use super::{load, save, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::DeviceId;
use fleet::device::{self, Device, WipeOrder, WipeRefusal};

impl Operations {
    /// Tells a device to wipe. It is refused everywhere within a second, whether or not the order reaches it.
    ///
    /// # Errors
    ///
    /// [`WipeRefusal`] if there is nothing that the device could wipe.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn wipe(
        &self,
        actor: &Actor,
        id: DeviceId,
        order: WipeOrder,
    ) -> Result<Device, Failure<WipeRefusal>> {
        let mut work = self.begin(actor, Action::DeviceWipe, subject(id)).await?;
        work.note("order", order.name());
        let outcome = wipe(&mut work, id, order).await;

        self.conclude(work, outcome).await
    }
}

async fn wipe(
    work: &mut Work,
    id: DeviceId,
    order: WipeOrder,
) -> Result<Device, Failure<WipeRefusal>> {
    let device = load(work, id).await?;
    let device = device::wipe(device, order, work.now()).map_err(Failure::Refused)?;

    save(work, device).await
}
