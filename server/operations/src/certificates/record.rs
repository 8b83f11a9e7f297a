use super::{describe, subject};
use crate::work::never_taken;
use crate::{Fault, Operations};
use audit::{Action, Actor};
use ca::{Holder, Issued, Issuer, Profile, SerialNumber};
use pki::Certificate;
use pki::validate::{Inputs, Use, validate};

impl Operations {
    /// Names the issuer of certificates from before there was a register. The database was brought forward without
    /// knowing it, and what has no issuer is in no revocation list.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    #[tracing::instrument(skip_all, err(level = "debug"))]
    pub async fn name_issuer(&self) -> Result<(), Fault> {
        let issuer = self.authority().issuer().certificate();

        Ok(self.store().name_issuer(issuer.fingerprint()).await?)
    }

    /// Enters the server's own certificates into the register, unless they are there or are not of its authority. They
    /// are made before the database is open, and entered before anybody is shown them.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    #[tracing::instrument(skip_all, err(level = "debug"))]
    pub async fn record_own_certificates(
        &self,
        actor: &Actor,
        certificates: &[(Certificate, Profile)],
    ) -> Result<(), Fault> {
        for (certificate, profile) in certificates {
            let serial = SerialNumber::of(certificate);
            if self.store().issued(&serial).await?.is_some() {
                continue;
            }
            let mut issuers = self.authority().issuers().map(Issuer::certificate);
            if let Some(issuer) = issuers.find(|issuer| is_issued_by(certificate, issuer)) {
                let mut work =
                    self.begin(actor, Action::CertificateIssue, subject(&serial)).await?;
                let holder = Holder::default();
                let issued = Issued::new(certificate, issuer, *profile, holder, work.now());
                describe(&mut work, &issued);
                work.unit.insert_issued(&issued).await.map_err(never_taken)?;
                self.record(work).await?;
            }
        }

        Ok(())
    }
}

fn is_issued_by(certificate: &Certificate, issuer: &Certificate) -> bool {
    let anchors = std::slice::from_ref(issuer);

    // A root is not one of those that it issued, and an anchor would be trusted for itself.
    certificate != issuer
        && validate(certificate, &Inputs::new(anchors, certificate.not_before(), Use::Any)).is_ok()
}
