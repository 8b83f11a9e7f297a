//! What several answers have in common.

use crate::problem::Problem;
use audit::{Action, Actor, Event, Outcome, SubjectKind};
use fleet::Reason;
use fleet::device::{Client, State, WipeOrder};
use fleet::list::Page;
use fleet::user::Block;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use uuid::Uuid;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    /// How many items to leave out at the beginning.
    #[serde(default)]
    pub(crate) offset: u64,
    /// How many items to return at most, 1 to 200.
    #[serde(default = "fifty")]
    pub(crate) limit: u64,
}

impl From<PageQuery> for Page {
    fn from(query: PageQuery) -> Self {
        Self::new(query.offset, query.limit)
    }
}

pub(crate) const fn fifty() -> u64 {
    50
}

/// Something that is called by a name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamedView {
    pub(crate) id: Uuid,
    pub(crate) name: String,
}

/// A person, as far as other things name one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonRef {
    pub(crate) id: Uuid,
    pub(crate) login: String,
    pub(crate) name: String,
}

/// Why somebody or something is blocked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockRequest {
    /// What the person is told.
    reason: String,
}

impl BlockRequest {
    pub(crate) fn reason(&self) -> Result<Reason, Problem> {
        Reason::parse(&self.reason).map_err(|text| Problem::refused(&text).at("reason"))
    }
}

/// The block of a person, which holds for all of their devices.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BlockView {
    /// What the person is told.
    reason: String,
    by: ActorView,
    #[serde(with = "time::serde::rfc3339")]
    since: OffsetDateTime,
}

impl From<Block> for BlockView {
    fn from(block: Block) -> Self {
        Self {
            reason: block.reason.to_string(),
            by: ActorView::parse(&block.by),
            since: block.since,
        }
    }
}

/// What reads the mail on a device.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientView {
    /// Cordon's app.
    App,
    /// Another mail program, known only by its ActiveSync identifier.
    Native,
}

impl From<Client> for ClientView {
    fn from(client: Client) -> Self {
        match client {
            Client::App => Self::App,
            Client::Native => Self::Native,
        }
    }
}

/// What a device has to wipe.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WipeKind {
    /// The personal key: what is stored becomes unreadable.
    Key,
    /// Everything in the container.
    Data,
}

impl From<WipeOrder> for WipeKind {
    fn from(order: WipeOrder) -> Self {
        match order {
            WipeOrder::Key => Self::Key,
            WipeOrder::Data => Self::Data,
        }
    }
}

impl From<WipeKind> for WipeOrder {
    fn from(kind: WipeKind) -> Self {
        match kind {
            WipeKind::Key => Self::Key,
            WipeKind::Data => Self::Data,
        }
    }
}

/// Where a device stands in its life.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum DeviceState {
    /// Its owner holds an invitation.
    Invited,
    /// In service.
    Registered,
    /// Refused everywhere until it is unblocked.
    Blocked {
        reason: String,
        #[serde(with = "time::serde::rfc3339")]
        since: OffsetDateTime,
    },
    /// Told to wipe.
    Wiped {
        order: WipeKind,
        #[serde(with = "time::serde::rfc3339")]
        ordered_at: OffsetDateTime,
        #[serde(with = "time::serde::rfc3339::option")]
        #[schema(required)]
        confirmed_at: Option<OffsetDateTime>,
    },
    /// Out of service for good.
    Retired {
        #[serde(with = "time::serde::rfc3339")]
        since: OffsetDateTime,
    },
}

impl From<State> for DeviceState {
    fn from(state: State) -> Self {
        match state {
            State::Invited => Self::Invited,
            State::Registered => Self::Registered,
            State::Blocked { reason, since } => Self::Blocked { reason: reason.to_string(), since },
            State::Wiped { order, ordered_at, confirmed_at } => {
                Self::Wiped { order: order.into(), ordered_at, confirmed_at }
            }
            State::Retired { since } => Self::Retired { since },
        }
    }
}

/// A page of the audit log, newest event first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventsView {
    /// How many events there are in all.
    pub(crate) total: u64,
    pub(crate) items: Vec<EventView>,
}

/// Something that was done or refused.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    /// The place in the log.
    sequence: u64,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    actor: ActorView,
    #[schema(schema_with = actions)]
    action: &'static str,
    subject: SubjectView,
    outcome: OutcomeView,
    /// Further facts.
    detail: BTreeMap<String, String>,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActorView {
    #[schema(schema_with = actor_kinds)]
    kind: &'static str,
    /// The name within the kind; empty where there is only one.
    name: String,
}

/// What something was done to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubjectView {
    #[schema(schema_with = subject_kinds)]
    kind: &'static str,
    id: Uuid,
    /// What it was called at that time.
    label: String,
}

/// How it ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum OutcomeView {
    Done,
    Refused {
        /// The stable code of the refusal.
        reason: String,
    },
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        let Event { sequence, record } = event;
        let facts = record.detail.iter();

        Self {
            sequence,
            at: record.at,
            actor: record.actor.into(),
            action: record.action.name(),
            subject: SubjectView {
                kind: record.subject.kind.name(),
                id: record.subject.id,
                label: record.subject.label,
            },
            outcome: match record.outcome {
                Outcome::Done => OutcomeView::Done,
                Outcome::Refused { reason } => OutcomeView::Refused { reason },
            },
            detail: facts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }
}

impl From<Actor> for ActorView {
    fn from(actor: Actor) -> Self {
        Self { kind: actor.kind(), name: actor.name() }
    }
}

impl ActorView {
    /// Reads an actor as it was written down; what cannot be read is taken for a name.
    pub(crate) fn parse(text: &str) -> Self {
        let (kind, name) = text.split_once(' ').unwrap_or((text, ""));
        let actor = Actor::parse(kind, name);

        actor.unwrap_or_else(|| Actor::CommandLine(text.to_owned())).into()
    }
}

pub(crate) fn actions() -> RefOr<Schema> {
    names(Action::ALL.iter().map(|action| action.name()))
}

fn subject_kinds() -> RefOr<Schema> {
    names(SubjectKind::ALL.iter().map(|kind| kind.name()))
}

fn actor_kinds() -> RefOr<Schema> {
    names(["administrator", "command-line", "device", "invitation", "server", "visitor"])
}

fn names(names: impl IntoIterator<Item = &'static str>) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
}
