//! A PostgreSQL server of one's own, for as long as a value lives.

use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A server on a free loopback port, with an empty cluster in a temporary directory; stopped when dropped.
#[derive(Debug)]
pub struct Server {
    /// Where it listens: `postgres://postgres@127.0.0.1:PORT`. Databases are made by [`fresh`](crate::database::fresh).
    pub url: String,
    process: Child,
    _directory: TempDir,
}

impl Server {
    /// Makes a cluster and starts a server on it.
    ///
    /// # Errors
    ///
    /// If PostgreSQL is not installed, or does not start.
    pub fn start() -> Result<Self> {
        let directory = TempDir::with_prefix("cordon-postgres-")?;
        let account = Account::find(directory.path())?;
        let data = directory.path().join("data");
        fs::create_dir(&data)?;
        account.own(directory.path())?;
        account.own(&data)?;

        let made = account
            .command("initdb")?
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(["--no-sync", "--no-instructions", "--pgdata"])
            .arg(&data)
            .output()
            .context("initdb does not start")?;
        if !made.status.success() {
            bail!("initdb failed: {}", String::from_utf8_lossy(&made.stderr));
        }

        let mut refusals = Vec::new();
        for _ in 0..5 {
            let port = free_port()?;
            match launch(&account, &data, port)? {
                Launch::Ready(process) => {
                    let url = format!("postgres://postgres@127.0.0.1:{port}");
                    return Ok(Self { url, process, _directory: directory });
                }
                Launch::Refused(log) => refusals.push(log),
            }
        }

        bail!("postgres does not start: {}", refusals.join("\n"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // At SIGQUIT it ends at once, yet gives its shared memory back.
        let quit = format!("kill -QUIT {}", self.process.id());
        let told = Command::new("sh").args(["-c", &quit]).status();
        if !told.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// Finds one of PostgreSQL's programs, in the path or where Debian keeps them.
///
/// # Errors
///
/// If it is not installed.
pub fn program(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<_> = debian.map(|version| version.path().join("bin")).collect();
    debian.sort();

    std::env::split_paths(&path)
        .chain(debian.into_iter().rev())
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .with_context(|| format!("{name} is missing; install the package postgresql"))
}

enum Launch {
    Ready(Child),
    Refused(String),
}

/// Starts a server and waits until it says that it is ready, or ends.
fn launch(account: &Account, data: &Path, port: u16) -> Result<Launch> {
    let mut process = account
        .command("postgres")?
        .arg("-D")
        .arg(data)
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
        .args(["-c", "unix_socket_directories=", "-c", "max_connections=300"])
        .args(["-c", "fsync=off", "-c", "lc_messages=C", "-c", "logging_collector=off"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("postgres does not start")?;
    let log = process.stderr.take().context("the log of postgres is piped")?;

    let mut lines = BufReader::new(log).lines();
    let mut seen = String::new();
    while let Some(line) = lines.next() {
        let line = line?;
        if line.contains("ready to accept connections") {
            std::thread::spawn(move || lines.for_each(drop));
            return Ok(Launch::Ready(process));
        }
        seen.push_str(&line);
        seen.push('\n');
    }
    process.wait()?;

    Ok(Launch::Refused(seen))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The account that PostgreSQL runs under, because it refuses to run as root.
enum Account {
    /// Our own.
    Own,
    /// Another one, because ours is root.
    Other { user: u32, group: u32 },
}

impl Account {
    fn find(ours: &Path) -> Result<Self> {
        if fs::metadata(ours)?.uid() != 0 {
            return Ok(Self::Own);
        }
        let accounts = fs::read_to_string("/etc/passwd")?;
        let ids = |name: &str| {
            let mut fields = accounts.lines().map(|line| line.split(':'));
            let mut account = fields.find(|fields| fields.clone().next() == Some(name))?;
            let user = account.nth(2)?.parse().ok()?;
            let group = account.next()?.parse().ok()?;
            Some(Self::Other { user, group })
        };

        ids("postgres").or_else(|| ids("nobody")).context("no account to run postgres under")
    }

    fn own(&self, path: &Path) -> Result<()> {
        match self {
            Self::Own => Ok(()),
            Self::Other { user, group } => Ok(chown(path, Some(*user), Some(*group))?),
        }
    }

    fn command(&self, name: &str) -> Result<Command> {
        let program = program(name)?;
        match self {
            Self::Own => Ok(Command::new(program)),
            Self::Other { user, group } => {
                let mut command = Command::new("setpriv");
                command
                    .args([format!("--reuid={user}"), format!("--regid={group}")])
                    .args(["--clear-groups", "--pdeathsig=KILL", "--"])
                    .arg(program);
                Ok(command)
            }
        }
    }
}
