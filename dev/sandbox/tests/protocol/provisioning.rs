use activesync::messages::*;
use activesync::query::Command;
use activesync::refusal;
use activesync::status::Status;
use sandbox::{Options, Sandbox};

use crate::client::{Client, options};

fn device() -> DeviceInformation {
    DeviceInformation { model: Some("Test phone".into()), ..DeviceInformation::default() }
}

async fn refused(client: &Client, status: u16) {
    let body =
        client.post(Command::FolderSync, FolderSyncRequest { sync_key: "0".into() }.encode()).await;
    assert_eq!(Some(body.to_vec()), refusal::body(Command::FolderSync, Status(status)));
}

async fn provisioned(client: &mut Client) {
    let first = client.provision(&ProvisionRequest::ask(Some(device()))).await;
    assert_eq!((first.status, first.device_information), (Status::OK, Some(Status::OK)));
    let policy = first.policy.unwrap();
    assert!(policy.document.is_some_and(|document| document.settings.len() == 5));
    client.policy_key = policy.key;
    let second = client
        .provision(&ProvisionRequest::acknowledge(policy.key.unwrap(), PolicyApplied::All))
        .await;
    let second = second.policy.unwrap();
    assert_eq!((second.status, second.document), (Status::OK, None));
    assert_ne!(second.key, policy.key);
    client.policy_key = second.key;
}

#[tokio::test]
async fn commands_need_the_current_policy_key() {
    let running = Sandbox::start(options()).await.unwrap();
    let mut client = Client::new(&running, "alice");
    refused(&client, 142).await;
    provisioned(&mut client).await;
    assert_eq!(client.folders("0").await.status, Status::OK);
    let key = client.policy_key;
    refused(&Client { policy_key: Some(1), ..client.clone() }, 144).await;
    refused(&Client { policy_key: Some(0), ..client.clone() }, 142).await;
    refused(&Client { device: "Device2", ..client.clone() }, 142).await;

    let devices = running.devices("alice").unwrap();
    assert_eq!((devices[0].id.as_str(), devices[0].policy_key), ("Device1", key));
    assert_eq!((devices[0].kind.as_str(), &devices[0].information), ("Test", &Some(device())));

    running.demand_provisioning("alice").unwrap();
    refused(&client, 142).await;
    provisioned(&mut client).await;
    assert_eq!(client.folders("0").await.status, Status::OK);
}

#[tokio::test]
async fn device_information_is_demanded_once() {
    let running = Sandbox::start(options()).await.unwrap();
    let client = Client::new(&running, "alice");
    assert_eq!(client.provision(&ProvisionRequest::ask(None)).await.status, Status(165));
    assert_eq!(client.provision(&ProvisionRequest::ask(Some(device()))).await.status, Status::OK);
    assert_eq!(client.provision(&ProvisionRequest::ask(None)).await.status, Status::OK);
}

#[tokio::test]
async fn wrong_confirmations_are_refused() {
    let running = Sandbox::start(options()).await.unwrap();
    let client = Client::new(&running, "alice");
    let answer = client.provision(&ProvisionRequest::acknowledge(1, PolicyApplied::All)).await;
    assert_eq!(answer.policy.unwrap().status, Status(5));
    let key =
        client.provision(&ProvisionRequest::ask(Some(device()))).await.policy.unwrap().key.unwrap();
    let answer =
        client.provision(&ProvisionRequest::acknowledge(key, PolicyApplied::NotAtAll)).await;
    assert_eq!(answer.status, Status(139));
    refused(&Client { policy_key: Some(key), ..client }, 142).await;
}

#[tokio::test]
async fn without_a_policy_there_is_none_and_none_is_needed() {
    let running = Sandbox::start(Options { policy: None, ..options() }).await.unwrap();
    let client = Client::new(&running, "alice");
    let answer = client.provision(&ProvisionRequest::ask(Some(device()))).await;
    assert_eq!(answer.status, Status::OK);
    assert_eq!(answer.policy.unwrap().status, Status(2));
    assert_eq!(client.folders("0").await.status, Status::OK);
}

#[tokio::test]
async fn a_wipe_is_ordered_until_it_is_confirmed() {
    let running = Sandbox::start(options()).await.unwrap();
    let mut client = Client::new(&running, "alice");
    provisioned(&mut client).await;
    running.order_wipe("alice", WipeOrder::Account).unwrap();
    refused(&client, 140).await;
    let answer = client.provision(&ProvisionRequest::ask(Some(device()))).await;
    assert_eq!(answer.wipe, Some(WipeOrder::Account));
    let failed =
        client.provision(&ProvisionRequest::wiped(WipeOrder::Account, WipeReport::Failed)).await;
    assert_eq!(failed.wipe, Some(WipeOrder::Account));
    let done =
        client.provision(&ProvisionRequest::wiped(WipeOrder::Account, WipeReport::Done)).await;
    assert_eq!(done.wipe, None);
    assert_eq!(running.devices("alice").unwrap()[0].wiped, Some(WipeReport::Done));
}

#[tokio::test]
async fn settings_take_device_information() {
    let running = Sandbox::start(Options { enforce_policy: false, ..options() }).await.unwrap();
    let client = Client::new(&running, "alice");
    let request =
        SettingsRequest { device_information: Some(device()), ..SettingsRequest::default() };
    let answer =
        SettingsAnswer::decode(&client.post(Command::Settings, request.encode()).await).unwrap();
    assert_eq!(
        answer,
        SettingsAnswer { device_information: Some(Status::OK), ..SettingsAnswer::new(Status::OK) }
    );
    assert_eq!(running.devices("alice").unwrap()[0].information, Some(device()));
}
