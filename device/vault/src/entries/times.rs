//! Events by their times.

use super::view::{entry_columns, view};
use super::{EntryStore, EntryView};
use crate::AccessError;
use crate::mail::{FolderId, Moment};
use rusqlite::params;
use std::ops::Range;
use time::OffsetDateTime;

const BETWEEN: &str = concat!(
    entry_columns!(),
    " WHERE entry.id IN (
         SELECT id FROM entry INDEXED BY entry_time
         WHERE starts IS NOT NULL AND starts < ?2 AND (ends IS NULL OR ends > ?1 OR starts >= ?1) AND hidden = 0
             AND (?3 IS NULL OR folder = ?3))
      ORDER BY sort, entry.id"
);

impl EntryStore<'_> {
    /// Returns the events that may take place in a window, by their first start: single events that overlap it, and series whose
    /// occurrences and exceptions lie around it. When a series takes place is for the caller to tell.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn events(
        &self,
        window: &Range<OffsetDateTime>,
        folder: Option<FolderId>,
    ) -> Result<Vec<EntryView>, AccessError> {
        let database = self.0.database()?;
        let folder = folder.map(|folder| folder.0);
        let events = database
            .prepare_cached(BETWEEN)?
            .query_map(params![Moment(window.start), Moment(window.end), folder], view)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(events)
    }
}
