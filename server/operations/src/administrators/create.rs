use super::subject;
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::administrator::{Administrator, CreateRefusal, check_password};
use fleet::{AdministratorId, Login};
use secrecy::{ExposeSecret, SecretString};
use store::{InsertError, PasswordHash};
use uuid::Uuid;

impl Operations {
    /// Makes an administrator account.
    ///
    /// # Errors
    ///
    /// [`CreateRefusal`] if the name is taken or the password too easy.
    #[tracing::instrument(skip_all, err(level = "debug"))]
    pub async fn create_administrator(
        &self,
        actor: &Actor,
        name: Login,
        password: &SecretString,
    ) -> Result<Administrator, Failure<CreateRefusal>> {
        let checked = check_password(&name, password.expose_secret());
        let hash = self.hash(password).await?;
        let id = AdministratorId(Uuid::new_v4());
        let mut work = self.begin(actor, Action::AdministratorCreate, subject(id)).await?;
        work.label(&name);
        let administrator = Administrator { id, name, created_at: work.now() };
        let outcome = match checked {
            Ok(()) => create(&mut work, administrator, &hash).await,
            Err(refusal) => Err(Failure::Refused(refusal.into())),
        };

        self.conclude(work, outcome).await
    }
}

async fn create(
    work: &mut Work,
    administrator: Administrator,
    hash: &PasswordHash,
) -> Result<Administrator, Failure<CreateRefusal>> {
    match work.unit.insert_administrator(&administrator, hash).await {
        Ok(()) => Ok(administrator),
        Err(InsertError::Store(error)) => Err(error.into()),
        Err(InsertError::Taken) => Err(Failure::Refused(CreateRefusal::NameTaken)),
    }
}
