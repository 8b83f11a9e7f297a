//! Certificate files that come by mail, with the program that ships and a mailbox of Dovecot's.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::indexing_slicing, reason = "a missing field fails the test, as it should")]

use data_encoding::BASE64_MIME;
use serde_json::{Value, json};
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use testkit::dovecot::{Mailbox, PASSWORD, USER};

#[test]
fn a_file_that_was_mailed_waits_for_the_app_and_its_mail_is_gone() {
    let mut company = Company::set_up();
    let file = company.p12("alice");
    company
        .mailbox
        .deliver(&mail("Alice <Alice@example.org>", "", &[("alice.p12", &file)]))
        .unwrap();
    company.mailbox.deliver(&mail("mallory@example.org", "", &[("alice.p12", &file)])).unwrap();
    company.mailbox.deliver(&mail("alice@example.org", "", &[("notes.txt", b"no key")])).unwrap();
    company.mailbox.deliver(&mail("alice@example.org", "", &[("other.p12", b"no key")])).unwrap();
    company.mailbox.deliver(&vec![b'x'; 1_100_000]).unwrap();

    assert_eq!(company.done(&["mailbox"]), json!({ "taken": 1, "refused": 2, "others": 2 }));

    assert_eq!(company.mailbox.mails().unwrap(), ["2 S", "3 S", "4 S", "5 S"]);
    let waiting = company.done(&["user", "certificate-file", "list", "alice"]);
    assert_eq!(waiting.as_array().unwrap().len(), 1, "{waiting}");
    assert_eq!(
        (&waiting[0]["state"], &waiting[0]["name"]),
        (&"waiting".into(), &"alice.p12".into())
    );
    assert_eq!(waiting[0]["sender"], "Alice@example.org");
    assert_eq!(company.done(&["mailbox"]), json!({ "taken": 0, "refused": 0, "others": 0 }));
    let stored = fs::read(company.path("data/cordon.sqlite")).unwrap();
    assert!(!stored.windows(40).any(|bytes| bytes == &file[..40]), "sealed");

    let id = waiting[0]["id"].as_str().unwrap();
    let removed = company.done(&["user", "certificate-file", "remove", "alice", id]);
    assert_eq!(removed[0]["state"], "removed");
    let own = company.path("alice.p12");
    let own = own.to_str().unwrap();
    let again = company.done(&["user", "certificate-file", "add", "alice", own]);
    assert_eq!((&again["state"], &again["source"]), (&"waiting".into(), &"administrator".into()));
    let refused = company.run(&["user", "certificate-file", "add", "alice", "/etc/hostname"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(told(&refused).contains("not_pkcs12"), "{}", told(&refused));
}

#[test]
fn a_running_server_takes_what_comes() {
    let mut company = Company::set_up();
    let file = company.p12("alice");
    let [gateway, portal] = free();
    company.configure(&format!(
        "every_seconds = 1\n[gateway]\nlisten = \"127.0.0.1:{gateway}\"\nmail_server = \"http://127.0.0.1:9\"\n\
         [portal]\nlisten = \"127.0.0.1:{portal}\"\n"
    ));
    let mut server = company.command(&["serve"]).stderr(Stdio::null()).spawn().unwrap();
    company.mailbox.deliver(&mail("alice@example.org", "", &[("alice.p12", &file)])).unwrap();

    let deadline = Instant::now() + Duration::from_secs(60);
    while company.waiting() == 0 || !company.mailbox.mails().unwrap().is_empty() {
        assert!(Instant::now() < deadline, "{:?}", company.mailbox.mails());
        std::thread::sleep(Duration::from_millis(100));
    }
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn killed_at_any_moment_it_loses_no_file_and_takes_none_twice() {
    let mut company = Company::set_up();
    let file = company.p12("alice");
    let begun = Instant::now();
    company.done(&["mailbox"]);
    let whole = begun.elapsed();
    for round in 1..=8 {
        let id = format!("Message-ID: <{round}@example.org>\r\n");
        company.mailbox.deliver(&mail("alice@example.org", &id, &[("alice.p12", &file)])).unwrap();
        let mut looking = company.command(&["mailbox"]).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * round / 8);
        looking.kill().unwrap();
        looking.wait().unwrap();

        company.done(&["mailbox"]);
        assert_eq!(company.mailbox.mails().unwrap(), Vec::<String>::new(), "{round}");
        assert_eq!(company.waiting(), 1, "{round}");
        let files = company.done(&["user", "certificate-file", "list", "alice"]);
        let id = files[0]["id"].as_str().unwrap();
        company.done(&["user", "certificate-file", "remove", "alice", id]);
    }
}

#[test]
fn only_mails_that_the_companys_server_vouches_for_count_if_that_is_wanted() {
    let mut company = Company::set_up();
    let file = company.p12("alice");
    company.configure("authentication_results = \"mx.example.org\"\n");
    let files = [("alice.p12", &file[..])];
    let failed = "Authentication-Results: mx.example.org; dmarc=fail header.from=example.org\r\n";
    let foreign = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.org\r\n";
    for field in ["", failed, foreign] {
        company.mailbox.deliver(&mail("alice@example.org", field, &files)).unwrap();
    }
    assert_eq!(company.done(&["mailbox"]), json!({ "taken": 0, "refused": 3, "others": 0 }));

    let passed = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.org\r\n";
    company.mailbox.deliver(&mail("alice@example.org", passed, &files)).unwrap();
    assert_eq!(company.done(&["mailbox"]), json!({ "taken": 1, "refused": 0, "others": 0 }));
}

#[test]
fn what_is_wrong_with_the_mailbox_is_said() {
    let company = Company::set_up();
    let says = |what: &str| {
        let output = company.run(&["mailbox"]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(told(&output).contains(what), "{}", told(&output));
    };

    company.configure("folder = \"Nowhere\"\n");
    says("the folder \\\"Nowhere\\\" of the mailbox does not open");
    fs::write(company.path("mailbox.password"), "wrong\n").unwrap();
    says("does not let certificates in");
    fs::write(company.path("mailbox.password"), "\n").unwrap();
    says("has no password on its first line");
    fs::remove_file(company.path("mailbox.password")).unwrap();
    says("mailbox.password_file");
    company.write("[mailbox]\nserver = \"imap://mail.example.org\"\n");
    says("in the clear; use imaps://");
    company.write(&format!(
        "[mailbox]\nserver = \"imaps://localhost:{}\"\nuser = \"x\"\npassword_file = {:?}\n",
        company.mailbox.tls,
        company.path("password")
    ));
    says("cannot be reached: invalid peer certificate");
    company.write("");
    says("mailbox.server is not set");
}

/// A server with alice, and a mailbox.
struct Company {
    folder: TempDir,
    mailbox: Mailbox,
}

impl Company {
    fn set_up() -> Self {
        let folder = TempDir::new().unwrap();
        let made = Command::new("openssl")
            .args(["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt"])
            .args(["ec_paramgen_curve:P-256", "-subj", "/CN=localhost", "-days", "9"])
            .args(["-addext", "subjectAltName=DNS:localhost"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-keyout", "mailbox.key", "-out", "mailbox.pem"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
        let mailbox = Mailbox::start(&read("mailbox.pem"), &read("mailbox.key")).unwrap();
        let company = Self { folder, mailbox };
        fs::write(company.path("mailbox.password"), format!("{PASSWORD}\n")).unwrap();
        fs::write(company.path("password"), "Correct-Horse-2026").unwrap();
        company.configure("");
        let password = company.path("password");
        let password = password.to_str().unwrap();
        company.done(&["init", "--administrator", "admin", "--password-file", password]);
        company.done(&["group", "add", "Everybody"]);
        let mail = ["--mail", "alice@example.org"];
        company.done(
            &[&["user", "add", "alice", "--name", "Alice", "--group", "Everybody"], &mail[..]]
                .concat(),
        );

        company
    }

    /// Writes the configuration, with more lines about the mailbox.
    fn configure(&self, rest: &str) {
        self.write(&format!(
            "[mailbox]\nserver = \"imaps://localhost:{}\"\nauthorities = {:?}\nuser = {USER:?}\npassword_file = {:?}\n{rest}",
            self.mailbox.tls,
            self.path("mailbox.pem"),
            self.path("mailbox.password"),
        ));
    }

    fn write(&self, rest: &str) {
        let data = self.path("data");
        let text = format!("[server]\ndata = {data:?}\norganisation = \"Example\"\n{rest}");
        fs::write(self.path("cordon.toml"), text).unwrap();
    }

    /// Makes a certificate file of a person's, and deposits the certificate.
    fn p12(&self, login: &str) -> Vec<u8> {
        let script = format!(
            "openssl req -x509 -nodes -newkey rsa:2048 -subj /CN={login} -days 9 -addext subjectAltName=email:{login}@example.org \
             -keyout {login}.key -out {login}.pem && \
             openssl pkcs12 -export -inkey {login}.key -in {login}.pem -passout pass:transport -out {login}.p12"
        );
        let made =
            Command::new("sh").args(["-c", &script]).current_dir(self.folder.path()).output();
        let made = made.unwrap();
        assert!(made.status.success(), "{made:?}");
        let certificate = self.path(&format!("{login}.pem"));
        self.done(&["user", "certificate", login, certificate.to_str().unwrap()]);

        fs::read(self.path(&format!("{login}.p12"))).unwrap()
    }

    /// Counts the files that wait for alice.
    fn waiting(&self) -> usize {
        let files = self.done(&["user", "certificate-file", "list", "alice"]);

        files.as_array().unwrap().iter().filter(|file| file["state"] == "waiting").count()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cordon"));
        let config = self.path("cordon.toml");
        command.env_clear().args(["--json", "--config", config.to_str().unwrap()]).args(arguments);

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

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A mail with attachments, and with further lines in its head.
fn mail(from: &str, head: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut mail = format!(
        "{head}From: {from}\r\nTo: certificates@example.org\r\nSubject: My certificate\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=xyz\r\n\r\n--xyz\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n"
    );
    for (name, content) in files {
        mail.push_str(&format!(
            "--xyz\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            BASE64_MIME.encode(content)
        ));
    }
    mail.push_str("--xyz--\r\n");

    mail.into_bytes()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn free<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind(("127.0.0.1", 0)).unwrap());

    listeners.map(|listener| listener.local_addr().unwrap().port())
}
