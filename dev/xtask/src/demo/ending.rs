//! What a demo starts and writes, and how that goes: at the end, after a failure, or when somebody interrupts it.
//!
//! Destructors do the first two. A signal runs no destructors, so everything that has to go is also on one list, and a
//! thread of its own works through that list when a signal comes. It keeps the list locked until the process is gone:
//! whoever would start or remove something meanwhile waits for ever, which is short.

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, exit};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Programs get this long for an orderly end.
const PATIENCE: Duration = Duration::from_secs(10);
/// Set, it keeps the folders, to read what is in them.
const KEEP: &str = "CORDON_DEMO_KEEP";

/// A program that somebody waits for, and that a signal ends as well.
pub(crate) type Started = Arc<Mutex<Child>>;

static LEFT: Mutex<Left> = Mutex::new(Left {
    listening: false,
    children: Vec::new(),
    peers: Vec::new(),
    folders: Vec::new(),
});

struct Left {
    listening: bool,
    children: Vec<Weak<Mutex<Child>>>,
    peers: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

/// Starts a program that ends with this process. A terminal's Ctrl-C does not reach it: we end it in order.
pub(crate) fn start(command: &mut Command) -> Result<Started> {
    let mut left = locked(&LEFT);
    let child = command.process_group(0).spawn();
    let child = child.with_context(|| format!("{command:?} did not start"))?;
    let started = Arc::new(Mutex::new(child));
    left.children.retain(|child| child.strong_count() > 0);
    left.children.push(Arc::downgrade(&started));

    Ok(started)
}

/// Asks a program to end, and waits for it; kills it if it does not.
pub(crate) fn stop(started: &Mutex<Child>) {
    ask_to_end(started);
    wait(started, Instant::now() + PATIENCE);
}

/// A folder below the temporary one, which goes with this value.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    /// Makes it. From then on a signal ends the process in order.
    pub(crate) fn make(purpose: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("cordon-{purpose}-{}", std::process::id()));
        let mut left = locked(&LEFT);
        listen(&mut left)?;
        fs::create_dir(&path).with_context(|| path.display().to_string())?;
        // Other accounts (a mail server's) have to pass through, but not to list.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o711))?;
        left.folders.push(path.clone());

        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let mut left = locked(&LEFT);
        remove(&self.0);
        left.folders.retain(|path| *path != self.0);
    }
}

/// A mail server that runs apart from us, with everything it has in one folder.
pub(crate) struct Peer(PathBuf);

impl Peer {
    /// Takes note of a peer that is about to be started in `folder`.
    pub(crate) fn expect(folder: &Path) -> Self {
        locked(&LEFT).peers.push(folder.to_owned());

        Self(folder.to_owned())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let mut left = locked(&LEFT);
        wipe(&self.0);
        left.peers.retain(|path| *path != self.0);
    }
}

/// The script that starts and ends the peer.
pub(crate) fn peer_script() -> PathBuf {
    crate::root().join("dev/peers/sogo/sogo")
}

fn listen(left: &mut Left) -> Result<()> {
    if left.listening {
        return Ok(());
    }
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).context("cannot hear signals")?;
    left.listening = true;
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            end(signal)
        }
    });

    Ok(())
}

fn end(signal: i32) -> ! {
    say("\n── ending what was started");
    let left = locked(&LEFT);
    let children: Vec<_> = left.children.iter().filter_map(Weak::upgrade).collect();
    children.iter().for_each(|child| ask_to_end(child));
    let deadline = Instant::now() + PATIENCE;
    children.iter().for_each(|child| wait(child, deadline));
    left.peers.iter().for_each(|peer| wipe(peer));
    left.folders.iter().for_each(|folder| remove(folder));
    // As a shell counts it.
    exit(128 + signal)
}

fn ask_to_end(started: &Mutex<Child>) {
    let mut child = locked(started);
    if matches!(child.try_wait(), Ok(None)) {
        // Should it end in between, there is nobody to tell, which is all we want.
        drop(Command::new("kill").args(["-TERM", &child.id().to_string()]).output());
    }
}

fn wait(started: &Mutex<Child>, deadline: Instant) {
    loop {
        let mut child = locked(started);
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        if Instant::now() > deadline {
            drop(child.kill());
            drop(child.wait());
            return;
        }
        drop(child);
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ends a peer. One that is still starting finishes that first, because it holds its own lock.
fn wipe(peer: &Path) {
    match Command::new(peer_script()).arg("wipe").env("PEER_DIR", peer).process_group(0).output() {
        Ok(done) if done.status.success() => {}
        Ok(done) => say(&format!(
            "the mail server in {} did not end: {}",
            peer.display(),
            String::from_utf8_lossy(&done.stderr)
        )),
        Err(error) => say(&format!("{}: {error}", peer_script().display())),
    }
}

fn remove(folder: &Path) {
    if std::env::var_os(KEEP).is_some() {
        say(&format!("{} stays, because {KEEP} is set", folder.display()));
        return;
    }
    if let Err(error) = fs::remove_dir_all(folder) {
        say(&format!("{} could not be removed: {error}", folder.display()));
    }
}

/// Tells the terminal. If that is what has gone away, the rest is done all the same.
pub(crate) fn say(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// A panic elsewhere does not make what is on the list less worth ending.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
