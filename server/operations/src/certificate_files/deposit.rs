use super::{load, note, seal_name, subject};
use crate::work::Work;
use crate::{Failure, Operations};
use audit::{Action, Actor};
use fleet::certificate_file::{
    CertificateFile, DepositFileRefusal, Shown, Source, deposit, sender,
};
use fleet::{CertificateFileId, UserId};
use keys::pkcs12;
use pki::Certificate;
use sha2::{Digest as _, Sha256};
use store::StoredFile;
use uuid::Uuid;

/// The longest name of a file that is kept, in characters.
const LONGEST_NAME: usize = 120;

/// A certificate file that came by mail.
#[derive(Clone, Copy, Debug)]
pub struct MailedFile<'a> {
    /// The addresses of the mail's authors.
    pub authors: &'a [&'a str],
    /// Whether nothing speaks against that they sent it.
    pub is_proven: bool,
    /// SHA-256 of the mail.
    pub mail: [u8; 32],
    /// What the file is called.
    pub name: &'a str,
    /// What is in it.
    pub content: &'a [u8],
}

/// A file to deposit.
struct New<'a> {
    name: &'a str,
    content: &'a [u8],
    source: Source,
    mail: Option<[u8; 32]>,
}

impl Operations {
    /// Deposits a certificate file for the person who has mailed it. The same mail again changes nothing.
    ///
    /// Files of people who are unknown here leave no event, because anybody can send them.
    ///
    /// # Errors
    ///
    /// [`DepositFileRefusal`] names the first obstacle.
    #[tracing::instrument(skip_all, err(level = "debug"))]
    pub async fn deposit_mailed_file(
        &self,
        file: MailedFile<'_>,
    ) -> Result<CertificateFile, Failure<DepositFileRefusal>> {
        let sender = sender(file.authors, file.is_proven).map_err(Failure::Refused)?;
        let mut work = self
            .begin(&Actor::Server, Action::CertificateFileDeposit, subject(UserId(Uuid::nil())))
            .await?;
        let Some(user) = work.unit.owner_of_address(&sender.key()).await? else {
            work.unit.roll_back().await?;
            return Err(Failure::Refused(DepositFileRefusal::UnknownSender));
        };
        work.about(subject(user));
        let source = Source::Mail { sender: sender.as_str().to_owned() };
        let new = New { name: file.name, content: file.content, source, mail: Some(file.mail) };
        let outcome = self.take_file(&mut work, user, new).await;
        if let Ok((file, false)) = outcome {
            work.unit.roll_back().await?;
            return Ok(file);
        }

        self.conclude(work, outcome.map(|(file, _)| file)).await
    }

    /// Deposits a certificate file for a person.
    ///
    /// # Errors
    ///
    /// [`DepositFileRefusal`] names the first obstacle.
    #[tracing::instrument(skip(self, actor, content), err(level = "debug"))]
    pub async fn deposit_certificate_file(
        &self,
        actor: &Actor,
        user: UserId,
        name: &str,
        content: &[u8],
    ) -> Result<CertificateFile, Failure<DepositFileRefusal>> {
        let mut work = self.begin(actor, Action::CertificateFileDeposit, subject(user)).await?;
        let new = New { name, content, source: Source::Administrator, mail: None };
        let outcome = self.take_file(&mut work, user, new).await;

        self.conclude(work, outcome.map(|(file, _)| file)).await
    }

    /// Takes a file, and tells whether it is not one that was taken from the same mail before.
    async fn take_file(
        &self,
        work: &mut Work,
        user: UserId,
        new: New<'_>,
    ) -> Result<(CertificateFile, bool), Failure<DepositFileRefusal>> {
        let New { name, content, source, mail } = new;
        let user = load(work, user).await?;
        let name: String = name.chars().filter(|it| !it.is_control()).take(LONGEST_NAME).collect();
        let digest: [u8; 32] = Sha256::digest(content).into();
        note(work, &name, &digest, &source);
        let all = work.unit.certificate_files(user.id).await?;
        let same = all.iter().find(|stored| stored.file.digest == digest);
        if let Some(same) = same
            && mail.is_some()
            && same.mail == mail
        {
            return Ok((same.file.clone(), false));
        }
        let others = all.iter().filter(|it| it.file.end.is_none() && it.file.digest != digest);
        deposit(&user, &shown(content), &source, others.count()).map_err(Failure::Refused)?;
        let file = CertificateFile {
            id: same.map_or_else(|| CertificateFileId(Uuid::new_v4()), |same| same.file.id),
            user: user.id,
            name,
            digest,
            size: u32::try_from(content.len())
                .map_err(|_| Failure::Refused(DepositFileRefusal::TooLarge))?,
            source,
            deposited_at: work.now(),
            handed_out_at: None,
            end: None,
        };
        let sealed = self.sealing_key().seal(&seal_name(&file), content)?;
        let stored = StoredFile { file, mail, sealed: Some(sealed) };
        work.unit.save_certificate_file(&stored).await?;
        work.unit.tell_devices_of(stored.file.user).await?;

        Ok((stored.file, true))
    }
}

/// Tells what can be seen of a file without its password.
fn shown(content: &[u8]) -> Shown {
    let certificates = pkcs12::open_certificates(content);
    let addresses = certificates.as_ref().ok().filter(|all| !all.is_empty()).map(|all| {
        let readable = all.iter().filter_map(|der| Certificate::from_der(der).ok());
        readable.flat_map(|certificate| certificate.emails()).collect()
    });

    Shown { size: content.len(), is_pkcs12: certificates.is_ok(), addresses }
}
