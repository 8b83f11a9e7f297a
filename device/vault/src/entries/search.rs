//! Search over the entries, by an index that is kept in the same transactions as they are.

use super::view::{entry_columns, view};
use super::{EntryPage, EntryStore};
use crate::AccessError;
use activesync::messages::Class;
use pim::{MailPart, SearchQuery, Term};
use rusqlite::{Connection, params};

const BY_WORDS: &str = "
    SELECT entry.id FROM entry_words CROSS JOIN entry ON entry.id = entry_words.rowid
    WHERE entry_words MATCH ?1 AND hidden = 0 AND (?2 IS NULL OR class = ?2)
    ORDER BY class, complete, sort, entry.id";

impl EntryStore<'_> {
    /// Returns a page of the entries that a query means, in the order of lists; events with the latest first. Conditions that only
    /// mails can fulfil, such as `is:unread`, are fulfilled by none.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn search(
        &self,
        query: &SearchQuery,
        class: Option<Class>,
        offset: u64,
        limit: u32,
    ) -> Result<EntryPage, AccessError> {
        let database = self.0.database()?;
        let of_mails = query.attachment
            || query.flagged
            || query.read.is_some()
            || query.before.is_some()
            || query.after.is_some();
        if of_mails || query.terms.is_empty() {
            return Ok(EntryPage { total: 0, items: Vec::new() });
        }
        let mut found: Vec<i64> = database
            .prepare_cached(BY_WORDS)?
            .query_map(params![expression(&query.terms), class.map(Class::name)], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if class == Some(Class::Calendar) {
            found.reverse();
        }
        let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
        let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
        let wanted = found.into_iter().skip(skipped);
        let items = wanted
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .map(|id| entry(&database, id))
            .collect::<rusqlite::Result<_>>()?;
        Ok(EntryPage { total, items })
    }
}

fn entry(connection: &Connection, id: i64) -> rusqlite::Result<super::EntryView> {
    connection
        .prepare_cached(concat!(entry_columns!(), " WHERE entry.id = ?1"))?
        .query_row([id], view)
}

/// Writes the words in the language of FTS5. People are people here, whether they would send or receive.
fn expression(terms: &[Term]) -> String {
    let mut expression = String::new();
    for term in terms {
        expression.push_str(match term.part {
            None => "\"",
            Some(MailPart::Recipients | MailPart::Sender) => "people : \"",
            Some(MailPart::Subject) => "title : \"",
        });
        // A zero byte would end the expression.
        expression.push_str(&term.text.replace('"', "\"\"").replace('\0', " "));
        expression.push_str(if term.prefix { "\" * " } else { "\" " });
    }
    expression
}
