use crate::{Fault, Operations};
use ca::{Issued, SerialNumber};
use fleet::list::{Listing, Page};
use store::{HolderNames, IssuedFilter};

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
        Ok(self.store().issued_certificates(filter, page, self.now()).await?)
    }

    /// Finds what the holders of certificates are called.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn holder_names(&self, certificates: &[Issued]) -> Result<HolderNames, Fault> {
        let holders: Vec<_> = certificates.iter().map(|issued| issued.holder).collect();

        Ok(self.store().holder_names(&holders).await?)
    }
}
