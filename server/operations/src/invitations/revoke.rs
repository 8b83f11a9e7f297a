use super::subject;
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor, SubjectKind};
use fleet::InvitationId;
use fleet::invitation::{self, Invitation, RevokeRefusal};

impl Operations {
    /// Takes an invitation back; the device that would have come of it is no longer expected.
    ///
    /// # Errors
    ///
    /// [`RevokeRefusal`] if it has been used or taken back before.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn revoke_invitation(
        &self,
        actor: &Actor,
        id: InvitationId,
    ) -> Result<Invitation, Failure<RevokeRefusal>> {
        let mut work = self.begin(actor, Action::InvitationRevoke, subject(id)).await?;
        let outcome = revoke(&mut work, id).await;

        self.conclude(work, outcome).await
    }
}

async fn revoke(work: &mut Work, id: InvitationId) -> Result<Invitation, Failure<RevokeRefusal>> {
    let Some(invitation) = work.unit.invitation(id).await? else {
        return Err(Failure::Unknown(SubjectKind::Invitation));
    };
    if let Some(user) = work.unit.user(invitation.user).await? {
        work.label(&user.login);
    }
    work.note("device", invitation.device);
    let invitation = invitation::revoke(invitation, work.now()).map_err(Failure::Refused)?;
    work.unit.save_invitation(&invitation).await?;
    work.unit.remove_device(invitation.device).await?;

    Ok(invitation)
}
