//! Whom the app trusts, and finding out: settings, what was fetched before, and the network.
//!
//! ```text
//!   settings: roots ─┐
//!   chain, platform ─┼─► Ground ──► validate ──► Pursuit ──► network
//!   Shelf ───────────┘                 ▲                       │
//!     ▲  └── container                 └──────── Shelf ◄───────┘
//! ```
//!
//! What is fetched when:
//! - Lists and OCSP answers: of certificates that lead to a trusted authority, wherever they are.
//! - Issuers: of the own certificate, wherever they are; of certificates that the person chose, on the internet, if the
//!   settings allow it; of those that came with a mail, never. Else a mail could tell its sender that it was read.

mod fetching;
mod ground;
mod own;
mod reading;
mod writing;

pub(crate) use ground::Ground;
pub use own::CertificateFault;
pub(crate) use reading::Followed;

use crate::app::Clock;
use crate::lifecycle::Life;
use pki::Certificate;
use pki::fetch::{Allowed, Pursuit, Shelf, Source};
use pki::validate::{Distrusted, PeerName, Trusted, Use, validate};
use policy::{CertificateSettings, Document};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;
use vault::{AccessError, Open};

/// The longest time between two looks at what is due.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);
/// The shortest time between two looks, whatever is due.
const SHORTEST_SLEEP: Duration = Duration::from_secs(60);

/// Judges certificates for as long as the container is open. Clones share what they know.
#[derive(Clone, Debug)]
pub(crate) struct Trust(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    open: Open,
    authority: Certificate,
    settings: watch::Receiver<Arc<Document>>,
    clock: Clock,
    shelf: Mutex<Shelf>,
    platform: OnceLock<Vec<Certificate>>,
}

/// Why a certificate is judged, which says what may be fetched for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Occasion {
    /// The person chose whose it is, for instance to write to them.
    Chosen,
    /// It is the person's own.
    Own,
    /// It came with a mail that is read.
    Read,
}

/// What is asked of a certificate.
#[derive(Clone, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) purpose: Use,
    pub(crate) name: Option<PeerName>,
    /// Certificates that came with it.
    pub(crate) beside: &'a [Certificate],
    pub(crate) occasion: Occasion,
}

/// Fetches anew what is due for as long as the container is open, and locks it once the own certificate is revoked, if the settings
/// ask for a valid one.
pub(crate) async fn keep_fresh(life: Arc<Life>, trust: Trust) {
    loop {
        trust.freshen().await;
        if trust.is_own_revoked() {
            // Locking ends this very task, so another one does it.
            tokio::spawn(async move { life.lock().await });
            return;
        }
        sleep(trust.pause()).await;
    }
}

impl Trust {
    /// Takes up what was fetched before.
    pub(crate) fn load(
        open: &Open,
        authority: Certificate,
        settings: watch::Receiver<Arc<Document>>,
        clock: Clock,
    ) -> Result<Self, AccessError> {
        let kept = open.fetched()?;
        let mut shelf = Shelf::default();
        for fetched in kept {
            let issuer = fetched.issuer.and_then(|der| Certificate::from_der(&der).ok());
            let put = fetched.source.parse().map(|source: Source| {
                shelf.put(&source, issuer.as_ref(), &fetched.content, fetched.came)
            });
            if !matches!(put, Ok(Ok(()))) {
                tracing::debug!(source = fetched.source, "What was fetched is of no use any more");
            }
        }
        let inner = Inner {
            open: open.clone(),
            authority,
            settings,
            clock,
            shelf: Mutex::new(shelf),
            platform: OnceLock::new(),
        };

        Ok(Self(Arc::new(inner)))
    }

    /// Validates a certificate, and fetches what that takes.
    pub(crate) async fn judge(
        &self,
        certificate: &Certificate,
        question: &Question<'_>,
    ) -> Result<Trusted, Distrusted> {
        let occasion = question.occasion;
        let settings = self.settings();
        let issuers = match occasion {
            Occasion::Own => true,
            Occasion::Chosen => settings.fetch_issuers,
            Occasion::Read => false,
        };
        let mut pursuit = Pursuit::new(Allowed { issuers, revocation: true });
        loop {
            let outcome = self.judge_by_what_is_known(certificate, question);
            let now = (self.0.clock)();
            let requests = pursuit.next(&outcome, &self.shelf(), now);
            if requests.is_empty() {
                return outcome;
            }
            self.fetch(requests, occasion).await;
        }
    }

    /// Validates a certificate without the network.
    pub(crate) fn judge_by_what_is_known(
        &self,
        certificate: &Certificate,
        question: &Question<'_>,
    ) -> Result<Trusted, Distrusted> {
        let ground = self.ground(question.beside);

        validate(certificate, &ground.inputs(question.purpose, question.name.clone()))
    }

    /// Fetches anew what is due.
    async fn freshen(&self) {
        let now = (self.0.clock)();
        let due = self.shelf().due(now).into_iter();
        let due = due.map(|(source, issuer)| pki::fetch::Request { source, issuer });
        self.fetch(due.collect(), Occasion::Chosen).await;
        self.forget_what_ended().await;
    }

    /// How long nothing is due.
    fn pause(&self) -> Duration {
        let next = self.shelf().next_due().map(|next| next - (self.0.clock)());
        let next = next.map(|next| Duration::try_from(next).unwrap_or_default());

        next.unwrap_or(LONGEST_SLEEP).clamp(SHORTEST_SLEEP, LONGEST_SLEEP)
    }

    fn settings(&self) -> CertificateSettings {
        self.0.settings.borrow().settings.certificates.clone()
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
