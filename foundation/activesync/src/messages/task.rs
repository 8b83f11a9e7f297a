use time::OffsetDateTime;

use super::body::{Body, BodyType};
use super::calendar::{BodyCodec, Sensitivity};
use super::decode::{DecodeError, Values};
use super::email::Importance;
use super::property::{Boolean, Code, Inner, List, Long, Nested, Text, children, properties};
use super::recurrence::{Recurrence, TASKS};
use crate::codepage::{Tag, air_sync_base, tasks as page};
use crate::date;
use crate::wbxml::{Reader, Writer};

children! {
    CategoryChild = page::CATEGORY;
}

properties! {
    /// A task. Local dates are wall-clock dates that only look like UTC; they come in pairs with the true ones.
    pub struct Task {
        /// Subject.
        subject: String = Text, page::SUBJECT;
        /// Importance.
        importance: Importance = Code<Importance>, page::IMPORTANCE;
        /// Start in UTC.
        start_utc: OffsetDateTime = Long, page::UTC_START_DATE;
        /// Start in local time.
        start: OffsetDateTime = Long, page::START_DATE;
        /// Due date in UTC.
        due_utc: OffsetDateTime = Long, page::UTC_DUE_DATE;
        /// Due date in local time.
        due: OffsetDateTime = Long, page::DUE_DATE;
        /// Categories.
        categories: Vec<String> = List<Text, CategoryChild>, page::CATEGORIES;
        /// How it recurs.
        recurrence: TaskRecurrence = Inner<TaskRecurrence>, page::RECURRENCE;
        /// Whether it is done; must be there.
        complete: bool = Boolean, page::COMPLETE;
        /// When it was done; must be there when it is done.
        date_completed: OffsetDateTime = Long, page::DATE_COMPLETED;
        /// Who may see it.
        sensitivity: Sensitivity = Code<Sensitivity>, page::SENSITIVITY;
        /// When to remind.
        reminder_time: OffsetDateTime = Long, page::REMINDER_TIME;
        /// Whether to remind.
        reminder_set: bool = Boolean, page::REMINDER_SET;
        /// Place in lists.
        ordinal_date: OffsetDateTime = Long, page::ORDINAL_DATE;
        /// Place among those with the same `ordinal_date`.
        sub_ordinal_date: String = Text, page::SUB_ORDINAL_DATE;
        /// Description.
        body: Body = BodyCodec, air_sync_base::BODY;
        /// Form in which the server stores the description.
        native_body_type: BodyType = Code<BodyType>, air_sync_base::NATIVE_BODY_TYPE;
    }
}

/// Why a server would refuse a task, with item status 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TaskFault {
    /// It is done and does not say when.
    #[error("a task that is done does not say when")]
    CompletedWithoutDate,
    /// A local date stands without the one in UTC, or the other way round.
    #[error("a local date and its date in UTC do not come together")]
    DateWithoutPair,
    /// The recurrence does not say when it starts.
    #[error("the recurrence does not say when it starts")]
    RecurrenceWithoutStart,
    /// It does not say whether it is done.
    #[error("it does not say whether it is done")]
    WithoutComplete,
}

impl Task {
    /// Checks what a server checks before it takes a whole task.
    pub fn check(&self) -> Result<(), TaskFault> {
        match self.complete {
            None => return Err(TaskFault::WithoutComplete),
            Some(true) if self.date_completed.is_none() => {
                return Err(TaskFault::CompletedWithoutDate);
            }
            Some(_) => {}
        }
        let paired = self.start.is_some() == self.start_utc.is_some()
            && self.due.is_some() == self.due_utc.is_some();
        if !paired {
            return Err(TaskFault::DateWithoutPair);
        }
        match &self.recurrence {
            Some(recurrence) if recurrence.start.is_none() => {
                Err(TaskFault::RecurrenceWithoutStart)
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// How a task recurs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskRecurrence {
    /// The days.
    pub recurrence: Recurrence,
    /// Start in local time; must be there.
    pub start: Option<OffsetDateTime>,
    /// Whether the next task is made when this one is done.
    pub regenerate: Option<bool>,
    /// Whether this is a finished occurrence of a series.
    pub dead_occurrence: Option<bool>,
}

impl Nested for TaskRecurrence {
    fn read_nested(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut task = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::START => task.start = reader.date_if_any()?,
                page::REGENERATE => task.regenerate = Some(reader.boolean()?),
                page::DEAD_OCCUR => task.dead_occurrence = Some(reader.boolean()?),
                _ => task.recurrence.read_part(reader, tag, &TASKS)?,
            }
        }
        Ok(Some(task))
    }

    fn write_nested(&self, writer: &mut Writer, tag: Tag) {
        if self.is_bare() {
            return writer.empty(tag);
        }
        writer.container(tag, |inner| {
            self.recurrence.write_parts(inner, &TASKS);
            if let Some(start) = self.start {
                inner.text(page::START, &date::long(start));
            }
            for (tag, value) in
                [(page::REGENERATE, self.regenerate), (page::DEAD_OCCUR, self.dead_occurrence)]
            {
                if let Some(value) = value {
                    inner.boolean(tag, value);
                }
            }
        });
    }

    fn is_bare(&self) -> bool {
        *self == Self::default()
    }
}
