use super::pin::Pin;
use super::{OnToken, Role, algorithm};
use anyhow::{Context as _, Error, Result, ensure};
use keys::{PrivateKey as _, Signature, SignatureAlgorithm};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Verifier;
use pkcs11::{Error as TokenError, Module, NewKey, Purpose, Start, Token};
use std::time::{Duration, Instant};

/// How long a token that failed is left alone; whoever wants a signature meanwhile is told why there is none.
const PAUSE: Duration = Duration::from_secs(2);

/// The way to a key, open or not.
#[derive(Debug)]
pub(super) struct Link {
    door: Door,
    public: Vec<u8>,
    key: Option<pkcs11::TokenKey>,
    /// In which start of the module it was tried last; if that failed, the module is started anew.
    start: Option<Start>,
    failure: Option<Failure>,
}

/// How to get at a key.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) role: Role,
    pub(super) place: OnToken,
    pub(super) pin: Pin,
}

#[derive(Debug)]
struct Failure {
    at: Instant,
    said: String,
}

impl Link {
    /// Names a key; the token is looked for when it is to sign.
    pub(super) fn to(door: Door, public: Vec<u8>) -> Self {
        Self { door, public, key: None, start: None, failure: None }
    }

    /// Finds the key, or makes it if the token has none of this name.
    pub(super) fn find_or_make(door: Door) -> Result<Self> {
        let mut start = None;
        let token = door.log_in(&mut start)?;
        let mut found = door.keys(&token)?;
        let key = match found.len() {
            0 => door.make(&token)?,
            // Whoever was killed may have ordered one that was done only after the next start had looked.
            _ => found.swap_remove(0),
        };
        algorithm(key.public_key()).with_context(|| door.said())?;
        ensure!(key.signs(), "{}: the token does not let this key sign", door.said());
        let public = key.public_key().to_vec();

        Ok(Self { door, public, key: Some(key), start, failure: None })
    }

    pub(super) fn public_key(&self) -> &[u8] {
        &self.public
    }

    /// Tells whether the token is there, without logging in.
    pub(super) fn is_there(&self) -> bool {
        pkcs11::open(&self.door.place.0).is_ok()
    }

    /// Logs in to the token and finds the key, which must be that of the certificate.
    pub(super) fn connect(&mut self) -> Result<()> {
        self.key = Some(self.door.open(&self.public, &mut self.start)?);

        Ok(())
    }

    /// Signs; what fails on a token that was open before is tried once more on one that is opened anew.
    pub(super) fn sign(
        &mut self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Signature, String> {
        if let Some(failure) = &self.failure
            && failure.at.elapsed() < PAUSE
        {
            return Err(failure.said.clone());
        }
        let setting = self.door.said();
        if let Some(key) = &self.key {
            match self.checked(key, algorithm, message) {
                Ok(signature) => return Ok(signature),
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::warn!(setting, error, "A token failed; it is opened anew");
                }
            }
        }
        self.key = None;
        match self.connect_and_sign(algorithm, message) {
            Ok(signature) => {
                if self.failure.take().is_some() {
                    tracing::info!(setting, "The token with a key of the authority is back");
                }
                Ok(signature)
            }
            Err(error) => {
                let said = format!("{error:#}");
                if self.failure.as_ref().is_none_or(|before| before.said != said) {
                    tracing::error!(setting, error = said, "A key of the authority is not there");
                }
                self.failure = Some(Failure { at: Instant::now(), said: said.clone() });
                Err(said)
            }
        }
    }

    fn connect_and_sign(
        &mut self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Signature> {
        let key = self.door.open(&self.public, &mut self.start)?;
        let signature = self.checked(&key, algorithm, message)?;
        self.key = Some(key);

        Ok(signature)
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

impl Door {
    fn open(&self, public: &[u8], start: &mut Option<Start>) -> Result<pkcs11::TokenKey> {
        let token = self.log_in(start)?;
        let found = self.keys(&token)?;
        if found.is_empty() {
            let token = token.info().label.clone();
            return Err(self.explained(TokenError::NoSuchKey { token }));
        }
        let key = found.into_iter().find(|key| key.public_key() == public);

        key.with_context(|| {
            let (said, name) = (self.said(), self.role.name());
            format!("{said}: this key is not that of certificates/{name}.pem, and an authority keeps its key: name the right one")
        })
    }

    fn keys(&self, token: &Token) -> Result<Vec<pkcs11::TokenKey>> {
        token.fitting_keys(&self.place.0).map_err(|error| self.explained(error))
    }

    fn log_in(&self, start: &mut Option<Start>) -> Result<Token> {
        let pin = self.pin.read().with_context(|| self.said())?;
        let token = self.token(start).map_err(|error| self.explained(error))?;
        let outcome = token.log_in(Some(&pin));
        match outcome {
            Ok(()) => self.pin.taken(),
            Err(TokenError::PinIncorrect | TokenError::PinUnfit) => self.pin.refused(&pin),
            Err(_) => {}
        }
        outcome.map_err(|error| self.explained(error))?;

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
        let label = uri.object.as_deref().with_context(|| self.said())?;
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let id = uri.id.as_deref().unwrap_or(&random);
        let new = NewKey { kind: pkcs11::KeyKind::P384, label, id, purpose: Purpose::Signature };
        let made = token.make_key(&new).map_err(|error| self.explained(error))?;
        tracing::info!(setting = self.role.setting(), label, "Made a key on the token");

        Ok(made)
    }

    fn said(&self) -> &'static str {
        self.role.setting()
    }

    /// Says where it is wrong, and what to do.
    fn explained(&self, error: TokenError) -> Error {
        let pin;
        let remedy = match &error {
            TokenError::Absent | TokenError::NoSuchToken { .. } => {
                "connect the token or start its service, or correct its name"
            }
            TokenError::AlreadyThere(_) => {
                "it is of a kind that is not used here: choose another label"
            }
            TokenError::Load { .. } | TokenError::NoModule => {
                "install the module, or correct its path"
            }
            TokenError::NoSuchKey { .. } => {
                "correct the label, or restore the token from its backup, as an authority keeps its key"
            }
            TokenError::PinIncorrect | TokenError::PinUnfit => {
                pin = format!("correct the PIN in {}, which is not tried again", self.pin);
                &pin
            }
            TokenError::UnsupportedKind => {
                "make a key on P-256 or P-384 with this label by the token's own tools"
            }
            TokenError::Fault(_)
            | TokenError::PinBlocked
            | TokenError::PinExpired
            | TokenError::PinRequired
            | TokenError::SeveralKeys { .. }
            | TokenError::SeveralTokens { .. }
            | TokenError::WriteProtected => return Error::new(error).context(self.said()),
        };

        let context = format!("{}: {remedy}", self.said());
        Error::new(error).context(context)
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
