//! The feed of changes that gateways and apps follow.

use crate::error::StoreError;
use crate::sequence::{self, Counter, signed, unsigned};
use crate::tables::{changes, devices, users};
use crate::work::Store;
use fleet::{DeviceId, GroupId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Set,
};

/// One change, in the order of commits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Change {
    /// The place in the feed, without gaps.
    pub sequence: u64,
    /// The device whose row was written; none if the settings of a group were.
    pub device: Option<DeviceId>,
}

/// What a unit of work wrote that gateways or apps have to hear of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Touched {
    /// The row of a device, or what it refers to.
    Device(DeviceId),
    /// The settings of a group.
    Group(GroupId),
}

impl Store {
    /// Returns the number of the last change.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn sequence(&self) -> Result<u64, StoreError> {
        unsigned("counters", sequence::last(&self.0, Counter::Change).await?)
    }

    /// Returns at most `limit` changes after the one numbered `sequence`, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn changes_after(
        &self,
        sequence: u64,
        limit: u64,
    ) -> Result<Vec<Change>, StoreError> {
        let rows = changes::Entity::find()
            .filter(changes::Column::Sequence.gt(signed(sequence)))
            .order_by_asc(changes::Column::Sequence)
            .limit(limit)
            .all(&self.0)
            .await?;

        rows.into_iter()
            .map(|row| {
                let sequence = unsigned("changes", row.sequence)?;
                Ok(Change { sequence, device: row.device_id.map(DeviceId) })
            })
            .collect()
    }

    /// Forgets all changes but the last `keep`, and the last one of each device and group. Whoever lags further
    /// behind finds a gap and has to begin anew.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn forget_changes(&self, keep: u64) -> Result<(), StoreError> {
        let last = self.sequence().await?;
        let last_ones = changes::Entity::find()
            .select_only()
            .column_as(changes::Column::Sequence.max(), "last")
            .group_by(changes::Column::DeviceId)
            .group_by(changes::Column::GroupId)
            .into_query();
        changes::Entity::delete_many()
            .filter(changes::Column::Sequence.lte(signed(last.saturating_sub(keep))))
            .filter(changes::Column::Sequence.not_in_subquery(last_ones))
            .exec(&self.0)
            .await?;

        Ok(())
    }
}

/// Returns the number of the last change of a device or of the settings of its group.
pub(crate) async fn last_of(db: &impl ConnectionTrait, id: DeviceId) -> Result<u64, StoreError> {
    let owner = devices::Entity::find()
        .select_only()
        .column(devices::Column::UserId)
        .filter(devices::Column::Id.eq(id.0))
        .into_query();
    let group = users::Entity::find()
        .select_only()
        .column(users::Column::GroupId)
        .filter(users::Column::Id.in_subquery(owner))
        .into_query();
    let either = Condition::any()
        .add(changes::Column::DeviceId.eq(id.0))
        .add(changes::Column::GroupId.in_subquery(group));
    let last = changes::Entity::find()
        .filter(either)
        .order_by_desc(changes::Column::Sequence)
        .one(db)
        .await?;

    unsigned("changes", last.map_or(0, |row| row.sequence))
}

/// Numbers what was touched and adds it to the feed. Nothing but the audit log may be locked afterwards, and nothing
/// that was touched may be written again: on PostgreSQL, the second time, foreign keys lock what they refer to.
pub(crate) async fn append(
    db: &impl ConnectionTrait,
    touched: &[Touched],
) -> Result<(), StoreError> {
    if touched.is_empty() {
        return Ok(());
    }

    let first = sequence::take(db, Counter::Change, touched.len()).await?;
    let rows = (first..).zip(touched).map(|(sequence, touched)| {
        let (device, group) = match touched {
            Touched::Device(id) => (Some(id.0), None),
            Touched::Group(id) => (None, Some(id.0)),
        };
        changes::ActiveModel {
            sequence: Set(sequence),
            device_id: Set(device),
            group_id: Set(group),
        }
    });
    let rows: Vec<_> = rows.collect();
    for batch in rows.chunks(BATCH) {
        changes::Entity::insert_many(batch.iter().cloned()).exec_without_returning(db).await?;
    }

    Ok(())
}

/// How many rows are inserted at once: three values each, and SQLite takes 32,766 values.
const BATCH: usize = 1_000;
