//! When revocation lists are made, and what is in them.

use crate::{Issued, Issuer};
use pki::{CrlTemplate, IssueError, Revoked, issue_crl};
use time::{Duration, OffsetDateTime};

/// How old a list becomes before the next one is made, though nothing was revoked.
const REPLACED_AFTER: Duration = Duration::days(1);

/// How long a revoked certificate stays in the lists after it has expired, so that it is in one at least (RFC 5280 §3.3).
pub const KEPT: Duration = Duration::days(30);

/// A revocation list as it was published.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublishedList {
    /// Its number; none is given twice, and none after a greater one.
    pub number: u64,
    /// When it was made.
    pub this_update: OffsetDateTime,
    /// Until when it may be relied upon.
    pub next_update: OffsetDateTime,
    /// The list in DER.
    pub der: Vec<u8>,
}

/// How much earlier than it is made a list says that it was.
const BACKDATED: Duration = Duration::minutes(5);

impl PublishedList {
    /// Tells whether it is time for the next one, also if the clock was set back.
    pub fn is_due(&self, now: OffsetDateTime) -> bool {
        now - self.this_update >= REPLACED_AFTER || now < self.this_update
    }

    /// Returns the number of the list that follows the one numbered `last`.
    ///
    /// It is the time in seconds, unless that has been given: a database that was restored from an old backup goes on above
    /// the lists that are out there.
    pub(crate) fn number_after(last: u64, now: OffsetDateTime) -> u64 {
        let seconds = u64::try_from(now.unix_timestamp()).unwrap_or_default();

        seconds.max(last.saturating_add(1))
    }

    pub(crate) fn make(
        revoked: &[Issued],
        number: u64,
        issuer: &Issuer,
        now: OffsetDateTime,
    ) -> Result<Self, IssueError> {
        let next_update = now + issuer.list_life();
        let revoked: Vec<_> = revoked.iter().filter_map(entry).collect();
        // The clocks of those who read it may be behind.
        let this_update = now - BACKDATED;
        let template = CrlTemplate { number, this_update, next_update, revoked: &revoked };
        let der = issue_crl(&template, issuer.certificate(), issuer.key())?;

        Ok(Self { number, this_update, next_update, der })
    }
}

fn entry(issued: &Issued) -> Option<Revoked> {
    let revocation = issued.revocation?;

    Some(Revoked {
        serial: issued.serial.octets(),
        since: revocation.since,
        reason: revocation.reason,
    })
}
