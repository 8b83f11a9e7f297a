//! Where the app keeps what it has.

use crate::arguments::Common;
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// The folders of one installation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    data: PathBuf,
    key_files: PathBuf,
    /// Whether the key files were asked for, even where the desktop has a key store.
    key_files_only: bool,
    /// The company's middleware for smart cards.
    pub(crate) card_module: Option<PathBuf>,
}

/// What the environment says about the user's folders (XDG Base Directory Specification).
#[derive(Clone, Debug, Default)]
pub(crate) struct Folders {
    pub(crate) home: Option<PathBuf>,
    pub(crate) data_home: Option<PathBuf>,
    pub(crate) state_home: Option<PathBuf>,
    pub(crate) runtime: Option<PathBuf>,
}

impl Folders {
    pub(crate) fn of_environment() -> Self {
        // Relative paths are to be ignored, says the specification.
        let absolute =
            |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        Self {
            home: absolute("HOME"),
            data_home: absolute("XDG_DATA_HOME"),
            state_home: absolute("XDG_STATE_HOME"),
            runtime: absolute("XDG_RUNTIME_DIR"),
        }
    }

    fn below(&self, chosen: Option<&Path>, default: &str) -> anyhow::Result<PathBuf> {
        let folder = match chosen {
            Some(folder) => folder.to_owned(),
            None => self
                .home
                .as_ref()
                .context("HOME is not set: name the folders with --data and --key-files")?
                .join(default),
        };
        Ok(folder.join("cordon-pim"))
    }
}

impl Place {
    pub(crate) fn choose(common: &Common, folders: &Folders) -> anyhow::Result<Self> {
        let data = match &common.data {
            Some(data) => {
                std::path::absolute(data).context("the data folder has no usable name")?
            }
            None => folders.below(folders.data_home.as_deref(), ".local/share")?,
        };
        let key_files = match &common.key_files {
            Some(folder) => {
                std::path::absolute(folder).context("the folder of key files has no usable name")?
            }
            None => {
                folders.below(folders.state_home.as_deref(), ".local/state")?.join("device-keys")
            }
        };
        let container = data.join("container");
        anyhow::ensure!(
            !key_files.starts_with(&container),
            "the key files must not lie in the container's folder {}: a copy of one would be a copy of both",
            container.display()
        );
        let card_module = match &common.card_module {
            Some(module) => Some(
                std::path::absolute(module)
                    .context("the module for smart cards has no usable name")?,
            ),
            None => None,
        };
        Ok(Self { data, key_files, key_files_only: common.key_files.is_some(), card_module })
    }

    /// Returns the folder of the socket on which the running app hears commands.
    pub(crate) fn run(&self) -> PathBuf {
        self.data.join("run")
    }

    /// Returns the socket on which the running app hears commands.
    pub(crate) fn socket(&self) -> PathBuf {
        self.run().join("socket")
    }

    /// Returns the folder in which certificate files are looked for.
    pub(crate) fn imports(&self) -> PathBuf {
        self.data.join("import")
    }

    /// Returns the note of certificate files that go once their key is in the container.
    pub(crate) fn imported(&self) -> PathBuf {
        self.data.join("imported.json")
    }

    /// Returns the place of the container.
    pub(crate) fn container(&self) -> vault::Place {
        vault::Place {
            directory: self.data.join("container"),
            key_files: self.key_files.clone(),
            device_keys: if self.key_files_only {
                vault::DeviceKeys::KeyFiles
            } else {
                vault::DeviceKeys::Platform
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_folders_are_the_default() {
        let folders = Folders { home: Some("/users/alice".into()), ..Folders::default() };
        check(
            None,
            None,
            &folders,
            Ok((
                "/users/alice/.local/share/cordon-pim",
                "/users/alice/.local/state/cordon-pim/device-keys",
            )),
        );

        let folders =
            Folders { data_home: Some("/d".into()), state_home: Some("/s".into()), ..folders };
        check(None, None, &folders, Ok(("/d/cordon-pim", "/s/cordon-pim/device-keys")));
    }

    #[test]
    fn named_folders_win_and_need_no_home() {
        check(Some("/a"), Some("/b"), &Folders::default(), Ok(("/a", "/b")));
        check(Some("/a"), None, &Folders::default(), Err("HOME is not set"));
        check(None, Some("/b"), &Folders::default(), Err("HOME is not set"));
    }

    #[test]
    fn keys_inside_the_container_are_refused() {
        check(
            Some("/a"),
            Some("/a/container/keys"),
            &Folders::default(),
            Err("must not lie in the container's folder"),
        );
        check(Some("/a"), Some("/a/keys"), &Folders::default(), Ok(("/a", "/a/keys")));
    }

    #[track_caller]
    fn check(
        data: Option<&str>,
        key_files: Option<&str>,
        folders: &Folders,
        expected: Result<(&str, &str), &str>,
    ) {
        let common = Common {
            data: data.map(PathBuf::from),
            key_files: key_files.map(PathBuf::from),
            password_file: None,
            pin_file: None,
            card_module: None,
            json: false,
        };
        match (Place::choose(&common, folders), expected) {
            (Ok(place), Ok((data, keys))) => {
                assert_eq!((place.data, place.key_files), (data.into(), keys.into()));
            }
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (place, expected) => panic!("{place:?} instead of {expected:?}"),
        }
    }
}
