use super::{OnToken, Role};
use crate::seal::{Secrets, write_whole};
use anyhow::{Context as _, Error, Result, ensure};
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// The variable with the PIN of a token whose URI names no file.
const VARIABLE: &str = "CORDON_TOKEN_PIN";

/// Where a token's PIN is, and which one the token refused.
pub(super) struct Pin {
    file: Option<PathBuf>,
    /// What marks a PIN, so that nobody without the sealing key finds the PIN by its mark.
    mark: Zeroizing<[u8; 32]>,
    /// The mark of the PIN that was refused last.
    refused: Mutex<Option<String>>,
    note: PathBuf,
}

impl Pin {
    pub(super) fn of(role: Role, place: &OnToken, secrets: &Secrets) -> Result<Self> {
        let uri = &place.0;
        // What one token refuses may be right for another.
        let token = format!("{:?}", (&uri.module_path, &uri.token, &uri.serial, uri.slot_id));
        let note = secrets.beside(&format!("{}.refused-pin", role.name()));
        // One that another account has written is not to be read, and does not count.
        let refused = Mutex::new(fs::read_to_string(&note).ok());

        Ok(Self { file: uri.pin_source.clone(), mark: secrets.derive(&token)?, refused, note })
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
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(
            refused.as_ref() != Some(&mark),
            "the token refused the PIN in {self}, which is not tried again, because a few wrong ones block a token: correct it; \
             if the token takes it now, delete {}",
            self.note.display()
        );

        Ok(pin)
    }

    /// Remembers that the token refused a PIN, also for the next start.
    pub(super) fn refused(&self, pin: &str) {
        let noted = self.mark_of(pin).and_then(|mark| {
            let written = write_whole(&self.note, mark.as_bytes());
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(mark);
            written
        });
        if let Err(error) = noted {
            let error = format!("{error:#}");
            tracing::warn!(
                error,
                "Could not note that a PIN was wrong: the next start tries it again"
            );
        }
    }

    /// Forgets what was refused, once a PIN was right.
    pub(super) fn taken(&self) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.take().is_some() {
            drop(fs::remove_file(&self.note));
        }
    }

    /// Says where the PIN is that was wrong.
    pub(super) fn explained(&self, error: pkcs11::Error) -> Error {
        Error::new(error).context(format!("correct the PIN in {self}; this one is not tried again"))
    }

    fn mark_of(&self, pin: &str) -> Result<String> {
        let key = openssl::pkey::PKey::hmac(&*self.mark)?;
        let digest = openssl::hash::MessageDigest::sha256();
        let mark = openssl::sign::Signer::new(digest, &key)?.sign_oneshot_to_vec(pin.as_bytes())?;

        Ok(data_encoding::HEXLOWER.encode(&mark))
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
