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

/// Why a person did not change their own password.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ChangePasswordRefusal {
    /// Too many guesses went wrong.
    #[error(transparent)]
    LockedOut(#[from] LockedOut),
    /// The new password is too easy.
    #[error(transparent)]
    Password(#[from] PasswordRefusal),
    /// The old and the new password are the same.
    #[error("the password was not changed: the new one is the old one; choose another one")]
    Unchanged,
    /// The account is not theirs to change.
    #[error("the password was not changed: the current password is wrong; try again")]
    Wrong,
}

impl crate::Refusal for ChangePasswordRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::LockedOut(_) => "locked_out",
            Self::Password(refusal) => refusal.code(),
            Self::Unchanged => "password_unchanged",
            Self::Wrong => "wrong_current_password",
        }
    }

    fn kind(&self) -> crate::RefusalKind {
        match self {
            Self::LockedOut(_) => crate::RefusalKind::TooEarly,
            Self::Password(refusal) => refusal.kind(),
            Self::Unchanged | Self::Wrong => crate::RefusalKind::Invalid,
        }
    }
}

/// Allows `account`, one of `accounts` administrators, to be removed by the administrator of this name, if it is one.
///
/// # Errors
///
/// [`RemoveRefusal`] if it is the last one, or their own.
pub fn remove(
    account: &Administrator,
    accounts: u64,
    by: Option<&str>,
) -> Result<(), RemoveRefusal> {
    if accounts <= 1 {
        return Err(RemoveRefusal::LastOne);
    }
    if by.is_some_and(|name| name.to_lowercase() == account.name.key()) {
        return Err(RemoveRefusal::OwnAccount);
    }

    Ok(())
}

/// Why an administrator account was not removed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RemoveRefusal {
    /// Nobody could sign in any more.
    #[error("the administrator was not removed: it is the last one; add another one first")]
    LastOne,
    /// They would lock themselves out by mistake.
    #[error(
        "the administrator was not removed: this is your own account; let another administrator remove it"
    )]
    OwnAccount,
}

refusal!(RemoveRefusal {
    Self::LastOne => Conflict "last_administrator",
    Self::OwnAccount => Conflict "own_account",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_administrator_stays() {
        assert_eq!(remove(&anna(), 2, Some("ben")), Ok(()));
        assert_eq!(remove(&anna(), 2, None), Ok(()));
        assert_eq!(remove(&anna(), 1, Some("ben")), Err(RemoveRefusal::LastOne));
        assert_eq!(remove(&anna(), 1, None), Err(RemoveRefusal::LastOne));
    }

    #[test]
    fn nobody_removes_their_own_account() {
        assert_eq!(remove(&anna(), 2, Some("ANNA")), Err(RemoveRefusal::OwnAccount));
        assert_eq!(remove(&anna(), 1, Some("anna")), Err(RemoveRefusal::LastOne));
    }

    fn anna() -> Administrator {
        Administrator {
            id: AdministratorId(uuid::Uuid::from_u128(1)),
            name: Login::parse("Anna").unwrap(),
            created_at: OffsetDateTime::UNIX_EPOCH,
        }
    }
}
