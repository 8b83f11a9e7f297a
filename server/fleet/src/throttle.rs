//! How many attempts an address has. An attempt is counted before it is looked at, so that many at once are not more.

use crate::network::Network;
use std::collections::BTreeMap;
use std::net::IpAddr;
use time::{Duration, OffsetDateTime};

/// How many networks are remembered. Beyond, strangers share one count; whoever wanted to bring that about would have to use
/// as many networks at the same time.
const MOST_NETWORKS: usize = 10_000;

/// How many attempts are admitted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate {
    /// How many in one go.
    pub burst: i32,
    /// How long it takes until one more is admitted.
    pub pause: Duration,
}

/// Too many attempts: the next one is admitted after so many seconds, at least one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TooMany {
    /// How long to wait, in seconds.
    pub seconds: u64,
}

/// Counts attempts by network: a leaking bucket for each.
#[derive(Debug)]
pub struct Throttle {
    rate: Rate,
    /// When each bucket will be empty; no network is those whose address is not known, or for whom there is no room.
    empty_at: BTreeMap<Option<Network>, OffsetDateTime>,
}

impl Throttle {
    /// Admits attempts at this rate from each network.
    pub fn new(rate: Rate) -> Self {
        Self { rate, empty_at: BTreeMap::new() }
    }

    /// Admits an attempt and counts it.
    ///
    /// # Errors
    ///
    /// [`TooMany`] if there were too many before; this one is not counted then.
    pub fn admit(&mut self, peer: Option<IpAddr>, now: OffsetDateTime) -> Result<(), TooMany> {
        if self.empty_at.len() >= MOST_NETWORKS {
            self.empty_at.retain(|_, empty_at| *empty_at > now);
        }
        let network = peer.map(Network::of);
        let has_room = self.empty_at.contains_key(&network) || self.empty_at.len() < MOST_NETWORKS;
        let empty_at = self.empty_at.entry(network.filter(|_| has_room)).or_insert(now);
        let next = (*empty_at).max(now) + self.rate.pause;
        let beyond = next - now - self.rate.pause * self.rate.burst;
        if beyond.is_positive() {
            return Err(TooMany { seconds: beyond.whole_seconds().unsigned_abs().max(1) });
        }
        *empty_at = next;

        Ok(())
    }

    /// Gives an attempt back that was no guess, after all.
    pub fn give_back(&mut self, peer: Option<IpAddr>) {
        let network = peer.map(Network::of);
        // Whoever was counted among strangers stays counted: that errs towards fewer attempts.
        if let Some(empty_at) = self.empty_at.get_mut(&network) {
            *empty_at -= self.rate.pause;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);
    const RATE: Rate = Rate { burst: 10, pause: Duration::seconds(6) };

    #[test]
    fn a_burst_is_admitted_and_then_one_at_a_time() {
        let mut throttle = Throttle::new(RATE);
        let peer = Some([192, 0, 2, 1].into());

        for _ in 0..RATE.burst {
            assert_eq!(throttle.admit(peer, NOON), Ok(()));
        }
        assert_eq!(throttle.admit(peer, NOON), too_many(6));
        assert_eq!(throttle.admit(peer, NOON + Duration::seconds(5)), too_many(1));
        assert_eq!(throttle.admit(peer, NOON + RATE.pause), Ok(()));
        assert_eq!(throttle.admit(peer, NOON + RATE.pause), too_many(6));
        assert_eq!(throttle.admit(peer, NOON + Duration::hours(1)), Ok(()));
    }

    #[test]
    fn what_is_given_back_was_not_counted() {
        let mut throttle = Throttle::new(RATE);
        let peer = Some([192, 0, 2, 1].into());

        for _ in 0..100 {
            assert_eq!(throttle.admit(peer, NOON), Ok(()));
            throttle.give_back(peer);
        }
        for _ in 0..RATE.burst {
            assert_eq!(throttle.admit(peer, NOON), Ok(()));
        }
        assert_eq!(throttle.admit(peer, NOON), too_many(6));
    }

    #[test]
    fn giving_back_gains_nobody_more_than_a_burst() {
        let mut throttle = Throttle::new(RATE);
        let peer = Some([192, 0, 2, 1].into());
        assert_eq!(throttle.admit(peer, NOON), Ok(()));
        for _ in 0..100 {
            throttle.give_back(peer);
        }

        for _ in 0..RATE.burst {
            assert_eq!(throttle.admit(peer, NOON), Ok(()));
        }
        assert_eq!(throttle.admit(peer, NOON), too_many(6));
    }

    #[test]
    fn networks_are_counted_apart() {
        let mut throttle = Throttle::new(RATE);
        for last in 0..RATE.burst {
            let peer = format!("2001:db8::{last:x}").parse().unwrap();
            assert_eq!(throttle.admit(Some(peer), NOON), Ok(()));
        }

        assert_eq!(throttle.admit(Some("2001:db8::ffff".parse().unwrap()), NOON), too_many(6));
        assert_eq!(throttle.admit(Some("2001:db8:0:1::1".parse().unwrap()), NOON), Ok(()));
        assert_eq!(throttle.admit(Some([192, 0, 2, 2].into()), NOON), Ok(()));
        assert_eq!(throttle.admit(None, NOON), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_strangers_share_a_count() {
        let mut throttle = Throttle::new(RATE);
        for number in 0..u32::try_from(MOST_NETWORKS).unwrap() {
            assert_eq!(throttle.admit(Some(IpAddr::V4(number.into())), NOON), Ok(()));
        }
        let mut stranger =
            |number: i32| throttle.admit(Some(IpAddr::V4([9, 9, 9, number as u8].into())), NOON);
        for number in 0..RATE.burst {
            assert_eq!(stranger(number), Ok(()));
        }

        assert_eq!(stranger(RATE.burst), too_many(6));
        assert_eq!(throttle.empty_at.len(), MOST_NETWORKS + 1);
        assert_eq!(throttle.admit(Some([10, 0, 0, 1].into()), NOON + Duration::hours(1)), Ok(()));
        assert_eq!(throttle.empty_at.len(), 1);
    }

    fn too_many(seconds: u64) -> Result<(), TooMany> {
        Err(TooMany { seconds })
    }
}
