//! What a person asks of the mail server directly: it is done at once, or they are told why not.

mod error;
mod folders;

pub use error::ErrandError;

use crate::app::App;
use crate::session::Wish;
use pim::{Errand, Reply};

impl App {
    async fn run(&self, errand: Errand) -> Result<Reply, ErrandError> {
        let session = self.life.session().await?;

        Ok(session.ask(|done| Wish::Run { errand, done }).await??)
    }
}
