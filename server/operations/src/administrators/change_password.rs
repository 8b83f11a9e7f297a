use super::{load, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::administrator::{ChangePasswordRefusal, Session, check_password};
use secrecy::{ExposeSecret as _, SecretString};
use store::PasswordHash;

/// Whether the current password was right, and what is to come in its place.
struct Change<'a> {
    /// The hash that the current password was compared with.
    compared: Option<PasswordHash>,
    is_right: bool,
    is_same: bool,
    new: &'a SecretString,
    new_hash: PasswordHash,
}

/// How it ended: a wrong password is refused, and counted.
enum Ending {
    Changed,
    Wrong,
}

impl Operations {
    /// Changes the password of whoever is signed in, once they have shown that they know the current one; ends all
    /// sessions of the account, this one too. Guessing is slowed down as it is when somebody signs in.
    ///
    /// # Errors
    ///
    /// [`ChangePasswordRefusal`] if the current password is wrong, or the new one is the same or too easy.
    #[tracing::instrument(skip_all, err(level = "debug"))]
    pub async fn change_password(
        &self,
        session: &Session,
        current: &SecretString,
        new: &SecretString,
    ) -> Result<(), Failure<ChangePasswordRefusal>> {
        let actor = Actor::Administrator(session.name.to_string());
        let subject = subject(session.administrator).labelled(session.name.as_str());
        if let Err(refusal) = self.store().guard(&session.name).await?.admit(self.now()) {
            let work = self.begin(&actor, Action::AdministratorPassword, subject).await?;
            return self.conclude(work, Err(Failure::Refused(refusal.into()))).await;
        }
        let account = self.store().administrator_by_name(&session.name).await?;
        let compared = account.map(|(_, hash)| hash);
        let change = Change {
            is_right: self.verify(current, compared.clone()).await?,
            compared,
            is_same: current.expose_secret() == new.expose_secret(),
            new,
            new_hash: self.hash(new).await?,
        };

        let mut work = self.begin(&actor, Action::AdministratorPassword, subject).await?;
        match change_password(&mut work, session, change).await {
            Ok(Ending::Changed) => self.conclude(work, Ok(())).await,
            Ok(Ending::Wrong) => {
                let refusal = self.conclude_refused(work, ChangePasswordRefusal::Wrong).await?;
                Err(Failure::Refused(refusal))
            }
            Err(failure) => self.conclude(work, Err(failure)).await,
        }
    }
}

async fn change_password(
    work: &mut Work,
    session: &Session,
    change: Change<'_>,
) -> Result<Ending, Failure<ChangePasswordRefusal>> {
    let (administrator, current) = load(work, session.administrator).await?;
    let guard = work.unit.guard(&administrator.name).await?;
    guard.admit(work.now()).map_err(|refusal| Failure::Refused(refusal.into()))?;
    // Somebody may have set another password since the comparison.
    if !change.is_right || change.compared != Some(current) {
        work.unit.save_guard(&administrator.name, guard.failed(work.now())).await?;
        return Ok(Ending::Wrong);
    }
    if change.is_same {
        return Err(Failure::Refused(ChangePasswordRefusal::Unchanged));
    }
    check_password(&administrator.name, change.new.expose_secret())
        .map_err(|refusal| Failure::Refused(refusal.into()))?;
    work.unit.save_password(administrator.id, &change.new_hash).await?;
    work.unit.remove_guard(&administrator.name).await?;

    Ok(Ending::Changed)
}
