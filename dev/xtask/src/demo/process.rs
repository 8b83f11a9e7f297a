//! Programs that a demo starts, and ends when it is over.

use anyhow::{Context as _, Result, bail};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program in the background. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
    output: PathBuf,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; its output and its log go to files in `folder`.
    pub(crate) fn start(name: &str, mut command: Command, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let output = folder.join(format!("{name}.out"));
        let log = folder.join(format!("{name}.log"));
        let append = |path: &Path| File::options().create(true).append(true).open(path);
        let child = command
            .stdin(Stdio::null())
            .stdout(append(&output)?)
            .stderr(append(&log)?)
            .spawn()
            .with_context(|| format!("{name} did not start: {command:?}"))?;

        Ok(Self { name: name.to_owned(), child, output, log })
    }

    /// Waits until a line of the output satisfies `wanted`, and returns what that gave.
    pub(crate) fn wait_for_output<T>(&mut self, wanted: impl Fn(&str) -> Option<T>) -> Result<T> {
        let output = self.output.clone();
        self.wait("its first output", Duration::from_secs(60), || {
            read(&output).lines().find_map(&wanted)
        })
    }

    /// Waits until `found` gives something, for at most `limit`.
    pub(crate) fn wait<T>(
        &mut self,
        what: &str,
        limit: Duration,
        mut found: impl FnMut() -> Option<T>,
    ) -> Result<T> {
        let start = Instant::now();
        loop {
            if let Some(found) = found() {
                return Ok(found);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status}; its log:\n{}", self.name, tail(&self.log));
            }
            if start.elapsed() > limit {
                bail!("{}: no {what} after {limit:?}; its log:\n{}", self.name, tail(&self.log));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the program has logged so far.
    pub(crate) fn log(&self) -> String {
        read(&self.log)
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks the program to end and waits for it.
    pub(crate) fn stop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        let start = Instant::now();
        while asked.is_ok() && start.elapsed() < Duration::from_secs(10) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // It may have ended in between, which is all we want.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A loopback port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn read(path: &Path) -> String {
    let mut text = Vec::new();
    if let Ok(mut file) = File::open(path) {
        // An unreadable log is an empty one: the caller reports what it waited for.
        drop(file.read_to_end(&mut text));
    }

    String::from_utf8_lossy(&text).into_owned()
}

fn tail(path: &Path) -> String {
    let text = read(path);
    let lines: Vec<_> = text.lines().collect();

    lines[lines.len().saturating_sub(20)..].join("\n")
}
