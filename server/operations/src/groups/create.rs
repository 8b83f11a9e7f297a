use super::{not_saved, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::group::{Group, SaveRefusal, check_settings};
use fleet::{GroupId, Name};
use policy::GroupSettings;
use uuid::Uuid;

impl Operations {
    /// Makes a group.
    ///
    /// # Errors
    ///
    /// [`SaveRefusal`] if another one has the name, or an app could not obey the settings.
    #[tracing::instrument(skip(self, actor, name, settings), err(level = "debug"))]
    pub async fn create_group(
        &self,
        actor: &Actor,
        name: Name,
        settings: GroupSettings,
    ) -> Result<Group, Failure<SaveRefusal>> {
        let id = GroupId(Uuid::new_v4());
        let mut work = self.begin(actor, Action::GroupCreate, subject(id)).await?;
        work.label(&name);
        let group = Group::new(id, name, settings, work.now());
        let outcome = create(&mut work, group).await;

        self.conclude(work, outcome).await
    }
}

async fn create(work: &mut Work, group: Group) -> Result<Group, Failure<SaveRefusal>> {
    check_settings(&group.settings).map_err(|refusal| Failure::Refused(refusal.into()))?;
    work.unit.insert_group(&group).await.map_err(not_saved)?;

    Ok(group)
}
