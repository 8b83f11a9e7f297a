//! The list of a folder.

use crate::AccessError;
use crate::mail::column::{Count, Moment, People};
use crate::mail::wanted::{self, Texts};
use crate::mail::{FolderId, MailStore, MessageId};
use ::mail::Mailbox;
use activesync::messages::{FlagState, Importance};
use pim::{FlagDetails, FollowUp, Refusal};
use rusqlite::{Connection, OptionalExtension, Row, params};
use time::{Date, OffsetDateTime};

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
    /// The folder it is shown in.
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
    /// What the user still has to do about it.
    pub flag: FollowUp,
    /// The user's categories.
    pub categories: Vec<String>,
    /// How urgent the author calls it.
    pub importance: Importance,
    /// The first words of the text.
    pub preview: String,
    /// Attachments that are not shown inside the text.
    pub attachments: u32,
    /// What the server did not take of what the user wanted last.
    pub refused: Option<Refusal>,
    /// What the mails of its conversation have in common; where the server tells. Opaque.
    pub conversation: Option<Vec<u8>>,
    /// The subject without "Re:" and the like.
    pub topic: String,
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

/// The columns of a row, with which each query for rows begins.
macro_rules! item_columns {
    () => {
        "message.id, shown, from_name, from_address, to_people, subject, received, read, flagged, flag_done, flag_due,
         flag_completed, categories, importance, preview, attachments, refused, conversation, topic"
    };
}

/// How many columns [`item`] reads.
pub(super) const ITEM_COLUMNS: usize = 19;

pub(super) use item_columns;

/// Skips along the index, which is small, and reads the rows of the page alone.
const PAGE: &str = concat!(
    "WITH page AS MATERIALIZED (
        SELECT id FROM message WHERE shown = ?1 ORDER BY received DESC, id DESC LIMIT ?2 OFFSET ?3
    )
    SELECT ",
    item_columns!(),
    " FROM page CROSS JOIN message ON message.id = page.id
    ORDER BY received DESC, message.id DESC"
);

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

/// Reads the columns with which a row has to begin.
pub(super) fn item(row: &Row<'_>) -> rusqlite::Result<MessageItem> {
    Ok(MessageItem {
        id: MessageId(row.get(0)?),
        folder: FolderId(row.get(1)?),
        from: Mailbox { name: row.get(2)?, address: row.get(3)? },
        to: row.get::<_, People>(4)?.0,
        subject: row.get(5)?,
        received: row.get::<_, Moment>(6)?.0,
        read: row.get(7)?,
        flag: follow_up(row, 8)?,
        categories: row.get::<_, Texts>(12)?.0,
        importance: importance(row.get(13)?),
        preview: row.get(14)?,
        attachments: row.get(15)?,
        refused: wanted::refusal(row.get(16)?),
        conversation: row.get(17)?,
        topic: row.get(18)?,
    })
}

/// Reads a flag without its details from four columns: whether it is active, whether it is done, due day and moment of completion.
pub(super) fn follow_up(row: &Row<'_>, first: usize) -> rusqlite::Result<FollowUp> {
    let state = match (row.get(first)?, row.get(first + 1)?) {
        (true, _) => FlagState::Active,
        (false, true) => FlagState::Done,
        (false, false) => FlagState::None,
    };
    let due: Option<i32> = row.get(first + 2)?;
    Ok(FollowUp {
        state,
        due: due.and_then(|day| Date::from_julian_day(day).ok()),
        completed: row.get::<_, Option<Moment>>(first + 3)?.map(|moment| moment.0),
        details: FlagDetails::default(),
    })
}

/// The number that stands for a flag among what is wanted.
pub(super) fn state_code(state: FlagState) -> u8 {
    match state {
        FlagState::None => 0,
        FlagState::Done => 1,
        FlagState::Active => 2,
    }
}

/// Reads what [`state_code`] wrote.
pub(super) fn state_from(code: u8) -> FlagState {
    match code {
        1 => FlagState::Done,
        2 => FlagState::Active,
        _ => FlagState::None,
    }
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
            "SEARCH message USING COVERING INDEX message_list (shown=?)",
            "SCAN page",
            "SEARCH message USING INTEGER PRIMARY KEY (rowid=?)",
            "USE TEMP B-TREE FOR ORDER BY",
        ]
        "#);
    }
}
