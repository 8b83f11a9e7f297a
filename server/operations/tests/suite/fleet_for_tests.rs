//! A fleet with a database of its own and a clock that the test sets.

use audit::{Action, Actor, Event, Filter, Outcome, Record, Subject, SubjectKind};
use ca::{Authority, Lifetime, Signer};
use fleet::device::{self, Device, DeviceCertificate, Registration};
use fleet::group::Group;
use fleet::invitation::Validity;
use fleet::licence::Licence;
use fleet::list::Page;
use fleet::user::{Addresses, User, UserFacts};
use fleet::{EasId, GroupId, Login, MailAddress, Name};
use keys::{PrivateKey, SoftwareKey};
use operations::{Clock, Failure, Operations, Setup};
use pki::Serial;
use policy::GroupSettings;
use std::sync::Arc;
use store::Store;
use testkit::database::{self, Database};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// The moment at which every test begins.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

/// Declares a clock for one test; `NAME::advance` sets it forward.
macro_rules! clock {
    ($name:ident) => {
        #[allow(non_snake_case, reason = "it reads like the value it is")]
        mod $name {
            use std::sync::atomic::{AtomicI64, Ordering};
            use time::{Duration, OffsetDateTime};

            static ADVANCED: AtomicI64 = AtomicI64::new(0);

            pub(super) fn now() -> OffsetDateTime {
                let advanced = Duration::milliseconds(ADVANCED.load(Ordering::SeqCst));

                crate::fleet_for_tests::NOW + advanced
            }

            pub(super) fn advance(by: Duration) {
                let millis = i64::try_from(by.whole_milliseconds()).unwrap();
                ADVANCED.fetch_add(millis, Ordering::SeqCst);
            }
        }
    };
}
pub(crate) use clock;

pub(crate) struct Fleet {
    pub(crate) operations: Operations,
    pub(crate) store: Store,
    pub(crate) database: Database,
}

impl Fleet {
    pub(crate) async fn new() -> Self {
        Self::with(100, || NOW).await
    }

    pub(crate) async fn with(devices: u32, clock: Clock) -> Self {
        Self::of(authority(software()), devices, clock).await
    }

    /// Has an authority with this key.
    pub(crate) async fn with_key(key: Arc<dyn PrivateKey>, clock: Clock) -> Self {
        Self::of(authority(key), 100, clock).await
    }

    async fn of(authority: Authority, devices: u32, clock: Clock) -> Self {
        let database = database::fresh();
        let store = Store::open(&database.url).await.expect("the test database opens");
        store.migrate().await.expect("the tables are made");
        let operations = operations_of(store.clone(), authority, devices, clock);

        Self { operations, store, database }
    }

    /// Makes a group of this name with sensible settings.
    pub(crate) async fn group(&self, text: &str) -> Group {
        let settings = GroupSettings::sensible("mail.example.com");

        self.operations.create_group(&anna(), name(text), settings).await.expect("a group is made")
    }

    /// Adds a person who signs in as `login` and has one address.
    pub(crate) async fn user(&self, login: &str, group: GroupId) -> User {
        let facts = facts(login, &[&format!("{login}@example.com")], group);

        self.operations.create_user(&anna(), facts).await.expect("a person is added")
    }

    /// Adds alice in a group of her own.
    pub(crate) async fn alice(&self) -> User {
        let group = self.group("Everybody").await;

        self.user("alice", group.id).await
    }

    /// Adds a device with another mail program.
    pub(crate) async fn native_device(&self, user: &User, eas_id: &str) -> Device {
        let (name, eas_id) = (name("Phone"), eas(eas_id));
        let added = self.operations.add_native_device(&anna(), user.id, name, eas_id).await;

        added.expect("a device is added")
    }

    /// Takes a device with the app into service, as if its registration had been proven.
    pub(crate) async fn app_device(&self, user: &User, number: u8) -> Device {
        let (name, validity) = (Some(name("Tablet")), Validity::default());
        let invited = self.operations.invite(&anna(), user.id, name, validity).await;
        let invited = invited.expect("a person is invited");
        let registration = Registration {
            name: None,
            model: "Pad 3".into(),
            system: "Penguin OS 12".into(),
            app_version: "1.0".into(),
            eas_id: eas(&format!("app{number}")),
            certificate: DeviceCertificate {
                fingerprint: [number; 32],
                serial: format!("{number:02x}"),
                not_after: NOW + Duration::days(365),
            },
        };
        let device = device::register(invited.device, registration, NOW).unwrap();
        self.save(&device).await;

        device
    }

    /// Saves a device in a state into which it comes by no operation, such as one that took years.
    pub(crate) async fn save(&self, device: &Device) {
        let mut unit = self.store.begin().await.unwrap();
        unit.save_device(device).await.unwrap();
        unit.commit(record(Action::RegistrationFinish, device)).await.unwrap();
    }

    /// Returns the whole log, oldest first.
    pub(crate) async fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            let page = Page::new(events.len() as u64, Page::LONGEST);
            let listing = self.operations.audit_events(&Filter::default(), page).await.unwrap();
            if listing.items.is_empty() {
                events.reverse();
                return events;
            }
            events.extend(listing.items);
        }
    }

    /// Returns the log after the event numbered `after`, one line for each event.
    pub(crate) async fn log_after(&self, after: u64) -> String {
        let events = self.events().await;
        let lines: Vec<_> =
            events.iter().filter(|event| event.sequence > after).map(line).collect();

        lines.join("\n")
    }

    /// Returns the number of the last event.
    pub(crate) async fn last_event(&self) -> u64 {
        self.events().await.last().map_or(0, |event| event.sequence)
    }
}

/// Serves operations on a database that exists.
pub(crate) fn operations(store: Store, devices: u32, clock: Clock) -> Operations {
    operations_of(store, authority(software()), devices, clock)
}

fn operations_of(store: Store, authority: Authority, devices: u32, clock: Clock) -> Operations {
    Operations::new(Setup {
        store,
        authority,
        clock,
        public_url: "https://mail.example.com/".into(),
        licence: Licence { devices },
        name_rules: ca::NameRules {
            mail: vec!["example.com".into()],
            dns: vec!["example.com".into()],
            ..Default::default()
        },
        sealing_key: operations::SealingKey::new([7; 32].into()),
    })
}

pub(crate) fn anna() -> Actor {
    Actor::Administrator("anna".into())
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn eas(text: &str) -> EasId {
    EasId::parse(text).unwrap()
}

pub(crate) fn facts(login: &str, addresses: &[&str], group: GroupId) -> UserFacts {
    let addresses = addresses.iter().map(|address| MailAddress::parse(address).unwrap());

    UserFacts {
        login: Login::parse(login).unwrap(),
        name: name(&format!("{login} Example")),
        addresses: Addresses::parse(addresses).unwrap(),
        group,
    }
}

/// Returns the code of the refusal that an operation ended with.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug, R: fleet::Refusal>(
    outcome: Result<T, Failure<R>>,
) -> &'static str {
    let failure = outcome.expect_err("the operation is refused");

    failure.answer().expect("it is a refusal and no fault").code
}

fn software() -> Arc<dyn PrivateKey> {
    Arc::new(SoftwareKey::make_p256().unwrap())
}

fn authority(root_key: Arc<dyn PrivateKey>) -> Authority {
    let lifetime = Lifetime::from_years(10).unwrap();
    let serial = |number| Serial::from_random([number; 16]);
    let root = ca::make_root("Example", root_key, lifetime, serial(1), NOW).unwrap();
    let key = Arc::new(SoftwareKey::make_p256().unwrap());
    let certificate = root.issue_portal_signing(key.public_key(), serial(2), NOW).unwrap();

    Authority::new(root, Signer { certificate, key }, NOW).unwrap()
}

fn record(action: Action, device: &Device) -> Record {
    Record {
        at: NOW,
        actor: Actor::Server,
        action,
        subject: Subject::new(SubjectKind::Device, device.id).labelled(device.name.as_str()),
        outcome: Outcome::Done,
        detail: audit::Detail::new(),
    }
}

/// Writes an event without what differs from run to run.
fn line(event: &Event) -> String {
    let record = &event.record;
    let outcome = match &record.outcome {
        Outcome::Done => "done".to_owned(),
        Outcome::Refused { reason } => format!("refused: {reason}"),
    };
    let actor = match &record.actor {
        Actor::Device(_) | Actor::Invitation(_) => record.actor.kind().to_owned(),
        Actor::Administrator(_) | Actor::CommandLine(_) | Actor::Server | Actor::Visitor => {
            record.actor.to_string()
        }
    };
    let facts = record.detail.iter().filter(|(name, _)| !matches!(*name, "explanation" | "device"));
    let facts: Vec<_> = facts.map(|(name, value)| format!(" {name}={value:?}")).collect();
    let Subject { kind, label, .. } = &record.subject;

    format!(
        "{:3} {actor} | {} | {} {label:?} | {outcome} |{}",
        event.sequence,
        record.action.name(),
        kind.name(),
        facts.concat()
    )
}
