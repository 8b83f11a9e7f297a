//! The command line as scripts see it: arguments in, JSON and exit codes out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use insta::assert_snapshot;
use serde_json::Value;
use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
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
    "certificate.issue" {"result":"done"}
    "certificate.issue" {"result":"done"}
    "certificate.issue" {"result":"done"}
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
    assert_snapshot!(server.unusable(&["settings", "set", "Staff", "mail.dayz=3"]), @r#"{"code":"unusable","detail":"there is no setting \"mail.dayz\"; there are: certificates.fetch_issuers, certificates.own, certificates.platform_roots, certificates.require_revocation, certificates.roots, container.lock_after_seconds, container.opened_by, container.password.days, container.password.digit, container.password.forbidden_words, container.password.history, container.password.kinds, container.password.letter, container.password.minimum_length, container.password.no_sequences, container.password.symbol, container.password.upper_and_lower, container.wrong_passwords, ldap.attributes, ldap.base, ldap.filter, ldap.server, ldap.without_tls, mail.days, mail.newest_version, mail.oauth.client_id, mail.oauth.issuer, mail.oauth.scopes, mail.server, mail.sign_in, smime.doubtful_certificates, smime.encrypt, smime.sha1_signatures, smime.sign, smime.triple_des, status_interval_seconds, viewing.attachment_limit_mib, viewing.remote_images"}"#);
    assert_snapshot!(server.unusable(&["audit", "--action", "device.explode"]), @r#"{"code":"unusable","detail":"there is no action \"device.explode\"; there are administrator.create, administrator.password, administrator.remove, administrator.sign-in, administrator.sign-out, certificate-file.deposit, certificate-file.expire, certificate-file.hand-out, certificate-file.receive, certificate-file.remove, certificate.issue, certificate.release, certificate.renew, certificate.revoke, crl.publish, device.add, device.block, device.confirm-wipe, device.rename, device.retire, device.unblock, device.wipe, group.create, group.remove, group.rename, group.settings, invitation.create, invitation.revoke, registration.finish, registration.start, server.initialise, user.block, user.certificate, user.change, user.create, user.remove, user.unblock"}"#);
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
fn a_person_is_blocked_with_their_devices_and_unblocked() {
    let server = Server::set_up();
    let phone = server.with_phone();

    let blocked = server.done(&["user", "block", "alice", "--reason", "On leave"]);
    assert_eq!(blocked["block"]["reason"], "On leave");
    assert!(blocked["block"]["by"].as_str().unwrap().starts_with("command-line "), "{blocked}");
    let device = server.done(&["device", "show", "APPL123"]);
    assert_eq!(
        (&device["state"], &device["owner_block_reason"]),
        (&"registered".into(), &"On leave".into())
    );
    assert_snapshot!(server.refused(&["user", "block", "alice", "--reason", "Again"]), @r#"{"code":"already_blocked","detail":"the person was not blocked: they are blocked already; unblock them first to state another reason"}"#);
    assert_snapshot!(server.refused(&["invite", "alice"]), @r#"{"code":"user_blocked","detail":"the person gets no device: they are blocked; unblock them first"}"#);

    assert_eq!(server.done(&["user", "unblock", "alice"])["block"], Value::Null);
    assert_eq!(server.done(&["device", "show", "appl123"]), phone);
    assert_snapshot!(server.refused(&["user", "unblock", "alice"]), @r#"{"code":"not_blocked","detail":"the person was not unblocked: they are not blocked; nothing is left to do"}"#);
}

#[test]
fn an_invitation_that_will_fail_is_made_with_a_warning() {
    let server = Server::set_up();
    server.with_phone();

    let invited = server.done(&["invite", "alice"]);
    assert_eq!(invited["warning"]["code"], "user_certificate_missing");
    let text = server.text(&["invite", "alice"]);
    let warning = text.lines().find(|line| line.starts_with("Warning")).unwrap();
    assert_snapshot!(warning, @"Warning: the registration will be refused: no certificate is deposited for this person; deposit theirs before they use the invitation: cordon user certificate alice FILE");

    let pem = server.certificate("alice@example.test");
    server.done(&["user", "certificate", "alice", &pem]);
    assert_eq!(server.done(&["invite", "alice"])["warning"], Value::Null);
    assert!(!server.text(&["invite", "alice"]).contains("Warning"));
}

#[test]
fn administrators_are_added_given_passwords_and_removed() {
    let server = Server::set_up();
    let password = server.path("password");

    let added = server.done(&["administrator", "add", "ben", "--password-file", &password]);
    assert_eq!(added["name"], "ben");
    let names: Vec<_> = server
        .done(&["administrator", "list"])
        .as_array()
        .unwrap()
        .iter()
        .map(|account| account["name"].clone())
        .collect();
    assert_eq!(names, ["admin", "ben"]);
    assert_snapshot!(server.refused(&["administrator", "add", "Ben", "--password-file", &password]), @r#"{"code":"name_taken","detail":"the administrator was not added: another one has this name; choose another name"}"#);

    let piped = server.run_with(
        &["administrator", "password", "BEN", "--password-file", "-"],
        "Another-Horse-2026\n",
    );
    assert!(piped.status.success(), "{piped:?}");
    let weak =
        server.run_with(&["administrator", "password", "ben", "--password-file", "-"], "short\n");
    assert_eq!(weak.status.code(), Some(1), "{weak:?}");
    let empty = server.run_with(&["administrator", "password", "ben", "--password-file", "-"], "");
    assert_eq!(empty.status.code(), Some(2), "{empty:?}");

    assert_eq!(server.done(&["administrator", "remove", "ben"])["name"], "ben");
    assert_snapshot!(server.refused(&["administrator", "remove", "ben"]), @r#"{"code":"unknown_administrator","detail":"there is no administrator with the name \"ben\"; see: cordon administrator list"}"#);
    assert_snapshot!(server.refused(&["administrator", "remove", "admin"]), @r#"{"code":"last_administrator","detail":"the administrator was not removed: it is the last one; add another one first"}"#);
}

#[test]
fn devices_of_the_same_name_are_told_apart_by_their_id() {
    let server = Server::set_up();
    server.with_phone();
    let device = server.done(&[
        "device",
        "add",
        "--user",
        "alice",
        "--eas-id",
        "appl124",
        "--name",
        "ALICE'S PHONE",
    ]);

    let refusal = server.refused(&["block", "alice's phone", "--reason", "lost"]);
    assert!(refusal.contains(r#""ambiguous_device""#), "{refusal}");
    let id = device["id"].as_str().unwrap();
    assert!(refusal.contains(id), "{refusal}");
    assert_eq!(server.done(&["block", id, "--reason", "lost"])["state"], "blocked");
    assert_eq!(server.done(&["device", "retire", id, "--give-up"])["state"], "retired");
}

#[test]
fn status_says_how_long_the_certificates_are_good() {
    let server = Server::set_up();

    let status = server.done(&["status"]);
    let certificates = status["certificates"].as_array().unwrap();
    let names: Vec<_> = certificates.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["authority", "portal", "tls"]);
    for one in certificates {
        assert!(one["not_after"].is_string() && one["remedy"].is_null(), "{one}");
    }
}

#[test]
fn a_given_certificate_that_expires_soon_is_told() {
    let server = Server::set_up();
    let pem = server.certificate("post@example.test");
    let given = format!("[tls]\ncertificate = {pem:?}\nkey = {:?}\n", server.path("key.pem"));
    server.configure(&given);

    let status = server.done(&["status"]);
    let remedy = status["certificates"][2]["remedy"].as_str().unwrap();
    assert_eq!(remedy, format!("put a new certificate into {pem} and start `cordon serve` anew"));
    std::fs::remove_file(&pem).unwrap();
    let status = server.done(&["status"]);
    assert!(status["certificates"][2]["not_after"].is_null(), "{status}");
}

#[test]
fn commands_leave_the_servers_keys_alone() {
    let server = Server::set_up();
    let portal = server.path("data/certificates/portal.pem");
    std::fs::remove_file(&portal).unwrap();

    let said = server.unusable(&["status"]);
    assert!(said.contains("start cordon serve, which makes them anew"), "{said}");
    assert!(!Path::new(&portal).exists());
}

#[test]
fn the_picture_of_an_invitation_is_its_makers_alone() {
    let server = Server::set_up();
    server.done(&["group", "add", "Staff"]);
    let person = ["user", "add", "alice", "--name", "A", "--mail", "a@example.test"];
    server.done(&[&person[..], &["--group", "Staff"]].concat());
    server.done(&["user", "certificate", "alice", &server.certificate("a@example.test")]);

    let picture = server.path("invitation.svg");
    for _ in 0..2 {
        server.done(&["invite", "alice", "--qr", &picture]);
        let file = std::fs::metadata(&picture).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        // A file that was there before is closed too.
        std::fs::set_permissions(&picture, Permissions::from_mode(0o644)).unwrap();
    }
    assert!(std::fs::read_to_string(&picture).unwrap().contains("<svg"));
}

#[test]
fn a_mail_server_across_the_network_needs_tls() {
    let server = Server::set_up();
    server.configure("[gateway]\nmail_server = \"http://mail.example.org\"\n");

    assert_snapshot!(server.unusable(&["serve"]), @r#"{"code":"unusable","detail":"gateway.mail_server: passwords and mail would cross the network in clear: give the https:// address; or, if something else protects the way to it, such as a tunnel, set gateway.mail_server_without_tls = true"}"#);
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
        let server = Self { folder };
        server.configure("");

        server
    }

    /// Writes the configuration: the data folder, and what is given.
    fn configure(&self, rest: &str) {
        let text = format!("[server]\ndata = {:?}\n{rest}", self.folder.path().join("data"));
        std::fs::write(self.path("cordon.toml"), text).unwrap();
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

    /// Adds alice, in a group of her own, with a phone.
    fn with_phone(&self) -> Value {
        self.done(&["group", "add", "Staff"]);
        let (name, mail) = ("Alice Ahrens", "alice@example.test");
        self.done(&["user", "add", "alice", "--name", name, "--mail", mail, "--group", "Staff"]);
        let (id, name) = ("APPL123", "Alice's phone");

        self.done(&["device", "add", "--user", "alice", "--eas-id", id, "--name", name])
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, "")
    }

    /// Runs the program with something on its standard input.
    fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .command()
            .arg("--json")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Whoever needs no input may be gone already.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));

        child.wait_with_output().unwrap()
    }

    fn text(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");

        String::from_utf8(output.stdout).unwrap()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cordon"));
        command.arg("--config").arg(self.path("cordon.toml"));

        command
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
