use std::time::Duration;

use activesync::messages::{SyncAnswer, SyncRequest, Waiting};
use activesync::query::Version;
use activesync::status::Status;

use super::hold::{Ended, hold};
use super::sync_collection::{self, Prepared};
use super::{UNREADABLE, element_order};
use crate::faults::Fault;
use crate::http::{Call, Reply};
use crate::mailbox::FolderId;
use crate::server::Inside;

const PROTOCOL_ERROR: Status = Status(4);
const TREE_CHANGED: Status = Status(12);
const INCOMPLETE: Status = Status(13);
const OUT_OF_RANGE: Status = Status(14);
const WINDOW: usize = 512;

pub(super) async fn carry_out(call: &Call<'_>) -> Reply {
    let request = match full_request(call) {
        Ok(request) => request,
        Err(reply) => return reply,
    };
    let limit = match holding_time(call, &request) {
        Ok(limit) => limit,
        Err(reply) => return reply,
    };
    let prepared = prepare(call, &request);
    let uploads = request.collections.iter().any(|collection| !collection.commands.is_empty());
    let Some(limit) = limit.filter(|_| prepared.is_empty() && !uploads) else {
        return finish(call, request, prepared, uploads);
    };
    match wait(call, &request, limit).await {
        Ended::News => {
            let prepared = prepare(call, &request);
            finish(call, request, prepared, false)
        }
        Ended::Over | Ended::Replaced => finish(call, request, Vec::new(), false),
    }
}

/// Reads the request and completes it from the stored one.
fn full_request(call: &Call<'_>) -> Result<SyncRequest, Reply> {
    let Ok(request) = SyncRequest::decode(&call.body) else {
        return Err(Reply::Refused(UNREADABLE));
    };
    if !element_order::is_right(&call.body, call.version) {
        return Err(root(PROTOCOL_ERROR, None));
    }
    let mut inside = call.account.inside();
    let device = inside.device(call.device_id());
    if device.folders.is_none() {
        return Err(root(TREE_CHANGED, None));
    }
    let request = match (request, device.last_sync.take()) {
        (Some(request), None) if !request.partial => request,
        (Some(request), Some(_)) if !request.partial => request,
        (Some(request), Some(stored)) => complete(request, stored),
        (None, Some(stored)) => stored,
        (Some(_) | None, None) => return Err(root(INCOMPLETE, None)),
    };
    if request.collections.is_empty() {
        return Err(root(PROTOCOL_ERROR, None));
    }
    Ok(request)
}

fn complete(request: SyncRequest, stored: SyncRequest) -> SyncRequest {
    let named =
        |id: &str| request.collections.iter().any(|collection| collection.collection_id == id);
    let kept = stored
        .collections
        .into_iter()
        .filter(|collection| !named(&collection.collection_id))
        .collect::<Vec<_>>();
    SyncRequest {
        waiting: request.waiting.or(stored.waiting),
        window_size: request.window_size.or(stored.window_size),
        partial: false,
        waits_twice: request.waits_twice,
        collections: request.collections.into_iter().chain(kept).collect(),
    }
}

fn holding_time(call: &Call<'_>, request: &SyncRequest) -> Result<Option<Duration>, Reply> {
    let allowed = &call.server.options.heartbeat;
    let seconds = matches!(request.waiting, Some(Waiting::Seconds(_)));
    if request.waits_twice || seconds && call.version < Version::V14_0 {
        return Err(root(PROTOCOL_ERROR, None));
    }
    match request.waiting {
        None => Ok(None),
        Some(Waiting::Minutes(minutes)) if !(1..=59).contains(&minutes) => {
            Err(root(OUT_OF_RANGE, Some(minutes.clamp(1, 59))))
        }
        Some(Waiting::Minutes(minutes)) => Ok(Some(Duration::from_secs(u64::from(minutes) * 60))),
        Some(Waiting::Seconds(seconds)) if !allowed.contains(&seconds) => {
            Err(root(OUT_OF_RANGE, Some(seconds.clamp(*allowed.start(), *allowed.end()))))
        }
        Some(Waiting::Seconds(seconds)) => Ok(Some(Duration::from_secs(seconds.into()))),
    }
}

/// Carries out what the device wants and decides what it is told, collection by collection.
fn prepare(call: &Call<'_>, request: &SyncRequest) -> Vec<Prepared> {
    let mut room =
        request.window_size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
    let most = if call.fault == Some(Fault::SplitWindow) { 1 } else { WINDOW };
    let mut prepared = Vec::new();
    let mut inside = call.account.inside();
    for collection in &request.collections {
        let window = room.unwrap_or(WINDOW).min(most);
        let Some(answer) = sync_collection::prepare(call, &mut inside, collection, window) else {
            continue;
        };
        room = room.map(|room| room.saturating_sub(answer.steps()));
        inside.submitted += answer.submitted;
        prepared.push(answer);
    }
    drop(inside);
    for answer in &mut prepared {
        call.server.post(call.account, std::mem::take(&mut answer.letters));
    }
    prepared
}

async fn wait(call: &Call<'_>, request: &SyncRequest, limit: Duration) -> Ended {
    let number = {
        let mut inside = call.account.inside();
        let device = inside.device(call.device_id());
        device.newest_sync += 1;
        device.newest_sync
    };
    call.account.tell_news();
    let folders: Vec<_> = request
        .collections
        .iter()
        .filter_map(|collection| FolderId::parse(&collection.collection_id))
        .collect();
    hold(call.server, call.account, limit, |inside| {
        let Inside { mailbox, devices, .. } = inside;
        let device = devices.entry(call.device_id().to_owned()).or_default();
        if device.newest_sync != number {
            return Some(Ended::Replaced);
        }
        let is_behind = |folder: &FolderId| {
            device
                .collections
                .get(folder)
                .is_none_or(|collection| collection.view().is_behind(mailbox, *folder))
        };
        folders.iter().any(is_behind).then_some(Ended::News)
    })
    .await
}

fn finish(call: &Call<'_>, request: SyncRequest, prepared: Vec<Prepared>, uploads: bool) -> Reply {
    if uploads {
        call.account.tell_news();
    }
    if prepared.is_empty() {
        if !uploads {
            call.account.inside().device(call.device_id()).last_sync = Some(request);
        }
        return Reply::Empty;
    }
    let collections = prepared.into_iter().map(|collection| collection.render(call)).collect();
    Reply::Wbxml(SyncAnswer { collections, ..SyncAnswer::default() }.encode())
}

fn root(status: Status, limit: Option<u32>) -> Reply {
    Reply::Wbxml(SyncAnswer { status: Some(status), limit, collections: Vec::new() }.encode())
}
