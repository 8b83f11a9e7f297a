//! Administrators: who may sign in to the console, and how guessing is slowed down.

mod lockout;
mod password;
mod session;

pub use lockout::{FORGOTTEN_AFTER, LockedOut, SignInGuard};
pub use password::{PasswordRefusal, check_password};
pub use session::{LONGEST_IDLE, LONGEST_SESSION, Session, SessionRefusal, check_session};

use crate::{AdministratorId, Login, refusal};
use time::OffsetDateTime;

/// An administrator account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Administrator {
    /// The identifier.
    pub id: AdministratorId,
    /// What they sign in with, and what the audit log calls them.
    pub name: Login,
    /// When the account was made.
    pub created_at: OffsetDateTime,
}

/// Why nobody was signed in.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignInRefusal {
    /// Too many guesses went wrong.
    #[error(transparent)]
    LockedOut(#[from] LockedOut),
    /// Which of the two is wrong remains unsaid.
    #[error("nobody was signed in: the name or the password is wrong; try again")]
    Wrong,
}

refusal!(SignInRefusal {
    Self::LockedOut(_) => TooEarly "locked_out",
    Self::Wrong => Unproven "wrong_name_or_password",
});

/// Why an administrator account was not made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CreateRefusal {
    /// The name belongs to another account.
    #[error("the administrator was not added: another one has this name; choose another name")]
    NameTaken,
    /// The password is too easy.
    #[error(transparent)]
    Password(#[from] PasswordRefusal),
}

refusal!(CreateRefusal {
    Self::NameTaken => Conflict "name_taken",
    Self::Password(_) => Invalid "weak_password",
});

/// Allows one of `accounts` administrators to be removed.
///
/// # Errors
///
/// [`RemoveRefusal`] if it is the last one.
pub fn remove(accounts: u64) -> Result<(), RemoveRefusal> {
    if accounts <= 1 {
        return Err(RemoveRefusal::LastOne);
    }

    Ok(())
}

/// Why an administrator account was not removed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RemoveRefusal {
    /// Nobody could sign in any more.
    #[error("the administrator was not removed: it is the last one; add another one first")]
    LastOne,
}

refusal!(RemoveRefusal {
    Self::LastOne => Conflict "last_administrator",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_administrator_stays() {
        assert_eq!(remove(2), Ok(()));
        assert_eq!(remove(1), Err(RemoveRefusal::LastOne));
    }
}
