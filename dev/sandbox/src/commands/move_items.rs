use activesync::messages::{Move, MoveItemsAnswer, MoveItemsRequest, MoveResult};
use activesync::status::Status;

use super::UNREADABLE;
use crate::http::{Call, Reply};
use crate::mailbox::{Folder, FolderId, ItemId, Mailbox};

const UNKNOWN_SOURCE: Status = Status(1);
const UNKNOWN_DESTINATION: Status = Status(2);
const MOVED: Status = Status(3);
const SAME_FOLDER: Status = Status(4);
const FAILED: Status = Status(5);

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    let Ok(request) = MoveItemsRequest::decode(&call.body) else {
        return Reply::Refused(UNREADABLE);
    };
    let results = request.moves.iter().map(|entry| match shift(call, entry) {
        Ok(id) => MoveResult {
            source_id: entry.source_id.clone(),
            status: MOVED,
            destination_id: Some(id.to_string()),
        },
        Err(status) => {
            MoveResult { source_id: entry.source_id.clone(), status, destination_id: None }
        }
    });
    let answer = MoveItemsAnswer { status: None, results: results.collect() };
    call.account.tell_news();
    Reply::Wbxml(answer.encode())
}

fn shift(call: &Call<'_>, entry: &Move) -> Result<ItemId, Status> {
    let mut inside = call.account.inside();
    let mailbox = &mut inside.mailbox;
    let known = |id: &str| FolderId::parse(id).filter(|id| mailbox.folder(*id).is_some());
    let source = known(&entry.source_folder).ok_or(UNKNOWN_SOURCE)?;
    let destination = known(&entry.destination_folder).ok_or(UNKNOWN_DESTINATION)?;
    let id = ItemId::parse(&entry.source_id).filter(|id| mailbox.item_in(source, *id).is_some());
    let id = id.ok_or(UNKNOWN_SOURCE)?;
    if source == destination {
        return Err(SAME_FOLDER);
    }
    let class = |id| mailbox.folder(id).map(Folder::class);
    if class(source) != class(destination) && destination != Mailbox::DELETED {
        return Err(FAILED);
    }
    mailbox.shift(id, destination).map(|(_, moved)| moved).ok_or(UNKNOWN_SOURCE)
}
