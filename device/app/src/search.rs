//! Search over the mails on this device.

use crate::app::App;
use crate::error::AccessError;
use crate::lifecycle::Life;
use crate::session::with;
use crate::view::{MessageItem, SearchPage, SearchScope, SyncState, Topic};
use pim::SearchQuery;
use std::sync::Arc;
use std::time::Duration;
use time::UtcOffset;
use vault::Open;
use vault::mail::{FolderId, Scope};

/// How many mails are taken into the index at once.
const STEP: u32 = 100;
/// How long others then have the container to themselves.
const PAUSE: Duration = Duration::from_millis(20);
/// The same while mails are coming in.
const GIVES_WAY: Duration = Duration::from_millis(500);
/// Changes are told; this is only so that nothing waits for ever.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

impl App {
    /// Lists the messages that a query as typed means, newest first; without a network.
    ///
    /// # Errors
    ///
    /// [`AccessError::Missing`] if there is no such folder.
    pub async fn search(
        &self,
        typed: &str,
        scope: SearchScope,
        offset: u64,
        limit: u32,
    ) -> Result<SearchPage, AccessError> {
        let (open, _) = self.life.open().await?;
        let query = SearchQuery::parse(typed);
        let scope = Scope {
            folder: scope.folder.map(|folder| FolderId(folder.0)),
            zone: UtcOffset::from_whole_seconds(i32::from(scope.zone_minutes) * 60)
                .unwrap_or(UtcOffset::UTC),
        };
        let found = with(&open, move |open| open.mail().search(&query, scope, offset, limit));
        let found = found.await?.ok_or(AccessError::Missing)?;

        Ok(SearchPage {
            total: found.page.total,
            items: found.page.items.into_iter().map(MessageItem::from).collect(),
            unindexed: found.unindexed,
        })
    }
}

/// Takes mails into the index that came in large numbers, in steps beside everything else.
pub(crate) async fn fill_index(life: Arc<Life>, open: Open) {
    let mut filling = false;
    loop {
        let seen = life.board.sequence();
        match with(&open, |open| open.mail().index_some(STEP)).await {
            Ok(0) => {
                if std::mem::take(&mut filling) {
                    life.board.changed(Topic::Messages);
                }
                life.board.wait(seen, LONGEST_WAIT).await;
            }
            Ok(_) => {
                filling = true;
                let syncs = life.board.facts().sync.state == SyncState::Syncing;
                tokio::time::sleep(if syncs { GIVES_WAY } else { PAUSE }).await;
            }
            Err(vault::AccessError::Locked) => return,
            Err(vault::AccessError::Fault(error)) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "Mails could not be indexed; the next unlock tries again");
                return;
            }
        }
    }
}
