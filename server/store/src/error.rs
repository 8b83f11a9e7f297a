//! How the database can fail its callers.

use sea_orm::{DbErr, SqlErr};

/// The database failed us. Callers can only report this.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row holds what no version of this program writes.
    #[error("the {what} of the row {row} in {table} is damaged")]
    Damaged {
        /// The table.
        table: &'static str,
        /// The key of the row.
        row: String,
        /// The part of the row.
        what: &'static str,
    },
    /// The driver or the database reported a fault.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// The database belongs to a newer version of the program.
    #[error(
        "the database has been migrated by a newer version of the program ({migration}); use that version, \
         or restore the backup from before"
    )]
    NewerSchema {
        /// The first migration that this version does not know.
        migration: String,
    },
}

impl StoreError {
    pub(crate) fn damaged(
        table: &'static str,
        row: impl std::fmt::Display,
        what: &'static str,
    ) -> Self {
        Self::Damaged { table, row: row.to_string(), what }
    }
}

/// Why a row was not inserted.
#[derive(Debug, thiserror::Error)]
pub enum InsertError {
    /// We failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another row has the name or number that only one may have.
    #[error("the name or number is taken")]
    Taken,
}

impl From<DbErr> for InsertError {
    fn from(error: DbErr) -> Self {
        if is_unique_violation(&error) {
            return Self::Taken;
        }

        Self::Store(error.into())
    }
}

/// Why a person was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveUserError {
    /// Another person has one of the mail addresses.
    #[error("a mail address is taken")]
    AddressTaken,
    /// Another person has the login name.
    #[error("the login name is taken")]
    LoginTaken,
    /// We failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(crate) fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
