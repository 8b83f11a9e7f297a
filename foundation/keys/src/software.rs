use crate::{KeyError, KeyTransport, PrivateKey, Signature, SignatureAlgorithm};
use openssl::derive::Deriver;
use openssl::ec::{Asn1Flag, EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::md::{Md, MdRef};
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The sizes of RSA keys that are accepted, in bits.
const RSA_BITS: std::ops::RangeInclusive<u32> = 2048..=8192;

/// A private key in memory: EC on P-256, P-384 or P-521, Ed25519, or RSA.
///
/// Clones share one key, which OpenSSL overwrites when the last of them goes.
#[derive(Clone)]
pub struct SoftwareKey(Arc<Inner>);

struct Inner {
    key: PKey<Private>,
    public: Vec<u8>,
    algorithms: &'static [SignatureAlgorithm],
}

impl SoftwareKey {
    /// Makes an EC key on P-256.
    ///
    /// # Errors
    ///
    /// [`MakeError`] if OpenSSL has no randomness or memory left.
    pub fn make_p256() -> Result<Self, MakeError> {
        make_ec(Nid::X9_62_PRIME256V1)
    }

    /// Makes an EC key on P-384.
    ///
    /// # Errors
    ///
    /// [`MakeError`] if OpenSSL has no randomness or memory left.
    pub fn make_p384() -> Result<Self, MakeError> {
        make_ec(Nid::SECP384R1)
    }

    /// Makes an RSA key of `bits` bits, 2048 to 8192.
    ///
    /// # Errors
    ///
    /// [`MakeError::Size`] for another number of bits.
    pub fn make_rsa(bits: u32) -> Result<Self, MakeError> {
        if !RSA_BITS.contains(&bits) {
            return Err(MakeError::Size(bits));
        }
        let key = Rsa::generate(bits).and_then(PKey::from_rsa).map_err(MakeError::Generator)?;

        Ok(Self::from_pkey(key).expect("keys made here are of a kind accepted here"))
    }

    /// Reads an unencrypted PKCS#8 `PrivateKeyInfo` (RFC 5958), DER.
    ///
    /// # Errors
    ///
    /// [`ReadError`] says whether the bytes are no key or a key of a kind that is not used here.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, ReadError> {
        let key = PKey::private_key_from_pkcs8(der).map_err(ReadError::Damaged)?;

        Self::from_pkey(key)
    }

    /// Writes the key as an unencrypted PKCS#8 `PrivateKeyInfo`, DER.
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        let der = self.0.key.private_key_to_pkcs8();

        Zeroizing::new(der.expect("a key that was accepted can be written"))
    }

    pub(crate) fn from_pkey(key: PKey<Private>) -> Result<Self, ReadError> {
        let algorithms = algorithms_of(&key)?;
        let public = key.public_key_to_der().map_err(ReadError::Damaged)?;

        Ok(Self(Arc::new(Inner { key, public, algorithms })))
    }

    pub(crate) fn as_pkey(&self) -> &PKey<Private> {
        &self.0.key
    }
}

impl PrivateKey for SoftwareKey {
    fn public_key(&self) -> &[u8] {
        &self.0.public
    }

    fn algorithms(&self) -> &[SignatureAlgorithm] {
        self.0.algorithms
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Signature, KeyError> {
        if !self.0.algorithms.contains(&algorithm) {
            return Err(KeyError::UnsupportedAlgorithm(algorithm));
        }

        sign(&self.0.key, algorithm, message).map(Signature).map_err(store)
    }

    fn unwrap(
        &self,
        padding: KeyTransport,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        if self.0.key.id() != Id::RSA {
            return Err(KeyError::UnsupportedTransport(padding));
        }
        let mut context = decryption(&self.0.key, padding).map_err(store)?;
        let mut content = Zeroizing::new(Vec::new());
        let size = context.decrypt(wrapped, None).map_err(|_| KeyError::Undecipherable)?;
        content.resize(size, 0);
        let length =
            context.decrypt(wrapped, Some(&mut content)).map_err(|_| KeyError::Undecipherable)?;
        content.truncate(length);

        Ok(content)
    }

    fn agree(&self, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        if self.0.key.id() != Id::EC {
            return Err(KeyError::UnsupportedAgreement);
        }

        agree(&self.0.key, peer).map(Zeroizing::new).map_err(|_| KeyError::Undecipherable)
    }
}

impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SoftwareKey({:?}, {} bits)", self.0.key.id(), self.0.key.bits())
    }
}

/// Why no key was made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// OpenSSL failed; try again later.
    #[error("the generator of keys failed")]
    Generator(#[source] ErrorStack),
    /// Ask for another size.
    #[error("RSA keys of {0} bits are not made; 2048 to 8192 are")]
    Size(u32),
}

/// Why bytes were not taken as a key.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes are not a private key.
    #[error("the private key is damaged")]
    Damaged(#[source] ErrorStack),
    /// The key is of a kind or size that is not used here.
    #[error(
        "keys of this kind are not used: {0}; RSA from 2048 bits, P-256, P-384, P-521 and Ed25519 are"
    )]
    Unsupported(String),
}

fn make_ec(curve: Nid) -> Result<SoftwareKey, MakeError> {
    let key = EcGroup::from_curve_name(curve)
        .and_then(|group| EcKey::generate(&group))
        .and_then(PKey::from_ec_key)
        .map_err(MakeError::Generator)?;

    Ok(SoftwareKey::from_pkey(key).expect("keys made here are of a kind accepted here"))
}

fn algorithms_of(key: &PKey<Private>) -> Result<&'static [SignatureAlgorithm], ReadError> {
    if key.id() == Id::RSA && RSA_BITS.contains(&key.bits()) {
        return Ok(&[SignatureAlgorithm::RsaPssSha256, SignatureAlgorithm::RsaPkcs1Sha256]);
    }
    let curve = key.ec_key().ok().and_then(|key| key.group().curve_name());
    if curve == Some(Nid::X9_62_PRIME256V1) {
        return Ok(&[SignatureAlgorithm::EcdsaP256Sha256]);
    }
    if curve == Some(Nid::SECP384R1) {
        return Ok(&[SignatureAlgorithm::EcdsaP384Sha384]);
    }
    if curve == Some(Nid::SECP521R1) {
        return Ok(&[SignatureAlgorithm::EcdsaP521Sha512]);
    }
    if key.id() == Id::ED25519 {
        return Ok(&[SignatureAlgorithm::Ed25519]);
    }

    Err(ReadError::Unsupported(format!("{:?} of {} bits", key.id(), key.bits())))
}

fn sign(
    key: &PKey<Private>,
    algorithm: SignatureAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, ErrorStack> {
    let digest = match algorithm {
        SignatureAlgorithm::EcdsaP256Sha256
        | SignatureAlgorithm::RsaPkcs1Sha256
        | SignatureAlgorithm::RsaPssSha256 => MessageDigest::sha256(),
        SignatureAlgorithm::EcdsaP384Sha384 => MessageDigest::sha384(),
        SignatureAlgorithm::EcdsaP521Sha512 => MessageDigest::sha512(),
        SignatureAlgorithm::Ed25519 => {
            return Signer::new_without_digest(key)?.sign_oneshot_to_vec(message);
        }
    };
    let mut signer = Signer::new(digest, key)?;
    if algorithm == SignatureAlgorithm::RsaPssSha256 {
        signer.set_rsa_padding(Padding::PKCS1_PSS)?;
        signer.set_rsa_mgf1_md(digest)?;
        signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
    }

    signer.sign_oneshot_to_vec(message)
}

fn decryption(key: &PKey<Private>, padding: KeyTransport) -> Result<PkeyCtx<Private>, ErrorStack> {
    let mut context = PkeyCtx::new(key)?;
    context.decrypt_init()?;
    let digest: &MdRef = match padding {
        KeyTransport::OaepSha1 => Md::sha1(),
        KeyTransport::OaepSha256 => Md::sha256(),
        KeyTransport::OaepSha384 => Md::sha384(),
        KeyTransport::OaepSha512 => Md::sha512(),
        KeyTransport::Pkcs1 => {
            context.set_rsa_padding(Padding::PKCS1)?;
            return Ok(context);
        }
        KeyTransport::Raw => {
            context.set_rsa_padding(Padding::NONE)?;
            return Ok(context);
        }
    };
    context.set_rsa_padding(Padding::PKCS1_OAEP)?;
    context.set_rsa_oaep_md(digest)?;
    context.set_rsa_mgf1_md(digest)?;

    Ok(context)
}

/// OpenSSL refuses a peer on another curve and a point that is on none; that the curve must be named (RFC 5480
/// §2.1.1) it leaves to us.
fn agree(key: &PKey<Private>, peer: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let peer = PKey::public_key_from_der(peer)?;
    if peer.ec_key()?.group().asn1_flag() != Asn1Flag::NAMED_CURVE {
        return Err(ErrorStack::get());
    }
    let mut deriver = Deriver::new(key)?;
    deriver.set_peer(&peer)?;

    deriver.derive_to_vec()
}

fn store(error: ErrorStack) -> KeyError {
    KeyError::Store(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::encrypt::Encrypter;

    #[test]
    fn a_key_survives_pkcs8() {
        let key = SoftwareKey::make_p384().unwrap();
        let again = SoftwareKey::from_pkcs8(&key.to_pkcs8()).unwrap();

        assert_eq!(again.public_key(), key.public_key());
        assert_eq!(again.algorithms(), [SignatureAlgorithm::EcdsaP384Sha384]);
    }

    #[test]
    fn junk_and_weak_keys_are_refused() {
        assert!(matches!(SoftwareKey::from_pkcs8(b"no key"), Err(ReadError::Damaged(_))));
        let weak = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
        let weak = weak.private_key_to_pkcs8().unwrap();
        assert!(matches!(SoftwareKey::from_pkcs8(&weak), Err(ReadError::Unsupported(_))));
        assert!(matches!(SoftwareKey::make_rsa(1024), Err(MakeError::Size(1024))));
    }

    #[test]
    fn a_key_signs_only_its_way() {
        let key = SoftwareKey::make_p256().unwrap();

        assert!(key.sign(SignatureAlgorithm::EcdsaP256Sha256, b"text").is_ok());
        assert!(matches!(
            key.sign(SignatureAlgorithm::RsaPssSha256, b"text"),
            Err(KeyError::UnsupportedAlgorithm(SignatureAlgorithm::RsaPssSha256))
        ));
        assert!(matches!(
            key.unwrap(KeyTransport::OaepSha256, &[0; 256]),
            Err(KeyError::UnsupportedTransport(KeyTransport::OaepSha256))
        ));
    }

    #[test]
    fn oaep_refuses_what_is_not_for_it() {
        let key = SoftwareKey::make_rsa(2048).unwrap();

        let refused = key.unwrap(KeyTransport::OaepSha256, &[7; 256]);
        assert!(matches!(refused, Err(KeyError::Undecipherable)));
    }

    #[test]
    fn a_wrong_pkcs1_padding_is_not_told() {
        let key = SoftwareKey::make_rsa(2048).unwrap();
        let mut encrypter = Encrypter::new(key.as_pkey()).unwrap();
        encrypter.set_rsa_padding(Padding::PKCS1).unwrap();
        let mut wrapped = vec![0; encrypter.encrypt_len(&[7; 32]).unwrap()];
        encrypter.encrypt(&[7; 32], &mut wrapped).unwrap();

        assert_eq!(key.unwrap(KeyTransport::Pkcs1, &wrapped).unwrap().as_slice(), [7; 32]);
        wrapped[100] ^= 1;
        let random = key.unwrap(KeyTransport::Pkcs1, &wrapped).unwrap();
        assert_ne!(random.as_slice(), [7; 32]);
    }

    #[test]
    fn two_keys_of_one_curve_agree() {
        let (one, other) = (SoftwareKey::make_p256().unwrap(), SoftwareKey::make_p256().unwrap());
        let secret = one.agree(other.public_key()).unwrap();

        assert_eq!(secret.len(), 32);
        assert_eq!(other.agree(one.public_key()).unwrap(), secret);
        let stranger = SoftwareKey::make_p384().unwrap();
        for peer in [stranger.public_key(), b"no key"] {
            assert!(matches!(one.agree(peer), Err(KeyError::Undecipherable)));
        }
        let rsa = SoftwareKey::make_rsa(2048).unwrap();
        assert!(matches!(rsa.agree(one.public_key()), Err(KeyError::UnsupportedAgreement)));
    }

    #[test]
    fn debugging_shows_no_secret() {
        let key = SoftwareKey::make_p256().unwrap();

        assert_eq!(format!("{key:?}"), "SoftwareKey(Id(408), 256 bits)");
    }
}
