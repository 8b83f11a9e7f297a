//! Why an errand was not done, in the words of what a person can do about it.

use crate::pace::Trouble;

/// Why an errand was not done. Codes are short and stable.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ErrandFailure {
    /// The server, or a policy, does not allow it: ask IT.
    #[error("not allowed: {0}")]
    Forbidden(String),
    /// It cannot be so, whatever the server says: correct it.
    #[error("impossible: {0}")]
    Impossible(&'static str),
    /// What it is about is not there, or not any more.
    #[error("there is no such thing")]
    Missing,
    /// There is a folder of this name in the same place: take another name.
    #[error("the name is taken")]
    NameTaken,
    /// The folder is one that the mailbox needs: it stays as it is.
    #[error("the folder belongs to the mailbox and stays as it is")]
    Protected,
    /// The server will not do it as it was asked.
    #[error("the server refused: {0}")]
    Refused(String),
    /// It is too much for the server: ask for less.
    #[error("too much: {0}")]
    TooMuch(String),
    /// The answer was lost; nobody knows whether it was done. Look before doing it again.
    #[error("the answer was lost: it may have been done")]
    Uncertain,
    /// The server cannot be asked now: try later.
    #[error("the server cannot be asked: {0}")]
    Unreachable(String),
    /// The server does not know how to do this.
    #[error("the server does not do this")]
    Unsupported,
}

impl ErrandFailure {
    /// Says what it means for an errand that something went wrong with its request; `changes` says that the server may have acted.
    pub(crate) fn of(trouble: &Trouble, changes: bool) -> Self {
        match trouble {
            Trouble::AskOptions | Trouble::Unsupported => Self::Unsupported,
            Trouble::BadRequest(code) => Self::Refused(code.clone()),
            Trouble::Busy(_) => Self::Unreachable("server_busy".to_owned()),
            Trouble::Cancelled => Self::Unreachable("cancelled".to_owned()),
            Trouble::Lost if changes => Self::Uncertain,
            Trouble::Lost => Self::Unreachable("connection_lost".to_owned()),
            Trouble::Moved(_) => Self::Unreachable("moved".to_owned()),
            Trouble::Password(code) | Trouble::Unsent(code) => {
                Self::Unreachable((*code).to_owned())
            }
            Trouble::Noncompliant(code) => Self::Forbidden(code.clone()),
            Trouble::Provision => Self::Unreachable("provisioning_failed".to_owned()),
            Trouble::Refused(code) => Self::Forbidden(code.clone()),
            Trouble::ServerError(code) if changes && code == UNREADABLE => Self::Uncertain,
            Trouble::ServerError(code) => Self::Unreachable(code.clone()),
            Trouble::StateLost => Self::Unreachable("state_lost".to_owned()),
        }
    }
}

/// What follows from an answer that is not what was asked for.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It was not done.
    Failed(ErrandFailure),
    /// The tree has to be read from the beginning before it can be asked again.
    TreeLost,
    /// What changed in the tree has to be read before it can be asked again.
    TreeStale,
    /// Something that concerns more than this errand.
    Trouble(Trouble),
}

impl From<Trouble> for Refusal {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// The code of an answer that cannot be read.
pub(crate) const UNREADABLE: &str = "unreadable_answer";

/// An answer that cannot be read.
pub(crate) fn unreadable<E>(_: E) -> Trouble {
    Trouble::ServerError(UNREADABLE.to_owned())
}
