//! Serves the console on a free port with a lively fleet, to look at the page and to test it in a browser.
//!
//! ```text
//! cargo run -p portal --example console [PORT]
//! ```
//!
//! Everything is lost when it ends. There is no TLS: browsers keep the session's cookie for loopback addresses only.

use anyhow::{Context as _, Result};
use audit::{Action, Actor, Detail, Outcome, Record, Subject, SubjectKind};
use ca::{Authority, Lifetime, Signer};
use fleet::device::{self, Device, DeviceCertificate, OpenWipe, Registration, WipeOrder};
use fleet::invitation::Validity;
use fleet::licence::Licence;
use fleet::user::{Addresses, User, UserFacts};
use fleet::{EasId, GroupId, Login, MailAddress, Name, Reason};
use keys::{PrivateKey as _, SoftwareKey};
use operations::{Operations, Setup};
use pki::{AlternativeName, Purpose, Serial, Template, Usage};
use policy::GroupSettings;
use portal::RefusedRequest;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use store::Store;
use time::{Duration, OffsetDateTime};
use tokio::net::TcpListener;

const ADMINISTRATOR: &str = "anna";
const PASSWORD: &str = "correct horse battery staple";

const PEOPLE: [(&str, &str); 12] = [
    ("alice", "Alice Ahrens"),
    ("bob", "Bob Bergmann"),
    ("carla", "Carla Conradi"),
    ("dieter", "Dieter Dörfler"),
    ("emine", "Emine Erdoğan"),
    ("friederike", "Friederike von der Mühlenhardt"),
    ("georg", "Georg Gärtner"),
    ("hanna", "Hanna Hübner"),
    ("ivan", "Ivan Ivanov"),
    ("joerg", "Jörg Jansen"),
    ("katja", "Katja Kowalska"),
    ("lars", "Lars Lindqvist"),
];
const DEVICES: [(&str, &str); 5] = [
    ("iPhone 16 Pro", "iOS 19.2"),
    ("Pixel 9", "Android 16"),
    ("iPad Air 13", "iPadOS 19.2"),
    ("ThinkPad X1", "Linux 6.12"),
    ("Galaxy S25 Ultra", "Android 15"),
];

#[tokio::main]
async fn main() -> Result<()> {
    let port = std::env::args().nth(1).map(|port| port.parse()).transpose()?.unwrap_or(0);
    let empty = std::env::args().nth(2).is_some_and(|word| word == "empty");
    let database = testkit::database::fresh();
    let store = Store::open(&database.url).await?;
    store.migrate().await?;
    let operations = Operations::new(Setup {
        store: store.clone(),
        authority: authority()?,
        clock: now,
        public_url: "https://mail.example.com".into(),
        licence: Licence { devices: 80 },
        name_rules: ca::NameRules::default(),
        sealing_key: operations::SealingKey::new([7; 32].into()),
    });
    let name = Login::parse(ADMINISTRATOR)?;
    operations.create_administrator(&Actor::Server, name, &PASSWORD.into()).await?;
    let refusals = if empty { Vec::new() } else { furnish(&operations, &store).await? };

    let setup = portal::Setup { operations, refusals: Arc::new(refusals) };
    let service = portal::router(setup).into_make_service_with_connect_info::<SocketAddr>();
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    writeln!(std::io::stdout(), "http://{} {ADMINISTRATOR} {PASSWORD:?}", listener.local_addr()?)?;

    Ok(axum::serve(listener, service).await?)
}

/// Fills the fleet, and returns what a gateway would have refused.
async fn furnish(operations: &Operations, store: &Store) -> Result<Vec<RefusedRequest>> {
    let mut people = Vec::new();
    let mut groups = Vec::new();
    for name in ["Geschäftsführung", "Technik und Entwicklung", "Vertrieb"] {
        let settings = GroupSettings::sensible("mail.example.com");
        groups.push(operations.create_group(&anna(), Name::parse(name)?, settings).await?.id);
    }
    for (number, (login, name)) in PEOPLE.into_iter().enumerate() {
        let group = *groups.get(number % groups.len()).context("there are groups")?;
        people.push(operations.create_user(&anna(), facts(login, name, group)?).await?);
    }
    for (user, days) in people.iter().zip([400, 12, 200]) {
        let certificate = certificate(user, now() + Duration::days(days))?;
        operations.deposit_certificate(&anna(), user.id, &certificate).await?;
    }

    let mut devices = Vec::new();
    for number in 0..62_u8 {
        let owner = people.get(usize::from(number) % people.len()).context("there are people")?;
        devices.push(add_device(operations, store, owner, number).await?);
    }
    for (number, device) in devices.iter().enumerate() {
        order(operations, device, number).await?;
    }
    let blocked = people.get(5).context("there are people")?;
    operations.block_user(&anna(), blocked.id, Reason::parse("Elternzeit bis Januar")?).await?;
    let name = Login::parse("benedikt")?;
    operations.create_administrator(&Actor::Server, name, &PASSWORD.into()).await?;
    for user in people.iter().take(3) {
        operations.invite(&anna(), user.id, None, Validity::default()).await?;
    }

    Ok(refusals(&devices))
}

async fn add_device(
    operations: &Operations,
    store: &Store,
    owner: &User,
    number: u8,
) -> Result<Device> {
    let (model, system) = DEVICES.get(usize::from(number) % DEVICES.len()).context("a model")?;
    let first = owner.name.as_str().split(' ').next().unwrap_or_default();
    let name = Name::parse(&format!("{first}: {model}"))?;
    let eas_id = EasId::parse(&format!("c0rd0n{number:04}a2f81e93b7"))?;
    if number % 9 == 8 {
        return Ok(operations.add_native_device(&anna(), owner.id, name, eas_id).await?);
    }

    let invited = operations.invite(&anna(), owner.id, Some(name), Validity::default()).await?;
    let seen = now() - Duration::minutes(i64::from(number) * i64::from(number) * 3);
    let registration = Registration {
        name: None,
        model: (*model).into(),
        system: (*system).into(),
        app_version: "0.1.0".into(),
        eas_id,
        certificate: DeviceCertificate {
            fingerprint: [number; 32],
            serial: format!("4c0f9a17e2b1d0{number:02x}"),
            not_after: now() + Duration::days(300),
        },
    };
    let device = device::register(invited.device, registration, seen)?;
    let mut unit = store.begin().await?;
    unit.save_device(&device).await?;
    let record = Record {
        at: now(),
        actor: Actor::Invitation(invited.invitation.id.0),
        action: Action::RegistrationFinish,
        subject: Subject::new(SubjectKind::Device, device.id).labelled(device.name.as_str()),
        outcome: Outcome::Done,
        detail: Detail::new(),
    };
    unit.commit(record).await?;

    Ok(device)
}

/// Gives every so many devices another fate.
async fn order(operations: &Operations, device: &Device, number: usize) -> Result<()> {
    let reason = || Reason::parse("Im Zug liegen geblieben, Fundbüro ist angefragt");
    match number % 11 {
        3 => {
            operations.block(&anna(), device.id, reason()?).await?;
        }
        5 => {
            operations.block(&anna(), device.id, reason()?).await?;
            let again = operations.block(&anna(), device.id, reason()?).await;
            anyhow::ensure!(again.is_err(), "a blocked device is not blocked again");
            operations.unblock(&anna(), device.id).await?;
        }
        7 if number != 7 && device.certificate.is_some() => {
            operations.wipe(&anna(), device.id, WipeOrder::Data).await?;
        }
        9 => {
            operations.retire(&anna(), device.id, OpenWipe::Keep).await?;
        }
        _ => {}
    }

    Ok(())
}

fn refusals(devices: &[Device]) -> Vec<RefusedRequest> {
    let rules = [
        ("unknown-device", "device", "identifier not registered"),
        ("device-blocked", "standing", "blocked"),
        ("certificate-missing", "certificate", "none shown, the device has one"),
        ("user-of-another-device", "sign-in user", "not a name of the device's owner"),
        ("malformed-request", "request", "two lengths"),
    ];
    let numbered = (0_i32..40).zip(rules.into_iter().cycle()).zip(devices.iter().cycle());
    let refused = numbered.map(|((number, (rule, fact, value)), device)| RefusedRequest {
        at: now() - Duration::minutes(3) * (40 - number),
        device: (rule != "unknown-device" && rule != "malformed-request").then_some(device.id),
        eas_id: (rule != "malformed-request").then(|| format!("appldnpp{number:02}")),
        command: (rule != "malformed-request").then(|| "Sync".into()),
        status: if rule == "malformed-request" { 400 } else { 200 },
        rule: rule.into(),
        fact: fact.into(),
        value: value.into(),
    });

    refused.collect()
}

fn facts(login: &str, name: &str, group: GroupId) -> Result<UserFacts> {
    let address = MailAddress::parse(&format!("{login}@example.com"))?;

    Ok(UserFacts {
        login: Login::parse(login)?,
        name: Name::parse(name)?,
        addresses: Addresses::parse([address])?,
        group,
    })
}

fn certificate(user: &User, not_after: OffsetDateTime) -> Result<Vec<u8>> {
    let key = SoftwareKey::make_rsa(2048)?;
    let template = Template {
        subject: pki::Subject::new(user.name.as_str()).with_organization("Example GmbH"),
        public_key: key.public_key(),
        not_before: now() - Duration::DAY,
        not_after,
        usage: Usage::EnciphermentAndSignature(Purpose::EmailProtection),
        names: vec![AlternativeName::Email(user.addresses.primary().to_string())],
    };

    Ok(pki::issue(&template, None, &key, Serial::from_random([3; 16]))?.as_der().to_vec())
}

fn authority() -> Result<Authority> {
    let root_key = Arc::new(SoftwareKey::make_p256()?);
    let lifetime = Lifetime::from_years(10).context("ten years are allowed")?;
    let serial = |number| Serial::from_random([number; 16]);
    let root = ca::make_root("Example", root_key, lifetime, serial(1), now())?;
    let key = Arc::new(SoftwareKey::make_p256()?);
    let certificate = root.issue_portal_signing(key.public_key(), serial(2), now())?;

    Ok(Authority::new(root, Signer { certificate, key }, now())?)
}

fn anna() -> Actor {
    Actor::Administrator(ADMINISTRATOR.into())
}

#[expect(clippy::disallowed_methods, reason = "a program to look at, with the time of day")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
