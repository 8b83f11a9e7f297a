//! Making data readable again after its key was wiped.
//!
//! Two steps, so that the owner of the data can be asked in between: [`Container::reopen`] opens with the key in memory
//! and changes nothing on the disk, [`Container::restore_identity`] puts the key back.

use crate::attempts::Counter;
use crate::create::{check_identity, seal_identity};
use crate::device_key::Item;
use crate::header::Header;
use crate::open::unwrap_session_key;
use crate::session::{Parts, Session};
use crate::{
    AccessError, Container, Cost, CreateError, Fault, NewPassword, Open, Presence, database, wipe,
};
use keys::pkcs12::Identity;

/// Why a wiped key was not put back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The machine or the stored bytes failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The container was locked or wiped between the two steps: begin again.
    #[error("the container was locked meanwhile")]
    Locked,
    /// The key of this container is not missing: open it, or create one.
    #[error("this container does not wait for its key")]
    NotWiped,
    /// This is not the certificate the container was made for: find that one.
    #[error("the container belongs to another certificate")]
    OtherIdentity,
}

impl Container {
    /// Opens a container whose key was wiped, with the key from elsewhere; after locking it is as it was before.
    ///
    /// # Errors
    ///
    /// [`RestoreError::OtherIdentity`] if the key is not the one that was wiped.
    pub fn reopen(&self, identity: &Identity) -> Result<Open, RestoreError> {
        let directory = &self.place.directory;
        if self.presence()? != Presence::KeyWiped {
            return Err(RestoreError::NotWiped);
        }
        let header = Header::load(directory)?.ok_or(RestoreError::NotWiped)?;
        let keys = header.key_store(&self.place.key_files)?;
        let layer_key = keys.key(Item::LayerKey)?;
        let certificate = check_identity(identity).map_err(|error| match error {
            CreateError::Fault(fault) => RestoreError::Fault(fault),
            CreateError::Exists | CreateError::UnsuitableIdentity { .. } => {
                RestoreError::OtherIdentity
            }
        })?;
        let session_key = unwrap_session_key(directory, header, &layer_key, identity, &certificate)
            .map_err(|_| RestoreError::OtherIdentity)?;
        self.lock_session();
        let parts = Parts {
            directory: directory.clone(),
            container: header.container,
            keys,
            layer_key,
            database: database::open(directory, &session_key)?,
        };
        Ok(self.remember(Session::start(parts, identity, certificate)))
    }

    /// Puts the key of a reopened container back, under a password of the user's choice; from here on it opens.
    ///
    /// # Errors
    ///
    /// [`RestoreError::OtherIdentity`] if `open` was opened with another key; everything stays as it was.
    pub fn restore_identity(
        &self,
        open: &Open,
        identity: &Identity,
        password: &NewPassword,
        cost: Cost,
    ) -> Result<(), RestoreError> {
        let directory = &self.place.directory;
        if self.presence()? != Presence::KeyWiped {
            return Err(RestoreError::NotWiped);
        }
        if open.certificate().as_der() != identity.certificate {
            return Err(RestoreError::OtherIdentity);
        }
        let header = Header::load(directory)?.ok_or(RestoreError::NotWiped)?;
        let session = &open.0;
        let layer_key = session.layer_key().map_err(|error| match error {
            AccessError::Fault(fault) => RestoreError::Fault(fault),
            AccessError::Locked => RestoreError::Locked,
        })?;
        let keys = &session.keys;
        let counter =
            Counter { directory, keys, container: header.container, layer_key: &layer_key };
        counter.save(counter.load()?.cleared())?;
        seal_identity(directory, header, keys, identity, password, cost)?;
        // Without the identity's absence the note says nothing; what a crash leaves of it is overwritten by the next.
        Ok(wipe::forget_cause(self)?)
    }
}
