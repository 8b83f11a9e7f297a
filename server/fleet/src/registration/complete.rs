use super::Challenge;
use super::begin::{BeginRefusal, Situation, begin};
use super::judge::JudgeRefusal;
use crate::device::{self, Device, DeviceCertificate, RegisterRefusal, Registration};
use crate::invitation::{self, Invitation, RedeemRefusal};
use crate::{Refusal, RefusalKind};
use time::OffsetDateTime;

/// What a registration changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Completion {
    /// The invitation, used up.
    pub invitation: Invitation,
    /// The device, in service.
    pub device: Device,
}

/// Ends a registration whose answer was accepted: checks again all that may have changed since it began.
///
/// # Errors
///
/// [`CompleteRefusal`] names the first obstacle.
pub fn complete(
    situation: Situation<'_>,
    challenge: &Challenge,
    certificate: DeviceCertificate,
    now: OffsetDateTime,
) -> Result<Completion, CompleteRefusal> {
    let situation = Situation { open: 0, ..situation };
    let current = begin(situation, now).map_err(CompleteRefusal::Begin)?;
    if current.fingerprint != challenge.certificate {
        return Err(CompleteRefusal::CertificateChanged);
    }
    let invitation = invitation::redeem(situation.invitation.clone(), now)
        .map_err(|refusal| CompleteRefusal::Begin(BeginRefusal::Invitation(refusal)))?;
    let revoked = CompleteRefusal::Begin(BeginRefusal::Invitation(RedeemRefusal::Revoked));
    let device = situation.device.ok_or(revoked)?.clone();
    let facts = challenge.facts.clone();
    let registration = Registration {
        name: facts.name,
        model: facts.model,
        system: facts.system,
        app_version: facts.app_version,
        eas_id: facts.eas_id,
        certificate,
    };
    let device = device::register(device, registration, now).map_err(CompleteRefusal::Register)?;

    Ok(Completion { invitation, device })
}

/// Why a registration did not end well although its answer was right.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CompleteRefusal {
    /// It could not even begin any more.
    #[error(transparent)]
    Begin(BeginRefusal),
    /// The person has another certificate than when it began.
    #[error(
        "the device was not registered: another certificate was deposited for you meanwhile; begin again with that one"
    )]
    CertificateChanged,
    /// Another device has the ActiveSync identifier.
    #[error(
        "the device was not registered: another device has its ActiveSync identifier; begin again with another one"
    )]
    EasIdTaken,
    /// The device is not invited.
    #[error(transparent)]
    Register(RegisterRefusal),
}

impl Refusal for CompleteRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Begin(refusal) => refusal.code(),
            Self::CertificateChanged => "user_certificate_changed",
            Self::EasIdTaken => "eas_id_taken",
            Self::Register(refusal) => refusal.code(),
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::Begin(refusal) => refusal.kind(),
            Self::CertificateChanged | Self::EasIdTaken => RefusalKind::Conflict,
            Self::Register(refusal) => refusal.kind(),
        }
    }
}

/// Why an answer did not end a registration.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FinishRefusal {
    /// The answer was right, and something else is in the way.
    #[error(transparent)]
    Complete(CompleteRefusal),
    /// The answer was not accepted.
    #[error(transparent)]
    Judge(JudgeRefusal),
}

impl Refusal for FinishRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Complete(refusal) => refusal.code(),
            Self::Judge(refusal) => refusal.code(),
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::Complete(refusal) => refusal.kind(),
            Self::Judge(refusal) => refusal.kind(),
        }
    }
}
