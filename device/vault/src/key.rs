//! The user's private key, which can be taken back.

use crate::identity::SigningKey;
use keys::pkcs12::Identity;
use keys::{KeyError, KeyTransport, PrivateKey, Signature, SignatureAlgorithm, SoftwareKey};
use pki::Certificate;
use std::sync::{Arc, PoisonError, RwLock};
use zeroize::Zeroizing;

/// The user's key wherever it computes, with its certificate.
#[derive(Clone, Debug)]
pub(crate) struct Credential {
    pub(crate) key: UserKey,
    pub(crate) certificate: Certificate,
    /// The certificates that lead to the root, DER.
    pub(crate) chain: Vec<Vec<u8>>,
    /// What signs mails, where the key does not.
    pub(crate) signing: Option<SigningKey>,
}

/// Where the user's key computes.
#[derive(Clone, Debug)]
pub(crate) enum UserKey {
    /// In memory.
    Held(SoftwareKey),
    /// On a smart card.
    OnCard(Arc<dyn PrivateKey>),
}

impl Credential {
    /// Takes a key that was in a file.
    pub(crate) fn held(identity: &Identity) -> Option<Self> {
        let certificate = Certificate::from_der(&identity.certificate).ok()?;
        let key = UserKey::Held(identity.key.clone());

        Some(Self { key, certificate, chain: identity.chain.clone(), signing: None })
    }
}

impl UserKey {
    pub(crate) fn as_key(&self) -> &dyn PrivateKey {
        match self {
            Self::Held(key) => key,
            Self::OnCard(key) => key.as_ref(),
        }
    }
}

/// A private key that answers until it is revoked.
///
/// Handles to it may be anywhere in the program; locking the container leaves them without a key.
#[derive(Debug)]
pub(crate) struct RevocableKey {
    public_key: Vec<u8>,
    algorithms: Vec<SignatureAlgorithm>,
    key: RwLock<Option<UserKey>>,
}

impl RevocableKey {
    pub(crate) fn new(key: UserKey) -> Self {
        Self {
            public_key: key.as_key().public_key().to_owned(),
            algorithms: key.as_key().algorithms().to_owned(),
            key: RwLock::new(Some(key)),
        }
    }

    /// Drops the key; waits for an operation that is using it, unless that is on a card, which may hang.
    pub(crate) fn revoke(&self) {
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&dyn PrivateKey) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let held = self.key.read().unwrap_or_else(PoisonError::into_inner);
        let on_card = match held.as_ref().ok_or_else(revoked)? {
            UserKey::Held(key) => return work(key),
            UserKey::OnCard(key) => Arc::clone(key),
        };
        drop(held);
        let done = work(on_card.as_ref())?;
        if self.key.read().unwrap_or_else(PoisonError::into_inner).is_none() {
            return Err(revoked());
        }

        Ok(done)
    }
}

fn revoked() -> KeyError {
    KeyError::Store(Box::new(Revoked))
}

impl PrivateKey for RevocableKey {
    fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    fn algorithms(&self) -> &[SignatureAlgorithm] {
        &self.algorithms
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Signature, KeyError> {
        self.with(|key| key.sign(algorithm, message))
    }

    fn unwrap(
        &self,
        padding: KeyTransport,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.with(|key| key.unwrap(padding, wrapped))
    }

    fn agree(&self, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.with(|key| key.agree(peer))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the container is locked")]
struct Revoked;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revoked_key_says_who_it_was_and_does_nothing() {
        let inner = SoftwareKey::make_p256().unwrap();

        check(UserKey::Held(inner.clone()));
        check(UserKey::OnCard(Arc::new(inner)));
    }

    #[track_caller]
    fn check(inner: UserKey) {
        let public_key = inner.as_key().public_key().to_owned();
        let key = RevocableKey::new(inner);
        assert!(key.sign(SignatureAlgorithm::EcdsaP256Sha256, b"text").is_ok());

        key.revoke();

        assert_eq!(key.public_key(), public_key);
        assert!(matches!(
            key.sign(SignatureAlgorithm::EcdsaP256Sha256, b"text"),
            Err(KeyError::Store(_))
        ));
        assert!(matches!(
            key.unwrap(KeyTransport::OaepSha256, b"wrapped"),
            Err(KeyError::Store(_))
        ));
    }
}
