//! The commands, one file each.

mod element_order;
mod find;
mod folder_change;
mod folder_operations;
mod folder_sync;
mod get_attachment;
mod get_item_estimate;
mod hold;
mod item_operations;
mod meeting_response;
mod move_items;
mod ping;
mod provision;
mod resolve_recipients;
mod search;
mod send_mail;
mod settings;
mod smart_mail;
mod sync;
mod sync_collection;
mod sync_commands;
mod sync_drafts;
mod validate_cert;

use activesync::query::Command;
use activesync::status::Status;

use crate::http::{Call, Reply};

/// What OPTIONS announces.
pub(crate) const OFFERED: [Command; 20] = [
    Command::Sync,
    Command::SendMail,
    Command::SmartForward,
    Command::SmartReply,
    Command::FolderSync,
    Command::FolderCreate,
    Command::FolderDelete,
    Command::FolderUpdate,
    Command::MoveItems,
    Command::MeetingResponse,
    Command::GetItemEstimate,
    Command::Search,
    Command::Settings,
    Command::Ping,
    Command::ItemOperations,
    Command::Provision,
    Command::ResolveRecipients,
    Command::ValidateCert,
    Command::Find,
    Command::GetAttachment,
];

const UNREADABLE: Status = Status(102);

pub(crate) async fn carry_out(call: &Call<'_>) -> Reply {
    if !call.server.options.offered().contains(&call.version) {
        return Reply::Refused(Status(138));
    }
    if let Some(status) = held_back(call) {
        return Reply::Refused(status);
    }
    match call.query.command {
        Command::Find => find::carry_out(call),
        Command::FolderCreate | Command::FolderDelete | Command::FolderUpdate => {
            folder_change::carry_out(call)
        }
        Command::FolderSync => folder_sync::carry_out(call),
        Command::GetAttachment => get_attachment::carry_out(call),
        Command::GetItemEstimate => get_item_estimate::carry_out(call),
        Command::ItemOperations => item_operations::carry_out(call),
        Command::MeetingResponse => meeting_response::carry_out(call),
        Command::MoveItems => move_items::carry_out(call),
        Command::Ping => ping::carry_out(call).await,
        Command::Provision => provision::carry_out(call),
        Command::ResolveRecipients => resolve_recipients::carry_out(call),
        Command::Search => search::carry_out(call),
        Command::SendMail => send_mail::carry_out(call),
        Command::Settings => settings::carry_out(call),
        Command::SmartForward | Command::SmartReply => smart_mail::carry_out(call),
        Command::Sync => sync::carry_out(call).await,
        Command::ValidateCert => validate_cert::carry_out(call),
    }
}

/// Says why a device may not use this command yet.
fn held_back(call: &Call<'_>) -> Option<Status> {
    let mut inside = call.account.inside();
    let device = inside.device(call.device_id());
    device.kind.clone_from(&call.query.device_type);
    device.version = Some(call.version);
    if call.query.command == Command::Provision {
        return None;
    }
    if device.provisioning.wipe.is_some() {
        return Some(Status(140));
    }
    let options = &call.server.options;
    let unprovisioned = device.provisioning.current.is_none();
    if options.strict && call.query.command == Command::Settings && unprovisioned {
        return Some(Status(138));
    }
    if !options.enforce_policy || options.policy.is_none() {
        return None;
    }
    match (device.provisioning.current, call.query.policy_key.unwrap_or_default()) {
        (None, _) | (Some(_), 0) => Some(Status(142)),
        (Some(current), sent) => (sent != current).then_some(Status(144)),
    }
}
