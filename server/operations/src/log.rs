//! The audit log.

use crate::{Fault, Operations};
use audit::{Event, Filter};
use fleet::list::{Listing, Page};

impl Operations {
    /// Lists audit events, newest first.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn audit_events(&self, filter: &Filter, page: Page) -> Result<Listing<Event>, Fault> {
        Ok(self.store().audit_events(filter, page).await?)
    }
}
