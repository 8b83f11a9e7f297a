//! A container whose keys are in memory.

use crate::attempts::Counter;
use crate::database::Database;
use crate::device_key::{ContainerId, DeviceKey, KeyStore};
use crate::former::FormerKey;
use crate::key::{Credential, RevocableKey, UserKey};
use crate::{AccessError, Documents, FileOwner, Files};
use keys::PrivateKey;
use pki::Certificate;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// An open container. Clones share it: what locks one locks all.
#[derive(Clone, Debug)]
pub struct Open(pub(crate) Arc<Session>);

impl Open {
    /// Returns the database; others wait until the guard is dropped.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn database(&self) -> Result<Database<'_>, AccessError> {
        let guard = self.0.database.lock().unwrap_or_else(PoisonError::into_inner);
        Database::new(guard).ok_or(AccessError::Locked)
    }

    /// Returns the files of one owner.
    pub fn files(&self, owner: FileOwner) -> Files<'_> {
        Files { open: self, owner }
    }

    /// Returns the small named blobs.
    pub fn documents(&self) -> Documents<'_> {
        Documents(self)
    }

    /// Returns the user's private key, which refuses everything once the container is locked.
    pub fn key(&self) -> Arc<dyn PrivateKey> {
        self.0.key.clone()
    }

    /// Returns the user's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.0.certificate
    }

    /// Returns the key that signs the user's mails, with its certificate; it refuses everything once the container is locked. None if the
    /// user's certificate is not for signing, and the card has no other one for that.
    pub fn signing(&self) -> Option<(Arc<dyn PrivateKey>, &Certificate)> {
        if let Some((key, certificate)) = &self.0.signing {
            return Some((key.clone(), certificate));
        }
        let certificate = self.certificate();

        certificate.signs_mail().then(|| (self.key(), certificate))
    }

    /// Returns every key of the user with its certificate, the present one first: what was encrypted for the keys of before
    /// is read with those. All refuse once the container is locked.
    pub fn holders(&self) -> Vec<(Arc<dyn PrivateKey>, Certificate)> {
        let present = (self.key(), self.0.certificate.clone());
        let former = self.0.former.lock().unwrap_or_else(PoisonError::into_inner);
        let former = former.iter().rev();
        let former = former.map(|(key, certificate)| {
            let key: Arc<dyn PrivateKey> = key.clone();
            (key, certificate.clone())
        });

        std::iter::once(present).chain(former).collect()
    }

    /// Returns the certificates that lead from the user's to its root, DER, as they were imported.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.0.chain
    }

    /// Sets the number of the wrong password in a row that deletes the key; nought counts as one.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn limit_wrong_passwords(&self, limit: u8) -> Result<(), AccessError> {
        let layer_key = self.0.layer_key()?;
        let counter = Counter {
            directory: &self.0.directory,
            keys: &self.0.keys,
            container: self.0.container,
            layer_key: &layer_key,
        };
        let attempts = counter.load()?;
        if attempts.limit != limit.max(1) {
            counter.save(attempts.limited(limit))?;
        }
        Ok(())
    }

    /// Tells whether the keys are gone from memory.
    pub fn is_locked(&self) -> bool {
        self.0.layer_key().is_err()
    }

    /// Drops every key and closes the database, for all clones; waits for calls that are using them.
    pub fn lock(&self) {
        self.0.lock();
    }
}

/// What an open container consists of.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) directory: PathBuf,
    pub(crate) container: ContainerId,
    pub(crate) keys: KeyStore,
    pub(crate) certificate: Certificate,
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) key: Arc<RevocableKey>,
    /// What signs mails, where the key does not.
    signing: Option<(Arc<RevocableKey>, Certificate)>,
    former: Mutex<Vec<(Arc<RevocableKey>, Certificate)>>,
    layer_key: Mutex<Option<DeviceKey>>,
    database: Mutex<Option<Connection>>,
}

/// What a session is made of, apart from the user's identity.
pub(crate) struct Parts {
    pub(crate) directory: PathBuf,
    pub(crate) container: ContainerId,
    pub(crate) keys: KeyStore,
    pub(crate) layer_key: DeviceKey,
    pub(crate) database: Connection,
}

impl Session {
    /// Takes the keys and the database.
    pub(crate) fn start(parts: Parts, credential: Credential) -> Arc<Self> {
        let signing = credential.signing.map(|signing| {
            let key = RevocableKey::new(UserKey::OnCard(signing.key));
            (Arc::new(key), signing.certificate)
        });

        Arc::new(Self {
            directory: parts.directory,
            container: parts.container,
            keys: parts.keys,
            certificate: credential.certificate,
            chain: credential.chain,
            key: Arc::new(RevocableKey::new(credential.key)),
            signing,
            former: Mutex::default(),
            layer_key: Mutex::new(Some(parts.layer_key)),
            database: Mutex::new(Some(parts.database)),
        })
    }

    pub(crate) fn layer_key(&self) -> Result<DeviceKey, AccessError> {
        self.layer_key
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or(AccessError::Locked)
    }

    /// Takes the keys that the user had before.
    pub(crate) fn keep_former(&self, keys: Vec<FormerKey>) {
        let revocable = |former: FormerKey| {
            (Arc::new(RevocableKey::new(UserKey::Held(former.key))), former.certificate)
        };
        let keys = keys.into_iter().map(revocable).collect();
        *self.former.lock().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    pub(crate) fn lock(&self) {
        self.key.revoke();
        if let Some((key, _)) = &self.signing {
            key.revoke();
        }
        for (key, _) in self.former.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            key.revoke();
        }
        self.layer_key.lock().unwrap_or_else(PoisonError::into_inner).take();
        let database = self.database.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err((_, error))) = database.map(Connection::close) {
            // Nothing is lost: every commit is in the file or its log already.
            tracing::warn!(%error, "the container's database did not close cleanly");
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.lock();
    }
}
