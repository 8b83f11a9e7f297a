//! The small answer that refuses a command with a status number.
//!
//! It works since 14.0; clients of 12.1 understand HTTP codes only.

use crate::codepage::{
    Tag, air_sync, compose_mail, find, folder_hierarchy, get_item_estimate, item_operations,
    meeting_response, move_items, ping, provision, resolve_recipients, search, settings,
    validate_cert,
};
use crate::query::Command;
use crate::status::Status;
use crate::wbxml::Writer;

/// Writes the refusal of `command`. `None` for GetAttachment, which has no body that could say it: answer with HTTP 403.
pub fn body(command: Command, status: Status) -> Option<Vec<u8>> {
    let (root, status_tag) = elements(command)?;
    Some(Writer::document(root, |document| document.number(status_tag, status)))
}

/// Returns the root element of a command's answer and the status element directly below it.
pub fn elements(command: Command) -> Option<(Tag, Tag)> {
    Some(match command {
        Command::Find => (find::FIND, find::STATUS),
        Command::FolderCreate => (folder_hierarchy::FOLDER_CREATE, folder_hierarchy::STATUS),
        Command::FolderDelete => (folder_hierarchy::FOLDER_DELETE, folder_hierarchy::STATUS),
        Command::FolderSync => (folder_hierarchy::FOLDER_SYNC, folder_hierarchy::STATUS),
        Command::FolderUpdate => (folder_hierarchy::FOLDER_UPDATE, folder_hierarchy::STATUS),
        Command::GetAttachment => return None,
        Command::GetItemEstimate => {
            (get_item_estimate::GET_ITEM_ESTIMATE, get_item_estimate::STATUS)
        }
        Command::ItemOperations => (item_operations::ITEM_OPERATIONS, item_operations::STATUS),
        Command::MeetingResponse => (meeting_response::MEETING_RESPONSE, meeting_response::STATUS),
        Command::MoveItems => (move_items::MOVE_ITEMS, move_items::STATUS),
        Command::Ping => (ping::PING, ping::STATUS),
        Command::Provision => (provision::PROVISION, provision::STATUS),
        Command::ResolveRecipients => {
            (resolve_recipients::RESOLVE_RECIPIENTS, resolve_recipients::STATUS)
        }
        Command::Search => (search::SEARCH, search::STATUS),
        Command::SendMail => (compose_mail::SEND_MAIL, compose_mail::STATUS),
        Command::Settings => (settings::SETTINGS, settings::STATUS),
        Command::SmartForward => (compose_mail::SMART_FORWARD, compose_mail::STATUS),
        Command::SmartReply => (compose_mail::SMART_REPLY, compose_mail::STATUS),
        Command::Sync => (air_sync::SYNC, air_sync::STATUS),
        Command::ValidateCert => (validate_cert::VALIDATE_CERT, validate_cert::STATUS),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_fixed_bytes() {
        for (command, page, root, status) in [
            (Command::Sync, 0, 0x05, 0x0e),
            (Command::FolderSync, 7, 0x16, 0x0c),
            (Command::FolderCreate, 7, 0x13, 0x0c),
            (Command::FolderDelete, 7, 0x14, 0x0c),
            (Command::FolderUpdate, 7, 0x15, 0x0c),
            (Command::GetItemEstimate, 6, 0x05, 0x0e),
            (Command::MoveItems, 5, 0x05, 0x0b),
            (Command::MeetingResponse, 8, 0x07, 0x0b),
            (Command::Ping, 13, 0x05, 0x07),
            (Command::Search, 15, 0x05, 0x0c),
            (Command::Settings, 18, 0x05, 0x06),
            (Command::ItemOperations, 20, 0x05, 0x0d),
            (Command::Provision, 14, 0x05, 0x0b),
            (Command::ResolveRecipients, 10, 0x05, 0x07),
            (Command::ValidateCert, 11, 0x05, 0x0a),
            (Command::SendMail, 21, 0x05, 0x12),
            (Command::SmartForward, 21, 0x06, 0x12),
            (Command::SmartReply, 21, 0x07, 0x12),
            (Command::Find, 25, 0x05, 0x0a),
        ] {
            let mut expected = vec![0x03, 0x01, 0x6a, 0x00];
            if page != 0 {
                expected.extend([0x00, page]);
            }
            expected.extend([root | 0x40, status | 0x40, 0x03, b'1', b'2', b'9', 0x00, 0x01, 0x01]);
            assert_eq!(body(command, Status(129)), Some(expected), "{command:?}");
        }
        assert_eq!(body(Command::GetAttachment, Status(129)), None);
    }

    #[test]
    fn the_documented_example() {
        let example = [
            0x03, 0x01, 0x6a, 0x00, 0x00, 0x07, 0x56, 0x4c, 0x03, 0x31, 0x34, 0x32, 0x00, 0x01,
            0x01,
        ];
        assert_eq!(body(Command::FolderSync, Status(142)).unwrap(), example);
    }
}
