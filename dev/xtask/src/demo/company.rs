//! A company on this machine: a mail server, Cordon in front of it, people with certificates.

use super::Mail;
use super::ending::{Peer, peer_script};
use super::process::{Process, free_port};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use xshell::{Shell, cmd};

pub(crate) const ADMINISTRATOR: &str = "admin";
pub(crate) const ADMINISTRATOR_PASSWORD: &str = "Demo-Console-2026";
/// Opens the container of each person's app.
pub(crate) const CONTAINER_PASSWORD: &str = "Demo-Container-2026";
/// Opens the `.p12` file that each person got from IT.
pub(crate) const TRANSPORT_PASSWORD: &str = "Demo-Transport-2026";
/// The people's password at either mail server.
pub(crate) const MAIL_PASSWORD: &str = "Cordon-Test-1";
pub(crate) const PEOPLE: &[(&str, &str)] = &[("alice", "Alice Ahrens"), ("bob", "Bob Bergström")];

/// Which build of the programs to run; `debug` unless set.
pub(crate) static PROFILE: std::sync::OnceLock<&str> = std::sync::OnceLock::new();

/// What runs, and where its files are.
pub(crate) struct Company {
    pub(crate) folder: PathBuf,
    pub(crate) console: String,
    pub(crate) gateway: String,
    pub(crate) server: Process,
    _mail: MailServer,
}

/// How much more than the samples lies in a mailbox.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Load {
    pub(crate) mails: u32,
    pub(crate) events: u32,
}

enum MailServer {
    Sandbox(#[expect(dead_code, reason = "held so that it goes on running")] Process),
    Sogo(#[expect(dead_code, reason = "held so that it goes on running")] Peer),
}

impl Company {
    /// Starts everything below `folder`, which must be empty.
    pub(crate) fn set_up(sh: &Shell, folder: &Path, mail: Mail) -> Result<Self> {
        Self::set_up_with(sh, folder, mail, Load::default())
    }

    /// As [`set_up`](Self::set_up), with more in the first mailbox of the sandbox.
    pub(crate) fn set_up_with(sh: &Shell, folder: &Path, mail: Mail, load: Load) -> Result<Self> {
        let (mail, address) = MailServer::start(folder, mail, load)?;
        let (gateway, portal) = (free_port()?, free_port()?);
        let text = format!(
            "[server]\ndata = {data:?}\nlicensed_devices = 10\norganisation = \"Example Works\"\n\n\
             [gateway]\nlisten = \"127.0.0.1:{gateway}\"\naddress = \"localhost:{gateway}\"\n{address}\n\
             [portal]\nlisten = \"127.0.0.1:{portal}\"\n\n[log]\nformat = \"json\"\n",
            data = folder.join("server"),
        );
        fs::write(folder.join("cordon.toml"), text)?;
        let password = folder.join("administrator-password");
        fs::write(&password, ADMINISTRATOR_PASSWORD)?;
        run(cordon(folder)
            .args(["init", "--administrator", ADMINISTRATOR, "--password-file"])
            .arg(password))?;
        let mut serve = cordon(folder);
        serve.arg("serve");
        let mut server = Process::start("cordon", serve, folder)?;
        for port in [gateway, portal] {
            server.wait("open port", Duration::from_secs(60), || {
                std::net::TcpStream::connect(("127.0.0.1", port)).ok()
            })?;
        }
        let company = Self {
            folder: folder.to_owned(),
            console: format!("https://localhost:{portal}"),
            gateway: format!("https://localhost:{gateway}"),
            server,
            _mail: mail,
        };
        company.people(sh)?;

        Ok(company)
    }

    /// Runs `cordon` with `arguments` and `--json`, and returns what it printed.
    pub(crate) fn cordon(&self, arguments: &[&str]) -> Result<Value> {
        let text = run(cordon(&self.folder).arg("--json").args(arguments))?;

        serde_json::from_str(&text).with_context(|| format!("cordon {arguments:?}: {text}"))
    }

    /// The invitation link for `person`.
    pub(crate) fn invite(&self, person: &str) -> Result<String> {
        let invitation = self.cordon(&["invite", person])?;

        Ok(invitation["link"].as_str().context("an invitation has a link")?.to_owned())
    }

    /// The `.p12` file of `person`, made by a foreign authority.
    pub(crate) fn pkcs12(&self, person: &str) -> PathBuf {
        self.folder.join(format!("pki/{person}.p12"))
    }

    /// A file that holds `password`, as the command lines want it.
    pub(crate) fn password_file(&self, name: &str, password: &str) -> Result<PathBuf> {
        let path = self.folder.join(format!("password-{name}"));
        fs::write(&path, password)?;

        Ok(path)
    }

    fn people(&self, sh: &Shell) -> Result<()> {
        let pki = self.folder.join("pki");
        fs::create_dir_all(&pki)?;
        certificates(sh, &pki)?;
        self.cordon(&["group", "add", "Staff"])?;
        for (login, name) in PEOPLE {
            let (address, certificate) = (mail_address(login), pki.join(format!("{login}.pem")));
            let certificate = certificate.to_str().context("paths are text")?;
            self.cordon(&[
                "user", "add", login, "--name", name, "--mail", &address, "--group", "Staff",
            ])?;
            self.cordon(&["user", "certificate", login, certificate])?;
        }

        Ok(())
    }
}

/// The address of one of the people.
pub(crate) fn mail_address(login: &str) -> String {
    format!("{login}@example.test")
}

/// A command of the server's program.
pub(crate) fn cordon(folder: &Path) -> Command {
    let mut command = Command::new(program("cordon"));
    command.arg("--config").arg(folder.join("cordon.toml"));

    command
}

/// A program of the workspace, as built.
pub(crate) fn program(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| crate::root().join("target"), PathBuf::from);

    target.join(PROFILE.get().copied().unwrap_or("debug")).join(name)
}

/// Runs a command to its end and returns what it printed.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?} ended with {}:\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );

    Ok(String::from_utf8(output.stdout)?)
}

impl MailServer {
    /// Starts the mail server; returns it with its lines for the configuration.
    fn start(folder: &Path, mail: Mail, load: Load) -> Result<(Self, String)> {
        match mail {
            Mail::Sandbox => {
                let mut command = Command::new(program("sandbox"));
                command.env("SANDBOX_PASSWORD", MAIL_PASSWORD).args([
                    "--listen",
                    "127.0.0.1:0",
                    "--mails",
                    &load.mails.to_string(),
                    "--events",
                    &load.events.to_string(),
                ]);
                let mut sandbox = Process::start("sandbox", command, folder)?;
                let url = sandbox.wait_for_output(|line| {
                    let url = line.split_whitespace().find(|word| word.starts_with("http"))?;
                    let (scheme, rest) = url.split_once("://")?;
                    Some(format!("{scheme}://{}", rest.split('/').next()?))
                })?;
                Ok((Self::Sandbox(sandbox), format!("mail_server = \"{url}\"\n")))
            }
            Mail::Sogo => {
                let folder = folder.join("sogo");
                let peer = Peer::expect(&folder);
                // Out of reach of the terminal's Ctrl-C: half a start would leave what nobody has noted.
                let text = run(Command::new(peer_script())
                    .arg("up")
                    .env("PEER_DIR", folder)
                    .env("PEER_PORT_BASE", peer_port_base()?.to_string())
                    .stderr(Stdio::inherit())
                    .process_group(0))?;
                let value = |name: &str| {
                    let line =
                        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
                    line.with_context(|| format!("the peer says no {name}: {text}"))
                };
                let url = value("PEER_EAS_URL")?.replace("/Microsoft-Server-ActiveSync", "");
                let authorities = value("PEER_CA")?;
                let lines = format!(
                    "mail_server = \"{url}\"\nmail_server_authorities = \"{authorities}\"\n"
                );
                Ok((Self::Sogo(peer), lines))
            }
        }
    }
}

/// A base with room for the peer's ports, which lie up to 443 above it.
fn peer_port_base() -> Result<u16> {
    let offsets = [0, 24, 25, 80, 143, 190, 211, 432, 443];
    (27_000..32_000)
        .step_by(500)
        .find(|base| {
            offsets
                .iter()
                .all(|offset| std::net::TcpListener::bind(("127.0.0.1", base + offset)).is_ok())
        })
        .context("no free ports for the SOGo peer between 27000 and 32000")
}

/// A foreign authority, and a certificate of it for each person.
fn certificates(sh: &Shell, folder: &Path) -> Result<()> {
    let _folder = sh.push_dir(folder);
    let quiet = |command: xshell::Cmd<'_>| command.quiet().ignore_stdout().ignore_stderr().run();
    quiet(cmd!(
        sh,
        "openssl req -x509 -newkey rsa:3072 -nodes -days 3650 -subj '/O=Example Works/CN=Example Works CA' -keyout ca.key -out ca.pem"
    ))?;
    for (login, name) in PEOPLE {
        let address = mail_address(login);
        let subject = format!("/O=Example Works/CN={name}/emailAddress={address}");
        sh.write_file(
            folder.join(format!("{login}.ext")),
            format!("subjectAltName=email:{address}\nkeyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=emailProtection\n"),
        )?;
        quiet(cmd!(
            sh,
            "openssl req -newkey rsa:3072 -nodes -utf8 -subj {subject} -keyout {login}.key -out {login}.csr"
        ))?;
        quiet(cmd!(
            sh,
            "openssl x509 -req -in {login}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1825 -extfile {login}.ext -out {login}.pem"
        ))?;
        let password = format!("pass:{TRANSPORT_PASSWORD}");
        quiet(cmd!(
            sh,
            "openssl pkcs12 -export -in {login}.pem -inkey {login}.key -certfile ca.pem -name {name} -passout {password} -out {login}.p12"
        ))?;
    }

    Ok(())
}
