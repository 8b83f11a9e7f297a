//! Another certificate for a device whose present one is near its end.

use crate::company::{Answer, Company, Line, wait};
use crate::device::{Device, binary};
use audit::Filter;
use ca::{SerialNumber, Status};
use data_encoding::BASE64;
use fleet::device::{OpenWipe, WipeOrder};
use fleet::list::Page;
use fleet::{DeviceId, Reason};
use insta::assert_snapshot;
use keys::{PrivateKey as _, SoftwareKey};
use pki::validate::{Inputs, RevocationReason, Use, validate};
use pki::{Certificate, Subject, make_request};
use serde_json::json;
use time::Duration;

/// When the last third of a device's certificate has begun.
const NEAR_THE_END: Duration = Duration::days(500);

#[tokio::test]
async fn a_certificate_is_exchanged_and_the_one_before_is_good_until_the_new_one_is_used() {
    let (company, device) = near_the_end().await;

    let (renewed, key) = device.renewed(&company).await;

    assert_eq!(renewed.public_key(), key.public_key());
    assert_eq!(renewed.common_name(), Some(device.id.to_string()));
    // Whoever did not hear of it goes on with what they have.
    assert_eq!(device.old.get("/app/v1/status").await.status, 200);
    let new = company.connect(7, Some(renewed.as_der()));
    assert_eq!(new.get("/app/v1/status").await.status, 200);
    assert_eq!(device.old.get("/app/v1/status").await.code(), (403, "unknown_device".into()));
    assert_eq!(new.get("/app/v1/settings").await.status, 200);
    let standing = company.operations.certificate(&SerialNumber::of(&device.before)).await;
    let standing = standing.expect("a read").expect("it is in the register");
    assert_eq!(standing.status(company.operations.now()), Status::Revoked);
    assert_eq!(standing.revocation.expect("a reason").reason.name(), "superseded");
    assert_eq!(log(&company).await, ["certificate.renew", "certificate.revoke"]);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_asked_for_again_after_a_while() {
    let (company, device) = near_the_end().await;
    let (lost, _) = device.renewed(&company).await;
    assert_snapshot!(device.asks(&request()).await, @r#"429 {"code":"certificate_issued_just_now","detail":"no certificate was issued: one was, less than an hour ago; use that one, or come back later"}"#);

    wait(Duration::hours(2));
    let (renewed, _) = device.renewed(&company).await;

    let lost = company.connect(7, Some(lost.as_der()));
    assert_eq!(lost.get("/app/v1/status").await.code(), (403, "unknown_device".into()));
    assert_eq!(device.old.get("/app/v1/status").await.status, 200);
    let new = company.connect(8, Some(renewed.as_der()));
    assert_eq!(new.get("/app/v1/status").await.status, 200);
}

#[tokio::test]
async fn nobody_gets_a_certificate_who_has_a_good_one_or_is_not_in_service() {
    let company = Company::new().await;
    let device = in_service(&company).await;
    assert_snapshot!(device.asks(&request()).await, @r#"409 {"code":"certificate_not_due","detail":"no certificate was issued: the present one is good for more than a third of its time; come back later"}"#);
    wait(NEAR_THE_END);
    let reason = || Reason::parse("lost").expect("a reason");
    let block = company.operations.block(&company.admin, device.id, reason()).await;
    block.expect("the device is blocked");
    assert_snapshot!(device.asks(&request()).await, @r#"409 {"code":"not_in_service","detail":"no certificate was issued: the device is not in service; ask for its status"}"#);
    let order = company.operations.wipe(&company.admin, device.id, WipeOrder::Data).await;
    order.expect("the wipe is ordered");
    assert_eq!(device.asks(&request()).await.code(), (409, "not_in_service".into()));
    let nobody = company.connect(9, None);
    let asked = nobody.post("/app/v1/certificate", r#"{"csr":""}"#).await;
    assert_eq!(asked.code(), (401, "certificate_required".into()));
}

#[tokio::test]
async fn a_revoked_certificate_is_not_exchanged_for_a_good_one() {
    let (company, device) = near_the_end().await;
    let serial = SerialNumber::of(&device.before);
    let it = &company.operations;
    let hold = RevocationReason::CertificateHold;
    it.revoke_certificate(&company.admin, &serial, hold).await.expect("it is put on hold");
    assert_snapshot!(device.asks(&request()).await, @r#"403 {"code":"certificate_revoked","detail":"the device's certificate was revoked or is on hold; ask IT"}"#);
    assert_eq!(
        device.old.get("/app/v1/settings").await.code(),
        (403, "certificate_revoked".into())
    );

    it.release_certificate(&company.admin, &serial).await.expect("it is released");
    device.renewed(&company).await;
}

#[tokio::test]
async fn an_order_to_wipe_is_told_whatever_became_of_the_certificate() {
    let (company, device) = near_the_end().await;
    let serial = SerialNumber::of(&device.before);
    let it = &company.operations;
    let reason = RevocationReason::KeyCompromise;
    it.revoke_certificate(&company.admin, &serial, reason).await.expect("it is revoked");
    assert_eq!(device.old.get("/app/v1/status").await.code(), (403, "certificate_revoked".into()));

    let order = it.wipe(&company.admin, device.id, WipeOrder::Data).await;
    order.expect("the wipe is ordered");

    let status = device.old.get("/app/v1/status").await.json();
    assert_eq!((&status["standing"], &status["wipe"]), (&"wiped".into(), &"data".into()));
    let done = device.old.post("/app/v1/wiped", r#"{"done":"data"}"#).await;
    assert_eq!(done.status, 204);
}

#[tokio::test]
async fn who_asks_too_early_fills_no_log() {
    let company = Company::new().await;
    let device = in_service(&company).await;
    assert_eq!(device.asks(&request()).await.code(), (409, "certificate_not_due".into()));
    wait(NEAR_THE_END);
    device.renewed(&company).await;
    assert_eq!(device.asks(&request()).await.code(), (429, "certificate_issued_just_now".into()));

    assert_eq!(log(&company).await, ["certificate.renew"]);
}

#[tokio::test]
async fn a_request_that_proves_no_key_on_p256_is_refused() {
    let (_company, device) = near_the_end().await;
    let mut unproved = request();
    let last = unproved.len() - 1;
    unproved[last] ^= 1;
    assert_eq!(device.asks(&unproved).await.code(), (400, "csr_unproven".into()));
    let rsa = SoftwareKey::make_rsa(2048).expect("a key");
    let rsa = make_request(&Subject::new("device"), &rsa).expect("a request");
    assert_eq!(device.asks(&rsa).await.code(), (400, "device_key_unsuitable".into()));
    let malformed = device.old.post("/app/v1/certificate", r#"{"csr":"?"}"#).await;
    assert_eq!(malformed.code(), (400, "malformed_request".into()));
}

#[tokio::test]
async fn a_device_with_two_certificates_loses_both() {
    let (company, device) = near_the_end().await;
    let (renewed, _) = device.renewed(&company).await;
    let new = company.connect(7, Some(renewed.as_der()));
    let reason = Reason::parse("lost").expect("a reason");
    company.operations.block(&company.admin, device.id, reason).await.expect("it is blocked");
    assert_eq!(device.old.get("/app/v1/status").await.json()["standing"], "blocked");
    assert_eq!(new.get("/app/v1/status").await.json()["standing"], "blocked");

    let retired = company.operations.retire(&company.admin, device.id, OpenWipe::Keep).await;
    retired.expect("it is retired");

    for line in [&device.old, &new] {
        assert_eq!(line.get("/app/v1/status").await.code(), (403, "unknown_device".into()));
    }
}

/// A device in service, with a connection that shows its first certificate.
struct Renewing {
    id: DeviceId,
    before: Certificate,
    old: Line,
}

impl Renewing {
    async fn asks(&self, request: &[u8]) -> Answer {
        let form = json!({ "csr": BASE64.encode(request) });

        self.old.post("/app/v1/certificate", form.to_string()).await
    }

    /// Asks for a certificate for another key, and checks what the app has to check.
    async fn renewed(&self, company: &Company) -> (Certificate, SoftwareKey) {
        let key = SoftwareKey::make_p256().expect("a key");
        let request = make_request(&Subject::new("device"), &key).expect("a request");
        let answer = self.asks(&request).await;
        assert_eq!(answer.status, 200, "{answer}");
        let certificate = Certificate::from_der(&binary(&answer.json()["certificate"]));
        let certificate = certificate.expect("a certificate");
        let anchors = std::slice::from_ref(company.operations.authority().issuer().certificate());
        let inputs = Inputs::new(anchors, company.operations.now(), Use::TlsClient);
        validate(&certificate, &inputs).expect("trusted");

        (certificate, key)
    }
}

async fn near_the_end() -> (Company, Renewing) {
    let company = Company::new().await;
    let device = in_service(&company).await;
    wait(NEAR_THE_END);

    (company, device)
}

async fn in_service(company: &Company) -> Renewing {
    let alice = company.person("alice").await;
    let line = company.connect(1, None);
    let registered = Device::new(1).registers(company, &line, &alice).await;
    let id = DeviceId(registered.id.parse().expect("an id"));
    let old = company.connect(2, Some(registered.certificate.as_der()));

    Renewing { id, before: registered.certificate, old }
}

/// What devices did to certificates, oldest first.
async fn log(company: &Company) -> Vec<&'static str> {
    let events = company.operations.audit_events(&Filter::default(), Page::new(0, 200)).await;
    let events = events.expect("the log is read").items.into_iter().rev();
    let by_devices = events.filter(|event| event.record.actor.kind() == "device");
    let names = by_devices.map(|event| event.record.action.name());

    names.filter(|name| name.starts_with("certificate")).collect()
}

fn request() -> Vec<u8> {
    let key = SoftwareKey::make_p256().expect("a key");

    make_request(&Subject::new("device"), &key).expect("a request")
}
