//! Files that are there whole or not at all.

use anyhow::{Context as _, Result};
use std::fs::{File, Permissions};
use std::io::{BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::NamedTempFile;

/// How much is read at a time.
pub(super) const PIECE: usize = 1 << 16;

/// A file beside the one that it is to become; it goes away unless it is finished.
pub(super) struct Unfinished(NamedTempFile);

impl Unfinished {
    /// Makes one that `mode` opens to others, for example `0o600` to nobody.
    pub(super) fn beside(path: &Path, mode: u32) -> Result<Self> {
        let folder = folder(path);
        let file = tempfile::Builder::new()
            .prefix(".cordon-unfinished-")
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(folder);

        file.map(Self).with_context(|| format!("cannot write in {}", folder.display()))
    }

    pub(super) fn file(&self) -> &File {
        self.0.as_file()
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn reader(&self) -> Result<BufReader<File>> {
        Ok(BufReader::with_capacity(PIECE, self.0.reopen()?))
    }

    /// Gives it its name once it is on the disk.
    pub(super) fn finish(self, path: &Path) -> Result<()> {
        self.0.as_file().sync_all()?;
        self.0.persist(path).with_context(|| format!("cannot write {}", path.display()))?;

        sync_folder(path)
    }

    /// As [`finish`](Self::finish), unless there is a file of that name by now.
    pub(super) fn finish_new(self, path: &Path) -> Result<()> {
        self.0.as_file().sync_all()?;
        self.0
            .persist_noclobber(path)
            .with_context(|| format!("cannot write {}", path.display()))?;

        sync_folder(path)
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Without it, a file may lose its name when the power fails.
fn sync_folder(path: &Path) -> Result<()> {
    let folder = folder(path);

    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("cannot write in {}", folder.display()))
}

/// Puts a file in the place of another.
pub(super) fn replace(path: &Path, mode: u32, bytes: &[u8]) -> Result<()> {
    let unfinished = Unfinished::beside(path, mode)?;
    unfinished.file().write_all(bytes)?;

    unfinished.finish(path)
}
