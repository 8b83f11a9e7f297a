use std::borrow::Cow;

use activesync::query::{Command, Version};
use fleet::access::{Standing, Verdict};
use uuid::Uuid;

use super::*;

const FAIL_CLOSED_AFTER: Duration = Duration::from_secs(60);

#[test]
fn nothing_is_allowed_before_the_first_snapshot() {
    let table = Table::new(FAIL_CLOSED_AFTER, Instant::now());
    check(&table, "phone1", "feed-lost");
    assert_eq!(
        table.apply(FeedMessage::Alive { sequence: 0 }, table.started),
        Err(FeedError::BeforeSnapshot)
    );
    let changes =
        FeedMessage::Changes { sequence: 1, changes: vec![Change::Put(phone(1, "phone1"))] };
    assert_eq!(table.apply(changes, table.started), Err(FeedError::BeforeSnapshot));
    check(&table, "phone1", "feed-lost");
}

#[test]
fn silence_closes_and_a_sign_of_life_opens_again() {
    let table = filled();
    let last = table.started + FAIL_CLOSED_AFTER - Duration::from_millis(1);
    check_at(&table, last, "phone1", "managed-device");
    let late = table.started + FAIL_CLOSED_AFTER;
    check_at(&table, late, "phone1", "feed-lost");
    assert_eq!(table.apply(FeedMessage::Alive { sequence: 5 }, late), Ok(Affected::EasIds(vec![])));
    check_at(&table, late, "phone1", "managed-device");
}

#[test]
fn a_gap_is_no_sign_of_life() {
    let table = filled();
    let late = table.started + FAIL_CLOSED_AFTER;
    for sequence in [4, 6] {
        let gap = FeedError::Gap { ours: 5, theirs: sequence };
        assert_eq!(table.apply(FeedMessage::Alive { sequence }, late), Err(gap));
        check_at(&table, late, "phone1", "feed-lost");
    }
}

#[test]
fn changes_count_from_the_moment_they_are_applied() {
    let table = filled();
    let blocked = DeviceAccess {
        standing: Standing::Blocked { reason: String::new() },
        ..phone(1, "phone1")
    };
    let affected = apply(&table, 6, vec![Change::Put(blocked)]);
    assert_eq!(affected, Affected::EasIds(vec!["phone1".into()]));
    check(&table, "phone1", "device-blocked");
    check(&table, "phone2", "managed-device");
    apply(&table, 7, vec![Change::Remove(id(1)), Change::Put(phone(2, "OTHER"))]);
    check(&table, "phone1", "unknown-device");
    check(&table, "phone2", "unknown-device");
    check(&table, "other", "managed-device");
}

#[test]
fn a_changed_identifier_affects_the_old_and_the_new_one() {
    let affected = apply(&filled(), 6, vec![Change::Put(phone(1, "Moved")), Change::Remove(id(9))]);
    assert_eq!(affected, Affected::EasIds(vec!["phone1".into(), "moved".into()]));
}

#[test]
fn a_change_that_comes_late_is_ignored() {
    let table = filled();
    apply(&table, 7, vec![Change::Remove(id(1))]);
    apply(&table, 6, vec![Change::Put(phone(1, "phone1"))]);
    check(&table, "phone1", "unknown-device");
}

#[test]
fn a_snapshot_replaces_everything() {
    let table = filled();
    let snapshot = FeedMessage::Snapshot { sequence: 9, devices: vec![phone(3, "phone3")] };
    assert_eq!(table.apply(snapshot, table.started), Ok(Affected::All));
    check(&table, "phone1", "unknown-device");
    check(&table, "phone3", "managed-device");
}

#[test]
fn options_finds_a_device_by_certificate_or_owner() {
    let table = filled();
    apply(
        &table,
        6,
        vec![Change::Put(DeviceAccess { certificates: vec![[7; 32], [9; 32]], ..phone(3, "app") })],
    );
    let options = |certificate, user: &str| {
        let facts = RequestFacts {
            asks: Asks::Options,
            query_user: None,
            sign_in: SignIn::Basic { user: user.into() },
            certificate,
            ..facts("")
        };
        let decision = table.decide(&facts, table.started);
        (decision.device, decision.rule)
    };
    assert_eq!(options(Some([7; 32]), "alice"), (Some(id(3)), "managed-device"));
    assert_eq!(options(Some([9; 32]), "alice"), (Some(id(3)), "managed-device"));
    assert_eq!(options(Some([8; 32]), "alice"), (None, "unknown-device"));
    assert_eq!(options(None, "Alice").1, "managed-device");
    assert_eq!(options(None, "EXAMPLE\\Alice").1, "managed-device");
    assert_eq!(options(None, "bob"), (None, "unknown-device"));
    apply(&table, 7, vec![Change::Remove(id(1)), Change::Remove(id(2))]);
    assert_eq!(options(None, "alice"), (None, "unknown-device"));
}

fn apply(table: &Table, sequence: u64, changes: Vec<Change>) -> Affected {
    table.apply(FeedMessage::Changes { sequence, changes }, table.started).unwrap()
}

#[track_caller]
fn check(table: &Table, eas_id: &str, rule: &str) {
    check_at(table, table.started, eas_id, rule);
}

#[track_caller]
fn check_at(table: &Table, now: Instant, eas_id: &str, rule: &str) {
    let decision = table.decide(&facts(eas_id), now);
    assert_eq!(decision.rule, rule);
    assert_eq!(decision.verdict == Verdict::Allow, rule == "managed-device");
}

fn filled() -> Table {
    let table = Table::new(FAIL_CLOSED_AFTER, Instant::now());
    let devices = vec![phone(1, "Phone1"), phone(2, "phone2")];
    assert_eq!(
        table.apply(FeedMessage::Snapshot { sequence: 5, devices }, table.started),
        Ok(Affected::All)
    );
    table
}

fn phone(number: u128, eas_id: &str) -> DeviceAccess {
    DeviceAccess {
        device: id(number),
        eas_id: eas_id.into(),
        owner_names: vec!["alice".into()],
        standing: Standing::Managed,
        certificates: Vec::new(),
    }
}

fn facts(eas_id: &str) -> RequestFacts {
    let device_type = String::new();
    RequestFacts {
        asks: match eas_id {
            "" => Asks::Malformed { status: 400, what: Cow::Borrowed("") },
            _ => Asks::Command {
                command: Command::Sync,
                version: Version::V16_1,
                eas_id: eas_id.into(),
                device_type,
            },
        },
        query_user: Some("alice".into()),
        sign_in: SignIn::Missing,
        certificate: None,
        user_agent: None,
        peer: ([127, 0, 0, 1], 50_000).into(),
    }
}

fn id(number: u128) -> DeviceId {
    DeviceId(Uuid::from_u128(number))
}
