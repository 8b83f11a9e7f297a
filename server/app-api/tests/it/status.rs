use crate::company::{Answer, Company, Line, Person, wait};
use crate::device::{Device, Registered};
use data_encoding::BASE64;
use fleet::device::{OpenWipe, WipeOrder};
use fleet::{DeviceId, Reason, UserId};
use insta::assert_snapshot;
use policy::SignedDocument;
use serde_json::Value;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

#[tokio::test]
async fn a_device_learns_where_it_stands() {
    let (company, device) = registered().await;

    let status = device.line.get("/app/v1/status").await;
    assert_snapshot!(device.redacted(&status.to_string()), @r#"200 {"device":"DEVICE","standing":"active","reason":null,"wipe":null,"revision":1,"certificate_files":0,"sequence":2}"#);
    let contact = company.operations.device(device.id).await.expect("a read").expect("a device");
    assert_eq!(contact.device.app_version, "0.1.0");
}

#[tokio::test]
async fn a_blocked_device_learns_that_it_is() {
    let (company, device) = registered().await;
    company.block(&device).await;

    let status = device.line.get("/app/v1/status").await;
    assert_snapshot!(device.redacted(&status.to_string()), @r#"200 {"device":"DEVICE","standing":"blocked","reason":"lost on the train","wipe":null,"revision":1,"certificate_files":0,"sequence":3}"#);
    assert_snapshot!(device.line.get("/app/v1/settings").await, @r#"409 {"code":"device_blocked","detail":"the settings were not handed out: the device is blocked (lost on the train); ask IT"}"#);

    let unblocked = company.operations.unblock(&company.admin, device.id).await;
    unblocked.expect("the device is unblocked");
    assert_eq!(device.line.get("/app/v1/status").await.json()["standing"], "active");
    assert_eq!(device.line.get("/app/v1/settings").await.status, 200);
}

#[tokio::test]
async fn a_device_learns_that_its_owner_is_blocked() {
    let (company, device) = registered().await;
    company.block_owner(&device).await;

    let status = device.line.get("/app/v1/status").await;
    assert_snapshot!(device.redacted(&status.to_string()), @r#"200 {"device":"DEVICE","standing":"blocked","reason":"on leave","wipe":null,"revision":1,"certificate_files":0,"sequence":3}"#);
    assert_snapshot!(device.line.get("/app/v1/settings").await, @r#"409 {"code":"device_blocked","detail":"the settings were not handed out: the device is blocked (on leave); ask IT"}"#);
    company.block(&device).await;
    assert_eq!(device.line.get("/app/v1/status").await.json()["reason"], "lost on the train");

    company.unblock_owner(&device).await;
    let status = device.line.get("/app/v1/status").await.json();
    assert_eq!(status["reason"], "lost on the train", "its own block is left");
    let unblocked = company.operations.unblock(&company.admin, device.id).await;
    unblocked.expect("the device is unblocked");
    assert_eq!(device.line.get("/app/v1/status").await.json()["standing"], "active");
    assert_eq!(device.line.get("/app/v1/settings").await.status, 200);
}

#[tokio::test]
async fn a_wipe_reaches_the_device_of_a_blocked_person() {
    let (company, device) = registered().await;
    company.block_owner(&device).await;
    let order = company.operations.wipe(&company.admin, device.id, WipeOrder::Data).await;
    order.expect("the wipe is ordered");

    let status = device.line.get("/app/v1/status").await.json();
    assert_eq!((&status["standing"], &status["wipe"]), (&"wiped".into(), &"data".into()));
    let confirmed = device.line.post("/app/v1/wiped", r#"{"done":"data"}"#.to_owned()).await;
    assert_eq!(confirmed.status, 204);
}

#[tokio::test]
async fn a_wipe_is_ordered_and_confirmed() {
    let (company, device) = registered().await;
    let confirm = |what: &str| device.line.post("/app/v1/wiped", format!(r#"{{"done":"{what}"}}"#));
    assert_snapshot!(confirm("key").await, @r#"409 {"code":"not_ordered","detail":"the confirmation was not noted: no wipe was ordered; ask for the device's status"}"#);
    let order = company.operations.wipe(&company.admin, device.id, WipeOrder::Data).await;
    order.expect("the wipe is ordered");

    let status = device.line.get("/app/v1/status").await;
    assert_snapshot!(device.redacted(&status.to_string()), @r#"200 {"device":"DEVICE","standing":"wiped","reason":null,"wipe":"data","revision":1,"certificate_files":0,"sequence":3}"#);
    assert_eq!(device.line.get("/app/v1/settings").await.code(), (409, "device_wiped".into()));
    assert_snapshot!(confirm("key").await, @r#"409 {"code":"more_ordered","detail":"the confirmation was not noted: the key is wiped, but the data was to be wiped too; wipe the data"}"#);
    assert_eq!(confirm("data").await.status, 204);
    assert_eq!(confirm("data").await.status, 204, "the answer may have been lost");
    assert_eq!(confirm("hair").await.code(), (400, "malformed_request".into()));
    assert_snapshot!(company.audit().await, @"
    invitation registration.start alice done
    invitation registration.finish alice done
    device device.confirm-wipe Alice's laptop not_ordered
    administrator device.wipe Alice's laptop done
    device device.confirm-wipe Alice's laptop more_ordered
    device device.confirm-wipe Alice's laptop done
    device device.confirm-wipe Alice's laptop already_confirmed
    ");
}

#[tokio::test]
async fn settings_are_signed_for_the_device() {
    let (company, device) = registered().await;
    let mut settings = company.group.settings.clone();
    settings.mail.days = 7;
    let changed =
        company.operations.change_settings(&company.admin, company.group.id, settings, None);
    changed.await.expect("the settings are changed");

    let answer = device.line.get("/app/v1/settings").await;
    let signed: SignedDocument = serde_json::from_str(&answer.body).expect("a document");
    let authority = company.operations.authority().issuer().certificate();
    let document = signed.verify(authority, company.operations.now()).expect("it is signed");
    assert_eq!((document.revision, document.settings.mail.days), (2, 7));
    assert_eq!(document.device, device.registered.id);
    let status = device.line.get("/app/v1/status").await.json();
    assert_eq!(status["revision"], 2);
}

#[tokio::test]
async fn a_device_in_service_finds_certificates_by_address() {
    let (company, device) = registered().await;
    let person = company.person("bob").await;
    let path = "/app/v1/certificates?address=Bob@example.com";

    let found = device.line.get(path).await.json();
    let certificates = found["certificates"].as_array().expect("a list");
    assert_eq!(certificates.len(), 1, "{found}");
    assert_eq!(certificates[0]["origin"], "deposited");
    let der = BASE64.encode(person.certificate.as_der());
    assert_eq!(certificates[0]["certificate"].as_str(), Some(der.as_str()));
    let nobody = device.line.get("/app/v1/certificates?address=nobody@example.com").await.json();
    assert_eq!(nobody["certificates"].as_array().map(Vec::len), Some(0));
    for wrong in [
        "/app/v1/certificates",
        "/app/v1/certificates?address=bob",
        "/app/v1/certificates?address=*",
    ] {
        let refused = device.line.get(wrong).await.code();
        assert_eq!(refused, (400, "malformed_request".into()), "{wrong}");
    }
    let stranger = company.connect(3, None).get(path).await.code();
    assert_eq!(stranger, (401, "certificate_required".into()));

    let reason = Reason::parse("lost").expect("a reason");
    let blocked = company.operations.block(&company.admin, device.id, reason).await;
    blocked.expect("the device is blocked");
    assert_eq!(device.line.get(path).await.code(), (403, "not_in_service".into()));
}

#[tokio::test]
async fn a_registered_device_is_in_the_register_until_it_is_retired() {
    let (company, device) = registered().await;
    let it = &company.operations;
    let all = operations::IssuedFilter::default();
    let found = it.certificates(&all, fleet::list::Page::default()).await.expect("a list");
    let issued = found.items.into_iter().next().expect("the device's certificate");
    assert_eq!(issued.holder.device, Some(device.id));
    assert_eq!((issued.profile, issued.revocation), (ca::Profile::Device, None));

    it.retire(&company.admin, device.id, OpenWipe::Keep).await.expect("it is retired");
    let issued = it.certificate(&issued.serial).await.expect("an answer").expect("it is kept");
    assert_eq!(issued.status(it.now()), ca::Status::Revoked);
}

#[tokio::test]
async fn strangers_learn_nothing() {
    let (company, device) = registered().await;
    let paths = ["/app/v1/status", "/app/v1/settings"];

    for path in paths {
        let nobody = company.connect(3, None).get(path).await;
        assert_eq!(nobody.code(), (401, "certificate_required".into()), "{path}");
    }
    let root = company.operations.authority().issuer().certificate().as_der();
    let stranger = company.connect(3, Some(root)).get("/app/v1/status").await;
    assert_snapshot!(stranger, @r#"403 {"code":"unknown_device","detail":"the certificate belongs to no device in service; register the device again"}"#);
    let retired = company.operations.retire(&company.admin, device.id, OpenWipe::Keep).await;
    retired.expect("the device is retired");
    let retired = device.line.get("/app/v1/status").await;
    assert_eq!(retired.code(), (403, "unknown_device".into()));
}

#[tokio::test]
async fn a_certificate_ends_with_its_time() {
    let (_company, device) = registered().await;

    wait(time::Duration::days(731));
    let answer = device.line.get("/app/v1/status").await;
    assert_eq!(answer.code(), (403, "unknown_device".into()));
}

#[tokio::test]
async fn a_held_request_is_answered_within_a_second_of_a_change() {
    let (company, device) = registered().await;
    let (sender, mut feed) = mpsc::channel(16);
    let follow =
        operations::feed::run(company.operations.clone(), sender, Duration::from_millis(200));
    let feeding = tokio::spawn(follow);
    let draining = tokio::spawn(async move { while feed.recv().await.is_some() {} });
    let now = device.line.get("/app/v1/status").await.json();

    for change in [
        Change::Block,
        Change::Unblock,
        Change::BlockOwner,
        Change::UnblockOwner,
        Change::Settings,
        Change::Wipe,
    ] {
        let sequence = device.line.get("/app/v1/status").await.json()["sequence"].clone();
        let line = device.line.clone();
        let path = format!("/app/v1/status?after={sequence}&wait=30");
        let held = tokio::spawn(async move { line.get(&path).await });
        company.make(change, &device).await;
        let begun = Instant::now();

        let answer = held.await.expect("an answer").json();
        assert!(begun.elapsed() < Duration::from_secs(1), "{change:?} after {:?}", begun.elapsed());
        assert_ne!(answer["sequence"], sequence, "{change:?}");
        let (field, value) = change.shows();
        assert_eq!(answer[field], value, "{change:?}");
    }
    assert_eq!(now["standing"], "active");
    feeding.abort();
    draining.abort();
}

#[tokio::test]
async fn a_change_wakes_only_the_devices_that_it_concerns() {
    const HELD: usize = 100;
    let (company, alices) = registered().await;
    let bob = company.person("bob").await;
    let bobs = company.register(3, &bob).await;
    let (sender, mut feed) = mpsc::channel(16);
    let follow = operations::feed::run(company.operations.clone(), sender, Duration::from_secs(60));
    let feeding = tokio::spawn(follow);
    let draining = tokio::spawn(async move { while feed.recv().await.is_some() {} });
    let (hers, his) = (Arc::default(), Arc::default());
    let path = async |device: &InService| {
        let now = device.line.get("/app/v1/status").await.json();
        format!("/app/v1/status?after={}&wait=60", now["sequence"])
    };
    let (her_path, his_path) = (path(&alices).await, path(&bobs).await);
    let mut her_held = JoinSet::new();
    let mut his_held = JoinSet::new();
    for _ in 0..HELD {
        her_held.spawn(Counted::new(&hers, alices.line.clone(), her_path.clone()));
        his_held.spawn(Counted::new(&his, bobs.line.clone(), his_path.clone()));
    }
    let before = quiet(&his).await;
    quiet(&hers).await;

    company.make(Change::Block, &alices).await;
    for answer in her_held.join_all().await {
        assert_eq!(answer.json()["standing"], "blocked");
    }
    let woken = quiet(&his).await - before;
    assert!(woken < HELD, "{woken} of others were woken");

    company.make(Change::Settings, &alices).await;
    for answer in his_held.join_all().await {
        assert_eq!(answer.json()["revision"], 2);
    }
    feeding.abort();
    draining.abort();
}

#[tokio::test]
async fn a_held_request_ends_when_nothing_happens() {
    let (_company, device) = registered().await;
    let sequence = device.line.get("/app/v1/status").await.json()["sequence"].clone();
    let begun = Instant::now();

    let path = format!("/app/v1/status?after={sequence}&wait=1");
    let answer = device.line.get(&path).await;
    assert_eq!(answer.json()["sequence"], sequence);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let path = format!("/app/v1/status?after={sequence}");
    assert_eq!(device.line.get(&path).await.json()["sequence"], sequence, "at once");
    let odd = device.line.get("/app/v1/status?after=x").await;
    assert_eq!(odd.code(), (400, "malformed_request".into()));
}

/// A device in service, on a connection with its certificate.
struct InService {
    id: DeviceId,
    owner: UserId,
    registered: Registered,
    line: Line,
}

async fn registered() -> (Company, InService) {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let device = company.register(1, &alice).await;

    (company, device)
}

/// Requests, counted each time that one of them does something.
struct Counted {
    wakes: Arc<AtomicUsize>,
    request: Pin<Box<dyn Future<Output = Answer> + Send>>,
}

impl Counted {
    fn new(wakes: &Arc<AtomicUsize>, line: Line, path: String) -> Self {
        let request = Box::pin(async move { line.get(&path).await });

        Self { wakes: Arc::clone(wakes), request }
    }
}

impl Future for Counted {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        self.wakes.fetch_add(1, Ordering::Relaxed);

        self.request.as_mut().poll(context)
    }
}

/// Waits until nothing is counted any more, and returns what has been.
async fn quiet(wakes: &AtomicUsize) -> usize {
    let mut last = wakes.load(Ordering::Relaxed);
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = wakes.load(Ordering::Relaxed);
        if now == last && now > 0 {
            return now;
        }
        last = now;
    }
}

impl InService {
    fn redacted(&self, text: &str) -> String {
        text.replace(&self.registered.id, "DEVICE")
    }
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Block,
    Unblock,
    BlockOwner,
    UnblockOwner,
    Settings,
    Wipe,
}

impl Change {
    fn shows(self) -> (&'static str, Value) {
        match self {
            Self::Block | Self::BlockOwner => ("standing", "blocked".into()),
            Self::Unblock | Self::UnblockOwner => ("standing", "active".into()),
            Self::Settings => ("revision", 2.into()),
            Self::Wipe => ("wipe", "key".into()),
        }
    }
}

impl Company {
    /// Registers a device, and connects it with its certificate.
    async fn register(&self, number: u8, person: &Person) -> InService {
        let line = self.connect(number, None);
        let registered = Device::new(number).registers(self, &line, person).await;
        let id = DeviceId(registered.id.parse().expect("an id"));
        let line = self.connect(number + 1, Some(registered.certificate.as_der()));

        InService { id, owner: person.user.id, registered, line }
    }

    async fn block(&self, device: &InService) {
        let reason = Reason::parse("lost on the train").expect("a reason");
        let blocked = self.operations.block(&self.admin, device.id, reason).await;

        blocked.expect("the device is blocked");
    }

    async fn block_owner(&self, device: &InService) {
        let reason = Reason::parse("on leave").expect("a reason");
        let blocked = self.operations.block_user(&self.admin, device.owner, reason).await;

        blocked.expect("the person is blocked");
    }

    async fn unblock_owner(&self, device: &InService) {
        let unblocked = self.operations.unblock_user(&self.admin, device.owner).await;

        unblocked.expect("the person is unblocked");
    }

    async fn make(&self, change: Change, device: &InService) {
        match change {
            Change::Block => self.block(device).await,
            Change::Unblock => {
                let unblocked = self.operations.unblock(&self.admin, device.id).await;
                unblocked.expect("the device is unblocked");
            }
            Change::BlockOwner => self.block_owner(device).await,
            Change::UnblockOwner => self.unblock_owner(device).await,
            Change::Settings => {
                let mut settings = self.group.settings.clone();
                settings.mail.days = 3;
                let changed =
                    self.operations.change_settings(&self.admin, self.group.id, settings, None);
                changed.await.expect("the settings are changed");
            }
            Change::Wipe => {
                let order = self.operations.wipe(&self.admin, device.id, WipeOrder::Key).await;
                order.expect("the wipe is ordered");
            }
        }
    }
}
