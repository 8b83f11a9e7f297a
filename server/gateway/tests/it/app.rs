//! The paths that are answered in process, on the same connections.

use crate::support::{APP, Reaction, Rig, command};

#[tokio::test]
async fn the_join_page_is_served() {
    let rig = Rig::start().await;
    let answer = rig.ask("GET /join HTTP/1.1\r\nHost: mail.test\r\n\r\n").await;
    insta::assert_snapshot!(answer.head.replace("\r\n", "\n"), @r"
    HTTP/1.1 200 OK
    Date: Sat, 03 Jan 2026 04:05:06 GMT
    content-type: text/plain; charset=utf-8
    Content-Length: 4
    ");
    assert_eq!(answer.text(), "join");
}

#[tokio::test]
async fn head_has_no_body() {
    let rig = Rig::start().await;
    let mut client = rig.connect().await;
    client.send("HEAD /join HTTP/1.1\r\nHost: mail.test\r\nConnection: close\r\n\r\n").await;
    let all = String::from_utf8(client.closed().await).unwrap();
    assert!(all.starts_with("HTTP/1.1 200 OK\r\n") && all.ends_with("\r\n\r\n"), "{all}");
}

#[tokio::test]
async fn bodies_go_in_and_out() {
    let rig = Rig::start().await;
    let mut client = rig.connect().await;
    client
        .send("POST /app/v1/echo HTTP/1.1\r\nHost: mail.test\r\nContent-Length: 5\r\n\r\nhello")
        .await;
    assert_eq!(client.answer().await.text(), "hello");
    let chunked = "POST /app/v1/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    client.send(chunked).await;
    assert_eq!(client.answer().await.text(), "abc");
    client.send("GET /app/v1/long HTTP/1.1\r\nHost: mail.test\r\n\r\n").await;
    assert_eq!(client.answer().await.body.len(), 100_000);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let rig = Rig::with(|_| Reaction::ok(), |config| config.limits.face_request_bytes = 4).await;
    let answer =
        rig.ask("POST /app/v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello").await;
    assert_eq!((answer.status, answer.closes()), (413, true));
}

#[tokio::test]
async fn a_client_that_waits_for_100_gets_it_here_too() {
    let rig = Rig::start().await;
    let mut client = rig.connect().await;
    let head = "POST /app/v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    client.send(head).await;
    assert_eq!(client.take_until(b"\r\n\r\n").await.unwrap(), b"HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello").await;
    assert_eq!(client.answer().await.text(), "hello");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_followed_by_another() {
    let rig = Rig::start().await;
    for (length, status) in [(0, "502"), (100, "502"), (100_000, "200")] {
        let mut client = rig.connect().await;
        let ask = format!("GET /app/v1/broken?{length} HTTP/1.1\r\nHost: mail.test\r\n\r\n");
        client.send(&ask).await;
        let all = String::from_utf8(client.closed().await).unwrap();
        assert!(all.starts_with(&format!("HTTP/1.1 {status} ")), "{length}: {all:.200}");
        assert_eq!(all.matches("HTTP/1.1 ").count(), 1, "{length}");
        assert!(!all.ends_with("0\r\n\r\n") || status != "200", "{length}: it must not look whole");
    }
}

#[tokio::test]
async fn mail_and_app_share_a_connection() {
    let mut rig = Rig::start().await;
    let mut client = rig.connect_as_app().await;
    for _ in 0..2 {
        client.send(&command("Sync", APP)).await;
        assert_eq!(client.answer().await.text(), "ok");
        client.send("GET /join HTTP/1.1\r\nHost: mail.test\r\n\r\n").await;
        assert_eq!(client.answer().await.text(), "join");
    }
    assert_eq!(rig.mail.request().await.before, 0);
    assert_eq!(rig.mail.request().await.before, 1);
}

#[tokio::test]
async fn unknown_paths_and_methods_of_the_app_are_the_routers_business() {
    let rig = Rig::start().await;
    assert_eq!(rig.ask("GET /app/v1/nothing HTTP/1.1\r\nHost: a\r\n\r\n").await.status, 404);
    assert_eq!(rig.ask("DELETE /join HTTP/1.1\r\nHost: a\r\n\r\n").await.status, 405);
    assert_eq!(rig.ask("TRACE /join HTTP/1.1\r\nHost: a\r\n\r\n").await.status, 400);
}

#[tokio::test]
async fn the_app_is_served_while_the_feed_is_lost() {
    let authority = crate::support::Authority::make();
    let app = authority.issue("app");
    let rig = Rig::without_snapshot(authority, app, |_| Reaction::ok(), |_| {}).await;
    assert_eq!(rig.ask("GET /join HTTP/1.1\r\nHost: a\r\n\r\n").await.text(), "join");
}
