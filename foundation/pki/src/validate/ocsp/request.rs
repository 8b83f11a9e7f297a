use super::key_bits;
use crate::Certificate;
use const_oid::db::{rfc5912, rfc6960};
use der::asn1::{Any, Int, OctetString};
use der::{Decode as _, Encode as _, Sequence};
use openssl::sha::sha1;
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::{Extension, Extensions};

/// `OCSPRequest` (RFC 6960 §4.1.1).
#[derive(Sequence)]
struct Request {
    request: ToBeSigned,
}

#[derive(Sequence)]
struct ToBeSigned {
    requests: Vec<Single>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Extensions>,
}

#[derive(Sequence)]
struct Single {
    certificate: CertId,
}

#[derive(Sequence)]
struct CertId {
    digest: AlgorithmIdentifierOwned,
    issuer_name: OctetString,
    issuer_key: OctetString,
    serial: Int,
}

/// Writes the question whether `certificate`, which `issuer` issued, was revoked, in DER.
///
/// The names of issuer and key are made with SHA-1, which every responder knows; nothing depends on
/// them. `nonce` is 32 random octets (RFC 9654), for an answer that cannot be an old one.
///
/// # Errors
///
/// An error if a part of the certificates cannot be written.
pub fn ocsp_request(
    certificate: &Certificate,
    issuer: &Certificate,
    nonce: Option<&[u8]>,
) -> Result<Vec<u8>, der::Error> {
    let digest = AlgorithmIdentifierOwned { oid: rfc5912::ID_SHA_1, parameters: Some(Any::null()) };
    let key = key_bits(issuer).ok_or(der::ErrorKind::Failed)?;
    let issuer_name = OctetString::new(sha1(certificate.raw_issuer()))?;
    let certificate = CertId {
        digest,
        issuer_name,
        issuer_key: OctetString::new(sha1(&key))?,
        serial: Int::from_der(certificate.raw_serial())?,
    };
    let nonce = nonce.map(|nonce| {
        let extn_value = OctetString::new(OctetString::new(nonce)?.to_der()?)?;
        Ok::<_, der::Error>(vec![Extension {
            extn_id: rfc6960::ID_PKIX_OCSP_NONCE,
            critical: false,
            extn_value,
        }])
    });
    let request =
        ToBeSigned { requests: vec![Single { certificate }], extensions: nonce.transpose()? };

    Request { request }.to_der()
}
