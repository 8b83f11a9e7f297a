//! Why an operation did not happen: an answer to whoever asked, or a fault of ours.

use audit::SubjectKind;
use fleet::{Refusal, RefusalKind};
use keys::KeyError;
use std::convert::Infallible;
use store::StoreError;

/// Why an operation did not happen. `R` is what the rules may say.
#[derive(Debug, thiserror::Error)]
pub enum Failure<R> {
    /// We failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The rules say no.
    #[error(transparent)]
    Refused(R),
    /// There is no such thing.
    #[error("nothing was done: there is no such {}; it may have been removed, look it up in the list", .0.name())]
    Unknown(SubjectKind),
}

impl<R> From<StoreError> for Failure<R> {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl<R: Refusal> Failure<R> {
    /// Returns what to tell whoever asked.
    ///
    /// # Errors
    ///
    /// The [`Fault`], of which they are told nothing.
    pub fn answer(&self) -> Result<Answer, &Fault> {
        match self {
            Self::Fault(fault) => Err(fault),
            Self::Refused(refusal) => Ok(Answer::refused(refusal)),
            Self::Unknown(kind) => Ok(Answer::unknown(*kind)),
        }
    }

    /// Returns what to tell whoever asked, or what to log.
    ///
    /// # Errors
    ///
    /// The [`Fault`], of which they are told nothing.
    pub fn into_answer(self) -> Result<Answer, Fault> {
        match self {
            Self::Fault(fault) => Err(fault),
            Self::Refused(refusal) => Ok(Answer::refused(&refusal)),
            Self::Unknown(kind) => Ok(Answer::unknown(kind)),
        }
    }
}

/// What to tell somebody whose request was not carried out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// What kind of answer it is; a face chooses its status by it.
    pub kind: AnswerKind,
    /// The stable code, in snake case.
    pub code: &'static str,
    /// What was refused, why, and what to do about it, in English.
    pub text: String,
}

impl Answer {
    fn refused(refusal: &impl Refusal) -> Self {
        Self { kind: refusal.kind().into(), code: refusal.code(), text: refusal.to_string() }
    }

    fn unknown(kind: SubjectKind) -> Self {
        Self {
            kind: AnswerKind::Unknown,
            code: unknown_code(kind),
            text: Failure::<Infallible>::Unknown(kind).to_string(),
        }
    }
}

/// What kind of answer it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AnswerKind {
    /// See [`RefusalKind::Conflict`].
    Conflict,
    /// See [`RefusalKind::Invalid`].
    Invalid,
    /// See [`RefusalKind::TooEarly`].
    TooEarly,
    /// There is no such thing.
    Unknown,
    /// See [`RefusalKind::Unproven`].
    Unproven,
}

impl From<RefusalKind> for AnswerKind {
    fn from(kind: RefusalKind) -> Self {
        match kind {
            RefusalKind::Conflict => Self::Conflict,
            RefusalKind::Invalid => Self::Invalid,
            RefusalKind::TooEarly => Self::TooEarly,
            RefusalKind::Unproven => Self::Unproven,
        }
    }
}

/// Something failed on our side. Callers can only report it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The operating system has no random bytes for us.
    #[error("no random numbers can be had")]
    Random(#[from] getrandom::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something below us cannot do what it always can.
    #[error("{what} failed")]
    Broken {
        /// What it is.
        what: &'static str,
        /// What it says.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A key of the authority did not sign, for instance because its token is away; once it is back the same succeeds.
    #[error("{what} failed")]
    Unsigned {
        /// What was to be signed.
        what: &'static str,
        /// What the key says.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Fault {
    pub(crate) fn broken(
        what: &'static str,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Broken { what, cause: cause.into() }
    }

    /// Makes a fault of what a key of the authority was to sign.
    pub(crate) fn signing(
        what: &'static str,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let cause = cause.into();
        let first: &(dyn std::error::Error + 'static) = cause.as_ref();
        let mut causes = std::iter::successors(Some(first), |cause| cause.source());
        if causes.any(|cause| cause.is::<KeyError>()) {
            return Self::Unsigned { what, cause };
        }

        Self::Broken { what, cause }
    }
}

pub(crate) const fn unknown_code(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Administrator => "unknown_administrator",
        SubjectKind::Certificate => "unknown_certificate",
        SubjectKind::Device => "unknown_device",
        SubjectKind::Group => "unknown_group",
        SubjectKind::Invitation => "unknown_invitation",
        SubjectKind::Server => "unknown_server",
        SubjectKind::User => "unknown_user",
    }
}
