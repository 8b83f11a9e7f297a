//! The first layer: a CMS message for the user's certificate, with a key of its own.

use crate::Fault;
use crate::device_key::make_random;
use keys::PrivateKey;
use pki::{Certificate, cms};
use zeroize::Zeroizing;

/// Encrypts `content` for the holder of `certificate` (RFC 5083, RFC 5084).
pub(crate) fn seal(content: &[u8], certificate: &Certificate) -> Result<Vec<u8>, Fault> {
    let fresh = cms::Fresh { key: make_random()?, nonce: *make_random()? };
    cms::seal(content, &[certificate], fresh).map_err(Fault::unsound)
}

/// Decrypts the message that is stored as `name`.
pub(crate) fn open(
    message: &[u8],
    key: &dyn PrivateKey,
    certificate: &Certificate,
    name: &str,
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    cms::open(message, key, certificate).map_err(|error| match error {
        cms::OpenError::Key(error) => Fault::unsound(error),
        cms::OpenError::Damaged(_)
        | cms::OpenError::NotARecipient
        | cms::OpenError::Undecipherable
        | cms::OpenError::UnsupportedAlgorithm(_) => Fault::damaged(name),
    })
}
