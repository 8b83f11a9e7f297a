use super::{load, subject};
use crate::certificates::revoke_all;
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::UserId;
use fleet::user::{self, RemoveRefusal};
use pki::validate::RevocationReason;

impl Operations {
    /// Removes a person, with their retired devices, and revokes their certificates.
    ///
    /// # Errors
    ///
    /// [`RemoveRefusal`] if they have other devices.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn remove_user(
        &self,
        actor: &Actor,
        id: UserId,
    ) -> Result<(), Failure<RemoveRefusal>> {
        let mut work = self.begin(actor, Action::UserRemove, subject(id)).await?;
        let outcome = remove(&mut work, id).await;

        self.conclude(work, outcome).await
    }
}

async fn remove(work: &mut Work, id: UserId) -> Result<(), Failure<RemoveRefusal>> {
    load(work, id).await?;
    let devices = work.unit.devices_left(id).await?;
    user::remove(devices).map_err(Failure::Refused)?;
    work.unit.remove_user(id).await?;
    let revoked = work.unit.issued_to_user(id).await?;
    revoke_all(work, revoked, RevocationReason::AffiliationChanged).await?;

    Ok(())
}
