//! Removing what a policy does not let stay.

use crate::AccessError;
use crate::mail::change::run;
use crate::mail::column::Count;
use crate::mail::{MailStore, MessageId, drafts, saved, search};
use pim::{Keep, Limits};
use rusqlite::{Connection, params};

impl MailStore<'_> {
    /// Returns what the mail server's policy limits.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn limits(&self) -> Result<Limits, AccessError> {
        let account = saved::account(&*self.0.database()?)?;
        Ok(account.map(|account| account.limits).unwrap_or_default())
    }
}

/// Removes files and texts that may not be kept; the texts are to be fetched anew.
pub(super) fn enforce(connection: &Connection, keep: &Keep) -> rusqlite::Result<()> {
    let largest = if keep.attachments { keep.largest_attachment } else { None };
    if !keep.attachments || largest.is_some() {
        run(
            connection,
            "UPDATE attachment SET file = NULL WHERE file IS NOT NULL AND (?1 IS NULL OR size > ?1)",
            [largest.map(Count)],
        )?;
        run(connection, "DELETE FROM attachment_part", [])?;
        drafts::forbid_files(connection, largest.map(Count))?;
    }
    if !keep.html || keep.longest_text.is_some() || keep.longest_html.is_some() {
        forbidden(connection, keep)?.into_iter().try_for_each(|id| forget(connection, id))?;
    }
    if keep.longest_text == Some(0) {
        run(connection, "UPDATE message SET preview = '' WHERE preview <> ''", [])?;
    }
    Ok(())
}

/// Lists the mails whose text may not be kept.
fn forbidden(connection: &Connection, keep: &Keep) -> rusqlite::Result<Vec<MessageId>> {
    connection
        .prepare_cached(
            "SELECT message FROM body
             WHERE (html AND NOT ?1) OR length(CAST(content AS BLOB)) > CASE WHEN html THEN ?2 ELSE ?3 END",
        )?
        .query_map(params![keep.html, keep.longest_html, keep.longest_text], |row| {
            row.get(0).map(MessageId)
        })?
        .collect()
}

fn forget(connection: &Connection, MessageId(id): MessageId) -> rusqlite::Result<()> {
    run(connection, "DELETE FROM body WHERE message = ?1", [id])?;
    run(connection, "UPDATE message SET body_state = 1 WHERE id = ?1", [id])?;
    // A draft that nobody has changed since has the same text.
    drafts::follow(connection, MessageId(id))?;
    // The words go at once, also where the index is filled later.
    run(connection, "DELETE FROM search WHERE rowid = ?1", [id])?;
    search::outdated(connection, MessageId(id))
}
