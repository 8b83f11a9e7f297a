use super::{load, save, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::device::{self, Device, RenameRefusal};
use fleet::{DeviceId, Name};

impl Operations {
    /// Gives a device another name.
    ///
    /// # Errors
    ///
    /// [`RenameRefusal`] if it has that name.
    #[tracing::instrument(skip(self, actor, name), err(level = "debug"))]
    pub async fn rename_device(
        &self,
        actor: &Actor,
        id: DeviceId,
        name: Name,
    ) -> Result<Device, Failure<RenameRefusal>> {
        let mut work = self.begin(actor, Action::DeviceRename, subject(id)).await?;
        work.note("name", &name);
        let outcome = rename(&mut work, id, name).await;

        self.conclude(work, outcome).await
    }
}

async fn rename(
    work: &mut Work,
    id: DeviceId,
    name: Name,
) -> Result<Device, Failure<RenameRefusal>> {
    let device = load(work, id).await?;
    let device = device::rename(device, name).map_err(Failure::Refused)?;

    save(work, device).await
}
