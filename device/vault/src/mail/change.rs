//! Changes of the mailbox, as the rules of synchronisation hand them over.

use crate::mail::{
    MailStore, drafts, enforce, folders, messages, outbox, saved, search, sources, wanted,
};
use crate::{AccessError, Fault, entries};
use pim::Change;
use rusqlite::{Connection, params};
use time::OffsetDateTime;

impl MailStore<'_> {
    /// Stores all changes in their order, or none; durable on return. A mail without a date was received at `now`.
    ///
    /// What concerns a folder or a mail that is not there is left out: it went in the meantime.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn store(&self, changes: &[Change], now: OffsetDateTime) -> Result<(), AccessError> {
        if changes.is_empty() {
            return Ok(());
        }
        let sources: Vec<&[u8]> = changes.iter().filter_map(source).collect();
        self.transact_with_files(&sources, |connection, files| {
            let mut files = files.iter();
            for change in changes {
                if let Change::PutSource { item, .. } = change {
                    let file = files.next().ok_or_else(|| Fault::damaged(WRITTEN))?;
                    sources::put(connection, item, *file)?;
                } else {
                    store_one(connection, change, now)?;
                }
            }
            Ok(search::catch_up(connection)?)
        })
    }
}

const WRITTEN: &str = "the list of files just written";

/// What becomes a file before the change is stored that names it.
fn source(change: &Change) -> Option<&[u8]> {
    if let Change::PutSource { bytes, .. } = change { Some(bytes) } else { None }
}

/// Stores a change that needs no file.
fn store_one(
    connection: &Connection,
    change: &Change,
    now: OffsetDateTime,
) -> rusqlite::Result<()> {
    match change {
        Change::AddCandidate(id) => {
            run(connection, "INSERT OR IGNORE INTO candidate (server_id) VALUES (?1)", [&id.0])
        }
        Change::BeginRound(folder) => folders::begin_round(connection, folder),
        Change::DropDraft(draft) => drafts::drop_draft(connection, *draft),
        Change::DropEntry(entry) => entries::drop_entry(connection, *entry),
        Change::EndRound(folder) => {
            folders::end_round(connection, folder)?;
            entries::end_round(connection, folder)
        }
        Change::Enforce(keep) => enforce::enforce(connection, keep),
        Change::Erase => erase(connection),
        Change::MoveMail { from, to } => wanted::shift(connection, from, to),
        Change::OweNews { uid, entry, told, deleted } => {
            entries::owe_news(connection, uid, *entry, told.as_deref(), *deleted)
        }
        Change::PatchEntry { item, patch } => entries::patch(connection, item, patch),
        Change::PatchMail { item, patch } => messages::patch(connection, item, patch, now),
        Change::PutAccount(account) => saved::put_account(connection, account),
        Change::PutBody { item, body, attachments } => {
            messages::put_body(connection, item, body, attachments.as_deref())
        }
        Change::PutConflict(conflict) => entries::put_conflict(connection, conflict),
        Change::PutDraft(draft) => drafts::put(connection, draft),
        Change::PutEdit(edit) => entries::put_edit(connection, edit),
        Change::PutEntry { item, entry } => entries::put(connection, item, entry),
        Change::PutFolder(folder) => folders::put(connection, folder),
        Change::PutMail { item, mail } => messages::put(connection, item, mail),
        Change::PutMessageId { item, message_id } => run(
            connection,
            "UPDATE message SET message_id = ?3
             WHERE server_id = ?2 AND folder = (SELECT id FROM folder WHERE server_id = ?1)",
            params![item.collection.0, item.item.0, message_id],
        ),
        Change::PutOutbox(mail) => outbox::put(connection, mail),
        // With its file, by the caller.
        Change::PutSource { .. } => Ok(()),
        Change::PutUpload(upload) => wanted::put(connection, upload),
        Change::RefuseMail { item, refusal } => wanted::refuse(connection, item, refusal),
        Change::RemoveCandidate(id) => {
            run(connection, "DELETE FROM candidate WHERE server_id = ?1", [&id.0])
        }
        Change::RemoveEdit { entry, server_id } => {
            entries::remove_edit(connection, *entry, server_id)
        }
        Change::RemoveEntry(item) => entries::remove(connection, item),
        Change::RemoveFolder(folder) => {
            run(connection, "DELETE FROM folder WHERE server_id = ?1", [&folder.0])
        }
        Change::RemoveMail(item) => run(
            connection,
            "DELETE FROM message
             WHERE server_id = ?2 AND folder = (SELECT id FROM folder WHERE server_id = ?1)",
            [&item.collection.0, &item.item.0],
        ),
        Change::RemoveOutbox(mail) => {
            run(connection, "DELETE FROM outgoing WHERE id = ?1", [mail.0])
        }
        Change::RemoveUpload(item) => wanted::remove(connection, item),
        Change::ShowMail { item, folder } => wanted::show(connection, item, folder.as_ref()),
    }
}

/// Removes every row but the account's. The files go with their rows, after the commit.
fn erase(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "DELETE FROM outgoing; DELETE FROM draft; DELETE FROM candidate; DELETE FROM folder",
    )
}

/// Runs a statement that is kept for the next time.
pub(crate) fn run(
    connection: &Connection,
    sql: &'static str,
    parameters: impl rusqlite::Params,
) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute(parameters).map(drop)
}
