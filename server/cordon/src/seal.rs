//! Secrets at rest in the data folder.
//!
//! Each secret is one file, `secrets/NAME.sealed`: the magic `CORDON-SEALED-1\n`, a 12-byte nonce, the
//! AES-256-GCM cipher text and its 16-byte tag. The name is authenticated, so that one
//! secret cannot stand in for another. The sealing key is 32 bytes, written as 64 hexadecimal digits.

use anyhow::{Context as _, Result, ensure};
use data_encoding::HEXLOWER_PERMISSIVE;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use operations::SealingKey;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const MAGIC: &[u8] = b"CORDON-SEALED-1\n";

/// Where the sealing key came from, for the start-up message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum KeySource {
    /// A file that the configuration names.
    ConfiguredFile(PathBuf),
    /// `CREDENTIALS_DIRECTORY/cordon-seal-key`, as systemd's `LoadCredential=` provides it.
    Credential(PathBuf),
    /// `seal.key` in the data folder itself: whoever copies the folder has the key too.
    DataFolder(PathBuf),
    /// `CORDON_SEAL_KEY`.
    Environment,
}

/// The secrets of one data folder.
#[derive(Debug)]
pub(crate) struct Secrets {
    folder: PathBuf,
    key: SealingKey,
}

impl Secrets {
    /// Opens the secrets below `data`; makes a key in the data folder if none is configured.
    pub(crate) fn open(data: &Path, key_file: Option<&Path>) -> Result<(Self, KeySource)> {
        let source = source(data, key_file);
        if let KeySource::DataFolder(path) = &source
            && !path.exists()
        {
            make_key(path)?;
        }
        let folder = data.join("secrets");
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;

        Ok((Self { folder, key: SealingKey::new(key(&source)?) }, source))
    }

    /// Opens the secrets below `data` and makes nothing.
    pub(crate) fn find(data: &Path, key_file: Option<&Path>) -> Result<(Self, KeySource)> {
        let source = source(data, key_file);

        Ok((Self { folder: data.join("secrets"), key: SealingKey::new(key(&source)?) }, source))
    }

    /// Reads the secret called `name`, or `None` if it was never written.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let path = self.path(name);
        let sealed = match fs::read(&path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context(path.display().to_string()),
        };
        let opened = self.unseal(name, &sealed).with_context(|| path.display().to_string())?;

        Ok(Some(opened))
    }

    /// Writes the secret called `name`; the file appears whole or not at all.
    pub(crate) fn write(&self, name: &str, secret: &[u8]) -> Result<()> {
        let sealed = [MAGIC, &self.key.seal(name, secret)?].concat();

        write_whole(&self.path(name), &sealed)
    }

    /// Makes a key for another use, from which nobody learns the sealing key.
    pub(crate) fn derive(&self, name: &str) -> Result<Zeroizing<[u8; 32]>> {
        let key = PKey::hmac(self.key.expose())?;
        let mut derived = Zeroizing::new([0; 32]);
        Signer::new(MessageDigest::sha256(), &key)?
            .sign_oneshot(&mut *derived, format!("derived for {name}").as_bytes())?;

        Ok(derived)
    }

    /// Names a file beside the secrets.
    pub(crate) fn beside(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    fn unseal(&self, name: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let rest = sealed.strip_prefix(MAGIC).context("this is not a sealed secret")?;
        let secret = self.key.open(name, rest);

        secret.context("the secret does not open: it was changed, or sealed with another key")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.sealed"))
    }
}

fn source(data: &Path, key_file: Option<&Path>) -> KeySource {
    if let Some(path) = key_file {
        return KeySource::ConfiguredFile(path.to_owned());
    }
    if std::env::var_os("CORDON_SEAL_KEY").is_some() {
        return KeySource::Environment;
    }
    if let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") {
        let path = PathBuf::from(folder).join("cordon-seal-key");
        if path.exists() {
            return KeySource::Credential(path);
        }
    }

    KeySource::DataFolder(data.join("seal.key"))
}

fn key(source: &KeySource) -> Result<Zeroizing<[u8; 32]>> {
    match source {
        KeySource::Environment => {
            let text = std::env::var("CORDON_SEAL_KEY").context("CORDON_SEAL_KEY")?;

            parse_key(&Zeroizing::new(text)).context("CORDON_SEAL_KEY")
        }
        KeySource::ConfiguredFile(path)
        | KeySource::Credential(path)
        | KeySource::DataFolder(path) => {
            let text = fs::read_to_string(path)
                .with_context(|| format!("the sealing key {} cannot be read", path.display()))?;

            parse_key(&Zeroizing::new(text)).with_context(|| path.display().to_string())
        }
    }
}

fn parse_key(text: &str) -> Result<Zeroizing<[u8; 32]>> {
    let wrong =
        "the sealing key must be 64 hexadecimal digits (make one with: openssl rand -hex 32)";
    let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok().map(Zeroizing::new);
    let bytes = bytes.context(wrong)?;
    ensure!(bytes.len() == 32, wrong);
    let mut key = Zeroizing::new([0; 32]);
    key.copy_from_slice(&bytes);

    Ok(key)
}

fn make_key(path: &Path) -> Result<()> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *key)?;
    let text = Zeroizing::new(format!("{}\n", HEXLOWER_PERMISSIVE.encode(&*key)));

    write_whole(path, text.as_bytes())
}

/// Writes a file of the owner's alone, durably, and gives it its name only when it is complete.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file stands in a folder")?;
    let partial = path.with_extension("partial");
    let place = || path.display().to_string();
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&partial)
        .with_context(place)?;
    file.write_all(bytes).with_context(place)?;
    file.sync_all().with_context(place)?;
    fs::rename(&partial, path).with_context(place)?;
    File::open(folder)?.sync_all().with_context(place)?;

    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_back_and_does_not_lie_open() {
        let data = tempfile::tempdir().unwrap();
        let (secrets, source) = Secrets::open(data.path(), None).unwrap();
        secrets.write("authority", b"the private key").unwrap();

        assert_eq!(source, KeySource::DataFolder(data.path().join("seal.key")));
        assert_eq!(secrets.read("authority").unwrap().unwrap().as_slice(), b"the private key");
        assert_eq!(secrets.read("other").unwrap(), None);
        let stored = fs::read(data.path().join("secrets/authority.sealed")).unwrap();
        assert!(!stored.windows(7).any(|window| window == b"private"));
    }

    #[test]
    fn a_changed_or_exchanged_secret_is_refused() {
        let data = tempfile::tempdir().unwrap();
        let (secrets, _) = Secrets::open(data.path(), None).unwrap();
        secrets.write("a", b"one").unwrap();
        secrets.write("b", b"two").unwrap();
        let (a, b) = (data.path().join("secrets/a.sealed"), data.path().join("secrets/b.sealed"));

        let mut changed = fs::read(&a).unwrap();
        *changed.last_mut().unwrap() ^= 1;
        fs::write(&a, changed).unwrap();
        assert!(format!("{:#}", secrets.read("a").unwrap_err()).contains("does not open"));

        fs::copy(&b, &a).unwrap();
        assert!(secrets.read("a").is_err());
        fs::write(&a, b"short").unwrap();
        assert!(format!("{:#}", secrets.read("a").unwrap_err()).contains("not a sealed secret"));
    }

    #[test]
    fn another_key_does_not_open_it() {
        let data = tempfile::tempdir().unwrap();
        let key = data.path().join("other.key");
        fs::write(&key, "00".repeat(32)).unwrap();
        Secrets::open(data.path(), None).unwrap().0.write("a", b"one").unwrap();

        assert!(Secrets::open(data.path(), Some(&key)).unwrap().0.read("a").is_err());
    }

    #[test]
    fn finding_makes_nothing() {
        let data = tempfile::tempdir().unwrap();

        let error = Secrets::find(data.path(), None).unwrap_err();
        assert!(error.to_string().contains("seal.key cannot be read"), "{error}");
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
        Secrets::open(data.path(), None).unwrap().0.write("a", b"one").unwrap();
        let (found, _) = Secrets::find(data.path(), None).unwrap();
        assert_eq!(found.read("a").unwrap().unwrap().as_slice(), b"one");
    }

    #[test]
    fn a_key_that_is_none_is_refused() {
        let data = tempfile::tempdir().unwrap();
        let key = data.path().join("bad.key");
        fs::write(&key, "abc").unwrap();

        let error = Secrets::open(data.path(), Some(&key)).unwrap_err();
        assert!(format!("{error:#}").contains("64 hexadecimal digits"), "{error:#}");
    }
}
