//! The public half of a key on a token, from wherever the token keeps it.

use crate::Error;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::X509;

/// The DER of the object identifiers by which `CKA_EC_PARAMS` names a curve.
pub(crate) const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
pub(crate) const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];

/// Returns the `SubjectPublicKeyInfo` of a private key: from what the key itself says, from the public
/// key with the same id, or from the certificate with it.
pub(crate) fn of(
    session: &Session,
    private: ObjectHandle,
    id: &[u8],
) -> Result<Option<Vec<u8>>, Error> {
    if let Some(public) = read(session, private)? {
        return Ok(Some(public));
    }
    if id.is_empty() {
        return Ok(None);
    }
    for class in [ObjectClass::PUBLIC_KEY, ObjectClass::CERTIFICATE] {
        let template = [Attribute::Class(class), Attribute::Id(id.to_vec())];
        for object in session.find_objects(&template).map_err(Error::from_fault)? {
            if let Some(public) = read(session, object)? {
                return Ok(Some(public));
            }
        }
    }

    Ok(None)
}

fn read(session: &Session, object: ObjectHandle) -> Result<Option<Vec<u8>>, Error> {
    let class = session.get_attributes(object, &[AttributeType::Class]);
    let certificate = matches!(
        class.map_err(Error::from_fault)?.as_slice(),
        [Attribute::Class(class)] if *class == ObjectClass::CERTIFICATE
    );
    // CKA_VALUE of a private key is the key.
    let wanted: &[AttributeType] = if certificate {
        &[AttributeType::Value]
    } else {
        &[
            AttributeType::Modulus,
            AttributeType::PublicExponent,
            AttributeType::EcParams,
            AttributeType::EcPoint,
        ]
    };
    let (mut modulus, mut exponent, mut curve, mut point) = (None, None, None, None);
    for attribute in session.get_attributes(object, wanted).map_err(Error::from_fault)? {
        #[expect(clippy::wildcard_enum_match_arm, reason = "only what was asked for comes")]
        match attribute {
            Attribute::Value(der) => return Ok(of_certificate(&der).ok()),
            Attribute::Modulus(octets) => modulus = Some(octets),
            Attribute::PublicExponent(octets) => exponent = Some(octets),
            Attribute::EcParams(octets) => curve = Some(octets),
            Attribute::EcPoint(octets) => point = Some(octets),
            _ => {}
        }
    }
    if let (Some(modulus), Some(exponent)) = (modulus, exponent) {
        return Ok(rsa(&modulus, &exponent).ok());
    }
    let (Some(curve), Some(point)) = (curve, point) else { return Ok(None) };

    Ok(ec(&curve, &point))
}

fn of_certificate(der: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    X509::from_der(der)?.public_key()?.public_key_to_der()
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let (modulus, exponent) = (BigNum::from_slice(modulus)?, BigNum::from_slice(exponent)?);

    PKey::from_rsa(Rsa::from_public_components(modulus, exponent)?)?.public_key_to_der()
}

fn ec(curve: &[u8], point: &[u8]) -> Option<Vec<u8>> {
    let (name, size) = match curve {
        P256 => (Nid::X9_62_PRIME256V1, 65),
        P384 => (Nid::SECP384R1, 97),
        _ => return None,
    };
    // As the standard says in an OCTET STRING, or bare as some modules give it.
    let point = point.get(point.len().checked_sub(size)?..)?;
    let encode = || {
        let group = EcGroup::from_curve_name(name)?;
        let mut context = openssl::bn::BigNumContext::new()?;
        let point = EcPoint::from_bytes(&group, point, &mut context)?;
        PKey::from_ec_key(EcKey::from_public_key(&group, &point)?)?.public_key_to_der()
    };

    Result::<_, ErrorStack>::ok(encode())
}
