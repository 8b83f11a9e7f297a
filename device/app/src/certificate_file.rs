//! Certificate files, which go once their key is in the container (P17), also if the process is killed in between.
//!
//! Before a key goes in, a note says where its file lies, what is in it and which certificate it brings. As soon as the container
//! is open with that certificate, the file is overwritten and deleted, if it is what it was, and the note goes.

use data_encoding::HEXLOWER;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// More than any certificate file has, in bytes.
const LARGEST: u64 = 16 << 20;

/// A certificate file with its password.
#[derive(Clone, Debug)]
pub struct CertificateFile {
    /// What is in it (`.p12`).
    pub pkcs12: Vec<u8>,
    /// Its password.
    pub password: SecretString,
    /// Where it lies, if it is to go once its key is in the container: an absolute path.
    pub path: Option<PathBuf>,
}

/// The key is in the container, but its file is still there.
#[derive(Debug, thiserror::Error)]
#[error("the key is in the container, but {} could not be deleted: {source}", file.display())]
pub struct NotDeleted {
    file: PathBuf,
    source: io::Error,
}

/// The files that are to go.
#[derive(Debug)]
pub(crate) struct Deletions {
    note: PathBuf,
    one_at_a_time: Mutex<()>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Due {
    file: PathBuf,
    /// SHA-256 of what is in it, hexadecimal.
    content: String,
    /// SHA-256 of the certificate that it brings, hexadecimal.
    certificate: String,
}

impl Deletions {
    /// Takes the path of the note, whose folder is there.
    pub(crate) fn noted_at(note: PathBuf) -> Self {
        Self { note, one_at_a_time: Mutex::default() }
    }

    /// Notes that a file goes once the container has the certificate (DER) that it brings.
    pub(crate) fn plan(&self, file: &CertificateFile, certificate: &[u8]) -> io::Result<()> {
        let Some(path) = &file.path else { return Ok(()) };
        let _guard = self.guard();
        let mut all = self.read()?;
        all.retain(|due| due.file != *path);
        all.push(Due {
            file: path.clone(),
            content: digest(&file.pkcs12),
            certificate: digest(certificate),
        });

        self.write(&all)
    }

    /// Deletes the files whose certificate (DER) the open container has. What is noted of others is forgotten: their keys never
    /// got there.
    pub(crate) fn settle(&self, certificate: &[u8]) -> Result<(), NotDeleted> {
        let _guard = self.guard();
        let not_noted = |source| NotDeleted { file: self.note.clone(), source };
        let mut all = self.read().map_err(not_noted)?;
        if all.is_empty() {
            return Ok(());
        }
        let certificate = digest(certificate);
        all.retain(|due| due.certificate == certificate);
        let mut failed = None;
        all.retain(|due| match due.destroy() {
            Ok(()) => false,
            Err(source) => {
                failed = Some(NotDeleted { file: due.file.clone(), source });
                true
            }
        });
        self.write(&all).map_err(not_noted)?;

        failed.map_or(Ok(()), Err)
    }

    fn guard(&self) -> MutexGuard<'_, ()> {
        self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> io::Result<Vec<Due>> {
        match fs::read(&self.note) {
            Ok(note) => Ok(serde_json::from_slice(&note).unwrap_or_else(|error| {
                tracing::warn!(%error, note = %self.note.display(), "What certificate files are to go is unreadable");
                Vec::new()
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn write(&self, all: &[Due]) -> io::Result<()> {
        if all.is_empty() {
            return remove(&self.note);
        }

        write_whole(&self.note, &serde_json::to_vec(all)?)
    }
}

/// Writes a file of the user's alone, durably, and gives it its name only when it is complete.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;

    sync_folder(path)
}

impl Due {
    /// Overwrites and deletes the file, unless another one has taken its place.
    fn destroy(&self) -> io::Result<()> {
        // Nothing is written through a link.
        let no_link = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default();
        let mut options = OpenOptions::new();
        let opened = options.read(true).write(true).custom_flags(no_link).open(&self.file);
        let mut file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut content = Zeroizing::new(Vec::new());
        (&mut file).take(LARGEST).read_to_end(&mut content)?;
        let is_overwritten = content.iter().all(|byte| *byte == 0);
        if !is_overwritten && digest(&content) != self.content {
            tracing::warn!(file = %self.file.display(), "Another file has taken the place of the one that was imported, and stays");
            return Ok(());
        }
        file.rewind()?;
        file.write_all(&vec![0; content.len()])?;
        file.sync_all()?;

        remove(&self.file)
    }
}

/// Removes a file for good; a missing one is fine.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_imported_file_is_overwritten_and_goes() {
        let ground = Ground::new();
        let other_name = ground.path("link");
        fs::hard_link(ground.path("alice.p12"), &other_name).unwrap();
        ground.plan("alice.p12", b"new");

        ground.deletions.settle(b"new").unwrap();

        assert!(!ground.path("alice.p12").exists());
        assert_eq!(fs::read(other_name).unwrap(), [0; 11]);
        assert!(!ground.path("imported.json").exists());
    }

    #[test]
    fn a_file_whose_key_never_got_in_stays() {
        let ground = Ground::new();
        ground.plan("alice.p12", b"new");

        ground.deletions.settle(b"old").unwrap();
        ground.deletions.settle(b"new").unwrap();

        assert_eq!(fs::read(ground.path("alice.p12")).unwrap(), b"certificate");
    }

    #[test]
    fn another_file_in_its_place_stays_and_a_missing_one_is_fine() {
        let ground = Ground::new();
        ground.plan("alice.p12", b"new");
        fs::write(ground.path("alice.p12"), "another").unwrap();
        fs::write(ground.path("gone.p12"), "certificate").unwrap();
        ground.plan("gone.p12", b"new");
        fs::remove_file(ground.path("gone.p12")).unwrap();

        ground.deletions.settle(b"new").unwrap();

        assert_eq!(fs::read(ground.path("alice.p12")).unwrap(), b"another");
        assert!(!ground.path("imported.json").exists());
    }

    #[test]
    fn what_was_overwritten_before_a_crash_goes_too() {
        let ground = Ground::new();
        ground.plan("alice.p12", b"new");
        fs::write(ground.path("alice.p12"), [0; 11]).unwrap();

        ground.deletions.settle(b"new").unwrap();

        assert!(!ground.path("alice.p12").exists());
    }

    #[test]
    fn what_cannot_be_deleted_is_told_and_tried_again() {
        let ground = Ground::new();
        fs::rename(ground.path("alice.p12"), ground.path("real")).unwrap();
        symlink(ground.path("real"), ground.path("alice.p12")).unwrap();
        ground.plan("alice.p12", b"new");

        let error = ground.deletions.settle(b"new").unwrap_err().to_string();
        assert!(error.contains("alice.p12 could not be deleted"), "{error}");
        assert_eq!(fs::read(ground.path("real")).unwrap(), b"certificate");
        fs::remove_file(ground.path("alice.p12")).unwrap();
        fs::rename(ground.path("real"), ground.path("alice.p12")).unwrap();
        ground.deletions.settle(b"new").unwrap();

        assert!(!ground.path("alice.p12").exists());
    }

    #[test]
    fn a_note_that_cannot_be_read_deletes_nothing() {
        let ground = Ground::new();
        fs::write(ground.path("imported.json"), "{").unwrap();

        ground.deletions.settle(b"new").unwrap();
        ground.plan("alice.p12", b"new");
        ground.deletions.settle(b"new").unwrap();

        assert!(!ground.path("alice.p12").exists());
    }

    /// A folder with a file, and a note beside it.
    struct Ground {
        folder: tempfile::TempDir,
        deletions: Deletions,
    }

    impl Ground {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("alice.p12"), "certificate").unwrap();
            let deletions = Deletions::noted_at(folder.path().join("imported.json"));
            Self { folder, deletions }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn plan(&self, name: &str, certificate: &[u8]) {
            let path = self.path(name);
            let pkcs12 = fs::read(&path).unwrap();
            let file = CertificateFile { pkcs12, password: "x".into(), path: Some(path) };
            self.deletions.plan(&file, certificate).unwrap();
        }
    }
}
