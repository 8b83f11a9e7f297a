//! What a command prints.

use crate::failure::Failure;
use anyhow::Context as _;
use serde_json::Value;
use std::io::Write as _;

/// In which form answers are printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Output {
    /// For programs, one document.
    Json,
    /// For people.
    Text,
}

impl Output {
    /// Prints an answer in the form that was asked for; an empty text prints nothing.
    pub(crate) fn answer(self, json: &Value, text: &str) -> Result<(), Failure> {
        match self {
            Self::Json => print(json.to_string().as_bytes(), true),
            Self::Text if text.is_empty() => Ok(()),
            Self::Text => print(text.as_bytes(), true),
        }
    }

    /// Prints bytes as they are.
    pub(crate) fn bytes(bytes: &[u8]) -> Result<(), Failure> {
        print(bytes, false)
    }

    /// Prints why a command failed.
    pub(crate) fn failure(self, failure: &Failure) {
        if self == Self::Json {
            let _ = print(failure.to_json().to_string().as_bytes(), true);
        }
        // Nobody is left to be told that standard error is closed.
        let _ = writeln!(std::io::stderr(), "cordon-pim: {failure}");
    }
}

fn print(bytes: &[u8], line: bool) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let end: &[u8] = if line { b"\n" } else { b"" };
    out.write_all(bytes)
        .and_then(|()| out.write_all(end))
        .and_then(|()| out.flush())
        .context("cannot write to standard output")?;
    Ok(())
}
