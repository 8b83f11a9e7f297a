use super::{load, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::AdministratorId;
use fleet::administrator::{PasswordRefusal, check_password};
use secrecy::{ExposeSecret, SecretString};
use store::PasswordHash;

impl Operations {
    /// Sets an administrator's password, ends the account's sessions, and forgets earlier wrong passwords.
    ///
    /// # Errors
    ///
    /// [`PasswordRefusal`] if the password is too easy.
    #[tracing::instrument(skip(self, actor, password), err(level = "debug"))]
    pub async fn set_password(
        &self,
        actor: &Actor,
        id: AdministratorId,
        password: &SecretString,
    ) -> Result<(), Failure<PasswordRefusal>> {
        let hash = self.hash(password).await?;
        let mut work = self.begin(actor, Action::AdministratorPassword, subject(id)).await?;
        let outcome = set(&mut work, id, password, &hash).await;

        self.conclude(work, outcome).await
    }
}

async fn set(
    work: &mut Work,
    id: AdministratorId,
    password: &SecretString,
    hash: &PasswordHash,
) -> Result<(), Failure<PasswordRefusal>> {
    let (administrator, _) = load(work, id).await?;
    check_password(&administrator.name, password.expose_secret()).map_err(Failure::Refused)?;
    work.unit.save_password(id, hash).await?;

    Ok(work.unit.remove_guard(&administrator.name).await?)
}
