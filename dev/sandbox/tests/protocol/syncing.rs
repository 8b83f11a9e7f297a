use std::collections::BTreeSet;

use activesync::messages::*;
use activesync::query::Command;
use activesync::status::Status;
use sandbox::{Fault, Options};

use crate::client::{collection, options, ready};

fn change(server_id: &str, mail: Email) -> ClientCommand {
    ClientCommand::Change {
        server_id: server_id.to_owned(),
        instance: None,
        item: mail.into(),
        send: false,
    }
}

fn read() -> Email {
    Email { read: Some(true), ..Email::default() }
}

#[tokio::test]
async fn the_folder_tree_is_given_once() {
    let (running, client) = ready(options()).await;
    let tree = client.folders("0").await;
    let names: Vec<_> = tree
        .changes
        .iter()
        .map(|change| match change {
            FolderChange::Add(folder) => {
                format!(
                    "{} in {}: {} ({:?})",
                    folder.server_id, folder.parent_id, folder.display_name, folder.kind
                )
            }
            FolderChange::Delete { .. } | FolderChange::Update(_) => panic!("{change:?}"),
        })
        .collect();
    insta::assert_snapshot!(names.join("\n"), @"
    f1 in 0: Inbox (Inbox)
    f2 in 0: Drafts (Drafts)
    f3 in 0: Deleted Items (Deleted)
    f4 in 0: Sent Items (Sent)
    f5 in 0: Outbox (Outbox)
    f6 in 0: Junk E-mail (UserMail)
    f7 in 0: Calendar (Calendar)
    f8 in 0: Contacts (Contacts)
    f9 in 0: Tasks (Tasks)
    f10 in 0: Notes (Notes)
    f11 in 0: Projekte (UserMail)
    f12 in f11: Nordlicht (UserMail)
    f13 in f11: Travel & expenses (UserMail)
    ");
    let key = tree.sync_key.unwrap();
    let same = client.folders(&key).await;
    assert_eq!((same.sync_key.as_deref(), same.changes.len()), (Some(key.as_str()), 0));
    assert_eq!(client.folders("tree:99").await.status, Status(9));

    let id = running.make_folder("alice", "Neu").unwrap();
    let next = client.folders(&key).await;
    assert!(matches!(&next.changes[..], [FolderChange::Add(folder)] if folder.server_id == id));
    assert_eq!(client.folders(&key).await.changes.len(), 1);
    running.forget_folder_keys("alice").unwrap();
    assert_eq!(client.folders(&next.sync_key.unwrap()).await.status, Status(9));
}

#[tokio::test]
async fn the_inbox_is_loaded_in_windows_newest_first() {
    let (running, client) = ready(options()).await;
    let (key, mails) = client.load("f1", SyncOptions::default()).await;
    assert_eq!(mails.len(), 42);
    let dates: Vec<_> = mails.iter().map(|(_, mail)| mail.date_received.unwrap()).collect();
    assert!(dates.is_sorted_by(|a, b| a >= b));
    let ids: BTreeSet<_> = mails.iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), mails.len());
    assert_eq!(client.sync(collection("f1", &key)).await, None);

    let id = running.deliver_text("alice", "bob@example.test", "New", "Text").unwrap();
    let answer = client.sync(collection("f1", &key)).await.unwrap();
    assert!(
        matches!(&answer.commands[..], [ServerCommand::Add { server_id, .. }] if *server_id == id)
    );
}

#[tokio::test]
async fn only_the_last_two_keys_are_good() {
    let (running, client) = ready(options()).await;
    let (first, _) = client.load("f1", SyncOptions::default()).await;
    assert_eq!(client.sync(collection("f1", "{99}|0")).await.unwrap().status, Status(3));
    let mut keys = vec![first];
    for subject in ["one", "two"] {
        running.deliver_text("alice", "bob@example.test", subject, "").unwrap();
        let answer = client.sync(collection("f1", keys.last().unwrap())).await.unwrap();
        keys.push(answer.sync_key.unwrap());
    }
    assert_eq!(client.sync(collection("f1", &keys[0])).await.unwrap().status, Status(3));
    assert_eq!(client.sync(collection("f1", &keys[1])).await.unwrap().commands.len(), 1);
    running.forget_sync_keys("alice").unwrap();
    assert_eq!(client.sync(collection("f1", &keys[2])).await.unwrap().status, Status(3));
}

#[tokio::test]
async fn a_lost_answer_is_given_again() {
    let (running, client) = ready(options()).await;
    let (key, mails) = client.load("f1", SyncOptions::default()).await;
    running.deliver_text("alice", "bob@example.test", "New", "").unwrap();
    let request = SyncCollection {
        commands: vec![
            change(&mails[0].0, read()),
            ClientCommand::Delete { server_id: mails[1].0.clone(), instance: None },
            ClientCommand::Delete { server_id: "{999}%2F".into(), instance: None },
        ],
        ..collection("f1", &key)
    };
    running.fail_next("alice", Some(Command::Sync), Fault::LoseAnswer).unwrap();
    let sent = SyncRequest { collections: vec![request.clone()], ..SyncRequest::default() };
    client.try_post(Command::Sync, sent.encode()).await.unwrap_err();
    assert_eq!(running.requests("alice", Command::Sync), Ok(5));

    let answer = client.sync(request).await.unwrap();
    assert_eq!(answer.status, Status::OK);
    assert_eq!(answer.responses, []);
    let adds = answer
        .commands
        .iter()
        .filter(|command| matches!(command, ServerCommand::Add { .. }))
        .count();
    assert_eq!(adds, 1);
    assert_eq!(running.mails("alice", FolderKind::Deleted).unwrap().len(), 3);
    assert_eq!(client.sync(collection("f1", &answer.sync_key.unwrap())).await, None);
}

#[tokio::test]
async fn changes_of_the_device_arrive_and_are_not_told_back() {
    let (running, client) = ready(options()).await;
    let (key, mails) = client.load("f1", SyncOptions::default()).await;
    let unread: Vec<_> = mails
        .iter()
        .filter(|(_, mail)| mail.read == Some(false))
        .map(|(id, _)| id.clone())
        .collect();
    let flag = Email {
        flag: Some(Flag::active()),
        categories: Some(vec!["Rot".into()]),
        ..Email::default()
    };
    let request = SyncCollection {
        commands: vec![
            change(&unread[0], read()),
            change(&unread[1], flag),
            ClientCommand::Delete { server_id: unread[2].clone(), instance: None },
            change("{999}%2F", read()),
        ],
        ..collection("f1", &key)
    };
    let answer = client.sync(request).await.unwrap();
    assert_eq!(
        answer.responses,
        [CommandResult::Change {
            server_id: "{999}%2F".into(),
            instance: None,
            status: Status(8),
            item: None,
        }]
    );
    assert_eq!(answer.commands, []);
    let inbox = running.mails("alice", FolderKind::Inbox).unwrap();
    let find = |id: &str| inbox.iter().find(|mail| mail.server_id == id);
    assert!(find(&unread[0]).unwrap().read);
    assert!(find(&unread[1]).unwrap().flagged);
    assert_eq!(find(&unread[2]), None);
    assert_eq!(running.mails("alice", FolderKind::Deleted).unwrap().len(), 3);
    assert_eq!(client.sync(collection("f1", &answer.sync_key.unwrap())).await, None);
}

#[tokio::test]
async fn uploads_can_go_without_downloads() {
    let (running, client) = ready(options()).await;
    let (key, mails) = client.load("f1", SyncOptions::default()).await;
    running.deliver_text("alice", "bob@example.test", "New", "").unwrap();
    let upload = SyncCollection {
        get_changes: Some(false),
        deletes_as_moves: Some(false),
        commands: vec![ClientCommand::Delete { server_id: mails[0].0.clone(), instance: None }],
        ..collection("f1", &key)
    };
    let answer = client.sync(upload).await.unwrap();
    assert_eq!(answer.commands, []);
    assert_eq!(running.mails("alice", FolderKind::Deleted).unwrap().len(), 2);
    let answer = client.sync(collection("f1", &answer.sync_key.unwrap())).await.unwrap();
    assert!(matches!(answer.commands[..], [ServerCommand::Add { .. }]));
}

#[tokio::test]
async fn changes_of_others_arrive() {
    let (running, client) = ready(options()).await;
    let (key, mails) = client.load("f1", SyncOptions::default()).await;
    assert_eq!(running.mark_read("alice", &mails[0].0, true), Ok(true));
    assert_eq!(running.delete("alice", &mails[1].0), Ok(true));
    assert_eq!(running.delete("alice", "{999}%2F"), Ok(false));
    let answer = client.sync(collection("f1", &key)).await.unwrap();
    let [ServerCommand::Change { server_id, item }, ServerCommand::Delete { server_id: deleted }] =
        &answer.commands[..]
    else {
        panic!("{answer:?}")
    };
    let mail = item.clone().into_email().unwrap();
    assert_eq!((server_id, mail.read, deleted), (&mails[0].0, Some(true), &mails[1].0));
    assert_eq!(mail.subject, None);
}

#[tokio::test]
async fn a_filter_limits_the_age() {
    let (_running, client) = ready(options()).await;
    let filtered = |filter| SyncOptions { filter: Some(filter), ..SyncOptions::default() };
    let (key, mails) = client.load("f1", filtered(Filter::ThreeDays)).await;
    assert!((15..40).contains(&mails.len()), "{}", mails.len());
    let narrow =
        SyncCollection { options: vec![filtered(Filter::OneDay)], ..collection("f1", &key) };
    let answer = client.sync(narrow).await.unwrap();
    assert!(!answer.commands.is_empty());
    assert!(
        answer.commands.iter().all(|command| matches!(command, ServerCommand::SoftDelete { .. }))
    );
    let wrong = SyncCollection {
        options: vec![filtered(Filter::SixMonths)],
        ..collection("f1", &answer.sync_key.unwrap())
    };
    assert_eq!(client.sync(wrong).await.unwrap().status, Status(4));
}

#[tokio::test]
async fn wrong_requests_have_their_statuses() {
    let (_running, client) = ready(options()).await;
    assert_eq!(client.sync(collection("f77", "0")).await.unwrap().status, Status(12));
    let greedy = SyncCollection { get_changes: Some(true), ..collection("f1", "0") };
    assert_eq!(client.sync(greedy).await.unwrap().status, Status(4));
    let nothing = client.sync_all(&SyncRequest::default()).await.unwrap();
    assert_eq!(nothing.status, Some(Status(4)));
    let stranger = crate::client::Client { device: "Device2", ..client.clone() };
    let unprepared =
        SyncRequest { collections: vec![collection("f1", "0")], ..SyncRequest::default() };
    let answer = stranger.sync_all(&unprepared);
    assert_eq!(answer.await.unwrap().status, Some(Status(12)));
    let key = client.prime("f1").await;
    let draft = ClientCommand::Add {
        client_id: "c".into(),
        class: None,
        item: Item::default(),
        send: false,
    };
    let answer = client
        .sync(SyncCollection { commands: vec![draft], ..collection("f1", &key) })
        .await
        .unwrap();
    let refused = CommandResult::Add {
        client_id: "c".into(),
        server_id: None,
        status: Status(6),
        item: None,
    };
    assert_eq!(answer.responses, [refused]);
}

#[tokio::test]
async fn empty_folders_are_settled() {
    let (_running, client) = ready(Options { samples: false, ..options() }).await;
    let key = client.prime("f1").await;
    assert_eq!(client.sync(collection("f1", &key)).await, None);
    assert_eq!(client.sync(collection("f1", &key)).await, None);
}

#[tokio::test]
async fn mails_move_and_are_counted() {
    let (_running, client) = ready(options()).await;
    let (key, mails) = client.load("f1", SyncOptions::default()).await;
    let sent_key = client.prime("f4").await;
    let move_to = |id: &str, from: &str, to: &str| Move {
        source_id: id.to_owned(),
        source_folder: from.to_owned(),
        destination_folder: to.to_owned(),
    };
    let moves = vec![
        move_to(&mails[0].0, "f1", "f4"),
        move_to(&mails[1].0, "f1", "f1"),
        move_to("{999}%2F", "f1", "f4"),
        move_to(&mails[2].0, "f1", "f99"),
    ];
    let answer = client.post(Command::MoveItems, MoveItemsRequest { moves }.encode()).await;
    let results = MoveItemsAnswer::decode(&answer).unwrap().results;
    assert_eq!(results.iter().map(|result| result.status.0).collect::<Vec<_>>(), [3, 4, 1, 2]);
    assert!(results[0].destination_id.is_some());

    let question = |folder: &str, key: &str| EstimateCollection {
        sync_key: key.to_owned(),
        collection_id: folder.to_owned(),
        class: None,
        conversation_mode: None,
        options: vec![],
    };
    let collections = vec![
        question("f1", &key),
        question("f4", &sent_key),
        question("f4", "0"),
        question("f4", "x"),
        question("f99", "x"),
    ];
    let answer =
        client.post(Command::GetItemEstimate, EstimateRequest { collections }.encode()).await;
    let estimates = EstimateAnswer::decode(&answer).unwrap().estimates;
    let counts: Vec<_> =
        estimates.iter().map(|estimate| (estimate.status.0, estimate.count)).collect();
    assert_eq!(counts, [(1, Some(1)), (1, Some(6)), (3, None), (4, None), (2, None)]);
}
