//! TLS on both sides.

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::time::Duration;

use fleet::access::Connection;
use gateway::{GatewayConfig, UpstreamConfig};
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::X509;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::support::{Authority, Client, MailServer, PHONE, Reaction, Rig, command, soon};

const ASK: &str = "GET /app/v1/connection HTTP/1.1\r\nHost: mail.test\r\n\r\n";

#[tokio::test]
async fn both_ends_derive_the_same_exporter_for_the_whole_connection() {
    let rig = Rig::start().await;
    for versions in [&[&rustls::version::TLS13], &[&rustls::version::TLS12]] {
        let config = rig.authority.client_config_with(Some(&rig.app), versions);
        let mut client = Client::connect(rig.address, config).await;
        let ours = format!("exporter: {:?}", client.exporter(Connection::EXPORTER_LABEL));
        for _ in 0..2 {
            client.send(ASK).await;
            let told = client.answer().await;
            assert!(told.text().contains(&ours), "{}", told.text());
        }
        let mut other = rig.connect_as_app().await;
        other.send(ASK).await;
        assert!(!other.answer().await.text().contains(&ours));
    }
}

#[tokio::test]
async fn the_client_certificate_reaches_the_app_interface() {
    let rig = Rig::start().await;
    let mut client = rig.connect_as_app().await;
    client.send(ASK).await;
    let expected = format!("client_certificate: Some({:?})", rig.app.certificate);
    assert!(client.answer().await.text().contains(&expected));
    assert!(rig.ask(ASK).await.text().contains("client_certificate: None"));
}

#[tokio::test]
async fn the_peer_reaches_the_app_interface() {
    let rig = Rig::start().await;
    let mut client = rig.connect().await;
    let peer = client.stream.get_ref().0.local_addr().unwrap();
    client.send(ASK).await;
    assert!(client.answer().await.text().contains(&format!("peer: {peer}")));
}

#[tokio::test]
async fn a_certificate_of_a_foreign_authority_gets_no_connection() {
    let rig = Rig::start().await;
    let foreign = Authority::make().issue("app");
    let mut client = rig.connect_as(&foreign).await;
    // In TLS 1.3 the refusal comes after the client's own handshake is done.
    assert_eq!(client.closed().await, b"");
    assert!(rig.gateway.recent_refusals().is_empty());
}

#[tokio::test]
async fn only_http_1_1_is_spoken() {
    let rig = Rig::start().await;
    let mut config = rig.authority.client_config(None);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let client = Client::connect(rig.address, config).await;
    assert_eq!(client.stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
}

#[tokio::test]
async fn the_mail_server_may_speak_tls() {
    let authority = Authority::make();
    let app = authority.issue("app");
    let mail = tls_server(&authority, "localhost").await;
    let url = format!("https://localhost:{}", mail.address.port());
    let upstream = UpstreamConfig::parse(&url, authority.roots()).unwrap();
    let mut rig = Rig::in_front_of(upstream, mail, authority, app, |_| {}).await;
    rig.snapshot().await;
    let mut client = rig.connect().await;
    for number in 0..3 {
        client.send(&command("Sync", PHONE)).await;
        assert_eq!(client.answer().await.text(), "ok");
        let seen = rig.mail.request().await;
        assert_eq!(
            (seen.connection, seen.before, seen.body.as_slice()),
            (0, number, b"body".as_slice())
        );
    }
}

#[tokio::test]
async fn a_mail_server_that_cannot_prove_itself_is_not_asked() {
    let authority = Authority::make();
    let app = authority.issue("app");
    let mail = tls_server(&Authority::make(), "localhost").await;
    let url = format!("https://localhost:{}", mail.address.port());
    let upstream = UpstreamConfig::parse(&url, authority.roots()).unwrap();
    let mut rig = Rig::in_front_of(upstream, mail, authority, app, |_| {}).await;
    rig.snapshot().await;
    assert_eq!(rig.ask(&command("Sync", PHONE)).await.status, 502);
    assert!(rig.mail.others().is_empty());
}

#[tokio::test]
async fn a_mail_server_with_weak_tls_is_not_asked() {
    use openssl::ssl::SslVersion;

    let tls_1_1 = Old { version: SslVersion::TLS1_1, ciphers: "ALL:@SECLEVEL=0", rsa: 2048 };
    let key_transport =
        Old { version: SslVersion::TLS1_2, ciphers: "AES128-GCM-SHA256", rsa: 2048 };
    let cbc = Old { ciphers: "ECDHE-RSA-AES128-SHA256", ..key_transport };
    let good = Old { ciphers: "ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", ..key_transport };
    let short_key = Old { rsa: 1024, ..good };
    for (old, taken) in
        [(tls_1_1, false), (key_transport, false), (cbc, false), (short_key, false), (good, true)]
    {
        let authority = Authority::make();
        let app = authority.issue("app");
        let (address, handshakes) = old.start(&authority);
        let url = format!("https://localhost:{}", address.port());
        let upstream = UpstreamConfig::parse(&url, authority.roots()).unwrap();
        let unused = MailServer::start(|_| Reaction::ok()).await;
        let mut rig = Rig::in_front_of(upstream, unused, authority, app, |_| {}).await;
        rig.snapshot().await;
        assert_eq!(rig.ask(&command("Sync", PHONE)).await.status, 502, "{old:?}");
        let handshake = tokio::task::spawn_blocking(move || handshakes.recv().unwrap());
        assert_eq!(soon(handshake).await.unwrap(), taken, "{old:?}");
    }
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_their_turn() {
    let rig = Rig::with(|_| Reaction::ok(), |config| config.limits.connections = 1).await;
    let mut first = rig.connect().await;
    let config = rig.authority.client_config(None);
    let mut second = Box::pin(Client::connect(rig.address, config));
    first.send(&command("Sync", PHONE)).await;
    tokio::select! {
        biased;
        answer = first.answer() => assert_eq!(answer.text(), "ok"),
        _ = &mut second => panic!("a second connection was served"),
    }
    drop(first);
    let mut second = soon(second).await;
    second.send(&command("Sync", PHONE)).await;
    assert_eq!(second.answer().await.text(), "ok");
}

#[tokio::test]
async fn one_address_gets_a_share_of_the_connections() {
    let rig = Rig::with(
        |_| Reaction::ok(),
        |config| {
            patient(config);
            config.limits.connections_per_address = 2;
        },
    )
    .await;
    let (mut first, _second) = (rig.connect().await, rig.connect().await);
    for _ in 0..3 {
        let mut third = TcpStream::connect(rig.address).await.unwrap();
        assert_eq!(soon(third.read(&mut [0])).await.unwrap_or(0), 0, "closed before TLS");
    }
    first.send(&command("Sync", PHONE)).await;
    assert_eq!(first.answer().await.text(), "ok");

    let elsewhere = TcpSocket::new_v4().unwrap();
    elsewhere.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let elsewhere = elsewhere.connect(rig.address).await.unwrap();
    let mut elsewhere = Client::over(elsewhere, rig.authority.client_config(None)).await;
    elsewhere.send(&command("Sync", PHONE)).await;
    assert_eq!(elsewhere.answer().await.text(), "ok");
    drop(first);
    loop {
        let mut again = TcpStream::connect(rig.address).await.unwrap();
        if tokio::time::timeout(Duration::from_millis(50), again.read(&mut [0])).await.is_err() {
            break;
        }
    }
}

#[tokio::test]
async fn unfinished_handshakes_of_one_address_are_few() {
    let rig = Rig::with(
        |_| Reaction::ok(),
        |config| {
            patient(config);
            config.limits.handshakes_per_address = 2;
        },
    )
    .await;
    let mut served: Vec<_> = Vec::new();
    for _ in 0..5 {
        let mut client = rig.connect().await;
        client.send(&command("Sync", PHONE)).await;
        assert_eq!(client.answer().await.text(), "ok");
        served.push(client);
    }
    let silent = [
        TcpStream::connect(rig.address).await.unwrap(),
        TcpStream::connect(rig.address).await.unwrap(),
    ];
    let mut third = TcpStream::connect(rig.address).await.unwrap();
    assert_eq!(soon(third.read(&mut [0])).await.unwrap_or(0), 0, "closed before TLS");
    for client in &mut served {
        client.send(&command("Sync", PHONE)).await;
        assert_eq!(client.answer().await.text(), "ok");
    }
    drop(silent);
}

/// How an old server speaks TLS.
#[derive(Clone, Copy, Debug)]
struct Old {
    version: openssl::ssl::SslVersion,
    ciphers: &'static str,
    /// The length of its key.
    rsa: u32,
}

impl Old {
    /// Waits for clients, closes each connection after the handshake, and tells whether that went well and something came.
    fn start(self, authority: &Authority) -> (SocketAddr, mpsc::Receiver<bool>) {
        let key = PKey::from_rsa(Rsa::generate(self.rsa).unwrap()).unwrap();
        let identity = authority.issue_for("localhost", &key);
        let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
        builder.set_min_proto_version(Some(self.version)).unwrap();
        builder.set_max_proto_version(Some(self.version)).unwrap();
        builder.set_cipher_list(self.ciphers).unwrap();
        builder.set_private_key(&key).unwrap();
        builder.set_certificate(&X509::from_der(&identity.certificate).unwrap()).unwrap();
        let acceptor = builder.build();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shaken = acceptor.accept(stream.unwrap());
                let came =
                    shaken.is_ok_and(|mut tls| tls.read(&mut [0]).is_ok_and(|read| read > 0));
                if tell.send(came).is_err() {
                    return;
                }
            }
        });

        (address, told)
    }
}

/// Leaves so much time for the handshake that only a limit closes a connection before.
fn patient(config: &mut GatewayConfig) {
    config.limits.handshake_time = Duration::from_secs(600);
}

/// A mail server behind TLS that answers `ok`; "localhost" must be in its certificate, whose address is 127.0.0.1.
async fn tls_server(authority: &Authority, name: &str) -> MailServer {
    MailServer::start_tls(TlsAcceptor::from(authority.server_config(name)), |_| Reaction::ok())
        .await
}
