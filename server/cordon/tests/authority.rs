//! `cordon ca` as a program, and what `cordon serve` publishes, held against OpenSSL.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::indexing_slicing, reason = "a missing field fails the test, as it should")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

#[test]
fn a_revoked_certificate_is_refused_by_openssl() {
    let server = Server::set_up();
    let own = server.done(&["ca", "list"]);
    let profiles: Vec<_> = own.as_array().unwrap().iter().map(|it| it["profile"].clone()).collect();
    assert!(profiles.contains(&"portal".into()) && profiles.contains(&"server".into()), "{own}");
    let serial = server.done(&["ca", "list", "--profile", "server"])[0]["serial"].clone();
    let serial = serial.as_str().unwrap();
    server.done(&["ca", "show", serial, "--out", &server.path("leaf.pem")]);
    let list = server.done(&["ca", "crl", "--out", &server.path("list.pem")]);
    assert!(list["number"].is_u64(), "{list}");
    assert!(server.verify().status.success(), "{:?}", server.verify());

    let revoked = server.done(&["ca", "revoke", serial, "--reason", "keyCompromise"]);
    assert_eq!(
        (&revoked["status"], &revoked["revocation_reason"]),
        (&"revoked".into(), &"keyCompromise".into())
    );
    server.done(&["ca", "crl", "--out", &server.path("list.pem")]);
    let refused = server.verify();
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("certificate revoked"),
        "{refused:?}"
    );

    let again = server.run(&["ca", "revoke", serial, "--reason", "superseded"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("certificate_already_revoked"));
    let other = server.run(&["ca", "show", "not hexadecimal"]);
    assert!(String::from_utf8_lossy(&other.stderr).contains("not_a_serial_number"), "{other:?}");
}

#[test]
fn a_certificate_from_before_the_register_is_revoked_before_the_first_start() {
    let server = Server::set_up();
    let serial = server.done(&["ca", "list", "--profile", "server"])[0]["serial"].clone();
    let serial = serial.as_str().unwrap();
    server.done(&["ca", "show", serial, "--out", &server.path("leaf.pem")]);
    // So `m0003` leaves what it takes over.
    let changed = server.change_database("UPDATE issued_certificates SET issuer = ''");
    assert!(changed >= 2, "{changed}");

    server.done(&["ca", "revoke", serial, "--reason", "keyCompromise"]);
    server.done(&["ca", "crl", "--out", &server.path("list.pem")]);

    let refused = server.verify();
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("certificate revoked"),
        "{refused:?}"
    );
}

#[test]
fn a_running_server_publishes_its_list_and_each_revocation_within_seconds() {
    let server = Server::set_up();
    let published = server.serve();

    let (head, first) = published.get("/pki/authority.crl");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let head = head.to_lowercase();
    assert!(head.contains("content-type: application/pkix-crl"), "{head}");
    assert!(head.contains("cache-control: public, max-age=300"), "{head}");
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
    let (unchanged, _) =
        published.request("/pki/authority.crl", &format!("If-None-Match: {tag}\r\n"));
    assert!(unchanged.starts_with("HTTP/1.1 304"), "{unchanged}");
    let (_, certificate) = published.get("/pki/authority.cer");
    std::fs::write(server.path("authority.cer"), certificate).unwrap();
    let name =
        server.openssl(&["x509", "-inform", "DER", "-in", "authority.cer", "-noout", "-subject"]);
    assert!(String::from_utf8_lossy(&name.stdout).contains("Cordon CA"), "{name:?}");
    for nothing in ["/", "/pki/", "/pki/other.crl", "/pki/authority.key", "/pki/..%2fsecrets.crl"] {
        assert!(published.get(nothing).0.starts_with("HTTP/1.1 404"), "{nothing}");
    }

    let portal = server.done(&["ca", "list", "--profile", "portal"])[0]["serial"].clone();
    server.done(&["ca", "revoke", portal.as_str().unwrap(), "--reason", "superseded"]);
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let (_, list) = published.get("/pki/authority.crl");
        if list != first {
            std::fs::write(server.path("list.crl"), list).unwrap();
            let text =
                server.openssl(&["crl", "-inform", "DER", "-in", "list.crl", "-noout", "-text"]);
            let text = String::from_utf8_lossy(&text.stdout).to_lowercase();
            assert!(text.contains(portal.as_str().unwrap()), "{text}");
            return;
        }
        assert!(Instant::now() < deadline, "the revocation is not in the list");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn people_are_listed_for_strangers_only_if_the_operator_wants_it() {
    let server = Server::set_up();
    server.configure("[authority]\nmail_domains = \"example.test\"\n");
    let mut serials = Vec::new();
    for name in ["first", "second"] {
        let request = server.request(name, "rsa:2048", "email:alice@example.test");
        let arguments = ["ca", "issue", "--profile", "person", "--csr", &request];
        serials.push(server.done(&arguments)["serial"].as_str().unwrap().to_owned());
    }
    let asked = "/pki/certificates?email=Alice@example.test";
    let published = server.serve();
    assert!(published.get(asked).0.starts_with("HTTP/1.1 404"));
    drop(published);

    let published = server.serve_with("directory = true\n");
    let (head, both) = published.get(asked);
    assert!(head.to_lowercase().contains("content-type: multipart/mixed"), "{head}");
    let both = String::from_utf8(both).unwrap();
    assert_eq!(both.matches("Content-Type: application/pkix-cert").count(), 2, "{both}");
    server.done(&["ca", "revoke", &serials[0], "--reason", "superseded"]);
    let (head, one) = published.get(asked);
    assert!(head.to_lowercase().contains("content-type: application/pkix-cert"), "{head}");
    std::fs::write(server.path("found.cer"), one).unwrap();
    let text = server.openssl(&["x509", "-inform", "DER", "-in", "found.cer", "-noout", "-text"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("email:alice@example.test"));
    for (path, status) in [
        ("/pki/certificates?email=bob@example.test", "404"),
        ("/pki/certificates?email=alice", "400"),
        ("/pki/certificates?name=alice", "400"),
        ("/pki/certificates", "400"),
    ] {
        let (head, _) = published.get(path);
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {head}");
    }
}

#[test]
fn a_request_of_openssl_becomes_a_certificate_that_openssl_trusts() {
    let server = Server::set_up();
    let crl = server.path("list.pem");
    let person = server.request("person", "rsa:2048", "email:alice@example.test");
    let refused = server.run(&["ca", "issue", "--profile", "person", "--csr", &person]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("name_not_allowed") && said.contains("authority.mail_domains"), "{said}");

    server.configure("[authority]\nmail_domains = \"example.test\"\ndns_domains = \"example.test\"\nurl = \"http://pki.example.test\"\n");
    let leaf = server.path("leaf.pem");
    let issued =
        server.done(&["ca", "issue", "--profile", "person", "--csr", &person, "--out", &leaf]);
    assert_eq!(issued["addresses"][0], "alice@example.test");
    assert_eq!(issued["subject"], "CN=Somebody");
    server.done(&["ca", "crl", "--out", &crl]);
    assert!(server.verify().status.success(), "{:?}", server.verify());
    let text = server.openssl(&["x509", "-in", "leaf.pem", "-noout", "-text"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    for expected in [
        "OCSP - URI:http://pki.example.test/pki/ocsp",
        "CA Issuers - URI:http://pki.example.test/pki/",
        "Full Name:",
        "E-mail Protection",
        "Digital Signature, Key Encipherment",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }

    let found = server.done(&["ca", "directory", "ALICE@example.test"]);
    assert_eq!((&found[0]["origin"], found.as_array().unwrap().len()), (&"issued".into(), 1));
    let serial = issued["serial"].as_str().unwrap();
    let renewed = server.done(&["ca", "renew", serial, "--out", &leaf]);
    assert_ne!(renewed["serial"], issued["serial"]);
    assert!(server.verify().status.success());

    let host = server.request("host", "ec", "DNS:www.example.test,IP:192.0.2.7");
    let refused = server.run(&["ca", "issue", "--profile", "server", "--csr", &host]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("192.0.2.7"), "{refused:?}");
    let order = ["ca", "issue", "--profile", "server", "--csr", &host, "--dns", "www.example.test"];
    assert_eq!(server.done(&order)["profile"], "server");
    let weak = server.request("weak", "rsa:1024", "email:alice@example.test");
    let refused = server.run(&["ca", "issue", "--profile", "person", "--csr", &weak]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("weak_key"), "{refused:?}");
    let other = server.request("other", "rsa:2048", "URI:https://example.test");
    let refused = server.run(&["ca", "issue", "--profile", "person", "--csr", &other]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("names_of_another_kind"));
}

#[test]
fn who_has_no_key_gets_one_in_a_file() {
    let server = Server::set_up();
    server.done(&["group", "add", "Staff"]);
    let mails = ["--mail", "alice@example.test", "--mail", "a.smith@example.test"];
    let add = ["user", "add", "alice", "--name", "Alice Smith", "--group", "Staff"];
    server.done(&[&add[..], &mails].concat());
    let (file, password) = (server.path("alice.p12"), server.path("transport"));
    let make = ["ca", "person", "alice", "--out", &file, "--password-file", &password];
    let refused = |arguments: &[&str], code: &str| {
        let refused = server.run(arguments);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && said.contains(code), "{refused:?}");
    };
    std::fs::write(&password, "too-short\n").unwrap();
    refused(&make, "key_password_too_short");
    std::fs::write(&password, "Transport-Password-1\n").unwrap();

    let made = server.done(&make);

    assert_eq!(made["certificate"]["subject"], "CN=Alice Smith");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let opened = ["pkcs12", "-in", &file, "-passin", "pass:Transport-Password-1", "-nodes"];
    let opened = server.openssl(&[&opened[..], &["-out", "alice.pem"]].concat());
    assert!(opened.status.success(), "{opened:?}");
    let text = server.openssl(&["x509", "-in", "alice.pem", "-noout", "-text"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    let names = "email:alice@example.test, email:a.smith@example.test";
    for expected in ["(3072 bit)", names, "Digital Signature, Key Encipherment"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let key = server.openssl(&["pkey", "-in", "alice.pem", "-pubout"]).stdout;
    let certified = server.openssl(&["x509", "-in", "alice.pem", "-noout", "-pubkey"]).stdout;
    assert_eq!(key, certified);
    let pem = std::fs::read_to_string(server.path("alice.pem")).unwrap();
    assert_eq!(pem.matches("BEGIN CERTIFICATE").count(), 3, "its own, the authority's, the root's");
    let verified = server.openssl(&["verify", "-CAfile", "alice.pem", "alice.pem"]);
    assert!(verified.status.success(), "{verified:?}");
    let found = server.done(&["ca", "directory", "alice@example.test"]);
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    let shown = server.done(&["user", "show", "alice"]);
    assert_eq!(shown["certificate"]["not_after"], made["certificate"]["not_after"], "{shown}");

    // What is there stays, and nothing is issued for nothing.
    let before = std::fs::read(&file).unwrap();
    refused(&make, "file_exists");
    refused(&["ca", "person", "nobody", "--out", &server.path("n.p12")], "unknown_user");
    let nowhere = server.path("missing/alice.p12");
    refused(
        &["ca", "person", "alice", "--out", &nowhere, "--password-file", &password],
        "cannot write",
    );
    assert_eq!(std::fs::read(&file).unwrap(), before);
    let people = server.done(&["ca", "list", "--profile", "person"]);
    assert_eq!(people.as_array().unwrap().len(), 1, "{people}");

    let other = server.path("other.p12");
    let curve = ["ca", "person", "alice", "--key", "p384", "--no-deposit", "--out", &other];
    let made = server.done(&[&curve[..], &["--password-file", &password]].concat());
    assert_eq!(made["deposited"], false);
    assert_ne!(made["certificate"]["not_after"], shown["certificate"]["not_after"]);
    let still = server.done(&["user", "show", "alice"]);
    assert_eq!(still["certificate"], shown["certificate"]);

    // Who has to know what a signature is worth reads who made the key.
    let log = server.done(&["audit", "--action", "certificate.issue"]);
    let people = log.as_array().unwrap().iter().map(|it| &it["detail"]);
    let people = people.filter(|it| it["profile"] == "person");
    let makers: Vec<_> = people.map(|it| &it["key_made_by"]).collect();
    assert_eq!(makers, ["server", "server"], "{log}");
}

#[test]
fn openssl_follows_the_whole_chain_with_the_lists_of_both_authorities() {
    let server = Server::set_up();
    let published = server.serve();
    for name in ["authority", "root"] {
        for kind in ["cer", "crl"] {
            let (head, bytes) = published.get(&format!("/pki/{name}.{kind}"));
            assert!(head.starts_with("HTTP/1.1 200"), "{name}.{kind}: {head}");
            std::fs::write(server.path(&format!("{name}.{kind}")), bytes).unwrap();
            let tool = if kind == "cer" { "x509" } else { "crl" };
            let file = format!("{name}.{kind}");
            let pem = format!("{name}.{kind}.pem");
            let read = server.openssl(&[tool, "-inform", "DER", "-in", &file, "-out", &pem]);
            assert!(read.status.success(), "{read:?}");
        }
    }
    let lists =
        ["root.crl.pem", "authority.crl.pem"].map(|it| std::fs::read(server.path(it)).unwrap());
    std::fs::write(server.path("lists.pem"), lists.concat()).unwrap();
    let serial = server.done(&["ca", "list", "--profile", "server"])[0]["serial"].clone();
    server.done(&["ca", "show", serial.as_str().unwrap(), "--out", &server.path("leaf.pem")]);
    let verify = || {
        let checks = ["verify", "-x509_strict", "-crl_check_all", "-CAfile", "root.cer.pem"];
        let given = ["-untrusted", "authority.cer.pem", "-CRLfile", "lists.pem", "leaf.pem"];
        server.openssl(&[&checks[..], &given].concat())
    };
    assert!(verify().status.success(), "{:?}", verify());

    let below = server.done(&["ca", "list", "--profile", "authority"])[0]["serial"].clone();
    server.done(&["ca", "revoke", below.as_str().unwrap(), "--reason", "cACompromise"]);
    let (_, list) = published.get("/pki/root.crl");
    std::fs::write(server.path("root.crl"), list).unwrap();
    server.openssl(&["crl", "-inform", "DER", "-in", "root.crl", "-out", "root.crl.pem"]);
    let lists =
        ["root.crl.pem", "authority.crl.pem"].map(|it| std::fs::read(server.path(it)).unwrap());
    std::fs::write(server.path("lists.pem"), lists.concat()).unwrap();
    let refused = verify();
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("certificate revoked"),
        "{refused:?}"
    );
}

#[test]
fn openssl_asks_a_running_server_by_ocsp() {
    let server = Server::set_up();
    let published = server.serve();
    let serial = server.done(&["ca", "list", "--profile", "server"])[0]["serial"].clone();
    let serial = serial.as_str().unwrap();
    server.done(&["ca", "show", serial, "--out", &server.path("leaf.pem")]);

    let said = server.ocsp(published.address, &["-cert", "leaf.pem"]);
    assert!(said.contains("Response verify OK") && said.contains("leaf.pem: good"), "{said}");
    assert!(!said.contains("no nonce"), "{said}");
    let said = server.ocsp(published.address, &["-serial", "0x1234"]);
    assert!(said.contains("0x1234: unknown"), "{said}");
    server.done(&["ca", "revoke", serial, "--reason", "affiliationChanged"]);
    let said = server.ocsp(published.address, &["-cert", "leaf.pem"]);
    assert!(said.contains("leaf.pem: revoked") && said.contains("affiliationChanged"), "{said}");

    let asked = ["ocsp", "-issuer", "authority.pem", "-cert", "leaf.pem", "-no_nonce"];
    server.openssl(&[&asked[..], &["-reqout", "question.der"]].concat());
    let question = server.openssl(&["base64", "-A", "-in", "question.der"]).stdout;
    let question = String::from_utf8(question).unwrap().replace('+', "%2B").replace('=', "%3D");
    let (head, answer) = published.get(&format!("/pki/ocsp/{question}"));
    let head = head.to_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("content-type: application/ocsp-response"), "{head}");
    assert!(head.contains("cache-control: public, max-age=300"), "{head}");
    std::fs::write(server.path("answer.der"), answer).unwrap();
    let read = server.openssl(&["ocsp", "-respin", "answer.der", "-resp_text", "-noverify"]);
    assert!(String::from_utf8_lossy(&read.stdout).contains("Cert Status: revoked"), "{read:?}");
    assert!(published.get("/pki/ocsp/%21%21").0.starts_with("HTTP/1.1 400"));
}

/// The program is killed at moments that shift by a few milliseconds, while it makes lists.
#[test]
fn killed_at_any_moment_it_gives_no_list_number_twice() {
    let server = Server::set_up();
    let mut last = 0;
    for step in 0..24_u64 {
        let mut child = server.command(&["ca", "crl"]).stdout(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(step * 8));
        drop(child.kill());
        let said = child.wait_with_output().unwrap().stdout;
        // A list that was told to somebody counts, whether or not the program lived on.
        if let Ok(told) = serde_json::from_slice::<Value>(&said) {
            let number = told["number"].as_u64().unwrap();
            assert!(number > last, "{number} after {last}");
            last = number;
        }
        let number = server.done(&["ca", "crl"])["number"].as_u64().unwrap();
        assert!(number > last, "{number} after {last}");
        last = number;
    }
}

/// As above, while it issues certificates: whoever has one finds it in the register, once.
#[test]
fn killed_at_any_moment_it_hands_out_nothing_that_is_not_in_the_register() {
    let server = Server::set_up();
    server.configure("[authority]\nmail_domains = \"example.test\"\n");
    let request = server.request("person", "ec", "email:alice@example.test");
    let mut handed_out = Vec::new();
    let mut killed_before = 0;
    let issue = |out: &str| {
        let issue = ["ca", "issue", "--profile", "person", "--csr", &request, "--out", out];
        server.command(&issue).stdout(Stdio::null()).spawn().unwrap()
    };
    let begun = Instant::now();
    issue(&server.path("measured.pem")).wait().unwrap();
    let takes = begun.elapsed();
    for step in 0..100 {
        // A busy machine takes longer than was measured.
        if step >= 24 && !handed_out.is_empty() && killed_before > 0 {
            break;
        }
        let file = format!("{step}.pem");
        let mut child = issue(&server.path(&file));
        std::thread::sleep(takes * step / 20);
        drop(child.kill());
        drop(child.wait());
        let serial = server.openssl(&["x509", "-in", &file, "-noout", "-serial"]);
        if serial.status.success() {
            let serial = String::from_utf8(serial.stdout).unwrap().to_lowercase();
            handed_out.push(serial.trim().trim_start_matches("serial=").to_owned());
        } else {
            killed_before += 1;
        }
    }
    assert!(!handed_out.is_empty() && killed_before > 0, "{handed_out:?} {killed_before}");
    let last = server.done(&["ca", "issue", "--profile", "person", "--csr", &request]);
    handed_out.push(last["serial"].as_str().unwrap().to_owned());

    let list = server.done(&["ca", "list", "--profile", "person"]);
    let list = list.as_array().unwrap();
    let serials: BTreeSet<_> = list.iter().map(|one| one["serial"].as_str().unwrap()).collect();
    assert_eq!(serials.len(), list.len());
    assert!(
        handed_out.iter().all(|serial| serials.contains(serial.as_str())),
        "{handed_out:?} {serials:?}"
    );
    let distinct: BTreeSet<_> = handed_out.iter().collect();
    assert_eq!(distinct.len(), handed_out.len());
    let log = server.done(&["audit", "--action", "certificate.issue", "--limit", "200"]);
    let of_people = log.as_array().unwrap().iter().filter(|it| it["detail"]["profile"] == "person");
    assert_eq!(of_people.count(), list.len(), "each has its event");
}

struct Server {
    folder: TempDir,
}

/// A server that runs, and where it publishes.
struct Published {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn set_up() -> Self {
        let server = Self { folder: TempDir::new().unwrap() };
        server.configure("");
        let password = server.path("password");
        std::fs::write(&password, "Correct-Horse-2026").unwrap();
        server.done(&["init", "--administrator", "admin", "--password-file", &password]);

        server
    }

    fn configure(&self, rest: &str) {
        let data = self.folder.path().join("data");
        let text = format!("[server]\ndata = {data:?}\norganisation = \"Example\"\n{rest}");
        std::fs::write(self.path("cordon.toml"), text).unwrap();
    }

    /// Says how many rows were changed.
    fn change_database(&self, statement: &str) -> u64 {
        let changed = Command::new("sqlite3")
            .arg(self.path("data/cordon.sqlite"))
            .arg(format!("{statement}; SELECT changes();"))
            .output()
            .unwrap();
        assert!(changed.status.success(), "{changed:?}");

        String::from_utf8(changed.stdout).unwrap().trim().parse().unwrap()
    }

    fn serve(&self) -> Published {
        self.serve_with("")
    }

    /// Starts the server with more lines about the authority.
    fn serve_with(&self, authority_lines: &str) -> Published {
        let [gateway, portal, authority] = free();
        self.configure(&format!(
            "[gateway]\nlisten = \"{gateway}\"\nmail_server = \"http://127.0.0.1:9\"\n\
             [portal]\nlisten = \"{portal}\"\n[authority]\nlisten = \"{authority}\"\n{authority_lines}"
        ));
        let child = self.command(&["serve"]).stderr(Stdio::null()).spawn().unwrap();
        let published = Published { child, address: authority };
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(authority).is_err()
            || !published.get("/pki/authority.crl").0.starts_with("HTTP/1.1 200")
        {
            assert!(Instant::now() < deadline, "the server does not publish");
            std::thread::sleep(Duration::from_millis(50));
        }

        published
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cordon"));
        command.env_clear().args(["--json", "--config", &self.path("cordon.toml")]).args(arguments);

        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed, and returns what it prints.
    fn done(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");

        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn verify(&self) -> Output {
        let authority = self.folder.path().join("data/certificates/authority.pem");

        self.openssl(&[
            "verify",
            "-crl_check",
            "-partial_chain",
            "-trusted",
            authority.to_str().unwrap(),
            "-CRLfile",
            "list.pem",
            "leaf.pem",
        ])
    }

    /// Makes a request with a name of its own.
    fn request(&self, name: &str, key: &str, names: &str) -> String {
        let file = format!("{name}.csr");
        let names = format!("subjectAltName={names}");
        let curve = ["-pkeyopt", "ec_paramgen_curve:P-256"];
        let key_options: &[&str] = if key == "ec" { &curve } else { &[] };
        let made = self.openssl(
            &[
                &["req", "-new", "-nodes", "-subj", "/CN=Somebody", "-newkey", key][..],
                key_options,
                &["-addext", &names, "-keyout", "key.pem", "-out", &file],
            ]
            .concat(),
        );
        assert!(made.status.success(), "{made:?}");

        self.path(&file)
    }

    /// Asks the responder, whose answer must lead to the authority.
    fn ocsp(&self, address: SocketAddr, about: &[&str]) -> String {
        for name in ["authority.pem", "root.pem"] {
            let found = self.folder.path().join("data/certificates").join(name);
            std::fs::copy(found, self.path(name)).unwrap();
        }
        let url = format!("http://{address}/pki/ocsp");
        let asked = ["ocsp", "-issuer", "authority.pem", "-CAfile", "root.pem", "-url", &url];
        let output = self.openssl(&[&asked[..], about].concat());

        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    fn openssl(&self, arguments: &[&str]) -> Output {
        Command::new("openssl").args(arguments).current_dir(self.folder.path()).output().unwrap()
    }

    fn path(&self, name: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);

        path.to_str().unwrap().to_owned()
    }
}

impl Published {
    fn get(&self, path: &str) -> (String, Vec<u8>) {
        self.request(path, "")
    }

    /// Asks for a path, and returns the head of the answer and its body.
    fn request(&self, path: &str, headers: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: pki\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let body = answer.split_off(end + 4);

        (String::from_utf8(answer).unwrap(), body)
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Finds addresses that nobody listens on.
fn free() -> [SocketAddr; 3] {
    let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());

    listeners.map(|listener| listener.local_addr().unwrap())
}
