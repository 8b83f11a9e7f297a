//! What is done around the operations of a card's key, so that it signs, unwraps and agrees.

use super::family::{Block, Purpose, Way, Ways};
use super::{Application, Key, KeyType};
use crate::key::{Kind, point};
use crate::{Card, Error};
use keys::{KeyError, KeyTransport, SignatureAlgorithm, pkcs1, raw};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::rand::rand_bytes;
use openssl::rsa::Padding;
use openssl::sha::{sha256, sha384};
use openssl::sign::{RsaPssSaltlen, Verifier};
use zeroize::Zeroizing;

/// A key of a card, with how it is had to compute.
#[derive(Debug)]
pub(crate) struct Signer {
    key: Key,
    kind: Kind,
    sign: Ways,
    decipher: Ways,
    agree: Ways,
}

impl Signer {
    /// `None` if the certificate is not for a key of this kind.
    pub(crate) fn new(application: &Application, key: &Key, kind: Kind) -> Option<Self> {
        match (key.kind, kind) {
            (KeyType::Rsa, Kind::Rsa(_)) | (KeyType::Ec, Kind::P256 | Kind::P384) => {}
            (KeyType::Rsa, Kind::P256 | Kind::P384) | (KeyType::Ec, Kind::Rsa(_)) => return None,
        }

        Some(Self {
            key: key.clone(),
            kind,
            sign: application.ways(key, Purpose::Sign),
            decipher: application.ways(key, Purpose::Decipher),
            agree: application.ways(key, Purpose::Agree),
        })
    }

    /// RSASSA-PSS wants a bare operation, of which the card said that it has it.
    pub(crate) fn algorithms(&self) -> &'static [SignatureAlgorithm] {
        let bare = self.sign.known && self.sign.ways.iter().any(|way| way.block == Block::Whole);
        match self.kind {
            Kind::Rsa(_) if !bare => &[SignatureAlgorithm::RsaPkcs1Sha256],
            Kind::P256 | Kind::P384 | Kind::Rsa(_) => self.kind.algorithms(),
        }
    }

    fn compute(
        &self,
        card: &Card,
        purpose: Purpose,
        way: Way,
        input: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        card.compute_iso(|application, channel, pin| {
            application.compute(channel, pin, &self.key, purpose, way, input)
        })
    }

    /// Signs; a signature that is not right is not given out, because it can tell of the key.
    pub(crate) fn sign(
        &self,
        card: &Card,
        public: &[u8],
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        if !self.key.may_sign() || !self.algorithms().contains(&algorithm) {
            return Err(KeyError::UnsupportedAlgorithm(algorithm));
        }
        let public = PKey::public_key_from_der(public).map_err(store)?;
        let (whole, inner) = self.inputs(algorithm, message)?;
        let mut refusal = KeyError::UnsupportedAlgorithm(algorithm);
        for way in &self.sign.ways {
            let input = match way.block {
                Block::Whole => &whole,
                Block::Inner => match &inner {
                    Some(inner) => inner,
                    None => continue,
                },
            };
            match self.compute(card, Purpose::Sign, *way, input) {
                Ok(found) => {
                    let right = self.right(&public, algorithm, message, &found).map_err(store)?;
                    match right {
                        Some(signature) => return Ok(signature),
                        None => refusal = Error::Damaged("a signature that is not right").into(),
                    }
                }
                Err(error @ Error::Refused(_)) => refusal = error.into(),
                Err(error) => return Err(error.into()),
            }
        }

        Err(refusal)
    }

    /// What the operation takes: whole, and if the card pads.
    fn inputs(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<(Vec<u8>, Option<Vec<u8>>), KeyError> {
        match (self.kind, algorithm) {
            (Kind::P256, SignatureAlgorithm::EcdsaP256Sha256) => {
                Ok((sha256(message).to_vec(), None))
            }
            (Kind::P384, SignatureAlgorithm::EcdsaP384Sha384) => {
                Ok((sha384(message).to_vec(), None))
            }
            (Kind::Rsa(bits), SignatureAlgorithm::RsaPkcs1Sha256) => {
                let inner = raw::pkcs1_digest_info(message);
                Ok((raw::pkcs1_sha256(message, bits.into())?, Some(inner)))
            }
            (Kind::Rsa(bits), SignatureAlgorithm::RsaPssSha256) => {
                let mut salt = [0; 32];
                rand_bytes(&mut salt).map_err(store)?;
                Ok((raw::pss_sha256(message, salt, bits.into())?, None))
            }
            (Kind::P256 | Kind::P384 | Kind::Rsa(_), _) => {
                Err(KeyError::UnsupportedAlgorithm(algorithm))
            }
        }
    }

    /// The signature in its proper form, if it is right. ECDSA comes as DER or as two numbers in a row.
    fn right(
        &self,
        public: &PKey<Public>,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        found: &[u8],
    ) -> Result<Option<Vec<u8>>, ErrorStack> {
        let digest = match self.kind {
            Kind::Rsa(bits) => {
                let Some(signature) = lengthened(found, bits) else { return Ok(None) };
                let mut verifier = Verifier::new(MessageDigest::sha256(), public)?;
                if algorithm == SignatureAlgorithm::RsaPssSha256 {
                    verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
                    verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
                }
                let right = verifier.verify_oneshot(&signature, message)?;
                return Ok(right.then(|| signature.to_vec()));
            }
            Kind::P256 => sha256(message).to_vec(),
            Kind::P384 => sha384(message).to_vec(),
        };
        let key = public.ec_key()?;
        let right = |der: &Vec<u8>| {
            EcdsaSig::from_der(der).and_then(|it| it.verify(&digest, &key)).unwrap_or(false)
        };

        Ok(raw::ecdsa_value(found).ok().into_iter().chain([found.to_vec()]).find(right))
    }

    /// [`KeyTransport::Raw`] wants a card whose operation is bare. Which one it is, is seen by the length
    /// of what it gives, for each block anew: nobody can make the card be taken for another one.
    pub(crate) fn unwrap(
        &self,
        card: &Card,
        padding: KeyTransport,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let Kind::Rsa(bits) = self.kind else {
            return Err(KeyError::UnsupportedTransport(padding));
        };
        if !self.key.may_decrypt() {
            return Err(KeyError::UnsupportedTransport(padding));
        }
        if wrapped.len() != usize::from(bits / 8) {
            return Err(KeyError::Undecipherable);
        }
        match padding {
            KeyTransport::Raw => self.bare(card, padding, wrapped, bits),
            KeyTransport::Pkcs1 => self.inner(card, wrapped, bits),
            KeyTransport::OaepSha1
            | KeyTransport::OaepSha256
            | KeyTransport::OaepSha384
            | KeyTransport::OaepSha512 => {
                raw::unpad_oaep(padding, &self.bare(card, padding, wrapped, bits)?)
            }
        }
    }

    fn way(&self, block: Block) -> Option<Way> {
        self.decipher.ways.iter().find(|way| way.block == block).copied()
    }

    fn bare(
        &self,
        card: &Card,
        padding: KeyTransport,
        wrapped: &[u8],
        bits: u16,
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let none = || KeyError::UnsupportedTransport(padding);
        let way = self.way(Block::Whole).ok_or_else(none)?;
        match self.compute(card, Purpose::Decipher, way, wrapped) {
            // A message in its padding is shorter than the block by eleven octets at least.
            Ok(found) if self.decipher.known || found.len() + 11 > wrapped.len() => {
                lengthened(&found, bits)
                    .ok_or_else(|| Error::Damaged("a block that is longer than the modulus").into())
            }
            Ok(_) => Err(none()),
            Err(Error::Refused(_)) if !self.decipher.known => Err(none()),
            Err(error) => Err(error.into()),
        }
    }

    /// What the card takes out of the padding. What it refuses becomes random bytes of a random length.
    fn inner(
        &self,
        card: &Card,
        wrapped: &[u8],
        bits: u16,
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let longest = usize::from(bits / 8).saturating_sub(11);
        let decoy = pkcs1::make_decoy(longest).map_err(store)?;
        let way =
            self.way(Block::Inner).ok_or(KeyError::UnsupportedTransport(KeyTransport::Pkcs1))?;
        match self.compute(card, Purpose::Decipher, way, wrapped) {
            Ok(message) if message.len() <= longest => Ok(message),
            Ok(_) | Err(Error::Refused(_) | Error::Damaged(_)) => Ok(decoy),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn agree(
        &self,
        card: &Card,
        public: &[u8],
        peer: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let size = match self.kind {
            Kind::P256 => 32,
            Kind::P384 => 48,
            Kind::Rsa(_) => return Err(KeyError::UnsupportedAgreement),
        };
        let way = self.agree.ways.first().filter(|_| self.key.may_decrypt());
        let way = way.ok_or(KeyError::UnsupportedAgreement)?;
        let point = point(peer, public).ok_or(KeyError::Undecipherable)?;
        let secret = self.compute(card, Purpose::Agree, *way, &point)?;
        if secret.len() != size {
            return Err(KeyError::Store("the card agreed on a secret of another length".into()));
        }

        Ok(secret)
    }
}

impl Key {
    fn may_sign(&self) -> bool {
        crate::Slot::Iso(self.name).signs()
    }

    fn may_decrypt(&self) -> bool {
        crate::Slot::Iso(self.name).decrypts()
    }
}

/// A number in as many octets as the modulus has: some cards leave zeros away at its beginning.
fn lengthened(found: &[u8], bits: u16) -> Option<Zeroizing<Vec<u8>>> {
    let length = usize::from(bits / 8);
    let zeros = length.checked_sub(found.len())?;
    let mut block = Zeroizing::new(vec![0; length]);
    block.get_mut(zeros..)?.copy_from_slice(found);

    Some(block)
}

fn store(error: ErrorStack) -> KeyError {
    KeyError::Store(Box::new(error))
}
