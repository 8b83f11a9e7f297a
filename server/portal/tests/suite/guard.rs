//! What keeps others out.

use crate::console_for_tests::Console;
use http::Method;
use http::header::{HOST, ORIGIN};
use insta::assert_snapshot;
use serde_json::{Value, json};

#[tokio::test]
async fn every_route_but_those_of_the_session_demands_one() {
    let console = Console::new().await;
    let document: Value = serde_json::from_str(&portal::openapi().to_json().unwrap()).unwrap();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            routes.push((method.to_uppercase().parse::<Method>().unwrap(), path.clone()));
        }
    }
    routes.retain(|(method, path)| {
        path != "/api/v1/session" || (*method != Method::GET && *method != Method::POST)
    });
    assert!(routes.len() > 25, "{routes:?}");

    for (method, path) in routes {
        let path = path.replace("{id}", "00000000-0000-0000-0000-000000000001");
        let answer = console.send(console.request(method.clone(), &path, Some(json!({})))).await;

        assert_eq!(answer.problem(), (401, "not_signed_in".into()), "{method} {path}");
    }
}

#[tokio::test]
async fn only_the_page_itself_may_call() {
    let console = Console::signed_in().await;
    let foreign = |name: &'static str, value: &'static str| {
        let mut request = console.request(Method::GET, "/api/v1/overview", None);
        request.headers_mut().insert(name, value.parse().unwrap());
        console.send(request)
    };

    assert_snapshot!(foreign("sec-fetch-site", "cross-site").await, @r#"
        403 Forbidden
        {
          "code": "foreign_origin",
          "detail": "the request does not come from the console's own page; other pages cannot call this API"
        }
    "#);
    assert_eq!(foreign("sec-fetch-site", "same-site").await.problem().0, 403);
    assert_eq!(foreign("origin", "https://evil.example").await.problem().0, 403);
    assert_eq!(foreign("origin", "null").await.problem().0, 403);
    assert_eq!(foreign("origin", "https://console.example:8444").await.status, 200);
}

#[tokio::test]
async fn nothing_is_changed_without_the_pages_own_header() {
    let console = Console::signed_in().await;
    let body = json!({ "name": "Sales" });

    let mut request = console.request(Method::POST, "/api/v1/groups", Some(body.clone()));
    request.headers_mut().remove("x-cordon-console");
    assert_eq!(console.send(request).await.problem(), (403, "foreign_origin".into()));

    let mut request = console.request(Method::POST, "/api/v1/groups", Some(body.clone()));
    request.headers_mut().insert(ORIGIN, "https://console.example:8444".parse().unwrap());
    request.headers_mut().insert(HOST, "localhost:8444".parse().unwrap());
    assert_eq!(console.send(request).await.problem(), (403, "foreign_origin".into()));

    assert_eq!(console.get("/api/v1/groups").await.json(), json!({ "items": [] }));
    assert_eq!(console.post("/api/v1/groups", body).await.status, 201);
}

#[tokio::test]
async fn every_answer_keeps_other_sites_and_injected_markup_out() {
    let console = Console::new().await;
    let mut described = Vec::new();
    for path in ["/api/v1/session", "/api/v1/devices", "/api/v9", "/", "/missing.js"] {
        let answer = console.get(path).await;
        let mut headers: Vec<_> = answer
            .headers
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "content-type" | "content-length"))
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        headers.sort();
        described.push(headers.join("\n"));
    }

    assert_snapshot!(described[0], @r#"
        cache-control: no-store
        content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html default
        cross-origin-opener-policy: same-origin
        cross-origin-resource-policy: same-origin
        permissions-policy: accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()
        referrer-policy: no-referrer
        x-content-type-options: nosniff
    "#);
    assert!(described.iter().all(|headers| *headers == described[0]), "{described:#?}");
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_apis_own_words() {
    let console = Console::signed_in().await;

    assert_snapshot!(console.get("/api/v1/nothing").await, @r#"
        404 Not Found
        {
          "code": "not_found",
          "detail": "there is nothing at this address"
        }
    "#);
    assert_eq!(console.get("/api").await.problem(), (404, "not_found".into()));
    assert_eq!(console.get("/api/v1/devices/no-uuid").await.problem(), (404, "not_found".into()));
    assert_eq!(console.delete("/api/v1/devices").await.status, 405);
}
