//! One-time tickets, and the sessions they are exchanged for.

use crate::random::{make_token, token_bytes};
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq;

/// How long a ticket can be redeemed.
pub(crate) const TICKET_LIFE: Duration = Duration::from_secs(30);
/// How many wrong tickets close the door.
pub(crate) const WRONG_TICKETS: u8 = 5;
/// How long a session lives without a request.
pub(crate) const SESSION_LIFE: Duration = Duration::from_secs(12 * 60 * 60);
/// How many sessions, which is browser tabs, are kept; the one that was idle longest goes first.
const SESSIONS: usize = 16;

/// What became of an attempt to redeem a ticket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Redemption {
    /// It is the ticket; it cannot be redeemed again.
    Accepted,
    /// Too many wrong tickets: the door closes.
    Closed,
    /// Wrong, used or too old.
    Refused,
}

/// The ticket that can be redeemed, if there is one.
#[derive(Default)]
pub(crate) struct Tickets {
    ticket: Option<([u8; 32], Instant)>,
    wrong: u8,
}

impl Tickets {
    /// Takes the place of the ticket before it.
    pub(crate) fn issue(&mut self, ticket: [u8; 32], now: Instant) {
        self.ticket = Some((ticket, now));
    }

    pub(crate) fn redeem(&mut self, given: &str, now: Instant) -> Redemption {
        if self.wrong >= WRONG_TICKETS {
            return Redemption::Closed;
        }
        let fresh = self.ticket.filter(|(_, made)| now.duration_since(*made) < TICKET_LIFE);
        let right = match (fresh, token_bytes(given)) {
            (Some((ticket, _)), Some(given)) => {
                bool::from(ticket.as_slice().ct_eq(given.as_slice()))
            }
            (None, _) | (_, None) => false,
        };
        if right {
            self.ticket = None;
            return Redemption::Accepted;
        }
        self.wrong += 1;
        if self.wrong >= WRONG_TICKETS { Redemption::Closed } else { Redemption::Refused }
    }
}

/// The sessions of the door's pages.
#[derive(Default)]
pub(crate) struct Sessions(Vec<Session>);

struct Session {
    token: [u8; 32],
    used: Instant,
}

impl Sessions {
    /// Begins a session and returns its token.
    pub(crate) fn begin(&mut self, token: [u8; 32], now: Instant) -> String {
        self.forget_idle(now);
        if self.0.len() >= SESSIONS {
            let idle = self
                .0
                .iter()
                .enumerate()
                .min_by_key(|(_, session)| session.used)
                .map(|(index, _)| index);
            if let Some(index) = idle {
                self.0.remove(index);
            }
        }
        self.0.push(Session { token, used: now });
        make_token(&token)
    }

    /// Tells whether `given` is the token of a session, and keeps that one alive.
    pub(crate) fn admit(&mut self, given: &str, now: Instant) -> bool {
        self.forget_idle(now);
        let Some(given) = token_bytes(given) else { return false };
        let mut found = false;
        for session in &mut self.0 {
            if bool::from(session.token.as_slice().ct_eq(given.as_slice())) {
                session.used = now;
                found = true;
            }
        }
        found
    }

    /// Tells whether there is any session.
    pub(crate) fn any(&mut self, now: Instant) -> bool {
        self.forget_idle(now);
        !self.0.is_empty()
    }

    fn forget_idle(&mut self, now: Instant) {
        self.0.retain(|session| now.duration_since(session.used) < SESSION_LIFE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_redeemed_once() {
        let now = Instant::now();
        let mut tickets = Tickets::default();
        tickets.issue([7; 32], now);

        assert_eq!(tickets.redeem(&make_token(&[7; 32]), now), Redemption::Accepted);
        assert_eq!(tickets.redeem(&make_token(&[7; 32]), now), Redemption::Refused);
    }

    #[test]
    fn an_old_ticket_is_refused_and_a_later_one_takes_its_place() {
        let now = Instant::now();
        let mut tickets = Tickets::default();
        tickets.issue([7; 32], now);
        assert_eq!(tickets.redeem(&make_token(&[7; 32]), now + TICKET_LIFE), Redemption::Refused);

        tickets.issue([7; 32], now);
        tickets.issue([8; 32], now);
        assert_eq!(tickets.redeem(&make_token(&[7; 32]), now), Redemption::Refused);
        assert_eq!(tickets.redeem(&make_token(&[8; 32]), now), Redemption::Accepted);
    }

    #[test]
    fn the_fifth_wrong_ticket_closes_the_door_for_good() {
        let now = Instant::now();
        let mut tickets = Tickets::default();
        tickets.issue([7; 32], now);
        let wrong = make_token(&[8; 32]);

        let answers: Vec<_> =
            ["", "nonsense", &wrong, &wrong, &wrong].map(|given| tickets.redeem(given, now)).into();

        assert_eq!(answers[..4], [Redemption::Refused; 4]);
        assert_eq!(answers[4], Redemption::Closed);
        assert_eq!(tickets.redeem(&make_token(&[7; 32]), now), Redemption::Closed);
    }

    #[test]
    fn a_session_lives_while_it_is_used() {
        let now = Instant::now();
        let mut sessions = Sessions::default();
        assert!(!sessions.any(now));
        let token = sessions.begin([7; 32], now);
        let later = now + SESSION_LIFE - Duration::from_secs(1);

        assert!(sessions.admit(&token, later));
        assert!(sessions.admit(&token, later + Duration::from_secs(60)));
        assert!(!sessions.admit(&make_token(&[8; 32]), later));
        assert!(!sessions.admit("", later));
        assert!(!sessions.admit(&token, later + Duration::from_secs(60) + SESSION_LIFE));
        assert!(!sessions.any(later + SESSION_LIFE * 2));
    }

    #[test]
    fn the_idlest_of_too_many_sessions_goes() {
        let now = Instant::now();
        let mut sessions = Sessions::default();
        let first = sessions.begin([0; 32], now);
        let second = sessions.begin([1; 32], now);
        assert!(sessions.admit(&first, now + Duration::from_secs(1)));

        for number in 2..=u8::try_from(SESSIONS).unwrap() {
            sessions.begin([number; 32], now + Duration::from_secs(2));
        }

        assert!(sessions.admit(&first, now));
        assert!(!sessions.admit(&second, now));
    }
}
