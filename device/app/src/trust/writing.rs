//! Whether mail may be encrypted for somebody.

use super::{Occasion, Question, Trust};
use pki::Certificate;
use pki::validate::{Distrusted, PeerName, Use};
use std::time::Duration;
use tokio::time::timeout;

/// How long a writer waits for issuers, lists and answers.
const PATIENCE: Duration = Duration::from_secs(6);

impl Trust {
    /// Judges a certificate for mail to an address; what it takes is fetched, as far as that comes in time.
    pub(crate) async fn judge_recipient(
        &self,
        certificate: &Certificate,
        address: &str,
    ) -> Result<(), Distrusted> {
        let question = Question {
            purpose: Use::MailEncryption,
            name: Some(PeerName::Email(address.to_owned())),
            beside: &[],
            occasion: Occasion::Chosen,
        };
        match timeout(PATIENCE, self.judge(certificate, &question)).await {
            Ok(judged) => judged.map(drop),
            Err(_) => self.judge_by_what_is_known(certificate, &question).map(drop),
        }
    }
}
