//! What the signatures of a mail that is read need.

use super::{Occasion, Trust};
use mail::smime::Signature;
use pki::fetch::{Allowed, Pursuit};
use pki::validate::{Use, validate};
use std::time::Duration;
use tokio::time::timeout;

/// How long a reader waits for lists and answers; what comes later is there when the mail is read next.
const PATIENCE: Duration = Duration::from_secs(2);

/// What looking for lists and answers came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Followed {
    /// It goes on; what was judged may soon be judged otherwise.
    Late,
    /// Something came: the signatures are to be judged again.
    News,
    /// All is known that can be.
    Nothing,
}

impl Trust {
    /// Fetches what is not known of the revocation of those who signed.
    pub(crate) async fn follow(&self, signatures: &[Signature]) -> Followed {
        let (trust, signatures) = (self.clone(), signatures.to_vec());
        let following = tokio::spawn(async move {
            let mut news = false;
            for signature in signatures {
                news |= trust.follow_one(&signature).await;
            }
            news
        });

        match timeout(PATIENCE, following).await {
            Ok(Ok(true)) => Followed::News,
            Ok(Ok(false)) => Followed::Nothing,
            Ok(Err(_)) | Err(_) => Followed::Late,
        }
    }

    async fn follow_one(&self, signature: &Signature) -> bool {
        let Some(certificate) = &signature.certificate else { return false };
        let mut pursuit = Pursuit::new(Allowed { issuers: false, revocation: true });
        let mut news = false;
        loop {
            let ground = self.ground(&signature.sent);
            let outcome = validate(certificate, &ground.inputs(Use::MailSigning, None));
            let requests = pursuit.next(&outcome, &self.shelf(), (self.0.clock)());
            if requests.is_empty() {
                return news;
            }
            news |= self.fetch(requests, Occasion::Read).await;
        }
    }
}
