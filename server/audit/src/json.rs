//! The form in which events leave the server.

use crate::{Action, Actor, Detail, Event, Outcome, Record, Subject, SubjectKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

impl Event {
    /// Writes the event as one line of JSON.
    ///
    /// # Errors
    ///
    /// [`FormatError::Json`] if the moment lies outside the years that RFC 3339 can name.
    pub fn to_json(&self) -> Result<String, FormatError> {
        Ok(serde_json::to_string(&EventForm::from(self))?)
    }

    /// Reads an event from its JSON form.
    ///
    /// # Errors
    ///
    /// [`FormatError`] names the first part that no version of the log writes.
    pub fn from_json(text: &str) -> Result<Self, FormatError> {
        serde_json::from_str::<EventForm>(text)?.try_into()
    }
}

impl Detail {
    /// Writes the facts as a JSON object.
    pub fn to_json(&self) -> String {
        let facts = self.iter().map(|(name, value)| (name.to_owned(), value.into())).collect();

        serde_json::Value::Object(facts).to_string()
    }

    /// Reads facts from a JSON object of texts.
    ///
    /// # Errors
    ///
    /// [`FormatError::Json`] if it is something else.
    pub fn from_json(text: &str) -> Result<Self, FormatError> {
        let facts: BTreeMap<String, String> = serde_json::from_str(text)?;

        Ok(facts.into_iter().collect())
    }
}

/// Why a text is not an event.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// It is not JSON, or not of this shape.
    #[error("the audit event is not well-formed")]
    Json(#[from] serde_json::Error),
    /// It names an action that does not exist.
    #[error("no action is called {0:?}")]
    UnknownAction(String),
    /// It names an actor that does not exist.
    #[error("no actor is of the kind {kind:?} with the name {name:?}")]
    UnknownActor {
        /// The kind as written.
        kind: String,
        /// The name as written.
        name: String,
    },
    /// It names a kind of subject that does not exist.
    #[error("no subject is of the kind {0:?}")]
    UnknownSubject(String),
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct EventForm {
    sequence: u64,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    actor: ActorForm,
    action: String,
    subject: SubjectForm,
    outcome: OutcomeForm,
    detail: BTreeMap<String, String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ActorForm {
    kind: String,
    name: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SubjectForm {
    kind: String,
    id: Uuid,
    label: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "result")]
enum OutcomeForm {
    Done,
    Refused { reason: String },
}

impl From<&Event> for EventForm {
    fn from(event: &Event) -> Self {
        let record = &event.record;
        let subject = &record.subject;
        let actor = ActorForm { kind: record.actor.kind().to_owned(), name: record.actor.name() };
        let outcome = match &record.outcome {
            Outcome::Done => OutcomeForm::Done,
            Outcome::Refused { reason } => OutcomeForm::Refused { reason: reason.clone() },
        };

        Self {
            sequence: event.sequence,
            at: record.at,
            actor,
            action: record.action.name().to_owned(),
            subject: SubjectForm {
                kind: subject.kind.name().to_owned(),
                id: subject.id,
                label: subject.label.clone(),
            },
            outcome,
            detail: record
                .detail
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }
}

impl TryFrom<EventForm> for Event {
    type Error = FormatError;

    fn try_from(form: EventForm) -> Result<Self, FormatError> {
        let ActorForm { kind, name } = form.actor;
        let Some(actor) = Actor::parse(&kind, &name) else {
            return Err(FormatError::UnknownActor { kind, name });
        };
        let Some(action) = Action::parse(&form.action) else {
            return Err(FormatError::UnknownAction(form.action));
        };
        let Some(kind) = SubjectKind::parse(&form.subject.kind) else {
            return Err(FormatError::UnknownSubject(form.subject.kind));
        };
        let outcome = match form.outcome {
            OutcomeForm::Done => Outcome::Done,
            OutcomeForm::Refused { reason } => Outcome::Refused { reason },
        };

        Ok(Self {
            sequence: form.sequence,
            record: Record {
                at: form.at,
                actor,
                action,
                subject: Subject { kind, id: form.subject.id, label: form.subject.label },
                outcome,
                detail: form.detail.into_iter().collect(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;
    use time::macros::datetime;

    #[test]
    fn a_deed_is_written_like_this() {
        let event = Event { sequence: 7, record: block(Outcome::Done) };

        assert_snapshot!(round_trip(&event), @r#"{"sequence":7,"at":"2026-01-02T03:04:05.678Z","actor":{"kind":"administrator","name":"anna"},"action":"device.block","subject":{"kind":"device","id":"00000000-0000-0000-0000-000000000001","label":"Alice's tablet"},"outcome":{"result":"done"},"detail":{"reason":"lost on the train"}}"#);
    }

    #[test]
    fn a_refusal_is_written_like_this() {
        let outcome = Outcome::Refused { reason: "already_blocked".into() };
        let record = Record { actor: Actor::Server, detail: Detail::new(), ..block(outcome) };

        assert_snapshot!(round_trip(&Event { sequence: 8, record }), @r#"{"sequence":8,"at":"2026-01-02T03:04:05.678Z","actor":{"kind":"server","name":""},"action":"device.block","subject":{"kind":"device","id":"00000000-0000-0000-0000-000000000001","label":"Alice's tablet"},"outcome":{"result":"refused","reason":"already_blocked"},"detail":{}}"#);
    }

    #[test]
    fn what_nobody_writes_is_not_read() {
        let good = Event { sequence: 7, record: block(Outcome::Done) }.to_json().unwrap();
        for (from, to) in [
            ("device.block", "device.explode"),
            ("\"kind\":\"administrator\"", "\"kind\":\"robot\""),
            ("\"kind\":\"device\"", "\"kind\":\"toaster\""),
            ("\"result\":\"done\"", "\"result\":\"maybe\""),
            ("\"sequence\":7", "\"sequence\":-7"),
            ("\"sequence\":7", "\"sequence\":7,\"extra\":1"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "the example contains {from}");
            assert!(Event::from_json(&bad).is_err(), "{bad}");
        }
    }

    fn round_trip(event: &Event) -> String {
        let text = event.to_json().unwrap();
        assert_eq!(&Event::from_json(&text).unwrap(), event);

        text
    }

    fn block(outcome: Outcome) -> Record {
        Record {
            at: datetime!(2026-01-02 03:04:05.678 UTC),
            actor: Actor::Administrator("anna".into()),
            action: Action::DeviceBlock,
            subject: Subject::new(SubjectKind::Device, Uuid::from_u128(1))
                .labelled("Alice's tablet"),
            outcome,
            detail: Detail::new().with("reason", "lost on the train"),
        }
    }
}
