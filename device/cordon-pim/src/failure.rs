//! Why a command ends without having done its work.

use serde_json::Value;

/// A failure as the shell sees it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The machine or the program failed.
    #[error("{0:#}")]
    Fault(#[from] anyhow::Error),
    /// The app refused; the problem is what it said.
    #[error("{detail} [{code}]")]
    Refused { code: String, detail: String, problem: Value },
    /// The input cannot be used.
    #[error("{0}")]
    Unusable(String),
}

impl Failure {
    /// Takes the answer of the interface to a request that it refused.
    pub(crate) fn refused(problem: Value) -> Self {
        let text = |name| problem.get(name).and_then(Value::as_str).unwrap_or("unknown").to_owned();
        Self::Refused { code: text("code"), detail: text("detail"), problem }
    }

    /// Makes a refusal of the command line's own.
    pub(crate) fn refuse(code: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let problem = serde_json::json!({ "code": code, "detail": detail });
        Self::Refused { code: code.to_owned(), detail, problem }
    }

    pub(crate) fn unusable(detail: impl Into<String>) -> Self {
        Self::Unusable(detail.into())
    }

    /// Returns the process's exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Fault(_) | Self::Refused { .. } => 1,
            Self::Unusable(_) => 2,
        }
    }

    /// Returns what is printed where answers are in JSON.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Fault(_) => serde_json::json!({ "code": "failed", "detail": self.to_string() }),
            Self::Refused { problem, .. } => problem.clone(),
            Self::Unusable(detail) => serde_json::json!({ "code": "unusable", "detail": detail }),
        }
    }
}
