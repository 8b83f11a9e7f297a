use std::collections::BTreeSet;

use activesync::messages::*;
use activesync::query::Command;

use crate::device::{Device, Refused, Server};
use crate::observation::Seen;

const PATH: &str = "/Microsoft-Server-ActiveSync";

pub(crate) async fn offers(server: &Server, seen: &mut Seen) {
    let device = server.stranger("alice", "Offers");
    let answer = device.http("OPTIONS", PATH, vec![]).await;
    let list = |name: &str| -> BTreeSet<String> {
        let value = answer.headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default().split(',').map(|word| word.trim().to_owned()).collect()
    };
    seen.note("options: status", answer.status.as_u16());
    for version in ["12.1", "14.0", "14.1", "16.0", "16.1"] {
        let offered = list("MS-ASProtocolVersions").contains(version);
        seen.note(&format!("options: version {version}"), offered);
    }
    let commands = list("MS-ASProtocolCommands");
    for command in Command::ALL {
        let name = command.name();
        seen.note(&format!("options: command {name}"), commands.contains(name));
    }

    let unknown = format!("{PATH}?Cmd=Nonsense&User=alice&DeviceId=Offers&DeviceType=Test");
    let body = FolderSyncRequest { sync_key: "0".to_owned() }.encode();
    let answer = device.http("POST", &unknown, body).await;
    seen.note("unknown command: status", answer.status.as_u16());
    let nothing = device.ask(Command::FolderSync, b"junk".to_vec()).await;
    seen.note(
        "no WBXML: answer",
        nothing.map(|body| FolderSyncAnswer::decode(&body).unwrap().status.0),
    );
}

pub(crate) async fn tree(server: &Server, seen: &mut Seen) {
    let device = server.stranger("alice", "Tree");
    seen.note("tree: a key that nobody gave", device.folder_sync("tree:99").await.map(|_| ()));
    let whole = device.folder_sync("0").await.unwrap();
    let mut kinds: Vec<_> = whole.changes.iter().map(kind).collect();
    kinds.sort_unstable();
    seen.note("tree: kinds of folders", kinds);
    let key = whole.sync_key.unwrap();
    let again = device.folder_sync(&key).await.unwrap();
    seen.note("tree: changes when there are none", again.changes.len());
    seen.note("tree: the key when there are none stays", again.sync_key.as_ref() == Some(&key));
    seen.note("tree: the same key again", device.folder_sync(&key).await.map(|_| ()));
}

fn kind(change: &FolderChange) -> u8 {
    match change {
        FolderChange::Add(folder) | FolderChange::Update(folder) => folder.kind.code(),
        FolderChange::Delete { .. } => 0,
    }
}

pub(crate) async fn changes(server: &Server, seen: &mut Seen) {
    let device = server.device("alice", "Changes").await;
    let mut key = device.folder_sync("0").await.unwrap().sync_key.unwrap();
    let create = |key: &str, parent: &str, name: &str| FolderChangeRequest::Create {
        sync_key: key.to_owned(),
        parent_id: parent.to_owned(),
        display_name: name.to_owned(),
        kind: FolderKind::UserMail,
    };
    let made = device.change_folder(&create(&key, "0", "Reports")).await.unwrap();
    let id = made.server_id.unwrap();
    let next = made.sync_key.unwrap();
    seen.note("folder changes: a new folder moves the key", next != key);
    key = next;
    let told = device.folder_sync(&key).await.unwrap();
    seen.note("folder changes: the device is told of its own", told.changes.len());
    let twice = device.change_folder(&create(&key, "0", "Reports")).await;
    seen.note("folder changes: the same name again", twice.map(|_| ()));
    let orphan = device.change_folder(&create(&key, "nowhere", "Orphan")).await;
    seen.note("folder changes: below an unknown folder", orphan.map(|_| ()));
    let inner = device.change_folder(&create(&key, &id, "2026")).await.unwrap();
    let inner_id = inner.server_id.unwrap();
    key = inner.sync_key.unwrap();

    let stranger = server.device("alice", "Watcher").await;
    let found = stranger.folders().iter().find(|folder| folder.server_id == inner_id);
    seen.note(
        "folder changes: others see it where it is",
        found.is_some_and(|found| found.parent_id == id),
    );
    let old = stranger.folder_sync("0").await.unwrap().sync_key.unwrap();

    let rename = FolderChangeRequest::Update {
        sync_key: key.clone(),
        server_id: inner_id.clone(),
        parent_id: id.clone(),
        display_name: "Ärger 2027".to_owned(),
    };
    let renamed = device.change_folder(&rename).await;
    seen.note("folder changes: renamed", renamed.as_ref().map(|_| ()));
    key = renamed.ok().and_then(|renamed| renamed.sync_key).unwrap_or(key);
    let changes = stranger.folder_sync(&old).await.unwrap().changes;
    let names: Vec<_> = changes
        .iter()
        .map(|change| match change {
            FolderChange::Add(folder) => format!("Add {}", folder.display_name),
            FolderChange::Update(folder) => format!("Update {}", folder.display_name),
            FolderChange::Delete { .. } => "Delete".to_owned(),
        })
        .collect();
    seen.note("folder changes: others see the new name", names);

    let inbox = device.folder(FolderKind::Inbox);
    seen.note("folder changes: the Inbox cannot be deleted", delete(&device, &key, &inbox).await);
    seen.note(
        "folder changes: an unknown folder is deleted",
        delete(&device, &key, "nowhere").await,
    );
    let deleted =
        FolderChangeRequest::Delete { sync_key: key.clone(), server_id: inner_id.clone() };
    let deleted = device.change_folder(&deleted).await;
    seen.note("folder changes: deleted", deleted.map(|_| ()));
    let tree = server.device("alice", "Watcher2").await;
    let gone = !tree.folders().iter().any(|folder| folder.server_id == inner_id);
    seen.note("folder changes: it is gone", gone);
    seen.note("folder changes: a key that nobody gave", delete(&device, "tree:99", &id).await);
}

async fn delete(device: &Device, key: &str, id: &str) -> Result<(), Refused> {
    let request =
        FolderChangeRequest::Delete { sync_key: key.to_owned(), server_id: id.to_owned() };
    device.change_folder(&request).await.map(|_| ())
}
