//! Facts about the installation itself: sealed secrets, and what was decided when it was set up.

use crate::error::{InsertError, StoreError};
use crate::tables::meta;
use crate::work::{Store, UnitOfWork};
use sea_orm::{EntityTrait, Set};

impl Store {
    /// Reads the fact of this name.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = meta::Entity::find_by_id(key).one(&self.0).await?;

        Ok(row.map(|row| row.value))
    }
}

impl UnitOfWork {
    /// Writes a fact that does not exist yet.
    ///
    /// # Errors
    ///
    /// [`InsertError::Taken`] if it does, for example because another process was faster.
    pub async fn insert_meta(&self, key: &str, value: &[u8]) -> Result<(), InsertError> {
        let row = meta::ActiveModel { key: Set(key.to_owned()), value: Set(value.to_vec()) };
        meta::Entity::insert(row).exec_without_returning(&self.transaction).await?;

        Ok(())
    }
}
