//! What could be read in two ways is not passed on.

use std::time::Duration;

use crate::support::{ALICE, Answer, PHONE, Reaction, Rig, command, request, soon};

const QUERY: &str = "?Cmd=Sync&User=alice&DeviceId=device1&DeviceType=T";
const TARGET: &str =
    "/Microsoft-Server-ActiveSync?Cmd=Sync&User=alice&DeviceId=device1&DeviceType=T";

#[tokio::test]
async fn content_length_with_transfer_encoding() {
    let both = "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n";
    refused(&raw(both, "0\r\n\r\n"), 400, "request: Content-Length and Transfer-Encoding").await;
}

#[tokio::test]
async fn two_content_lengths() {
    refused(
        &raw("Content-Length: 4\r\nContent-Length: 4\r\n", "body"),
        400,
        "request: several Content-Length",
    )
    .await;
    refused(
        &raw("Content-Length: 4, 4\r\n", "body"),
        400,
        "request: Content-Length is not a number",
    )
    .await;
}

#[tokio::test]
async fn another_transfer_encoding() {
    let gzip = "Transfer-Encoding: gzip, chunked\r\n";
    refused(&raw(gzip, "0\r\n\r\n"), 400, "request: Transfer-Encoding is not chunked").await;
}

#[tokio::test]
async fn folded_header_lines() {
    refused(&raw("X-A: b\r\n c\r\nContent-Length: 0\r\n", ""), 400, "request: folded header line")
        .await;
}

#[tokio::test]
async fn lines_without_cr() {
    let text =
        raw("Content-Length: 0\r\n", "").replacen("Host: mail.test\r\n", "Host: mail.test\n", 1);
    refused(&text, 400, "request: LF without CR").await;
}

#[tokio::test]
async fn lines_without_lf() {
    refused(&raw("X-A: b\rX-B: c\r\nContent-Length: 0\r\n", ""), 400, "request: CR without LF")
        .await;
}

#[tokio::test]
async fn a_target_that_is_not_a_path() {
    for form in [format!("http://mail.test{TARGET}"), "*".to_owned(), "mail.test:443".to_owned()] {
        let text = raw("Content-Length: 0\r\n", "").replacen(TARGET, &form, 1);
        refused(&text, 400, "request: request target is not a path").await;
    }
}

#[tokio::test]
async fn other_versions_of_http() {
    let text = raw("Content-Length: 0\r\n", "").replacen("HTTP/1.1", "HTTP/1.0", 1);
    refused(&text, 505, "request: HTTP version").await;
    refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "request: HTTP version").await;
}

#[tokio::test]
async fn a_huge_head() {
    let text = raw(&format!("Cookie: {}\r\n", "x".repeat(17_000)), "");
    refused(&text, 431, "request: head too long").await;
}

#[tokio::test]
async fn a_head_longer_than_configured() {
    let rig = Rig::with(|_| Reaction::ok(), |config| config.limits.header_bytes = 300).await;
    let answer = rig.ask(&raw(&format!("Cookie: {}\r\n", "x".repeat(200)), "")).await;
    assert_eq!((answer.status, rig.refusal().1), (431, "request: head too long".into()));
}

#[tokio::test]
async fn too_many_header_lines() {
    refused(&raw(&"X-A: b\r\n".repeat(65), ""), 431, "request: too many header lines").await;
}

#[tokio::test]
async fn a_slow_head() {
    let rig = Rig::with(
        |_| Reaction::ok(),
        |config| config.limits.header_time = Duration::from_millis(50),
    )
    .await;
    let mut client = rig.connect().await;
    client.send("POST /Micro").await;
    assert_eq!(client.answer().await.status, 408);
    assert_eq!(rig.refusal().1, "request: head came too slowly");
    assert_eq!(client.closed().await, b"");
}

#[tokio::test]
async fn a_client_that_says_nothing() {
    let rig =
        Rig::with(|_| Reaction::ok(), |config| config.limits.idle = Duration::from_millis(50))
            .await;
    assert_eq!(rig.connect().await.closed().await, b"");
}

#[tokio::test]
async fn a_client_without_a_handshake() {
    use tokio::io::AsyncReadExt;
    let time = Duration::from_millis(50);
    let rig = Rig::with(|_| Reaction::ok(), |config| config.limits.handshake_time = time).await;
    let mut tcp = tokio::net::TcpStream::connect(rig.address).await.unwrap();
    assert_eq!(soon(tcp.read(&mut [0])).await.unwrap(), 0);
}

#[tokio::test]
async fn a_slow_body() {
    let mut rig =
        Rig::with(|_| Reaction::ok(), |config| config.limits.stall = Duration::from_millis(50))
            .await;
    let mut client = rig.connect().await;
    client.send(&raw("Content-Length: 100\r\n", "half")).await;
    assert_eq!(client.answer().await.status, 408);
    assert_eq!(rig.mail.closed().await, 0);
    assert!(rig.mail.others().is_empty());
}

#[tokio::test]
async fn broken_chunks() {
    for body in [
        "5;a=b\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloo\r\n",
        "0x5\r\nhello\r\n",
        "5\nhello\n0\n\n",
        "-1\r\n",
    ] {
        let mut rig = Rig::start().await;
        let answer = rig.ask(&raw("Transfer-Encoding: chunked\r\n", body)).await;
        assert_eq!((answer.status, answer.closes()), (400, true), "{body:?}");
        assert!(rig.mail.others().is_empty());
    }
}

#[tokio::test]
async fn trailers() {
    let rig = Rig::start().await;
    let text = raw("Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\nAuthorization: x\r\n\r\n");
    assert_eq!(rig.ask(&text).await.status, 400);
}

#[tokio::test]
async fn a_body_that_is_too_long() {
    let mut rig = Rig::with(|_| Reaction::ok(), |config| config.limits.request_bytes = 10).await;
    assert_eq!(rig.ask(&raw("Content-Length: 11\r\n", "")).await.status, 413);
    assert_eq!(rig.ask(&raw("Transfer-Encoding: chunked\r\n", "b\r\n")).await.status, 413);
    assert!(rig.mail.others().is_empty());
}

#[tokio::test]
async fn upgrades() {
    let websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n";
    refused(&raw(websocket, ""), 400, "request: upgrade").await;
    refused(&raw("Upgrade: h2c\r\nContent-Length: 0\r\n", ""), 400, "request: upgrade").await;
}

#[tokio::test]
async fn headers_named_by_connection() {
    let text = raw("Connection: close, Authorization\r\nContent-Length: 0\r\n", "");
    refused(&text, 400, "request: Connection names a header").await;
}

#[tokio::test]
async fn header_names_that_servers_take_for_others() {
    refused(
        &raw("MS_ASProtocolVersion: 12.1\r\n", ""),
        400,
        "request: header name with an underscore",
    )
    .await;
    refused(&raw("Content-Length : 4\r\n", "body"), 400, "request: head cannot be read").await;
}

#[tokio::test]
async fn headers_twice() {
    refused(&raw("Host: mail.test\r\n", ""), 400, "request: header twice").await;
    for line in [ALICE, "MS-ASProtocolVersion: 16.1\r\n"] {
        assert_eq!(refused_by_rule(&raw(line, ""), "request: header twice").await.status, 400);
    }
}

#[tokio::test]
async fn other_methods() {
    for method in ["GET", "HEAD", "PUT", "DELETE", "PROPFIND", "CONNECT", "TRACE"] {
        let answer =
            refused_by_rule(&request(method, "", "", ""), "request: neither POST nor OPTIONS")
                .await;
        assert_eq!(answer.status, 501);
        assert!(answer.head.contains("Allow: OPTIONS, POST"));
    }
}

#[tokio::test]
async fn query_keys_twice() {
    for (query, fact) in [
        (
            "?Cmd=Sync&cmd=Ping&User=alice&DeviceId=device1&DeviceType=T",
            "request: cmd is there twice",
        ),
        (
            "?Cmd=Sync&User=alice&DeviceId=device1&DeviceType=T&DeviceId=device3",
            "request: DeviceId is there twice",
        ),
        (
            "?Cmd=Sync&User=alice&User=bob&DeviceId=device1&DeviceType=T",
            "request: User is there twice",
        ),
        (
            "?Cmd=Sync&User=alice&DeviceId=device1&DeviceType=T&%44eviceId=x",
            "request: DeviceId is there twice",
        ),
        (
            "?Cmd=Sync&User=alice&DeviceId=device1;DeviceId=device3&DeviceType=T",
            "request: semicolon in the query",
        ),
    ] {
        assert_eq!(refused_by_rule(&request("POST", query, "", ""), fact).await.status, 400);
    }
}

#[tokio::test]
async fn queries_that_say_too_little() {
    for (query, status, fact) in [
        ("", 400, "request: no query"),
        ("?", 400, "request: the protocol version has a wrong length"),
        ("?Cmd=Sync&User=alice&DeviceType=T", 400, "request: DeviceId is missing"),
        (
            "?User=alice&DeviceId=device1&DeviceType=T",
            400,
            "request: neither the plain form nor base64",
        ),
        (
            "?Cmd=Sync&User=alice&DeviceId=dev-ice&DeviceType=T",
            400,
            "request: the device id is not 1 to 32 letters and digits",
        ),
        (
            "?Cmd=Steal&User=alice&DeviceId=device1&DeviceType=T",
            501,
            "request: unknown command Steal",
        ),
    ] {
        assert_eq!(
            refused_by_rule(&request("POST", query, "", ""), fact).await.status,
            status,
            "{query}"
        );
    }
}

#[tokio::test]
async fn versions_that_contradict_or_miss() {
    let no_version =
        raw("Content-Length: 0\r\n", "").replacen("MS-ASProtocolVersion: 16.1\r\n", "", 1);
    assert_eq!(refused_by_rule(&no_version, "request: no protocol version").await.status, 400);
    let old = raw("Content-Length: 0\r\n", "").replacen("16.1", "2.5", 1);
    assert_eq!(refused_by_rule(&old, "request: unknown protocol version 2.5").await.status, 400);
    // Version 14.0, Sync, device `v140Device`; the header of the request says 16.1.
    let base64 = request("POST", "?jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l", "", "");
    let differs = "request: the header MS-ASProtocolVersion differs from the query";
    assert_eq!(refused_by_rule(&base64, differs).await.status, 400);
}

#[tokio::test]
async fn options_with_a_body() {
    let text = request("OPTIONS", "", "Content-Length: 4\r\n", "body");
    assert_eq!(refused_by_rule(&text, "request: OPTIONS with a body").await.status, 400);
}

#[tokio::test]
async fn a_sign_in_that_cannot_be_read() {
    let text = raw("Content-Length: 0\r\n", "").replacen("YWxpY2U6c2VjcmV0", "YWxp*", 1);
    assert_eq!(refused_by_rule(&text, "request: Basic cannot be read").await.status, 400);
}

#[tokio::test]
async fn paths_that_only_resemble() {
    for path in [
        "/%4dicrosoft-Server-ActiveSync",
        "/Microsoft-Server-ActiveSync%2f",
        "/Microsoft-Server-ActiveSync/",
        "//Microsoft-Server-ActiveSync",
        "/app/../Microsoft-Server-ActiveSync",
        "/Microsoft-Server-ActiveSync/../EWS/Exchange.asmx",
        "/EWS/Exchange.asmx",
        "/owa/",
        "/autodiscover/autodiscover.json/v1.0/alice@example.org",
        "/",
    ] {
        let mut rig = Rig::start().await;
        let text =
            raw("Content-Length: 0\r\n", "").replacen("/Microsoft-Server-ActiveSync", path, 1);
        let answer = rig.ask(&text).await;
        assert_eq!((answer.status, answer.body.len()), (404, 0), "{path}");
        let (rule, fact) = rig.refusal();
        assert_eq!(rule, "closed-path");
        assert!(!fact.contains('@'), "{fact}");
        assert!(rig.mail.others().is_empty());
    }
}

#[tokio::test]
async fn letter_case_of_path_and_command_is_normalised() {
    let mut rig = Rig::start().await;
    let text = raw("Content-Length: 4\r\n", "body")
        .replacen(
            "/Microsoft-Server-ActiveSync?Cmd=Sync",
            "/MICROSOFT-server-activesync?cMD=sYNC",
            1,
        )
        .replacen("DeviceId=device1", "deviceid=DEVICE1", 1);
    assert_eq!(rig.ask(&text).await.status, 200);
    let seen = rig.mail.request().await;
    assert!(seen.head.starts_with("POST /Microsoft-Server-ActiveSync?cMD=sYNC&"), "{}", seen.head);
}

#[tokio::test]
async fn the_base64_form_is_decided_like_the_plain_one() {
    let mut rig = Rig::start().await;
    // Version 16.1, Sync, locale 0x0409, device `device1` or `device9`, no policy key, type `T`, user `alice`.
    let query = |device: u8| {
        let mut bytes = vec![161, 0, 9, 4, 7];
        bytes.extend_from_slice(b"device");
        bytes.extend_from_slice(&[device, 0, 1, b'T', 8, 5]);
        bytes.extend_from_slice(b"alice");
        format!("?{}", data_encoding::BASE64.encode(&bytes))
    };
    let text = |device| {
        request("POST", &query(device), "", "").replacen("MS-ASProtocolVersion: 16.1\r\n", "", 1)
    };
    assert_eq!(rig.ask(&text(b'1')).await.text(), "ok");
    assert!(
        rig.mail
            .request()
            .await
            .head
            .starts_with("POST /Microsoft-Server-ActiveSync?oQAJBAdkZXZpY2Ux")
    );
    let refusal = rig.ask(&text(b'9')).await;
    assert_eq!((refusal.status, refusal.body.is_empty()), (200, false));
    assert_eq!(rig.refusal(), ("unknown-device", "device: identifier not registered".into()));
    assert!(rig.mail.others().is_empty());
}

#[tokio::test]
async fn a_pipelined_request_is_decided_for_itself() {
    let mut rig = Rig::start().await;
    let mut client = rig.connect().await;
    let both = [command("Sync", PHONE), command("Ping", 9), command("FolderSync", PHONE)].concat();
    client.send(&both).await;
    assert_eq!(client.answer().await.text(), "ok");
    let refused = client.answer().await;
    assert_eq!(
        refused.body,
        activesync::refusal::body(
            activesync::query::Command::Ping,
            activesync::status::Status(129)
        )
        .unwrap()
    );
    assert_eq!(client.answer().await.text(), "ok");
    assert!(rig.mail.request().await.head.contains("Cmd=Sync"));
    assert!(rig.mail.request().await.head.contains("Cmd=FolderSync"));
    assert!(rig.mail.others().is_empty());
}

#[tokio::test]
async fn a_request_hidden_in_a_body_stays_a_body() {
    let mut rig = Rig::start().await;
    let hidden = command("Sync", 9);
    let chunked = format!("{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len());
    assert_eq!(rig.ask(&raw("Transfer-Encoding: chunked\r\n", &chunked)).await.text(), "ok");
    let seen = rig.mail.request().await;
    assert_eq!(seen.body, hidden.as_bytes());
    assert!(rig.mail.others().is_empty());
}

/// A Sync of alice's phone with these header lines and this body.
fn raw(headers: &str, body: &str) -> String {
    format!(
        "POST {TARGET} HTTP/1.1\r\nHost: mail.test\r\nMS-ASProtocolVersion: 16.1\r\n{ALICE}{headers}\r\n{body}"
    )
}

/// Checks that a head is refused, that nothing reaches the mail server, and that the connection ends.
async fn refused(text: &str, status: u16, fact: &str) {
    let mut rig = Rig::start().await;
    let mut client = rig.connect().await;
    client.send(text).await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.closes()), (status, true), "{text}");
    assert_eq!(answer.body, b"");
    assert_eq!(rig.refusal(), ("malformed-request", fact.into()), "{text}");
    assert_eq!(client.closed().await, b"");
    assert!(rig.mail.others().is_empty());
}

/// Checks that a readable head is refused by the decision table as malformed, and that nothing reaches the mail server.
async fn refused_by_rule(text: &str, fact: &str) -> Answer {
    let mut rig = Rig::start().await;
    let answer = rig.ask(text).await;
    assert_eq!(rig.refusal(), ("malformed-request", fact.into()), "{text}");
    assert!(rig.mail.others().is_empty());
    answer
}

#[tokio::test]
async fn the_good_twin_of_all_these_passes() {
    let mut rig = Rig::start().await;
    assert_eq!(rig.ask(&raw("Content-Length: 4\r\n", "body")).await.text(), "ok");
    assert_eq!(rig.ask(&request("POST", QUERY, "", "body")).await.text(), "ok");
    assert_eq!(rig.mail.request().await.body, b"body");
}
