//! The container's password: whether it still keeps the rules of IT and of the mail server, and choosing another one.

use crate::error::{ChangePasswordError, NewPasswordError, UnlockError};
use crate::lifecycle::{Device, Life};
use policy::PasswordRules;
use secrecy::SecretString;
use std::sync::Arc;
use tokio::task::spawn_blocking;
use vault::{
    AccessError, Container, Cost, NewPassword, Open, PasswordChange, PasswordError, Rule,
    broken_rules,
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

impl Life {
    /// Lets a container that was just opened stay open if its password keeps the rules, or once another one is chosen.
    pub(crate) async fn settle_password(
        self: &Arc<Self>,
        open: &Open,
        device: &Device,
        password: SecretString,
        choice: Option<PasswordChoice>,
    ) -> Result<(), UnlockError> {
        let settings = device.settings.borrow().settings.container.password.clone();
        let (life, open) = (Arc::clone(self), open.clone());
        let settled = spawn_blocking(move || {
            let rules = rules(&open, &settings).map_err(damaged)?;
            let now = life.now().unix_timestamp();
            match choice {
                Some(choice) => change(&life.container, &open, &password, &choice, &rules, now)
                    .map_err(|error| life.not_chosen(error)),
                None => keeps_rules(&open, &password, rules, now),
            }
        });

        settled.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
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

            change(&life.container, &open, &old, &choice, &rules, now)
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
        match error {
            NotChanged::Vault(vault::ChangePasswordError::Access(error)) => damaged(error),
            NotChanged::Vault(vault::ChangePasswordError::Old(error)) => self.not_opened(error),
            NotChanged::Vault(vault::ChangePasswordError::Used) => NewPasswordError::Used.into(),
            NotChanged::Choice(error) => error.into(),
        }
    }

    fn not_changed(&self, error: NotChanged) -> ChangePasswordError {
        let error = match error {
            NotChanged::Vault(vault::ChangePasswordError::Access(AccessError::Locked)) => {
                return ChangePasswordError::Locked;
            }
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
            | UnlockError::Certificate { .. }
            | UnlockError::Damaged { .. }
            | UnlockError::DeviceKeyUnavailable { .. }
            | UnlockError::PasswordDue { .. }
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
    old: &SecretString,
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
