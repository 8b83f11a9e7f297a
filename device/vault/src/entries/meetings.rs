//! What those who are invited to a meeting have to be told, by mails that this device writes.

use super::EntryStore;
use super::drawn::Drawn;
use crate::AccessError;
use crate::mail::{NewMail, outbox, run};
use activesync::messages::{Class, Event, Item};
use pim::{EntryId, OutboxRecord};
use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};
use time::OffsetDateTime;

/// What has to be told of a meeting.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MeetingNews {
    /// Its id, which all who take part share.
    pub uid: String,
    /// The number of the version that is told now.
    pub sequence: u32,
    /// What those who are invited know of it.
    pub told: Option<Box<Event>>,
    /// What it is now; absent if the person deleted it.
    pub stands: Option<Box<Event>>,
    /// When the last of it is over; absent if it goes on for ever.
    pub ends: Option<OffsetDateTime>,
}

impl EntryStore<'_> {
    /// Returns the meetings whose changes the server has taken, and of which others have to be told.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn meeting_news(&self) -> Result<Vec<MeetingNews>, AccessError> {
        let database = self.0.database()?;
        let news = database
            .prepare_cached(
                "SELECT meeting.uid, sequence, told, document, deleted
                 FROM meeting LEFT JOIN entry ON entry.id = meeting.entry
                 WHERE owed = 1 AND meeting.entry NOT IN (SELECT entry FROM edit)",
            )?
            .query_map([], news)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(news)
    }

    /// Takes the mails that tell of a meeting into the outbox, all or none, durable on return: nothing more is owed.
    ///
    /// # Errors
    ///
    /// [`AccessError::Fault`] if one of their names was used before, [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn tell_news(
        &self,
        news: &MeetingNews,
        mails: &[NewMail<'_>],
    ) -> Result<Vec<OutboxRecord>, AccessError> {
        let contents: Vec<&[u8]> = mails.iter().map(|mail| mail.bytes).collect();
        self.0.mail().transact_with_files(&contents, |connection, files| {
            let told = u32::from(!mails.is_empty());
            match news.stands {
                None => run(connection, "DELETE FROM meeting WHERE uid = ?1", [&news.uid])?,
                Some(_) => run(
                    connection,
                    "UPDATE meeting SET owed = 0, deleted = 0, told = NULL, sequence = sequence + ?2 WHERE uid = ?1",
                    params![news.uid, told],
                )?,
            }
            let mails = mails.iter().zip(files);
            mails.map(|(mail, file)| outbox::queue(connection, mail, *file)).collect()
        })
    }
}

/// Notes that others have to be told of a meeting. What they know stays noted if they have to be told already.
pub(crate) fn owe_news(
    connection: &Connection,
    uid: &str,
    entry: EntryId,
    told: Option<&Item>,
    deleted: bool,
) -> rusqlite::Result<()> {
    run(
        connection,
        "INSERT INTO meeting (uid, entry, owed, deleted, told) VALUES (?1, ?2, 1, ?3, ?4)
         ON CONFLICT (uid) DO UPDATE SET entry = excluded.entry, owed = 1, deleted = excluded.deleted,
             told = CASE WHEN owed THEN told ELSE excluded.told END",
        params![uid, entry.0, deleted, told.map(Item::to_document)],
    )
}

fn news(row: &Row<'_>) -> rusqlite::Result<MeetingNews> {
    let (told, stands, deleted) = (event(row, 2)?, event(row, 3)?, row.get(4)?);
    let last = stands.as_ref().or(told.as_ref());
    let ends = last.and_then(|event| Drawn::of(&Item::Event(event.clone())).ends);
    // What went without the person's doing is nobody's to cancel.
    let told = told.filter(|_| stands.is_some() || deleted);
    Ok(MeetingNews { uid: row.get(0)?, sequence: row.get(1)?, told, stands, ends })
}

fn event(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Box<Event>>> {
    let Some(document) = row.get_ref(column)?.as_blob_or_null()? else { return Ok(None) };
    let item = Item::from_document(Class::Calendar, document).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, Box::new(error))
    })?;
    Ok(item.into_event())
}
