//! People and their certificates.

use crate::console_for_tests::{Console, NOW};
use data_encoding::BASE64;
use fleet::user::User;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use insta::assert_snapshot;
use keys::{PrivateKey as _, SoftwareKey, pkcs12};
use pki::{AlternativeName, Certificate, Purpose, Serial, Subject, Template, Usage};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

#[tokio::test]
async fn a_certificate_file_waits_for_the_app_until_it_is_removed() {
    let console = Console::signed_in().await;
    let group = console.group("Sales").await;
    let alice = console.user("alice", group.id).await;
    let path = format!("/api/v1/people/{}/certificate-files", alice.id);
    let order = json!({ "key": "p256", "password": PASSWORD });
    let made = console.post(&format!("/api/v1/people/{}/key-file", alice.id), order).await;
    let request = json!({ "name": "alice.p12", "file": made.text_at("/file") });

    let added = console.post(&path, request.clone()).await;
    assert_eq!(added.status.as_u16(), 201);
    assert_eq!(added.text_at("/state"), "waiting");
    assert_eq!(added.text_at("/name"), "alice.p12");
    let listed = console.get(&path).await;
    assert_eq!(listed.text_at("/items/0/id"), added.text_at("/id"));
    let wrong = console.post(&path, json!({ "name": "x", "file": "no base64" })).await;
    assert_eq!((wrong.status.as_u16(), wrong.text_at("/code")), (422, "not_pkcs12".into()));
    assert_eq!(wrong.text_at("/place"), "file");

    let one = format!("{path}/{}", added.text_at("/id"));
    assert_eq!(console.delete(&one).await.status.as_u16(), 204);
    assert_eq!(console.delete(&one).await.status.as_u16(), 404);
    assert_eq!(console.get(&path).await.text_at("/items/0/state"), "removed");
    let nobody = format!("/api/v1/people/{}/certificate-files", Uuid::nil());
    assert_eq!(console.get(&nobody).await.status.as_u16(), 404);
    assert_eq!(console.post(&nobody, request).await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_person_is_added_and_changed() {
    let console = Console::signed_in().await;
    let group = console.group("Sales").await;
    let body = |login: &str| {
        json!({
            "login": login,
            "name": "Alice Example",
            "addresses": ["alice@example.com", "a.example@example.com"],
            "group": group.id.0,
        })
    };

    let added = console.post("/api/v1/people", body("alice")).await;
    assert_snapshot!(added, @r#"
        201 Created
        {
          "addresses": [
            "alice@example.com",
            "a.example@example.com"
          ],
          "block": null,
          "certificate": null,
          "devices": 0,
          "group": {
            "id": "<id 1>",
            "name": "Sales"
          },
          "id": "<id 2>",
          "login": "alice",
          "name": "Alice Example"
        }
    "#);
    let path = format!("/api/v1/people/{}", added.text_at("/id"));
    let changed = console.put(&path, body("alice.example")).await;
    assert_eq!((changed.status.as_u16(), changed.text_at("/login")), (200, "alice.example".into()));
    assert_eq!(console.get(&path).await.text, changed.text);
    assert_snapshot!(console.get("/api/v1/people?search=alice").await, @r#"
        200 OK
        {
          "items": [
            {
              "addresses": [
                "alice@example.com",
                "a.example@example.com"
              ],
              "block": null,
              "certificate": null,
              "devices": 0,
              "group": {
                "id": "<id 1>",
                "name": "Sales"
              },
              "id": "<id 2>",
              "login": "alice.example",
              "name": "Alice Example"
            }
          ],
          "total": 1
        }
    "#);
    assert_eq!(console.get("/api/v1/people?search=bob").await.json()["total"], 0);
}

#[tokio::test]
async fn a_person_is_blocked_and_unblocked() {
    let console = Console::signed_in().await;
    let (alice, tablet) = console.alice().await;
    let path = format!("/api/v1/people/{}", alice.id);
    let device = format!("/api/v1/devices/{}", tablet.id);

    let blank = console.post(&format!("{path}/block"), json!({ "reason": " " })).await.json();
    assert_eq!((&blank["code"], &blank["place"]), (&"text_empty".into(), &"reason".into()));
    let reason = json!({ "reason": " on leave " });
    let blocked = console.post(&format!("{path}/block"), reason.clone()).await;
    let block = r#"{"by":{"kind":"administrator","name":"anna"},"reason":"on leave","since":"2026-01-02T03:04:05Z"}"#;
    assert_eq!(blocked.json()["block"].to_string(), block);
    let again = console.post(&format!("{path}/block"), reason).await;
    assert_eq!(again.problem(), (409, "already_blocked".into()));

    let through = console.get(&device).await.json();
    assert_eq!(through["owner_block"].to_string(), block);
    assert_eq!(through["state"]["kind"], "registered", "by itself it is in service");
    let list = console.get("/api/v1/devices").await.json();
    assert_eq!(list["items"][0]["owner_block"], through["owner_block"]);
    let invitation = json!({ "user": alice.id.0, "valid_seconds": 3600 });
    let refused = console.post("/api/v1/invitations", invitation).await;
    assert_eq!(refused.problem(), (409, "user_blocked".into()));
    let phone = json!({ "user": alice.id.0, "name": "Phone", "eas_id": "n1" });
    let refused = console.post("/api/v1/devices", phone).await;
    assert_eq!(refused.problem(), (409, "user_blocked".into()));

    let unblocked = console.post(&format!("{path}/unblock"), json!(null)).await;
    assert_eq!(unblocked.json()["block"], Value::Null);
    assert_eq!(console.get(&device).await.json()["owner_block"], Value::Null);
    let again = console.post(&format!("{path}/unblock"), json!(null)).await;
    assert_eq!(again.problem(), (409, "not_blocked".into()));
    let nobody = format!("/api/v1/people/{}/unblock", Uuid::nil());
    assert_eq!(console.post(&nobody, json!(null)).await.problem(), (404, "unknown_user".into()));
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_place() {
    let console = Console::signed_in().await;
    let group = console.group("Sales").await;
    console.user("bob", group.id).await;
    let refused = async |changes: Value| {
        let mut body = json!({
            "login": "alice",
            "name": "Alice",
            "addresses": ["alice@example.com"],
            "group": group.id.0,
        });
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let problem = console.post("/api/v1/people", body).await;
        let json = problem.json();
        format!("{} {} {}", problem.status.as_u16(), json["code"], json["place"])
    };

    assert_snapshot!(refused(json!({ "name": "" })).await, @r#"422 "text_empty" "name""#);
    assert_snapshot!(refused(json!({ "login": "a b" })).await, @r#"422 "text_blank" "login""#);
    assert_snapshot!(refused(json!({ "addresses": [] })).await, @r#"422 "no_address" "addresses""#);
    assert_snapshot!(refused(json!({ "addresses": ["alice"] })).await, @r#"422 "not_a_mail_address" "addresses""#);
    assert_snapshot!(refused(json!({ "addresses": ["bob@example.com"] })).await, @r#"409 "address_taken" null"#);
    assert_snapshot!(refused(json!({ "login": "BOB" })).await, @r#"409 "login_taken" null"#);
    let nowhere = json!({ "group": "00000000-0000-0000-0000-000000000001" });
    assert_snapshot!(refused(nowhere).await, @r#"409 "unknown_group" null"#);
}

#[tokio::test]
async fn a_person_is_removed_with_their_last_device() {
    let console = Console::signed_in().await;
    let (alice, tablet) = console.alice().await;
    let path = format!("/api/v1/people/{}", alice.id);

    assert_eq!(console.delete(&path).await.problem(), (409, "has_devices".into()));
    console.post(&format!("/api/v1/devices/{}/retire", tablet.id), json!(null)).await;
    assert_eq!(console.delete(&path).await.status, 204);
    assert_eq!(console.get(&path).await.problem(), (404, "unknown_user".into()));
    assert_eq!(console.delete(&path).await.problem(), (404, "unknown_user".into()));
}

#[tokio::test]
async fn a_certificate_is_deposited_and_downloaded() {
    let console = Console::signed_in().await;
    let (alice, _) = console.alice().await;
    let path = format!("/api/v1/people/{}/certificate", alice.id);
    assert_snapshot!(console.get(&path).await, @r#"
        404 Not Found
        {
          "code": "no_certificate",
          "detail": "no certificate is deposited for this person; deposit one first"
        }
    "#);

    let issued = certificate(&alice, NOW + Duration::days(365));
    let der = console.put(&path, file(issued.as_der())).await;
    assert_snapshot!(der, @r#"
        200 OK
        {
          "addresses": [
            "alice@example.com"
          ],
          "block": null,
          "certificate": {
            "addresses": [
              "alice@example.com"
            ],
            "fingerprint": "<fingerprint>",
            "not_after": "2027-01-02T03:04:05Z",
            "not_before": "2026-01-01T03:04:05Z",
            "subject": "CN=alice Example"
          },
          "devices": 1,
          "group": {
            "id": "<id 1>",
            "name": "Everybody"
          },
          "id": "<id 2>",
          "login": "alice",
          "name": "alice Example"
        }
    "#);
    let pem = console.put(&path, file(issued.to_pem().as_bytes())).await;
    assert_eq!(pem.text, der.text);

    let download = console.get(&path).await;
    assert_eq!(download.headers[CONTENT_TYPE], "application/x-pem-file");
    assert_eq!(download.headers[CONTENT_DISPOSITION], "attachment; filename=\"certificate.pem\"");
    assert_eq!(Certificate::from_pem(&download.text).unwrap().as_der(), issued.as_der());
}

#[tokio::test]
async fn a_certificate_that_does_not_fit_is_refused() {
    let console = Console::signed_in().await;
    let (alice, _) = console.alice().await;
    let bob = console.user("bob", alice.group).await;
    let path = format!("/api/v1/people/{}/certificate", alice.id);
    let year = NOW + Duration::days(365);

    let foreign = console.put(&path, file(certificate(&bob, year).as_der())).await;
    assert_snapshot!(foreign, @r#"
        422 Unprocessable Entity
        {
          "code": "certificate_foreign_address",
          "detail": "the certificate was not deposited: it names none of the person's mail addresses; add the address to the person, or deposit the right certificate"
        }
    "#);
    let nonsense = console.put(&path, file(b"-----BEGIN CERTIFICATE-----")).await;
    assert_eq!(nonsense.problem(), (422, "certificate_unreadable".into()));
    let not_base64 = console.put(&path, json!({ "certificate": "%%%" })).await;
    assert_eq!(not_base64.problem(), (422, "certificate_unreadable".into()));
    assert_eq!(console.get(&path).await.problem(), (404, "no_certificate".into()));
}

#[tokio::test]
async fn a_key_is_made_for_a_person_and_deposited_if_that_is_wanted() {
    let console = Console::signed_in().await;
    let (alice, _) = console.alice().await;
    let path = format!("/api/v1/people/{}/key-file", alice.id);
    let order = |key: &str, password: &str, deposit: bool| json!({ "key": key, "password": password, "deposit": deposit });
    assert_snapshot!(console.post(&path, order("rsa", "too short", true)).await, @r#"
        422 Unprocessable Entity
        {
          "code": "key_password_too_short",
          "detail": "the key was not made: its password has fewer than 10 characters, and whoever finds the file can try as many as they like; take a longer one",
          "place": "password"
        }
        "#);
    let zero = console.post(&path, order("rsa", "Transport\0Password", true)).await;
    assert_eq!(zero.problem(), (422, "key_password_with_zero".into()));
    let nobody = format!("/api/v1/people/{}/key-file", Uuid::from_u128(9));
    let refused = console.post(&nobody, order("p256", PASSWORD, true)).await;
    assert_eq!(refused.problem(), (404, "unknown_user".into()));

    let made = async |order: Value| {
        let made = console.post(&path, order).await;
        assert_eq!(made.status, 201, "{made}");
        let made = made.json();
        let file = BASE64.decode(made["file"].as_str().unwrap().as_bytes()).unwrap();
        let opened = pkcs12::open(&file, PASSWORD).unwrap();
        let certificate = Certificate::from_der(&opened.certificate).unwrap();
        assert_eq!(certificate.public_key(), opened.key.public_key());
        assert_eq!(certificate.emails(), ["alice@example.com"]);
        assert_eq!(certificate.common_name().as_deref(), Some("alice Example"));
        let shown = console
            .get(&format!("/api/v1/certificates/{}", made["serial"].as_str().unwrap()))
            .await;
        assert_eq!(shown.text_at("/person/id"), alice.id.to_string());

        (
            certificate.fingerprint().to_string(),
            made["person"]["certificate"]["fingerprint"].clone(),
        )
    };
    let (_, deposited) = made(order("p384", PASSWORD, false)).await;
    assert_eq!(deposited, Value::Null);
    let (second, deposited) = made(json!({ "key": "p256", "password": PASSWORD })).await;
    assert_eq!(deposited, second);
    assert!(!console.get("/api/v1/audit").await.text.contains(PASSWORD));
}

const PASSWORD: &str = "Transport-Password-1";

fn file(content: &[u8]) -> Value {
    json!({ "certificate": BASE64.encode(content) })
}

/// Issues a certificate for a person's first address, as somebody else's authority would.
fn certificate(user: &User, not_after: OffsetDateTime) -> Certificate {
    let key = SoftwareKey::make_rsa(2048).unwrap();
    let template = Template {
        subject: Subject::new(user.name.as_str()),
        public_key: key.public_key(),
        not_before: NOW - Duration::DAY,
        not_after,
        usage: Usage::EnciphermentAndSignature(Purpose::EmailProtection),
        names: vec![AlternativeName::Email(user.addresses.primary().to_string())],
    };

    pki::issue(&template, None, &key, Serial::from_random([3; 16])).unwrap()
}
