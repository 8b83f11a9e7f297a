//! Mails that wait to be sent.

use crate::mail::change::run;
use crate::mail::column::{Moment, People, Written};
use crate::mail::{DraftId, MailStore, MessageId, drafts};
use crate::{AccessError, Fault, FileError, FileId, FileOwner};
use ::mail::Mailbox;
use pim::{CollectionId, ItemRef, OutboxId, OutboxRecord, OutboxState, ServerId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// What the server adds, as it stands in a column: the text of the original, or its text and its files; 0 for nothing.
const ANSWER: u8 = 1;
const FORWARD: u8 = 2;

/// The query for mails as synchronisation needs them.
macro_rules! records {
    () => {
        "SELECT outgoing.id, client_id, outgoing.message_id, created, state, error, tries, composition,
             folder.server_id, message.server_id
         FROM outgoing LEFT JOIN message ON message.id = outgoing.original
             LEFT JOIN folder ON folder.id = message.folder"
    };
}

/// A mail for the outbox.
#[derive(Clone, Copy, Debug)]
pub struct NewMail<'a> {
    /// What the server will know it by, the same at each try; 1 to 40 characters, unique.
    pub client_id: &'a str,
    /// Its Message-ID, without brackets; unique.
    pub message_id: &'a str,
    /// When the user sent it off.
    pub created: OffsetDateTime,
    /// To whom, for the screen.
    pub to: &'a [Mailbox],
    /// The subject, for the screen.
    pub subject: &'a str,
    /// The whole mail (RFC 5322), but for what the server adds.
    pub bytes: &'a [u8],
    /// The mail that the server adds to it.
    pub original: Option<Original>,
    /// The draft that it was; it goes in the same step, on the server for good.
    pub draft: Option<DraftId>,
}

/// The mail that another one answers or forwards.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Original {
    /// The mail.
    pub message: MessageId,
    /// Whether it is forwarded; else it is answered.
    pub forward: bool,
}

/// A mail of the outbox as a screen shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OutboxView {
    /// Its id in this container.
    pub id: OutboxId,
    /// To whom.
    pub to: Vec<Mailbox>,
    /// The subject.
    pub subject: String,
    /// When the user sent it off, to the millisecond.
    pub created: OffsetDateTime,
    /// How far it is.
    pub state: OutboxState,
}

impl MailStore<'_> {
    /// Takes a mail into the outbox, where it waits; durable on return.
    ///
    /// # Errors
    ///
    /// [`AccessError::Fault`] if one of its names was used before, [`AccessError::Locked`] if the container was locked
    /// meanwhile.
    pub fn queue(&self, mail: NewMail<'_>) -> Result<OutboxRecord, AccessError> {
        self.transact_with_file(mail.bytes, |connection, file| queue(connection, &mail, file))
    }

    /// As [`queue`](Self::queue), several mails in one step.
    ///
    /// # Errors
    ///
    /// As of [`queue`](Self::queue).
    pub fn queue_all(&self, mails: &[NewMail<'_>]) -> Result<Vec<OutboxRecord>, AccessError> {
        let contents: Vec<&[u8]> = mails.iter().map(|mail| mail.bytes).collect();
        self.transact_with_files(&contents, |connection, files| {
            mails.iter().zip(files).map(|(mail, file)| queue(connection, mail, *file)).collect()
        })
    }

    /// Returns the mails of the outbox, oldest first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn outbox(&self) -> Result<Vec<OutboxView>, AccessError> {
        let database = self.0.database()?;
        let mails = database
            .prepare_cached(
                "SELECT id, people, subject, created, state, error FROM outgoing ORDER BY id",
            )?
            .query_map([], view)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(mails)
    }

    /// Returns the bytes of a mail of the outbox, or `None` if there is no such mail.
    ///
    /// # Errors
    ///
    /// [`AccessError::Fault`] if its file is damaged or gone, [`AccessError::Locked`] if the container was locked
    /// meanwhile.
    pub fn outbox_bytes(&self, id: OutboxId) -> Result<Option<Zeroizing<Vec<u8>>>, AccessError> {
        let file: Option<FileId> = self
            .0
            .database()?
            .prepare_cached("SELECT file FROM outgoing WHERE id = ?1")?
            .query_row([id.0], |row| row.get(0))
            .optional()?;
        let Some(file) = file else { return Ok(None) };
        match self.0.files(FileOwner::MAIL).read(file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(FileError::Fault(fault)) => Err(fault.into()),
            Err(FileError::Locked) => Err(AccessError::Locked),
            Err(FileError::Missing) => Err(Fault::damaged("a mail of the outbox").into()),
        }
    }
}

/// Adds a mail whose bytes are on disk; the draft that it was goes.
pub(crate) fn queue(
    connection: &Connection,
    mail: &NewMail<'_>,
    file: FileId,
) -> Result<OutboxRecord, AccessError> {
    run(
        connection,
        "INSERT INTO outgoing (client_id, message_id, created, people, subject, file, composition, original)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            mail.client_id,
            mail.message_id,
            Moment(mail.created),
            Written(mail.to),
            mail.subject,
            file,
            mail.original.map_or(0, |original| if original.forward { FORWARD } else { ANSWER }),
            mail.original.map(|original| original.message.0),
        ],
    )?;
    let id = connection.last_insert_rowid();
    if let Some(draft) = mail.draft {
        drafts::remove(connection, draft, true)?;
    }
    connection
        .prepare_cached(concat!(records!(), " WHERE outgoing.id = ?1"))?
        .query_row([id], record)
        .map_err(AccessError::from)
}

/// Writes how far a mail is; one that is not there (any more) stays away.
pub(super) fn put(connection: &Connection, mail: &OutboxRecord) -> rusqlite::Result<()> {
    let (state, error) = match &mail.state {
        OutboxState::Failed(error) => (2, error.as_str()),
        OutboxState::Sending => (1, ""),
        OutboxState::Waiting => (0, ""),
    };
    run(
        connection,
        "UPDATE outgoing SET client_id = ?2, message_id = ?3, created = ?4, state = ?5, error = ?6, tries = ?7
         WHERE id = ?1",
        params![
            mail.id.0,
            mail.client_id,
            mail.message_id,
            Moment(mail.created),
            state,
            error,
            mail.tries,
        ],
    )
}

/// Reads every mail of the outbox as synchronisation needs it.
pub(super) fn records(connection: &Connection) -> rusqlite::Result<Vec<OutboxRecord>> {
    connection
        .prepare_cached(concat!(records!(), " ORDER BY outgoing.id"))?
        .query_map([], record)?
        .collect()
}

fn record(row: &Row<'_>) -> rusqlite::Result<OutboxRecord> {
    let item = match (row.get::<_, Option<String>>(8)?, row.get::<_, Option<String>>(9)?) {
        (Some(folder), Some(item)) => {
            Some(ItemRef { collection: CollectionId(folder), item: ServerId(item) })
        }
        (Some(_) | None, _) => None,
    };
    let composition: u8 = row.get(7)?;
    Ok(OutboxRecord {
        id: OutboxId(row.get(0)?),
        client_id: row.get(1)?,
        message_id: row.get(2)?,
        created: row.get::<_, Moment>(3)?.0,
        state: state(row.get(4)?, row.get(5)?),
        tries: row.get(6)?,
        original: (composition != 0)
            .then_some(pim::Original { item, forward: composition == FORWARD }),
    })
}

fn view(row: &Row<'_>) -> rusqlite::Result<OutboxView> {
    Ok(OutboxView {
        id: OutboxId(row.get(0)?),
        to: row.get::<_, People>(1)?.0,
        subject: row.get(2)?,
        created: row.get::<_, Moment>(3)?.0,
        state: state(row.get(4)?, row.get(5)?),
    })
}

fn state(code: u8, error: String) -> OutboxState {
    match code {
        0 => OutboxState::Waiting,
        2 => OutboxState::Failed(error),
        // What cannot be told from having been sent is looked for among the sent mails first.
        _ => OutboxState::Sending,
    }
}
