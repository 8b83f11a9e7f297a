//! Small blobs with a name: the signed settings, the record of the registration.

use crate::database::Part;
use crate::{AccessError, Open};
use rusqlite::{OptionalExtension, params};
use zeroize::Zeroizing;

const WRITE: &str = "INSERT INTO document (name, content) VALUES (?1, ?2)
     ON CONFLICT (name) DO UPDATE SET content = ?2";

/// The name of one blob, chosen by the crate that owns its content.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Slot(pub &'static str);

/// The blobs of an open container.
#[derive(Debug)]
pub struct Documents<'a>(pub(crate) &'a Open);

impl Documents<'_> {
    /// Returns the content of `slot`, or `None` if nothing was written there.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn read(&self, slot: Slot) -> Result<Option<Zeroizing<Vec<u8>>>, AccessError> {
        let database = self.0.database()?;
        let content = database
            .query_row("SELECT content FROM document WHERE name = ?1", [slot.0], |row| row.get(0))
            .optional()?;
        Ok(content.map(Zeroizing::new))
    }

    /// Replaces the content of `slot`; durable on return.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn write(&self, slot: Slot, content: &[u8]) -> Result<(), AccessError> {
        self.0.database()?.execute(WRITE, params![slot.0, content])?;
        Ok(())
    }

    /// Replaces the contents of several slots, all or none; durable on return.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn write_all(&self, contents: &[(Slot, &[u8])]) -> Result<(), AccessError> {
        let mut database = self.0.database()?;
        let transaction = database.transaction()?;
        for (slot, content) in contents {
            transaction.execute(WRITE, params![slot.0, content])?;
        }
        Ok(transaction.commit()?)
    }

    /// Empties `slot`; durable on return.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn remove(&self, slot: Slot) -> Result<(), AccessError> {
        self.0.database()?.execute("DELETE FROM document WHERE name = ?1", [slot.0])?;
        Ok(())
    }
}

pub(crate) const PART: Part = Part {
    name: "document",
    steps: &[
        "CREATE TABLE document (name TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT, WITHOUT ROWID",
    ],
};
