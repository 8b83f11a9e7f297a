//! A private key on a card.

use crate::{Card, Slot, iso, tlv};
use keys::{KeyError, KeyTransport, PrivateKey, Signature, SignatureAlgorithm, raw};
use openssl::bn::BigNumContext;
use openssl::ec::PointConversionForm;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rand::rand_bytes;
use openssl::sha::{sha256, sha384};
use openssl::x509::X509;
use std::fmt;
use zeroize::Zeroizing;

/// A private key on a card, which computes there and nowhere else.
pub struct CardKey {
    card: Card,
    slot: Slot,
    certificate: Vec<u8>,
    public: Vec<u8>,
    kind: Kind,
    engine: Engine,
}

/// By whose commands it computes.
enum Engine {
    Iso(Box<iso::Signer>),
    Piv,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    P256,
    P384,
    /// The bits of the modulus.
    Rsa(u16),
}

impl Kind {
    fn of(key: &PKey<Public>) -> Option<Self> {
        if key.id() == Id::RSA {
            let bits = u16::try_from(key.bits()).ok()?;
            return matches!(bits, 2048 | 3072 | 4096).then_some(Self::Rsa(bits));
        }
        match key.ec_key().ok()?.group().curve_name()? {
            Nid::X9_62_PRIME256V1 => Some(Self::P256),
            Nid::SECP384R1 => Some(Self::P384),
            _ => None,
        }
    }

    /// The algorithm's identifier (SP 800-78-5 table 5).
    fn identifier(self) -> u8 {
        match self {
            Self::P256 => 0x11,
            Self::P384 => 0x14,
            Self::Rsa(3072) => 0x05,
            Self::Rsa(4096) => 0x16,
            Self::Rsa(_) => 0x07,
        }
    }

    pub(crate) fn algorithms(self) -> &'static [SignatureAlgorithm] {
        match self {
            Self::P256 => &[SignatureAlgorithm::EcdsaP256Sha256],
            Self::P384 => &[SignatureAlgorithm::EcdsaP384Sha384],
            Self::Rsa(_) => &[SignatureAlgorithm::RsaPssSha256, SignatureAlgorithm::RsaPkcs1Sha256],
        }
    }
}

impl CardKey {
    pub(crate) fn new(card: Card, slot: Slot, certificate: &[u8]) -> Option<Self> {
        let key = X509::from_der(certificate).ok()?.public_key().ok()?;
        let kind = Kind::of(&key)?;
        let public = key.public_key_to_der().ok()?;
        let engine = match card.iso() {
            Some(application) => {
                Engine::Iso(Box::new(iso::Signer::new(application, application.key(slot)?, kind)?))
            }
            None => Engine::Piv,
        };

        Some(Self { card, slot, certificate: certificate.to_vec(), public, kind, engine })
    }

    /// Returns the key's certificate, DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Returns where on the card the key is.
    pub fn slot(&self) -> Slot {
        self.slot
    }

    fn compute(&self, tag: u8, input: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let (mut content, mut template) = (Vec::new(), Vec::new());
        tlv::push(&mut content, 0x82, b"");
        tlv::push(&mut content, tag, input);
        tlv::push(&mut template, 0x7c, &content);

        Ok(self.card.compute_piv(self.kind.identifier(), self.slot, &template)?)
    }

    /// The bare RSA operation; always as long as the modulus.
    fn bare(&self, block: &[u8], bits: u16) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let result = self.compute(0x81, block)?;
        if result.len() != usize::from(bits / 8) {
            return Err(KeyError::Store("the card computed a block of another length".into()));
        }

        Ok(result)
    }
}

impl CardKey {
    fn sign_piv(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = match (self.kind, algorithm) {
            (Kind::P256, SignatureAlgorithm::EcdsaP256Sha256) => {
                self.compute(0x81, &sha256(message))?
            }
            (Kind::P384, SignatureAlgorithm::EcdsaP384Sha384) => {
                self.compute(0x81, &sha384(message))?
            }
            (Kind::Rsa(bits), SignatureAlgorithm::RsaPkcs1Sha256) => {
                self.bare(&raw::pkcs1_sha256(message, bits.into())?, bits)?
            }
            (Kind::Rsa(bits), SignatureAlgorithm::RsaPssSha256) => {
                let mut salt = [0; 32];
                rand_bytes(&mut salt).map_err(|error| KeyError::Store(Box::new(error)))?;
                self.bare(&raw::pss_sha256(message, salt, bits.into())?, bits)?
            }
            (Kind::P256 | Kind::P384 | Kind::Rsa(_), _) => {
                return Err(KeyError::UnsupportedAlgorithm(algorithm));
            }
        };

        Ok(signature.to_vec())
    }

    fn unwrap_piv(
        &self,
        padding: KeyTransport,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let Kind::Rsa(bits) = self.kind else {
            return Err(KeyError::UnsupportedTransport(padding));
        };
        if wrapped.len() != usize::from(bits / 8) {
            return Err(KeyError::Undecipherable);
        }
        match padding {
            KeyTransport::Raw => self.bare(wrapped, bits),
            KeyTransport::Pkcs1 => Err(KeyError::UnsupportedTransport(padding)),
            KeyTransport::OaepSha1
            | KeyTransport::OaepSha256
            | KeyTransport::OaepSha384
            | KeyTransport::OaepSha512 => raw::unpad_oaep(padding, &self.bare(wrapped, bits)?),
        }
    }

    fn agree_piv(&self, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let size = match self.kind {
            Kind::P256 => 32,
            Kind::P384 => 48,
            Kind::Rsa(_) => return Err(KeyError::UnsupportedAgreement),
        };
        let point = point(peer, &self.public).ok_or(KeyError::Undecipherable)?;
        let secret = self.compute(0x85, &point)?;
        if secret.len() != size {
            return Err(KeyError::Store("the card agreed on a secret of another length".into()));
        }

        Ok(secret)
    }
}

impl PrivateKey for CardKey {
    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn algorithms(&self) -> &[SignatureAlgorithm] {
        match &self.engine {
            Engine::Iso(signer) => signer.algorithms(),
            Engine::Piv => self.kind.algorithms(),
        }
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Signature, KeyError> {
        match &self.engine {
            Engine::Iso(signer) => signer.sign(&self.card, &self.public, algorithm, message),
            Engine::Piv => self.sign_piv(algorithm, message),
        }
        .map(Signature)
    }

    /// A PIV card leaves [`KeyTransport::Pkcs1`] to the caller, who knows the length: see
    /// [`KeyTransport::Raw`].
    fn unwrap(
        &self,
        padding: KeyTransport,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match &self.engine {
            Engine::Iso(signer) => signer.unwrap(&self.card, padding, wrapped),
            Engine::Piv => self.unwrap_piv(padding, wrapped),
        }
    }

    fn agree(&self, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match &self.engine {
            Engine::Iso(signer) => signer.agree(&self.card, &self.public, peer),
            Engine::Piv => self.agree_piv(peer),
        }
    }
}

impl fmt::Debug for CardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardKey({} of {:?})", self.slot, self.card)
    }
}

/// The uncompressed point of `peer`, if it is one of our own key's curve.
pub(crate) fn point(peer: &[u8], own: &[u8]) -> Option<Vec<u8>> {
    let read = |der| PKey::<Public>::public_key_from_der(der)?.ec_key();
    let (peer, own) = (read(peer).ok()?, read(own).ok()?);
    if peer.group().curve_name()? != own.group().curve_name()? {
        return None;
    }
    peer.check_key().ok()?;
    let mut context = BigNumContext::new().ok()?;
    let form = PointConversionForm::UNCOMPRESSED;

    peer.public_key().to_bytes(peer.group(), form, &mut context).ok()
}
