//! Files of the container: each a CMS message for the user's certificate inside the second layer.
//!
//! Each file belongs to one [`FileOwner`], which alone knows the ids that are still wanted, and so alone sweeps them.

use crate::device_key::make_random;
use crate::{AccessError, Fault, Open, disk, envelope, layer};
use data_encoding::HEXLOWER;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use zeroize::Zeroizing;

/// The directory of files inside the container's.
pub(crate) const DIRECTORY: &str = "files";

/// The part of the container that a file belongs to, and the name of its directory: lower-case letters.
///
/// The owner is in the name that the second layer authenticates, so a file does not open as another owner's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FileOwner(pub &'static str);

impl FileOwner {
    /// The mailbox: attachments, and the mails that wait to be sent.
    pub const MAIL: Self = Self("mail");
}

/// Names one file of an owner: 128 random bits, written as 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FileId([u8; 16]);

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl FromStr for FileId {
    type Err = FileIdError;

    fn from_str(text: &str) -> Result<Self, FileIdError> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| FileIdError)?;
        bytes.try_into().map(Self).map_err(|_| FileIdError)
    }
}

/// The text is not a [`FileId`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a file id is 32 lower-case hexadecimal digits")]
pub struct FileIdError;

/// Why a file was not returned.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The machine or the stored bytes failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The container was locked meanwhile: unlock it first.
    #[error("the container is locked")]
    Locked,
    /// There is no such file (any more): fetch it again.
    #[error("the container holds no such file")]
    Missing,
}

/// The files of one owner in an open container. They are written once and never changed.
#[derive(Debug)]
pub struct Files<'a> {
    pub(crate) open: &'a Open,
    pub(crate) owner: FileOwner,
}

impl Files<'_> {
    /// Stores `content`; durable on return.
    ///
    /// The caller records the id. A file whose id was not recorded goes with the next [`sweep`](Self::sweep).
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn put(&self, content: &[u8]) -> Result<FileId, AccessError> {
        let session = &self.open.0;
        let layer_key = session.layer_key()?;
        let id = FileId(*make_random()?);
        let message = envelope::seal(content, &session.certificate)?;
        let blob = layer::seal(&layer_key, &session.container, &self.name(id), &message)?;
        let directory = self.directory();
        if !disk::exists(&directory)? {
            disk::make_private_directory(&directory)?;
            disk::sync(&session.directory.join(DIRECTORY))?;
        }
        disk::write(&self.path(id), &blob)?;
        Ok(id)
    }

    /// Returns the content of a file.
    ///
    /// # Errors
    ///
    /// [`FileError`] tells a missing file from a damaged one.
    pub fn read(&self, id: FileId) -> Result<Zeroizing<Vec<u8>>, FileError> {
        let session = &self.open.0;
        let layer_key = session.layer_key()?;
        let name = self.name(id);
        let blob = disk::read(&self.path(id))?.ok_or(FileError::Missing)?;
        let message = layer::open(&layer_key, &session.container, &name, &blob)?;
        Ok(envelope::open(&message, &self.open.holders(), &name)?)
    }

    /// Tells whether a file is there.
    ///
    /// # Errors
    ///
    /// [`Fault::Disk`] if the directory cannot be read.
    pub fn contains(&self, id: FileId) -> Result<bool, Fault> {
        disk::exists(&self.path(id))
    }

    /// Removes a file; a missing one is fine.
    ///
    /// # Errors
    ///
    /// [`Fault::Disk`] if the directory cannot be written.
    pub fn remove(&self, id: FileId) -> Result<(), Fault> {
        disk::remove(&self.path(id))
    }

    /// Removes every file of this owner that is not in `keep`, and returns how many went; other owners' files stay.
    ///
    /// # Errors
    ///
    /// [`Fault::Disk`] if the directory cannot be read or written.
    pub fn sweep(&self, keep: &BTreeSet<FileId>) -> Result<usize, Fault> {
        let mut removed = 0;
        for name in disk::names(&self.directory())? {
            let Ok(id) = name.parse::<FileId>() else { continue };
            if !keep.contains(&id) {
                self.remove(id)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn path(&self, id: FileId) -> PathBuf {
        self.directory().join(id.to_string())
    }

    fn directory(&self) -> PathBuf {
        self.open.0.directory.join(DIRECTORY).join(self.owner.0)
    }

    /// The path in the container, which the second layer authenticates.
    fn name(&self, id: FileId) -> String {
        format!("{DIRECTORY}/{}/{id}", self.owner.0)
    }
}

/// Removes what interrupted writes left in every owner's directory below the container's.
pub(crate) fn sweep_unfinished(container: &Path) -> Result<(), Fault> {
    let directory = container.join(DIRECTORY);
    for owner in disk::names(&directory)? {
        disk::sweep(&directory.join(owner))?;
    }
    Ok(())
}

impl From<AccessError> for FileError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Fault(fault) => Self::Fault(fault),
            AccessError::Locked => Self::Locked,
        }
    }
}
