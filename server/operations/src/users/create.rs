use super::{check_facts, not_saved, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::UserId;
use fleet::user::{SaveRefusal, User, UserFacts};
use uuid::Uuid;

impl Operations {
    /// Adds a person.
    ///
    /// # Errors
    ///
    /// [`SaveRefusal`] if the login name or an address is taken, or there is no such group.
    #[tracing::instrument(skip(self, actor, facts), err(level = "debug"))]
    pub async fn create_user(
        &self,
        actor: &Actor,
        facts: UserFacts,
    ) -> Result<User, Failure<SaveRefusal>> {
        let id = UserId(Uuid::new_v4());
        let mut work = self.begin(actor, Action::UserCreate, subject(id)).await?;
        work.label(&facts.login);
        let outcome = create(&mut work, id, facts).await;

        self.conclude(work, outcome).await
    }
}

async fn create(
    work: &mut Work,
    id: UserId,
    facts: UserFacts,
) -> Result<User, Failure<SaveRefusal>> {
    check_facts(work, &facts).await?;
    let user = User::new(id, facts);
    work.unit.insert_user(&user).await.map_err(not_saved)?;

    Ok(user)
}
