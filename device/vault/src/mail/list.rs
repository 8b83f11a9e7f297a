//! The list of a folder.

use crate::AccessError;
use crate::mail::column::{Count, Moment, People};
use crate::mail::{FolderId, MailStore, MessageId};
use ::mail::Mailbox;
use activesync::messages::Importance;
use rusqlite::{Connection, OptionalExtension, Row, params};
use time::OffsetDateTime;

/// A page of a folder's list, newest first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessagePage {
    /// Mails in the folder.
    pub total: u64,
    /// Those of this page.
    pub items: Vec<MessageItem>,
}

/// A row of a folder's list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessageItem {
    /// Its id in this container.
    pub id: MessageId,
    /// The folder it lies in.
    pub folder: FolderId,
    /// The author.
    pub from: Mailbox,
    /// The recipients.
    pub to: Vec<Mailbox>,
    /// The subject.
    pub subject: String,
    /// When it was received, to the millisecond.
    pub received: OffsetDateTime,
    /// The user has read it.
    pub read: bool,
    /// The user has flagged it.
    pub flagged: bool,
    /// How urgent the author calls it.
    pub importance: Importance,
    /// The first words of the text.
    pub preview: String,
    /// Attachments that are not shown inside the text.
    pub attachments: u32,
}

impl MailStore<'_> {
    /// Returns a page of a folder's list, newest first, or `None` if there is no such folder.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn messages(
        &self,
        folder: FolderId,
        offset: u64,
        limit: u32,
    ) -> Result<Option<MessagePage>, AccessError> {
        let database = self.0.database()?;
        Ok(page(&database, folder, offset, limit)?)
    }
}

/// Skips along the index, which is small, and reads the rows of the page alone.
const PAGE: &str = "
    WITH page AS MATERIALIZED (
        SELECT id FROM message WHERE folder = ?1 ORDER BY received DESC, id DESC LIMIT ?2 OFFSET ?3
    )
    SELECT message.id, folder, from_name, from_address, to_people, subject, received, read, flagged, importance,
        preview, attachments
    FROM page CROSS JOIN message ON message.id = page.id
    ORDER BY received DESC, message.id DESC";

fn page(
    connection: &Connection,
    folder: FolderId,
    offset: u64,
    limit: u32,
) -> rusqlite::Result<Option<MessagePage>> {
    let total: Option<Count> = connection
        .prepare_cached("SELECT total FROM folder WHERE id = ?1")?
        .query_row([folder.0], |row| row.get(0))
        .optional()?;
    let Some(Count(total)) = total else { return Ok(None) };
    let items = connection
        .prepare_cached(PAGE)?
        .query_map(params![folder.0, limit, Count(offset)], item)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(MessagePage { total, items }))
}

/// Reads the columns of [`PAGE`], with which a row has to begin.
pub(super) fn item(row: &Row<'_>) -> rusqlite::Result<MessageItem> {
    Ok(MessageItem {
        id: MessageId(row.get(0)?),
        folder: FolderId(row.get(1)?),
        from: Mailbox { name: row.get(2)?, address: row.get(3)? },
        to: row.get::<_, People>(4)?.0,
        subject: row.get(5)?,
        received: row.get::<_, Moment>(6)?.0,
        read: row.get(7)?,
        flagged: row.get(8)?,
        importance: importance(row.get(9)?),
        preview: row.get(10)?,
        attachments: row.get(11)?,
    })
}

fn importance(code: u8) -> Importance {
    [Importance::Low, Importance::High]
        .into_iter()
        .find(|known| *known as u8 == code)
        .unwrap_or(Importance::Normal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    #[test]
    fn a_page_is_found_by_the_index_alone() {
        let directory = tempfile::tempdir().unwrap();
        let connection =
            crate::database::create(directory.path(), &Zeroizing::new([1; 32])).unwrap();

        let plan: Vec<String> = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {PAGE}"))
            .unwrap()
            .query_map(params![1, 50, 0], |row| row.get(3))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();

        insta::assert_debug_snapshot!(plan, @r#"
        [
            "MATERIALIZE page",
            "SEARCH message USING COVERING INDEX message_list (folder=?)",
            "SCAN page",
            "SEARCH message USING INTEGER PRIMARY KEY (rowid=?)",
            "USE TEMP B-TREE FOR ORDER BY",
        ]
        "#);
    }
}
