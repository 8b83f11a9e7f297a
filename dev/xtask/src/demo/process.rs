//! Programs that a demo starts, and ends when it is over.

use super::ending::{self, Started};
use anyhow::{Result, bail, ensure};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// Between two looks at something that is awaited.
const LOOK: Duration = Duration::from_millis(20);

/// A program in the background. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    started: Started,
    output: PathBuf,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; its output and its log go to files in `folder`, the output into a fresh one.
    pub(crate) fn start(name: &str, mut command: Command, folder: &Path) -> Result<Self> {
        let output = folder.join(format!("{name}.out"));
        let log = folder.join(format!("{name}.log"));
        command
            .stdin(Stdio::null())
            .stdout(File::create(&output)?)
            .stderr(File::options().create(true).append(true).open(&log)?);
        let started = ending::start(&mut command)?;

        Ok(Self { name: name.to_owned(), started, output, log })
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
            if let Some(status) = ended(&self.started)? {
                bail!("{} ended with {status}; its log:\n{}", self.name, tail(&self.log));
            }
            if start.elapsed() > limit {
                bail!("{}: no {what} after {limit:?}; its log:\n{}", self.name, tail(&self.log));
            }
            std::thread::sleep(LOOK);
        }
    }

    /// What the program has logged so far.
    pub(crate) fn log(&self) -> String {
        read(&self.log)
    }

    /// Where the program logs to.
    pub(crate) fn log_file(&self) -> &Path {
        &self.log
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.started.lock().unwrap_or_else(PoisonError::into_inner).id()
    }

    /// Asks the program to end and waits for it.
    pub(crate) fn stop(&mut self) {
        ending::stop(&self.started);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs a program to its end, with our terminal; fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let started = ending::start(command.stdin(Stdio::null()))?;
    let status = loop {
        if let Some(status) = ended(&started)? {
            break status;
        }
        std::thread::sleep(LOOK);
    };
    ensure!(status.success(), "{command:?} ended with {status}");

    Ok(())
}

fn ended(started: &Started) -> Result<Option<ExitStatus>> {
    Ok(started.lock().unwrap_or_else(PoisonError::into_inner).try_wait()?)
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
