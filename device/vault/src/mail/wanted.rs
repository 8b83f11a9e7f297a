//! What the user wants of mails and the server has not confirmed, and where mails are shown meanwhile.

use crate::AccessError;
use crate::mail::change::run;
use crate::mail::column::Moment;
use crate::mail::{MailStore, MessageId, list, messages};
use pim::{
    Attempt, AttemptStage, CollectionId, Destination, FlagDetails, FollowUp, ItemRef, Known, Marks,
    Place, Print, Refusal, RefusedChange, ServerId, UploadRecord,
};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

impl MailStore<'_> {
    /// Returns what the server calls a mail and what synchronisation has to know of it before the user changes it, or `None` if
    /// there is no such mail.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn known(&self, message: MessageId) -> Result<Option<(ItemRef, Known)>, AccessError> {
        let database = self.0.database()?;
        let known = database
            .prepare_cached(
                "SELECT folder.server_id, message.server_id, received, subject, read, flagged, flag_done, flag_due,
                     flag_completed, categories, flag_details
                 FROM message JOIN folder ON folder.id = message.folder WHERE message.id = ?1",
            )?
            .query_row([message.0], |row| {
                let marks = Marks {
                    read: Some(row.get(4)?),
                    flag: Some(FollowUp {
                        details: row.get::<_, Option<StoredDetails>>(10)?.unwrap_or_default().into(),
                        ..list::follow_up(row, 5)?
                    }),
                    categories: Some(row.get::<_, Texts>(9)?.0),
                };
                Ok((item(row)?, Known { marks, print: print(row)? }))
            })
            .optional()?;
        Ok(known)
    }
}

/// Texts as they stand in a column.
pub(super) struct Texts(pub(super) Vec<String>);

impl FromSql for Texts {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        json(value).map(Self)
    }
}

/// Texts to be written.
pub(super) struct WrittenTexts<'a>(pub(super) &'a [String]);

impl ToSql for WrittenTexts<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(serde_json::to_string(self.0).expect("texts can be written as JSON").into())
    }
}

/// Marks as they stand in a column.
#[derive(Default, Deserialize, Serialize)]
struct StoredMarks {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    read: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    flag: Option<StoredFlag>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    categories: Option<Vec<String>>,
}

#[derive(Deserialize, Serialize)]
struct StoredFlag {
    state: u8,
    /// A Julian day number.
    due: Option<i32>,
    /// Milliseconds since 1970.
    completed: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    details: Option<StoredDetails>,
}

/// What the app does not show of a flag, as it stands in a column; moments are milliseconds since 1970.
#[derive(Default, Deserialize, Serialize)]
pub(super) struct StoredDetails {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_utc: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_utc: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reminder: Option<i64>,
}

impl StoredDetails {
    /// Nothing where there are none.
    pub(super) fn of(details: &FlagDetails) -> Option<Self> {
        let FlagDetails { text, start, start_utc, due, due_utc, reminder } = details;
        (*details != FlagDetails::default()).then(|| Self {
            text: text.clone(),
            start: start.map(milliseconds),
            start_utc: start_utc.map(milliseconds),
            due: due.map(milliseconds),
            due_utc: due_utc.map(milliseconds),
            reminder: reminder.map(milliseconds),
        })
    }
}

impl From<StoredDetails> for FlagDetails {
    fn from(stored: StoredDetails) -> Self {
        Self {
            text: stored.text,
            start: stored.start.and_then(moment),
            start_utc: stored.start_utc.and_then(moment),
            due: stored.due.and_then(moment),
            due_utc: stored.due_utc.and_then(moment),
            reminder: stored.reminder.and_then(moment),
        }
    }
}

impl FromSql for StoredDetails {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        json(value)
    }
}

impl ToSql for StoredDetails {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(serde_json::to_string(self).expect("texts and numbers can be written as JSON").into())
    }
}

fn milliseconds(moment: OffsetDateTime) -> i64 {
    i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or_default()
}

fn moment(milliseconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000).ok()
}

impl From<&Marks> for StoredMarks {
    fn from(marks: &Marks) -> Self {
        let flag = |flag: &FollowUp| StoredFlag {
            state: list::state_code(flag.state),
            due: flag.due.map(Date::to_julian_day),
            completed: flag.completed.map(milliseconds),
            details: StoredDetails::of(&flag.details),
        };
        Self {
            read: marks.read,
            flag: marks.flag.as_ref().map(flag),
            categories: marks.categories.clone(),
        }
    }
}

impl From<StoredMarks> for Marks {
    fn from(stored: StoredMarks) -> Self {
        let flag = |flag: StoredFlag| FollowUp {
            state: list::state_from(flag.state),
            due: flag.due.and_then(|day| Date::from_julian_day(day).ok()),
            completed: flag.completed.and_then(moment),
            details: flag.details.unwrap_or_default().into(),
        };
        Self { read: stored.read, flag: stored.flag.map(flag), categories: stored.categories }
    }
}

impl FromSql for StoredMarks {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        json(value)
    }
}

impl ToSql for StoredMarks {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(serde_json::to_string(self).expect("marks can be written as JSON").into())
    }
}

fn json<T: for<'de> Deserialize<'de>>(value: ValueRef<'_>) -> FromSqlResult<T> {
    serde_json::from_str(value.as_str()?).map_err(|error| FromSqlError::Other(Box::new(error)))
}

/// Adds or replaces what is wanted of a mail that is here.
pub(super) fn put(connection: &Connection, wanted: &UploadRecord) -> rusqlite::Result<()> {
    let Some(MessageId(message)) = messages::find(connection, &wanted.item)? else { return Ok(()) };
    let (place, folder) = match wanted.place.as_ref().map(|place| &place.to) {
        None => (None, None),
        Some(Destination::DeletedItems) => (Some("deleted"), None),
        Some(Destination::Folder(folder)) => (Some("folder"), Some(&folder.0)),
        Some(Destination::Nowhere) => (Some("nowhere"), None),
    };
    let attempt = wanted.place.as_ref().and_then(|place| place.attempt.as_ref());
    run(
        connection,
        "INSERT OR REPLACE INTO wanted (message, marks, marks_before, place, place_folder, attempt, stage, landed,
             arriving)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            message,
            StoredMarks::from(&wanted.marks),
            StoredMarks::from(&wanted.before),
            place,
            folder,
            attempt.map(|attempt| &attempt.to.0),
            attempt.map_or(0, |attempt| stage_code(attempt.stage)),
            attempt.and_then(|attempt| attempt.landed.as_ref()).map(|landed| &landed.0),
            wanted.arriving,
        ],
    )?;
    run(connection, "UPDATE message SET refused = NULL WHERE id = ?1", [message])
}

/// Removes what is wanted of a mail.
pub(super) fn remove(connection: &Connection, item: &ItemRef) -> rusqlite::Result<()> {
    match messages::find(connection, item)? {
        Some(MessageId(message)) => {
            run(connection, "DELETE FROM wanted WHERE message = ?1", [message])
        }
        None => Ok(()),
    }
}

/// Notes that the server did not take a change.
pub(super) fn refuse(
    connection: &Connection,
    item: &ItemRef,
    refusal: &Refusal,
) -> rusqlite::Result<()> {
    let Some(MessageId(message)) = messages::find(connection, item)? else { return Ok(()) };
    let change = match refusal.change {
        RefusedChange::Delete => "delete",
        RefusedChange::Marks => "marks",
        RefusedChange::Move => "move",
    };
    run(
        connection,
        "UPDATE message SET refused = ?2 WHERE id = ?1",
        params![message, format!("{change} {}", refusal.code)],
    )
}

/// Reads what [`refuse`] wrote.
pub(super) fn refusal(written: Option<String>) -> Option<Refusal> {
    let written = written?;
    let (change, code) = written.split_once(' ')?;
    let change = match change {
        "delete" => RefusedChange::Delete,
        "move" => RefusedChange::Move,
        _ => RefusedChange::Marks,
    };
    Some(Refusal { change, code: code.to_owned() })
}

/// Shows a mail in a folder, or nowhere.
pub(super) fn show(
    connection: &Connection,
    item: &ItemRef,
    folder: Option<&CollectionId>,
) -> rusqlite::Result<()> {
    let Some(MessageId(message)) = messages::find(connection, item)? else { return Ok(()) };
    run(
        connection,
        "UPDATE message SET shown = (SELECT id FROM folder WHERE server_id = ?2) WHERE id = ?1",
        params![message, folder.map(|folder| &folder.0)],
    )
}

/// Gives a mail its new folder and its new id. One that is there under them already stays, and the old one goes.
pub(super) fn shift(connection: &Connection, from: &ItemRef, to: &ItemRef) -> rusqlite::Result<()> {
    let Some(MessageId(message)) = messages::find(connection, from)? else { return Ok(()) };
    // In another folder it is a draft no more.
    run(connection, "DELETE FROM draft WHERE message = ?1 AND revision = settled", [message])?;
    run(connection, "UPDATE draft SET message = NULL WHERE message = ?1", [message])?;
    let moved = if let Some(MessageId(there)) = messages::find(connection, to)? {
        run(connection, "UPDATE outgoing SET original = ?2 WHERE original = ?1", [message, there])?;
        0
    } else {
        // In a round the folder has yet to name it: it does not count as seen.
        connection
            .prepare_cached(
                "UPDATE message SET server_id = ?3, folder = folder_to.id, shown = folder_to.id,
                     round = folder_to.round - 1
                 FROM (SELECT id, round FROM folder WHERE server_id = ?2) AS folder_to
                 WHERE message.id = ?1",
            )?
            .execute(params![message, to.collection.0, to.item.0])?
    };
    if moved > 0 {
        return Ok(());
    }
    run(connection, "DELETE FROM message WHERE id = ?1", [message])
}

/// Reads everything that is wanted.
pub(super) fn records(connection: &Connection) -> rusqlite::Result<Vec<UploadRecord>> {
    connection
        .prepare_cached(
            "SELECT folder.server_id, message.server_id, received, subject, marks, marks_before, place, place_folder,
                 attempt, stage, landed, arriving
             FROM wanted CROSS JOIN message ON message.id = wanted.message
                 JOIN folder ON folder.id = message.folder
             ORDER BY message.id",
        )?
        .query_map([], record)?
        .collect()
}

fn record(row: &Row<'_>) -> rusqlite::Result<UploadRecord> {
    let attempt = match row.get::<_, Option<String>>(8)? {
        None => None,
        Some(to) => Some(Attempt {
            to: CollectionId(to),
            stage: stage_from(row.get(9)?),
            landed: row.get::<_, Option<String>>(10)?.map(ServerId),
        }),
    };
    let folder: Option<String> = row.get(7)?;
    let to = match (row.get::<_, Option<String>>(6)?.as_deref(), folder) {
        (Some("deleted"), _) => Some(Destination::DeletedItems),
        (Some("nowhere"), _) => Some(Destination::Nowhere),
        (Some(_), Some(folder)) => Some(Destination::Folder(CollectionId(folder))),
        (Some(_), None) | (None, _) => None,
    };
    Ok(UploadRecord {
        item: item(row)?,
        marks: row.get::<_, StoredMarks>(4)?.into(),
        before: row.get::<_, StoredMarks>(5)?.into(),
        place: to.map(|to| Place { to, attempt }),
        print: print(row)?,
        arriving: row.get(11)?,
    })
}

/// Reads the first two columns.
fn item(row: &Row<'_>) -> rusqlite::Result<ItemRef> {
    Ok(ItemRef { collection: CollectionId(row.get(0)?), item: ServerId(row.get(1)?) })
}

/// Reads the two columns after them.
fn print(row: &Row<'_>) -> rusqlite::Result<Print> {
    Ok(Print { received: Some(row.get::<_, Moment>(2)?.0), subject: row.get(3)? })
}

fn stage_code(stage: AttemptStage) -> u8 {
    match stage {
        AttemptStage::Sent => 0,
        AttemptStage::Missing => 1,
        AttemptStage::Left => 2,
    }
}

/// Reads what [`stage_code`] wrote; what is not known is asked once more.
fn stage_from(code: u8) -> AttemptStage {
    match code {
        1 => AttemptStage::Missing,
        2 => AttemptStage::Left,
        _ => AttemptStage::Sent,
    }
}
