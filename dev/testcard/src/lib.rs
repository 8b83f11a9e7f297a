//! A smart card of software, in a reader of software, behind the real service of the readers (pcscd).
//!
//! ```text
//!   test ── PC/SC ──► pcscd ── vpcd ◄── TCP on loopback ── Inserted ── Piv, Iso: SmartCard
//! ```
//!
//! # Invariants
//!
//! - Reader and service live in namespaces of their own (network, mounts, processes): the driver listens
//!   on every address, and no test sees the readers of the machine or of another test.
//! - Nothing passes because something is missing: what cannot be had is a failure.
//! - The keys are made anew for each card; no card here protects anything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::print_stdout,
    reason = "only tests use this, and a test that cannot go on has failed"
)]

mod iso;
mod make;
mod piv;

pub use iso::{Flavour, Iso};
pub use piv::{PIN, Piv};

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::os::linux::net::TcpStreamExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Names the process that is in the namespaces and is to run a test, not to prepare it.
const PREPARED: &str = "CORDON_TEST_CARD_READER";

/// Where the driver listens for a card; free, in a network of its own.
const PORT: u16 = 0x8d00;

/// How long anything may take to come up.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a reader asks of a card.
pub trait SmartCard: Send {
    /// Returns the answer to reset: direct convention, T=0 and T=1, no history.
    fn atr(&self) -> Vec<u8> {
        vec![0x3b, 0x80, 0x80, 0x01, 0x01]
    }

    /// Forgets what a card forgets without power.
    fn reset(&mut self);

    /// Answers one command.
    fn answer(&mut self, command: &[u8]) -> Vec<u8>;
}

/// A reader behind a service; both end with it.
#[derive(Debug)]
pub struct Reader {
    service: Option<Child>,
    _folder: TempDir,
}

/// Runs `test` with a reader: the test of this name again, in namespaces of its own.
#[track_caller]
pub fn with_reader(name: &str, test: fn(&mut Reader)) {
    if std::env::var_os(PREPARED).is_some() {
        let folder = tempfile::tempdir().unwrap();
        return test(&mut Reader { service: None, _folder: folder });
    }
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let inside =
        "ip link set lo up && mount -t tmpfs tmpfs /run && mkdir /run/pcscd && exec \"$@\"";
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/bin:/sbin:/bin";
    let run = Command::new("unshare")
        .args(if root { &[][..] } else { &["--map-root-user"] })
        .args(["--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", inside, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(PREPARED, "1")
        .env("PATH", path)
        .output()
        .expect("unshare is there");
    let said = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

impl Reader {
    /// Starts the service with the reader, empty.
    pub fn start(&mut self) {
        let folder = self._folder.path();
        let text = format!(
            "FRIENDLYNAME \"Test reader\"\nDEVICENAME /dev/null:0x{PORT:04X}\n\
             LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so\nCHANNELID 0x{PORT:04X}\n"
        );
        std::fs::write(folder.join("reader.conf"), text).unwrap();
        let service = Command::new("pcscd")
            .args(["--foreground", "--config"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pcscd is installed: cargo xtask setup");
        self.service = Some(service);
        until("pcscd answers", || Path::new("/run/pcscd/pcscd.comm").exists());
    }

    /// Ends the service.
    pub fn stop(&mut self) {
        if let Some(mut service) = self.service.take() {
            service.kill().unwrap();
            service.wait().unwrap();
            let _ = std::fs::remove_file("/run/pcscd/pcscd.comm");
        }
    }

    /// Puts a PIV card into the reader. `seen` says when the test sees it there.
    pub fn insert(&self, card: &Arc<Mutex<Piv>>, seen: impl FnMut() -> bool) -> Inserted {
        self.insert_card(card, seen)
    }

    /// Puts a card into the reader. `seen` says when the test sees it there.
    pub fn insert_card<C: SmartCard + 'static>(
        &self,
        card: &Arc<Mutex<C>>,
        seen: impl FnMut() -> bool,
    ) -> Inserted {
        let mut stream = None;
        until("the reader takes a card", || {
            stream = TcpStream::connect(("127.0.0.1", PORT)).ok();
            stream.is_some()
        });
        let stream = stream.unwrap();
        let card = Arc::clone(card);
        let line = stream.try_clone().unwrap();
        let thread = std::thread::spawn(move || talk(line, &card));
        until("the card is seen", seen);

        Inserted { stream, thread: Some(thread) }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A card in the reader; it is pulled out when this goes.
#[derive(Debug)]
pub struct Inserted {
    stream: TcpStream,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Inserted {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Waits until something is so.
///
/// # Panics
///
/// If it is not so in time.
#[track_caller]
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < PATIENCE, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The driver's protocol: two octets of length and a command; one octet alone is about the power.
fn talk(mut line: TcpStream, card: &Mutex<impl SmartCard>) {
    let mut length = [0; 2];
    // The driver writes length and command one after the other, and the second waits for the receipt of the
    // first, which the kernel puts off unless it is asked each time.
    while line.set_quickack(true).is_ok() && line.read_exact(&mut length).is_ok() {
        let mut command = vec![0; usize::from(u16::from_be_bytes(length))];
        if line.read_exact(&mut command).is_err() {
            return;
        }
        let answer = match command[..] {
            [4] => card.lock().unwrap().atr(),
            [_] => {
                card.lock().unwrap().reset();
                continue;
            }
            _ => card.lock().unwrap().answer(&command),
        };
        let size = u16::try_from(answer.len()).unwrap().to_be_bytes();
        if line.write_all(&[&size[..], &answer].concat()).is_err() {
            return;
        }
    }
}
