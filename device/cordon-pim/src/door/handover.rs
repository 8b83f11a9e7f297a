//! How a ticket gets to the browser: in a file that only its user reads.
//!
//! Command lines are seen by every user of a machine, so the browser is given the name of a file, and the file leads on
//! to the page with the ticket behind the `#`, which no browser sends anywhere.

use anyhow::Context as _;
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A file that leads a browser to the page; removed when this value goes.
#[derive(Debug)]
pub(crate) struct Handover(PathBuf);

impl Handover {
    /// Writes the file below `runtime`, the session's private directory, or below `temporary`.
    pub(crate) fn write(
        runtime: Option<&Path>,
        temporary: &Path,
        name: &str,
        url: &str,
    ) -> anyhow::Result<Self> {
        let directory = match runtime {
            Some(runtime) => runtime.join("cordon-pim"),
            None => temporary.join(format!("cordon-pim-{}", rustix::process::geteuid().as_raw())),
        };
        make_private(&directory)?;
        let path = directory.join(format!("{name}.html"));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        let handover = Self(path);
        file.write_all(page(url).as_bytes())
            .with_context(|| format!("cannot write {}", handover.0.display()))?;
        Ok(handover)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Handover {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::debug!(%error, "the file that led to the page is gone already");
        }
    }
}

/// Makes a directory that is ours alone, or refuses one that is not.
fn make_private(directory: &Path) -> anyhow::Result<()> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => {
            return Err(error).with_context(|| format!("cannot create {}", directory.display()));
        }
    }
    let facts = std::fs::symlink_metadata(directory)
        .with_context(|| format!("cannot inspect {}", directory.display()))?;
    let ours = facts.is_dir()
        && facts.uid() == rustix::process::geteuid().as_raw()
        && facts.mode() & 0o077 == 0;
    anyhow::ensure!(
        ours,
        "{} is open to other users; remove it and start again",
        directory.display()
    );
    Ok(())
}

fn page(url: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta http-equiv=\"refresh\" content=\"0; url={url}\">\n<title>Cordon</title>\n\
         <p><a href=\"{url}\">Open Cordon</a>. This link works once and for 30 seconds.</p>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_file_is_the_users_alone_and_goes_with_its_owner() {
        let root = tempfile::tempdir().unwrap();
        let handover = Handover::write(
            Some(root.path()),
            Path::new("/"),
            "abc",
            "http://127.0.0.1:1/#ticket=x",
        )
        .unwrap();
        let path = handover.path().to_owned();

        assert_eq!(path, root.path().join("cordon-pim/abc.html"));
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777, 0o700);
        insta::assert_snapshot!(std::fs::read_to_string(&path).unwrap(), @r#"
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="referrer" content="no-referrer">
        <meta http-equiv="refresh" content="0; url=http://127.0.0.1:1/#ticket=x">
        <title>Cordon</title>
        <p><a href="http://127.0.0.1:1/#ticket=x">Open Cordon</a>. This link works once and for 30 seconds.</p>
        "#);
        drop(handover);
        assert!(!path.exists());
    }

    #[test]
    fn a_directory_that_others_may_enter_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let directory =
            root.path().join(format!("cordon-pim-{}", rustix::process::geteuid().as_raw()));
        std::fs::create_dir(&directory).unwrap();
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(Handover::write(None, root.path(), "abc", "url").is_err());

        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o700)).unwrap();
        assert!(Handover::write(None, root.path(), "abc", "url").is_ok());
    }
}
