//! Which events somebody wants to see.

use crate::{Action, SubjectKind};
use time::OffsetDateTime;
use uuid::Uuid;

/// Selects events; an empty filter selects all of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Filter {
    /// Only these actions; any if empty.
    pub actions: Vec<Action>,
    /// Only these subjects; any if empty.
    pub subjects: Vec<(SubjectKind, Uuid)>,
    /// Only what this administrator did.
    pub administrator: Option<String>,
    /// Only what ended like this.
    pub ending: Option<Ending>,
    /// Only events at or after this moment.
    pub from: Option<OffsetDateTime>,
    /// Only events before this moment.
    pub until: Option<OffsetDateTime>,
}

/// How an event ended, without the reason.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

impl Ending {
    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }

    /// Finds the ending with this stable name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "done" => Some(Self::Done),
            "refused" => Some(Self::Refused),
            _ => None,
        }
    }
}
