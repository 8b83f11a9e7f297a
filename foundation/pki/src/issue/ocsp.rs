//! Answering whether certificates were revoked (RFC 6960, RFC 5019, RFC 9654).

mod question;

pub use question::{OcspQuestion, QuestionError};

use super::{IssueError, extension_of, sign};
use crate::validate::{Revocation, key_bits};
use crate::{Certificate, signature};
use ::time::OffsetDateTime;
use const_oid::db::rfc6960;
use der::asn1::{Any, GeneralizedTime, Null, ObjectIdentifier, OctetString};
use der::{Choice, Decode as _, Encode as _, Enumerated, Sequence};
use keys::PrivateKey;
use openssl::sha::sha1;
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::crl::CrlReason;

/// What is said of one certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OcspStatus {
    /// It was issued, and is not revoked.
    Good,
    /// It is revoked, or on hold.
    Revoked(Revocation),
    /// The responder does not know it.
    Unknown,
}

/// Why a question is not answered (RFC 6960 §4.2.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OcspRefusal {
    /// We failed.
    InternalError,
    /// The request cannot be read.
    MalformedRequest,
    /// Nothing can be signed for now.
    TryLater,
    /// It is about certificates of others (RFC 5019 §2.2.3).
    Unauthorized,
}

/// For how long an answer counts; fractions of a second are cut off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OcspTerm {
    /// The moment at which what is said is known to be true.
    pub this_update: OffsetDateTime,
    /// The moment at which there is more to say.
    pub next_update: OffsetDateTime,
}

/// Writes the answer to a question, signed by `responder`: the issuer, or a certificate for that from the issuer, which
/// is sent with it. `statuses` are those of the certificates in the question, in their order.
///
/// # Errors
///
/// [`IssueError`] if the key does not belong to the responder or does not sign.
pub fn answer_ocsp(
    question: &OcspQuestion,
    statuses: &[OcspStatus],
    term: OcspTerm,
    responder: &Certificate,
    key: &dyn PrivateKey,
) -> Result<Vec<u8>, IssueError> {
    if responder.public_key() != key.public_key() || statuses.len() != question.len() {
        return Err(IssueError::Mismatch);
    }
    if term.next_update <= term.this_update {
        return Err(IssueError::Validity);
    }
    let algorithm = *key.algorithms().first().ok_or(IssueError::Mismatch)?;
    let singles = question.ids().zip(statuses).map(|(id, status)| single(id, *status, term));
    let bits = key_bits(responder).ok_or(IssueError::Mismatch)?;
    let nonce = question.nonce().map(|nonce| {
        let value = OctetString::new(nonce)?.to_der()?;
        Ok::<_, der::Error>(vec![extension_of(rfc6960::ID_PKIX_OCSP_NONCE, value)?])
    });
    let data = Data {
        responder: OctetString::new(sha1(&bits))?,
        produced_at: moment(term.this_update)?,
        answers: singles.collect::<Result<Vec<_>, der::Error>>()?,
        extensions: nonce.transpose()?,
    };
    // The signature stands before the certificates, in the same sequence.
    let signed = Signed::from_der(&sign(&data.to_der()?, key, algorithm)?)?;
    let basic = Basic {
        data: signed.data,
        algorithm: signature::identifier(algorithm),
        signature: signed.signature,
        certificates: vec![Any::from_der(responder.as_der())?],
    };
    let body =
        Body { kind: rfc6960::ID_PKIX_OCSP_BASIC, content: OctetString::new(basic.to_der()?)? };

    Ok(Whole { status: Outcome::Successful, body: Some(body) }.to_der()?)
}

impl OcspRefusal {
    /// Writes the refusal, which nobody signs.
    ///
    /// # Errors
    ///
    /// None that is known of; the encoder may fail.
    pub fn to_der(self) -> Result<Vec<u8>, der::Error> {
        let status = match self {
            Self::InternalError => Outcome::InternalError,
            Self::MalformedRequest => Outcome::MalformedRequest,
            Self::TryLater => Outcome::TryLater,
            Self::Unauthorized => Outcome::Unauthorized,
        };

        Whole { status, body: None }.to_der()
    }
}

/// `OCSPResponse` (RFC 6960 §4.2.1).
#[derive(Sequence)]
struct Whole {
    status: Outcome,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    body: Option<Body>,
}

#[derive(Clone, Copy, Enumerated)]
#[repr(u8)]
enum Outcome {
    Successful = 0,
    MalformedRequest = 1,
    InternalError = 2,
    TryLater = 3,
    Unauthorized = 6,
}

#[derive(Sequence)]
struct Body {
    kind: ObjectIdentifier,
    content: OctetString,
}

/// `BasicOCSPResponse`.
#[derive(Sequence)]
struct Basic {
    data: Any,
    algorithm: spki::AlgorithmIdentifierOwned,
    signature: der::asn1::BitString,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    certificates: Vec<Any>,
}

#[derive(Sequence)]
struct Signed {
    data: Any,
    algorithm: spki::AlgorithmIdentifierOwned,
    signature: der::asn1::BitString,
}

/// `ResponseData`, with the responder named by its key.
#[derive(Sequence)]
struct Data {
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    responder: OctetString,
    produced_at: GeneralizedTime,
    answers: Vec<Single>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Extensions>,
}

#[derive(Sequence)]
struct Single {
    id: Any,
    status: Status,
    this_update: GeneralizedTime,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    next_update: Option<GeneralizedTime>,
}

#[derive(Choice)]
enum Status {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    Good(Null),
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true")]
    Revoked(Since),
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT")]
    Unknown(Null),
}

#[derive(Sequence)]
struct Since {
    since: GeneralizedTime,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    reason: Option<CrlReason>,
}

fn single(id: &[u8], status: OcspStatus, term: OcspTerm) -> Result<Single, der::Error> {
    let status = match status {
        OcspStatus::Good => Status::Good(Null),
        OcspStatus::Revoked(revocation) => Status::Revoked(Since {
            since: moment(revocation.since)?,
            reason: super::crl::reason(revocation.reason),
        }),
        OcspStatus::Unknown => Status::Unknown(Null),
    };

    Ok(Single {
        id: Any::from_der(id)?,
        status,
        this_update: moment(term.this_update)?,
        next_update: Some(moment(term.next_update)?),
    })
}

fn moment(moment: OffsetDateTime) -> Result<GeneralizedTime, der::Error> {
    let seconds = u64::try_from(moment.unix_timestamp()).map_err(|_| der::ErrorKind::DateTime)?;

    GeneralizedTime::from_unix_duration(std::time::Duration::from_secs(seconds))
}
