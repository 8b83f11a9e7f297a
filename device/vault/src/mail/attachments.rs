//! Attachments: what the server says of them, and their bytes once they were fetched.

use crate::mail::change::run;
use crate::mail::column::Count;
use crate::mail::{MailStore, MessageId, parts};
use crate::{AccessError, FileError, FileId, FileOwner};
use pim::AttachmentRecord;
use rusqlite::{Connection, OptionalExtension, Row, params};
use zeroize::Zeroizing;

/// Identifies an attachment in this container.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AttachmentId(pub i64);

/// An attachment as a screen shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AttachmentView {
    /// Its id in this container.
    pub id: AttachmentId,
    /// The mail it belongs to.
    pub message: MessageId,
    /// What the server hands its bytes out for. Opaque.
    pub reference: String,
    /// The file name, fit for one line of the screen.
    pub name: String,
    /// The media type that the server gave with the bytes; empty before.
    pub media_type: String,
    /// Bytes; the server's estimate until they are here.
    pub size: u64,
    /// The name by which the HTML refers to it (`cid:`), without brackets.
    pub content_id: Option<String>,
    /// It is meant to be shown inside the text.
    pub inline: bool,
    /// Its bytes are here.
    pub local: bool,
    /// How many bytes are here of one that comes in ranges.
    pub arrived: u64,
}

impl MailStore<'_> {
    /// Returns an attachment, or `None` if there is no such attachment.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn attachment(&self, id: AttachmentId) -> Result<Option<AttachmentView>, AccessError> {
        let database = self.0.database()?;
        let attachment = database
            .prepare_cached(
                "SELECT id, message, reference, name, media_type, size, content_id, inline, file IS NOT NULL,
                     (SELECT coalesce(sum(part.size), 0) FROM attachment_part AS part WHERE part.attachment = attachment.id)
                 FROM attachment WHERE id = ?1",
            )?
            .query_row([id.0], view)
            .optional()?;
        Ok(attachment)
    }

    /// Returns the bytes of an attachment, or `None` if they are to be fetched.
    ///
    /// # Errors
    ///
    /// [`AccessError::Fault`] if its file is damaged, [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn attachment_bytes(
        &self,
        id: AttachmentId,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, AccessError> {
        let file: Option<Option<FileId>> = self
            .0
            .database()?
            .prepare_cached("SELECT file FROM attachment WHERE id = ?1")?
            .query_row([id.0], |row| row.get(0))
            .optional()?;
        let Some(file) = file.flatten() else { return Ok(None) };
        match self.0.files(FileOwner::MAIL).read(file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(FileError::Fault(fault)) => Err(fault.into()),
            Err(FileError::Locked) => Err(AccessError::Locked),
            Err(FileError::Missing) => {
                self.forget_bytes(id, file)?;
                Ok(None)
            }
        }
    }

    /// Keeps the bytes of an attachment, durable on return; `false` if there is no such attachment any more, or the policy has come to
    /// forbid it.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn keep_attachment(
        &self,
        id: AttachmentId,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<bool, AccessError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.transact_with_file(bytes, |connection, file| {
            let kept = connection
                .prepare_cached(
                    "UPDATE attachment SET file = ?2, media_type = ?3, size = ?4
                     WHERE id = ?1 AND NOT EXISTS (
                         SELECT 1 FROM account WHERE attachments_allowed = 0 OR largest_attachment < ?4
                     )",
                )?
                .execute(params![id.0, file, media_type, Count(size)])?;
            if kept == 0 {
                run(connection, "INSERT INTO stale_file (file) VALUES (?1)", [file])?;
            }
            parts::remove(connection, id)?;
            Ok(kept > 0)
        })
    }

    /// A file that somebody deleted is fetched again, rather than missed for ever.
    fn forget_bytes(&self, id: AttachmentId, file: FileId) -> Result<(), AccessError> {
        self.transact(|connection| {
            run(
                connection,
                "UPDATE attachment SET file = NULL WHERE id = ?1 AND file = ?2",
                params![id.0, file],
            )?;
            Ok(())
        })
    }
}

/// Adds or updates the attachments of a mail; one with the same reference keeps its id and its bytes.
pub(super) fn put(
    connection: &Connection,
    message: MessageId,
    list: &[AttachmentRecord],
) -> rusqlite::Result<()> {
    for (position, record) in (0_i64..).zip(list) {
        run(
            connection,
            "INSERT INTO attachment (message, position, reference, name, size, content_id, inline)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (message, reference) DO UPDATE SET
                 position = excluded.position, name = excluded.name, content_id = excluded.content_id,
                 inline = excluded.inline,
                 size = CASE WHEN file IS NULL THEN excluded.size ELSE size END",
            params![
                message.0,
                position,
                record.reference,
                record.name,
                Count(record.size),
                record.content_id,
                record.inline,
            ],
        )?;
    }
    if list.is_empty() {
        return Ok(());
    }
    count(connection, message)
}

/// Removes the attachments of a mail that are not in the list.
pub(super) fn retain(
    connection: &Connection,
    message: MessageId,
    list: &[AttachmentRecord],
) -> rusqlite::Result<()> {
    let references: Vec<&str> = list.iter().map(|record| record.reference.as_str()).collect();
    let references = serde_json::to_string(&references).expect("texts can be written as JSON");
    run(
        connection,
        "DELETE FROM attachment
         WHERE message = ?1 AND reference NOT IN (SELECT value FROM json_each(?2))",
        params![message.0, references],
    )?;
    count(connection, message)
}

/// Reads the attachments of a mail, in the server's order.
pub(super) fn list(
    connection: &Connection,
    message: MessageId,
) -> rusqlite::Result<Vec<AttachmentView>> {
    connection
        .prepare_cached(
            "SELECT id, message, reference, name, media_type, size, content_id, inline, file IS NOT NULL,
                     (SELECT coalesce(sum(part.size), 0) FROM attachment_part AS part WHERE part.attachment = attachment.id)
             FROM attachment WHERE message = ?1 ORDER BY position",
        )?
        .query_map([message.0], view)?
        .collect()
}

fn count(connection: &Connection, message: MessageId) -> rusqlite::Result<()> {
    run(
        connection,
        "UPDATE message SET attachments =
             (SELECT count(*) FROM attachment WHERE message = ?1 AND inline = 0)
         WHERE id = ?1",
        [message.0],
    )
}

fn view(row: &Row<'_>) -> rusqlite::Result<AttachmentView> {
    Ok(AttachmentView {
        id: AttachmentId(row.get(0)?),
        message: MessageId(row.get(1)?),
        reference: row.get(2)?,
        name: row.get(3)?,
        media_type: row.get(4)?,
        size: row.get::<_, Count>(5)?.0,
        content_id: row.get(6)?,
        inline: row.get(7)?,
        local: row.get(8)?,
        arrived: row.get::<_, Count>(9)?.0,
    })
}
