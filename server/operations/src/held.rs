//! Who waits for news of which device, so that a change wakes those whom it concerns and nobody else.

use fleet::DeviceId;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

type Waiting = BTreeMap<DeviceId, Vec<Arc<Notify>>>;

/// Everybody who waits.
#[derive(Debug, Default)]
pub(crate) struct Held(Mutex<Waiting>);

/// Somebody who waits for news of one device, until this is dropped.
#[derive(Debug)]
pub struct Waiter {
    held: Arc<Held>,
    device: DeviceId,
    wake: Arc<Notify>,
}

/// Whom a change concerns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Concerned {
    /// Every device, as far as one can tell from here.
    All,
    /// These devices.
    Devices(Vec<DeviceId>),
}

impl Held {
    /// Lists somebody. Whoever is listed before they look misses nothing.
    pub(crate) fn enter(self: &Arc<Self>, device: DeviceId) -> Waiter {
        let wake = Arc::new(Notify::new());
        self.lock().entry(device).or_default().push(Arc::clone(&wake));

        Waiter { held: Arc::clone(self), device, wake }
    }

    /// Wakes whom a change concerns.
    pub(crate) fn wake(&self, concerned: &Concerned) {
        let waiting = self.lock();
        match concerned {
            Concerned::All => waiting.values().flatten().for_each(|wake| wake.notify_one()),
            Concerned::Devices(devices) => {
                let those = devices.iter().filter_map(|device| waiting.get(device));
                those.flatten().for_each(|wake| wake.notify_one());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    /// Waits until something has happened that could concern the device.
    pub async fn news(&self) {
        self.wake.notified().await;
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiting = self.held.lock();
        let Entry::Occupied(mut listed) = waiting.entry(self.device) else { return };
        listed.get_mut().retain(|wake| !Arc::ptr_eq(wake, &self.wake));
        if listed.get().is_empty() {
            listed.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::{Context, Waker};
    use uuid::Uuid;

    #[test]
    fn only_those_whom_it_concerns_are_woken() {
        let held = Arc::new(Held::default());
        let (first, again, other) = (held.enter(id(1)), held.enter(id(1)), held.enter(id(2)));

        held.wake(&Concerned::Devices(vec![id(1), id(3)]));
        assert_eq!([is_woken(&first), is_woken(&again), is_woken(&other)], [true, true, false]);
        assert!(!is_woken(&first), "once for each change");
        held.wake(&Concerned::All);
        assert_eq!([is_woken(&first), is_woken(&again), is_woken(&other)], [true, true, true]);
    }

    #[test]
    fn whoever_went_away_is_forgotten() {
        let held = Arc::new(Held::default());
        let (first, again) = (held.enter(id(1)), held.enter(id(1)));

        drop(first);
        held.wake(&Concerned::Devices(vec![id(1)]));
        assert!(is_woken(&again));
        drop(again);
        assert!(held.lock().is_empty());
    }

    fn is_woken(waiter: &Waiter) -> bool {
        let news = pin!(waiter.news());

        news.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    fn id(number: u128) -> DeviceId {
        DeviceId(Uuid::from_u128(number))
    }
}
