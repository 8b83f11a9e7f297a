use super::{check_facts, load, not_saved, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::UserId;
use fleet::user::{SaveRefusal, User, UserFacts};

impl Operations {
    /// Changes a person; gateways and apps hear of it. A certificate that names none of the person's addresses any
    /// more is dropped.
    ///
    /// # Errors
    ///
    /// [`SaveRefusal`] if the login name or an address is taken, or there is no such group.
    #[tracing::instrument(skip(self, actor, facts), err(level = "debug"))]
    pub async fn change_user(
        &self,
        actor: &Actor,
        id: UserId,
        facts: UserFacts,
    ) -> Result<User, Failure<SaveRefusal>> {
        let mut work = self.begin(actor, Action::UserChange, subject(id)).await?;
        let outcome = change(&mut work, id, facts).await;

        self.conclude(work, outcome).await
    }
}

async fn change(
    work: &mut Work,
    id: UserId,
    facts: UserFacts,
) -> Result<User, Failure<SaveRefusal>> {
    let before = load(work, id).await?;
    check_facts(work, &facts).await?;
    let had_certificate = before.certificate.is_some();
    let user = before.changed(facts);
    if had_certificate && user.certificate.is_none() {
        work.note("certificate", "dropped, because it names none of the addresses");
    }
    work.unit.save_user(&user).await.map_err(not_saved)?;

    Ok(user)
}
