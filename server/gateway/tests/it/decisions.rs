//! Each rule, from the wire to the wire: what a refused client sees, and what the log names.

use activesync::query::Command;
use activesync::refusal;
use activesync::status::Status;
use fleet::access::{DeviceAccess, Standing};

use crate::support::{
    ALICE, APP, BOBS, PHONE, Rig, blocked, command, phone, request, with_standing,
};

#[tokio::test]
async fn a_managed_phone_passes() {
    let mut rig = Rig::start().await;
    assert_eq!(rig.ask(&command("Sync", PHONE)).await.text(), "ok");
    assert_eq!(rig.mail.request().await.body, b"body");
    assert!(rig.gateway.recent_refusals().is_empty());
}

#[tokio::test]
async fn a_managed_app_passes_with_its_certificate() {
    let rig = Rig::start().await;
    let mut client = rig.connect_as_app().await;
    client.send(&command("Sync", APP)).await;
    assert_eq!(client.answer().await.text(), "ok");
}

#[tokio::test]
async fn an_unknown_device_is_refused() {
    check(
        &command("Sync", 9),
        Command::Sync,
        129,
        "unknown-device",
        "device: identifier not registered",
    )
    .await;
}

#[tokio::test]
async fn each_standing_but_managed_is_refused() {
    for (standing, rule, fact) in [
        (blocked(), "device-blocked", "standing: blocked"),
        (Standing::Wiped, "device-wiped", "standing: wiped"),
        (Standing::Retired, "device-retired", "standing: retired"),
    ] {
        let mut rig = Rig::start().await;
        rig.put(with_standing(phone(), standing)).await;
        refused(&mut rig, &command("SendMail", PHONE), Command::SendMail, 129, rule, fact).await;
    }
}

#[tokio::test]
async fn a_missing_certificate_is_refused() {
    let fact = "certificate: none shown, the device has one";
    check(&command("Ping", APP), Command::Ping, 129, "certificate-missing", fact).await;
}

#[tokio::test]
async fn the_certificate_of_another_device_is_refused() {
    let mut rig = Rig::start().await;
    let other = rig.authority.issue("other");
    let mut client = rig.connect_as(&other).await;
    client.send(&command("Sync", APP)).await;
    assert_eq!(client.answer().await.body, body(Command::Sync, 129));
    assert_eq!(
        rig.refusal(),
        ("certificate-of-another", "certificate: not that of the device".into())
    );
    client.send(&command("Sync", PHONE)).await;
    assert_eq!(client.answer().await.body, body(Command::Sync, 129));
    assert_eq!(
        rig.refusal(),
        ("certificate-of-another", "certificate: one shown, the device has none".into())
    );
    assert!(rig.mail.others().is_empty());
}

#[tokio::test]
async fn the_device_of_somebody_else_is_refused() {
    let query = command("Sync", BOBS);
    let fact = "query user: not a name of the device's owner";
    check(&query, Command::Sync, 126, "user-of-another-device", fact).await;
    let sign_in = query.replacen("User=alice", "User=bob", 1);
    let fact = "sign-in user: not a name of the device's owner";
    check(&sign_in, Command::Sync, 126, "user-of-another-device", fact).await;
}

#[tokio::test]
async fn names_are_compared_as_people_write_them() {
    let rig = Rig::start().await;
    for user in ["ALICE", "EXAMPLE%5CAlice", "Alice%40Example.org"] {
        let text = command("Sync", PHONE).replacen("User=alice", &format!("User={user}"), 1);
        assert_eq!(rig.ask(&text).await.text(), "ok", "{user}");
    }
}

#[tokio::test]
async fn a_token_without_a_certificate_is_refused() {
    let text = command("Sync", PHONE).replacen("Basic YWxpY2U6c2VjcmV0", "Bearer abc", 1);
    let fact = "sign-in: token from a device without certificate";
    check(&text, Command::Sync, 126, "sign-in-unreadable", fact).await;
}

#[tokio::test]
async fn a_sign_in_of_the_connection_is_refused() {
    let text = command("Sync", PHONE).replacen("Basic YWxpY2U6c2VjcmV0", "NTLM TlRMTVNTUAAB", 1);
    check(&text, Command::Sync, 126, "sign-in-scheme", "sign-in: neither Basic nor Bearer").await;
}

#[tokio::test]
async fn a_cookie_signs_nobody_in() {
    let mut rig = Rig::start().await;
    let cookies = "Cookie: 0xHIGHFLYxSOGo=bob; X-BackEndCookie=s\r\ncookie: cadata=bob\r\n";
    let query = "?Cmd=Sync&User=alice&DeviceId=device1&DeviceType=T";
    let signed_in = request("POST", query, cookies, "");
    assert_eq!(rig.ask(&signed_in).await.text(), "ok");
    let seen = rig.mail.request().await.head;
    let passed: Vec<_> = seen.lines().filter(|line| line.starts_with("Cookie")).collect();
    assert_eq!(passed, ["Cookie: X-BackEndCookie=s"], "only where to");

    let as_app = request("POST", &query.replacen("device1", "device2", 1), cookies, "");
    for (text, certificate) in [(signed_in, false), (as_app, true)] {
        let without = text.replacen(ALICE, "", 1);
        let mut client = if certificate { rig.connect_as_app().await } else { rig.connect().await };
        client.send(&without).await;
        // The mail server asks for a password, as it does without a gateway.
        client.answer().await;
        let seen = rig.mail.request().await.head.to_ascii_lowercase();
        assert!(!seen.contains("cookie") && !seen.contains("bob"), "{seen}");
    }
    let options =
        request("OPTIONS", "", cookies, "").replacen(ALICE, "Authorization: Bearer x\r\n", 1);
    assert_eq!(rig.ask(&options).await.text(), "ok");
    assert!(!rig.mail.request().await.head.to_ascii_lowercase().contains("cookie"));
}

#[tokio::test]
async fn old_clients_are_refused_by_http() {
    let mut rig = Rig::start().await;
    for text in [
        command("Sync", 9).replacen("16.1", "12.1", 1),
        command("GetAttachment", 9),
        request("OPTIONS", "", "", "").replacen("YWxpY2U6c2VjcmV0", "Y2Fyb2w6eA==", 1),
    ] {
        let answer = rig.ask(&text).await;
        assert_eq!((answer.status, answer.body.len()), (403, 0), "{text}");
    }
    assert!(rig.mail.others().is_empty());
}

#[tokio::test]
async fn options_passes_for_owners_and_without_a_password() {
    let mut rig = Rig::start().await;
    let options = request("OPTIONS", "?Cmd=OPTIONS&DeviceId=x", "", "");
    assert_eq!(rig.ask(&options).await.text(), "ok");
    assert!(
        rig.mail
            .request()
            .await
            .head
            .starts_with("OPTIONS /Microsoft-Server-ActiveSync HTTP/1.1\r\n")
    );
    let anonymous = options.replacen("Authorization: Basic YWxpY2U6c2VjcmV0\r\n", "", 1);
    assert_eq!(rig.ask(&anonymous).await.text(), "ok");
}

#[tokio::test]
async fn the_same_identifier_may_belong_to_a_retired_record() {
    let mut rig = Rig::start().await;
    let retired = with_standing(
        DeviceAccess { eas_id: "device1".into(), ..rig.app_device() },
        Standing::Retired,
    );
    rig.put(DeviceAccess { certificates: Vec::new(), ..retired }).await;
    assert_eq!(rig.ask(&command("Sync", PHONE)).await.text(), "ok");
}

#[tokio::test]
async fn a_refused_request_leaves_the_connection_usable() {
    let mut rig = Rig::start().await;
    let mut client = rig.connect().await;
    for _ in 0..3 {
        client.send(&command("Sync", 9)).await;
        assert!(!client.answer().await.closes());
    }
    client.send(&command("Sync", PHONE)).await;
    assert_eq!(client.answer().await.text(), "ok");
    assert_eq!(rig.mail.request().await.before, 0);
}

#[tokio::test]
async fn a_refused_client_that_waits_for_100_is_not_asked_for_its_body() {
    let rig = Rig::start().await;
    let mut client = rig.connect().await;
    let text = request(
        "POST",
        "?Cmd=Sync&User=alice&DeviceId=device9&DeviceType=T",
        "Expect: 100-continue\r\n",
        "body",
    );
    client.send(text.strip_suffix("body").unwrap()).await;
    let answer = client.answer().await;
    assert_eq!((answer.body.clone(), answer.closes()), (body(Command::Sync, 129), true));
}

async fn check(text: &str, command: Command, status: u16, rule: &str, fact: &str) {
    let mut rig = Rig::start().await;
    refused(&mut rig, text, command, status, rule, fact).await;
}

async fn refused(rig: &mut Rig, text: &str, command: Command, status: u16, rule: &str, fact: &str) {
    let answer = rig.ask(text).await;
    assert_eq!((answer.status, answer.body), (200, body(command, status)));
    assert!(answer.head.contains("Content-Type: application/vnd.ms-sync.wbxml"));
    let (named_rule, named_fact) = rig.refusal();
    assert_eq!((named_rule, named_fact.as_str()), (rule, fact));
    assert!(rig.mail.others().is_empty());
}

fn body(command: Command, status: u16) -> Vec<u8> {
    refusal::body(command, Status(status)).unwrap()
}
