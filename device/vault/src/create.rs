//! Making a container for an imported identity.

use crate::attempts::{Attempts, Counter};
use crate::device_key::{ContainerId, DeviceKey, Item, KeyStore, make_random};
use crate::envelope::NotOpened;
use crate::header::{Header, Storage};
use crate::identity::{self, NewIdentity, Replacement, UserIdentity};
use crate::key::{Credential, UserKey};
use crate::open::SESSION_KEY;
use crate::session::{Parts, Session};
use crate::{
    AccessError, Container, DeviceKeys, Fault, Open, Presence, Slot, database, disk, envelope,
    files, layer, wipe,
};
use pki::Certificate;
use std::path::Path;
use std::sync::Arc;

/// The directory for what may be read by anybody: certificates.
pub(crate) const PUBLIC: &str = "public";

/// What a container is made of.
#[derive(Debug)]
pub struct NewContainer<'a> {
    /// The user's key with its certificate, and what is to open it.
    pub identity: NewIdentity<'a>,
    /// Which wrong password in a row deletes the key; nought counts as one.
    pub wrong_passwords: u8,
    /// Blobs that the container holds from its first moment on.
    pub documents: &'a [(Slot, &'a [u8])],
}

/// Why no container was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// There is a container already: open it, or wipe it first.
    #[error("there is a container here already")]
    Exists,
    /// The machine failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The card cannot open the container: take another one.
    #[error("the smart card cannot be used: {reason}")]
    UnsuitableCard {
        /// What is wrong with it.
        reason: String,
    },
    /// The certificate cannot protect the container: ask for one with an RSA key of 2048 bits or more, or an EC key.
    #[error("the certificate cannot be used for encryption: {reason}")]
    UnsuitableIdentity {
        /// What is wrong with it.
        reason: String,
    },
}

impl Container {
    /// Makes a container and opens it; after a crash on the way there is none.
    ///
    /// # Errors
    ///
    /// [`CreateError::Exists`] leaves what is there untouched.
    pub fn create(&self, new: &NewContainer<'_>) -> Result<Open, CreateError> {
        match self.presence()? {
            Presence::Absent | Presence::Wiped => {}
            Presence::KeyWiped | Presence::Locked => return Err(CreateError::Exists),
        }
        if let NewIdentity::Card { card, .. } = new.identity {
            card.check().map_err(|reason| CreateError::UnsuitableCard { reason })?;
        }
        let credential = check_identity(new.identity.user())?;
        wipe::mark_creation(self)?;
        match self.build(new, credential) {
            Ok(open) => Ok(open),
            Err(fault) => {
                wipe::finish(self)?;
                Err(fault.into())
            }
        }
    }

    fn build(&self, new: &NewContainer<'_>, credential: Credential) -> Result<Open, Fault> {
        let directory = &self.place.directory;
        let layer_key = DeviceKey::make()?;
        let (header, keys) = self.bind_to_device(&layer_key)?;
        let container = header.container;
        let counter = Counter { directory, keys: &keys, container, layer_key: &layer_key };
        counter.save(Attempts::fresh(new.wrong_passwords))?;
        let session_key = make_random()?;
        let message = envelope::seal(session_key.as_slice(), &credential.certificate)?;
        disk::write(
            &directory.join(SESSION_KEY),
            &layer::seal(&layer_key, &container, SESSION_KEY, &message)?,
        )?;
        disk::make_private_directory(&directory.join(files::DIRECTORY))?;
        publish(directory, new.identity.user())?;
        let parts = Parts {
            directory: directory.clone(),
            container,
            keys: keys.clone(),
            layer_key,
            database: database::create(directory, &session_key)?,
        };
        let open = self.remember(Session::start(parts, credential));
        fill(&open, new.documents)?;
        Replacement::prepare(header, &new.identity.seal()?)?.commit(directory, &keys)?;
        wipe::unmark_creation(self)?;
        Ok(open)
    }

    /// Puts the layer key where the place wants it, or into a file where the platform has no store.
    fn bind_to_device(&self, layer_key: &DeviceKey) -> Result<(Header, KeyStore), Fault> {
        let container = ContainerId::make()?;
        if self.place.device_keys == DeviceKeys::Platform {
            let header = Header { container, storage: Storage::SecretService };
            match self.bind(header, layer_key) {
                Ok(keys) => return Ok((header, keys)),
                Err(Fault::DeviceKeyUnavailable { reason }) => {
                    tracing::warn!(%reason, "no Secret Service: the device-bound keys go to files");
                }
                Err(fault) => return Err(fault),
            }
        }
        let header = Header { container, storage: Storage::KeyFile };
        Ok((header, self.bind(header, layer_key)?))
    }

    fn bind(&self, header: Header, layer_key: &DeviceKey) -> Result<KeyStore, Fault> {
        let keys = header.key_store(&self.place.key_files)?;
        // First, so that whoever cleans up after a crash finds the keys.
        header.save(&self.place.directory)?;
        keys.write(Item::LayerKey, layer_key.as_bytes())?;
        Ok(keys)
    }
}

/// Returns the user's key and certificate if both can protect a container.
pub(crate) fn check_identity(user: UserIdentity<'_>) -> Result<Credential, CreateError> {
    let unsuitable = |reason: String| CreateError::UnsuitableIdentity { reason };
    let certificate =
        Certificate::from_der(user.certificate()).map_err(|error| unsuitable(error.to_string()))?;
    let (key, signing) = match user {
        UserIdentity::File(identity) => (UserKey::Held(identity.key.clone()), None),
        UserIdentity::OnCard(card) => {
            (UserKey::OnCard(Arc::clone(&card.key)), card.signing.clone())
        }
    };
    // Shows that the algorithm fits, that key and certificate belong together, and that the key can be used.
    let probe = b"probe";
    let message =
        envelope::seal(probe, &certificate).map_err(|error| unsuitable(error.to_string()))?;
    match envelope::unseal(&message, key.as_key(), &certificate, identity::FILE) {
        Ok(content) if content.as_slice() == probe => {
            Ok(Credential { key, certificate, chain: user.chain().to_vec(), signing })
        }
        Ok(_) | Err(NotOpened::Fault(_)) => {
            Err(unsuitable("it does not open what is encrypted for it".to_owned()))
        }
        Err(NotOpened::Key(error)) => {
            Err(unsuitable(format!("it does not open what is encrypted for it: {error}")))
        }
    }
}

fn fill(open: &Open, documents: &[(Slot, &[u8])]) -> Result<(), Fault> {
    for (slot, content) in documents {
        open.documents().write(*slot, content).map_err(|error| match error {
            AccessError::Fault(fault) => fault,
            AccessError::Locked => Fault::unsound("the container was locked while it was made"),
        })?;
    }
    Ok(())
}

/// Puts the certificates where anybody may read them, in the place of those that were there.
pub(crate) fn publish(directory: &Path, identity: UserIdentity<'_>) -> Result<(), Fault> {
    let public = directory.join(PUBLIC);
    disk::make_private_directory(&public)?;
    disk::write(&public.join("certificate.der"), identity.certificate())?;
    let mut names = vec!["certificate.der".to_owned()];
    for (index, certificate) in identity.chain().iter().enumerate() {
        let name = format!("chain-{index}.der");
        disk::write(&public.join(&name), certificate)?;
        names.push(name);
    }
    for name in disk::names(&public)?.iter().filter(|name| !names.contains(name)) {
        disk::remove(&public.join(name))?;
    }

    Ok(())
}
