//! How long an administrator stays signed in.

use crate::{AdministratorId, Login, refusal};
use time::{Duration, OffsetDateTime};

/// After so long without a request the session is over.
pub const LONGEST_IDLE: Duration = Duration::minutes(30);
/// After so long the session is over in any case.
pub const LONGEST_SESSION: Duration = Duration::hours(12);

/// A signed-in administrator.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// Whose account it is.
    pub administrator: AdministratorId,
    /// The name of the account.
    pub name: Login,
    /// When they signed in.
    pub created_at: OffsetDateTime,
    /// When they last did something; at most a minute behind.
    pub used_at: OffsetDateTime,
}

/// Checks that a session lasts at `now`.
///
/// # Errors
///
/// [`SessionRefusal`] if it is over.
pub fn check_session(session: &Session, now: OffsetDateTime) -> Result<(), SessionRefusal> {
    let idle = now - session.used_at;
    let age = now - session.created_at;
    if idle >= LONGEST_IDLE || age >= LONGEST_SESSION {
        return Err(SessionRefusal);
    }

    Ok(())
}

/// The session is over, or never was.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("nothing was done: nobody is signed in, or the session is over; sign in")]
pub struct SessionRefusal;

refusal!(SessionRefusal {
    Self => Unproven "not_signed_in",
});

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;
    use uuid::Uuid;

    #[test]
    fn a_session_ends_when_nobody_uses_it() {
        check(Duration::ZERO, Duration::minutes(29), Ok(()));
        check(Duration::ZERO, Duration::minutes(30), Err(SessionRefusal));
    }

    #[test]
    fn a_session_ends_however_busy_it_is() {
        check(Duration::minutes(719), Duration::minutes(719), Ok(()));
        check(Duration::minutes(719), Duration::minutes(720), Err(SessionRefusal));
    }

    /// Checks a session that was used and is asked for so long after its begin.
    #[track_caller]
    fn check(used: Duration, asked: Duration, expected: Result<(), SessionRefusal>) {
        let session = Session {
            administrator: AdministratorId(Uuid::from_u128(1)),
            name: Login::parse("anna").unwrap(),
            created_at: NOW,
            used_at: NOW + used,
        };

        assert_eq!(check_session(&session, NOW + asked), expected);
    }

    const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);
}
