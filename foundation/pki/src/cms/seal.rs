use super::agreement::Agreement;
use super::cipher::ContentCipher;
use super::sign::issuer_and_serial;
use super::tlv::{self, context, primitive};
use super::{AUTH_ENVELOPED_DATA, Capabilities};
use crate::Certificate;
use const_oid::db::{rfc5753, rfc5911, rfc5912};
use openssl::derive::Deriver;
use openssl::ec::EcKey;
use openssl::encrypt::Encrypter;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Padding;
use openssl::symm::{self, Cipher, Crypter, Mode};
use zeroize::Zeroizing;

/// Random bytes for one message; using them for a second one breaks both.
pub struct Fresh {
    /// The content key.
    pub key: Zeroizing<[u8; 32]>,
    /// The nonce of AES-GCM; other ciphers derive theirs from it.
    pub nonce: [u8; 12],
}

impl std::fmt::Debug for Fresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fresh")
    }
}

/// For whom a message is encrypted.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// Their certificate.
    pub certificate: &'a Certificate,
    /// What their mail program can read, if it ever said so.
    pub capabilities: Option<&'a Capabilities>,
}

/// The ciphers that a message may be written with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Choice {
    /// AES with 256 bits alone.
    Aes,
    /// Triple DES too, for recipients who say that they read nothing better.
    AesOrTripleDes,
}

/// Chooses the best cipher that all recipients can read: AES-256-GCM if all of them say so, else
/// AES-256-CBC, which every program reads that is younger than 2009 (RFC 5751 §2.7).
pub fn choose(recipients: &[Recipient<'_>], choice: Choice) -> ContentCipher {
    let say = |capable: fn(&Capabilities) -> bool, recipient: &Recipient<'_>| {
        recipient.capabilities.is_some_and(capable)
    };
    let old = |it: &Capabilities| it.reads(ContentCipher::TripleDesCbc) && !it.reads_aes();
    if choice == Choice::AesOrTripleDes && recipients.iter().any(|it| say(old, it)) {
        return ContentCipher::TripleDesCbc;
    }
    let gcm = |it: &Capabilities| it.reads(ContentCipher::Aes256Gcm);
    if recipients.iter().all(|it| say(gcm, it)) {
        return ContentCipher::Aes256Gcm;
    }

    ContentCipher::Aes256Cbc
}

/// Encrypts `content` for the holders of `recipients` as a DER `ContentInfo` with AuthEnvelopedData:
/// AES-256-GCM, the key wrapped by RSA-OAEP with SHA-256, or by ECDH for EC keys.
///
/// # Errors
///
/// [`SealError`] if there is no recipient, or one whose key cannot be encrypted for.
pub fn seal(
    content: &[u8],
    recipients: &[&Certificate],
    fresh: Fresh,
) -> Result<Vec<u8>, SealError> {
    let own = Capabilities::own();
    let recipient = |certificate| Recipient { certificate, capabilities: Some(&own) };
    let recipients: Vec<_> = recipients.iter().copied().map(recipient).collect();

    encrypt(content, &recipients, ContentCipher::Aes256Gcm, fresh)
}

/// Encrypts `content` for the holders of certificates as a DER `ContentInfo`.
///
/// Keys are wrapped by RSA-OAEP with SHA-256 for who says that they read it, by RSA PKCS#1 v1.5 for
/// others with RSA (RFC 8551 §2.3), and by ECDH with SHA-256 and AES-256 for those with EC keys.
///
/// # Errors
///
/// [`SealError`] if there is no recipient, or one whose key cannot be encrypted for, or if `cipher` is
/// one that is only read.
pub fn encrypt(
    content: &[u8],
    recipients: &[Recipient<'_>],
    cipher: ContentCipher,
    fresh: Fresh,
) -> Result<Vec<u8>, SealError> {
    if recipients.is_empty() {
        return Err(SealError::NoRecipient);
    }
    if let ContentCipher::Rc2Cbc { .. } = cipher {
        return Err(SealError::UnsupportedCipher(cipher.name()));
    }
    let key = fresh.key.get(..cipher.key_length()).unwrap_or_default();
    let infos: Result<Vec<_>, _> =
        recipients.iter().map(|recipient| wrap(*recipient, key)).collect();
    let infos = infos?;
    let agreed = infos.iter().any(|info| info.first() == Some(&context(1)));
    let infos = tlv::set_of(tlv::SET, infos);
    let (parameters, encrypted, tag) = match cipher {
        ContentCipher::Aes128Gcm | ContentCipher::Aes192Gcm | ContentCipher::Aes256Gcm => {
            let mut tag = [0; 16];
            let gcm = openssl_cipher(cipher);
            let encrypted =
                symm::encrypt_aead(gcm, key, Some(&fresh.nonce), &[], content, &mut tag)
                    .map_err(SealError::Encryption)?;
            let nonce = tlv::octet_string(&fresh.nonce);
            (tlv::sequence(&[&nonce, &tlv::integer(16)]), encrypted, Some(tag))
        }
        ContentCipher::Aes128Cbc
        | ContentCipher::Aes192Cbc
        | ContentCipher::Aes256Cbc
        | ContentCipher::TripleDesCbc
        | ContentCipher::Rc2Cbc { .. } => {
            let iv = initialisation_vector(cipher, key, &fresh.nonce);
            let iv = iv.map_err(SealError::Encryption)?;
            let encrypted = symm::encrypt(openssl_cipher(cipher), key, Some(&iv), content)
                .map_err(SealError::Encryption)?;
            (tlv::octet_string(&iv), encrypted, None)
        }
    };
    let algorithm = tlv::sequence(&[&tlv::oid(cipher.oid()), &parameters]);
    let encrypted = tlv::write(primitive(0), &[&encrypted]);
    let info = tlv::sequence(&[&tlv::oid(rfc5911::ID_DATA), &algorithm, &encrypted]);
    let (kind, message) = match tag {
        Some(tag) => {
            let parts = [&tlv::integer(0)[..], &infos, &info, &tlv::octet_string(&tag)];
            (AUTH_ENVELOPED_DATA, tlv::sequence(&parts))
        }
        // The version says whether there are recipients of other kinds than RSA (RFC 5652 §6.1).
        None => {
            let version = tlv::integer(if agreed { 2 } else { 0 });
            (rfc5911::ID_ENVELOPED_DATA, tlv::sequence(&[&version, &infos, &info]))
        }
    };

    Ok(tlv::sequence(&[&tlv::oid(kind), &tlv::write(context(0), &[&message])]))
}

/// Why a message was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// OpenSSL failed; try again later.
    #[error("the encryption failed")]
    Encryption(#[source] ErrorStack),
    /// Name at least one recipient.
    #[error("the message has no recipient")]
    NoRecipient,
    /// Choose another cipher.
    #[error("{0} is read and not written")]
    UnsupportedCipher(String),
    /// The recipient needs a certificate with a strong RSA or EC key that is meant for it.
    #[error("{0}: the key is neither RSA of at least 2048 bits nor EC, or is for other uses")]
    UnsupportedKey(String),
}

fn openssl_cipher(cipher: ContentCipher) -> Cipher {
    match cipher {
        ContentCipher::Aes128Cbc => Cipher::aes_128_cbc(),
        ContentCipher::Aes128Gcm => Cipher::aes_128_gcm(),
        ContentCipher::Aes192Cbc => Cipher::aes_192_cbc(),
        ContentCipher::Aes192Gcm => Cipher::aes_192_gcm(),
        ContentCipher::Aes256Cbc | ContentCipher::Rc2Cbc { .. } => Cipher::aes_256_cbc(),
        ContentCipher::Aes256Gcm => Cipher::aes_256_gcm(),
        ContentCipher::TripleDesCbc => Cipher::des_ede3_cbc(),
    }
}

/// Encrypts the nonce as one block, which makes a vector that nobody foretells (SP 800-38A, appendix C).
fn initialisation_vector(
    cipher: ContentCipher,
    key: &[u8],
    nonce: &[u8; 12],
) -> Result<Vec<u8>, ErrorStack> {
    let cipher = openssl_cipher(cipher);
    let size = cipher.block_size();
    let block: Vec<u8> = nonce.iter().copied().chain([0; 4]).take(size).collect();
    let mut crypter = Crypter::new(cipher, Mode::Encrypt, key, Some(&vec![0; size]))?;
    crypter.pad(false);
    let mut vector = vec![0; 2 * size];
    let written = crypter.update(&block, &mut vector)?;
    vector.truncate(written);

    Ok(vector)
}

fn wrap(recipient: Recipient<'_>, key: &[u8]) -> Result<Vec<u8>, SealError> {
    let certificate = recipient.certificate;
    if !certificate.is_for_encryption() || !certificate.key_kind().is_strong() {
        return Err(SealError::UnsupportedKey(certificate.subject()));
    }
    let public = PKey::public_key_from_der(certificate.public_key());
    let public = public.map_err(SealError::Encryption)?;
    let issuer_and_serial = issuer_and_serial(certificate);
    if public.id() == Id::EC {
        return agree(&public, &issuer_and_serial, key).map_err(SealError::Encryption);
    }
    if public.id() != Id::RSA {
        return Err(SealError::UnsupportedKey(certificate.subject()));
    }
    let oaep = recipient.capabilities.is_some_and(Capabilities::reads_oaep);
    let algorithm = if oaep { oaep_sha256() } else { tlv::algorithm_null(rfc5912::RSA_ENCRYPTION) };
    let wrapped = encrypt_key(&public, oaep, key).map_err(SealError::Encryption)?;
    let wrapped = tlv::octet_string(&wrapped);

    Ok(tlv::sequence(&[&tlv::integer(0), &issuer_and_serial, &algorithm, &wrapped]))
}

fn encrypt_key(public: &PKey<Public>, oaep: bool, key: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let mut encrypter = Encrypter::new(public)?;
    if oaep {
        encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
        encrypter.set_rsa_oaep_md(MessageDigest::sha256())?;
        encrypter.set_rsa_mgf1_md(MessageDigest::sha256())?;
    } else {
        encrypter.set_rsa_padding(Padding::PKCS1)?;
    }
    let mut wrapped = vec![0; encrypter.encrypt_len(key)?];
    let length = encrypter.encrypt(key, &mut wrapped)?;
    wrapped.truncate(length);

    Ok(wrapped)
}

/// `RSAES-OAEP-params` with SHA-256 (RFC 4055 §4.1).
pub(super) fn oaep_sha256() -> Vec<u8> {
    let hash = tlv::algorithm_null(rfc5912::ID_SHA_256);
    let mask = tlv::sequence(&[&tlv::oid(rfc5912::ID_MGF_1), &hash]);
    let parameters =
        tlv::sequence(&[&tlv::write(context(0), &[&hash]), &tlv::write(context(1), &[&mask])]);

    tlv::sequence(&[&tlv::oid(rfc5912::ID_RSAES_OAEP), &parameters])
}

/// Makes a `KeyAgreeRecipientInfo` with a key for this once (RFC 5753 §3.1.1).
fn agree(recipient: &PKey<Public>, identifier: &[u8], key: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let group = recipient.ec_key()?;
    let ephemeral = PKey::from_ec_key(EcKey::generate(group.group())?)?;
    let mut deriver = Deriver::new(&ephemeral)?;
    deriver.set_peer(recipient)?;
    let secret = Zeroizing::new(deriver.derive_to_vec()?);
    let wrap = tlv::algorithm(rfc5911::ID_AES_256_WRAP);
    let wrapped = Agreement::usual(&wrap).wrap(&secret, key).ok_or_else(ErrorStack::get)?;
    let point = point(&ephemeral.public_key_to_der()?);
    // The curve is that of the recipient's key and is left out.
    let originator = tlv::write(
        context(1),
        &[&tlv::algorithm(rfc5753::ID_EC_PUBLIC_KEY), &tlv::write(tlv::BIT_STRING, &[&point])],
    );
    let algorithm =
        tlv::sequence(&[&tlv::oid(rfc5753::DH_SINGLE_PASS_STD_DH_SHA_256_KDF_SCHEME), &wrap]);
    let keys = tlv::sequence(&[&tlv::sequence(&[identifier, &tlv::octet_string(&wrapped)])]);

    Ok(tlv::write(
        context(1),
        &[&tlv::integer(3), &tlv::write(context(0), &[&originator]), &algorithm, &keys],
    ))
}

/// Cuts the BIT STRING's content out of a `SubjectPublicKeyInfo`.
fn point(public_key: &[u8]) -> Vec<u8> {
    let info = tlv::Values::new(public_key).any();
    let values = info.and_then(|info| info.values().all()).unwrap_or_default();

    values.last().map(|point| point.content.to_vec()).unwrap_or_default()
}
