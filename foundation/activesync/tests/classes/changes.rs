use std::collections::BTreeSet;

use activesync::codepage::{Tag, contacts, tasks};
use activesync::messages::*;
use bytes::Bytes;
use time::macros::datetime;

use crate::calendar::meeting;
use crate::wire::sent;

#[test]
fn a_body_alone_belongs_to_any_class() {
    let body = Some(Body::whole(BodyType::Text, "neu"));
    let item = sent(Event { body: body.clone(), ..Event::default() });
    assert_eq!(item.class(), None);
    assert_eq!(item.clone().into_event().unwrap().body, body);
    assert_eq!(item.clone().into_contact().unwrap().body, body);
    assert_eq!(item.into_email().unwrap().body, body);
    let event = sent(meeting());
    assert_eq!(event.class(), Some(Class::Calendar));
    assert_eq!(event.into_email(), None);
}

#[test]
fn what_nobody_knows_survives_an_edit() {
    let unknown = Element {
        tag: Tag::new(1, 0x3f),
        content: Content::Elements(vec![Element {
            tag: Tag::new(1, 0x09),
            content: Content::Text(Bytes::from_static(b"x")),
        }]),
    };
    let stored = Contact {
        first_name: Some("Anna".into()),
        last_name: Some("Meier".into()),
        job_title: Some("Chefin".into()),
        categories: Some(vec!["a".into(), "b".into()]),
        picture: Some(Bytes::from_static(&[0xff, 0xd8])),
        other: vec![unknown.clone()],
        ..Contact::default()
    };
    assert_eq!(sent(stored.clone()), Item::from(stored.clone()));
    let mut edited = stored.clone();
    edited.apply(Contact {
        last_name: Some("Schmidt".into()),
        job_title: Some(String::new()),
        categories: Some(vec!["c".into()]),
        cleared: BTreeSet::from([contacts::PICTURE]),
        ..Contact::default()
    });
    let expected = Contact {
        last_name: Some("Schmidt".into()),
        job_title: None,
        categories: Some(vec!["c".into()]),
        picture: None,
        ..stored
    };
    assert_eq!(edited, expected);
    assert_eq!(edited.other, [unknown]);
}

#[test]
fn attachments_change_one_by_one() {
    let attachment = |reference: &str| Attachment {
        file_reference: reference.into(),
        display_name: "a".into(),
        ..Attachment::default()
    };
    let mut event = Event {
        attachments: Some(vec![attachment("1"), attachment("2")].into()),
        ..Event::default()
    };
    let change = Attachments {
        add: vec![NewAttachment {
            client_id: Some("n".into()),
            content: Some(Bytes::from_static(&[0, 1])),
            method: Some(AttachmentMethod::Normal),
            ..NewAttachment::default()
        }],
        delete: vec!["1".into()],
        ..Attachments::default()
    };
    let change = Event { subject: Some("s".into()), attachments: Some(change), ..Event::default() };
    assert_eq!(sent(change.clone()), Item::from(change.clone()));
    event.apply(change);
    assert_eq!(event.attachments, Some(vec![attachment("2")].into()));
}

#[test]
fn tasks_are_checked() {
    let done = Task {
        subject: Some("t".into()),
        complete: Some(true),
        date_completed: Some(datetime!(2026-03-01 10:00 UTC)),
        recurrence: Some(TaskRecurrence {
            recurrence: Recurrence { kind: Some(0), interval: Some(1), ..Recurrence::default() },
            start: Some(datetime!(2026-03-01 00:00 UTC)),
            regenerate: Some(true),
            dead_occurrence: Some(false),
        }),
        ..Task::default()
    };
    assert_eq!(done.check(), Ok(()));
    assert_eq!(sent(done.clone()), Item::from(done.clone()));
    assert_eq!(Task::default().check(), Err(TaskFault::WithoutComplete));
    assert_eq!(
        Task { date_completed: None, ..done.clone() }.check(),
        Err(TaskFault::CompletedWithoutDate)
    );
    let lonely = Task { due: done.date_completed, ..done.clone() };
    assert_eq!(lonely.check(), Err(TaskFault::DateWithoutPair));
    let mut startless = done;
    startless.recurrence.as_mut().unwrap().start = None;
    assert_eq!(startless.check(), Err(TaskFault::RecurrenceWithoutStart));
    assert!(Task::TAGS.contains(&tasks::ORDINAL_DATE));
}
