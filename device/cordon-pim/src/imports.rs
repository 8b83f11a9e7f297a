//! The import folder: certificate files that a person has put where the app looks for them (P17).

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The largest certificate file that is read, in bytes.
const LARGEST: u64 = 1 << 20;
/// The most files that are shown.
const MOST: usize = 50;

/// The folder.
#[derive(Clone, Debug)]
pub(crate) struct Imports(PathBuf);

impl Imports {
    /// Takes a folder, and makes it if it is missing.
    pub(crate) fn at(folder: PathBuf) -> Self {
        if let Err(error) = fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder) {
            tracing::warn!(%error, folder = %folder.display(), "There is no import folder");
        }

        Self(folder)
    }

    /// Returns where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// Returns the names of the certificate files in it, by name.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if is_certificate_file(&name) && entry.file_type()?.is_file() {
                names.push(name);
            }
        }
        names.sort();
        names.truncate(MOST);

        Ok(names)
    }

    /// Returns the path of a file in it; `None` if the name could lead elsewhere.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        let plain = !name.contains(['/', '\0']) && is_certificate_file(name);

        plain.then(|| self.0.join(name))
    }
}

fn is_certificate_file(name: &str) -> bool {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str());

    ending.is_some_and(|it| it.eq_ignore_ascii_case("p12") || it.eq_ignore_ascii_case("pfx"))
}

/// Reads a certificate file, if it can be one; what a link in the import folder leads to is none.
pub(crate) fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() > LARGEST {
        return Err(io::Error::other("it is too large for a certificate file"));
    }
    let mut content = Zeroizing::new(Vec::new());
    file.read_to_end(&mut content)?;

    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn a_file_that_cannot_be_a_certificate_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("large");
        fs::write(&path, vec![0; 1 + usize::try_from(LARGEST).unwrap()]).unwrap();

        assert!(read(&path).unwrap_err().to_string().contains("too large"));
        assert!(read(&directory.path().join("absent")).is_err());
    }

    #[test]
    fn certificate_files_are_found_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let imports = Imports::at(directory.path().join("import"));
        let folder = imports.folder();
        assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(imports.names().unwrap(), Vec::<String>::new());
        for name in ["b.pfx", "a.P12", "notes.txt", ".p12"] {
            fs::write(folder.join(name), b"content").unwrap();
        }
        fs::create_dir(folder.join("folder.p12")).unwrap();
        symlink("/etc/passwd", folder.join("link.p12")).unwrap();

        assert_eq!(imports.names().unwrap(), ["a.P12", "b.pfx"]);
        assert_eq!(imports.path("a.P12"), Some(folder.join("a.P12")));
        for name in ["../a.p12", "/a.p12", "notes.txt", "", "..", "a.p12\0"] {
            assert_eq!(imports.path(name), None, "{name:?}");
        }
    }
}
