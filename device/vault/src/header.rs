//! The file that says which container this is and where its device-bound keys are kept. Nothing in it is secret.

use crate::device_key::{ContainerId, KeyStore};
use crate::{Fault, disk};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The header's name in the container's directory.
pub(crate) const FILE: &str = "device-layer";
const FORMAT: &str = "cordon-container/1";

/// Where the device-bound keys are kept.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Storage {
    /// In files outside the container's directory, open to whoever reads the user's files.
    KeyFile,
    /// In the Secret Service of the desktop.
    SecretService,
}

/// What the header says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Header {
    pub(crate) container: ContainerId,
    pub(crate) storage: Storage,
}

impl Header {
    /// Returns the header in `directory`, or `None` if there is no container.
    pub(crate) fn load(directory: &Path) -> Result<Option<Self>, Fault> {
        let Some(text) = disk::read(&directory.join(FILE))? else { return Ok(None) };
        let Ok(record) = serde_json::from_slice::<Record>(&text) else {
            return Err(Fault::damaged(FILE));
        };
        if record.format != FORMAT {
            return Err(Fault::Newer { what: format!("format {}", record.format) });
        }
        let container =
            ContainerId::from_text(&record.container).ok_or_else(|| Fault::damaged(FILE))?;
        Ok(Some(Self { container, storage: record.device_key }))
    }

    pub(crate) fn save(self, directory: &Path) -> Result<(), Fault> {
        let record = Record {
            format: FORMAT.to_owned(),
            container: self.container.to_string(),
            device_key: self.storage,
        };
        let text = serde_json::to_string(&record).map_err(Fault::unsound)?;
        disk::write(&directory.join(FILE), text.as_bytes())
    }

    /// Returns the store of the device-bound keys; key files lie below `key_files`.
    pub(crate) fn key_store(self, key_files: &Path) -> Result<KeyStore, Fault> {
        match self.storage {
            Storage::KeyFile => Ok(KeyStore::files(key_files, self.container)),
            Storage::SecretService => KeyStore::secret_service(self.container),
        }
    }
}

#[derive(Deserialize, Serialize)]
struct Record {
    format: String,
    container: String,
    device_key: Storage,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_format_is_fixed_and_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let header = Header { container: ContainerId([0xab; 16]), storage: Storage::SecretService };

        header.save(directory.path()).unwrap();

        let text = std::fs::read_to_string(directory.path().join(FILE)).unwrap();
        insta::assert_snapshot!(text, @r#"{"format":"cordon-container/1","container":"abababababababababababababababab","device_key":"secret-service"}"#);
        assert_eq!(Header::load(directory.path()).unwrap(), Some(header));
    }

    #[test]
    fn a_missing_header_is_no_container_and_a_strange_one_is_named() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Header::load(directory.path()).unwrap(), None);

        check(directory.path(), "", "device-layer of the container is damaged or was exchanged");
        check(directory.path(), "{}", "device-layer of the container is damaged or was exchanged");
        check(
            directory.path(),
            r#"{"format":"cordon-container/1","container":"zz","device_key":"key-file"}"#,
            "device-layer of the container is damaged or was exchanged",
        );
        check(
            directory.path(),
            r#"{"format":"cordon-container/2","container":"","device_key":"key-file"}"#,
            "the container was written by a later version of this program (format cordon-container/2)",
        );
    }

    #[track_caller]
    fn check(directory: &Path, text: &str, error: &str) {
        std::fs::write(directory.join(FILE), text).unwrap();

        assert_eq!(Header::load(directory).unwrap_err().to_string(), error);
    }
}
