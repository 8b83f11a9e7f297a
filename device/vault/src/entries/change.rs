//! Entries as the rules of synchronisation have them stored.

use super::drawn::{Drawn, class_of};
use super::edit;
use super::view::{class as class_in, conflict_code, item as document};
use super::words::Words;
use crate::mail::{FolderId, Moment, run};
use activesync::messages::{Class, FolderKind, Item};
use pim::{CollectionId, ConflictRecord, Edit, EditRecord, EntryId, ItemRef, ServerId, retold};
use rusqlite::{Connection, OptionalExtension, params};

/// Adds an entry that the server does not know, with the edit that tells it.
pub(super) fn add(
    connection: &Connection,
    folder: FolderId,
    client_id: &str,
    item: &Item,
) -> rusqlite::Result<Option<EditRecord>> {
    let Some(target) = folder_by(connection, "id", &folder.0)? else { return Ok(None) };
    let Some(class) = class_of(item, target.class) else { return Ok(None) };
    let item = item.clone().of_class(class);
    let entry = insert(connection, &target, None, class, &item)?;
    let record = EditRecord {
        entry,
        collection: target.collection,
        server_id: None,
        client_id: client_id.to_owned(),
        base: None,
        edit: Edit::Put(Box::new(item)),
        sent: None,
        refused: None,
    };
    edit::put(connection, &record)?;
    Ok(Some(record))
}

/// Adds or replaces an entry by the server's id.
pub(crate) fn put(connection: &Connection, item: &ItemRef, entry: &Item) -> rusqlite::Result<()> {
    let Some(folder) = folder_by(connection, "server_id", &item.collection.0)? else {
        return Ok(());
    };
    let Some(class) = class_of(entry, folder.class) else { return Ok(()) };
    let entry = entry.clone().of_class(class);
    match find(connection, folder.id, &item.item)? {
        Some(id) => {
            show(connection, id, class, &entry)?;
            seen(connection, id)
        }
        None => insert(connection, &folder, Some(&item.item), class, &entry).map(drop),
    }
}

/// Changes an entry that is there by what the server says of it.
pub(crate) fn patch(connection: &Connection, item: &ItemRef, patch: &Item) -> rusqlite::Result<()> {
    let found = connection
        .prepare_cached(
            "SELECT id, class, document FROM entry
             WHERE server_id = ?2 AND folder = (SELECT id FROM folder WHERE server_id = ?1)",
        )?
        .query_row([&item.collection.0, &item.item.0], |row| {
            let class = class_in(row, 1)?;
            Ok((EntryId(row.get(0)?), class, document(row, 2, class)?))
        })
        .optional()?;
    let Some((id, class, entry)) = found else { return Ok(()) };
    show(connection, id, class, &retold(&entry, patch))
}

/// Removes an entry by the server's id, unless it has an edit.
pub(crate) fn remove(connection: &Connection, item: &ItemRef) -> rusqlite::Result<()> {
    run(
        connection,
        "DELETE FROM entry
         WHERE server_id = ?2 AND folder = (SELECT id FROM folder WHERE server_id = ?1)
           AND id NOT IN (SELECT entry FROM edit)",
        [&item.collection.0, &item.item.0],
    )
}

/// Removes an entry and what waits for it.
pub(crate) fn drop_entry(connection: &Connection, entry: EntryId) -> rusqlite::Result<()> {
    run(connection, "DELETE FROM entry WHERE id = ?1", [entry.0])
}

/// Adds or replaces an edit, and shows the entry as it wants it.
pub(crate) fn put_edit(connection: &Connection, record: &EditRecord) -> rusqlite::Result<()> {
    let Some(folder) = folder_by(connection, "server_id", &record.collection.0)? else {
        return Ok(());
    };
    let Some(class) = class_by_id(connection, record.entry)? else { return Ok(()) };
    give_way(connection, record.entry, folder.id, record.server_id.as_ref())?;
    run(
        connection,
        "UPDATE entry SET folder = ?2, server_id = ?3 WHERE id = ?1",
        params![record.entry.0, folder.id.0, record.server_id.as_ref().map(|id| &id.0)],
    )?;
    edit::put(connection, record)?;
    seen(connection, record.entry)?;
    match &record.edit {
        Edit::Delete => reveal(connection, record.entry),
        Edit::Put(item) => {
            let item = item.as_ref().clone().of_class(class);
            show(connection, record.entry, class, &item)
        }
    }
}

/// Removes an edit that the server has taken; the entry stays as it is shown, under the server's id.
pub(crate) fn remove_edit(
    connection: &Connection,
    entry: EntryId,
    server_id: &ServerId,
) -> rusqlite::Result<()> {
    let folder = connection
        .prepare_cached("SELECT folder FROM entry WHERE id = ?1")?
        .query_row([entry.0], |row| row.get(0).map(FolderId))
        .optional()?;
    let Some(folder) = folder else { return Ok(()) };
    let told = find(connection, folder, server_id)?.filter(|told| *told != entry);
    let told = told.map(|told| shown(connection, told)).transpose()?;
    give_way(connection, entry, folder, Some(server_id))?;
    run(connection, "DELETE FROM edit WHERE entry = ?1", [entry.0])?;
    run(
        connection,
        "UPDATE entry SET server_id = ?2 WHERE id = ?1",
        params![entry.0, server_id.0],
    )?;
    if let Some((class, item)) = told {
        show(connection, entry, class, &item)?;
    }
    // The server has just said that it is there: a round that brings the rest must not take it for gone.
    seen(connection, entry)?;
    reveal(connection, entry)
}

/// Adds or replaces what is kept of two changes that met.
pub(crate) fn put_conflict(
    connection: &Connection,
    conflict: &ConflictRecord,
) -> rusqlite::Result<()> {
    run(
        connection,
        "INSERT INTO conflict (entry, kind, mine) SELECT id, ?2, ?3 FROM entry WHERE id = ?1
         ON CONFLICT (entry) DO UPDATE SET kind = excluded.kind, mine = excluded.mine",
        params![conflict.entry.0, conflict_code(conflict.kind), conflict.mine.to_document()],
    )
}

/// What is shown of an entry.
fn shown(connection: &Connection, entry: EntryId) -> rusqlite::Result<(Class, Item)> {
    connection.prepare_cached("SELECT class, document FROM entry WHERE id = ?1")?.query_row(
        [entry.0],
        |row| {
            let class = class_in(row, 0)?;
            Ok((class, document(row, 1, class)?))
        },
    )
}

/// Removes what the round of a folder did not bring, unless it has an edit.
pub(crate) fn end_round(connection: &Connection, folder: &CollectionId) -> rusqlite::Result<()> {
    run(
        connection,
        "DELETE FROM entry
         WHERE folder = (SELECT id FROM folder WHERE server_id = ?1)
           AND round <> (SELECT round FROM folder WHERE server_id = ?1)
           AND id NOT IN (SELECT entry FROM edit)",
        [&folder.0],
    )
}

/// A folder that takes entries in.
struct Folder {
    id: FolderId,
    collection: CollectionId,
    class: Option<Class>,
}

fn folder_by(
    connection: &Connection,
    column: &'static str,
    value: &dyn rusqlite::ToSql,
) -> rusqlite::Result<Option<Folder>> {
    connection
        .prepare_cached(&format!("SELECT id, server_id, kind FROM folder WHERE {column} = ?1"))?
        .query_row([value], |row| {
            Ok(Folder {
                id: FolderId(row.get(0)?),
                collection: CollectionId(row.get(1)?),
                class: FolderKind::from_code(row.get(2)?).class(),
            })
        })
        .optional()
}

fn find(
    connection: &Connection,
    folder: FolderId,
    item: &ServerId,
) -> rusqlite::Result<Option<EntryId>> {
    connection
        .prepare_cached("SELECT id FROM entry WHERE folder = ?1 AND server_id = ?2")?
        .query_row(params![folder.0, item.0], |row| row.get(0).map(EntryId))
        .optional()
}

fn class_by_id(connection: &Connection, entry: EntryId) -> rusqlite::Result<Option<Class>> {
    connection
        .prepare_cached("SELECT class FROM entry WHERE id = ?1")?
        .query_row([entry.0], |row| class_in(row, 0))
        .optional()
}

fn insert(
    connection: &Connection,
    folder: &Folder,
    server_id: Option<&ServerId>,
    class: Class,
    item: &Item,
) -> rusqlite::Result<EntryId> {
    run(
        connection,
        "INSERT INTO entry (folder, round, server_id, class, document)
         SELECT id, round, ?2, ?3, x'' FROM folder WHERE id = ?1",
        params![folder.id.0, server_id.map(|id| &id.0), class.name()],
    )?;
    let id = EntryId(connection.last_insert_rowid());
    show(connection, id, class, item)?;
    Ok(id)
}

/// Writes what is shown of an entry, and everything drawn out of it.
fn show(
    connection: &Connection,
    entry: EntryId,
    class: Class,
    item: &Item,
) -> rusqlite::Result<()> {
    let drawn = Drawn::of(item);
    run(
        connection,
        "UPDATE entry SET class = ?2, title = ?3, sort = ?4, complete = ?5, starts = ?6, ends = ?7, uid = ?8, document = ?9
         WHERE id = ?1",
        params![
            entry.0,
            class.name(),
            drawn.title,
            drawn.sort,
            drawn.complete,
            drawn.starts.map(Moment),
            drawn.ends.map(Moment),
            drawn.uid,
            item.to_document(),
        ],
    )?;
    let words = Words::of(item);
    run(
        connection,
        "INSERT OR REPLACE INTO entry_words (rowid, title, people, content, categories)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![entry.0, words.title, words.people, words.content, words.categories],
    )?;
    reveal(connection, entry)
}

/// An entry is hidden while its edit wants it to go.
fn reveal(connection: &Connection, entry: EntryId) -> rusqlite::Result<()> {
    run(
        connection,
        "UPDATE entry SET hidden = EXISTS (SELECT 1 FROM edit WHERE entry = ?1 AND document IS NULL) WHERE id = ?1",
        [entry.0],
    )
}

/// Notes that the server has the entry, for the round of its folder.
fn seen(connection: &Connection, entry: EntryId) -> rusqlite::Result<()> {
    run(
        connection,
        "UPDATE entry SET round = (SELECT round FROM folder WHERE id = entry.folder) WHERE id = ?1",
        [entry.0],
    )
}

/// Removes another row that has the name which an edited entry is to have: the edited one keeps its id.
fn give_way(
    connection: &Connection,
    entry: EntryId,
    folder: FolderId,
    server_id: Option<&ServerId>,
) -> rusqlite::Result<()> {
    let Some(server_id) = server_id else { return Ok(()) };
    run(
        connection,
        "DELETE FROM entry WHERE folder = ?1 AND server_id = ?2 AND id <> ?3",
        params![folder.0, server_id.0, entry.0],
    )
}
