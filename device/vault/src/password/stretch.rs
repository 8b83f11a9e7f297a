//! What a password closes: the identity as PKCS#12, under a key that is stretched from the password.

use crate::Fault;
use crate::device_key::make_random;
use crate::identity::FILE as IDENTITY;
use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::HEXLOWER;
use keys::pkcs12::{self, Identity};
use zeroize::Zeroizing;

/// What it costs to try a password once (Argon2id, RFC 9106).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cost {
    /// The memory it takes, in KiB.
    pub memory_kib: u32,
    /// How often all of that is gone over.
    pub passes: u32,
    /// How often a password is stretched to be compared with earlier ones (PBKDF2-HMAC-SHA-256).
    pub iterations: u32,
}

impl Cost {
    /// What containers are made with: the second choice of RFC 9106 §4, with one lane.
    pub const STANDARD: Self = Self { memory_kib: 64 * 1024, passes: 3, iterations: 600_000 };
}

/// How files begin whose password is stretched by Argon2id; older ones are bare PKCS#12.
const MAGIC: &[u8; 8] = b"CORDONP1";
const SALT: usize = 16;
const LANES: u32 = 1;
/// The stretched password is a random key to whoever does not know the password: PKCS#12 need not stretch it again.
pub(crate) const PKCS12_ITERATIONS: u32 = 2048;
/// The most that a file may ask for, so that a damaged one does not take all memory: 1 GiB, 64 passes.
const MOST: (u32, u32) = (1024 * 1024, 64);

/// Why a file was not opened.
pub(crate) enum NotOpened {
    Fault(Fault),
    WrongPassword,
}

/// Closes an identity with a password.
pub(crate) fn seal(identity: &Identity, password: &str, cost: Cost) -> Result<Vec<u8>, Fault> {
    let salt = make_random::<SALT>()?;
    let key = stretch(password, salt.as_slice(), cost.memory_kib, cost.passes)?;
    let file = pkcs12::seal(identity, &key, PKCS12_ITERATIONS).map_err(Fault::unsound)?;
    let (memory, passes) = (cost.memory_kib.to_be_bytes(), cost.passes.to_be_bytes());

    Ok([MAGIC.as_slice(), &memory, &passes, salt.as_slice(), &file].concat())
}

/// Opens what [`seal`] closed, and what was closed before there was a stretched key.
pub(crate) fn open(file: &[u8], password: &str) -> Result<Identity, NotOpened> {
    let opened = match split(file) {
        Some((memory, passes, salt, file)) => {
            let key = stretch(password, salt, memory, passes).map_err(NotOpened::Fault)?;
            pkcs12::open(file, &key)
        }
        None => pkcs12::open(file, password),
    };

    opened.map_err(|error| match error {
        pkcs12::OpenError::WrongPassword => NotOpened::WrongPassword,
        pkcs12::OpenError::Damaged
        | pkcs12::OpenError::Key(_)
        | pkcs12::OpenError::NoCertificate
        | pkcs12::OpenError::NoKey
        | pkcs12::OpenError::OtherPassword
        | pkcs12::OpenError::SeveralIdentities { .. }
        | pkcs12::OpenError::TooExpensive { .. }
        | pkcs12::OpenError::TooLarge
        | pkcs12::OpenError::UnsupportedAlgorithm { .. } => {
            NotOpened::Fault(Fault::damaged(IDENTITY))
        }
    })
}

fn split(file: &[u8]) -> Option<(u32, u32, &[u8], &[u8])> {
    let rest = file.strip_prefix(MAGIC.as_slice())?;
    let (memory, rest) = rest.split_first_chunk::<4>()?;
    let (passes, rest) = rest.split_first_chunk::<4>()?;
    let (salt, file) = rest.split_at_checked(SALT)?;

    Some((u32::from_be_bytes(*memory), u32::from_be_bytes(*passes), salt, file))
}

/// The key as text, because PKCS#12 takes passwords: 64 hexadecimal digits.
fn stretch(
    password: &str,
    salt: &[u8],
    memory: u32,
    passes: u32,
) -> Result<Zeroizing<String>, Fault> {
    if memory > MOST.0 || passes > MOST.1 {
        return Err(Fault::damaged(IDENTITY));
    }
    let mut key = Zeroizing::new([0; 32]);
    let parameters = Params::new(memory, passes, LANES, Some(key.len()));
    let parameters = parameters.map_err(|_| Fault::damaged(IDENTITY))?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
        .hash_password_into(password.as_bytes(), salt, key.as_mut_slice())
        .map_err(|error| Fault::unsound(error.to_string()))?;

    Ok(Zeroizing::new(HEXLOWER.encode(key.as_slice())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use keys::SoftwareKey;

    const LOW: Cost = Cost { memory_kib: 64, passes: 1, iterations: 1000 };

    fn identity() -> Identity {
        let key = SoftwareKey::make_rsa(2048).unwrap();
        let template = pki::Template {
            subject: pki::Subject::new("Alice"),
            public_key: keys::PrivateKey::public_key(&key),
            not_before: time::OffsetDateTime::UNIX_EPOCH,
            not_after: time::OffsetDateTime::UNIX_EPOCH + time::Duration::days(9),
            usage: pki::Usage::EnciphermentAndSignature(pki::Purpose::EmailProtection),
            names: Vec::new(),
        };
        let serial = pki::Serial::from_random([7; 16]);
        let certificate = pki::issue(&template, None, &key, serial).unwrap();

        Identity { key, certificate: certificate.as_der().to_vec(), chain: Vec::new() }
    }

    fn is_opened(file: &[u8], password: &str) -> Option<bool> {
        match open(file, password) {
            Ok(_) => Some(true),
            Err(NotOpened::WrongPassword) => Some(false),
            Err(NotOpened::Fault(_)) => None,
        }
    }

    #[test]
    fn files_of_before_the_stretched_key_open_too() {
        let identity = identity();
        for file in [
            seal(&identity, "password", LOW).unwrap(),
            pkcs12::seal(&identity, "password", 1000).unwrap(),
        ] {
            assert_eq!(is_opened(&file, "password"), Some(true));
            assert_eq!(is_opened(&file, "Password"), Some(false));
            assert_eq!(is_opened(&file[..30], "password"), None);
        }
    }

    #[test]
    fn a_file_does_not_take_more_than_there_is() {
        let mut file = seal(&identity(), "password", LOW).unwrap();
        file[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(is_opened(&file, "password"), None);
        file[8..12].copy_from_slice(&0_u32.to_be_bytes());
        assert_eq!(is_opened(&file, "password"), None);
    }
}
