//! What is known about devices, in memory, and how old it is.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use fleet::DeviceId;
use fleet::access::{
    Asks, Change, Decision, DeviceAccess, Feed, FeedMessage, RequestFacts, SignIn, decide, select,
};
use tokio::time::Instant;

/// The devices, and when the feed was last heard.
#[derive(Debug)]
pub(crate) struct Table {
    devices: RwLock<Devices>,
    started: Instant,
    /// Milliseconds from `started` to the last sign of life, plus one; 0 before the first snapshot.
    heard: AtomicU64,
    fail_closed_after: Duration,
}

#[derive(Debug, Default)]
struct Devices {
    sequence: u64,
    by_device: HashMap<DeviceId, Arc<DeviceAccess>>,
    by_eas_id: Index<String>,
    by_certificate: Index<[u8; 32]>,
    /// Only devices without a certificate: the others are found by theirs.
    by_owner: Index<String>,
}

type Index<K> = HashMap<K, Vec<Arc<DeviceAccess>>>;

/// Whose requests have to be looked at again after a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Affected {
    /// Those of all devices.
    All,
    /// Those with these identifiers of ActiveSync.
    EasIds(Vec<String>),
}

/// Why a message was not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FeedError {
    /// A change before the first snapshot.
    #[error("a change came before the first snapshot")]
    BeforeSnapshot,
    /// The feed knows of changes that never came.
    #[error("the feed is at {theirs}, the table at {ours}")]
    Gap { ours: u64, theirs: u64 },
}

impl Table {
    /// Makes a table that allows nothing until the first snapshot.
    pub(crate) fn new(fail_closed_after: Duration, now: Instant) -> Self {
        Self {
            devices: RwLock::default(),
            started: now,
            heard: AtomicU64::new(0),
            fail_closed_after,
        }
    }

    /// Decides about a request by what is known at this moment.
    pub(crate) fn decide(&self, facts: &RequestFacts, now: Instant) -> Decision {
        let devices = self.devices.read().unwrap_or_else(PoisonError::into_inner);
        let candidates = devices.candidates(facts);
        let candidates = candidates.into_iter().flatten().flatten().map(AsRef::as_ref);
        decide(facts, self.feed(now), select(facts, candidates))
    }

    /// Returns when the knowledge will be too old, or `None` before the first snapshot.
    pub(crate) fn expires(&self) -> Option<Instant> {
        let heard = self.heard.load(Ordering::Acquire).checked_sub(1)?;
        Some(self.started + Duration::from_millis(heard) + self.fail_closed_after)
    }

    fn feed(&self, now: Instant) -> Feed {
        match self.expires() {
            None => Feed::NotStarted,
            Some(expires) if now < expires => Feed::Current,
            Some(_) => Feed::Lost,
        }
    }

    /// Takes a message in, and returns whose requests it affects.
    pub(crate) fn apply(&self, message: FeedMessage, now: Instant) -> Result<Affected, FeedError> {
        let affected = match message {
            FeedMessage::Snapshot { sequence, devices } => {
                let devices = Devices::new(sequence, devices);
                // The old devices are freed after the lock.
                let _old = std::mem::replace(&mut *self.write(), devices);
                Affected::All
            }
            FeedMessage::Changes { sequence, changes } => {
                let mut devices = self.write();
                self.expires().ok_or(FeedError::BeforeSnapshot)?;
                if sequence <= devices.sequence {
                    Affected::EasIds(Vec::new())
                } else {
                    devices.sequence = sequence;
                    Affected::EasIds(
                        changes.into_iter().flat_map(|change| devices.change(change)).collect(),
                    )
                }
            }
            FeedMessage::Alive { sequence } => {
                self.expires().ok_or(FeedError::BeforeSnapshot)?;
                let ours = self.write().sequence;
                if sequence != ours {
                    return Err(FeedError::Gap { ours, theirs: sequence });
                }
                Affected::EasIds(Vec::new())
            }
        };
        let heard = u64::try_from(now.saturating_duration_since(self.started).as_millis())
            .unwrap_or(u64::MAX - 1);
        self.heard.store(heard + 1, Ordering::Release);
        Ok(affected)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Devices> {
        self.devices.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Devices {
    fn new(sequence: u64, devices: Vec<DeviceAccess>) -> Self {
        let mut table = Self { sequence, ..Self::default() };
        for device in devices {
            table.put(device);
        }
        table
    }

    /// Returns the devices that a request could belong to.
    fn candidates(&self, facts: &RequestFacts) -> [Option<&Vec<Arc<DeviceAccess>>>; 2] {
        match (&facts.asks, &facts.certificate, &facts.sign_in) {
            (Asks::Command { eas_id, .. }, _, _) => [self.by_eas_id.get(eas_id), None],
            (Asks::Options, Some(certificate), _) => [self.by_certificate.get(certificate), None],
            (Asks::Options, None, SignIn::Basic { user }) => {
                let user = user.to_lowercase();
                let login = user.split_once('\\').and_then(|(_, login)| self.by_owner.get(login));
                [self.by_owner.get(&user), login]
            }
            (Asks::Options | Asks::Malformed { .. }, _, _) => [None, None],
        }
    }

    /// Carries out one change, and returns the identifiers it affects.
    fn change(&mut self, change: Change) -> Vec<String> {
        match change {
            Change::Put(device) => self.put(device),
            Change::Remove(device) => self.remove(device).into_iter().collect(),
        }
    }

    fn put(&mut self, mut device: DeviceAccess) -> Vec<String> {
        device.eas_id.make_ascii_lowercase();
        let mut affected: Vec<String> = self.remove(device.device).into_iter().collect();
        if !affected.contains(&device.eas_id) {
            affected.push(device.eas_id.clone());
        }
        let device = Arc::new(device);
        self.by_eas_id.entry(device.eas_id.clone()).or_default().push(Arc::clone(&device));
        for certificate in &device.certificates {
            self.by_certificate.entry(*certificate).or_default().push(Arc::clone(&device));
        }
        if device.certificates.is_empty() {
            for name in &device.owner_names {
                self.by_owner.entry(name.clone()).or_default().push(Arc::clone(&device));
            }
        }
        self.by_device.insert(device.device, device);
        affected
    }

    fn remove(&mut self, device: DeviceId) -> Option<String> {
        let device = self.by_device.remove(&device)?;
        take_out(&mut self.by_eas_id, &device.eas_id, device.device);
        for certificate in &device.certificates {
            take_out(&mut self.by_certificate, certificate, device.device);
        }
        for name in &device.owner_names {
            take_out(&mut self.by_owner, name, device.device);
        }
        Some(device.eas_id.clone())
    }
}

fn take_out<K: Eq + Hash>(index: &mut Index<K>, key: &K, device: DeviceId) {
    let Some(listed) = index.get_mut(key) else { return };
    listed.retain(|other| other.device != device);
    if listed.is_empty() {
        index.remove(key);
    }
}

#[cfg(test)]
mod tests;
