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

#[test]
fn an_item_is_kept_with_everything_and_read_again() {
    for item in [
        Item::from(Contact {
            last_name: Some("Bergström".to_owned()),
            picture: Some(Bytes::from_static(&[0xff, 0xd8, 0])),
            other: vec![Element {
                tag: Tag::new(1, 0x3f),
                content: Content::Text(Bytes::from_static(b"x")),
            }],
            ..Contact::default()
        }),
        Item::from(Note { subject: Some(String::new()), ..Note::default() }),
        Item::empty(Class::Tasks),
    ] {
        let class = item.class().unwrap();
        assert_eq!(Item::from_document(class, &item.to_document()).unwrap(), item);
    }
    assert!(Item::from_document(Class::Notes, b"no document").is_err());
}

#[test]
fn a_change_of_properties_that_every_class_has_changes_an_item_of_any_class() {
    let mut note: Item = Note { subject: Some("Milk".to_owned()), ..Note::default() }.into();
    let body = Body::whole(BodyType::Text, "two litres");
    let change = Note { body: Some(body.clone()), ..Note::default() };
    let change = sent(change);
    assert_eq!(change.class(), None, "only its body is there");

    note.apply(change);

    let note = note.into_note().unwrap();
    assert_eq!((note.subject.as_deref(), note.body), (Some("Milk"), Some(body)));
}

#[test]
fn a_change_of_another_class_changes_nothing() {
    let note: Item = Note { subject: Some("Milk".to_owned()), ..Note::default() }.into();
    let mut changed = note.clone();
    changed.apply(Task { subject: Some("Buy milk".to_owned()), ..Task::default() }.into());
    assert_eq!(changed, note);
    assert_eq!(Item::empty(Class::Contacts), note.of_class(Class::Contacts));
}

#[test]
fn an_item_tells_which_properties_it_has_or_clears() {
    let task = Task {
        subject: Some("x".to_owned()),
        cleared: [tasks::DUE_DATE].into(),
        ..Task::default()
    };
    assert_eq!(Item::from(task).tags(), [tasks::SUBJECT, tasks::DUE_DATE].into());
}
