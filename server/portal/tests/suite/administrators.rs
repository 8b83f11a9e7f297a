//! Administrators: added, removed, and with passwords of their own.

use crate::console_for_tests::{Console, PASSWORD, credentials};
use insta::assert_snapshot;
use serde_json::json;

const OTHER: &str = "another horse battery staple";

#[tokio::test]
async fn an_administrator_is_added_and_removed_and_is_out_at_once() {
    let console = Console::signed_in().await;

    let added = console.post("/api/v1/administrators", account("ben", OTHER)).await;
    assert_snapshot!(added, @r#"
        201 Created
        {
          "created_at": "2026-01-02T03:04:05Z",
          "id": "<id 1>",
          "name": "ben",
          "own": false
        }
    "#);
    assert_snapshot!(console.get("/api/v1/administrators").await, @r#"
        200 OK
        {
          "items": [
            {
              "created_at": "2026-01-02T03:04:05Z",
              "id": "<id 1>",
              "name": "anna",
              "own": true
            },
            {
              "created_at": "2026-01-02T03:04:05Z",
              "id": "<id 2>",
              "name": "ben",
              "own": false
            }
          ]
        }
    "#);
    let ben = console.operations.sign_in("ben", &OTHER.into(), None).await.unwrap();

    let path = format!("/api/v1/administrators/{}", added.text_at("/id"));
    assert_eq!(console.delete(&path).await.status, 204);
    assert!(console.operations.session(&ben.token).await.is_err());
    assert_eq!(console.delete(&path).await.problem(), (404, "unknown_administrator".into()));
}

#[tokio::test]
async fn what_is_wrong_with_an_account_is_said_with_its_place() {
    let console = Console::signed_in().await;
    let refused = async |name: &str, password: &str| {
        let problem = console.post("/api/v1/administrators", account(name, password)).await;
        let json = problem.json();
        format!("{} {} {}", problem.status.as_u16(), json["code"], json["place"])
    };

    assert_snapshot!(refused("b n", OTHER).await, @r#"422 "text_blank" "name""#);
    assert_snapshot!(refused("ben", "short").await, @r#"422 "password_too_short" "password""#);
    assert_snapshot!(refused("ANNA", OTHER).await, @r#"409 "name_taken" null"#);
}

#[tokio::test]
async fn nobody_removes_themselves_or_the_last_one() {
    let console = Console::signed_in().await;
    let own = console.get("/api/v1/administrators").await.text_at("/items/0/id");
    let path = format!("/api/v1/administrators/{own}");

    assert_eq!(console.delete(&path).await.problem(), (409, "last_administrator".into()));
    console.post("/api/v1/administrators", account("ben", OTHER)).await;
    assert_snapshot!(console.delete(&path).await, @r#"
        409 Conflict
        {
          "code": "own_account",
          "detail": "the administrator was not removed: this is your own account; let another administrator remove it"
        }
    "#);
    assert_eq!(console.get("/api/v1/administrators").await.status, 200, "anna is still signed in");
}

#[tokio::test]
async fn a_changed_password_signs_out_everywhere() {
    let console = Console::signed_in().await;
    let elsewhere = console.operations.sign_in("anna", &PASSWORD.into(), None).await.unwrap();
    let change = async |current: &str, new: &str| {
        let body = json!({ "current": current, "new": new });
        console.put("/api/v1/session/password", body).await
    };

    let wrong = change("a wrong password", OTHER).await;
    assert_snapshot!(wrong, @r#"
        422 Unprocessable Entity
        {
          "code": "wrong_current_password",
          "detail": "the password was not changed: the current password is wrong; try again",
          "place": "current"
        }
    "#);
    let same = change(PASSWORD, PASSWORD).await.json();
    assert_eq!((&same["code"], &same["place"]), (&"password_unchanged".into(), &"new".into()));
    let weak = change(PASSWORD, "short").await.json();
    assert_eq!((&weak["code"], &weak["place"]), (&"password_too_short".into(), &"new".into()));

    let changed = change(PASSWORD, OTHER).await;
    assert_eq!(changed.status, 204);
    let cookie = changed.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("Max-Age=0"), "{cookie}");
    assert_eq!(
        console.get("/api/v1/administrators").await.problem(),
        (401, "not_signed_in".into())
    );
    assert!(console.operations.session(&elsewhere.token).await.is_err());
    let old = console.post("/api/v1/session", credentials(PASSWORD)).await;
    assert_eq!(old.problem(), (401, "wrong_name_or_password".into()));
    assert_eq!(console.post("/api/v1/session", credentials(OTHER)).await.status, 200);
}

#[tokio::test]
async fn guessing_the_current_password_is_slowed_down() {
    let console = Console::signed_in().await;
    let body = json!({ "current": "wrong", "new": OTHER });
    for _ in 0..5 {
        let wrong = console.put("/api/v1/session/password", body.clone()).await;
        assert_eq!(wrong.problem(), (422, "wrong_current_password".into()));
    }

    let paused = console.put("/api/v1/session/password", body).await;
    assert_eq!(paused.problem(), (429, "locked_out".into()));
    assert_eq!(paused.headers["retry-after"], "30");
}

fn account(name: &str, password: &str) -> serde_json::Value {
    json!({ "name": name, "password": password })
}
