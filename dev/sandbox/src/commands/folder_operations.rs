//! What ItemOperations does to whole folders and conversations.

use activesync::messages::{
    EmptyFolder, EmptyFolderAnswer, FolderKind, MoveConversation, MoveConversationAnswer,
};
use activesync::query::Version;
use activesync::status::Status;

use crate::http::Call;
use crate::mailbox::FolderId;
use crate::render;

const PROTOCOL_ERROR: Status = Status(2);
const NOT_FOUND: Status = Status(6);
const ALWAYS_MISSING: Status = Status(155);
const DESTINATION_INVALID: Status = Status(156);

pub(super) fn empty(call: &Call<'_>, request: &EmptyFolder) -> EmptyFolderAnswer {
    let folder = FolderId::parse(&request.collection_id);
    let emptied = folder.is_some_and(|folder| {
        call.account.inside().mailbox.empty_folder(folder, request.delete_sub_folders)
    });
    call.account.tell_news();
    EmptyFolderAnswer {
        status: if emptied { Status::OK } else { NOT_FOUND },
        collection_id: Some(request.collection_id.clone()),
    }
}

pub(super) fn shift(call: &Call<'_>, request: &MoveConversation) -> MoveConversationAnswer {
    MoveConversationAnswer {
        status: moved(call, request).err().unwrap_or(Status::OK),
        conversation_id: Some(request.conversation_id.clone()),
    }
}

/// Moves what others wrote; what the user wrote stays where it is.
fn moved(call: &Call<'_>, request: &MoveConversation) -> Result<(), Status> {
    if call.version < Version::V14_0 {
        return Err(PROTOCOL_ERROR);
    }
    if !request.always {
        return Err(ALWAYS_MISSING);
    }
    let mut inside = call.account.inside();
    let destination =
        FolderId::parse(&request.destination).and_then(|id| inside.mailbox.folder(id));
    let destination =
        destination.filter(|folder| folder.kind.is_mail()).ok_or(DESTINATION_INVALID)?.id;
    let own = [FolderKind::Sent, FolderKind::Drafts, FolderKind::Outbox];
    let folders = inside.mailbox.folders().iter();
    let folders = folders.filter(|folder| folder.kind.is_mail() && !own.contains(&folder.kind));
    let mails: Vec<_> = folders
        .flat_map(|folder| inside.mailbox.items_in(folder.id))
        .filter(|(_, item)| {
            render::conversation_id(&call.server.mime(&item.content)) == *request.conversation_id
        })
        .map(|(id, item)| (id, item.folder))
        .collect();
    if mails.is_empty() {
        return Err(NOT_FOUND);
    }
    for (id, _) in mails.into_iter().filter(|(_, folder)| *folder != destination) {
        inside.mailbox.shift(id, destination);
    }
    inside.always_moved.insert(request.conversation_id.to_vec(), destination);
    drop(inside);
    call.account.tell_news();
    Ok(())
}
