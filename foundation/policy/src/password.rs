//! What a password of the container has to be.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most passwords before the present one that may be kept from coming back.
pub const MOST_HISTORY: u8 = 50;
/// The most days after which a new password may be asked for.
pub const MOST_DAYS: u16 = 730;
/// The most words that may be forbidden.
pub const MOST_WORDS: usize = 100;
/// How many kinds of characters there are: small letters, capitals, digits, and all others.
pub const KINDS: u8 = 4;

/// What a password has to be. Rules that settings of an earlier version do not name ask for nothing.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordRules {
    /// The least number of characters.
    pub minimum_length: u8,
    /// Whether a digit is needed.
    pub digit: bool,
    /// Whether a letter is needed.
    #[serde(default)]
    pub letter: bool,
    /// Whether a capital and a small letter are needed.
    pub upper_and_lower: bool,
    /// Whether a character is needed that is neither letter nor digit.
    pub symbol: bool,
    /// How many of the [`KINDS`] of characters are needed; nought and one ask for nothing.
    #[serde(default)]
    pub kinds: u8,
    /// Whether four characters in a row may be neither the same nor consecutive, as in `1111`, `1234` and `dcba`.
    #[serde(default)]
    pub no_sequences: bool,
    /// How many passwords before the present one may not come back.
    #[serde(default)]
    pub history: u8,
    /// After how many days a new password is needed; nought for never.
    #[serde(default)]
    pub days: u16,
    /// Words that no password may hold, in whatever case.
    #[serde(default)]
    pub forbidden_words: Vec<String>,
}

impl PasswordRules {
    /// Returns the rules that ask for all that both ask for.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let words = self.forbidden_words.iter().chain(&other.forbidden_words);
        let forbidden_words: BTreeSet<_> = words.cloned().collect();
        let days = [self.days, other.days].into_iter().filter(|days| *days > 0).min();

        Self {
            minimum_length: self.minimum_length.max(other.minimum_length),
            digit: self.digit || other.digit,
            letter: self.letter || other.letter,
            upper_and_lower: self.upper_and_lower || other.upper_and_lower,
            symbol: self.symbol || other.symbol,
            kinds: self.kinds.max(other.kinds),
            no_sequences: self.no_sequences || other.no_sequences,
            history: self.history.max(other.history),
            days: days.unwrap_or(0),
            forbidden_words: forbidden_words.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_obeyed() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let settings = PasswordRules {
            forbidden_words: words(&["cordon", "summer"]),
            minimum_length: 8,
            digit: true,
            history: 5,
            days: 90,
            ..PasswordRules::default()
        };
        let policy = PasswordRules {
            forbidden_words: words(&["autumn", "cordon"]),
            minimum_length: 6,
            letter: true,
            kinds: 3,
            no_sequences: true,
            history: 2,
            days: 30,
            ..PasswordRules::default()
        };
        let both = PasswordRules {
            forbidden_words: words(&["autumn", "cordon", "summer"]),
            minimum_length: 8,
            digit: true,
            letter: true,
            kinds: 3,
            no_sequences: true,
            history: 5,
            days: 30,
            ..PasswordRules::default()
        };

        assert_eq!(settings.and(&policy), both);
        assert_eq!(policy.and(&settings), both);
        assert_eq!(settings.and(&PasswordRules::default()), settings);
    }
}
