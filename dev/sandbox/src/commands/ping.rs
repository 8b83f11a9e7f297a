use std::time::Duration;

use activesync::messages::{PingAnswer, PingFolder, PingRequest};
use activesync::status::Status;

use super::UNREADABLE;
use super::hold::{Ended, hold};
use crate::http::{Call, Reply};
use crate::mailbox::{FolderId, Mailbox};
use crate::server::Inside;

const OVER: Status = Status(1);
const CHANGES: Status = Status(2);
const INCOMPLETE: Status = Status(3);
const OUT_OF_RANGE: Status = Status(5);
const TOO_MANY_FOLDERS: Status = Status(6);
const TREE_CHANGED: Status = Status(7);
const MAX_FOLDERS: u32 = 200;

pub(super) async fn carry_out(call: &Call<'_>) -> Reply {
    match watched(call) {
        Ok((interval, folders)) => wait(call, interval, &folders).await,
        Err(reply) => reply,
    }
}

/// Completes a request from the one before, and returns its interval and its folders.
fn watched(call: &Call<'_>) -> Result<(u32, Vec<FolderId>), Reply> {
    let Ok(request) = PingRequest::decode(&call.body) else {
        return Err(Reply::Refused(UNREADABLE));
    };
    let request = request.unwrap_or_default();
    let mut inside = call.account.inside();
    let Inside { mailbox, devices, .. } = &mut *inside;
    let device = devices.entry(call.device_id().to_owned()).or_default();
    let stored = device.ping.clone().unwrap_or_default();
    let interval = request.heartbeat_interval.or(stored.heartbeat_interval);
    let folders = if request.folders.is_empty() { stored.folders } else { request.folders };
    let Some(interval) = interval.filter(|_| !folders.is_empty()) else {
        return Err(only(INCOMPLETE));
    };
    let allowed = &call.server.options.heartbeat;
    if !allowed.contains(&interval) {
        let nearest = interval.clamp(*allowed.start(), *allowed.end());
        return Err(reply(&PingAnswer {
            heartbeat_interval: Some(nearest),
            ..PingAnswer::new(OUT_OF_RANGE)
        }));
    }
    if folders.len() > MAX_FOLDERS as usize {
        return Err(reply(&PingAnswer {
            max_folders: Some(MAX_FOLDERS),
            ..PingAnswer::new(TOO_MANY_FOLDERS)
        }));
    }
    let Some(ids) = known_folders(mailbox, &folders) else { return Err(only(TREE_CHANGED)) };
    device.ping = Some(PingRequest { heartbeat_interval: Some(interval), folders });
    Ok((interval, ids))
}

/// Returns the folders to watch, or nothing if there is no such folder. One that is named with another class than its own is not watched.
fn known_folders(mailbox: &Mailbox, folders: &[PingFolder]) -> Option<Vec<FolderId>> {
    let mut watched = Vec::new();
    for named in folders {
        let id = FolderId::parse(&named.id)?;
        if mailbox.folder(id)?.class().name() == named.class {
            watched.push(id);
        }
    }
    Some(watched)
}

async fn wait(call: &Call<'_>, interval: u32, folders: &[FolderId]) -> Reply {
    let (number, since) = {
        let mut inside = call.account.inside();
        let device = inside.device(call.device_id());
        device.newest_ping += 1;
        (device.newest_ping, inside.mailbox.last_change())
    };
    call.account.tell_news();
    let ended = hold(call.server, call.account, Duration::from_secs(interval.into()), |inside| {
        if inside.device(call.device_id()).newest_ping != number {
            return Some(Ended::Replaced);
        }
        let changed =
            tree_changed(inside, call) || !behind(inside, call, folders, since).is_empty();
        changed.then_some(Ended::News)
    });
    match ended.await {
        Ended::News => {
            let mut inside = call.account.inside();
            if tree_changed(&inside, call) {
                return only(TREE_CHANGED);
            }
            let folders = behind(&mut inside, call, folders, since);
            reply(&PingAnswer { folders, ..PingAnswer::new(CHANGES) })
        }
        Ended::Over | Ended::Replaced => only(OVER),
    }
}

fn tree_changed(inside: &Inside, call: &Call<'_>) -> bool {
    let keys = inside.devices.get(call.device_id()).and_then(|device| device.folders.as_ref());
    keys.is_some_and(|keys| {
        inside.mailbox.tree_steps(Some(&keys.current.1), call.version).next().is_some()
    })
}

/// Returns the folders of which the device misses something, or may miss something because what it knows was forgotten. A folder
/// that it never synchronised counts from `since` on.
fn behind(inside: &mut Inside, call: &Call<'_>, folders: &[FolderId], since: u64) -> Vec<String> {
    let Inside { mailbox, devices, .. } = inside;
    let device = devices.entry(call.device_id().to_owned()).or_default();
    let is_behind = |id: &FolderId| match device.collections.get(id) {
        Some(collection) => collection.view().is_behind(mailbox, *id),
        None if device.forgotten.contains(id) => true,
        None => {
            mailbox.folder(*id).is_some_and(|folder| folder.changes_after(since).next().is_some())
        }
    };
    folders.iter().copied().filter(is_behind).map(|id| id.to_string()).collect()
}

fn only(status: Status) -> Reply {
    reply(&PingAnswer::new(status))
}

fn reply(answer: &PingAnswer) -> Reply {
    Reply::Wbxml(answer.encode())
}
