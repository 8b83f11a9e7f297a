//! The keys that bind a container to this device, and where they are kept.

use crate::{Fault, disk};
use data_encoding::HEXLOWER;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use zbus_secret_service_keyring_store::Store;
use zeroize::Zeroizing;

/// The name under which the platform's key store lists our entries.
const SERVICE: &str = "cordon-pim";
/// Long enough for a person to answer the desktop's question for its password.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tells containers apart; random, and not a secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ContainerId(pub(crate) [u8; 16]);

impl ContainerId {
    pub(crate) fn make() -> Result<Self, Fault> {
        Ok(Self(*make_random()?))
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// A random key that exists on this device alone.
#[derive(Clone)]
pub(crate) struct DeviceKey(Zeroizing<[u8; 32]>);

impl DeviceKey {
    pub(crate) fn make() -> Result<Self, Fault> {
        make_random().map(Self)
    }

    pub(crate) fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey")
    }
}

/// What is kept outside the container's directory, each entry written on its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Item {
    /// The second copy of the counter of wrong passwords.
    Attempts,
    /// The key of the identity's second layer; deleting it makes every copy of the identity useless.
    IdentityKey,
    /// The key of the second layer of everything else.
    LayerKey,
    /// The key of an identity that takes the place of the present one.
    NextIdentityKey,
}

impl Item {
    /// In the order in which a wipe destroys them.
    pub(crate) const ALL: [Self; 4] =
        [Self::IdentityKey, Self::NextIdentityKey, Self::LayerKey, Self::Attempts];

    fn name(self) -> &'static str {
        match self {
            Self::Attempts => "attempts",
            Self::IdentityKey => "identity-key",
            Self::LayerKey => "layer-key",
            Self::NextIdentityKey => "identity-key-next",
        }
    }
}

/// Where the entries of one container are kept.
#[derive(Clone)]
pub(crate) enum KeyStore {
    /// One file per entry in a directory outside the container's.
    Files(PathBuf),
    /// The Secret Service of the desktop (freedesktop.org), entries named `<container id>.<item>`.
    SecretService(Arc<Store>, ContainerId),
}

impl KeyStore {
    /// Returns the store of key files below `directory`.
    pub(crate) fn files(directory: &Path, container: ContainerId) -> Self {
        Self::Files(directory.join(container.to_string()))
    }

    /// Connects to the Secret Service.
    pub(crate) fn secret_service(container: ContainerId) -> Result<Self, Fault> {
        let store = patiently(|| Store::new().map_err(unavailable))?;
        Ok(Self::SecretService(store, container))
    }

    pub(crate) fn read(&self, item: Item) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        match self {
            Self::Files(directory) => disk::read(&directory.join(item.name())),
            Self::SecretService(store, container) => {
                let entry = entry(store, container, item)?;
                patiently(move || {
                    let text = match entry.get_password() {
                        Ok(text) => Zeroizing::new(text),
                        Err(Error::NoEntry) => return Ok(None),
                        Err(error) => return Err(unavailable(error)),
                    };
                    let bytes = HEXLOWER.decode(text.as_bytes());
                    bytes.map(Zeroizing::new).map(Some).map_err(|_| Fault::damaged(item.name()))
                })
            }
        }
    }

    pub(crate) fn write(&self, item: Item, content: &[u8]) -> Result<(), Fault> {
        match self {
            Self::Files(directory) => {
                disk::make_private_directory(directory)?;
                disk::write(&directory.join(item.name()), content)
            }
            Self::SecretService(store, container) => {
                let entry = entry(store, container, item)?;
                // As text, because KDE's wallet keeps nothing else.
                let text = Zeroizing::new(HEXLOWER.encode(content));
                patiently(move || entry.set_password(&text).map_err(unavailable))
            }
        }
    }

    pub(crate) fn remove(&self, item: Item) -> Result<(), Fault> {
        match self {
            Self::Files(directory) => disk::destroy(&directory.join(item.name())),
            Self::SecretService(store, container) => {
                let entry = entry(store, container, item)?;
                patiently(move || match entry.delete_credential() {
                    Ok(()) | Err(Error::NoEntry) => Ok(()),
                    Err(error) => Err(unavailable(error)),
                })
            }
        }
    }

    /// Removes what is left once every entry is gone.
    pub(crate) fn remove_place(&self) -> Result<(), Fault> {
        match self {
            Self::Files(directory) => disk::remove_directory(directory),
            Self::SecretService(..) => Ok(()),
        }
    }

    /// Returns a key.
    pub(crate) fn key(&self, item: Item) -> Result<DeviceKey, Fault> {
        let bytes = self.read(item)?.ok_or(Fault::DeviceKeyMissing)?;
        let bytes = bytes.as_slice().try_into().map_err(|_| Fault::damaged(item.name()))?;
        Ok(DeviceKey::from_bytes(Zeroizing::new(bytes)))
    }
}

impl fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(directory) => write!(f, "Files({})", directory.display()),
            Self::SecretService(..) => f.write_str("SecretService"),
        }
    }
}

/// Returns fresh random bytes of the system's generator.
pub(crate) fn make_random<const N: usize>() -> Result<Zeroizing<[u8; N]>, Fault> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice()).map_err(Fault::unsound)?;
    Ok(bytes)
}

fn entry(store: &Arc<Store>, container: &ContainerId, item: Item) -> Result<Entry, Fault> {
    store.build(SERVICE, &format!("{container}.{}", item.name()), None).map_err(unavailable)
}

fn unavailable(error: Error) -> Fault {
    Fault::DeviceKeyUnavailable { reason: error.to_string() }
}

/// Runs `work` on a thread of its own and waits for it no longer than [`PATIENCE`].
///
/// The client of the Secret Service blocks on a runtime of its own, which a thread of the caller's runtime may not do,
/// and a service that hangs would take its caller along.
fn patiently<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody listens after the wait was given up.
        let _ = sender.send(work());
    });
    receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        Err(Fault::DeviceKeyUnavailable { reason: "the Secret Service does not answer".to_owned() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_files_keep_each_entry_on_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let store = KeyStore::files(directory.path(), ContainerId([3; 16]));
        assert!(matches!(store.key(Item::LayerKey), Err(Fault::DeviceKeyMissing)));

        store.write(Item::LayerKey, &[1; 32]).unwrap();
        store.write(Item::IdentityKey, &[2; 32]).unwrap();
        store.remove(Item::IdentityKey).unwrap();

        assert_eq!(store.key(Item::LayerKey).unwrap().as_bytes(), [1; 32]);
        assert!(matches!(store.key(Item::IdentityKey), Err(Fault::DeviceKeyMissing)));
    }

    #[test]
    fn a_key_of_a_wrong_length_is_damage() {
        let directory = tempfile::tempdir().unwrap();
        let store = KeyStore::files(directory.path(), ContainerId([3; 16]));
        store.write(Item::LayerKey, &[1; 31]).unwrap();

        assert!(matches!(store.key(Item::LayerKey), Err(Fault::Damaged { .. })));
    }

    #[test]
    fn container_ids_are_read_as_they_are_written() {
        let id = ContainerId([0xa5; 16]);

        assert_eq!(ContainerId::from_text(&id.to_string()), Some(id));
        assert_eq!(ContainerId::from_text("a5"), None);
        assert_eq!(ContainerId::from_text("not hexadecimal at all, no, sir!"), None);
    }
}
