//! The command line as scripts see it: arguments in, JSON and exit codes out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use insta::assert_snapshot;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

#[test]
fn a_mail_client_is_added_blocked_unblocked_and_retired() {
    let server = Server::set_up();
    server.done(&["group", "add", "Staff"]);
    server.done(&[
        "user",
        "add",
        "alice",
        "--name",
        "Alice Ahrens",
        "--mail",
        "alice@example.test",
        "--group",
        "Staff",
    ]);
    let device = server.done(&[
        "device",
        "add",
        "--user",
        "alice",
        "--eas-id",
        "APPL123",
        "--name",
        "Alice's phone",
    ]);
    assert_eq!(device["state"], "registered");
    assert_eq!(device["eas_id"], "appl123");

    let blocked = server.done(&["block", "APPL123", "--reason", "Reported as lost"]);
    assert_eq!(blocked["state"], "blocked");
    assert_eq!(blocked["block_reason"], "Reported as lost");
    assert_snapshot!(server.refused(&["block", "APPL123", "--reason", "Again"]), @r#"{"code":"already_blocked","detail":"the device was not blocked: it is blocked already; unblock it first to state another reason"}"#);

    assert_eq!(server.done(&["unblock", "Alice's phone"])["state"], "registered");
    assert_snapshot!(server.refused(&["wipe", "APPL123", "--what", "data"]), @r#"{"code":"without_app","detail":"the wipe was not ordered: the device does not run the app, which alone could obey; block it or retire it"}"#);
    assert_eq!(server.done(&["device", "retire", "APPL123"])["state"], "retired");
    let listed = server.done(&["device", "list", "--state", "registered"]);
    assert_eq!(listed, serde_json::json!([]));

    let names: Vec<_> = server
        .done(&["audit", "--limit", "200"])
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|event| format!("{} {}", event["action"], event["outcome"]))
        .collect();
    assert_snapshot!(names.join("\n"), @r#"
    "administrator.create" {"result":"done"}
    "server.initialise" {"result":"done"}
    "group.create" {"result":"done"}
    "user.create" {"result":"done"}
    "device.add" {"result":"done"}
    "device.block" {"result":"done"}
    "device.block" {"reason":"already_blocked","result":"refused"}
    "device.unblock" {"result":"done"}
    "device.wipe" {"reason":"without_app","result":"refused"}
    "device.retire" {"result":"done"}
    "#);
}

#[test]
fn refusals_say_what_to_do() {
    let server = Server::set_up();
    server.done(&["group", "add", "Staff"]);

    assert_snapshot!(server.refused(&["group", "add", "staff"]), @r#"{"code":"name_taken","detail":"the group was not saved: another group has this name; choose another name"}"#);
    assert_snapshot!(server.refused(&["block", "nothing", "--reason", "x"]), @r#"{"code":"unknown_device","detail":"there is no device with the id, ActiveSync id or name \"nothing\"; see: cordon device list"}"#);
    assert_snapshot!(server.refused(&["invite", "nobody"]), @r#"{"code":"unknown_user","detail":"there is no person with the login name \"nobody\""}"#);
    assert_snapshot!(
        server.refused(&["user", "add", "bob", "--name", "Bob", "--mail", "b@example.test", "--group", "Board"]),
        @r#"{"code":"unknown_group","detail":"there is no group \"Board\"; there are: Staff"}"#
    );
}

#[test]
fn unusable_input_is_told_from_a_refusal() {
    let server = Server::set_up();
    server.done(&["group", "add", "Staff"]);

    assert_snapshot!(server.unusable(&["user", "add", "bob", "--name", "Bob", "--mail", "nonsense", "--group", "Staff"]), @r#"{"code":"unusable","detail":"\"nonsense\" is not a mail address; write it as name@domain"}"#);
    assert_snapshot!(server.unusable(&["settings", "set", "Staff", "mail.dayz=3"]), @r#"{"code":"unusable","detail":"there is no setting \"mail.dayz\"; there are: container.lock_after_seconds, container.password.digit, container.password.minimum_length, container.password.symbol, container.password.upper_and_lower, container.wrong_passwords, mail.days, mail.server, status_interval_seconds, viewing.attachment_limit_mib, viewing.remote_images"}"#);
    assert_snapshot!(server.unusable(&["audit", "--action", "device.explode"]), @r#"{"code":"unusable","detail":"there is no action \"device.explode\"; there are administrator.create, administrator.password, administrator.remove, administrator.sign-in, administrator.sign-out, device.add, device.block, device.confirm-wipe, device.rename, device.retire, device.unblock, device.wipe, group.create, group.remove, group.rename, group.settings, invitation.create, invitation.revoke, registration.finish, registration.start, server.initialise, user.certificate, user.change, user.create, user.remove"}"#);
}

#[test]
fn commands_before_init_say_so() {
    let server = Server::new();

    let output = server.run(&["status"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("cordon init --administrator"));
}

#[test]
fn a_weak_administrator_password_is_refused() {
    let server = Server::new();

    let output = server.init("admin");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn a_second_administrator_of_the_same_name_is_refused() {
    let server = Server::set_up();

    assert_eq!(server.init("Correct-Horse-2026").status.code(), Some(1));
}

#[test]
fn certificates_are_checked_before_they_are_deposited() {
    let server = Server::set_up();
    server.done(&["group", "add", "Staff"]);
    for login in ["alice", "bob"] {
        let address = format!("{login}@example.test");
        server
            .done(&["user", "add", login, "--name", login, "--mail", &address, "--group", "Staff"]);
    }
    let pem = server.certificate("alice@example.test");

    let alice = server.done(&["user", "certificate", "alice", &pem]);
    assert!(alice["certificate"]["not_after"].is_string());
    let refusal = server.refused(&["user", "certificate", "bob", &pem]);
    assert!(refusal.contains("bob@example.test") || refusal.contains("address"), "{refusal}");
}

#[test]
fn completions_and_openapi_need_no_server() {
    let server = Server::new();

    let completions = server.run(&["completions", "bash"]);
    assert!(String::from_utf8(completions.stdout).unwrap().contains("_cordon"));
    let openapi = server.done(&["openapi"]);
    assert!(openapi["openapi"].as_str().unwrap().starts_with("3.1"));
}

/// A data folder of its own, and the program on it.
struct Server {
    folder: TempDir,
}

impl Server {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let text = format!("[server]\ndata = {:?}\n", folder.path().join("data"));
        std::fs::write(folder.path().join("cordon.toml"), text).unwrap();

        Self { folder }
    }

    fn set_up() -> Self {
        let server = Self::new();
        let output = server.init("Correct-Horse-2026");
        assert!(output.status.success(), "{output:?}");

        server
    }

    fn init(&self, password: &str) -> Output {
        let file = self.path("password");
        std::fs::write(&file, password).unwrap();

        self.run(&["init", "--administrator", "admin", "--password-file", &file])
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_cordon"))
            .arg("--config")
            .arg(self.path("cordon.toml"))
            .arg("--json")
            .args(arguments)
            .output()
            .unwrap()
    }

    fn done(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");

        serde_json::from_slice(&output.stdout).unwrap()
    }

    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> String {
        self.failed(arguments, 1)
    }

    #[track_caller]
    fn unusable(&self, arguments: &[&str]) -> String {
        self.failed(arguments, 2)
    }

    #[track_caller]
    fn failed(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let text = String::from_utf8(output.stderr).unwrap();

        text.lines().find(|line| line.starts_with('{')).unwrap_or(&text).trim().to_owned()
    }

    fn certificate(&self, address: &str) -> String {
        let (key, pem) = (self.path("key.pem"), self.path("certificate.pem"));
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "30",
                "-subj",
                "/CN=Person",
            ])
            .args([
                "-addext",
                &format!("subjectAltName=email:{address}"),
                "-keyout",
                &key,
                "-out",
                &pem,
            ])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");

        pem
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(Path::new(name)).display().to_string()
    }
}
