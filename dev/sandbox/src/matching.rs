//! What a search for mails means: words, phrases, and words with the name of a property, all of which must fit.
//!
//! `anna "second draft" from:jonas -subject:offer received>=2026-01-01 hasattachment:true`

use activesync::messages::Importance;
use time::macros::format_description;
use time::{Date, OffsetDateTime, UtcOffset};

/// A search that was understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Terms(Vec<Term>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    except: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Attachments(bool),
    Importance(Importance),
    Read(bool),
    /// From the first moment, to before the second.
    Received(Option<OffsetDateTime>, Option<OffsetDateTime>),
    Text(Place, String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    Attachment,
    Bcc,
    Body,
    Cc,
    From,
    Participants,
    Subject,
    To,
}

/// The search says something that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TooComplex;

/// What is searched in of one mail. Texts are in lower case.
#[derive(Debug, Default)]
pub(crate) struct Searchable {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) cc: String,
    pub(crate) bcc: String,
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) files: String,
    pub(crate) has_files: bool,
    pub(crate) importance: Option<Importance>,
    pub(crate) read: bool,
    pub(crate) received: Option<OffsetDateTime>,
}

impl Terms {
    pub(crate) fn parse(text: &str) -> Result<Self, TooComplex> {
        let mut terms = Vec::new();
        let mut except = false;
        for token in tokens(text) {
            match token.as_str() {
                "AND" => continue,
                "OR" | "NEAR" => return Err(TooComplex),
                "NOT" => {
                    except = true;
                    continue;
                }
                _ => {}
            }
            let (minus, token) = match token.strip_prefix('-') {
                Some(rest) if !rest.is_empty() => (true, rest),
                Some(_) | None => (false, token.as_str()),
            };
            terms.push(Term { except: except || minus, test: test(token)? });
            except = false;
        }
        Ok(Self(terms))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn fit(&self, mail: &Searchable) -> bool {
        self.0.iter().all(|term| term.test.fits(mail) != term.except)
    }
}

impl Test {
    fn fits(&self, mail: &Searchable) -> bool {
        match self {
            Self::Attachments(wanted) => mail.has_files == *wanted,
            Self::Importance(wanted) => mail.importance == Some(*wanted),
            Self::Read(wanted) => mail.read == *wanted,
            Self::Received(from, before) => mail.received.is_some_and(|received| {
                from.is_none_or(|from| received >= from)
                    && before.is_none_or(|before| received < before)
            }),
            Self::Text(place, text) => place.texts(mail).iter().any(|part| has_word(part, text)),
        }
    }
}

impl Place {
    fn texts(self, mail: &Searchable) -> Vec<&str> {
        match self {
            Self::Anywhere => vec![
                &mail.subject,
                &mail.from,
                &mail.to,
                &mail.cc,
                &mail.bcc,
                &mail.files,
                &mail.body,
            ],
            Self::Attachment => vec![&mail.files],
            Self::Bcc => vec![&mail.bcc],
            Self::Body => vec![&mail.body],
            Self::Cc => vec![&mail.cc],
            Self::From => vec![&mail.from],
            Self::Participants => vec![&mail.from, &mail.to, &mail.cc, &mail.bcc],
            Self::Subject => vec![&mail.subject],
            Self::To => vec![&mail.to],
        }
    }
}

/// Splits at blanks outside of quotes; the quotes go.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let (mut token, mut quoted) = (String::new(), false);
    for letter in text.chars() {
        match letter {
            '"' | '“' | '”' => quoted = !quoted,
            blank if blank.is_whitespace() && !quoted => tokens.push(std::mem::take(&mut token)),
            other => token.push(other),
        }
    }
    tokens.push(token);
    tokens.retain(|token| !token.is_empty());
    tokens
}

fn test(token: &str) -> Result<Test, TooComplex> {
    let lower = token.to_lowercase();
    if let Some(rest) =
        lower.strip_prefix("received").filter(|rest| rest.starts_with([':', '=', '<', '>']))
    {
        return received(rest);
    }
    let Some((name, value)) = lower.split_once([':', '=']) else {
        return Ok(Test::Text(Place::Anywhere, lower.trim_end_matches('*').to_owned()));
    };
    let switch = || match value {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err(TooComplex),
    };
    let place = match name {
        "attachment" | "attachmentnames" => Place::Attachment,
        "bcc" => Place::Bcc,
        "body" => Place::Body,
        "cc" => Place::Cc,
        "from" => Place::From,
        "participants" => Place::Participants,
        "subject" => Place::Subject,
        "to" => Place::To,
        "hasattachment" | "hasattachments" => return switch().map(Test::Attachments),
        "isread" | "read" => return switch().map(Test::Read),
        "importance" => {
            return match value {
                "high" => Ok(Test::Importance(Importance::High)),
                "low" => Ok(Test::Importance(Importance::Low)),
                "normal" | "medium" => Ok(Test::Importance(Importance::Normal)),
                _ => Err(TooComplex),
            };
        }
        _ => Place::Anywhere,
    };
    let text = if place == Place::Anywhere { lower.as_str() } else { value };
    Ok(Test::Text(place, text.trim_end_matches('*').to_owned()))
}

/// Days are those of UTC.
fn received(text: &str) -> Result<Test, TooComplex> {
    let value = text.trim_start_matches([':', '=', '<', '>']);
    let operator = text.strip_suffix(value).unwrap_or_default();
    let day = Date::parse(value, format_description!("[year]-[month]-[day]"));
    let start = day.map_err(|_| TooComplex)?.midnight().assume_offset(UtcOffset::UTC);
    let end = start + time::Duration::DAY;
    Ok(match operator {
        ":" | "=" => Test::Received(Some(start), Some(end)),
        ">=" => Test::Received(Some(start), None),
        ">" => Test::Received(Some(end), None),
        "<=" => Test::Received(None, Some(end)),
        "<" => Test::Received(None, Some(start)),
        _ => return Err(TooComplex),
    })
}

/// Words are found by their beginnings; scripts without blanks between words, anywhere.
fn has_word(text: &str, word: &str) -> bool {
    let anywhere = word.chars().next().is_some_and(|first| first >= '\u{2E80}');
    text.match_indices(word).any(|(index, _)| {
        let before = text.get(..index).and_then(|before| before.chars().next_back());
        anywhere || before.is_none_or(|before| !before.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn fits(query: &str) -> bool {
        let mail = Searchable {
            from: "jonas brandt <jonas@nordlicht.test>".into(),
            to: "alice@example.test".into(),
            subject: "aw: angebot nordlicht, zweite fassung".into(),
            body: "grüße aus hamburg, 山田さん".into(),
            files: "angebot_v2.pdf".into(),
            has_files: true,
            importance: Some(Importance::High),
            received: Some(datetime!(2026-09-15 09:48 UTC)),
            ..Searchable::default()
        };
        Terms::parse(query).unwrap().fit(&mail)
    }

    #[test]
    fn all_terms_must_fit() {
        for query in [
            "",
            "angebot",
            "ANGE* hamburg",
            "\"zweite fassung\"",
            "from:jonas to:alice@example.test",
            "subject:\"zweite fassung\" AND NOT cc:bob",
            "さん",
            "-subject:rechnung hasattachment:true isread:false importance:high",
            "received>=2026-09-15 received<2026-09-16 received:2026-09-15",
            "attachment:angebot_v2 participants:nordlicht",
        ] {
            assert!(fits(query), "{query}");
        }
        for query in [
            "gebot",
            "\"fassung zweite\"",
            "from:alice",
            "-angebot",
            "NOT from:jonas",
            "received>2026-09-15",
            "received<2026-09-15",
            "hasattachment:no",
            "body:angebot",
        ] {
            assert!(!fits(query), "{query}");
        }
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for query in ["a OR b", "received>=yesterday", "hasattachment:perhaps", "importance:9"] {
            assert_eq!(Terms::parse(query), Err(TooComplex), "{query}");
        }
        assert!(Terms::parse(" AND ").unwrap().is_empty());
    }
}
