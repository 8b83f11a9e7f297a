use super::{InvitationCode, subject};
use crate::work::{Work, never_taken};
use crate::{Failure, Operations};
use audit::{Action, Actor, SubjectKind};
use data_encoding::BASE64URL_NOPAD;
use fleet::device::Device;
use fleet::invitation::{self, Invitation, Validity, Warning};
use fleet::user::{self, OwnerBlocked};
use fleet::{DeviceId, InvitationId, Name, UserId};
use secrecy::SecretString;
use uuid::Uuid;

/// An invitation, and the link that has to reach the person who is invited. It cannot be had again.
#[derive(Debug)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// The device that will come of it.
    pub device: Device,
    /// `https://HOST[:PORT]/join#code=…&pin=…`.
    pub link: SecretString,
    /// What the registration will fail on, as things stand.
    pub warning: Option<Warning>,
}

impl Operations {
    /// Invites a person to register one device, and warns of what the registration will fail on.
    ///
    /// # Errors
    ///
    /// [`OwnerBlocked`] while the person is blocked.
    #[tracing::instrument(skip(self, actor, device_name), err(level = "debug"))]
    pub async fn invite(
        &self,
        actor: &Actor,
        user: UserId,
        device_name: Option<Name>,
        validity: Validity,
    ) -> Result<Invited, Failure<OwnerBlocked>> {
        let code = InvitationCode::make()?;
        let id = InvitationId(Uuid::new_v4());
        let mut work = self.begin(actor, Action::InvitationCreate, subject(id)).await?;
        let device = DeviceId(Uuid::new_v4());
        let now = work.now();
        let invitation = invitation::invite(id, user, device, actor.to_string(), validity, now);
        let outcome = invite(&mut work, invitation, device_name, &code).await;
        let (invitation, device, warning) = self.conclude(work, outcome).await?;

        Ok(Invited { invitation, device, link: self.link(&code), warning })
    }

    fn link(&self, code: &InvitationCode) -> SecretString {
        let anchor = self.authority().issuer().certificate().fingerprint();
        let pin = BASE64URL_NOPAD.encode(&anchor.0);

        format!("{}/join#code={}&pin={pin}", self.public_url(), code.as_str()).into()
    }
}

async fn invite(
    work: &mut Work,
    invitation: Invitation,
    device_name: Option<Name>,
    code: &InvitationCode,
) -> Result<(Invitation, Device, Option<Warning>), Failure<OwnerBlocked>> {
    let Some(user) = work.unit.user(invitation.user).await? else {
        return Err(Failure::Unknown(SubjectKind::User));
    };
    work.label(&user.login);
    work.note("device", invitation.device);
    work.note_moment("expires_at", invitation.expires_at);
    user::admit(&user).map_err(Failure::Refused)?;
    let warning = invitation::warning(&user, work.now());
    if let Some(warning) = warning {
        work.note("warning", warning.code());
    }

    let name = device_name.unwrap_or_else(|| user.name.clone());
    let device = Device::invited(invitation.device, user.id, name, work.now());
    work.unit.insert_device(&device).await.map_err(never_taken)?;
    work.unit.insert_invitation(&invitation, code.hash()).await.map_err(never_taken)?;

    Ok((invitation, device, warning))
}
