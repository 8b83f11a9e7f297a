//! The register of certificates, what is done with them, and the authorities.

use crate::console_for_tests::{Answer, Console, NOW, clock};
use data_encoding::BASE64;
use fleet::user::User;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use insta::assert_snapshot;
use keys::SoftwareKey;
use pki::validate::{Crl, RevocationReason};
use pki::{Certificate, Subject, make_request};
use serde_json::{Value, json};
use time::Duration;

clock!(ages);

#[tokio::test]
async fn a_certificate_is_issued_listed_and_shown() {
    let console = Console::signed_in().await;
    let (alice, _) = console.alice().await;

    let issued = issue(&console, &alice).await;
    assert_snapshot!(issued, @r#"
        201 Created
        {
          "addresses": [
            "alice@example.com"
          ],
          "allowed": [
            "renew",
            "hold",
            "revoke"
          ],
          "content": {
            "fingerprint": "<fingerprint>",
            "hosts": [],
            "key": "P-256"
          },
          "device": null,
          "issued_at": "2026-01-02T03:04:05Z",
          "issuer": {
            "fingerprint": "<fingerprint>",
            "subject": "CN=Example Cordon CA,O=Example"
          },
          "not_after": "2029-01-01T03:04:05Z",
          "not_before": "2026-01-02T02:04:05Z",
          "person": {
            "id": "<id 1>",
            "login": "alice",
            "name": "alice Example"
          },
          "profile": "person",
          "revocation": null,
          "serial": "<serial>",
          "state": "good",
          "subject": "CN=alice Example"
        }
    "#);
    let path = format!("/api/v1/certificates/{}", issued.text_at("/serial"));
    assert_eq!(console.get(&path).await.json(), issued.json());
    assert_snapshot!(console.get("/api/v1/certificates").await, @r#"
        200 OK
        {
          "counts": {
            "expired": 0,
            "expiring": 0,
            "good": 1,
            "on_hold": 0,
            "revoked": 0
          },
          "items": [
            {
              "addresses": [
                "alice@example.com"
              ],
              "device": null,
              "issued_at": "2026-01-02T03:04:05Z",
              "not_after": "2029-01-01T03:04:05Z",
              "not_before": "2026-01-02T02:04:05Z",
              "person": {
                "id": "<id 1>",
                "login": "alice",
                "name": "alice Example"
              },
              "profile": "person",
              "revocation": null,
              "serial": "<serial>",
              "state": "good",
              "subject": "CN=alice Example"
            }
          ],
          "total": 1
        }
    "#);

    let download = console.get(&format!("{path}/file")).await;
    assert_eq!(download.headers[CONTENT_TYPE], "application/x-pem-file");
    let name = format!("attachment; filename=\"{}.pem\"", issued.text_at("/serial"));
    assert_eq!(download.headers[CONTENT_DISPOSITION], name.as_str());
    let certificate = Certificate::from_pem(&download.text).unwrap();
    assert_eq!(certificate.fingerprint().to_string(), issued.text_at("/content/fingerprint"));
}

#[tokio::test]
async fn what_is_not_issued_names_the_field_to_blame() {
    let console = Console::signed_in().await;
    let (alice, _) = console.alice().await;
    let good = pem();
    let order = |changes: Value| {
        let mut order = json!({ "profile": "person", "request": good, "names": ["alice@example.com"], "user": alice.id.0 });
        for (name, value) in changes.as_object().unwrap() {
            order[name] = value.clone();
        }
        order
    };
    let nobody = "00000000-0000-0000-0000-000000000001";

    for (changes, status, code, place) in [
        (json!({ "request": "%%%" }), 422, "request_damaged", "request"),
        (json!({ "request": BASE64.encode(b"nothing") }), 422, "request_damaged", "request"),
        (
            json!({ "request": BASE64.encode(b"-----BEGIN NOTHING-----") }),
            422,
            "request_damaged",
            "request",
        ),
        (json!({ "names": ["mail.example.org"] }), 422, "name_not_allowed", "names"),
        (json!({ "names": ["192.0.2.1"] }), 422, "name_not_allowed", "names"),
        (json!({ "names": ["bob@example.org"] }), 422, "name_not_allowed", "names"),
        (json!({ "profile": "server" }), 422, "wrong_names", "names"),
        (json!({ "names": [] }), 422, "no_names", "names"),
        (json!({ "profile": "device" }), 422, "profile_not_ordered", "profile"),
        (json!({ "user": nobody }), 404, "unknown_user", "user"),
    ] {
        let answer = console.post("/api/v1/certificates", order(changes.clone())).await;
        assert_eq!(answer.problem(), (status, code.into()), "{changes}");
        assert_eq!(answer.text_at("/place"), place, "{changes}");
    }
    let odd = console.post("/api/v1/certificates", order(json!({ "profile": "king" }))).await;
    assert_eq!(odd.problem(), (422, "malformed".into()));
    assert_eq!(console.get("/api/v1/certificates").await.json()["total"], 0);
}

#[tokio::test]
async fn a_certificate_is_held_released_and_revoked() {
    let console = Console::signed_in().await;
    let (alice, _) = console.alice().await;
    let path = format!("/api/v1/certificates/{}", issue(&console, &alice).await.text_at("/serial"));
    let order =
        async |order: &str, body: Value| console.post(&format!("{path}/{order}"), body).await;

    let held = order("hold", json!(null)).await;
    assert_snapshot!(short(&held), @r#""on_hold" {"reason":"certificate_hold","since":"2026-01-02T03:04:05Z"} ["release","revoke"]"#);
    assert_eq!(
        order("hold", json!(null)).await.problem(),
        (409, "certificate_already_on_hold".into())
    );
    assert_snapshot!(short(&order("release", json!(null)).await), @r#""good" null ["renew","hold","revoke"]"#);
    assert_eq!(
        order("release", json!(null)).await.problem(),
        (409, "certificate_not_on_hold".into())
    );
    let hold = order("revoke", json!({ "reason": "certificate_hold" })).await;
    assert_eq!(hold.problem(), (422, "reason_is_a_hold".into()));
    assert_eq!(hold.text_at("/place"), "reason");
    let odd = order("revoke", json!({ "reason": "boredom" })).await;
    assert_eq!(odd.problem(), (422, "malformed".into()));
    assert_snapshot!(short(&order("revoke", json!({ "reason": "key_compromise" })).await), @r#""revoked" {"reason":"key_compromise","since":"2026-01-02T03:04:05Z"} []"#);
    for again in
        [order("revoke", json!({ "reason": "superseded" })).await, order("hold", json!(null)).await]
    {
        assert_eq!(again.problem(), (409, "certificate_already_revoked".into()));
    }
    assert_eq!(order("renew", json!({})).await.problem(), (409, "certificate_not_good".into()));
}

#[tokio::test]
async fn a_certificate_is_renewed_with_the_same_or_a_new_key() {
    let console = Console::signed_in().await;
    let (alice, _) = console.alice().await;
    let old = issue(&console, &alice).await;
    let path = format!("/api/v1/certificates/{}", old.text_at("/serial"));
    let key = async |answer: &Answer| {
        let path = format!("/api/v1/certificates/{}/file", answer.text_at("/serial"));
        let certificate = Certificate::from_pem(&console.get(&path).await.text).unwrap();
        certificate.public_key().to_vec()
    };

    let same = console.post(&format!("{path}/renew"), json!({})).await;
    assert_eq!(same.status, 201, "{same}");
    assert_ne!(same.text_at("/serial"), old.text_at("/serial"));
    assert_eq!(key(&same).await, key(&old).await);
    let other = console.post(&format!("{path}/renew"), json!({ "request": pem() })).await;
    assert_eq!(other.status, 201, "{other}");
    assert_ne!(key(&other).await, key(&old).await);
    assert_eq!(other.json()["addresses"], old.json()["addresses"]);
    let damaged = console.post(&format!("{path}/renew"), json!({ "request": "eA==" })).await;
    assert_eq!(damaged.problem(), (422, "request_damaged".into()));
    assert_eq!(console.get(&path).await.text_at("/state"), "good");
}

#[tokio::test]
async fn certificates_are_searched_filtered_and_paged() {
    let console = Console::with(ages::now, Vec::new()).await.sign_in().await;
    let (alice, _) = console.alice().await;
    let bob = console.user("bob", alice.group).await;
    let of_alice = issue(&console, &alice).await.text_at("/serial");
    let of_bob = issue(&console, &bob).await.text_at("/serial");
    console
        .post(&format!("/api/v1/certificates/{of_bob}/revoke"), json!({ "reason": "superseded" }))
        .await;
    let found = async |query: &str| {
        let list = console.get(&format!("/api/v1/certificates?{query}")).await;
        assert_eq!(list.status, 200, "{query}: {list}");
        let list = list.json();
        let serials = list["items"].as_array().unwrap().iter().map(|it| it["serial"].clone());
        assert_eq!(list["total"].as_u64().unwrap(), serials.len() as u64, "{query}");
        serials.map(|it| it.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };

    for (query, expected) in [
        ("search=bob@", &of_bob),
        ("state=revoked", &of_bob),
        ("state=good", &of_alice),
        (&format!("user={}", alice.id), &of_alice),
        (&format!("search={of_alice}"), &of_alice),
    ] {
        assert_eq!(found(query).await, std::slice::from_ref(expected), "{query}");
    }
    let nothing =
        ["state=expiring", "state=expired", "state=on_hold", "profile=server", "search=carol"];
    for query in nothing {
        assert!(found(query).await.is_empty(), "{query}");
    }
    assert_eq!(found(&format!("device={}", alice.id)).await.len(), 0);
    assert_eq!(found("profile=person_signing").await.len(), 0);
    assert_eq!(found("profile=person").await.len(), 2);
    let page = console.get("/api/v1/certificates?limit=1&offset=1").await.json();
    assert_eq!((page["total"].as_u64(), page["items"].as_array().unwrap().len()), (Some(2), 1));

    ages::advance(Duration::days(1094));
    let console = console.sign_in().await;
    let list = console.get("/api/v1/certificates").await.json();
    assert_snapshot!(list["counts"], @r#"{"expired":0,"expiring":1,"good":0,"on_hold":0,"revoked":1}"#);
    assert_eq!(
        console.get("/api/v1/certificates?state=boring").await.problem(),
        (400, "malformed".into())
    );
}

#[tokio::test]
async fn a_certificate_that_is_not_there_is_unknown() {
    let console = Console::signed_in().await;

    assert_snapshot!(console.get("/api/v1/certificates/77").await, @r#"
        404 Not Found
        {
          "code": "unknown_certificate",
          "detail": "nothing was done: there is no such certificate; it may have been removed, look it up in the list"
        }
    "#);
    for (order, body) in [
        ("hold", json!(null)),
        ("release", json!(null)),
        ("revoke", json!({ "reason": "superseded" })),
        ("renew", json!({})),
    ] {
        let answer = console.post(&format!("/api/v1/certificates/77/{order}"), body).await;
        assert_eq!(answer.problem(), (404, "unknown_certificate".into()), "{order}");
    }
    let nonsense = console.get("/api/v1/certificates/not-a-number").await;
    assert_eq!(nonsense.problem(), (404, "not_found".into()));
    let without = Console::new().await;
    for path in ["/api/v1/certificates", "/api/v1/certificates/77", "/api/v1/authorities"] {
        assert_eq!(without.get(path).await.problem(), (401, "not_signed_in".into()), "{path}");
    }
}

#[tokio::test]
async fn authorities_are_shown_and_publish_lists() {
    let console = Console::signed_in().await;
    let (alice, _) = console.alice().await;
    let serial = issue(&console, &alice).await.text_at("/serial");

    let before = console.get("/api/v1/authorities").await;
    assert_snapshot!(before, @r#"
        200 OK
        {
          "items": [
            {
              "fingerprint": "<fingerprint>",
              "key": "P-256",
              "list": null,
              "not_after": "2035-12-31T03:04:05Z",
              "not_before": "2026-01-02T02:04:05Z",
              "role": "only",
              "subject": "CN=Example Cordon CA,O=Example"
            }
          ]
        }
    "#);
    let path = format!("/api/v1/authorities/{}", before.text_at("/items/0/fingerprint"));
    let none = console.get(&format!("{path}/list")).await;
    assert_eq!(none.problem(), (404, "no_list".into()));
    let file = console.get(&format!("{path}/certificate")).await;
    let authority = Certificate::from_pem(&file.text).unwrap();
    assert_eq!(authority.subject(), before.text_at("/items/0/subject"));

    let revoke = json!({ "reason": "affiliation_changed" });
    console.post(&format!("/api/v1/certificates/{serial}/revoke"), revoke).await;
    let after = console.post("/api/v1/authorities/lists", json!(null)).await;
    assert_snapshot!(after.json()["items"][0]["list"], @r#"{"next_update":"2026-01-09T03:04:05Z","number":1767323045,"this_update":"2026-01-02T02:59:05Z"}"#);
    let list = console.get(&format!("{path}/list")).await;
    assert_eq!(list.headers[CONTENT_TYPE], "application/pkix-crl");
    let crl = Crl::from_der(&list.bytes).unwrap();
    assert_eq!(crl.next_update(), Some(NOW + Duration::days(7)));
    let again = console.post("/api/v1/authorities/lists", json!(null)).await;
    let number = |answer: &Answer| answer.json()["items"][0]["list"]["number"].as_u64();
    assert!(number(&again) > number(&after));
    for nobody in ["00", "not-a-number", &"0".repeat(64)] {
        let answer = console.get(&format!("/api/v1/authorities/{nobody}/list")).await;
        assert_eq!(answer.problem(), (404, "not_found".into()), "{nobody}");
    }
}

/// Every reason but the hold is taken.
#[tokio::test]
async fn each_reason_is_stated_as_it_was_given() {
    let console = Console::signed_in().await;
    let (alice, _) = console.alice().await;
    for reason in RevocationReason::ALL {
        let name = reason.name().chars().fold(String::new(), |name, c| match c {
            'A'..='Z' if name.len() > 1 => name + "_" + &c.to_lowercase().to_string(),
            c => name + &c.to_lowercase().to_string(),
        });
        let serial = issue(&console, &alice).await.text_at("/serial");
        let path = format!("/api/v1/certificates/{serial}/revoke");
        let answer = console.post(&path, json!({ "reason": name })).await;
        if *reason == RevocationReason::CertificateHold {
            assert_eq!(answer.problem().0, 422);
        } else {
            assert_eq!(answer.text_at("/revocation/reason"), name);
        }
    }
}

async fn issue(console: &Console, user: &User) -> Answer {
    let address = user.addresses.iter().next().unwrap().to_string();
    let order = json!({
        "profile": "person",
        "request": pem(),
        "user": user.id.0,
        "name": user.name.to_string(),
        "names": [address],
    });
    let answer = console.post("/api/v1/certificates", order).await;
    assert_eq!(answer.status, 201, "{answer}");

    answer
}

/// Makes a request as a file in base64.
fn pem() -> String {
    let key = SoftwareKey::make_p256().unwrap();
    let der = make_request(&Subject::new("somebody"), &key).unwrap();
    let mut text = String::from("-----BEGIN CERTIFICATE REQUEST-----\n");
    for line in der.chunks(48) {
        text.push_str(&BASE64.encode(line));
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE REQUEST-----\n");

    BASE64.encode(text.as_bytes())
}

/// How a certificate stands and what can be done with it.
fn short(answer: &Answer) -> String {
    let body = answer.json();

    let facts = ["state", "revocation", "allowed"]
        .map(|name| body.get(name).unwrap_or(&Value::Null).to_string());

    facts.join(" ")
}
