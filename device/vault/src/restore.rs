//! Making data readable again after its key was wiped.
//!
//! Two steps, so that the owner of the data can be asked in between: [`Container::reopen`] opens with the key in memory
//! and changes nothing on the disk, [`Container::restore_identity`] puts the key back.

use crate::create::check_identity;
use crate::envelope::NotOpened;
use crate::identity::{NewIdentity, Replacement, UserIdentity};
use crate::open::Bound;
use crate::{Container, CreateError, Fault, Open, Presence, wipe};
use keys::KeyError;

/// Why a wiped key was not put back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The card with the key was not there, or refused.
    #[error("the smart card did not open the container")]
    Card(#[source] KeyError),
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
    /// The card cannot open the container: take another one.
    #[error("the smart card cannot be used: {reason}")]
    UnsuitableCard {
        /// What is wrong with it.
        reason: String,
    },
}

impl Container {
    /// Opens a container whose key was wiped, with the key from elsewhere; after locking it is as it was before.
    ///
    /// # Errors
    ///
    /// [`RestoreError::OtherIdentity`] if the key is not the one that was wiped.
    pub fn reopen(&self, user: UserIdentity<'_>) -> Result<Open, RestoreError> {
        if self.presence()? != Presence::KeyWiped {
            return Err(RestoreError::NotWiped);
        }
        let bound = Bound::load(self)?.ok_or(RestoreError::NotWiped)?;
        let credential = check_identity(user).map_err(|error| match error {
            CreateError::Fault(fault) => RestoreError::Fault(fault),
            CreateError::Exists
            | CreateError::UnsuitableCard { .. }
            | CreateError::UnsuitableIdentity { .. } => RestoreError::OtherIdentity,
        })?;
        let session_key = bound.session_key(&credential).map_err(|error| match error {
            NotOpened::Fault(_) | NotOpened::Key(KeyError::Undecipherable) => {
                RestoreError::OtherIdentity
            }
            NotOpened::Key(error) => RestoreError::Card(error),
        })?;
        self.lock_session();

        Ok(self.start(bound, &session_key, credential)?)
    }

    /// Puts the key of a reopened container back, under what the user chose; from here on that opens it.
    ///
    /// # Errors
    ///
    /// [`RestoreError::OtherIdentity`] if `open` was opened with another key; everything stays as it was.
    pub fn restore_identity(
        &self,
        open: &Open,
        identity: &NewIdentity<'_>,
    ) -> Result<(), RestoreError> {
        if self.presence()? != Presence::KeyWiped {
            return Err(RestoreError::NotWiped);
        }
        if open.certificate().as_der() != identity.user().certificate() {
            return Err(RestoreError::OtherIdentity);
        }
        if open.is_locked() {
            return Err(RestoreError::Locked);
        }
        if let NewIdentity::Card { card, .. } = identity {
            card.check().map_err(|reason| RestoreError::UnsuitableCard { reason })?;
        }
        let bound = Bound::load(self)?.ok_or(RestoreError::NotWiped)?;
        let counter = bound.counter();
        counter.save(counter.load()?.cleared())?;
        Replacement::prepare(bound.header, &identity.seal()?)?
            .commit(bound.directory, &bound.keys)?;
        // Without the identity's absence the note says nothing; what a crash leaves of it is overwritten by the next.
        Ok(wipe::forget_cause(self)?)
    }
}
