//! Registration of a device, as `docs/registration.md` describes it.

mod finish;
mod message;
mod settings;
mod start;

pub use finish::FinishRequest;
pub use start::StartRequest;

use crate::work::Work;
use crate::{Fault, Operations, certificates};
use audit::{Subject, SubjectKind};
use fleet::device::Device;
use fleet::invitation::Invitation;
use fleet::registration::Situation;
use fleet::user::User;
use fleet::{InvitationId, licence::Licence};
use store::StoreError;

/// Bytes with the portal's signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedAnswer {
    /// The bytes: JSON.
    pub content: Vec<u8>,
    /// The stable name of the signature's algorithm.
    pub algorithm: &'static str,
    /// The portal's signature over the transcript that ends with the bytes.
    pub signature: Vec<u8>,
}

impl Operations {
    fn sign_answer(&self, content: Vec<u8>, message: &[u8]) -> Result<SignedAnswer, Fault> {
        let key = &self.authority().portal().key;
        let algorithm = *key.algorithms().first().expect("the portal's key signs");
        let signature = key
            .sign(algorithm, message)
            .map_err(|error| Fault::broken("the portal's signing key", error))?;

        Ok(SignedAnswer { content, algorithm: algorithm.name(), signature: signature.0 })
    }
}

/// Everything that a registration is decided by, locked.
struct Parties {
    invitation: Invitation,
    user: User,
    /// None once the invitation was taken back or closed.
    device: Option<Device>,
    /// How many challenges of the invitation wait for their answers.
    open: u64,
    licence: Licence,
    in_use: u64,
    revoked: bool,
}

impl Parties {
    /// Loads what belongs to an invitation; its licence was locked before.
    async fn load(
        work: &mut Work,
        invitation: Invitation,
        licence: Licence,
        in_use: u64,
    ) -> Result<Self, Fault> {
        let Some(user) = work.unit.user(invitation.user).await? else {
            let row = invitation.id.to_string();
            return Err(StoreError::Damaged { table: "invitations", row, what: "user" }.into());
        };
        work.label(&user.login);
        let device = work.unit.device(invitation.device).await?;
        let open = work.unit.open_attempts(invitation.id, work.now()).await?;

        let revoked = match &user.certificate {
            Some(certificate) => certificates::is_revoked(work, &certificate.der).await?,
            None => false,
        };

        Ok(Self { invitation, user, device, open, licence, in_use, revoked })
    }

    fn situation(&self) -> Situation<'_> {
        Situation {
            invitation: &self.invitation,
            device: self.device.as_ref(),
            user: &self.user,
            open: self.open,
            licence: self.licence,
            in_use: self.in_use,
            revoked: self.revoked,
        }
    }
}

fn subject(invitation: Option<InvitationId>) -> Subject {
    let id = invitation.map(|id| id.0).unwrap_or_default();

    Subject::new(SubjectKind::Invitation, id)
}
