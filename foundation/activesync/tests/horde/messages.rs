use activesync::codepage::{Tag, air_sync, compose_mail, settings};
use activesync::messages::*;
use activesync::query::Version;
use activesync::zone::{NamedZone, ZoneRules};
use bytes::Bytes;
use time::macros::datetime;

/// Something that a client of 16.0 says.
pub(crate) struct Message {
    pub(crate) name: &'static str,
    /// Horde's class, the element whose content it reads, and the command that it takes it for.
    pub(crate) class: &'static str,
    pub(crate) element: &'static str,
    pub(crate) command: &'static str,
    /// That element.
    pub(crate) root: Tag,
    pub(crate) document: Vec<u8>,
}

pub(crate) fn messages() -> Vec<Message> {
    vec![
        item("series", "Appointment", series()),
        item("annotated place", "Appointment", annotated()),
        item("all-day event", "Appointment", holiday()),
        item("draft", "Mail", draft()),
        item("contact", "Contact", contact()),
        item("task", "Task", task()),
        item("note", "Note", note()),
        changed_series(),
        sent_mail(),
        forwarded_meeting(),
        device(),
        absence(),
    ]
}

fn item(name: &'static str, class: &'static str, item: impl Into<Item>) -> Message {
    let command =
        ClientCommand::Add { client_id: "c1".into(), class: None, item: item.into(), send: false };
    let document = sync(command);
    Message {
        name,
        class,
        element: "Data",
        command: "Add",
        root: air_sync::APPLICATION_DATA,
        document,
    }
}

fn sync(command: ClientCommand) -> Vec<u8> {
    let mut request = SyncRequest {
        collections: vec![SyncCollection {
            sync_key: "7".into(),
            collection_id: "2".into(),
            commands: vec![command],
            ..SyncCollection::default()
        }],
        ..SyncRequest::default()
    };
    request.prepare(Version::V16_0, |_| None);
    request.encode()
}

fn berlin() -> ZoneRules {
    NamedZone::find("Europe/Berlin").unwrap().rules_at(datetime!(2026-01-01 00:00 UTC))
}

fn for_upload(mut event: Event) -> Event {
    event.prepare_upload(Version::V16_0);
    assert_eq!(event.check(Version::V16_0), Ok(()));
    event
}

/// With what belongs to the server too, which must not be said.
fn series() -> Event {
    for_upload(Event {
        timezone: Some(berlin()),
        all_day: Some(false),
        busy_status: Some(BusyStatus::Tentative),
        organizer_name: Some("Anna".into()),
        organizer_email: Some("anna@example.test".into()),
        dt_stamp: Some(datetime!(2026-02-01 10:00 UTC)),
        start: Some(datetime!(2026-03-02 08:00 UTC)),
        end: Some(datetime!(2026-03-02 09:30 UTC)),
        place: Some(Box::new(Location {
            street: Some("Straße 1".into()),
            city: Some("Köln".into()),
            state: Some("NRW".into()),
            country: Some("Deutschland".into()),
            postal_code: Some("50667".into()),
            latitude: Some("50.94".into()),
            longitude: Some("6.96".into()),
            accuracy: Some("10".into()),
            altitude: Some("53".into()),
            altitude_accuracy: Some("2".into()),
            location_uri: Some("https://example.test/raum/1".into()),
            ..Location::named("Raum 1")
        })),
        reminder: Some(15),
        sensitivity: Some(Sensitivity::Private),
        subject: Some("Plan <A> & „B“".into()),
        uid: Some("040000008200E000".into()),
        client_uid: Some("uid-1".into()),
        meeting_status: Some(MeetingStatus::ORGANIZED),
        attendees: Some(vec![
            Attendee::required("bob@example.test", "Bob"),
            Attendee {
                kind: Some(AttendeeType::Optional),
                ..Attendee::required("carol@example.test", "Carol")
            },
        ]),
        categories: Some(vec!["Rot".into(), "Grün".into()]),
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
                end: Some(datetime!(2026-03-30 13:00 UTC)),
                subject: Some("Plan B".into()),
                location: Some("Raum 2".into()),
                ..Exception::default()
            },
        ]),
        response_requested: Some(true),
        disallow_new_time_proposal: Some(true),
        body: Some(Body::whole(BodyType::Text, "Bitte kommen\r\n")),
        attachments: Some(Attachments {
            add: vec![NewAttachment {
                client_id: Some("a1".into()),
                display_name: Some("Plan.txt".into()),
                content: Some(Bytes::from_static(b"Inhalt")),
                method: Some(AttachmentMethod::Normal),
                content_type: Some("text/plain".into()),
                ..NewAttachment::default()
            }],
            ..Attachments::default()
        }),
        ..Event::default()
    })
}

fn annotated() -> Event {
    for_upload(Event {
        start: Some(datetime!(2026-05-01 08:00 UTC)),
        end: Some(datetime!(2026-05-01 09:00 UTC)),
        place: Some(Box::new(Location {
            annotation: Some("Hinterhaus".into()),
            ..Location::named("Raum 1")
        })),
        ..Event::default()
    })
}

fn holiday() -> Event {
    for_upload(Event {
        timezone: Some(berlin()),
        all_day: Some(true),
        start: Some(datetime!(2026-05-01 00:00 UTC)),
        end: Some(datetime!(2026-05-02 00:00 UTC)),
        subject: Some("Feiertag".into()),
        busy_status: Some(BusyStatus::Free),
        client_uid: Some("uid-2".into()),
        ..Event::default()
    })
}

fn changed_series() -> Message {
    let change = for_upload(Event {
        start: Some(datetime!(2026-03-16 10:00 UTC)),
        end: Some(datetime!(2026-03-16 11:00 UTC)),
        subject: Some("Einmal später".into()),
        location: Some("Raum 3".into()),
        ..Event::default()
    });
    let document = sync(ClientCommand::Change {
        server_id: "2:7".into(),
        instance: Some(datetime!(2026-03-16 08:00 UTC)),
        item: change.into(),
        send: false,
    });
    Message {
        name: "changed occurrence",
        class: "Appointment",
        element: "Data",
        command: "Modify",
        root: air_sync::APPLICATION_DATA,
        document,
    }
}

fn draft() -> Email {
    let mut draft = Email {
        to: Some("\"Bob\" <bob@example.test>".into()),
        cc: Some("carol@example.test".into()),
        bcc: Some("dave@example.test".into()),
        reply_to: Some("alice@example.test".into()),
        subject: Some("Entwurf".into()),
        importance: Some(Importance::High),
        read: Some(true),
        is_draft: Some(true),
        body: Some(Body::whole(BodyType::Html, "<p>Grüße</p>")),
        attachments: Some(Attachments {
            add: vec![NewAttachment {
                client_id: Some("a1".into()),
                display_name: Some("Bild.png".into()),
                content: Some(Bytes::from_static(b"\x89PNG\r\n\x1a\n\0\0")),
                method: Some(AttachmentMethod::Normal),
                content_type: Some("image/png".into()),
                content_id: Some("bild@1".into()),
                inline: Some(true),
                ..NewAttachment::default()
            }],
            delete: vec!["mail/5/2".into()],
            ..Attachments::default()
        }),
        ..Email::default()
    };
    draft.prepare_draft();
    draft
}

fn contact() -> Contact {
    Contact {
        first_name: Some("Jürgen".into()),
        last_name: Some("Groß".into()),
        file_as: Some("Groß, Jürgen".into()),
        company_name: Some("Example Works".into()),
        email1_address: Some("\"Jürgen Groß\" <jg@example.test>".into()),
        mobile_phone_number: Some("+49 170 1".into()),
        business_address_street: Some("Straße 1".into()),
        business_address_postal_code: Some("50667".into()),
        birthday: Some(datetime!(1980-05-06 00:00 UTC)),
        categories: Some(vec!["Kunde".into()]),
        children: Some(vec!["Kim".into()]),
        nick_name: Some("JG".into()),
        im_address: Some("xmpp:jg@example.test".into()),
        picture: Some(Bytes::from_static(b"\xff\xd8\xff\xe0 photo")),
        body: Some(Body::whole(BodyType::Text, "Notiz")),
        ..Contact::default()
    }
}

fn task() -> Task {
    let task = Task {
        subject: Some("Angebot prüfen".into()),
        importance: Some(Importance::High),
        start_utc: Some(datetime!(2026-03-01 23:00 UTC)),
        start: Some(datetime!(2026-03-02 00:00 UTC)),
        due_utc: Some(datetime!(2026-03-05 23:00 UTC)),
        due: Some(datetime!(2026-03-06 00:00 UTC)),
        categories: Some(vec!["Rot".into()]),
        complete: Some(false),
        sensitivity: Some(Sensitivity::Normal),
        reminder_set: Some(true),
        reminder_time: Some(datetime!(2026-03-06 08:00 UTC)),
        recurrence: Some(TaskRecurrence {
            recurrence: Recurrence {
                kind: Some(1),
                interval: Some(1),
                day_of_week: Some(2),
                first_day_of_week: Some(1),
                ..Recurrence::default()
            },
            start: Some(datetime!(2026-03-02 00:00 UTC)),
            regenerate: Some(false),
            dead_occurrence: Some(false),
        }),
        body: Some(Body::whole(BodyType::Text, "Bis Freitag")),
        ..Task::default()
    };
    assert_eq!(task.check(), Ok(()));
    task
}

fn note() -> Note {
    Note {
        subject: Some("Einkauf".into()),
        message_class: Some(Note::CLASS.into()),
        categories: Some(vec!["Rot".into()]),
        body: Some(Body::whole(BodyType::Text, "Einkauf\r\nMilch")),
        ..Note::default()
    }
}

fn sent_mail() -> Message {
    let request = SendMailRequest {
        client_id: "m1".into(),
        account_id: Some("1".into()),
        save_in_sent_items: true,
        mime: Bytes::from_static(b"From: a@example.test\r\nTo: b@example.test\r\n\r\nHallo\r\n"),
        template_id: None,
    };
    Message {
        name: "sent mail",
        class: "SendMail",
        element: "ComposeMail:SendMail",
        command: "",
        root: compose_mail::SEND_MAIL,
        document: request.encode(),
    }
}

fn forwarded_meeting() -> Message {
    let request = SmartMailRequest {
        forward: true,
        client_id: "m2".into(),
        account_id: None,
        save_in_sent_items: true,
        replace_mime: false,
        source: SmartSource::Item { folder_id: "2".into(), item_id: "2:7".into() },
        instance: None,
        mime: None,
        template_id: None,
        forwardees: vec![Forwardee {
            name: Some("Bob".into()),
            email: Some("bob@example.test".into()),
            ..Forwardee::default()
        }],
        body: None,
    };
    Message {
        name: "forwarded meeting",
        class: "SendMail",
        element: "ComposeMail:SmartForward",
        command: "",
        root: compose_mail::SMART_FORWARD,
        document: request.encode(),
    }
}

fn device() -> Message {
    let request = SettingsRequest {
        device_information: Some(DeviceInformation {
            model: Some("Cordon".into()),
            imei: Some("353918050000000".into()),
            friendly_name: Some("Büro".into()),
            os: Some("Linux".into()),
            os_language: Some("de".into()),
            phone_number: Some("+49 170 1".into()),
            user_agent: Some("Cordon/1".into()),
            mobile_operator: Some("Example".into()),
            enable_outbound_sms: Some(false),
        }),
        ..SettingsRequest::default()
    };
    Message {
        name: "device",
        class: "DeviceInformation",
        element: "Settings:Set",
        command: "",
        root: settings::SET,
        document: request.encode(),
    }
}

fn absence() -> Message {
    let reply = |internal, external_known| OofMessage {
        internal,
        external_known,
        external_unknown: !internal && !external_known,
        enabled: Some(internal),
        reply: Some("Ich bin außer Haus.".into()),
        body_type: Some(OofBodyType::Text),
    };
    let request = SettingsRequest {
        oof: Some(OofRequest::Set(Oof {
            state: Some(OofState::Scheduled),
            start: Some(datetime!(2026-03-02 00:00 UTC)),
            end: Some(datetime!(2026-03-09 00:00 UTC)),
            messages: vec![reply(true, false), reply(false, true), reply(false, false)],
        })),
        ..SettingsRequest::default()
    };
    Message {
        name: "absence",
        class: "Oof",
        element: "Settings:Set",
        command: "",
        root: settings::SET,
        document: request.encode(),
    }
}
