//! Keys that the user had before: what was encrypted for them stays readable (`docs/container.md`, "former-keys").
//!
//! ```text
//!   "CORDONF1" ‖ (n ‖ certificate (n) ‖ m ‖ PKCS#8 (m))*
//! ```
//! Lengths are four bytes, big-endian. The oldest comes first.

use crate::identity::lengths::{split, with_length};
use crate::{AccessError, Fault, Open, Slot};
use keys::SoftwareKey;
use keys::pkcs12::Identity;
use pki::Certificate;
use zeroize::Zeroizing;

const SLOT: Slot = Slot("former-keys");
const MAGIC: &[u8; 8] = b"CORDONF1";

/// A key that the user had before.
#[derive(Clone, Debug)]
pub(crate) struct FormerKey {
    pub(crate) key: SoftwareKey,
    pub(crate) certificate: Certificate,
}

/// Reads them, the oldest first.
pub(crate) fn load(open: &Open) -> Result<Vec<FormerKey>, AccessError> {
    let damaged = || Fault::damaged(SLOT.0);
    let Some(bytes) = open.documents().read(SLOT)? else { return Ok(Vec::new()) };
    let mut rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or_else(damaged)?;
    let mut keys = Vec::new();
    while !rest.is_empty() {
        let (certificate, after) = split(rest).ok_or_else(damaged)?;
        let (key, after) = split(after).ok_or_else(damaged)?;
        keys.push(FormerKey {
            key: SoftwareKey::from_pkcs8(key).map_err(|_| damaged())?,
            certificate: Certificate::from_der(certificate).map_err(|_| damaged())?,
        });
        rest = after;
    }

    Ok(keys)
}

/// Adds a key, unless it is there with the same certificate; durable on return.
pub(crate) fn add(open: &Open, identity: &Identity) -> Result<(), AccessError> {
    let documents = open.documents();
    if load(open)?.iter().any(|former| former.certificate.as_der() == identity.certificate) {
        return Ok(());
    }
    let present = documents.read(SLOT)?;
    let present = present.as_ref().map_or(MAGIC.as_slice(), |bytes| bytes.as_slice());
    let (certificate, key) = (with_length(&identity.certificate), identity.key.to_pkcs8());
    let key = Zeroizing::new(with_length(&key));
    let content = Zeroizing::new([present, &certificate, &key].concat());

    documents.write(SLOT, &content)
}
