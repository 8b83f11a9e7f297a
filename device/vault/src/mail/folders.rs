//! Folders: their keys, their rounds, their counts.

use crate::AccessError;
use crate::mail::MailStore;
use crate::mail::change::run;
use crate::mail::column::{Count, Moment};
use activesync::messages::FolderKind;
use pim::{CollectionId, FolderRecord};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Identifies a folder in this container.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FolderId(pub i64);

/// A folder as a screen shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FolderView {
    /// Its id in this container.
    pub id: FolderId,
    /// The folder it lies in, if that one is here.
    pub parent: Option<FolderId>,
    /// The name the server gave it.
    pub name: String,
    /// What it is for.
    pub kind: FolderKind,
    /// Unread mails held here.
    pub unread: u64,
    /// Mails held here.
    pub total: u64,
    /// A whole round has been completed.
    pub synced: bool,
}

impl MailStore<'_> {
    /// Returns the folders of mails, in the order in which they came.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn folders(&self) -> Result<Vec<FolderView>, AccessError> {
        let database = self.0.database()?;
        let folders = views(&database)?;
        Ok(folders.into_iter().filter(|folder| folder.kind.is_mail()).collect())
    }

    /// Returns the server's id of a folder, or `None` if there is no such folder.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn collection(&self, folder: FolderId) -> Result<Option<CollectionId>, AccessError> {
        let database = self.0.database()?;
        let id = database
            .prepare_cached("SELECT server_id FROM folder WHERE id = ?1")?
            .query_row([folder.0], |row| row.get(0).map(CollectionId))
            .optional()?;
        Ok(id)
    }

    /// Returns the folder that the server calls so, or `None` if it is not here.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn folder(&self, collection: &CollectionId) -> Result<Option<FolderId>, AccessError> {
        let database = self.0.database()?;
        let id = database
            .prepare_cached("SELECT id FROM folder WHERE server_id = ?1")?
            .query_row([&collection.0], |row| row.get(0).map(FolderId))
            .optional()?;
        Ok(id)
    }
}

pub(super) fn put(connection: &Connection, folder: &FolderRecord) -> rusqlite::Result<()> {
    run(
        connection,
        "INSERT INTO folder (server_id, parent, name, kind, sync_key, synced, in_round, reset_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (server_id) DO UPDATE SET
             parent = excluded.parent, name = excluded.name, kind = excluded.kind,
             sync_key = excluded.sync_key, synced = excluded.synced, in_round = excluded.in_round,
             reset_at = excluded.reset_at",
        params![
            folder.id.0,
            folder.parent.as_ref().map(|parent| &parent.0),
            folder.name,
            folder.kind.code(),
            folder.key,
            folder.synced,
            folder.in_round,
            folder.reset_at.map(Moment),
        ],
    )
}

pub(super) fn begin_round(connection: &Connection, folder: &CollectionId) -> rusqlite::Result<()> {
    run(connection, "UPDATE folder SET round = round + 1 WHERE server_id = ?1", [&folder.0])
}

pub(super) fn end_round(connection: &Connection, folder: &CollectionId) -> rusqlite::Result<()> {
    run(
        connection,
        "DELETE FROM message
         WHERE folder = (SELECT id FROM folder WHERE server_id = ?1)
           AND round <> (SELECT round FROM folder WHERE server_id = ?1)",
        [&folder.0],
    )
}

/// Reads every folder as synchronisation needs it.
pub(super) fn records(connection: &Connection) -> rusqlite::Result<Vec<FolderRecord>> {
    connection
        .prepare_cached(
            "SELECT server_id, parent, name, kind, sync_key, synced, in_round, reset_at FROM folder ORDER BY id",
        )?
        .query_map([], record)?
        .collect()
}

fn record(row: &Row<'_>) -> rusqlite::Result<FolderRecord> {
    Ok(FolderRecord {
        id: CollectionId(row.get(0)?),
        parent: row.get::<_, Option<String>>(1)?.map(CollectionId),
        name: row.get(2)?,
        kind: FolderKind::from_code(row.get(3)?),
        key: row.get(4)?,
        synced: row.get(5)?,
        in_round: row.get(6)?,
        reset_at: row.get::<_, Option<Moment>>(7)?.map(|moment| moment.0),
    })
}

/// Reads every folder as a screen shows it, whatever is in it.
pub(crate) fn views(connection: &Connection) -> rusqlite::Result<Vec<FolderView>> {
    connection
        .prepare_cached(
            "SELECT folder.id, parent.id, folder.name, folder.kind, folder.unread, folder.total, folder.synced
             FROM folder LEFT JOIN folder AS parent ON parent.server_id = folder.parent
             ORDER BY folder.id",
        )?
        .query_map([], view)?
        .collect()
}

fn view(row: &Row<'_>) -> rusqlite::Result<FolderView> {
    Ok(FolderView {
        id: FolderId(row.get(0)?),
        parent: row.get::<_, Option<i64>>(1)?.map(FolderId),
        name: row.get(2)?,
        kind: FolderKind::from_code(row.get(3)?),
        unread: row.get::<_, Count>(4)?.0,
        total: row.get::<_, Count>(5)?.0,
        synced: row.get(6)?,
    })
}
