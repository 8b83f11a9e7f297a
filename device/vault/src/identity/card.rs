use super::FILE;
use crate::Fault;
use crate::envelope::{self, NotOpened, Transport};
use keys::PrivateKey;
use pki::Certificate;
use std::sync::Arc;

/// A key on a smart card or token, with its certificate.
#[derive(Clone, Debug)]
pub struct CardIdentity {
    /// The key, which refuses once the card is gone.
    pub key: Arc<dyn PrivateKey>,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// The certificates that lead from it to its root, DER, as far as they are known.
    pub chain: Vec<Vec<u8>>,
    /// The key that signs mails, where the card has one of its own for that. Nothing of it is kept.
    pub signing: Option<SigningKey>,
}

/// A key that signs mails and opens nothing.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// The key, which refuses once the card is gone.
    pub key: Arc<dyn PrivateKey>,
    /// Its certificate.
    pub certificate: Certificate,
}

impl CardIdentity {
    /// Has the card open something, as it will have to; says why it cannot be used.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self.seal(b"probe") {
            Ok(_) => Ok(()),
            Err(NotOpened::Key(error)) => Err(error.to_string()),
            Err(NotOpened::Fault(fault)) => Err(fault.to_string()),
        }
    }

    /// Encrypts for the card in the best way that it opens.
    pub(super) fn seal(&self, content: &[u8]) -> Result<Vec<u8>, NotOpened> {
        let certificate = Certificate::from_der(&self.certificate)
            .map_err(|error| NotOpened::Fault(Fault::unsound(error)))?;
        let best = self.seal_by(content, &certificate, Transport::Best);
        match best {
            // Some cards take the padding off themselves, and know the old one alone.
            Err(NotOpened::Key(keys::KeyError::UnsupportedTransport(_))) => {
                self.seal_by(content, &certificate, Transport::Pkcs1)
            }
            sealed @ (Ok(_) | Err(_)) => sealed,
        }
    }

    fn seal_by(
        &self,
        content: &[u8],
        certificate: &Certificate,
        transport: Transport,
    ) -> Result<Vec<u8>, NotOpened> {
        let message =
            envelope::seal_by(content, certificate, transport).map_err(NotOpened::Fault)?;
        let opened = envelope::unseal(&message, self.key.as_ref(), certificate, FILE)?;
        if opened.as_slice() != content {
            let reason = "it does not open what is encrypted for it";
            return Err(NotOpened::Fault(Fault::unsound(reason)));
        }

        Ok(message)
    }
}
