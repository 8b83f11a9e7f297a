//! Edits as they are stored.

use super::view::{self, server_id};
use crate::mail::run;
use activesync::messages::{Class, Item};
use pim::{CollectionId, Edit, EditRecord, EntryId};
use rusqlite::{Connection, Row, params};

const NOTHING: u8 = 0;
const DELETE: u8 = 1;
const PUT: u8 = 2;

/// Adds or replaces the edit of an entry that is there.
pub(super) fn put(connection: &Connection, edit: &EditRecord) -> rusqlite::Result<()> {
    let document = |edit: &Edit| match edit {
        Edit::Delete => None,
        Edit::Put(item) => Some(item.to_document()),
    };
    run(
        connection,
        "INSERT INTO edit (entry, client_id, base, document, sent, sent_document, refused)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (entry) DO UPDATE SET
             client_id = excluded.client_id, base = excluded.base, document = excluded.document,
             sent = excluded.sent, sent_document = excluded.sent_document, refused = excluded.refused",
        params![
            edit.entry.0,
            edit.client_id,
            edit.base.as_ref().map(|base| base.to_document()),
            document(&edit.edit),
            match &edit.sent {
                None => NOTHING,
                Some(Edit::Delete) => DELETE,
                Some(Edit::Put(_)) => PUT,
            },
            edit.sent.as_ref().and_then(document),
            edit.refused,
        ],
    )
}

/// Reads every edit, in the order of their entries.
pub(crate) fn records(connection: &Connection) -> rusqlite::Result<Vec<EditRecord>> {
    connection
        .prepare_cached(
            "SELECT entry.id, folder.server_id, entry.server_id, class, client_id, base, edit.document, sent,
                 sent_document, refused
             FROM edit CROSS JOIN entry ON entry.id = edit.entry JOIN folder ON folder.id = entry.folder
             ORDER BY entry.id",
        )?
        .query_map([], record)?
        .collect()
}

fn record(row: &Row<'_>) -> rusqlite::Result<EditRecord> {
    let class = view::class(row, 3)?;
    let wanted = |item: Option<Item>| item.map_or(Edit::Delete, |item| Edit::Put(Box::new(item)));
    Ok(EditRecord {
        entry: EntryId(row.get(0)?),
        collection: CollectionId(row.get(1)?),
        server_id: server_id(row, 2)?,
        client_id: row.get(4)?,
        base: item(row, 5, class)?.map(Box::new),
        edit: wanted(item(row, 6, class)?),
        sent: match row.get(7)? {
            DELETE => Some(Edit::Delete),
            PUT => Some(wanted(item(row, 8, class)?)),
            _ => None,
        },
        refused: row.get(9)?,
    })
}

/// Reads a document that may be absent.
pub(super) fn item(row: &Row<'_>, column: usize, class: Class) -> rusqlite::Result<Option<Item>> {
    if row.get_ref(column)? == rusqlite::types::ValueRef::Null {
        return Ok(None);
    }
    view::item(row, column, class).map(Some)
}
