//! Registration of a device, as `docs/registration.md` describes it: what is bound to what, and when to say no.

mod begin;
mod complete;
mod judge;
mod transcript;

pub use begin::{BeginRefusal, Situation, begin};
pub use complete::{CompleteRefusal, Completion, FinishRefusal, complete};
pub use judge::{Answer, JudgeRefusal, Signature, judge};
pub use transcript::{Step, Transcript};

use crate::{DeviceId, EasId, InvitationId, Name, TextRefusal, text};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How long a challenge may be answered.
pub const CHALLENGE_LIFE: Duration = Duration::minutes(5);

/// The most challenges of one invitation that may wait for their answers.
pub const MOST_OPEN: u64 = 5;

/// What the app says about its device before anything is proven.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Facts {
    /// What the device calls itself.
    pub name: Option<Name>,
    /// The make and model.
    pub model: String,
    /// The operating system.
    pub system: String,
    /// The version of the app.
    pub app_version: String,
    /// The identifier it will use in ActiveSync requests.
    pub eas_id: EasId,
}

impl Facts {
    /// Reads what the app says.
    ///
    /// # Errors
    ///
    /// [`TextRefusal`] if a text is empty, too long or not what it should be.
    pub fn parse(
        name: Option<&str>,
        model: &str,
        system: &str,
        app_version: &str,
        eas_id: &str,
    ) -> Result<Self, TextRefusal> {
        Ok(Self {
            name: name.map(Name::parse).transpose()?,
            model: text::bounded("the model", model, 120)?.to_owned(),
            system: text::bounded("the operating system", system, 120)?.to_owned(),
            app_version: text::bounded("the version of the app", app_version, 40)?.to_owned(),
            eas_id: EasId::parse(eas_id)?,
        })
    }
}

/// A challenge that was given, and all that its answer is judged by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Challenge {
    /// Its name.
    pub id: Uuid,
    /// The invitation it was given for.
    pub invitation: InvitationId,
    /// The device that will come of it.
    pub device: DeviceId,
    /// The exporter of the connection it was given on.
    pub exporter: [u8; 32],
    /// The transcript up to the offer.
    pub transcript: Transcript,
    /// What the proof has to be.
    pub proof: ProofDigest,
    /// The request for the device's certificate, PKCS#10 in DER.
    pub request: Vec<u8>,
    /// What the app says about its device.
    pub facts: Facts,
    /// SHA-256 of the person's certificate that it is encrypted for.
    pub certificate: [u8; 32],
    /// When it is too late for an answer.
    pub expires_at: OffsetDateTime,
}

/// SHA-256 of the proof that answers a challenge; it tells nobody the proof.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ProofDigest(pub [u8; 32]);

impl ProofDigest {
    /// Computes the digest of a proof.
    pub fn of(proof: &[u8]) -> Self {
        Self(Sha256::digest(proof).into())
    }
}

#[cfg(test)]
mod tests;
