use super::{load, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::AdministratorId;
use fleet::administrator::{self, RemoveRefusal};

impl Operations {
    /// Removes an administrator account, and ends its sessions.
    ///
    /// # Errors
    ///
    /// [`RemoveRefusal`] if it is the last one, or the actor's own.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn remove_administrator(
        &self,
        actor: &Actor,
        id: AdministratorId,
    ) -> Result<(), Failure<RemoveRefusal>> {
        let mut work = self.begin(actor, Action::AdministratorRemove, subject(id)).await?;
        let outcome = remove(&mut work, actor, id).await;

        self.conclude(work, outcome).await
    }
}

async fn remove(
    work: &mut Work,
    actor: &Actor,
    id: AdministratorId,
) -> Result<(), Failure<RemoveRefusal>> {
    let by = match actor {
        Actor::Administrator(name) => Some(name.as_str()),
        Actor::CommandLine(_)
        | Actor::Device(_)
        | Actor::Invitation(_)
        | Actor::Server
        | Actor::Visitor => None,
    };
    let accounts = work.unit.administrator_count().await?;
    let (account, _) = load(work, id).await?;
    administrator::remove(&account, accounts, by).map_err(Failure::Refused)?;

    Ok(work.unit.remove_administrator(id).await?)
}
