//! Whether a certificate was revoked (RFC 5280 §6.3, RFC 6960).

use super::Revocation;
use super::crl::{Crl, Entry};
use super::purpose::may_sign_lists;
use super::scope::{ALL_REASONS, points};
use super::search::{Session, TooMuchWork};
use crate::Certificate;
use time::OffsetDateTime;

/// Signers of lists whose signers of lists are looked for, and so on.
const MAX_SIGNERS: usize = 3;

/// What is known of the revocation of a certificate that is trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// It was not revoked.
    Good(Source),
    /// Nobody knows.
    Unknown(Unknown),
}

/// Who said that a certificate was not revoked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// Revocation lists.
    Crl,
    /// An OCSP answer.
    Ocsp,
}

/// Why nothing is known of the revocation of a certificate.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, thiserror::Error)]
pub enum Unknown {
    /// There is no list and no answer about it.
    #[error("no revocation list and no OCSP answer about it is at hand")]
    Nothing,
    /// The lists are about some reasons only.
    #[error("the revocation lists at hand are not about every reason")]
    Partial,
    /// Whoever was asked does not know it.
    #[error("the OCSP responder does not know it")]
    NotKnown,
    /// Fetch anew.
    #[error("what is at hand is not from that time")]
    Outdated,
    /// A list says something critical that is not understood.
    #[error("a revocation list says something critical that is not understood")]
    NotUnderstood,
    /// A list or an answer is there, but its signature counts for nothing.
    #[error("what is at hand is not signed by somebody who may say so")]
    Unsigned,
}

#[derive(Clone, Copy)]
pub(super) enum State {
    Good(Source),
    Revoked(Revocation),
    Unknown(Unknown),
}

impl State {
    /// Joins what two sources say: whoever says "revoked" is believed.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Revoked(revocation), _) | (_, Self::Revoked(revocation)) => {
                Self::Revoked(revocation)
            }
            (Self::Good(source), _) | (_, Self::Good(source)) => Self::Good(source),
            (Self::Unknown(one), Self::Unknown(other)) => Self::Unknown(one.max(other)),
        }
    }
}

/// Who signed a list, and what it says of a certificate.
type Said<'s> = (&'s Certificate, Option<Entry>);

impl<'s> Session<'s> {
    /// Says whether the first certificate of `path`, which ends at an anchor, was revoked.
    pub(super) fn state(&mut self, path: &[&'s Certificate]) -> Result<State, TooMuchWork> {
        let place = |certificate: Option<&&Certificate>| certificate.map(|it| it.place());
        let key = [path.first(), path.get(1), path.last()].map(place);
        if let Some(known) = self.states.get(&key) {
            return Ok(*known);
        }
        let state = self.state_by_ocsp(path)?.or(self.state_by_lists(path)?);
        // Within the search for a signer some are not asked, so that the answer may be another.
        if self.asked.is_empty() {
            self.states.insert(key, state);
        }

        Ok(state)
    }

    pub(super) fn state_by_lists(
        &mut self,
        path: &[&'s Certificate],
    ) -> Result<State, TooMuchWork> {
        let Some(certificate) = path.first() else {
            return Ok(State::Unknown(Unknown::Nothing));
        };
        let facts = certificate.facts();
        let mut known = 0;
        let mut heard: Vec<(&Certificate, OffsetDateTime)> = Vec::new();
        let mut unknown = Unknown::Nothing;
        for point in points(facts) {
            for crl in self.newest_lists() {
                self.compare(1)?;
                let reasons = point.reasons_of(crl, facts).unwrap_or_default();
                if reasons == 0 {
                    continue;
                }
                let (signer, entry) = match self.consult(crl, path, point.is_delegated())? {
                    Ok(said) => said,
                    Err(why) => {
                        unknown = unknown.max(why);
                        continue;
                    }
                };
                // What a newer list by the same key has said, an older one does not take back. One by another key of
                // the same name may be about other certificates.
                let older = heard.iter().any(|(other, since)| {
                    other.public_key() == signer.public_key() && crl.this_update() < *since
                });
                match entry {
                    _ if older && reasons & !known == 0 => {}
                    Some(Entry::Revoked(revocation)) => return Ok(State::Revoked(revocation)),
                    Some(Entry::Removed) | None => {
                        known |= reasons;
                        heard.push((signer, crl.this_update()));
                    }
                }
            }
            if known == ALL_REASONS {
                return Ok(State::Good(Source::Crl));
            }
        }
        let partial = if known == 0 { Unknown::Nothing } else { Unknown::Partial };

        Ok(State::Unknown(unknown.max(partial)))
    }

    fn newest_lists(&self) -> Vec<&'s Crl> {
        let mut lists: Vec<_> = self.inputs.crls.iter().filter(|crl| !crl.is_delta()).collect();
        lists.sort_by_key(|crl| std::cmp::Reverse(crl.this_update()));

        lists
    }

    /// Looks a certificate up in a list that is about it, and in the newest delta to that list.
    fn consult(
        &mut self,
        crl: &'s Crl,
        path: &[&'s Certificate],
        delegated: bool,
    ) -> Result<Result<Said<'s>, Unknown>, TooMuchWork> {
        let at = self.inputs.read_at();
        let Some((certificate, issuer)) =
            path.first().and_then(|it| Some((*it, it.facts().issuer.as_ref()?)))
        else {
            return Ok(Err(Unknown::Nothing));
        };
        if crl.has_unknown() {
            return Ok(Err(Unknown::NotUnderstood));
        }
        if !crl.has_begun(at) {
            return Ok(Err(Unknown::Outdated));
        }
        let Some(signer) = self.signer(crl, path, delegated)? else {
            return Ok(Err(Unknown::Unsigned));
        };
        let delta = self.delta(crl, signer)?;
        let serial = certificate.raw_serial();
        let changed = delta.and_then(|delta| delta.find(serial, issuer));
        let entry = changed.or_else(|| crl.find(serial, issuer));
        // A delta brings an old list up to date. What was revoked for good stays so when the list has ended that said it.
        let for_good = matches!(&entry, Some(Entry::Revoked(revocation)) if revocation.is_final());
        if crl.has_ended(at) && delta.is_none() && !for_good {
            return Ok(Err(Unknown::Outdated));
        }

        Ok(Ok((signer, entry)))
    }

    fn delta(
        &mut self,
        crl: &'s Crl,
        signer: &'s Certificate,
    ) -> Result<Option<&'s Crl>, TooMuchWork> {
        let (at, algorithms) = (self.inputs.read_at(), &self.inputs.algorithms);
        let mut newest: Option<&Crl> = None;
        for delta in self.inputs.crls.iter().filter(|delta| delta.is_delta()) {
            let usable = delta.completes(crl)
                && delta.has_begun(at)
                && !delta.has_ended(at)
                && !delta.has_unknown()
                && newest.is_none_or(|newest| delta.is_newer_than(newest));
            if usable
                && self.is_signed(delta.place(), signer, || delta.verify(signer, algorithms))?
            {
                newest = Some(delta);
            }
        }

        Ok(newest)
    }

    /// Finds who signed a list and may do so: an authority above, or another certificate of the
    /// list's issuer that leads to the same anchor (RFC 5280 §6.3.3 f and g).
    fn signer(
        &mut self,
        crl: &'s Crl,
        path: &[&'s Certificate],
        delegated: bool,
    ) -> Result<Option<&'s Certificate>, TooMuchWork> {
        let (Some((certificate, above)), Some(anchor)) = (path.split_first(), path.last()) else {
            return Ok(None);
        };
        let algorithms = &self.inputs.algorithms;
        let others = self.inputs.untrusted.iter();
        let candidates = self.named(crl.issuer(), above.iter().copied().chain(others));
        for signer in candidates {
            let own = signer == *certificate;
            // Nobody vouches for themselves, unless their issuer says that they do.
            let circular = if own { !delegated } else { self.asked.contains(&signer.place()) };
            if circular || !may_sign_lists(signer.facts()) {
                continue;
            }
            if !self.is_signed(crl.place(), signer, || crl.verify(signer, algorithms))? {
                continue;
            }
            if own || above.contains(&signer) || self.may_sign_under(signer, anchor)? {
                return Ok(Some(signer));
            }
        }

        Ok(None)
    }

    fn may_sign_under(
        &mut self,
        signer: &'s Certificate,
        anchor: &'s Certificate,
    ) -> Result<bool, TooMuchWork> {
        let key = (signer.place(), anchor.place());
        if self.signers.contains(&key) {
            return Ok(true);
        }
        if self.asked.len() >= MAX_SIGNERS {
            return Ok(false);
        }
        self.asked.push(signer.place());
        let trusted = self.leads_to(signer, anchor);
        self.asked.pop();
        if trusted? {
            self.signers.insert(key);
            return Ok(true);
        }

        Ok(false)
    }
}
