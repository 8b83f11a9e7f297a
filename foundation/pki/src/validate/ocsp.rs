//! Answers of those who know of single certificates whether they were revoked (RFC 6960).

mod request;

pub use request::{ocsp_request, ocsp_with_nonce};

use super::crl::Revocation;
use super::purpose::may_sign_answers;
use super::revocation::{Source, State, Unknown};
use super::search::{Session, TooMuchWork};
use super::{RevocationReason, path};
use crate::asn1::{all, explicit, is_next, time};
use crate::name::DistinguishedName;
use crate::signature::{self, SignatureFault};
use crate::{Algorithms, Certificate, OcspQuestion};
use ::time::{Duration, OffsetDateTime};
use const_oid::db::{rfc5912, rfc6960};
use der::asn1::{AnyRef, BitString, ObjectIdentifier, OctetString, OctetStringRef};
use der::{Decode as _, Error, ErrorKind, Reader as _, SliceReader, Tag, TagNumber, Tagged as _};
use openssl::hash::{MessageDigest, hash};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoRef};
use std::fmt;
use std::sync::Arc;
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::crl::CrlReason;

/// How old an answer may be that does not say when there will be a newer one.
const LONGEST_LIFE: Duration = Duration::DAY;

/// The most certificates of an answer that are looked at.
const MOST_DELEGATES: usize = 8;

/// How far the clock of the responder may be ahead.
const LARGEST_SKEW: Duration = Duration::minutes(5);

/// An OCSP answer with the bytes it was read from.
///
/// Reading checks the form and nothing else; validation says whether it counts.
#[derive(Clone)]
pub struct OcspAnswer(Arc<Inner>);

struct Inner {
    signed: Vec<u8>,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
    certificates: Vec<Certificate>,
    responder: Responder,
    singles: Vec<Single>,
    nonce: Option<Vec<u8>>,
    unknown: bool,
}

enum Responder {
    Key(Vec<u8>),
    Name(DistinguishedName),
}

/// What is said of one certificate.
struct Single {
    digest: ObjectIdentifier,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    /// In DER.
    serial: Vec<u8>,
    status: Status,
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    unknown: bool,
}

#[derive(Clone, Copy)]
enum Status {
    Good,
    Revoked(Revocation),
    Unknown,
}

/// Why bytes were not taken as an answer.
#[derive(Debug, thiserror::Error)]
pub enum OcspError {
    /// The bytes are not an OCSP answer.
    #[error("the OCSP answer is damaged")]
    Damaged(#[source] Error),
    /// It is of a kind that is not known here.
    #[error("the OCSP answer is of the unknown type {0}")]
    OtherType(ObjectIdentifier),
    /// The responder did not answer, with this status (RFC 6960 §4.2.1).
    #[error("the OCSP responder refused: {}", refusal(*.0))]
    Refused(u8),
}

/// Why an answer is not one to a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NonceError {
    /// It has no nonce, so that it may be an old one; many responders never send one.
    #[error("the OCSP answer has no nonce")]
    Missing,
    /// It is the answer to another request.
    #[error("the OCSP answer is one to another request")]
    Other,
}

impl OcspAnswer {
    /// Reads an answer in DER.
    ///
    /// # Errors
    ///
    /// [`OcspError`] if the bytes are not one answer, or one that says nothing.
    pub fn from_der(der: &[u8]) -> Result<Self, OcspError> {
        let (status, body) = outer(der).map_err(OcspError::Damaged)?;
        if status != 0 {
            return Err(OcspError::Refused(status));
        }
        let (kind, basic) = body.ok_or(OcspError::Damaged(ErrorKind::Failed.into()))?;
        if kind != rfc6960::ID_PKIX_OCSP_BASIC {
            return Err(OcspError::OtherType(kind));
        }

        Ok(Self(Arc::new(Inner::read(basic).map_err(OcspError::Damaged)?)))
    }

    /// Reads all answers of a text with blocks labelled "OCSP RESPONSE", in their order.
    ///
    /// # Errors
    ///
    /// [`OcspError`] if one of them is damaged.
    pub fn all_from_pem(pem: &str) -> Result<Vec<Self>, OcspError> {
        crate::pem::all(pem, "OCSP RESPONSE")
            .map(|der| Self::from_der(&der.map_err(OcspError::Damaged)?))
            .collect()
    }

    /// Returns the moment at which the first of what it says ends, if it says so of anything.
    pub fn next_update(&self) -> Option<OffsetDateTime> {
        self.0.singles.iter().filter_map(|single| single.next_update).min()
    }

    /// The newest moment at which it says something.
    pub(crate) fn this_update(&self) -> Option<OffsetDateTime> {
        self.0.singles.iter().map(|single| single.this_update).max()
    }

    /// Tells whether it says something of one of the serial numbers that were asked for.
    pub(crate) fn echoes(&self, question: &OcspQuestion) -> bool {
        let bare = |serial: &[u8]| {
            let zeros = serial.iter().take_while(|octet| **octet == 0).count();
            serial.get(zeros..).map(<[u8]>::to_vec)
        };
        let asked: Vec<_> = question.serials().map(bare).collect();

        // Serial numbers are shorter than what takes more than one octet for its length.
        self.0.singles.iter().any(|it| asked.contains(&it.serial.get(2..).and_then(bare)))
    }

    /// Tells whether `issuer` signed it, or somebody whose certificate comes with it and whom the issuer named.
    /// Validation asks for more.
    pub(crate) fn is_by(&self, issuer: &Certificate, algorithms: &Algorithms) -> bool {
        let named = |delegate: &&Certificate| {
            self.0.responder.is(delegate)
                && may_sign_answers(delegate.facts())
                && delegate.verify_issued_by(issuer, algorithms).is_ok()
        };
        let delegates = self.0.certificates.iter().take(MOST_DELEGATES).filter(named);

        self.verify(issuer, algorithms).is_ok() || { delegates }
            .any(|delegate| self.verify(delegate, algorithms).is_ok())
    }

    /// Checks that it is the answer to a request with this nonce (RFC 9654).
    ///
    /// # Errors
    ///
    /// [`NonceError`]; without a nonce it is for the caller's policy to say whether that will do.
    pub fn check_nonce(&self, nonce: &[u8]) -> Result<(), NonceError> {
        match &self.0.nonce {
            None => Err(NonceError::Missing),
            Some(own) if own == nonce => Ok(()),
            Some(_) => Err(NonceError::Other),
        }
    }

    fn verify(&self, signer: &Certificate, algorithms: &Algorithms) -> Result<(), SignatureFault> {
        let (message, signature) = (&self.0.signed, &self.0.signature);

        signature::verify_with(signer, &self.0.algorithm, algorithms, message, signature)
    }

    fn place(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl fmt::Debug for OcspAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OcspAnswer").field("about", &self.0.singles.len()).finish_non_exhaustive()
    }
}

impl<'s> Session<'s> {
    pub(super) fn state_by_ocsp(&mut self, path: &[&'s Certificate]) -> Result<State, TooMuchWork> {
        let mut unknown = Unknown::Nothing;
        let mut newest: Option<(OffsetDateTime, State)> = None;
        let [certificate, issuer, ..] = path else {
            return Ok(State::Unknown(unknown));
        };
        let inputs = self.inputs;
        for answer in inputs.ocsp {
            self.compare(answer.0.singles.len())?;
            for single in answer.0.singles.iter().filter(|it| it.is_about(certificate, issuer)) {
                // What was revoked for good stays so when the answer that said it has ended.
                if !single.is_current(inputs.read_at()) && !single.is_final(inputs.read_at()) {
                    unknown = unknown.max(Unknown::Outdated);
                } else if answer.0.unknown || single.unknown {
                    unknown = unknown.max(Unknown::NotUnderstood);
                } else if !self.may_answer(answer, path)? {
                    unknown = unknown.max(Unknown::Unsigned);
                } else {
                    let state = match single.status {
                        Status::Good => State::Good(Source::Ocsp),
                        Status::Revoked(revocation) if single.is_final(inputs.read_at()) => {
                            return Ok(State::Revoked(revocation));
                        }
                        Status::Revoked(revocation) => State::Revoked(revocation),
                        Status::Unknown => {
                            unknown = unknown.max(Unknown::NotKnown);
                            continue;
                        }
                    };
                    if newest.is_none_or(|(since, _)| since <= single.this_update) {
                        newest = Some((single.this_update, state));
                    }
                }
            }
        }

        Ok(newest.map_or(State::Unknown(unknown), |(_, state)| state))
    }

    /// Tells whether an answer was signed by the issuer, or by somebody whom the issuer named for it
    /// (RFC 6960 §4.2.2.2).
    fn may_answer(
        &mut self,
        answer: &'s OcspAnswer,
        path: &[&'s Certificate],
    ) -> Result<bool, TooMuchWork> {
        let Some((issuer, above)) = path.get(1..).and_then(<[_]>::split_first) else {
            return Ok(false);
        };
        let algorithms = &self.inputs.algorithms;
        if answer.0.responder.is(issuer)
            && self.is_signed(answer.place(), issuer, || answer.verify(issuer, algorithms))?
        {
            return Ok(true);
        }
        let own = answer.0.certificates.iter().take(MOST_DELEGATES);
        self.compare(MOST_DELEGATES + self.inputs.untrusted.len())?;
        let known = own.chain(self.inputs.untrusted);
        for delegate in known.filter(|it| answer.0.responder.is(it)) {
            let named = delegate.facts().issuer == issuer.facts().subject
                && may_sign_answers(delegate.facts())
                && path::outside_validity(delegate, self.inputs.read_at()).is_none()
                && delegate.facts().damaged.is_empty()
                && delegate.facts().unknown.is_empty();
            if named
                && self.is_issued(delegate, issuer)?
                && self
                    .is_signed(answer.place(), delegate, || answer.verify(delegate, algorithms))?
                && self.still_answers(delegate, issuer, above)?
            {
                return Ok(true);
            }
        }

        Ok(false)
    }

    /// Tells whether a delegate was not revoked: nobody needs to ask if the issuer says so, and lists
    /// tell otherwise.
    fn still_answers(
        &mut self,
        delegate: &'s Certificate,
        issuer: &'s Certificate,
        above: &[&'s Certificate],
    ) -> Result<bool, TooMuchWork> {
        if delegate.facts().no_check {
            return Ok(true);
        }
        let path: Vec<_> = [delegate, issuer].into_iter().chain(above.iter().copied()).collect();

        Ok(match self.state_by_lists(&path)? {
            State::Good(_) => true,
            State::Revoked(_) => false,
            State::Unknown(_) => match self.inputs.revocation {
                super::Revocations::IfKnown => true,
                super::Revocations::Required => false,
            },
        })
    }
}

impl Responder {
    fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(name) => certificate.facts().subject.as_ref() == Some(name),
            Self::Key(digest) => {
                let key = key_bits(certificate);
                let own = key.and_then(|key| hash(MessageDigest::sha1(), &key).ok());
                own.is_some_and(|own| own.as_ref() == digest.as_slice())
            }
        }
    }
}

impl Single {
    fn is_about(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        let Some(digest) = digest_of(self.digest) else { return false };
        let is = |bytes: &[u8], expected: &[u8]| {
            hash(digest, bytes).is_ok_and(|digest| digest.as_ref() == expected)
        };

        certificate.raw_serial() == self.serial
            && is(certificate.raw_issuer(), &self.issuer_name)
            && key_bits(issuer).is_some_and(|key| is(&key, &self.issuer_key))
    }

    /// Tells whether it says that the certificate was revoked, and not for a while only.
    fn is_final(&self, at: OffsetDateTime) -> bool {
        let revoked = match self.status {
            Status::Revoked(revocation) => revocation.is_final(),
            Status::Good | Status::Unknown => false,
        };

        revoked && self.this_update <= at.saturating_add(LARGEST_SKEW)
    }

    fn is_current(&self, at: OffsetDateTime) -> bool {
        let until =
            self.next_update.unwrap_or_else(|| self.this_update.saturating_add(LONGEST_LIFE));

        self.this_update <= at.saturating_add(LARGEST_SKEW) && at <= until
    }
}

/// The digest by which an issuer is named.
pub(crate) fn digest_of(oid: ObjectIdentifier) -> Option<MessageDigest> {
    let digests = [
        (rfc5912::ID_SHA_1, MessageDigest::sha1()),
        (rfc5912::ID_SHA_256, MessageDigest::sha256()),
        (rfc5912::ID_SHA_384, MessageDigest::sha384()),
        (rfc5912::ID_SHA_512, MessageDigest::sha512()),
    ];

    digests.into_iter().find(|(known, _)| *known == oid).map(|(_, digest)| digest)
}

/// The bits of a public key, without its algorithm.
pub(crate) fn key_bits(certificate: &Certificate) -> Option<Vec<u8>> {
    let info = SubjectPublicKeyInfoRef::try_from(certificate.public_key()).ok()?;

    Some(info.subject_public_key.raw_bytes().to_vec())
}

/// The type of an answer and its bytes.
type Body<'a> = (ObjectIdentifier, &'a [u8]);

/// Reads `OCSPResponse`: its status, and the type and bytes of what it holds.
fn outer(der: &[u8]) -> der::Result<(u8, Option<Body<'_>>)> {
    let mut reader = SliceReader::new(der)?;
    let read = reader.sequence(|reader| {
        let status = AnyRef::decode(reader)?;
        status.tag().assert_eq(Tag::Enumerated)?;
        let status = match status.value() {
            [status] => *status,
            _ => return Err(Tag::Enumerated.value_error().into()),
        };
        let body = explicit(reader, 0)?.map(|body| {
            let mut reader = SliceReader::new(body)?;
            let read = reader.sequence(|reader| {
                let kind = ObjectIdentifier::decode(reader)?;
                Ok::<_, Error>((kind, <&OctetStringRef>::decode(reader)?.as_bytes()))
            })?;
            reader.finish()?;

            Ok::<_, Error>(read)
        });

        Ok::<_, Error>((status, body.transpose()?))
    })?;
    reader.finish()?;

    Ok(read)
}

impl Inner {
    fn read(basic: &[u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(basic)?;
        let (signed, algorithm, signature, certificates) = reader.sequence(|reader| {
            let signed = reader.tlv_bytes()?;
            let algorithm = AlgorithmIdentifierOwned::decode(reader)?;
            let signature = BitString::decode(reader)?;
            let certificates = explicit(reader, 0)?.map(certificates).transpose()?;

            Ok::<_, Error>((signed, algorithm, signature, certificates.unwrap_or_default()))
        })?;
        reader.finish()?;
        let mut reader = SliceReader::new(signed)?;
        let (responder, singles, extensions) = reader.sequence(|reader| {
            if explicit(reader, 0)?.map(u8::from_der).transpose()?.unwrap_or_default() != 0 {
                return Err(ErrorKind::Value { tag: Tag::Integer }.into());
            }
            let responder = match explicit(reader, 1)? {
                Some(name) => Responder::Name(DistinguishedName::read(name)?),
                None => {
                    let key = explicit(reader, 2)?.ok_or(ErrorKind::Failed)?;
                    Responder::Key(OctetString::from_der(key)?.as_bytes().to_vec())
                }
            };
            let _produced_at = time(reader)?;
            let singles = reader.sequence(|reader| all(reader, Single::read))?;
            let extensions = explicit(reader, 1)?.map(Extensions::from_der).transpose()?;

            Ok::<_, Error>((responder, singles, extensions.unwrap_or_default()))
        })?;
        reader.finish()?;
        let nonce = extensions.iter().find(|it| it.extn_id == rfc6960::ID_PKIX_OCSP_NONCE);
        let nonce = nonce.map(|it| OctetString::from_der(it.extn_value.as_bytes())).transpose()?;
        let unknown =
            extensions.iter().any(|it| it.critical && it.extn_id != rfc6960::ID_PKIX_OCSP_NONCE);

        Ok(Self {
            signed: signed.to_vec(),
            algorithm,
            signature,
            certificates,
            responder,
            singles,
            nonce: nonce.map(|nonce| nonce.as_bytes().to_vec()),
            unknown,
        })
    }
}

/// Reads those certificates that can be read; the others sign nothing.
fn certificates(list: &[u8]) -> der::Result<Vec<Certificate>> {
    let mut reader = SliceReader::new(list)?;
    let all = reader.sequence(|reader| all(reader, |reader| reader.tlv_bytes()))?;
    reader.finish()?;

    Ok(all.into_iter().filter_map(|der| Certificate::from_der(der).ok()).collect())
}

impl Single {
    fn read(reader: &mut SliceReader<'_>) -> der::Result<Self> {
        reader.sequence(|reader| {
            let (digest, issuer_name, issuer_key, serial) = reader.sequence(|reader| {
                let digest = AlgorithmIdentifierOwned::decode(reader)?.oid;
                let name = OctetString::decode(reader)?.as_bytes().to_vec();
                let key = OctetString::decode(reader)?.as_bytes().to_vec();

                Ok::<_, Error>((digest, name, key, reader.tlv_bytes()?.to_vec()))
            })?;
            let status = status(reader)?;
            let this_update = time(reader)?;
            let next_update =
                explicit(reader, 0)?.map(|next| time(&mut SliceReader::new(next)?)).transpose()?;
            let extensions = explicit(reader, 1)?.map(Extensions::from_der).transpose()?;

            Ok(Self {
                digest,
                issuer_name,
                issuer_key,
                serial,
                status,
                this_update,
                next_update,
                unknown: extensions.unwrap_or_default().iter().any(|it| it.critical),
            })
        })
    }
}

fn status(reader: &mut SliceReader<'_>) -> der::Result<Status> {
    let tag = |constructed, number| Tag::ContextSpecific { constructed, number: TagNumber(number) };
    if is_next(reader, tag(false, 0)) {
        reader.tlv_bytes()?;
        return Ok(Status::Good);
    }
    if is_next(reader, tag(false, 2)) {
        reader.tlv_bytes()?;
        return Ok(Status::Unknown);
    }
    let revoked = explicit(reader, 1)?.ok_or(ErrorKind::Failed)?;
    let mut reader = SliceReader::new(revoked)?;
    let since = time(&mut reader)?;
    let reason = explicit(&mut reader, 0)?.map(CrlReason::from_der).transpose()?;
    reader.finish()?;
    let reason = reason.map_or(RevocationReason::Unspecified, RevocationReason::from);

    Ok(Status::Revoked(Revocation { since, reason }))
}

fn refusal(status: u8) -> &'static str {
    match status {
        1 => "it could not read the request",
        2 => "it has a fault",
        3 => "it is too busy, try again later",
        5 => "the request must be signed",
        6 => "it does not answer us, or not about this certificate",
        _ => "it does not say why",
    }
}
