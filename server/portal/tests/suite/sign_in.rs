//! Signing in and out.

use crate::console_for_tests::{Console, PASSWORD, clock, credentials};
use axum::extract::ConnectInfo;
use http::Method;
use http::header::{COOKIE, RETRY_AFTER, SET_COOKIE};
use insta::assert_snapshot;
use serde_json::json;
use std::net::SocketAddr;
use time::Duration;

#[tokio::test]
async fn a_session_begins_and_ends() {
    let console = Console::new().await;
    assert_snapshot!(console.get("/api/v1/session").await, @r#"
        200 OK
        {
          "administrator": null
        }
    "#);

    let answer = console.post("/api/v1/session", credentials(PASSWORD)).await;
    assert_snapshot!(answer, @r#"
        200 OK
        {
          "administrator": {
            "name": "anna"
          }
        }
    "#);
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
    let (token, attributes) = cookie.split_once(';').unwrap();
    assert!(token.starts_with("__Host-cordon-console=") && token.len() == 65, "{token}");
    assert_eq!(attributes, " Path=/; Secure; HttpOnly; SameSite=Strict");

    let console = console.sign_in().await;
    assert_snapshot!(console.get("/api/v1/session").await, @r#"
        200 OK
        {
          "administrator": {
            "name": "anna"
          }
        }
    "#);
    let answer = console.delete("/api/v1/session").await;
    assert_eq!(answer.status, 204);
    assert!(answer.headers[SET_COOKIE].to_str().unwrap().ends_with("; Max-Age=0"));

    assert_snapshot!(console.get("/api/v1/session").await, @r#"
        200 OK
        {
          "administrator": null
        }
    "#);
    assert_snapshot!(console.get("/api/v1/overview").await, @r#"
        401 Unauthorized
        {
          "code": "not_signed_in",
          "detail": "nothing was done: nobody is signed in, or the session is over; sign in"
        }
    "#);
}

#[tokio::test]
async fn a_wrong_name_is_told_from_a_wrong_password_by_nobody() {
    let console = Console::new().await;

    let wrong_password = console.post("/api/v1/session", credentials("wrong")).await;
    let wrong_name = json!({ "name": "nobody", "password": PASSWORD });
    let wrong_name = console.post("/api/v1/session", wrong_name).await;
    let no_name = json!({ "name": "", "password": PASSWORD });
    let no_name = console.post("/api/v1/session", no_name).await;

    assert_snapshot!(wrong_password, @r#"
        401 Unauthorized
        {
          "code": "wrong_name_or_password",
          "detail": "nobody was signed in: the name or the password is wrong; try again"
        }
    "#);
    assert_eq!(wrong_name.to_string(), wrong_password.to_string());
    assert_eq!(no_name.to_string(), wrong_password.to_string());
    assert!(!wrong_password.headers.contains_key(SET_COOKIE));
}

#[tokio::test]
async fn guessing_is_answered_with_a_pause_that_ends() {
    clock!(time_of_guessing);
    let console = Console::with(time_of_guessing::now, Vec::new()).await;
    for _ in 0..5 {
        let answer = console.post("/api/v1/session", credentials("wrong")).await;
        assert_eq!(answer.problem(), (401, "wrong_name_or_password".into()));
    }

    let answer = console.post("/api/v1/session", credentials(PASSWORD)).await;
    assert_snapshot!(answer, @r#"
        429 Too Many Requests
        {
          "code": "locked_out",
          "detail": "nobody was signed in: too many passwords were wrong; wait until 03:04:35 UTC and try again",
          "retry_after_seconds": 30
        }
    "#);
    assert_eq!(answer.headers[RETRY_AFTER], "30");

    time_of_guessing::advance(Duration::seconds(30));
    let answer = console.post("/api/v1/session", credentials(PASSWORD)).await;
    assert_eq!(answer.status, 200, "{answer}");
}

#[tokio::test]
async fn an_address_has_a_number_of_attempts() {
    let console = Console::new().await;
    let attempt = async |address: [u8; 4]| {
        let body = json!({ "name": "", "password": "wrong" });
        let mut request = console.request(Method::POST, "/api/v1/session", Some(body));
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((address, 1))));
        console.send(request).await
    };
    for _ in 0..10 {
        assert_eq!(attempt([192, 0, 2, 1]).await.problem().1, "wrong_name_or_password");
    }

    let answer = attempt([192, 0, 2, 1]).await;
    assert_snapshot!(answer, @r#"
        429 Too Many Requests
        {
          "code": "too_many_requests",
          "detail": "too many attempts to sign in came from your address; wait a little",
          "retry_after_seconds": 6
        }
    "#);
    assert_eq!(answer.headers[RETRY_AFTER], "6");
    assert_eq!(attempt([192, 0, 2, 2]).await.problem().1, "wrong_name_or_password");
}

#[tokio::test]
async fn a_session_that_is_not_used_ends() {
    clock!(time_of_idling);
    let console = Console::with(time_of_idling::now, Vec::new()).await.sign_in().await;
    time_of_idling::advance(Duration::minutes(29));
    assert_eq!(console.get("/api/v1/overview").await.status, 200);
    time_of_idling::advance(Duration::minutes(29));
    assert_eq!(console.get("/api/v1/overview").await.status, 200);

    time_of_idling::advance(Duration::minutes(31));
    let answer = console.get("/api/v1/overview").await;

    assert_eq!(answer.problem(), (401, "not_signed_in".into()));
}

#[tokio::test]
async fn a_made_up_token_is_nobodys() {
    let console = Console::new().await;
    for token in ["", "x", &"A".repeat(43), "%00", "ä"] {
        let mut request = console.request(Method::GET, "/api/v1/overview", None);
        let cookie = format!("__Host-cordon-console={token}");
        request.headers_mut().insert(COOKIE, cookie.parse().unwrap());

        assert_eq!(console.send(request).await.problem(), (401, "not_signed_in".into()), "{token}");
    }
}

#[tokio::test]
async fn what_is_no_request_to_sign_in_is_refused() {
    let console = Console::new().await;
    for body in [
        json!({}),
        json!([]),
        json!({ "name": "anna" }),
        json!({ "name": "anna", "password": 7 }),
        json!({ "name": "anna", "password": "x", "admin": true }),
    ] {
        let answer = console.post("/api/v1/session", body).await;

        assert_eq!(answer.problem(), (422, "malformed".into()));
    }
    let huge = console.post("/api/v1/session", credentials(&"x".repeat(300_000))).await;
    assert_eq!(huge.problem(), (413, "malformed".into()));
}
