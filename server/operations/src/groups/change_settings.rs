use super::{load, subject};
use crate::work::{Work, never_taken};
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::GroupId;
use fleet::group::{self, Group, SettingsRefusal};
use policy::GroupSettings;

impl Operations {
    /// Gives the apps of a group other settings; they hear of it within a second while they are open. Whoever says which
    /// revision they are made of overwrites no other one.
    ///
    /// # Errors
    ///
    /// [`SettingsRefusal`] if nothing would change, another revision was saved meanwhile, or an app could not obey
    /// them.
    #[tracing::instrument(skip(self, actor, settings), err(level = "debug"))]
    pub async fn change_settings(
        &self,
        actor: &Actor,
        id: GroupId,
        settings: GroupSettings,
        made_of: Option<u64>,
    ) -> Result<Group, Failure<SettingsRefusal>> {
        let mut work = self.begin(actor, Action::GroupSettings, subject(id)).await?;
        let outcome = change(&mut work, id, settings, made_of).await;

        self.conclude(work, outcome).await
    }
}

async fn change(
    work: &mut Work,
    id: GroupId,
    settings: GroupSettings,
    made_of: Option<u64>,
) -> Result<Group, Failure<SettingsRefusal>> {
    let group = load(work, id).await?;
    let changed = group::change_settings(group, settings, made_of, work.now());
    let group = changed.map_err(Failure::Refused)?;
    work.note("revision", group.revision);
    work.unit.save_group(&group).await.map_err(never_taken)?;

    Ok(group)
}
