use activesync::messages::*;
use activesync::query::Command;
use activesync::refusal;
use activesync::status::Status;

use crate::client::{Client, options, ready};

fn create(key: &str, parent: &str, name: &str, kind: FolderKind) -> FolderChangeRequest {
    FolderChangeRequest::Create {
        sync_key: key.to_owned(),
        parent_id: parent.to_owned(),
        display_name: name.to_owned(),
        kind,
    }
}

fn update(key: &str, id: &str, parent: &str, name: &str) -> FolderChangeRequest {
    FolderChangeRequest::Update {
        sync_key: key.to_owned(),
        server_id: id.to_owned(),
        parent_id: parent.to_owned(),
        display_name: name.to_owned(),
    }
}

fn delete(key: &str, id: &str) -> FolderChangeRequest {
    FolderChangeRequest::Delete { sync_key: key.to_owned(), server_id: id.to_owned() }
}

/// A second device of the same person, and its key of the folder tree.
async fn another(client: &Client) -> (Client, String) {
    let other = Client { device: "Device2", ..client.clone() };
    let key = other.folders("0").await.sync_key.unwrap();
    (other, key)
}

fn shown(changes: &[FolderChange]) -> Vec<String> {
    let text = |change: &FolderChange| match change {
        FolderChange::Add(folder) => format!("+{} in {}", folder.display_name, folder.parent_id),
        FolderChange::Update(folder) => format!("={} in {}", folder.display_name, folder.parent_id),
        FolderChange::Delete { server_id } => format!("-{server_id}"),
    };
    changes.iter().map(text).collect()
}

#[tokio::test]
async fn folders_are_made_named_moved_and_deleted() {
    let (running, client) = ready(options()).await;
    let key = client.folders("0").await.sync_key.unwrap();
    let (other, mut other_key) = another(&client).await;
    let mut told = async || {
        let answer = other.folders(&other_key).await;
        other_key = answer.sync_key.unwrap();
        shown(&answer.changes)
    };

    let made = client.change_folder(&create(&key, "0", "Reisen", FolderKind::UserMail)).await;
    let (id, key) = (made.server_id.unwrap(), made.sync_key.unwrap());
    assert_eq!(told().await, ["+Reisen in 0"]);
    let moved = client.change_folder(&update(&key, &id, "f1", "Trips")).await;
    assert_eq!((moved.status, moved.server_id), (Status::OK, None));
    assert_eq!(told().await, ["=Trips in f1"]);
    let key = moved.sync_key.unwrap();
    let below = client.change_folder(&create(&key, &id, "2026", FolderKind::UserMail)).await;
    let (below_id, key) = (below.server_id.unwrap(), below.sync_key.unwrap());
    assert_eq!(told().await, [format!("+2026 in {id}")]);
    let deleted = client.change_folder(&delete(&key, &id)).await;
    assert_eq!(told().await, [format!("-{id}"), format!("-{below_id}")]);

    let key = deleted.sync_key.unwrap();
    let unchanged = client.folders(&key).await;
    assert_eq!((unchanged.changes, unchanged.sync_key), (vec![], Some(key.clone())));
    running.make_folder("alice", "Elsewhere").unwrap();
    let made = client.change_folder(&create(&key, "0", "Here", FolderKind::UserMail)).await;
    let answer = client.folders(&made.sync_key.unwrap()).await;
    assert_eq!(shown(&answer.changes), ["+Elsewhere in 0"]);
}

#[tokio::test]
async fn folder_changes_that_cannot_be_have_their_statuses() {
    let (_running, client) = ready(options()).await;
    let key = client.folders("0").await.sync_key.unwrap();
    let mail = FolderKind::UserMail;
    for (request, status) in [
        (create(&key, "0", "projekte", mail), 2),
        (create(&key, "f11", "Nordlicht", mail), 2),
        (create(&key, "f99", "New", mail), 5),
        (create(&key, "0", " ", mail), 10),
        (create(&key, "0", "New", FolderKind::Inbox), 10),
        (create(&key, "0", "New", FolderKind::Unknown), 10),
        (create("0", "0", "New", mail), 9),
        (create("tree:99", "0", "New", mail), 9),
        (update(&key, "f1", "0", "Mine"), 2),
        (update(&key, "f12", "0", "Inbox"), 2),
        (update(&key, "f99", "0", "New"), 4),
        (update(&key, "f12", "f99", "New"), 5),
        (update(&key, "f11", "f12", "Projekte"), 5),
        (update(&key, "f11", "f11", "Projekte"), 5),
        (update(&key, "f12", "f11", ""), 10),
        (delete(&key, "f1"), 3),
        (delete(&key, "f99"), 4),
        (delete("x", "f12"), 9),
    ] {
        let answer = client.change_folder(&request).await;
        assert_eq!((answer.status, answer.sync_key), (Status(status), None), "{request:?}");
    }
    let junk = client.post(Command::FolderDelete, b"junk".to_vec()).await.to_vec();
    assert_eq!(Some(junk), refusal::body(Command::FolderDelete, Status(102)));
    assert_eq!(client.folders(&key).await.changes, []);
}

#[tokio::test]
async fn a_folder_change_whose_answer_was_lost_can_be_found_with_the_old_key() {
    let (running, client) = ready(options()).await;
    let key = client.folders("0").await.sync_key.unwrap();
    let request = create(&key, "0", "New", FolderKind::UserMail);
    running.fail_next("alice", Some(Command::FolderCreate), sandbox::Fault::LoseAnswer).unwrap();
    client.try_post(Command::FolderCreate, request.encode()).await.unwrap_err();
    assert_eq!(client.change_folder(&request).await.status, Status(2));
    assert_eq!(shown(&client.folders(&key).await.changes), ["+New in 0"]);
}

#[tokio::test]
async fn a_changed_tree_ends_the_ping_of_other_devices_only() {
    let (running, client) = ready(options()).await;
    let key = client.folders("0").await.sync_key.unwrap();
    let (other, _) = another(&client).await;
    let (sync_key, _) = other.load("f1", SyncOptions::default()).await;
    assert!(other.sync(crate::client::collection("f1", &sync_key)).await.is_none());
    let waiting =
        tokio::spawn(async move { other.ping(Some(crate::client::inbox_ping(60))).await });
    running.until_held("alice", 1).await.unwrap();
    client.change_folder(&create(&key, "0", "New", FolderKind::UserMail)).await;
    assert_eq!(waiting.await.unwrap().status, Status(7));
    client.load("f1", SyncOptions::default()).await;
    assert_eq!(client.ping(Some(crate::client::inbox_ping(1))).await.status, Status(1));
}

#[tokio::test]
async fn a_folder_is_emptied_with_or_without_the_folders_in_it() {
    let (running, client) = ready(options()).await;
    let key = client.folders("0").await.sync_key.unwrap();
    let (sync_key, mails) = client.load("f1", SyncOptions::default()).await;
    let made = client.change_folder(&create(&key, "f1", "Below", FolderKind::UserMail)).await;
    let (key, below) = (made.sync_key.unwrap(), made.server_id.unwrap());
    let empty = |folder: &str, delete_sub_folders| ItemOperationsRequest {
        empties: vec![EmptyFolder { collection_id: folder.to_owned(), delete_sub_folders }],
        ..ItemOperationsRequest::default()
    };
    let answer = client.operate(&empty("f1", false)).await;
    assert_eq!(
        answer.empties,
        [EmptyFolderAnswer { status: Status::OK, collection_id: Some("f1".into()) }]
    );
    assert_eq!(running.mails("alice", FolderKind::Inbox), Ok(vec![]));
    assert_eq!(client.folders(&key).await.changes, []);
    let first = client.sync(crate::client::collection("f1", &sync_key)).await.unwrap();
    assert_eq!(first.commands.len(), mails.len().min(100));
    assert!(first.commands.iter().all(|change| matches!(change, ServerCommand::Delete { .. })));
    client.operate(&empty("f1", true)).await;
    assert_eq!(shown(&client.folders(&key).await.changes), [format!("-{below}")]);
    assert_eq!(client.operate(&empty("f99", true)).await.empties[0].status, Status(6));
}

#[tokio::test]
async fn a_conversation_moves_with_the_mails_to_come() {
    let (running, client) = ready(options()).await;
    let (_, mails) = client.load("f1", SyncOptions::default()).await;
    let subject = "Framework contract, clause 7";
    let of = |mail: &&(String, Email)| mail.1.thread_topic.as_deref() == Some(subject);
    let conversation = mails.iter().find(of).unwrap().1.conversation_id.clone().unwrap();
    let count = mails.iter().filter(of).count();
    let shift = async |destination: &str, always, id: &bytes::Bytes| {
        let moves = vec![MoveConversation {
            conversation_id: id.clone(),
            destination: destination.to_owned(),
            always,
        }];
        let request = ItemOperationsRequest { moves, ..ItemOperationsRequest::default() };
        client.operate(&request).await.moves[0].status
    };
    assert_eq!(shift("f12", false, &conversation).await, Status(155));
    assert_eq!(shift("f99", true, &conversation).await, Status(156));
    assert_eq!(shift("f12", true, &bytes::Bytes::from_static(b"nobody")).await, Status(6));
    let before = client.load("f12", SyncOptions::default()).await.1.len();
    assert_eq!(shift("f12", true, &conversation).await, Status::OK);
    let there = client.load("f12", SyncOptions::default()).await.1;
    assert!(count > 1 && there.iter().filter(of).count() >= count && there.len() > before);
    assert_eq!(client.load("f1", SyncOptions::default()).await.1.iter().filter(of).count(), 0);

    let id = running.deliver_text("alice", "tom@ashworth.test", &format!("Re: {subject}"), "x");
    let after = client.load("f12", SyncOptions::default()).await.1;
    assert!(after.iter().any(|(known, _)| Some(known) == id.as_ref().ok()));
}
