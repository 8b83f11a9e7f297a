use time::OffsetDateTime;

use super::decode::{DecodeError, Values};
use crate::codepage::{Tag, email, tasks};
use crate::date;
use crate::wbxml::{Reader, Writer};

/// State of a follow-up flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FlagState {
    /// No flag.
    #[default]
    None,
    /// The follow-up is done.
    Done,
    /// The follow-up is open.
    Active,
}

/// A follow-up flag. The default is no flag, which clears it in a change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flag {
    /// Its state.
    pub state: FlagState,
    /// Its text, for instance "Flag for follow-up".
    pub text: Option<String>,
    /// Start in local time. Start and due dates come all four or not at all.
    pub start: Option<OffsetDateTime>,
    /// Start in UTC.
    pub start_utc: Option<OffsetDateTime>,
    /// Due date in local time.
    pub due: Option<OffsetDateTime>,
    /// Due date in UTC.
    pub due_utc: Option<OffsetDateTime>,
    /// When the follow-up was done.
    pub completed: Option<OffsetDateTime>,
    /// When to remind.
    pub reminder: Option<OffsetDateTime>,
}

impl Flag {
    /// Makes an open flag without dates.
    pub fn active() -> Self {
        Self {
            state: FlagState::Active,
            text: Some("Flag for follow-up".to_owned()),
            ..Self::default()
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut flag = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                email::STATUS => {
                    flag.state = match reader.number_if_any::<u8>()? {
                        Some(1) => FlagState::Done,
                        Some(2) => FlagState::Active,
                        _ => FlagState::None,
                    }
                }
                email::FLAG_TYPE => flag.text = Some(reader.string()?),
                tasks::START_DATE => flag.start = reader.date_if_any()?,
                tasks::UTC_START_DATE => flag.start_utc = reader.date_if_any()?,
                tasks::DUE_DATE => flag.due = reader.date_if_any()?,
                tasks::UTC_DUE_DATE => flag.due_utc = reader.date_if_any()?,
                email::COMPLETE_TIME => flag.completed = reader.date_if_any()?,
                tasks::REMINDER_TIME => flag.reminder = reader.date_if_any()?,
                _ => reader.skip()?,
            }
        }
        Ok(flag)
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        if *self == Self::default() {
            return writer.empty(email::FLAG);
        }
        writer.container(email::FLAG, |flag| {
            let state = match self.state {
                FlagState::None => 0,
                FlagState::Done => 1,
                FlagState::Active => 2,
            };
            flag.number(email::STATUS, state);
            if let Some(text) = &self.text {
                flag.text(email::FLAG_TYPE, text);
            }
            write_date(flag, email::COMPLETE_TIME, self.completed);
            write_date(flag, tasks::DATE_COMPLETED, self.completed);
            write_date(flag, tasks::START_DATE, self.start);
            write_date(flag, tasks::UTC_START_DATE, self.start_utc);
            write_date(flag, tasks::DUE_DATE, self.due);
            write_date(flag, tasks::UTC_DUE_DATE, self.due_utc);
            if self.reminder.is_some() {
                flag.boolean(tasks::REMINDER_SET, true);
            }
            write_date(flag, tasks::REMINDER_TIME, self.reminder);
        });
    }
}

fn write_date(writer: &mut Writer, tag: Tag, moment: Option<OffsetDateTime>) {
    if let Some(moment) = moment {
        writer.text(tag, &date::long(moment));
    }
}
