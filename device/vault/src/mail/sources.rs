//! Mails that are signed or encrypted, as they came.

use crate::mail::change::run;
use crate::mail::{MailStore, MessageId, messages};
use crate::{AccessError, FileError, FileId, FileOwner};
use pim::ItemRef;
use rusqlite::{Connection, OptionalExtension, params};
use zeroize::Zeroizing;

impl MailStore<'_> {
    /// Returns a mail byte for byte as it came, or `None` if that is to be fetched.
    ///
    /// # Errors
    ///
    /// [`AccessError::Fault`] if its file is damaged, [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn source(&self, message: MessageId) -> Result<Option<Zeroizing<Vec<u8>>>, AccessError> {
        let file: Option<FileId> = self
            .0
            .database()?
            .prepare_cached("SELECT file FROM source WHERE message = ?1")?
            .query_row([message.0], |row| row.get(0))
            .optional()?;
        let Some(file) = file else { return Ok(None) };
        match self.0.files(FileOwner::MAIL).read(file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(FileError::Fault(fault)) => Err(fault.into()),
            Err(FileError::Locked) => Err(AccessError::Locked),
            Err(FileError::Missing) => {
                self.forget_source(message, file)?;
                Ok(None)
            }
        }
    }

    /// A file that somebody deleted is fetched again, rather than missed for ever.
    fn forget_source(&self, message: MessageId, file: FileId) -> Result<(), AccessError> {
        self.transact(|connection| {
            run(
                connection,
                "DELETE FROM source WHERE message = ?1 AND file = ?2",
                params![message.0, file],
            )?;
            run(connection, "UPDATE message SET body_state = 1 WHERE id = ?1", [message.0])?;
            Ok(())
        })
    }
}

/// Notes the file that a mail is in; that of a mail that went meanwhile goes too.
pub(super) fn put(connection: &Connection, item: &ItemRef, file: FileId) -> rusqlite::Result<()> {
    let Some(id) = messages::find(connection, item)? else {
        return run(connection, "INSERT INTO stale_file (file) VALUES (?1)", [file]);
    };
    run(
        connection,
        "INSERT INTO source (message, file) VALUES (?1, ?2)
         ON CONFLICT (message) DO UPDATE SET file = excluded.file",
        params![id.0, file],
    )?;
    settle(connection, id)
}

/// A mail that is here as it came is not to be fetched, whatever its server says of its text.
pub(super) fn settle(connection: &Connection, message: MessageId) -> rusqlite::Result<()> {
    run(
        connection,
        "UPDATE message SET body_state = 2
         WHERE id = ?1 AND body_state <> 2 AND EXISTS (SELECT 1 FROM source WHERE message = ?1)",
        [message.0],
    )
}
