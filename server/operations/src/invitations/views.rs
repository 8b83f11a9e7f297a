use crate::{Fault, Operations};
use fleet::list::{InvitationFilter, InvitationItem, Listing, Page};

impl Operations {
    /// Lists invitations, newest first.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn invitations(
        &self,
        filter: &InvitationFilter,
        page: Page,
    ) -> Result<Listing<InvitationItem>, Fault> {
        Ok(self.store().invitations(filter, page).await?)
    }
}
