//! Attachments that come in ranges: each range is a file as soon as it is here, so that a cut loses none.

use crate::mail::change::run;
use crate::mail::column::Count;
use crate::mail::{AttachmentId, MailStore};
use crate::{AccessError, FileError, FileId, FileOwner};
use rusqlite::{Connection, params};
use zeroize::Zeroizing;

impl MailStore<'_> {
    /// Returns how many bytes of an attachment are here from its beginning on, while it is being fetched.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn attachment_progress(&self, id: AttachmentId) -> Result<u64, AccessError> {
        let parts = parts(&*self.0.database()?, id)?;
        Ok(parts.last().map_or(0, |part| part.start + part.size))
    }

    /// Keeps bytes of an attachment that begin at `start`, durable on return; `false` if they are here, or it needs none any more.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn keep_part(
        &self,
        id: AttachmentId,
        start: u64,
        bytes: &[u8],
    ) -> Result<bool, AccessError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.transact_with_file(bytes, |connection, file| {
            let kept = connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO attachment_part (attachment, start, size, file)
                     SELECT id, ?2, ?3, ?4 FROM attachment WHERE id = ?1 AND file IS NULL
                         AND NOT EXISTS (SELECT 1 FROM account WHERE attachments_allowed = 0)",
                )?
                .execute(params![id.0, Count(start), Count(size), file])?;
            if kept == 0 {
                run(connection, "INSERT INTO stale_file (file) VALUES (?1)", [file])?;
            }
            Ok(kept > 0)
        })
    }

    /// Returns all bytes that are here of an attachment that is being fetched, or `None` if a file of them was deleted.
    ///
    /// # Errors
    ///
    /// [`AccessError::Fault`] if a file is damaged, [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn join_parts(&self, id: AttachmentId) -> Result<Option<Zeroizing<Vec<u8>>>, AccessError> {
        let parts = parts(&*self.0.database()?, id)?;
        let mut whole = Zeroizing::new(Vec::new());
        for part in parts {
            match self.0.files(FileOwner::MAIL).read(part.file) {
                Ok(bytes) => whole.extend_from_slice(&bytes),
                Err(FileError::Fault(fault)) => return Err(fault.into()),
                Err(FileError::Locked) => return Err(AccessError::Locked),
                Err(FileError::Missing) => return Ok(None),
            }
        }
        Ok(Some(whole))
    }

    /// Forgets what has come of an attachment.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn forget_parts(&self, id: AttachmentId) -> Result<(), AccessError> {
        self.transact(|connection| Ok(remove(connection, id)?))
    }
}

/// Removes the ranges of an attachment.
pub(super) fn remove(connection: &Connection, id: AttachmentId) -> rusqlite::Result<()> {
    run(connection, "DELETE FROM attachment_part WHERE attachment = ?1", [id.0])
}

struct Part {
    start: u64,
    size: u64,
    file: FileId,
}

/// Lists the ranges from the beginning on, up to the first gap.
fn parts(connection: &Connection, id: AttachmentId) -> rusqlite::Result<Vec<Part>> {
    let all: Vec<Part> = connection
        .prepare_cached(
            "SELECT start, size, file FROM attachment_part WHERE attachment = ?1 ORDER BY start",
        )?
        .query_map([id.0], |row| {
            let (Count(start), Count(size)) = (row.get(0)?, row.get(1)?);
            Ok(Part { start, size, file: row.get(2)? })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut end = 0;
    let follows = |part: &Part| {
        let follows = part.start == end;
        end = part.start.saturating_add(part.size);
        follows
    };
    Ok(all.into_iter().take_while(follows).collect())
}
