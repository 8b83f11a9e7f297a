//! Who has a request under way, so that a change reaches it.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

const SHARDS: usize = 16;

type Shard = HashMap<Arc<str>, Vec<Arc<Notify>>>;

/// The requests under way, by the device identifier of ActiveSync that they named.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
}

/// One request under way. It is no longer listed once this is dropped.
#[derive(Debug)]
pub(crate) struct Ticket {
    in_flight: Arc<InFlight>,
    eas_id: Arc<str>,
    wake: Arc<Notify>,
}

impl InFlight {
    /// Lists a request. It must be listed before it is decided, so that no change falls between.
    pub(crate) fn enter(self: &Arc<Self>, eas_id: &str) -> Ticket {
        let wake = Arc::new(Notify::new());
        let mut shard = self.shard(eas_id);
        let eas_id = match shard.get_key_value(eas_id) {
            Some((known, _)) => Arc::clone(known),
            None => Arc::from(eas_id),
        };
        shard.entry(Arc::clone(&eas_id)).or_default().push(Arc::clone(&wake));
        drop(shard);
        Ticket { in_flight: Arc::clone(self), eas_id, wake }
    }

    /// Makes the requests of one device look at their decision again.
    pub(crate) fn wake(&self, eas_id: &str) {
        for wake in self.shard(eas_id).get(eas_id).into_iter().flatten() {
            wake.notify_one();
        }
    }

    /// Makes all requests look at their decision again.
    pub(crate) fn wake_all(&self) {
        for shard in &self.shards {
            for wake in lock(shard).values().flatten() {
                wake.notify_one();
            }
        }
    }

    /// Returns how many requests are under way.
    pub(crate) fn count(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).values().map(Vec::len).sum::<usize>()).sum()
    }

    fn shard(&self, eas_id: &str) -> MutexGuard<'_, Shard> {
        let index = self.hasher.hash_one(eas_id) as usize % SHARDS;
        let [first, ..] = &self.shards;
        lock(self.shards.get(index).unwrap_or(first))
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ticket {
    /// Waits until the decision has to be looked at again.
    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut shard = self.in_flight.shard(&self.eas_id);
        let Entry::Occupied(mut listed) = shard.entry(Arc::clone(&self.eas_id)) else { return };
        listed.get_mut().retain(|wake| !Arc::ptr_eq(wake, &self.wake));
        if listed.get().is_empty() {
            listed.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn only_the_requests_of_the_device_are_woken() {
        let in_flight = Arc::new(InFlight::default());
        let (first, second, other) =
            (in_flight.enter("a"), in_flight.enter("a"), in_flight.enter("b"));
        in_flight.wake("a");
        assert_eq!(first.woken().now_or_never(), Some(()));
        assert_eq!(second.woken().now_or_never(), Some(()));
        assert_eq!(other.woken().now_or_never(), None);
        in_flight.wake_all();
        assert_eq!(other.woken().now_or_never(), Some(()));
    }

    #[test]
    fn a_wake_before_the_wait_is_not_lost_and_counts_once() {
        let in_flight = Arc::new(InFlight::default());
        let ticket = in_flight.enter("a");
        in_flight.wake("a");
        in_flight.wake("a");
        assert_eq!(ticket.woken().now_or_never(), Some(()));
        assert_eq!(ticket.woken().now_or_never(), None);
    }

    #[test]
    fn a_finished_request_is_not_listed() {
        let in_flight = Arc::new(InFlight::default());
        let (first, second) = (in_flight.enter("a"), in_flight.enter("a"));
        assert_eq!(in_flight.count(), 2);
        drop(first);
        assert_eq!(in_flight.count(), 1);
        drop(second);
        assert_eq!(in_flight.count(), 0);
        assert!(in_flight.shards.iter().all(|shard| lock(shard).is_empty()));
    }
}
