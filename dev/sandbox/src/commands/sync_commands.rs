use activesync::messages::{ClientCommand, CommandResult, Email, FlagState, SyncCollection};
use activesync::status::Status;

use crate::mailbox::{FolderId, Item, ItemId, Mailbox};

const MALFORMED: Status = Status(6);
const NOT_FOUND: Status = Status(8);

/// What one command of a device gave.
#[derive(Debug)]
pub(super) enum Outcome {
    Failed(CommandResult),
    Fetched(ItemId, Item),
}

/// Carries out a command. Gives a result where one is due, and the number of the change that was made.
pub(super) fn carry_out(
    mailbox: &mut Mailbox,
    folder: FolderId,
    collection: &SyncCollection,
    command: &ClientCommand,
    repeated: bool,
) -> (Option<Outcome>, Option<u64>) {
    let find = |server_id: &str| {
        ItemId::parse(server_id).filter(|id| mailbox.item_in(folder, *id).is_some())
    };
    let failed = |result| (Some(Outcome::Failed(result)), None);
    let status = NOT_FOUND;
    match command {
        ClientCommand::Add { client_id, .. } => failed(CommandResult::Add {
            client_id: client_id.clone(),
            server_id: None,
            status: MALFORMED,
            item: None,
        }),
        ClientCommand::Change { server_id, item, .. } => match find(server_id) {
            Some(id) => match item.clone().into_email() {
                Some(mail) => (None, change(mailbox, id, &mail)),
                None => failed(changed(server_id, MALFORMED)),
            },
            None => failed(changed(server_id, status)),
        },
        ClientCommand::Delete { server_id, .. } => match find(server_id) {
            Some(id) => {
                (None, delete(mailbox, folder, id, collection.deletes_as_moves.unwrap_or(true)))
            }
            None if repeated => (None, None),
            None => failed(CommandResult::Delete {
                server_id: server_id.clone(),
                instance: None,
                status,
            }),
        },
        ClientCommand::Fetch { server_id } => match find(server_id)
            .and_then(|id| Some((id, mailbox.item(id)?)))
        {
            Some((id, item)) => (Some(Outcome::Fetched(id, item.clone())), None),
            None => {
                failed(CommandResult::Fetch { server_id: server_id.clone(), status, item: None })
            }
        },
    }
}

fn changed(server_id: &str, status: Status) -> CommandResult {
    CommandResult::Change { server_id: server_id.to_owned(), instance: None, status, item: None }
}

/// Only these properties of a mail that is no draft may change.
fn change(mailbox: &mut Mailbox, id: ItemId, mail: &Email) -> Option<u64> {
    mailbox.change(id, |read, marks| {
        *read = mail.read.unwrap_or(*read);
        if let Some(flag) = &mail.flag {
            marks.flag = (flag.state != FlagState::None).then(|| Box::new(flag.clone()));
        }
        if let Some(categories) = &mail.categories {
            marks.categories.clone_from(categories);
        }
    })
}

fn delete(mailbox: &mut Mailbox, folder: FolderId, id: ItemId, as_move: bool) -> Option<u64> {
    if as_move && folder != Mailbox::DELETED {
        return mailbox.shift(id, Mailbox::DELETED).map(|(left, _)| left);
    }
    mailbox.delete(id)
}
