use super::{load, save, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::UserId;
use fleet::user::{self, UnblockRefusal, User};

impl Operations {
    /// Unblocks a person: each of their devices stands where it stands by itself, without another registration.
    ///
    /// # Errors
    ///
    /// [`UnblockRefusal`] unless they are blocked.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn unblock_user(
        &self,
        actor: &Actor,
        id: UserId,
    ) -> Result<User, Failure<UnblockRefusal>> {
        let mut work = self.begin(actor, Action::UserUnblock, subject(id)).await?;
        let outcome = unblock_user(&mut work, id).await;

        self.conclude(work, outcome).await
    }
}

async fn unblock_user(work: &mut Work, id: UserId) -> Result<User, Failure<UnblockRefusal>> {
    let user = load(work, id).await?;
    let user = user::unblock(user).map_err(Failure::Refused)?;

    save(work, user).await
}
