//! From a password to a key.

use super::OpenError;
use super::asn1::{Algorithm, count, damaged, is, octets};
use super::budget::Budget;
use super::hash::{self, Hash};
use der::Tag;
use openssl::hash::MessageDigest;
use openssl::pkcs5;
use zeroize::Zeroizing;

/// The most memory that scrypt may use, in bytes; [`MAX_ITERATIONS`](super::MAX_ITERATIONS) are spent before.
const MAX_MEMORY: u64 = 512 << 20;

/// How many rounds of hashing one step of scrypt counts for: it mixes 128 bytes twice, in two passes.
const SCRYPT_STEP: usize = 4;

/// What a derived key is for (RFC 7292 §B.3).
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Key = 1,
    InitialVector = 2,
    Mac = 3,
}

/// The derivation of RFC 7292 Appendix B.2.
pub(super) struct Pkcs12Kdf<'a> {
    pub(super) hash: Hash,
    pub(super) salt: &'a [u8],
    pub(super) iterations: u64,
}

impl Pkcs12Kdf<'_> {
    /// Derives `length` bytes from a password in its wide form.
    pub(super) fn derive(
        &self,
        purpose: Purpose,
        password: &[u8],
        length: usize,
        budget: &mut Budget,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        budget.spend(self.iterations, length.div_ceil(self.hash.size()))?;
        let block = self.hash.block_size();
        let (salt, password) = (filled(self.salt, block), filled(password, block));
        let mut input = Zeroizing::new(vec![purpose as u8; block]);
        input.reserve_exact(salt.len() + password.len());
        input.extend_from_slice(&salt);
        input.extend_from_slice(&password);
        let mut key = Zeroizing::new(Vec::with_capacity(length + self.hash.size()));
        while key.len() < length {
            let output = self.hash.repeat(&input, self.iterations);
            key.extend_from_slice(&output);
            for part in input.chunks_exact_mut(block).skip(1) {
                add_and_one(part, &output);
            }
        }
        key.truncate(length);

        Ok(key)
    }
}

/// Repeats `bytes` until they fill blocks; none fill none.
fn filled(bytes: &[u8], block: usize) -> Zeroizing<Vec<u8>> {
    let length = bytes.len().div_ceil(block) * block;

    Zeroizing::new(bytes.iter().copied().cycle().take(length).collect())
}

/// Adds `addend`, repeated to the same length, and one to a number of many bytes; what overflows is lost.
fn add_and_one(number: &mut [u8], addend: &[u8]) {
    let length = number.len();
    let addend: Zeroizing<Vec<u8>> =
        Zeroizing::new(addend.iter().copied().cycle().take(length).collect());
    let mut carry = 1_u16;
    for (digit, other) in number.iter_mut().zip(addend.iter()).rev() {
        let [high, low] = (u16::from(*digit) + u16::from(*other) + carry).to_be_bytes();
        *digit = low;
        carry = u16::from(high);
    }
}

/// A derivation that names itself and its parameters (RFC 8018 §5, RFC 7914).
pub(super) enum Kdf<'a> {
    Pbkdf2 { salt: &'a [u8], iterations: u64, prf: MessageDigest },
    Scrypt { salt: &'a [u8], cost: u64, block: u64, parallel: u64 },
}

impl<'a> Kdf<'a> {
    /// Reads the derivation, and the length of the key if it is told.
    pub(super) fn read(algorithm: &Algorithm<'a>) -> Result<(Self, Option<usize>), OpenError> {
        let members = algorithm.members()?;
        match (algorithm.oid.to_string().as_str(), members.as_slice()) {
            ("1.2.840.113549.1.5.12", [salt, iterations, rest @ ..]) => {
                if !is(*salt, Tag::OctetString) {
                    return Err(algorithm.unsupported());
                }
                let (length, rest) = match rest.split_first() {
                    Some((length, rest)) if is(*length, Tag::Integer) => (Some(*length), rest),
                    Some(_) | None => (None, rest),
                };
                let prf = match rest.first() {
                    Some(prf) => Self::prf(&Algorithm::read(*prf)?)?,
                    None => MessageDigest::sha1(),
                };
                let iterations = count(*iterations)?;
                Ok((
                    Self::Pbkdf2 { salt: octets(*salt)?, iterations, prf },
                    length.map(size).transpose()?,
                ))
            }
            ("1.3.6.1.4.1.11591.4.11", [salt, cost, block, parallel, rest @ ..]) => Ok((
                Self::Scrypt {
                    salt: octets(*salt)?,
                    cost: count(*cost)?,
                    block: count(*block)?,
                    parallel: count(*parallel)?,
                },
                rest.first().copied().map(size).transpose()?,
            )),
            ("1.2.840.113549.1.5.12" | "1.3.6.1.4.1.11591.4.11", _) => Err(OpenError::Damaged),
            _ => Err(algorithm.unsupported()),
        }
    }

    fn prf(algorithm: &Algorithm<'_>) -> Result<MessageDigest, OpenError> {
        hash::of_hmac(algorithm.oid).ok_or_else(|| algorithm.unsupported())
    }

    /// Derives `length` bytes.
    pub(super) fn derive(
        &self,
        password: &[u8],
        length: usize,
        budget: &mut Budget,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let mut key = Zeroizing::new(vec![0; length]);
        match *self {
            Self::Pbkdf2 { salt, iterations, prf } => {
                budget.spend(iterations, length.div_ceil(prf.size()))?;
                let iterations = i32::try_from(iterations).ok().and_then(|it| it.try_into().ok());
                let iterations = iterations.ok_or(OpenError::Damaged)?;
                pkcs5::pbkdf2_hmac(password, salt, iterations, prf, &mut key).map_err(damaged)?;
            }
            Self::Scrypt { salt, cost, block, parallel } => {
                let steps = cost.saturating_mul(block).saturating_mul(parallel);
                budget.spend(steps, SCRYPT_STEP)?;
                pkcs5::scrypt(password, salt, cost, block, parallel, MAX_MEMORY, &mut key)
                    .map_err(damaged)?;
            }
        }

        Ok(key)
    }
}

/// Reads the length of a key, in bytes.
fn size(value: der::asn1::AnyRef<'_>) -> Result<usize, OpenError> {
    const MAX_KEY: u64 = 1024;
    let size = count(value)?;
    if size > MAX_KEY {
        return Err(OpenError::Damaged);
    }

    size.try_into().map_err(damaged)
}
