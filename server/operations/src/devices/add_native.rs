use super::subject;
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor, SubjectKind};
use fleet::device::Device;
use fleet::licence::{Licence, LicenceExhausted};
use fleet::user::{self, OwnerBlocked};
use fleet::{DeviceId, EasId, Name, UserId, refusal};
use store::InsertError;
use uuid::Uuid;

impl Operations {
    /// Adds a device that runs another mail program, known by the identifier in its ActiveSync requests.
    ///
    /// # Errors
    ///
    /// [`AddRefusal`] if the identifier or the licence is taken, or the person is blocked.
    #[tracing::instrument(skip(self, actor, name, eas_id), err(level = "debug"))]
    pub async fn add_native_device(
        &self,
        actor: &Actor,
        user: UserId,
        name: Name,
        eas_id: EasId,
    ) -> Result<Device, Failure<AddRefusal>> {
        let id = DeviceId(Uuid::new_v4());
        let mut work = self.begin(actor, Action::DeviceAdd, subject(id)).await?;
        work.label(&name);
        work.note("eas_id", &eas_id);
        let device = Device::native(id, user, name, eas_id, work.now());
        let outcome = add(&mut work, self.licence(), device).await;

        self.conclude(work, outcome).await
    }
}

async fn add(
    work: &mut Work,
    licence: Licence,
    device: Device,
) -> Result<Device, Failure<AddRefusal>> {
    let used = work.unit.licence_in_use().await?;
    let Some(user) = work.unit.user(device.user).await? else {
        return Err(Failure::Unknown(SubjectKind::User));
    };
    work.note("user", &user.login);
    user::admit(&user).map_err(|refusal| Failure::Refused(refusal.into()))?;
    licence.admit(used).map_err(|refusal| Failure::Refused(refusal.into()))?;
    if let Some(eas_id) = &device.eas_id {
        work.unit.release_eas_id(eas_id).await?;
    }
    match work.unit.insert_device(&device).await {
        Ok(()) => Ok(device),
        Err(InsertError::Store(error)) => Err(error.into()),
        Err(InsertError::Taken) => Err(Failure::Refused(AddRefusal::EasIdTaken)),
    }
}

/// Why a device was not added.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AddRefusal {
    /// Another device shows this identifier.
    #[error(
        "the device was not added: another device has this ActiveSync identifier; look for it in the list of devices, \
         and retire it if it is the same one"
    )]
    EasIdTaken,
    /// All licensed devices are in use.
    #[error(transparent)]
    Licence(#[from] LicenceExhausted),
    /// The person is blocked.
    #[error(transparent)]
    Owner(#[from] OwnerBlocked),
}

refusal!(AddRefusal {
    Self::EasIdTaken => Conflict "eas_id_taken",
    Self::Licence(_) => Conflict "licence_exhausted",
    Self::Owner(_) => Conflict "user_blocked",
});
