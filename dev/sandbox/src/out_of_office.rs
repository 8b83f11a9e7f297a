use std::collections::BTreeSet;

use activesync::messages::{Oof, OofBodyType, OofMessage, OofState};
use activesync::status::Status;
use mail_parser::decoders::html::{html_to_text, text_to_html};
use time::OffsetDateTime;

const PROTOCOL_ERROR: Status = Status(2);
const CONFLICTING: Status = Status(6);

/// What somebody has answered while being away. Whoever never set anything is not away and has no answers.
#[derive(Debug)]
pub(crate) struct OutOfOffice {
    state: OofState,
    window: Option<(OffsetDateTime, OffsetDateTime)>,
    internal: Answer,
    known: Answer,
    unknown: Answer,
    /// Addresses that have had their answer.
    answered: BTreeSet<String>,
}

/// The answer for a group of people.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    enabled: bool,
    pub(crate) text: String,
    pub(crate) form: OofBodyType,
}

/// Who writes to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Internal,
    /// Outside, but the person has written there.
    Known,
    Unknown,
}

impl Default for OutOfOffice {
    fn default() -> Self {
        let none = Answer { enabled: false, text: String::new(), form: OofBodyType::Html };
        Self {
            state: OofState::Off,
            window: None,
            internal: none.clone(),
            known: none.clone(),
            unknown: none,
            answered: BTreeSet::new(),
        }
    }
}

impl OutOfOffice {
    /// Tells everything, with the answers in this form.
    pub(crate) fn tell(&self, form: OofBodyType) -> Oof {
        let told = |answer: &Answer| OofMessage {
            enabled: Some(answer.enabled),
            reply: Some(answer.written_as(form)),
            body_type: Some(form),
            ..OofMessage::default()
        };
        Oof {
            state: Some(self.state),
            start: self.window.map(|(start, _)| start),
            end: self.window.map(|(_, end)| end),
            messages: vec![
                OofMessage { internal: true, ..told(&self.internal) },
                OofMessage { external_known: true, ..told(&self.known) },
                OofMessage { external_unknown: true, ..told(&self.unknown) },
            ],
        }
    }

    /// Changes everything or nothing, and lets everybody have an answer again.
    pub(crate) fn change(&mut self, oof: Oof) -> Result<(), Status> {
        let state = oof.state.ok_or(PROTOCOL_ERROR)?;
        let window = match (oof.start, oof.end) {
            (Some(start), Some(end)) if start < end => Some((start, end)),
            (Some(_), Some(_)) => return Err(CONFLICTING),
            (None, None) if state == OofState::Scheduled => return Err(PROTOCOL_ERROR),
            (None, None) => self.window,
            (Some(_), None) | (None, Some(_)) => return Err(PROTOCOL_ERROR),
        };
        let mut groups = [None, None, None];
        for message in oof.messages {
            let index = group(&message).ok_or(PROTOCOL_ERROR)?;
            if message.reply.is_some() && message.body_type.is_none() {
                return Err(PROTOCOL_ERROR);
            }
            let place = groups.get_mut(index).ok_or(PROTOCOL_ERROR)?;
            if place.replace(message).is_some() {
                return Err(CONFLICTING);
            }
        }
        for (answer, message) in
            [&mut self.internal, &mut self.known, &mut self.unknown].into_iter().zip(groups)
        {
            if let Some(message) = message {
                answer.change(message);
            }
        }
        (self.state, self.window) = (state, window);
        self.answered.clear();
        Ok(())
    }

    /// Returns the answer for somebody who writes now, unless they have had it.
    pub(crate) fn answer(
        &mut self,
        sender: &str,
        group: Group,
        now: OffsetDateTime,
    ) -> Option<Answer> {
        let away = match self.state {
            OofState::Off => false,
            OofState::On => true,
            OofState::Scheduled => {
                self.window.is_some_and(|(start, end)| (start..end).contains(&now))
            }
        };
        let answer = match group {
            Group::Internal => &self.internal,
            Group::Known => &self.known,
            Group::Unknown => &self.unknown,
        };
        let due = away && answer.enabled && !answer.text.is_empty();
        (due && self.answered.insert(sender.to_lowercase())).then(|| answer.clone())
    }
}

impl Answer {
    fn change(&mut self, message: OofMessage) {
        if let (Some(text), Some(form)) = (message.reply, message.body_type) {
            (self.text, self.form) = (text, form);
        }
        self.enabled = message.enabled.unwrap_or(self.enabled);
    }

    fn written_as(&self, form: OofBodyType) -> String {
        match (self.form, form) {
            (OofBodyType::Html, OofBodyType::Text) => html_to_text(&self.text),
            (OofBodyType::Text, OofBodyType::Html) if !self.text.is_empty() => {
                text_to_html(&self.text)
            }
            (OofBodyType::Html | OofBodyType::Text, _) => self.text.clone(),
        }
    }
}

/// A message is for exactly one group.
fn group(message: &OofMessage) -> Option<usize> {
    match (message.internal, message.external_known, message.external_unknown) {
        (true, false, false) => Some(0),
        (false, true, false) => Some(1),
        (false, false, true) => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn internal(reply: &str) -> OofMessage {
        OofMessage {
            internal: true,
            enabled: Some(true),
            reply: Some(reply.to_owned()),
            body_type: Some(OofBodyType::Text),
            ..OofMessage::default()
        }
    }

    fn on(messages: Vec<OofMessage>) -> Oof {
        Oof { state: Some(OofState::On), messages, ..Oof::default() }
    }

    const NOW: OffsetDateTime = datetime!(2026-09-15 10:00 UTC);

    #[test]
    fn everybody_has_one_answer_until_something_changes() {
        let mut away = OutOfOffice::default();
        assert!(away.answer("bob@example.test", Group::Internal, NOW).is_none());
        away.change(on(vec![internal("Away.")])).unwrap();
        assert_eq!(away.answer("bob@example.test", Group::Internal, NOW).unwrap().text, "Away.");
        assert!(away.answer("BOB@example.test", Group::Internal, NOW).is_none());
        assert!(away.answer("x@elsewhere.test", Group::Unknown, NOW).is_none());
        away.change(on(vec![])).unwrap();
        assert!(away.answer("bob@example.test", Group::Internal, NOW).is_some());
        let silent = OofMessage { enabled: Some(false), reply: None, ..internal("") };
        away.change(on(vec![silent])).unwrap();
        assert!(away.answer("bob@example.test", Group::Internal, NOW).is_none());
        assert_eq!(away.tell(OofBodyType::Text).messages[0].reply.as_deref(), Some("Away."));
    }

    #[test]
    fn a_window_has_a_start_and_an_end() {
        let mut away = OutOfOffice::default();
        let (start, end) = (datetime!(2026-09-15 10:00 UTC), datetime!(2026-09-16 10:00 UTC));
        let window = |start, end| Oof {
            state: Some(OofState::Scheduled),
            start,
            end,
            messages: vec![internal("Away.")],
        };
        assert_eq!(away.change(window(Some(start), None)), Err(PROTOCOL_ERROR));
        assert_eq!(away.change(window(None, None)), Err(PROTOCOL_ERROR));
        assert_eq!(away.change(window(Some(end), Some(start))), Err(CONFLICTING));
        assert_eq!(away.change(window(Some(start), Some(end))), Ok(()));
        assert!(away.answer("a@x", Group::Internal, end).is_none());
        assert!(away.answer("a@x", Group::Internal, start).is_some());
    }

    #[test]
    fn contradictions_change_nothing() {
        let mut away = OutOfOffice::default();
        for (oof, status) in [
            (Oof { state: None, ..on(vec![internal("x")]) }, PROTOCOL_ERROR),
            (on(vec![internal("x"), internal("y")]), CONFLICTING),
            (on(vec![OofMessage { external_known: true, ..internal("x") }]), PROTOCOL_ERROR),
            (on(vec![OofMessage { internal: false, ..internal("x") }]), PROTOCOL_ERROR),
            (on(vec![OofMessage { body_type: None, ..internal("x") }]), PROTOCOL_ERROR),
        ] {
            assert_eq!(away.change(oof), Err(status));
        }
        let told = away.tell(OofBodyType::Html);
        assert_eq!((told.state, told.messages[0].enabled), (Some(OofState::Off), Some(false)));
    }

    #[test]
    fn answers_are_told_in_the_form_that_is_wanted() {
        let mut away = OutOfOffice::default();
        away.change(on(vec![internal("a < b")])).unwrap();
        let reply = |form| away.tell(form).messages[0].reply.clone().unwrap();
        assert_eq!(reply(OofBodyType::Text), "a < b");
        assert!(reply(OofBodyType::Html).contains("a &lt; b"));
    }
}
