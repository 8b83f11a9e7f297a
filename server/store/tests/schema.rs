//! The tables themselves: that both kinds of database get the same ones, and that nothing is guessed from them.
//!
//! Runs on SQLite, or on the PostgreSQL server that `CORDON_TEST_POSTGRES` names. CI runs the suite once each way.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use audit::{Action, Actor, Detail, Filter, Outcome, Record, Subject, SubjectKind};
use fleet::device::Device;
use fleet::group::Group;
use fleet::list::Page;
use fleet::user::{Addresses, User, UserFacts};
use fleet::{DeviceId, EasId, GroupId, Login, MailAddress, Name, UserId};
use insta::assert_snapshot;
use policy::GroupSettings;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use std::collections::BTreeMap;
use store::{InsertError, Store, StoreError};
use testkit::database;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::task::JoinSet;
use uuid::Uuid;

#[tokio::test]
async fn both_kinds_of_database_have_these_columns() {
    let database = database::fresh();
    migrated(&database.url).await;

    assert_snapshot!(columns(&raw(&database.url).await).await, @"
    administrator_sessions: token_hash administrator_id created_at used_at
    administrators: id name name_key password_hash created_at
    audit_events: sequence at actor_kind actor_name action subject_kind subject_id subject_label outcome reason? detail
    certificate_files: id user_id name digest size source sender? mail? deposited_at handed_out_at? end? ended_at? sealed?
    changes: sequence device_id? group_id?
    counters: name value
    devices: id user_id name model system client eas_id? state state_since? block_reason? wipe_order? wipe_confirmed_at? certificate_fingerprint? certificate_serial? certificate_not_after? app_version created_at registered_at? last_seen? search next_certificate_fingerprint? next_certificate_serial? next_certificate_not_after?
    groups: id name name_key settings revision changed_at
    invitations: id user_id device_id code_hash created_by created_at expires_at wrong_answers fate fate_at?
    issued_addresses: key address serial
    issued_certificates: serial issuer profile subject device_id? user_id? not_before not_after issued_at der? revoked_at? revocation_reason?
    meta: key value
    registration_attempts: id invitation_id data expires_at
    revocation_lists: issuer number changes covered this_update? next_update? der?
    seaql_migrations: version applied_at
    sign_in_guards: name_key failures last_failure?
    user_addresses: address_key address user_id position
    user_certificates: user_id der fingerprint subject addresses not_before not_after
    users: id login login_key name group_id search block_reason? block_by? block_since?
    ");
}

#[tokio::test]
async fn a_database_is_migrated_once() {
    let database = database::fresh();
    let store = migrated(&database.url).await;
    filled(&store).await;

    store.migrate().await.unwrap();
    migrated(&database.url).await;

    assert_eq!(store.user_count().await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_that_migrate_at_once_do_not_disturb_each_other() {
    for _round in 0..10 {
        let database = database::fresh();
        let mut processes = JoinSet::new();
        for _ in 0..4 {
            let url = database.url.clone();
            processes.spawn(async move { migrated(&url).await });
        }

        for store in processes.join_all().await {
            assert_eq!(store.user_count().await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn the_database_of_a_newer_version_is_left_alone() {
    let database = database::fresh();
    let store = migrated(&database.url).await;
    execute(&database.url, "INSERT INTO seaql_migrations VALUES ('m9999_from_the_future', 0)")
        .await;

    let error = store.migrate().await.unwrap_err();

    assert_snapshot!(error, @"the database has been migrated by a newer version of the program (m9999_from_the_future); use that version, or restore the backup from before");
}

#[tokio::test]
async fn what_no_version_writes_is_not_guessed() {
    for (statement, expected) in [
        ("UPDATE devices SET state = 'lost'", "state"),
        ("UPDATE devices SET state = 'blocked'", "state"),
        ("UPDATE devices SET state = 'wiped', wipe_order = 'all', state_since = 0", "state"),
        ("UPDATE devices SET client = 'browser'", "client"),
        ("UPDATE devices SET name = ''", "name"),
        ("UPDATE devices SET eas_id = 'N-1'", "ActiveSync identifier"),
        ("UPDATE devices SET certificate_serial = '07'", "certificate"),
    ] {
        let database = database::fresh();
        let store = migrated(&database.url).await;
        filled(&store).await;
        execute(&database.url, statement).await;

        let error = store.device(DEVICE).await.unwrap_err();
        let StoreError::Damaged { table, what, .. } = error else { panic!("{statement}: {error}") };
        assert_eq!((table, what), ("devices", expected), "{statement}");
    }
}

#[tokio::test]
async fn half_a_block_is_not_taken_for_none() {
    for statement in [
        "UPDATE users SET block_reason = 'left'",
        "UPDATE users SET block_reason = 'left', block_by = 'anna'",
        "UPDATE users SET block_reason = '', block_by = 'anna', block_since = 0",
    ] {
        let database = database::fresh();
        let store = migrated(&database.url).await;
        filled(&store).await;
        execute(&database.url, statement).await;

        let error = store.device(DEVICE).await.unwrap_err();
        let StoreError::Damaged { table, what, .. } = error else { panic!("{statement}: {error}") };
        assert_eq!((table, what), ("users", "block"), "{statement}");
        assert!(store.devices_with_owners(None, 10).await.is_err(), "{statement}");
    }
}

#[tokio::test]
async fn an_event_that_was_tampered_with_beyond_reading_is_reported() {
    for statement in [
        "UPDATE audit_events SET action = 'device.hide'",
        "UPDATE audit_events SET actor_kind = 'ghost'",
        "UPDATE audit_events SET outcome = 'refused'",
        "UPDATE audit_events SET detail = '[]'",
    ] {
        let database = database::fresh();
        let store = migrated(&database.url).await;
        filled(&store).await;
        execute(&database.url, statement).await;

        let listing = store.audit_events(&Filter::default(), Page::default()).await;
        assert!(matches!(listing, Err(StoreError::Damaged { .. })), "{statement}");
    }
}

#[tokio::test]
async fn a_fact_about_the_installation_is_written_once() {
    let database = database::fresh();
    let store = migrated(&database.url).await;
    assert_eq!(store.meta("root").await.unwrap(), None);
    let unit = store.begin().await.unwrap();
    unit.insert_meta("root", &[1, 2, 3]).await.unwrap();
    unit.commit(record()).await.unwrap();

    let unit = store.begin().await.unwrap();
    let again = unit.insert_meta("root", &[4]).await;

    assert!(matches!(again, Err(InsertError::Taken)));
    unit.roll_back().await.unwrap();
    assert_eq!(store.meta("root").await.unwrap(), Some(vec![1, 2, 3]));
}

#[tokio::test]
async fn events_keep_the_order_of_their_commits_and_the_milliseconds() {
    let database = database::fresh();
    let store = migrated(&database.url).await;
    let moments = [
        datetime!(2026-01-02 03:04:05.500 UTC),
        datetime!(2026-01-02 03:04:05 UTC),
        datetime!(2026-01-02 03:04:06.999_9 +01:00),
    ];
    for at in moments {
        let committed = store.begin().await.unwrap().commit(Record { at, ..record() }).await;
        committed.unwrap();
    }

    let listing = store.audit_events(&Filter::default(), Page::default()).await.unwrap();
    let found: Vec<_> = listing.items.iter().rev().map(|event| event.record.at).collect();
    assert_eq!(found, [moments[0], moments[1], datetime!(2026-01-02 02:04:06.999 UTC)]);
    let from = Some(datetime!(2026-01-02 03:04:05.1 UTC));
    let later = store.audit_events(&Filter { from, ..Filter::default() }, Page::default()).await;
    assert_eq!(later.unwrap().total, 1);
}

#[tokio::test]
async fn a_database_that_is_not_there_is_an_error() {
    assert!(Store::open("sqlite:///nowhere/at/all.sqlite").await.is_err());
    assert!(Store::open("mysql://localhost/cordon").await.is_err());
}

const DEVICE: DeviceId = DeviceId(Uuid::from_u128(3));
const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

async fn migrated(url: &str) -> Store {
    let store = Store::open(url).await.unwrap();
    store.migrate().await.unwrap();

    store
}

/// Adds a group, a person in it, and their device.
async fn filled(store: &Store) {
    let name = |text| Name::parse(text).unwrap();
    let group = GroupId(Uuid::from_u128(1));
    let settings = GroupSettings::sensible("mail.example.com");
    let facts = UserFacts {
        login: Login::parse("alice").unwrap(),
        name: name("Alice"),
        addresses: Addresses::parse([MailAddress::parse("alice@example.com").unwrap()]).unwrap(),
        group,
    };
    let user = User::new(UserId(Uuid::from_u128(2)), facts);
    let eas_id = EasId::parse("n1").unwrap();
    let device = Device::native(DEVICE, user.id, name("Phone"), eas_id, NOW);

    let mut unit = store.begin().await.unwrap();
    unit.insert_group(&Group::new(group, name("Sales"), settings, NOW)).await.unwrap();
    unit.insert_user(&user).await.unwrap();
    unit.insert_device(&device).await.unwrap();
    unit.commit(record()).await.unwrap();
    assert_eq!(store.device(DEVICE).await.unwrap().unwrap().device, device);
}

fn record() -> Record {
    Record {
        at: NOW,
        actor: Actor::Server,
        action: Action::DeviceAdd,
        subject: Subject::new(SubjectKind::Device, DEVICE),
        outcome: Outcome::Done,
        detail: Detail::new(),
    }
}

async fn raw(url: &str) -> DatabaseConnection {
    Database::connect(url).await.unwrap()
}

async fn execute(url: &str, statement: &str) {
    raw(url).await.execute_unprepared(statement).await.unwrap();
}

/// Lists the columns of each table, with a question mark behind those that may be null.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum is not exhaustive, and two kinds are served"
)]
async fn columns(db: &DatabaseConnection) -> String {
    let query = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT table_name AS t, column_name AS c, CAST(is_nullable = 'YES' AS int) AS n \
             FROM information_schema.columns WHERE table_schema = 'public' \
             ORDER BY table_name, ordinal_position"
        }
        _ => {
            "SELECT m.name AS t, p.name AS c, CAST(1 - p.\"notnull\" AS int) AS n \
             FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' \
             ORDER BY m.name, p.cid"
        }
    };
    let statement = Statement::from_string(db.get_database_backend(), query);
    let mut tables: BTreeMap<String, String> = BTreeMap::new();
    for row in db.query_all_raw(statement).await.unwrap() {
        let table = row.try_get::<String>("", "t").unwrap();
        let column = row.try_get::<String>("", "c").unwrap();
        let mark = if row.try_get::<i32>("", "n").unwrap() == 1 { "?" } else { "" };
        let line = tables.entry(table).or_default();
        line.push_str(&format!(" {column}{mark}"));
    }

    tables.iter().map(|(table, columns)| format!("{table}:{columns}\n")).collect()
}
