use super::{load, save, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::DeviceId;
use fleet::device::{self, Device, RetireRefusal};

impl Operations {
    /// Takes a device out of service for good.
    ///
    /// # Errors
    ///
    /// [`RetireRefusal`] if it is not in service.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn retire(
        &self,
        actor: &Actor,
        id: DeviceId,
    ) -> Result<Device, Failure<RetireRefusal>> {
        let mut work = self.begin(actor, Action::DeviceRetire, subject(id)).await?;
        let outcome = retire(&mut work, id).await;

        self.conclude(work, outcome).await
    }
}

async fn retire(work: &mut Work, id: DeviceId) -> Result<Device, Failure<RetireRefusal>> {
    let device = load(work, id).await?;
    if let Some(certificate) = &device.certificate {
        work.note("certificate_serial", &certificate.serial);
    }
    let device = device::retire(device, work.now()).map_err(Failure::Refused)?;

    save(work, device).await
}
