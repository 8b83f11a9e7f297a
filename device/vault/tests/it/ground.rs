//! What the tests stand on: a container below a temporary directory, and an identity for it.

use keys::SoftwareKey;
use keys::pkcs12::Identity;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::symm::{Cipher, decrypt_aead};
use openssl::x509::{X509Builder, X509NameBuilder};
use policy::PasswordRules;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use vault::{
    Container, Cost, DeviceKeys, NewContainer, NewIdentity, NewPassword, Open, Place, Slot,
};

pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const SETTINGS: Slot = Slot("settings");
/// Few, because every test stretches a password several times.
pub(crate) const COST: Cost = Cost { memory_kib: 64, passes: 1, iterations: 1000 };

/// A directory with a container, its key files, and all that a process might take for a place to write.
pub(crate) struct Ground {
    root: TempDir,
}

impl Ground {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("elsewhere")).unwrap();
        Self { root }
    }

    /// Returns a ground with a container that holds one document.
    pub(crate) fn with_container(identity: &Identity) -> Self {
        let ground = Self::new();
        ground.create(identity, 3).lock();
        ground
    }

    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn directory(&self) -> PathBuf {
        directory(self.path())
    }

    pub(crate) fn key_files(&self) -> PathBuf {
        self.path().join("keys")
    }

    /// Returns the files of the container's directory and its key files, by their names.
    pub(crate) fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        let mut contents = BTreeMap::new();
        for path in
            self.directories().iter().flat_map(|directory| std::fs::read_dir(directory).unwrap())
        {
            let path = path.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                contents.insert(name, std::fs::read(path).unwrap());
            }
        }
        contents
    }

    /// Puts some of these files back where they were.
    pub(crate) fn put_back(&self, contents: &BTreeMap<String, Vec<u8>>, names: &[&str]) {
        for name in names {
            let [directory, keys] = self.directories();
            let directory = if keys.join(name).exists() { keys } else { directory };
            std::fs::write(directory.join(name), &contents[*name]).unwrap();
        }
    }

    fn directories(&self) -> [PathBuf; 2] {
        let keys = std::fs::read_dir(self.key_files()).unwrap().next().unwrap().unwrap().path();
        [self.directory(), keys]
    }

    pub(crate) fn container(&self) -> Container {
        Container::at(place(self.path())).unwrap()
    }

    /// Makes a container whose key is deleted by the wrong password number `wrong_passwords`.
    pub(crate) fn create(&self, identity: &Identity, wrong_passwords: u8) -> Open {
        self.container().create(&new_container(identity, wrong_passwords)).unwrap()
    }
}

pub(crate) fn directory(root: &Path) -> PathBuf {
    root.join("container")
}

pub(crate) fn place(root: &Path) -> Place {
    Place {
        directory: directory(root),
        key_files: root.join("keys"),
        device_keys: DeviceKeys::KeyFiles,
    }
}

pub(crate) fn new_container(identity: &Identity, wrong_passwords: u8) -> NewContainer<'_> {
    NewContainer {
        identity: under_password(identity),
        wrong_passwords,
        documents: &[(SETTINGS, b"the first settings")],
    }
}

/// An identity that [`PASSWORD`] opens.
pub(crate) fn under_password(identity: &Identity) -> NewIdentity<'_> {
    let password = Box::leak(Box::new(new_password()));
    NewIdentity::Password { identity, password, cost: COST }
}

pub(crate) fn new_password() -> NewPassword {
    let rules = PasswordRules { minimum_length: 8, ..PasswordRules::default() };
    NewPassword::choose(password(), &password(), &rules).unwrap()
}

pub(crate) fn password() -> SecretString {
    PASSWORD.into()
}

/// Makes an identity with an RSA key and a certificate that it signed itself.
pub(crate) fn make_identity() -> Identity {
    identity_of(PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap())
}

pub(crate) fn identity_of(key: PKey<Private>) -> Identity {
    Identity {
        key: SoftwareKey::from_pkcs8(&key.private_key_to_pkcs8().unwrap()).unwrap(),
        certificate: certificate_of(&key),
        chain: Vec::new(),
    }
}

/// Makes a certificate that a key signed for itself, DER.
pub(crate) fn certificate_of(key: &PKey<Private>) -> Vec<u8> {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "Alice").unwrap();
    let name = name.build();
    let mut serial = BigNum::new().unwrap();
    serial.rand(120, openssl::bn::MsbOption::MAYBE_ZERO, false).unwrap();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(1_700_000_000).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(2_000_000_000).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.sign(key, MessageDigest::sha256()).unwrap();
    builder.build().to_der().unwrap()
}

/// Takes the second layer off a blob, written down anew from the description of the format.
pub(crate) fn remove_layer(ground: &Ground, key: &str, name: &str) -> Vec<u8> {
    let header: serde_json::Value =
        serde_json::from_slice(&std::fs::read(ground.directory().join("device-layer")).unwrap())
            .unwrap();
    let container = header["container"].as_str().unwrap();
    let device_key = std::fs::read(ground.key_files().join(container).join(key)).unwrap();
    let blob = std::fs::read(ground.directory().join(name)).unwrap();
    assert_eq!(&blob[..8], b"CORDONL1");
    let extracted = hmac(&blob[8..40], &device_key);
    let derived =
        hmac(&extracted, format!("cordon-container/1\0layer\0{container}\0{name}\x01").as_bytes());
    let (ciphertext, tag) = blob[40..].split_at(blob.len() - 40 - 16);
    decrypt_aead(Cipher::aes_256_gcm(), &derived, Some(&[0; 12]), b"CORDONL1", ciphertext, tag)
        .unwrap()
}

fn hmac(key: &[u8], content: &[u8]) -> Vec<u8> {
    let key = PKey::hmac(key).unwrap();
    openssl::sign::Signer::new(MessageDigest::sha256(), &key)
        .unwrap()
        .sign_oneshot_to_vec(content)
        .unwrap()
}
