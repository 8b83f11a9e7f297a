use super::subject;
use super::token::token_hash;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::administrator::{Session, SessionRefusal, check_session};
use secrecy::SecretString;
use time::Duration;

/// How often the database hears that a session is used.
const INTERVAL: Duration = Duration::minutes(1);

impl Operations {
    /// Finds out who is signed in with a token, and notes at most once a minute that they were here. This is no
    /// event.
    ///
    /// # Errors
    ///
    /// [`SessionRefusal`] if nobody is.
    pub async fn session(&self, token: &SecretString) -> Result<Session, Failure<SessionRefusal>> {
        let hash = token_hash(token);
        let Some(session) = self.store().session(hash).await? else {
            return Err(Failure::Refused(SessionRefusal));
        };
        let now = self.now();
        check_session(&session, now).map_err(Failure::Refused)?;
        if now - session.used_at >= INTERVAL {
            self.store().touch_session(hash, now).await?;
        }

        Ok(session)
    }

    /// Signs an administrator out.
    ///
    /// # Errors
    ///
    /// [`SessionRefusal`] if nobody is signed in with the token.
    pub async fn sign_out(&self, token: &SecretString) -> Result<(), Failure<SessionRefusal>> {
        let session = self.session(token).await?;
        let actor = Actor::Administrator(session.name.to_string());
        let subject = subject(session.administrator).labelled(session.name.as_str());
        let work = self.begin(&actor, Action::AdministratorSignOut, subject).await?;
        let outcome = work.unit.remove_session(token_hash(token)).await.map_err(Failure::from);

        self.conclude(work, outcome).await
    }
}
