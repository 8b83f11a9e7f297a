use crate::{Fault, Operations};
use audit::{Action, Actor, Subject};
use ca::{Issuer, KEPT, PublishedList};
use pki::Certificate;

/// When a revocation list is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ListDue {
    /// If something was revoked or released since the last one, or if that is a day old.
    IfDue,
    /// At once.
    Now,
}

/// A revocation list and whose it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    /// The authority that signed it.
    pub issuer: Certificate,
    /// The list.
    pub list: PublishedList,
}

impl Operations {
    /// Publishes the revocation list of each authority whose key is here, and returns those that are new.
    ///
    /// The number of a list is durable before anybody sees the list.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database or a key fails.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn publish_lists(&self, actor: &Actor, due: ListDue) -> Result<Vec<Listed>, Fault> {
        let mut published = Vec::new();
        let mut failed = None;
        for issuer in self.authority().issuers() {
            // Whoever only looks takes no lock.
            if due == ListDue::IfDue && !self.is_list_due(issuer).await? {
                continue;
            }
            match self.publish(actor, due, issuer).await {
                Ok(list) => published.extend(list),
                // One key that is away keeps back no list of another.
                Err(fault) => failed = failed.or(Some(fault)),
            }
        }

        failed.map_or(Ok(published), Err)
    }

    /// Returns the last revocation list of the authority whose certificate has this SHA-256.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn revocation_list(
        &self,
        issuer: pki::Fingerprint,
    ) -> Result<Option<PublishedList>, Fault> {
        let state = self.store().revocation_list(issuer).await?;

        Ok(state.and_then(|state| state.published))
    }

    async fn is_list_due(&self, issuer: &Issuer) -> Result<bool, Fault> {
        let state = self.store().revocation_list(issuer.certificate().fingerprint()).await?;

        Ok(state.is_none_or(|state| is_due(&state, self)))
    }

    async fn publish(
        &self,
        actor: &Actor,
        due: ListDue,
        issuer: &Issuer,
    ) -> Result<Option<Listed>, Fault> {
        let mut work = self.begin(actor, Action::CrlPublish, Subject::server()).await?;
        let fingerprint = issuer.certificate().fingerprint();
        let state = work.unit.revocation_list(fingerprint).await?;
        // Another process may have been faster.
        if due == ListDue::IfDue && !is_due(&state, self) {
            work.unit.roll_back().await?;
            return Ok(None);
        }
        let now = work.now();
        let revoked = work.unit.revoked_by(fingerprint, now - KEPT).await?;
        let list = issuer
            .issue_list(&revoked, state.number(), now)
            .map_err(|error| Fault::signing("making a revocation list", error))?;
        work.unit.save_revocation_list(fingerprint, &state, &list).await?;
        work.note("issuer", issuer.certificate().subject());
        work.note("crl_number", list.number);
        work.note("revoked", revoked.len());
        work.note_moment("next_update", list.next_update);
        self.record(work).await?;

        Ok(Some(Listed { issuer: issuer.certificate().clone(), list }))
    }
}

fn is_due(state: &store::ListState, operations: &Operations) -> bool {
    let is_old = |list: &PublishedList| list.is_due(operations.now());

    state.is_outdated || state.published.as_ref().is_none_or(is_old)
}
