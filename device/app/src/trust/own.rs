//! Whether the person's own certificate lets the container open (P22).

use super::{Occasion, Question, Trust};
use crate::error::{RenewError, UnlockError};
use pki::Certificate;
use pki::validate::{Distrusted, Reason, Use, validate};
use policy::OwnCertificate;
use std::time::Duration;
use tokio::time::timeout;

/// How long unlocking waits for lists and answers.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is wrong with the person's own certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertificateFault {
    /// It, or one of its authorities, is no longer valid.
    Expired,
    /// It, or one of its authorities, was revoked.
    Revoked,
    /// Nobody says at present whether it was revoked.
    RevocationUnknown,
    /// Nobody who is trusted has issued it.
    Untrusted,
    /// Something else.
    Unusable,
}

impl CertificateFault {
    /// Returns the stable code of refusing for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Expired => "certificate_expired",
            Self::Revoked => "certificate_revoked",
            Self::RevocationUnknown => "certificate_revocation_unknown",
            Self::Untrusted => "certificate_untrusted",
            Self::Unusable => "certificate_unusable",
        }
    }

    fn of(reason: &Reason) -> Self {
        match reason {
            Reason::Expired(_) => Self::Expired,
            Reason::Revoked(_) => Self::Revoked,
            Reason::RevocationUnknown(_) => Self::RevocationUnknown,
            Reason::UnknownIssuer { .. } | Reason::Signature { .. } => Self::Untrusted,
            Reason::Algorithm(_)
            | Reason::DamagedExtension(_)
            | Reason::DamagedName
            | Reason::ForbiddenName { .. }
            | Reason::NoPolicy
            | Reason::NotAnAuthority
            | Reason::NotFor(_)
            | Reason::NotYetValid(_)
            | Reason::OtherName { .. }
            | Reason::PathTooLong
            | Reason::PolicyMapping
            | Reason::TooMuchWork
            | Reason::UnknownExtension(_)
            | Reason::WeakKey(_) => Self::Unusable,
        }
    }
}

impl Trust {
    /// Checks the own certificate as the settings ask. That of another key to sign with is looked at when something is signed: it keeps
    /// nobody from reading.
    pub(crate) async fn check_own(&self) -> Result<(), UnlockError> {
        let own = self.0.open.certificate();
        let judged = match self.0.open.signing().filter(|(_, signing)| *signing != own) {
            None => self.check(own, &[]).await,
            // Has the lists fetched by which it is judged then.
            Some((_, signing)) => tokio::join!(self.check(own, &[]), self.check(signing, &[])).0,
        };

        judged.map_err(|distrusted| UnlockError::Certificate {
            fault: CertificateFault::of(&distrusted.fault.reason),
            reason: distrusted.to_string(),
        })
    }

    /// Checks a certificate that is to be the own one, with those that came beside it.
    pub(crate) async fn check_next(
        &self,
        certificate: &Certificate,
        beside: &[Certificate],
    ) -> Result<(), RenewError> {
        let judged = self.check(certificate, beside).await;

        judged.map_err(|distrusted| RenewError::Untrusted {
            fault: CertificateFault::of(&distrusted.fault.reason),
            reason: distrusted.to_string(),
        })
    }

    async fn check(
        &self,
        certificate: &Certificate,
        beside: &[Certificate],
    ) -> Result<(), Distrusted> {
        let wanted = self.settings().own;
        if wanted == OwnCertificate::Unchecked {
            return Ok(());
        }
        let question = Question { purpose: Use::Any, name: None, beside, occasion: Occasion::Own };
        // Fetches what is missing; whether that is enough is seen below.
        drop(timeout(PATIENCE, self.judge(certificate, &question)).await);
        let ground = self.ground_for_own(beside);

        validate(certificate, &ground.inputs_for_own(wanted)).map(drop)
    }

    /// Tells whether the own certificate is known to be revoked and the settings mind.
    pub(super) fn is_own_revoked(&self) -> bool {
        let wanted = self.settings().own;
        let ground = self.ground_for_own(&[]);
        let judged = || validate(self.0.open.certificate(), &ground.inputs_for_own(wanted));

        wanted != OwnCertificate::Unchecked
            && judged().is_err_and(|distrusted| {
                distrusted.faults().any(|fault| matches!(fault.reason, Reason::Revoked(_)))
            })
    }
}
