//! Destroying the key, or everything, such that an interrupted wipe is finished at the next start.

use crate::device_key::{Item, KeyStore};
use crate::header::{self, Header};
use crate::identity::FILE as IDENTITY;
use crate::open::{NEXT_SESSION_KEY, SESSION_KEY};
use crate::{Container, Fault, Presence, attempts, create, database, disk, files};

/// What is left where everything was wiped.
pub(crate) const WIPED: &str = "wiped";
/// Stands while a wipe is under way and says which.
const WIPING: &str = "wiping";
/// Stands while a container is being made.
const CREATING: &str = "creating";

/// Says why the key was wiped, for as long as it is gone.
const KEY_WIPED: &str = "key-wiped";

/// Stands while everything is to be wiped by a moment, and says which.
const WIPE_BY: &str = "wipe-by";

const KEY: &[u8] = b"key";
const DATA: &[u8] = b"data";

/// Why the user's key was deleted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyWipe {
    /// IT ordered it.
    Ordered,
    /// The password was wrong too often.
    WrongPasswords,
}

impl KeyWipe {
    const ALL: [Self; 2] = [Self::Ordered, Self::WrongPasswords];

    fn note(self) -> &'static [u8] {
        match self {
            Self::Ordered => b"ordered",
            Self::WrongPasswords => b"wrong-passwords",
        }
    }
}

/// A step of a wipe; each may run again after it ran.
type Step = fn(&Container) -> Result<(), Fault>;

/// The keys of the identity's second layer go first: without them every copy of the identity is noise.
const WIPE_KEY: &[Step] = &[destroy_identity_keys, destroy_identity];

/// Key material first. The header goes after these, because it says where the device-bound keys are.
const WIPE_DATA: &[Step] = &[
    destroy_device_keys,
    destroy_identity,
    destroy_session_key,
    destroy_database,
    destroy_files,
    destroy_public,
    destroy_attempts,
    forget_cause,
    forget_order,
];

impl Container {
    /// Deletes the user's key. The data stays and can be read again after [`restore_identity`](Self::restore_identity).
    ///
    /// # Errors
    ///
    /// [`Fault`] if a step failed; the others were taken all the same, and the next start tries again.
    pub fn wipe_key(&self, cause: KeyWipe) -> Result<(), Fault> {
        self.lock_session();
        if let Err(fault) = disk::write(&self.place.directory.join(KEY_WIPED), cause.note()) {
            tracing::warn!(%fault, "could not note why the key is wiped");
        }
        disk::write(&self.place.directory.join(WIPING), KEY)?;
        finish(self)
    }

    /// Tells why the key was wiped; `None` if it is there, or nobody could note it.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the directory cannot be read.
    pub fn key_wipe(&self) -> Result<Option<KeyWipe>, Fault> {
        if self.presence()? != Presence::KeyWiped {
            return Ok(None);
        }
        let note = disk::read(&self.place.directory.join(KEY_WIPED))?;
        let cause = |note: &[u8]| KeyWipe::ALL.into_iter().find(|cause| cause.note() == note);
        Ok(note.and_then(|note| cause(&note)))
    }

    /// Deletes the data of a container whose key was wiped; leaves any other alone.
    ///
    /// # Errors
    ///
    /// [`Fault`] as of [`wipe_data`](Self::wipe_data).
    pub fn discard_unreadable(&self) -> Result<(), Fault> {
        if self.presence()? != Presence::KeyWiped {
            return Ok(());
        }
        self.wipe_data()
    }

    /// Notes that everything is to be wiped by a moment, in seconds since 1970, whether or not somebody unlocks until then.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it could not be noted.
    pub fn wipe_by(&self, moment: i64) -> Result<(), Fault> {
        disk::write(&self.place.directory.join(WIPE_BY), moment.to_string().as_bytes())
    }

    /// Tells by when everything is to be wiped, in seconds since 1970. What cannot be read is due.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the directory cannot be read.
    pub fn wiped_by(&self) -> Result<Option<i64>, Fault> {
        let note = disk::read(&self.place.directory.join(WIPE_BY))?;
        let read = |note: &[u8]| std::str::from_utf8(note).ok().and_then(|text| text.parse().ok());
        Ok(note.map(|note| read(&note).unwrap_or(i64::MIN)))
    }

    /// Deletes all keys, then everything else. Only a note that it happened is left.
    ///
    /// # Errors
    ///
    /// [`Fault`] if a step failed; the others were taken all the same, and the next start tries again.
    pub fn wipe_data(&self) -> Result<(), Fault> {
        self.lock_session();
        disk::write(&self.place.directory.join(WIPING), DATA)?;
        finish(self)
    }
}

/// Takes every step of a wipe or of undoing a creation that is marked as under way.
pub(crate) fn finish(container: &Container) -> Result<(), Fault> {
    let directory = &container.place.directory;
    if let Some(order) = disk::read(&directory.join(WIPING))? {
        container.lock_session();
        // Anything but the order to delete the key alone means all: better too much than too little.
        if order.as_slice() == KEY {
            take(container, WIPE_KEY)?;
        } else {
            take(container, WIPE_DATA)?;
            destroy_header(container)?;
            disk::write(&directory.join(WIPED), b"")?;
            disk::remove(&directory.join(CREATING))?;
        }
        disk::remove(&directory.join(WIPING))?;
    }
    if disk::exists(&directory.join(CREATING))? {
        container.lock_session();
        take(container, WIPE_DATA)?;
        destroy_header(container)?;
        disk::remove(&directory.join(CREATING))?;
    }
    Ok(())
}

/// Notes that a container is being made; until [`unmark_creation`] the next start undoes it.
pub(crate) fn mark_creation(container: &Container) -> Result<(), Fault> {
    disk::write(&container.place.directory.join(CREATING), b"")
}

/// Makes the container stay.
pub(crate) fn unmark_creation(container: &Container) -> Result<(), Fault> {
    let directory = &container.place.directory;
    disk::remove(&directory.join(WIPED))?;
    disk::sync(directory)?;
    disk::remove(&directory.join(CREATING))
}

/// Takes all steps even if one fails, and returns the first failure.
fn take(container: &Container, steps: &[Step]) -> Result<(), Fault> {
    let mut failure = None;
    for step in steps {
        if let Err(fault) = step(container) {
            failure.get_or_insert(fault);
        }
    }
    failure.map_or(Ok(()), Err)
}

fn destroy_identity_keys(container: &Container) -> Result<(), Fault> {
    match key_store(container)? {
        Some(keys) => {
            keys.remove(Item::IdentityKey)?;
            keys.remove(Item::NextIdentityKey)
        }
        None => Ok(()),
    }
}

fn destroy_device_keys(container: &Container) -> Result<(), Fault> {
    let Some(keys) = key_store(container)? else { return Ok(()) };
    for item in Item::ALL {
        keys.remove(item)?;
    }
    keys.remove_place()
}

fn destroy_identity(container: &Container) -> Result<(), Fault> {
    disk::destroy(&container.place.directory.join(IDENTITY))
}

fn destroy_session_key(container: &Container) -> Result<(), Fault> {
    let directory = &container.place.directory;
    disk::destroy(&directory.join(NEXT_SESSION_KEY))?;
    disk::destroy(&directory.join(SESSION_KEY))
}

fn destroy_database(container: &Container) -> Result<(), Fault> {
    database::destroy(&container.place.directory)
}

fn destroy_files(container: &Container) -> Result<(), Fault> {
    disk::remove_directory(&container.place.directory.join(files::DIRECTORY))
}

fn destroy_public(container: &Container) -> Result<(), Fault> {
    disk::remove_directory(&container.place.directory.join(create::PUBLIC))
}

fn destroy_attempts(container: &Container) -> Result<(), Fault> {
    disk::destroy(&container.place.directory.join(attempts::FILE))
}

/// Removes the note that says why the key was wiped.
pub(crate) fn forget_cause(container: &Container) -> Result<(), Fault> {
    disk::remove(&container.place.directory.join(KEY_WIPED))
}

fn forget_order(container: &Container) -> Result<(), Fault> {
    disk::remove(&container.place.directory.join(WIPE_BY))
}

fn destroy_header(container: &Container) -> Result<(), Fault> {
    disk::destroy(&container.place.directory.join(header::FILE))
}

/// Returns the store of the device-bound keys, or `None` where no header leads to one.
fn key_store(container: &Container) -> Result<Option<KeyStore>, Fault> {
    match Header::load(&container.place.directory) {
        Ok(Some(header)) => header.key_store(&container.place.key_files).map(Some),
        Ok(None) | Err(Fault::Damaged { .. } | Fault::Newer { .. }) => Ok(None),
        Err(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device_key::ContainerId;
    use crate::header::Storage;
    use crate::{DeviceKeys, Place};
    use std::fs;
    use std::path::Path;

    #[test]
    fn a_wipe_of_everything_that_stops_after_any_step_is_finished_at_the_next_start() {
        for done in 0..=WIPE_DATA.len() {
            let root = full();
            interrupt(root.path(), DATA, &WIPE_DATA[..done]);

            let container = Container::at(place(root.path())).unwrap();

            assert_eq!(container.presence().unwrap(), Presence::Wiped, "after {done} steps");
            assert_eq!(
                left(root.path()),
                ["container/lock", "container/wiped"],
                "after {done} steps"
            );
        }
    }

    #[test]
    fn a_wipe_of_the_key_that_stops_after_any_step_is_finished_at_the_next_start() {
        for done in 0..=WIPE_KEY.len() {
            let root = full();
            drop(Container::at(place(root.path())).unwrap());
            let before = left(root.path());
            interrupt(root.path(), KEY, &WIPE_KEY[..done]);

            let container = Container::at(place(root.path())).unwrap();

            assert_eq!(container.presence().unwrap(), Presence::KeyWiped, "after {done} steps");
            let gone = [
                format!("keys/{ID}/identity-key"),
                format!("keys/{ID}/identity-key-next"),
                "container/identity".to_owned(),
            ];
            let mut rest = before;
            rest.retain(|name| !gone.contains(name));
            assert_eq!(left(root.path()), rest, "after {done} steps");
        }
    }

    #[test]
    fn an_unreadable_order_to_wipe_means_everything() {
        let root = full();
        interrupt(root.path(), b"ke", &[]);

        Container::at(place(root.path())).unwrap();

        assert_eq!(left(root.path()), ["container/lock", "container/wiped"]);
    }

    #[test]
    fn a_creation_that_stopped_is_undone_without_a_note() {
        let root = full();
        let container = Container::at(place(root.path())).unwrap();
        mark_creation(&container).unwrap();
        drop(container);

        let container = Container::at(place(root.path())).unwrap();

        assert_eq!(container.presence().unwrap(), Presence::Absent);
        assert_eq!(left(root.path()), ["container/lock"]);
    }

    #[test]
    fn a_step_that_fails_stops_no_other_and_is_tried_again() {
        let root = full();
        let keys = root.path().join("keys");
        let hidden = root.path().join("hidden");
        fs::rename(&keys, &hidden).unwrap();
        fs::write(&keys, b"a file where a directory should be").unwrap();
        let container = Container::at(place(root.path())).unwrap();

        assert!(matches!(container.wipe_data(), Err(Fault::Disk { .. })));

        assert_eq!(
            left(&root.path().join("container")),
            ["device-layer", "lock", "wiping"],
            "what leads to the keys stays"
        );
        fs::remove_file(&keys).unwrap();
        fs::rename(&hidden, &keys).unwrap();
        drop(container);
        Container::at(place(root.path())).unwrap();
        assert_eq!(left(root.path()), ["container/lock", "container/wiped"]);
    }

    #[test]
    fn the_keys_go_before_anything_else() {
        let root = full();
        interrupt(root.path(), DATA, &WIPE_DATA[..1]);

        assert!(!root.path().join("keys").join(ID).exists());
        assert!(root.path().join("container/container.db").exists());
    }

    /// Makes the files of a container, with any bytes in them.
    fn full() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("container");
        for name in ["files/mail", "public"] {
            fs::create_dir_all(directory.join(name)).unwrap();
        }
        let header = Header { container: ContainerId([0x11; 16]), storage: Storage::KeyFile };
        header.save(&directory).unwrap();
        let keys = header.key_store(&root.path().join("keys")).unwrap();
        for item in Item::ALL {
            keys.write(item, &[1; 32]).unwrap();
        }
        let names =
            ["attempts", "container.db", "container.db-shm", "container.db-wal", "identity"];
        for name in names.into_iter().chain([
            "session-key",
            "wipe-by",
            "files/mail/1",
            "files/mail/2.unfinished",
            "public/certificate.der",
        ]) {
            fs::write(directory.join(name), b"content").unwrap();
        }
        root
    }

    fn interrupt(root: &Path, order: &[u8], steps: &[Step]) {
        let container = Container::at(place(root)).unwrap();
        disk::write(&root.join("container").join(WIPING), order).unwrap();
        for step in steps {
            step(&container).unwrap();
        }
    }

    fn place(root: &Path) -> Place {
        let (directory, key_files) = (root.join("container"), root.join("keys"));
        Place { directory, key_files, device_keys: DeviceKeys::KeyFiles }
    }

    /// Returns the paths of all files below `root`.
    fn left(root: &Path) -> Vec<String> {
        fn walk(root: &Path, directory: &Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, found);
                } else {
                    found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        let mut found = Vec::new();
        walk(root, root, &mut found);
        found.sort();
        found
    }

    const ID: &str = "11111111111111111111111111111111";
}
