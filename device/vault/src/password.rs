//! Passwords that a user chooses.

use openssl::memcmp;
use policy::PasswordRules;
use secrecy::{ExposeSecret, SecretString};

/// How often a password is stretched before it becomes a key (PBKDF2-HMAC-SHA-256).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Iterations(pub u32);

impl Iterations {
    /// What containers are made with.
    pub const STANDARD: Self = Self(600_000);
}

/// A password that was typed twice and keeps the rules.
#[derive(Debug)]
pub struct NewPassword(SecretString);

impl NewPassword {
    /// Takes a password that was typed twice.
    ///
    /// # Errors
    ///
    /// [`PasswordError`] says what the user should do otherwise.
    pub fn choose(
        password: SecretString,
        again: &SecretString,
        rules: &PasswordRules,
    ) -> Result<Self, PasswordError> {
        let (first, second) = (password.expose_secret(), again.expose_secret());
        if first.len() != second.len() || !memcmp::eq(first.as_bytes(), second.as_bytes()) {
            return Err(PasswordError::Different);
        }
        if first.contains('\0') {
            return Err(PasswordError::Unusable);
        }
        let broken = broken_rules(first, rules);
        if !broken.is_empty() {
            return Err(PasswordError::Weak { broken });
        }
        Ok(Self(password))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Why a password was not taken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PasswordError {
    /// Type it again.
    #[error("the two passwords differ")]
    Different,
    /// Choose one that can be typed.
    #[error("the password contains a zero character")]
    Unusable,
    /// Choose a stronger one.
    #[error("the password {}", list(.broken))]
    Weak {
        /// Each rule it breaks.
        broken: Vec<Rule>,
    },
}

/// One rule about passwords.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rule {
    /// At least one digit.
    Digit,
    /// At least this many characters.
    MinimumLength(u8),
    /// At least one character that is neither a letter nor a digit.
    Symbol,
    /// At least one upper-case and one lower-case letter.
    UpperAndLower,
}

impl Rule {
    /// Returns the rule's stable code, the name of the setting that it comes from.
    pub fn code(self) -> &'static str {
        match self {
            Self::Digit => "digit",
            Self::MinimumLength(_) => "minimum_length",
            Self::Symbol => "symbol",
            Self::UpperAndLower => "upper_and_lower",
        }
    }
}

fn broken_rules(password: &str, rules: &PasswordRules) -> Vec<Rule> {
    let has = |wanted: fn(char) -> bool| password.chars().any(wanted);
    let checks = [
        (
            password.chars().count() >= usize::from(rules.minimum_length).max(1),
            Rule::MinimumLength(rules.minimum_length),
        ),
        (!rules.digit || has(char::is_numeric), Rule::Digit),
        (
            !rules.upper_and_lower || (has(char::is_uppercase) && has(char::is_lowercase)),
            Rule::UpperAndLower,
        ),
        (!rules.symbol || has(|character| !character.is_alphanumeric()), Rule::Symbol),
    ];
    checks.into_iter().filter(|(kept, _)| !kept).map(|(_, rule)| rule).collect()
}

fn list(broken: &[Rule]) -> String {
    let wishes: Vec<String> = broken
        .iter()
        .map(|rule| match rule {
            Rule::Digit => "needs a digit".to_owned(),
            Rule::MinimumLength(length) => format!("needs at least {length} characters"),
            Rule::Symbol => "needs a symbol".to_owned(),
            Rule::UpperAndLower => "needs upper and lower case letters".to_owned(),
        })
        .collect();
    wishes.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_keeps_every_rule_is_taken() {
        check("Zürich-8001", Ok(()));
    }

    #[test]
    fn each_broken_rule_is_named() {
        check("Zürich8001", Err("the password needs a symbol"));
        check("zürich-8001", Err("the password needs upper and lower case letters"));
        check("Zürich-City", Err("the password needs a digit"));
        check("Zü-8001", Err("the password needs at least 8 characters"));
        check(
            "",
            Err(
                "the password needs at least 8 characters, needs a digit, needs upper and lower case letters, needs a symbol",
            ),
        );
    }

    #[test]
    fn length_is_counted_in_characters() {
        check("Üöä-1ßéñ", Ok(()));
    }

    #[test]
    fn the_second_password_must_be_the_first() {
        let error =
            NewPassword::choose("Zürich-8001".into(), &"Zürich-8002".into(), &RULES).unwrap_err();

        assert_eq!(error, PasswordError::Different);
    }

    #[test]
    fn an_empty_password_is_refused_under_any_rules() {
        let rules = PasswordRules {
            minimum_length: 0,
            digit: false,
            upper_and_lower: false,
            symbol: false,
        };

        assert!(NewPassword::choose("".into(), &"".into(), &rules).is_err());
        assert_eq!(
            NewPassword::choose("a\0b".into(), &"a\0b".into(), &rules).unwrap_err(),
            PasswordError::Unusable
        );
    }

    #[track_caller]
    fn check(password: &str, expected: Result<(), &str>) {
        let result = NewPassword::choose(password.into(), &password.into(), &RULES);

        assert_eq!(
            result.map(|_| ()).map_err(|error| error.to_string()),
            expected.map_err(str::to_owned)
        );
    }

    const RULES: PasswordRules =
        PasswordRules { minimum_length: 8, digit: true, upper_and_lower: true, symbol: true };
}
