use super::{load, note, subject};
use crate::work::Work;
use crate::{Failure, Fault, Operations};
use audit::{Action, Actor, SubjectKind};
use fleet::certificate_file::{CertificateFile, End, LONGEST_WAIT};
use fleet::{CertificateFileId, UserId};
use std::convert::Infallible;
use store::StoredFile;

impl Operations {
    /// Removes a certificate file that waits for a person's app. One that waits no more stays remembered as it is.
    ///
    /// # Errors
    ///
    /// [`Failure::Unknown`] if there is no such file.
    #[tracing::instrument(skip(self, actor), err(level = "debug"))]
    pub async fn remove_certificate_file(
        &self,
        actor: &Actor,
        user: UserId,
        id: CertificateFileId,
    ) -> Result<(), Failure<Infallible>> {
        let mut work = self.begin(actor, Action::CertificateFileRemove, subject(user)).await?;
        let outcome = match end(&mut work, user, id, End::Removed).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::Unknown(SubjectKind::Certificate)),
            Err(failure) => Err(failure),
        };

        self.conclude(work, outcome).await
    }

    /// Erases the certificate files that nobody has fetched in time.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    #[tracing::instrument(skip(self), err(level = "debug"))]
    pub async fn expire_certificate_files(&self) -> Result<(), Fault> {
        let due = self.store().certificate_files_since_before(self.now() - LONGEST_WAIT).await?;
        for CertificateFile { id, user, .. } in due {
            let action = Action::CertificateFileExpire;
            let mut work = self.begin(&Actor::Server, action, subject(user)).await?;
            match end(&mut work, user, id, End::Expired).await {
                Ok(true) => self.record(work).await?,
                // Somebody was faster.
                Ok(false) | Err(Failure::Unknown(_)) => work.unit.roll_back().await?,
                Err(Failure::Fault(fault)) => return Err(fault),
                Err(Failure::Refused(never)) => match never {},
            }
        }

        Ok(())
    }
}

/// Ends the wait of a file, if it waits.
async fn end(
    work: &mut Work,
    user: UserId,
    id: CertificateFileId,
    end: End,
) -> Result<bool, Failure<Infallible>> {
    load::<Infallible>(work, user).await?;
    let files = work.unit.certificate_files(user).await?;
    let waits = |stored: &StoredFile| stored.file.id == id && stored.file.end.is_none();
    let Some(StoredFile { file, mail, .. }) = files.into_iter().find(waits) else {
        return Ok(false);
    };
    note(work, &file.name, &file.digest, &file.source);
    let file = CertificateFile { end: Some((end, work.now())), ..file };
    work.unit.save_certificate_file(&StoredFile { file, mail, sealed: None }).await?;
    work.unit.tell_devices_of(user).await?;

    Ok(true)
}
