//! The checks along one path (RFC 5280 §6.1), whose names and signatures fit already.

use super::fault::{Fault, Reason};
use super::names::{self, NameFault};
use super::policy::{PolicyFault, PolicyInputs, PolicyState};
use super::revocation::State;
use super::search::{Role, Session, TooMuchWork};
use super::{Revocations, Standing};
use crate::Certificate;
use der::asn1::ObjectIdentifier;
use std::collections::BTreeSet;
use time::OffsetDateTime;
use x509_cert::ext::pkix::KeyUsage;
use x509_cert::ext::pkix::constraints::name::NameConstraints;

/// What came of the checks; the path is good if nothing is at fault.
pub(super) struct Assessment {
    pub(super) faults: Vec<Fault>,
    pub(super) policies: BTreeSet<ObjectIdentifier>,
    pub(super) standings: Vec<Standing>,
}

/// What the authorities so far mean for the certificates below.
struct Walk<'s> {
    policies: PolicyState,
    no_policy: bool,
    /// How many more authorities there may be, and by whose word.
    limit: Option<(u32, &'s Certificate)>,
    constraints: Vec<(&'s Certificate, &'s NameConstraints)>,
    faults: Vec<Fault>,
}

/// Says in which way a certificate is outside of its validity, if it is.
pub(super) fn outside_validity(certificate: &Certificate, now: OffsetDateTime) -> Option<Reason> {
    if now < certificate.not_before() {
        return Some(Reason::NotYetValid(certificate.not_before()));
    }
    // Certificates count in whole seconds and the last of them still belongs.
    let second = now.replace_nanosecond(0).unwrap_or(now);

    (second > certificate.not_after()).then(|| Reason::Expired(certificate.not_after()))
}

impl<'s> Session<'s> {
    /// Checks a path, given from the leaf to the anchor.
    pub(super) fn assess(
        &mut self,
        path: &[&'s Certificate],
        role: Role<'s>,
    ) -> Result<Assessment, TooMuchWork> {
        let anything = PolicyInputs::default();
        let inputs = match role {
            Role::Leaf => &self.inputs.policies,
            Role::Signer { .. } => &anything,
        };
        let (anchor, below) = match path {
            [] => (None, path),
            [leaf] => (None, std::slice::from_ref(leaf)),
            [below @ .., anchor] => (Some(*anchor), below),
        };
        let mut walk = Walk {
            policies: PolicyState::new(inputs, below.len()),
            no_policy: false,
            limit: None,
            constraints: Vec::new(),
            faults: Vec::new(),
        };
        if let Some(anchor) = anchor {
            self.check_itself(anchor, &mut walk.faults);
            walk.policies.limit(anchor.facts());
            self.check_authority(anchor, true, role, &mut walk);
        }
        for (above, certificate) in below.iter().rev().copied().enumerate() {
            let last = above + 1 == below.len();
            self.check_itself(certificate, &mut walk.faults);
            self.check_names(certificate, last, &mut walk)?;
            let policies = certificate.facts().policies.as_ref().map_or(0, BTreeSet::len);
            self.compare(policies + certificate.facts().mappings.len())?;
            let entered = walk.policies.enter(certificate.facts(), last);
            walk.take(certificate, entered);
            if last {
                walk.faults.extend(self.check_leaf(certificate, role));
            } else {
                self.check_authority(certificate, false, role, &mut walk);
                let left = walk.policies.leave(certificate.facts());
                walk.take(certificate, left);
            }
        }
        let Walk { policies, no_policy, mut faults, .. } = walk;
        let mut constrained = BTreeSet::new();
        if let Some(leaf) = below.first() {
            match policies.finish(leaf.facts(), inputs) {
                Ok(policies) => constrained = policies,
                Err(_) if no_policy => {}
                Err(fault) => faults.push(Fault::new(leaf, fault.into())),
            }
        }
        let mut standings = Vec::new();
        if faults.is_empty() && anchor.is_some() {
            standings = self.check_revocations(path, &mut faults)?;
        }

        Ok(Assessment { faults, policies: constrained, standings })
    }

    /// Checks what has to hold of every certificate, whatever it is for.
    pub(super) fn check_itself(&self, certificate: &Certificate, faults: &mut Vec<Fault>) {
        let facts = certificate.facts();
        let kind = certificate.key_kind();
        let weak = !self.inputs.algorithms.take(kind);
        let nameless = facts.subject.is_none() || facts.issuer.is_none();
        let damaged = facts.damaged.iter().map(|oid| Reason::DamagedExtension(oid.to_string()));
        let unknown = facts.unknown.iter().map(|oid| Reason::UnknownExtension(oid.to_string()));
        let reasons = outside_validity(certificate, self.inputs.at)
            .into_iter()
            .chain(weak.then_some(Reason::WeakKey(kind)))
            .chain(nameless.then_some(Reason::DamagedName))
            .chain(damaged)
            .chain(unknown);

        faults.extend(reasons.map(|reason| Fault::new(certificate, reason)));
    }

    /// Checks what the leaf is shown for.
    pub(super) fn check_leaf(&self, leaf: &Certificate, role: Role<'s>) -> Vec<Fault> {
        let mut reasons = Vec::new();
        match role {
            Role::Leaf => {
                let purpose = self.inputs.purpose;
                if !purpose.fits_leaf(leaf.facts()) {
                    reasons.push(Reason::NotFor(purpose));
                }
                let name = self.inputs.name.as_ref().map(|name| name.check(leaf));
                reasons.extend(name.and_then(Result::err));
            }
            // Whoever looked for a signer has asked for the right one.
            Role::Signer { .. } => {}
        }

        reasons.into_iter().map(|reason| Fault::new(leaf, reason)).collect()
    }

    /// Checks that a certificate may issue the one below it, and takes what it demands of those below.
    fn check_authority(
        &self,
        certificate: &'s Certificate,
        anchor: bool,
        role: Role<'s>,
        walk: &mut Walk<'s>,
    ) {
        let facts = certificate.facts();
        // Before version 3 nothing could say that a root is an authority.
        let old_root = anchor && certificate.extensions().is_empty();
        let may_sign = facts.usage.as_ref().is_none_or(KeyUsage::key_cert_sign);
        let own = facts.basic.as_ref().and_then(|basic| basic.path_len_constraint).map(u32::from);
        if !(facts.is_authority() || old_root) || !may_sign {
            walk.faults.push(Fault::new(certificate, Reason::NotAnAuthority));
        }
        let purpose = self.inputs.purpose;
        if matches!(role, Role::Leaf) && !purpose.fits_authority(facts) {
            walk.faults.push(Fault::new(certificate, Reason::NotFor(purpose)));
        }
        if !anchor && !facts.is_self_issued() {
            walk.limit = match walk.limit {
                Some((0, holder)) => {
                    walk.faults.push(Fault::new(holder, Reason::PathTooLong));
                    None
                }
                Some((left, holder)) => Some((left - 1, holder)),
                None => None,
            };
        }
        walk.limit = match (walk.limit, own) {
            (Some((left, holder)), Some(own)) if left <= own => Some((left, holder)),
            (_, Some(own)) => Some((own, certificate)),
            (limit, None) => limit,
        };
        walk.constraints.extend(facts.constraints.as_ref().map(|it| (certificate, it)));
    }

    fn check_names(
        &mut self,
        certificate: &Certificate,
        last: bool,
        walk: &mut Walk<'s>,
    ) -> Result<(), TooMuchWork> {
        let facts = certificate.facts();
        if facts.is_self_issued() && !last {
            return Ok(());
        }
        for (authority, constraints) in &walk.constraints {
            match names::check(constraints, facts, &mut self.comparisons) {
                Ok(()) => {}
                Err(NameFault::TooMuchWork) => return Err(TooMuchWork),
                Err(NameFault::Forbidden(name)) => {
                    let authority = authority.subject();
                    let reason = Reason::ForbiddenName { name, authority };
                    walk.faults.push(Fault::new(certificate, reason));
                }
            }
        }

        Ok(())
    }

    fn check_revocations(
        &mut self,
        path: &[&'s Certificate],
        faults: &mut Vec<Fault>,
    ) -> Result<Vec<Standing>, TooMuchWork> {
        let mut standings = Vec::new();
        for below in (1..path.len()).rev() {
            let rest = path.get(below - 1..).unwrap_or_default();
            let Some(certificate) = rest.first() else {
                continue;
            };
            match self.state(rest)? {
                State::Good(source) => standings.push(Standing::Good(source)),
                State::Revoked(revocation) => {
                    faults.push(Fault::new(certificate, Reason::Revoked(revocation)));
                }
                State::Unknown(unknown) => match self.inputs.revocation {
                    Revocations::IfKnown => standings.push(Standing::Unknown(unknown)),
                    Revocations::Required => {
                        let reason = Reason::RevocationUnknown(unknown);
                        faults.push(Fault::new(certificate, reason));
                    }
                },
            }
        }
        standings.reverse();

        Ok(standings)
    }
}

impl Walk<'_> {
    /// Notes the first fault of the policies; those behind it follow from it.
    fn take(&mut self, certificate: &Certificate, result: Result<(), PolicyFault>) {
        if let Err(fault) = result
            && !self.no_policy
        {
            self.no_policy = true;
            self.faults.push(Fault::new(certificate, fault.into()));
        }
    }
}

impl From<PolicyFault> for Reason {
    fn from(fault: PolicyFault) -> Self {
        match fault {
            PolicyFault::MapsAny => Self::PolicyMapping,
            PolicyFault::None => Self::NoPolicy,
        }
    }
}
