//! A directory that speaks LDAP (OpenLDAP's slapd), for as long as a value lives.

use anyhow::{Context, Result, bail};
use data_encoding::BASE64;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

/// The entry under which all people are.
pub const BASE: &str = "ou=people,dc=example,dc=test";

/// How long the server is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server on free loopback ports; stopped when dropped.
#[derive(Debug)]
pub struct Directory {
    /// Where it speaks in the clear, and StartTLS: `127.0.0.1:PORT`.
    pub plain: String,
    /// Where it speaks TLS from the first byte: `127.0.0.1:PORT`.
    pub tls: String,
    log: Arc<Log>,
    process: Child,
    _directory: TempDir,
}

/// What the server has said so far.
#[derive(Debug, Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    news: Condvar,
}

/// Somebody in the directory.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub mail: String,
    /// Certificates: the attribute, and the bytes.
    pub certificates: Vec<(&'static str, Vec<u8>)>,
}

impl Directory {
    /// Starts a server with these people, which shows this certificate (PEM) and has its key (PEM).
    ///
    /// # Errors
    ///
    /// If slapd is not installed, or does not start.
    pub fn start(people: &[Person], certificate: &str, key: &str) -> Result<Self> {
        let directory = TempDir::with_prefix("cordon-slapd-")?;
        let path = |name: &str| directory.path().join(name);
        fs::create_dir(path("data"))?;
        fs::write(path("certificate.pem"), certificate)?;
        fs::write(path("key.pem"), key)?;
        fs::write(path("people.ldif"), ldif(people))?;
        fs::write(path("slapd.conf"), configuration(directory.path()))?;
        let filled = Command::new(program("slapadd")?)
            .arg("-f")
            .arg(path("slapd.conf"))
            .arg("-l")
            .arg(path("people.ldif"))
            .output()?;
        if !filled.status.success() {
            bail!("slapadd failed: {}", String::from_utf8_lossy(&filled.stderr));
        }

        let mut refusals = Vec::new();
        for _ in 0..5 {
            let (plain, tls) = (free_address()?, free_address()?);
            match launch(&path("slapd.conf"), &format!("ldap://{plain} ldaps://{tls}"))? {
                Ok((process, log)) => {
                    return Ok(Self { plain, tls, log, process, _directory: directory });
                }
                Err(log) => refusals.push(log),
            }
        }

        bail!("slapd does not start: {}", refusals.join("\n"))
    }

    /// Waits until the server was asked this many times; tells the filters, as it writes them.
    ///
    /// # Panics
    ///
    /// If that takes longer than half a minute.
    pub fn asked(&self, times: usize) -> Vec<String> {
        let filters = |lines: &[String]| -> Vec<String> {
            let filter = |line: &String| {
                Some(line.split_once(" filter=\"")?.1.strip_suffix('"')?.to_owned())
            };
            lines.iter().filter_map(filter).collect()
        };
        let lines = self.log.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let (lines, waited) = self
            .log
            .news
            .wait_timeout_while(lines, PATIENCE, |lines| filters(lines).len() < times)
            .unwrap_or_else(PoisonError::into_inner);
        assert!(!waited.timed_out(), "slapd was not asked {times} times: {lines:#?}");

        filters(&lines)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a server and waits until it says that it is ready, or ends and says why.
fn launch(configuration: &Path, addresses: &str) -> Result<Result<(Child, Arc<Log>), String>> {
    let mut process = Command::new(program("slapd")?)
        .arg("-f")
        .arg(configuration)
        // In the foreground, with what it does on standard error.
        .args(["-h", addresses, "-d", "256"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("slapd does not start")?;
    let log = process.stderr.take().context("the log of slapd is piped")?;
    let mut lines = BufReader::new(log).lines();
    let mut seen = String::new();
    while let Some(line) = lines.next() {
        let line = line?;
        if line.contains("slapd starting") {
            let log = Arc::<Log>::default();
            let heard = Arc::clone(&log);
            std::thread::spawn(move || {
                for line in lines.map_while(std::io::Result::ok) {
                    heard.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                    heard.news.notify_all();
                }
            });
            return Ok(Ok((process, log)));
        }
        seen.push_str(&line);
        seen.push('\n');
    }
    process.wait()?;

    Ok(Err(seen))
}

fn program(name: &str) -> Result<PathBuf> {
    let path = Path::new("/usr/sbin").join(name);
    if !path.is_file() {
        bail!("{name} is missing; install the package slapd");
    }

    Ok(path)
}

fn free_address() -> Result<String> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.to_string())
}

fn configuration(directory: &Path) -> String {
    let at = directory.display();

    format!(
        "include /etc/ldap/schema/core.schema\n\
         include /etc/ldap/schema/cosine.schema\n\
         include /etc/ldap/schema/inetorgperson.schema\n\
         modulepath /usr/lib/ldap\n\
         moduleload back_mdb\n\
         pidfile {at}/slapd.pid\n\
         TLSCertificateFile {at}/certificate.pem\n\
         TLSCertificateKeyFile {at}/key.pem\n\
         TLSVerifyClient never\n\
         database mdb\n\
         suffix \"dc=example,dc=test\"\n\
         directory {at}/data\n\
         access to * by * read\n"
    )
}

fn ldif(people: &[Person]) -> String {
    let mut text = format!(
        "dn: dc=example,dc=test\nobjectClass: domain\ndc: example\n\ndn: {BASE}\nobjectClass: organizationalUnit\nou: people\n"
    );
    for (number, person) in people.iter().enumerate() {
        let line =
            |attribute: &str, value: &[u8]| format!("{attribute}:: {}\n", BASE64.encode(value));
        text.push_str(&format!(
            "\ndn: uid=p{number},{BASE}\nobjectClass: inetOrgPerson\nuid: p{number}\n"
        ));
        text.push_str(&line("cn", person.name.as_bytes()));
        text.push_str(&line("sn", person.name.as_bytes()));
        text.push_str(&line("mail", person.mail.as_bytes()));
        for (attribute, value) in &person.certificates {
            text.push_str(&line(attribute, value));
        }
    }

    text
}
