//! Another password for the same container.

use super::history::History;
use super::{Cost, NewPassword, stretch};
use crate::attempts::Counter;
use crate::device_key::Item;
use crate::header::Header;
use crate::open::IDENTITY;
use crate::{AccessError, Container, Fault, Open, OpenError, disk, layer};
use openssl::memcmp;
use secrecy::{ExposeSecret as _, SecretString};

/// A change of the password.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    /// The password that opens the container now.
    pub old: &'a SecretString,
    /// The one that is to open it.
    pub new: &'a NewPassword,
    /// How many passwords before the present one may not come back.
    pub history: u8,
    /// What a try at the new one costs; [`Cost::STANDARD`] outside of tests.
    pub cost: Cost,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// Why the password stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The machine failed, or the container was locked meanwhile.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The password of now was not given.
    #[error(transparent)]
    Old(#[from] OpenError),
    /// The new password is the present one, or one of the last before it.
    #[error("the password was used before")]
    Used,
}

impl From<Fault> for ChangePasswordError {
    fn from(fault: Fault) -> Self {
        Self::Access(fault.into())
    }
}

impl Container {
    /// Lets another password open the container; after a crash either the old one does or the new one.
    ///
    /// The old password is tried as it is for opening: the try is counted first, and the last that is allowed deletes the
    /// key if it is wrong.
    ///
    /// # Errors
    ///
    /// [`ChangePasswordError`]; the old password opens the container as before, unless the key was deleted.
    pub fn change_password(
        &self,
        open: &Open,
        change: &PasswordChange<'_>,
    ) -> Result<(), ChangePasswordError> {
        let directory = &self.place.directory;
        let header = Header::load(directory)?.ok_or(OpenError::Absent)?;
        let present = disk::read(&directory.join(IDENTITY))?.ok_or(OpenError::KeyDeleted)?;
        let session = &open.0;
        let layer_key = session.layer_key()?;
        let keys = &session.keys;
        let identity_key = keys.key(Item::IdentityKey)?;
        let counter =
            Counter { directory, keys, container: header.container, layer_key: &layer_key };
        let identity = self.try_password(&counter, &identity_key, &present, change.old)?;
        if identity.certificate != open.certificate().as_der() {
            return Err(Fault::damaged(IDENTITY).into());
        }

        let (old, new) = (change.old.expose_secret().as_bytes(), change.new.expose().as_bytes());
        let mut history = History::load(open, change.cost)?;
        if (old.len() == new.len() && memcmp::eq(old, new))
            || history.had(&present, change.new.secret(), change.history)?
        {
            return Err(ChangePasswordError::Used);
        }
        let file = stretch::seal(&identity, change.new.expose(), change.cost)?;
        // The same key of the second layer: a new one and the file could not be replaced in one step.
        let blob = layer::seal(&identity_key, &header.container, IDENTITY, &file)?;
        if history.since(&present).is_none() {
            history.note(&present, &present, change.old, change.now)?;
        }
        history.note(&present, &blob, change.new.secret(), change.now)?;
        history.save(open)?;

        Ok(disk::write(&directory.join(IDENTITY), &blob)?)
    }
}
