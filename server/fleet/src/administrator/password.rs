//! What an administrator's password must be like: long, not the name, not one key held down.

use crate::{Login, refusal};
use std::collections::BTreeSet;

/// The fewest characters.
const SHORTEST: usize = 12;
/// The most bytes; more would only cost time.
const LONGEST: usize = 1024;
/// The fewest characters that differ from each other.
const FEWEST_DISTINCT: usize = 5;

/// Checks the password that the administrator `name` has chosen.
///
/// # Errors
///
/// [`PasswordRefusal`] says what to choose differently.
pub fn check_password(name: &Login, password: &str) -> Result<(), PasswordRefusal> {
    if password.len() > LONGEST {
        return Err(PasswordRefusal::TooLong);
    }
    if password.chars().count() < SHORTEST {
        return Err(PasswordRefusal::TooShort);
    }
    if password.chars().collect::<BTreeSet<_>>().len() < FEWEST_DISTINCT {
        return Err(PasswordRefusal::TooUniform);
    }
    if password.to_lowercase().contains(&name.key()) {
        return Err(PasswordRefusal::ContainsName);
    }

    Ok(())
}

/// Why a password was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PasswordRefusal {
    /// It gives half of the secret away.
    #[error("the password was not taken: it contains the administrator's name; leave the name out")]
    ContainsName,
    /// It is longer than any person types.
    #[error("the password was not taken: it is longer than 1024 bytes; choose a shorter one")]
    TooLong,
    /// It can be guessed.
    #[error(
        "the password was not taken: it is too short; choose at least 12 characters, for example four words"
    )]
    TooShort,
    /// It repeats itself.
    #[error(
        "the password was not taken: it repeats too few characters; choose at least 5 different ones"
    )]
    TooUniform,
}

refusal!(PasswordRefusal {
    Self::ContainsName => Invalid "password_contains_name",
    Self::TooLong => Invalid "password_too_long",
    Self::TooShort => Invalid "password_too_short",
    Self::TooUniform => Invalid "password_too_uniform",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_passwords_are_taken() {
        for good in ["correct horse battery", "äöüßÄÖÜ12345", "aaaaaaaabcde", &"ab1 x".repeat(204)]
        {
            check(good, Ok(()));
        }
    }

    #[test]
    fn bad_passwords_are_not() {
        check("", Err(PasswordRefusal::TooShort));
        check("elevenchars", Err(PasswordRefusal::TooShort));
        check("ääääääöööööö", Err(PasswordRefusal::TooUniform));
        check("aaaaaaaaaaaabcd", Err(PasswordRefusal::TooUniform));
        check("I am ANNA and happy", Err(PasswordRefusal::ContainsName));
        check(&"ab1 x".repeat(205), Err(PasswordRefusal::TooLong));
    }

    #[track_caller]
    fn check(password: &str, expected: Result<(), PasswordRefusal>) {
        let name = Login::parse("anna").unwrap();

        assert_eq!(check_password(&name, password), expected, "{password}");
    }
}
