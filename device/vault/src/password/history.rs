//! Which password opens the container since when, and which ones did before.
//!
//! A password is noted under the fingerprint of the `identity` file that it opens, before that file takes its place. So
//! after a crash in between, the password that counts is the one whose file is there, and what was noted of the other is
//! passed over. What is noted lies in the database, under the session key (`docs/container.md`, "Changing the password").

use super::Cost;
use crate::identity::FILE as IDENTITY;
use crate::{AccessError, Fault, Open, Slot, disk};
use data_encoding::HEXLOWER;
use openssl::hash::MessageDigest;
use openssl::memcmp;
use openssl::pkcs5::pbkdf2_hmac;
use openssl::sha::sha256;
use policy::MOST_HISTORY;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::path::Path;

const SLOT: Slot = Slot("passwords");
const FORMAT: &str = "passwords/1";
const SALT: usize = 32;

/// The passwords of a container, the oldest first.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct History {
    format: String,
    /// One salt for all, so that a password is stretched once to be compared with each; hexadecimal.
    salt: String,
    iterations: u32,
    passwords: Vec<Noted>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Noted {
    /// SHA-256 of the file that it opens; hexadecimal.
    identity: String,
    /// When it was chosen, or met first; seconds since 1970.
    since: i64,
    /// The stretched password; hexadecimal.
    hash: String,
}

impl History {
    /// Reads what is noted; an empty history where nothing was.
    pub(crate) fn load(open: &Open, cost: Cost) -> Result<Self, AccessError> {
        let damaged = || AccessError::Fault(Fault::damaged(SLOT.0));
        let Some(bytes) = open.documents().read(SLOT)? else {
            let salt = crate::device_key::make_random::<SALT>()?;
            return Ok(Self {
                format: FORMAT.to_owned(),
                salt: HEXLOWER.encode(salt.as_slice()),
                iterations: cost.iterations,
                passwords: Vec::new(),
            });
        };
        let history: Self = serde_json::from_slice(&bytes).map_err(|_| damaged())?;

        if history.format == FORMAT { Ok(history) } else { Err(damaged()) }
    }

    /// Replaces what is noted; durable on return.
    pub(crate) fn save(&self, open: &Open) -> Result<(), AccessError> {
        let bytes = serde_json::to_vec(self).map_err(Fault::unsound)?;

        open.documents().write(SLOT, &bytes)
    }

    /// Notes that `password` opens the file `identity`; what was noted after the password of `present` never came to be.
    pub(crate) fn note(
        &mut self,
        present: &[u8],
        identity: &[u8],
        password: &SecretString,
        now: i64,
    ) -> Result<(), Fault> {
        if let Some(place) = self.place(present) {
            self.passwords.truncate(place + 1);
        }
        let hash = self.stretch(password)?;
        let noted = Noted { identity: fingerprint(identity), since: now, hash };
        self.passwords.push(noted);
        let surplus = self.passwords.len().saturating_sub(usize::from(MOST_HISTORY) + 1);
        self.passwords.drain(..surplus);
        Ok(())
    }

    /// Notes that the password of the file `present` opens the file `identity` from now on, and is as old as it was.
    pub(crate) fn carry(
        &mut self,
        present: &[u8],
        identity: &[u8],
        password: &SecretString,
        now: i64,
    ) -> Result<(), Fault> {
        let since = self.since(present).unwrap_or(now);

        self.note(present, identity, password, since)
    }

    /// Tells whether `password` is one of the `last` before the one that opens the file `present`.
    pub(crate) fn had(
        &self,
        present: &[u8],
        password: &SecretString,
        last: u8,
    ) -> Result<bool, Fault> {
        if last == 0 {
            return Ok(false);
        }
        let hash = self.stretch(password)?;
        let before = self.place(present).unwrap_or(self.passwords.len());
        let mut earlier = self.passwords.iter().take(before).rev().take(usize::from(last));

        Ok(earlier.any(|noted| {
            noted.hash.len() == hash.len() && memcmp::eq(noted.hash.as_bytes(), hash.as_bytes())
        }))
    }

    /// Tells since when the password that opens the file `present` is in use, in seconds since 1970.
    pub(crate) fn since(&self, present: &[u8]) -> Option<i64> {
        self.passwords.get(self.place(present)?).map(|noted| noted.since)
    }

    fn place(&self, identity: &[u8]) -> Option<usize> {
        let fingerprint = fingerprint(identity);

        self.passwords.iter().rposition(|noted| noted.identity == fingerprint)
    }

    fn stretch(&self, password: &SecretString) -> Result<String, Fault> {
        let salt = HEXLOWER.decode(self.salt.as_bytes()).map_err(|_| Fault::damaged(SLOT.0))?;
        let iterations = usize::try_from(self.iterations).map_err(Fault::unsound)?;
        let mut hash = [0; 32];
        let password = password.expose_secret().as_bytes();
        pbkdf2_hmac(password, &salt, iterations, MessageDigest::sha256(), &mut hash)
            .map_err(Fault::unsound)?;

        Ok(HEXLOWER.encode(&hash))
    }
}

impl Open {
    /// Tells since when the present password is in use, in seconds since 1970; `None` if nobody noted that.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn password_since(&self) -> Result<Option<i64>, AccessError> {
        let Some(present) = present(&self.0.directory)? else { return Ok(None) };

        Ok(History::load(self, Cost::STANDARD)?.since(&present))
    }

    /// Notes that the container opens with `password`, as of `now` in seconds since 1970, unless that is noted already.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn note_password(
        &self,
        password: &SecretString,
        cost: Cost,
        now: i64,
    ) -> Result<(), AccessError> {
        let Some(present) = present(&self.0.directory)? else { return Ok(()) };
        let mut history = History::load(self, cost)?;
        if history.since(&present).is_some() {
            return Ok(());
        }
        history.note(&present, &present, password, now)?;

        history.save(self)
    }
}

fn present(directory: &Path) -> Result<Option<Vec<u8>>, Fault> {
    Ok(disk::read(&directory.join(IDENTITY))?.map(|blob| blob.to_vec()))
}

fn fingerprint(identity: &[u8]) -> String {
    HEXLOWER.encode(&sha256(identity))
}
