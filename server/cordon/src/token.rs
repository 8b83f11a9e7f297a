//! The authority's keys on tokens: security modules and smart cards, by PKCS#11.
//!
//! ```text
//!   closed ──log in──► open ──sign──► signature, checked
//!     ▲                 │
//!     │              it fails
//!     └── a pause ◄─────┘      or does not answer: nobody waits for long
//! ```
//!
//! # Invariants
//!
//! - A PIN that the token refused is not tried again, also by the next start of the program: a few wrong ones block a token.
//! - No signature leaves that the key of the certificate did not make.

mod link;
mod pin;
mod place;

pub(crate) use place::OnToken;

use crate::seal::Secrets;
use anyhow::{Context as _, Error, Result, bail};
use keys::{KeyError, KeyTransport, PrivateKey, Signature, SignatureAlgorithm};
use link::{Door, Link};
use pin::Pin;
use pkcs11::Error as TokenError;
use pki::{Certificate, KeyKind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::{Handle, RuntimeFlavor};
use zeroize::Zeroizing;

/// How long a signature is waited for, and whoever waits for it may hold the database.
const PATIENCE: Duration = Duration::from_secs(4);

/// How long a token is waited for at start.
const PATIENCE_AT_START: Duration = Duration::from_secs(30);

/// Which of the authority's keys it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    /// The one that issues.
    Authority,
    /// The root above it.
    Root,
}

impl Role {
    /// The name of its files in the data folder.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Authority => "authority",
            Self::Root => "root",
        }
    }

    /// The setting that names its place.
    pub(crate) const fn setting(self) -> &'static str {
        match self {
            Self::Authority => "authority.key",
            Self::Root => "authority.root_key",
        }
    }
}

/// A key on a token that may be away, and come back.
#[derive(Debug)]
pub(crate) struct TokenKey {
    role: Role,
    public: Vec<u8>,
    algorithm: [SignatureAlgorithm; 1],
    shared: Arc<Shared>,
}

/// What is used on threads of their own.
#[derive(Debug)]
struct Shared {
    link: Mutex<Link>,
    /// Since when the token is asked something.
    busy: Mutex<Option<Instant>>,
}

/// As long as it lives, a token is asked something.
struct Busy<'a>(&'a Mutex<Option<Instant>>);

impl<'a> Busy<'a> {
    fn begin(since: &'a Mutex<Option<Instant>>) -> Self {
        *since.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());

        Self(since)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl TokenKey {
    /// Names the key of a certificate; the token is looked for when it is to sign.
    pub(crate) fn of(
        certificate: &Certificate,
        role: Role,
        place: &OnToken,
        secrets: &Secrets,
    ) -> Result<Self> {
        let door = door(role, place, secrets)?;

        Self::new(role, Link::to(door, certificate.public_key().to_vec()))
    }

    /// Finds the key, or makes it if the token has none of this name.
    pub(crate) fn find_or_make(role: Role, place: &OnToken, secrets: &Secrets) -> Result<Self> {
        Self::new(role, Link::find_or_make(door(role, place, secrets)?)?)
    }

    fn new(role: Role, link: Link) -> Result<Self> {
        let public = link.public_key().to_vec();
        let algorithm = algorithm(&public).context(role.setting())?;
        let shared = Shared { link: Mutex::new(link), busy: Mutex::default() };

        Ok(Self { role, public, algorithm: [algorithm], shared: Arc::new(shared) })
    }

    /// Logs in to the token and finds the key, which must be that of the certificate.
    pub(crate) fn connect(&self) -> Result<()> {
        self.ask(PATIENCE_AT_START, Link::connect).unwrap_or_else(|| bail!(self.silence()))
    }

    /// Tells whether its token is there, without logging in.
    pub(crate) fn is_there(&self) -> bool {
        self.ask(PATIENCE, |link| link.is_there()).unwrap_or(false)
    }

    /// Asks the token on a thread of its own: one that does not answer holds up nobody for long, and is asked
    /// nothing more until it does.
    fn ask<T: Send + 'static>(
        &self,
        patience: Duration,
        ask: impl FnOnce(&mut Link) -> T + Send + 'static,
    ) -> Option<T> {
        let since = *self.shared.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if since.is_some_and(|since| since.elapsed() >= PATIENCE) {
            return None;
        }
        let (sender, answer) = mpsc::channel();
        let shared = Arc::clone(&self.shared);
        let run = move || {
            let mut link = shared.link.lock().unwrap_or_else(PoisonError::into_inner);
            let busy = Busy::begin(&shared.busy);
            let outcome = ask(&mut link);
            drop(busy);
            // Nobody may wait any more.
            drop(sender.send(outcome));
        };
        let asking = thread::Builder::new().name("token".to_owned()).spawn(run).ok()?;
        let answer = aside(|| {
            let answer = answer.recv_timeout(patience).ok();
            if answer.is_some() {
                // Modules clean up after each thread and at the end of the process, and some not both at once.
                drop(asking.join());
            }
            answer
        });
        if answer.is_none() {
            tracing::error!(error = self.silence(), "A key of the authority is not there");
        }

        answer
    }

    fn silence(&self) -> String {
        format!("{}: the token does not answer", self.role.setting())
    }
}

impl PrivateKey for TokenKey {
    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn algorithms(&self) -> &[SignatureAlgorithm] {
        &self.algorithm
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Signature, KeyError> {
        if !self.algorithm.contains(&algorithm) {
            return Err(KeyError::UnsupportedAlgorithm(algorithm));
        }
        let message = message.to_vec();
        let signed = self.ask(PATIENCE, move |link| link.sign(algorithm, &message));

        signed.unwrap_or_else(|| Err(self.silence())).map_err(|said| KeyError::Store(said.into()))
    }

    fn unwrap(
        &self,
        padding: KeyTransport,
        _wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        Err(KeyError::UnsupportedTransport(padding))
    }
}

fn door(role: Role, place: &OnToken, secrets: &Secrets) -> Result<Door> {
    Ok(Door { role, place: place.clone(), pin: Pin::of(place, secrets)? })
}

/// Tells whether it failed because the token is not there, which one may have wanted.
pub(crate) fn is_away(error: &Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<TokenError>())
        .any(|error| matches!(error, TokenError::Absent | TokenError::NoSuchToken { .. }))
}

fn algorithm(public: &[u8]) -> Result<SignatureAlgorithm> {
    match KeyKind::of(public) {
        KeyKind::P256 => Ok(SignatureAlgorithm::EcdsaP256Sha256),
        KeyKind::P384 => Ok(SignatureAlgorithm::EcdsaP384Sha384),
        kind @ (KeyKind::Ed25519
        | KeyKind::Other
        | KeyKind::P521
        | KeyKind::Rsa { .. }
        | KeyKind::RsaPss { .. }) => {
            bail!("authorities have keys on P-256 or P-384, not {kind}")
        }
    }
}

/// Runs what may wait for a token, so that other tasks of this thread go on elsewhere.
fn aside<T>(run: impl FnOnce() -> T) -> T {
    let flavor = Handle::try_current().map(|handle| handle.runtime_flavor());
    match flavor {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(run),
        Ok(_) | Err(_) => run(),
    }
}
