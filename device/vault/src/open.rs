//! Opening with the password.

use crate::attempts::Counter;
use crate::device_key::{DeviceKey, Item};
use crate::header::Header;
use crate::password::stretch::{self, NotOpened};
use crate::session::{Parts, Session};
use crate::{Container, Fault, KeyWipe, Open, database, disk, envelope, layer};
use keys::pkcs12::Identity;
use pki::Certificate;
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Arc, PoisonError};
use zeroize::Zeroizing;

/// The user's key and certificate: PKCS#12 inside the second layer.
pub(crate) const IDENTITY: &str = "identity";
/// The database's key: CMS for the user's certificate inside the second layer.
pub(crate) const SESSION_KEY: &str = "session-key";

/// Why a container was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no container: create one.
    #[error("there is no container here")]
    Absent,
    /// The machine or the stored bytes failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The user's key is gone, by this try or before: import the same certificate again.
    #[error("the key was deleted; import the same certificate again to read the data")]
    KeyDeleted,
    /// The password is wrong: ask again.
    #[error("the password is wrong; the key is deleted after {attempts_left} more")]
    WrongPassword {
        /// How many wrong passwords in a row delete the key from here on.
        attempts_left: u8,
    },
}

impl Container {
    /// Opens the container; what was opened from it before is locked.
    ///
    /// The try is counted on disk before the password is tried. A wrong one changes nothing else, until the last that
    /// is allowed deletes the key.
    ///
    /// # Errors
    ///
    /// [`OpenError::WrongPassword`] and [`OpenError::KeyDeleted`] answer the user, the others are about the machine.
    pub fn open(&self, password: &SecretString) -> Result<Open, OpenError> {
        let directory = &self.place.directory;
        let header = Header::load(directory)?.ok_or(OpenError::Absent)?;
        let Some(blob) = disk::read(&directory.join(IDENTITY))? else {
            return Err(OpenError::KeyDeleted);
        };
        let keys = header.key_store(&self.place.key_files)?;
        let layer_key = keys.key(Item::LayerKey)?;
        let identity = {
            let counter = Counter {
                directory,
                keys: &keys,
                container: header.container,
                layer_key: &layer_key,
            };
            let identity_key = keys.key(Item::IdentityKey)?;
            self.try_password(&counter, &identity_key, &blob, password)?
        };
        self.lock_session();
        let certificate =
            Certificate::from_der(&identity.certificate).map_err(|_| Fault::damaged(IDENTITY))?;
        let session_key =
            unwrap_session_key(directory, header, &layer_key, &identity, &certificate)?;
        let parts = Parts {
            directory: directory.clone(),
            container: header.container,
            keys,
            layer_key,
            database: database::open(directory, &session_key)?,
        };
        Ok(self.remember(Session::start(parts, &identity, certificate)))
    }

    pub(crate) fn remember(&self, session: Arc<Session>) -> Open {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&session);
        Open(session)
    }

    pub(crate) fn try_password(
        &self,
        counter: &Counter<'_>,
        identity_key: &DeviceKey,
        blob: &[u8],
        password: &SecretString,
    ) -> Result<Identity, OpenError> {
        // The layer needs no password, so a damaged file costs no try.
        let file = layer::open(identity_key, &counter.container, IDENTITY, blob)?;
        let attempts = counter.load()?;
        if attempts.left() == 0 {
            // The process ended between counting the last try and deleting the key.
            self.wipe_key(KeyWipe::WrongPasswords)?;
            return Err(OpenError::KeyDeleted);
        }
        let attempts = attempts.begun();
        counter.save(attempts)?;
        match stretch::open(&file, password.expose_secret()) {
            Ok(identity) => {
                counter.save(attempts.cleared())?;
                Ok(identity)
            }
            Err(NotOpened::WrongPassword) if attempts.left() == 0 => {
                self.wipe_key(KeyWipe::WrongPasswords)?;
                Err(OpenError::KeyDeleted)
            }
            Err(NotOpened::WrongPassword) => {
                Err(OpenError::WrongPassword { attempts_left: attempts.left() })
            }
            Err(NotOpened::Fault(fault)) => Err(fault.into()),
        }
    }
}

/// Recovers the database's key with the user's.
pub(crate) fn unwrap_session_key(
    directory: &std::path::Path,
    header: Header,
    layer_key: &DeviceKey,
    identity: &Identity,
    certificate: &Certificate,
) -> Result<Zeroizing<[u8; 32]>, Fault> {
    let damaged = || Fault::damaged(SESSION_KEY);
    let blob = disk::read(&directory.join(SESSION_KEY))?.ok_or_else(damaged)?;
    let message = layer::open(layer_key, &header.container, SESSION_KEY, &blob)?;
    let key = envelope::open(&message, &identity.key, certificate, SESSION_KEY)?;
    key.as_slice().try_into().map(Zeroizing::new).map_err(|_| damaged())
}
