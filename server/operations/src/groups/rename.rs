use super::{load, not_saved, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::group::{Group, SaveRefusal};
use fleet::{GroupId, Name};

impl Operations {
    /// Gives a group another name.
    ///
    /// # Errors
    ///
    /// [`SaveRefusal`] if another one has the name.
    #[tracing::instrument(skip(self, actor, name), err(level = "debug"))]
    pub async fn rename_group(
        &self,
        actor: &Actor,
        id: GroupId,
        name: Name,
    ) -> Result<Group, Failure<SaveRefusal>> {
        let mut work = self.begin(actor, Action::GroupRename, subject(id)).await?;
        work.note("name", &name);
        let outcome = rename(&mut work, id, name).await;

        self.conclude(work, outcome).await
    }
}

async fn rename(work: &mut Work, id: GroupId, name: Name) -> Result<Group, Failure<SaveRefusal>> {
    let group = Group { name, ..load(work, id).await? };
    work.unit.save_group(&group).await.map_err(not_saved)?;

    Ok(group)
}
