//! The audit log.

use crate::error::StoreError;
use crate::millis::Millis;
use crate::sequence::{self, Counter, unsigned};
use crate::tables::audit_events;
use crate::work::Store;
use audit::{Action, Actor, Detail, Event, Filter, Outcome, Record, Subject, SubjectKind};
use fleet::list::{Listing, Page};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

impl Store {
    /// Lists audit events, newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn audit_events(
        &self,
        filter: &Filter,
        page: Page,
    ) -> Result<Listing<Event>, StoreError> {
        let query = audit_events::Entity::find().filter(condition(filter));
        let total = query.clone().count(&self.0).await?;
        let rows = query
            .order_by_desc(audit_events::Column::Sequence)
            .offset(page.offset)
            .limit(page.limit())
            .all(&self.0)
            .await?;

        let items = rows.into_iter().map(event).collect::<Result<_, _>>()?;
        Ok(Listing { total, items })
    }
}

/// Adds a record at the end of the log. Nothing may be locked afterwards.
pub(crate) async fn append(db: &impl ConnectionTrait, record: Record) -> Result<Event, StoreError> {
    // The event that is returned is the one that will be read: to the millisecond.
    let record = Record { at: Millis::from(record.at).into(), ..record };
    let number = sequence::take(db, Counter::Audit, 1).await?;
    let (outcome, reason) = match &record.outcome {
        Outcome::Done => ("done", None),
        Outcome::Refused { reason } => ("refused", Some(reason.clone())),
    };
    let detail = record.detail.to_json();

    let row = audit_events::ActiveModel {
        sequence: Set(number),
        at: Set(record.at.into()),
        actor_kind: Set(record.actor.kind().to_owned()),
        actor_name: Set(record.actor.name()),
        action: Set(record.action.name().to_owned()),
        subject_kind: Set(record.subject.kind.name().to_owned()),
        subject_id: Set(record.subject.id),
        subject_label: Set(record.subject.label.clone()),
        outcome: Set(outcome.to_owned()),
        reason: Set(reason),
        detail: Set(detail),
    };
    audit_events::Entity::insert(row).exec_without_returning(db).await?;

    Ok(Event { sequence: unsigned("audit_events", number)?, record })
}

fn condition(filter: &Filter) -> Condition {
    use audit_events::Column;

    let mut condition = Condition::all();
    if !filter.actions.is_empty() {
        let names = filter.actions.iter().map(|action| action.name());
        condition = condition.add(Column::Action.is_in(names));
    }
    if !filter.subjects.is_empty() {
        let subjects = filter.subjects.iter().map(|(kind, id)| {
            Condition::all().add(Column::SubjectKind.eq(kind.name())).add(Column::SubjectId.eq(*id))
        });
        condition = condition.add(subjects.fold(Condition::any(), Condition::add));
    }
    if let Some(name) = &filter.administrator {
        let actor = Actor::Administrator(name.clone());
        condition = condition.add(Column::ActorKind.eq(actor.kind()));
        condition = condition.add(Column::ActorName.eq(actor.name()));
    }
    if let Some(ending) = filter.ending {
        condition = condition.add(Column::Outcome.eq(ending.name()));
    }
    if let Some(from) = filter.from {
        condition = condition.add(Column::At.gte(Millis::from(from)));
    }
    if let Some(until) = filter.until {
        condition = condition.add(Column::At.lt(Millis::from(until)));
    }

    condition
}

fn event(row: audit_events::Model) -> Result<Event, StoreError> {
    let damaged = |what| StoreError::damaged("audit_events", row.sequence, what);
    let actor = Actor::parse(&row.actor_kind, &row.actor_name).ok_or_else(|| damaged("actor"))?;
    let action = Action::parse(&row.action).ok_or_else(|| damaged("action"))?;
    let kind = SubjectKind::parse(&row.subject_kind).ok_or_else(|| damaged("subject"))?;
    let detail = Detail::from_json(&row.detail).map_err(|_| damaged("detail"))?;
    let outcome = match (row.outcome.as_str(), row.reason) {
        ("done", None) => Outcome::Done,
        ("refused", Some(reason)) => Outcome::Refused { reason },
        _ => return Err(StoreError::damaged("audit_events", row.sequence, "outcome")),
    };

    Ok(Event {
        sequence: unsigned("audit_events", row.sequence)?,
        record: Record {
            at: row.at.into(),
            actor,
            action,
            subject: Subject { kind, id: row.subject_id, label: row.subject_label },
            outcome,
            detail,
        },
    })
}
