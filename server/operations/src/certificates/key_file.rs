use super::issue::KeyMaker;
use super::{CertificateOrder, IssueRefusal};
use crate::{Failure, Fault, Operations};
use audit::{Actor, SubjectKind};
use ca::{Issued, Issuer, Profile};
use fleet::user::User;
use fleet::{MailAddress, UserId};
use keys::pkcs12::{self, Identity, SealError};
use keys::{MakeError, SoftwareKey};
use pki::{AlternativeName, Certificate, MakeRequestError, Subject, make_request};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::task::spawn_blocking;

/// How often the password of a file is stretched: as long as a phone takes for it without being slow.
const ROUNDS: u32 = 600_000;

/// The fewest characters of a password that anybody may try at home who finds the file.
const SHORTEST: usize = 10;

/// A key for somebody who has none.
#[derive(Clone, Debug)]
pub struct KeyFileOrder {
    /// Whom it is for; the certificate has all of their mail addresses.
    pub user: UserId,
    /// The kind of key.
    pub key: NewKey,
    /// What the file is encrypted with: at least ten characters.
    pub password: SecretString,
}

/// The kind of a key that is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NewKey {
    /// On the curve P-256.
    P256,
    /// On the curve P-384.
    P384,
    /// RSA with 3072 bits.
    Rsa,
}

/// A key, its certificate and its issuers.
#[derive(Clone, Debug)]
pub struct KeyFile {
    /// What stands in the register.
    pub issued: Issued,
    /// The certificate, in DER.
    pub certificate: Vec<u8>,
    /// The file, PKCS#12. The key is nowhere else.
    pub pkcs12: Vec<u8>,
}

/// What takes long enough to keep others waiting.
#[derive(Debug, thiserror::Error)]
enum NotMade {
    #[error("making a key")]
    Key(#[from] MakeError),
    #[error("making a request")]
    Request(#[from] MakeRequestError),
    #[error("sealing a key")]
    Seal(#[from] SealError),
}

impl Operations {
    /// Makes a key for a person's mail, and has it certified. Nothing of the key is kept here: a file that is lost is lost for good.
    ///
    /// # Errors
    ///
    /// [`IssueRefusal`] if the password is too short or contains a zero character, or an address is not to be certified.
    #[tracing::instrument(skip_all, err(level = "debug"))]
    pub async fn make_key_file(
        &self,
        actor: &Actor,
        order: KeyFileOrder,
    ) -> Result<KeyFile, Failure<IssueRefusal>> {
        let KeyFileOrder { user, key, password } = order;
        if password.expose_secret().chars().count() < SHORTEST {
            return Err(Failure::Refused(IssueRefusal::ShortPassword));
        }
        if password.expose_secret().contains('\0') {
            return Err(Failure::Refused(IssueRefusal::ZeroInPassword));
        }
        let Some(found) = self.user(user).await? else {
            return Err(Failure::Unknown(SubjectKind::User));
        };
        let User { name, addresses, .. } = found.user;
        let subject = Subject::new(name.as_str());
        let (key, request) = aside(move || {
            let key = key.make()?;
            let request = make_request(&subject, &key)?;

            Ok((key, request))
        })
        .await?;
        let addresses = addresses.iter().map(MailAddress::as_str).map(str::to_owned);
        let wanted = CertificateOrder {
            profile: Profile::Person,
            request: &request,
            name: Some(name.as_str()),
            names: addresses.map(AlternativeName::Email).collect(),
            user: Some(user),
        };
        let issued = self.issue_for(actor, wanted, KeyMaker::Server).await?;
        let certificate = issued.der.clone().unwrap_or_default();
        let issuers = std::iter::once(self.authority().issuer()).chain(self.authority().root());
        let chain = issuers.map(Issuer::certificate).map(Certificate::as_der).map(<[u8]>::to_vec);
        let identity = Identity { key, certificate: certificate.clone(), chain: chain.collect() };
        let sealing = move || Ok(pkcs12::seal(&identity, password.expose_secret(), ROUNDS)?);
        let pkcs12 = aside(sealing).await?;

        Ok(KeyFile { issued, certificate, pkcs12 })
    }
}

impl NewKey {
    fn make(self) -> Result<SoftwareKey, MakeError> {
        match self {
            Self::P256 => SoftwareKey::make_p256(),
            Self::P384 => SoftwareKey::make_p384(),
            Self::Rsa => SoftwareKey::make_rsa(3072),
        }
    }
}

/// Runs what keeps a processor busy for a second.
async fn aside<T: Send + 'static>(
    run: impl FnOnce() -> Result<T, NotMade> + Send + 'static,
) -> Result<T, Fault> {
    spawn_blocking(run)
        .await
        .map_err(|error| Fault::broken("making a key file", error))?
        .map_err(|error| Fault::broken("making a key file", error))
}
