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
    let extensions = nonce.map(extensions).transpose()?;
    let request = ToBeSigned { requests: vec![Single { certificate }], extensions };

    Request { request }.to_der()
}

/// Gives a request of [`ocsp_request`] another nonce: 32 random octets (RFC 9654).
///
/// # Errors
///
/// An error if it is not such a request.
pub fn ocsp_with_nonce(request: &[u8], nonce: &[u8]) -> Result<Vec<u8>, der::Error> {
    let mut request = Request::from_der(request)?;
    request.request.extensions = Some(extensions(nonce)?);

    request.to_der()
}

fn extensions(nonce: &[u8]) -> Result<Extensions, der::Error> {
    let extn_value = OctetString::new(OctetString::new(nonce)?.to_der()?)?;

    Ok(vec![Extension { extn_id: rfc6960::ID_PKIX_OCSP_NONCE, critical: false, extn_value }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OcspQuestion;

    #[test]
    fn a_nonce_is_added_and_nothing_else_changes() {
        let bare = ToBeSigned {
            requests: vec![Single {
                certificate: CertId {
                    digest: AlgorithmIdentifierOwned {
                        oid: rfc5912::ID_SHA_1,
                        parameters: Some(Any::null()),
                    },
                    issuer_name: OctetString::new([1; 20]).unwrap(),
                    issuer_key: OctetString::new([2; 20]).unwrap(),
                    serial: Int::new(&[0, 0x80, 1]).unwrap(),
                },
            }],
            extensions: None,
        };
        let bare = Request { request: bare }.to_der().unwrap();

        let asked = ocsp_with_nonce(&ocsp_with_nonce(&bare, &[7; 32]).unwrap(), &[9; 32]).unwrap();

        let question = OcspQuestion::from_der(&asked).unwrap();
        assert_eq!(question.nonce(), Some(&[9; 32][..]));
        let before = OcspQuestion::from_der(&bare).unwrap();
        assert!(question.serials().eq(before.serials()));
        ocsp_with_nonce(b"no request", &[9; 32]).unwrap_err();
    }
}
