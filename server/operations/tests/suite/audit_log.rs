//! Every operation leaves exactly one event, with the right outcome, in order.

use crate::fleet_for_tests::{Fleet, anna, eas, facts, name, refusal};
use audit::{Action, Actor, Ending, Filter, SubjectKind};
use fleet::device::{OpenWipe, WipeOrder};
use fleet::invitation::Validity;
use fleet::list::Page;
use fleet::{DeviceId, GroupId, InvitationId, Login, Reason, UserId};
use insta::assert_snapshot;
use policy::GroupSettings;
use uuid::Uuid;

#[tokio::test]
async fn what_is_done_is_recorded_once() {
    let fleet = Fleet::new().await;
    let it = &fleet.operations;
    let settings = GroupSettings::sensible("mail.example.com");

    let group = it.create_group(&anna(), name("Sales"), settings.clone()).await.unwrap();
    let spare = it.create_group(&anna(), name("Spare"), settings.clone()).await.unwrap();
    it.rename_group(&anna(), spare.id, name("Spare parts")).await.unwrap();
    it.remove_group(&anna(), spare.id).await.unwrap();
    let other = GroupSettings { status_interval_seconds: 60, ..settings };
    it.change_settings(&anna(), group.id, other, None).await.unwrap();

    let alice = facts("alice", &["alice@example.com", "a@example.com"], group.id);
    let alice = it.create_user(&anna(), alice).await.unwrap();
    let changed = facts("alice2", &["alice@example.com"], group.id);
    it.change_user(&anna(), alice.id, changed).await.unwrap();
    it.block_user(&anna(), alice.id, Reason::parse("left").unwrap()).await.unwrap();
    it.unblock_user(&anna(), alice.id).await.unwrap();
    let invited = it.invite(&anna(), alice.id, None, Validity::default()).await.unwrap();
    it.revoke_invitation(&anna(), invited.invitation.id).await.unwrap();

    let device = it.add_native_device(&anna(), alice.id, name("Phone"), eas("N1")).await.unwrap();
    it.rename_device(&anna(), device.id, name("Old phone")).await.unwrap();
    it.block(&anna(), device.id, Reason::parse("lost").unwrap()).await.unwrap();
    it.unblock(&anna(), device.id).await.unwrap();
    it.retire(&anna(), device.id, OpenWipe::Keep).await.unwrap();
    let tablet = fleet.app_device(&alice, 1).await;
    it.wipe(&anna(), tablet.id, WipeOrder::Data).await.unwrap();
    it.confirm_wipe(&Actor::Device(tablet.id.0), tablet.id, WipeOrder::Data).await.unwrap();
    it.retire(&anna(), tablet.id, OpenWipe::Keep).await.unwrap();
    it.remove_user(&anna(), alice.id).await.unwrap();

    let root = Actor::CommandLine("root".into());
    let login = |text| Login::parse(text).unwrap();
    let password = "correct horse battery".into();
    it.create_administrator(&root, login("anna"), &password).await.unwrap();
    let ben = it.create_administrator(&root, login("ben"), &password).await.unwrap();
    it.set_password(&root, ben.id, &"another horse battery".into()).await.unwrap();
    let peer = Some("192.0.2.7".parse().unwrap());
    let signed_in = it.sign_in("Anna", &password, peer).await.unwrap();
    let session = &signed_in.session;
    it.change_password(session, &password, &"third horse battery".into()).await.unwrap();
    let password = "third horse battery".into();
    let signed_in = it.sign_in("Anna", &password, peer).await.unwrap();
    it.remove_administrator(&anna(), ben.id).await.unwrap();
    it.sign_out(&signed_in.token).await.unwrap();

    assert_snapshot!(fleet.log_after(0).await, @r#"
     1 administrator anna | group.create | group "Sales" | done |
     2 administrator anna | group.create | group "Spare" | done |
     3 administrator anna | group.rename | group "Spare" | done | name="Spare parts"
     4 administrator anna | group.remove | group "Spare parts" | done |
     5 administrator anna | group.settings | group "Sales" | done | revision="2"
     6 administrator anna | user.create | user "alice" | done | addresses="alice@example.com a@example.com" group="Sales" login="alice" name="alice Example"
     7 administrator anna | user.change | user "alice" | done | addresses="alice@example.com" group="Sales" login="alice2" name="alice2 Example"
     8 administrator anna | user.block | user "alice2" | done | reason="left"
     9 administrator anna | user.unblock | user "alice2" | done |
    10 administrator anna | invitation.create | invitation "alice2" | done | expires_at="2026-01-09T03:04:05Z" warning="user_certificate_missing"
    11 administrator anna | invitation.revoke | invitation "alice2" | done |
    12 administrator anna | device.add | device "Phone" | done | eas_id="n1" user="alice2"
    13 administrator anna | device.rename | device "Phone" | done | name="Old phone"
    14 administrator anna | device.block | device "Old phone" | done | reason="lost"
    15 administrator anna | device.unblock | device "Old phone" | done |
    16 administrator anna | device.retire | device "Old phone" | done |
    17 administrator anna | invitation.create | invitation "alice2" | done | expires_at="2026-01-09T03:04:05Z" warning="user_certificate_missing"
    18 server | registration.finish | device "Tablet" | done |
    19 administrator anna | device.wipe | device "Tablet" | done | order="data"
    20 device | device.confirm-wipe | device "Tablet" | done | wiped="data"
    21 administrator anna | device.retire | device "Tablet" | done | certificate_serial="01"
    22 administrator anna | user.remove | user "alice2" | done |
    23 command-line root | administrator.create | administrator "anna" | done |
    24 command-line root | administrator.create | administrator "ben" | done |
    25 command-line root | administrator.password | administrator "ben" | done |
    26 administrator anna | administrator.sign-in | administrator "anna" | done | peer="192.0.2.7"
    27 administrator anna | administrator.password | administrator "anna" | done |
    28 administrator anna | administrator.sign-in | administrator "anna" | done | peer="192.0.2.7"
    29 administrator anna | administrator.remove | administrator "ben" | done |
    30 administrator anna | administrator.sign-out | administrator "anna" | done |
    "#);
}

#[tokio::test]
async fn what_is_refused_is_recorded_once() {
    let fleet = Fleet::with(1, || crate::fleet_for_tests::NOW).await;
    let alice = fleet.alice().await;
    let device = fleet.native_device(&alice, "n1").await;
    let it = &fleet.operations;
    let password = "correct horse battery".into();
    let login = Login::parse("anna").unwrap();
    let admin = it.create_administrator(&anna(), login.clone(), &password).await.unwrap();
    let before = fleet.last_event().await;

    let settings = GroupSettings::sensible("mail.example.com");
    let group = alice.group;
    let bad = GroupSettings { status_interval_seconds: 0, ..settings.clone() };
    let twin = facts("bob", &["ALICE@example.com"], group);
    let lost = Reason::parse("lost").unwrap();
    let weak = "short".into();
    let nobody = DeviceId(Uuid::from_u128(1));
    let nowhere = facts("bob", &["bob@example.com"], GroupId(Uuid::nil()));

    refusal(it.create_group(&anna(), name("everybody"), settings.clone()).await);
    refusal(it.create_group(&anna(), name("Bad"), bad).await);
    refusal(it.change_settings(&anna(), group, settings, None).await);
    refusal(it.remove_group(&anna(), group).await);
    refusal(it.rename_group(&anna(), GroupId(Uuid::nil()), name("X")).await);
    refusal(it.create_user(&anna(), facts("ALICE", &["bob@example.com"], group)).await);
    refusal(it.create_user(&anna(), twin.clone()).await);
    refusal(it.create_user(&anna(), nowhere).await);
    refusal(it.change_user(&anna(), UserId(Uuid::nil()), twin).await);
    refusal(it.remove_user(&anna(), alice.id).await);
    refusal(it.block_user(&anna(), UserId(Uuid::nil()), lost.clone()).await);
    refusal(it.unblock_user(&anna(), alice.id).await);
    refusal(it.deposit_certificate(&anna(), alice.id, b"nonsense").await);
    refusal(it.invite(&anna(), UserId(Uuid::nil()), None, Validity::default()).await);
    refusal(it.revoke_invitation(&anna(), InvitationId(Uuid::nil())).await);
    refusal(it.add_native_device(&anna(), alice.id, name("Second"), eas("n2")).await);
    refusal(it.rename_device(&anna(), device.id, name("Phone")).await);
    refusal(it.unblock(&anna(), device.id).await);
    refusal(it.wipe(&anna(), device.id, WipeOrder::Key).await);
    refusal(it.confirm_wipe(&anna(), device.id, WipeOrder::Key).await);
    refusal(it.block(&anna(), nobody, lost).await);
    refusal(it.retire(&anna(), nobody, OpenWipe::Keep).await);
    refusal(it.create_administrator(&anna(), login.clone(), &password).await);
    refusal(it.create_administrator(&anna(), login, &weak).await);
    refusal(it.set_password(&anna(), admin.id, &weak).await);
    refusal(it.remove_administrator(&anna(), admin.id).await);
    refusal(it.sign_in("anna", &weak, None).await);
    refusal(it.sign_in("not a name", &weak, None).await);
    refusal(it.sign_out(&"no token".into()).await);

    assert_snapshot!(fleet.log_after(before).await, @r#"
     5 administrator anna | group.create | group "everybody" | refused: name_taken |
     6 administrator anna | group.create | group "Bad" | refused: invalid_settings |
     7 administrator anna | group.settings | group "Everybody" | refused: settings_unchanged |
     8 administrator anna | group.remove | group "Everybody" | refused: has_people |
     9 administrator anna | group.rename | group "" | refused: unknown_group | name="X"
    10 administrator anna | user.create | user "ALICE" | refused: login_taken | addresses="bob@example.com" group="Everybody" login="ALICE" name="ALICE Example"
    11 administrator anna | user.create | user "bob" | refused: address_taken | addresses="ALICE@example.com" group="Everybody" login="bob" name="bob Example"
    12 administrator anna | user.create | user "bob" | refused: unknown_group | addresses="bob@example.com" login="bob" name="bob Example"
    13 administrator anna | user.change | user "" | refused: unknown_user |
    14 administrator anna | user.remove | user "alice" | refused: has_devices |
    15 administrator anna | user.block | user "" | refused: unknown_user | reason="lost"
    16 administrator anna | user.unblock | user "alice" | refused: not_blocked |
    17 administrator anna | user.certificate | user "alice" | refused: certificate_unreadable |
    18 administrator anna | invitation.create | invitation "" | refused: unknown_user |
    19 administrator anna | invitation.revoke | invitation "" | refused: unknown_invitation |
    20 administrator anna | device.add | device "Second" | refused: licence_exhausted | eas_id="n2" user="alice"
    21 administrator anna | device.rename | device "Phone" | refused: name_unchanged | name="Phone"
    22 administrator anna | device.unblock | device "Phone" | refused: not_blocked |
    23 administrator anna | device.wipe | device "Phone" | refused: without_app | order="key"
    24 administrator anna | device.confirm-wipe | device "Phone" | refused: not_ordered | wiped="key"
    25 administrator anna | device.block | device "" | refused: unknown_device | reason="lost"
    26 administrator anna | device.retire | device "" | refused: unknown_device |
    27 administrator anna | administrator.create | administrator "anna" | refused: name_taken |
    28 administrator anna | administrator.create | administrator "anna" | refused: weak_password |
    29 administrator anna | administrator.password | administrator "anna" | refused: password_too_short |
    30 administrator anna | administrator.remove | administrator "anna" | refused: last_administrator |
    31 visitor | administrator.sign-in | administrator "anna" | refused: wrong_name_or_password |
    32 visitor | administrator.sign-in | administrator "" | refused: wrong_name_or_password |
    "#);
}

#[tokio::test]
async fn a_refusal_changes_nothing_but_the_log() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let device = fleet.native_device(&alice, "n1").await;
    let sequence = fleet.store.sequence().await.unwrap();
    let event = fleet.last_event().await;

    refusal(fleet.operations.unblock(&anna(), device.id).await);

    let found = fleet.operations.device(device.id).await.unwrap().unwrap();
    assert_eq!(found.device, device);
    assert_eq!(fleet.store.sequence().await.unwrap(), sequence);
    assert_eq!(fleet.last_event().await, event + 1);
}

#[tokio::test]
async fn an_event_is_as_old_as_its_deed() {
    let fleet = Fleet::new().await;
    fleet.alice().await;

    for event in fleet.events().await {
        assert_eq!(event.record.at, crate::fleet_for_tests::NOW);
    }
}

#[tokio::test]
async fn the_log_is_filtered_and_paged() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let device = fleet.native_device(&alice, "n1").await;
    let it = &fleet.operations;
    let reason = Reason::parse("lost").unwrap();
    it.block(&Actor::CommandLine("root".into()), device.id, reason.clone()).await.unwrap();
    refusal(it.block(&anna(), device.id, reason).await);

    let names = async |filter: Filter| {
        let listing = it.audit_events(&filter, Page::default()).await.unwrap();
        let names: Vec<_> = listing.items.iter().map(|event| event.record.action.name()).collect();
        assert_eq!(listing.total, names.len() as u64);
        names.join(" ")
    };
    let of_device = vec![(SubjectKind::Device, device.id.0)];
    assert_snapshot!(names(Filter { subjects: of_device, ..Filter::default() }).await, @"device.block device.block device.add");
    let blocks = vec![Action::DeviceBlock];
    assert_snapshot!(names(Filter { actions: blocks, ..Filter::default() }).await, @"device.block device.block");
    let refused = Some(Ending::Refused);
    assert_snapshot!(names(Filter { ending: refused, ..Filter::default() }).await, @"device.block");
    let by_anna = Some("anna".to_owned());
    assert_snapshot!(names(Filter { administrator: by_anna, ..Filter::default() }).await, @"device.block device.add user.create group.create");
    let until = Some(crate::fleet_for_tests::NOW);
    assert_snapshot!(names(Filter { until, ..Filter::default() }).await, @"");
    let from = until;
    let since = Filter { from, actions: vec![Action::UserCreate], ..Filter::default() };
    assert_snapshot!(names(since).await, @"user.create");

    let page = it.audit_events(&Filter::default(), Page::new(1, 2)).await.unwrap();
    let numbers: Vec<_> = page.items.iter().map(|event| event.sequence).collect();
    assert_eq!((page.total, numbers), (5, vec![4, 3]));
}
