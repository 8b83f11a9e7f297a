use std::collections::BTreeSet;

use activesync::codepage::{Tag, air_sync, air_sync_base, calendar};
use activesync::messages::*;
use activesync::query::Version;
use activesync::recurrence::{Field, PatternError};
use activesync::wbxml::Writer;
use time::macros::datetime;

use crate::wire::{berlin, elements, sent};

pub(crate) fn meeting() -> Event {
    Event {
        timezone: Some(berlin()),
        all_day: Some(false),
        busy_status: Some(BusyStatus::Tentative),
        organizer_name: Some("Anna".into()),
        organizer_email: Some("anna@example.test".into()),
        dt_stamp: Some(datetime!(2026-02-01 10:00 UTC)),
        start: Some(datetime!(2026-03-02 08:00 UTC)),
        end: Some(datetime!(2026-03-02 09:30 UTC)),
        location: Some("Raum 1".into()),
        reminder: Some(15),
        sensitivity: Some(Sensitivity::Private),
        subject: Some("Plan".into()),
        uid: Some("040000008200E000".into()),
        meeting_status: Some(MeetingStatus::RECEIVED),
        attendees: Some(vec![Attendee {
            status: Some(AttendeeStatus::Accepted),
            ..Attendee::required("bob@example.test", "Bob")
        }]),
        categories: Some(vec!["Rot".into()]),
        recurrence: Some(Recurrence {
            kind: Some(1),
            interval: Some(2),
            day_of_week: Some(2),
            until: Some(datetime!(2026-12-31 08:00 UTC)),
            first_day_of_week: Some(1),
            ..Recurrence::default()
        }),
        exceptions: Some(vec![
            Exception::deletion(datetime!(2026-03-16 08:00 UTC)),
            Exception {
                original_start: Some(datetime!(2026-03-30 07:00 UTC)),
                start: Some(datetime!(2026-03-30 12:00 UTC)),
                subject: Some("Plan B".into()),
                cleared: BTreeSet::from([calendar::REMINDER]),
                ..Exception::default()
            },
        ]),
        response_requested: Some(true),
        response_type: Some(ResponseType::NotResponded),
        appointment_reply_time: Some(datetime!(2026-02-02 10:00 UTC)),
        disallow_new_time_proposal: Some(true),
        online_meeting_conf_link: Some("conf:sip".into()),
        body: Some(Body::whole(BodyType::Text, "Bitte kommen")),
        ..Event::default()
    }
}

#[test]
fn a_meeting_on_the_wire() {
    let request = sent(meeting());
    assert_eq!(request, Item::from(meeting()));
    let bytes = Writer::document(air_sync::APPLICATION_DATA, |_| {});
    assert_eq!(bytes, [3, 1, 0x6a, 0, 0x5d, 1]);
    // By hand, as a server of 14.1 writes it.
    let hand = [
        &[3, 1, 0x6a, 0, 0x45, 0x5c, 0x4f][..],
        b"\x52\x032\x00\x01\x4e\x031\x00\x01",
        b"\x56\x47\x4d\x032:1\x00\x01\x5d",
        b"\x00\x04\x46\x030\x00\x01\x52\x0320260302T093000Z\x00\x01\x67\x0320260302T080000Z\x00\x01",
        b"\x57\x03Raum 1\x00\x01\x66\x03Plan\x00\x01\x4d\x03-1\x00\x01\x58\x033\x00\x01",
        b"\x47\x48\x49\x03bob@example.test\x00\x01\x4a\x03Bob\x00\x01\x69\x033\x00\x01\x6a\x031\x00\x01\x01\x01",
        b"\x5b\x5c\x031\x00\x01\x5f\x032\x00\x01\x60\x032\x00\x01\x5d\x0320261231T080000Z\x00\x01\x79\x031\x00\x01\x01",
        b"\x54\x53\x55\x031\x00\x01\x56\x0320260316T080000Z\x00\x01\x01\x01",
        b"\x24\x3e",
        &[1, 1, 1, 1, 1, 1],
    ]
    .concat();
    let mut answer = SyncAnswer::decode(&hand).unwrap().unwrap();
    let ServerCommand::Add { item, .. } = answer.collections.remove(0).commands.remove(0) else {
        panic!("an Add")
    };
    let whole = meeting();
    let expected = Event {
        all_day: Some(false),
        start: whole.start,
        end: whole.end,
        location: whole.location,
        subject: whole.subject,
        meeting_status: whole.meeting_status,
        attendees: whole.attendees,
        recurrence: whole.recurrence,
        exceptions: Some(vec![Exception::deletion(datetime!(2026-03-16 08:00 UTC))]),
        cleared: BTreeSet::from([calendar::REMINDER]),
        other: vec![Element { tag: Tag::new(4, 0x3e), content: Content::Empty }],
        ..Event::default()
    };
    assert_eq!(item, Item::from(expected));
}

#[test]
fn uploads_carry_what_their_version_has() {
    let tags = |version| {
        let mut event = meeting();
        event.client_uid = Some("c-1".into());
        event.prepare_upload(version);
        assert_eq!(event.check(version), Ok(()));
        let bytes = SyncRequest {
            collections: vec![SyncCollection {
                sync_key: "1".into(),
                collection_id: "2".into(),
                commands: vec![ClientCommand::Add {
                    client_id: "1".into(),
                    class: None,
                    item: event.into(),
                    send: false,
                }],
                ..SyncCollection::default()
            }],
            ..SyncRequest::default()
        }
        .encode();
        elements(&bytes).into_iter().map(|(tag, _)| tag).collect::<BTreeSet<_>>()
    };
    let has = |version, tag| tags(version).contains(&tag);
    for (tag, versions) in [
        (calendar::DT_STAMP, "12.1 14.0 14.1"),
        (calendar::UID, "12.1 14.0 14.1"),
        (calendar::ORGANIZER_EMAIL, "12.1 14.0 14.1"),
        (calendar::MEETING_STATUS, "12.1 14.0 14.1"),
        (calendar::ATTENDEE_STATUS, "12.1 14.0 14.1"),
        (calendar::LOCATION, "12.1 14.0 14.1"),
        (calendar::EXCEPTION_START_TIME, "12.1 14.0 14.1"),
        (air_sync_base::LOCATION, "16.0 16.1"),
        (air_sync_base::INSTANCE_ID, "16.0 16.1"),
        (calendar::CLIENT_UID, "16.0 16.1"),
        (calendar::RESPONSE_REQUESTED, "14.0 14.1 16.0 16.1"),
        (calendar::FIRST_DAY_OF_WEEK, "14.1 16.0 16.1"),
        (calendar::TIMEZONE, "12.1 14.0 14.1 16.0 16.1"),
        (calendar::RESPONSE_TYPE, ""),
        (calendar::APPOINTMENT_REPLY_TIME, ""),
        (calendar::ONLINE_MEETING_CONF_LINK, ""),
    ] {
        let found: Vec<_> = Version::ALL.into_iter().filter(|version| has(*version, tag)).collect();
        let found: Vec<_> = found.into_iter().map(Version::name).collect();
        assert_eq!(found.join(" "), versions, "{tag}");
    }
}

#[test]
fn servers_refuse_what_is_no_event() {
    let check = |change: fn(&mut Event), version| {
        let mut event = meeting();
        change(&mut event);
        event.check(version).unwrap_err()
    };
    let v14 = Version::V14_1;
    assert_eq!(
        check(|event| event.end = Some(datetime!(2026-03-01 08:00 UTC)), v14),
        EventFault::EndBeforeStart
    );
    assert_eq!(
        check(|event| event.attendees = Some(vec![Attendee::default()]), v14),
        EventFault::AttendeeIncomplete
    );
    assert_eq!(check(|event| event.timezone = None, v14), EventFault::SeriesWithoutZone);
    assert_eq!(
        check(|event| event.categories = Some(vec![String::new(); 301]), v14),
        EventFault::TooMuch
    );
    assert_eq!(check(|event| event.uid = Some("x".repeat(301)), v14), EventFault::TooMuch);
    assert_eq!(
        check(|event| event.exceptions = Some(vec![Exception::default()]), v14),
        EventFault::ExceptionUnnamed
    );
    let all_day = |event: &mut Event| event.all_day = Some(true);
    assert_eq!(check(all_day, Version::V16_0), EventFault::AllDayWithTime);
    let differs = |event: &mut Event| {
        for exception in event.exceptions.iter_mut().flatten() {
            exception.all_day = Some(true);
        }
    };
    assert_eq!(check(differs, v14), EventFault::ExceptionAllDay);
    let nothing = |event: &mut Event| event.recurrence = Some(Recurrence::default());
    let fault = EventFault::Recurrence(PatternError::Missing(Field::Type));
    assert_eq!(check(nothing, v14), fault);
    let mut single = meeting();
    nothing(&mut single);
    assert_eq!(single.check(Version::V16_0), Ok(()), "it makes a series a single event");
}

#[test]
fn one_occurrence_is_named_beside_its_series() {
    let instance = Some(datetime!(2026-03-16 08:00 UTC));
    let commands = vec![
        ClientCommand::Change {
            server_id: "2:1".into(),
            instance,
            item: Event { subject: Some("B".into()), ..Event::default() }.into(),
            send: false,
        },
        ClientCommand::Delete { server_id: "2:1".into(), instance },
    ];
    let collection = SyncCollection {
        sync_key: "1".into(),
        collection_id: "2".into(),
        commands,
        ..SyncCollection::default()
    };
    let request = SyncRequest { collections: vec![collection], ..SyncRequest::default() };
    let bytes = request.encode();
    let named: Vec<_> = elements(&bytes)
        .into_iter()
        .filter(|(tag, _)| *tag == air_sync_base::INSTANCE_ID)
        .collect();
    assert_eq!(named.len(), 2);
    assert_eq!(named[0].1, "20260316T080000Z");
    assert_eq!(SyncRequest::decode(&bytes), Ok(Some(request)));
    // A command for one occurrence must never be read as one for the whole series.
    let broken: Vec<u8> =
        bytes.iter().map(|byte| if *byte == b'T' { b'x' } else { *byte }).collect();
    assert!(matches!(SyncRequest::decode(&broken), Err(DecodeError::Invalid { .. })));
}
