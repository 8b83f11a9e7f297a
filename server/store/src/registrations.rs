//! Registrations that have begun and not ended.

use crate::error::StoreError;
use crate::millis::Millis;
use crate::tables::{attempts, invitations};
use crate::work::{Store, UnitOfWork};
use fleet::{InvitationId, UserId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait, Set,
};
use time::OffsetDateTime;
use uuid::Uuid;

/// A registration that has begun: what the server has to remember until the device answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attempt {
    /// The identifier that the device repeats in its answer.
    pub id: Uuid,
    /// The invitation it began with.
    pub invitation: InvitationId,
    /// What the registration needs to judge the answer.
    pub data: Vec<u8>,
    /// When it is too late for an answer.
    pub expires_at: OffsetDateTime,
}

impl Store {
    /// Finds an attempt that waits for an answer, or that nobody answered in time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn attempt(&self, id: Uuid) -> Result<Option<Attempt>, StoreError> {
        let found = attempts::Entity::find_by_id(id).one(&self.0).await?;

        Ok(found.map(attempt))
    }

    /// Forgets the attempts that nobody can answer any more.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn forget_attempts(&self, now: OffsetDateTime) -> Result<(), StoreError> {
        attempts::Entity::delete_many()
            .filter(attempts::Column::ExpiresAt.lte(Millis::from(now)))
            .exec(&self.0)
            .await?;

        Ok(())
    }
}

impl UnitOfWork {
    /// Remembers an attempt.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn insert_attempt(&self, attempt: &Attempt) -> Result<(), StoreError> {
        let row = attempts::ActiveModel {
            id: Set(attempt.id),
            invitation_id: Set(attempt.invitation.0),
            data: Set(attempt.data.clone()),
            expires_at: Set(attempt.expires_at.into()),
        };
        attempts::Entity::insert(row).exec_without_returning(&self.transaction).await?;

        Ok(())
    }

    /// Counts the attempts of an invitation that wait for an answer at `now`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn open_attempts(
        &self,
        invitation: InvitationId,
        now: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let query = attempts::Entity::find()
            .filter(attempts::Column::InvitationId.eq(invitation.0))
            .filter(attempts::Column::ExpiresAt.gt(Millis::from(now)));

        Ok(query.count(&self.transaction).await?)
    }

    /// Takes an attempt out: whoever commits this is the only one to have it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn take_attempt(&self, id: Uuid) -> Result<Option<Attempt>, StoreError> {
        let found =
            attempts::Entity::find_by_id(id).lock_exclusive().one(&self.transaction).await?;
        let Some(row) = found else { return Ok(None) };
        attempts::Entity::delete_by_id(id).exec(&self.transaction).await?;

        Ok(Some(attempt(row)))
    }
}

fn attempt(row: attempts::Model) -> Attempt {
    Attempt {
        id: row.id,
        invitation: InvitationId(row.invitation_id),
        data: row.data,
        expires_at: row.expires_at.into(),
    }
}

pub(crate) async fn remove_attempts_of(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<(), StoreError> {
    let of_user = invitations::Entity::find()
        .select_only()
        .column(invitations::Column::Id)
        .filter(invitations::Column::UserId.eq(user.0))
        .into_query();
    attempts::Entity::delete_many()
        .filter(attempts::Column::InvitationId.in_subquery(of_user))
        .exec(db)
        .await?;

    Ok(())
}
