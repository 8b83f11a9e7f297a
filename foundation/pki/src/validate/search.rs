//! The search for a path from the leaf to an anchor.

use super::fault::{Distrusted, Fault, Reason};
use super::path::Assessment;
use super::revocation::State;
use super::{Inputs, Trusted};
use crate::signature::SignatureFault;
use crate::{Certificate, KeyKind};
use std::collections::{HashMap, HashSet};

/// The longest path, in certificates.
const MAX_LENGTH: usize = 16;

/// The most signatures that are checked for one leaf, so that a heap of certificates with one name
/// costs little.
const MAX_SIGNATURES: u32 = 256;

/// The most issuers of one certificate that are tried and did not sign it; no authority has renewed its key more often.
const MAX_WRONG: u32 = 32;

/// The most steps from a certificate to a possible issuer: certificates that issued each other make
/// many paths of few signatures.
const MAX_STEPS: u32 = 4096;

/// The most comparisons of names, policies, lists and answers.
const MAX_COMPARISONS: u32 = 1 << 18;

/// One validation: what it may look at, what it found out already, and how much it may still do.
pub(super) struct Session<'s> {
    pub(super) inputs: &'s Inputs<'s>,
    pub(super) comparisons: u32,
    steps: u32,
    signatures: u32,
    /// Who issued whom, by the places of the subject and the issuer.
    issued: HashMap<(usize, usize), Result<(), EdgeFault>>,
    /// Who signed which list or answer.
    signed: HashMap<(usize, usize), bool>,
    /// What is known of the revocation of a certificate by an issuer under an anchor.
    pub(super) states: HashMap<[Option<usize>; 3], State>,
    /// Who may sign lists under which anchor.
    pub(super) signers: HashSet<(usize, usize)>,
    /// Signers of lists whose own paths are being looked for.
    pub(super) asked: Vec<usize>,
}

/// The budget is spent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TooMuchWork;

/// Whose path is looked for.
#[derive(Clone, Copy)]
pub(super) enum Role<'s> {
    /// Of the certificate in question.
    Leaf,
    /// Of one that signed a revocation list, which must lead to the same anchor.
    Signer { anchor: &'s Certificate },
}

/// Why one certificate did not issue another.
#[derive(Clone, Debug)]
enum EdgeFault {
    Signature(SignatureFault),
    WeakKey(KeyKind),
}

/// A path that failed.
struct Attempt<'s> {
    path: Vec<&'s Certificate>,
    /// Whether it ended at an anchor.
    whole: bool,
    faults: Vec<Fault>,
}

impl<'s> Session<'s> {
    pub(super) fn new(inputs: &'s Inputs<'s>) -> Self {
        Self {
            inputs,
            comparisons: MAX_COMPARISONS,
            steps: MAX_STEPS,
            signatures: MAX_SIGNATURES,
            issued: HashMap::new(),
            signed: HashMap::new(),
            states: HashMap::new(),
            signers: HashSet::new(),
            asked: Vec::new(),
        }
    }

    pub(super) fn validate(mut self, leaf: &'s Certificate) -> Result<Trusted, Distrusted> {
        let mut best = None;
        let found = self.climb(&mut vec![leaf], Role::Leaf, &mut best);
        if let Ok(Some(found)) = found {
            return Ok(found);
        }
        let attempt =
            best.unwrap_or(Attempt { path: vec![leaf], whole: false, faults: Vec::new() });
        let mut faults = attempt.faults;
        if !attempt.whole {
            attempt.path.iter().for_each(|it| self.check_itself(it, &mut faults));
            faults.extend(self.check_leaf(leaf, Role::Leaf));
        }
        if found.is_err() || faults.is_empty() {
            faults.insert(0, Fault::new(leaf, Reason::TooMuchWork));
        }
        let fault = Box::new(faults.remove(0));
        let path = attempt.path.into_iter().cloned().collect();

        Err(Distrusted { path, fault, others: faults })
    }

    /// Tells whether a certificate has a path of its own to `anchor`, for signing lists.
    pub(super) fn leads_to(
        &mut self,
        signer: &'s Certificate,
        anchor: &'s Certificate,
    ) -> Result<bool, TooMuchWork> {
        let found = self.climb(&mut vec![signer], Role::Signer { anchor }, &mut None)?;

        Ok(found.is_some())
    }

    /// Goes on from the last certificate of `path`.
    fn climb(
        &mut self,
        path: &mut Vec<&'s Certificate>,
        role: Role<'s>,
        best: &mut Option<Attempt<'s>>,
    ) -> Result<Option<Trusted>, TooMuchWork> {
        let Some(top) = path.last().copied() else {
            return Ok(None);
        };
        let anchor = match role {
            Role::Leaf => self.inputs.anchors.contains(top),
            Role::Signer { anchor } => anchor == top,
        };
        if anchor {
            let Assessment { faults, policies, standings } = self.assess(path, role)?;
            if faults.is_empty() {
                let path = path.iter().copied().cloned().collect();
                return Ok(Some(Trusted { path, policies, standings }));
            }
            note(best, Attempt { path: path.clone(), whole: true, faults });
        }
        if path.len() >= MAX_LENGTH {
            let faults = vec![Fault::new(top, Reason::PathTooLong)];
            note(best, Attempt { path: path.clone(), whole: false, faults });
            return Ok(None);
        }
        let mut fault = Fault::new(top, Reason::UnknownIssuer { issuer: top.issuer() });
        let mut wrong = 0;
        for issuer in self.issuers(top, role) {
            if path.iter().any(|it| is_same_holder(it, issuer)) {
                continue;
            }
            if wrong >= MAX_WRONG {
                break;
            }
            self.steps = self.steps.checked_sub(1).ok_or(TooMuchWork)?;
            match self.issued(top, issuer)? {
                Ok(()) => {
                    path.push(issuer);
                    let found = self.climb(path, role, best)?;
                    path.pop();
                    if found.is_some() {
                        return Ok(found);
                    }
                }
                Err(EdgeFault::WeakKey(kind)) => fault = Fault::new(issuer, Reason::WeakKey(kind)),
                Err(EdgeFault::Signature(SignatureFault::Refused(oid))) => {
                    fault = Fault::new(top, Reason::Algorithm(oid.to_string()));
                }
                Err(EdgeFault::Signature(SignatureFault::Wrong)) => {
                    fault = Fault::new(top, Reason::Signature { issuer: top.issuer() });
                    wrong += 1;
                }
            }
        }
        note(best, Attempt { path: path.clone(), whole: false, faults: vec![fault] });

        Ok(None)
    }

    /// Those who may have issued `certificate`: anchors first, and those whose key it names before others.
    fn issuers(&self, certificate: &Certificate, role: Role<'s>) -> Vec<&'s Certificate> {
        let Some(name) = &certificate.facts().issuer else {
            return Vec::new();
        };
        let own = match role {
            Role::Leaf => self.inputs.anchors,
            Role::Signer { anchor } => std::slice::from_ref(anchor),
        };
        let mut issuers = self.named(name, own.iter().chain(self.inputs.untrusted));
        issuers.retain(|it| *it != certificate);
        let wanted = &certificate.facts().authority_key_identifier;
        issuers.sort_by_key(|it| {
            let known = &it.facts().key_identifier;
            (!own.contains(it), known.is_some() && wanted.is_some() && known != wanted)
        });

        issuers
    }

    /// The certificates of a subject, each once.
    pub(super) fn named(
        &self,
        name: &crate::name::DistinguishedName,
        among: impl Iterator<Item = &'s Certificate>,
    ) -> Vec<&'s Certificate> {
        let mut found: Vec<&Certificate> = Vec::new();
        for certificate in among.filter(|it| it.facts().subject.as_ref() == Some(name)) {
            // More are never looked at: each costs at least one signature.
            if found.len() <= MAX_SIGNATURES as usize && !found.contains(&certificate) {
                found.push(certificate);
            }
        }

        found
    }

    fn issued(
        &mut self,
        subject: &Certificate,
        issuer: &Certificate,
    ) -> Result<Result<(), EdgeFault>, TooMuchWork> {
        let edge = (subject.place(), issuer.place());
        if let Some(known) = self.issued.get(&edge) {
            return Ok(known.clone());
        }
        let algorithms = &self.inputs.algorithms;
        let kind = issuer.key_kind();
        let result = if algorithms.take(kind) {
            self.spend()?;
            subject.verify_issued_by(issuer, &self.inputs.algorithms).map_err(EdgeFault::Signature)
        } else {
            Err(EdgeFault::WeakKey(kind))
        };
        self.issued.insert(edge, result.clone());

        Ok(result)
    }

    /// Tells whether `issuer` signed `subject`.
    pub(super) fn is_issued(
        &mut self,
        subject: &Certificate,
        issuer: &Certificate,
    ) -> Result<bool, TooMuchWork> {
        Ok(self.issued(subject, issuer)?.is_ok())
    }

    /// Tells whether `signer` signed what lies at `place`, as `verify` finds out.
    pub(super) fn is_signed(
        &mut self,
        place: usize,
        signer: &Certificate,
        verify: impl FnOnce() -> Result<(), SignatureFault>,
    ) -> Result<bool, TooMuchWork> {
        let edge = (place, signer.place());
        if let Some(known) = self.signed.get(&edge) {
            return Ok(*known);
        }
        let strong = self.inputs.algorithms.take(signer.key_kind());
        if strong {
            self.spend()?;
        }
        let signed = strong && verify().is_ok();
        self.signed.insert(edge, signed);

        Ok(signed)
    }

    /// Pays for comparisons.
    pub(super) fn compare(&mut self, times: usize) -> Result<(), TooMuchWork> {
        let times = u32::try_from(times).map_err(|_| TooMuchWork)?;
        self.comparisons = self.comparisons.checked_sub(times).ok_or(TooMuchWork)?;

        Ok(())
    }

    fn spend(&mut self) -> Result<(), TooMuchWork> {
        self.signatures = self.signatures.checked_sub(1).ok_or(TooMuchWork)?;

        Ok(())
    }
}

/// Tells whether two certificates are about one key of one name: a path with both goes in a circle.
fn is_same_holder(one: &Certificate, other: &Certificate) -> bool {
    one.public_key() == other.public_key() && one.facts().subject == other.facts().subject
}

/// Keeps the attempt that came closest: a whole path with few faults, or else the longest.
fn note<'s>(best: &mut Option<Attempt<'s>>, attempt: Attempt<'s>) {
    let rank = |attempt: &Attempt<'_>| match attempt.whole {
        true => (true, usize::MAX - attempt.faults.len()),
        false => (false, attempt.path.len()),
    };
    if best.as_ref().is_none_or(|best| rank(best) < rank(&attempt)) {
        *best = Some(attempt);
    }
}
