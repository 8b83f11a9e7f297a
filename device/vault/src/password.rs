//! Passwords that a user chooses.

mod change;
pub(crate) mod history;
pub(crate) mod stretch;

pub use change::{ChangePasswordError, PasswordChange};
pub use stretch::Cost;

use openssl::memcmp;
use policy::{KINDS, PasswordRules};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// The most characters in a row that may be the same or consecutive, where sequences are forbidden.
const LONGEST_SEQUENCE: usize = 3;

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
        let broken = broken_rules(&password, rules);
        if !broken.is_empty() {
            return Err(PasswordError::Weak { broken });
        }
        Ok(Self(password))
    }

    /// Returns the password, for whoever opens what it closes.
    pub fn secret(&self) -> &SecretString {
        &self.0
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
    /// None of the words that IT forbids.
    ForbiddenWords,
    /// At least this many of small letters, capitals, digits and other characters.
    Kinds(u8),
    /// At least one letter.
    Letter,
    /// At least this many characters.
    MinimumLength(u8),
    /// No four characters in a row that are the same or consecutive.
    NoSequences,
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
            Self::ForbiddenWords => "forbidden_words",
            Self::Kinds(_) => "kinds",
            Self::Letter => "letter",
            Self::MinimumLength(_) => "minimum_length",
            Self::NoSequences => "no_sequences",
            Self::Symbol => "symbol",
            Self::UpperAndLower => "upper_and_lower",
        }
    }
}

/// Returns each rule about its characters that a password breaks.
pub fn broken_rules(password: &SecretString, rules: &PasswordRules) -> Vec<Rule> {
    let password = password.expose_secret();
    let has = |wanted: fn(char) -> bool| password.chars().any(wanted);
    let kinds: [fn(char) -> bool; KINDS as usize] =
        [char::is_lowercase, char::is_uppercase, char::is_numeric, |character| {
            !character.is_alphanumeric()
        }];
    let found = kinds.into_iter().filter(|kind| has(*kind)).count();
    let checks = [
        (
            password.chars().count() >= usize::from(rules.minimum_length).max(1),
            Rule::MinimumLength(rules.minimum_length),
        ),
        (!rules.digit || has(char::is_numeric), Rule::Digit),
        (!rules.letter || has(char::is_alphabetic), Rule::Letter),
        (
            !rules.upper_and_lower || (has(char::is_uppercase) && has(char::is_lowercase)),
            Rule::UpperAndLower,
        ),
        (!rules.symbol || has(|character| !character.is_alphanumeric()), Rule::Symbol),
        (found >= usize::from(rules.kinds), Rule::Kinds(rules.kinds)),
        (!rules.no_sequences || !has_sequence(password), Rule::NoSequences),
        (!has_word(password, &rules.forbidden_words), Rule::ForbiddenWords),
    ];
    checks.into_iter().filter(|(kept, _)| !kept).map(|(_, rule)| rule).collect()
}

/// Whether some characters in a row, one more than may, are the same or consecutive.
fn has_sequence(password: &str) -> bool {
    let characters: Vec<u32> = password.chars().map(u32::from).collect();

    characters.windows(LONGEST_SEQUENCE + 1).any(|window| {
        [-1, 0, 1].into_iter().any(|step: i32| {
            window.windows(2).all(|pair| match pair {
                [first, second] => first.checked_add_signed(step) == Some(*second),
                _ => false,
            })
        })
    })
}

fn has_word(password: &str, words: &[String]) -> bool {
    let password = Zeroizing::new(password.to_lowercase());

    words.iter().any(|word| password.contains(&word.to_lowercase()))
}

fn list(broken: &[Rule]) -> String {
    let wishes: Vec<String> = broken
        .iter()
        .map(|rule| match rule {
            Rule::Digit => "needs a digit".to_owned(),
            Rule::ForbiddenWords => "has a word that is forbidden".to_owned(),
            Rule::Kinds(kinds) => {
                format!("needs {kinds} of small letters, capitals, digits and other characters")
            }
            Rule::Letter => "needs a letter".to_owned(),
            Rule::MinimumLength(length) => format!("needs at least {length} characters"),
            Rule::NoSequences => {
                "has more than three characters in a row that are the same or consecutive"
                    .to_owned()
            }
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
    fn a_mail_servers_rules_are_told_apart() {
        let rules = PasswordRules {
            letter: true,
            kinds: 3,
            no_sequences: true,
            ..PasswordRules::default()
        };
        let broken = |password: &str| -> Vec<_> {
            broken_rules(&password.into(), &rules).into_iter().map(Rule::code).collect()
        };

        assert_eq!(broken("Zürich-8001"), Vec::<&str>::new());
        assert_eq!(broken("5829-7316"), ["letter", "kinds"]);
        assert_eq!(broken("zürich8001"), ["kinds"]);
        for sequence in ["Zürich-1234", "Zürich-4321", "Zürich-9999", "aBCDE-8"] {
            assert_eq!(broken(sequence), ["no_sequences"], "{sequence}");
        }
        for fine in ["Zürich-123", "Zürich-999", "Zürich-1357", "aBcDe-8"] {
            assert_eq!(broken(fine), Vec::<&str>::new(), "{fine}");
        }
    }

    #[test]
    fn forbidden_words_are_found_in_any_case() {
        let forbidden_words = vec!["Köln".to_owned(), "cordon".to_owned()];
        let rules = PasswordRules { forbidden_words, ..PasswordRules::default() };
        let broken = |password: &str| !broken_rules(&password.into(), &rules).is_empty();

        assert!(broken("Alaaf-KÖLN-11"));
        assert!(broken("myCordon2"));
        assert!(!broken("Kaln-cordan"));
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
        let rules = PasswordRules::default();

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

    const RULES: PasswordRules = PasswordRules {
        minimum_length: 8,
        digit: true,
        letter: false,
        upper_and_lower: true,
        symbol: true,
        kinds: 0,
        no_sequences: false,
        history: 0,
        days: 0,
        forbidden_words: Vec::new(),
    };
}
