//! Invitations: a person may register one device, once, until a given moment.

mod warning;

pub use warning::{Warning, warning};

use crate::{DeviceId, InvitationId, UserId, refusal};
use time::{Duration, OffsetDateTime};

/// An invitation. Its code is known to the person who was invited, and to nobody else.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Invitation {
    /// The identifier; it does not help to redeem.
    pub id: InvitationId,
    /// Who was invited.
    pub user: UserId,
    /// The device that will come of it.
    pub device: DeviceId,
    /// Who invited, as the audit log names them.
    pub created_by: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it ceases to be good.
    pub expires_at: OffsetDateTime,
    /// How many answers to its challenges were wrong.
    pub wrong_answers: u32,
    /// What became of it.
    pub fate: Fate,
}

/// So many wrong answers close an invitation.
pub const MOST_WRONG_ANSWERS: u32 = 5;

/// What became of an invitation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    /// Nothing yet.
    Pending,
    /// A device was registered with it.
    Used {
        /// When.
        at: OffsetDateTime,
    },
    /// An administrator took it back.
    Revoked {
        /// When.
        at: OffsetDateTime,
    },
}

/// Where an invitation stands at some moment.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Standing {
    /// It can be redeemed.
    Open,
    /// Its time is over.
    Expired,
    /// Too many answers to its challenges were wrong.
    Closed,
    /// A device was registered with it.
    Used,
    /// An administrator took it back.
    Revoked,
}

impl Standing {
    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Expired => "expired",
            Self::Closed => "closed",
            Self::Used => "used",
            Self::Revoked => "revoked",
        }
    }
}

impl Invitation {
    /// Returns where the invitation stands at `now`.
    pub fn standing(&self, now: OffsetDateTime) -> Standing {
        match self.fate {
            Fate::Pending if self.wrong_answers >= MOST_WRONG_ANSWERS => Standing::Closed,
            Fate::Pending if now < self.expires_at => Standing::Open,
            Fate::Pending => Standing::Expired,
            Fate::Used { .. } => Standing::Used,
            Fate::Revoked { .. } => Standing::Revoked,
        }
    }
}

/// How long an invitation is good.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Validity(Duration);

impl Validity {
    /// The shortest time an invitation may be good.
    pub const SHORTEST: Duration = Duration::minutes(1);
    /// The longest time an invitation may be good.
    pub const LONGEST: Duration = Duration::days(30);

    /// Reads a validity.
    ///
    /// # Errors
    ///
    /// [`ValidityRefusal`] if it is shorter or longer than invitations may be good.
    pub fn parse(duration: Duration) -> Result<Self, ValidityRefusal> {
        if !(Self::SHORTEST..=Self::LONGEST).contains(&duration) {
            return Err(ValidityRefusal);
        }

        Ok(Self(duration))
    }
}

impl Default for Validity {
    /// A week.
    fn default() -> Self {
        Self(Duration::days(7))
    }
}

/// An invitation was to be good for too short or too long a time.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the invitation was not made: it can be good for 1 minute to 30 days; choose a time between"
)]
pub struct ValidityRefusal;

refusal!(ValidityRefusal {
    Self => Invalid "validity_out_of_range",
});

/// Invites `user` to register `device`.
pub fn invite(
    id: InvitationId,
    user: UserId,
    device: DeviceId,
    created_by: String,
    validity: Validity,
    now: OffsetDateTime,
) -> Invitation {
    Invitation {
        id,
        user,
        device,
        created_by,
        created_at: now,
        expires_at: now + validity.0,
        wrong_answers: 0,
        fate: Fate::Pending,
    }
}

/// Redeems an invitation; afterwards it is used.
///
/// # Errors
///
/// [`RedeemRefusal`] unless it is open at `now`.
pub fn redeem(invitation: Invitation, now: OffsetDateTime) -> Result<Invitation, RedeemRefusal> {
    match invitation.standing(now) {
        Standing::Open => Ok(Invitation { fate: Fate::Used { at: now }, ..invitation }),
        Standing::Expired => Err(RedeemRefusal::Expired),
        Standing::Closed => Err(RedeemRefusal::Closed),
        Standing::Revoked => Err(RedeemRefusal::Revoked),
        Standing::Used => Err(RedeemRefusal::Used),
    }
}

/// Why an invitation cannot be redeemed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RedeemRefusal {
    /// Too many answers were wrong.
    #[error(
        "the invitation was not accepted: it was closed after too many wrong answers; check the person's certificate \
         and ask for another invitation"
    )]
    Closed,
    /// Its time is over.
    #[error("the invitation was not accepted: its time is over; ask for another one")]
    Expired,
    /// An administrator took it back.
    #[error("the invitation was not accepted: it was taken back; ask for another one")]
    Revoked,
    /// It is good for one device.
    #[error(
        "the invitation was not accepted: a device was registered with it already; ask for another one"
    )]
    Used,
}

refusal!(RedeemRefusal {
    Self::Closed => Conflict "invitation_closed",
    Self::Expired => Conflict "invitation_expired",
    Self::Revoked => Conflict "invitation_revoked",
    Self::Used => Conflict "invitation_used",
});

/// Counts a wrong answer; the last that is tolerated closes the invitation.
#[must_use]
pub fn count_wrong_answer(invitation: Invitation) -> Invitation {
    Invitation { wrong_answers: invitation.wrong_answers.saturating_add(1), ..invitation }
}

/// Takes an invitation back, whether or not its time is over.
///
/// # Errors
///
/// [`RevokeRefusal`] if it has been used or taken back before.
pub fn revoke(invitation: Invitation, now: OffsetDateTime) -> Result<Invitation, RevokeRefusal> {
    match invitation.fate {
        Fate::Pending => Ok(Invitation { fate: Fate::Revoked { at: now }, ..invitation }),
        Fate::Revoked { .. } => Err(RevokeRefusal::AlreadyRevoked),
        Fate::Used { .. } => Err(RevokeRefusal::Used),
    }
}

/// Why an invitation was not taken back.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RevokeRefusal {
    /// It was taken back before.
    #[error("the invitation was not revoked: it is revoked already; nothing is left to do")]
    AlreadyRevoked,
    /// A device has been registered with it.
    #[error(
        "the invitation was not revoked: a device was registered with it; block or retire that device instead"
    )]
    Used,
}

refusal!(RevokeRefusal {
    Self::AlreadyRevoked => Conflict "already_revoked",
    Self::Used => Conflict "invitation_used",
});

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;
    use uuid::Uuid;

    #[test]
    fn an_invitation_is_good_until_it_expires() {
        let end = NOW + Duration::days(7);
        check_redeem(Fate::Pending, end - Duration::SECOND, Ok(end - Duration::SECOND));
        check_redeem(Fate::Pending, end, Err(RedeemRefusal::Expired));
        check_redeem(Fate::Pending, end + Duration::DAY, Err(RedeemRefusal::Expired));
    }

    #[test]
    fn an_invitation_is_good_once() {
        check_redeem(Fate::Used { at: NOW }, NOW, Err(RedeemRefusal::Used));
        check_redeem(Fate::Revoked { at: NOW }, NOW, Err(RedeemRefusal::Revoked));
    }

    #[test]
    fn wrong_answers_close_an_invitation() {
        let mut invitation = invitation(Fate::Pending);
        for _ in 0..4 {
            invitation = count_wrong_answer(invitation);
            assert_eq!(invitation.standing(NOW), Standing::Open);
        }
        let closed = count_wrong_answer(invitation);

        assert_eq!(closed.standing(NOW), Standing::Closed);
        assert_eq!(redeem(closed, NOW), Err(RedeemRefusal::Closed));
    }

    #[test]
    fn an_invitation_is_revoked_once_and_only_unused() {
        let revoked = |fate| revoke(invitation(fate), NOW).map(|invitation| invitation.fate);

        assert_eq!(revoked(Fate::Pending), Ok(Fate::Revoked { at: NOW }));
        assert_eq!(revoked(Fate::Used { at: NOW }), Err(RevokeRefusal::Used));
        assert_eq!(revoked(Fate::Revoked { at: NOW }), Err(RevokeRefusal::AlreadyRevoked));
    }

    #[test]
    fn validity_has_bounds() {
        assert!(Validity::parse(Duration::minutes(1)).is_ok());
        assert!(Validity::parse(Duration::days(30)).is_ok());
        for bad in [Duration::ZERO, -Duration::DAY, Duration::seconds(59), Duration::days(31)] {
            assert_eq!(Validity::parse(bad), Err(ValidityRefusal), "{bad}");
        }
    }

    #[track_caller]
    fn check_redeem(
        fate: Fate,
        now: OffsetDateTime,
        used_at: Result<OffsetDateTime, RedeemRefusal>,
    ) {
        let after = redeem(invitation(fate), now).map(|invitation| invitation.fate);

        assert_eq!(after, used_at.map(|at| Fate::Used { at }));
    }

    fn invitation(fate: Fate) -> Invitation {
        let id = InvitationId(Uuid::from_u128(1));
        let user = UserId(Uuid::from_u128(2));
        let device = DeviceId(Uuid::from_u128(3));

        Invitation { fate, ..invite(id, user, device, "anna".into(), Validity::default(), NOW) }
    }

    const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);
}
