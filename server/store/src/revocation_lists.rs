//! Revocation lists, one for each issuer: the last one that was published, and whether it is still true.

use crate::error::StoreError;
use crate::millis::Millis;
use crate::sequence::{signed, unsigned};
use crate::tables::revocation_lists::{ActiveModel, Column, Entity, Model};
use crate::work::{Store, UnitOfWork};
use ca::PublishedList;
use pki::Fingerprint;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Set};

/// What is published of an issuer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListState {
    /// The last list; none before the first.
    pub published: Option<PublishedList>,
    /// Whether certificates were revoked or released since.
    pub is_outdated: bool,
    /// How many revocations and releases there were; what a list that is made now covers.
    changes: i64,
}

impl ListState {
    /// Returns the number of the last list; zero before the first.
    pub fn number(&self) -> u64 {
        self.published.as_ref().map_or(0, |list| list.number)
    }
}

impl Store {
    /// Finds what is published of an issuer.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn revocation_list(
        &self,
        issuer: Fingerprint,
    ) -> Result<Option<ListState>, StoreError> {
        Entity::find_by_id(issuer.to_string()).one(&self.0).await?.map(state).transpose()
    }
}

impl UnitOfWork {
    /// Finds what is published of an issuer and locks it, so that the next number is given once.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn revocation_list(&self, issuer: Fingerprint) -> Result<ListState, StoreError> {
        self.insert_list(issuer).await?;
        let row =
            Entity::find_by_id(issuer.to_string()).lock_exclusive().one(&self.transaction).await?;

        state(row.ok_or_else(|| StoreError::damaged("revocation_lists", issuer, "row"))?)
    }

    /// Saves a list that follows the one that was found before.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn save_revocation_list(
        &self,
        issuer: Fingerprint,
        found: &ListState,
        list: &PublishedList,
    ) -> Result<(), StoreError> {
        let row = ActiveModel {
            issuer: Set(issuer.to_string()),
            number: Set(signed(list.number)),
            changes: Set(found.changes),
            covered: Set(found.changes),
            this_update: Set(Some(list.this_update.into())),
            next_update: Set(Some(list.next_update.into())),
            der: Set(Some(list.der.clone())),
        };
        Entity::update(row).exec_without_returning(&self.transaction).await?;

        Ok(())
    }

    /// Notes that the list of an issuer is no longer true.
    pub(crate) async fn outdate_list(&self, issuer: Fingerprint) -> Result<(), StoreError> {
        self.insert_list(issuer).await?;
        Entity::update_many()
            .col_expr(Column::Changes, Expr::col(Column::Changes).add(1_i64))
            .filter(Column::Issuer.eq(issuer.to_string()))
            .exec(&self.transaction)
            .await?;

        Ok(())
    }

    async fn insert_list(&self, issuer: Fingerprint) -> Result<(), StoreError> {
        let row = ActiveModel {
            issuer: Set(issuer.to_string()),
            number: Set(0),
            changes: Set(0),
            covered: Set(0),
            this_update: Set(None),
            next_update: Set(None),
            der: Set(None),
        };
        Entity::insert(row)
            .on_conflict(OnConflict::column(Column::Issuer).do_nothing().to_owned())
            .exec_without_returning(&self.transaction)
            .await?;

        Ok(())
    }
}

fn state(row: Model) -> Result<ListState, StoreError> {
    let moment = |moment: Millis| moment.into();
    let published = match (row.this_update, row.next_update, row.der) {
        (None, None, None) => None,
        (Some(this_update), Some(next_update), Some(der)) => Some(PublishedList {
            number: unsigned("revocation_lists", row.number)?,
            this_update: moment(this_update),
            next_update: moment(next_update),
            der,
        }),
        (_, _, _) => return Err(StoreError::damaged("revocation_lists", row.issuer, "list")),
    };

    Ok(ListState { published, is_outdated: row.changes != row.covered, changes: row.changes })
}
