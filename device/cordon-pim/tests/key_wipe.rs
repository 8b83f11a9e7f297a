//! A key that IT deletes, and how its data becomes readable again: with the real server, a mail server and the programs.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "key_wipe/entries.rs"]
mod entries;

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const PASSWORD: &str = "Container-Password-1";
const TRANSPORT: &str = "Transport-Password-1";
const MAIL: &str = "Cordon-Test-1";

#[test]
fn a_key_that_it_deleted_comes_back_with_an_invitation_and_the_same_certificate() {
    let company = Company::set_up();
    company.register();
    company.done(&["sync"]);
    let mails = company.done(&["mail", "list", "--limit", "200"]);
    let old = company.device("registered");

    company.cordon(&["wipe", &old, "--what", "key"]);

    assert_eq!(company.refused(&["sync"])["code"], "key_wiped");
    let state = company.done(&["status"]);
    assert_eq!(
        (&state["container"], &state["standing"], &state["key_wiped_by"]),
        (&"key_wiped".into(), &"wiped".into(), &"ordered".into())
    );
    assert!(!company.cordon(&["device", "show", &old])["wipe_confirmed_at"].is_null());
    assert_eq!(company.refused(&["unlock"])["code"], "key_wiped");
    assert_eq!(company.refused(&company.restore("alice"))["code"], "needs_invitation");
    assert_eq!(company.refused(&company.restore("bob"))["code"], "other_certificate");
    let foreign =
        format!("https://{}/join#code={}&pin={}", company.gateway, "a".repeat(26), "A".repeat(43));
    let elsewhere = company.restore_with("alice", &foreign);
    assert_eq!(company.refused(&elsewhere)["code"], "other_server");
    let again = company.register_arguments(&company.invite());
    assert_eq!(company.refused(&again)["code"], "key_wiped");
    assert_eq!(company.done(&["status"])["container"], "key_wiped");

    company.done(&company.restore_with("alice", &company.invite()));

    // Without a word from the mail server: it is the data that was kept.
    assert_eq!(company.done(&["mail", "list", "--limit", "200"]), mails);
    assert_eq!(company.done(&["status"])["key_wiped_by"], Value::Null);
    company.done(&["sync"]);
    assert_eq!(company.done(&["mail", "list", "--limit", "200"]), mails);
    assert_ne!(company.device("registered"), old);
    assert_eq!(company.cordon(&["device", "show", &old])["state"], "wiped");
}

#[test]
fn a_key_lost_to_wrong_passwords_comes_back_unless_the_device_is_blocked() {
    let company = Company::set_up();
    company.register();
    let wrong = company.file("wrong", "not the password");
    let mut code = Value::Null;
    for _ in 0..20 {
        code = company.refused(&["unlock", "--password-file", &wrong])["code"].clone();
        if code != "wrong_password" {
            break;
        }
    }
    assert_eq!(code, "key_wiped");
    assert_eq!(company.done(&["status"])["key_wiped_by"], "wrong_passwords");
    let device = company.device("registered");

    company.cordon(&["block", &device, "--reason", "Reported as lost"]);
    let refused = company.refused(&company.restore("alice"));
    assert_eq!(
        (&refused["code"], &refused["reason"]),
        (&"blocked".into(), &"Reported as lost".into())
    );
    assert_eq!(company.done(&["status"])["container"], "key_wiped");

    company.cordon(&["unblock", &device]);
    company.done(&company.restore("alice"));
    company.done(&["sync"]);
    assert_eq!(company.device("registered"), device, "the registration is the same");
}

#[test]
fn an_order_to_delete_everything_is_obeyed_before_a_key_is_put_back() {
    let company = Company::set_up();
    company.register();
    let device = company.device("registered");
    company.cordon(&["wipe", &device, "--what", "key"]);
    assert_eq!(company.refused(&["sync"])["code"], "key_wiped");
    company.cordon(&["wipe", &device, "--what", "data"]);

    let link = company.invite();
    assert_eq!(company.refused(&company.restore_with("alice", &link))["code"], "wiped");

    assert_eq!(company.done(&["status"])["container"], "absent");
    assert!(!company.cordon(&["device", "show", &device])["wipe_confirmed_at"].is_null());
    company.done(&company.register_arguments(&link));
}

#[test]
fn data_whose_key_is_gone_goes_only_when_that_is_said() {
    let company = Company::set_up();
    company.register();
    company.cordon(&["wipe", &company.device("registered"), "--what", "key"]);
    assert_eq!(company.refused(&["sync"])["code"], "key_wiped");
    let mut arguments = company.register_arguments(&company.invite());
    assert_eq!(company.refused(&arguments)["code"], "key_wiped");

    arguments.push("--discard-data".to_owned());
    company.done(&arguments);

    assert_eq!(company.done(&["status"])["container"], "locked");
    company.done(&["sync"]);
}

#[test]
fn a_restoration_that_is_killed_loses_no_data() {
    let company = Company::set_up();
    company.register();
    company.done(&["sync"]);
    let mails = company.done(&["mail", "list", "--limit", "200"]);

    for delay in [120, 300, 500, 700, 1000] {
        company.cordon(&["wipe", &company.device("registered"), "--what", "key"]);
        assert_eq!(company.refused(&["sync"])["code"], "key_wiped");
        let link = company.invite();
        let mut restoring = company
            .app(&company.restore_with("alice", &link))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        restoring.kill().unwrap();
        restoring.wait().unwrap();

        if company.done(&["status"])["container"] == "key_wiped" {
            let restored = [company.restore("alice"), company.restore_with("alice", &link)]
                .iter()
                .any(|arguments| company.app(arguments).output().unwrap().status.success());
            if !restored {
                // Killed after the server had registered it, and before the app knew: IT blocks the device that nobody has.
                company.cordon(&["block", &company.device("registered"), "--reason", "restored"]);
                company.done(&company.restore_with("alice", &company.invite()));
            }
        }
        assert_eq!(company.done(&["mail", "list", "--limit", "200"]), mails, "after {delay} ms");
    }
}

/// A server with a mail server behind it, two people with certificates, and a place for an app.
struct Company {
    folder: tempfile::TempDir,
    gateway: String,
    _running: [Running; 2],
}

/// A program that ends with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Company {
    fn set_up() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mail_server, mail_url) = start_mail_server();
        let (gateway, portal) = (free_port(), free_port());
        let text = format!(
            "[server]\ndata = {:?}\nlicensed_devices = 20\norganisation = \"Example Works\"\n\n\
             [gateway]\nlisten = \"127.0.0.1:{gateway}\"\naddress = \"localhost:{gateway}\"\nmail_server = \"{mail_url}\"\n\n\
             [portal]\nlisten = \"127.0.0.1:{portal}\"\n",
            folder.path().join("server"),
        );
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("cordon.toml"), text).unwrap();
        std::fs::write(path("administrator"), "Correct-Horse-2026").unwrap();
        let cordon = |arguments: &[&str]| {
            let mut command = Command::new(program("cordon"));
            command.arg("--config").arg(path("cordon.toml")).arg("--json").args(arguments);
            command
        };
        let init = ["init", "--administrator", "admin", "--password-file"];
        succeed(cordon(&init).arg(path("administrator")));
        let log = std::fs::File::create(path("cordon.log")).unwrap();
        let server = cordon(&["serve"]).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let company = Self {
            gateway: format!("localhost:{gateway}"),
            _running: [mail_server, Running(server)],
            folder,
        };
        until("the gateway", || TcpStream::connect(("127.0.0.1", gateway)).ok());
        company.cordon(&["group", "add", "Staff"]);
        for person in ["alice", "bob"] {
            company.certify(person);
            let mail = format!("{person}@example.test");
            company.cordon(&[
                "user", "add", person, "--name", person, "--mail", &mail, "--group", "Staff",
            ]);
            let certificate = company.path(&format!("{person}.pem"));
            company.cordon(&["user", "certificate", person, certificate.to_str().unwrap()]);
        }
        company
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Makes a certificate, and the `.p12` file of it.
    fn certify(&self, person: &str) {
        let name = |ending: &str| self.path(&format!("{person}.{ending}"));
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj"]);
        openssl.arg(format!("/CN={person}")).args([
            "-addext",
            "keyUsage=digitalSignature,keyEncipherment",
            "-addext",
        ]);
        openssl.arg(format!("subjectAltName=email:{person}@example.test"));
        openssl.arg("-keyout").arg(name("key")).arg("-out").arg(name("pem"));
        succeed(openssl.stderr(Stdio::null()));
        let mut openssl = Command::new("openssl");
        openssl.args(["pkcs12", "-export", "-passout", &format!("pass:{TRANSPORT}"), "-in"]);
        openssl.arg(name("pem")).arg("-inkey").arg(name("key")).arg("-out").arg(name("p12"));
        succeed(&mut openssl);
    }

    fn cordon(&self, arguments: &[&str]) -> Value {
        let mut command = Command::new(program("cordon"));
        command.arg("--config").arg(self.path("cordon.toml")).arg("--json").args(arguments);
        serde_json::from_slice(&succeed(&mut command).stdout).unwrap()
    }

    fn invite(&self) -> String {
        self.cordon(&["invite", "alice"])["link"].as_str().unwrap().to_owned()
    }

    /// The id of the only device of alice in a state.
    fn device(&self, state: &str) -> String {
        let devices = self.cordon(&["device", "list", "--state", state, "--search", "alice"]);
        let [device] = &devices.as_array().unwrap()[..] else { panic!("{devices}") };
        device["id"].as_str().unwrap().to_owned()
    }

    fn app<S: AsRef<str>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cordon-pim"));
        command
            .arg("--json")
            .args(arguments.iter().map(AsRef::as_ref))
            .env_clear()
            .env("CORDON_PIM_DATA", self.path("app"))
            .env("CORDON_PIM_KEY_FILES", self.path("keys"))
            .env("CORDON_PIM_PASSWORD", PASSWORD)
            .env("CORDON_PIM_P12_PASSWORD", TRANSPORT)
            .env("CORDON_PIM_MAIL_PASSWORD", MAIL)
            .stdin(Stdio::null());
        command
    }

    #[track_caller]
    fn done<S: AsRef<str>>(&self, arguments: &[S]) -> Value {
        serde_json::from_slice(&succeed(&mut self.app(arguments)).stdout).unwrap()
    }

    #[track_caller]
    fn refused<S: AsRef<str>>(&self, arguments: &[S]) -> Value {
        let output = self.app(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn register(&self) {
        self.done(&self.register_arguments(&self.invite()));
    }

    fn register_arguments(&self, link: &str) -> Vec<String> {
        let mut arguments = self.restore("alice");
        arguments[0] = "register".to_owned();
        arguments.push(link.to_owned());
        arguments
    }

    fn restore(&self, person: &str) -> Vec<String> {
        let p12 = self.path(&format!("{person}.p12"));
        ["restore", "--keep-p12", "--p12", p12.to_str().unwrap()].map(str::to_owned).to_vec()
    }

    fn restore_with(&self, person: &str, link: &str) -> Vec<String> {
        let mut arguments = self.restore(person);
        arguments.extend(["--link".to_owned(), link.to_owned()]);
        arguments
    }
}

fn start_mail_server() -> (Running, String) {
    let mut server = Command::new(program("sandbox"))
        .args(["--listen", "127.0.0.1:0"])
        .env("SANDBOX_PASSWORD", MAIL)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let url = lines.map(Result::unwrap).find_map(|line| {
        let url = line.split_whitespace().find(|word| word.starts_with("http://"))?;
        let (scheme, rest) = url.split_once("://")?;
        Some(format!("{scheme}://{}", rest.split('/').next()?))
    });
    (Running(server), url.unwrap())
}

/// A program of the workspace, beside the one under test; built if nobody has.
fn program(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_cordon-pim")).with_file_name(name);
    if !path.exists() {
        let build = ["build", "--quiet", "--package", "cordon", "--package", "sandbox"];
        succeed(Command::new(env!("CARGO")).args(build).current_dir(env!("CARGO_MANIFEST_DIR")));
    }
    path
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[track_caller]
fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn until<T>(what: &str, wanted: impl Fn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = wanted() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "no {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
