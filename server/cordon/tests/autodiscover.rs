//! `cordon autodiscover` as a program, against a server that plays several companies, and against the sandbox.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use activesync::autodiscover::{Answer, Server, write_json};
use data_encoding::BASE64;
use keys::{PrivateKey as _, SoftwareKey};
use pki::{AlternativeName, Certificate, Purpose, Serial, Subject, Template, Usage, issue};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};
use tokio_rustls::TlsAcceptor;

const HOSTS: [&str; 10] = [
    "autodiscover.json.test",
    "autodiscover.none.test",
    "autodiscover.redirect.test",
    "autodiscover.xml.test",
    "elsewhere.example",
    "mail.srv.test",
    "none.test",
    "other.test",
    "redirect.test",
    "xml.test",
];
const SANDBOX: [&str; 4] =
    ["autodiscover.example.test", "autodiscover.old.test", "example.test", "old.test"];

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_found_by_json() {
    let world = World::start().await;
    let found = world.asks(&["alice@json.test"]);
    insta::assert_snapshot!(told(&found), @r#"
    0
    json      https://autodiscover.json.test/autodiscover/autodiscover.json/v1.0/alice@json.test?Protocol=ActiveSync&RedirectCount=1: found https://mail.json.test/eas
    mail_server = "https://mail.json.test/eas"
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_goes_to_whoever_asks_for_it_and_to_nobody_before() {
    let world = World::start().await;
    let refused = world.asks(&["alice@xml.test"]);
    assert_eq!(refused.status.code(), Some(1));
    let wanted = "wants a name and a password: add --user NAME";
    assert!(told(&refused).contains(wanted), "{}", told(&refused));
    assert_eq!(world.passwords(), 0);

    let found = world.asks(&["alice@xml.test", "--user", "alice", "--json"]);
    assert_eq!(found.status.code(), Some(0), "{}", told(&found));
    let value: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(value["mail_server"], "https://mail.xml.test/eas");
    assert_eq!(world.passwords(), 1, "only after the server had asked for it");

    let wrong = world.asks(&["alice@xml.test", "--user", "mallory"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(told(&wrong).contains("name or password are wrong"), "{}", told(&wrong));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_is_asked_for_in_its_place() {
    let world = World::start().await;
    let found = world.asks(&["alice@other.test", "--json"]);
    let value: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(
        (value["address"].as_str(), value["mail_server"].as_str()),
        (Some("alice@json.test"), Some("https://mail.json.test/eas"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_out_of_the_domain_waits_for_consent() {
    let world = World::start().await;
    let shown = world.asks(&["alice@redirect.test", "--user", "alice"]);
    assert_eq!(shown.status.code(), Some(1));
    assert!(told(&shown).contains("add --trust elsewhere.example"), "{}", told(&shown));
    assert_eq!(world.passwords(), 0);

    let found = world.asks(&["alice@redirect.test", "--trust", "elsewhere.example"]);
    let line = "mail_server = \"https://mail.elsewhere.example/eas\"\n";
    assert!(told(&found).ends_with(line), "{}", told(&found));
}

#[tokio::test(flavor = "multi_thread")]
async fn dns_names_a_host() {
    let world = World::start().await;
    let found = world.asks(&["alice@srv.test"]);
    let line = "mail_server = \"https://mail.srv.test/eas\"\n";
    assert!(told(&found).ends_with(line), "{}", told(&found));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_found_where_nothing_is() {
    let world = World::start().await;
    let nothing = world.asks(&["alice@none.test"]);
    insta::assert_snapshot!(told(&nothing), @"
    1
    cordon: no mail server was found for alice@none.test
    json      https://autodiscover.none.test/autodiscover/autodiscover.json/v1.0/alice@none.test?Protocol=ActiveSync&RedirectCount=1: HTTP 404
    xml       https://none.test/autodiscover/autodiscover.xml: HTTP 404
    xml       https://autodiscover.none.test/autodiscover/autodiscover.xml: HTTP 404
    redirect  http://autodiscover.none.test/autodiscover/autodiscover.xml: HTTP 404
    srv       _autodiscover._tcp.none.test: DNS has no such record
    ");
    let refusal = world.asks(&["alice@none.test", "--json"]);
    let refusal: serde_json::Value = serde_json::from_slice(&refusal.stderr).unwrap();
    assert_eq!(refusal["code"], "not_found");

    let unusable = world.asks(&["alice"]);
    assert_eq!(unusable.status.code(), Some(2), "{}", told(&unusable));
    let umlaut = world.asks(&["alice@müller.test"]);
    assert_eq!(umlaut.status.code(), Some(2), "{}", told(&umlaut));
    assert!(told(&umlaut).contains("xn--"), "{}", told(&umlaut));
    let missing = world.asks(&["alice@none.test", "--ca", "missing.pem"]);
    assert_eq!(missing.status.code(), Some(2), "{}", told(&missing));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_another_name_is_not_believed() {
    let world = World::start().await;
    let found = world.asks(&["alice@unknown.test", "--user", "alice"]);
    assert_eq!(found.status.code(), Some(1));
    assert!(told(&found).contains("no secure connection"), "{}", told(&found));
    assert_eq!(world.passwords(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_is_found_by_json_and_by_xml() {
    let certificates = certificates(&SANDBOX);
    let options = sandbox::Options {
        public_url: Some("https://mail.example.test".to_owned()),
        renamed: vec![("alice@old.test".to_owned(), "alice@example.test".to_owned())],
        tls: Some(sandbox::Tls {
            certificates: pem("CERTIFICATE", certificates.server.as_der()),
            key: pem("PRIVATE KEY", &certificates.key.to_pkcs8()).into(),
        }),
        ..sandbox::Options::new("secret", now)
    };
    let server = sandbox::Sandbox::start(options).await.unwrap();
    let root = tempfile::tempdir().unwrap();
    let ask = |address: &str| {
        let place = server.address();
        let arguments = [address, "--user", "alice"];
        told(&run(root.path(), &certificates.authority, place, place, &arguments))
    };
    let line = "mail_server = \"https://mail.example.test/Microsoft-Server-ActiveSync\"\n";

    let by_json = ask("alice@example.test");
    assert!(by_json.starts_with("0\njson") && by_json.ends_with(line), "{by_json}");
    let by_xml = ask("alice@old.test");
    let step =
        "https://old.test/autodiscover/autodiscover.xml: names the address alice@example.test";
    assert!(by_xml.contains(step) && by_xml.ends_with(line), "{by_xml}");
}

/// Companies with their servers and their DNS.
struct World {
    web: SocketAddr,
    dns: SocketAddr,
    authority: Certificate,
    passwords: Arc<AtomicUsize>,
    root: TempDir,
}

impl World {
    async fn start() -> Self {
        let certificates = certificates(&HOSTS);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let web = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(certificates.config()));
        let passwords = Arc::<AtomicUsize>::default();
        let counter = Arc::clone(&passwords);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, counter) = (acceptor.clone(), Arc::clone(&counter));
                tokio::spawn(async move {
                    let mut first = [0];
                    stream.peek(&mut first).await?;
                    // A TLS handshake begins with this byte, no method of HTTP does.
                    if first == [0x16] {
                        serve(acceptor.accept(stream).await?, true, &counter).await
                    } else {
                        serve(stream, false, &counter).await
                    }
                });
            }
        });
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let dns = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut message = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut message).await {
                let answer = resolved(&message[..length]);
                // A forgery first, which must not be taken for the answer.
                let mut forged = answer.clone();
                forged[0] ^= 0xff;
                drop(socket.send_to(&forged, from).await);
                drop(socket.send_to(&answer, from).await);
            }
        });
        let root = tempfile::tempdir().unwrap();

        Self { web, dns, authority: certificates.authority, passwords, root }
    }

    fn asks(&self, arguments: &[&str]) -> Output {
        run(self.root.path(), &self.authority, self.web, self.dns, arguments)
    }

    /// How often somebody was told a password.
    fn passwords(&self) -> usize {
        self.passwords.load(Ordering::SeqCst)
    }
}

/// Runs the command in a folder, with the authority of the servers, and with a password where there is a name.
fn run(
    root: &Path,
    authority: &Certificate,
    web: SocketAddr,
    dns: SocketAddr,
    arguments: &[&str],
) -> Output {
    std::fs::write(root.join("ca.pem"), pem("CERTIFICATE", authority.as_der())).unwrap();
    std::fs::write(root.join("password"), "secret\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cordon"));
    command.current_dir(root).arg("autodiscover").args(arguments);
    if !arguments.contains(&"--ca") {
        command.args(["--ca", "ca.pem"]);
    }
    if arguments.contains(&"--user") {
        command.args(["--password-file", "password"]);
    }
    command
        .args(["--connect-to", &web.to_string(), "--nameserver", &dns.to_string()])
        .output()
        .unwrap()
}

fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap();
    format!("{code}\n{}{}", text(&output.stdout), text(&output.stderr))
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

/// Answers one request.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    secure: bool,
    passwords: &AtomicUsize,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let length = stream.read(&mut piece).await?;
        if length == 0 {
            return Ok(());
        }
        head.extend_from_slice(&piece[..length]);
    }
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let header = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    let password = header("authorization:");
    if !password.is_empty() {
        passwords.fetch_add(1, Ordering::SeqCst);
    }
    let signed_in = password == "basic ywxpy2u6c2vjcmv0";
    let method = text.split(' ').next().unwrap_or_default().to_owned();
    let (status, more, body) = answer(&method, &header("host:"), secure, signed_in);
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} X\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

/// Status, a line of the head, and body.
fn answer(method: &str, host: &str, secure: bool, signed_in: bool) -> (u16, &'static str, String) {
    let settings = |url: &str| {
        let servers = vec![Server::active_sync(url)];
        Answer::Settings { display_name: None, email: None, servers }.to_xml()
    };
    match (method, host, secure) {
        ("get", "autodiscover.json.test", true) => {
            (200, "", write_json("https://mail.json.test/eas"))
        }
        ("post", "xml.test", true) if signed_in => (200, "", settings("https://mail.xml.test/eas")),
        ("post", "xml.test", true) => {
            (401, "WWW-Authenticate: Basic realm=\"x\"\r\n", String::new())
        }
        ("post", "other.test", true) => {
            (200, "", Answer::Redirect("alice@json.test".to_owned()).to_xml())
        }
        ("get", "autodiscover.redirect.test", false) => (
            302,
            "Location: https://elsewhere.example/autodiscover/autodiscover.xml\r\n",
            String::new(),
        ),
        ("post", "elsewhere.example", true) => {
            (200, "", settings("https://mail.elsewhere.example/eas"))
        }
        ("post", "mail.srv.test", true) => (200, "", settings("https://mail.srv.test/eas")),
        _ => (404, "", String::new()),
    }
}

/// Answers a question about `_autodiscover._tcp.srv.test`, and knows nothing else.
fn resolved(question: &[u8]) -> Vec<u8> {
    let mut answer = question.to_vec();
    answer[2] |= 0x80;
    if !String::from_utf8_lossy(question).contains("\u{3}srv\u{4}test") {
        answer[3] |= 3;
        return answer;
    }
    answer[7] = 1;
    answer.extend([0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60]);
    let data = b"\x00\x01\x00\x01\x01\xbb\x04mail\x03srv\x04test\x00";
    answer.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    answer.extend(data);
    answer
}

struct Certificates {
    authority: Certificate,
    server: Certificate,
    key: SoftwareKey,
}

impl Certificates {
    fn config(&self) -> ServerConfig {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(self.server.as_der().to_vec())],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.to_pkcs8().to_vec())),
            )
            .unwrap()
    }
}

fn certificates(hosts: &[&str]) -> Certificates {
    let root_key = SoftwareKey::make_p256().unwrap();
    let usage = Usage::Authority { path_length: 0 };
    let authority = certificate("root", &root_key, None, usage, Vec::new());
    let key = SoftwareKey::make_p256().unwrap();
    let names = hosts.iter().map(|host| AlternativeName::Dns((*host).to_owned())).collect();
    let usage = Usage::Signature(Purpose::TlsServer);
    let server = certificate("server", &key, Some((&authority, &root_key)), usage, names);

    Certificates { authority, server, key }
}

fn certificate(
    name: &str,
    key: &SoftwareKey,
    issuer: Option<(&Certificate, &SoftwareKey)>,
    usage: Usage,
    names: Vec<AlternativeName>,
) -> Certificate {
    let template = Template {
        subject: Subject::new(name),
        public_key: key.public_key(),
        not_before: now() - time::Duration::DAY,
        not_after: now() + time::Duration::DAY,
        usage,
        names,
    };
    let serial = Serial::from_random(if issuer.is_some() { [2; 16] } else { [1; 16] });
    let signer = issuer.map_or(key, |(_, key)| key);

    issue(&template, issuer.map(|(certificate, _)| certificate), signer, serial).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "TLS compares certificates with the clock of the machine"
)]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
