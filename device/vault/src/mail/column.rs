//! Values as they stand in columns.

use crate::FileId;
use ::mail::Mailbox;
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use time::OffsetDateTime;

/// A moment, in milliseconds since 1970.
pub(crate) struct Moment(pub(crate) OffsetDateTime);

impl ToSql for Moment {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let milliseconds = self.0.unix_timestamp_nanos().div_euclid(1_000_000);
        // The years that the type can hold are a fraction of what 64 bits can count.
        Ok(i64::try_from(milliseconds).unwrap_or_default().into())
    }
}

impl FromSql for Moment {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let milliseconds = value.as_i64()?;
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
            .map(Self)
            .map_err(|_| FromSqlError::OutOfRange(milliseconds))
    }
}

/// A number of bytes or rows. One that no disk could hold stands as the largest.
pub(crate) struct Count(pub(crate) u64);

impl ToSql for Count {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0).unwrap_or(i64::MAX).into())
    }
}

impl FromSql for Count {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        u64::try_from(number).map(Self).map_err(|_| FromSqlError::OutOfRange(number))
    }
}

/// People to be written.
pub(super) struct Written<'a>(pub(super) &'a [Mailbox]);

impl ToSql for Written<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let pairs: Vec<(&str, &str)> =
            self.0.iter().map(|one| (one.name.as_str(), one.address.as_str())).collect();
        Ok(serde_json::to_string(&pairs).expect("texts can be written as JSON").into())
    }
}

/// People that were read.
pub(super) struct People(pub(super) Vec<Mailbox>);

impl FromSql for People {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let pairs: Vec<(String, String)> = serde_json::from_str(value.as_str()?)
            .map_err(|error| FromSqlError::Other(Box::new(error)))?;
        Ok(Self(pairs.into_iter().map(|(name, address)| Mailbox { name, address }).collect()))
    }
}

impl ToSql for FileId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl FromSql for FileId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}
