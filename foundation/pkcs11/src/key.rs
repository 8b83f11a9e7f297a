use crate::{Error, Token};
use cryptoki::error::{Error as Fault, RvError};
use cryptoki::mechanism::elliptic_curve::{EcKdf, Ecdh1DeriveParams};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::types::Ulong;
use keys::{KeyError, KeyTransport, PrivateKey, Signature, SignatureAlgorithm, pkcs1, raw};
use openssl::bn::BigNumContext;
use openssl::ec::PointConversionForm;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rand::rand_bytes;
use openssl::sha::{sha256, sha384};
use std::fmt;
use zeroize::Zeroizing;

/// A private key on a token.
pub struct TokenKey {
    token: Token,
    object: ObjectHandle,
    label: String,
    id: Vec<u8>,
    uses: Uses,
    shape: Shape,
}

/// What the token lets the key do.
#[derive(Clone, Copy, Default)]
pub(crate) struct Uses {
    /// It wants the PIN at each use.
    pub(crate) asks_anew: bool,
    /// It decrypts, or agrees on secrets.
    pub(crate) recovers: bool,
    pub(crate) signs: bool,
}

/// What the public half and the token's mechanisms allow.
pub(crate) struct Shape {
    public: Vec<u8>,
    size: Size,
    algorithms: Vec<SignatureAlgorithm>,
}

#[derive(Clone, Copy)]
enum Size {
    /// The octets of a coordinate.
    Ec(usize),
    /// The bits of the modulus.
    Rsa(usize),
}

impl Shape {
    /// `None` if the key is of a kind that is not used here.
    pub(crate) fn of(public: &[u8], mechanisms: &[MechanismType]) -> Option<Self> {
        let key = PKey::public_key_from_der(public).ok()?;
        let offers = |mechanism| mechanisms.contains(&mechanism);
        let mut algorithms = Vec::new();
        let size = if key.id() == Id::RSA && (2048..=8192).contains(&key.bits()) {
            if offers(MechanismType::RSA_PKCS_PSS) || offers(MechanismType::RSA_X_509) {
                algorithms.push(SignatureAlgorithm::RsaPssSha256);
            }
            algorithms.push(SignatureAlgorithm::RsaPkcs1Sha256);
            Size::Rsa(key.bits() as usize)
        } else {
            let curve = key.ec_key().ok()?.group().curve_name()?;
            let (algorithm, size) = match curve {
                Nid::X9_62_PRIME256V1 => (SignatureAlgorithm::EcdsaP256Sha256, 32),
                Nid::SECP384R1 => (SignatureAlgorithm::EcdsaP384Sha384, 48),
                _ => return None,
            };
            algorithms.push(algorithm);
            Size::Ec(size)
        };

        Some(Self { public: public.to_vec(), size, algorithms })
    }
}

impl TokenKey {
    pub(crate) fn new(
        token: Token,
        object: ObjectHandle,
        label: String,
        id: Vec<u8>,
        uses: Uses,
        shape: Shape,
    ) -> Self {
        Self { token, object, label, id, uses, shape }
    }

    /// Returns the key's label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns the key's id, which its certificate has too.
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// Tells whether the token lets the key decrypt, or agree on secrets.
    pub fn recovers(&self) -> bool {
        self.uses.recovers
    }

    /// Tells whether the token lets the key sign.
    pub fn signs(&self) -> bool {
        self.uses.signs
    }

    /// Returns the token that the key is on.
    pub fn token(&self) -> &Token {
        &self.token
    }

    fn compute(&self, mechanism: &Mechanism<'_>, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        let session = self.token.open_session()?;
        let sign = || {
            if !self.uses.asks_anew {
                return session.sign(mechanism, self.object, data);
            }
            session.sign_init(mechanism, self.object)?;
            self.token.answer_anew(&session)?;
            session.sign_update(data)?;
            session.sign_final()
        };

        sign().map_err(refusal)
    }

    fn decrypt(&self, mechanism: &Mechanism<'_>, data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let session = self.token.session()?;
        if !self.uses.asks_anew {
            return session.decrypt(mechanism, self.object, data).map(Zeroizing::new);
        }
        session.decrypt_init(mechanism, self.object)?;
        self.token.answer_anew(&session)?;
        let mut start = Zeroizing::new(session.decrypt_update(data)?);
        start.extend_from_slice(&Zeroizing::new(session.decrypt_final()?));

        Ok(start)
    }

    /// The bare operation; always as long as the modulus.
    fn decrypt_raw(&self, data: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let found = self.decrypt(&Mechanism::RsaX509, data).map_err(refusal)?;
        let zeros = length.checked_sub(found.len()).ok_or(KeyError::Undecipherable)?;
        let mut block = Zeroizing::new(vec![0; length]);
        if let Some(end) = block.get_mut(zeros..) {
            end.copy_from_slice(&found);
        }

        Ok(block)
    }

    /// What the token refuses becomes random bytes of a random length, as [`PrivateKey::unwrap`] says.
    fn decrypt_pkcs1(&self, data: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let decoy = pkcs1::make_decoy(length - 11).map_err(store)?;
        match self.decrypt(&Mechanism::RsaPkcs, data) {
            Ok(message) => Ok(message),
            Err(fault) => {
                let refusal = refusal(fault);
                let told = matches!(refusal, KeyError::Absent | KeyError::PinRequired);
                if told { Err(refusal) } else { Ok(decoy) }
            }
        }
    }

    fn decrypt_oaep(
        &self,
        transport: KeyTransport,
        data: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let (hash, mask) = match transport {
            KeyTransport::OaepSha1 => (MechanismType::SHA1, PkcsMgfType::MGF1_SHA1),
            KeyTransport::OaepSha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
            KeyTransport::OaepSha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384),
            KeyTransport::OaepSha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512),
            KeyTransport::Pkcs1 | KeyTransport::Raw => {
                return Err(KeyError::UnsupportedTransport(transport));
            }
        };
        if !self.token.offers(MechanismType::RSA_PKCS_OAEP) {
            return Err(KeyError::UnsupportedTransport(transport));
        }
        let parameters = PkcsOaepParams::new(hash, mask, PkcsOaepSource::empty());
        self.decrypt(&Mechanism::RsaPkcsOaep(parameters), data).map_err(|fault| {
            if refuses_parameters(&fault) {
                return KeyError::UnsupportedTransport(transport);
            }
            let refusal = refusal(fault);
            let told = matches!(refusal, KeyError::Absent | KeyError::PinRequired);
            if told { refusal } else { KeyError::Undecipherable }
        })
    }

    fn sign_rsa(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        bits: usize,
    ) -> Result<Vec<u8>, KeyError> {
        if algorithm == SignatureAlgorithm::RsaPkcs1Sha256 {
            return self.compute(&Mechanism::RsaPkcs, &raw::pkcs1_digest_info(message));
        }
        if self.token.offers(MechanismType::RSA_PKCS_PSS) {
            let parameters = PkcsPssParams {
                hash_alg: MechanismType::SHA256,
                mgf: PkcsMgfType::MGF1_SHA256,
                s_len: Ulong::new(32),
            };
            return self.compute(&Mechanism::RsaPkcsPss(parameters), &sha256(message));
        }
        let mut salt = [0; 32];
        rand_bytes(&mut salt).map_err(store)?;

        self.compute(&Mechanism::RsaX509, &raw::pss_sha256(message, salt, bits)?)
    }

    fn sign_ec(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let large = algorithm == SignatureAlgorithm::EcdsaP384Sha384;
        let numbers = match (self.uses.asks_anew, large) {
            // With the PIN between beginning and end the data goes in parts, which takes a hash.
            (true, true) => self.compute(&Mechanism::EcdsaSha384, message),
            (true, false) => self.compute(&Mechanism::EcdsaSha256, message),
            (false, true) => self.compute(&Mechanism::Ecdsa, &sha384(message)),
            (false, false) => self.compute(&Mechanism::Ecdsa, &sha256(message)),
        };

        raw::ecdsa_value(&numbers?)
    }

    fn derive(&self, point: &[u8], size: usize) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let parameters = Ecdh1DeriveParams::new(EcKdf::null(), point);
        let length = Ulong::try_from(size)?;
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::GENERIC_SECRET),
            Attribute::Token(false),
            Attribute::Sensitive(false),
            Attribute::Extractable(true),
            Attribute::ValueLen(length),
        ];
        let session = self.token.session()?;
        let mechanism = Mechanism::Ecdh1Derive(parameters);
        let secret = session.derive_key(&mechanism, self.object, &template)?;
        let value = session.get_attributes(secret, &[AttributeType::Value]);
        // The object goes with the session at the latest.
        let _ = session.destroy_object(secret);
        match value?.pop() {
            Some(Attribute::Value(value)) => Ok(Zeroizing::new(value)),
            _ => Err(Fault::InvalidValue),
        }
    }
}

impl PrivateKey for TokenKey {
    fn public_key(&self) -> &[u8] {
        &self.shape.public
    }

    /// What keys of this kind sign with; whether this one may, [`signs`](TokenKey::signs) tells.
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        &self.shape.algorithms
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Signature, KeyError> {
        if !self.uses.signs || !self.shape.algorithms.contains(&algorithm) {
            return Err(KeyError::UnsupportedAlgorithm(algorithm));
        }
        match self.shape.size {
            Size::Rsa(bits) => self.sign_rsa(algorithm, message, bits),
            Size::Ec(_) => self.sign_ec(algorithm, message),
        }
        .map(Signature)
    }

    fn unwrap(
        &self,
        padding: KeyTransport,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let Size::Rsa(bits) = self.shape.size else {
            return Err(KeyError::UnsupportedTransport(padding));
        };
        if !self.uses.recovers {
            return Err(KeyError::UnsupportedTransport(padding));
        }
        let length = bits.div_ceil(8);
        if wrapped.len() != length {
            return Err(KeyError::Undecipherable);
        }
        let bare = self.token.offers(MechanismType::RSA_X_509);
        match padding {
            KeyTransport::Raw if bare => self.decrypt_raw(wrapped, length),
            KeyTransport::Raw => Err(KeyError::UnsupportedTransport(padding)),
            KeyTransport::Pkcs1 => self.decrypt_pkcs1(wrapped, length),
            KeyTransport::OaepSha1
            | KeyTransport::OaepSha256
            | KeyTransport::OaepSha384
            | KeyTransport::OaepSha512
                if bare =>
            {
                raw::unpad_oaep(padding, &self.decrypt_raw(wrapped, length)?)
            }
            KeyTransport::OaepSha1
            | KeyTransport::OaepSha256
            | KeyTransport::OaepSha384
            | KeyTransport::OaepSha512 => self.decrypt_oaep(padding, wrapped),
        }
    }

    fn agree(&self, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let Size::Ec(size) = self.shape.size else { return Err(KeyError::UnsupportedAgreement) };
        if !self.uses.recovers || !self.token.offers(MechanismType::ECDH1_DERIVE) {
            return Err(KeyError::UnsupportedAgreement);
        }
        let point = point(peer, &self.shape.public).ok_or(KeyError::Undecipherable)?;
        let secret = self.derive(&point, size).map_err(refusal)?;
        if secret.len() != size {
            return Err(KeyError::Store("the token agreed on a secret of another length".into()));
        }

        Ok(secret)
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenKey({:?} on {:?})", self.label, self.token)
    }
}

/// The uncompressed point of `peer`, which OpenSSL checks to be one of our own key's curve.
fn point(peer: &[u8], own: &[u8]) -> Option<Vec<u8>> {
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

fn refuses_parameters(fault: &Fault) -> bool {
    use RvError::{ArgumentsBad, MechanismParamInvalid};

    matches!(fault, Fault::Pkcs11(ArgumentsBad | MechanismParamInvalid, _))
}

fn refusal(fault: Fault) -> KeyError {
    Error::from_fault(fault).into()
}

fn store(error: ErrorStack) -> KeyError {
    KeyError::Store(Box::new(error))
}
