//! Something else that opens the same container: another password, or a smart card, or a password in its place.

use super::history::History;
use super::{Cost, NewPassword, stretch};
use crate::identity::{self, CardIdentity, Form, NewIdentity, Replacement, Stored};
use crate::open::Bound;
use crate::{AccessError, Container, Fault, Open, OpenError, Opener};
use keys::pkcs12::Identity;
use openssl::memcmp;
use secrecy::ExposeSecret as _;

/// A change of the password, or from a card to a password.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    /// What opens the container now.
    pub old: Opener<'a>,
    /// The password that is to open it.
    pub new: &'a NewPassword,
    /// How many passwords before the present one may not come back.
    pub history: u8,
    /// What a try at the new one costs; [`Cost::STANDARD`] outside of tests.
    pub cost: Cost,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// Why what opens the container stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The machine failed, or the container was locked meanwhile.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// What opens the container now was not given.
    #[error(transparent)]
    Old(#[from] OpenError),
    /// The user's key is on the card itself: only a new registration changes that.
    #[error("the key is on the smart card and stays there")]
    OnCard,
    /// The card cannot open a container: take another one.
    #[error("the smart card cannot be used: {reason}")]
    UnsuitableCard {
        /// What is wrong with it.
        reason: String,
    },
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
    /// An old password is tried as it is for opening: the try is counted first, and the last that is allowed deletes the
    /// key if it is wrong.
    ///
    /// # Errors
    ///
    /// [`ChangePasswordError`]; what opened the container opens it as before, unless the key was deleted.
    pub fn change_password(
        &self,
        open: &Open,
        change: &PasswordChange<'_>,
    ) -> Result<(), ChangePasswordError> {
        let (bound, stored, identity) = self.opened_anew(open, change.old)?;
        let present = stored.blob;
        let mut history = History::load(open, change.cost)?;
        if is_same(change.old, change.new)
            || history.had(&present, change.new.secret(), change.history)?
        {
            return Err(ChangePasswordError::Used);
        }
        let file = stretch::seal(&identity, change.new.expose(), change.cost)?;
        let replacement = Replacement::prepare(bound.header, &file)?;
        if let Opener::Password(old) = change.old
            && history.since(&present).is_none()
        {
            history.note(&present, &present, old, change.now)?;
        }
        history.note(&present, &replacement.blob, change.new.secret(), change.now)?;
        history.save(open)?;
        let counter = bound.counter();
        counter.save(counter.load()?.cleared())?;

        Ok(replacement.commit(bound.directory, &bound.keys)?)
    }

    /// Lets a smart card open the container, in place of the password or of another card.
    ///
    /// # Errors
    ///
    /// As of [`change_password`](Self::change_password).
    pub fn change_card(
        &self,
        open: &Open,
        old: Opener<'_>,
        card: &CardIdentity,
    ) -> Result<(), ChangePasswordError> {
        card.check().map_err(|reason| ChangePasswordError::UnsuitableCard { reason })?;
        let (bound, _, identity) = self.opened_anew(open, old)?;
        let content = NewIdentity::Card { identity: &identity, card }.seal()?;

        Ok(Replacement::prepare(bound.header, &content)?.commit(bound.directory, &bound.keys)?)
    }

    /// Opens the key of a container that is open already, as proof and to close it in another way.
    pub(crate) fn opened_anew(
        &self,
        open: &Open,
        old: Opener<'_>,
    ) -> Result<(Bound<'_>, Stored, Identity), ChangePasswordError> {
        let bound = Bound::load(self)?.ok_or(OpenError::Absent)?;
        let stored = identity::load(bound.directory, bound.header, &bound.keys)?;
        let stored = stored.ok_or(OpenError::KeyDeleted)?;
        if matches!(stored.form, Form::OnCard(_)) {
            return Err(ChangePasswordError::OnCard);
        }
        let identity = self.try_opener(&bound, &stored.form, old)?;
        if identity.certificate != open.certificate().as_der() {
            return Err(Fault::damaged(identity::FILE).into());
        }

        Ok((bound, stored, identity))
    }
}

fn is_same(old: Opener<'_>, new: &NewPassword) -> bool {
    match old {
        Opener::Card(_) => false,
        Opener::Password(old) => {
            let (old, new) = (old.expose_secret().as_bytes(), new.expose().as_bytes());
            old.len() == new.len() && memcmp::eq(old, new)
        }
    }
}
