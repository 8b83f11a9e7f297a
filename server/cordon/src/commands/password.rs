//! Passwords, from a file or typed.

use anyhow::{Context as _, Result, bail, ensure};
use secrecy::{ExposeSecret as _, SecretString};
use std::io::BufRead as _;
use std::path::Path;
use zeroize::Zeroizing;

const NO_TERMINAL: &str =
    "no terminal to ask for the password: give --password-file or CORDON_KEY_PASSWORD";

/// Reads the first line of a file, of standard input if the file is `-`, or what is typed twice at the terminal.
pub(super) fn of_administrator(file: Option<&Path>) -> Result<SecretString> {
    match file {
        Some(path) => first_line(path),
        None => typed_twice("Administrator's password: "),
    }
}

/// As [`of_key`], for a file that is made now: what is typed is typed twice.
pub(super) fn of_file(file: Option<&Path>) -> Result<SecretString> {
    match (file, std::env::var("CORDON_KEY_PASSWORD")) {
        (Some(path), _) => first_line(path),
        (None, Ok(password)) => Ok(password.into()),
        (None, Err(_)) => typed_twice("Password for the file: ").context(NO_TERMINAL),
    }
}

/// As [`of_administrator`], for a password that exists already: it is typed once.
pub(super) fn of_mailbox(file: Option<&Path>) -> Result<SecretString> {
    match file {
        Some(path) => first_line(path),
        None => {
            let typed = rpassword::prompt_password("Password of the mailbox: ");
            Ok(typed.context("no terminal to ask for the password: give --password-file")?.into())
        }
    }
}

/// Reads the password of a key: the first line of a file, else of the environment, else what is typed.
pub(super) fn of_key(file: Option<&Path>) -> Result<SecretString> {
    match (file, std::env::var("CORDON_KEY_PASSWORD")) {
        (Some(path), _) => first_line(path),
        (None, Ok(password)) => Ok(password.into()),
        (None, Err(_)) => {
            let typed = rpassword::prompt_password("Password of the key: ");
            Ok(typed.context(NO_TERMINAL)?.into())
        }
    }
}

fn first_line(path: &Path) -> Result<SecretString> {
    let mut text = Zeroizing::new(String::new());
    let source = if path == Path::new("-") {
        std::io::stdin().lock().read_line(&mut text).context("standard input")?;
        "standard input".to_owned()
    } else {
        let source = path.display().to_string();
        *text = std::fs::read_to_string(path).with_context(|| source.clone())?;
        source
    };
    let line = text.lines().next().unwrap_or_default();
    ensure!(!line.is_empty(), "{source} has no password on its first line");

    Ok(SecretString::from(line.to_owned()))
}

fn typed_twice(prompt: &str) -> Result<SecretString> {
    let first = SecretString::from(rpassword::prompt_password(prompt)?);
    let second = SecretString::from(rpassword::prompt_password("Once more: ")?);
    if first.expose_secret() != second.expose_secret() {
        bail!("the two passwords differ");
    }

    Ok(first)
}
