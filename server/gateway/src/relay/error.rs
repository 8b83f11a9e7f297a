//! Why a request got no whole answer, and what is said about it.

use std::io;

use crate::answer::BadAnswer;
use crate::framing::BodyError;
use crate::own_answer::OwnAnswer;

/// Why a request got no whole answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RelayError {
    /// The mail server's answer has no clear reading.
    #[error("bad answer: {0}")]
    BadAnswer(#[from] BadAnswer),
    /// The framing of the request's body is broken.
    #[error("bad body: {0}")]
    BadBody(#[from] BodyError),
    /// The client has gone away.
    #[error("the client has gone away")]
    ClientGone,
    /// The client stopped in the middle of its request.
    #[error("the client stopped in the middle")]
    ClientSlow,
    /// The mail server cannot be reached.
    #[error("the mail server cannot be reached: {0}")]
    Unreachable(io::Error),
    /// The connection to the mail server broke.
    #[error("the mail server broke the connection")]
    UpstreamGone,
    /// The mail server did not answer in time.
    #[error("the mail server did not answer in time")]
    UpstreamSlow,
}

impl RelayError {
    /// Returns the answer to the client, or `None` if it is not there to read one.
    pub(crate) fn answer(&self) -> Option<OwnAnswer> {
        let status = match self {
            Self::BadAnswer(_) | Self::Unreachable(_) | Self::UpstreamGone => 502,
            Self::BadBody(BodyError::BrokenChunk) => 400,
            Self::BadBody(BodyError::TooLong) => 413,
            Self::ClientGone => return None,
            Self::ClientSlow => 408,
            Self::UpstreamSlow => 504,
        };
        Some(OwnAnswer::empty(status))
    }

    /// Tells the operator what is wrong with what is served in process.
    pub(crate) fn log_of_face(&self) {
        match self {
            Self::BadAnswer(_) | Self::Unreachable(_) | Self::UpstreamGone | Self::UpstreamSlow => {
                tracing::warn!(target: "gateway::face", "an answer to an app was not finished");
            }
            Self::BadBody(_) | Self::ClientGone | Self::ClientSlow => {
                tracing::debug!(target: "gateway::client", error = %self, "no answer");
            }
        }
    }

    /// Tells the operator what is wrong with the mail server; what clients do is their own business.
    pub(crate) fn log(&self) {
        match self {
            Self::BadAnswer(_) | Self::Unreachable(_) | Self::UpstreamGone | Self::UpstreamSlow => {
                tracing::warn!(target: "gateway::upstream", error = %self, "no answer");
            }
            Self::BadBody(_) | Self::ClientGone | Self::ClientSlow => {
                tracing::debug!(target: "gateway::client", error = %self, "no answer");
            }
        }
    }
}
