//! What the gateway refused.

use crate::console_for_tests::{Console, NOW};
use fleet::DeviceId;
use insta::assert_snapshot;
use portal::{RefusalSource, RefusedRequest};
use serde_json::json;
use std::sync::{Arc, Mutex};
use time::Duration;
use uuid::Uuid;

#[tokio::test]
async fn refusals_are_listed_newest_first() {
    let first = request(None, 0);
    let second = RefusedRequest { device: Some(DeviceId(Uuid::from_u128(7))), ..request(None, 1) };
    let console = Console::with(|| NOW, vec![first, second]).await.sign_in().await;

    assert_snapshot!(console.get("/api/v1/refusals").await, @r#"
        200 OK
        {
          "items": [
            {
              "at": "2026-01-02T03:04:06Z",
              "command": "Sync",
              "device": null,
              "eas_id": "<eas_id>",
              "fact": "standing",
              "rule": "device-blocked",
              "status": 200,
              "value": "blocked"
            },
            {
              "at": "2026-01-02T03:04:05Z",
              "command": "Sync",
              "device": null,
              "eas_id": "<eas_id>",
              "fact": "standing",
              "rule": "device-blocked",
              "status": 200,
              "value": "blocked"
            }
          ]
        }
    "#);
}

#[tokio::test]
async fn no_more_are_shown_than_somebody_reads() {
    let many = (0..300).map(|second| request(None, second)).collect();
    let console = Console::with(|| NOW, many).await.sign_in().await;

    let list = console.get("/api/v1/refusals").await.json();

    assert_eq!(list["items"].as_array().unwrap().len(), 200);
    assert_eq!(list["items"][0]["at"], "2026-01-02T03:09:04Z");
}

#[tokio::test]
async fn a_device_is_shown_by_its_name() {
    let seen = Arc::new(Seen::default());
    let console = Console::with_source(|| NOW, seen.clone()).await.sign_in().await;
    let (_, tablet) = console.alice().await;
    seen.0.lock().unwrap().push(request(Some(tablet.id), 0));

    let list = console.get("/api/v1/refusals").await.json();

    assert_eq!(list["items"][0]["device"], json!({ "id": tablet.id.0, "name": "Tablet" }));
}

#[derive(Debug, Default)]
struct Seen(Mutex<Vec<RefusedRequest>>);

impl RefusalSource for Seen {
    fn recent(&self) -> Vec<RefusedRequest> {
        self.0.lock().unwrap().clone()
    }
}

fn request(device: Option<DeviceId>, second: i64) -> RefusedRequest {
    RefusedRequest {
        at: NOW + Duration::seconds(second),
        device,
        eas_id: Some("appldnpp12".into()),
        command: Some("Sync".into()),
        status: 200,
        rule: "device-blocked".into(),
        fact: "standing".into(),
        value: "blocked".into(),
    }
}
