use crate::{Fault, Operations};
use fleet::GroupId;
use fleet::group::Group;
use fleet::list::GroupItem;

impl Operations {
    /// Finds a group.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn group(&self, id: GroupId) -> Result<Option<Group>, Fault> {
        Ok(self.store().group(id).await?)
    }

    /// Lists all groups by name.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn groups(&self) -> Result<Vec<GroupItem>, Fault> {
        Ok(self.store().groups().await?)
    }
}
