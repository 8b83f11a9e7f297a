//! Invitations.

use crate::error::{InsertError, StoreError};
use crate::millis::Millis;
use crate::tables::{invitations, users};
use crate::work::{Store, UnitOfWork};
use fleet::invitation::{Fate, Invitation, MOST_WRONG_ANSWERS};
use fleet::list::{InvitationFilter, InvitationItem, Listing, Page};
use fleet::{DeviceId, InvitationId, Login, Name, UserId};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use time::OffsetDateTime;
use uuid::Uuid;

/// SHA-256 of the code of an invitation; the code itself is stored nowhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CodeHash(pub [u8; 32]);

impl Store {
    /// Finds the invitation with this code.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn invitation_by_code(
        &self,
        code: CodeHash,
    ) -> Result<Option<Invitation>, StoreError> {
        let row = invitations::Entity::find()
            .filter(invitations::Column::CodeHash.eq(code.0.to_vec()))
            .one(&self.0)
            .await?;

        row.map(invitation).transpose()
    }

    /// Finds the invitation that a device came of.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn invitation_of_device(
        &self,
        device: DeviceId,
    ) -> Result<Option<Invitation>, StoreError> {
        let row = invitations::Entity::find()
            .filter(invitations::Column::DeviceId.eq(device.0))
            .one(&self.0)
            .await?;

        row.map(invitation).transpose()
    }

    /// Lists invitations, newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn invitations(
        &self,
        filter: &InvitationFilter,
        page: Page,
    ) -> Result<Listing<InvitationItem>, StoreError> {
        let query = invitations::Entity::find().filter(condition(filter));
        let total = query.clone().count(&self.0).await?;
        let rows = query
            .order_by_desc(invitations::Column::CreatedAt)
            .order_by_desc(invitations::Column::Id)
            .offset(page.offset)
            .limit(page.limit())
            .all(&self.0)
            .await?;
        let people: Vec<(Uuid, String, String)> = users::Entity::find()
            .select_only()
            .columns([users::Column::Id, users::Column::Login, users::Column::Name])
            .filter(users::Column::Id.is_in(rows.iter().map(|row| row.user_id)))
            .into_tuple()
            .all(&self.0)
            .await?;

        let items = rows
            .into_iter()
            .map(|row| {
                let damaged = || StoreError::damaged("invitations", row.id, "user");
                let person = people.iter().find(|(id, ..)| *id == row.user_id);
                let (_, login, name) = person.ok_or_else(damaged)?;
                Ok(InvitationItem {
                    user_login: Login::parse(login).map_err(|_| damaged())?,
                    user_name: Name::parse(name).map_err(|_| damaged())?,
                    invitation: invitation(row)?,
                })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Listing { total, items })
    }

    /// Counts the invitations that can be redeemed at `now`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn open_invitations(&self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let filter = InvitationFilter { open_at: Some(now), ..InvitationFilter::default() };

        Ok(invitations::Entity::find().filter(condition(&filter)).count(&self.0).await?)
    }
}

impl UnitOfWork {
    /// Finds an invitation and locks it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn invitation(&self, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
        let row =
            invitations::Entity::find_by_id(id.0).lock_exclusive().one(&self.transaction).await?;

        row.map(invitation).transpose()
    }

    /// Finds the invitation with this code and locks it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn invitation_by_code(
        &self,
        code: CodeHash,
    ) -> Result<Option<Invitation>, StoreError> {
        let row = invitations::Entity::find()
            .filter(invitations::Column::CodeHash.eq(code.0.to_vec()))
            .lock_exclusive()
            .one(&self.transaction)
            .await?;

        row.map(invitation).transpose()
    }

    /// Adds an invitation.
    ///
    /// # Errors
    ///
    /// [`InsertError::Taken`] if another one has its code.
    pub async fn insert_invitation(
        &self,
        invitation: &Invitation,
        code: CodeHash,
    ) -> Result<(), InsertError> {
        let row =
            invitations::ActiveModel { code_hash: Set(code.0.to_vec()), ..columns(invitation) };
        invitations::Entity::insert(row).exec_without_returning(&self.transaction).await?;

        Ok(())
    }

    /// Saves an invitation that was found before.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn save_invitation(&self, invitation: &Invitation) -> Result<(), StoreError> {
        invitations::Entity::update(columns(invitation))
            .exec_without_returning(&self.transaction)
            .await?;

        Ok(())
    }
}

fn condition(filter: &InvitationFilter) -> Condition {
    let mut condition = Condition::all();
    if let Some(user) = filter.user {
        condition = condition.add(invitations::Column::UserId.eq(user.0));
    }
    if let Some(now) = filter.open_at {
        condition = condition
            .add(invitations::Column::Fate.eq(PENDING))
            .add(invitations::Column::WrongAnswers.lt(i64::from(MOST_WRONG_ANSWERS)))
            .add(invitations::Column::ExpiresAt.gt(Millis::from(now)));
    }

    condition
}

const PENDING: &str = "pending";
const USED: &str = "used";
const REVOKED: &str = "revoked";

fn invitation(row: invitations::Model) -> Result<Invitation, StoreError> {
    let fate = match (row.fate.as_str(), row.fate_at) {
        (PENDING, None) => Fate::Pending,
        (USED, Some(at)) => Fate::Used { at: at.into() },
        (REVOKED, Some(at)) => Fate::Revoked { at: at.into() },
        _ => return Err(StoreError::damaged("invitations", row.id, "fate")),
    };

    Ok(Invitation {
        id: InvitationId(row.id),
        user: UserId(row.user_id),
        device: DeviceId(row.device_id),
        created_by: row.created_by,
        created_at: row.created_at.into(),
        expires_at: row.expires_at.into(),
        wrong_answers: u32::try_from(row.wrong_answers)
            .map_err(|_| StoreError::damaged("invitations", row.id, "count of wrong answers"))?,
        fate,
    })
}

fn columns(invitation: &Invitation) -> invitations::ActiveModel {
    let (fate, fate_at) = match invitation.fate {
        Fate::Pending => (PENDING, None),
        Fate::Used { at } => (USED, Some(Millis::from(at))),
        Fate::Revoked { at } => (REVOKED, Some(Millis::from(at))),
    };

    invitations::ActiveModel {
        id: Set(invitation.id.0),
        user_id: Set(invitation.user.0),
        device_id: Set(invitation.device.0),
        created_by: Set(invitation.created_by.clone()),
        created_at: Set(invitation.created_at.into()),
        expires_at: Set(invitation.expires_at.into()),
        wrong_answers: Set(invitation.wrong_answers.into()),
        fate: Set(fate.to_owned()),
        fate_at: Set(fate_at),
        ..<invitations::ActiveModel as Default>::default()
    }
}
