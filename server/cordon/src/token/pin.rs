use super::OnToken;
use crate::seal::{Secrets, write_whole};
use anyhow::{Context as _, Error, Result, ensure};
use data_encoding::HEXLOWER;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// The variable with the PIN of a token whose URI names no file.
const VARIABLE: &str = "CORDON_TOKEN_PIN";

/// Where a token's PIN is, and which one the token refused.
pub(super) struct Pin {
    file: Option<PathBuf>,
    /// What marks a PIN, so that nobody without the sealing key finds the PIN by its mark.
    mark: Zeroizing<[u8; 32]>,
    /// The file with the mark of the PIN that the token refused last, whichever of the keys on it was wanted.
    note: PathBuf,
    /// What could not be written there.
    unwritten: Mutex<Option<String>>,
}

impl Pin {
    pub(super) fn of(place: &OnToken, secrets: &Secrets) -> Result<Self> {
        let uri = &place.0;
        // What one token refuses may be right for another.
        let token = format!("{:?}", (&uri.module_path, &uri.token, &uri.serial, uri.slot_id));
        let mark = secrets.derive(&format!("marks of PINs of {token}"))?;
        let name = secrets.derive(&format!("the name of {token}"))?;
        let [a, b, c, d, ..] = *name;
        let name = HEXLOWER.encode(&[a, b, c, d]);
        let note = secrets.beside(&format!("{name}.refused-pin"));

        Ok(Self { file: uri.pin_source.clone(), mark, note, unwritten: Mutex::default() })
    }

    /// Reads the PIN, unless the token has refused it.
    pub(super) fn read(&self) -> Result<Zeroizing<String>> {
        let text = match &self.file {
            Some(path) => fs::read_to_string(path).map_err(Error::from),
            None => std::env::var(VARIABLE).map_err(Error::from),
        };
        let text = Zeroizing::new(text.with_context(|| {
            format!("no PIN can be read from {self}: put it there, or name its file in the URI, as in &pin-source=file:/PATH")
        })?);
        let pin = Zeroizing::new(text.lines().next().unwrap_or_default().to_owned());
        ensure!(!pin.is_empty(), "{self} has no PIN on its first line");
        let mark = self.mark_of(&pin)?;
        // A note that another account has written is not to be read, and does not count.
        let noted = fs::read_to_string(&self.note).ok();
        ensure!(
            noted.or(self.unwritten().clone()).is_none_or(|refused| refused != mark),
            "the token refused the PIN in {self}, which is not tried again, because a few wrong ones block a token: correct it; \
             if the token takes it now, delete {}",
            self.note.display()
        );

        Ok(pin)
    }

    /// Notes that the token refused a PIN, for every later start of the program.
    pub(super) fn refused(&self, pin: &str) {
        let Ok(mark) = self.mark_of(pin) else { return };
        if let Err(error) = write_whole(&self.note, mark.as_bytes()) {
            let error = format!("{error:#}");
            tracing::warn!(
                error,
                "Could not note that a PIN is wrong: the next start tries it again"
            );
            *self.unwritten() = Some(mark);
        }
    }

    /// Forgets what was refused, once a PIN was right.
    pub(super) fn taken(&self) {
        *self.unwritten() = None;
        // Most often there is none.
        drop(fs::remove_file(&self.note));
    }

    fn unwritten(&self) -> MutexGuard<'_, Option<String>> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mark_of(&self, pin: &str) -> Result<String> {
        let key = PKey::hmac(&*self.mark)?;
        let mark =
            Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(pin.as_bytes())?;

        Ok(HEXLOWER.encode(&mark))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(path) => path.display().fmt(f),
            None => f.write_str(VARIABLE),
        }
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin(in {self})")
    }
}
