use crate::{Fault, Operations};
use audit::{Action, Actor, Subject};

impl Operations {
    /// Records that the server was set up, with the authority that everything leads to from here on.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn record_set_up(&self, actor: &Actor) -> Result<(), Fault> {
        let mut work = self.begin(actor, Action::ServerInitialise, Subject::server()).await?;
        work.note("authority", self.authority().issuer().certificate().fingerprint());
        work.note("public_url", self.public_url());

        self.record(work).await
    }
}
