//! A single entry.

use super::{EntryStore, edit};
use crate::AccessError;
use crate::mail::FolderId;
use activesync::messages::{Class, Item};
use pim::{CollectionId, ConflictKind, EntryId, ItemRef, ServerId};
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{OptionalExtension, Row};

/// The beginning of statements whose rows [`view`] reads.
macro_rules! entry_columns {
    () => {
        "SELECT entry.id, folder, class, entry.document, edit.entry IS NOT NULL, refused, kind, mine
         FROM entry LEFT JOIN edit ON edit.entry = entry.id LEFT JOIN conflict ON conflict.entry = entry.id"
    };
}

pub(super) use entry_columns;

/// An entry as it is shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntryView {
    /// Its id in this container.
    pub id: EntryId,
    /// The folder it lies in.
    pub folder: FolderId,
    /// What it is.
    pub class: Class,
    /// Its properties.
    pub item: Item,
    /// Whether the server knows it so.
    pub state: EntryState,
    /// What was kept of two changes that met.
    pub conflict: Option<EntryConflict>,
}

/// Whether the server knows an entry as it is shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EntryState {
    /// The server will not take it, for the reason of this code.
    Refused(String),
    /// The server has it so.
    Synced,
    /// It waits to be told to the server.
    Waiting,
}

/// What was kept of two changes that met.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntryConflict {
    /// What happened.
    pub kind: ConflictKind,
    /// The properties as the person wanted them, where that did not come to be.
    pub mine: Item,
}

/// What an edit of an entry starts from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntryPlace {
    /// The folder it lies in.
    pub collection: CollectionId,
    /// What the server calls it; absent until the server has taken it in.
    pub server_id: Option<ServerId>,
    /// What it is.
    pub class: Class,
    /// Its properties as they are shown.
    pub item: Item,
}

impl EntryStore<'_> {
    /// Returns an entry, or `None` if there is no such entry, or none that is shown.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn get(&self, entry: EntryId) -> Result<Option<EntryView>, AccessError> {
        let database = self.0.database()?;
        let entry = database
            .prepare_cached(concat!(entry_columns!(), " WHERE entry.id = ?1 AND hidden = 0"))?
            .query_row([entry.0], view)
            .optional()?;
        Ok(entry)
    }

    /// Returns what an edit of an entry starts from, or `None` if there is no such entry, or none that is shown.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn place(&self, entry: EntryId) -> Result<Option<EntryPlace>, AccessError> {
        let database = self.0.database()?;
        let place = database
            .prepare_cached(
                "SELECT folder.server_id, entry.server_id, class, document
                 FROM entry JOIN folder ON folder.id = entry.folder WHERE entry.id = ?1 AND hidden = 0",
            )?
            .query_row([entry.0], |row| {
                let class = class(row, 2)?;
                Ok(EntryPlace {
                    collection: CollectionId(row.get(0)?),
                    server_id: server_id(row, 1)?,
                    class,
                    item: item(row, 3, class)?,
                })
            })
            .optional()?;
        Ok(place)
    }

    /// Returns the entry that the server calls so, or `None` if it is not here, or not shown.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn find(&self, item: &ItemRef) -> Result<Option<EntryId>, AccessError> {
        let database = self.0.database()?;
        let entry = database
            .prepare_cached(
                "SELECT id FROM entry
                 WHERE server_id = ?2 AND folder = (SELECT id FROM folder WHERE server_id = ?1) AND hidden = 0",
            )?
            .query_row([&item.collection.0, &item.item.0], |row| row.get(0).map(EntryId))
            .optional()?;
        Ok(entry)
    }

    /// Returns the event with the id that all its participants share, or `None` if it is not here, or not shown.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn find_event(&self, uid: &str) -> Result<Option<EntryId>, AccessError> {
        let database = self.0.database()?;
        let entry = database
            .prepare_cached("SELECT id FROM entry WHERE uid = ?1 AND hidden = 0 ORDER BY id")?
            .query_row([uid], |row| row.get(0).map(EntryId))
            .optional()?;
        Ok(entry)
    }
}

/// Reads the columns of `entry_columns`.
pub(super) fn view(row: &Row<'_>) -> rusqlite::Result<EntryView> {
    let class = class(row, 2)?;
    let mine = edit::item(row, 7, class)?;
    Ok(EntryView {
        id: EntryId(row.get(0)?),
        folder: FolderId(row.get(1)?),
        class,
        item: item(row, 3, class)?,
        state: match (row.get(4)?, row.get(5)?) {
            (true, Some(code)) => EntryState::Refused(code),
            (true, None) => EntryState::Waiting,
            (false, _) => EntryState::Synced,
        },
        conflict: match (row.get(6)?, mine) {
            (Some(kind), Some(mine)) => Some(EntryConflict { kind: conflict_kind(kind), mine }),
            _ => None,
        },
    })
}

pub(super) fn server_id(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<ServerId>> {
    Ok(row.get::<_, Option<String>>(column)?.map(ServerId))
}

pub(super) fn class(row: &Row<'_>, column: usize) -> rusqlite::Result<Class> {
    let name: String = row.get(column)?;
    let unknown = || FromSqlError::Other(format!("{name:?} is no class of entries").into());
    Ok(Class::from_name(&name).ok_or_else(unknown)?)
}

/// Reads a document.
pub(super) fn item(row: &Row<'_>, column: usize, class: Class) -> rusqlite::Result<Item> {
    let document = row.get_ref(column)?.as_blob()?;
    Item::from_document(class, document).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, Box::new(error))
    })
}

/// The number that stands for what happened.
pub(super) fn conflict_code(kind: ConflictKind) -> u8 {
    match kind {
        ConflictKind::Changed => 0,
        ConflictKind::DeletedThere => 1,
        ConflictKind::DeletedHere => 2,
    }
}

fn conflict_kind(code: u8) -> ConflictKind {
    match code {
        1 => ConflictKind::DeletedThere,
        2 => ConflictKind::DeletedHere,
        _ => ConflictKind::Changed,
    }
}
