use crate::company::{Company, Line, wait};
use crate::device::{Device, Registered};
use fleet::DeviceId;
use fleet::Reason;
use fleet::device::WipeOrder;
use insta::assert_snapshot;
use policy::SignedDocument;
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

#[tokio::test]
async fn a_device_learns_where_it_stands() {
    let (company, device) = registered().await;

    let status = device.line.get("/app/v1/status").await;
    assert_snapshot!(device.redacted(&status.to_string()), @r#"200 {"device":"DEVICE","standing":"active","reason":null,"wipe":null,"revision":1,"sequence":2}"#);
    let contact = company.operations.device(device.id).await.expect("a read").expect("a device");
    assert_eq!(contact.device.app_version, "0.1.0");
}

#[tokio::test]
async fn a_blocked_device_learns_that_it_is() {
    let (company, device) = registered().await;
    company.block(&device).await;

    let status = device.line.get("/app/v1/status").await;
    assert_snapshot!(device.redacted(&status.to_string()), @r#"200 {"device":"DEVICE","standing":"blocked","reason":"lost on the train","wipe":null,"revision":1,"sequence":3}"#);
    assert_snapshot!(device.line.get("/app/v1/settings").await, @r#"409 {"code":"device_blocked","detail":"the settings were not handed out: the device is blocked (lost on the train); ask IT"}"#);

    let unblocked = company.operations.unblock(&company.admin, device.id).await;
    unblocked.expect("the device is unblocked");
    assert_eq!(device.line.get("/app/v1/status").await.json()["standing"], "active");
    assert_eq!(device.line.get("/app/v1/settings").await.status, 200);
}

#[tokio::test]
async fn a_wipe_is_ordered_and_confirmed() {
    let (company, device) = registered().await;
    let confirm = |what: &str| device.line.post("/app/v1/wiped", format!(r#"{{"done":"{what}"}}"#));
    assert_snapshot!(confirm("key").await, @r#"409 {"code":"not_ordered","detail":"the confirmation was not noted: no wipe was ordered; ask for the device's status"}"#);
    let order = company.operations.wipe(&company.admin, device.id, WipeOrder::Data).await;
    order.expect("the wipe is ordered");

    let status = device.line.get("/app/v1/status").await;
    assert_snapshot!(device.redacted(&status.to_string()), @r#"200 {"device":"DEVICE","standing":"wiped","reason":null,"wipe":"data","revision":1,"sequence":3}"#);
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
    let authority = company.operations.authority().root().certificate();
    let document = signed.verify(authority, company.operations.now()).expect("it is signed");
    assert_eq!((document.revision, document.settings.mail.days), (2, 7));
    assert_eq!(document.device, device.registered.id);
    let status = device.line.get("/app/v1/status").await.json();
    assert_eq!(status["revision"], 2);
}

#[tokio::test]
async fn strangers_learn_nothing() {
    let (company, device) = registered().await;
    let paths = ["/app/v1/status", "/app/v1/settings"];

    for path in paths {
        let nobody = company.connect(3, None).get(path).await;
        assert_eq!(nobody.code(), (401, "certificate_required".into()), "{path}");
    }
    let root = company.operations.authority().root().certificate().as_der();
    let stranger = company.connect(3, Some(root)).get("/app/v1/status").await;
    assert_snapshot!(stranger, @r#"403 {"code":"unknown_device","detail":"the certificate belongs to no device in service; register the device again"}"#);
    let retired = company.operations.retire(&company.admin, device.id).await;
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

    for change in [Change::Block, Change::Unblock, Change::Settings, Change::Wipe] {
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
    registered: Registered,
    line: Line,
}

async fn registered() -> (Company, InService) {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let line = company.connect(1, None);
    let registered = Device::new(1).registers(&company, &line, &alice).await;
    let id = DeviceId(registered.id.parse().expect("an id"));
    let line = company.connect(2, Some(registered.certificate.as_der()));

    (company, InService { id, registered, line })
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
    Settings,
    Wipe,
}

impl Change {
    fn shows(self) -> (&'static str, Value) {
        match self {
            Self::Block => ("standing", "blocked".into()),
            Self::Unblock => ("standing", "active".into()),
            Self::Settings => ("revision", 2.into()),
            Self::Wipe => ("wipe", "key".into()),
        }
    }
}

impl Company {
    async fn block(&self, device: &InService) {
        let reason = Reason::parse("lost on the train").expect("a reason");
        let blocked = self.operations.block(&self.admin, device.id, reason).await;

        blocked.expect("the device is blocked");
    }

    async fn make(&self, change: Change, device: &InService) {
        match change {
            Change::Block => self.block(device).await,
            Change::Unblock => {
                let unblocked = self.operations.unblock(&self.admin, device.id).await;
                unblocked.expect("the device is unblocked");
            }
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
