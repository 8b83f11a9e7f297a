//! A container on this disk, whether or not it can be opened.

use crate::header::{Header, Storage};
use crate::open::Bound;
use crate::session::Session;
use crate::{Fault, disk, files, identity, wipe};
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, Weak};

/// The file that one process at a time holds locked.
const LOCK: &str = "lock";

/// Where a container is and where the keys go that bind it to this device.
#[derive(Clone, Debug)]
pub struct Place {
    /// The container's directory; made if it is missing, and closed to other users.
    pub directory: PathBuf,
    /// The directory for key files, outside the container's so that a copy of the container lacks them.
    pub key_files: PathBuf,
    /// What keeps the keys of a container that is made here.
    pub device_keys: DeviceKeys,
}

/// What keeps the device-bound keys of a container that is about to be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DeviceKeys {
    /// Key files, whatever the desktop offers.
    KeyFiles,
    /// The desktop's Secret Service, or key files where it cannot be reached.
    Platform,
}

/// What is on the disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Presence {
    /// Nothing: [`Container::create`] makes one.
    Absent,
    /// Data without the user's key: [`Container::reopen`] and [`Container::restore_identity`] make it readable again.
    KeyWiped,
    /// A container that opens with what [`Container::protection`] tells.
    Locked,
    /// Nothing, because everything was wiped.
    Wiped,
}

/// Something the user should know about the container's protection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Warning {
    /// The device-bound keys lie in files, so whoever copies all of the user's files has them.
    DeviceKeyInFile,
}

impl Warning {
    /// Returns the warning's stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::DeviceKeyInFile => "device_key_in_file",
        }
    }
}

/// Why a place cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The machine or the stored bytes failed, or an interrupted wipe could not be finished.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Another process holds the container: talk to that one, or end it.
    #[error("another process uses the container in {}", .directory.display())]
    InUse {
        /// The container's directory.
        directory: PathBuf,
    },
}

/// A container on this disk. While it lives, no other process gets hold of the same directory.
#[derive(Debug)]
pub struct Container {
    pub(crate) place: Place,
    pub(crate) session: Mutex<Weak<Session>>,
    _lock: File,
}

impl Container {
    /// Takes hold of a place: finishes a wipe and undoes a creation that were interrupted there.
    ///
    /// # Errors
    ///
    /// [`PlaceError::InUse`] if another process holds it.
    pub fn at(place: Place) -> Result<Self, PlaceError> {
        disk::make_private_directory(&place.directory)?;
        let lock = take_lock(&place)?;
        let container = Self { place, session: Mutex::default(), _lock: lock };
        wipe::finish(&container)?;
        disk::sweep(&container.place.directory)?;
        files::sweep_unfinished(&container.place.directory)?;
        Ok(container)
    }

    /// Tells what is on the disk.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the directory cannot be read or its header is damaged.
    pub fn presence(&self) -> Result<Presence, Fault> {
        let directory = &self.place.directory;
        if Header::load(directory)?.is_none() {
            let wiped = disk::exists(&directory.join(wipe::WIPED))?;
            return Ok(if wiped { Presence::Wiped } else { Presence::Absent });
        }
        let identity = disk::exists(&directory.join(identity::FILE))?;
        Ok(if identity { Presence::Locked } else { Presence::KeyWiped })
    }

    /// Returns how many wrong passwords in a row delete the key from here on, or `None` without a container.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the counter or the key that authenticates it cannot be read.
    pub fn attempts_left(&self) -> Result<Option<u8>, Fault> {
        let Some(bound) = Bound::load(self)? else { return Ok(None) };
        Ok(Some(bound.counter().load()?.left()))
    }

    /// Returns what the user should know about the protection of this container.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the header cannot be read.
    pub fn warnings(&self) -> Result<Vec<Warning>, Fault> {
        let Some(header) = Header::load(&self.place.directory)? else { return Ok(Vec::new()) };
        Ok(match header.storage {
            Storage::KeyFile => vec![Warning::DeviceKeyInFile],
            Storage::SecretService => Vec::new(),
        })
    }

    /// Locks the session that was opened from here, if one is still open.
    pub(crate) fn lock_session(&self) {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        if let Some(session) = session {
            session.lock();
        }
    }
}

fn take_lock(place: &Place) -> Result<File, PlaceError> {
    let path = place.directory.join(LOCK);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(Fault::disk("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(PlaceError::InUse { directory: place.directory.clone() })
        }
        Err(TryLockError::Error(error)) => Err(Fault::disk("lock", &path)(error).into()),
    }
}
