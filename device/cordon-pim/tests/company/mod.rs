//! A company in small, for tests of the programs: the server, a mail server, people with certificates, and a place for an app.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod cards;

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub(crate) const PASSWORD: &str = "Container-Password-1";
pub(crate) const TRANSPORT: &str = "Transport-Password-1";
/// The password of every mailbox.
pub(crate) const MAIL: &str = "Cordon-Test-1";

/// A server with a mail server behind it, two people with certificates, and a place for an app.
pub(crate) struct Company {
    folder: tempfile::TempDir,
    pub(crate) gateway: String,
    /// What the app is told about its surroundings, besides where its data is.
    pub(crate) environment: Vec<(&'static str, PathBuf)>,
    running: Vec<Running>,
    /// What sets the clock of programs, if it is not that of the machine.
    clock: Vec<(&'static str, PathBuf)>,
}

/// A program that ends with this value.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Company {
    /// With the sandbox as its mail server.
    pub(crate) fn set_up() -> Self {
        let (mail_server, url) = start_mail_server();
        let mut company = Self::with_mail_server(&url);
        company.running.push(mail_server);
        company
    }

    /// With a mail server that runs already.
    pub(crate) fn with_mail_server(mail_url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
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
            environment: Vec::new(),
            running: vec![Running(server)],
            clock: Vec::new(),
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
            company.deposit(person);
        }
        company
    }

    /// Starts the server anew, and every other program from here on, so many days later by their clocks.
    pub(crate) fn days_later(&mut self, days: u32) {
        let library =
            format!("/usr/lib/{}-linux-gnu/faketime/libfaketimeMT.so.1", std::env::consts::ARCH);
        assert!(Path::new(&library).exists(), "the package faketime is missing");
        self.clock = vec![
            ("LD_PRELOAD", PathBuf::from(library)),
            ("FAKETIME", PathBuf::from(format!("+{days}d"))),
            // Pauses are as long as ever.
            ("FAKETIME_DONT_FAKE_MONOTONIC", PathBuf::from("1")),
        ];
        drop(self.running.remove(0));
        let mut server = Command::new(program("cordon"));
        server
            .arg("--config")
            .arg(self.path("cordon.toml"))
            .arg("serve")
            .envs(self.clock.iter().cloned());
        let log = std::fs::File::create(self.path("cordon-later.log")).unwrap();
        let server = server.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.running.insert(0, Running(server));
        until("the gateway", || TcpStream::connect(&self.gateway).ok());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Makes a certificate, and the `.p12` file of it.
    pub(crate) fn certify(&self, person: &str) {
        self.certify_by(person, "rsa:2048", "keyEncipherment");
    }

    /// Makes a certificate for a key on a curve, and the `.p12` file of it.
    pub(crate) fn certify_on(&self, person: &str, curve: &str) {
        let parameters = self.path("curve.pem");
        let mut openssl = Command::new("openssl");
        openssl.args(["ecparam", "-name", curve, "-out"]).arg(&parameters);
        succeed(&mut openssl);
        self.certify_by(person, &format!("ec:{}", parameters.display()), "keyAgreement");
    }

    fn certify_by(&self, person: &str, key: &str, usage: &str) {
        let name = |ending: &str| self.path(&format!("{person}.{ending}"));
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", key, "-nodes", "-days", "30", "-subj"]);
        openssl.arg(format!("/CN={person}")).args([
            "-addext",
            &format!("keyUsage=digitalSignature,{usage}"),
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

    /// Has the server's authority issue a certificate of a kind to a person; returns the DER and its SHA-256, and leaves `<name>.key` and
    /// `<name>.pem`.
    pub(crate) fn issue(&self, person: &str, name: &str, profile: &str) -> (Vec<u8>, String) {
        let path = |ending: &str| self.path(&format!("{name}.{ending}")).display().to_string();
        let (key, request, pem) = (path("key"), path("csr"), path("pem"));
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", &key]);
        openssl.args(["-subj", &format!("/CN={person}"), "-out", &request, "-addext"]);
        succeed(openssl.arg(format!("subjectAltName=email:{person}@example.test")));
        let issue = ["ca", "issue", "--profile", profile, "--user", person, "--csr", &request];
        self.cordon(&[&issue[..], &["--out", &pem]].concat());
        let der = ["x509", "-in", &pem, "-outform", "DER"];
        let der = succeed(Command::new("openssl").args(der)).stdout;
        let print = ["x509", "-in", &pem, "-noout", "-fingerprint", "-sha256"];
        let print = succeed(Command::new("openssl").args(print)).stdout;
        let print = String::from_utf8(print).unwrap();
        let print = print.trim().split_once('=').unwrap().1.replace(':', "").to_lowercase();

        (der, print)
    }

    /// Deposits the certificate that was made last for a person.
    pub(crate) fn deposit(&self, person: &str) {
        let certificate = self.path(&format!("{person}.pem"));
        self.cordon(&["user", "certificate", person, certificate.to_str().unwrap()]);
    }

    pub(crate) fn cordon(&self, arguments: &[&str]) -> Value {
        let mut command = Command::new(program("cordon"));
        command.arg("--config").arg(self.path("cordon.toml")).arg("--json").args(arguments);
        command.envs(self.clock.iter().cloned());
        serde_json::from_slice(&succeed(&mut command).stdout).unwrap()
    }

    pub(crate) fn invite(&self) -> String {
        self.invite_person("alice")
    }

    pub(crate) fn invite_person(&self, person: &str) -> String {
        self.cordon(&["invite", person])["link"].as_str().unwrap().to_owned()
    }

    /// Has the commands from here on run on another device, or on the first one, which is called `app`.
    pub(crate) fn at_device(&mut self, name: &str) {
        let variables = ["CORDON_PIM_DATA", "CORDON_PIM_KEY_FILES"];
        self.environment.retain(|(name, _)| !variables.contains(name));
        if name != "app" {
            let places =
                variables.map(|name_of| (name_of, self.path(&format!("{name}-{name_of}"))));
            self.environment.extend(places);
        }
    }

    /// The id of the only device of alice in a state.
    pub(crate) fn device(&self, state: &str) -> String {
        let devices = self.cordon(&["device", "list", "--state", state, "--search", "alice"]);
        let [device] = &devices.as_array().unwrap()[..] else { panic!("{devices}") };
        device["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn app<S: AsRef<str>>(&self, arguments: &[S]) -> Command {
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
            .envs(self.environment.iter().chain(&self.clock).cloned())
            .stdin(Stdio::null());
        command
    }

    #[track_caller]
    pub(crate) fn done<S: AsRef<str>>(&self, arguments: &[S]) -> Value {
        serde_json::from_slice(&succeed(&mut self.app(arguments)).stdout).unwrap()
    }

    #[track_caller]
    pub(crate) fn refused<S: AsRef<str>>(&self, arguments: &[S]) -> Value {
        let output = self.app(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub(crate) fn register(&self) {
        self.done(&self.register_arguments(&self.invite()));
    }

    pub(crate) fn register_arguments(&self, link: &str) -> Vec<String> {
        self.register_person("alice", link)
    }

    pub(crate) fn register_person(&self, person: &str, link: &str) -> Vec<String> {
        let mut arguments = self.restore(person);
        arguments[0] = "register".to_owned();
        arguments.push(link.to_owned());
        arguments
    }

    pub(crate) fn restore(&self, person: &str) -> Vec<String> {
        let p12 = self.path(&format!("{person}.p12"));
        ["restore", "--keep-p12", "--p12", p12.to_str().unwrap()].map(str::to_owned).to_vec()
    }

    pub(crate) fn restore_with(&self, person: &str, link: &str) -> Vec<String> {
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

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[track_caller]
pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

pub(crate) fn until<T>(what: &str, wanted: impl Fn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = wanted() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "no {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
