//! Content keys wrapped by elliptic-curve Diffie-Hellman (RFC 5753, RFC 3394, RFC 3217).

use super::Malformed;
use super::tlv::{self, Algorithm};
use const_oid::db::{rfc5753, rfc5911};
use der::asn1::ObjectIdentifier;
use openssl::aes::{AesKey, unwrap_key, wrap_key};
use openssl::cipher::Cipher;
use openssl::cipher_ctx::{CipherCtx, CipherCtxFlags};
use openssl::error::ErrorStack;
use openssl::hash::{Hasher, MessageDigest};
use openssl::nid::Nid;
use zeroize::Zeroizing;

/// The schemes that are read: standard and cofactor, which are the same on curves of prime order.
const SCHEMES: [(ObjectIdentifier, fn() -> MessageDigest); 10] = [
    (rfc5753::DH_SINGLE_PASS_STD_DH_SHA_1_KDF_SCHEME, MessageDigest::sha1),
    (rfc5753::DH_SINGLE_PASS_STD_DH_SHA_224_KDF_SCHEME, MessageDigest::sha224),
    (rfc5753::DH_SINGLE_PASS_STD_DH_SHA_256_KDF_SCHEME, MessageDigest::sha256),
    (rfc5753::DH_SINGLE_PASS_STD_DH_SHA_384_KDF_SCHEME, MessageDigest::sha384),
    (rfc5753::DH_SINGLE_PASS_STD_DH_SHA_512_KDF_SCHEME, MessageDigest::sha512),
    (rfc5753::DH_SINGLE_PASS_COFACTOR_DH_SHA_1_KDF_SCHEME, MessageDigest::sha1),
    (rfc5753::DH_SINGLE_PASS_COFACTOR_DH_SHA_224_KDF_SCHEME, MessageDigest::sha224),
    (rfc5753::DH_SINGLE_PASS_COFACTOR_DH_SHA_256_KDF_SCHEME, MessageDigest::sha256),
    (rfc5753::DH_SINGLE_PASS_COFACTOR_DH_SHA_384_KDF_SCHEME, MessageDigest::sha384),
    (rfc5753::DH_SINGLE_PASS_COFACTOR_DH_SHA_512_KDF_SCHEME, MessageDigest::sha512),
];

const WRAPS: [(ObjectIdentifier, u8); 4] = [
    (rfc5911::ID_ALG_CMS_3_DE_SWRAP, 24),
    (rfc5911::ID_AES_128_WRAP, 16),
    (rfc5911::ID_AES_192_WRAP, 24),
    (rfc5911::ID_AES_256_WRAP, 32),
];

/// How a shared secret becomes the key that wraps a content key.
pub(super) struct Agreement<'a> {
    digest: MessageDigest,
    key_length: u8,
    wrap: ObjectIdentifier,
    /// The algorithm of the wrapping as it was written, which goes into the derivation.
    written: &'a [u8],
    user_material: Option<&'a [u8]>,
}

impl<'a> Agreement<'a> {
    /// Reads the algorithm of a `KeyAgreeRecipientInfo`; none if it is not known.
    pub(super) fn read(
        algorithm: &Algorithm<'a>,
        user_material: Option<&'a [u8]>,
    ) -> Result<Option<Self>, Malformed> {
        let Some((_, digest)) = SCHEMES.into_iter().find(|(oid, _)| *oid == algorithm.oid) else {
            return Ok(None);
        };
        let wrap = algorithm.inner()?;
        let Some((_, key_length)) = WRAPS.into_iter().find(|(oid, _)| *oid == wrap.oid) else {
            return Ok(None);
        };

        Ok(Some(Self {
            digest: digest(),
            key_length,
            wrap: wrap.oid,
            written: wrap.whole,
            user_material,
        }))
    }

    /// Takes what is written here: SHA-256 and AES-256 (RFC 8551 §2.3).
    pub(super) fn usual(written: &'a [u8]) -> Self {
        let (wrap, digest) = (rfc5911::ID_AES_256_WRAP, MessageDigest::sha256());

        Self { digest, key_length: 32, wrap, written, user_material: None }
    }

    /// Unwraps a content key; none if it was not wrapped with this secret.
    pub(super) fn unwrap(&self, secret: &[u8], wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        if self.wrap == rfc5911::ID_ALG_CMS_3_DE_SWRAP {
            return triple_des(&self.derive(secret).ok()?, wrapped).ok();
        }

        unwrap_by_aes(&self.derive(secret).ok()?, wrapped)
    }

    /// Wraps a content key, whose length is a multiple of eight; none if it is not.
    pub(super) fn wrap(&self, secret: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        wrap_by_aes(&self.derive(secret).ok()?, key)
    }

    /// The key derivation of ANSI X9.63 (SEC 1 §3.6.1).
    fn derive(&self, secret: &[u8]) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
        let shared = self.shared_info();
        let mut key = Zeroizing::new(Vec::new());
        let mut counter = 1_u32;
        while key.len() < usize::from(self.key_length) {
            let mut hasher = Hasher::new(self.digest)?;
            hasher.update(secret)?;
            hasher.update(&counter.to_be_bytes())?;
            hasher.update(&shared)?;
            key.extend_from_slice(&hasher.finish()?);
            counter += 1;
        }
        key.truncate(usize::from(self.key_length));

        Ok(key)
    }

    /// `ECC-CMS-SharedInfo` (RFC 5753 §7.2).
    fn shared_info(&self) -> Vec<u8> {
        let material = self
            .user_material
            .map(|material| tlv::write(tlv::context(0), &[&tlv::octet_string(material)]));
        let bits = tlv::octet_string(&(u32::from(self.key_length) * 8).to_be_bytes());
        let bits = tlv::write(tlv::context(2), &[&bits]);

        tlv::sequence(&[self.written, &material.unwrap_or_default(), &bits])
    }
}

/// Unwraps with AES (RFC 3394), whatever a content key can be long.
fn unwrap_by_aes(key: &[u8], wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let whole = wrapped.len().is_multiple_of(8) && (24..=128).contains(&wrapped.len());
    let length = wrapped.len().checked_sub(8).filter(|_| whole)?;
    let key = AesKey::new_decrypt(key).ok()?;
    let mut unwrapped = Zeroizing::new(vec![0; length]);
    unwrap_key(&key, None, &mut unwrapped, wrapped).ok()?;

    Some(unwrapped)
}

fn wrap_by_aes(key: &[u8], content_key: &[u8]) -> Option<Vec<u8>> {
    if !content_key.len().is_multiple_of(8) {
        return None;
    }
    let key = AesKey::new_encrypt(key).ok()?;
    let mut wrapped = vec![0; content_key.len() + 8];
    wrap_key(&key, None, &mut wrapped, content_key).ok()?;

    Some(wrapped)
}

/// Unwraps with Triple DES (RFC 3217 §3.2), as senders of old mail do; nothing is written so.
fn triple_des(key: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
    let cipher = Cipher::from_nid(Nid::ID_SMIME_ALG_CMS3DESWRAP).ok_or_else(ErrorStack::get)?;
    let mut context = CipherCtx::new()?;
    context.set_flags(CipherCtxFlags::FLAG_WRAP_ALLOW);
    context.decrypt_init(Some(cipher), Some(key), None)?;
    let mut unwrapped = Zeroizing::new(Vec::new());
    context.cipher_update_vec(wrapped, &mut unwrapped)?;

    Ok(unwrapped)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use crate::vectors;

    #[test]
    fn wycheproof_agrees_on_wrapped_keys() {
        let cases = vectors::wrapped();
        let tried = cases.len();
        for case in cases {
            let unwrapped = unwrap_by_aes(&case.key, &case.wrapped).map(|key| key.to_vec());
            let expected = case.valid.then_some(case.content_key);
            // No content key is that long.
            let expected = expected.filter(|key| key.len() <= 120);
            assert_eq!(unwrapped, expected, "{}", case.name);
            let Some(content_key) = expected else { continue };
            let written = wrap_by_aes(&case.key, &content_key);
            assert_eq!(written, Some(case.wrapped), "{}", case.name);
        }
        println!("Wycheproof: {tried} wrapped keys, {tried} as expected");
    }
}
