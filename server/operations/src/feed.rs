//! The feed that gateways and apps follow.

use crate::held::Concerned;
use crate::{Fault, Operations};
use fleet::DeviceId;
use fleet::MailAddress;
use fleet::access::{Change, DeviceAccess, FeedMessage, Standing};
use std::time::Duration;
use store::OwnedDevice;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// How many devices or changes are read at once.
const BATCH: u64 = 500;

/// Feeds a gateway: everything at first, then what changes, and a sign of life in each round, every `every` at the
/// latest. While the database fails it sends nothing, so that the gateway can tell. Ends when nobody listens.
pub async fn run(operations: Operations, sender: mpsc::Sender<FeedMessage>, every: Duration) {
    let mut follower = Follower { position: None, is_failing: false };
    loop {
        if follower.round(&operations, &sender).await.is_err() {
            return;
        }
        tokio::select! {
            () = sleep(every) => {}
            () = operations.changed() => {}
            () = sender.closed() => return,
        }
    }
}

struct Follower {
    /// The last change that was passed on; none before the first snapshot.
    position: Option<u64>,
    /// Whether the last round failed, so that a failure is logged once.
    is_failing: bool,
}

/// Nobody listens any more.
struct Closed;

/// What gateways are told, and whom else it concerns.
struct Told {
    message: FeedMessage,
    concerned: Concerned,
}

impl Follower {
    async fn round(
        &mut self,
        operations: &Operations,
        sender: &mpsc::Sender<FeedMessage>,
    ) -> Result<(), Closed> {
        let messages = match next(operations, self.position).await {
            Ok(messages) => messages,
            Err(error) => {
                if !self.is_failing {
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(error, "Lost the feed of changes; gateways will close");
                }
                self.is_failing = true;
                return Ok(());
            }
        };
        if self.is_failing {
            tracing::info!("Found the feed of changes again");
        }
        self.is_failing = false;

        for Told { message, concerned } in messages {
            let sequence = sequence(&message);
            sender.send(message).await.map_err(|_| Closed)?;
            self.position = Some(sequence);
            operations.announce(&concerned);
        }

        Ok(())
    }
}

fn sequence(message: &FeedMessage) -> u64 {
    match message {
        FeedMessage::Alive { sequence }
        | FeedMessage::Changes { sequence, .. }
        | FeedMessage::Snapshot { sequence, .. } => *sequence,
    }
}

/// Returns what there is to say to somebody who has heard everything up to `position`.
async fn next(operations: &Operations, position: Option<u64>) -> Result<Vec<Told>, Fault> {
    let last = operations.store().sequence().await?;
    let Some(position) = position else { return Ok(vec![snapshot(operations).await?]) };
    if position == last {
        let message = FeedMessage::Alive { sequence: last };
        return Ok(vec![Told { message, concerned: Concerned::Devices(Vec::new()) }]);
    }
    // A database that lags behind what was heard from it is another one, perhaps restored from a backup.
    if position > last {
        return Ok(vec![snapshot(operations).await?]);
    }

    changes(operations, position).await
}

async fn changes(operations: &Operations, mut position: u64) -> Result<Vec<Told>, Fault> {
    let mut messages = Vec::new();
    loop {
        let rows = operations.store().changes_after(position, BATCH).await?;
        let Some(last) = rows.last() else { return Ok(messages) };
        if rows.first().is_none_or(|first| first.sequence != position + 1) {
            return Ok(vec![snapshot(operations).await?]);
        }
        position = last.sequence;
        let is_full = rows.len() as u64 == BATCH;

        let mut ids = Vec::new();
        for id in rows.iter().filter_map(|row| row.device) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let devices = operations.store().devices_with_owners_among(&ids).await?;
        let changes = ids.iter().map(|id| change(*id, &devices)).collect();
        let message = FeedMessage::Changes { sequence: position, changes };
        // The settings of a group concern its devices; they are changed so rarely that all may look.
        let has_settings = rows.iter().any(|row| row.device.is_none());
        let concerned = if has_settings { Concerned::All } else { Concerned::Devices(ids) };
        messages.push(Told { message, concerned });
        if !is_full {
            return Ok(messages);
        }
    }
}

fn change(id: DeviceId, devices: &[OwnedDevice]) -> Change {
    match devices.iter().find(|owned| owned.device.id == id).and_then(access) {
        Some(access) => Change::Put(access),
        None => Change::Remove(id),
    }
}

/// Reads all devices. What changes meanwhile has a higher number than the snapshot and is told again.
async fn snapshot(operations: &Operations) -> Result<Told, Fault> {
    let sequence = operations.store().sequence().await?;
    let mut devices = Vec::new();
    let mut after = None;
    loop {
        let batch = operations.store().devices_with_owners(after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.device.id);
        devices.extend(batch.iter().filter_map(access));
    }

    let message = FeedMessage::Snapshot { sequence, devices };

    Ok(Told { message, concerned: Concerned::All })
}

fn access(owned: &OwnedDevice) -> Option<DeviceAccess> {
    let OwnedDevice { device, login, addresses, block, revoked } = owned;
    let mut owner_names = vec![login.key()];
    owner_names.extend(addresses.iter().map(MailAddress::key));
    let mut good = device.certificates().filter(|it| !revoked.contains(&it.fingerprint)).peekable();
    let mut standing = Standing::of(device, block.as_ref())?;
    // Without a certificate it would count as a device that never had one.
    if standing == Standing::Managed && good.peek().is_none() && !revoked.is_empty() {
        standing = Standing::Blocked { reason: "its certificate was revoked".to_owned() };
    }

    Some(DeviceAccess {
        device: device.id,
        eas_id: device.eas_id.as_ref()?.as_str().to_owned(),
        owner_names,
        standing,
        certificates: good.map(|certificate| certificate.fingerprint).collect(),
    })
}
