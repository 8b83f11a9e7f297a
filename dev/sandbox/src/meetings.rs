//! What mails about meetings do to calendars, and which mails calendars send.

use activesync::messages::{
    Attendee, AttendeeStatus, BusyStatus, Event, Exception, Item, MeetingStatus, ResponseType,
    UserResponse,
};
use time::OffsetDateTime;

use crate::itip::{self, Itip, Letter, Method, Purpose};
use crate::mailbox::{Content, ItemId, Mailbox};
use crate::pim::{self, Owner};

/// Takes a mail about a meeting into the calendar of the person to whom it came.
pub(crate) fn arrived(mailbox: &mut Mailbox, owner: Owner<'_>, itip: Itip, now: OffsetDateTime) {
    let Some(uid) = itip.event.uid.clone() else { return };
    let own = itip.event.organizer_email.as_deref().is_some_and(|address| same(address, owner));
    let known = find(mailbox, &uid);
    match (itip.method, own, known) {
        (Method::Request, false, Some((id, old))) => {
            if let Some(new) = updated(&old, itip) {
                put(mailbox, id, new);
            }
        }
        (Method::Request, false, None) => {
            add(mailbox, invitation(itip.event, owner, now, mailbox.last_change()));
        }
        (Method::Cancel, false, Some((id, old))) => put(mailbox, id, cancelled(old, &itip)),
        (Method::Counter | Method::Reply, true, Some((id, old))) => {
            put(mailbox, id, answered(old, &itip));
        }
        (Method::Cancel | Method::Counter | Method::Reply | Method::Request, _, _) => {}
    }
}

fn same(address: &str, owner: Owner<'_>) -> bool {
    address.eq_ignore_ascii_case(owner.address)
}

/// Finds a meeting in the calendar. Generated events are none, until somebody changes them.
pub(crate) fn find(mailbox: &Mailbox, uid: &str) -> Option<(ItemId, Event)> {
    mailbox.items_in(Mailbox::CALENDAR).find_map(|(id, item)| {
        let Content::Typed(typed) = &item.content else { return None };
        let event = pim::as_event(typed).filter(|event| event.uid.as_deref() == Some(uid))?;
        Some((id, event.clone()))
    })
}

/// Adds an event to the calendar.
pub(crate) fn add(mailbox: &mut Mailbox, event: Event) -> ItemId {
    let (content, until) = pim::content(event.into(), &pim::ZONE);
    mailbox.add(Mailbox::CALENDAR, content, until, true)
}

/// Puts an event in the place of what it was. Nothing happens if nothing is different.
pub(crate) fn put(mailbox: &mut Mailbox, id: ItemId, event: Event) {
    let new = Item::from(event);
    let old = mailbox.item(id).map(|item| item.content.clone());
    let same = matches!(&old, Some(Content::Typed(old)) if **old == new);
    if !same {
        let (content, until) = pim::content(new, &pim::ZONE);
        mailbox.replace(id, content, until);
    }
}

/// Returns the event that an invitation puts into a calendar: tentative until it is answered.
pub(crate) fn invitation(
    event: Event,
    owner: Owner<'_>,
    now: OffsetDateTime,
    serial: u64,
) -> Event {
    let mut event = Event {
        meeting_status: Some(MeetingStatus::RECEIVED),
        busy_status: Some(BusyStatus::Tentative),
        response_type: Some(ResponseType::NotResponded),
        ..event
    };
    pim::complete(&mut event, owner, now, serial);
    event
}

/// Returns an event after an update of its organiser; `None` for one that is older than what is known.
fn updated(old: &Event, itip: Itip) -> Option<Event> {
    let Itip { event: update, occurrence, .. } = itip;
    if update.dt_stamp < old.dt_stamp {
        return None;
    }
    if let Some(original) = occurrence {
        let exception = Exception {
            original_start: Some(original),
            subject: update.subject.filter(|subject| old.subject.as_ref() != Some(subject)),
            start: update.start,
            end: update.end,
            place: update.place.filter(|place| old.place.as_ref() != Some(place)),
            ..Exception::default()
        };
        return Some(pim::with_exception(old, exception));
    }
    let moved =
        (old.start, old.end, &old.recurrence) != (update.start, update.end, &update.recurrence);
    let mut new = Event {
        categories: old.categories.clone(),
        reminder: old.reminder,
        client_uid: old.client_uid.clone(),
        cleared: old.cleared.clone(),
        meeting_status: Some(MeetingStatus::RECEIVED),
        busy_status: old.busy_status,
        response_type: old.response_type,
        appointment_reply_time: old.appointment_reply_time,
        ..update
    };
    if moved {
        new.busy_status = Some(BusyStatus::Tentative);
        new.response_type = Some(ResponseType::NotResponded);
        new.appointment_reply_time = None;
    }
    Some(new)
}

/// A cancelled meeting stays in the calendar until its owner removes it.
fn cancelled(old: Event, itip: &Itip) -> Event {
    let subject = |subject: &Option<String>| {
        Some(format!("Canceled: {}", subject.as_deref().unwrap_or_default()))
    };
    match itip.occurrence {
        Some(original) => {
            let exception = Exception {
                original_start: Some(original),
                subject: subject(&old.subject),
                busy_status: Some(BusyStatus::Free),
                meeting_status: Some(MeetingStatus::CANCELLED_RECEIVED),
                ..Exception::default()
            };
            pim::with_exception(&old, exception)
        }
        None => Event {
            subject: subject(&old.subject),
            busy_status: Some(BusyStatus::Free),
            meeting_status: Some(MeetingStatus::CANCELLED_RECEIVED),
            ..old
        },
    }
}

/// Notes an attendee's answer in the organiser's event.
fn answered(old: Event, itip: &Itip) -> Event {
    let Some(answer) = itip.event.attendees.iter().flatten().next() else { return old };
    let proposed = (itip.method == Method::Counter).then_some((itip.event.start, itip.event.end));
    let note = |attendees: &[Attendee]| {
        let mut attendees = attendees.to_vec();
        let same = |attendee: &&mut Attendee| match (&attendee.email, &answer.email) {
            (Some(known), Some(email)) => known.eq_ignore_ascii_case(email),
            (_, _) => false,
        };
        if let Some(attendee) = attendees.iter_mut().find(same) {
            attendee.status = answer.status;
            (attendee.proposed_start, attendee.proposed_end) = proposed.unwrap_or_default();
        }
        attendees
    };
    let all = old.attendees.clone().unwrap_or_default();
    let Some(original) = itip.occurrence else {
        return Event { attendees: Some(note(&all)), ..old };
    };
    let known = old.exceptions.iter().flatten().find(|known| known.original() == Some(original));
    let before = known.and_then(|known| known.attendees.clone()).unwrap_or(all);
    let exception = Exception {
        original_start: Some(original),
        attendees: Some(note(&before)),
        ..Exception::default()
    };
    pim::with_exception(&old, exception)
}

/// Returns an event, or one occurrence of it, with the answer of its owner.
pub(crate) fn with_answer(
    event: &Event,
    response: UserResponse,
    occurrence: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Event {
    let (kind, busy) = match response {
        UserResponse::Accept => (ResponseType::Accepted, BusyStatus::Busy),
        UserResponse::Decline => (ResponseType::Declined, BusyStatus::Free),
        UserResponse::Tentative => (ResponseType::Tentative, BusyStatus::Tentative),
    };
    match occurrence {
        Some(original) if response == UserResponse::Decline => {
            pim::with_exception(event, Exception::deletion(original))
        }
        Some(original) => {
            let exception = Exception {
                original_start: Some(original),
                busy_status: Some(busy),
                response_type: Some(kind),
                appointment_reply_time: Some(now),
                ..Exception::default()
            };
            pim::with_exception(event, exception)
        }
        None => Event {
            busy_status: Some(busy),
            response_type: Some(kind),
            appointment_reply_time: Some(now),
            ..event.clone()
        },
    }
}

/// Keeps what attendees answered in an event that its organiser changed; a new time wants new answers.
pub(crate) fn keep_answers(new: &mut Event, old: &Event) {
    let moved = (new.start, new.end, &new.recurrence) != (old.start, old.end, &old.recurrence);
    for attendee in new.attendees.iter_mut().flatten().filter(|entry| entry.status.is_none()) {
        let mut before = old.attendees.iter().flatten();
        let known = before.find(|known| known.email == attendee.email).filter(|_| !moved);
        let status = known.and_then(|known| known.status);
        attendee.status = Some(status.unwrap_or(AttendeeStatus::NotResponded));
    }
}

/// Returns the mails that an organiser's change brings about: invitations, and cancellations for those who are no longer wanted.
pub(crate) fn letters(
    owner: Owner<'_>,
    old: Option<&Event>,
    new: Option<&Event>,
    occurrence: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Vec<Letter> {
    let organised = |event: &&Event| {
        let status = event.meeting_status.unwrap_or_default();
        status.is_meeting() && !status.is_received()
    };
    let (old, new) = (old.filter(organised), new.filter(organised));
    if old.map(shared) == new.map(shared) {
        return Vec::new();
    }
    let wanted = new.map(addresses).unwrap_or_default();
    let mut dropped = old.map(addresses).unwrap_or_default();
    dropped.retain(|address| !wanted.contains(address));
    let mut letters = Vec::new();
    if let Some(event) = new.filter(|_| !wanted.is_empty()) {
        letters.push(written(owner, event, Method::Request, wanted, occurrence, now));
    }
    if let Some(event) = old.filter(|_| !dropped.is_empty()) {
        letters.push(written(owner, event, Method::Cancel, dropped, occurrence, now));
    }
    letters
}

/// Returns the cancellation of one occurrence.
pub(crate) fn cancellation(
    owner: Owner<'_>,
    series: &Event,
    original: OffsetDateTime,
    now: OffsetDateTime,
) -> Option<Letter> {
    let status = series.meeting_status.unwrap_or_default();
    let to = addresses(series);
    let wanted = status.is_meeting() && !status.is_received() && !to.is_empty();
    wanted.then(|| written(owner, series, Method::Cancel, to, Some(original), now))
}

fn written(
    owner: Owner<'_>,
    event: &Event,
    method: Method,
    to: Vec<String>,
    occurrence: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Letter {
    let purpose = if method == Method::Cancel { Purpose::Cancel } else { Purpose::Invite };
    let mut event = Event { dt_stamp: Some(now), reminder: None, ..event.clone() };
    let text = event.body.as_ref().and_then(|body| body.data.as_ref());
    let text = text.map(|data| String::from_utf8_lossy(data).into_owned()).unwrap_or_default();
    if let Some(original) = occurrence {
        let series = event.clone();
        let known = series.exceptions.iter().flatten();
        let known = known.into_iter().find(|known| known.original() == Some(original));
        let length = series.end.zip(series.start).map(|(end, start)| end - start);
        let end = original + length.unwrap_or_default();
        event = known.cloned().unwrap_or_default().occurrence(&series, original, end);
    }
    let itip = Itip { method, event, occurrence };
    itip::letter(&itip, purpose, owner, to, &text, now)
}

/// Returns what attendees see of an event.
fn shared(event: &Event) -> Event {
    let mut exceptions = event.exceptions.clone();
    for exception in exceptions.iter_mut().flatten() {
        (exception.attendees, exception.reminder, exception.busy_status) = (None, None, None);
        exception.categories = None;
    }
    let mut attendees = event.attendees.clone();
    for attendee in attendees.iter_mut().flatten() {
        (attendee.status, attendee.proposed_start, attendee.proposed_end) = (None, None, None);
    }
    Event {
        timezone: event.timezone.clone(),
        all_day: event.all_day,
        start: event.start,
        end: event.end,
        subject: event.subject.clone(),
        place: event.place.clone(),
        body: event.body.clone(),
        recurrence: event.recurrence.clone(),
        meeting_status: event.meeting_status,
        exceptions,
        attendees,
        ..Event::default()
    }
}

fn addresses(event: &Event) -> Vec<String> {
    event.attendees.iter().flatten().filter_map(|attendee| attendee.email.clone()).collect()
}

/// Returns the answer of an event's owner as a mail to its organiser; with `proposed`, for another time.
pub(crate) fn answer_letter(
    owner: Owner<'_>,
    event: &Event,
    response: UserResponse,
    occurrence: Option<OffsetDateTime>,
    proposed: Option<(OffsetDateTime, OffsetDateTime)>,
    text: &str,
    now: OffsetDateTime,
) -> Option<Letter> {
    let to = event.organizer_email.clone()?;
    let attendee = Attendee {
        status: Some(itip::status_of(response)),
        ..Attendee::required(owner.address, owner.name)
    };
    let length = event.end.zip(event.start).map(|(end, start)| end - start).unwrap_or_default();
    let times = occurrence.map(|original| (original, original + length));
    let (start, end) = proposed.or(times).or(event.start.zip(event.end))?;
    let event = Event {
        attendees: Some(vec![attendee]),
        dt_stamp: Some(now),
        reminder: None,
        recurrence: event.recurrence.clone().filter(|_| occurrence.is_none()),
        exceptions: None,
        body: None,
        start: Some(start),
        end: Some(end),
        ..event.clone()
    };
    let method = if proposed.is_some() { Method::Counter } else { Method::Reply };
    let itip = Itip { method, event, occurrence };
    Some(itip::letter(&itip, Purpose::Answer(response), owner, vec![to], text, now))
}
