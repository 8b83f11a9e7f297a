use super::{load, save, subject};
use crate::work::Work;
use crate::{Failure, Operations, certificates};
use audit::{Action, Actor};
use fleet::UserId;
use fleet::user::{self, DepositRefusal, PublicKey, User, UserCertificate};
use pki::{Certificate, KeyKind};

impl Operations {
    /// Deposits the certificate that registrations of a person are encrypted for, in DER or PEM.
    ///
    /// # Errors
    ///
    /// [`DepositRefusal`] if it is not this person's, not valid at this moment, or its key is too weak.
    #[tracing::instrument(skip(self, actor, certificate), err(level = "debug"))]
    pub async fn deposit_certificate(
        &self,
        actor: &Actor,
        id: UserId,
        certificate: &[u8],
    ) -> Result<User, Failure<DepositRefusal>> {
        let mut work = self.begin(actor, Action::UserCertificate, subject(id)).await?;
        let outcome = deposit(&mut work, id, certificate).await;

        self.conclude(work, outcome).await
    }
}

async fn deposit(
    work: &mut Work,
    id: UserId,
    certificate: &[u8],
) -> Result<User, Failure<DepositRefusal>> {
    let user = load(work, id).await?;
    let certificate = read(certificate).map_err(Failure::Refused)?;
    work.note("subject", certificate.subject());
    work.note("fingerprint", certificate.fingerprint());

    if certificates::is_revoked(work, certificate.as_der()).await? {
        return Err(Failure::Refused(DepositRefusal::Revoked));
    }
    let user = user::deposit(user, facts(&certificate), public_key(&certificate), work.now());
    let user = user.map_err(Failure::Refused)?;

    save(work, user).await
}

/// Reads a certificate in DER or PEM; in PEM its issuers may follow.
fn read(certificate: &[u8]) -> Result<Certificate, DepositRefusal> {
    let unreadable = DepositRefusal::Unreadable;
    let text = str::from_utf8(certificate).ok().filter(|text| text.contains("-----BEGIN"));
    let Some(text) = text else {
        return Certificate::from_der(certificate).map_err(|_| unreadable);
    };
    if text.contains("PRIVATE KEY-----") {
        return Err(unreadable);
    }
    let all = Certificate::all_from_pem(text).map_err(|_| unreadable)?;
    let is_chain =
        all.iter().zip(all.iter().skip(1)).all(|(one, next)| one.issuer() == next.subject());
    if !is_chain {
        return Err(DepositRefusal::Several);
    }

    all.into_iter().next().ok_or(unreadable)
}

fn public_key(certificate: &Certificate) -> PublicKey {
    match certificate.key_kind() {
        KeyKind::Ed25519 | KeyKind::Other | KeyKind::RsaPss { .. } => PublicKey::Other,
        _ if !certificate.is_for_encryption() => PublicKey::SignsAlone,
        KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => PublicKey::Curve,
        KeyKind::Rsa { bits } => PublicKey::Rsa { bits },
    }
}

fn facts(certificate: &Certificate) -> UserCertificate {
    UserCertificate {
        der: certificate.as_der().to_vec(),
        fingerprint: certificate.fingerprint().0,
        subject: certificate.subject(),
        addresses: certificate.emails(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
    }
}
