//! What a validation lacks, where it can be had, and how long what came is kept.
//!
//! ```text
//!   validate ──► missing ──► Pursuit ──► Source   the caller asks the network
//!      ▲                                   │
//!      └──────────── Shelf ◄───────────────┘
//! ```
//!
//! Invariants:
//! - The addresses of lists and answers are taken from certificates alone that lead to an anchor: nobody makes the caller
//!   knock somewhere by sending a certificate. Addresses of issuers come from certificates of which that is not known
//!   yet, so the caller says whether they count.
//! - What is on the shelf is used like anything else that is given: validation checks who signed it.
//! - No network and no clock: answers and moments are arguments.

mod addresses;
mod shelf;

pub use shelf::{Shelf, Unusable};

use crate::Certificate;
use crate::validate::{Distrusted, Reason, Standing, Trusted, ocsp_request};
use data_encoding::HEXLOWER;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;

/// The most sources that one validation asks.
const MOST_ASKED: usize = 16;

/// Something that can be fetched over HTTP.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Source {
    /// Where: `http://` or `https://`.
    pub address: String,
    /// What.
    pub kind: Kind,
}

/// What a source gives.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// Certificates of an issuer: one, or a CMS message that holds some (RFC 5280 §4.2.2.1).
    Issuers,
    /// An OCSP answer to this request (RFC 6960 §4.1.1), which is posted.
    Answer {
        /// The request in DER. It names the source and so has no nonce, which who sends it adds (`ocsp_with_nonce`).
        request: Vec<u8>,
    },
    /// A revocation list (RFC 5280 §4.2.1.13).
    List,
}

/// Written as `issuers ADDRESS`, `list ADDRESS` or `answer ADDRESS REQUEST`, the request in hexadecimal.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = &self.address;
        match &self.kind {
            Kind::Answer { request } => write!(f, "answer {address} {}", HEXLOWER.encode(request)),
            Kind::Issuers => write!(f, "issuers {address}"),
            Kind::List => write!(f, "list {address}"),
        }
    }
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let mut words = text.split(' ');
        let (kind, address, request) = (words.next(), words.next(), words.next());
        let kind = match (kind, request) {
            (Some("answer"), Some(request)) => {
                let request = HEXLOWER.decode(request.as_bytes()).map_err(|_| SourceError)?;
                Kind::Answer { request }
            }
            (Some("issuers"), None) => Kind::Issuers,
            (Some("list"), None) => Kind::List,
            _ => return Err(SourceError),
        };
        let address = address.ok_or(SourceError)?.to_owned();

        Ok(Self { address, kind })
    }
}

/// The text is not a [`Source`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("it names no source")]
pub struct SourceError;

/// What may be fetched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Allowed {
    /// Issuers that certificates name of which it is not known yet whether to trust them.
    pub issuers: bool,
    /// Lists and answers about certificates that lead to an anchor.
    pub revocation: bool,
}

/// Something to fetch.
#[derive(Clone, Debug)]
pub struct Request {
    /// From where.
    pub source: Source,
    /// The issuer of the certificate that it is about, where that is known.
    pub issuer: Option<Certificate>,
}

/// A certificate of which something is not known, and the sources that may know it, the best first.
#[derive(Clone, Debug)]
struct Missing {
    issuer: Option<Certificate>,
    sources: Vec<Source>,
}

/// One validation that fetches what it lacks.
#[derive(Debug)]
pub struct Pursuit {
    allowed: Allowed,
    asked: BTreeSet<Source>,
}

impl Pursuit {
    /// Begins one.
    pub fn new(allowed: Allowed) -> Self {
        Self { allowed, asked: BTreeSet::new() }
    }

    /// Says what to fetch, put on the shelf and validate with again; nothing if that would not help.
    pub fn next(
        &mut self,
        outcome: &Result<Trusted, Distrusted>,
        shelf: &Shelf,
        now: OffsetDateTime,
    ) -> Vec<Request> {
        let mut requests: Vec<Request> = Vec::new();
        for missing in missing(outcome, self.allowed) {
            let source = missing
                .sources
                .into_iter()
                .find(|source| !self.asked.contains(source) && shelf.is_due(source, now));
            if let Some(source) = source.filter(|_| self.asked.len() < MOST_ASKED) {
                self.asked.insert(source.clone());
                requests.push(Request { source, issuer: missing.issuer });
            }
        }

        requests
    }
}

/// Says what an outcome lacks.
fn missing(outcome: &Result<Trusted, Distrusted>, allowed: Allowed) -> Vec<Missing> {
    let unrevoked = |path: &[Certificate], index: usize| {
        let (certificate, issuer) = (path.get(index)?, path.get(index + 1)?);
        allowed.revocation.then(|| Missing {
            issuer: Some(issuer.clone()),
            sources: revocation_sources(certificate, issuer),
        })
    };
    match outcome {
        Ok(trusted) => {
            let unknown = trusted.standings.iter().enumerate();
            let unknown = unknown.filter(|(_, it)| matches!(it, Standing::Unknown(_)));
            unknown.filter_map(|(index, _)| unrevoked(&trusted.path, index)).collect()
        }
        Err(distrusted) => {
            let path = &distrusted.path;
            let faults = distrusted.faults().filter_map(|fault| {
                let index = path.iter().position(|it| it.fingerprint() == fault.fingerprint)?;
                match &fault.reason {
                    Reason::RevocationUnknown(_) => unrevoked(path, index),
                    // An authority that renewed its key has the same name with another one.
                    Reason::Signature { .. } | Reason::UnknownIssuer { .. } => {
                        allowed.issuers.then(|| Missing {
                            issuer: None,
                            sources: issuer_sources(path.get(index)),
                        })
                    }
                    Reason::Algorithm(_)
                    | Reason::DamagedExtension(_)
                    | Reason::DamagedName
                    | Reason::Expired(_)
                    | Reason::ForbiddenName { .. }
                    | Reason::NoPolicy
                    | Reason::NotAnAuthority
                    | Reason::NotFor(_)
                    | Reason::NotYetValid(_)
                    | Reason::OtherName { .. }
                    | Reason::PathTooLong
                    | Reason::PolicyMapping
                    | Reason::Revoked(_)
                    | Reason::TooMuchWork
                    | Reason::UnknownExtension(_)
                    | Reason::WeakKey(_) => None,
                }
            });
            faults.collect()
        }
    }
}

/// Lists before answers: whoever publishes a list does not learn about whom it is read.
fn revocation_sources(certificate: &Certificate, issuer: &Certificate) -> Vec<Source> {
    let lists = addresses::lists(certificate).into_iter();
    let lists = lists.map(|address| Source { address, kind: Kind::List });
    let request = ocsp_request(certificate, issuer, None).ok();
    let answers = addresses::ocsp(certificate).into_iter().filter_map(|address| {
        Some(Source { address, kind: Kind::Answer { request: request.clone()? } })
    });

    lists.chain(answers).collect()
}

fn issuer_sources(certificate: Option<&Certificate>) -> Vec<Source> {
    let addresses = certificate.map(addresses::issuers).unwrap_or_default().into_iter();

    addresses.map(|address| Source { address, kind: Kind::Issuers }).collect()
}
