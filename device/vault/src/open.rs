//! Opening with the password, or with a smart card.

use crate::attempts::Counter;
use crate::device_key::{DeviceKey, Item, KeyStore};
use crate::envelope::{self, NotOpened};
use crate::header::Header;
use crate::identity::{self, CardIdentity, Form, OnCard};
use crate::key::{Credential, UserKey};
use crate::password::stretch;
use crate::session::{Parts, Session};
use crate::{AccessError, Container, Fault, KeyWipe, Open, database, disk, former, layer};
use keys::KeyError;
use keys::pkcs12::Identity;
use secrecy::{ExposeSecret, SecretString};
use std::path::Path;
use std::sync::{Arc, PoisonError};
use zeroize::Zeroizing;

/// The database's key: CMS for the user's certificate inside the second layer.
pub(crate) const SESSION_KEY: &str = "session-key";
/// The same for the certificate that is about to be the user's; sealed under the name that it will have.
pub(crate) const NEXT_SESSION_KEY: &str = "session-key-next";

/// Why a container was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no container: create one.
    #[error("there is no container here")]
    Absent,
    /// The card was not there, or refused.
    #[error("the smart card did not open the container")]
    Card(#[source] KeyError),
    /// The machine or the stored bytes failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The user's key is gone, by this try or before: import the same certificate again.
    #[error("the key was deleted; import the same certificate again to read the data")]
    KeyDeleted,
    /// A smart card opens it: ask [`Container::protection`] which one. No try was used.
    #[error("the container opens with a smart card")]
    NeedsCard,
    /// A password opens it.
    #[error("the container opens with a password")]
    NeedsPassword,
    /// Another card opens it: ask [`Container::protection`] which one.
    #[error("the container opens with another smart card")]
    OtherCard,
    /// The password is wrong: ask again.
    #[error("the password is wrong; the key is deleted after {attempts_left} more")]
    WrongPassword {
        /// How many wrong passwords in a row delete the key from here on.
        attempts_left: u8,
    },
}

/// What somebody shows to open a container.
#[derive(Clone, Copy, Debug)]
pub enum Opener<'a> {
    /// A smart card whose PIN was entered.
    Card(&'a CardIdentity),
    /// The password.
    Password(&'a SecretString),
}

impl Container {
    /// Opens the container with its password; what was opened from it before is locked.
    ///
    /// The try is counted on disk before the password is tried. A wrong one changes nothing else, until the last that
    /// is allowed deletes the key.
    ///
    /// # Errors
    ///
    /// [`OpenError::WrongPassword`] and [`OpenError::KeyDeleted`] answer the user, the others are about the machine.
    pub fn open(&self, password: &SecretString) -> Result<Open, OpenError> {
        self.open_with(Opener::Password(password))
    }

    /// Opens the container with what its [`protection`](Self::protection) wants; what was opened from it before is locked.
    ///
    /// The tries of a card's PIN are counted by the card; none of them counts here.
    ///
    /// # Errors
    ///
    /// As of [`open`](Self::open); [`OpenError::Card`] and [`OpenError::OtherCard`] about the card.
    pub fn open_with(&self, opener: Opener<'_>) -> Result<Open, OpenError> {
        let bound = Bound::load(self)?.ok_or(OpenError::Absent)?;
        let stored = identity::load(bound.directory, bound.header, &bound.keys)?;
        let form = stored.ok_or(OpenError::KeyDeleted)?.form;
        let credential = match (opener, &form) {
            (Opener::Card(card), Form::OnCard(on_card)) => on_card.credential(card)?,
            (Opener::Card(_) | Opener::Password(_), _) => {
                let identity = self.try_opener(&bound, &form, opener)?;
                Credential::held(&identity).ok_or_else(|| Fault::damaged(identity::FILE))?
            }
        };
        self.lock_session();
        let session_key = bound.session_key(&credential).map_err(|error| match error {
            NotOpened::Fault(fault) => OpenError::Fault(fault),
            NotOpened::Key(error) => OpenError::Card(error),
        })?;

        Ok(self.start(bound, &session_key, credential)?)
    }

    /// Opens the database, remembers what opened it, and takes up the keys of before.
    pub(crate) fn start(
        &self,
        bound: Bound<'_>,
        session_key: &Zeroizing<[u8; 32]>,
        credential: Credential,
    ) -> Result<Open, Fault> {
        let database = database::open(bound.directory, session_key)?;
        let parts = Parts {
            directory: bound.directory.to_owned(),
            container: bound.header.container,
            keys: bound.keys,
            layer_key: bound.layer_key,
            database,
        };

        let open = self.remember(Session::start(parts, credential));
        let former = former::load(&open).map_err(|error| match error {
            AccessError::Fault(fault) => fault,
            AccessError::Locked => Fault::unsound("the container was locked while it was opened"),
        })?;
        open.0.keep_former(former);

        Ok(open)
    }

    pub(crate) fn remember(&self, session: Arc<Session>) -> Open {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&session);
        Open(session)
    }

    /// Has a key that is in the container opened.
    pub(crate) fn try_opener(
        &self,
        bound: &Bound<'_>,
        form: &Form,
        opener: Opener<'_>,
    ) -> Result<Identity, OpenError> {
        match (opener, form) {
            (Opener::Password(password), Form::Password(file)) => {
                self.try_password(&bound.counter(), file, password)
            }
            (Opener::Password(_), Form::Card(_) | Form::OnCard(_)) => Err(OpenError::NeedsCard),
            (Opener::Card(_), Form::Password(_)) => Err(OpenError::NeedsPassword),
            (Opener::Card(card), Form::Card(under)) => {
                if card.key.public_key() != under.card.public_key() {
                    return Err(OpenError::OtherCard);
                }
                under.open(card.key.as_ref()).map_err(|error| match error {
                    NotOpened::Fault(fault) => OpenError::Fault(fault),
                    NotOpened::Key(error) => OpenError::Card(error),
                })
            }
            // There is nothing to open: the key stays where it is.
            (Opener::Card(_), Form::OnCard(_)) => Err(OpenError::OtherCard),
        }
    }

    fn try_password(
        &self,
        counter: &Counter<'_>,
        file: &[u8],
        password: &SecretString,
    ) -> Result<Identity, OpenError> {
        let attempts = counter.load()?;
        if attempts.left() == 0 {
            // The process ended between counting the last try and deleting the key.
            self.wipe_key(KeyWipe::WrongPasswords)?;
            return Err(OpenError::KeyDeleted);
        }
        let attempts = attempts.begun();
        counter.save(attempts)?;
        match stretch::open(file, password.expose_secret()) {
            Ok(identity) => {
                counter.save(attempts.cleared())?;
                Ok(identity)
            }
            Err(stretch::NotOpened::WrongPassword) if attempts.left() == 0 => {
                self.wipe_key(KeyWipe::WrongPasswords)?;
                Err(OpenError::KeyDeleted)
            }
            Err(stretch::NotOpened::WrongPassword) => {
                Err(OpenError::WrongPassword { attempts_left: attempts.left() })
            }
            Err(stretch::NotOpened::Fault(fault)) => Err(fault.into()),
        }
    }
}

impl OnCard {
    /// Returns the user's key on the card, if this is the card.
    fn credential(&self, card: &CardIdentity) -> Result<Credential, OpenError> {
        if card.key.public_key() != self.certificate.public_key() {
            return Err(OpenError::OtherCard);
        }

        Ok(Credential {
            key: UserKey::OnCard(Arc::clone(&card.key)),
            certificate: self.certificate.clone(),
            chain: self.chain.clone(),
            signing: card.signing.clone(),
        })
    }
}

/// A container's directory and what binds it to this device.
pub(crate) struct Bound<'a> {
    pub(crate) directory: &'a Path,
    pub(crate) header: Header,
    pub(crate) keys: KeyStore,
    pub(crate) layer_key: DeviceKey,
}

impl<'a> Bound<'a> {
    /// Reads header and key; `None` without a container.
    pub(crate) fn load(container: &'a Container) -> Result<Option<Self>, Fault> {
        let directory = &container.place.directory;
        let Some(header) = Header::load(directory)? else { return Ok(None) };
        let keys = header.key_store(&container.place.key_files)?;
        let layer_key = keys.key(Item::LayerKey)?;

        Ok(Some(Self { directory, header, keys, layer_key }))
    }

    /// Returns where wrong passwords are counted.
    pub(crate) fn counter(&self) -> Counter<'_> {
        Counter {
            directory: self.directory,
            keys: &self.keys,
            container: self.header.container,
            layer_key: &self.layer_key,
        }
    }

    /// Recovers the database's key with the user's, and finishes a renewal that was interrupted.
    pub(crate) fn session_key(
        &self,
        credential: &Credential,
    ) -> Result<Zeroizing<[u8; 32]>, NotOpened> {
        let path = self.directory.join(SESSION_KEY);
        let next = self.directory.join(NEXT_SESSION_KEY);
        if let Some(blob) = disk::read(&next).map_err(NotOpened::Fault)?
            && let Ok(key) = self.unseal_session_key(&blob, credential)
        {
            disk::replace(&next, &path).map_err(NotOpened::Fault)?;
            return Ok(key);
        }
        let blob = disk::read(&path).map_err(NotOpened::Fault)?;
        let blob = blob.ok_or_else(|| NotOpened::Fault(Fault::damaged(SESSION_KEY)))?;
        let key = self.unseal_session_key(&blob, credential)?;
        // Whoever opens the present one has not been replaced.
        disk::remove(&next).map_err(NotOpened::Fault)?;

        Ok(key)
    }

    fn unseal_session_key(
        &self,
        blob: &[u8],
        credential: &Credential,
    ) -> Result<Zeroizing<[u8; 32]>, NotOpened> {
        let message = layer::open(&self.layer_key, &self.header.container, SESSION_KEY, blob)
            .map_err(NotOpened::Fault)?;
        let (key, certificate) = (credential.key.as_key(), &credential.certificate);
        let key = envelope::unseal(&message, key, certificate, SESSION_KEY)?;
        let damaged = |_| NotOpened::Fault(Fault::damaged(SESSION_KEY));

        key.as_slice().try_into().map(Zeroizing::new).map_err(damaged)
    }
}
