use activesync::messages::{Folder, FolderChange, FolderSyncAnswer, FolderSyncRequest};
use activesync::status::Status;

use super::UNREADABLE;
use crate::http::{Call, Reply};
use crate::mailbox::{self, TreeStep, TreeView};
use crate::server::Inside;

const KEY_INVALID: Status = Status(9);

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    let Ok(request) = FolderSyncRequest::decode(&call.body) else {
        return Reply::Refused(UNREADABLE);
    };
    let mut inside = call.account.inside();
    let Inside { mailbox, devices, .. } = &mut *inside;
    let device = devices.entry(call.device_id().to_owned()).or_default();
    let known = match request.sync_key.as_str() {
        "0" => Some(None),
        key => device.tree(key).map(Some),
    };
    let Some(known) = known else {
        // Clients of 12.1 understand it too, unlike the statuses that refuse any command.
        let answer = FolderSyncAnswer { status: KEY_INVALID, sync_key: None, changes: Vec::new() };
        return Reply::Wbxml(answer.encode());
    };
    let changes: Vec<_> = mailbox.tree_steps(known, call.version).map(view).collect();
    let key = if known.is_some() && changes.is_empty() {
        request.sync_key
    } else {
        device.advance_tree(&request.sync_key, TreeView::complete(mailbox))
    };
    Reply::Wbxml(FolderSyncAnswer { status: Status::OK, sync_key: Some(key), changes }.encode())
}

fn view(step: TreeStep<'_>) -> FolderChange {
    match step {
        TreeStep::Add(folder) => FolderChange::Add(properties(folder)),
        TreeStep::Change(folder) => FolderChange::Update(properties(folder)),
        TreeStep::Delete(id) => FolderChange::Delete { server_id: id.to_string() },
    }
}

fn properties(folder: &mailbox::Folder) -> Folder {
    Folder {
        server_id: folder.id.to_string(),
        parent_id: folder.parent.map_or_else(|| "0".to_owned(), |parent| parent.to_string()),
        display_name: folder.name.clone(),
        kind: folder.kind,
    }
}
