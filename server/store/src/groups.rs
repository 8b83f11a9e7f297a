//! Groups and their settings.

use crate::changes::Touched;
use crate::error::{InsertError, StoreError};
use crate::millis::Millis;
use crate::sequence::{signed, unsigned};
use crate::tables::{groups, users};
use crate::work::{Store, UnitOfWork};
use fleet::group::Group;
use fleet::list::GroupItem;
use fleet::{GroupId, Name};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use std::collections::BTreeMap;
use uuid::Uuid;

impl Store {
    /// Finds a group.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn group(&self, id: GroupId) -> Result<Option<Group>, StoreError> {
        let row = groups::Entity::find_by_id(id.0).one(&self.0).await?;

        row.map(group).transpose()
    }

    /// Lists all groups by name.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn groups(&self) -> Result<Vec<GroupItem>, StoreError> {
        let rows =
            groups::Entity::find().order_by_asc(groups::Column::NameKey).all(&self.0).await?;
        let counts: BTreeMap<Uuid, i64> = users::Entity::find()
            .select_only()
            .column(users::Column::GroupId)
            .column_as(users::Column::Id.count(), "users")
            .group_by(users::Column::GroupId)
            .into_tuple::<(Uuid, i64)>()
            .all(&self.0)
            .await?
            .into_iter()
            .collect();

        rows.into_iter()
            .map(|row| {
                let users = unsigned("groups", counts.get(&row.id).copied().unwrap_or(0))?;
                Ok(GroupItem { group: group(row)?, users })
            })
            .collect()
    }

    /// Counts the groups.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn group_count(&self) -> Result<u64, StoreError> {
        Ok(groups::Entity::find().count(&self.0).await?)
    }
}

impl UnitOfWork {
    /// Finds a group and locks it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn group(&self, id: GroupId) -> Result<Option<Group>, StoreError> {
        let row = groups::Entity::find_by_id(id.0).lock_exclusive().one(&self.transaction).await?;

        row.map(group).transpose()
    }

    /// Adds a group.
    ///
    /// # Errors
    ///
    /// [`InsertError::Taken`] if another one has its name.
    pub async fn insert_group(&self, group: &Group) -> Result<(), InsertError> {
        groups::Entity::insert(columns(group)?).exec_without_returning(&self.transaction).await?;

        Ok(())
    }

    /// Saves a group that was found before.
    ///
    /// # Errors
    ///
    /// [`InsertError::Taken`] if another one has its name.
    pub async fn save_group(&mut self, group: &Group) -> Result<(), InsertError> {
        groups::Entity::update(columns(group)?).exec_without_returning(&self.transaction).await?;
        self.touched.push(Touched::Group(group.id));

        Ok(())
    }

    /// Removes a group that nobody is in.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn remove_group(&self, id: GroupId) -> Result<(), StoreError> {
        groups::Entity::delete_by_id(id.0).exec(&self.transaction).await?;

        Ok(())
    }

    /// Counts the people in a group.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn users_in_group(&self, id: GroupId) -> Result<u64, StoreError> {
        let query = users::Entity::find().filter(users::Column::GroupId.eq(id.0));

        Ok(query.count(&self.transaction).await?)
    }
}

pub(crate) fn group(row: groups::Model) -> Result<Group, StoreError> {
    let damaged = |what| StoreError::damaged("groups", row.id, what);

    Ok(Group {
        id: GroupId(row.id),
        name: Name::parse(&row.name).map_err(|_| damaged("name"))?,
        settings: serde_json::from_str(&row.settings).map_err(|_| damaged("settings"))?,
        revision: unsigned("groups", row.revision)?,
        changed_at: row.changed_at.into(),
    })
}

fn columns(group: &Group) -> Result<groups::ActiveModel, StoreError> {
    let settings = serde_json::to_string(&group.settings)
        .map_err(|_| StoreError::damaged("groups", group.id, "settings"))?;

    Ok(groups::ActiveModel {
        id: Set(group.id.0),
        name: Set(group.name.as_str().to_owned()),
        name_key: Set(group.name.key()),
        settings: Set(settings),
        revision: Set(signed(group.revision)),
        changed_at: Set(Millis::from(group.changed_at)),
    })
}
