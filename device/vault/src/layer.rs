//! The second layer: AES-256-GCM under a key that is bound to this device (`docs/container.md`, "Second layer").
//!
//! ```text
//!   "CORDONL1" ‖ salt (32) ‖ ciphertext ‖ tag (16)
//!   key = HKDF-SHA-256(device-bound key, salt, "cordon-container/1" ‖ 0 ‖ purpose ‖ 0 ‖ container id ‖ 0 ‖ name)
//! ```
//! A key seals once, so its nonce is constant. A blob opens only under the name and in the container it was sealed for.

use crate::Fault;
use crate::device_key::{ContainerId, DeviceKey};
use openssl::md::Md;
use openssl::pkey::Id;
use openssl::pkey_ctx::PkeyCtx;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"CORDONL1";
const SALT: usize = 32;
const TAG: usize = 16;
/// Constant, since each key seals one blob.
const NONCE: [u8; 12] = [0; 12];

/// What a derived key is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// Authenticates the counter of wrong passwords.
    Attempts,
    /// Seals a blob.
    Layer,
}

/// Seals `content` as the blob `name` of the container.
pub(crate) fn seal(
    key: &DeviceKey,
    container: &ContainerId,
    name: &str,
    content: &[u8],
) -> Result<Vec<u8>, Fault> {
    let salt = crate::device_key::make_random::<SALT>()?;
    let key = derive_key(key, salt.as_slice(), Purpose::Layer, container, name)?;
    let mut tag = [0; TAG];
    let ciphertext =
        encrypt_aead(Cipher::aes_256_gcm(), key.as_slice(), Some(&NONCE), MAGIC, content, &mut tag)
            .map_err(Fault::unsound)?;

    Ok([MAGIC, salt.as_slice(), &ciphertext, &tag].concat())
}

/// Opens the blob `name` of the container.
pub(crate) fn open(
    key: &DeviceKey,
    container: &ContainerId,
    name: &str,
    blob: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let damaged = || Fault::damaged(name);
    let (magic, rest) = blob.split_first_chunk::<{ MAGIC.len() }>().ok_or_else(damaged)?;
    let (salt, rest) = rest.split_first_chunk::<SALT>().ok_or_else(damaged)?;
    let (ciphertext, tag) = rest.split_last_chunk::<TAG>().ok_or_else(damaged)?;
    if magic != MAGIC {
        return Err(damaged());
    }
    let key = derive_key(key, salt, Purpose::Layer, container, name)?;

    decrypt_aead(Cipher::aes_256_gcm(), key.as_slice(), Some(&NONCE), MAGIC, ciphertext, tag)
        .map(Zeroizing::new)
        .map_err(|_| damaged())
}

/// Derives the key for one blob from the device-bound key (RFC 5869).
pub(crate) fn derive_key(
    key: &DeviceKey,
    salt: &[u8],
    purpose: Purpose,
    container: &ContainerId,
    name: &str,
) -> Result<Zeroizing<[u8; 32]>, Fault> {
    let purpose = match purpose {
        Purpose::Attempts => "attempts",
        Purpose::Layer => "layer",
    };
    let info = format!("cordon-container/1\0{purpose}\0{container}\0{name}");
    let mut derived = Zeroizing::new([0; 32]);

    PkeyCtx::new_id(Id::HKDF)
        .and_then(|mut context| {
            context.derive_init()?;
            context.set_hkdf_md(Md::sha256())?;
            context.set_hkdf_salt(salt)?;
            context.set_hkdf_key(key.as_bytes())?;
            context.add_hkdf_info(info.as_bytes())?;
            context.derive(Some(derived.as_mut_slice()))
        })
        .map_err(Fault::unsound)?;
    Ok(derived)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_opens_under_its_own_name_key_and_container_alone() {
        let blob = seal(&key(1), &container(1), "identity", b"content").unwrap();

        assert_eq!(open(&key(1), &container(1), "identity", &blob).unwrap().as_slice(), b"content");
        refused(open(&key(2), &container(1), "identity", &blob));
        refused(open(&key(1), &container(2), "identity", &blob));
        refused(open(&key(1), &container(1), "session-key", &blob));
    }

    #[test]
    fn any_changed_bit_and_any_shorter_blob_is_refused() {
        let blob = seal(&key(1), &container(1), "identity", b"content").unwrap();

        for index in 0..blob.len() {
            let mut changed = blob.clone();
            changed[index] ^= 1;
            refused(open(&key(1), &container(1), "identity", &changed));
            refused(open(&key(1), &container(1), "identity", &blob[..index]));
        }
    }

    #[test]
    fn no_two_blobs_share_a_key() {
        let first = seal(&key(1), &container(1), "identity", b"content").unwrap();
        let second = seal(&key(1), &container(1), "identity", b"content").unwrap();

        assert_ne!(first[8..40], second[8..40]);
        assert_ne!(first[40..], second[40..]);
    }

    #[test]
    fn the_format_is_fixed() {
        // Written by an independent implementation of the format described above.
        let blob = data_encoding::HEXLOWER.decode(FIXED.as_bytes()).unwrap();

        assert_eq!(open(&key(7), &container(9), "files/x", &blob).unwrap().as_slice(), b"Hello");
    }

    #[track_caller]
    fn refused(result: Result<Zeroizing<Vec<u8>>, Fault>) {
        assert!(matches!(result, Err(Fault::Damaged { .. })), "{result:?}");
    }

    fn key(byte: u8) -> DeviceKey {
        DeviceKey::from_bytes(Zeroizing::new([byte; 32]))
    }

    fn container(byte: u8) -> ContainerId {
        ContainerId([byte; 16])
    }

    const FIXED: &str = "434f52444f4e4c31000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fe663563db5118e86affe79260c85f09ed736fcdd96";
}
