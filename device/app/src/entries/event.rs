//! Appointments, meetings, and series of them.

use super::body::{self, set, set_list, some, some_list};
use super::choices::{AttendeeKind, Busy, EventSensitivity, Reply};
use super::recurrence::RecurrenceFields;
use super::{Fields, Surroundings, moment, named_zone};
use crate::error::EntryError;
use activesync::messages::{
    Attendee as WireAttendee, BusyStatus, Class, Event, Item, Location, MeetingStatus, Recurrence,
    Sensitivity,
};
use activesync::recurrence::{End, Pattern};
use activesync::zone::{Zone, ZoneRules};
use mail::Mailbox;
use serde::{Deserialize, Deserializer, Serialize};
use time::{Date, Duration, OffsetDateTime, Time};
use utoipa::ToSchema;

/// How long an event lasts if nobody says.
const USUAL_LENGTH: Duration = Duration::minutes(30);

/// An event, as screens show it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct EventView {
    /// Who organises it.
    pub organizer: Option<Organizer>,
    /// Others are invited to it.
    pub meeting: bool,
    /// Somebody else organises it.
    pub invited: bool,
    /// It does not take place.
    pub cancelled: bool,
    /// What the person answered.
    pub reply: Option<Reply>,
    /// How it recurs, in English.
    pub recurrence_words: Option<String>,
    /// It recurs in a way of which only the first time is known here.
    pub recurrence_unknown: bool,
    /// Occurrences that differ from the series, each with what differs.
    pub exceptions: Vec<ExceptionView>,
    /// Everything else.
    #[serde(flatten)]
    pub fields: EventFields,
}

/// An occurrence that differs from its series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ExceptionView {
    /// The start that the series gives to it, by which it is named.
    pub occurrence: String,
    /// It does not take place.
    pub deleted: bool,
    /// What differs.
    pub changes: EventFields,
}

/// Who organises an event.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Organizer {
    pub name: String,
    pub address: String,
}

/// Somebody who is invited.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attendee {
    /// The mail address.
    pub address: String,
    /// The name; the address if empty.
    #[serde(default)]
    pub name: String,
    /// How they are wanted.
    #[serde(default = "required")]
    pub kind: AttendeeKind,
    /// What they answered; theirs to say, so it is not written.
    #[serde(default)]
    pub reply: Option<Reply>,
}

fn required() -> AttendeeKind {
    AttendeeKind::Required
}

/// Fields of an event. Empty texts and lists clear a field; lists are written as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EventFields {
    /// What it is about.
    pub subject: Option<String>,
    /// Where it takes place.
    pub location: Option<String>,
    /// When it starts, such as `2026-12-31T09:30` or `2026-12-31T09:30:00+01:00`; of whole days the first, `2026-12-31`.
    pub start: Option<String>,
    /// When it ends, in the same form; of whole days the last.
    pub end: Option<String>,
    /// It takes whole days.
    pub all_day: Option<bool>,
    /// The IANA name of the zone whose clock it follows, such as `Europe/Berlin`.
    pub zone: Option<String>,
    /// Anything else, as plain text.
    pub text: Option<String>,
    /// How its time counts for others.
    pub busy: Option<Busy>,
    /// Who may see it.
    pub sensitivity: Option<EventSensitivity>,
    /// How many minutes before the start to remind; `null` for not at all.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<u32>)]
    pub reminder: Option<Option<u32>>,
    /// Who is invited.
    pub attendees: Option<Vec<Attendee>>,
    /// Categories.
    pub categories: Option<Vec<String>>,
    /// How it recurs; `null` makes a series a single event.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<RecurrenceFields>)]
    pub recurrence: Option<Option<RecurrenceFields>>,
}

/// Tells a field that is `null` from one that is not there.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl Fields for EventFields {
    const CLASS: Class = Class::Calendar;
    type View = EventView;

    fn view(item: &Item, surroundings: &Surroundings) -> EventView {
        let fields = Self::read(item, surroundings);
        let Item::Event(event) = item else { return EventView { fields, ..EventView::default() } };
        let organizer = Organizer {
            name: event.organizer_name.clone().unwrap_or_default(),
            address: event.organizer_email.clone().unwrap_or_default(),
        };
        let status = event.meeting_status.unwrap_or_default();
        let recurrence = fields.recurrence.as_ref().and_then(Option::as_ref);
        let exceptions = event.exceptions.iter().flatten().filter_map(|exception| {
            let mut changes: Event = exception.clone().into_change();
            // Without them its times could not be told.
            changes.timezone.clone_from(&event.timezone);
            changes.all_day = event.all_day;
            let mut changes = Self::read(&changes.into(), surroundings);
            (changes.all_day, changes.zone) = (None, None);
            Some(ExceptionView {
                occurrence: moment::moment_text(exception.original()?, &Zone::Utc),
                deleted: exception.is_deleted(),
                changes,
            })
        });

        EventView {
            organizer: Some(organizer).filter(|organizer| *organizer != Organizer::default()),
            meeting: status.is_meeting(),
            invited: status.is_received(),
            cancelled: status.is_cancelled(),
            reply: event.response_type.map(Reply::from),
            recurrence_words: recurrence.map(RecurrenceFields::words),
            recurrence_unknown: event.recurrence.is_some() && recurrence.is_none(),
            exceptions: exceptions.collect(),
            fields,
        }
    }

    fn read(item: &Item, surroundings: &Surroundings) -> Self {
        let Item::Event(event) = item else { return Self::default() };
        let zone = zone_of(event, &surroundings.zone);
        let all_day = event.all_day == Some(true);
        let text = |moment: OffsetDateTime| {
            if all_day {
                moment::date_text(zone.local(moment).date())
            } else {
                moment::moment_text(moment, &zone)
            }
        };
        let last = |end: OffsetDateTime| match event.start {
            // The end of whole days is the midnight after them.
            Some(start) if all_day && end > start => end.saturating_sub(Duration::seconds(1)),
            _ => end,
        };
        let attendees = event.attendees.as_ref().map(|list| list.iter().map(attendee).collect());

        Self {
            subject: some(&event.subject),
            location: location(event),
            start: event.start.map(text),
            end: event.end.map(|end| text(last(end))),
            all_day: event.all_day,
            zone: match &zone {
                Zone::Named(zone) if !is_plain_day(event) => Some(zone.name().to_owned()),
                Zone::Named(_) | Zone::Rules(_) | Zone::Utc => None,
            },
            text: body::read(event.body.as_ref()),
            busy: event.busy_status.map(Busy::from),
            sensitivity: event.sensitivity.map(EventSensitivity::from),
            reminder: event.reminder.map(Some),
            attendees: attendees.filter(|list: &Vec<Attendee>| !list.is_empty()),
            categories: some_list(&event.categories),
            recurrence: event
                .recurrence
                .as_ref()
                .and_then(|wire| RecurrenceFields::read(wire, &zone))
                .map(Some),
        }
    }

    fn write(self, item: &mut Item, surroundings: &Surroundings) -> Result<(), EntryError> {
        let Item::Event(event) = item else { return Err(EntryError::Missing) };
        let event = event.as_mut();
        if event.is_empty() {
            begin(event, surroundings);
        }
        set(self.subject.clone(), &mut event.subject);
        if let Some(place) = self.location.clone() {
            set_location(place, event, surroundings.has_plain_days);
        }
        body::write(self.text.clone(), &mut event.body);
        set_list(self.categories.clone(), &mut event.categories);
        if let Some(busy) = self.busy {
            event.busy_status = Some(busy.into());
        }
        if let Some(sensitivity) = self.sensitivity {
            event.sensitivity = Some(sensitivity.into());
        }
        if let Some(reminder) = self.reminder {
            event.reminder = reminder;
        }
        if let Some(attendees) = &self.attendees {
            set_attendees(attendees, event)?;
        }
        let was = (event.start, event.end, event.recurrence.clone());
        self.write_times(event, surroundings)?;
        let mut keeps_starts = was.0 == event.start;
        let Some(start) = event.start else {
            return Err(EntryError::bad("start", "an event needs a start"));
        };
        let zone = zone_of(event, &surroundings.zone);
        if let Some(recurrence) = &self.recurrence {
            let first = zone.local(start).date();
            let wanted =
                recurrence.as_ref().map(|fields| fields.write(first, &zone)).transpose()?;
            if event.recurrence != wanted {
                keeps_starts &= have_same_starts(event.recurrence.as_ref(), wanted.as_ref());
                event.recurrence = wanted;
            }
        }
        // Since 16.0 servers drop them with every change of when a series takes place.
        let is = (event.start, event.end, event.recurrence.clone());
        if !keeps_starts || surroundings.has_plain_days && was != is {
            // They are named by starts that the series no longer has.
            event.exceptions = None;
        }
        if event.recurrence.is_some() && event.timezone.is_none() && !is_plain_day(event) {
            event.timezone = Some(zone.rules_at(start));
        }

        Ok(())
    }
}

impl EventFields {
    /// Writes start, end and zone, which hang together.
    fn write_times(
        &self,
        event: &mut Event,
        surroundings: &Surroundings,
    ) -> Result<(), EntryError> {
        if self.start.is_none()
            && self.end.is_none()
            && self.zone.is_none()
            && self.all_day.is_none_or(|all_day| event.all_day == Some(all_day))
        {
            return Ok(());
        }
        let was_all_day = event.all_day == Some(true);
        let all_day = self.all_day.unwrap_or(was_all_day);
        if all_day != was_all_day && self.start.is_none() {
            let detail = "a change between whole days and times needs the new start";
            return Err(EntryError::bad("start", detail));
        }
        let zone = match &self.zone {
            Some(name) => named_zone("zone", name)?,
            None if is_plain_day(event) => surroundings.zone.clone(),
            None => zone_of(event, &surroundings.zone),
        };
        if all_day {
            self.write_days(event, &zone, surroundings.has_plain_days)?;
        } else {
            self.write_moments(event, &zone)?;
        }
        event.all_day = Some(all_day);

        Ok(())
    }

    fn write_days(
        &self,
        event: &mut Event,
        zone: &Zone,
        has_plain_days: bool,
    ) -> Result<(), EntryError> {
        let own_zone = zone_of(event, zone);
        let known = |moment: Option<OffsetDateTime>| {
            moment
                .filter(|_| event.all_day == Some(true))
                .map(|moment| own_zone.local(moment).date())
        };
        let read = |field, text: &Option<String>| {
            text.as_ref().map(|text| moment::date(field, text)).transpose()
        };
        let (old_first, old_after) = (known(event.start), known(event.end));
        let Some(first) = read("start", &self.start)?.or(old_first) else {
            return Err(EntryError::bad("start", "an event needs a start"));
        };
        let length = match (old_first, old_after) {
            (Some(first), Some(after)) => (after - first).max(Duration::DAY),
            _ => Duration::DAY,
        };
        let after = match read("end", &self.end)? {
            Some(last) => next(last),
            None => first.saturating_add(length),
        };
        if after <= first {
            return Err(EntryError::bad("end", "the event ends before it starts"));
        }
        let moment = |day: Date| {
            let midnight = day.with_time(Time::MIDNIGHT);
            if has_plain_days { midnight.assume_utc() } else { zone.moment(midnight) }
        };
        (event.start, event.end) = (Some(moment(first)), Some(moment(after)));
        event.timezone = (!has_plain_days).then(|| zone.rules_at(moment(first)));

        Ok(())
    }

    fn write_moments(&self, event: &mut Event, zone: &Zone) -> Result<(), EntryError> {
        let timed = event.all_day != Some(true);
        let (old_start, old_end) = (event.start.filter(|_| timed), event.end.filter(|_| timed));
        let read = |field, text: &Option<String>| {
            text.as_ref().map(|text| moment::moment(field, text, zone)).transpose()
        };
        let Some(start) = read("start", &self.start)?.or(old_start) else {
            return Err(EntryError::bad("start", "an event needs a start"));
        };
        let length = match (old_start, old_end) {
            (Some(start), Some(end)) => end - start,
            _ => USUAL_LENGTH,
        };
        let end = read("end", &self.end)?.unwrap_or(start.saturating_add(length));
        if end < start {
            return Err(EntryError::bad("end", "the event ends before it starts"));
        }
        (event.start, event.end) = (Some(start), Some(end));
        event.timezone = Some(zone.rules_at(start));

        Ok(())
    }
}

/// The zone by whose clock an event goes. Whole days without a zone of their own are dates.
pub(super) fn zone_of(event: &Event, account: &Zone) -> Zone {
    if is_plain_day(event) {
        return Zone::Utc;
    }
    let start = event.start.unwrap_or(OffsetDateTime::UNIX_EPOCH);

    Zone::of_event(event.timezone.as_ref(), start, account)
}

pub(super) fn is_plain_day(event: &Event) -> bool {
    event.all_day == Some(true) && event.timezone.as_ref().is_none_or(ZoneRules::say_nothing)
}

/// Says whether two patterns differ in nothing but when they end.
fn have_same_starts(old: Option<&Recurrence>, new: Option<&Recurrence>) -> bool {
    let endless = |wire: Option<&Recurrence>| {
        let pattern = wire.and_then(|wire| Pattern::read(wire).ok());
        pattern.map(|pattern| Pattern { end: End::Never, ..pattern })
    };
    let old = endless(old);

    old.is_some() && old == endless(new)
}

/// Returns where an event takes place, in whichever form it came.
pub(super) fn location(event: &Event) -> Option<String> {
    let place = event.place.as_ref().and_then(|place| some(&place.display_name));

    some(&event.location).or(place)
}

/// What a new event says of itself, whatever the person says.
fn begin(event: &mut Event, surroundings: &Surroundings) {
    event.uid = Some(surroundings.name.clone());
    event.dt_stamp = Some(surroundings.now);
    event.all_day = Some(false);
    event.busy_status = Some(BusyStatus::Busy);
    event.sensitivity = Some(Sensitivity::Normal);
    event.meeting_status = Some(MeetingStatus::APPOINTMENT);
}

fn set_location(place: String, event: &mut Event, has_places: bool) {
    if has_places || event.place.is_some() {
        event.location = None;
        event.place = (!place.is_empty()).then(|| Box::new(Location::named(place)));
    } else {
        set(Some(place), &mut event.location);
    }
}

fn set_attendees(attendees: &[Attendee], event: &mut Event) -> Result<(), EntryError> {
    if event.meeting_status.is_some_and(MeetingStatus::is_received) {
        let detail = "only who organises a meeting says who is invited";
        return Err(EntryError::bad("attendees", detail));
    }
    let known = event.attendees.take().unwrap_or_default();
    let mut list = Vec::with_capacity(attendees.len());
    for attendee in attendees {
        let Some(Mailbox { address, .. }) = Mailbox::recipient(&attendee.address) else {
            let detail = format!("{:?} is no mail address", attendee.address);
            return Err(EntryError::bad("attendees", detail));
        };
        let name = if attendee.name.is_empty() { &address } else { &attendee.name };
        let same = |known: &&WireAttendee| known.email.as_ref() == Some(&address);
        let known = known.iter().find(same).cloned().unwrap_or_default();
        list.push(WireAttendee {
            name: Some(name.clone()),
            kind: Some(attendee.kind.into()),
            email: Some(address),
            ..known
        });
    }
    let status =
        if list.is_empty() { MeetingStatus::APPOINTMENT } else { MeetingStatus::ORGANIZED };
    event.meeting_status = Some(status);
    event.attendees = Some(list).filter(|list| !list.is_empty());

    Ok(())
}

fn attendee(wire: &WireAttendee) -> Attendee {
    Attendee {
        address: wire.email.clone().unwrap_or_default(),
        name: wire.name.clone().unwrap_or_default(),
        kind: wire.kind.map_or(AttendeeKind::Required, AttendeeKind::from),
        reply: wire.status.map(Reply::from),
    }
}

fn next(day: Date) -> Date {
    day.next_day().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::surroundings;
    use activesync::messages::Exception;
    use serde_json::json;
    use time::macros::datetime;

    fn written(fields: serde_json::Value, has_plain_days: bool) -> Item {
        let fields: EventFields = serde_json::from_value(fields).unwrap();
        let mut item = Item::empty(Class::Calendar);
        fields.write(&mut item, &surroundings(has_plain_days)).unwrap();
        item
    }

    fn event(item: &Item) -> &Event {
        let Item::Event(event) = item else { panic!("{item:?}") };
        event
    }

    #[test]
    fn an_event_comes_back_as_it_was_written() {
        let item = written(
            json!({
                "subject": "Jour fixe", "location": "Raum 3", "start": "2027-10-20T09:00",
                "zone": "Europe/Berlin", "reminder": 10, "busy": "tentative",
                "attendees": [{ "address": "carla@example.org" }],
                "recurrence": { "frequency": "weekly", "count": 4 },
            }),
            false,
        );

        let view = EventFields::view(&item, &surroundings(false));
        let shown = serde_json::to_value(&view).unwrap();
        let expected = json!({
            "subject": "Jour fixe", "start": "2027-10-20T09:00:00+02:00",
            "end": "2027-10-20T09:30:00+02:00", "all_day": false, "zone": "Europe/Berlin",
            "busy": "tentative", "reminder": 10, "meeting": true, "invited": false,
            "attendees": [{
                "address": "carla@example.org", "name": "carla@example.org",
                "kind": "required", "reply": null,
            }],
            "recurrence": {
                "frequency": "weekly", "interval": 1, "weekdays": ["wednesday"], "week": null,
                "day": null, "month": null, "count": 4, "until": null,
            },
            "recurrence_words": "every week on Wednesday, 4 times",
        });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&shown[name], value, "{name}");
        }
        let mut again = item.clone();
        view.fields.write(&mut again, &surroundings(false)).unwrap();
        assert_eq!(again, item, "what was read changes nothing when it is written");
    }

    #[test]
    fn whole_days_have_the_form_of_the_server() {
        let days = json!({ "all_day": true, "start": "2027-10-30", "end": "2027-11-01", "zone": "Europe/Berlin" });
        let zoned = written(days.clone(), false);
        let expected =
            (Some(datetime!(2027-10-29 22:00 UTC)), Some(datetime!(2027-11-01 23:00 UTC)));
        assert_eq!((event(&zoned).start, event(&zoned).end), expected);
        assert!(event(&zoned).timezone.is_some());
        let plain = written(days, true);
        let expected = (Some(datetime!(2027-10-30 0:00 UTC)), Some(datetime!(2027-11-02 0:00 UTC)));
        assert_eq!((event(&plain).start, event(&plain).end), expected);
        assert_eq!(event(&plain).timezone, None);
        for item in [zoned, plain] {
            let fields = EventFields::read(&item, &surroundings(false));
            assert_eq!(fields.start.as_deref(), Some("2027-10-30"));
            assert_eq!(fields.end.as_deref(), Some("2027-11-01"));
        }
    }

    #[test]
    fn an_event_that_moves_keeps_its_length_and_loses_its_exceptions() {
        let series = json!({
            "start": "2027-10-20T09:00", "end": "2027-10-20T11:00", "zone": "Europe/Berlin",
            "recurrence": { "frequency": "daily" },
        });
        let mut item = written(series, false);
        if let Item::Event(event) = &mut item {
            event.exceptions = Some(vec![Exception::deletion(datetime!(2027-10-21 7:00 UTC))]);
        }
        let change = |item: &mut Item, change: serde_json::Value| {
            let change: EventFields = serde_json::from_value(change).unwrap();
            change.write(item, &surroundings(false)).unwrap();
        };

        change(&mut item, json!({ "subject": "Neu" }));
        change(&mut item, json!({ "end": "2027-10-20T10:00" }));
        change(&mut item, json!({ "recurrence": { "frequency": "daily", "count": 9 } }));
        assert!(event(&item).exceptions.is_some());
        change(&mut item, json!({ "start": "2027-10-20T13:00" }));
        assert_eq!(event(&item).end, Some(datetime!(2027-10-20 12:00 UTC)));
        assert_eq!(event(&item).exceptions, None);
        change(&mut item, json!({ "recurrence": null, "reminder": null }));
        assert_eq!(event(&item).recurrence, None);
    }

    #[test]
    fn only_who_organises_a_meeting_invites() {
        let received = Event {
            start: Some(datetime!(2027-10-20 9:00 UTC)),
            meeting_status: Some(MeetingStatus::RECEIVED),
            ..Event::default()
        };
        let mut item: Item = received.into();
        let change = EventFields { attendees: Some(Vec::new()), ..EventFields::default() };
        assert!(change.write(&mut item, &surroundings(false)).is_err());
        let reminder = EventFields { reminder: Some(Some(5)), ..EventFields::default() };
        reminder.write(&mut item, &surroundings(false)).unwrap();
    }
}
