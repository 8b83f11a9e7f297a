//! When events take place, and changes of one occurrence of a series.

use super::choices::{Busy, EventSensitivity};
use super::event::{EventFields, is_plain_day, location, zone_of};
use super::{EntryStanding, Fields, Surroundings, moment, stored};
use crate::app::App;
use crate::error::{AccessError, EntryError};
use crate::session::with;
use activesync::codepage::{Tag, air_sync_base, calendar as page};
use activesync::messages::{Event, Exception, Item};
use activesync::recurrence::{Instance, between};
use activesync::zone::Zone;
use serde::Serialize;
use std::ops::Range;
use time::{Duration, OffsetDateTime, Time};
use utoipa::ToSchema;
use vault::entries::EntryState;
use vault::mail::FolderId;

/// The longest time that is looked at, in days.
const LONGEST: i64 = 800;

/// One time at which an event takes place.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OccurrenceView {
    /// The event's id in this container.
    pub id: i64,
    /// The folder it lies in.
    pub folder: i64,
    /// The start that the series gives to it, by which it is named; absent for a single event.
    pub occurrence: Option<String>,
    /// When it starts, as the clock of the person shows it; of whole days the first.
    pub start: String,
    /// When it ends; of whole days the last.
    pub end: String,
    /// It takes whole days.
    pub all_day: bool,
    /// What it is about.
    pub subject: String,
    /// Where it takes place.
    pub location: Option<String>,
    /// How its time counts for others.
    pub busy: Option<Busy>,
    /// Who may see it.
    pub sensitivity: Option<EventSensitivity>,
    /// How many minutes before the start to remind.
    pub reminder: Option<u32>,
    /// Categories.
    pub categories: Vec<String>,
    /// Others are invited to it.
    pub meeting: bool,
    /// It was cancelled.
    pub cancelled: bool,
    /// It differs from its series.
    pub exception: bool,
    /// Whether the server knows it so.
    pub state: EntryStanding,
    /// Two changes met, and the person has not decided.
    pub conflict: bool,
}

impl App {
    /// Lists when events take place from one time or day to another, by their start. Times are those of `zone`, an IANA name.
    ///
    /// # Errors
    ///
    /// [`EntryError::BadValue`] if the times are none, or too far apart.
    pub async fn occurrences(
        &self,
        from: &str,
        to: &str,
        folder: Option<i64>,
        zone: Option<&str>,
    ) -> Result<Vec<OccurrenceView>, EntryError> {
        let (open, _) = self.life.open().await?;
        let surroundings = self.surroundings(&open, zone).await?;
        let window = border("from", from, &surroundings)?..border("to", to, &surroundings)?;
        if window.end <= window.start {
            return Err(EntryError::bad("to", "the end is not after the beginning"));
        }
        if window.end - window.start > Duration::days(LONGEST) {
            return Err(EntryError::bad("to", format!("more than {LONGEST} days are too many")));
        }
        // Whole days are dates, which begin up to a day earlier or later somewhere.
        let wide =
            window.start.saturating_sub(Duration::DAY)..window.end.saturating_add(Duration::DAY);
        let folder = folder.map(FolderId);
        let events = with(&open, move |open| open.entries().events(&wide, folder)).await;
        let events = events.map_err(AccessError::from)?;
        let mut all: Vec<_> =
            events.iter().flat_map(|event| views(event, &window, &surroundings)).collect();
        all.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.id.cmp(&other.1.id)));

        Ok(all.into_iter().map(|(_, view)| view).collect())
    }

    /// Changes one occurrence of a series, named by the start that the series gives to it.
    ///
    /// # Errors
    ///
    /// [`EntryError::Missing`] if there is no such occurrence.
    pub async fn change_occurrence(
        &self,
        id: i64,
        occurrence: &str,
        fields: EventFields,
        zone: Option<&str>,
    ) -> Result<(), EntryError> {
        let (open, _) = self.life.open().await?;
        let surroundings = self.surroundings(&open, zone).await?;
        stored::<EventFields>(&open, id).await?;
        let original = moment::moment("occurrence", occurrence, &Zone::Utc)?;
        if fields.recurrence.is_some() || fields.zone.is_some() || fields.all_day.is_some() {
            let detail =
                "recurrence, zone and whole days belong to the series, not to an occurrence";
            return Err(EntryError::bad("occurrence", detail));
        }

        self.rewrite(id, move |item| {
            let series = series(item)?;
            let exception = changed(series, original, fields, &surroundings)?;
            put(series, original, exception);
            Ok(())
        })
        .await
    }

    /// Deletes one occurrence of a series.
    ///
    /// # Errors
    ///
    /// [`EntryError::Missing`] if there is no such occurrence.
    pub async fn remove_occurrence(&self, id: i64, occurrence: &str) -> Result<(), EntryError> {
        let (open, _) = self.life.open().await?;
        let surroundings = self.surroundings(&open, None).await?;
        stored::<EventFields>(&open, id).await?;
        let original = moment::moment("occurrence", occurrence, &Zone::Utc)?;

        self.rewrite(id, move |item| {
            let series = series(item)?;
            find(series, original, &surroundings).ok_or(EntryError::Missing)?;
            put(series, original, Exception::deletion(original));
            Ok(())
        })
        .await
    }
}

fn series(item: &mut Item) -> Result<&mut Event, EntryError> {
    match item {
        Item::Event(event) if event.recurrence.is_some() => Ok(event),
        Item::Any(_)
        | Item::Contact(_)
        | Item::Email(_)
        | Item::Event(_)
        | Item::Note(_)
        | Item::Task(_) => Err(EntryError::bad("occurrence", "the event is no series")),
    }
}

/// Reads the border of a window: a time, or the beginning of a day of the person's.
fn border(
    field: &'static str,
    text: &str,
    surroundings: &Surroundings,
) -> Result<OffsetDateTime, EntryError> {
    if let Ok(day) = moment::date(field, text) {
        return Ok(surroundings.zone.moment(day.with_time(Time::MIDNIGHT)));
    }

    moment::moment(field, text, &surroundings.zone)
}

fn views(
    entry: &vault::entries::EntryView,
    window: &Range<OffsetDateTime>,
    surroundings: &Surroundings,
) -> Vec<(OffsetDateTime, OccurrenceView)> {
    let Item::Event(event) = &entry.item else { return Vec::new() };
    let zone = zone_of(event, &surroundings.zone);
    let plain = is_plain_day(event);
    let local = |moment| surroundings.zone.local(moment).assume_utc();
    // A date without a zone overlaps the days that the person's clock shows.
    let window = if plain { local(window.start)..local(window.end) } else { window.clone() };
    // Of a series whose days only the server knows the first time is known.
    let first = Event { recurrence: None, exceptions: None, ..event.as_ref().clone() };
    let instances = between(event, &zone, window.clone())
        .or_else(|_| between(&first, &zone, window))
        .unwrap_or_default();
    let view = |instance: Instance<'_>| {
        let own = instance.exception.map_or_else(
            || event.as_ref().clone(),
            |exception| exception.occurrence(event, instance.start, instance.end),
        );
        let sorted = if plain {
            let date = instance.start.date().with_time(Time::MIDNIGHT);
            surroundings.zone.moment(date)
        } else {
            instance.start
        };
        (sorted, view(entry, &own, &instance, &zone, surroundings))
    };

    instances.into_iter().map(view).collect()
}

fn view(
    entry: &vault::entries::EntryView,
    own: &Event,
    instance: &Instance<'_>,
    zone: &Zone,
    surroundings: &Surroundings,
) -> OccurrenceView {
    let all_day = own.all_day == Some(true);
    let text = |moment: OffsetDateTime| {
        if all_day {
            moment::date_text(zone.local(moment).date())
        } else {
            moment::moment_text(moment, &surroundings.zone)
        }
    };
    let last = if all_day && instance.end > instance.start {
        instance.end.saturating_sub(Duration::seconds(1))
    } else {
        instance.end
    };
    let status = own.meeting_status.unwrap_or_default();

    OccurrenceView {
        id: entry.id.0,
        folder: entry.folder.0,
        occurrence: instance.original.map(|original| moment::moment_text(original, &Zone::Utc)),
        start: text(instance.start),
        end: text(last),
        all_day,
        subject: own.subject.clone().unwrap_or_default(),
        location: location(own),
        busy: own.busy_status.map(Busy::from),
        sensitivity: own.sensitivity.map(EventSensitivity::from),
        reminder: own.reminder,
        categories: own.categories.clone().unwrap_or_default(),
        meeting: status.is_meeting(),
        cancelled: status.is_cancelled(),
        exception: instance.exception.is_some(),
        state: match entry.state {
            EntryState::Refused(_) => EntryStanding::Refused,
            EntryState::Synced => EntryStanding::Synced,
            EntryState::Waiting => EntryStanding::Waiting,
        },
        conflict: entry.conflict.is_some(),
    }
}

/// Finds an occurrence that takes place: when the series, or its exception, lets it start and end.
fn find(
    series: &Event,
    original: OffsetDateTime,
    surroundings: &Surroundings,
) -> Option<Range<OffsetDateTime>> {
    let zone = zone_of(series, &surroundings.zone);
    let by_name = |instances: Vec<Instance<'_>>| {
        let found = instances.into_iter().find(|instance| instance.original == Some(original));
        found.map(|instance| instance.start..instance.end)
    };
    let moved = series.exceptions.iter().flatten();
    let moved = moved
        .filter(|exception| exception.original() == Some(original))
        .find_map(|exception| exception.start);
    let start = moved.unwrap_or(original);
    let window = start..start.saturating_add(Duration::seconds(1));

    by_name(between(series, &zone, window).ok()?)
}

/// Makes the exception that a change of one occurrence leads to.
fn changed(
    series: &Event,
    original: OffsetDateTime,
    fields: EventFields,
    surroundings: &Surroundings,
) -> Result<Exception, EntryError> {
    let times = find(series, original, surroundings).ok_or(EntryError::Missing)?;
    let mut known = series.exceptions.iter().flatten();
    let known = known.find(|exception| exception.original() == Some(original)).cloned();
    let mut exception = known
        .unwrap_or_else(|| Exception { original_start: Some(original), ..Exception::default() });
    let was = exception.occurrence(series, times.start, times.end);
    let mut wanted: Item = was.clone().into();
    fields.write(&mut wanted, surroundings)?;
    let Item::Event(wanted) = wanted else { return Err(EntryError::Missing) };
    let change = wanted.changes_since(&was);
    take(&mut exception, change);
    (exception.deleted, exception.dt_stamp) = (None, Some(surroundings.now));

    Ok(exception)
}

/// Puts what changed in an occurrence into its exception, where an empty property means that it is not as in the series.
fn take(exception: &mut Exception, change: Event) {
    macro_rules! take {
        ($($field:ident $tag:expr;)*) => {
            $(
                let tag: Tag = $tag;
                if change.$field.is_some() {
                    exception.$field = change.$field;
                    exception.cleared.remove(&tag);
                } else if change.cleared.contains(&tag) {
                    exception.$field = None;
                    exception.cleared.insert(tag);
                }
            )*
        };
    }
    take! {
        subject page::SUBJECT;
        start page::START_TIME;
        end page::END_TIME;
        location page::LOCATION;
        place air_sync_base::LOCATION;
        busy_status page::BUSY_STATUS;
        reminder page::REMINDER;
        sensitivity page::SENSITIVITY;
        categories page::CATEGORIES;
        attendees page::ATTENDEES;
        body air_sync_base::BODY;
    }
}

/// Puts an exception in the place of the one with its name.
fn put(series: &mut Event, original: OffsetDateTime, exception: Exception) {
    let exceptions = series.exceptions.get_or_insert_default();
    exceptions.retain(|known| known.original() != Some(original));
    exceptions.push(exception);
    exceptions.sort_by_key(Exception::original);
}
