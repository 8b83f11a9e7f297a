//! The feed that gateways and apps follow.

use crate::fleet_for_tests::{Fleet, NOW, anna, eas, facts, operations};
use ca::SerialNumber;
use fleet::Reason;
use fleet::access::{Change, FeedMessage, Standing};
use fleet::device::{Device, DeviceCertificate, OpenWipe, WipeOrder};
use keys::SoftwareKey;
use operations::{Operations, feed};
use pki::validate::RevocationReason;
use std::time::Duration;
use tokio::sync::mpsc;

/// Longer than any test takes: what arrives was not merely waited for.
const NEVER: Duration = Duration::from_secs(3_600);
const SOON: Duration = Duration::from_millis(20);

#[tokio::test]
async fn a_gateway_hears_everything_at_first_and_then_what_changes() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let tablet = fleet.app_device(&alice, 1).await;
    let phone = fleet.native_device(&alice, "N2").await;
    let it = &fleet.operations;
    it.invite(&anna(), alice.id, None, Default::default()).await.unwrap();
    let mut gateway = Gateway::follows(it, NEVER);

    assert_eq!(gateway.hears().await, ["snapshot", "app1 managed 01", "n2 managed -"]);

    it.block(&anna(), tablet.id, Reason::parse("lost").unwrap()).await.unwrap();
    assert_eq!(gateway.hears().await, ["app1 blocked: lost 01"]);
    it.unblock(&anna(), tablet.id).await.unwrap();
    assert_eq!(gateway.hears().await, ["app1 managed 01"]);
    it.wipe(&anna(), tablet.id, WipeOrder::Key).await.unwrap();
    assert_eq!(gateway.hears().await, ["app1 wiped 01"]);
    it.retire(&anna(), tablet.id, OpenWipe::GiveUp).await.unwrap();
    assert_eq!(gateway.hears().await, ["app1 retired -"]);

    it.retire(&anna(), phone.id, OpenWipe::Keep).await.unwrap();
    assert_eq!(gateway.hears().await, ["n2 retired -"]);
    it.add_native_device(&anna(), alice.id, phone.name, eas("n2")).await.unwrap();
    assert_eq!(gateway.hears().await, ["gone", "n2 managed -"], "one device for one identifier");
}

#[tokio::test]
async fn a_gateway_hears_of_both_certificates_while_they_are_exchanged() {
    let fleet = Fleet::new().await;
    let tablet = fleet.app_device(&fleet.alice().await, 1).await;
    let certificate = tablet.certificate.clone().unwrap();
    let near_the_end =
        DeviceCertificate { not_after: NOW + time::Duration::days(9), ..certificate };
    fleet.save(&Device { certificate: Some(near_the_end), ..tablet.clone() }).await;
    let it = &fleet.operations;
    let mut gateway = Gateway::follows(it, NEVER);
    assert_eq!(gateway.hears().await, ["snapshot", "app1 managed 01"]);

    let key = SoftwareKey::make_p256().unwrap();
    let request = pki::make_request(&pki::Subject::new("device"), &key).unwrap();
    let renewed = it.renew_device(&tablet, &request).await.unwrap();

    let next = format!("{:02x}", renewed.fingerprint().0[0]);
    assert_eq!(gateway.hears().await, [format!("app1 managed 01+{next}")]);
    it.take_next_certificate(tablet.id, renewed.fingerprint().0).await.unwrap();
    assert_eq!(gateway.hears().await, [format!("app1 managed {next}")]);

    // A revoked certificate lets nobody in, and above all does not make a device one that needs none.
    let serial = SerialNumber::of(&renewed);
    let hold = RevocationReason::CertificateHold;
    it.revoke_certificate(&anna(), &serial, hold).await.unwrap();
    assert_eq!(gateway.hears().await, ["app1 blocked: its certificate was revoked -"]);
    it.release_certificate(&anna(), &serial).await.unwrap();
    assert_eq!(gateway.hears().await, [format!("app1 managed {next}")]);
}

#[tokio::test]
async fn a_gateway_hears_of_a_blocked_person_once_for_each_device() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let bob = fleet.user("bob", alice.group).await;
    let tablet = fleet.app_device(&alice, 1).await;
    fleet.native_device(&alice, "n2").await;
    fleet.native_device(&bob, "n3").await;
    let it = &fleet.operations;
    it.block(&anna(), tablet.id, Reason::parse("lost").unwrap()).await.unwrap();
    let mut gateway = Gateway::follows(it, NEVER);
    gateway.next().await;
    let mut hears = async || {
        let mut lines = gateway.hears().await;
        lines.sort();
        lines
    };

    it.block_user(&anna(), alice.id, Reason::parse("left").unwrap()).await.unwrap();
    assert_eq!(hears().await, ["app1 blocked: lost 01", "n2 owner blocked: left -"]);
    it.unblock(&anna(), tablet.id).await.unwrap();
    assert_eq!(hears().await, ["app1 owner blocked: left 01"]);
    let mut late = Gateway::follows(it, NEVER);
    let snapshot =
        ["snapshot", "app1 owner blocked: left 01", "n2 owner blocked: left -", "n3 managed -"];
    assert_eq!(late.hears().await, snapshot);

    it.unblock_user(&anna(), alice.id).await.unwrap();
    assert_eq!(hears().await, ["app1 managed 01", "n2 managed -"]);
}

#[tokio::test]
async fn a_gateway_hears_of_the_names_its_people_sign_in_with() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    fleet.native_device(&alice, "n1").await;
    let it = &fleet.operations;
    let mut gateway = Gateway::follows(it, NEVER);
    gateway.next().await;

    let other = facts("ALICE2", &["A2@example.com", "b@example.com"], alice.group);
    it.change_user(&anna(), alice.id, other).await.unwrap();

    let changes = loop {
        match gateway.next().await {
            FeedMessage::Changes { changes, .. } => break changes,
            FeedMessage::Alive { .. } | FeedMessage::Snapshot { .. } => {}
        }
    };
    let Change::Put(access) = &changes[0] else { panic!("the device is there") };
    assert_eq!(access.owner_names, ["alice2", "a2@example.com", "b@example.com"]);
}

#[tokio::test]
async fn every_round_gives_a_sign_of_life() {
    let fleet = Fleet::new().await;
    let mut gateway = Gateway::follows(&fleet.operations, SOON);

    assert!(matches!(gateway.next().await, FeedMessage::Snapshot { sequence: 0, .. }));
    for _ in 0..3 {
        assert!(matches!(gateway.next().await, FeedMessage::Alive { sequence: 0 }));
    }
}

#[tokio::test]
async fn changes_of_another_process_are_heard() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let device = fleet.native_device(&alice, "n1").await;
    let mut gateway = Gateway::follows(&fleet.operations, SOON);
    assert_eq!(gateway.hears().await, ["snapshot", "n1 managed -"]);

    let other = store::Store::open(&fleet.database.url).await.unwrap();
    let other = operations(other, 100, || NOW);
    other.block(&anna(), device.id, Reason::parse("lost").unwrap()).await.unwrap();

    assert_eq!(gateway.hears().await, ["n1 blocked: lost -"]);
}

#[tokio::test]
async fn apps_hear_of_changes_and_of_settings() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let it = &fleet.operations;
    let device = fleet.native_device(&alice, "n1").await;
    let app = it.follow(device.id);
    let mut gateway = Gateway::follows(it, NEVER);
    gateway.next().await;

    let mut settings = it.group(alice.group).await.unwrap().unwrap().settings;
    settings.status_interval_seconds = 60;
    it.change_settings(&anna(), alice.group, settings, None).await.unwrap();

    assert_eq!(gateway.hears().await, Vec::<String>::new(), "no device changed");
    app.news().await;
}

#[tokio::test]
async fn whoever_lags_too_far_behind_begins_anew() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let device = fleet.native_device(&alice, "n1").await;
    let it = &fleet.operations;
    // Nothing has been done through these operations, so that nothing wakes their feed.
    let sleepy = operations(fleet.store.clone(), 100, || NOW);
    let mut gateway = Gateway::follows(&sleepy, NEVER);
    assert_eq!(gateway.hears().await, ["snapshot", "n1 managed -"]);

    it.rename_device(&anna(), device.id, fleet::Name::parse("Other").unwrap()).await.unwrap();
    it.block(&anna(), device.id, Reason::parse("lost").unwrap()).await.unwrap();
    fleet.store.forget_changes(1).await.unwrap();
    sleepy.rename_device(&anna(), device.id, device.name).await.unwrap();

    assert_eq!(gateway.hears().await, ["snapshot", "n1 blocked: lost -"]);
}

#[tokio::test]
async fn a_feed_without_a_database_says_nothing() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    fleet.native_device(&alice, "n1").await;
    let mut gateway = Gateway::follows(&fleet.operations, SOON);
    gateway.next().await;
    fleet.store.clone().close().await.unwrap();

    // What was on its way may still arrive, and then nothing does.
    let silence = SOON * 10;
    while let Ok(message) = tokio::time::timeout(silence, gateway.next()).await {
        assert!(matches!(message, FeedMessage::Alive { .. }));
    }
    assert!(!gateway.receiver.is_closed(), "it is still trying");
}

#[tokio::test]
async fn the_feed_ends_when_nobody_listens() {
    let fleet = Fleet::new().await;
    let (sender, receiver) = mpsc::channel(8);
    let running = tokio::spawn(feed::run(fleet.operations.clone(), sender, NEVER));
    drop(receiver);

    running.await.unwrap();
}

struct Gateway {
    receiver: mpsc::Receiver<FeedMessage>,
}

impl Gateway {
    fn follows(operations: &Operations, every: Duration) -> Self {
        let (sender, receiver) = mpsc::channel(8);
        tokio::spawn(feed::run(operations.clone(), sender, every));

        Self { receiver }
    }

    async fn next(&mut self) -> FeedMessage {
        self.receiver.recv().await.expect("the feed runs")
    }

    /// Returns the next message that says something, a line for each device.
    async fn hears(&mut self) -> Vec<String> {
        loop {
            match self.next().await {
                FeedMessage::Alive { .. } => {}
                FeedMessage::Changes { changes, .. } => return changes.iter().map(line).collect(),
                FeedMessage::Snapshot { devices, .. } => {
                    let mut lines: Vec<_> =
                        devices.into_iter().map(|it| line(&Change::Put(it))).collect();
                    lines.sort();
                    lines.insert(0, "snapshot".into());
                    return lines;
                }
            }
        }
    }
}

fn line(change: &Change) -> String {
    let Change::Put(access) = change else { return "gone".into() };
    let standing = match &access.standing {
        Standing::Blocked { reason } => format!("blocked: {reason}"),
        Standing::OwnerBlocked { reason } => format!("owner blocked: {reason}"),
        Standing::Managed | Standing::Retired | Standing::Wiped => access.standing.name().into(),
    };
    let certificates: Vec<_> =
        access.certificates.iter().map(|it| format!("{:02x}", it[0])).collect();
    let certificate = if certificates.is_empty() { "-".into() } else { certificates.join("+") };

    format!("{} {standing} {certificate}", access.eas_id)
}
