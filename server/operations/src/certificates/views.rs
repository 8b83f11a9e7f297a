use crate::{Fault, Operations};
use ca::{Issued, SerialNumber};
use fleet::list::{Listing, Page};
use store::IssuedFilter;

impl Operations {
    /// Finds a certificate in the register.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn certificate(&self, serial: &SerialNumber) -> Result<Option<Issued>, Fault> {
        Ok(self.store().issued(serial).await?)
    }

    /// Lists the certificates in the register, the last one that was issued first.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn certificates(
        &self,
        filter: &IssuedFilter,
        page: Page,
    ) -> Result<Listing<Issued>, Fault> {
        Ok(self.store().issued_certificates(filter, page).await?)
    }
}
