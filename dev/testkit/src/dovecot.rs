//! A mailbox server that speaks IMAP (Dovecot), for as long as a value lives.

use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Who has the one mailbox.
pub const USER: &str = "certificates";
/// Its password.
pub const PASSWORD: &str = "Mailbox \"with\" quotes \\ 1";

/// The account of the system that reads and writes mails.
const OWNER: &str = "nobody:nogroup";
/// How long the server is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server on free loopback ports with one empty mailbox; stopped when dropped. Needs root, as Dovecot does.
#[derive(Debug)]
pub struct Mailbox {
    /// Where it speaks in the clear.
    pub plain: u16,
    /// Where it speaks TLS from the first byte.
    pub tls: u16,
    directory: TempDir,
    process: Child,
    delivered: u32,
}

impl Mailbox {
    /// Starts a server that shows this certificate (PEM) and has its key (PEM).
    ///
    /// # Errors
    ///
    /// If Dovecot is not installed, this is not root, or it does not start.
    pub fn start(certificate: &str, key: &str) -> Result<Self> {
        let directory = TempDir::with_prefix("cordon-dovecot-")?;
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755))?;
        let path = |name: &str| directory.path().join(name);
        for folder in ["mail", "mail/new", "mail/cur", "mail/tmp"] {
            fs::create_dir(path(folder))?;
        }
        fs::write(path("certificate.pem"), certificate)?;
        fs::write(path("key.pem"), key)?;
        fs::write(path("users"), format!("{USER}:{{PLAIN}}{PASSWORD}\n"))?;
        let owned = Command::new("chown").args(["-R", OWNER]).arg(path("mail")).status()?;
        if !owned.success() {
            bail!("Dovecot runs as root alone, and this is not root");
        }

        let mut refusals = Vec::new();
        for _ in 0..5 {
            let (plain, tls) = (free_port()?, free_port()?);
            fs::write(path("dovecot.conf"), configuration(directory.path(), plain, tls))?;
            match launch(&path("dovecot.conf"), [plain, tls])? {
                Ok(process) => return Ok(Self { plain, tls, directory, process, delivered: 0 }),
                Err(log) => refusals.push(log),
            }
        }

        bail!("Dovecot does not start: {}", refusals.join("\n"))
    }

    /// Puts a mail into the mailbox, as a delivery would.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn deliver(&mut self, mail: &[u8]) -> Result<()> {
        self.delivered += 1;
        let name = format!("{}.test.example", self.delivered);
        let (unfinished, new) =
            (self.path("mail/tmp").join(&name), self.path("mail/new").join(&name));
        fs::write(&unfinished, mail)?;
        let owned = Command::new("chown").arg(OWNER).arg(&unfinished).status()?;
        if !owned.success() {
            bail!("the mail does not belong to the mailbox");
        }

        Ok(fs::rename(unfinished, new)?)
    }

    /// Lists the mails, with the letters of their flags (S for seen), in the order of delivery.
    ///
    /// # Errors
    ///
    /// If the mailbox cannot be read.
    pub fn mails(&self) -> Result<Vec<String>> {
        let mut mails = Vec::new();
        for folder in ["mail/new", "mail/cur"] {
            for entry in fs::read_dir(self.path(folder))? {
                let name = entry?.file_name().to_string_lossy().into_owned();
                let number = name.split('.').next().unwrap_or_default().to_owned();
                let flags = name.split_once(":2,").map_or("", |(_, flags)| flags);
                mails.push(format!("{number} {flags}").trim_end().to_owned());
            }
        }
        mails.sort();

        Ok(mails)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        // Asked to end, it ends its own processes.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// Starts a server and waits until it answers, or ends and says why.
fn launch(configuration: &Path, ports: [u16; 2]) -> Result<Result<Child, String>> {
    let mut process = Command::new("/usr/sbin/dovecot")
        .args(["-F", "-c"])
        .arg(configuration)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("dovecot does not start; install the package dovecot-imapd")?;
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if process.try_wait()?.is_some() {
            let log = process.stderr.take().context("the log of Dovecot is piped")?;
            let lines = BufReader::new(log).lines().collect::<Result<Vec<_>, _>>()?;
            return Ok(Err(lines.join("\n")));
        }
        if ports.iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok()) {
            return Ok(Ok(process));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    process.kill()?;
    process.wait()?;

    bail!("Dovecot does not answer")
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn configuration(directory: &Path, plain: u16, tls: u16) -> String {
    let at = directory.display();

    format!(
        "base_dir = {at}/run\n\
         state_dir = {at}/state\n\
         log_path = {at}/log\n\
         protocols = imap\n\
         listen = 127.0.0.1\n\
         ssl = yes\n\
         ssl_cert = <{at}/certificate.pem\n\
         ssl_key = <{at}/key.pem\n\
         disable_plaintext_auth = no\n\
         first_valid_uid = 1\n\
         first_valid_gid = 1\n\
         mail_location = maildir:{at}/mail\n\
         passdb {{\n  driver = passwd-file\n  args = {at}/users\n}}\n\
         userdb {{\n  driver = static\n  args = uid=nobody gid=nogroup home={at}\n}}\n\
         service imap-login {{\n\
         \x20 inet_listener imap {{\n    port = {plain}\n  }}\n\
         \x20 inet_listener imaps {{\n    port = {tls}\n    ssl = yes\n  }}\n\
         }}\n"
    )
}
