//! What a change of the fleet ends, and how soon.

use std::time::{Duration, Instant};

use activesync::query::Command;
use activesync::refusal;
use activesync::status::Status;
use fleet::access::{DeviceAccess, FeedMessage, Standing};
use gateway::GatewayConfig;

use crate::support::{
    Authority, BOBS, Client, PHONE, Reaction, Rig, blocked, bobs_phone, command, phone, soon,
    with_standing,
};

#[tokio::test]
async fn a_block_ends_a_held_ping_within_a_second() {
    let (mut rig, mut client) = holding().await;
    let since = Instant::now();
    rig.put(with_standing(phone(), blocked())).await;
    let answer = client.answer().await;
    assert!(since.elapsed() < Duration::from_secs(1));
    assert_eq!((answer.status, answer.body), (200, refused(Command::Ping)));
    assert_eq!(rig.mail.closed().await, 0);
    assert_eq!(rig.refusal(), ("device-blocked", "standing: blocked".into()));
    assert_eq!(rig.gateway.requests_under_way(), 0);

    rig.put(phone()).await;
    client.send(&command("Ping", PHONE)).await;
    rig.mail.request().await;
}

#[tokio::test]
async fn every_change_that_takes_access_away_ends_a_held_request() {
    let other_owner = DeviceAccess { owner_names: vec!["bob".into()], ..phone() };
    let certificate = DeviceAccess { certificates: vec![[1; 32]], ..phone() };
    let renamed = DeviceAccess { eas_id: "device77".into(), ..phone() };
    for (change, rule) in [
        (with_standing(phone(), Standing::Wiped), "device-wiped"),
        (with_standing(phone(), Standing::Retired), "device-retired"),
        (other_owner, "user-of-another-device"),
        (certificate, "certificate-missing"),
        (renamed, "unknown-device"),
    ] {
        let (mut rig, mut client) = holding().await;
        rig.put(change).await;
        assert_eq!(client.answer().await.status, 200);
        assert_eq!(rig.refusal().0, rule);
        assert_eq!(rig.mail.closed().await, 0);
    }
}

#[tokio::test]
async fn a_snapshot_without_the_device_ends_its_held_request() {
    let (rig, mut client) = holding().await;
    rig.feed
        .send(FeedMessage::Snapshot { sequence: 9, devices: vec![bobs_phone()] })
        .await
        .unwrap();
    assert_eq!(client.answer().await.body, refused(Command::Ping));
    assert_eq!(rig.refusal().0, "unknown-device");
}

#[tokio::test]
async fn a_change_that_leaves_access_does_not_disturb() {
    let (mut rig, mut client) = holding().await;
    rig.put(DeviceAccess { owner_names: vec!["alice".into(), "al".into()], ..phone() }).await;
    rig.put(with_standing(bobs_phone(), blocked())).await;
    rig.snapshot().await;
    assert_eq!(rig.gateway.requests_under_way(), 1);
    rig.put(with_standing(phone(), blocked())).await;
    assert_eq!(client.answer().await.body, refused(Command::Ping));
}

#[tokio::test]
async fn old_clients_are_ended_by_http() {
    let mut rig = Rig::reacting(|_| Reaction::Hold).await;
    let mut client = rig.connect().await;
    client.send(&command("Ping", PHONE).replacen("16.1", "12.1", 1)).await;
    rig.mail.request().await;
    rig.put(with_standing(phone(), blocked())).await;
    assert_eq!(client.answer().await.status, 403);
}

#[tokio::test]
async fn a_block_cuts_an_answer_that_has_begun() {
    let mut rig =
        Rig::reacting(|_| Reaction::text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"))
            .await;
    let mut client = rig.connect().await;
    client.send(&command("Sync", PHONE)).await;
    client.take_until(b"half").await.unwrap();
    rig.put(with_standing(phone(), blocked())).await;
    assert_eq!(client.closed().await, b"");
    assert_eq!(rig.mail.closed().await, 0);
    let last = rig.gateway.recent_refusals().pop().unwrap();
    assert_eq!((last.rule, last.status, last.eas_status), ("device-blocked", 200, None));
}

#[tokio::test]
async fn a_block_ends_an_upload() {
    let mut rig = Rig::start().await;
    let mut client = rig.connect().await;
    let text =
        command("SendMail", PHONE).replacen("Content-Length: 4", "Content-Length: 1000000", 1);
    client.send(&text).await;
    while rig.gateway.requests_under_way() == 0 {
        tokio::task::yield_now().await;
    }
    rig.put(with_standing(phone(), blocked())).await;
    let answer = client.answer().await;
    assert_eq!((answer.body.clone(), answer.closes()), (refused(Command::SendMail), true));
    assert!(rig.mail.others().is_empty());
}

#[tokio::test]
async fn only_the_blocked_device_is_ended() {
    let (mut rig, mut alice) = holding().await;
    let mut bob = rig.connect().await;
    let text = command("Ping", BOBS)
        .replacen("User=alice", "User=bob", 1)
        .replacen("YWxpY2U6", "Ym9iOg==", 1);
    bob.send(&text.replacen("Ym9iOg==c2VjcmV0", "Ym9iOnNlY3JldA==", 1)).await;
    rig.mail.request().await;
    rig.put(with_standing(phone(), blocked())).await;
    assert_eq!(alice.answer().await.body, refused(Command::Ping));
    assert_eq!(rig.gateway.requests_under_way(), 1);
    assert_eq!(rig.mail.closed().await, 0);
}

#[tokio::test]
async fn nothing_passes_before_the_first_snapshot() {
    let authority = Authority::make();
    let app = authority.issue("app");
    let mut rig = Rig::without_snapshot(authority, app, |_| Reaction::ok(), |_| {}).await;
    let answer = rig.ask(&command("Sync", PHONE)).await;
    assert_eq!(answer.status, 503);
    assert!(answer.head.contains("Retry-After: 30\r\n"));
    assert_eq!(rig.refusal(), ("feed-lost", "feed: no snapshot yet".into()));
    rig.snapshot().await;
    assert_eq!(rig.ask(&command("Sync", PHONE)).await.text(), "ok");
}

#[tokio::test]
async fn a_lost_feed_fails_closed_and_recovers() {
    let short =
        |config: &mut GatewayConfig| config.fail_closed_after = Duration::from_millis(1_500);
    let mut rig = Rig::with(
        |seen| if seen.head.contains("Ping") { Reaction::Hold } else { Reaction::ok() },
        short,
    )
    .await;
    let mut held = rig.connect().await;
    held.send(&command("Ping", PHONE)).await;
    rig.mail.request().await;

    let answer = held.answer().await;
    assert_eq!(answer.status, 503);
    assert_eq!(rig.refusal(), ("feed-lost", "feed: no sign of life".into()));
    assert_eq!(rig.ask(&command("Sync", PHONE)).await.status, 503);

    rig.alive().await;
    held.send(&command("Sync", PHONE)).await;
    assert_eq!(held.answer().await.text(), "ok");
}

#[tokio::test]
async fn a_feed_that_has_ended_is_a_lost_feed() {
    let short =
        |config: &mut GatewayConfig| config.fail_closed_after = Duration::from_millis(1_500);
    let mut rig = Rig::with(|_| Reaction::Hold, short).await;
    let mut held = rig.connect().await;
    held.send(&command("Ping", PHONE)).await;
    rig.mail.request().await;
    let (closed, _) = tokio::sync::mpsc::channel(1);
    rig.feed = closed;
    assert_eq!(held.answer().await.status, 503);
}

#[tokio::test]
async fn a_client_that_goes_away_cancels_its_request() {
    let (mut rig, client) = holding().await;
    drop(client);
    assert_eq!(rig.mail.closed().await, 0);
    while rig.gateway.requests_under_way() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_a_client_sends_while_it_waits_is_its_next_request() {
    let mut rig =
        Rig::reacting(
            |seen| if seen.head.contains("Ping") { Reaction::Hold } else { Reaction::ok() },
        )
        .await;
    let mut client = rig.connect().await;
    client.send(&command("Ping", PHONE)).await;
    rig.mail.request().await;
    client.send(&command("Sync", PHONE)).await;
    rig.put(with_standing(phone(), blocked())).await;
    assert_eq!(client.answer().await.body, refused(Command::Ping));
    assert_eq!(client.answer().await.body, refused(Command::Sync));
    assert!(rig.mail.others().is_empty());
}

#[tokio::test]
async fn a_hold_has_an_end() {
    let short = |config: &mut GatewayConfig| config.limits.longest_hold = Duration::from_millis(50);
    let mut rig = Rig::with(|_| Reaction::Hold, short).await;
    assert_eq!(rig.ask(&command("Ping", PHONE)).await.status, 504);
    rig.mail.request().await;
    assert_eq!(rig.mail.closed().await, 0);
}

#[tokio::test]
async fn stopping_sends_waiting_clients_elsewhere() {
    let (mut rig, mut client) = holding().await;
    let mut idle = rig.connect().await;
    rig.stop();
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.closes()), (503, true));
    assert!(answer.head.contains("Retry-After: 1\r\n"));
    assert_eq!(idle.closed().await, b"");
    drop((client, idle));
    soon(&mut rig.serving).await.unwrap();
}

#[tokio::test]
async fn stopping_lets_a_running_request_finish_within_the_grace() {
    let grace = |config: &mut GatewayConfig| config.limits.shutdown_grace = Duration::from_secs(15);
    let mut rig = Rig::with(|_| Reaction::ok(), grace).await;
    let mut client = rig.connect().await;
    let text = command("SendMail", PHONE);
    client.send(text.strip_suffix("dy").unwrap()).await;
    while rig.gateway.requests_under_way() == 0 {
        tokio::task::yield_now().await;
    }
    rig.stop();
    client.send("dy").await;
    assert_eq!(client.answer().await.text(), "ok");
    drop(client);
    soon(&mut rig.serving).await.unwrap();
}

/// Starts a gateway and a Ping of alice's phone that the mail server holds.
async fn holding() -> (Rig, Client) {
    let mut rig = Rig::reacting(|_| Reaction::Hold).await;
    let mut client = rig.connect().await;
    client.send(&command("Ping", PHONE)).await;
    rig.mail.request().await;
    (rig, client)
}

fn refused(command: Command) -> Vec<u8> {
    refusal::body(command, Status(129)).unwrap()
}
