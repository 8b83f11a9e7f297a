//! The audit log.

use crate::console_for_tests::Console;
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn what_the_console_does_is_recorded_with_who_did_it() {
    let console = Console::signed_in().await;
    console.post("/api/v1/groups", json!({ "name": "Sales" })).await;
    console.post("/api/v1/groups", json!({ "name": "Sales" })).await;

    assert_snapshot!(console.get("/api/v1/audit?limit=3").await, @r#"
        200 OK
        {
          "items": [
            {
              "action": "group.create",
              "actor": {
                "kind": "administrator",
                "name": "anna"
              },
              "at": "2026-01-02T03:04:05Z",
              "detail": {
                "explanation": "the group was not saved: another group has this name; choose another name"
              },
              "outcome": {
                "kind": "refused",
                "reason": "name_taken"
              },
              "sequence": 4,
              "subject": {
                "id": "<id 1>",
                "kind": "group",
                "label": "Sales"
              }
            },
            {
              "action": "group.create",
              "actor": {
                "kind": "administrator",
                "name": "anna"
              },
              "at": "2026-01-02T03:04:05Z",
              "detail": {},
              "outcome": {
                "kind": "done"
              },
              "sequence": 3,
              "subject": {
                "id": "<id 2>",
                "kind": "group",
                "label": "Sales"
              }
            },
            {
              "action": "administrator.sign-in",
              "actor": {
                "kind": "administrator",
                "name": "anna"
              },
              "at": "2026-01-02T03:04:05Z",
              "detail": {
                "peer": "192.0.2.7"
              },
              "outcome": {
                "kind": "done"
              },
              "sequence": 2,
              "subject": {
                "id": "<id 3>",
                "kind": "administrator",
                "label": "anna"
              }
            }
          ],
          "total": 4
        }
    "#);
}

#[tokio::test]
async fn the_log_is_filtered() {
    let console = Console::signed_in().await;
    console.post("/api/v1/groups", json!({ "name": "Sales" })).await;
    console.post("/api/v1/groups", json!({ "name": "Sales" })).await;
    let total = async |query: &str| {
        console.get(&format!("/api/v1/audit?{query}")).await.json()["total"].clone()
    };

    assert_eq!(total("").await, 4);
    assert_eq!(total("action=group.create").await, 2);
    assert_eq!(total("action=group.create&ending=refused").await, 1);
    assert_eq!(total("administrator=anna").await, 3);
    assert_eq!(total("administrator=bob").await, 0);
    assert_eq!(total("from=2026-01-02T03:04:05Z").await, 4);
    assert_eq!(total("until=2026-01-02T03:04:05Z").await, 0);
}

#[tokio::test]
async fn a_filter_that_means_nothing_is_refused() {
    let console = Console::signed_in().await;
    for query in ["action=device.explode", "ending=maybe", "from=yesterday", "subject=x"] {
        let answer = console.get(&format!("/api/v1/audit?{query}")).await;

        assert_eq!(answer.problem(), (400, "malformed".into()), "{query}");
    }
}
