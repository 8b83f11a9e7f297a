//! One line for each request, and the refusals that were last.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use activesync::query::{Command, Version};
use fleet::DeviceId;
use fleet::access::{Asks, Decision, Fact, RequestFacts, SignIn};
use time::OffsetDateTime;

/// A request that did not reach the mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalRecord {
    /// When it was answered.
    pub at: OffsetDateTime,
    /// The client's end of the TCP connection.
    pub peer: SocketAddr,
    /// The device, if the request could be assigned to one.
    pub device: Option<DeviceId>,
    /// The identifier shown in ActiveSync, in lower case.
    pub eas_id: Option<String>,
    /// What was asked for.
    pub command: Option<Command>,
    /// The protocol version.
    pub version: Option<Version>,
    /// HTTP status of the answer; 0 if the connection was closed instead.
    pub status: u16,
    /// Root status in the answer's body.
    pub eas_status: Option<u16>,
    /// The rule that refused.
    pub rule: &'static str,
    /// The fact that settled it.
    pub fact: Fact,
}

/// What there is to say about a request when it is over.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) peer: SocketAddr,
    pub(crate) facts: Option<&'a RequestFacts>,
    pub(crate) device: Option<DeviceId>,
    pub(crate) rule: &'static str,
    pub(crate) fact: Fact,
    pub(crate) refused: bool,
    pub(crate) status: u16,
    pub(crate) eas_status: Option<u16>,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    pub(crate) duration: Duration,
}

impl<'a> Line<'a> {
    /// Begins the line of a decided request.
    pub(crate) fn decided(facts: &'a RequestFacts, decision: &Decision, refused: bool) -> Self {
        let Decision { rule, fact, device, .. } = decision;
        Self {
            device: *device,
            facts: Some(facts),
            ..Self::undecided(facts.peer, rule, fact.clone(), refused)
        }
    }

    /// Begins the line of a request that does not get as far as the decision table.
    pub(crate) fn undecided(
        peer: SocketAddr,
        rule: &'static str,
        fact: Fact,
        refused: bool,
    ) -> Self {
        Self {
            peer,
            facts: None,
            device: None,
            rule,
            fact,
            refused,
            status: 0,
            eas_status: None,
            bytes_in: 0,
            bytes_out: 0,
            duration: Duration::ZERO,
        }
    }

    fn asks(&self) -> (Option<&'a str>, Option<Command>, Option<Version>) {
        match self.facts.map(|facts| &facts.asks) {
            Some(Asks::Command { command, version, eas_id, .. }) => {
                (Some(eas_id), Some(*command), Some(*version))
            }
            Some(Asks::Malformed { .. } | Asks::Options) | None => (None, None, None),
        }
    }
}

/// Cuts and escapes what a client made up, so that it is short and ASCII in the log and in the console.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String =
        text.chars().take(LONGEST_SHOWN).flat_map(char::escape_default).collect();
    if shown.len() > LONGEST_SHOWN || text.len() > LONGEST_SHOWN {
        shown.truncate(LONGEST_SHOWN);
        shown.push_str("...");
    }
    shown
}

/// How much of what a client made up is shown, in characters.
const LONGEST_SHOWN: usize = 120;

/// Writes the lines and remembers the refusals.
#[derive(Debug)]
pub(crate) struct Journal {
    clock: fn() -> OffsetDateTime,
    keep: usize,
    refusals: Mutex<VecDeque<(Kind, RefusalRecord)>>,
}

/// Of whom a refusal tells. Anybody can cause the latter two in any number, so they have to leave room for the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A device that is known.
    Device,
    /// An identifier that is not.
    Identifier,
    /// Nobody: a closed path, or what cannot be read.
    Nobody,
}

impl Kind {
    /// Returns how many of this kind give way to no other, of `keep` altogether.
    fn share(self, keep: usize) -> usize {
        match self {
            Self::Device => keep / 2,
            Self::Identifier => keep / 4,
            Self::Nobody => keep / 8,
        }
    }
}

impl Journal {
    /// Makes a journal that remembers `keep` refusals.
    pub(crate) fn new(clock: fn() -> OffsetDateTime, keep: usize) -> Self {
        Self { clock, keep, refusals: Mutex::default() }
    }

    /// Returns the refusals that are remembered, oldest first.
    pub(crate) fn refusals(&self) -> Vec<RefusalRecord> {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.iter().map(|(_, record)| record.clone()).collect()
    }

    /// Ends the line of a request.
    pub(crate) fn write(&self, line: &Line<'_>) {
        let (eas_id, command, version) = line.asks();
        let device = line.device.map(tracing::field::display);
        let options = line.facts.is_some_and(|facts| facts.asks == Asks::Options);
        let command_name = command.map(Command::name).or(options.then_some("OPTIONS"));
        let outcome = if line.refused { "refused" } else { "passed" };
        tracing::info!(
            target: "gateway::request",
            device,
            eas_id,
            command = command_name,
            version = version.map(Version::name),
            status = line.status,
            eas_status = line.eas_status,
            rule = line.rule,
            fact = line.fact.to_string(),
            bytes_in = line.bytes_in,
            bytes_out = line.bytes_out,
            duration_ms = line.duration.as_millis() as u64,
            "{outcome}",
        );
        if let Some(facts) = line.facts {
            let signed_in = match &facts.sign_in {
                SignIn::Basic { user } => Some(user.as_str()),
                SignIn::Bearer | SignIn::Missing | SignIn::Other => None,
            };
            let (peer, user_agent) = (facts.peer, facts.user_agent.as_deref().map(shown));
            let (signed_in, query_user) =
                (signed_in.map(shown), facts.query_user.as_deref().map(shown));
            tracing::debug!(target: "gateway::request", eas_id, %peer, user = signed_in, query_user, user_agent, "by");
        }
        if line.refused {
            self.remember(line, eas_id, command, version);
        }
    }

    fn remember(
        &self,
        line: &Line<'_>,
        eas_id: Option<&str>,
        command: Option<Command>,
        version: Option<Version>,
    ) {
        let record = RefusalRecord {
            at: (self.clock)(),
            peer: line.peer,
            device: line.device,
            eas_id: eas_id.map(str::to_owned),
            command,
            version,
            status: line.status,
            eas_status: line.eas_status,
            rule: line.rule,
            fact: line.fact.clone(),
        };
        let kind = match (line.device, eas_id) {
            (Some(_), _) => Kind::Device,
            (None, Some(_)) => Kind::Identifier,
            (None, None) => Kind::Nobody,
        };
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.push_back((kind, record));
        if refusals.len() > self.keep {
            self.forget_one(&mut refusals);
        }
    }

    /// Forgets the oldest of a kind that has more than its share, first of those that anybody can cause.
    fn forget_one(&self, refusals: &mut VecDeque<(Kind, RefusalRecord)>) {
        let has_too_many = |kind: &Kind| {
            refusals.iter().filter(|(other, _)| other == kind).count() > kind.share(self.keep)
        };
        let kind = [Kind::Nobody, Kind::Identifier, Kind::Device].into_iter().find(has_too_many);
        let oldest = refusals.iter().position(|(other, _)| Some(*other) == kind);
        refusals.remove(oldest.unwrap_or_default());
    }
}
