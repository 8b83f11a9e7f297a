//! The file `identity`: the user's key, and what opens it (`docs/container.md`, "identity").
//!
//! Each new content of the file gets a new key of the second layer, so that no earlier copy of it opens any more.

mod card;
mod form;
pub(crate) mod lengths;

pub use card::{CardIdentity, SigningKey};
pub(crate) use form::{Form, OnCard};

use crate::device_key::{DeviceKey, Item, KeyStore};
use crate::header::Header;
use crate::open::Bound;
use crate::password::{Cost, NewPassword, stretch};
use crate::{Container, Fault, disk, layer};
use keys::pkcs12::Identity;
use pki::Certificate;
use std::path::Path;

/// The file's name in the container's directory.
pub(crate) const FILE: &str = "identity";

/// What opens a container.
#[derive(Clone, Debug)]
pub enum Protection {
    /// A password opens the user's key.
    Password,
    /// The smart card with the key of this certificate opens the user's key, and may be removed then.
    Card(Certificate),
    /// The user's key itself is on the smart card: this is the user's certificate.
    OnCard(Certificate),
}

/// The user's key for a container, and what is to open it.
#[derive(Clone, Debug)]
pub enum NewIdentity<'a> {
    /// A password.
    Password {
        /// The key with its certificate, opened with the transport password.
        identity: &'a Identity,
        /// The container's password.
        password: &'a NewPassword,
        /// What a try at the password costs; [`Cost::STANDARD`] outside of tests.
        cost: Cost,
    },
    /// A smart card.
    Card {
        /// The key with its certificate, opened with the transport password.
        identity: &'a Identity,
        /// A key on the card.
        card: &'a CardIdentity,
    },
    /// The key is on the card and stays there.
    OnCard(&'a CardIdentity),
}

/// The user's key, wherever it is.
#[derive(Clone, Copy, Debug)]
pub enum UserIdentity<'a> {
    /// It was in a certificate file.
    File(&'a Identity),
    /// It is on a smart card.
    OnCard(&'a CardIdentity),
}

impl<'a> UserIdentity<'a> {
    /// Returns the certificate, DER.
    pub(crate) fn certificate(self) -> &'a [u8] {
        match self {
            Self::File(identity) => &identity.certificate,
            Self::OnCard(card) => &card.certificate,
        }
    }

    /// Returns the certificates that lead from it to its root, DER.
    pub(crate) fn chain(self) -> &'a [Vec<u8>] {
        match self {
            Self::File(identity) => &identity.chain,
            Self::OnCard(card) => &card.chain,
        }
    }
}

impl<'a> NewIdentity<'a> {
    /// Returns the user's key.
    pub(crate) fn user(&self) -> UserIdentity<'a> {
        match self {
            Self::Password { identity, .. } | Self::Card { identity, .. } => {
                UserIdentity::File(identity)
            }
            Self::OnCard(card) => UserIdentity::OnCard(card),
        }
    }

    /// Returns what the file holds, below its second layer.
    pub(crate) fn seal(&self) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Password { identity, password, cost } => {
                stretch::seal(identity, password.expose(), *cost)
            }
            Self::Card { identity, card } => form::seal_under_card(identity, card),
            Self::OnCard(card) => Ok(form::write_on_card(card)),
        }
    }
}

impl Container {
    /// Tells what opens the container; `None` where there is none, or its key was wiped.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the file or its device-bound key cannot be read.
    pub fn protection(&self) -> Result<Option<Protection>, Fault> {
        let Some(bound) = Bound::load(self)? else { return Ok(None) };
        let Some(stored) = load(bound.directory, bound.header, &bound.keys)? else {
            return Ok(None);
        };

        Ok(Some(match stored.form {
            Form::Password(_) => Protection::Password,
            Form::Card(under) => Protection::Card(under.card),
            Form::OnCard(on_card) => Protection::OnCard(on_card.certificate),
        }))
    }
}

/// What is on the disk.
pub(crate) struct Stored {
    /// The file as it is.
    pub(crate) blob: Vec<u8>,
    /// What it holds.
    pub(crate) form: Form,
}

/// Reads the file, and finishes a replacement that was interrupted; `None` where there is no file.
pub(crate) fn load(
    directory: &Path,
    header: Header,
    keys: &KeyStore,
) -> Result<Option<Stored>, Fault> {
    let Some(blob) = disk::read(&directory.join(FILE))? else { return Ok(None) };
    let content = match keys.read(Item::NextIdentityKey)? {
        None => layer::open(&keys.key(Item::IdentityKey)?, &header.container, FILE, &blob)?,
        Some(_) => {
            let next = keys.key(Item::NextIdentityKey)?;
            match layer::open(&next, &header.container, FILE, &blob) {
                Ok(content) => {
                    promote(keys, &next)?;
                    content
                }
                Err(_) => {
                    let key = keys.key(Item::IdentityKey)?;
                    let content = layer::open(&key, &header.container, FILE, &blob)?;
                    keys.remove(Item::NextIdentityKey)?;
                    content
                }
            }
        }
    };

    Ok(Some(Stored { form: Form::read(content)?, blob: blob.to_vec() }))
}

/// A new content of the file that is not on the disk yet.
pub(crate) struct Replacement {
    key: DeviceKey,
    /// The file as it will be.
    pub(crate) blob: Vec<u8>,
}

impl Replacement {
    /// Seals `content` under a key that is made for it.
    pub(crate) fn prepare(header: Header, content: &[u8]) -> Result<Self, Fault> {
        let key = DeviceKey::make()?;
        let blob = layer::seal(&key, &header.container, FILE, content)?;

        Ok(Self { key, blob })
    }

    /// Puts it in the place of what was there; after a crash on the way, the next [`load`] finds the one or the other.
    pub(crate) fn commit(self, directory: &Path, keys: &KeyStore) -> Result<(), Fault> {
        keys.write(Item::NextIdentityKey, self.key.as_bytes())?;
        disk::write(&directory.join(FILE), &self.blob)?;

        promote(keys, &self.key)
    }
}

/// Lets the next key be the present one, and overwrites the one before.
fn promote(keys: &KeyStore, next: &DeviceKey) -> Result<(), Fault> {
    keys.remove(Item::IdentityKey)?;
    keys.write(Item::IdentityKey, next.as_bytes())?;

    keys.remove(Item::NextIdentityKey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device_key::ContainerId;
    use crate::header::Storage;
    use tempfile::TempDir;

    const OLD: &[u8] = b"the old content";
    const NEW: &[u8] = b"the new content";

    type Step = fn(&Replacement, &Path, &KeyStore) -> Result<(), Fault>;

    /// Each step of [`Replacement::commit`]; the first two may each be the last one that was taken.
    const STEPS: [Step; 5] = [
        |new, _, keys| keys.write(Item::NextIdentityKey, new.key.as_bytes()),
        |new, directory, _| disk::write(&directory.join(FILE), &new.blob),
        |_, _, keys| keys.remove(Item::IdentityKey),
        |new, _, keys| keys.write(Item::IdentityKey, new.key.as_bytes()),
        |_, _, keys| keys.remove(Item::NextIdentityKey),
    ];

    #[test]
    fn a_replacement_that_stops_after_any_step_leaves_the_old_content_or_the_new() {
        for done in 0..=STEPS.len() {
            let (root, keys) = ground();
            let replacement = Replacement::prepare(HEADER, NEW).unwrap();

            for step in &STEPS[..done] {
                step(&replacement, root.path(), &keys).unwrap();
            }

            // The first reading finishes or undoes, the second finds it done.
            for _ in 0..2 {
                let expected = if done < 2 { OLD } else { NEW };
                assert_eq!(content(root.path(), &keys), expected, "after {done} steps");
                assert!(keys.read(Item::NextIdentityKey).unwrap().is_none());
            }
        }
    }

    #[test]
    fn a_copy_from_before_does_not_open() {
        let (root, keys) = ground();
        let path = root.path().join(FILE);
        let before = std::fs::read(&path).unwrap();
        Replacement::prepare(HEADER, NEW).unwrap().commit(root.path(), &keys).unwrap();

        std::fs::write(&path, before).unwrap();

        assert!(matches!(load(root.path(), HEADER, &keys), Err(Fault::Damaged { .. })));
    }

    #[test]
    fn a_file_that_no_key_opens_costs_no_key() {
        let (root, keys) = ground();
        keys.write(Item::NextIdentityKey, &[9; 32]).unwrap();
        let path = root.path().join(FILE);
        let good = std::fs::read(&path).unwrap();
        std::fs::write(&path, b"noise").unwrap();

        assert!(load(root.path(), HEADER, &keys).is_err());

        std::fs::write(&path, good).unwrap();
        assert_eq!(content(root.path(), &keys), OLD);
    }

    const HEADER: Header = Header { container: ContainerId([7; 16]), storage: Storage::KeyFile };

    fn ground() -> (TempDir, KeyStore) {
        let root = tempfile::tempdir().unwrap();
        let keys = KeyStore::files(&root.path().join("keys"), HEADER.container);
        Replacement::prepare(HEADER, OLD).unwrap().commit(root.path(), &keys).unwrap();
        (root, keys)
    }

    fn content(directory: &Path, keys: &KeyStore) -> Vec<u8> {
        let Some(Stored { form: Form::Password(content), .. }) =
            load(directory, HEADER, keys).unwrap()
        else {
            panic!("another form")
        };
        content.to_vec()
    }
}
