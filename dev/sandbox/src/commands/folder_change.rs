use activesync::messages::{DecodeError, FolderChangeAnswer, FolderChangeRequest};
use activesync::status::Status;

use super::UNREADABLE;
use crate::http::{Call, Reply};
use crate::mailbox::{Folder, FolderId, Mailbox, can_be_made};
use crate::server::Inside;

/// The name is taken; for FolderUpdate also: the folder is one of the system.
const NAME_TAKEN: Status = Status(2);
/// FolderDelete: the folder is one of the system. Else: a recipient cache.
const SYSTEM_FOLDER: Status = Status(3);
const NOT_FOUND: Status = Status(4);
const PARENT_MISSING: Status = Status(5);
const SERVER_ERROR: Status = Status(6);
const KEY_INVALID: Status = Status(9);
const MALFORMED: Status = Status(10);
const TOO_MANY_FOLDERS: Status = Status(151);
const MOST_FOLDERS: usize = 1000;

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    let request = match FolderChangeRequest::decode(call.query.command, &call.body) {
        Ok(request) => request,
        Err(DecodeError::Missing(_)) => return only(call, MALFORMED),
        Err(_) => return Reply::Refused(UNREADABLE),
    };
    match changed(call, &request) {
        Ok(answer) => {
            call.account.tell_news();
            reply(call, &answer)
        }
        Err(status) => only(call, status),
    }
}

fn changed(call: &Call<'_>, request: &FolderChangeRequest) -> Result<FolderChangeAnswer, Status> {
    let mut inside = call.account.inside();
    let Inside { mailbox, devices, .. } = &mut *inside;
    let device = devices.entry(call.device_id().to_owned()).or_default();
    let key = match request {
        FolderChangeRequest::Create { sync_key, .. }
        | FolderChangeRequest::Delete { sync_key, .. }
        | FolderChangeRequest::Update { sync_key, .. } => sync_key,
    };
    let mut tree = device.tree(key).cloned().ok_or(KEY_INVALID)?;
    let (changes, server_id) = match request {
        FolderChangeRequest::Create { parent_id, display_name, kind, .. } => {
            if !can_be_made(*kind) || display_name.trim().is_empty() {
                return Err(MALFORMED);
            }
            if mailbox.folders().len() >= MOST_FOLDERS {
                return Err(TOO_MANY_FOLDERS);
            }
            let parent = place(mailbox, parent_id, display_name, None)?;
            let (id, change) = mailbox.make_folder(parent, display_name, *kind);
            (vec![change], Some(id.to_string()))
        }
        FolderChangeRequest::Delete { server_id, .. } => {
            let id = of_user(mailbox, server_id, SYSTEM_FOLDER)?;
            (mailbox.delete_folder(id), None)
        }
        FolderChangeRequest::Update { server_id, parent_id, display_name, .. } => {
            let id = of_user(mailbox, server_id, NAME_TAKEN)?;
            if display_name.trim().is_empty() {
                return Err(MALFORMED);
            }
            let parent = place(mailbox, parent_id, display_name, Some(id))?;
            (mailbox.change_folder(id, parent, display_name).into_iter().collect(), None)
        }
    };
    tree.note_own(changes);
    let sync_key = Some(device.advance_tree(key, tree));
    Ok(FolderChangeAnswer { status: Status::OK, sync_key, server_id })
}

/// Finds a folder that the user may change; `system` is the status of one that belongs to the system.
fn of_user(mailbox: &Mailbox, id: &str, system: Status) -> Result<FolderId, Status> {
    let folder = FolderId::parse(id).and_then(|id| mailbox.folder(id)).ok_or(NOT_FOUND)?;
    if folder.is_recipient_cache() {
        return Err(SYSTEM_FOLDER);
    }
    if folder.is_users() { Ok(folder.id) } else { Err(system) }
}

/// Finds the folder above, where `moved` or a new folder may be under this name. A folder cannot be put into itself: seen from there,
/// the one above is missing.
fn place(
    mailbox: &Mailbox,
    parent: &str,
    name: &str,
    moved: Option<FolderId>,
) -> Result<Option<FolderId>, Status> {
    let parent = match parent {
        "0" => None,
        id => {
            let folder = FolderId::parse(id).and_then(|id| mailbox.folder(id));
            let folder: &Folder = folder.ok_or(PARENT_MISSING)?;
            if folder.is_recipient_cache() {
                return Err(SYSTEM_FOLDER);
            }
            Some(folder.id)
        }
    };
    let inside_itself = moved.is_some_and(|moved| {
        parent == Some(moved)
            || parent.is_some_and(|parent| mailbox.folders_below(moved).contains(&parent))
    });
    if inside_itself {
        return Err(PARENT_MISSING);
    }
    if mailbox.has_child(parent, name, moved) { Err(NAME_TAKEN) } else { Ok(parent) }
}

fn only(call: &Call<'_>, status: Status) -> Reply {
    reply(call, &FolderChangeAnswer { status, sync_key: None, server_id: None })
}

fn reply(call: &Call<'_>, answer: &FolderChangeAnswer) -> Reply {
    answer.encode(call.query.command).map_or(Reply::Refused(SERVER_ERROR), Reply::Wbxml)
}
