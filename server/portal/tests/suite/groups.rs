//! Groups and their settings.

use crate::console_for_tests::Console;
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn a_group_is_added_renamed_and_removed() {
    let console = Console::signed_in().await;

    let added = console.post("/api/v1/groups", json!({ "name": "Sales" })).await;
    assert_snapshot!(added, @r#"
        201 Created
        {
          "changed_at": "2026-01-02T03:04:05Z",
          "id": "<id 1>",
          "name": "Sales",
          "revision": 1,
          "users": 0
        }
    "#);
    let path = format!("/api/v1/groups/{}", added.text_at("/id"));
    let taken = console.post("/api/v1/groups", json!({ "name": "Sales" })).await;
    assert_snapshot!(taken, @r#"
        409 Conflict
        {
          "code": "name_taken",
          "detail": "the group was not saved: another group has this name; choose another name"
        }
    "#);
    let empty = console.post("/api/v1/groups", json!({ "name": "" })).await;
    assert_eq!(
        (empty.problem(), empty.text_at("/place")),
        ((422, "text_empty".into()), "name".into())
    );

    assert_eq!(console.patch(&path, json!({ "name": "Marketing" })).await.status, 204);
    assert_snapshot!(console.get("/api/v1/groups").await, @r#"
        200 OK
        {
          "items": [
            {
              "changed_at": "2026-01-02T03:04:05Z",
              "id": "<id 1>",
              "name": "Marketing",
              "revision": 1,
              "users": 0
            }
          ]
        }
    "#);
    assert_eq!(console.delete(&path).await.status, 204);
    assert_eq!(console.delete(&path).await.problem(), (404, "unknown_group".into()));
}

#[tokio::test]
async fn a_group_with_people_stays() {
    let console = Console::signed_in().await;
    let (alice, _) = console.alice().await;

    let answer = console.delete(&format!("/api/v1/groups/{}", alice.group)).await;

    assert_eq!(answer.problem(), (409, "has_people".into()));
}

#[tokio::test]
async fn settings_are_changed_from_the_last_revision_on() {
    let console = Console::signed_in().await;
    let group = console.group("Sales").await;
    let path = format!("/api/v1/groups/{}/settings", group.id);
    let shown = console.get(&path).await;
    assert_snapshot!(shown, @r#"
    200 OK
    {
      "changed_at": "2026-01-02T03:04:05Z",
      "revision": 1,
      "settings": {
        "certificates": {
          "fetch_issuers": true,
          "own": "unchecked",
          "platform_roots": true,
          "require_revocation": false,
          "roots": []
        },
        "container": {
          "lock_after_seconds": 300,
          "opened_by": "password",
          "password": {
            "days": 0,
            "digit": true,
            "forbidden_words": [],
            "history": 0,
            "kinds": 0,
            "letter": false,
            "minimum_length": 8,
            "no_sequences": false,
            "symbol": false,
            "upper_and_lower": false
          },
          "wrong_passwords": 10
        },
        "ldap": {
          "attributes": [
            "userCertificate;binary",
            "userSMIMECertificate"
          ],
          "base": "",
          "filter": "(mail={address})",
          "server": "",
          "without_tls": false
        },
        "mail": {
          "days": 30,
          "newest_version": "any",
          "oauth": {
            "client_id": "",
            "issuer": "",
            "scopes": ""
          },
          "server": "mail.example.com",
          "sign_in": "password"
        },
        "smime": {
          "doubtful_certificates": true,
          "encrypt": "asked",
          "sha1_signatures": false,
          "sign": false,
          "triple_des": false
        },
        "status_interval_seconds": 900,
        "viewing": {
          "attachment_limit_mib": 25,
          "remote_images": "ask"
        }
      }
    }
    "#);

    let mut request = shown.json();
    request.as_object_mut().unwrap().remove("changed_at");
    request["settings"]["mail"]["days"] = json!(14);
    let changed = console.put(&path, request.clone()).await;
    assert_eq!(changed.json()["revision"], 2);
    assert_eq!(changed.json()["settings"]["mail"]["days"], 14);
    assert_eq!(console.get(&path).await.text, changed.text);

    request["settings"]["mail"]["days"] = json!(7);
    assert_snapshot!(console.put(&path, request.clone()).await, @r#"
        409 Conflict
        {
          "code": "settings_outdated",
          "detail": "the settings were not changed: somebody else saved revision 2 meanwhile; look at it and change it again"
        }
    "#);
    request["revision"] = json!(2);
    assert_eq!(console.put(&path, request.clone()).await.json()["revision"], 3);
    request["revision"] = json!(3);
    assert_eq!(console.put(&path, request).await.problem(), (409, "settings_unchanged".into()));
}

#[tokio::test]
async fn settings_that_cannot_be_obeyed_are_refused_with_place_and_reason() {
    let console = Console::signed_in().await;
    let group = console.group("Sales").await;
    let path = format!("/api/v1/groups/{}/settings", group.id);
    let mut request = console.get(&path).await.json();
    request.as_object_mut().unwrap().remove("changed_at");

    request["settings"]["container"]["wrong_passwords"] = json!(200);
    request["settings"]["mail"]["server"] = json!("https://mail.example.com/");
    assert_snapshot!(console.put(&path, request.clone()).await, @r#"
        422 Unprocessable Entity
        {
          "code": "invalid_settings",
          "detail": "the settings were not taken: mail.server: must be a host name or address, with a port if need be; container.wrong_passwords: must be from 3 to 20",
          "violations": [
            {
              "place": "mail.server",
              "reason": "must be a host name or address, with a port if need be"
            },
            {
              "place": "container.wrong_passwords",
              "reason": "must be from 3 to 20"
            }
          ]
        }
    "#);

    request["settings"]["container"]["wrong_passwords"] = json!(256);
    assert_eq!(console.put(&path, request.clone()).await.problem(), (422, "malformed".into()));
    request["settings"]["container"]["wrong_passwords"] = json!(10);
    request["settings"]["container"]["secret"] = json!(true);
    assert_eq!(console.put(&path, request).await.problem(), (422, "malformed".into()));
    assert_eq!(console.get(&path).await.json()["revision"], 1);
}

#[tokio::test]
async fn a_group_that_is_not_there_has_no_settings() {
    let console = Console::signed_in().await;
    let path = "/api/v1/groups/00000000-0000-0000-0000-000000000001/settings";

    assert_eq!(console.get(path).await.problem(), (404, "unknown_group".into()));
}
