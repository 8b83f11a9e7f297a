use super::{load, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::GroupId;
use fleet::group::{self, RemoveRefusal};

impl Operations {
    /// Removes a group.
    ///
    /// # Errors
    ///
    /// [`RemoveRefusal`] if people are in it.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn remove_group(
        &self,
        actor: &Actor,
        id: GroupId,
    ) -> Result<(), Failure<RemoveRefusal>> {
        let mut work = self.begin(actor, Action::GroupRemove, subject(id)).await?;
        let outcome = remove(&mut work, id).await;

        self.conclude(work, outcome).await
    }
}

async fn remove(work: &mut Work, id: GroupId) -> Result<(), Failure<RemoveRefusal>> {
    load(work, id).await?;
    let users = work.unit.users_in_group(id).await?;
    group::remove(users).map_err(Failure::Refused)?;

    Ok(work.unit.remove_group(id).await?)
}
