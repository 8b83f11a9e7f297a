use activesync::messages::*;
use activesync::query::Command;
use activesync::status::Status;
use sandbox::Options;

use crate::client::{Client, collection, inbox_ping, options, ready};

#[tokio::test]
async fn a_ping_is_held_until_a_mail_comes() {
    let (running, client) = ready(options()).await;
    let (key, _) = client.load("f1", SyncOptions::default()).await;
    let ping = tokio::spawn({
        let client = client.clone();
        async move { client.ping(Some(inbox_ping(3540))).await }
    });
    running.until_held("alice", 1).await.unwrap();
    running.deliver_text("bob", "x@example.test", "For bob", "").unwrap();
    running.until_held("alice", 1).await.unwrap();
    running.deliver_text("alice", "x@example.test", "For alice", "").unwrap();
    let answer = ping.await.unwrap();
    assert_eq!((answer.status, answer.folders), (Status(2), vec!["f1".to_owned()]));
    assert_eq!(client.ping(None).await.status, Status(2));
    let answer = client.sync(collection("f1", &key)).await.unwrap();
    assert_eq!(answer.commands.len(), 1);
    assert_eq!(client.ping(Some(inbox_ping(1))).await.status, Status(1));
}

#[tokio::test]
async fn a_ping_has_its_statuses() {
    let (running, client) = ready(Options { heartbeat: 2..=900, ..options() }).await;
    assert_eq!(client.ping(None).await.status, Status(3));
    let low = client.ping(Some(inbox_ping(1))).await;
    assert_eq!((low.status, low.heartbeat_interval), (Status(5), Some(2)));
    let high = client.ping(Some(inbox_ping(901))).await;
    assert_eq!((high.status, high.heartbeat_interval), (Status(5), Some(900)));
    let folder = |id: &str| PingFolder { id: id.to_owned(), class: "Email".to_owned() };
    let unknown = PingRequest { heartbeat_interval: Some(60), folders: vec![folder("f99")] };
    assert_eq!(client.ping(Some(unknown)).await.status, Status(7));
    let many = PingRequest { heartbeat_interval: Some(60), folders: vec![folder("f1"); 201] };
    let many = client.ping(Some(many)).await;
    assert_eq!((many.status, many.max_folders), (Status(6), Some(200)));
    running.make_folder("alice", "Neu").unwrap();
    assert_eq!(client.ping(Some(inbox_ping(60))).await.status, Status(7));
}

#[tokio::test]
async fn a_folder_is_watched_under_its_own_class_only() {
    let (running, client) = ready(options()).await;
    client.load("f1", SyncOptions::default()).await;
    running.deliver_text("alice", "x@example.test", "New", "").unwrap();
    let ping = |class: &str| PingRequest {
        heartbeat_interval: Some(1),
        folders: vec![PingFolder { id: "f1".to_owned(), class: class.to_owned() }],
    };
    assert_eq!(client.ping(Some(ping("Calendar"))).await.status, Status(1));
    assert_eq!(client.ping(Some(ping("Email"))).await.status, Status(2));
}

#[tokio::test]
async fn a_newer_ping_ends_the_older_and_a_gone_client_is_noticed() {
    let (running, client) = ready(options()).await;
    client.load("f1", SyncOptions::default()).await;
    let hold =
        |client: Client| tokio::spawn(async move { client.ping(Some(inbox_ping(3540))).await });
    let older = hold(client.clone());
    running.until_held("alice", 1).await.unwrap();
    let newer = hold(client.clone());
    assert_eq!(older.await.unwrap().status, Status(1));
    let other = hold(Client { device: "Device2", ..client });
    running.until_held("alice", 2).await.unwrap();
    newer.abort();
    running.until_held("alice", 1).await.unwrap();
    other.abort();
    running.until_held("alice", 0).await.unwrap();
}

#[tokio::test]
async fn a_sync_may_wait_too() {
    let (running, client) = ready(options()).await;
    let (key, _) = client.load("f1", SyncOptions::default()).await;
    let request = |waiting| SyncRequest {
        collections: vec![collection("f1", &key)],
        waiting: Some(waiting),
        ..SyncRequest::default()
    };
    assert_eq!(client.sync_all(&request(Waiting::Seconds(1))).await, None);
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { SyncAnswer::decode(&client.post(Command::Sync, vec![]).await).unwrap() }
    });
    assert_eq!(waiting.await.unwrap(), None);
    let waiting = tokio::spawn({
        let (client, request) = (client.clone(), request(Waiting::Minutes(59)));
        async move { client.sync_all(&request).await }
    });
    running.until_held("alice", 1).await.unwrap();
    running.deliver_text("alice", "x@example.test", "New", "").unwrap();
    let answer = waiting.await.unwrap().unwrap();
    assert_eq!(answer.collections[0].commands.len(), 1);

    for (wrong, limit) in
        [(Waiting::Minutes(0), 1), (Waiting::Minutes(60), 59), (Waiting::Seconds(9999), 3540)]
    {
        let answer = client.sync_all(&request(wrong)).await.unwrap();
        assert_eq!((answer.status, answer.limit), (Some(Status(14)), Some(limit)));
    }
}

#[tokio::test]
async fn a_request_that_is_not_stored_must_be_sent_in_full() {
    let (_running, client) = ready(options()).await;
    let incomplete =
        |answer: Option<SyncAnswer>| assert_eq!(answer.unwrap().status, Some(Status(13)));
    let empty = async || SyncAnswer::decode(&client.post(Command::Sync, vec![]).await).unwrap();
    incomplete(empty().await);
    let (key, _) = client.load("f1", SyncOptions::default()).await;
    incomplete(empty().await);
    assert_eq!(client.sync(collection("f1", &key)).await, None);
    assert_eq!(empty().await, None);
    let partial =
        SyncRequest { partial: true, waiting: Some(Waiting::Seconds(1)), ..SyncRequest::default() };
    assert_eq!(client.sync_all(&partial).await, None);
    assert_eq!(client.sync_all(&partial).await, None);
}
