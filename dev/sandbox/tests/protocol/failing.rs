use activesync::messages::*;
use activesync::query::{Command, Version};
use activesync::refusal;
use activesync::status::Status;
use sandbox::{Fault, Options, Sandbox};

use crate::client::{Client, collection, options, ready};
use crate::items::{CONTACTS, Replica, add, contact};

#[tokio::test]
async fn a_request_is_lost_before_it_takes_effect() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let (mut folder, _) = Replica::loaded(&client, CONTACTS).await;
    let commands = vec![add("one", contact())];
    let request = SyncCollection { commands, ..folder.request() };
    let request = SyncRequest { collections: vec![request], ..SyncRequest::default() };
    running.fail_next("alice", Some(Command::Sync), Fault::LoseRequest).unwrap();
    client.try_post(Command::Sync, request.encode()).await.unwrap_err();
    assert_eq!(running.items("alice", FolderKind::Contacts, Version::V16_1).unwrap(), []);
    folder.add(contact()).await;
    assert_eq!(running.items("alice", FolderKind::Contacts, Version::V16_1).unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_is_given_twice() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let (mut folder, _) = Replica::loaded(&client, CONTACTS).await;
    let id = running.add_item("alice", contact()).unwrap();
    let request = folder.request();
    let first = client.sync(request.clone()).await.unwrap();
    running.fail_next("alice", Some(Command::Sync), Fault::RepeatAnswer).unwrap();
    folder.key = first.sync_key.clone().unwrap();
    assert_eq!(client.sync(folder.request()).await.unwrap(), first);
    assert!(
        matches!(&first.commands[..], [ServerCommand::Add { server_id, .. }] if *server_id == id)
    );
    assert_eq!(folder.pull().await, []);
}

#[tokio::test]
async fn keys_are_forgotten_in_the_middle() {
    let (running, client) = ready(options()).await;
    let (folder, _) = Replica::loaded(&client, CONTACTS).await;
    running.fail_next("alice", Some(Command::Sync), Fault::ForgetSyncKeys).unwrap();
    assert_eq!(client.sync(folder.request()).await.unwrap().status, Status(3));
    let (_, items) = Replica::loaded(&client, CONTACTS).await;
    assert_eq!(items.len(), 5);
}

#[tokio::test]
async fn a_window_shrinks_to_one() {
    let (running, client) = ready(options()).await;
    let mut folder = Replica::primed(&client, CONTACTS, None).await;
    running.fail_next("alice", Some(Command::Sync), Fault::SplitWindow).unwrap();
    let answer = client.sync(folder.request()).await.unwrap();
    assert_eq!((answer.commands.len(), answer.more_available), (1, true));
    folder.key = answer.sync_key.unwrap();
    assert_eq!(folder.pull().await.len(), 4);
}

#[tokio::test]
async fn one_item_is_bad() {
    let (running, client) = ready(options()).await;
    let mut folder = Replica::primed(&client, CONTACTS, None).await;
    running.fail_next("alice", Some(Command::Sync), Fault::BadItem).unwrap();
    let told = folder.pull().await;
    let unknown = told.iter().filter(|command| {
        matches!(command, ServerCommand::Add { item: Item::Any(elements), .. } if elements.len() == 1)
    });
    assert_eq!((unknown.count(), told.len()), (1, 5));

    running.fail_next("alice", Some(Command::Sync), Fault::RefuseItem { status: 9 }).unwrap();
    let answer = folder.push(vec![add("one", contact()), add("two", contact())]).await;
    let refused = matches!(
        &answer.responses[..],
        [
            CommandResult::Add { status: Status(9), server_id: None, .. },
            CommandResult::Add { status: Status::OK, server_id: Some(_), .. }
        ]
    );
    assert!(refused, "{answer:?}");
}

#[tokio::test]
async fn provisioning_is_demanded_in_the_middle() {
    let running = Sandbox::start(options()).await.unwrap();
    let mut client = Client::new(&running, "alice");
    provisioned(&mut client).await;
    client.folders("0").await;
    let fault = Fault::DemandProvisioning;
    running.fail_next("alice", Some(Command::Sync), fault).unwrap();
    let request =
        SyncRequest { collections: vec![collection(CONTACTS, "0")], ..SyncRequest::default() };
    let body = client.post(Command::Sync, request.encode()).await;
    assert_eq!(Some(body.to_vec()), refusal::body(Command::Sync, Status(142)));
    provisioned(&mut client).await;
    assert_eq!(client.sync(collection(CONTACTS, "0")).await.unwrap().status, Status::OK);
}

async fn provisioned(client: &mut Client) {
    let information =
        DeviceInformation { model: Some("Test".into()), ..DeviceInformation::default() };
    let first = client.provision(&ProvisionRequest::ask(Some(information))).await;
    assert_eq!(first.status, Status::OK);
    let key = first.policy.unwrap().key.unwrap();
    client.policy_key = Some(key);
    let second = client.provision(&ProvisionRequest::acknowledge(key, PolicyApplied::All)).await;
    client.policy_key = second.policy.unwrap().key;
}

#[tokio::test]
async fn exchange_online_is_strict() {
    let running = Sandbox::start(Options { strict: true, ..options() }).await.unwrap();
    let mut client = Client::new(&running, "alice");
    let answer = client.send("OPTIONS", "/Microsoft-Server-ActiveSync", Vec::new()).await.unwrap();
    assert_eq!(answer.headers["MS-ASProtocolVersions"], "16.1");
    let refused = async |client: &Client, command, body: Vec<u8>, status| {
        let body = client.post(command, body).await;
        assert_eq!(Some(body.to_vec()), refusal::body(command, Status(status)));
    };
    let tree = FolderSyncRequest { sync_key: "0".into() }.encode();
    let old = Client { version: Version::V14_1, ..client.clone() };
    refused(&old, Command::FolderSync, tree.clone(), 138).await;
    let information =
        DeviceInformation { model: Some("Test".into()), ..DeviceInformation::default() };
    let settings =
        SettingsRequest { device_information: Some(information), ..SettingsRequest::default() };
    refused(&client, Command::Settings, settings.encode(), 138).await;
    refused(&client, Command::FolderSync, tree, 142).await;
    assert_eq!(client.provision(&ProvisionRequest::ask(None)).await.status, Status(165));
    provisioned(&mut client).await;
    let answer = client.post(Command::Settings, settings.encode()).await;
    assert_eq!(SettingsAnswer::decode(&answer).unwrap().device_information, Some(Status::OK));
    assert_eq!(client.folders("0").await.status, Status::OK);
}
