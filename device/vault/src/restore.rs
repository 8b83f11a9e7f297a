//! Making data readable again after its key was wiped.

use crate::attempts::Counter;
use crate::create::{check_identity, seal_identity};
use crate::device_key::Item;
use crate::header::Header;
use crate::open::unwrap_session_key;
use crate::session::{Parts, Session};
use crate::{Container, CreateError, Fault, Iterations, NewPassword, Open, Presence, database};
use keys::pkcs12::Identity;

/// Why a wiped key was not put back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The machine or the stored bytes failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The key of this container is not missing: open it, or create one.
    #[error("this container does not wait for its key")]
    NotWiped,
    /// This is not the certificate the container was made for: find that one.
    #[error("the container belongs to another certificate")]
    OtherIdentity,
}

impl Container {
    /// Puts back a wiped key under a password of the user's choice, and opens the container.
    ///
    /// # Errors
    ///
    /// [`RestoreError::OtherIdentity`] leaves everything as it was.
    pub fn restore_identity(
        &self,
        identity: &Identity,
        password: &NewPassword,
        iterations: Iterations,
    ) -> Result<Open, RestoreError> {
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
        let counter =
            Counter { directory, keys: &keys, container: header.container, layer_key: &layer_key };
        counter.save(counter.load()?.cleared())?;
        seal_identity(directory, header, &keys, identity, password, iterations)?;
        let parts = Parts {
            directory: directory.clone(),
            container: header.container,
            keys,
            layer_key,
            database: database::open(directory, &session_key)?,
        };
        Ok(self.remember(Session::start(parts, identity, certificate)))
    }
}
