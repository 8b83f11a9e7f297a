//! Search over the mails: an index of their words, kept in the same transactions as the mails.
//!
//! Words are runs of letters and digits, whatever their case and accents (FTS5's `unicode61`).

use crate::AccessError;
use crate::mail::change::run;
use crate::mail::column::{Count, Moment, People};
use crate::mail::list::item_columns;
use crate::mail::{FolderId, MailStore, MessageId, MessageItem, MessagePage, list};
use ::mail::Mailbox;
use pim::{MailPart, SearchQuery, Term};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::cmp::Reverse;
use time::{Date, UtcOffset};

/// Where to search, and what a day is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Scope {
    /// The folder; all of them if absent.
    pub folder: Option<FolderId>,
    /// In which zone the days of a query begin.
    pub zone: UtcOffset,
}

/// What a search found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// The mails, newest first, and how many there are.
    pub page: MessagePage,
    /// Mails that are not in the index yet, and so were not found by their words.
    pub unindexed: u64,
}

impl MailStore<'_> {
    /// Returns a page of the mails that a query means, newest first, or `None` if there is no such folder.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn search(
        &self,
        query: &SearchQuery,
        scope: Scope,
        offset: u64,
        limit: u32,
    ) -> Result<Option<Found>, AccessError> {
        let database = self.0.database()?;
        if let Some(folder) = scope.folder
            && !exists(&database, folder)?
        {
            return Ok(None);
        }
        let mut found = if query.is_empty() { Vec::new() } else { find(&database, query, scope)? };
        let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
        let items = newest(&mut found, offset, limit)
            .iter()
            .map(|(_, id)| item(&database, *id))
            .collect::<rusqlite::Result<_>>()?;
        let unindexed = unindexed(&database)?;
        Ok(Some(Found { page: MessagePage { total, items }, unindexed }))
    }

    /// Takes at most `most` of the mails into the index that are not in it as they are stored, and returns how many are left.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn index_some(&self, most: u32) -> Result<u64, AccessError> {
        self.transact(|connection| {
            waiting(connection, most)?.into_iter().try_for_each(|id| index(connection, id))?;
            Ok(unindexed(connection)?)
        })
    }
}

/// So many mails are taken into the index with the change that brings them. More, as a first synchronisation brings, would
/// hold it up: they wait for [`MailStore::index_some`].
const AT_ONCE: u32 = 20;

/// Notes that a mail has other words than the index knows.
pub(super) fn outdated(connection: &Connection, id: MessageId) -> rusqlite::Result<()> {
    run(connection, "INSERT OR IGNORE INTO unindexed (message) VALUES (?1)", [id.0])
}

/// Takes mails into the index that have other words than it knows, unless there are many.
pub(super) fn catch_up(connection: &Connection) -> rusqlite::Result<()> {
    let ids = waiting(connection, AT_ONCE + 1)?;
    if ids.len() > AT_ONCE as usize {
        return Ok(());
    }
    ids.into_iter().try_for_each(|id| index(connection, id))
}

/// Lists mails that have other words than the index knows, newest first.
fn waiting(connection: &Connection, most: u32) -> rusqlite::Result<Vec<MessageId>> {
    connection
        .prepare_cached("SELECT message FROM unindexed ORDER BY message DESC LIMIT ?1")?
        .query_map([most], |row| row.get(0).map(MessageId))?
        .collect()
}

/// Takes a mail into the index, as it is stored now.
fn index(connection: &Connection, id: MessageId) -> rusqlite::Result<()> {
    let texts = connection
        .prepare_cached(
            "SELECT from_name || ' ' || from_address, to_people, cc_people, bcc_people, subject, html, content
             FROM message LEFT JOIN body ON body.message = message.id WHERE message.id = ?1",
        )?
        .query_row([id.0], Texts::read)
        .optional()?;
    let Some(texts) = texts else { return Ok(()) };
    let files: Vec<String> = connection
        .prepare_cached(
            "SELECT name FROM attachment WHERE message = ?1 AND inline = 0 ORDER BY position",
        )?
        .query_map([id.0], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    run(
        connection,
        "INSERT OR REPLACE INTO search (rowid, sender, recipients, subject, content, files)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            id.0,
            texts.sender,
            texts.recipients,
            texts.subject,
            texts.content,
            files.join("\n")
        ],
    )?;
    run(connection, "DELETE FROM unindexed WHERE message = ?1", [id.0])
}

/// The words of a mail, by the parts that can be searched by themselves.
struct Texts {
    sender: String,
    recipients: String,
    subject: String,
    content: String,
}

impl Texts {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut recipients = row.get::<_, People>(1)?.0;
        recipients.extend(row.get::<_, People>(2)?.0);
        recipients.extend(row.get::<_, People>(3)?.0);
        let written = |one: &Mailbox| format!("{} {}", one.name, one.address);
        let content: String = row.get::<_, Option<_>>(6)?.unwrap_or_default();
        let html = row.get::<_, Option<bool>>(5)?.unwrap_or_default();
        Ok(Self {
            sender: row.get(0)?,
            recipients: recipients.iter().map(written).collect::<Vec<_>>().join("\n"),
            subject: row.get(4)?,
            content: if html { ::mail::text::from_html(&content) } else { content },
        })
    }
}

/// What has to hold besides the words, with parameters that are NULL or 0 where nothing is asked.
macro_rules! facts {
    () => {
        "shown IS NOT NULL AND (?2 IS NULL OR shown = ?2) AND (?3 = 0 OR attachments > 0)
         AND (?4 IS NULL OR read = ?4) AND (?5 = 0 OR flagged = 1) AND (?6 IS NULL OR received < ?6) AND (?7 IS NULL OR received >= ?7)"
    };
}

const BY_WORDS: &str = concat!(
    "SELECT received, message.id
     FROM search CROSS JOIN message INDEXED BY message_facts ON message.id = search.rowid
     WHERE search MATCH ?1 AND ",
    facts!()
);

const BY_FACTS: &str = concat!(
    "SELECT received, id FROM message INDEXED BY message_facts WHERE id > 0 AND ?1 IS NULL AND ",
    facts!()
);

/// Finds all mails that a query means: when they were received, and their ids.
fn find(
    connection: &Connection,
    query: &SearchQuery,
    scope: Scope,
) -> rusqlite::Result<Vec<(i64, i64)>> {
    let words = (!query.terms.is_empty()).then(|| expression(&query.terms));
    let begins = |day: Date| Moment(day.midnight().assume_offset(scope.zone));
    connection
        .prepare_cached(if words.is_some() { BY_WORDS } else { BY_FACTS })?
        .query_map(
            params![
                words,
                scope.folder.map(|folder| folder.0),
                query.attachment,
                query.read,
                query.flagged,
                query.before.map(begins),
                query.after.map(begins),
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .collect()
}

/// Writes the words in the language of FTS5, in which everything within quotes is text.
fn expression(terms: &[Term]) -> String {
    let mut expression = String::new();
    for term in terms {
        expression.push_str(match term.part {
            None => "\"",
            Some(MailPart::Recipients) => "recipients : \"",
            Some(MailPart::Sender) => "sender : \"",
            Some(MailPart::Subject) => "subject : \"",
        });
        // A zero byte would end the expression.
        expression.push_str(&term.text.replace('"', "\"\"").replace('\0', " "));
        expression.push_str(if term.prefix { "\" * " } else { "\" " });
    }
    expression
}

/// Brings a page into order, newest first; among equals the id decides, as in the list of a folder.
fn newest(found: &mut [(i64, i64)], offset: u64, limit: u32) -> &[(i64, i64)] {
    let start = usize::try_from(offset).unwrap_or(usize::MAX).min(found.len());
    let end = start.saturating_add(usize::try_from(limit).unwrap_or(usize::MAX)).min(found.len());
    if end < found.len() {
        found.select_nth_unstable_by_key(end, |row| Reverse(*row));
    }
    let (wanted, _) = found.split_at_mut(end);
    wanted.sort_unstable_by_key(|row| Reverse(*row));
    wanted.get(start..).unwrap_or_default()
}

fn item(connection: &Connection, id: i64) -> rusqlite::Result<MessageItem> {
    connection
        .prepare_cached(concat!("SELECT ", item_columns!(), " FROM message WHERE id = ?1"))?
        .query_row([id], list::item)
}

fn exists(connection: &Connection, folder: FolderId) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM folder WHERE id = ?1")?.exists([folder.0])
}

fn unindexed(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT count(*) FROM unindexed")?
        .query_row([], |row| row.get::<_, Count>(0).map(|count| count.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    #[test]
    fn a_search_reads_two_indexes_and_no_mail() {
        let directory = tempfile::tempdir().unwrap();
        let connection =
            crate::database::create(directory.path(), &Zeroizing::new([1; 32])).unwrap();
        let plan = |sql: &str| -> Vec<String> {
            let nothing = rusqlite::types::Null;
            connection
                .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
                .unwrap()
                .query_map(params!["x", nothing, 0, nothing, 0, nothing, nothing], |row| row.get(3))
                .unwrap()
                .collect::<rusqlite::Result<_>>()
                .unwrap()
        };

        insta::assert_debug_snapshot!((plan(BY_WORDS), plan(BY_FACTS)), @r#"
        (
            [
                "SCAN search VIRTUAL TABLE INDEX 0:M5",
                "SEARCH message USING COVERING INDEX message_facts (id=? AND shown>?)",
            ],
            [
                "SEARCH message USING COVERING INDEX message_facts (id>?)",
            ],
        )
        "#);
    }

    #[test]
    fn words_are_quoted_for_the_index() {
        let term = |text: &str, part, prefix| Term { part, text: text.to_owned(), prefix };
        let terms = [
            term("a\" OR \"b", None, false),
            term("x\0y", Some(MailPart::Sender), true),
            term("to", Some(MailPart::Recipients), false),
        ];

        assert_eq!(
            expression(&terms),
            "\"a\"\" OR \"\"b\" sender : \"x y\" * recipients : \"to\" "
        );
    }

    #[test]
    fn pages_follow_each_other_without_gaps() {
        let rows = [(5, 1), (9, 2), (5, 3), (1, 4), (9, 5)];
        let page = |offset, limit| newest(&mut rows.clone(), offset, limit).to_vec();

        assert_eq!(page(0, 5), [(9, 5), (9, 2), (5, 3), (5, 1), (1, 4)]);
        assert_eq!(page(0, 2), [(9, 5), (9, 2)]);
        assert_eq!(page(2, 2), [(5, 3), (5, 1)]);
        assert_eq!(page(4, 2), [(1, 4)]);
        assert_eq!(page(u64::MAX, u32::MAX), []);
    }
}
