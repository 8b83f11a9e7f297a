use std::ops::Range;

use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::occurrences::starts;
use super::pattern::PatternError;
use crate::messages::{Event, Exception};
use crate::zone::Zone;

/// One time at which an event takes place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance<'a> {
    /// Start that the series gives to it, by which exceptions and commands name it; `None` for an event that is no series.
    pub original: Option<OffsetDateTime>,
    /// Start.
    pub start: OffsetDateTime,
    /// End, exclusive.
    pub end: OffsetDateTime,
    /// What differs from the series.
    pub exception: Option<&'a Exception>,
}

/// Most instances that one question gives.
const MOST_INSTANCES: usize = 10_000;

/// Lists when an event takes place in `window`, by start; an instance that only reaches into the window counts.
///
/// `zone` is the zone of the event, see [`Zone::of_event`]; events of whole days that carry no zone of their own are dates, and
/// take [`Zone::Utc`]. Nothing for an event without a start. Exceptions count even where the series has no occurrence.
///
/// # Errors
///
/// The recurrence is none, or follows a calendar whose days only the server knows. The first time is then all that is known.
pub fn between<'a>(
    event: &'a Event,
    zone: &'a Zone,
    window: Range<OffsetDateTime>,
) -> Result<Vec<Instance<'a>>, PatternError> {
    let Some(start) = event.start else { return Ok(Vec::new()) };
    let series = Series::new(event, zone, start);
    let overlaps = |instance: &Instance<'_>| {
        instance.start < window.end
            && (instance.end > window.start || instance.start >= window.start)
    };
    let Some(recurrence) = &event.recurrence else {
        let only = Instance { original: None, start, end: series.end_of(start), exception: None };
        return Ok(Some(only).filter(overlaps).into_iter().collect());
    };
    let mut instances: Vec<_> = starts(recurrence, start, zone)?
        .take_while(|start| *start < window.end)
        .filter(|start| !series.is_exception(*start))
        .map(|start| Instance {
            original: Some(start),
            start,
            end: series.end_of(start),
            exception: None,
        })
        .filter(overlaps)
        .take(MOST_INSTANCES)
        .collect();
    let exceptions = event.exceptions.iter().flatten().filter(|exception| !exception.is_deleted());
    instances.extend(exceptions.filter_map(|exception| series.changed(exception)).filter(overlaps));
    instances.sort_by_key(|instance| (instance.start, instance.original));
    instances.truncate(MOST_INSTANCES);
    Ok(instances)
}

struct Series<'a> {
    event: &'a Event,
    zone: &'a Zone,
    all_day: bool,
    length: Duration,
    /// Length on the clock, which days of 23 and 25 hours do not change.
    days: Duration,
    /// Moments that exceptions name.
    named: Vec<OffsetDateTime>,
    /// Days that exceptions name, for events of whole days: servers differ on the hour by which they name them.
    named_days: Vec<time::Date>,
}

impl<'a> Series<'a> {
    fn new(event: &'a Event, zone: &'a Zone, start: OffsetDateTime) -> Self {
        let end = event.end.filter(|end| *end > start).unwrap_or(start);
        let all_day = event.all_day == Some(true);
        let mut named: Vec<_> =
            event.exceptions.iter().flatten().filter_map(Exception::original).collect();
        named.sort_unstable();
        let mut named_days: Vec<_> = if all_day {
            named.iter().map(|moment| zone.local(*moment).date()).collect()
        } else {
            Vec::new()
        };
        named_days.sort_unstable();
        let days = zone.local(end) - zone.local(start);
        Self { event, zone, all_day, length: end - start, days, named, named_days }
    }

    fn is_exception(&self, start: OffsetDateTime) -> bool {
        self.named.binary_search(&start).is_ok()
            || self.all_day && self.named_days.binary_search(&self.zone.local(start).date()).is_ok()
    }

    fn end_of(&self, start: OffsetDateTime) -> OffsetDateTime {
        if !self.all_day {
            return start.saturating_add(self.length);
        }
        let local: PrimitiveDateTime = self.zone.local(start).saturating_add(self.days);
        self.zone.moment(local)
    }

    fn changed(&self, exception: &'a Exception) -> Option<Instance<'a>> {
        let original = exception.original();
        let start = exception.start.or_else(|| self.start_of(original?))?;
        let end = exception.end.filter(|end| *end >= start).unwrap_or_else(|| self.end_of(start));
        Some(Instance { original, start, end, exception: Some(exception) })
    }

    /// Returns the start of the occurrence that an exception names. For whole days the day counts, at the hour of the series.
    fn start_of(&self, original: OffsetDateTime) -> Option<OffsetDateTime> {
        if !self.all_day {
            return Some(original);
        }
        let time = self.zone.local(self.event.start?).time();
        Some(self.zone.moment(PrimitiveDateTime::new(self.zone.local(original).date(), time)))
    }
}
