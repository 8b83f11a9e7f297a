//! Files of the container: each a CMS message for the user's certificate inside the second layer.

use crate::device_key::make_random;
use crate::{AccessError, Fault, Open, disk, envelope, layer};
use data_encoding::HEXLOWER;
use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use zeroize::Zeroizing;

/// The directory of files inside the container's.
pub(crate) const DIRECTORY: &str = "files";

/// Names one file: 128 random bits, written as 32 lower-case hexadecimal digits.
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

/// The files of an open container. They are written once and never changed.
#[derive(Debug)]
pub struct Files<'a>(pub(crate) &'a Open);

impl Files<'_> {
    /// Stores `content`; durable on return.
    ///
    /// The caller records the id. A file whose id was not recorded goes with the next [`sweep`](Self::sweep).
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn put(&self, content: &[u8]) -> Result<FileId, AccessError> {
        let session = &self.0.0;
        let layer_key = session.layer_key()?;
        let id = FileId(*make_random()?);
        let message = envelope::seal(content, &session.certificate)?;
        let blob = layer::seal(&layer_key, &session.container, &name(id), &message)?;
        disk::write(&self.path(id), &blob)?;
        Ok(id)
    }

    /// Returns the content of a file.
    ///
    /// # Errors
    ///
    /// [`FileError`] tells a missing file from a damaged one.
    pub fn read(&self, id: FileId) -> Result<Zeroizing<Vec<u8>>, FileError> {
        let session = &self.0.0;
        let layer_key = session.layer_key()?;
        let blob = disk::read(&self.path(id))?.ok_or(FileError::Missing)?;
        let message = layer::open(&layer_key, &session.container, &name(id), &blob)?;
        Ok(envelope::open(&message, session.key.as_ref(), &session.certificate, &name(id))?)
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

    /// Removes every file that is not in `keep`, and returns how many went.
    ///
    /// # Errors
    ///
    /// [`Fault::Disk`] if the directory cannot be read or written.
    pub fn sweep(&self, keep: &BTreeSet<FileId>) -> Result<usize, Fault> {
        let directory = self.0.0.directory.join(DIRECTORY);
        let mut removed = 0;
        for name in disk::names(&directory)? {
            let Ok(id) = name.parse::<FileId>() else { continue };
            if !keep.contains(&id) {
                self.remove(id)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn path(&self, id: FileId) -> PathBuf {
        self.0.0.directory.join(DIRECTORY).join(id.to_string())
    }
}

impl From<AccessError> for FileError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Fault(fault) => Self::Fault(fault),
            AccessError::Locked => Self::Locked,
        }
    }
}

fn name(id: FileId) -> String {
    format!("{DIRECTORY}/{id}")
}
