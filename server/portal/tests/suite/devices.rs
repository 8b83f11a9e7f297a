//! Devices and what is ordered for them.

use crate::console_for_tests::{Console, anna};
use fleet::{EasId, Name};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn a_device_is_listed_and_shown() {
    let console = Console::signed_in().await;
    let (_, tablet) = console.alice().await;

    assert_snapshot!(console.get("/api/v1/devices").await, @r#"
        200 OK
        {
          "counts": {
            "blocked": 0,
            "invited": 0,
            "registered": 1,
            "retired": 0,
            "wiped": 0
          },
          "items": [
            {
              "client": "app",
              "group": {
                "id": "<id 1>",
                "name": "Everybody"
              },
              "id": "<id 2>",
              "last_seen": "2026-01-02T03:04:05Z",
              "model": "Pad 3",
              "name": "Tablet",
              "owner": {
                "id": "<id 3>",
                "login": "alice",
                "name": "alice Example"
              },
              "owner_block": null,
              "state": {
                "kind": "registered"
              },
              "system": "Penguin OS 12"
            }
          ],
          "total": 1
        }
    "#);
    assert_snapshot!(console.get(&format!("/api/v1/devices/{}", tablet.id)).await, @r#"
        200 OK
        {
          "allowed": [
            "block",
            "wipe_key",
            "wipe_data",
            "retire"
          ],
          "app_version": "1.0",
          "certificate": {
            "fingerprint": "<fingerprint>",
            "not_after": "2027-01-02T03:04:05Z",
            "serial": "<serial>"
          },
          "client": "app",
          "created_at": "2026-01-02T03:04:05Z",
          "eas_id": "<eas_id>",
          "group": {
            "id": "<id 1>",
            "name": "Everybody"
          },
          "id": "<id 2>",
          "last_seen": "2026-01-02T03:04:05Z",
          "model": "Pad 3",
          "name": "Tablet",
          "owner": {
            "id": "<id 3>",
            "login": "alice",
            "name": "alice Example"
          },
          "owner_block": null,
          "registered_at": "2026-01-02T03:04:05Z",
          "state": {
            "kind": "registered"
          },
          "system": "Penguin OS 12"
        }
    "#);
}

#[tokio::test]
async fn devices_are_searched_filtered_sorted_and_paged() {
    let console = Console::signed_in().await;
    let (alice, tablet) = console.alice().await;
    let bob = console.user("bob", console.group("Sales").await.id).await;
    console.device(&bob, "Zebra").await;
    console.device(&bob, "Anchor").await;
    console
        .post(&format!("/api/v1/devices/{}/block", tablet.id), json!({ "reason": "lost" }))
        .await;
    let names = async |query: &str| {
        let list = console.get(&format!("/api/v1/devices{query}")).await.json();
        let items = list["items"].as_array().unwrap().iter();
        let names: Vec<_> = items.map(|item| item["name"].as_str().unwrap().to_owned()).collect();
        format!("{} of {} {}", names.join(" "), list["total"], list["counts"])
    };
    let by_person = format!("?user={}", alice.id);
    let by_group = format!("?group={}", bob.group);

    assert_snapshot!(names("").await, @r#"Anchor Tablet Zebra of 3 {"blocked":1,"invited":0,"registered":2,"retired":0,"wiped":0}"#);
    assert_snapshot!(names("?search=BOB%20zeb").await, @r#"Zebra of 1 {"blocked":0,"invited":0,"registered":1,"retired":0,"wiped":0}"#);
    assert_snapshot!(names("?search=bob&state=blocked").await, @r#" of 0 {"blocked":0,"invited":0,"registered":2,"retired":0,"wiped":0}"#);
    assert_snapshot!(names("?state=blocked").await, @r#"Tablet of 1 {"blocked":1,"invited":0,"registered":2,"retired":0,"wiped":0}"#);
    assert_snapshot!(names(&by_person).await, @r#"Tablet of 1 {"blocked":1,"invited":0,"registered":0,"retired":0,"wiped":0}"#);
    assert_snapshot!(names(&by_group).await, @r#"Anchor Zebra of 2 {"blocked":0,"invited":0,"registered":2,"retired":0,"wiped":0}"#);
    assert_snapshot!(names("?offset=1&limit=1").await, @r#"Tablet of 3 {"blocked":1,"invited":0,"registered":2,"retired":0,"wiped":0}"#);
    assert_eq!(console.get("/api/v1/devices?sort=newest").await.status, 200);
    assert_eq!(console.get("/api/v1/devices?sort=last_seen").await.status, 200);
}

#[tokio::test]
async fn a_query_that_means_nothing_is_refused() {
    let console = Console::signed_in().await;
    for query in ["state=lost", "offset=-1", "limit=many", "sort=size", "user=alice", "page=2"] {
        let answer = console.get(&format!("/api/v1/devices?{query}")).await;

        assert_eq!(answer.problem(), (400, "malformed".into()), "{query}");
    }
}

#[tokio::test]
async fn a_device_is_blocked_and_unblocked() {
    let console = Console::signed_in().await;
    let (_, tablet) = console.alice().await;
    let path = format!("/api/v1/devices/{}", tablet.id);
    let reason = json!({ "reason": " left in a taxi " });

    let blocked = console.post(&format!("{path}/block"), reason.clone()).await;
    assert_eq!(blocked.status, 200);
    assert_snapshot!(blocked.json()["state"], @r#"{"kind":"blocked","reason":"left in a taxi","since":"2026-01-02T03:04:05Z"}"#);
    assert_snapshot!(blocked.json()["allowed"], @r#"["unblock","wipe_key","wipe_data","retire"]"#);
    assert_snapshot!(console.post(&format!("{path}/block"), reason).await, @r#"
        409 Conflict
        {
          "code": "already_blocked",
          "detail": "the device was not blocked: it is blocked already; unblock it first to state another reason"
        }
    "#);

    let unblocked = console.post(&format!("{path}/unblock"), json!(null)).await;
    assert_snapshot!(unblocked.json()["state"], @r#"{"kind":"registered"}"#);
    let again = console.post(&format!("{path}/unblock"), json!(null)).await;
    assert_eq!(again.problem(), (409, "not_blocked".into()));
}

#[tokio::test]
async fn a_reason_is_demanded_for_a_block() {
    let console = Console::signed_in().await;
    let (_, tablet) = console.alice().await;
    let path = format!("/api/v1/devices/{}/block", tablet.id);

    assert_snapshot!(console.post(&path, json!({ "reason": " " })).await, @r#"
        422 Unprocessable Entity
        {
          "code": "text_empty",
          "detail": "the reason is empty; fill it in",
          "place": "reason"
        }
    "#);
    let long = console.post(&path, json!({ "reason": "x".repeat(301) })).await;
    assert_eq!(long.problem(), (422, "text_too_long".into()));
    assert_eq!(console.post(&path, json!({})).await.problem(), (422, "malformed".into()));
}

#[tokio::test]
async fn a_wipe_is_ordered_with_the_devices_name() {
    let console = Console::signed_in().await;
    let (_, tablet) = console.alice().await;
    let path = format!("/api/v1/devices/{}/wipe", tablet.id);

    let unconfirmed = json!({ "kind": "key", "confirmation": "tablet" });
    assert_snapshot!(console.post(&path, unconfirmed).await, @r#"
        422 Unprocessable Entity
        {
          "code": "confirmation_differs",
          "detail": "the wipe was not ordered: the confirmation is not the name of the device; type it as it is shown",
          "place": "confirmation"
        }
    "#);
    let key = console.post(&path, json!({ "kind": "key", "confirmation": "Tablet" })).await;
    assert_snapshot!(key.json()["state"], @r#"{"confirmed_at":null,"kind":"wiped","order":"key","ordered_at":"2026-01-02T03:04:05Z"}"#);
    assert_snapshot!(key.json()["allowed"], @r#"["wipe_data","retire_unwiped"]"#);
    let data = console.post(&path, json!({ "kind": "data", "confirmation": "Tablet" })).await;
    assert_snapshot!(data.json()["state"], @r#"{"confirmed_at":null,"kind":"wiped","order":"data","ordered_at":"2026-01-02T03:04:05Z"}"#);
    let again = console.post(&path, json!({ "kind": "key", "confirmation": "Tablet" })).await;
    assert_eq!(again.problem(), (409, "already_ordered".into()));
    let other = console.post(&path, json!({ "kind": "all", "confirmation": "Tablet" })).await;
    assert_eq!(other.problem(), (422, "malformed".into()));
}

#[tokio::test]
async fn a_retired_device_stays_retired() {
    let console = Console::signed_in().await;
    let (_, tablet) = console.alice().await;
    let path = format!("/api/v1/devices/{}", tablet.id);

    let retired = console.post(&format!("{path}/retire"), json!(null)).await;
    assert_snapshot!(retired.json()["state"], @r#"{"kind":"retired","since":"2026-01-02T03:04:05Z"}"#);
    assert_eq!(retired.json()["allowed"], json!([]));
    assert_eq!(retired.json()["certificate"], json!(null));

    for (order, body) in [
        ("block", json!({ "reason": "lost" })),
        ("unblock", json!(null)),
        ("wipe", json!({ "kind": "data", "confirmation": "Tablet" })),
        ("retire", json!(null)),
    ] {
        let answer = console.post(&format!("{path}/{order}"), body).await;
        assert_eq!(answer.problem().0, 409, "{order} {answer}");
    }
}

#[tokio::test]
async fn a_device_with_an_open_wipe_is_retired_once_the_wipe_is_given_up() {
    let console = Console::signed_in().await;
    let (_, tablet) = console.alice().await;
    let path = format!("/api/v1/devices/{}", tablet.id);
    console
        .post(&format!("{path}/wipe"), json!({ "kind": "data", "confirmation": "Tablet" }))
        .await;

    let refused = console.post(&format!("{path}/retire"), json!(null)).await;
    assert_eq!(refused.problem(), (409, "wipe_unconfirmed".into()));
    let odd = console.post(&format!("{path}/retire?give_up_wipe=perhaps"), json!(null)).await;
    assert_eq!(odd.problem(), (400, "malformed".into()));
    let retired = console.post(&format!("{path}/retire?give_up_wipe=true"), json!(null)).await;
    assert_eq!(retired.json()["state"]["kind"], "retired");
}

#[tokio::test]
async fn a_device_has_a_history() {
    let console = Console::signed_in().await;
    let (_, tablet) = console.alice().await;
    let path = format!("/api/v1/devices/{}", tablet.id);
    console.post(&format!("{path}/block"), json!({ "reason": "lost" })).await;
    console.post(&format!("{path}/block"), json!({ "reason": "lost" })).await;

    assert_snapshot!(console.get(&format!("{path}/history?limit=2")).await, @r#"
        200 OK
        {
          "items": [
            {
              "action": "device.block",
              "actor": {
                "kind": "administrator",
                "name": "anna"
              },
              "at": "2026-01-02T03:04:05Z",
              "detail": {
                "explanation": "the device was not blocked: it is blocked already; unblock it first to state another reason",
                "reason": "lost"
              },
              "outcome": {
                "kind": "refused",
                "reason": "already_blocked"
              },
              "sequence": 8,
              "subject": {
                "id": "<id 1>",
                "kind": "device",
                "label": "Tablet"
              }
            },
            {
              "action": "device.block",
              "actor": {
                "kind": "administrator",
                "name": "anna"
              },
              "at": "2026-01-02T03:04:05Z",
              "detail": {
                "reason": "lost"
              },
              "outcome": {
                "kind": "done"
              },
              "sequence": 7,
              "subject": {
                "id": "<id 1>",
                "kind": "device",
                "label": "Tablet"
              }
            }
          ],
          "total": 4
        }
    "#);
    assert_eq!(console.get(&format!("{path}/history")).await.json()["total"], 4);
}

#[tokio::test]
async fn a_device_gets_another_name() {
    let console = Console::signed_in().await;
    let (_, tablet) = console.alice().await;
    let path = format!("/api/v1/devices/{}", tablet.id);

    let renamed = console.patch(&path, json!({ "name": "Alice's tablet" })).await;
    assert_eq!(renamed.text_at("/name"), "Alice's tablet");
    assert_snapshot!(console.patch(&path, json!({ "name": "" })).await, @r#"
        422 Unprocessable Entity
        {
          "code": "text_empty",
          "detail": "the name is empty; fill it in",
          "place": "name"
        }
    "#);
}

#[tokio::test]
async fn a_device_without_the_app_is_added() {
    let console = Console::signed_in().await;
    let (alice, _) = console.alice().await;
    let add = async |name: &str, eas_id: &str| {
        let body = json!({ "user": alice.id.0, "name": name, "eas_id": eas_id });
        console.post("/api/v1/devices", body).await
    };

    assert_snapshot!(add("Phone", "ApplDNPP12").await, @r#"
        201 Created
        {
          "allowed": [
            "block",
            "retire"
          ],
          "app_version": "",
          "certificate": null,
          "client": "native",
          "created_at": "2026-01-02T03:04:05Z",
          "eas_id": "<eas_id>",
          "group": {
            "id": "<id 1>",
            "name": "Everybody"
          },
          "id": "<id 2>",
          "last_seen": null,
          "model": "",
          "name": "Phone",
          "owner": {
            "id": "<id 3>",
            "login": "alice",
            "name": "alice Example"
          },
          "owner_block": null,
          "registered_at": "2026-01-02T03:04:05Z",
          "state": {
            "kind": "registered"
          },
          "system": ""
        }
    "#);
    assert_eq!(add("Phone", "ApplDNPP12").await.problem(), (409, "eas_id_taken".into()));
    assert_snapshot!(add("Phone", "a-b").await, @r#"
        422 Unprocessable Entity
        {
          "code": "not_an_eas_id",
          "detail": "\"a-b\" is not an ActiveSync device identifier; it has 1 to 32 letters and digits, as the device shows it",
          "place": "eas_id"
        }
    "#);
    let nobody =
        json!({ "user": "00000000-0000-0000-0000-000000000001", "name": "X", "eas_id": "x" });
    let nobody = console.post("/api/v1/devices", nobody).await;
    assert_eq!(nobody.problem(), (404, "unknown_user".into()));
}

#[tokio::test]
async fn the_licence_bounds_the_devices() {
    let console = Console::signed_in().await;
    let (alice, _) = console.alice().await;
    for number in 1..5 {
        let name = Name::parse("Phone").unwrap();
        let eas_id = EasId::parse(&format!("phone{number}")).unwrap();
        console.operations.add_native_device(&anna(), alice.id, name, eas_id).await.unwrap();
    }

    let body = json!({ "user": alice.id.0, "name": "Phone", "eas_id": "phone5" });
    assert_snapshot!(console.post("/api/v1/devices", body).await, @r#"
        409 Conflict
        {
          "code": "licence_exhausted",
          "detail": "the device was not taken into service: all 5 licensed devices are in use; retire one that is no longer needed, or extend the licence"
        }
    "#);
}

#[tokio::test]
async fn a_device_that_is_not_there_is_unknown() {
    let console = Console::signed_in().await;
    let path = "/api/v1/devices/00000000-0000-0000-0000-000000000001";

    assert_snapshot!(console.get(path).await, @r#"
        404 Not Found
        {
          "code": "unknown_device",
          "detail": "nothing was done: there is no such device; it may have been removed, look it up in the list"
        }
    "#);
    for (order, body) in [
        ("block", json!({ "reason": "lost" })),
        ("unblock", json!(null)),
        ("wipe", json!({ "kind": "data", "confirmation": "" })),
        ("retire", json!(null)),
    ] {
        let answer = console.post(&format!("{path}/{order}"), body).await;
        assert_eq!(answer.problem(), (404, "unknown_device".into()), "{order}");
    }
}
