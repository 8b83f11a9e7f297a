use super::{Challenge, ProofDigest};
use crate::refusal;
use subtle::ConstantTimeEq as _;
use time::OffsetDateTime;

/// An answer to a challenge.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The exporter of the connection it came on.
    pub exporter: &'a [u8; 32],
    /// The proof that the secret is known.
    pub proof: &'a [u8],
    /// Whether the device's key signed.
    pub signature: Signature,
}

/// Whether a signature fits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signature {
    /// It is by the key of the request, over this transcript and proof.
    Fits,
    /// It is not.
    Wrong,
}

/// Judges an answer.
///
/// # Errors
///
/// [`JudgeRefusal`] unless it came in time, on the right connection, with the right proof and by the right device.
pub fn judge(
    challenge: &Challenge,
    answer: Answer<'_>,
    now: OffsetDateTime,
) -> Result<(), JudgeRefusal> {
    if now >= challenge.expires_at {
        return Err(JudgeRefusal::Expired);
    }
    if !bool::from(challenge.exporter.ct_eq(answer.exporter)) {
        return Err(JudgeRefusal::OtherConnection);
    }
    if !bool::from(challenge.proof.0.ct_eq(&ProofDigest::of(answer.proof).0)) {
        return Err(JudgeRefusal::WrongAnswer);
    }
    match answer.signature {
        Signature::Fits => Ok(()),
        Signature::Wrong => Err(JudgeRefusal::WrongDeviceKey),
    }
}

/// Why an answer was not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JudgeRefusal {
    /// It came too late.
    #[error("the answer was not accepted: the challenge is older than five minutes; begin again")]
    Expired,
    /// It came on another connection.
    #[error(
        "the answer was not accepted: the challenge was given on another connection; begin again"
    )]
    OtherConnection,
    /// There is no such challenge.
    #[error(
        "the answer was not accepted: the challenge is unknown or has been answered; begin again"
    )]
    UnknownChallenge,
    /// The secret is not known.
    #[error(
        "the answer was not accepted: it does not fit the challenge; use the certificate that IT deposited for you"
    )]
    WrongAnswer,
    /// Another device signed.
    #[error("the answer was not accepted: it is not signed by the device that began; begin again")]
    WrongDeviceKey,
}

impl JudgeRefusal {
    /// Tells whether this counts towards closing the invitation.
    pub fn is_failure(self) -> bool {
        match self {
            Self::Expired | Self::UnknownChallenge => false,
            Self::OtherConnection | Self::WrongAnswer | Self::WrongDeviceKey => true,
        }
    }
}

refusal!(JudgeRefusal {
    Self::Expired => Unproven "challenge_expired",
    Self::OtherConnection => Unproven "other_connection",
    Self::UnknownChallenge => Unproven "unknown_challenge",
    Self::WrongAnswer => Unproven "wrong_answer",
    Self::WrongDeviceKey => Unproven "wrong_device_key",
});
