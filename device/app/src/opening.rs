//! What opens the container: the way IT wants, whether a password still keeps the rules of IT and of the mail server, and
//! changing from one to another.

use crate::app::{NewOpening, Opening};
use crate::cards::{Found, Wanted, holder};
use crate::error::{CardError, ChangePasswordError, NewPasswordError, UnlockError};
use crate::lifecycle::{Device, Life};
use crate::view::OpensWith;
use policy::{OpenedBy, PasswordRules};
use secrecy::SecretString;
use std::sync::Arc;
use tokio::task::spawn_blocking;
use vault::{
    AccessError, Container, Cost, NewPassword, Open, Opener, PasswordChange, PasswordError,
    Protection, Rule, broken_rules,
};

const SECONDS_A_DAY: i64 = 86_400;

/// A new password of the container, as somebody typed it.
#[derive(Clone, Debug)]
pub struct PasswordChoice {
    /// The new password.
    pub password: SecretString,
    /// The same once more.
    pub again: SecretString,
}

impl PasswordChoice {
    /// Checks both against each other and against the rules.
    pub(crate) fn check(&self, rules: &PasswordRules) -> Result<NewPassword, NewPasswordError> {
        NewPassword::choose(self.password.clone(), &self.again, rules).map_err(
            |error| match error {
                PasswordError::Different => NewPasswordError::Different,
                PasswordError::Unusable | PasswordError::Weak { .. } => {
                    NewPasswordError::TooWeak { rules: rules.clone() }
                }
            },
        )
    }
}

/// What opened a container, and can prove it again.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// A smart card opened the key.
    Card(Found),
    /// The key is on this smart card.
    KeyOnCard(Found),
    /// The password.
    Password(SecretString),
}

impl Proof {
    pub(crate) fn opener(&self) -> Opener<'_> {
        match self {
            Self::Card(found) | Self::KeyOnCard(found) => Opener::Card(&found.identity),
            Self::Password(password) => Opener::Password(password),
        }
    }

    /// Returns the card that has to stay where it is while the container is open.
    pub(crate) fn into_card_to_watch(self) -> Option<Found> {
        match self {
            Self::Card(_) | Self::Password(_) => None,
            Self::KeyOnCard(found) => Some(found),
        }
    }
}

impl Life {
    /// Opens the container with what somebody has given.
    pub(crate) async fn open_by(
        self: &Arc<Self>,
        opening: Opening,
    ) -> Result<(Open, Proof), UnlockError> {
        let life = Arc::clone(self);
        let opened = spawn_blocking(move || {
            let proof = life.proof(opening)?;
            let open = life.container.open_with(proof.opener());
            let open = open.map_err(|error| life.not_opened(error))?;
            if let Err(error) = life.deletions.settle(open.certificate().as_der()) {
                tracing::warn!(%error, "An imported certificate file is still there");
            }
            life.show_delivered();

            Ok((open, proof))
        });
        let opened = opened.await;
        let opened = opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        self.show_opening();

        opened
    }

    /// Has a card found and its PIN entered, if it is a card that opens the container.
    pub(crate) fn proof(&self, opening: Opening) -> Result<Proof, UnlockError> {
        let pin = match opening {
            Opening::Password(password) => return Ok(Proof::Password(password)),
            Opening::Card(pin) => pin,
        };
        let protection = self.container.protection().map_err(|fault| self.not_opened(fault.into()));
        match protection? {
            Some(Protection::Card(certificate)) => {
                Ok(Proof::Card(self.cards.find(Wanted::Of(&certificate), &pin)?))
            }
            Some(Protection::OnCard(certificate)) => {
                Ok(Proof::KeyOnCard(self.cards.find(Wanted::Of(&certificate), &pin)?))
            }
            Some(Protection::Password) => Err(UnlockError::PasswordNeeded),
            None => Err(self.not_opened(match self.container.presence() {
                Ok(vault::Presence::KeyWiped) => vault::OpenError::KeyDeleted,
                Ok(_) => vault::OpenError::Absent,
                Err(fault) => fault.into(),
            })),
        }
    }

    /// Tells screens what opens the container.
    pub(crate) fn show_opening(&self) {
        let protection = self.container.protection().unwrap_or_else(|fault| {
            tracing::debug!(%fault, "What opens the container cannot be told");
            None
        });
        let opens_with = protection.map(|protection| match protection {
            Protection::Card(certificate) => {
                OpensWith { by: OpenedBy::Card, card: Some(holder(&certificate)) }
            }
            Protection::OnCard(certificate) => {
                OpensWith { by: OpenedBy::KeyOnCard, card: Some(holder(&certificate)) }
            }
            Protection::Password => OpensWith { by: OpenedBy::Password, card: None },
        });
        if self.board.facts().opens_with != opens_with {
            self.board.update(|facts| facts.opens_with = opens_with);
        }
    }

    /// Lets a container that was just opened stay open if it opens as IT wants it, or once it does.
    pub(crate) async fn settle_opening(
        self: &Arc<Self>,
        open: &Open,
        device: &Device,
        proof: &Proof,
        next: Option<NewOpening>,
    ) -> Result<(), UnlockError> {
        let settings = device.settings.borrow().settings.container.clone();
        let (life, open, proof) = (Arc::clone(self), open.clone(), proof.clone());
        let settled = spawn_blocking(move || {
            let rules = rules(&open, &settings.password).map_err(damaged)?;
            let now = life.now().unix_timestamp();
            let due =
                || UnlockError::LevelDue { opened_by: settings.opened_by, rules: rules.clone() };
            match (&proof, settings.opened_by, next) {
                // Nothing is stricter than a key that never leaves its card.
                (Proof::KeyOnCard(_), _, _) | (Proof::Card(_), OpenedBy::Card, _) => Ok(()),
                (Proof::Password(password), OpenedBy::Password, None) => {
                    keeps_rules(&open, password, rules, now)
                }
                (
                    Proof::Card(_) | Proof::Password(_),
                    OpenedBy::Password,
                    Some(NewOpening::Password(choice)),
                ) => change(&life.container, &open, proof.opener(), &choice, &rules, now)
                    .map_err(|error| life.not_chosen(error)),
                (Proof::Password(_), OpenedBy::Card, Some(NewOpening::Card(pin))) => {
                    let card = life.cards.find(Wanted::Any, &pin)?;
                    life.container
                        .change_card(&open, proof.opener(), &card.identity)
                        .map_err(|error| life.not_chosen(NotChanged::Vault(error)))
                }
                (Proof::Card(_) | Proof::Password(_), _, _) => Err(due()),
            }
        });
        let settled = settled.await;
        let settled = settled.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        self.show_opening();

        settled
    }

    /// Changes the password of the open container.
    pub(crate) async fn change_password(
        self: &Arc<Self>,
        old: SecretString,
        choice: PasswordChoice,
    ) -> Result<(), ChangePasswordError> {
        let running = self.running.lock().await;
        let (open, settings) = {
            let running = running.as_ref().filter(|_| !self.is_leaving());
            let running = running.ok_or(ChangePasswordError::Locked)?;
            let settings = running.device.settings.borrow().settings.container.password.clone();
            (running.open.clone(), settings)
        };
        let life = Arc::clone(self);
        let changed = spawn_blocking(move || {
            let rules = rules(&open, &settings)?;
            let now = life.now().unix_timestamp();

            change(&life.container, &open, Opener::Password(&old), &choice, &rules, now)
        });
        let changed = changed.await;
        let changed = changed.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        drop(running);
        match changed.map_err(|error| self.not_changed(error)) {
            Err(ChangePasswordError::KeyWiped) => {
                self.lock().await;
                Err(ChangePasswordError::KeyWiped)
            }
            changed @ (Ok(()) | Err(_)) => changed,
        }
    }

    fn not_chosen(&self, error: NotChanged) -> UnlockError {
        use vault::ChangePasswordError as Vault;
        match error {
            NotChanged::Vault(Vault::Access(error)) => damaged(error),
            NotChanged::Vault(Vault::Old(error)) => self.not_opened(error),
            NotChanged::Vault(Vault::Used) => NewPasswordError::Used.into(),
            NotChanged::Vault(Vault::UnsuitableCard { reason }) => {
                CardError::Unsuitable { reason }.into()
            }
            NotChanged::Vault(error @ Vault::OnCard) => {
                UnlockError::Damaged { reason: error.to_string() }
            }
            NotChanged::Choice(error) => error.into(),
        }
    }

    fn not_changed(&self, error: NotChanged) -> ChangePasswordError {
        let error = match error {
            NotChanged::Vault(vault::ChangePasswordError::Access(AccessError::Locked)) => {
                return ChangePasswordError::Locked;
            }
            NotChanged::Vault(
                vault::ChangePasswordError::OnCard
                | vault::ChangePasswordError::Old(vault::OpenError::NeedsCard),
            ) => return ChangePasswordError::ByCard,
            NotChanged::Choice(_) | NotChanged::Vault(_) => self.not_chosen(error),
        };
        match error {
            UnlockError::KeyWiped => ChangePasswordError::KeyWiped,
            UnlockError::NewPassword(error) => ChangePasswordError::NewPassword(error),
            UnlockError::WrongPassword { attempts_left } => {
                ChangePasswordError::WrongPassword { attempts_left }
            }
            error @ (UnlockError::Absent
            | UnlockError::Blocked { .. }
            | UnlockError::Card(_)
            | UnlockError::CardNeeded
            | UnlockError::Certificate { .. }
            | UnlockError::Damaged { .. }
            | UnlockError::DeviceKeyUnavailable { .. }
            | UnlockError::LevelDue { .. }
            | UnlockError::NotRenewed(_)
            | UnlockError::PasswordDue { .. }
            | UnlockError::PasswordNeeded
            | UnlockError::Wiped) => ChangePasswordError::Storage { reason: error.to_string() },
        }
    }
}

/// What the password has to be: by the settings, and by the mail server's policy as far as it is known.
fn rules(open: &Open, settings: &PasswordRules) -> Result<PasswordRules, AccessError> {
    Ok(settings.and(&open.mail().password_rules()?))
}

fn keeps_rules(
    open: &Open,
    password: &SecretString,
    rules: PasswordRules,
    now: i64,
) -> Result<(), UnlockError> {
    open.note_password(password, Cost::STANDARD, now).map_err(damaged)?;
    let since = open.password_since().map_err(damaged)?.unwrap_or(now);
    let age = i64::from(rules.days) * SECONDS_A_DAY;
    let expired = rules.days > 0 && now.saturating_sub(since) >= age;
    let broken: Vec<_> = broken_rules(password, &rules).into_iter().map(Rule::code).collect();
    if expired || !broken.is_empty() {
        return Err(UnlockError::PasswordDue { rules, broken, expired });
    }

    Ok(())
}

enum NotChanged {
    Choice(NewPasswordError),
    Vault(vault::ChangePasswordError),
}

impl From<AccessError> for NotChanged {
    fn from(error: AccessError) -> Self {
        Self::Vault(error.into())
    }
}

fn change(
    container: &Container,
    open: &Open,
    old: Opener<'_>,
    choice: &PasswordChoice,
    rules: &PasswordRules,
    now: i64,
) -> Result<(), NotChanged> {
    let new = choice.check(rules).map_err(NotChanged::Choice)?;
    let cost = Cost::STANDARD;
    let change = PasswordChange { old, new: &new, history: rules.history, cost, now };

    container.change_password(open, &change).map_err(NotChanged::Vault)
}

fn damaged(error: AccessError) -> UnlockError {
    UnlockError::Damaged { reason: error.to_string() }
}
