//! How many attempts to sign in are admitted. Each costs a password hash, so they are counted before they are looked at.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use time::{Duration, OffsetDateTime};

/// How many attempts an address may make in one go.
const BURST: u32 = 10;
/// How long it takes until one more is admitted.
const PAUSE: Duration = Duration::seconds(6);
/// How many addresses are remembered. Beyond, strangers share one count.
const ADDRESSES: usize = 4096;

/// Counts attempts by address: a leaking bucket for each.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<BTreeMap<Option<IpAddr>, Bucket>>);

/// Empties with time, and is full at [`BURST`].
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// When it will be empty.
    empty_at: OffsetDateTime,
}

impl Throttle {
    /// Admits an attempt from `peer` at `now`, or says how many seconds to wait.
    pub(crate) fn admit(&self, peer: Option<IpAddr>, now: OffsetDateTime) -> Result<(), u64> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= ADDRESSES {
            buckets.retain(|_, bucket| bucket.empty_at > now);
        }
        let known = buckets.contains_key(&peer) || buckets.len() < ADDRESSES;
        let bucket =
            buckets.entry(if known { peer } else { None }).or_insert(Bucket { empty_at: now });

        bucket.fill(now)
    }
}

impl Bucket {
    fn fill(&mut self, now: OffsetDateTime) -> Result<(), u64> {
        let next = self.empty_at.max(now) + PAUSE;
        let beyond = next - now - PAUSE * BURST;
        if beyond.is_positive() {
            return Err(beyond.whole_seconds().unsigned_abs().max(1));
        }
        self.empty_at = next;

        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

    #[test]
    fn a_burst_is_admitted_and_then_one_at_a_time() {
        let throttle = Throttle::default();
        let peer = Some([192, 0, 2, 1].into());

        for _ in 0..BURST {
            assert_eq!(throttle.admit(peer, NOON), Ok(()));
        }
        assert_eq!(throttle.admit(peer, NOON), Err(6));
        assert_eq!(throttle.admit(peer, NOON + Duration::seconds(5)), Err(1));
        assert_eq!(throttle.admit(peer, NOON + PAUSE), Ok(()));
        assert_eq!(throttle.admit(peer, NOON + PAUSE), Err(6));
        assert_eq!(throttle.admit(peer, NOON + Duration::hours(1)), Ok(()));
    }

    #[test]
    fn addresses_are_counted_apart() {
        let throttle = Throttle::default();
        for _ in 0..BURST {
            assert_eq!(throttle.admit(Some([192, 0, 2, 1].into()), NOON), Ok(()));
        }

        assert_eq!(throttle.admit(Some([192, 0, 2, 2].into()), NOON), Ok(()));
        assert_eq!(throttle.admit(None, NOON), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_strangers_share_a_count() {
        let throttle = Throttle::default();
        for number in 0..u32::try_from(ADDRESSES).unwrap() {
            assert_eq!(throttle.admit(Some(IpAddr::V4(number.into())), NOON), Ok(()));
        }
        let stranger =
            |number: u32| throttle.admit(Some(IpAddr::V4((9_000_000 + number).into())), NOON);
        for number in 0..BURST {
            assert_eq!(stranger(number), Ok(()));
        }

        assert_eq!(stranger(BURST), Err(6));
        assert_eq!(throttle.0.lock().unwrap().len(), ADDRESSES + 1);
        assert_eq!(throttle.admit(Some([10, 0, 0, 1].into()), NOON + Duration::hours(1)), Ok(()));
        assert_eq!(throttle.0.lock().unwrap().len(), 1);
    }
}
