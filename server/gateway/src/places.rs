//! How many connections there are at once, altogether and from one network.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fleet::network::Network;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use crate::config::Limits;

/// All places for connections.
#[derive(Debug)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    connections: usize,
    handshakes: usize,
    taken: Mutex<HashMap<Network, Taken>>,
    refused: AtomicU64,
}

/// What one network has.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    connections: usize,
    handshakes: usize,
}

/// The place of a connection, until this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    network: Network,
    shakes_hands: bool,
    _one_of_all: OwnedSemaphorePermit,
}

impl Places {
    /// Makes as many places as the limits say.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            all: Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS))),
            connections: limits.connections_per_address,
            handshakes: limits.handshakes_per_address,
            taken: Mutex::default(),
            refused: AtomicU64::new(0),
        }
    }

    /// Waits until one more connection may be accepted.
    pub(crate) async fn free(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        Arc::clone(&self.all).acquire_owned().await
    }

    /// Gives a place to a connection, whose handshake begins now, unless its network has enough.
    pub(crate) fn take(
        self: &Arc<Self>,
        free: OwnedSemaphorePermit,
        peer: IpAddr,
    ) -> Option<Place> {
        let network = Network::of(peer);
        let mut all = self.lock();
        let taken = all.get(&network).copied().unwrap_or_default();
        if taken.connections >= self.connections || taken.handshakes >= self.handshakes {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let Taken { connections, handshakes } = taken;
        all.insert(network, Taken { connections: connections + 1, handshakes: handshakes + 1 });
        drop(all);
        let places = Arc::clone(self);
        Some(Place { places, network, shakes_hands: true, _one_of_all: free })
    }

    /// Returns how many connections were refused since this was asked last.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.swap(0, Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Network, Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The client has done its part of the handshake.
    pub(crate) fn has_shaken_hands(&mut self) {
        if std::mem::take(&mut self.shakes_hands)
            && let Some(taken) = self.places.lock().get_mut(&self.network)
        {
            taken.handshakes = taken.handshakes.saturating_sub(1);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.has_shaken_hands();
        let mut all = self.places.lock();
        let Entry::Occupied(mut taken) = all.entry(self.network) else { return };
        taken.get_mut().connections = taken.get().connections.saturating_sub(1);
        if taken.get().connections == 0 {
            taken.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn each_network_has_its_share() {
        let places = places(3, 3);
        let mut held: Vec<_> = (0..3).map(|_| take(&places, "192.0.2.1").unwrap()).collect();
        assert!(take(&places, "192.0.2.1").is_none());
        assert!(take(&places, "192.0.2.2").is_some());
        assert_eq!((places.refused(), places.refused()), (1, 0));

        held.pop();
        held.push(take(&places, "192.0.2.1").unwrap());
        drop(held);
        assert!(places.lock().is_empty(), "nothing is remembered of whoever has gone");
    }

    #[test]
    fn whoever_does_not_shake_hands_has_fewer() {
        let places = places(3, 1);
        let mut first = take(&places, "2001:db8::1").unwrap();
        assert!(take(&places, "2001:db8::2").is_none(), "the same network");
        first.has_shaken_hands();
        let second = take(&places, "2001:db8::2").unwrap();
        drop(second);
        assert!(take(&places, "2001:db8::3").is_some());
    }

    #[test]
    fn the_bound_of_all_stays() {
        let places = places(20, 20);
        let held: Vec<_> =
            (0..10).map(|number| take(&places, &format!("192.0.2.{number}")).unwrap()).collect();
        assert!(places.free().now_or_never().is_none());
        drop(held);
        assert!(places.free().now_or_never().is_some());
    }

    fn places(connections_per_address: usize, handshakes_per_address: usize) -> Arc<Places> {
        let limits = Limits {
            connections: 10,
            connections_per_address,
            handshakes_per_address,
            ..Limits::default()
        };
        Arc::new(Places::new(&limits))
    }

    fn take(places: &Arc<Places>, peer: &str) -> Option<Place> {
        let free = places.free().now_or_never().unwrap().unwrap();
        places.take(free, peer.parse().unwrap())
    }
}
