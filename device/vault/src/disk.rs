//! Writes that are whole or absent, and removal that overwrites first.

use crate::Fault;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// The ending of a file that is being written; what carries it after a crash is garbage.
const UNFINISHED: &str = ".unfinished";

/// Makes `directory` and its parents, for the owner alone.
pub(crate) fn make_private_directory(directory: &Path) -> Result<(), Fault> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(Fault::disk("create", directory))?;
    fs::set_permissions(directory, Permissions::from_mode(0o700))
        .map_err(Fault::disk("close to others", directory))
}

/// Replaces the file at `path` by `content`; after a crash at any moment the old or the new content is there.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), Fault> {
    let unfinished = with_ending(path);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .map_err(Fault::disk("create", &unfinished))?;
    file.write_all(content).map_err(Fault::disk("write", &unfinished))?;
    file.sync_all().map_err(Fault::disk("flush", &unfinished))?;
    fs::rename(&unfinished, path).map_err(Fault::disk("replace", path))?;
    sync_parent(path)
}

/// Lets the file at `from` take the place of the one at `to`; after a crash at any moment one of both is there.
pub(crate) fn replace(from: &Path, to: &Path) -> Result<(), Fault> {
    fs::rename(from, to).map_err(Fault::disk("replace", to))?;
    sync_parent(to)
}

/// Returns the content of the file at `path`, or `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Fault::disk("open", path)(error)),
    };
    let length = file.metadata().map_err(Fault::disk("inspect", path))?.len();
    // Reserved at once, so that growing leaves no copies behind in freed memory.
    let mut content = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or(0)));
    file.read_to_end(&mut content).map_err(Fault::disk("read", path))?;
    Ok(Some(content))
}

/// Tells whether something is at `path`.
pub(crate) fn exists(path: &Path) -> Result<bool, Fault> {
    path.try_exists().map_err(Fault::disk("look for", path))
}

/// Removes the file at `path` for good; a missing one is fine.
pub(crate) fn remove(path: &Path) -> Result<(), Fault> {
    match fs::remove_file(path) {
        Ok(()) => sync_parent(path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Fault::disk("remove", path)(error)),
    }
}

/// Overwrites the file at `path` and what an interrupted write left beside it, then removes both.
pub(crate) fn destroy(path: &Path) -> Result<(), Fault> {
    for path in [with_ending(path).as_path(), path] {
        overwrite(path)?;
        remove(path)?;
    }
    Ok(())
}

/// Removes everything inside `directory` and the directory itself; a missing one is fine.
pub(crate) fn remove_directory(directory: &Path) -> Result<(), Fault> {
    match fs::remove_dir_all(directory) {
        Ok(()) => sync_parent(directory),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Fault::disk("remove", directory)(error)),
    }
}

/// Removes what interrupted writes left in `directory`.
pub(crate) fn sweep(directory: &Path) -> Result<(), Fault> {
    for name in names(directory)? {
        if name.ends_with(UNFINISHED) {
            remove(&directory.join(name))?;
        }
    }
    Ok(())
}

/// Returns the names in `directory`; none where it is missing. Names that are not UTF-8 are not ours.
pub(crate) fn names(directory: &Path) -> Result<Vec<String>, Fault> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Fault::disk("list", directory)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(Fault::disk("list", directory))?;
        names.extend(entry.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// Makes additions to and removals from `directory` durable.
pub(crate) fn sync(directory: &Path) -> Result<(), Fault> {
    File::open(directory)
        .and_then(|handle| handle.sync_all())
        .map_err(Fault::disk("flush", directory))
}

fn sync_parent(path: &Path) -> Result<(), Fault> {
    path.parent().map_or(Ok(()), sync)
}

fn overwrite(path: &Path) -> Result<(), Fault> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Fault::disk("open", path)(error)),
    };
    let length = file.metadata().map_err(Fault::disk("inspect", path))?.len();
    std::io::copy(&mut std::io::repeat(0).take(length), &mut file)
        .map_err(Fault::disk("overwrite", path))?;
    file.sync_all().map_err(Fault::disk("flush", path))
}

fn with_ending(path: &Path) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_whole_file_and_leaves_nothing_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("identity");

        write(&path, b"long first content").unwrap();
        write(&path, b"second").unwrap();

        assert_eq!(read(&path).unwrap().unwrap().as_slice(), b"second");
        assert_eq!(names(directory.path()).unwrap(), ["identity"]);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn an_interrupted_write_is_swept_and_the_old_content_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("identity");
        write(&path, b"old").unwrap();
        fs::write(with_ending(&path), b"half of the ne").unwrap();

        sweep(directory.path()).unwrap();

        assert_eq!(names(directory.path()).unwrap(), ["identity"]);
        assert_eq!(read(&path).unwrap().unwrap().as_slice(), b"old");
    }

    #[test]
    fn destroying_overwrites_the_bytes_before_the_name_goes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("identity");
        write(&path, b"secret").unwrap();
        let second_name = directory.path().join("hard-link");
        fs::hard_link(&path, &second_name).unwrap();

        destroy(&path).unwrap();

        assert!(!exists(&path).unwrap());
        assert_eq!(fs::read(&second_name).unwrap(), [0; 6]);
    }

    #[test]
    fn what_is_missing_is_already_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("absent");

        remove(&path).unwrap();
        destroy(&path).unwrap();
        remove_directory(&path).unwrap();

        assert_eq!(read(&path).unwrap(), None);
        assert_eq!(names(&path).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_directory_that_was_open_to_others_is_closed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("container");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();

        make_private_directory(&path).unwrap();

        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
