//! The life of devices, and the lists they are found in.

use crate::fleet_for_tests::{Fleet, NOW, anna, clock, eas, facts, name, refusal};
use audit::Actor;
use fleet::Reason;
use fleet::device::{Client, OpenWipe, State, StateKind, WipeOrder};
use fleet::list::{DeviceFilter, DeviceOrder, Page};
use time::Duration;

#[tokio::test]
async fn a_blocked_device_works_again_once_it_is_unblocked() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let device = fleet.app_device(&alice, 1).await;
    let reason = Reason::parse("left in a taxi").unwrap();

    let blocked = fleet.operations.block(&anna(), device.id, reason.clone()).await.unwrap();
    assert_eq!(blocked.state, State::Blocked { reason, since: NOW });
    let unblocked = fleet.operations.unblock(&anna(), device.id).await.unwrap();

    assert_eq!(unblocked, device, "with the same certificate and identifier");
    let found = fleet.operations.device_by_certificate([1; 32]).await.unwrap();
    assert_eq!(found, Some(device));
}

#[tokio::test]
async fn a_wipe_is_ordered_confirmed_and_not_taken_back() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let device = fleet.app_device(&alice, 1).await;
    let it = &fleet.operations;
    let itself = Actor::Device(device.id.0);

    it.wipe(&anna(), device.id, WipeOrder::Key).await.unwrap();
    let figures = it.figures().await.unwrap();
    assert_eq!(figures.licensed_in_use, 0, "the licence is free at once");
    assert_eq!(refusal(it.unblock(&anna(), device.id).await), "wiped");
    assert_eq!(refusal(it.wipe(&anna(), device.id, WipeOrder::Key).await), "already_ordered");
    it.wipe(&anna(), device.id, WipeOrder::Data).await.unwrap();
    let key_only = it.confirm_wipe(&itself, device.id, WipeOrder::Key).await;
    assert_eq!(refusal(key_only), "more_ordered");
    let wiped = it.confirm_wipe(&itself, device.id, WipeOrder::Data).await.unwrap();

    let order = WipeOrder::Data;
    assert_eq!(wiped.state, State::Wiped { order, ordered_at: NOW, confirmed_at: Some(NOW) });
    let found = it.device_by_certificate([1; 32]).await.unwrap();
    assert_eq!(found, Some(wiped), "a wiped device is still recognised");
    let again = it.confirm_wipe(&itself, device.id, WipeOrder::Data).await;
    assert_eq!(refusal(again), "already_confirmed");
}

#[tokio::test]
async fn a_device_with_an_open_wipe_is_retired_only_if_the_wipe_is_given_up() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let device = fleet.app_device(&alice, 1).await;
    let it = &fleet.operations;
    it.wipe(&anna(), device.id, WipeOrder::Data).await.unwrap();

    let refused = it.retire(&anna(), device.id, OpenWipe::Keep).await;
    assert_eq!(refusal(refused), "wipe_unconfirmed");
    assert_eq!(refusal(it.remove_user(&anna(), alice.id).await), "has_devices");
    let found = it.device_by_certificate([1; 32]).await.unwrap().expect("it is still known");
    let order = WipeOrder::Data;
    assert_eq!(found.state, State::Wiped { order, ordered_at: NOW, confirmed_at: None });

    let before = fleet.last_event().await;
    it.retire(&anna(), device.id, OpenWipe::GiveUp).await.unwrap();
    assert_eq!(it.device_by_certificate([1; 32]).await.unwrap(), None);
    insta::assert_snapshot!(fleet.log_after(before).await, @r#"  8 administrator anna | device.retire | device "Tablet" | done | certificate_serial="01" wipe_unconfirmed="data""#);
}

#[tokio::test]
async fn devices_are_found_by_what_people_call_them() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let phone = fleet.native_device(&alice, "N1").await;
    let other = fleet.native_device(&alice, "n2").await;
    let third = fleet.native_device(&alice, "phone").await;
    let it = &fleet.operations;
    it.rename_device(&anna(), other.id, name("100% Ümlaut_Phone")).await.unwrap();
    it.rename_device(&anna(), third.id, name("Rephone")).await.unwrap();
    let called = async |text: &str| {
        let found = it.devices_called(text).await.unwrap();
        found.iter().map(|item| item.device.id).collect::<Vec<_>>()
    };

    assert_eq!(called(&phone.id.to_string().to_uppercase()).await, [phone.id]);
    assert_eq!(called(" n1 ").await, [phone.id]);
    assert_eq!(called("100% üMLAUT_pHONE").await, [other.id]);
    assert_eq!(called("Phone").await, [third.id], "an identifier counts more than a name");
    it.rename_device(&anna(), other.id, name("rephone")).await.unwrap();
    let mut both = [other.id, third.id];
    both.sort();
    assert_eq!(called("REPHONE").await, both);
    for nothing in ["", "%", "rephon", "n", "' OR 1=1 --"] {
        assert_eq!(called(nothing).await, [], "{nothing}");
    }
}

#[tokio::test]
async fn a_retired_device_frees_the_licence_and_its_certificate_is_forgotten() {
    let fleet = Fleet::with(1, || NOW).await;
    let alice = fleet.alice().await;
    let device = fleet.app_device(&alice, 1).await;
    let it = &fleet.operations;
    let second = it.add_native_device(&anna(), alice.id, name("Phone"), eas("n2")).await;
    assert_eq!(refusal(second), "licence_exhausted");

    it.retire(&anna(), device.id, OpenWipe::Keep).await.unwrap();

    assert_eq!(it.device_by_certificate([1; 32]).await.unwrap(), None);
    fleet.native_device(&alice, "n2").await;
}

#[tokio::test]
async fn an_identifier_passes_from_a_retired_device_to_another_one() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let it = &fleet.operations;
    let first = fleet.native_device(&alice, "N1").await;
    let taken = it.add_native_device(&anna(), alice.id, name("Phone"), eas("n1")).await;
    assert_eq!(refusal(taken), "eas_id_taken");

    it.retire(&anna(), first.id, OpenWipe::Keep).await.unwrap();
    let kept = it.device(first.id).await.unwrap().unwrap().device.eas_id;
    assert_eq!(kept, Some(eas("n1")), "a retired device is still shown with its identifier");
    let second = fleet.native_device(&alice, "n1").await;

    assert_eq!(it.device(first.id).await.unwrap().unwrap().device.eas_id, None);
    assert_eq!(it.device(second.id).await.unwrap().unwrap().device, second);
}

#[tokio::test]
async fn contacts_are_written_once_a_minute_and_are_no_events() {
    clock!(clock);
    let fleet = Fleet::with(5, clock::now).await;
    let alice = fleet.alice().await;
    let device = fleet.native_device(&alice, "n1").await;
    let it = &fleet.operations;
    let (event, sequence) = (fleet.last_event().await, fleet.store.sequence().await.unwrap());
    let seen = async || {
        let found = it.device(device.id).await.unwrap().unwrap().device;
        (found.last_seen.map(|at| at - NOW), found.app_version)
    };
    assert_eq!(seen().await, (None, String::new()));

    it.record_contact(device.id, "1.0").await.unwrap();
    assert_eq!(seen().await, (Some(Duration::ZERO), "1.0".into()));
    clock::advance(Duration::seconds(59));
    it.record_contact(device.id, "1.1").await.unwrap();
    assert_eq!(seen().await, (Some(Duration::ZERO), "1.0".into()));
    clock::advance(Duration::SECOND);
    it.record_contact(device.id, &format!("1.1\n{}", "x".repeat(100))).await.unwrap();
    let version = format!("1.1{}", "x".repeat(37));
    assert_eq!(seen().await, (Some(Duration::MINUTE), version));

    assert_eq!(fleet.last_event().await, event);
    assert_eq!(fleet.store.sequence().await.unwrap(), sequence);
}

#[tokio::test]
async fn devices_are_found() {
    let fleet = Fleet::new().await;
    let (sales, lab) = (fleet.group("Sales").await, fleet.group("Lab").await);
    let it = &fleet.operations;
    let alice = it.create_user(&anna(), facts("alice", &["a.ärger@example.com"], sales.id)).await;
    // Addresses have ASCII domains only, but names in front of the @ may be anything.
    let alice = alice.unwrap();
    let bob = fleet.user("bob_50%", lab.id).await;
    let tablet = fleet.app_device(&alice, 1).await;
    let phone = fleet.native_device(&bob, "N1").await;
    it.rename_device(&anna(), phone.id, name("Bob's Ümlaut")).await.unwrap();
    it.block(&anna(), phone.id, Reason::parse("lost").unwrap()).await.unwrap();

    let search = |text: &str| DeviceFilter { search: text.into(), ..DeviceFilter::default() };
    let cases = [
        (DeviceFilter::default(), vec!["bob_50%", "alice"]),
        (search("penguin"), vec!["alice"]),
        (search("PENGUIN tablet alice"), vec!["alice"]),
        (search("penguin phone"), vec![]),
        (search("ümlaut"), vec!["bob_50%"]),
        (search("ÄRGER"), vec!["alice"]),
        (search("n1"), vec!["bob_50%"]),
        (search("app1"), vec!["alice"]),
        (search("50%"), vec!["bob_50%"]),
        (search("b_b"), vec![]),
        (search("%"), vec!["bob_50%"]),
        (search("\\"), vec![]),
        (search("' OR 1=1 --"), vec![]),
        (DeviceFilter { states: vec![StateKind::Blocked], ..search("") }, vec!["bob_50%"]),
        (
            DeviceFilter { states: vec![StateKind::Blocked, StateKind::Registered], ..search("") },
            vec!["bob_50%", "alice"],
        ),
        (DeviceFilter { states: vec![StateKind::Wiped], ..search("") }, vec![]),
        (DeviceFilter { client: Some(Client::App), ..search("") }, vec!["alice"]),
        (DeviceFilter { user: Some(bob.id), ..search("") }, vec!["bob_50%"]),
        (DeviceFilter { group: Some(sales.id), ..search("") }, vec!["alice"]),
        (DeviceFilter { order: DeviceOrder::LastSeen, ..search("") }, vec!["alice", "bob_50%"]),
        (DeviceFilter { order: DeviceOrder::Name, ..search("") }, vec!["bob_50%", "alice"]),
    ];
    for (filter, mut expected) in cases {
        let listing = it.devices(&filter, Page::default()).await.unwrap();
        let mut found: Vec<_> =
            listing.items.iter().map(|item| item.owner_login.as_str()).collect();
        assert_eq!(listing.total, found.len() as u64);
        if filter.order == DeviceOrder::Newest {
            // Both were first heard of at the same moment.
            found.sort();
            expected.sort();
        }
        assert_eq!(found, expected, "{filter:?}");
    }

    let found = it.device(tablet.id).await.unwrap().unwrap();
    assert_eq!((found.device, found.group_name), (tablet, name("Sales")));
    let page = it.devices(&DeviceFilter::default(), Page::new(1, 1)).await.unwrap();
    assert_eq!((page.total, page.items.len()), (2, 1));
}

#[tokio::test]
async fn the_status_of_a_device_rises_with_all_that_its_app_is_told() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let device = fleet.app_device(&alice, 1).await;
    let other = fleet.app_device(&alice, 2).await;
    let it = &fleet.operations;
    let status = async || it.device_status(device.id).await.unwrap().unwrap();
    let mut last = status().await;
    assert_eq!((&last.device, &last.user), (&device, &alice));

    it.block(&anna(), other.id, Reason::parse("lost").unwrap()).await.unwrap();
    assert_eq!(status().await.sequence, last.sequence, "another device is none of its business");

    let mut rises = async |what: &str| {
        let next = status().await;
        assert!(next.sequence > last.sequence, "{what}");
        last = next;
    };
    it.block(&anna(), device.id, Reason::parse("lost").unwrap()).await.unwrap();
    rises("a block").await;
    it.change_user(&anna(), alice.id, facts("alice", &["b@example.com"], alice.group))
        .await
        .unwrap();
    rises("another address").await;
    let mut settings = it.group(alice.group).await.unwrap().unwrap().settings;
    settings.status_interval_seconds = 60;
    it.change_settings(&anna(), alice.group, settings, None).await.unwrap();
    rises("other settings").await;
    assert_eq!(last.group.revision, 2);
    assert_eq!(last.sequence, it.figures().await.unwrap().sequence);
}

#[tokio::test]
async fn the_history_of_a_device_begins_with_its_invitation() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let device = fleet.app_device(&alice, 1).await;
    fleet.app_device(&alice, 2).await;
    fleet.operations.retire(&anna(), device.id, OpenWipe::Keep).await.unwrap();

    let history = fleet.operations.device_history(device.id, Page::default()).await.unwrap();
    let actions: Vec<_> = history.items.iter().map(|event| event.record.action.name()).collect();
    assert_eq!(actions, ["device.retire", "registration.finish", "invitation.create"]);
}
