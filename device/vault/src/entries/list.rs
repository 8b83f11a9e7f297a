//! Lists of entries.

use super::view::{entry_columns, view};
use super::{EntryStore, EntryView};
use crate::AccessError;
use crate::mail::{Count, FolderId};
use activesync::messages::Class;
use rusqlite::params;

/// A page of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntryPage {
    /// Entries in the list.
    pub total: u64,
    /// Those of this page.
    pub items: Vec<EntryView>,
}

/// What is listed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Listed {
    /// Entries of this class.
    pub class: Class,
    /// In this folder; in all of them if absent.
    pub folder: Option<FolderId>,
    /// Tasks that are done, or that are not; both if absent.
    pub complete: Option<bool>,
}

/// What has to hold of a listed entry.
macro_rules! listed {
    () => {
        "class = ?1 AND hidden = 0 AND complete BETWEEN ?2 AND ?3 AND (?4 IS NULL OR folder = ?4)"
    };
}

const TOTAL: &str = concat!("SELECT count(*) FROM entry WHERE ", listed!());

/// Skips along the index, and reads the rows of the page alone.
const PAGE: &str = concat!(
    "WITH page AS MATERIALIZED (
         SELECT id FROM entry INDEXED BY entry_list WHERE ",
    listed!(),
    " ORDER BY complete, sort, id LIMIT ?5 OFFSET ?6) ",
    entry_columns!(),
    " WHERE entry.id IN page ORDER BY complete, sort, entry.id"
);

impl EntryStore<'_> {
    /// Returns a page of a list: contacts and notes by their names, tasks by when they are due with those that are done at the end,
    /// events by their start.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn list(&self, listed: Listed, offset: u64, limit: u32) -> Result<EntryPage, AccessError> {
        let database = self.0.database()?;
        let (least, most) = listed.complete.map_or((false, true), |complete| (complete, complete));
        let folder = listed.folder.map(|folder| folder.0);
        let class = listed.class.name();
        let total: Count = database
            .prepare_cached(TOTAL)?
            .query_row(params![class, least, most, folder], |row| row.get(0))?;
        let items = database
            .prepare_cached(PAGE)?
            .query_map(params![class, least, most, folder, limit, Count(offset)], view)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(EntryPage { total: total.0, items })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    #[test]
    fn a_page_is_found_by_the_index_alone() {
        let directory = tempfile::tempdir().unwrap();
        let connection =
            crate::database::create(directory.path(), &Zeroizing::new([1; 32])).unwrap();

        let plan: Vec<String> = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {PAGE}"))
            .unwrap()
            .query_map(params!["Contacts", 0, 1, None::<i64>, 50, 0], |row| row.get(3))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();

        insta::assert_debug_snapshot!(plan, @r#"
        [
            "SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)",
            "LIST SUBQUERY 2",
            "MATERIALIZE page",
            "SEARCH entry USING COVERING INDEX entry_list (class=? AND hidden=? AND complete>? AND complete<?)",
            "SCAN page",
            "CREATE BLOOM FILTER",
            "SEARCH edit USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
            "SEARCH conflict USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
            "USE TEMP B-TREE FOR ORDER BY",
        ]
        "#);
    }
}
