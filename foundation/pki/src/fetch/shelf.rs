use super::{Kind, Source};
use crate::cms::Signed;
use crate::validate::{Crl, OcspAnswer};
use crate::{Algorithms, Certificate, OcspQuestion};
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// How long a source is left alone after it gave nothing.
const PAUSE: Duration = Duration::minutes(10);

/// How often what is still valid is fetched anew: in the middle of what is left of its time, and within these bounds.
const SHORTEST: Duration = Duration::hours(1);
const LONGEST: Duration = Duration::days(1);

/// How long something is left alone that had ended when it came.
const AT_LEAST: Duration = Duration::minutes(10);

/// How long certificates of issuers are kept before they are looked for anew.
const ISSUERS: Duration = Duration::days(30);

/// How long something is kept after it ended, or after it came if it says no end. What it says of revocations still counts.
const AFTER_END: Duration = Duration::days(400);

/// The most certificates of one source that are kept: more are no help, and cost whoever tries them.
const MOST_ISSUERS: usize = 16;

/// The clocks of others may be ahead by so much.
const SKEW: Duration = Duration::minutes(5);

/// What was fetched, with its times.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    kept: BTreeMap<Source, Kept>,
    failed: BTreeMap<Source, OffsetDateTime>,
}

#[derive(Clone, Debug)]
struct Kept {
    content: Content,
    issuer: Option<Certificate>,
    /// A signature of the issuer's was checked, or of somebody whom it named.
    verified: bool,
    came: OffsetDateTime,
    due: OffsetDateTime,
    ends: OffsetDateTime,
}

#[derive(Clone, Debug)]
enum Content {
    Answer(OcspAnswer),
    Issuers(Vec<Certificate>),
    List(Crl),
}

/// Why what came is of no use.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unusable {
    /// It cannot be read.
    #[error("it is not what was asked for, or damaged")]
    Damaged,
    /// It is from the future.
    #[error("it says that it was made in the future; is the clock right?")]
    Early,
    /// It is older than what is kept, or of somebody else.
    #[error("it does not follow what the same address gave before")]
    Other,
    /// Its issuer did not sign it.
    #[error("its issuer did not sign it")]
    Unsigned,
}

impl Shelf {
    /// Keeps what came from a source; what was kept before stays if this is of no use.
    ///
    /// Validation checks signatures whatever is here. They are checked here as well as far as the issuer is known, so
    /// that nobody on the way to a source takes from us what is still good.
    ///
    /// # Errors
    ///
    /// [`Unusable`] says why; the source is then left alone for a while.
    pub fn put(
        &mut self,
        source: &Source,
        issuer: Option<&Certificate>,
        bytes: &[u8],
        now: OffsetDateTime,
    ) -> Result<(), Unusable> {
        let kept = Kept::read(source, issuer, bytes, now)
            .and_then(|kept| kept.follows(self.kept.get(source), now));
        match kept {
            Ok(kept) => {
                self.failed.remove(source);
                self.kept.insert(source.clone(), kept);
                Ok(())
            }
            Err(unusable) => {
                self.fail(source, now);
                Err(unusable)
            }
        }
    }

    /// Notes that a source gave nothing.
    pub fn fail(&mut self, source: &Source, now: OffsetDateTime) {
        self.failed.insert(source.clone(), now);
    }

    /// Tells whether asking a source may give something new.
    pub fn is_due(&self, source: &Source, now: OffsetDateTime) -> bool {
        // What comes from the future came when the clock was wrong.
        let wrong = |moment: OffsetDateTime| moment > now.saturating_add(SKEW);
        let rests = |failed: &OffsetDateTime| now < failed.saturating_add(PAUSE) && !wrong(*failed);
        let rests = self.failed.get(source).is_some_and(rests);

        !rests && self.kept.get(source).is_none_or(|kept| kept.due <= now || wrong(kept.came))
    }

    /// Returns the sources of what is to be fetched anew, with the issuers of what it is about.
    pub fn due(&self, now: OffsetDateTime) -> Vec<(Source, Option<Certificate>)> {
        let due = self.kept.iter().filter(|(source, _)| self.is_due(source, now));

        due.map(|(source, kept)| (source.clone(), kept.issuer.clone())).collect()
    }

    /// Returns the moment at which something is to be fetched anew.
    pub fn next_due(&self) -> Option<OffsetDateTime> {
        let due = |(source, kept): (&Source, &Kept)| {
            let again = self.failed.get(source).map(|failed| failed.saturating_add(PAUSE));
            let again = again.unwrap_or(kept.due);
            again.max(kept.due)
        };

        self.kept.iter().map(due).min()
    }

    /// Throws away what ended some time ago, and returns its sources.
    pub fn tidy(&mut self, now: OffsetDateTime) -> Vec<Source> {
        self.failed.retain(|_, failed| now < failed.saturating_add(PAUSE));
        let old = self.kept.iter().filter(|(_, kept)| kept.ends.saturating_add(AFTER_END) < now);
        let old: Vec<_> = old.map(|(source, _)| source.clone()).collect();
        old.iter().for_each(|source| drop(self.kept.remove(source)));

        old
    }

    /// The certificates at hand.
    pub fn certificates(&self) -> Vec<Certificate> {
        let all = self.kept.values().filter_map(|kept| match &kept.content {
            Content::Issuers(certificates) => Some(certificates.iter().cloned()),
            Content::Answer(_) | Content::List(_) => None,
        });

        all.flatten().collect()
    }

    /// The revocation lists at hand.
    pub fn lists(&self) -> Vec<Crl> {
        let all = self.kept.values().filter_map(|kept| match &kept.content {
            Content::List(list) => Some(list.clone()),
            Content::Answer(_) | Content::Issuers(_) => None,
        });

        all.collect()
    }

    /// The OCSP answers at hand.
    pub fn answers(&self) -> Vec<OcspAnswer> {
        let all = self.kept.values().filter_map(|kept| match &kept.content {
            Content::Answer(answer) => Some(answer.clone()),
            Content::Issuers(_) | Content::List(_) => None,
        });

        all.collect()
    }
}

impl Kept {
    fn read(
        source: &Source,
        issuer: Option<&Certificate>,
        bytes: &[u8],
        now: OffsetDateTime,
    ) -> Result<Self, Unusable> {
        let algorithms = Algorithms::default();
        let (content, verified, (due, ends)) = match &source.kind {
            Kind::Issuers => {
                let due = now.saturating_add(ISSUERS);
                let mut issuers = certificates(bytes)?;
                issuers.truncate(MOST_ISSUERS);
                (Content::Issuers(issuers), false, (due, due))
            }
            Kind::List => {
                let list = list(bytes)?;
                if list.this_update() > now.saturating_add(SKEW) {
                    return Err(Unusable::Early);
                }
                let own = issuer.filter(|issuer| list.may_be_by(issuer));
                if own.is_some_and(|issuer| list.verify(issuer, &algorithms).is_err()) {
                    return Err(Unusable::Unsigned);
                }
                let times = times(list.next_update(), now);
                (Content::List(list), own.is_some(), times)
            }
            Kind::Answer { request } => {
                let answer = OcspAnswer::from_der(bytes).map_err(|_| Unusable::Damaged)?;
                let question = OcspQuestion::from_der(request).map_err(|_| Unusable::Damaged)?;
                if !answer.echoes(&question) {
                    return Err(Unusable::Other);
                }
                if issuer.is_some_and(|issuer| !answer.is_by(issuer, &algorithms)) {
                    return Err(Unusable::Unsigned);
                }
                let times = times(answer.next_update(), now);
                (Content::Answer(answer), issuer.is_some(), times)
            }
        };

        Ok(Self { content, issuer: issuer.cloned(), verified, came: now, due, ends })
    }

    /// What an address gives follows what it gave before: of the same issuer, and not older. What nobody vouches for
    /// gives way to what somebody does, and in time to anything.
    fn follows(self, before: Option<&Self>, now: OffsetDateTime) -> Result<Self, Unusable> {
        let Some(before) = before else { return Ok(self) };
        let passing = !before.verified && (self.verified || before.due <= now);
        let worse = before.verified && !self.verified;
        let older = match (&self.content, &before.content) {
            (Content::List(new), Content::List(old)) => {
                new.issuer() != old.issuer() || new.this_update() < old.this_update()
            }
            (Content::Answer(new), Content::Answer(old)) => new.this_update() < old.this_update(),
            (Content::Answer(_) | Content::Issuers(_) | Content::List(_), _) => return Ok(self),
        };

        if passing || !(worse || older) { Ok(self) } else { Err(Unusable::Other) }
    }
}

/// When to fetch anew what ends then, and when it ends.
fn times(next: Option<OffsetDateTime>, now: OffsetDateTime) -> (OffsetDateTime, OffsetDateTime) {
    let Some(next) = next else { return (now.saturating_add(SHORTEST), now) };
    let half: Duration = (next - now) / 2;

    let due = now.saturating_add(half.clamp(SHORTEST, LONGEST));
    // At its end at the latest; what came too late is not asked for again at once.
    let latest = if next > now { next } else { now.saturating_add(AT_LEAST) };

    (due.min(latest), next)
}

/// Some servers send PEM, against RFC 5280 §4.2.1.13.
fn list(bytes: &[u8]) -> Result<Crl, Unusable> {
    let from_pem = || {
        let text = std::str::from_utf8(bytes).ok()?;
        Crl::all_from_pem(text).ok()?.into_iter().next()
    };

    Crl::from_der(bytes).ok().or_else(from_pem).ok_or(Unusable::Damaged)
}

fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, Unusable> {
    let one = Certificate::from_der(bytes).ok().map(|certificate| vec![certificate]);
    let some = || Some(Signed::read(bytes).ok()?.certificates);
    let from_pem = || Certificate::all_from_pem(std::str::from_utf8(bytes).ok()?).ok();
    let all = one.or_else(some).or_else(from_pem).filter(|all| !all.is_empty());

    all.ok_or(Unusable::Damaged)
}
