//! Secrets at rest: AES-256-GCM under a key that is not in the database.

use crate::Fault;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use std::fmt;
use zeroize::Zeroizing;

const NONCE: usize = 12;
const TAG: usize = 16;

/// A key that seals secrets, each under a name, so that none can stand in for another.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    /// Takes the key.
    pub fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// Returns the key, from which others are derived.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals a secret: a nonce of 12 bytes, the cipher text and its tag of 16 bytes. The name is authenticated.
    ///
    /// # Errors
    ///
    /// [`Fault`] if there are no random numbers, or the cipher fails.
    pub fn seal(&self, name: &str, secret: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce)?;
        let mut tag = [0; TAG];
        let text = encrypt_aead(
            Cipher::aes_256_gcm(),
            &*self.0,
            Some(&nonce),
            name.as_bytes(),
            secret,
            &mut tag,
        )
        .map_err(|error| Fault::broken("sealing a secret", error))?;

        Ok([nonce.as_slice(), &text, &tag].concat())
    }

    /// Opens what was sealed under this name; `None` if it was changed, or sealed under another name or with another key.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE)?;
        let (text, tag) = rest.split_at_checked(rest.len().checked_sub(TAG)?)?;
        let cipher = Cipher::aes_256_gcm();
        let secret = decrypt_aead(cipher, &*self.0, Some(nonce), name.as_bytes(), text, tag);

        secret.ok().map(Zeroizing::new)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(…)")
    }
}
