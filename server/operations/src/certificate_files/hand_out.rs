use super::{damaged, load, seal_name, subject};
use crate::work::Work;
use crate::{Failure, InvitationCode, Operations};
use audit::{Action, Actor};
use data_encoding::HEXLOWER;
use fleet::certificate_file::{CertificateFile, End, FetchRefusal, admit_device, admit_invited};
use fleet::user::User;
use fleet::{DeviceId, UserId};
use store::StoredFile;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Who fetches the certificate files of a person.
#[derive(Clone, Copy, Debug)]
pub enum Fetcher<'a> {
    /// A device of the person's.
    Device(DeviceId),
    /// Whoever has the code of an invitation of the person's, if it can be one.
    Invited(Option<&'a InvitationCode>),
}

/// A certificate file with its content.
#[derive(Clone, Debug)]
pub struct HandedOut {
    /// What it was called.
    pub name: String,
    /// SHA-256 of its content.
    pub digest: [u8; 32],
    /// Its content.
    pub content: Zeroizing<Vec<u8>>,
}

impl Operations {
    /// Hands out the certificate files that wait, the newest first. They wait until they were received. If there are none, this is no event.
    ///
    /// # Errors
    ///
    /// [`FetchRefusal`] names the first obstacle.
    #[tracing::instrument(skip_all, err(level = "debug"))]
    pub async fn hand_out_certificate_files(
        &self,
        fetcher: Fetcher<'_>,
    ) -> Result<Vec<HandedOut>, Failure<FetchRefusal>> {
        let mut work = self.begin_fetch(fetcher, Action::CertificateFileHandOut).await?;
        let outcome = self.hand_out(&mut work, fetcher).await;
        if matches!(&outcome, Ok(files) if files.is_empty()) {
            work.unit.roll_back().await?;
            return outcome;
        }

        self.conclude(work, outcome).await
    }

    /// Erases the certificate files that the app says it has; those that do not wait are passed over.
    ///
    /// # Errors
    ///
    /// [`FetchRefusal`] names the first obstacle.
    #[tracing::instrument(skip_all, err(level = "debug"))]
    pub async fn receive_certificate_files(
        &self,
        fetcher: Fetcher<'_>,
        digests: &[[u8; 32]],
    ) -> Result<(), Failure<FetchRefusal>> {
        let mut work = self.begin_fetch(fetcher, Action::CertificateFileReceive).await?;
        let outcome = self.receive(&mut work, fetcher, digests).await;
        if matches!(outcome, Ok(false)) {
            work.unit.roll_back().await?;
            return Ok(());
        }

        self.conclude(work, outcome.map(drop)).await
    }

    async fn begin_fetch(
        &self,
        fetcher: Fetcher<'_>,
        action: Action,
    ) -> Result<Work, Failure<FetchRefusal>> {
        let actor = match fetcher {
            Fetcher::Device(device) => Actor::Device(device.0),
            Fetcher::Invited(code) => {
                let found = match code {
                    Some(code) => self.store().invitation_by_code(code.hash()).await?,
                    None => None,
                };
                found.map_or(Actor::Visitor, |invitation| Actor::Invitation(invitation.id.0))
            }
        };

        Ok(self.begin(&actor, action, subject(UserId(Uuid::nil()))).await?)
    }

    async fn hand_out(
        &self,
        work: &mut Work,
        fetcher: Fetcher<'_>,
    ) -> Result<Vec<HandedOut>, Failure<FetchRefusal>> {
        let waiting = self.waiting_for(work, fetcher).await?;
        let mut handed_out = Vec::new();
        for stored in &waiting {
            let StoredFile { file, sealed, .. } = stored;
            let sealed = sealed.as_ref().ok_or_else(|| damaged(file, "content"))?;
            let content = self.sealing_key().open(&seal_name(file), sealed);
            let content = content.ok_or_else(|| damaged(file, "seal"))?;
            handed_out.push(HandedOut { name: file.name.clone(), digest: file.digest, content });
        }
        note_all(work, waiting.iter().map(|stored| &stored.file));
        let first_time = waiting.iter().filter(|stored| stored.file.handed_out_at.is_none());
        for stored in first_time {
            let file = CertificateFile { handed_out_at: Some(work.now()), ..stored.file.clone() };
            work.unit.save_certificate_file(&StoredFile { file, ..stored.clone() }).await?;
        }

        Ok(handed_out)
    }

    async fn receive(
        &self,
        work: &mut Work,
        fetcher: Fetcher<'_>,
        digests: &[[u8; 32]],
    ) -> Result<bool, Failure<FetchRefusal>> {
        let mut received = self.waiting_for(work, fetcher).await?;
        received.retain(|stored| digests.contains(&stored.file.digest));
        note_all(work, received.iter().map(|stored| &stored.file));
        for stored in &received {
            let end = Some((End::Received, work.now()));
            let file = CertificateFile { end, ..stored.file.clone() };
            let stored = StoredFile { file, sealed: None, mail: stored.mail };
            work.unit.save_certificate_file(&stored).await?;
        }
        if let Some(stored) = received.first() {
            work.unit.tell_devices_of(stored.file.user).await?;
        }

        Ok(!received.is_empty())
    }

    /// Finds the files that wait for whoever fetches, if they may have them.
    async fn waiting_for(
        &self,
        work: &mut Work,
        fetcher: Fetcher<'_>,
    ) -> Result<Vec<StoredFile>, Failure<FetchRefusal>> {
        let user = match fetcher {
            Fetcher::Device(device) => self.owner(work, device).await?,
            Fetcher::Invited(code) => self.invited(work, code).await?,
        };
        let mut files = work.unit.certificate_files(user.id).await?;
        files.retain(|stored| stored.file.end.is_none());

        Ok(files)
    }

    async fn owner(
        &self,
        work: &mut Work,
        device: DeviceId,
    ) -> Result<User, Failure<FetchRefusal>> {
        let unknown = || Failure::Refused(FetchRefusal::UnknownDevice);
        let found = self.store().device(device).await?.ok_or_else(unknown)?;
        work.about(subject(found.device.user));
        // Locked in the order in which everybody locks: people before their devices.
        let user = load(work, found.device.user).await?;
        let device = work.unit.device(device).await?.ok_or_else(unknown)?;
        admit_device(&device, &user).map_err(Failure::Refused)?;

        Ok(user)
    }

    async fn invited(
        &self,
        work: &mut Work,
        code: Option<&InvitationCode>,
    ) -> Result<User, Failure<FetchRefusal>> {
        let unknown = || Failure::Refused(FetchRefusal::UnknownInvitation);
        let code = code.ok_or_else(unknown)?;
        let found = self.store().invitation_by_code(code.hash()).await?.ok_or_else(unknown)?;
        let invitation = work.unit.invitation(found.id).await?.ok_or_else(unknown)?;
        work.about(subject(invitation.user));
        let user = load(work, invitation.user).await?;
        let device = work.unit.device(invitation.device).await?;
        admit_invited(&invitation, device.as_ref(), &user, work.now()).map_err(Failure::Refused)?;

        Ok(user)
    }
}

fn note_all<'a>(work: &mut Work, files: impl Iterator<Item = &'a CertificateFile>) {
    let digests: Vec<_> = files.map(|file| HEXLOWER.encode(&file.digest)).collect();
    work.note("sha256", digests.join(" "));
}
