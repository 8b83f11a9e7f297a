use super::subject;
use super::token::{make_token, token_hash};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor, Subject, SubjectKind};
use fleet::Login;
use fleet::administrator::{Administrator, Session, SignInRefusal};
use secrecy::SecretString;
use std::net::IpAddr;
use store::PasswordHash;
use uuid::Uuid;

/// A signed-in administrator, and the token that proves it from now on.
#[derive(Debug)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// The token: 43 characters, good until the session is over. It cannot be had again.
    pub token: SecretString,
}

impl Operations {
    /// Signs an administrator in. Guessing is slowed down by name, whether or not the name exists, and every answer
    /// but a pause takes the same time.
    ///
    /// # Errors
    ///
    /// [`SignInRefusal`] if the name or the password is wrong, or too many passwords were.
    #[tracing::instrument(skip_all, err(level = "debug"))]
    pub async fn sign_in(
        &self,
        name: &str,
        password: &SecretString,
        peer: Option<IpAddr>,
    ) -> Result<SignedIn, Failure<SignInRefusal>> {
        let Ok(name) = Login::parse(name) else {
            return self.sign_in_nobody(password, peer).await;
        };
        let account = self.store().administrator_by_name(&name).await?;
        if let Err(refusal) = self.store().guard(&name).await?.admit(self.now()) {
            let work = self.begin_sign_in(account.as_ref(), peer).await?;
            return self.conclude(work, Err(Failure::Refused(refusal.into()))).await;
        }
        let hash = account.as_ref().map(|(_, hash)| hash.clone());
        let is_right = self.verify(password, hash).await?;

        let mut work = self.begin_sign_in(account.as_ref(), peer).await?;
        let account = still_valid(&work, account).await?;
        let guard = work.unit.guard(&name).await?;
        if let Err(refusal) = guard.admit(work.now()) {
            return self.conclude(work, Err(Failure::Refused(refusal.into()))).await;
        }
        let (true, Some(administrator)) = (is_right, account) else {
            work.unit.save_guard(&name, guard.failed(work.now())).await?;
            let refusal = self.conclude_refused(work, SignInRefusal::Wrong).await?;
            return Err(Failure::Refused(refusal));
        };
        let outcome = open_session(&mut work, administrator).await;

        self.conclude(work, outcome).await
    }

    /// Refuses a name that nobody can have, as slowly as any other.
    async fn sign_in_nobody(
        &self,
        password: &SecretString,
        peer: Option<IpAddr>,
    ) -> Result<SignedIn, Failure<SignInRefusal>> {
        self.verify(password, None).await?;
        let work = self.begin_sign_in(None, peer).await?;

        self.conclude(work, Err(Failure::Refused(SignInRefusal::Wrong))).await
    }

    async fn begin_sign_in(
        &self,
        account: Option<&(Administrator, PasswordHash)>,
        peer: Option<IpAddr>,
    ) -> Result<Work, Failure<SignInRefusal>> {
        // A name without an account may be a password in the wrong field, which belongs in no log.
        let subject = match account {
            Some((administrator, _)) => {
                subject(administrator.id).labelled(administrator.name.as_str())
            }
            None => Subject::new(SubjectKind::Administrator, Uuid::nil()),
        };
        let mut work = self.begin(&Actor::Visitor, Action::AdministratorSignIn, subject).await?;
        if let Some(peer) = peer {
            work.note("peer", peer);
        }

        Ok(work)
    }
}

/// Locks the account, if it still exists with the same password.
async fn still_valid(
    work: &Work,
    account: Option<(Administrator, PasswordHash)>,
) -> Result<Option<Administrator>, Failure<SignInRefusal>> {
    let Some((administrator, hash)) = account else { return Ok(None) };
    let found = work.unit.administrator(administrator.id).await?;

    Ok(found.filter(|(_, current)| *current == hash).map(|(administrator, _)| administrator))
}

async fn open_session(
    work: &mut Work,
    administrator: Administrator,
) -> Result<SignedIn, Failure<SignInRefusal>> {
    work.proven(Actor::Administrator(administrator.name.to_string()));
    work.unit.remove_guard(&administrator.name).await?;
    let token = make_token()?;
    let session = Session {
        administrator: administrator.id,
        name: administrator.name,
        created_at: work.now(),
        used_at: work.now(),
    };
    work.unit.insert_session(token_hash(&token), &session).await?;

    Ok(SignedIn { session, token })
}
