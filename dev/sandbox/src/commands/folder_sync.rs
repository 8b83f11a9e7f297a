use activesync::messages::{Folder, FolderChange, FolderSyncAnswer, FolderSyncRequest};
use activesync::status::Status;

use super::UNREADABLE;
use crate::device::FolderKeys;
use crate::http::{Call, Reply};
use crate::mailbox::{self, Mailbox};
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
        key => device.folders.as_ref().and_then(|keys| keys.known(key)).map(Some),
    };
    let Some(known) = known else { return Reply::Refused(KEY_INVALID) };
    let changes: Vec<_> = mailbox
        .folders()
        .iter()
        .filter(|folder| folder.is_known_to(call.version))
        .filter(|folder| known.is_none_or(|known| folder.made > known))
        .map(|folder| FolderChange::Add(view(folder)))
        .collect();
    if known.is_some() && changes.is_empty() {
        let answer =
            FolderSyncAnswer { status: Status::OK, sync_key: Some(request.sync_key), changes };
        return Reply::Wbxml(answer.encode());
    }
    let key = format!("tree:{}", device.next_serial());
    device.folders = Some(FolderKeys {
        current: (key.clone(), tree_version(mailbox)),
        previous: known.map(|known| (request.sync_key, known)),
    });
    Reply::Wbxml(FolderSyncAnswer { status: Status::OK, sync_key: Some(key), changes }.encode())
}

/// Returns the last change of the folder tree.
pub(super) fn tree_version(mailbox: &Mailbox) -> u64 {
    mailbox.folders().iter().map(|folder| folder.made).max().unwrap_or_default()
}

impl FolderKeys {
    fn known(&self, key: &str) -> Option<u64> {
        let keys = std::iter::once(&self.current).chain(&self.previous);
        keys.filter(|(known, _)| known == key).map(|(_, version)| *version).next()
    }
}

fn view(folder: &mailbox::Folder) -> Folder {
    Folder {
        server_id: folder.id.to_string(),
        parent_id: folder.parent.map_or_else(|| "0".to_owned(), |parent| parent.to_string()),
        display_name: folder.name.clone(),
        kind: folder.kind,
    }
}
