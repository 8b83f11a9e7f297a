//! What cards are made of: keys, certificates, elements.

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, BigNumContext};
use openssl::derive::Deriver;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509, X509NameBuilder};

/// Makes a key on a curve.
pub(crate) fn ec(curve: Nid) -> PKey<Private> {
    let group = EcGroup::from_curve_name(curve).unwrap();

    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

/// Agrees on a secret with the holder of an uncompressed point.
pub(crate) fn agree(
    key: &PKey<Private>,
    point: &[u8],
) -> Result<Vec<u8>, openssl::error::ErrorStack> {
    let own = key.ec_key()?;
    let point = EcPoint::from_bytes(own.group(), point, &mut *BigNumContext::new()?)?;
    let peer = PKey::from_ec_key(EcKey::from_public_key(own.group(), &point)?)?;
    let mut deriver = Deriver::new(key)?;
    deriver.set_peer(&peer)?;

    deriver.derive_to_vec()
}

/// An element with its tag and length.
pub(crate) fn element(tag: u8, value: &[u8]) -> Vec<u8> {
    let [.., high, low] = value.len().to_be_bytes();
    let length = match value.len() {
        0..0x80 => vec![low],
        0x80..0x100 => vec![0x81, low],
        _ => vec![0x82, high, low],
    };

    [&[tag], &length[..], value].concat()
}

/// A certificate for a key, by itself.
pub(crate) fn self_signed(key: &PKey<Private>) -> Vec<u8> {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "A card of software").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(1_700_000_000).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(4_000_000_000).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.sign(key, MessageDigest::sha256()).unwrap();

    builder.build().to_der().unwrap()
}
