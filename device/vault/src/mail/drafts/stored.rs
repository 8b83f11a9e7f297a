//! What synchronisation notes of a draft, as it stands in a column.

use super::importance_from;
use pim::{DraftContent, DraftEdit, DraftFile, DraftFileId};
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

/// What stands in a draft.
#[derive(Deserialize, Serialize)]
pub(super) struct StoredContent {
    to: Vec<String>,
    cc: Vec<String>,
    bcc: Vec<String>,
    subject: String,
    text: String,
    importance: u8,
    files: Vec<StoredFile>,
}

#[derive(Deserialize, Serialize)]
struct StoredFile {
    id: i64,
    name: String,
    media_type: String,
    size: u64,
    reference: Option<String>,
}

/// What is to become of a draft.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredEdit {
    Delete { for_good: bool },
    Put(StoredContent),
}

impl From<&DraftContent> for StoredContent {
    fn from(content: &DraftContent) -> Self {
        let content = content.clone();
        let file = |file: DraftFile| StoredFile {
            id: file.id.0,
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            reference: file.reference,
        };
        Self {
            to: content.to,
            cc: content.cc,
            bcc: content.bcc,
            subject: content.subject,
            text: content.text,
            importance: content.importance as u8,
            files: content.files.into_iter().map(file).collect(),
        }
    }
}

impl From<StoredContent> for DraftContent {
    fn from(stored: StoredContent) -> Self {
        let file = |file: StoredFile| DraftFile {
            id: DraftFileId(file.id),
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            reference: file.reference,
        };
        Self {
            to: stored.to,
            cc: stored.cc,
            bcc: stored.bcc,
            subject: stored.subject,
            text: stored.text,
            importance: importance_from(stored.importance),
            files: stored.files.into_iter().map(file).collect(),
        }
    }
}

impl From<&DraftEdit> for StoredEdit {
    fn from(edit: &DraftEdit) -> Self {
        match edit {
            DraftEdit::Delete { for_good } => Self::Delete { for_good: *for_good },
            DraftEdit::Put(content) => Self::Put(StoredContent::from(&**content)),
        }
    }
}

impl From<StoredEdit> for DraftEdit {
    fn from(stored: StoredEdit) -> Self {
        match stored {
            StoredEdit::Delete { for_good } => Self::Delete { for_good },
            StoredEdit::Put(content) => Self::Put(Box::new(content.into())),
        }
    }
}

fn read<T: for<'de> Deserialize<'de>>(value: ValueRef<'_>) -> FromSqlResult<T> {
    serde_json::from_str(value.as_str()?).map_err(|error| FromSqlError::Other(Box::new(error)))
}

impl FromSql for StoredContent {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        read(value)
    }
}

impl FromSql for StoredEdit {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        read(value)
    }
}

impl ToSql for StoredContent {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(serde_json::to_string(self).expect("texts can be written as JSON").into())
    }
}

impl ToSql for StoredEdit {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(serde_json::to_string(self).expect("texts can be written as JSON").into())
    }
}
