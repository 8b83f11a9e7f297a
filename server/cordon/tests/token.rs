//! The authority's keys on tokens: `cordon` as a program with SoftHSM2, held against OpenSSL.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::indexing_slicing, reason = "a missing field fails the test, as it should")]

use serde_json::Value;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use testkit::softhsm::{MODULE, PIN, Service, Tokens, served_module};

#[test]
fn an_authority_on_a_token_issues_revokes_and_answers() {
    let server = Server::with_tokens(&["hsm"]);
    server.keys_on("hsm", "hsm", Path::new(MODULE));
    server.init();
    let mut sealed = files_in(&server.path("data/secrets"));
    sealed.retain(|name| name.ends_with(".sealed"));
    assert_eq!(sealed, ["portal.sealed", "tls.sealed"], "no key of the authority on the disk");
    let objects = server.on_token(&["--token-label", "hsm", "--list-objects", "--type", "privkey"]);
    for label in ["issuing", "root"] {
        assert_eq!(objects.matches(&format!("label:      {label}\n")).count(), 1, "{objects}");
    }
    assert_eq!(objects.matches("never extractable").count(), 2, "{objects}");

    let issued = server.issue();
    server.done(&["ca", "crl", "--out", &server.path("list.pem")]);
    assert!(server.verify().status.success(), "{:?}", server.verify());
    let mut running = server.serve();
    let said = server.ocsp(&running);
    assert!(said.contains("Response verify OK") && said.contains("leaf.pem: good"), "{said}");
    server.done(&["ca", "revoke", &issued, "--reason", "keyCompromise"]);
    running.wait_for_list_with(&server, &issued);
    server.fetch(&running, "root.crl");
    let said = server.openssl(&["crl", "-in", "root.crl", "-CAfile", "data/certificates/root.pem"]);
    assert!(String::from_utf8_lossy(&said.stderr).contains("verify OK"), "{said:?}");
    let said = server.ocsp(&running);
    assert!(said.contains("leaf.pem: revoked"), "{said}");
    server.done(&["ca", "crl", "--out", &server.path("list.pem")]);
    let refused = server.verify();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("certificate revoked"));

    let log = running.end();
    assert!(!log.contains(PIN), "{log}");
    server.serve();
}

#[test]
fn a_key_that_is_on_the_token_is_used() {
    let server = Server::with_tokens(&["hsm"]);
    server.keys_on("hsm", "hsm", Path::new(MODULE));
    let make = |label: &str, kind: &str| {
        let arguments = ["--token-label", "hsm", "--keypairgen", "--key-type", kind];
        server.on_token(&[&arguments[..], &["--label", label, "--id", "07"]].concat());
    };
    make("issuing", "rsa:2048");
    let refused = server.refused(&server.init_arguments());
    assert!(
        refused.contains("authority.key: authorities have keys on P-256 or P-384"),
        "{refused}"
    );
    server.on_token(&[
        "--token-label",
        "hsm",
        "--delete-object",
        "--type",
        "privkey",
        "--label",
        "issuing",
    ]);
    server.on_token(&[
        "--token-label",
        "hsm",
        "--delete-object",
        "--type",
        "pubkey",
        "--label",
        "issuing",
    ]);
    make("issuing", "EC:prime256v1");
    server.init();
    server.on_token(&[
        "--token-label",
        "hsm",
        "--read-object",
        "--type",
        "pubkey",
        "--label",
        "issuing",
        "--output-file",
        "key.der",
    ]);
    let on_token = server.openssl(&["pkey", "-pubin", "-inform", "DER", "-in", "key.der"]).stdout;
    let certificate = "data/certificates/authority.pem";
    let certified = server.openssl(&["x509", "-in", certificate, "-noout", "-pubkey"]).stdout;
    assert_eq!(String::from_utf8(on_token).unwrap(), String::from_utf8(certified).unwrap());
    server.issue();
    server.done(&["ca", "crl", "--out", &server.path("list.pem")]);
    assert!(server.verify().status.success(), "{:?}", server.verify());

    let written = fs::read_to_string(server.path("cordon.toml")).unwrap();
    let without = written.replace(&format!("&pin-source=file:{}", server.path("pin")), "");
    fs::write(server.path("cordon.toml"), without).unwrap();
    assert!(server.refused(&["ca", "crl"]).contains("no PIN can be read from CORDON_TOKEN_PIN"));
    let listed = server.command(&["ca", "crl"]).env("CORDON_TOKEN_PIN", PIN).output().unwrap();
    assert!(listed.status.success(), "{listed:?}");
}

#[test]
fn a_wrong_pin_is_tried_once() {
    let server = Server::with_tokens(&["hsm"]);
    server.keys_on("hsm", "hsm", Path::new(MODULE));
    server.init();
    fs::write(server.path("pin"), "654321\n").unwrap();
    let refused = server.refused(&["serve"]);
    assert!(
        refused.contains("authority.key: ") && refused.contains("the PIN is wrong"),
        "{refused}"
    );
    // The token takes it from here on, so whoever tries it again succeeds.
    server.on_token(&["--token-label", "hsm", "--change-pin", "--new-pin", "654321"]);
    for _ in 0..2 {
        let refused = server.refused(&["serve"]);
        assert!(refused.contains("which is not tried again"), "{refused}");
        assert!(!refused.contains("654321"), "{refused}");
        let refused = server.refused(&["ca", "crl"]);
        assert!(refused.contains("which is not tried again"), "{refused}");
    }
    assert!(!server.done(&["ca", "list"]).as_array().unwrap().is_empty(), "this needs no key");
    let secrets = server.path("data/secrets");
    let note = files_in(&secrets).into_iter().find(|name| name.ends_with(".refused-pin")).unwrap();
    let note = format!("{secrets}/{note}");
    assert!(!fs::read_to_string(&note).unwrap().contains("654321"));
    fs::remove_file(&note).unwrap();
    server.done(&["ca", "crl"]);
    fs::write(server.path("pin"), "917357\n").unwrap();
    assert!(server.refused(&["ca", "crl"]).contains("the PIN is wrong"));
    fs::write(server.path("pin"), "654321\n").unwrap();
    server.done(&["ca", "crl"]);
    assert!(!Path::new(&note).exists(), "it is forgotten once another one was right");
}

#[test]
fn what_is_wrong_with_a_token_is_told_at_start() {
    let server = Server::with_tokens(&["hsm", "other"]);
    server.keys_on("hsm", "hsm", Path::new(MODULE));
    server.init();
    let written = fs::read_to_string(server.path("cordon.toml")).unwrap();
    server.on_token(&[
        "--token-label",
        "other",
        "--keypairgen",
        "--key-type",
        "EC:secp384r1",
        "--label",
        "issuing",
        "--id",
        "01",
    ]);
    let issuing = "token=hsm;object=issuing";
    for (from, to, said) in [
        (
            issuing,
            "token=gone;object=issuing",
            "authority.key: connect the token or start its service, or correct its name: no token fits; the module shows ",
        ),
        (
            issuing,
            "token=hsm;object=gone",
            "authority.key: correct the label, or restore the token",
        ),
        (issuing, "token=other;object=issuing", "is not that of certificates/authority.pem"),
        (MODULE, "/nowhere/module.so", "the PKCS#11 module /nowhere/module.so cannot be loaded"),
        (
            "&pin-source=file:",
            "&pin-source=file:/nowhere",
            "authority.key: no PIN can be read from /nowhere",
        ),
        (
            &format!("&pin-source=file:{}", server.path("pin")),
            "",
            "no PIN can be read from CORDON_TOKEN_PIN",
        ),
        ("key = \"pkcs11:token=hsm;object=issuing", "# key = \"", "name it in authority.key"),
    ] {
        fs::write(server.path("cordon.toml"), written.replacen(from, to, 1)).unwrap();
        let refused = server.refused(&["serve"]);
        assert!(refused.contains(said), "{to}: {refused}");
        if said.starts_with("authority.key: ") {
            assert_eq!(server.done(&["user", "list"]), Value::Array(vec![]), "this needs no key");
        }
    }
    fs::write(server.path("cordon.toml"), &written).unwrap();
    fs::remove_file(server.path("data/certificates/authority.pem")).unwrap();
    let refused = server.refused(&["serve"]);
    assert!(refused.contains("restore it from the backup"), "{refused}");
}

#[test]
fn an_authority_of_software_keeps_its_key() {
    let server = Server::with_tokens(&["hsm"]);
    server.configure("");
    server.init();
    server.keys_on("hsm", "hsm", Path::new(MODULE));
    for command in [&["serve"][..], &["ca", "crl"]] {
        let refused = server.refused(command);
        assert!(refused.contains("secrets/authority.sealed: remove authority.key"), "{refused}");
    }
    server.configure("");
    server.done(&["ca", "crl"]);
}

#[test]
fn a_token_goes_away_and_comes_back_under_a_running_server() {
    let server = Server::with_tokens(&["hsm"]);
    let service = Service::start(&server.tokens).unwrap();
    server.keys_on("hsm", "hsm", &served_module().unwrap());
    server.init();
    let first = server.issue();
    let mut running = server.serve();

    drop(service);
    let request = server.request();
    let refused = server.refused(&["ca", "issue", "--profile", "person", "--csr", &request]);
    assert!(refused.contains("authority.key: connect the token or start its service"), "{refused}");
    let said = server.refused(&["ca", "revoke", &first, "--reason", "superseded"]);
    assert!(said.contains("it is done, but no revocation list says so yet"), "{said}");
    assert_eq!(server.done(&["ca", "show", &first])["status"], "revoked");
    running.wait_for_log("Could not publish a revocation list");
    let said = server.ocsp(&running);
    assert!(said.to_lowercase().contains("trylater"), "{said}");
    server.fetch(&running, "authority.crl");
    let list = server.list_text("authority.crl");
    assert!(!list.contains(&first), "the list from before is still to be had");
    for address in [running.gateway, running.portal] {
        let shown = server.openssl(&["s_client", "-connect", &address.to_string(), "-showcerts"]);
        assert!(String::from_utf8_lossy(&shown.stdout).contains("BEGIN CERTIFICATE"), "{shown:?}");
    }

    let _service = Service::start(&server.tokens).unwrap();
    running.wait_for_list_with(&server, &first);
    let said = server.ocsp(&running);
    assert!(said.contains("leaf.pem: revoked"), "{said}");
    server.issue();
    let log = running.end();
    assert!(log.contains("Revocation lists are published again"), "{log}");
    assert!(!log.contains("Mechanism type"), "{log}");
    assert_eq!(log.matches("Could not publish a revocation list").count(), 1, "{log}");
    assert!(!log.contains(PIN), "{log}");
}

#[test]
fn a_token_that_does_not_answer_holds_up_nobody_for_long() {
    let server = Server::with_tokens(&["hsm"]);
    let service = Service::start(&server.tokens).unwrap();
    server.key_on("hsm", &served_module().unwrap());
    server.init();
    let first = server.issue();
    let mut running = server.serve();
    service.pause();
    server.refused(&["ca", "revoke", &first, "--reason", "superseded"]);
    running.wait_for_log("the token does not answer");
    for name in ["bob", "carl", "dora"] {
        let begun = Instant::now();
        server.done(&["group", "add", name]);
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    }
    service.resume();
    running.wait_for_list_with(&server, &first);
    let log = running.end();
    assert_eq!(log.matches("the token does not answer").count(), 2, "{log}");
}

#[test]
fn the_root_may_be_on_a_token_that_lies_in_a_safe() {
    let server = Server::with_tokens(&["hsm", "safe"]);
    server.keys_on("hsm", "safe", Path::new(MODULE));
    server.init();
    server.done(&["ca", "crl"]);
    let tokens = server.tokens.folder();
    let root = files_in(tokens.to_str().unwrap()).into_iter().find(|name| {
        let objects = files_in(tokens.join(name).to_str().unwrap()).into_iter();
        let contents = objects.filter(|file| file.ends_with(".object"));
        contents
            .map(|file| fs::read(tokens.join(name).join(file)).unwrap())
            .any(|bytes| bytes.windows(4).any(|four| four == b"safe"))
    });
    let (here, away) = (tokens.join(root.unwrap()), tokens.with_extension("away"));
    fs::rename(&here, &away).unwrap();

    let mut running = server.serve();
    let (_, head) = server.get(&running, "root.crl");
    assert_eq!(head, "404", "nobody signs it");
    server.issue();
    server.done(&["ca", "crl", "--out", &server.path("list.pem")]);
    assert!(server.verify().status.success(), "{:?}", server.verify());
    assert!(running.end().contains("The root's key is elsewhere"));

    fs::rename(&away, &here).unwrap();
    let below = server.done(&["ca", "list", "--profile", "authority"])[0]["serial"].clone();
    server.done(&["ca", "revoke", below.as_str().unwrap(), "--reason", "cACompromise"]);
    let running = server.serve();
    server.fetch(&running, "root.crl");
    assert!(server.list_text("root.crl").contains(below.as_str().unwrap()));
}

/// The program is killed at moments that shift by a few milliseconds, while it makes keys and certificates.
#[test]
fn killed_while_it_makes_its_keys_it_goes_on() {
    let server = Server::with_tokens(&["hsm"]);
    // SoftHSM2 in the program itself would be killed while it writes its token.
    let _service = Service::start(&server.tokens).unwrap();
    server.keys_on("hsm", "hsm", &served_module().unwrap());
    for step in 0..24_u64 {
        let mut child =
            server.command(&server.init_arguments()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(step * 12));
        drop(child.kill());
        child.wait().unwrap();
    }
    // The administrator may be there already.
    server.run(&server.init_arguments());
    let certificates = || {
        ["root", "authority"]
            .map(|it| fs::read(server.path(&format!("data/certificates/{it}.pem"))))
    };
    let made = certificates().map(Result::unwrap);
    server.issue();
    server.done(&["ca", "crl", "--out", &server.path("list.pem")]);
    assert!(server.verify().status.success(), "{:?}", server.verify());
    server.serve();
    assert_eq!(certificates().map(Result::unwrap), made);
}

struct Server {
    folder: TempDir,
    tokens: Tokens,
}

/// A server that runs.
struct Running {
    child: Child,
    gateway: SocketAddr,
    portal: SocketAddr,
    published: SocketAddr,
    log: PathBuf,
}

impl Server {
    fn with_tokens(labels: &[&str]) -> Self {
        let server =
            Self { folder: TempDir::new().unwrap(), tokens: Tokens::make(labels).unwrap() };
        fs::write(server.path("pin"), format!("{PIN}\n")).unwrap();
        fs::write(server.path("password"), "Correct-Horse-2026").unwrap();

        server
    }

    /// Names the token of the authority alone.
    fn key_on(&self, token: &str, module: &Path) {
        self.configure(&self.line("key", token, "issuing", module));
    }

    /// Names the tokens of the authority and of the root.
    fn keys_on(&self, authority: &str, root: &str, module: &Path) {
        let key = self.line("key", authority, "issuing", module);
        self.configure(&(key + &self.line("root_key", root, "root", module)));
    }

    fn line(&self, name: &str, token: &str, object: &str, module: &Path) -> String {
        let (module, pin) = (module.display(), self.path("pin"));

        format!(
            "{name} = \"pkcs11:token={token};object={object}?module-path={module}&pin-source=file:{pin}\"\n"
        )
    }

    fn configure(&self, keys: &str) {
        let data = self.path("data");
        let text = format!(
            "[server]\ndata = {data:?}\norganisation = \"Example\"\n[authority]\nmail_domains = \"example.test\"\n{keys}"
        );
        fs::write(self.path("cordon.toml"), text).unwrap();
    }

    fn init_arguments(&self) -> [String; 5] {
        let password = self.path("password");

        ["init", "--administrator", "admin", "--password-file", &password].map(str::to_owned)
    }

    fn init(&self) {
        let output = self.run(&self.init_arguments());
        assert!(output.status.success(), "{output:?}");
    }

    fn serve(&self) -> Running {
        let [gateway, portal, published] = free();
        let log = PathBuf::from(self.path("log"));
        let child = self
            .command(&["serve"])
            .env("CORDON_GATEWAY_LISTEN", gateway.to_string())
            .env("CORDON_GATEWAY_MAIL_SERVER", "http://127.0.0.1:9")
            .env("CORDON_PORTAL_LISTEN", portal.to_string())
            .env("CORDON_AUTHORITY_LISTEN", published.to_string())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let running = Running { child, gateway, portal, published, log };
        running.wait("it publishes", || {
            TcpStream::connect(published).is_ok() && self.get(&running, "authority.crl").1 == "200"
        });

        running
    }

    /// Issues a certificate to a request of OpenSSL, and returns its number.
    fn issue(&self) -> String {
        let request = self.request();
        let order = [
            "ca",
            "issue",
            "--profile",
            "person",
            "--csr",
            &request,
            "--out",
            &self.path("leaf.pem"),
        ];

        self.done(&order)["serial"].as_str().unwrap().to_owned()
    }

    fn request(&self) -> String {
        let names = "subjectAltName=email:alice@example.test";
        let made = self.openssl(&[
            "req",
            "-new",
            "-nodes",
            "-subj",
            "/CN=Alice",
            "-newkey",
            "rsa:2048",
            "-addext",
            names,
            "-keyout",
            "key.pem",
            "-out",
            "alice.csr",
        ]);
        assert!(made.status.success(), "{made:?}");

        self.path("alice.csr")
    }

    fn command<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cordon"));
        command.env_clear().envs(self.tokens.environment());
        command.args(["--json", "--config", &self.path("cordon.toml")]).args(arguments);

        command
    }

    fn run<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed, and returns what it prints.
    #[track_caller]
    fn done(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");

        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a command that must fail, and returns what it says.
    #[track_caller]
    fn refused<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains(PIN), "{said}");

        // As JSON writes it.
        said.replace("\\\"", "\"")
    }

    /// Asks the token by a program of others.
    #[track_caller]
    fn on_token(&self, arguments: &[&str]) -> String {
        let output = Command::new("pkcs11-tool")
            .args(["--module", MODULE, "--login", "--pin", PIN])
            .args(arguments)
            .current_dir(self.folder.path())
            .envs(self.tokens.environment())
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");

        String::from_utf8(output.stdout).unwrap()
    }

    fn verify(&self) -> Output {
        let root = ["-CAfile", "data/certificates/root.pem"];
        let below = ["-untrusted", "data/certificates/authority.pem", "-CRLfile", "list.pem"];

        self.openssl(
            &[&["verify", "-x509_strict", "-crl_check"], &root[..], &below, &["leaf.pem"]].concat(),
        )
    }

    /// Asks the responder about the certificate that was issued last.
    fn ocsp(&self, running: &Running) -> String {
        let url = format!("http://{}/pki/ocsp", running.published);
        let trusted = ["-CAfile", "data/certificates/root.pem", "-url", &url];
        let about = ["-issuer", "data/certificates/authority.pem", "-cert", "leaf.pem"];
        let output = self.openssl(&[&["ocsp"], &trusted[..], &about].concat());

        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    /// Gets what is published, and returns it with the status.
    fn get(&self, running: &Running, name: &str) -> (Vec<u8>, String) {
        let url = format!("http://{}/pki/{name}", running.published);
        let arguments = ["--silent", "--output", name, "--write-out", "%{http_code}", &url];
        let output =
            Command::new("curl").args(arguments).current_dir(self.folder.path()).output().unwrap();
        let body = fs::read(self.path(name)).unwrap_or_default();

        (body, String::from_utf8(output.stdout).unwrap())
    }

    fn fetch(&self, running: &Running, name: &str) {
        assert_eq!(self.get(running, name).1, "200", "{name}");
    }

    fn list_text(&self, name: &str) -> String {
        let text = self.openssl(&["crl", "-inform", "DER", "-in", name, "-noout", "-text"]);

        String::from_utf8_lossy(&text.stdout).to_lowercase()
    }

    fn openssl(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("openssl");
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());

        command.output().unwrap()
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }
}

impl Running {
    fn wait(&self, what: &str, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !is_so() {
            assert!(
                Instant::now() < deadline,
                "{what}: {}",
                fs::read_to_string(&self.log).unwrap()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn wait_for_log(&self, text: &str) {
        self.wait(text, || fs::read_to_string(&self.log).unwrap().contains(text));
    }

    fn wait_for_list_with(&self, server: &Server, serial: &str) {
        self.wait("the list names the certificate", || {
            server.fetch(self, "authority.crl");
            server.list_text("authority.crl").contains(serial)
        });
    }

    /// Ends it, and returns its log.
    fn end(&mut self) -> String {
        drop(self.child.kill());
        drop(self.child.wait());

        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

fn files_in(folder: &str) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();

    names
}

/// Finds addresses that nobody listens on.
fn free() -> [SocketAddr; 3] {
    let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());

    listeners.map(|listener| listener.local_addr().unwrap())
}
