//! What is asked of an OCSP responder (RFC 6960 §4.1.1).

use crate::Certificate;
use crate::asn1::{all, explicit, is_next};
use crate::validate::{digest_of, key_bits};
use const_oid::db::rfc6960;
use der::asn1::{ObjectIdentifier, OctetString, UintRef};
use der::{Decode as _, Error, ErrorKind, Reader as _, SliceReader, Tag, TagNumber};
use openssl::hash::hash;
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extensions;

/// Of how many certificates one request may ask.
const MOST: usize = 16;

/// The longest nonce that is sent back, in octets (RFC 9654 §2.1).
const LONGEST_NONCE: usize = 128;

/// A request to an OCSP responder; who signed it does not matter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OcspQuestion {
    items: Vec<Item>,
    nonce: Option<Vec<u8>>,
}

/// The name of one certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Item {
    /// `CertID` as it was read.
    id: Vec<u8>,
    digest: ObjectIdentifier,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: Vec<u8>,
}

impl OcspQuestion {
    /// Reads a request in DER.
    ///
    /// # Errors
    ///
    /// [`QuestionError`] if it is none, asks nothing, or asks too much.
    pub fn from_der(der: &[u8]) -> Result<Self, QuestionError> {
        let question = read(der).map_err(QuestionError::Damaged)?;
        match question.items.len() {
            0 => Err(QuestionError::Empty),
            1..=MOST => Ok(question),
            _ => Err(QuestionError::TooMuch),
        }
    }

    /// Tells whether all that is asked is about certificates of `issuer`.
    pub fn is_about(&self, issuer: &Certificate) -> bool {
        self.items.iter().all(|item| item.is_of(issuer))
    }

    /// Returns the serial numbers of the certificates, big-endian and unsigned.
    pub fn serials(&self) -> impl Iterator<Item = &[u8]> {
        self.items.iter().map(|item| item.serial.as_slice())
    }

    /// Returns the nonce, which the answer has to repeat (RFC 9654).
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &[u8]> {
        self.items.iter().map(|item| item.id.as_slice())
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }
}

/// Why bytes were not taken as a request.
#[derive(Debug, thiserror::Error)]
pub enum QuestionError {
    /// The bytes are not an OCSP request.
    #[error("the OCSP request is damaged")]
    Damaged(#[source] Error),
    /// It names no certificate.
    #[error("the OCSP request asks about no certificate")]
    Empty,
    /// It names more certificates than are answered at once.
    #[error("the OCSP request asks about more than {MOST} certificates")]
    TooMuch,
}

impl Item {
    fn is_of(&self, issuer: &Certificate) -> bool {
        let Some(digest) = digest_of(self.digest) else { return false };
        let is = |bytes: &[u8], expected: &[u8]| {
            hash(digest, bytes).is_ok_and(|digest| digest.as_ref() == expected)
        };

        is(issuer.raw_subject(), &self.issuer_name)
            && key_bits(issuer).is_some_and(|key| is(&key, &self.issuer_key))
    }

    fn read(reader: &mut SliceReader<'_>) -> der::Result<Self> {
        let id = reader.tlv_bytes()?;
        let mut inner = SliceReader::new(id)?;
        let item = inner.sequence(|reader| {
            let digest = AlgorithmIdentifierOwned::decode(reader)?.oid;
            let issuer_name = OctetString::decode(reader)?.as_bytes().to_vec();
            let issuer_key = OctetString::decode(reader)?.as_bytes().to_vec();
            let serial = UintRef::decode(reader)?.as_bytes().to_vec();

            Ok::<_, Error>(Self { id: id.to_vec(), digest, issuer_name, issuer_key, serial })
        })?;
        inner.finish()?;

        Ok(item)
    }
}

fn read(der: &[u8]) -> der::Result<OcspQuestion> {
    let mut reader = SliceReader::new(der)?;
    let question = reader.sequence(|reader| {
        let question = reader.sequence(to_be_signed)?;
        // A signature, which proves nothing that matters here.
        explicit(reader, 0)?;

        Ok::<_, Error>(question)
    })?;
    reader.finish()?;

    Ok(question)
}

fn to_be_signed(reader: &mut SliceReader<'_>) -> der::Result<OcspQuestion> {
    if explicit(reader, 0)?.map(u8::from_der).transpose()?.unwrap_or_default() != 0 {
        return Err(ErrorKind::Value { tag: Tag::Integer }.into());
    }
    explicit(reader, 1)?;
    let items = reader.sequence(|reader| {
        all(reader, |reader| {
            reader.sequence(|reader| {
                let item = Item::read(reader)?;
                let extensions = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
                if is_next(reader, extensions) {
                    reader.tlv_bytes()?;
                }

                Ok::<_, Error>(item)
            })
        })
    })?;
    let extensions = explicit(reader, 2)?.map(Extensions::from_der).transpose()?;

    Ok(OcspQuestion { items, nonce: nonce(&extensions.unwrap_or_default())? })
}

/// An extension that is critical and unknown makes the request one that is not understood (RFC 6960 §4.4).
fn nonce(extensions: &Extensions) -> der::Result<Option<Vec<u8>>> {
    let mut nonce = None;
    for extension in extensions {
        if extension.extn_id == rfc6960::ID_PKIX_OCSP_NONCE {
            let octets = OctetString::from_der(extension.extn_value.as_bytes())?;
            if !(1..=LONGEST_NONCE).contains(&octets.as_bytes().len()) {
                return Err(ErrorKind::Failed.into());
            }
            nonce = Some(octets.as_bytes().to_vec());
        } else if extension.critical {
            return Err(ErrorKind::Failed.into());
        }
    }

    Ok(nonce)
}
