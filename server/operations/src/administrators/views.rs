use crate::{Fault, Operations};
use fleet::administrator::Administrator;

impl Operations {
    /// Lists all administrators by name.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn administrators(&self) -> Result<Vec<Administrator>, Fault> {
        Ok(self.store().administrators().await?)
    }
}
