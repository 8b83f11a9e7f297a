//! Mails that are being written: on this device, and on the server where it keeps them.
//!
//! What the person wrote is theirs to change at any time; each change counts `revision` up. What the rules of synchronisation note
//! beside it never touches it, but for a draft without an open change, which follows the server.

mod server;
mod stored;

pub(super) use server::{drop_draft, follow, forbid_files, put, records};

use crate::mail::change::run;
use crate::mail::column::{Count, Moment};
use crate::mail::wanted::{Texts, WrittenTexts};
use crate::mail::{MailStore, MessageId, saved};
use crate::{AccessError, Fault, FileError, FileId, FileOwner};
use activesync::messages::Importance;
use pim::DraftConflict;
pub use pim::{DraftFileId, DraftId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// The query for drafts.
macro_rules! columns {
    () => {
        "SELECT id, saved, to_typed, cc_typed, bcc_typed, subject, content, composition, original,
             importance, message, revision = settled, refused, conflict,
             EXISTS (SELECT 1 FROM message WHERE message.id = draft.message AND body_state = 1 AND revision = settled),
            held
         FROM draft"
    };
}

/// What `deletion` is for a draft that goes to the deleted mails, and for one that goes for good.
const TO_DELETED: u8 = 1;
const FOR_GOOD: u8 = 2;

/// A mail that is being written, as it was typed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DraftText {
    /// Recipients.
    pub to: Vec<String>,
    /// Recipients of a copy.
    pub cc: Vec<String>,
    /// Recipients whom the others do not see.
    pub bcc: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// How urgent it is; one that is saved without stays as urgent as it was.
    pub importance: Option<Importance>,
    /// What it is.
    pub kind: DraftKind,
    /// The mail that it answers or sends on; absent for a new one, and once that mail is gone.
    pub original: Option<MessageId>,
    /// It stays on this device; one that did does so for good, but that it is thrown away the server hears.
    pub held: bool,
}

/// What a draft is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum DraftKind {
    /// A mail that is sent on.
    Forward,
    /// A new mail.
    #[default]
    New,
    /// An answer to the author.
    Reply,
    /// An answer to everybody.
    ReplyAll,
}

/// A draft as it is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DraftView {
    /// Its id in this container.
    pub id: DraftId,
    /// When it was saved last, to the millisecond.
    pub saved: OffsetDateTime,
    /// What was typed.
    pub text: DraftText,
    /// Its files.
    pub files: Vec<DraftFileView>,
    /// The mail that it is in the server's folder for drafts, once that is here.
    pub message: Option<MessageId>,
    /// Whether the server has it as it is here.
    pub state: DraftState,
    /// In which way a change here met one of the server's; until the next change here.
    pub conflict: Option<DraftConflict>,
    /// Its text and the bytes of its files are here; else it cannot be written on.
    pub whole: bool,
}

/// Whether the server has a draft as it is here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DraftState {
    /// It stays here: the server keeps no drafts that are written elsewhere.
    Here,
    /// The server will not take it, for the reason of this code.
    Refused(String),
    /// The server has it so.
    Synced,
    /// It waits for the server.
    Waiting,
}

/// What became of a change of a draft.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DraftChange<T> {
    /// It is on disk.
    Done(T),
    /// The text or some file of the server's draft is not here, and would be lost.
    Incomplete,
    /// There is no such draft, or no such file.
    Missing,
}

/// A file of a draft.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DraftFileView {
    /// Its id in this container.
    pub id: DraftFileId,
    /// The file name.
    pub name: String,
    /// The media type.
    pub media_type: String,
    /// Bytes; the server's estimate until they are here.
    pub size: u64,
    /// Its bytes are here.
    pub local: bool,
}

impl MailStore<'_> {
    /// Saves a draft, durable on return: a new one, or the text of one that is there.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn save_draft(
        &self,
        id: Option<DraftId>,
        text: &DraftText,
        now: OffsetDateTime,
    ) -> Result<DraftChange<DraftId>, AccessError> {
        self.transact(|connection| {
            let id = match id {
                Some(id) => match changed(connection, id)? {
                    DraftChange::Done(()) => id.0,
                    DraftChange::Incomplete => return Ok(DraftChange::Incomplete),
                    DraftChange::Missing => return Ok(DraftChange::Missing),
                },
                None => {
                    run(
                        connection,
                        "INSERT INTO draft (client_id) VALUES (lower(hex(randomblob(16))))",
                        [],
                    )?;
                    connection.last_insert_rowid()
                }
            };
            run(
                connection,
                "UPDATE draft SET saved = ?2, to_typed = ?3, cc_typed = ?4, bcc_typed = ?5, subject = ?6, content = ?7,
                     composition = ?8, original = (SELECT message.id FROM message WHERE message.id = ?9), importance = coalesce(?10, importance),
                     held = max(held, ?11)
                 WHERE id = ?1",
                params![
                    id,
                    Moment(now),
                    WrittenTexts(&text.to),
                    WrittenTexts(&text.cc),
                    WrittenTexts(&text.bcc),
                    text.subject,
                    text.text,
                    kind_code(text.kind),
                    text.original.map(|original| original.0),
                    text.importance.map(|importance| importance as u8),
                    text.held,
                ],
            )?;
            Ok(DraftChange::Done(DraftId(id)))
        })
    }

    /// Puts a file to a draft, durable on return.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn add_draft_file(
        &self,
        draft: DraftId,
        name: &str,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<DraftChange<DraftFileId>, AccessError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.transact_with_file(bytes, |connection, file| {
            let change = changed(connection, draft)?;
            if change != DraftChange::Done(()) {
                run(connection, "INSERT INTO stale_file (file) VALUES (?1)", [file])?;
            }
            Ok(match change {
                DraftChange::Incomplete => DraftChange::Incomplete,
                DraftChange::Missing => DraftChange::Missing,
                DraftChange::Done(()) => {
                    run(
                        connection,
                        "INSERT INTO draft_file (draft, name, media_type, size, file) VALUES (?1, ?2, ?3, ?4, ?5)",
                        params![draft.0, name, media_type, Count(size), file],
                    )?;
                    DraftChange::Done(DraftFileId(connection.last_insert_rowid()))
                }
            })
        })
    }

    /// Takes a file out of a draft.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn remove_draft_file(
        &self,
        draft: DraftId,
        file: DraftFileId,
    ) -> Result<DraftChange<()>, AccessError> {
        self.transact(|connection| {
            let is_there: bool = connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM draft_file WHERE draft = ?1 AND id = ?2)",
                )?
                .query_row([draft.0, file.0], |row| row.get(0))?;
            if !is_there {
                return Ok(DraftChange::Missing);
            }
            let change = changed(connection, draft)?;
            if change == DraftChange::Done(()) {
                run(connection, "DELETE FROM draft_file WHERE id = ?1", [file.0])?;
            }
            Ok(change)
        })
    }

    /// Marks a draft as one that is to go, to the deleted mails or for good; `false` if there is no such draft. It is seen no more,
    /// and goes once it is known what the server has of it.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn remove_draft(&self, id: DraftId, for_good: bool) -> Result<bool, AccessError> {
        self.transact(|connection| Ok(remove(connection, id, for_good)?))
    }

    /// Returns all drafts, the one saved last first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn drafts(&self) -> Result<Vec<DraftView>, AccessError> {
        let database = self.0.database()?;
        let drafts: Vec<DraftView> = database
            .prepare_cached(concat!(
                columns!(),
                " WHERE deletion = 0 ORDER BY saved DESC, id DESC"
            ))?
            .query_map([], view)?
            .collect::<rusqlite::Result<_>>()?;
        let with_files = drafts.into_iter().map(|draft| with_files(&database, draft));
        Ok(with_files.collect::<rusqlite::Result<_>>()?)
    }

    /// Returns a draft, or `None` if there is no such draft.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn draft(&self, id: DraftId) -> Result<Option<DraftView>, AccessError> {
        let database = self.0.database()?;
        let draft = database
            .prepare_cached(concat!(columns!(), " WHERE id = ?1 AND deletion = 0"))?
            .query_row([id.0], view)
            .optional()?;
        let Some(draft) = draft else { return Ok(None) };
        Ok(Some(with_files(&database, draft)?))
    }

    /// Returns the bytes of a file of a draft, or `None` if there is no such file, or they are to be fetched.
    ///
    /// # Errors
    ///
    /// [`AccessError::Fault`] if it is damaged or gone from the disk, [`AccessError::Locked`] if the container was locked
    /// meanwhile.
    pub fn draft_bytes(&self, id: DraftFileId) -> Result<Option<Zeroizing<Vec<u8>>>, AccessError> {
        let file: Option<Option<FileId>> = self
            .0
            .database()?
            .prepare_cached("SELECT file FROM draft_file WHERE id = ?1")?
            .query_row([id.0], |row| row.get(0))
            .optional()?;
        let Some(file) = file.flatten() else { return Ok(None) };
        match self.0.files(FileOwner::MAIL).read(file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(FileError::Fault(fault)) => Err(fault.into()),
            Err(FileError::Locked) => Err(AccessError::Locked),
            Err(FileError::Missing) => Err(Fault::damaged("a file of a draft").into()),
        }
    }
}

/// Marks a draft as one that is to go; says whether there was one.
pub(super) fn remove(
    connection: &Connection,
    id: DraftId,
    for_good: bool,
) -> rusqlite::Result<bool> {
    let deletion = if for_good { FOR_GOOD } else { TO_DELETED };
    let removed = connection
        .prepare_cached(
            "UPDATE draft SET deletion = ?2, revision = revision + 1, refused = NULL, conflict = NULL
             WHERE id = ?1 AND deletion = 0",
        )?
        .execute(params![id.0, deletion])?;
    Ok(removed > 0)
}

/// Counts a change of a draft. What is not here of the server's would be lost with it.
fn changed(connection: &Connection, id: DraftId) -> rusqlite::Result<DraftChange<()>> {
    let found = connection
        .prepare_cached(concat!(columns!(), " WHERE id = ?1 AND deletion = 0"))?
        .query_row([id.0], view)
        .optional()?;
    let Some(draft) = found else { return Ok(DraftChange::Missing) };
    if !with_files(connection, draft)?.whole {
        return Ok(DraftChange::Incomplete);
    }
    run(
        connection,
        "UPDATE draft SET revision = revision + 1, refused = NULL, conflict = NULL WHERE id = ?1",
        [id.0],
    )?;
    Ok(DraftChange::Done(()))
}

/// Completes what [`view`] read.
fn with_files(connection: &Connection, draft: DraftView) -> rusqlite::Result<DraftView> {
    let files: Vec<DraftFileView> =
        files(connection, draft.id)?.into_iter().map(|(file, _)| file).collect();
    let whole = draft.whole && files.iter().all(|file| file.local);
    let state = match draft.state {
        DraftState::Waiting if !saved::keeps_drafts(connection)? => DraftState::Here,
        state @ (DraftState::Here
        | DraftState::Refused(_)
        | DraftState::Synced
        | DraftState::Waiting) => state,
    };
    Ok(DraftView { files, whole, state, ..draft })
}

/// Reads the files of a draft, with what the server calls them.
fn files(
    connection: &Connection,
    draft: DraftId,
) -> rusqlite::Result<Vec<(DraftFileView, Option<String>)>> {
    connection
        .prepare_cached(
            "SELECT id, name, media_type, size, file IS NOT NULL, reference FROM draft_file
             WHERE draft = ?1 ORDER BY id",
        )?
        .query_map([draft.0], |row| {
            let file = DraftFileView {
                id: DraftFileId(row.get(0)?),
                name: row.get(1)?,
                media_type: row.get(2)?,
                size: row.get::<_, Count>(3)?.0,
                local: row.get(4)?,
            };
            Ok((file, row.get(5)?))
        })?
        .collect()
}

fn view(row: &Row<'_>) -> rusqlite::Result<DraftView> {
    let texts = |column| row.get::<usize, Texts>(column).map(|texts| texts.0);
    Ok(DraftView {
        id: DraftId(row.get(0)?),
        saved: row.get::<_, Moment>(1)?.0,
        text: DraftText {
            to: texts(2)?,
            cc: texts(3)?,
            bcc: texts(4)?,
            subject: row.get(5)?,
            text: row.get(6)?,
            kind: kind_from(row.get(7)?),
            original: row.get::<_, Option<i64>>(8)?.map(MessageId),
            importance: Some(importance_from(row.get(9)?)),
            held: row.get(15)?,
        },
        files: Vec::new(),
        message: row.get::<_, Option<i64>>(10)?.map(MessageId),
        state: match (row.get(11)?, row.get(12)?) {
            (false, _) if row.get(15)? => DraftState::Here,
            (_, Some(code)) => DraftState::Refused(code),
            (true, None) => DraftState::Synced,
            (false, None) => DraftState::Waiting,
        },
        conflict: server::conflict(row, 13)?,
        whole: !row.get::<_, bool>(14)?,
    })
}

fn kind_code(kind: DraftKind) -> u8 {
    match kind {
        DraftKind::New => 0,
        DraftKind::Reply => 1,
        DraftKind::Forward => 2,
        DraftKind::ReplyAll => 3,
    }
}

fn kind_from(code: u8) -> DraftKind {
    match code {
        1 => DraftKind::Reply,
        2 => DraftKind::Forward,
        3 => DraftKind::ReplyAll,
        _ => DraftKind::New,
    }
}

fn importance_from(code: u8) -> Importance {
    match code {
        0 => Importance::Low,
        2 => Importance::High,
        _ => Importance::Normal,
    }
}
