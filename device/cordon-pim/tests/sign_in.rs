//! Sign-in with the browser, with every part that takes part: npm's `oidc-provider`, the programs of app and server, and a mail server
//! behind the gateway that takes tokens alone.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod company;

use company::{Company, MAIL, Running, free_port, succeed, until};
use sandbox::{Introspection, Options, Sandbox, TokenCheck, Tokens};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use time::OffsetDateTime;

const CLAIMS: &str = r#"{"id_token":{"auth_time":{"essential":true}}}"#;
/// How long a token is good. The app renews it a minute before its end: here two seconds after it came.
const TOKEN_SECONDS: &str = "62";

#[tokio::test(flavor = "multi_thread")]
async fn tokens_and_refusals_pass_the_gateway_as_they_are() {
    let provider = Provider::start();
    let mut options = Options::new(MAIL, now);
    options.tokens = Some(provider.tokens());
    let server = Sandbox::start(options).await.unwrap();
    let mut company = Company::with_mail_server(&format!("http://{}", server.address()));
    company.environment.push(("SSL_CERT_FILE", provider.path("ca.pem")));
    company.cordon(&[
        "settings",
        "set",
        "Staff",
        "mail.sign_in=oauth",
        &format!("mail.oauth.issuer={}", provider.issuer),
        "mail.oauth.client_id=cordon-pim",
        "mail.oauth.scopes=openid offline_access mail",
    ]);
    company.register();
    let deliver = |subject: &str| {
        server.deliver_text("alice", "bob@example.test", subject, "x").unwrap();
    };
    let arrives = |subject: &str| {
        company.done(&["sync"]);
        let mails = company.done(&["mail", "list", "--limit", "200"]);
        assert!(mails.to_string().contains(subject), "{subject}: {mails}");
    };
    let app = company.app(&["--no-browser"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut app = Running(app);
    let page = BufReader::new(app.0.stdout.take().unwrap()).lines().next();
    assert!(page.unwrap().unwrap().contains("page"), "the app runs");
    company.done(&["unlock"]);

    assert_eq!(company.refused(&["sync"])["code"], "needs_sign_in");
    provider.signs_in(&company);
    deliver("With the first token");
    arrives("With the first token");
    assert_eq!(provider.given("authorization_code"), 1);

    let renewed = provider.given("refresh_token");
    until("renewal before the end", || {
        company.done(&["sync"]);
        (provider.given("refresh_token") > renewed).then_some(())
    });

    // What the server calls expired or taken back is renewed once, and nobody is asked.
    server.refuse_tokens();
    deliver("With a renewed token");
    arrives("With a renewed token");

    server.demand_claims(CLAIMS);
    deliver("Well guarded");
    assert_eq!(company.refused(&["sync"])["code"], "needs_sign_in");
    provider.signs_in(&company);
    assert_eq!(provider.said("/last")["claims"], CLAIMS);
    arrives("Well guarded");

    company.done(&["sign-out"]);
    assert_eq!(company.refused(&["sync"])["code"], "needs_sign_in");
    assert!(provider.given("revocation") > 0, "the provider was told");
    assert_eq!(provider.given("authorization_code"), 2);
    let log = std::fs::read_to_string(company.path("cordon.log")).unwrap();
    assert!(log.contains("OPTIONS") && !log.contains("Bearer"), "{log}");
}

/// A running identity provider.
struct Provider {
    folder: tempfile::TempDir,
    port: u16,
    issuer: String,
    _running: Running,
}

impl Provider {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        certify(folder.path());
        let (port, tls) = (free_port(), free_port());
        let issuer = format!("https://127.0.0.1:{tls}");
        let mut node = Command::new("node");
        node.arg(script("provider.mjs")).args([&port.to_string(), &issuer, &tls.to_string()]);
        node.arg(folder.path().join("key.pem")).arg(folder.path().join("certificate.pem"));
        node.env("OIDC_TOKEN_SECONDS", TOKEN_SECONDS);
        let mut node = node.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(node.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "the npm packages of dev/peers/oidc: run cargo xtask setup");

        Self { folder, port, issuer, _running: Running(node) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The mail server asks it whose a token is.
    fn tokens(&self) -> Tokens {
        let introspection = Introspection {
            address: format!("127.0.0.1:{}", self.port),
            client_id: "mail-server".to_owned(),
            client_secret: "mail-server-secret".into(),
        };
        let authorization_uri = format!("{}/auth", self.issuer);

        Tokens { authorization_uri, check: TokenCheck::Introspection(introspection) }
    }

    /// Alice goes where the app sends her.
    fn signs_in(&self, company: &Company) {
        let mut command = company.app(&["sign-in", "--print-address", "--wait", "60"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let address = lines.find(|line| line.starts_with("https://")).unwrap();
        let page = self.browse(&address);
        assert!(page.contains("The sign-in is back"), "{page}");
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// What a browser ends with.
    fn browse(&self, address: &str) -> String {
        let mut browser = Command::new("node");
        browser.arg(script("browser.mjs")).arg(address);
        let output = succeed(browser.env("NODE_EXTRA_CA_CERTS", self.path("ca.pem")));
        String::from_utf8(output.stdout).unwrap()
    }

    fn said(&self, path: &str) -> Value {
        let page = self.browse(&format!("http://127.0.0.1:{}{path}", self.port));
        serde_json::from_str(page.trim_start_matches("200 ")).unwrap()
    }

    /// How often a kind of grant was used.
    fn given(&self, kind: &str) -> u64 {
        self.said("/given")[kind].as_u64().unwrap_or_default()
    }
}

/// An authority, and a certificate for this machine.
fn certify(folder: &Path) {
    let openssl = |arguments: &[&str]| {
        let mut command = Command::new("openssl");
        succeed(command.args(arguments).current_dir(folder).stderr(Stdio::null()));
    };
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];
    let authority = ["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Authority"];
    openssl(&[&["req", "-x509"], &key[..], &authority].concat());
    let server = ["-keyout", "key.pem", "-out", "certificate.pem", "-subj", "/CN=Provider"];
    let issued = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "subjectAltName=IP:127.0.0.1"];
    let not_authority = ["-addext", "basicConstraints=critical,CA:FALSE"];
    openssl(&[&["req", "-x509"], &key[..], &server, &issued, &not_authority].concat());
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dev/peers/oidc").join(name)
}

#[expect(clippy::disallowed_methods, reason = "the mail server has the clock of the machine")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
