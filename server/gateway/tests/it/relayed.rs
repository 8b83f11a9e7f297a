//! What reaches the mail server and what comes back.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{APP, PHONE, Reaction, Rig, command, request, soon};

const QUERY: &str = "?Cmd=Sync&User=alice&DeviceId=device1&DeviceType=T";

#[tokio::test]
async fn the_mail_server_sees_known_headers_and_one_framing() {
    let mut rig = Rig::start().await;
    let headers = "X-MS-PolicyKey: 7\r\nCookie: ClientId=b; x=y\r\nCookie: X-BackEndCookie=d\r\nAccept-Language: de\r\nTE: trailers\r\n\
        Connection: keep-alive\r\nX-Forwarded-For: 1.2.3.4\r\nx-webobjects-remote-user: bob\r\nX-CommonAccessToken: x\r\n\
        Content-Type: application/vnd.ms-sync.wbxml\r\nProxy-Authorization: Basic x\r\nVia: x\r\n";
    rig.ask(&request("POST", QUERY, headers, "body")).await;
    let head = rig
        .mail
        .request()
        .await
        .head
        .replace("\r\n", "\n")
        .replace(&rig.mail.address.to_string(), "MAIL");
    insta::assert_snapshot!(head, @r"
    POST /Microsoft-Server-ActiveSync?Cmd=Sync&User=alice&DeviceId=device1&DeviceType=T HTTP/1.1
    Host: MAIL
    MS-ASProtocolVersion: 16.1
    Authorization: Basic YWxpY2U6c2VjcmV0
    X-MS-PolicyKey: 7
    Cookie: ClientId=b
    Cookie: X-BackEndCookie=d
    Accept-Language: de
    Content-Type: application/vnd.ms-sync.wbxml
    Content-Length: 4
    X-Forwarded-For: 127.0.0.1
    X-Forwarded-Proto: https
    ");
}

#[tokio::test]
async fn chunks_are_chunks_again() {
    let mut rig = Rig::start().await;
    let mut client = rig.connect().await;
    let text = request("POST", QUERY, "", "").replacen(
        "Content-Length: 0",
        "Transfer-Encoding: chunked",
        1,
    );
    client.send(&text).await;
    for piece in ["5\r\nhe", "llo\r", "\n7\r\n, world\r\n", "0\r\n", "\r\n"] {
        client.send(piece).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(client.answer().await.text(), "ok");
    let seen = rig.mail.request().await;
    assert_eq!(seen.body, b"hello, world");
    assert!(
        seen.head.contains("Transfer-Encoding: chunked\r\n")
            && !seen.head.contains("Content-Length")
    );
}

#[tokio::test]
async fn chunked_answers_are_passed_on() {
    let rig = Rig::reacting(|_| {
        Reaction::text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nA: b\r\n\r\n")
    })
    .await;
    let mut client = rig.connect().await;
    for _ in 0..2 {
        client.send(&command("Sync", PHONE)).await;
        assert_eq!(client.answer().await.text(), "hello, world");
    }
}

#[tokio::test]
async fn an_answer_that_ends_with_the_connection_becomes_chunked() {
    let rig =
        Rig::reacting(|_| Reaction::AnswerAndClose(b"HTTP/1.0 200 OK\r\n\r\nto the end".into()))
            .await;
    let answer = rig.ask(&command("Sync", PHONE)).await;
    assert_eq!(answer.text(), "to the end");
    assert!(answer.head.contains("Transfer-Encoding: chunked"));
}

#[tokio::test]
async fn answers_without_a_body_are_passed_on() {
    for answer in
        ["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]
    {
        let rig = Rig::reacting(move |_| Reaction::text(answer)).await;
        let mut client = rig.connect().await;
        for _ in 0..2 {
            client.send(&command("Sync", PHONE)).await;
            assert_eq!(client.answer().await.body, b"");
        }
    }
}

#[tokio::test]
async fn a_notice_before_the_answer_is_dropped() {
    let rig = Rig::reacting(|_| {
        Reaction::text("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    })
    .await;
    let answer = rig.ask(&command("Sync", PHONE)).await;
    assert_eq!((answer.status, answer.text()), (200, "ok"));
}

#[tokio::test]
async fn a_client_that_waits_for_100_gets_it() {
    let mut rig = Rig::start().await;
    let mut client = rig.connect().await;
    let text = request("POST", QUERY, "Expect: 100-continue\r\n", "body");
    client.send(text.strip_suffix("body").unwrap()).await;
    assert_eq!(client.take_until(b"\r\n\r\n").await.unwrap(), b"HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body").await;
    assert_eq!(client.answer().await.text(), "ok");
    let seen = rig.mail.request().await;
    assert_eq!(seen.body, b"body");
    assert!(!seen.head.contains("Expect"));
}

#[tokio::test]
async fn connections_to_the_mail_server_are_used_again() {
    let mut rig = Rig::start().await;
    let mut client = rig.connect().await;
    for number in 0..5 {
        client.send(&command("Sync", PHONE)).await;
        assert_eq!(client.answer().await.text(), "ok");
        let seen = rig.mail.request().await;
        assert_eq!((seen.connection, seen.before), (0, number));
    }
}

#[tokio::test]
async fn a_connection_that_the_mail_server_closed_is_not_used_again() {
    let mut rig = Rig::reacting(|_| {
        Reaction::AnswerAndClose(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".into())
    })
    .await;
    let mut client = rig.connect().await;
    for number in 0..3 {
        client.send(&command("Sync", PHONE)).await;
        assert_eq!(client.answer().await.text(), "ok");
        assert_eq!(rig.mail.request().await.connection, number);
        assert_eq!(rig.mail.closed().await, number);
    }
}

#[tokio::test]
async fn a_connection_with_more_than_its_answer_is_not_used_again() {
    let surplus = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    let mut rig = Rig::reacting(move |_| Reaction::text(surplus)).await;
    let mut client = rig.connect().await;
    for number in 0..3 {
        client.send(&command("Sync", PHONE)).await;
        assert_eq!(client.answer().await.text(), "ok");
        assert_eq!(rig.mail.request().await.connection, number);
    }
}

#[tokio::test]
async fn a_request_that_was_sent_is_not_sent_twice() {
    let mut rig = Rig::reacting(|seen| match seen.before {
        0 => Reaction::ok(),
        _ => Reaction::AnswerAndClose(Vec::new()),
    })
    .await;
    let mut client = rig.connect().await;
    client.send(&command("Sync", PHONE)).await;
    assert_eq!(client.answer().await.text(), "ok");
    client.send(&command("SendMail", PHONE)).await;
    assert_eq!(client.answer().await.status, 502);
    rig.mail.request().await;
    assert!(rig.mail.request().await.head.contains("Cmd=SendMail"));
    assert!(rig.mail.others().is_empty());
}

#[tokio::test]
async fn options_is_asked_twice_if_the_kept_connection_is_gone() {
    let mut rig = Rig::reacting(|seen| match (seen.connection, seen.before) {
        (0, 1) => Reaction::AnswerAndClose(Vec::new()),
        _ => Reaction::ok(),
    })
    .await;
    let mut client = rig.connect().await;
    for _ in 0..2 {
        client.send(&request("OPTIONS", "", "", "")).await;
        assert_eq!(client.answer().await.text(), "ok");
    }
    let seen: Vec<_> =
        [rig.mail.request().await, rig.mail.request().await, rig.mail.request().await].into();
    assert_eq!(seen.iter().map(|seen| seen.connection).collect::<Vec<_>>(), [0, 0, 1]);
}

#[tokio::test]
async fn a_mail_server_that_fails_gives_502() {
    for answer in [
        "",
        "HTTP/1.1 2",
        "SSH-2.0-x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    ] {
        let rig = Rig::reacting(move |_| Reaction::AnswerAndClose(answer.into())).await;
        assert_eq!(rig.ask(&command("Sync", PHONE)).await.status, 502, "{answer:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_looks_cut() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let rig = Rig::reacting(move |_| Reaction::AnswerAndClose(answer.into())).await;
        let mut client = rig.connect().await;
        client.send(&command("Sync", PHONE)).await;
        assert_eq!(client.try_answer().await, None, "{answer:?}");
    }
}

#[tokio::test]
async fn a_mail_server_that_cannot_be_reached_gives_502() {
    let rig = Rig::with(
        |_| Reaction::ok(),
        |config| {
            // Port 1 on loopback has no listener.
            config.upstream = gateway::UpstreamConfig::parse(
                "http://127.0.0.1:1",
                rustls::RootCertStore::empty(),
            )
            .unwrap();
        },
    )
    .await;
    assert_eq!(rig.ask(&command("Sync", PHONE)).await.status, 502);
}

#[tokio::test]
async fn an_early_answer_reaches_a_client_that_is_still_sending() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut bytes = [0; 4096];
        let _ = tcp.read(&mut bytes).await.unwrap();
        tcp.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig").await.unwrap();
        while tcp.read(&mut bytes).await.is_ok_and(|count| count > 0) {}
    });
    let rig = Rig::with(
        |_| Reaction::ok(),
        |config| {
            config.upstream =
                gateway::UpstreamConfig::parse(&url, rustls::RootCertStore::empty()).unwrap()
        },
    )
    .await;
    let mut client = rig.connect().await;
    client
        .send(&command("SendMail", PHONE).replacen(
            "Content-Length: 4",
            "Content-Length: 5000000",
            1,
        ))
        .await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.text(), answer.closes()), (413, "big", true));
}

#[tokio::test]
async fn fifty_megabytes_pass_both_ways_in_bounded_memory() {
    const SIZE: usize = 50 * 1024 * 1024;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mail = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 64 * 1024];
        let mut received = 0;
        while received < SIZE {
            let count = tcp.read(&mut bytes).await.unwrap();
            received += bytes[..count].iter().filter(|byte| **byte == b'#').count();
        }
        tcp.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let piece = vec![b'$'; 64 * 1024];
        for _ in 0..SIZE / piece.len() {
            tcp.write_all(&piece).await.unwrap();
        }
        received
    });
    let rig = Rig::with(
        |_| Reaction::ok(),
        |config| {
            config.upstream =
                gateway::UpstreamConfig::parse(&url, rustls::RootCertStore::empty()).unwrap()
        },
    )
    .await;
    let mut client = rig.connect().await;
    let before = peak_memory_kib();
    let head = command("SendMail", PHONE).replacen(
        "Content-Length: 4",
        &format!("Content-Length: {SIZE}"),
        1,
    );
    client.send(head.strip_suffix("body").unwrap()).await;
    let piece = vec![b'#'; 64 * 1024];
    for _ in 0..SIZE / piece.len() {
        soon(client.stream.write_all(&piece)).await.unwrap();
    }
    // What did not fit into the socket waits in the TLS session.
    soon(client.stream.flush()).await.unwrap();
    let mut received = 0;
    let head = client.take_until(b"\r\n\r\n").await.unwrap();
    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    while received < SIZE {
        received +=
            client.take(64 * 1024).await.unwrap().iter().filter(|byte| **byte == b'$').count();
    }
    assert_eq!(mail.await.unwrap(), SIZE);
    let grown = peak_memory_kib() - before;
    assert!(grown < 8 * 1024, "memory grew by {grown} KiB");
}

#[tokio::test]
async fn a_mail_server_that_does_not_read_stops_the_client() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let rig = Rig::with(
        |_| Reaction::ok(),
        |config| {
            config.upstream =
                gateway::UpstreamConfig::parse(&url, rustls::RootCertStore::empty()).unwrap();
            config.limits.stall = Duration::from_millis(300);
        },
    )
    .await;
    let mut client = rig.connect().await;
    let head =
        command("SendMail", PHONE).replacen("Content-Length: 4", "Content-Length: 99000000", 1);
    client.send(head.strip_suffix("body").unwrap()).await;
    let (_kept_open, _) = listener.accept().await.unwrap();
    let piece = vec![b'#'; 64 * 1024];
    let mut sent = 0;
    // The gateway gives up, so at some point the client cannot write; it must not have got rid of everything.
    while soon(client.stream.write_all(&piece)).await.is_ok() {
        sent += piece.len();
        assert!(sent < 90_000_000, "somebody keeps it all");
    }
    assert_eq!(rig.gateway.requests_under_way(), 0);
}

/// The most memory this process has used.
fn peak_memory_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_token_and_what_is_wrong_with_it_pass_as_they_are() {
    const TOKEN: &str = "Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl_-~+/==";
    const CHALLENGE: &str = "WWW-Authenticate: Bearer realm=\"a\", authorization_uri=\"https://login.test/auth?x=1\", \
        error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\"";
    let mut rig = Rig::reacting(move |_| {
        Reaction::text(&format!("HTTP/1.1 401 \r\n{CHALLENGE}\r\nContent-Length: 0\r\n\r\n"))
    })
    .await;
    let mut client = rig.connect_as_app().await;
    let text = command("Sync", APP);
    let own = text.lines().find(|line| line.starts_with("Authorization")).unwrap();
    client.send(&text.replacen(own, TOKEN, 1)).await;

    let answer = client.answer().await;
    assert_eq!(answer.status, 401);
    assert!(answer.head.contains(&format!("{CHALLENGE}\r\n")), "{}", answer.head);
    let seen = rig.mail.request().await.head;
    assert!(seen.contains(&format!("{TOKEN}\r\n")), "{seen}");
}
