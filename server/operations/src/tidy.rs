//! Upkeep: what nobody needs any more is forgotten.

use crate::{Fault, Operations};
use fleet::administrator::{FORGOTTEN_AFTER, LONGEST_IDLE, LONGEST_SESSION};
use fleet::certificate_file;

/// How many changes are kept for gateways that were away; further behind, they begin with a snapshot.
const CHANGES_KEPT: u64 = 100_000;

impl Operations {
    /// Erases certificate files that nobody fetched in time, and forgets sessions that are over, registrations that nobody can finish, wrong passwords of long ago and changes
    /// that every gateway has seen. Worth doing once an hour.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    #[tracing::instrument(skip(self), err(level = "debug"))]
    pub async fn tidy(&self) -> Result<(), Fault> {
        let now = self.now();
        self.expire_certificate_files().await?;
        let store = self.store();
        store.forget_certificate_files(now - certificate_file::REMEMBERED).await?;
        store.forget_sessions(now - LONGEST_SESSION, now - LONGEST_IDLE).await?;
        store.forget_guards(now - FORGOTTEN_AFTER).await?;
        store.forget_attempts(now).await?;
        store.forget_changes(CHANGES_KEPT).await?;

        Ok(())
    }
}
