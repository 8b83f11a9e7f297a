//! Drafts as synchronisation knows them.

use super::stored::{StoredContent, StoredEdit};
use super::{DraftFileId, DraftId, files, importance_from};
use crate::AccessError;
use crate::mail::change::run;
use crate::mail::column::{Count, People};
use crate::mail::wanted::{Texts, WrittenTexts};
use crate::mail::{MailStore, MessageId, attachments, messages, saved};
use activesync::messages::FolderKind;
use pim::{
    AttachmentRecord, CollectionId, DraftConflict, DraftContent, DraftEdit, DraftFile, DraftRecord,
    ItemRef, ServerId, Text,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// The query for drafts as synchronisation needs them.
macro_rules! records {
    () => {
        "SELECT draft.id, revision, settled, deletion, folder.server_id, message.server_id, client_id, base, sent,
             draft.refused, conflict, to_typed, cc_typed, bcc_typed, draft.subject, content, draft.importance
         FROM draft LEFT JOIN message ON message.id = draft.message LEFT JOIN folder ON folder.id = message.folder"
    };
}

impl MailStore<'_> {
    /// Returns a draft as synchronisation knows it, one that is to go among them; `None` if there is no such draft, or it stays here.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn draft_record(&self, id: DraftId) -> Result<Option<DraftRecord>, AccessError> {
        let database = self.0.database()?;
        let record = database
            .prepare_cached(concat!(
                records!(),
                " WHERE draft.id = ?1 AND (held = 0 OR deletion > 0)"
            ))?
            .query_row([id.0], record)
            .optional()?;
        let Some(record) = record else { return Ok(None) };
        Ok(Some(with_files(&database, record)?))
    }

    /// Takes in the mails of the server's folder for drafts, as drafts that can be written on; since 16.0.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn adopt_drafts(&self) -> Result<(), AccessError> {
        self.transact(|connection| {
            if !saved::keeps_drafts(connection)? {
                return Ok(());
            }
            let new: Vec<MessageId> = connection
                .prepare_cached(
                    "SELECT message.id FROM folder JOIN message ON message.shown = folder.id
                     WHERE folder.kind = ?1 AND message.folder = folder.id
                         AND message.id NOT IN (SELECT message FROM draft WHERE message IS NOT NULL)",
                )?
                .query_map([FolderKind::Drafts.code()], |row| row.get(0).map(MessageId))?
                .collect::<rusqlite::Result<_>>()?;
            for message in new {
                run(
                    connection,
                    "INSERT INTO draft (client_id, settled, message) VALUES (lower(hex(randomblob(16))), 1, ?1)",
                    [message.0],
                )?;
                follow(connection, message)?;
            }
            Ok(())
        })
    }

    /// Returns the draft that a mail is, if it was taken in.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn draft_of(&self, message: MessageId) -> Result<Option<DraftId>, AccessError> {
        let database = self.0.database()?;
        let draft = database
            .prepare_cached("SELECT id FROM draft WHERE message = ?1 AND deletion = 0")?
            .query_row([message.0], |row| row.get(0).map(DraftId))
            .optional()?;
        Ok(draft)
    }

    /// Returns what the server hands out the bytes of a file for that are not here.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn draft_files_to_fetch(
        &self,
        id: DraftId,
    ) -> Result<Vec<(DraftFileId, String)>, AccessError> {
        let database = self.0.database()?;
        let files = database
            .prepare_cached(
                "SELECT id, reference FROM draft_file
                 WHERE draft = ?1 AND file IS NULL AND reference IS NOT NULL ORDER BY id",
            )?
            .query_map([id.0], |row| Ok((DraftFileId(row.get(0)?), row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(files)
    }

    /// Keeps the bytes of a file that were fetched, durable on return; `false` if there is no such file any more, or a policy
    /// forbids to keep it.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn keep_draft_file(
        &self,
        id: DraftFileId,
        reference: &str,
        bytes: &[u8],
    ) -> Result<bool, AccessError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.transact_with_file(bytes, |connection, file| {
            let kept = connection
                .prepare_cached(
                    "UPDATE draft_file SET file = ?3, size = ?4
                     WHERE id = ?1 AND reference = ?2 AND file IS NULL AND NOT EXISTS (
                         SELECT 1 FROM account WHERE attachments_allowed = 0 OR largest_attachment < ?4
                     )",
                )?
                .execute(params![id.0, reference, file, Count(size)])?;
            if kept == 0 {
                run(connection, "INSERT INTO stale_file (file) VALUES (?1)", [file])?;
            }
            Ok(kept > 0)
        })
    }
}

/// Reads the drafts that the server does not have as they are here.
pub(in crate::mail) fn records(connection: &Connection) -> rusqlite::Result<Vec<DraftRecord>> {
    let records: Vec<DraftRecord> = connection
        .prepare_cached(concat!(
            records!(),
            " WHERE revision <> settled AND (held = 0 OR deletion > 0) ORDER BY draft.id"
        ))?
        .query_map([], record)?
        .collect::<rusqlite::Result<_>>()?;
    records.into_iter().map(|record| with_files(connection, record)).collect()
}

/// Notes how far a draft is; what the person wrote since the record was made is still to be told.
pub(in crate::mail) fn put(connection: &Connection, record: &DraftRecord) -> rusqlite::Result<()> {
    let message = match &record.item {
        Some(item) => messages::find(connection, item)?,
        None => None,
    };
    if let Some(message) = message {
        run(
            connection,
            "DELETE FROM draft WHERE message = ?1 AND id <> ?2",
            [message.0, record.draft.0],
        )?;
    }
    // A draft that stays although it was to go is shown as the server has it.
    let is_back = record.edit.is_none() && record.conflict == Some(DraftConflict::DeletedHere);
    let base = record.base.as_deref().filter(|_| !is_back).map(StoredContent::from);
    run(
        connection,
        "UPDATE draft SET message = ?3, client_id = ?4, base = ?5, sent = ?6,
             refused = iif(revision = ?2, ?7, refused), conflict = iif(revision = ?2, ?8, conflict)
         WHERE id = ?1",
        params![
            record.draft.0,
            record.revision,
            message.map(|message| message.0),
            record.client_id,
            base,
            record.sent.as_ref().map(StoredEdit::from),
            record.refused,
            record.conflict.map(conflict_name),
        ],
    )?;
    run(
        connection,
        "UPDATE draft_file SET reference = NULL WHERE draft = ?1 AND file IS NOT NULL",
        [record.draft.0],
    )?;
    for file in record.base.iter().flat_map(|base| &base.files) {
        run(
            connection,
            "UPDATE draft_file SET reference = ?3 WHERE draft = ?1 AND id = ?2",
            params![record.draft.0, file.id.0, file.reference],
        )?;
    }
    if record.edit.is_some() {
        return Ok(());
    }
    if is_back {
        run(
            connection,
            "DELETE FROM draft_file WHERE draft = ?1 AND reference IS NULL",
            [record.draft.0],
        )?;
    }
    run(
        connection,
        "UPDATE draft SET settled = ?2, deletion = iif(revision = ?2, 0, deletion) WHERE id = ?1",
        [record.draft.0, record.revision],
    )?;
    message.map_or(Ok(()), |message| follow(connection, message))
}

/// Removes a draft with its files.
pub(in crate::mail) fn drop_draft(connection: &Connection, id: DraftId) -> rusqlite::Result<()> {
    run(connection, "DELETE FROM draft WHERE id = ?1", [id.0])
}

/// Removes the bytes of files that the server has, from drafts that nobody has changed since, if they are larger than `largest`, or
/// all without it. What the person put to a draft and the server does not have stays: it is nowhere else.
pub(in crate::mail) fn forbid_files(
    connection: &Connection,
    largest: Option<Count>,
) -> rusqlite::Result<()> {
    run(
        connection,
        "UPDATE draft_file SET file = NULL
         WHERE file IS NOT NULL AND reference IS NOT NULL AND (?1 IS NULL OR size > ?1)
             AND draft IN (SELECT id FROM draft WHERE revision = settled)",
        [largest],
    )
}

/// Writes what the server says of a mail into the draft that it is, unless the person has changed that one.
pub(in crate::mail) fn follow(connection: &Connection, message: MessageId) -> rusqlite::Result<()> {
    let draft = connection
        .prepare_cached("SELECT id, base FROM draft WHERE message = ?1 AND revision = settled")?
        .query_row([message.0], |row| {
            let base = row.get::<_, Option<StoredContent>>(1)?;
            Ok((DraftId(row.get(0)?), base.map(DraftContent::from)))
        })
        .optional()?;
    let Some((draft, base)) = draft else { return Ok(()) };
    let mut there = content_of(connection, message)?;
    let list = attachments::list(connection, message)?;
    let list: Vec<AttachmentRecord> = list.into_iter().map(attachment).collect();
    let own = DraftContent { files: file_records(connection, draft)?, ..DraftContent::default() };
    there.files = own.files_named(&list);
    let is_known = base.is_some_and(|base| base.is_same(&there));
    follow_files(connection, draft, &mut there.files)?;
    run(
        connection,
        "UPDATE draft SET base = ?2 WHERE id = ?1",
        params![draft.0, StoredContent::from(&there)],
    )?;
    if is_known {
        return Ok(());
    }
    run(
        connection,
        "UPDATE draft SET saved = (SELECT received FROM message WHERE message.id = ?2), to_typed = ?3, cc_typed = ?4,
             bcc_typed = ?5, subject = ?6, content = ?7, importance = ?8
         WHERE id = ?1",
        params![
            draft.0,
            message.0,
            WrittenTexts(&there.to),
            WrittenTexts(&there.cc),
            WrittenTexts(&there.bcc),
            there.subject,
            there.text,
            there.importance as u8,
        ],
    )
}

/// Gives a draft the files that the server names.
fn follow_files(
    connection: &Connection,
    draft: DraftId,
    files: &mut [DraftFile],
) -> rusqlite::Result<()> {
    let kept: Vec<i64> = files.iter().map(|file| file.id.0).collect();
    let kept = serde_json::to_string(&kept).expect("numbers can be written as JSON");
    run(
        connection,
        "DELETE FROM draft_file WHERE draft = ?1 AND id NOT IN (SELECT value FROM json_each(?2))",
        params![draft.0, kept],
    )?;
    for file in files {
        if file.id.0 != 0 {
            // Under another name of the server's it may be another file.
            run(
                connection,
                "UPDATE draft_file SET file = iif(reference <> ?2, NULL, file), reference = ?2 WHERE id = ?1",
                params![file.id.0, file.reference],
            )?;
            continue;
        }
        run(
            connection,
            "INSERT INTO draft_file (draft, name, media_type, size, reference) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![draft.0, file.name, file.media_type, Count(file.size), file.reference],
        )?;
        file.id = DraftFileId(connection.last_insert_rowid());
    }
    Ok(())
}

fn content_of(connection: &Connection, message: MessageId) -> rusqlite::Result<DraftContent> {
    connection
        .prepare_cached(
            "SELECT to_people, cc_people, bcc_people, subject, html, content, importance
             FROM message LEFT JOIN body ON body.message = message.id WHERE message.id = ?1",
        )?
        .query_row([message.0], |row| {
            let people = |column: usize| {
                row.get::<_, People>(column).map(|people| DraftContent::typed_people(&people.0))
            };
            let text = match (row.get(4)?, row.get(5)?) {
                (Some(true), Some(content)) => Text::Html(content),
                (Some(false), Some(content)) => Text::Plain(content),
                (None, _) | (_, None) => Text::None,
            };
            Ok(DraftContent {
                to: people(0)?,
                cc: people(1)?,
                bcc: people(2)?,
                subject: row.get(3)?,
                text: DraftContent::typed_text(&text),
                importance: importance_from(row.get(6)?),
                files: Vec::new(),
            })
        })
}

fn attachment(view: crate::mail::AttachmentView) -> AttachmentRecord {
    AttachmentRecord {
        name: view.name,
        reference: view.reference,
        size: view.size,
        content_id: view.content_id,
        inline: view.inline,
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<DraftRecord> {
    let texts = |column: usize| row.get::<_, Texts>(column).map(|texts| texts.0);
    let (revision, settled): (i64, i64) = (row.get(1)?, row.get(2)?);
    let content = || -> rusqlite::Result<DraftContent> {
        Ok(DraftContent {
            to: texts(11)?,
            cc: texts(12)?,
            bcc: texts(13)?,
            subject: row.get(14)?,
            text: row.get(15)?,
            importance: importance_from(row.get(16)?),
            files: Vec::new(),
        })
    };
    let item = match (row.get::<_, Option<String>>(4)?, row.get::<_, Option<String>>(5)?) {
        (Some(folder), Some(item)) => {
            Some(ItemRef { collection: CollectionId(folder), item: ServerId(item) })
        }
        (Some(_) | None, _) => None,
    };
    Ok(DraftRecord {
        draft: DraftId(row.get(0)?),
        revision,
        edit: match row.get::<_, u8>(3)? {
            _ if revision == settled => None,
            0 => Some(DraftEdit::Put(Box::new(content()?))),
            deletion => Some(DraftEdit::Delete { for_good: deletion == super::FOR_GOOD }),
        },
        // Without the mail it is new to the server.
        base: row
            .get::<_, Option<StoredContent>>(7)?
            .filter(|_| item.is_some())
            .map(|base| Box::new(base.into())),
        item,
        client_id: row.get(6)?,
        sent: row.get::<_, Option<StoredEdit>>(8)?.map(DraftEdit::from),
        refused: row.get(9)?,
        conflict: conflict(row, 10)?,
    })
}

fn with_files(connection: &Connection, mut record: DraftRecord) -> rusqlite::Result<DraftRecord> {
    if let Some(DraftEdit::Put(content)) = &mut record.edit {
        content.files = file_records(connection, record.draft)?;
    }
    Ok(record)
}

fn file_records(connection: &Connection, draft: DraftId) -> rusqlite::Result<Vec<DraftFile>> {
    let files = files(connection, draft)?.into_iter().map(|(view, reference)| DraftFile {
        id: view.id,
        name: view.name,
        media_type: view.media_type,
        size: view.size,
        reference,
    });
    Ok(files.collect())
}

/// Reads in which way two changes met.
pub(super) fn conflict(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<DraftConflict>> {
    let name: Option<String> = row.get(column)?;
    Ok(name.map(|name| match name.as_str() {
        "deleted_here" => DraftConflict::DeletedHere,
        "deleted_there" => DraftConflict::DeletedThere,
        _ => DraftConflict::Changed,
    }))
}

fn conflict_name(conflict: DraftConflict) -> &'static str {
    match conflict {
        DraftConflict::Changed => "changed",
        DraftConflict::DeletedHere => "deleted_here",
        DraftConflict::DeletedThere => "deleted_there",
    }
}
