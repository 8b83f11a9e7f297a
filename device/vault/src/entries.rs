//! Contacts, events, tasks and notes at rest.
//!
//! ```text
//!   pim: Change, Change, … ──MailStore::store──► one transaction: entry, edit, conflict, words
//!   pim: Saved.edits ◄──saved── edits, whole                        screens ◄── lists, times, words, single entries
//! ```
//!
//! Invariants:
//! - What is shown of an entry is what its edit wants, and what the server said where there is none.
//! - An entry with an edit goes only when a change says so by its own id, or with its folder.
//! - An edit is stored in the transaction that makes what it edits look so.
//! - Times, order and words are those of what is shown, after every transaction.

mod change;
mod drawn;
mod edit;
mod list;
mod meetings;
mod search;
mod times;
mod view;
mod words;

pub use list::{EntryPage, Listed};
pub use meetings::MeetingNews;
pub use view::{EntryConflict, EntryPlace, EntryState, EntryView};

pub(crate) use change::{
    drop_entry, end_round, patch, put, put_conflict, put_edit, remove, remove_edit,
};
pub(crate) use edit::records;
pub(crate) use meetings::owe_news;

use crate::database::Part;
use crate::mail::{FolderId, FolderView, folders};
use crate::{AccessError, Open};
use activesync::messages::{Class, FolderKind, Item};
use pim::{CollectionId, EditRecord, EntryId};

pub(crate) const PART: Part = Part {
    name: "entries",
    steps: &[include_str!("entries/schema.sql"), include_str!("entries/meetings.sql")],
};

/// The entries of an open container.
#[derive(Debug)]
pub struct EntryStore<'a>(&'a Open);

impl Open {
    /// Returns the contacts, events, tasks and notes.
    pub fn entries(&self) -> EntryStore<'_> {
        EntryStore(self)
    }
}

impl EntryStore<'_> {
    /// Adds an entry that the server does not know yet, durable on return, and returns the edit that tells it; `None` if there is no
    /// such folder.
    ///
    /// `client_id` is what the server is to know the entry by, the same at each try. With `invites`, others have to be told of the
    /// meeting, by this id.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn add(
        &self,
        folder: FolderId,
        client_id: &str,
        item: &Item,
        invites: Option<&str>,
    ) -> Result<Option<EditRecord>, AccessError> {
        self.0.mail().transact(|connection| {
            let added = change::add(connection, folder, client_id, item)?;
            if let (Some(record), Some(uid)) = (&added, invites) {
                owe_news(connection, uid, record.entry, None, false)?;
            }
            Ok(added)
        })
    }

    /// Forgets what was kept of two changes that met; `false` if there is nothing to forget.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn settle_conflict(&self, entry: EntryId) -> Result<bool, AccessError> {
        self.0.mail().transact(|connection| {
            let gone = connection
                .prepare_cached("DELETE FROM conflict WHERE entry = ?1")?
                .execute([entry.0])?;
            Ok(gone > 0)
        })
    }

    /// Returns the folders of a class, in the order in which they came; their totals are those of the entries shown.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn folders(&self, class: Class) -> Result<Vec<FolderView>, AccessError> {
        let database = self.0.database()?;
        let folders = folders::views(&database)?;
        let mut count = database
            .prepare_cached("SELECT count(*) FROM entry WHERE folder = ?1 AND hidden = 0")?;
        let folders = folders.into_iter().filter(|folder| folder.kind.class() == Some(class));
        folders
            .map(|folder| {
                let total: i64 = count.query_row([folder.id.0], |row| row.get(0))?;
                Ok(FolderView { total: total.unsigned_abs(), unread: 0, ..folder })
            })
            .collect()
    }

    /// Returns what the server calls the folders of a class.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn collections(&self, class: Class) -> Result<Vec<CollectionId>, AccessError> {
        let database = self.0.database()?;
        let folders = database
            .prepare_cached("SELECT server_id, kind FROM folder ORDER BY id")?
            .query_map([], |row| {
                Ok((CollectionId(row.get(0)?), FolderKind::from_code(row.get(1)?)))
            })?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let of_class = folders.into_iter().filter(|(_, kind)| kind.class() == Some(class));
        Ok(of_class.map(|(id, _)| id).collect())
    }

    /// Returns the folder in which new entries of a class go: the server's own one, else the first; `None` while there is none.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn default_folder(&self, class: Class) -> Result<Option<FolderId>, AccessError> {
        let own = match class {
            Class::Calendar => FolderKind::Calendar,
            Class::Contacts => FolderKind::Contacts,
            Class::Email => FolderKind::Inbox,
            Class::Notes => FolderKind::Notes,
            Class::Tasks => FolderKind::Tasks,
        };
        let folders = self.folders(class)?;
        let folder = folders.iter().find(|folder| folder.kind == own).or(folders.first());
        Ok(folder.map(|folder| folder.id))
    }
}
