//! A company with a server, an administrator and a clock that is moved by hand.

use audit::Actor;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use ca::{Authority, Issuer, Lifetime, Signer, make_root};
use fleet::access::Connection;
use fleet::group::Group;
use fleet::invitation::{Invitation, Validity};
use fleet::licence::Licence;
use fleet::list::Page;
use fleet::user::{Addresses, User, UserFacts};
use fleet::{Login, MailAddress, Name};
use http_body_util::BodyExt as _;
use keys::{PrivateKey, SoftwareKey};
use operations::{Operations, Setup};
use pki::{AlternativeName, Certificate, Purpose, Serial, Subject, Template, Usage, issue};
use policy::GroupSettings;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use std::cell::Cell;
use std::process::Command;
use std::sync::Arc;
use store::Store;
use testkit::database::{self, Database};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tower::ServiceExt as _;

/// When every test begins.
pub(crate) const NOW: OffsetDateTime = datetime!(2027-03-01 12:00:00 UTC);

thread_local! {
    static CLOCK: Cell<OffsetDateTime> = const { Cell::new(NOW) };
}

/// Moves the clock of the test that runs on this thread.
pub(crate) fn wait(duration: Duration) {
    CLOCK.set(CLOCK.get() + duration);
}

fn clock() -> OffsetDateTime {
    CLOCK.get()
}

/// The server of a company with one group.
pub(crate) struct Company {
    pub(crate) operations: Operations,
    pub(crate) router: Router,
    pub(crate) store: Store,
    pub(crate) admin: Actor,
    pub(crate) group: Group,
    pub(crate) database: Database,
}

/// Somebody who works there, with the key of their certificate.
pub(crate) struct Person {
    pub(crate) user: User,
    pub(crate) key: SoftwareKey,
    pub(crate) certificate: Certificate,
}

impl Company {
    pub(crate) async fn new() -> Self {
        Self::with_licence(10).await
    }

    pub(crate) async fn with_licence(devices: u32) -> Self {
        Self::with_authority(authority(), devices).await
    }

    /// Has an authority with this key.
    pub(crate) async fn with_key(key: Arc<dyn PrivateKey>) -> Self {
        Self::with_authority(authority_with(key), 10).await
    }

    /// Starts the server anew, with another way to the same key.
    pub(crate) fn again(self, key: Arc<dyn PrivateKey>) -> Self {
        let old = self.operations.authority();
        let issuer = Issuer::new(old.issuer().certificate().clone(), key).expect("the same key");
        let authority = Authority::new(issuer, old.portal().clone(), NOW).expect("an authority");
        let operations = serve(self.store.clone(), authority, self.operations.licence().devices);
        let router = app_api::router(operations.clone());

        Self { operations, router, ..self }
    }

    async fn with_authority(authority: Authority, devices: u32) -> Self {
        let database = database::fresh();
        let store = Store::open(&database.url).await.expect("the database opens");
        store.migrate().await.expect("the tables are made");
        let operations = serve(store.clone(), authority, devices);
        let admin = Actor::Administrator("anna".into());
        let name = Name::parse("Everyone").expect("a name");
        let settings = GroupSettings::sensible("cordon.example.com");
        let group = operations.create_group(&admin, name, settings).await.expect("a group");
        let router = app_api::router(operations.clone());

        Self { operations, router, store, admin, group, database }
    }

    /// Adds a person whose certificate is deposited.
    pub(crate) async fn person(&self, login: &str) -> Person {
        let person = self.person_without_certificate(login).await;
        self.deposit(&person).await;

        person
    }

    pub(crate) async fn person_without_certificate(&self, login: &str) -> Person {
        let address = format!("{login}@example.com");
        let addresses = [MailAddress::parse(&address).expect("an address")];
        let facts = UserFacts {
            login: Login::parse(login).expect("a login"),
            name: Name::parse(login).expect("a name"),
            addresses: Addresses::parse(addresses).expect("addresses"),
            group: self.group.id,
        };
        let user = self.operations.create_user(&self.admin, facts).await.expect("a user");
        let key = SoftwareKey::make_rsa(2048).expect("a key");
        let certificate = certificate_of(&key, &address);

        Person { user, key, certificate }
    }

    pub(crate) async fn deposit(&self, person: &Person) {
        let der = person.certificate.as_der();
        let deposited = self.operations.deposit_certificate(&self.admin, person.user.id, der).await;

        deposited.expect("the certificate is deposited");
    }

    /// Invites a person and returns the invitation with its code.
    pub(crate) async fn invite(&self, person: &Person) -> (Invitation, String) {
        let invited = self
            .operations
            .invite(&self.admin, person.user.id, None, Validity::default())
            .await
            .expect("an invitation");
        let link = invited.link.expose_secret();
        let code = link.split("#code=").nth(1).and_then(|rest| rest.split('&').next());

        (invited.invitation, code.expect("a link with a code").to_owned())
    }

    /// Returns every byte of the database, or everything that a backup of it would hold.
    pub(crate) fn everything_stored(&self) -> String {
        let Some(file) = self.database.url.strip_prefix("sqlite://") else {
            let dump = testkit::postgres::program("pg_dump").expect("pg_dump is installed");
            let output = Command::new(dump).args(["--dbname", &self.database.url]).output();
            let output = output.expect("pg_dump starts");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            return String::from_utf8_lossy(&output.stdout).into_owned();
        };
        let file = file.split('?').next().expect("a path");
        let files = ["", "-wal"].map(|suffix| std::fs::read(format!("{file}{suffix}")));

        files
            .into_iter()
            .flatten()
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect()
    }

    /// Returns what the audit log says, oldest first, from the first registration on.
    pub(crate) async fn audit(&self) -> String {
        let log = self.operations.audit_events(&audit::Filter::default(), Page::new(0, 200)).await;
        let mut events = log.expect("the log is read").items;
        events.reverse();
        let lines = events.iter().map(|event| &event.record).filter_map(|record| {
            let reason = match &record.outcome {
                audit::Outcome::Done => "done",
                audit::Outcome::Refused { reason } => reason,
            };
            let name = record.action.name();
            let actor = record.actor.kind();
            (name.starts_with("registration") || name.contains("wipe"))
                .then(|| format!("{actor} {name} {} {reason}", record.subject.label))
        });

        lines.collect::<Vec<_>>().join("\n")
    }
}

/// A connection to the server.
#[derive(Clone)]
pub(crate) struct Line {
    router: Router,
    connection: Connection,
}

impl Company {
    /// Opens a connection; each has its own number, and with it its own exporter.
    pub(crate) fn connect(&self, number: u8, certificate: Option<&[u8]>) -> Line {
        let connection = Connection {
            exporter: [number; 32],
            client_certificate: certificate.map(<[u8]>::to_vec),
            peer: ([192, 0, 2, number], 40_000).into(),
        };

        Line { router: self.router.clone(), connection }
    }
}

impl Line {
    pub(crate) fn exporter(&self) -> [u8; 32] {
        self.connection.exporter
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).header("user-agent", "cordon-pim/0.1.0"), Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path).header("content-type", "application/json");

        self.send(request, body.into()).await
    }

    async fn send(&self, request: axum::http::request::Builder, body: Body) -> Answer {
        let mut request = request.body(body).expect("a valid request");
        request.extensions_mut().insert(self.connection.clone());
        let response = self.router.clone().oneshot(request).await.expect("routers do not fail");
        let status = response.status();
        let body = response.into_body().collect().await.expect("a body").to_bytes();

        Answer { status: status.as_u16(), body: String::from_utf8(body.to_vec()).expect("text") }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a body in JSON")
    }

    /// Returns status and code of a refusal.
    pub(crate) fn code(&self) -> (u16, String) {
        let code = self.json()["code"].as_str().unwrap_or_default().to_owned();

        (self.status, code)
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.body)
    }
}

fn serve(store: Store, authority: Authority, devices: u32) -> Operations {
    Operations::new(Setup {
        store,
        authority,
        clock,
        public_url: "https://cordon.example.com".into(),
        licence: Licence { devices },
        name_rules: ca::NameRules::default(),
        sealing_key: operations::SealingKey::new([7; 32].into()),
    })
}

fn authority() -> Authority {
    authority_with(Arc::new(SoftwareKey::make_p256().expect("a key")))
}

fn authority_with(key: Arc<dyn PrivateKey>) -> Authority {
    let lifetime = Lifetime::from_years(10).expect("a lifetime");
    let root: Issuer =
        make_root("Example", key, lifetime, serial(1), NOW - Duration::DAY).expect("a root");
    let key = SoftwareKey::make_p256().expect("a key");
    let certificate = root.issue_portal_signing(key.public_key(), serial(2), NOW);
    let portal = Signer { certificate: certificate.expect("a certificate"), key: Arc::new(key) };

    Authority::new(root, portal, NOW).expect("an authority")
}

/// Makes a certificate as the company's own public-key infrastructure would: valid for thirty days.
pub(crate) fn certificate_of(key: &SoftwareKey, address: &str) -> Certificate {
    let template = Template {
        subject: Subject::new(address),
        public_key: key.public_key(),
        not_before: NOW - Duration::DAY,
        not_after: NOW + Duration::days(30),
        usage: Usage::EnciphermentAndSignature(Purpose::EmailProtection),
        names: vec![AlternativeName::Email(address.to_owned())],
    };

    issue(&template, None, key, serial(3)).expect("a certificate")
}

fn serial(number: u8) -> Serial {
    Serial::from_random([number; 16])
}
