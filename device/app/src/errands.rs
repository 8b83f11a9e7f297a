//! What a person asks of the mail server directly: it is done at once, or they are told why not.

mod directory;
mod error;
mod folders;
mod mailbox;
mod out_of_office;
mod people;

pub use activesync::messages::FreeBusy;
pub use error::ErrandError;
pub use people::{
    CertificateHolder, CertificateVerdict, CertificatesFound, NamedCertificates, PersonCertificate,
};
pub use pim::{
    AutoReply, Away, Candidate, DirectoryPage, DirectoryPerson, FreeTime, Meant, NamedPeople,
    OutOfOffice, OutOfOfficeChange, Period, Text as ReplyText,
};

use crate::app::App;
use crate::session::Wish;
use pim::{Errand, Reply};
use uuid::Uuid;

impl App {
    pub(crate) async fn run(&self, errand: Errand) -> Result<Reply, ErrandError> {
        let session = self.life.session().await?;

        Ok(session.ask(|done| Wish::Run { errand, done }).await??)
    }
}

/// The GUID that a search has on the server.
fn search_id() -> String {
    Uuid::new_v4().to_string()
}
