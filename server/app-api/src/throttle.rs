//! Slows down those who fail again and again, by their address.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use time::{Duration, OffsetDateTime};

/// How many failures an address has within [`WINDOW`].
const MOST_FAILURES: u32 = 20;

/// How long failures are counted together.
const WINDOW: Duration = Duration::MINUTE;

/// How many addresses are remembered; beyond, all of them begin anew.
const MOST_PEERS: usize = 10_000;

/// Failures by address.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<BTreeMap<IpAddr, Failures>>);

#[derive(Clone, Copy, Debug)]
struct Failures {
    since: OffsetDateTime,
    count: u32,
}

impl Throttle {
    /// Tells whether an address may try.
    pub(crate) fn admits(&self, peer: IpAddr, now: OffsetDateTime) -> bool {
        let peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);

        !peers.get(&network(peer)).is_some_and(|failures| {
            now - failures.since < WINDOW && failures.count >= MOST_FAILURES
        })
    }

    /// Counts a failure.
    pub(crate) fn note_failure(&self, peer: IpAddr, now: OffsetDateTime) {
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if peers.len() >= MOST_PEERS {
            peers.retain(|_, failures| now - failures.since < WINDOW);
        }
        if peers.len() >= MOST_PEERS {
            peers.clear();
        }
        let failures = peers.entry(network(peer)).or_insert(Failures { since: now, count: 0 });
        if now - failures.since >= WINDOW {
            *failures = Failures { since: now, count: 0 };
        }
        failures.count = failures.count.saturating_add(1);
    }
}

/// Takes the first 64 bits of an IPv6 address: the rest is the owner's to change.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2027-03-01 12:00:00 UTC);

    #[test]
    fn an_address_that_fails_too_often_has_to_wait() {
        let throttle = Throttle::default();
        let peer = "192.0.2.1".parse().unwrap();
        for _ in 0..MOST_FAILURES {
            assert!(throttle.admits(peer, NOW));
            throttle.note_failure(peer, NOW);
        }

        assert!(!throttle.admits(peer, NOW + WINDOW - Duration::SECOND));
        assert!(throttle.admits(peer, NOW + WINDOW));
        assert!(throttle.admits("192.0.2.2".parse().unwrap(), NOW));
        throttle.note_failure(peer, NOW + WINDOW);
        assert!(throttle.admits(peer, NOW + WINDOW), "counted anew");
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let throttle = Throttle::default();
        for last in 0..MOST_FAILURES {
            throttle.note_failure(format!("2001:db8::{last:x}").parse().unwrap(), NOW);
        }

        assert!(!throttle.admits("2001:db8::ffff".parse().unwrap(), NOW));
        assert!(throttle.admits("2001:db8:0:1::1".parse().unwrap(), NOW));
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for number in 0..=u32::try_from(MOST_PEERS).unwrap() {
            throttle.note_failure(std::net::Ipv4Addr::from_bits(number).into(), NOW);
        }

        assert!(throttle.0.lock().unwrap().len() <= MOST_PEERS);
    }
}
