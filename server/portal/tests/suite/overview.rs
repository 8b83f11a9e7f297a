//! The figures on the first page.

use crate::console_for_tests::{Console, NOW};
use insta::assert_snapshot;
use portal::RefusedRequest;
use time::Duration;

#[tokio::test]
async fn an_empty_fleet_is_counted() {
    let console = Console::signed_in().await;

    assert_snapshot!(console.get("/api/v1/overview").await, @r#"
        200 OK
        {
          "certificate_deposited": false,
          "devices": {
            "blocked": 0,
            "invited": 0,
            "registered": 0,
            "retired": 0,
            "wiped": 0
          },
          "groups": 0,
          "invitations_open": 0,
          "licence": {
            "devices": 5,
            "used": 0
          },
          "people": 0,
          "refusals_last_hour": 0,
          "version": "0.1.0"
        }
    "#);
}

#[tokio::test]
async fn a_fleet_is_counted() {
    let refused = |ago| RefusedRequest {
        at: NOW - ago,
        device: None,
        eas_id: None,
        command: None,
        status: 403,
        rule: "unknown-device".into(),
        fact: "device".into(),
        value: "identifier not registered".into(),
    };
    let refusals = vec![refused(Duration::minutes(61)), refused(Duration::minutes(60))];
    let console = Console::with(|| NOW, refusals).await.sign_in().await;
    console.alice().await;

    let overview = console.get("/api/v1/overview").await.json();

    assert_eq!(overview["licence"]["used"], 1);
    assert_eq!(overview["devices"]["registered"], 1);
    assert_eq!((&overview["people"], &overview["groups"]), (&1.into(), &1.into()));
    assert_eq!(overview["refusals_last_hour"], 1);
}
