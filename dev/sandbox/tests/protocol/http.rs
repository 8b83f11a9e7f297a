use std::sync::Arc;

use activesync::query::{Command, Version};
use hyper::StatusCode;
use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::extension::SubjectAlternativeName;
use openssl::x509::{X509, X509NameBuilder};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use sandbox::{Fault, Options, Sandbox, StartError, Tls};
use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Client, PASSWORD, options, ready};

const PATH: &str = "/Microsoft-Server-ActiveSync";

#[tokio::test]
async fn options_tells_versions_and_commands() {
    let running = Sandbox::start(options()).await.unwrap();
    let answer = Client::new(&running, "alice").send("OPTIONS", PATH, vec![]).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    insta::assert_snapshot!(header("MS-ASProtocolVersions"), @"14.1,16.1");
    insta::assert_snapshot!(header("MS-ASProtocolCommands"), @"Sync,SendMail,FolderSync,FolderCreate,FolderDelete,FolderUpdate,MoveItems,GetItemEstimate,Search,Settings,Ping,ItemOperations,Provision");
}

#[tokio::test]
async fn only_the_right_password_signs_in() {
    let running = Sandbox::start(options()).await.unwrap();
    for (user, password, expected) in [
        ("alice", PASSWORD, StatusCode::OK),
        ("Alice@example.test", PASSWORD, StatusCode::OK),
        (r"EXAMPLE\alice", PASSWORD, StatusCode::OK),
        ("alice", "wrong", StatusCode::UNAUTHORIZED),
        ("alice", "", StatusCode::UNAUTHORIZED),
        ("mallory", PASSWORD, StatusCode::UNAUTHORIZED),
        ("alice@other.test", PASSWORD, StatusCode::UNAUTHORIZED),
        ("", PASSWORD, StatusCode::UNAUTHORIZED),
    ] {
        let client = Client { password: password.to_owned(), ..Client::new(&running, user) };
        for method in ["OPTIONS", "POST"] {
            let target = format!("{PATH}?Cmd=Find&DeviceId=a&DeviceType=b");
            let answer = client.send(method, &target, vec![]).await.unwrap();
            assert_eq!(answer.status, expected, "{method} {user} {password}");
        }
    }
}

#[tokio::test]
async fn requests_that_are_no_commands_are_refused() {
    let running = Sandbox::start(options()).await.unwrap();
    let client = Client::new(&running, "alice");
    for (method, target, expected) in [
        ("GET", PATH, StatusCode::NOT_IMPLEMENTED),
        ("POST", PATH, StatusCode::BAD_REQUEST),
        (
            "POST",
            "/Microsoft-Server-ActiveSync?Cmd=Sync&DeviceId=a-b&DeviceType=c",
            StatusCode::BAD_REQUEST,
        ),
        ("POST", "/owa", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(
            client.send(method, target, vec![]).await.unwrap().status,
            expected,
            "{method} {target}"
        );
    }
}

#[tokio::test]
async fn commands_and_versions_that_are_not_offered_are_refused() {
    let (_running, client) = ready(options()).await;
    let status =
        |body: &[u8]| String::from_utf8_lossy(&body[body.len() - 6..body.len() - 3]).into_owned();
    assert_eq!(status(&client.post(Command::MeetingResponse, vec![]).await), "137");
    assert_eq!(status(&client.post(Command::FolderSync, b"junk".to_vec()).await), "102");
    let client = Client { version: Version::V14_0, ..client };
    assert_eq!(status(&client.post(Command::FolderSync, vec![]).await), "138");
    let client = Client { version: Version::V12_1, ..client };
    assert_eq!(
        client.try_post(Command::FolderSync, vec![]).await.unwrap().status,
        StatusCode::NOT_IMPLEMENTED
    );
}

#[tokio::test]
async fn the_base64_query_works() {
    let (_running, client) = ready(options()).await;
    let client = Client { version: Version::V14_1, ..client };
    let mut query = vec![141, 9, 9, 4, 7];
    query.extend(b"Device1\0\x04Test");
    let target = format!("{PATH}?{}", data_encoding::BASE64.encode(&query));
    let body = activesync::messages::FolderSyncRequest { sync_key: "0".into() }.encode();
    let answer = client.send("POST", &target, body).await.unwrap();
    let answer = activesync::messages::FolderSyncAnswer::decode(&answer.body).unwrap();
    assert_eq!(answer.changes.len(), 13);
}

#[tokio::test]
async fn unavailable_is_said_with_a_pause() {
    let (running, client) = ready(options()).await;
    running.fail_next("alice", Some(Command::Ping), Fault::Unavailable { retry_after: 7 }).unwrap();
    assert_eq!(client.try_post(Command::Search, vec![]).await.unwrap().status, StatusCode::OK);
    let answer = client.try_post(Command::Ping, vec![]).await.unwrap();
    assert_eq!(
        (answer.status, &answer.headers["retry-after"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"7".parse().unwrap())
    );
    assert_eq!(client.try_post(Command::Ping, vec![]).await.unwrap().status, StatusCode::OK);
    assert_eq!(running.requests("alice", Command::Ping), Ok(1));
}

#[tokio::test]
async fn tls_is_served_with_the_given_certificate() {
    let tls = self_signed();
    let running = Sandbox::start(Options { tls: Some(tls.clone()), ..options() }).await.unwrap();
    assert!(running.url().starts_with("https://127.0.0.1:"));
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(tls.certificates.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(running.address()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream =
        tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_an_error_at_the_start() {
    let good = self_signed();
    let start = async |certificates: &str, key: &str| {
        let tls = Tls { certificates: certificates.to_owned(), key: key.into() };
        Sandbox::start(Options { tls: Some(tls), ..options() }).await.map(|_| ())
    };
    assert!(matches!(start("junk", good.key.expose_secret()).await, Err(StartError::Tls(_))));
    assert!(matches!(start(&good.certificates, "junk").await, Err(StartError::Tls(_))));
    assert!(matches!(
        start(&good.certificates, self_signed().key.expose_secret()).await,
        Err(StartError::Tls(_))
    ));
}

fn self_signed() -> Tls {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "localhost").unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    certificate.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    let names = SubjectAlternativeName::new()
        .dns("localhost")
        .build(&certificate.x509v3_context(None, None))
        .unwrap();
    certificate.append_extension(names).unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    let pem = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Tls {
        certificates: pem(certificate.build().to_pem().unwrap()),
        key: pem(key.private_key_to_pem_pkcs8().unwrap()).into(),
    }
}
