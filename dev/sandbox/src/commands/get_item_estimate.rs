use activesync::messages::{Estimate, EstimateAnswer, EstimateCollection, EstimateRequest};
use activesync::status::Status;

use super::UNREADABLE;
use super::sync_collection::{cutoff, own_options};
use crate::http::{Call, Reply};
use crate::mailbox::FolderId;
use crate::server::Inside;

const UNKNOWN_COLLECTION: Status = Status(2);
const NOT_PRIMED: Status = Status(3);
const KEY_INVALID: Status = Status(4);

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    let Ok(request) = EstimateRequest::decode(&call.body) else {
        return Reply::Refused(UNREADABLE);
    };
    let estimates = request.collections.iter().map(|collection| {
        let collection_id = Some(collection.collection_id.clone());
        match estimate(call, collection) {
            Ok(count) => {
                Estimate { status: Status::OK, collection_id, count: u32::try_from(count).ok() }
            }
            Err(status) => Estimate { status, collection_id, count: None },
        }
    });
    Reply::Wbxml(EstimateAnswer { status: None, estimates: estimates.collect() }.encode())
}

fn estimate(call: &Call<'_>, request: &EstimateCollection) -> Result<usize, Status> {
    let mut inside = call.account.inside();
    let Inside { mailbox, devices, .. } = &mut *inside;
    let device = devices.entry(call.device_id().to_owned()).or_default();
    let folder = FolderId::parse(&request.collection_id).and_then(|id| mailbox.folder(id));
    let folder = folder.filter(|folder| folder.is_known_to(call.version));
    let (folder, class) =
        folder.map(|folder| (folder.id, folder.class())).ok_or(UNKNOWN_COLLECTION)?;
    let collection =
        device.collections.get(&folder).filter(|_| request.sync_key != "0").ok_or(NOT_PRIMED)?;
    let known = collection.known(&request.sync_key).ok_or(KEY_INVALID)?;
    let options = if request.options.is_empty() { &collection.options } else { &request.options };
    let cutoff =
        cutoff(&own_options(options), class, call.server.now()).ok_or(UNKNOWN_COLLECTION)?;
    Ok(known.view.count(mailbox, folder, cutoff))
}
