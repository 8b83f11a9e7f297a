use super::{load, save, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::user::{self, Block, BlockRefusal, User};
use fleet::{Reason, UserId};

impl Operations {
    /// Blocks a person: all of their devices are refused everywhere within a second, until the person is unblocked.
    ///
    /// # Errors
    ///
    /// [`BlockRefusal`] if they are blocked.
    #[tracing::instrument(skip(self, actor, reason), err(level = "debug"))]
    pub async fn block_user(
        &self,
        actor: &Actor,
        id: UserId,
        reason: Reason,
    ) -> Result<User, Failure<BlockRefusal>> {
        let mut work = self.begin(actor, Action::UserBlock, subject(id)).await?;
        work.note("reason", &reason);
        let block = Block { reason, by: actor.to_string(), since: work.now() };
        let outcome = block_user(&mut work, id, block).await;

        self.conclude(work, outcome).await
    }
}

async fn block_user(
    work: &mut Work,
    id: UserId,
    block: Block,
) -> Result<User, Failure<BlockRefusal>> {
    let user = load(work, id).await?;
    let user = user::block(user, block).map_err(Failure::Refused)?;

    save(work, user).await
}
