//! Tasks.

use super::body::{self, set, set_list, some, some_list};
use super::choices::{EventSensitivity, ItemImportance};
use super::event::present;
use super::recurrence::RecurrenceFields;
use super::{Fields, Surroundings, moment};
use crate::error::EntryError;
use activesync::messages::{Class, Item, Task, TaskRecurrence};
use activesync::zone::Zone;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime, Time};
use utoipa::ToSchema;

/// A task, as screens show it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct TaskView {
    /// When it was done.
    #[serde(with = "time::serde::rfc3339::option")]
    pub completed_at: Option<OffsetDateTime>,
    /// How it recurs, in English.
    pub recurrence_words: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub fields: TaskFields,
}

/// Fields of a task. Empty texts and lists clear a field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TaskFields {
    /// What is to be done.
    pub subject: Option<String>,
    /// Anything else, as plain text.
    pub text: Option<String>,
    /// The first day, such as `2026-12-01`.
    pub start: Option<String>,
    /// The last day, such as `2026-12-31`.
    pub due: Option<String>,
    /// It is done.
    pub complete: Option<bool>,
    /// How urgent it is.
    pub importance: Option<ItemImportance>,
    /// Who may see it.
    pub sensitivity: Option<EventSensitivity>,
    /// When to remind, such as `2026-12-31T09:30`.
    pub reminder: Option<String>,
    /// Categories.
    pub categories: Option<Vec<String>>,
    /// How it recurs; `null` ends that.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<RecurrenceFields>)]
    pub recurrence: Option<Option<RecurrenceFields>>,
}

impl Fields for TaskFields {
    const CLASS: Class = Class::Tasks;
    type View = TaskView;

    fn view(item: &Item, surroundings: &Surroundings) -> TaskView {
        let fields = Self::read(item, surroundings);
        let completed_at = match item {
            Item::Task(task) => task.date_completed,
            Item::Any(_) | Item::Contact(_) | Item::Email(_) | Item::Event(_) | Item::Note(_) => {
                None
            }
        };
        let recurrence_words =
            fields.recurrence.iter().flatten().next().map(RecurrenceFields::words);

        TaskView { completed_at, recurrence_words, fields }
    }

    fn read(item: &Item, surroundings: &Surroundings) -> Self {
        let Item::Task(task) = item else { return Self::default() };
        // Local dates are what a clock showed, without a zone.
        let day = |local: Option<OffsetDateTime>, utc: Option<OffsetDateTime>| {
            let date = local.map(OffsetDateTime::date);
            let date = date.or_else(|| utc.map(|utc| surroundings.zone.local(utc).date()));
            date.map(moment::date_text)
        };
        let recurrence = task.recurrence.as_ref();
        let reminds = task.reminder_set != Some(false);

        Self {
            subject: some(&task.subject),
            text: body::read(task.body.as_ref()),
            start: day(task.start, task.start_utc),
            due: day(task.due, task.due_utc),
            complete: task.complete,
            importance: task.importance.map(ItemImportance::from),
            sensitivity: task.sensitivity.map(EventSensitivity::from),
            reminder: task
                .reminder_time
                .filter(|_| reminds)
                .map(|moment| moment::moment_text(moment, &surroundings.zone)),
            categories: some_list(&task.categories),
            recurrence: recurrence
                .and_then(|task| RecurrenceFields::read(&task.recurrence, &Zone::Utc))
                .map(Some),
        }
    }

    fn write(self, item: &mut Item, surroundings: &Surroundings) -> Result<(), EntryError> {
        let Item::Task(task) = item else { return Err(EntryError::Missing) };
        let task = task.as_mut();
        let zone = &surroundings.zone;
        set(self.subject, &mut task.subject);
        body::write(self.text, &mut task.body);
        set_list(self.categories, &mut task.categories);
        set_day("start", self.start, &mut task.start, &mut task.start_utc, zone)?;
        set_day("due", self.due, &mut task.due, &mut task.due_utc, zone)?;
        if let Some(importance) = self.importance {
            task.importance = Some(importance.into());
        }
        if let Some(sensitivity) = self.sensitivity {
            task.sensitivity = Some(sensitivity.into());
        }
        if let Some(reminder) = self.reminder {
            let wanted = (!reminder.is_empty())
                .then(|| moment::moment("reminder", &reminder, zone))
                .transpose()?;
            (task.reminder_time, task.reminder_set) = (wanted, Some(wanted.is_some()));
        }
        if let Some(complete) = self.complete {
            let since = task.date_completed.filter(|_| task.complete == Some(true));
            task.date_completed = complete.then_some(since.unwrap_or(surroundings.now));
            task.complete = Some(complete);
        }
        task.complete.get_or_insert(false);
        if let Some(recurrence) = self.recurrence {
            set_recurrence(recurrence, task, surroundings)?;
        }
        if task.subject.is_none() {
            return Err(EntryError::bad("subject", "a task needs a subject"));
        }
        if let (Some(start), Some(due)) = (task.start, task.due)
            && due < start
        {
            return Err(EntryError::bad("due", "the task is due before it starts"));
        }

        Ok(())
    }
}

/// Writes a day in both forms, which have to come together.
fn set_day(
    field: &'static str,
    text: Option<String>,
    local: &mut Option<OffsetDateTime>,
    utc: &mut Option<OffsetDateTime>,
    zone: &Zone,
) -> Result<(), EntryError> {
    let Some(text) = text else { return Ok(()) };
    let day: Option<Date> = (!text.is_empty()).then(|| moment::date(field, &text)).transpose()?;
    if day.is_some() && day == local.map(OffsetDateTime::date) {
        return Ok(());
    }
    *local = day.map(|day| day.with_time(Time::MIDNIGHT).assume_utc());
    *utc = day.map(|day| zone.moment(day.with_time(Time::MIDNIGHT)));

    Ok(())
}

fn set_recurrence(
    recurrence: Option<RecurrenceFields>,
    task: &mut Task,
    surroundings: &Surroundings,
) -> Result<(), EntryError> {
    let Some(fields) = recurrence else {
        task.recurrence = None;
        return Ok(());
    };
    let today = surroundings.zone.local(surroundings.now).date();
    let start = task.start.or(task.due).map_or(today, OffsetDateTime::date);
    task.recurrence = Some(TaskRecurrence {
        recurrence: fields.write(start, &Zone::Utc)?,
        start: Some(start.with_time(Time::MIDNIGHT).assume_utc()),
        regenerate: None,
        dead_occurrence: None,
    });

    Ok(())
}
