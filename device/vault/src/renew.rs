//! Another certificate with its key in the place of the user's (P17).

use crate::create::{check_identity, publish};
use crate::identity::{self, CardIdentity, Form, NewIdentity, Replacement, UserIdentity};
use crate::key::Credential;
use crate::open::{NEXT_SESSION_KEY, SESSION_KEY};
use crate::password::history::History;
use crate::password::stretch;
use crate::{
    AccessError, ChangePasswordError, Container, Cost, CreateError, Fault, Open, OpenError, Opener,
    disk, envelope, former, layer,
};
use keys::pkcs12::Identity;
use secrecy::ExposeSecret as _;

/// Another key for a container.
#[derive(Debug)]
pub struct Renewal<'a> {
    /// What opens the container, and goes on doing so.
    pub opener: Opener<'a>,
    /// The key with its certificate, opened with the transport password.
    pub identity: &'a Identity,
    /// What a try at the password costs; [`Cost::STANDARD`] outside of tests.
    pub cost: Cost,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// Why the user's key stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// The machine failed, or the container was locked meanwhile.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// What opens the container was not given.
    #[error(transparent)]
    Old(#[from] OpenError),
    /// The key is on a smart card: only a new registration changes that.
    #[error("the key is on the smart card and stays there")]
    OnCard,
    /// This is the certificate of now.
    #[error("the container has this certificate already")]
    Same,
    /// The certificate cannot protect the container.
    #[error("the certificate cannot be used for encryption: {reason}")]
    UnsuitableIdentity {
        /// What is wrong with it.
        reason: String,
    },
}

impl From<Fault> for RenewError {
    fn from(fault: Fault) -> Self {
        Self::Access(fault.into())
    }
}

impl Container {
    /// Puts another key in the place of the user's, and returns the container opened with it; `open` is locked.
    ///
    /// What opens the container stays the same. The key of before is kept, so everything stays readable. After a crash
    /// either key is the user's.
    ///
    /// # Errors
    ///
    /// [`RenewError`]; the key of before is the user's as before, unless a wrong password was the last one.
    pub fn renew(&self, open: &Open, renewal: &Renewal<'_>) -> Result<Open, RenewError> {
        let Renewal { opener, identity: new, cost, now } = *renewal;
        let credential = check_identity(UserIdentity::File(new)).map_err(|error| match error {
            CreateError::Fault(fault) => fault.into(),
            CreateError::UnsuitableIdentity { reason } => RenewError::UnsuitableIdentity { reason },
            error @ (CreateError::Exists | CreateError::UnsuitableCard { .. }) => {
                Fault::unsound(error).into()
            }
        })?;
        let (bound, stored, old) = self.opened_anew(open, opener).map_err(|error| match error {
            ChangePasswordError::Access(error) => RenewError::Access(error),
            ChangePasswordError::Old(error) => RenewError::Old(error),
            ChangePasswordError::OnCard => RenewError::OnCard,
            error @ (ChangePasswordError::UnsuitableCard { .. } | ChangePasswordError::Used) => {
                Fault::unsound(error).into()
            }
        })?;
        if old.certificate == new.certificate {
            return Err(RenewError::Same);
        }
        let present = Credential::held(&old).ok_or_else(|| Fault::damaged(identity::FILE))?;
        let session_key = bound.session_key(&present).map_err(Fault::from)?;
        let content = match (opener, &stored.form) {
            (Opener::Card(card), Form::Card(under)) => {
                let certificate = under.card.as_der().to_vec();
                let card = CardIdentity { certificate, ..card.clone() };
                NewIdentity::Card { identity: new, card: &card }.seal()?
            }
            (Opener::Password(password), Form::Password(_)) => {
                stretch::seal(new, password.expose_secret(), cost)?
            }
            (Opener::Card(_) | Opener::Password(_), _) => return Err(RenewError::OnCard),
        };
        let replacement = Replacement::prepare(bound.header, &content)?;

        former::add(open, &old)?;
        let message = envelope::seal(session_key.as_slice(), &credential.certificate)?;
        let next = layer::seal(&bound.layer_key, &bound.header.container, SESSION_KEY, &message)?;
        disk::write(&bound.directory.join(NEXT_SESSION_KEY), &next)?;
        if let Opener::Password(password) = opener {
            let mut history = History::load(open, cost)?;
            history.carry(&stored.blob, &replacement.blob, password, now)?;
            history.save(open)?;
        }
        replacement.commit(bound.directory, &bound.keys)?;
        disk::replace(&bound.directory.join(NEXT_SESSION_KEY), &bound.directory.join(SESSION_KEY))?;
        publish(bound.directory, UserIdentity::File(new))?;
        self.lock_session();

        Ok(self.start(bound, &session_key, credential)?)
    }
}
