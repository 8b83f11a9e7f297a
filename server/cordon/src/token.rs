//! The authority's keys on tokens: security modules and smart cards, by PKCS#11.
//!
//! ```text
//!   closed ──log in──► open ──sign──► signature, checked
//!     ▲                 │
//!     │              it fails
//!     └── a pause ◄─────┘
//! ```
//!
//! # Invariants
//!
//! - A PIN that the token refused is not tried again, also by the next start of the program: a few wrong ones block a token.
//! - No signature leaves that the key of the certificate did not make.

mod pin;
mod place;

pub(crate) use place::OnToken;

use crate::seal::Secrets;
use anyhow::{Context as _, Error, Result, bail, ensure};
use keys::{KeyError, KeyTransport, PrivateKey, Signature, SignatureAlgorithm};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Verifier;
use pin::Pin;
use pkcs11::{Error as TokenError, Module, NewKey, Purpose, Start, Token};
use pki::{Certificate, KeyKind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::{Handle, RuntimeFlavor};
use zeroize::Zeroizing;

/// How long a token that failed is left alone; whoever wants a signature meanwhile is told why there is none.
const PAUSE: Duration = Duration::from_secs(2);

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
    door: Door,
    public: Vec<u8>,
    algorithm: [SignatureAlgorithm; 1],
    link: Mutex<Link>,
}

/// How to get at a key.
#[derive(Debug)]
struct Door {
    role: Role,
    place: OnToken,
    pin: Pin,
}

#[derive(Debug, Default)]
struct Link {
    key: Option<pkcs11::TokenKey>,
    /// In which start of the module it was tried last; if that failed, the module is started anew.
    start: Option<Start>,
    failure: Option<Failure>,
}

#[derive(Debug)]
struct Failure {
    at: Instant,
    said: String,
}

impl TokenKey {
    /// Names the key of a certificate; the token is looked for when it is to sign.
    pub(crate) fn of(
        certificate: &Certificate,
        role: Role,
        place: &OnToken,
        secrets: &Secrets,
    ) -> Result<Self> {
        let algorithm = algorithm(certificate.public_key())
            .with_context(|| format!("certificates/{}.pem", role.name()))?;
        let public = certificate.public_key().to_vec();
        let door = Door::new(role, place, secrets)?;

        Ok(Self { door, public, algorithm: [algorithm], link: Mutex::default() })
    }

    /// Finds the key, or makes it if the token has none of this name.
    pub(crate) fn find_or_make(role: Role, place: &OnToken, secrets: &Secrets) -> Result<Self> {
        let door = Door::new(role, place, secrets)?;
        let mut start = None;
        let token = door.log_in(&mut start)?;
        let found = match token.key(&place.0) {
            Err(TokenError::NoSuchKey { .. }) => door.make(&token),
            found => found.map_err(Error::from),
        };
        let key = found.with_context(|| door.said())?;
        let algorithm = algorithm(key.public_key()).with_context(|| door.said())?;
        ensure!(key.signs(), "{}: the token does not let this key sign", door.said());
        let public = key.public_key().to_vec();
        let link = Mutex::new(Link { key: Some(key), start, failure: None });

        Ok(Self { door, public, algorithm: [algorithm], link })
    }

    /// Logs in to the token and finds the key, which must be that of the certificate.
    pub(crate) fn connect(&self) -> Result<()> {
        let mut link = self.link();
        let key = self.door.open(&self.public, &mut link.start)?;
        link.key = Some(key);

        Ok(())
    }

    /// Tells whether its token is there, without logging in.
    pub(crate) fn is_there(&self) -> bool {
        pkcs11::open(&self.door.place.0).is_ok()
    }

    fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs; what fails on a token that was open before is tried once more on one that is opened anew.
    fn signed(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Signature, String> {
        let mut link = self.link();
        if let Some(failure) = &link.failure
            && failure.at.elapsed() < PAUSE
        {
            return Err(failure.said.clone());
        }
        if let Some(key) = &link.key {
            match self.checked(key, algorithm, message) {
                Ok(signature) => return Ok(signature),
                Err(error) => tracing::warn!(
                    setting = self.door.role.setting(),
                    error = format!("{error:#}"),
                    "The token with a key of the authority failed; it is opened anew"
                ),
            }
        }
        link.key = None;
        let outcome = self.door.open(&self.public, &mut link.start).and_then(|key| {
            let signature = self.checked(&key, algorithm, message)?;
            Ok((key, signature))
        });
        let setting = self.door.role.setting();
        match outcome {
            Ok((key, signature)) => {
                if link.failure.take().is_some() {
                    tracing::info!(setting, "The token with a key of the authority is back");
                }
                link.key = Some(key);
                Ok(signature)
            }
            Err(error) => {
                let said = format!("{error:#}");
                if link.failure.as_ref().is_none_or(|before| before.said != said) {
                    tracing::error!(setting, error = said, "A key of the authority is not there");
                }
                link.failure = Some(Failure { at: Instant::now(), said: said.clone() });
                Err(said)
            }
        }
    }

    fn checked(
        &self,
        key: &pkcs11::TokenKey,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Signature> {
        let signature = key.sign(algorithm, message).with_context(|| self.door.said())?;
        ensure!(
            is_by(&self.public, algorithm, message, &signature)?,
            "{}: what the token signed does not fit the key",
            self.door.said()
        );

        Ok(signature)
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

        aside(|| self.signed(algorithm, message)).map_err(|said| KeyError::Store(said.into()))
    }

    fn unwrap(
        &self,
        padding: KeyTransport,
        _wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        Err(KeyError::UnsupportedTransport(padding))
    }
}

impl Door {
    fn new(role: Role, place: &OnToken, secrets: &Secrets) -> Result<Self> {
        let pin = Pin::of(role, place, secrets)?;

        Ok(Self { role, place: place.clone(), pin })
    }

    fn open(&self, public: &[u8], start: &mut Option<Start>) -> Result<pkcs11::TokenKey> {
        let token = self.log_in(start)?;
        let key = token.key(&self.place.0).with_context(|| self.said())?;
        ensure!(
            key.public_key() == public,
            "{}: the key {:?} is not that of certificates/{}.pem, and an authority keeps its key: name the right one",
            self.said(),
            key.label(),
            self.role.name()
        );

        Ok(key)
    }

    fn log_in(&self, start: &mut Option<Start>) -> Result<Token> {
        let pin = self.pin.read().with_context(|| self.said())?;
        let token = self.token(start).with_context(|| self.said())?;
        match token.log_in(Some(&pin)) {
            Ok(()) => self.pin.taken(),
            Err(error @ (TokenError::PinIncorrect | TokenError::PinUnfit)) => {
                self.pin.refused(&pin);
                return Err(self.pin.explained(error).context(self.said()));
            }
            Err(error) => return Err(Error::new(error).context(self.said())),
        }

        Ok(token)
    }

    fn token(&self, start: &mut Option<Start>) -> Result<Token, TokenError> {
        let path = self.place.0.module_path.as_deref().ok_or(TokenError::NoModule)?;
        let module = Module::load(path)?;
        let restarted = start.map_or(Ok(()), |last| module.restart(last));
        *start = Some(module.start());
        restarted?;

        module.open(&self.place.0)
    }

    /// As keys of software are: on P-384.
    fn make(&self, token: &Token) -> Result<pkcs11::TokenKey> {
        let uri = &self.place.0;
        let label = uri.object.as_deref().context("it names no object")?;
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let id = uri.id.as_deref().unwrap_or(&random);
        let new = NewKey { kind: pkcs11::KeyKind::P384, label, id, purpose: Purpose::Signature };
        let made = token.make_key(&new).context(
            "the token made no key on P-384; make one on P-256 or P-384 with this label by the token's own tools",
        )?;
        tracing::info!(setting = self.role.setting(), label, "Made a key on the token");

        Ok(made)
    }

    fn said(&self) -> &'static str {
        self.role.setting()
    }
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
        kind @ (KeyKind::Ed25519 | KeyKind::Other | KeyKind::P521 | KeyKind::Rsa { .. }) => {
            bail!("authorities have keys on P-256 or P-384, not {kind}")
        }
    }
}

fn is_by(
    public: &[u8],
    algorithm: SignatureAlgorithm,
    message: &[u8],
    signature: &Signature,
) -> Result<bool, ErrorStack> {
    let digest = match algorithm {
        SignatureAlgorithm::EcdsaP384Sha384 => MessageDigest::sha384(),
        SignatureAlgorithm::EcdsaP256Sha256
        | SignatureAlgorithm::EcdsaP521Sha512
        | SignatureAlgorithm::Ed25519
        | SignatureAlgorithm::RsaPkcs1Sha256
        | SignatureAlgorithm::RsaPssSha256 => MessageDigest::sha256(),
    };
    let key = PKey::public_key_from_der(public)?;

    // What cannot be read as a signature is none.
    Ok(Verifier::new(digest, &key)?.verify_oneshot(&signature.0, message).unwrap_or(false))
}

/// Runs what may wait for a token, so that other tasks of this thread go on elsewhere.
fn aside<T>(run: impl FnOnce() -> T) -> T {
    let flavor = Handle::try_current().map(|handle| handle.runtime_flavor());
    match flavor {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(run),
        Ok(_) | Err(_) => run(),
    }
}
