//! The user's private key, which can be taken back.

use keys::{KeyError, KeyTransport, PrivateKey, Signature, SignatureAlgorithm, SoftwareKey};
use std::sync::{PoisonError, RwLock};
use zeroize::Zeroizing;

/// A private key that answers until it is revoked.
///
/// Handles to it may be anywhere in the program; locking the container leaves them without a key.
#[derive(Debug)]
pub(crate) struct RevocableKey {
    public_key: Vec<u8>,
    algorithms: Vec<SignatureAlgorithm>,
    key: RwLock<Option<SoftwareKey>>,
}

impl RevocableKey {
    pub(crate) fn new(key: SoftwareKey) -> Self {
        Self {
            public_key: key.public_key().to_owned(),
            algorithms: key.algorithms().to_owned(),
            key: RwLock::new(Some(key)),
        }
    }

    /// Drops the key; waits for an operation that is using it.
    pub(crate) fn revoke(&self) {
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&SoftwareKey) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let key = self.key.read().unwrap_or_else(PoisonError::into_inner);
        let key = key.as_ref().ok_or_else(|| KeyError::Store(Box::new(Revoked)))?;
        work(key)
    }
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
        let public_key = inner.public_key().to_owned();
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
