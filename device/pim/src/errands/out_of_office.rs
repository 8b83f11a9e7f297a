//! Answers while the person is away.

use activesync::{
    messages::{
        Oof, OofBodyType, OofMessage, OofRequest, OofState, SettingsAnswer, SettingsRequest,
    },
    query::Command,
    status::{SettingsStatus, Status},
};
use mail::text;
use time::OffsetDateTime;

use super::{ErrandFailure, Refusal, failure::unreadable};
use crate::{Text, pace};

/// What can be done about the answers while the person is away.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OutOfOfficeErrand {
    /// Reads them, in this form if the server can.
    Read {
        /// As HTML, and not as plain text.
        html: bool,
    },
    /// Changes them.
    Set(OutOfOfficeChange),
}

/// Answers while the person is away.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OutOfOffice {
    /// Whether they are sent.
    pub away: Away,
    /// For people of the same organisation.
    pub internal: AutoReply,
    /// For people outside whom the person knows.
    pub known: AutoReply,
    /// For people outside whom the person does not know.
    pub unknown: AutoReply,
}

/// What becomes of the answers; what is absent stays as it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OutOfOfficeChange {
    /// Whether they are sent.
    pub away: Away,
    /// For people of the same organisation.
    pub internal: Option<AutoReply>,
    /// For people outside whom the person knows.
    pub known: Option<AutoReply>,
    /// For people outside whom the person does not know.
    pub unknown: Option<AutoReply>,
}

/// Whether the person is away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Away {
    /// No.
    No,
    /// Yes, until it is said otherwise.
    Yes,
    /// From `start` to `end`.
    Between {
        /// When it begins.
        start: OffsetDateTime,
        /// When it ends.
        end: OffsetDateTime,
    },
}

/// The answer for a group of people.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AutoReply {
    /// The group gets it.
    pub sent: bool,
    /// The answer. HTML as the server has it, not cleaned; in a change, none means that the text stays.
    pub text: Text,
}

impl OutOfOfficeErrand {
    pub(super) fn check(&self) -> Result<(), ErrandFailure> {
        match self {
            Self::Set(OutOfOfficeChange { away: Away::Between { start, end }, .. })
                if end <= start =>
            {
                Err(ErrandFailure::Impossible("end_before_start"))
            }
            Self::Read { .. } | Self::Set(_) => Ok(()),
        }
    }

    pub(super) fn request(&self) -> (Command, Vec<u8>) {
        let oof = match self {
            Self::Read { html: true } => OofRequest::Get(OofBodyType::Html),
            Self::Read { html: false } => OofRequest::Get(OofBodyType::Text),
            Self::Set(change) => OofRequest::Set(change.oof()),
        };
        let request = SettingsRequest { oof: Some(oof), ..SettingsRequest::default() };
        (Command::Settings, request.encode())
    }

    /// Reads the answer; a change has nothing to say.
    pub(crate) fn read(&self, body: &[u8]) -> Result<Option<OutOfOffice>, Refusal> {
        let answer = SettingsAnswer::decode(body).map_err(unreadable)?;
        accepted(answer.status)?;
        // A server that leaves the part out does not know it.
        let (status, oof) = answer.oof.ok_or(Refusal::Failed(ErrandFailure::Unsupported))?;
        accepted(status)?;
        match self {
            Self::Read { .. } => Ok(Some(OutOfOffice::of(&oof.unwrap_or_default()))),
            Self::Set(_) => Ok(None),
        }
    }
}

impl OutOfOfficeChange {
    fn oof(&self) -> Oof {
        let (state, start, end) = match self.away {
            Away::No => (OofState::Off, None, None),
            Away::Yes => (OofState::On, None, None),
            Away::Between { start, end } => (OofState::Scheduled, Some(start), Some(end)),
        };
        let groups = [
            (&self.internal, OofMessage { internal: true, ..OofMessage::default() }),
            (&self.known, OofMessage { external_known: true, ..OofMessage::default() }),
            (&self.unknown, OofMessage { external_unknown: true, ..OofMessage::default() }),
        ];
        let message = |(reply, group): (&Option<AutoReply>, OofMessage)| {
            let reply = reply.as_ref()?;
            let (text, body_type) = match &reply.text {
                Text::Html(text) => (Some(text.clone()), Some(OofBodyType::Html)),
                Text::Plain(text) => (Some(text.clone()), Some(OofBodyType::Text)),
                Text::None => (None, None),
            };
            Some(OofMessage { enabled: Some(reply.sent), reply: text, body_type, ..group })
        };
        let messages = groups.into_iter().filter_map(message).collect();
        Oof { state: Some(state), start, end, messages }
    }
}

impl OutOfOffice {
    fn of(oof: &Oof) -> Self {
        let away = match (oof.state, oof.start, oof.end) {
            (Some(OofState::Scheduled), Some(start), Some(end)) => Away::Between { start, end },
            (Some(OofState::On | OofState::Scheduled), _, _) => Away::Yes,
            (Some(OofState::Off) | None, _, _) => Away::No,
        };
        let reply = |applies: fn(&OofMessage) -> bool| {
            let message = oof.messages.iter().find(|message| applies(message));
            message.map_or_else(AutoReply::none, AutoReply::of)
        };
        Self {
            away,
            internal: reply(|message| message.internal),
            known: reply(|message| message.external_known),
            unknown: reply(|message| message.external_unknown),
        }
    }
}

impl AutoReply {
    fn none() -> Self {
        Self { sent: false, text: Text::None }
    }

    fn of(message: &OofMessage) -> Self {
        // One server writes its own word for nothing.
        let text = message.reply.as_deref().filter(|text| !matches!(*text, "" | "(null)"));
        let text = match (text, message.body_type) {
            (None, _) => Text::None,
            (Some(html), Some(OofBodyType::Html)) => Text::Html(html.to_owned()),
            (Some(plain), Some(OofBodyType::Text) | None) => Text::Plain(text::tidy(plain)),
        };
        Self { sent: message.enabled.unwrap_or_default(), text }
    }
}

fn accepted(status: Status) -> Result<(), Refusal> {
    let code = format!("status_{}", status.0);
    let failure = match status.settings() {
        SettingsStatus::Ok => return Ok(()),
        SettingsStatus::AccessDenied => ErrandFailure::Forbidden(code),
        SettingsStatus::ProtocolError => ErrandFailure::Refused(code),
        SettingsStatus::ServerError | SettingsStatus::Undocumented(_) => {
            ErrandFailure::Unreachable(code)
        }
        SettingsStatus::Common(common) => return Err(pace::common(status, common).into()),
    };
    Err(Refusal::Failed(failure))
}
