//! What a person types to find mails, as conditions.
//!
//! ```text
//!   budget "annual report" from:alice has:attachment after:2026-01-01
//!   ──┬─── ──────┬──────── ────┬───── ──────┬─────── ───────┬────────
//!    word      phrase       in one part   mark            date           all of them have to hold
//! ```
//!
//! Nothing is an error: what looks like a condition and is none is searched as it stands.

use time::{Date, Month};

/// The most characters of a query that count, up to the last word that is whole; nobody types more.
const LONGEST: usize = 1_000;

/// The conditions of a search, all of which have to hold.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SearchQuery {
    /// Texts that have to be found.
    pub terms: Vec<Term>,
    /// It has an attachment.
    pub attachment: bool,
    /// The user has read it, or has not.
    pub read: Option<bool>,
    /// The user has flagged it.
    pub flagged: bool,
    /// It was received before this day begins.
    pub before: Option<Date>,
    /// It was received on this day or later.
    pub after: Option<Date>,
}

/// A text that has to be found: its words one after the other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Term {
    /// Where; anywhere if absent.
    pub part: Option<MailPart>,
    /// The words, with whatever stands between them.
    pub text: String,
    /// The last word may go on.
    pub prefix: bool,
}

/// A part of a mail that can be searched by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MailPart {
    /// Names and addresses of all recipients.
    Recipients,
    /// Name and address of the author.
    Sender,
    /// The subject.
    Subject,
}

impl SearchQuery {
    /// Reads what was typed. The last word may go on, unless a space or a quote ended it.
    #[must_use]
    pub fn parse(typed: &str) -> Self {
        let mut typed: String = typed.chars().take(LONGEST + 1).map(printable).collect();
        if typed.chars().nth(LONGEST).is_some() {
            // The word that is cut off is not one that anybody meant.
            typed.truncate(typed.rfind(' ').map_or(0, |space| space + 1));
        }
        let mut query = Self::default();
        let mut rest = typed.trim_start();
        while !rest.is_empty() {
            rest = query.take(rest).trim_start();
        }
        query
    }

    /// Tells whether nothing is asked for, which finds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes one condition off the beginning.
    fn take<'a>(&mut self, typed: &'a str) -> &'a str {
        if let Some((name, value)) = typed.split_once(':')
            && let Some(part) = part(name)
        {
            let piece = Piece::first(value);
            if has_words(piece.text) {
                self.push(Some(part), &piece);
                return piece.rest;
            }
        }
        let piece = Piece::first(typed);
        if piece.quoted || !self.mark(piece.text) {
            self.push(None, &piece);
        }
        piece.rest
    }

    fn push(&mut self, part: Option<MailPart>, piece: &Piece<'_>) {
        if has_words(piece.text) {
            let prefix = piece.open && ends_in_beginning(piece.text);
            self.terms.push(Term { part, text: piece.text.to_owned(), prefix });
        }
    }

    /// Takes over a condition that is no text; `false` if it is none of them.
    fn mark(&mut self, piece: &str) -> bool {
        let piece = piece.to_lowercase();
        match piece.as_str() {
            "has:attachment" | "has:attachments" | "hat:anhang" => self.attachment = true,
            "is:flagged" | "ist:markiert" => self.flagged = true,
            "is:read" | "ist:gelesen" => self.read = Some(true),
            "is:unread" | "ist:ungelesen" => self.read = Some(false),
            _ => {
                let Some((name, value)) = piece.split_once(':') else { return false };
                let (day, before) = match (name, date(value)) {
                    ("before" | "vor", Some(day)) => (day, true),
                    ("after" | "nach", Some(day)) => (day, false),
                    _ => return false,
                };
                if before {
                    self.before = Some(self.before.map_or(day, |other| other.min(day)));
                } else {
                    self.after = Some(self.after.map_or(day, |other| other.max(day)));
                }
            }
        }
        true
    }
}

/// The beginning of what was typed, up to a space or the closing quote.
struct Piece<'a> {
    text: &'a str,
    rest: &'a str,
    quoted: bool,
    /// Nothing ended it: it may go on.
    open: bool,
}

impl<'a> Piece<'a> {
    fn first(typed: &'a str) -> Self {
        if let Some(quoted) = typed.strip_prefix('"') {
            return match quoted.split_once('"') {
                Some((text, rest)) => Self { text, rest, quoted: true, open: false },
                None => Self { text: quoted, rest: "", quoted: true, open: true },
            };
        }
        match typed.split_once(char::is_whitespace) {
            Some((text, rest)) => Self { text, rest, quoted: false, open: false },
            None => Self { text: typed, rest: "", quoted: false, open: true },
        }
    }
}

fn part(name: &str) -> Option<MailPart> {
    match name.to_lowercase().as_str() {
        "an" | "to" => Some(MailPart::Recipients),
        "betreff" | "subject" => Some(MailPart::Subject),
        "from" | "von" => Some(MailPart::Sender),
        _ => None,
    }
}

/// Punctuation alone is no condition.
fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// One letter begins nearly every mail's text, so it stands for itself until a second one is there.
fn ends_in_beginning(text: &str) -> bool {
    let last = text.trim_end_matches(|char: char| !char.is_alphanumeric());
    let mut letters = last.chars().rev().take_while(|char| char.is_alphanumeric());
    letters.next().is_some_and(|letter| !letter.is_ascii()) || letters.next().is_some()
}

/// `2026-01-31` or `31.1.2026`.
fn date(text: &str) -> Option<Date> {
    let (year, month, day) = match text.split_once('-') {
        Some((year, rest)) => rest.split_once('-').map(|(month, day)| (year, month, day))?,
        None => {
            let (day, rest) = text.split_once('.')?;
            rest.split_once('.').map(|(month, year)| (year, month, day))?
        }
    };
    if year.len() != 4 || ![year, month, day].iter().all(|part| is_number(part)) {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

fn is_number(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn printable(char: char) -> char {
    if char.is_control() { ' ' } else { char }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date;

    #[test]
    fn words_are_conditions_of_their_own_and_the_last_one_may_go_on() {
        check("annual bud", vec![whole("annual"), begun("bud")]);
        check("annual bud ", vec![whole("annual"), whole("bud")]);
        check("  one\ttwo\u{0}three", vec![whole("one"), whole("two"), begun("three")]);
        check("", vec![]);
    }

    #[test]
    fn what_is_too_long_is_cut_between_words() {
        let query = SearchQuery::parse(&"an ".repeat(2_000));

        assert_eq!(query.terms, vec![whole("an"); 333]);
        assert!(SearchQuery::parse(&"a".repeat(2_000)).is_empty());
    }

    #[test]
    fn one_letter_stands_for_itself() {
        check("a", vec![whole("a")]);
        check("plan b", vec![whole("plan"), whole("b")]);
        check("b2", vec![begun("b2")]);
        check("alice@e", vec![whole("alice@e")]);
        check("ab!", vec![begun("ab!")]);
        check("東", vec![begun("東")]);
    }

    #[test]
    fn quotes_make_phrases_even_before_they_are_closed() {
        check("\"annual report\" x1", vec![whole("annual report"), begun("x1")]);
        check("\"annual rep", vec![begun("annual rep")]);
        check("\"\" say\"so", vec![begun("say\"so")]);
        check("\"is:unread\"", vec![whole("is:unread")]);
    }

    #[test]
    fn parts_take_a_word_or_a_phrase_in_either_language() {
        check("from:alice x", vec![within(MailPart::Sender, "alice"), whole("x")]);
        check("Von:\"Alice B\"", vec![within(MailPart::Sender, "Alice B")]);
        check("to:bob ", vec![within(MailPart::Recipients, "bob")]);
        check("betreff:x", vec![within(MailPart::Subject, "x")]);
        let begun = Term { prefix: true, ..within(MailPart::Subject, "bud") };
        check("subject:bud", vec![begun]);
    }

    #[test]
    fn marks_and_dates_are_read() {
        let query = SearchQuery::parse(
            "has:attachment IS:unread is:flagged before:2026-03-01 nach:1.2.2026 after:2025-01-01",
        );

        let expected = SearchQuery {
            terms: Vec::new(),
            attachment: true,
            read: Some(false),
            flagged: true,
            before: Some(date!(2026 - 03 - 01)),
            after: Some(date!(2026 - 02 - 01)),
        };
        assert_eq!(query, expected);
        assert!(!query.is_empty());
    }

    #[test]
    fn what_is_no_condition_is_searched_as_it_stands() {
        for typed in [
            "before:2026-02-30",
            "before:soon",
            "after:",
            "has:fun",
            "is:",
            "from:",
            "from:\"\"",
            "http://example.org",
            "NEAR(a, b)",
            "a*",
            "{subject}:(x)",
            "before:+1-01-01",
        ] {
            let query = SearchQuery::parse(typed);
            let texts: Vec<&str> = query.terms.iter().map(|term| term.text.as_str()).collect();
            assert_eq!(texts.join(" "), typed);
            assert!(query.terms.iter().all(|term| term.part.is_none()), "{typed}");
            assert_eq!(SearchQuery { terms: Vec::new(), ..query }, SearchQuery::default());
        }
    }

    #[test]
    fn punctuation_asks_for_nothing() {
        for typed in ["", "  ", "?!", "\"", "\"...\"", ":", "- -"] {
            assert!(SearchQuery::parse(typed).is_empty(), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn every_word_typed_is_in_some_condition(typed in "[a-z:\" .*()-]{0,60}") {
            let query = SearchQuery::parse(&typed);
            let taken: String = query.terms.iter().map(|term| term.text.as_str()).collect();
            let marks = ["from", "to", "subject", "von", "an", "betreff"];
            for word in typed.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()) {
                prop_assert!(taken.contains(word) || marks.contains(&word), "{} of {}", word, typed);
            }
        }

        #[test]
        fn anything_can_be_typed(typed in any::<String>()) {
            let query = SearchQuery::parse(&typed);
            prop_assert!(query.terms.iter().all(|term| has_words(&term.text)));
            prop_assert!(!query.terms.iter().any(|term| term.text.chars().any(char::is_control)));
        }
    }

    #[track_caller]
    fn check(typed: &str, terms: Vec<Term>) {
        assert_eq!(SearchQuery::parse(typed), SearchQuery { terms, ..SearchQuery::default() });
    }

    fn whole(text: &str) -> Term {
        Term { part: None, text: text.to_owned(), prefix: false }
    }

    fn begun(text: &str) -> Term {
        Term { prefix: true, ..whole(text) }
    }

    fn within(part: MailPart, text: &str) -> Term {
        Term { part: Some(part), ..whole(text) }
    }
}
