//! The first layer: a CMS message for the user's certificate, with a key of its own.

use crate::Fault;
use crate::device_key::make_random;
use keys::{KeyError, PrivateKey};
use pki::cms::{Capabilities, ContentCipher, OpenError, Recipient};
use pki::{Certificate, cms};
use std::sync::Arc;
use zeroize::Zeroizing;

/// How the key of a message is wrapped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Transport {
    /// By RSA-OAEP, or by ECDH.
    Best,
    /// By RSA PKCS#1 v1.5, for cards that take off no other padding.
    Pkcs1,
}

/// Why a message was not opened.
#[derive(Debug)]
pub(crate) enum NotOpened {
    Fault(Fault),
    Key(KeyError),
}

impl From<NotOpened> for Fault {
    fn from(error: NotOpened) -> Self {
        match error {
            NotOpened::Fault(fault) => fault,
            NotOpened::Key(error) => Self::unsound(error),
        }
    }
}

/// Encrypts `content` for the holder of `certificate` (RFC 5083, RFC 5084).
pub(crate) fn seal(content: &[u8], certificate: &Certificate) -> Result<Vec<u8>, Fault> {
    seal_by(content, certificate, Transport::Best)
}

/// Encrypts `content` for the holder of `certificate` in one way.
pub(crate) fn seal_by(
    content: &[u8],
    certificate: &Certificate,
    transport: Transport,
) -> Result<Vec<u8>, Fault> {
    let fresh = cms::Fresh { key: make_random()?, nonce: *make_random()? };
    let own = Capabilities::own();
    let capabilities = match transport {
        Transport::Best => Some(&own),
        Transport::Pkcs1 => None,
    };
    let recipient = Recipient { certificate, capabilities };

    cms::encrypt(content, &[recipient], ContentCipher::Aes256Gcm, fresh).map_err(Fault::unsound)
}

/// Decrypts the message that is stored as `name`, with the one of the keys that it is for.
pub(crate) fn open(
    message: &[u8],
    holders: &[(Arc<dyn PrivateKey>, Certificate)],
    name: &str,
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    for (key, certificate) in holders {
        match cms::open(message, key.as_ref(), certificate) {
            Err(OpenError::NotARecipient) => {}
            opened @ (Ok(_) | Err(_)) => {
                return Ok(opened.map_err(|error| not_opened(error, name))?);
            }
        }
    }

    Err(Fault::damaged(name))
}

/// Decrypts the message that is stored as `name`, and says if the key refused.
pub(crate) fn unseal(
    message: &[u8],
    key: &dyn PrivateKey,
    certificate: &Certificate,
    name: &str,
) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
    cms::open(message, key, certificate).map_err(|error| not_opened(error, name))
}

fn not_opened(error: OpenError, name: &str) -> NotOpened {
    match error {
        OpenError::Key(error) => NotOpened::Key(error),
        OpenError::Damaged(_)
        | OpenError::NotARecipient
        | OpenError::Undecipherable
        | OpenError::UnsupportedAlgorithm(_) => NotOpened::Fault(Fault::damaged(name)),
    }
}
