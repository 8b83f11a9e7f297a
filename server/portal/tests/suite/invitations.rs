//! Invitations.

use crate::console_for_tests::{Console, clock};
use insta::assert_snapshot;
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn a_person_is_invited_with_a_link_and_its_picture() {
    let console = Console::signed_in().await;
    let alice = console.user("alice", console.group("Sales").await.id).await;

    let body = json!({ "user": alice.id.0, "device_name": "Phone", "valid_seconds": 86_400 });
    let made = console.post("/api/v1/invitations", body).await;

    assert_snapshot!(made, @r#"
        201 Created
        {
          "device": "<id 1>",
          "expires_at": "2026-01-03T03:04:05Z",
          "id": "<id 2>",
          "link": "<link>",
          "qr_svg": "<qr_svg>",
          "warning": {
            "code": "user_certificate_missing",
            "detail": "the registration will be refused: no certificate is deposited for this person; deposit theirs before they use the invitation"
          }
        }
    "#);
    let link = made.text_at("/link");
    let (code, pin) = link
        .strip_prefix("https://mail.example.com:8443/join#code=")
        .and_then(|rest| rest.split_once("&pin="))
        .unwrap();
    assert_eq!((code.len(), pin.len()), (26, 43), "{link}");
    let picture = made.text_at("/qr_svg");
    assert!(picture.contains("<svg ") && !picture.contains("<script"), "{picture}");
    let device = console.get(&format!("/api/v1/devices/{}", made.text_at("/device"))).await;
    assert_eq!(
        (device.text_at("/name"), device.text_at("/state/kind")),
        ("Phone".into(), "invited".into())
    );
}

#[tokio::test]
async fn invitations_are_listed_and_revoked() {
    clock!(time_of_inviting);
    let console = Console::with(time_of_inviting::now, Vec::new()).await.sign_in().await;
    let alice = console.user("alice", console.group("Sales").await.id).await;
    let body = |seconds: u32| json!({ "user": alice.id.0, "valid_seconds": seconds });
    console.post("/api/v1/invitations", body(60)).await;
    time_of_inviting::advance(Duration::minutes(2));
    let made = console.post("/api/v1/invitations", body(3600)).await;
    let path = format!("/api/v1/invitations/{}", made.text_at("/id"));

    assert_snapshot!(console.get("/api/v1/invitations").await, @r#"
        200 OK
        {
          "items": [
            {
              "created_at": "2026-01-02T03:06:05Z",
              "created_by": {
                "kind": "administrator",
                "name": "anna"
              },
              "device": "<id 1>",
              "expires_at": "2026-01-02T04:06:05Z",
              "id": "<id 2>",
              "standing": "open",
              "user": {
                "id": "<id 3>",
                "login": "alice",
                "name": "alice Example"
              }
            },
            {
              "created_at": "2026-01-02T03:04:05Z",
              "created_by": {
                "kind": "administrator",
                "name": "anna"
              },
              "device": "<id 4>",
              "expires_at": "2026-01-02T03:05:05Z",
              "id": "<id 5>",
              "standing": "expired",
              "user": {
                "id": "<id 3>",
                "login": "alice",
                "name": "alice Example"
              }
            }
          ],
          "total": 2
        }
    "#);
    assert_eq!(console.get("/api/v1/invitations?open=true").await.json()["total"], 1);
    assert_eq!(console.delete(&path).await.status, 204);
    assert_eq!(console.delete(&path).await.problem(), (409, "already_revoked".into()));
    assert_eq!(console.get("/api/v1/invitations?open=true").await.json()["total"], 0);
}

#[tokio::test]
async fn what_cannot_be_an_invitation_is_refused() {
    let console = Console::signed_in().await;
    let alice = console.user("alice", console.group("Sales").await.id).await;
    let invite = async |body| console.post("/api/v1/invitations", body).await;

    let short = invite(json!({ "user": alice.id.0, "valid_seconds": 59 })).await;
    assert_snapshot!(short, @r#"
        422 Unprocessable Entity
        {
          "code": "validity_out_of_range",
          "detail": "the invitation was not made: it can be good for 1 minute to 30 days; choose a time between",
          "place": "valid_seconds"
        }
    "#);
    let long = invite(json!({ "user": alice.id.0, "valid_seconds": 2_592_001 })).await;
    assert_eq!(long.problem(), (422, "validity_out_of_range".into()));
    let unnamed =
        invite(json!({ "user": alice.id.0, "device_name": "", "valid_seconds": 60 })).await;
    assert_eq!(unnamed.text_at("/place"), "device_name");
    let nobody = "00000000-0000-0000-0000-000000000001";
    let nobody = invite(json!({ "user": nobody, "valid_seconds": 60 })).await;
    assert_eq!(nobody.problem(), (404, "unknown_user".into()));
    let unknown = "/api/v1/invitations/00000000-0000-0000-0000-000000000001";
    assert_eq!(console.delete(unknown).await.problem(), (404, "unknown_invitation".into()));
}
