//! The counter of wrong passwords: two authenticated copies, the later one counts.
//!
//! One copy lies in the container's directory, one with the device-bound keys. Putting back an old copy of the one is
//! noticed by the other; putting back both undoes tries, which only hardware with a counter could prevent.

use crate::device_key::{ContainerId, DeviceKey, Item, KeyStore};
use crate::layer::{Purpose, derive_key};
use crate::{Fault, disk};
use data_encoding::HEXLOWER;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The name of the copy in the container's directory.
pub(crate) const FILE: &str = "attempts";

/// How many wrong passwords there were in a row, and how many delete the key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Attempts {
    /// Grows with each change, so that the later of two copies is known.
    pub(crate) sequence: u64,
    /// Tries that were begun since the last right password.
    pub(crate) failed: u8,
    /// The try that deletes the key.
    pub(crate) limit: u8,
}

impl Attempts {
    /// Returns the counter of a container whose key is deleted by the wrong password number `limit`.
    pub(crate) fn fresh(limit: u8) -> Self {
        Self { sequence: 1, failed: 0, limit: limit.max(1) }
    }

    /// Returns how many wrong passwords the key survives before the one that deletes it, and that one.
    pub(crate) fn left(self) -> u8 {
        self.limit.saturating_sub(self.failed)
    }

    /// Returns the counter with one more try begun.
    pub(crate) fn begun(self) -> Self {
        Self { sequence: self.sequence + 1, failed: self.failed.saturating_add(1), ..self }
    }

    /// Returns the counter after the right password.
    pub(crate) fn cleared(self) -> Self {
        Self { sequence: self.sequence + 1, failed: 0, ..self }
    }

    /// Returns the counter with another limit.
    pub(crate) fn limited(self, limit: u8) -> Self {
        Self { sequence: self.sequence + 1, limit: limit.max(1), ..self }
    }
}

/// Where both copies are and what authenticates them.
#[derive(Debug)]
pub(crate) struct Counter<'a> {
    pub(crate) directory: &'a Path,
    pub(crate) keys: &'a KeyStore,
    pub(crate) container: ContainerId,
    pub(crate) layer_key: &'a DeviceKey,
}

impl Counter<'_> {
    /// Returns the later of both copies.
    ///
    /// A copy that is missing or not ours is passed over; without any the container counts as damaged.
    pub(crate) fn load(&self) -> Result<Attempts, Fault> {
        let inside = disk::read(&self.directory.join(FILE))?;
        let outside = self.keys.read(Item::Attempts)?;
        let mut latest: Option<Attempts> = None;
        for copy in [inside, outside].into_iter().flatten() {
            let Some(copy) = self.parse(&copy)? else { continue };
            if latest.is_none_or(|latest| latest.sequence < copy.sequence) {
                latest = Some(copy);
            }
        }
        latest.ok_or_else(|| Fault::damaged(FILE))
    }

    /// Makes `attempts` durable in both places.
    pub(crate) fn save(&self, attempts: Attempts) -> Result<(), Fault> {
        let text = self.render(attempts)?;
        disk::write(&self.directory.join(FILE), text.as_bytes())?;
        self.keys.write(Item::Attempts, text.as_bytes())
    }

    fn parse(&self, copy: &[u8]) -> Result<Option<Attempts>, Fault> {
        let Ok(record) = serde_json::from_slice::<Record>(copy) else { return Ok(None) };
        let attempts =
            Attempts { sequence: record.sequence, failed: record.failed, limit: record.limit };
        let expected = self.authenticator(attempts)?;
        let Ok(given) = HEXLOWER.decode(record.mac.as_bytes()) else { return Ok(None) };
        let authentic = given.len() == expected.len() && openssl::memcmp::eq(&given, &expected);
        Ok(authentic.then_some(attempts))
    }

    fn render(&self, attempts: Attempts) -> Result<String, Fault> {
        let mac = HEXLOWER.encode(&self.authenticator(attempts)?);
        let Attempts { sequence, failed, limit } = attempts;
        serde_json::to_string(&Record { sequence, failed, limit, mac }).map_err(Fault::unsound)
    }

    fn authenticator(&self, attempts: Attempts) -> Result<Vec<u8>, Fault> {
        let key = derive_key(self.layer_key, &[], Purpose::Attempts, &self.container, FILE)?;
        let text = format!("{}:{}:{}", attempts.sequence, attempts.failed, attempts.limit);
        PKey::hmac(key.as_slice())
            .and_then(|key| {
                Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(text.as_bytes())
            })
            .map_err(Fault::unsound)
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Record {
    sequence: u64,
    failed: u8,
    limit: u8,
    /// HMAC-SHA-256 over `sequence:failed:limit`, hexadecimal.
    mac: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    #[test]
    fn the_stored_format_is_fixed() {
        check(|counter| {
            counter.save(Attempts { sequence: 7, failed: 2, limit: 5 }).unwrap();

            let text = std::fs::read_to_string(counter.directory.join(FILE)).unwrap();
            insta::assert_snapshot!(text, @r#"{"sequence":7,"failed":2,"limit":5,"mac":"0b89720a0d1253a255f6fd79c8cd3b08d576f6bb73d4a26b8442a891911bb412"}"#);
        });
    }

    #[test]
    fn putting_back_one_copy_changes_nothing() {
        check(|counter| {
            counter.save(Attempts::fresh(5)).unwrap();
            let old = std::fs::read(counter.directory.join(FILE)).unwrap();
            let later = Attempts::fresh(5).begun().begun();
            counter.save(later).unwrap();

            std::fs::write(counter.directory.join(FILE), &old).unwrap();
            assert_eq!(counter.load().unwrap(), later);

            counter.save(later).unwrap();
            counter.keys.write(Item::Attempts, &old).unwrap();
            assert_eq!(counter.load().unwrap(), later);
        });
    }

    #[test]
    fn a_forged_copy_is_passed_over_and_two_are_damage() {
        check(|counter| {
            counter.save(Attempts::fresh(5).begun()).unwrap();
            let text = std::fs::read_to_string(counter.directory.join(FILE)).unwrap();
            let forged = text
                .replace("\"failed\":1", "\"failed\":0")
                .replace("\"sequence\":2", "\"sequence\":9");

            std::fs::write(counter.directory.join(FILE), &forged).unwrap();
            assert_eq!(counter.load().unwrap().failed, 1);

            counter.keys.remove(Item::Attempts).unwrap();
            assert!(matches!(counter.load(), Err(Fault::Damaged { .. })));
            std::fs::remove_file(counter.directory.join(FILE)).unwrap();
            assert!(matches!(counter.load(), Err(Fault::Damaged { .. })));
        });
    }

    #[test]
    fn tries_are_counted_down_and_never_below_none() {
        let mut attempts = Attempts::fresh(2);
        let mut left = vec![attempts.left()];
        for _ in 0..3 {
            attempts = attempts.begun();
            left.push(attempts.left());
        }

        assert_eq!(left, [2, 1, 0, 0]);
        assert_eq!(attempts.cleared().left(), 2);
        assert_eq!(Attempts::fresh(0).left(), 1);
    }

    fn check(with: impl FnOnce(&Counter<'_>)) {
        let directory = tempfile::tempdir().unwrap();
        let container = ContainerId([1; 16]);
        let keys = KeyStore::files(&directory.path().join("keys"), container);
        let layer_key = DeviceKey::from_bytes(Zeroizing::new([2; 32]));

        with(&Counter {
            directory: directory.path(),
            keys: &keys,
            container,
            layer_key: &layer_key,
        });
    }
}
