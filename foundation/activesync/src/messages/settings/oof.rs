use time::OffsetDateTime;

use crate::codepage::settings as page;
use crate::date;
use crate::messages::decode::{DecodeError, Values, keep};
use crate::messages::property::codes;
use crate::wbxml::{Reader, Writer};

codes! {
    /// Whether answers are sent while the user is away.
    pub enum OofState {
        /// No.
        Off = 0,
        /// Yes.
        On = 1,
        /// Between start and end.
        Scheduled = 2,
    }
}

/// Form of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum OofBodyType {
    Html,
    Text,
}

impl OofBodyType {
    fn name(self) -> &'static str {
        match self {
            Self::Html => "HTML",
            Self::Text => "Text",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Html, Self::Text]
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// Reads or changes the answers while the user is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OofRequest {
    /// Wants them, in this form if the server can.
    Get(OofBodyType),
    /// Changes them. A group that is not named stays as it was.
    Set(Oof),
}

/// Answers while the user is away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Oof {
    /// Whether they are sent.
    pub state: Option<OofState>,
    /// When they begin; for [`OofState::Scheduled`].
    pub start: Option<OffsetDateTime>,
    /// When they end; for [`OofState::Scheduled`].
    pub end: Option<OffsetDateTime>,
    /// The answers, at most one per group of people.
    pub messages: Vec<OofMessage>,
}

/// The answer for a group of people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OofMessage {
    /// For people of the same organisation.
    pub internal: bool,
    /// For people outside whom the user knows.
    pub external_known: bool,
    /// For people outside whom the user does not know.
    pub external_unknown: bool,
    /// Whether the group gets it.
    pub enabled: Option<bool>,
    /// The answer; absent in a change means as it was.
    pub reply: Option<String>,
    /// Its form. Servers may give HTML when text was asked for.
    pub body_type: Option<OofBodyType>,
}

impl OofRequest {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut request = None;
        while let Some(tag) = reader.child()? {
            match tag {
                page::GET => {
                    let mut kind = None;
                    while let Some(tag) = reader.child()? {
                        match tag {
                            page::BODY_TYPE => kind = OofBodyType::from_name(&reader.text()?),
                            _ => reader.skip()?,
                        }
                    }
                    let kind = kind.ok_or(DecodeError::Missing(page::BODY_TYPE))?;
                    request = Some(Self::Get(kind));
                }
                page::SET => request = Some(Self::Set(Oof::read(reader)?)),
                _ => reader.skip()?,
            }
        }
        Ok(request)
    }

    pub(super) fn write(&self, root: &mut Writer) {
        root.container(page::OOF, |entry| match self {
            Self::Get(kind) => {
                entry.container(page::GET, |get| get.text(page::BODY_TYPE, kind.name()));
            }
            Self::Set(oof) => entry.container(page::SET, |set| oof.write(set)),
        });
    }
}

impl Oof {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut oof = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::OOF_STATE => {
                    oof.state = reader.number_if_any()?.and_then(OofState::from_code)
                }
                page::START_TIME => oof.start = reader.date_if_any()?,
                page::END_TIME => oof.end = reader.date_if_any()?,
                page::OOF_MESSAGE => keep(&mut oof.messages, OofMessage::read(reader)?, reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(oof)
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        if let Some(state) = self.state {
            writer.number(page::OOF_STATE, state.code());
        }
        for (tag, moment) in [(page::START_TIME, self.start), (page::END_TIME, self.end)] {
            if let Some(moment) = moment {
                writer.text(tag, &date::long(moment));
            }
        }
        self.messages.iter().for_each(|message| message.write(writer));
    }
}

impl OofMessage {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut message = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::APPLIES_TO_INTERNAL => message.internal = reader.boolean()?,
                page::APPLIES_TO_EXTERNAL_KNOWN => message.external_known = reader.boolean()?,
                page::APPLIES_TO_EXTERNAL_UNKNOWN => message.external_unknown = reader.boolean()?,
                page::ENABLED => message.enabled = Some(reader.boolean()?),
                page::REPLY_MESSAGE => message.reply = Some(reader.string()?),
                page::BODY_TYPE => message.body_type = OofBodyType::from_name(&reader.text()?),
                _ => reader.skip()?,
            }
        }
        Ok(message)
    }

    fn write(&self, writer: &mut Writer) {
        writer.container(page::OOF_MESSAGE, |entry| {
            for (tag, applies) in [
                (page::APPLIES_TO_INTERNAL, self.internal),
                (page::APPLIES_TO_EXTERNAL_KNOWN, self.external_known),
                (page::APPLIES_TO_EXTERNAL_UNKNOWN, self.external_unknown),
            ] {
                if applies {
                    entry.empty(tag);
                }
            }
            if let Some(enabled) = self.enabled {
                entry.boolean(page::ENABLED, enabled);
            }
            if let Some(reply) = &self.reply {
                entry.text(page::REPLY_MESSAGE, reply);
            }
            if let Some(kind) = self.body_type {
                entry.text(page::BODY_TYPE, kind.name());
            }
        });
    }
}
