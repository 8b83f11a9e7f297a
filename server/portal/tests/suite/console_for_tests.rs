//! A console with a database of its own, and a browser that calls it.

use audit::Actor;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use ca::{Authority, Lifetime, Signer};
use fleet::device::{self, Device, DeviceCertificate, Registration};
use fleet::group::Group;
use fleet::invitation::Validity;
use fleet::licence::Licence;
use fleet::user::{Addresses, User, UserFacts};
use fleet::{EasId, GroupId, Login, MailAddress, Name};
use http::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use keys::{PrivateKey as _, SoftwareKey};
use operations::{Clock, Operations};
use pki::Serial;
use policy::GroupSettings;
use portal::{RefusalSource, RefusedRequest};
use serde_json::Value;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use store::Store;
use testkit::database::{self, Database};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tower::ServiceExt as _;
use uuid::Uuid;

/// The moment at which every test begins.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);
/// The password of the administrator anna.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
const OWN: &str = "x-cordon-console";

/// Declares a clock for one test; `NAME::advance` sets it forward.
macro_rules! clock {
    ($name:ident) => {
        mod $name {
            use std::sync::atomic::{AtomicI64, Ordering};
            use time::{Duration, OffsetDateTime};

            static ADVANCED: AtomicI64 = AtomicI64::new(0);

            pub(super) fn now() -> OffsetDateTime {
                let advanced = Duration::seconds(ADVANCED.load(Ordering::SeqCst));

                crate::console_for_tests::NOW + advanced
            }

            pub(super) fn advance(by: Duration) {
                ADVANCED.fetch_add(by.whole_seconds(), Ordering::SeqCst);
            }
        }
    };
}
pub(crate) use clock;

/// A console, what is behind it, and the browser's cookie.
pub(crate) struct Console {
    pub(crate) operations: Operations,
    router: Router,
    store: Store,
    cookie: Option<String>,
    _database: Database,
}

impl Console {
    /// Opens a console on which nobody is signed in.
    pub(crate) async fn new() -> Self {
        Self::with(|| NOW, Vec::new()).await
    }

    /// Opens a console on which anna is signed in.
    pub(crate) async fn signed_in() -> Self {
        Self::new().await.sign_in().await
    }

    pub(crate) async fn with(clock: Clock, refusals: Vec<RefusedRequest>) -> Self {
        Self::with_source(clock, Arc::new(refusals)).await
    }

    pub(crate) async fn with_source(clock: Clock, refusals: Arc<dyn RefusalSource>) -> Self {
        let database = database::fresh();
        let store = Store::open(&database.url).await.expect("the test database opens");
        store.migrate().await.expect("the tables are made");
        let operations = Operations::new(operations::Setup {
            store: store.clone(),
            authority: authority(),
            clock,
            public_url: "https://mail.example.com:8443".into(),
            licence: Licence { devices: 5 },
            name_rules: ca::NameRules::default(),
            sealing_key: operations::SealingKey::new([7; 32].into()),
        });
        let name = Login::parse("anna").unwrap();
        let made = operations.create_administrator(&Actor::Server, name, &PASSWORD.into()).await;
        made.expect("an administrator is made");
        let router = portal::router(portal::Setup { operations: operations.clone(), refusals });

        Self { operations, router, store, cookie: None, _database: database }
    }

    pub(crate) async fn sign_in(mut self) -> Self {
        let answer = self.post("/api/v1/session", credentials(PASSWORD)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer}");
        self.cookie = answer.cookie();

        self
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path, None)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path, Some(body))).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path, Some(body))).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path, Some(body))).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path, None)).await
    }

    /// Makes a request as the console's own page would.
    pub(crate) fn request(&self, method: Method, path: &str, body: Option<Value>) -> Request<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "console.example:8444")
            .header("sec-fetch-site", "same-origin")
            .header(OWN, "1")
            .extension(ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 50_000))));
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }

        match body {
            Some(body) => request
                .header(CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string()))
                .unwrap(),
            None => request.body(Body::empty()).unwrap(),
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();

        Answer { status: parts.status, headers: parts.headers, text, bytes: bytes.to_vec() }
    }

    /// Makes a group of this name with sensible settings.
    pub(crate) async fn group(&self, name: &str) -> Group {
        let settings = GroupSettings::sensible("mail.example.com");
        let name = Name::parse(name).unwrap();

        self.operations.create_group(&anna(), name, settings).await.expect("a group is made")
    }

    /// Adds a person who signs in as `login` and has one address.
    pub(crate) async fn user(&self, login: &str, group: GroupId) -> User {
        let address = MailAddress::parse(&format!("{login}@example.com")).unwrap();
        let facts = UserFacts {
            login: Login::parse(login).unwrap(),
            name: Name::parse(&format!("{login} Example")).unwrap(),
            addresses: Addresses::parse([address]).unwrap(),
            group,
        };

        self.operations.create_user(&anna(), facts).await.expect("a person is added")
    }

    /// Takes a device with the app into service, as if its registration had been proven.
    pub(crate) async fn device(&self, user: &User, name: &str) -> Device {
        let (name, validity) = (Name::parse(name).unwrap(), Validity::default());
        let invited = self.operations.invite(&anna(), user.id, Some(name), validity).await;
        let invited = invited.expect("a person is invited");
        let registration = Registration {
            name: None,
            model: "Pad 3".into(),
            system: "Penguin OS 12".into(),
            app_version: "1.0".into(),
            eas_id: EasId::parse(&invited.device.id.0.simple().to_string()).unwrap(),
            certificate: DeviceCertificate {
                fingerprint: fingerprint(&invited.device),
                serial: "0a1b".into(),
                not_after: NOW + Duration::days(365),
            },
        };
        let device = device::register(invited.device, registration, NOW).unwrap();
        let mut unit = self.store.begin().await.unwrap();
        unit.save_device(&device).await.unwrap();
        let subject = audit::Subject::new(audit::SubjectKind::Device, device.id);
        let record = audit::Record {
            at: NOW,
            actor: Actor::Invitation(invited.invitation.id.0),
            action: audit::Action::RegistrationFinish,
            subject: subject.labelled(device.name.as_str()),
            outcome: audit::Outcome::Done,
            detail: audit::Detail::new(),
        };
        unit.commit(record).await.unwrap();

        device
    }

    /// Adds alice in a group of her own, with a tablet.
    pub(crate) async fn alice(&self) -> (User, Device) {
        let group = self.group("Everybody").await;
        let alice = self.user("alice", group.id).await;
        let tablet = self.device(&alice, "Tablet").await;

        (alice, tablet)
    }
}

/// What the console answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// Returns the body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("the body is JSON")
    }

    /// Returns a text of the body by its JSON pointer.
    #[track_caller]
    pub(crate) fn text_at(&self, pointer: &str) -> String {
        let value = self.json();
        let text = value.pointer(pointer).and_then(Value::as_str);

        text.unwrap_or_else(|| panic!("no text at {pointer}: {value}")).to_owned()
    }

    /// Returns status and code of a problem.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, String) {
        (self.status.as_u16(), self.text_at("/code"))
    }

    fn cookie(&self) -> Option<String> {
        let cookie = self.headers.get(SET_COOKIE)?.to_str().ok()?;

        cookie.split(';').next().map(str::to_owned)
    }
}

/// Shows status and body, without what differs from run to run.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        let Ok(mut body) = serde_json::from_str::<Value>(&self.text) else {
            return if self.text.is_empty() { Ok(()) } else { write!(f, "\n{}", self.text) };
        };
        settle(&mut body, &mut Vec::new());

        write!(f, "\n{body:#}")
    }
}

pub(crate) fn credentials(password: &str) -> Value {
    serde_json::json!({ "name": "anna", "password": password })
}

pub(crate) fn anna() -> Actor {
    Actor::Administrator("anna".into())
}

/// Numbers identifiers in the order in which they appear, and leaves out what is drawn at random.
fn settle(value: &mut Value, seen: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| settle(item, seen)),
        Value::Object(fields) => {
            for (name, field) in fields {
                if matches!(name.as_str(), "eas_id" | "fingerprint" | "link" | "qr_svg" | "serial")
                    && field.is_string()
                {
                    *field = format!("<{name}>").into();
                }
                settle(field, seen);
            }
        }
        Value::String(text) => {
            if Uuid::parse_str(text).is_ok_and(|id| !id.is_nil()) {
                let known = seen.iter().position(|id| id == text).unwrap_or_else(|| {
                    seen.push(text.clone());
                    seen.len() - 1
                });
                *text = format!("<id {}>", known + 1);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn fingerprint(device: &Device) -> [u8; 32] {
    let mut fingerprint = [0; 32];
    fingerprint[..16].copy_from_slice(device.id.0.as_bytes());

    fingerprint
}

fn authority() -> Authority {
    let root_key = Arc::new(SoftwareKey::make_p256().unwrap());
    let lifetime = Lifetime::from_years(10).unwrap();
    let serial = |number| Serial::from_random([number; 16]);
    let root = ca::make_root("Example", root_key, lifetime, serial(1), NOW).unwrap();
    let key = Arc::new(SoftwareKey::make_p256().unwrap());
    let certificate = root.issue_portal_signing(key.public_key(), serial(2), NOW).unwrap();

    Authority::new(root, Signer { certificate, key }, NOW).unwrap()
}
