//! The frame around every operation.

use crate::SealingKey;
use crate::failure::{Failure, Fault, unknown_code};
use crate::held::{Concerned, Held, Waiter};
use audit::{Action, Actor, Detail, Outcome, Record, Subject};
use ca::{Authority, NameRules, Signer};
use fleet::DeviceId;
use fleet::Refusal;
use fleet::licence::Licence;
use std::fmt;
use std::sync::Arc;
use store::{InsertError, Store, StoreError, UnitOfWork};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::{Mutex, Notify, Semaphore};

/// Where operations read the time.
pub type Clock = fn() -> OffsetDateTime;

/// What operations need.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The fleet's database, migrated.
    pub store: Store,
    /// What certificates are issued and settings are signed with.
    pub authority: Authority,
    /// Where to read the time.
    pub clock: Clock,
    /// Where devices reach the server: `https://host[:port]`.
    pub public_url: String,
    /// How many devices may be in service.
    pub licence: Licence,
    /// For which names certificates are issued.
    pub name_rules: NameRules,
    /// What seals certificate files that wait for the app.
    pub sealing_key: SealingKey,
}

/// Everything the server does when asked.
#[derive(Clone)]
pub struct Operations(Arc<Inner>);

struct Inner {
    setup: Setup,
    /// Who waits for what the feed passes on.
    held: Arc<Held>,
    /// Wakes the feed when this process has changed something.
    changed: Notify,
    /// What OCSP answers are signed with, once one was asked for.
    ocsp: Mutex<Option<Signer>>,
    /// Bounds how many passwords are hashed at the same time.
    hashing: Semaphore,
}

/// How many passwords are hashed at the same time; each takes tens of milliseconds and 32 MiB.
const HASHES_AT_ONCE: usize = 2;

impl Operations {
    /// Serves operations.
    pub fn new(setup: Setup) -> Self {
        let public_url = setup.public_url.trim_end_matches('/').to_owned();

        Self(Arc::new(Inner {
            setup: Setup { public_url, ..setup },
            held: Arc::default(),
            changed: Notify::new(),
            ocsp: Mutex::default(),
            hashing: Semaphore::new(HASHES_AT_ONCE),
        }))
    }

    /// Reads the time.
    pub fn now(&self) -> OffsetDateTime {
        (self.0.setup.clock)()
    }

    /// Returns what certificates are issued and settings are signed with.
    pub fn authority(&self) -> &Authority {
        &self.0.setup.authority
    }

    /// Returns where devices reach the server: `https://host[:port]`.
    pub fn public_url(&self) -> &str {
        &self.0.setup.public_url
    }

    /// Returns how many devices may be in service.
    pub fn licence(&self) -> Licence {
        self.0.setup.licence
    }

    /// Waits for changes that concern a device, as long as [`feed::run`](crate::feed::run) runs in this process.
    pub fn follow(&self, device: DeviceId) -> Waiter {
        self.0.held.enter(device)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.setup.store
    }

    pub(crate) fn name_rules(&self) -> &NameRules {
        &self.0.setup.name_rules
    }

    pub(crate) fn sealing_key(&self) -> &SealingKey {
        &self.0.setup.sealing_key
    }

    pub(crate) fn ocsp_responder(&self) -> &Mutex<Option<Signer>> {
        &self.0.ocsp
    }

    pub(crate) fn hashing(&self) -> &Semaphore {
        &self.0.hashing
    }

    /// Waits until this process has changed something.
    pub(crate) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// Tells followers in this process what the feed has passed on.
    pub(crate) fn announce(&self, concerned: &Concerned) {
        self.0.held.wake(concerned);
    }

    /// Begins an operation.
    pub(crate) async fn begin(
        &self,
        actor: &Actor,
        action: Action,
        subject: Subject,
    ) -> Result<Work, StoreError> {
        let record = Record {
            at: self.now(),
            actor: actor.clone(),
            action,
            subject,
            outcome: Outcome::Done,
            detail: Detail::new(),
        };

        Ok(Work { unit: self.store().begin().await?, record })
    }

    /// Ends an operation: what is done is saved, what is refused leaves no trace but its audit event.
    pub(crate) async fn conclude<T, R: Refusal>(
        &self,
        work: Work,
        outcome: Result<T, Failure<R>>,
    ) -> Result<T, Failure<R>> {
        let Work { unit, record } = work;
        match outcome {
            Ok(done) => {
                self.commit(unit, record).await?;
                Ok(done)
            }
            Err(failure) => {
                unit.roll_back().await?;
                if let Some(record) = refused(record, &failure) {
                    self.commit(self.store().begin().await?, record).await?;
                }
                Err(failure)
            }
        }
    }

    /// Ends an operation that is refused and nevertheless saves something, such as the count of wrong passwords.
    pub(crate) async fn conclude_refused<R: Refusal>(
        &self,
        work: Work,
        refusal: R,
    ) -> Result<R, Fault> {
        let Work { unit, record } = work;
        self.commit(unit, refused_because(record, refusal.code(), &refusal)).await?;

        Ok(refusal)
    }

    /// Ends an operation that no rule can refuse.
    pub(crate) async fn record(&self, work: Work) -> Result<(), Fault> {
        let Work { unit, record } = work;

        Ok(self.commit(unit, record).await?)
    }

    async fn commit(&self, unit: UnitOfWork, record: Record) -> Result<(), StoreError> {
        let event = unit.commit(record).await?;
        self.0.changed.notify_one();
        tracing::info!(
            sequence = event.sequence,
            action = event.record.action.name(),
            subject_kind = event.record.subject.kind.name(),
            subject_id = %event.record.subject.id,
            outcome = outcome_name(&event.record.outcome),
            "Recorded an operation"
        );

        Ok(())
    }
}

impl fmt::Debug for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operations").field("setup", &self.0.setup).finish_non_exhaustive()
    }
}

/// An operation on its way: its unit of work, and what the audit log will say of it.
#[derive(Debug)]
pub(crate) struct Work {
    /// What is read to be changed, and written.
    pub(crate) unit: UnitOfWork,
    record: Record,
}

impl Work {
    /// Returns the time of the operation.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.record.at
    }

    /// Names the subject as people know it.
    pub(crate) fn label(&mut self, label: impl ToString) {
        self.record.subject.label = label.to_string();
    }

    /// Names the subject, once it is known.
    pub(crate) fn about(&mut self, subject: Subject) {
        self.record.subject = subject;
    }

    /// Names the actor, once they have proven who they are.
    pub(crate) fn proven(&mut self, actor: Actor) {
        self.record.actor = actor;
    }

    /// Adds a fact to what the audit log will say.
    pub(crate) fn note(&mut self, name: &'static str, value: impl ToString) {
        self.record.detail.insert(name, value.to_string());
    }

    /// Adds a moment to what the audit log will say.
    pub(crate) fn note_moment(&mut self, name: &'static str, moment: OffsetDateTime) {
        if let Ok(text) = moment.format(&Rfc3339) {
            self.note(name, text);
        }
    }
}

/// Draws random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;

    Ok(bytes)
}

/// Makes a fault of a number or code that was drawn at random and exists.
pub(crate) fn never_taken(error: InsertError) -> Fault {
    match error {
        InsertError::Store(error) => error.into(),
        InsertError::Taken => Fault::broken("the drawing of a random number", error),
    }
}

fn refused<R: Refusal>(record: Record, failure: &Failure<R>) -> Option<Record> {
    match failure {
        Failure::Fault(_) => None,
        Failure::Refused(refusal) => Some(refused_because(record, refusal.code(), refusal)),
        Failure::Unknown(kind) => Some(refused_because(record, unknown_code(*kind), failure)),
    }
}

fn refused_because(record: Record, code: &str, text: &impl ToString) -> Record {
    let outcome = Outcome::Refused { reason: code.to_owned() };
    let detail = record.detail.with("explanation", text.to_string());

    Record { outcome, detail, ..record }
}

fn outcome_name(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Refused { reason } => reason,
    }
}
