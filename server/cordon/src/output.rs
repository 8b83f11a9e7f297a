//! What the commands print, as text for people or as JSON for programs.

use anyhow::Context as _;
use operations::Failure;
use serde::Serialize;
use serde_json::json;
use std::fmt;
use std::fs::{OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::ExitCode;

const REFUSED: u8 = 1;
const UNUSABLE: u8 = 2;

/// Where and how to print.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Tells whether programs read it.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Prints `value` as JSON, or else `text`.
    pub(crate) fn print(
        self,
        value: &impl Serialize,
        text: impl fmt::Display,
    ) -> anyhow::Result<()> {
        let text = if self.json { serde_json::to_string(value)? } else { text.to_string() };
        line(&text);

        Ok(())
    }

    /// Says what went wrong, and with which exit code the program ends.
    pub(crate) fn failed(self, error: &anyhow::Error) -> ExitCode {
        let refused = error.downcast_ref::<Refused>();
        let (status, code) = match refused {
            Some(refused) => (REFUSED, refused.code),
            None => (UNUSABLE, "unusable"),
        };
        let text = if self.json {
            json!({ "code": code, "detail": format!("{error:#}") }).to_string()
        } else {
            format!("cordon: {error:#}")
        };
        // Nobody can be told that standard error is closed.
        drop(writeln!(io::stderr(), "{text}"));

        ExitCode::from(status)
    }
}

/// Writes a file that only its owner may read, also if it was there before.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    if file.metadata()?.is_file() {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }

    file.write_all(bytes)
}

/// Writes bytes to standard output, as they are.
pub(crate) fn raw(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout();
    out.write_all(bytes).context("standard output")?;

    Ok(out.flush()?)
}

/// Prints a line; a reader that went away is not an error.
pub(crate) fn line(text: &str) {
    drop(writeln!(io::stdout(), "{text}"));
}

/// The rules say no: exit code 1.
#[derive(Debug)]
pub(crate) struct Refused {
    code: &'static str,
    text: String,
}

impl Refused {
    pub(crate) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Refused {}

/// Turns what an operation says into what the program ends with.
pub(crate) fn ended<T, R: fleet::Refusal>(result: Result<T, Failure<R>>) -> anyhow::Result<T> {
    result.map_err(|failure| match failure.answer() {
        Ok(answer) => Refused::new(answer.code, answer.text).into(),
        Err(_) => anyhow::Error::new(failure),
    })
}
