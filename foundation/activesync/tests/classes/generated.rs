use activesync::codepage::Tag;
use activesync::messages::*;
use proptest::option::of;
use proptest::prelude::*;
use time::OffsetDateTime;

use crate::wire::{berlin, sent};

fn text() -> impl Strategy<Value = Option<String>> {
    of("[^\0]{1,12}")
}

fn moment() -> impl Strategy<Value = Option<OffsetDateTime>> {
    of((0_i64..4_000_000_000)
        .prop_map(|seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap()))
}

prop_compose! {
    fn recurrence()(
        kind in 0_u8..7, until in moment(), occurrences in any::<Option<u16>>(), interval in any::<Option<u16>>(),
        day_of_week in any::<Option<u16>>(), day_of_month in any::<Option<u8>>(), week_of_month in any::<Option<u8>>(),
        month_of_year in any::<Option<u8>>(), calendar_type in any::<Option<u8>>(), is_leap_month in any::<Option<bool>>(),
        first_day_of_week in any::<Option<u8>>(),
    ) -> Recurrence {
        Recurrence {
            kind: Some(kind), until, occurrences, interval, day_of_week, day_of_month, week_of_month, month_of_year,
            calendar_type, is_leap_month, first_day_of_week,
        }
    }
}

prop_compose! {
    fn event()(
        subject in text(), start in moment(), end in moment(), reminder in any::<Option<u32>>(), (all_day, zone) in any::<(bool, bool)>(), body in of("[^\0]{1,9}"),
        uid in text(), recurrence in of(recurrence()), place in of("[^\0]{1,9}"), categories in of(proptest::collection::vec("[^\0]{1,5}", 1..3)),
        attendees in of(proptest::collection::vec(("[^\0]{1,9}", "[^\0]{1,9}"), 1..3)),
        exceptions in of(proptest::collection::vec((moment(), text(), moment()), 1..4)),
    ) -> Event {
        let exception = |(original_start, subject, start)| Exception { original_start, subject, start, deleted: Some(false), ..Exception::default() };
        Event {
            subject, start, end, reminder, all_day: Some(all_day), uid, recurrence, categories,
            place: place.map(Location::named).map(Box::new),
            attendees: attendees.map(|list| list.into_iter().map(|(email, name)| Attendee::required(email, name)).collect()),
            timezone: zone.then(berlin),
            exceptions: exceptions.map(|list| list.into_iter().map(exception).collect()),
            busy_status: Some(BusyStatus::Busy),
            body: body.map(|text| Body::whole(BodyType::Text, text)),
            ..Event::default()
        }
    }
}

prop_compose! {
    fn contact()(
        texts in proptest::collection::vec(text(), 8), birthday in moment(), children in of(proptest::collection::vec("[^\0]{1,5}", 1..3)),
        picture in of(proptest::collection::vec(any::<u8>(), 1..50)), other in of("[^\0]{1,5}"),
    ) -> Contact {
        let mut texts = texts.into_iter();
        let mut next = || texts.next().unwrap();
        let other = other.map(|text| Element { tag: Tag::new(12, 0x20), content: Content::Text(text.into()) });
        Contact {
            first_name: next(), last_name: next(), file_as: next(), email1_address: next(), web_page: next(),
            im_address: next(), mms: next(), yomi_company_name: next(), birthday, children,
            picture: picture.map(Into::into), other: other.into_iter().collect(), ..Contact::default()
        }
    }
}

proptest! {
    #[test]
    fn events_come_back(event in event()) {
        prop_assert_eq!(sent(event.clone()).into_event().unwrap(), Box::new(event));
    }

    #[test]
    fn meeting_requests_come_back(recurrence in recurrence(), start in moment(), id in proptest::collection::vec(any::<u8>(), 1..60), organizer in text()) {
        let mail = Email {
            message_class: Some("IPM.Schedule.Meeting.Request".into()),
            meeting_request: Some(Box::new(MeetingRequest {
                start, organizer, recurrences: Some(vec![recurrence]), global_object_id: Some(id.into()), timezone: Some(berlin()),
                message_type: Some(MeetingMessageType::FullUpdate), instance_type: Some(InstanceType::Series), ..MeetingRequest::default()
            })),
            ..Email::default()
        };
        prop_assert_eq!(sent(mail.clone()), Item::from(mail));
    }

    #[test]
    fn contacts_come_back(contact in contact()) {
        prop_assert_eq!(sent(contact.clone()).into_contact().unwrap(), Box::new(contact));
    }

    #[test]
    fn tasks_and_notes_come_back(subject in "[^\0]{1,9}", due in moment(), recurrence in recurrence(), start in moment(), modified in moment()) {
        let task = Task {
            subject: Some(subject.clone()), due, due_utc: due, importance: Some(Importance::High), complete: Some(false),
            recurrence: Some(TaskRecurrence { recurrence, start, ..TaskRecurrence::default() }), ..Task::default()
        };
        prop_assert_eq!(sent(task.clone()), Item::from(task));
        let note = Note { subject: Some(subject), message_class: Some(Note::CLASS.into()), last_modified: modified, ..Note::default() };
        prop_assert_eq!(sent(note.clone()), Item::from(note));
    }

    #[test]
    fn a_change_leads_from_old_to_new(old in contact(), new in contact(), event_old in event(), event_new in event()) {
        let mut contact = old.clone();
        contact.apply(new.changes_since(&old));
        prop_assert_eq!(contact, new);
        let change = event_new.changes_since(&event_old);
        let change = sent(change).into_event().unwrap();
        let mut event = event_old;
        event.apply(*change);
        prop_assert_eq!(event, event_new);
    }
}
