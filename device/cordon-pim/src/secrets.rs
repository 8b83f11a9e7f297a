//! Where passwords come from: a file, the environment, the terminal. Never the command line, which every user sees.

use crate::failure::Failure;
use secrecy::SecretString;
use std::io::IsTerminal as _;
use std::path::Path;
use zeroize::Zeroizing;

/// A password that a command may need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// What to call it when asking.
    pub(crate) what: &'static str,
    /// The environment variable that may hold it.
    pub(crate) variable: &'static str,
    /// The option that names a file with it.
    pub(crate) option: &'static str,
}

pub(crate) const CONTAINER: Wanted = Wanted {
    what: "container's password",
    variable: "CORDON_PIM_PASSWORD",
    option: "--password-file",
};
pub(crate) const NEW: Wanted = Wanted {
    what: "password of the container",
    variable: "CORDON_PIM_NEW_PASSWORD",
    option: "--new-password-file",
};
pub(crate) const CERTIFICATE: Wanted = Wanted {
    what: "certificate file's password",
    variable: "CORDON_PIM_P12_PASSWORD",
    option: "--p12-password-file",
};
pub(crate) const PIN: Wanted =
    Wanted { what: "smart card's PIN", variable: "CORDON_PIM_PIN", option: "--pin-file" };
pub(crate) const MAILBOX: Wanted = Wanted {
    what: "mailbox's password",
    variable: "CORDON_PIM_MAIL_PASSWORD",
    option: "--mail-password-file",
};

/// Returns a password that the command cannot do without.
pub(crate) fn require(wanted: Wanted, file: Option<&Path>) -> Result<SecretString, Failure> {
    if let Some(password) = find(wanted, file)? {
        return Ok(password);
    }
    ask(wanted, &format!("The {}: ", wanted.what))
}

/// Returns a password that is being chosen, twice.
pub(crate) fn choose(
    wanted: Wanted,
    file: Option<&Path>,
) -> Result<(SecretString, SecretString), Failure> {
    if let Some(password) = find(wanted, file)? {
        return Ok((password.clone(), password));
    }
    Ok((ask(wanted, &format!("A new {}: ", wanted.what))?, ask(wanted, "The same again: ")?))
}

/// Returns a password if the file or the environment has it.
pub(crate) fn find(wanted: Wanted, file: Option<&Path>) -> Result<Option<SecretString>, Failure> {
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
            Failure::unusable(format!("cannot read {}: {error}", path.display()))
        })?;
        return first_line(&text).map(Some).ok_or_else(|| {
            Failure::unusable(format!(
                "{} is empty: it has to hold the {}",
                path.display(),
                wanted.what
            ))
        });
    }
    match std::env::var(wanted.variable) {
        Ok(text) => {
            let text = Zeroizing::new(text);
            let empty = || Failure::unusable(format!("{} is empty", wanted.variable));
            first_line(&text).map(Some).ok_or_else(empty)
        }
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::unusable(format!("{} is not text", wanted.variable)))
        }
    }
}

fn ask(wanted: Wanted, prompt: &str) -> Result<SecretString, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::unusable(format!(
            "the {} is needed: name a file with {} or set {}",
            wanted.what, wanted.option, wanted.variable
        )));
    }
    let text = rpassword::prompt_password(prompt)
        .map_err(|error| Failure::unusable(format!("cannot read the {}: {error}", wanted.what)))?;
    Ok(text.into())
}

/// Returns the first line of a text, without its end; none if it is empty.
fn first_line(text: &str) -> Option<SecretString> {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    (!line.is_empty()).then(|| line.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_file_holds_the_password_in_its_first_line() {
        let line = |text| first_line(text).map(|line| line.expose_secret().to_owned());

        assert_eq!(line("secret\n"), Some("secret".to_owned()));
        assert_eq!(line(" se cret \r\nmore"), Some(" se cret ".to_owned()));
        assert_eq!(line("\nsecret"), None);
        assert_eq!(line(""), None);
    }

    #[test]
    fn a_missing_file_is_named() {
        let failure = find(CONTAINER, Some(Path::new("/no/such/file"))).unwrap_err();

        assert!(failure.to_string().starts_with("cannot read /no/such/file"), "{failure}");
        assert_eq!(failure.exit_code(), 2);
    }
}
