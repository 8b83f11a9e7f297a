//! What the server does with the changes of a device.

use activesync::{
    messages::{
        ClientCommand, CommandResult, MoveItemsAnswer, MoveItemsRequest, MoveResult, SyncCollection,
    },
    status::Status,
};

use crate::server::{DELETED, Items, STUBBORN, Server};

impl Server {
    /// Carries out the commands of a folder; `next` is what the device knows after them.
    pub(crate) fn upload(
        &mut self,
        collection: &SyncCollection,
        next: &mut Items,
    ) -> Vec<CommandResult> {
        let as_moves = collection.deletes_as_moves.unwrap_or(true);
        let id = &collection.collection_id;
        let each = |command: &ClientCommand| match command {
            ClientCommand::Change { server_id, item, .. } => {
                let mail = item.clone().into_email().unwrap();
                let result = |status| CommandResult::Change {
                    server_id: server_id.clone(),
                    instance: None,
                    status: Status(status),
                    item: None,
                };
                let Some(item) = self.items(id).get_mut(server_id) else { return Some(result(8)) };
                if item.text == STUBBORN {
                    return Some(result(6));
                }
                // What others changed in it the device does not know yet.
                for item in [Some(item), next.get_mut(server_id)].into_iter().flatten() {
                    item.read = mail.read.unwrap_or(item.read);
                    item.flag = mail.flag.clone().unwrap_or(item.flag.clone());
                    item.categories = mail.categories.clone().unwrap_or(item.categories.clone());
                }
                None
            }
            ClientCommand::Delete { server_id, .. } => {
                let result = |status| CommandResult::Delete {
                    server_id: server_id.clone(),
                    instance: None,
                    status: Status(status),
                };
                let Some(item) = self.items(id).get(server_id) else { return Some(result(8)) };
                if item.text == STUBBORN {
                    return Some(result(7));
                }
                if as_moves && id != DELETED {
                    self.shift(id, server_id, DELETED);
                } else {
                    self.items(id).remove(server_id);
                }
                next.remove(server_id);
                None
            }
            ClientCommand::Add { .. } | ClientCommand::Fetch { .. } => {
                panic!("only changes and deletions go up")
            }
        };
        collection.commands.iter().filter_map(each).collect()
    }

    pub(crate) fn move_items(&mut self, request: &MoveItemsRequest) -> Vec<u8> {
        let results = request.moves.iter().map(|one| {
            let (from, to) = (&one.source_folder, &one.destination_folder);
            let stubborn = |server: &Self| {
                let item = server.folders.get(from).and_then(|(_, all)| all.get(&one.source_id));
                item.map(|item| item.text == STUBBORN)
            };
            let (status, destination_id) = match (stubborn(self), self.folders.contains_key(to)) {
                (None, _) => (1, None),
                (Some(_), false) => (2, None),
                (Some(true), true) => (5, None),
                (Some(false), true) => (3, self.shift(from, &one.source_id, to)),
            };
            MoveResult { source_id: one.source_id.clone(), status: Status(status), destination_id }
        });
        MoveItemsAnswer { status: None, results: results.collect() }.encode()
    }

    fn items(&mut self, folder: &str) -> &mut Items {
        &mut self.folders.get_mut(folder).unwrap().1
    }
}
