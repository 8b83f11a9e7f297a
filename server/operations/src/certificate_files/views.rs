use crate::{Fault, Operations};
use fleet::UserId;
use fleet::certificate_file::CertificateFile;

impl Operations {
    /// Lists the certificate files of a person, those that wait and those that are remembered, the newest first.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn certificate_files(&self, user: UserId) -> Result<Vec<CertificateFile>, Fault> {
        Ok(self.store().certificate_files(user).await?)
    }
}
