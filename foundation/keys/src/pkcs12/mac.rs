//! Whether the file is as it was written, under this password (RFC 7292 §4, RFC 9579).

use super::asn1::{Algorithm, count, damaged, octets, sequence};
use super::budget::Budget;
use super::hash::{self, Hash, hmac};
use super::kdf::{Kdf, Pkcs12Kdf, Purpose};
use super::{OpenError, password::Password};
use der::asn1::AnyRef;
use openssl::memcmp;

/// Keys of PBMAC1 shorter than this prove nothing (RFC 9579 §5), in bytes.
const SHORTEST_KEY: usize = 20;

/// `MacData`.
pub(super) struct Mac<'a> {
    algorithm: Algorithm<'a>,
    digest: &'a [u8],
    salt: &'a [u8],
    iterations: u64,
}

impl<'a> Mac<'a> {
    pub(super) fn read(value: AnyRef<'a>) -> Result<Self, OpenError> {
        let members = sequence(value)?;
        let [info, salt, rest @ ..] = members.as_slice() else {
            return Err(OpenError::Damaged);
        };
        let info = sequence(*info)?;
        let [algorithm, digest] = info.as_slice() else {
            return Err(OpenError::Damaged);
        };

        Ok(Self {
            algorithm: Algorithm::read(*algorithm)?,
            digest: octets(*digest)?,
            salt: octets(*salt)?,
            iterations: rest.first().map_or(Ok(1), |value| count(*value))?,
        })
    }

    /// Says whether `content` is authentic; if so, `password` knows it.
    pub(super) fn verify(
        &self,
        content: &[u8],
        password: &mut Password,
        budget: &mut Budget,
    ) -> Result<bool, OpenError> {
        if self.algorithm.oid.to_string() == "1.2.840.113549.1.5.14" {
            return self.verify_pbmac1(content, password, budget);
        }
        let hash =
            Hash::from_oid(self.algorithm.oid).ok_or_else(|| self.algorithm.unsupported())?;
        let kdf = Pkcs12Kdf { hash, salt: self.salt, iterations: self.iterations };
        let mut found = None;
        for (index, form) in password.wide().enumerate() {
            let key = kdf.derive(Purpose::Mac, form, hash.size(), budget)?;
            if self.fits(&hmac(hash.message_digest(), &key, content).map_err(damaged)?) {
                found = Some(index);
                break;
            }
        }
        if let Some(index) = found {
            password.prove(index);
        }

        Ok(found.is_some())
    }

    fn verify_pbmac1(
        &self,
        content: &[u8],
        password: &mut Password,
        budget: &mut Budget,
    ) -> Result<bool, OpenError> {
        let members = self.algorithm.members()?;
        let [kdf, scheme] = members.as_slice() else {
            return Err(OpenError::Damaged);
        };
        let (kdf, scheme) = (Algorithm::read(*kdf)?, Algorithm::read(*scheme)?);
        let (kdf, length) = Kdf::read(&kdf)?;
        let length = length.filter(|length| *length >= SHORTEST_KEY).ok_or(OpenError::Damaged)?;
        let digest = hash::of_hmac(scheme.oid).ok_or_else(|| scheme.unsupported())?;
        let key = kdf.derive(password.utf8(), length, budget)?;
        let fits = self.fits(&hmac(digest, &key, content).map_err(damaged)?);
        if fits {
            password.prove(0);
        }

        Ok(fits)
    }

    fn fits(&self, digest: &[u8]) -> bool {
        digest.len() == self.digest.len() && memcmp::eq(digest, self.digest)
    }
}
