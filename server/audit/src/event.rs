//! Records, and the events they become.

use crate::{Action, Actor, Subject};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// A record with its place in the log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// The place in the log: 1 for the first event, without gaps.
    pub sequence: u64,
    /// What is recorded.
    pub record: Record,
}

/// What happened, before the log has given it a place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    /// When it happened.
    pub at: OffsetDateTime,
    /// Who did it.
    pub actor: Actor,
    /// What was done or tried.
    pub action: Action,
    /// What it was done to.
    pub subject: Subject,
    /// How it ended.
    pub outcome: Outcome,
    /// Further facts, by name.
    pub detail: Detail,
}

/// How an action ended. A failure of ours leaves no trace in the log, because it changed nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It was done, and is as durable as this event.
    Done,
    /// The rules said no, and nothing was changed.
    Refused {
        /// The stable code of the refusal, such as `already_blocked`.
        reason: String,
    },
}

/// Facts about an event: short texts by name, in a fixed order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Detail(BTreeMap<String, String>);

impl Detail {
    /// Holds no facts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fact, replacing one of the same name.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Adds a fact, replacing one of the same name.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.insert(name, value);

        self
    }

    /// Finds a fact by its name.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns the facts in alphabetical order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Tells whether there are no facts.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, String)> for Detail {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(facts: I) -> Self {
        Self(facts.into_iter().collect())
    }
}
