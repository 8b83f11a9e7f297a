//! Numbers in the order of commits.

use crate::error::StoreError;
use crate::tables::counters;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Counter {
    /// Events of the audit log.
    Audit,
    /// Changes that gateways and apps follow.
    Change,
    /// Nothing: whoever counts licensed devices locks this row, so that the count holds until the commit.
    Licence,
}

impl Counter {
    const fn name(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Change => "change",
            Self::Licence => "licence",
        }
    }
}

/// Takes the next `count` numbers, and returns the first. The counter stays locked until the transaction ends.
pub(crate) async fn take(
    db: &impl ConnectionTrait,
    counter: Counter,
    count: usize,
) -> Result<i64, StoreError> {
    let count =
        i64::try_from(count).expect("a transaction changes fewer rows than a number can name");
    counters::Entity::update_many()
        .col_expr(counters::Column::Value, Expr::col(counters::Column::Value).add(count))
        .filter(counters::Column::Name.eq(counter.name()))
        .exec(db)
        .await?;

    Ok(last(db, counter).await? - count + 1)
}

/// Returns the number that was taken last.
pub(crate) async fn last(db: &impl ConnectionTrait, counter: Counter) -> Result<i64, StoreError> {
    let row = counters::Entity::find_by_id(counter.name()).one(db).await?;

    row.map(|row| row.value).ok_or_else(|| missing(counter))
}

/// Locks the counter until the transaction ends.
pub(crate) async fn lock(db: &impl ConnectionTrait, counter: Counter) -> Result<(), StoreError> {
    let row = counters::Entity::find_by_id(counter.name()).lock_exclusive().one(db).await?;

    row.map(drop).ok_or_else(|| missing(counter))
}

/// Reads a number that is never negative.
pub(crate) fn unsigned(table: &'static str, value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::damaged(table, value, "number"))
}

/// Writes a number that was read from a 64-bit column; larger ones lie beyond every row.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn missing(counter: Counter) -> StoreError {
    StoreError::damaged("counters", counter.name(), "row")
}
