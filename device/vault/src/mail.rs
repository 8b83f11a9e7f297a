//! The mailbox at rest: folders, messages, attachments, what waits to be sent, and how far synchronisation is.
//!
//! ```text
//!   pim: Change, Change, … ──store──► one transaction: key + items + counts      files/mail/<id>: attachments, outbox
//!   pim: Saved ◄──saved── folders, keys, uploads, outbox; no mails                    screens ◄── pages, messages
//! ```
//!
//! Invariants:
//! - Changes that were handed over together are stored together or not at all.
//! - The counts of a folder are those of its rows after every transaction; triggers see to it.
//! - The index of words knows each mail as its row has it, or the mail is listed as unindexed.
//! - A file is on disk before a row names it, and goes after the row is gone; what a crash leaves is swept.
//! - Where a mail is shown is apart from where the server has it: `shown` follows the user at once, `folder` follows the server.
//! - A mail in the outbox has its ClientId, its Message-ID and its bytes on disk before its id is known to anybody.

mod attachments;
mod change;
mod column;
mod conversation;
mod drafts;
mod enforce;
pub(crate) mod folders;
mod list;
mod messages;
pub(crate) mod outbox;
mod parts;
mod saved;
mod search;
mod sources;
mod view;
mod wanted;

pub use attachments::{AttachmentId, AttachmentView};
pub use drafts::{
    DraftChange, DraftFileId, DraftFileView, DraftId, DraftKind, DraftState, DraftText, DraftView,
};
pub use folders::{FolderId, FolderView};
pub use list::{MessageItem, MessagePage};
pub use messages::{MessageId, UnfetchedPlace};
pub use outbox::{NewMail, Original, OutboxView};
pub use search::{Found, Scope};
pub use view::MessageView;

pub(crate) use change::run;
pub(crate) use column::{Count, Moment};

use crate::database::Part;
use crate::{AccessError, Database, Fault, FileId, FileOwner, Open};
use rusqlite::{Connection, TransactionBehavior};
use std::collections::BTreeSet;

pub(crate) const PART: Part = Part {
    name: "mail",
    steps: &[
        include_str!("mail/schema.sql"),
        // The settings of the mail server's policy, in JSON: pairs of name and value.
        "ALTER TABLE account ADD COLUMN demands TEXT NOT NULL DEFAULT '[]'",
        include_str!("mail/search.sql"),
        include_str!("mail/wanted.sql"),
        // What the server adds to a mail: nothing (0), the text of the original (1), its text and its files (2).
        "ALTER TABLE outgoing ADD COLUMN composition INTEGER NOT NULL DEFAULT 0;
         ALTER TABLE outgoing ADD COLUMN original INTEGER REFERENCES message (id) ON DELETE SET NULL;
         CREATE INDEX outgoing_original ON outgoing (original) WHERE original IS NOT NULL",
        include_str!("mail/drafts.sql"),
        // The meeting that a mail is about, as WBXML; NULL if it is about none.
        "ALTER TABLE message ADD COLUMN meeting BLOB",
        // Until when the mail server is told that its order to wipe was obeyed.
        "ALTER TABLE account ADD COLUMN wipe_until INTEGER",
        // What a flag says beside state, day and completion, in JSON.
        "ALTER TABLE message ADD COLUMN flag_details TEXT",
        include_str!("mail/parts.sql"),
        include_str!("mail/drafts_on_server.sql"),
        include_str!("mail/sources.sql"),
        // A draft of a mail that is to be encrypted stays on this device.
        "ALTER TABLE draft ADD COLUMN held INTEGER NOT NULL DEFAULT 0",
    ],
};

/// The mail of an open container.
#[derive(Debug)]
pub struct MailStore<'a>(&'a Open);

impl Open {
    /// Returns the mail.
    pub fn mail(&self) -> MailStore<'_> {
        MailStore(self)
    }
}

impl MailStore<'_> {
    /// Removes files of the mailbox that no row names, and returns how many went: for once after unlocking.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn sweep(&self) -> Result<usize, AccessError> {
        // Held to the end: what is put meanwhile is found missing by whoever wants to name it.
        let database = self.0.database()?;
        // What was thrown away before the server ever saw it, and before synchronisation heard of that.
        database.execute(
            "DELETE FROM draft WHERE deletion > 0 AND message IS NULL AND sent IS NULL",
            [],
        )?;
        let named: BTreeSet<FileId> = database
            .prepare_cached(
                "SELECT file FROM attachment WHERE file IS NOT NULL UNION ALL SELECT file FROM outgoing
                 UNION ALL SELECT file FROM draft_file WHERE file IS NOT NULL
                 UNION ALL SELECT file FROM attachment_part UNION ALL SELECT file FROM source",
            )?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let removed = self.0.files(FileOwner::MAIL).sweep(&named)?;
        database.execute("DELETE FROM stale_file", [])?;
        Ok(removed)
    }

    /// Runs `work` in one transaction; nothing of it is stored if it fails.
    pub(crate) fn transact<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, AccessError>,
    ) -> Result<T, AccessError> {
        self.commit(&mut self.0.database()?, work)
    }

    /// Writes a file and then the row that names it.
    fn transact_with_file<T>(
        &self,
        content: &[u8],
        work: impl FnOnce(&Connection, FileId) -> Result<T, AccessError>,
    ) -> Result<T, AccessError> {
        self.transact_with_files(&[content], |connection, files| match files {
            [file] => work(connection, *file),
            _ => Err(Fault::damaged("the list of files just written").into()),
        })
    }

    /// Writes files and then the rows that name them.
    pub(crate) fn transact_with_files<T>(
        &self,
        contents: &[&[u8]],
        work: impl FnOnce(&Connection, &[FileId]) -> Result<T, AccessError>,
    ) -> Result<T, AccessError> {
        let files = self.0.files(FileOwner::MAIL);
        // Outside the lock on the database, because a large one takes its time.
        let mut put =
            contents.iter().map(|content| files.put(content)).collect::<Result<Vec<_>, _>>()?;
        let mut database = self.0.database()?;
        for (file, content) in put.iter_mut().zip(contents) {
            if !files.contains(*file)? {
                // A sweep came between and took the file for an orphan.
                *file = files.put(content)?;
            }
        }
        self.commit(&mut database, |connection| work(connection, &put))
    }

    fn commit<T>(
        &self,
        database: &mut Database<'_>,
        work: impl FnOnce(&Connection) -> Result<T, AccessError>,
    ) -> Result<T, AccessError> {
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        if let Err(error) = self.remove_stale_files(database) {
            // The rows are gone and stay gone; the files go with the next commit or sweep.
            tracing::warn!(%error, "files of removed mails could not be removed");
        }
        Ok(done)
    }

    fn remove_stale_files(&self, database: &Connection) -> Result<(), Fault> {
        let stale: Vec<FileId> = database
            .prepare_cached("SELECT file FROM stale_file")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for file in &stale {
            self.0.files(FileOwner::MAIL).remove(*file)?;
            database.prepare_cached("DELETE FROM stale_file WHERE file = ?1")?.execute([file])?;
        }
        Ok(())
    }
}
