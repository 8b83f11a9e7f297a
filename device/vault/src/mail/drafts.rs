//! Mails that are being written.

use crate::mail::change::run;
use crate::mail::column::{Count, Moment};
use crate::mail::wanted::{Texts, WrittenTexts};
use crate::mail::{MailStore, MessageId};
use crate::{AccessError, Fault, FileError, FileId, FileOwner};
use rusqlite::{Connection, OptionalExtension, Row, params};
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// The query for drafts.
macro_rules! columns {
    () => {
        "SELECT id, saved, to_typed, cc_typed, bcc_typed, subject, content, composition, original FROM draft"
    };
}
/// Identifies a draft in this container.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DraftId(pub i64);

/// Identifies a file of a draft in this container.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DraftFileId(pub i64);

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
    /// What it is.
    pub kind: DraftKind,
    /// The mail that it answers or sends on; absent for a new one, and once that mail is gone.
    pub original: Option<MessageId>,
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
    /// Bytes.
    pub size: u64,
}

impl MailStore<'_> {
    /// Saves a draft, durable on return: a new one, or the text of one that is there. `None` if it is there no more.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn save_draft(
        &self,
        id: Option<DraftId>,
        text: &DraftText,
        now: OffsetDateTime,
    ) -> Result<Option<DraftId>, AccessError> {
        self.transact(|connection| {
            let id = match id {
                Some(id) => id.0,
                None => {
                    run(connection, "INSERT INTO draft DEFAULT VALUES", [])?;
                    connection.last_insert_rowid()
                }
            };
            let written = connection
                .prepare_cached(
                    "UPDATE draft SET saved = ?2, to_typed = ?3, cc_typed = ?4, bcc_typed = ?5, subject = ?6,
                         content = ?7, composition = ?8,
                         original = (SELECT message.id FROM message WHERE message.id = ?9)
                     WHERE id = ?1",
                )?
                .execute(params![
                    id,
                    Moment(now),
                    WrittenTexts(&text.to),
                    WrittenTexts(&text.cc),
                    WrittenTexts(&text.bcc),
                    text.subject,
                    text.text,
                    kind_code(text.kind),
                    text.original.map(|original| original.0),
                ])?;
            Ok((written > 0).then_some(DraftId(id)))
        })
    }

    /// Puts a file to a draft, durable on return; `None` if there is no such draft.
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
    ) -> Result<Option<DraftFileId>, AccessError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.transact_with_file(bytes, |connection, file| {
            let added = connection
                .prepare_cached(
                    "INSERT INTO draft_file (draft, name, media_type, size, file)
                     SELECT id, ?2, ?3, ?4, ?5 FROM draft WHERE id = ?1",
                )?
                .execute(params![draft.0, name, media_type, Count(size), file])?;
            if added == 0 {
                run(connection, "INSERT INTO stale_file (file) VALUES (?1)", [file])?;
                return Ok(None);
            }
            Ok(Some(DraftFileId(connection.last_insert_rowid())))
        })
    }

    /// Takes a file out of a draft; `false` if it is not there.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn remove_draft_file(
        &self,
        draft: DraftId,
        file: DraftFileId,
    ) -> Result<bool, AccessError> {
        self.transact(|connection| {
            let removed = connection
                .prepare_cached("DELETE FROM draft_file WHERE draft = ?1 AND id = ?2")?
                .execute([draft.0, file.0])?;
            Ok(removed > 0)
        })
    }

    /// Removes a draft with its files; `false` if there is no such draft.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn remove_draft(&self, id: DraftId) -> Result<bool, AccessError> {
        self.transact(|connection| Ok(remove(connection, id)?))
    }

    /// Returns all drafts, the one saved last first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn drafts(&self) -> Result<Vec<DraftView>, AccessError> {
        let database = self.0.database()?;
        let drafts: Vec<DraftView> = database
            .prepare_cached(concat!(columns!(), " ORDER BY saved DESC, id DESC"))?
            .query_map([], view)?
            .collect::<rusqlite::Result<_>>()?;
        let with_files = drafts
            .into_iter()
            .map(|draft| Ok(DraftView { files: files(&database, draft.id)?, ..draft }));
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
            .prepare_cached(concat!(columns!(), " WHERE id = ?1"))?
            .query_row([id.0], view)
            .optional()?;
        let Some(draft) = draft else { return Ok(None) };
        Ok(Some(DraftView { files: files(&database, id)?, ..draft }))
    }

    /// Returns the bytes of a file of a draft, or `None` if there is no such file.
    ///
    /// # Errors
    ///
    /// [`AccessError::Fault`] if it is damaged or gone from the disk, [`AccessError::Locked`] if the container was locked
    /// meanwhile.
    pub fn draft_bytes(&self, id: DraftFileId) -> Result<Option<Zeroizing<Vec<u8>>>, AccessError> {
        let file: Option<FileId> = self
            .0
            .database()?
            .prepare_cached("SELECT file FROM draft_file WHERE id = ?1")?
            .query_row([id.0], |row| row.get(0))
            .optional()?;
        let Some(file) = file else { return Ok(None) };
        match self.0.files(FileOwner::MAIL).read(file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(FileError::Fault(fault)) => Err(fault.into()),
            Err(FileError::Locked) => Err(AccessError::Locked),
            Err(FileError::Missing) => Err(Fault::damaged("a file of a draft").into()),
        }
    }
}

/// Removes a draft; says whether there was one.
pub(super) fn remove(connection: &Connection, id: DraftId) -> rusqlite::Result<bool> {
    let removed = connection.prepare_cached("DELETE FROM draft WHERE id = ?1")?.execute([id.0])?;
    Ok(removed > 0)
}

fn files(connection: &Connection, draft: DraftId) -> rusqlite::Result<Vec<DraftFileView>> {
    connection
        .prepare_cached(
            "SELECT id, name, media_type, size FROM draft_file WHERE draft = ?1 ORDER BY id",
        )?
        .query_map([draft.0], |row| {
            Ok(DraftFileView {
                id: DraftFileId(row.get(0)?),
                name: row.get(1)?,
                media_type: row.get(2)?,
                size: row.get::<_, Count>(3)?.0,
            })
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
        },
        files: Vec::new(),
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
