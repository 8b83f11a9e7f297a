use super::MOST_OPEN;
use crate::device::{Device, StateKind};
use crate::invitation::{self, Invitation, RedeemRefusal};
use crate::licence::{Licence, LicenceExhausted};
use crate::user::{self, CertificateStanding, OwnerBlocked, User, UserCertificate};
use crate::{Refusal, RefusalKind};
use time::OffsetDateTime;

/// How things stand when a registration begins.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The invitation that has the code.
    pub invitation: &'a Invitation,
    /// The device that the invitation is for; none once the invitation was taken back.
    pub device: Option<&'a Device>,
    /// The person who was invited.
    pub user: &'a User,
    /// How many of its challenges wait for their answers.
    pub open: u64,
    /// How many devices may be in service.
    pub licence: Licence,
    /// How many are.
    pub in_use: u64,
    /// Whether the authority here revoked the person's certificate, or put it on hold.
    pub revoked: bool,
}

/// Allows a registration to begin, and returns the certificate that its challenge is encrypted for.
///
/// # Errors
///
/// [`BeginRefusal`] names the first obstacle.
pub fn begin(
    situation: Situation<'_>,
    now: OffsetDateTime,
) -> Result<&UserCertificate, BeginRefusal> {
    let Situation { invitation, device, user, open, licence, in_use, revoked } = situation;
    invitation::redeem(invitation.clone(), now).map_err(BeginRefusal::Invitation)?;
    let device = device.ok_or(BeginRefusal::Invitation(RedeemRefusal::Revoked))?;
    if device.state.kind() != StateKind::Invited {
        return Err(BeginRefusal::Invitation(RedeemRefusal::Used));
    }
    user::admit(user).map_err(BeginRefusal::Owner)?;
    let certificate = current_certificate(user, now)?;
    if revoked {
        return Err(BeginRefusal::CertificateRevoked);
    }
    licence.admit(in_use).map_err(BeginRefusal::Licence)?;
    if open >= MOST_OPEN {
        return Err(BeginRefusal::TooManyChallenges);
    }

    Ok(certificate)
}

pub(super) fn current_certificate(
    user: &User,
    now: OffsetDateTime,
) -> Result<&UserCertificate, BeginRefusal> {
    match user.certificate_standing(now) {
        CertificateStanding::Current(certificate) => Ok(certificate),
        CertificateStanding::Expired => Err(BeginRefusal::CertificateExpired),
        CertificateStanding::Missing => Err(BeginRefusal::CertificateMissing),
        CertificateStanding::NotYetValid => Err(BeginRefusal::CertificateNotYetValid),
    }
}

/// Why a registration did not begin.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BeginRefusal {
    /// The person's certificate has expired.
    #[error(
        "the registration did not begin: the certificate deposited for you has expired; \
         ask IT to deposit your current one"
    )]
    CertificateExpired,
    /// The person has no certificate.
    #[error(
        "the registration did not begin: no certificate is deposited for you; ask IT to deposit yours"
    )]
    CertificateMissing,
    /// The person's certificate is not valid yet.
    #[error(
        "the registration did not begin: the certificate deposited for you is not valid yet; \
         try again once it is"
    )]
    CertificateNotYetValid,
    /// The person's certificate was revoked.
    #[error(
        "the registration did not begin: the certificate deposited for you was revoked; \
         ask IT to deposit your current one"
    )]
    CertificateRevoked,
    /// The invitation is not open.
    #[error(transparent)]
    Invitation(RedeemRefusal),
    /// All licensed devices are in use.
    #[error(transparent)]
    Licence(LicenceExhausted),
    /// The person is blocked.
    #[error("the registration did not begin: IT has blocked you; ask IT")]
    Owner(OwnerBlocked),
    /// Others are being answered.
    #[error(
        "the registration did not begin: five challenges of this invitation wait for their answers; \
         try again in five minutes"
    )]
    TooManyChallenges,
    /// Nothing has this code.
    #[error(
        "the registration did not begin: no invitation has this code; check the link or ask for another one"
    )]
    UnknownInvitation,
    /// The device's key is of a kind that devices do not have.
    #[error(
        "the registration did not begin: the key in the certificate request is not on P-256; update the app"
    )]
    UnsuitableKey,
    /// The certificate request is not signed by its own key.
    #[error(
        "the registration did not begin: the certificate request is damaged or not signed by its own key; update the app"
    )]
    UnprovedRequest,
}

impl Refusal for BeginRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::CertificateExpired => "user_certificate_expired",
            Self::CertificateMissing => "user_certificate_missing",
            Self::CertificateNotYetValid => "user_certificate_not_yet_valid",
            Self::CertificateRevoked => "user_certificate_revoked",
            Self::Invitation(refusal) => refusal.code(),
            Self::Licence(refusal) => refusal.code(),
            Self::Owner(refusal) => refusal.code(),
            Self::TooManyChallenges => "too_many_challenges",
            Self::UnknownInvitation => "unknown_invitation",
            Self::UnsuitableKey => "device_key_unsuitable",
            Self::UnprovedRequest => "csr_unproven",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::CertificateExpired
            | Self::CertificateMissing
            | Self::CertificateNotYetValid
            | Self::CertificateRevoked => RefusalKind::Conflict,
            Self::Invitation(refusal) => refusal.kind(),
            Self::Licence(refusal) => refusal.kind(),
            Self::Owner(refusal) => refusal.kind(),
            Self::TooManyChallenges => RefusalKind::TooEarly,
            Self::UnknownInvitation => RefusalKind::Unproven,
            Self::UnsuitableKey | Self::UnprovedRequest => RefusalKind::Invalid,
        }
    }
}
