use super::{describe, subject};
use crate::work::{never_taken, random};
use crate::{Fault, Operations};
use audit::{Action, Actor};
use ca::{Holder, Issued, Profile, SerialNumber, Signer, renewal_due};
use keys::{PrivateKey as _, SoftwareKey};
use pki::{OcspQuestion, OcspRefusal, OcspStatus, OcspTerm, Serial, answer_ocsp};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// How long an answer may be relied upon.
const LIFE: Duration = Duration::hours(1);

/// An answer in DER.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OcspReply {
    /// The bytes.
    pub der: Vec<u8>,
    /// Whether it answers everybody with the same question: it says something, and repeats no nonce.
    pub is_lasting: bool,
}

impl Operations {
    /// Answers whether certificates of this authority were revoked, from the register as it is at this moment.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database or a key fails.
    #[tracing::instrument(skip_all, err(level = "debug"))]
    pub async fn answer_ocsp(&self, question: &[u8]) -> Result<OcspReply, Fault> {
        let Ok(question) = OcspQuestion::from_der(question) else {
            return refusal(OcspRefusal::MalformedRequest);
        };
        let issuer = self.authority().issuer().certificate();
        if !question.is_about(issuer) {
            return refusal(OcspRefusal::Unauthorized);
        }
        let mut statuses = Vec::new();
        for serial in question.serials() {
            let issued = self.store().issued(&SerialNumber::from_octets(serial)).await?;
            let issued = issued.filter(|issued| issued.issuer == issuer.fingerprint());
            statuses.push(match issued.map(|issued| issued.revocation) {
                None => OcspStatus::Unknown,
                Some(None) => OcspStatus::Good,
                Some(Some(revocation)) => OcspStatus::Revoked(revocation),
            });
        }
        let now = self.now();
        let responder = match self.responder(now).await {
            Ok(responder) => responder,
            Err(Fault::Unsigned { .. }) => return refusal(OcspRefusal::TryLater),
            Err(fault) => return Err(fault),
        };
        // The clocks of those who ask may be behind.
        let this_update = now - Duration::minutes(5);
        let term = OcspTerm { this_update, next_update: now + LIFE };
        let (certificate, key) = (&responder.certificate, responder.key.as_ref());
        let der = answer_ocsp(&question, &statuses, term, certificate, key)
            .map_err(|error| Fault::broken("signing an OCSP answer", error))?;

        Ok(OcspReply { der, is_lasting: question.nonce().is_none() })
    }

    /// Returns what answers are signed with, and makes it anew when a third of its life is left, or later if the
    /// authority's key is away then.
    async fn responder(&self, now: OffsetDateTime) -> Result<Signer, Fault> {
        let mut responder = self.ocsp_responder().lock().await;
        match &*responder {
            Some(signer) if !renewal_due(&signer.certificate, now) => return Ok(signer.clone()),
            Some(_) | None => {}
        }
        let made = match (self.make_responder(now).await, responder.take()) {
            (Err(Fault::Unsigned { .. }), Some(last))
                if now + LIFE < last.certificate.not_after() =>
            {
                last
            }
            (made, _) => made?,
        };

        Ok(responder.insert(made).clone())
    }

    /// Makes a key, which is in memory only and gone with the process, and its certificate.
    async fn make_responder(&self, now: OffsetDateTime) -> Result<Signer, Fault> {
        let key = SoftwareKey::make_p256().map_err(|error| Fault::broken("making a key", error))?;
        let root = self.authority().issuer();
        let certificate = root
            .issue_ocsp(key.public_key(), Serial::from_random(random()?), now)
            .map_err(|error| Fault::signing("issuing the certificate of the responder", error))?;
        let issuer = root.certificate();
        let issued = Issued::new(&certificate, issuer, Profile::Ocsp, Holder::default(), now);
        let place = subject(&issued.serial);
        let mut work = self.begin(&Actor::Server, Action::CertificateIssue, place).await?;
        describe(&mut work, &issued);
        work.unit.insert_issued(&issued).await.map_err(never_taken)?;
        self.record(work).await?;

        Ok(Signer { certificate, key: Arc::new(key) })
    }
}

fn refusal(refusal: OcspRefusal) -> Result<OcspReply, Fault> {
    let der = refusal.to_der().map_err(|error| Fault::broken("writing an OCSP answer", error))?;

    Ok(OcspReply { der, is_lasting: false })
}
