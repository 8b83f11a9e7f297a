//! Upgrades: a database that an earlier version has filled is brought forward, and everything still reads.
//!
//! The rows are written as the earlier version wrote them, column by column, and not by the code of today.

use super::Migrations;
use crate::{CodeHash, IssuedFilter, Store, UnitOfWork};
use audit::{Action, Actor, Filter, Outcome, Record, Subject, SubjectKind};
use ca::Profile;
use fleet::device::{State, StateKind, WipeOrder};
use fleet::invitation::Fate;
use fleet::list::{DeviceFilter, DeviceItem, InvitationFilter, Page, UserFilter};
use fleet::user::Block;
use fleet::{DeviceId, InvitationId, Login, Reason, UserId};
use pki::Fingerprint;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use sea_orm_migration::MigratorTrait as _;
use testkit::database;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

#[tokio::test]
async fn a_database_of_the_first_version_is_brought_forward_with_all_it_holds() {
    let database = database::fresh();
    let store = Store::open(&database.url).await.unwrap();
    Migrations::up(&store.0, Some(1)).await.unwrap();
    fill(&store.0).await;

    store.migrate().await.unwrap();

    let people = store.users(&UserFilter::default(), Page::default()).await.unwrap();
    assert_eq!((people.total, people.items[0].devices), (1, 2));
    let alice = &people.items[0].user;
    assert_eq!((alice.login.as_str(), alice.name.as_str()), ("Alice", "Alice Ärger"));
    let addresses: Vec<_> = alice.addresses.iter().map(|address| address.as_str()).collect();
    assert_eq!(addresses, ["Alice@example.com", "a@example.com"]);
    assert_eq!(alice.certificate.as_ref().unwrap().fingerprint, [9; 32]);
    assert_eq!(alice.block, None, "nobody was blocked before people could be");
    assert_eq!(people.items[0].group_name.as_str(), "Sales");

    let groups = store.groups().await.unwrap();
    assert_eq!((groups[0].group.revision, groups[0].group.settings.mail.days), (3, 14));

    let devices = store.devices(&DeviceFilter::default(), Page::default()).await.unwrap();
    let kinds: Vec<_> = devices.items.iter().map(|item| item.device.state.kind()).collect();
    assert_eq!(
        kinds,
        [StateKind::Invited, StateKind::Wiped, StateKind::Blocked, StateKind::Registered]
    );
    assert!(devices.items.iter().all(|item| item.owner_block.is_none()));
    let reason = Reason::parse("lost").unwrap();
    assert_eq!(devices.items[2].device.state, State::Blocked { reason, since: THEN });
    let wiped = State::Wiped { order: WipeOrder::Data, ordered_at: THEN, confirmed_at: None };
    assert_eq!(devices.items[1].device.state, wiped);
    let found = store.device_by_certificate([11; 32]).await.unwrap().unwrap();
    assert_eq!((found.id, found.last_seen), (DeviceId(id(11)), Some(THEN)));

    let any = InvitationFilter::default();
    let invitations = store.invitations(&any, Page::default()).await.unwrap().items;
    assert_eq!(invitations[0].invitation.id, InvitationId(id(21)));
    assert_eq!(invitations[0].invitation.fate, Fate::Pending);
    assert!(store.invitation_by_code(CodeHash([5; 32])).await.unwrap().is_some());
    let anna = Login::parse("anna").unwrap();
    let (anna, password) = store.administrator_by_name(&anna).await.unwrap().unwrap();
    assert_eq!((anna.created_at, password.0.as_str()), (THEN, "$argon2id$…"));

    let issued =
        store.issued_certificates(&IssuedFilter::default(), Page::default(), THEN).await.unwrap();
    let serials: Vec<_> = issued.items.iter().map(|issued| issued.serial.as_str()).collect();
    assert_eq!(serials, ["0b", "0c", "0d"], "the certificates of the devices are in the register");
    let first = &issued.items[0];
    assert_eq!((first.profile, first.not_after), (Profile::Device, THEN + Duration::DAY));
    assert_eq!((first.holder.device, first.holder.user), (Some(DeviceId(id(11))), Some(alice.id)));
    assert_eq!((first.der.as_ref(), first.revocation), (None, None));
    store.name_issuer(Fingerprint([7; 32])).await.unwrap();
    let first = store.issued(&first.serial).await.unwrap().unwrap();
    assert_eq!(first.issuer, Fingerprint([7; 32]));

    let events = store.audit_events(&Filter::default(), Page::default()).await.unwrap().items;
    assert_eq!((events[0].sequence, events[0].record.action), (7, Action::DeviceBlock));
    assert_eq!(store.sequence().await.unwrap(), 4);
    assert_eq!(store.device_status(DeviceId(id(12))).await.unwrap().unwrap().sequence, 4);
}

#[tokio::test]
async fn after_the_upgrade_the_new_is_written_and_the_numbers_go_on() {
    let database = database::fresh();
    let store = Store::open(&database.url).await.unwrap();
    Migrations::up(&store.0, Some(1)).await.unwrap();
    fill(&store.0).await;
    store.migrate().await.unwrap();

    let mut unit = store.begin().await.unwrap();
    let mut alice = unit.user(UserId(id(2))).await.unwrap().unwrap();
    let reason = Reason::parse("left the company").unwrap();
    let block = Block { reason, by: "administrator anna".into(), since: THEN + Duration::DAY };
    alice.block = Some(block.clone());
    unit.save_user(&alice).await.unwrap();
    let event = commit(unit).await;

    assert_eq!(event, 8);
    assert_eq!(store.sequence().await.unwrap(), 8, "each of the four devices hears of it");
    store.migrate().await.unwrap();
    let item: DeviceItem = store.device(DeviceId(id(11))).await.unwrap().unwrap();
    assert_eq!(item.owner_block, Some(block.clone()));
    assert_eq!(store.user(alice.id).await.unwrap().unwrap().user, alice);
    let owned = store.devices_with_owners(None, 10).await.unwrap();
    assert!(owned.iter().all(|owned| owned.block == Some(block.clone())), "{owned:?}");
}

const THEN: OffsetDateTime = datetime!(2026-01-02 03:04:05.678 UTC);
const MILLIS: i64 = 1_767_323_045_678;
const DAY: i64 = 86_400_000;
const SETTINGS: &str = r#"{"mail":{"server":"mail.example.com","days":14},"container":{"lock_after_seconds":300,"wrong_passwords":10,"password":{"minimum_length":8,"digit":true,"upper_and_lower":false,"symbol":false}},"viewing":{"remote_images":"ask","attachment_limit_mib":25},"status_interval_seconds":900}"#;

/// Writes a row: each column with its value.
macro_rules! row {
    ($db:ident $table:literal { $($column:ident: $value:expr,)* }) => {
        let columns = [$(stringify!($column)),*];
        insert($db, $table, &columns, vec![$(Expr::value($value)),*]).await
    };
}

/// Writes what version 0.1 has written for a group, a person with devices in each state, an invitation, an
/// administrator, and what was done.
async fn fill(db: &DatabaseConnection) {
    row!(db "groups" {
        id: id(1),
        name: "Sales",
        name_key: "sales",
        settings: SETTINGS,
        revision: 3_i64,
        changed_at: MILLIS,
    });
    row!(db "users" {
        id: id(2),
        login: "Alice",
        login_key: "alice",
        name: "Alice Ärger",
        group_id: id(1),
        search: "alice ärger\nalice\nalice@example.com\na@example.com\n",
    });
    for (position, address) in [(0_i32, "Alice@example.com"), (1, "a@example.com")] {
        row!(db "user_addresses" {
            address_key: address.to_lowercase(),
            address: address,
            user_id: id(2),
            position: position,
        });
    }
    row!(db "user_certificates" {
        user_id: id(2),
        der: vec![0x30_u8, 0],
        fingerprint: vec![9_u8; 32],
        subject: "CN=Alice",
        addresses: "alice@example.com",
        not_before: MILLIS,
        not_after: MILLIS + DAY,
    });
    device(db, 11, "registered", None, None, None).await;
    device(db, 12, "blocked", Some(MILLIS), Some("lost"), None).await;
    device(db, 13, "wiped", Some(MILLIS), None, Some("data")).await;
    row!(db "devices" {
        id: id(14),
        user_id: id(2),
        name: "Alice Ärger",
        model: "",
        system: "",
        client: "app",
        state: "invited",
        app_version: "",
        created_at: MILLIS + 14,
        search: "alice ärger\n\n\n\n",
    });
    row!(db "invitations" {
        id: id(21),
        user_id: id(2),
        device_id: id(14),
        code_hash: vec![5_u8; 32],
        created_by: "administrator anna",
        created_at: MILLIS,
        expires_at: MILLIS + DAY,
        wrong_answers: 0_i64,
        fate: "pending",
    });
    row!(db "administrators" {
        id: id(31),
        name: "Anna",
        name_key: "anna",
        password_hash: "$argon2id$…",
        created_at: MILLIS,
    });
    row!(db "audit_events" {
        sequence: 7_i64,
        at: MILLIS,
        actor_kind: "administrator",
        actor_name: "anna",
        action: "device.block",
        subject_kind: "device",
        subject_id: id(12),
        subject_label: "Tablet",
        outcome: "done",
        detail: r#"{"reason":"lost"}"#,
    });
    row!(db "changes" {
        sequence: 4_i64,
        device_id: id(12),
    });
    for (counter, value) in [("audit", 7_i64), ("change", 4)] {
        let mut update = Query::update();
        update.table("counters").value("value", value).and_where(Expr::col("name").eq(counter));
        db.execute(&update).await.unwrap();
    }
}

/// Writes a device that was registered once.
async fn device(
    db: &DatabaseConnection,
    number: u8,
    state: &str,
    since: Option<i64>,
    reason: Option<&str>,
    wipe: Option<&str>,
) {
    row!(db "devices" {
        id: id(number.into()),
        user_id: id(2),
        name: "Tablet",
        model: "Pad 3",
        system: "Penguin OS",
        client: "app",
        eas_id: format!("app{number}"),
        state: state,
        state_since: since,
        block_reason: reason,
        wipe_order: wipe,
        certificate_fingerprint: vec![number; 32],
        certificate_serial: format!("{number:02x}"),
        certificate_not_after: MILLIS + DAY,
        app_version: "0.1.0",
        created_at: MILLIS + i64::from(number),
        registered_at: MILLIS,
        last_seen: MILLIS,
        search: format!("tablet\npad 3\npenguin os\napp{number}\n"),
    });
}

async fn insert(
    db: &DatabaseConnection,
    table: &'static str,
    columns: &[&'static str],
    values: Vec<Expr>,
) {
    let mut row = Query::insert();
    row.into_table(table).columns(columns.iter().copied()).values_panic(values);
    db.execute(&row).await.unwrap();
}

async fn commit(unit: UnitOfWork) -> u64 {
    let record = Record {
        at: THEN,
        actor: Actor::Server,
        action: Action::UserChange,
        subject: Subject::new(SubjectKind::User, id(2)),
        outcome: Outcome::Done,
        detail: audit::Detail::new(),
    };

    unit.commit(record).await.unwrap().sequence
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}
