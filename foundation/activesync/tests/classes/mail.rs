use activesync::codepage::{air_sync, air_sync_base, email};
use activesync::meeting_id::GlobalObjectId;
use activesync::messages::*;
use activesync::query::Version;
use activesync::status::Status;
use activesync::wbxml::Writer;
use bytes::Bytes;
use time::macros::datetime;

/// Sends a mail as the server's Add and takes it out again.
fn received(mail: &Email) -> Email {
    let mut collection = CollectionAnswer::new("5".into(), Status::OK, Some("1".into()));
    let item = mail.clone().into();
    collection.commands.push(ServerCommand::Add { server_id: "1".into(), class: None, item });
    let answer = SyncAnswer { collections: vec![collection], ..SyncAnswer::default() };
    let mut again = SyncAnswer::decode(&answer.encode()).unwrap().unwrap();
    match again.collections.remove(0).commands.remove(0) {
        ServerCommand::Add { item, .. } => *item.into_email().unwrap(),
        other @ (ServerCommand::Change { .. }
        | ServerCommand::Delete { .. }
        | ServerCommand::SoftDelete { .. }) => panic!("{other:?}"),
    }
}

#[test]
fn classes_go_by_their_longest_known_start() {
    use MessageClass::*;
    for (class, kind) in [
        ("IPM.Note", Note),
        ("IPM.Note.SMIME", Smime),
        ("ipm.note.smime", Smime),
        ("IPM.Note.SMIME.MultipartSigned", SmimeSigned),
        ("IPM.Note.SMIME.Something", Smime),
        ("IPM.Note.SMIMEX", Note),
        ("IPM.Note.Receipt.SMIME", SmimeReceipt),
        ("IPM.Note.Acme.Invoice", Note),
        ("IPM.Schedule.Meeting.Request", MeetingRequest),
        ("IPM.Schedule.Meeting.Canceled", MeetingCancellation),
        ("IPM.Schedule.Meeting.Resp.Pos", MeetingAccepted),
        ("IPM.Schedule.Meeting.Resp.Tent", MeetingTentative),
        ("IPM.Schedule.Meeting.Resp.Neg", MeetingDeclined),
        ("IPM.Notification.Meeting", MeetingNotification),
        ("IPM.Post", Post),
        ("IPM.Note.RPMSG.Microsoft.Voicemail.UM.CA", Voicemail),
        ("REPORT.IPM.Note.NDR", DeliveryReport),
        ("REPORT.IPM.Note.DR", DeliveryReport),
        ("REPORT.IPM.Note.IPNRN", ReadReport),
        ("REPORT.IPM.Note.IPNNRN", ReadReport),
        ("", Note),
    ] {
        assert_eq!(MessageClass::of(class), kind, "{class}");
    }
    assert_eq!(Email::default().class(), Note);
}

#[test]
fn mail_that_is_no_draft_changes_in_three_properties() {
    let mail = || Email {
        subject: Some("s".into()),
        read: Some(true),
        flag: Some(Flag::active()),
        categories: Some(vec!["Rot".into()]),
        is_draft: Some(false),
        ..Email::default()
    };
    let expected = Email { subject: None, is_draft: None, ..mail() };
    let mut change = mail();
    change.prepare_change(Version::V14_0);
    assert_eq!(change, expected);
    let mut change = mail();
    change.prepare_change(Version::V12_1);
    assert_eq!(change, Email { categories: None, ..expected });
}

#[test]
fn drafts_say_what_clients_may_say() {
    let draft = |kind| Email {
        to: Some("a@example.test".into()),
        bcc: Some("b@example.test".into()),
        from: Some("c@example.test".into()),
        importance: Some(Importance::High),
        body: Some(Body::whole(kind, "x")),
        attachments: Some(Attachments { delete: vec!["1".into()], ..Attachments::default() }),
        conversation_id: Some(Bytes::from_static(&[1])),
        is_draft: Some(true),
        ..Email::default()
    };
    let mut text = draft(BodyType::Text);
    text.prepare_draft();
    let expected =
        Email { from: None, conversation_id: None, is_draft: None, ..draft(BodyType::Text) };
    assert_eq!(text, expected);
    let mut mime = draft(BodyType::Mime);
    mime.prepare_draft();
    let expected = Email { to: None, bcc: None, body: mime.body.clone(), ..expected };
    assert_eq!(mime, expected);
}

#[test]
fn the_server_names_what_it_gave_to_a_draft() {
    let mut collection = CollectionAnswer::new("3".into(), Status::OK, Some("2".into()));
    let attachment = Attachment {
        file_reference: "3:1:0".into(),
        client_id: Some("a1".into()),
        ..Attachment::default()
    };
    let given = Email {
        conversation_id: Some(Bytes::from_static(&[7; 16])),
        attachments: Some(vec![attachment].into()),
        ..Email::default()
    };
    let instance = Some(datetime!(2026-03-16 08:00 UTC));
    collection.responses = vec![
        CommandResult::Add {
            client_id: "c1".into(),
            server_id: Some("3:1".into()),
            status: Status::OK,
            item: Some(given.into()),
        },
        CommandResult::Change { server_id: "2:1".into(), instance, status: Status(6), item: None },
        CommandResult::Delete { server_id: "2:1".into(), instance, status: Status(8) },
    ];
    let answer = SyncAnswer { collections: vec![collection], ..SyncAnswer::default() };
    assert_eq!(SyncAnswer::decode(&answer.encode()), Ok(Some(answer)));
}

#[test]
fn everything_about_a_mail_comes_back() {
    let mail = Email {
        subject: Some("s".into()),
        body_part: Some(BodyPart {
            status: Status::OK,
            body: Body { truncated: true, ..Body::whole(BodyType::Html, "<p>neu") },
        }),
        conversation_id: Some(Bytes::from_static(&[0, 1, 255])),
        conversation_index: Some(Bytes::from_static(&[1, 2, 3, 4, 5])),
        last_verb: Some(LastVerb::Forward),
        account_id: Some("a".into()),
        um_caller_id: Some("+49".into()),
        um_duration: Some(17),
        attachments: Some(
            vec![Attachment {
                file_reference: "r".into(),
                voice_seconds: Some(17),
                voice_order: Some(1),
                ..Attachment::default()
            }]
            .into(),
        ),
        rights: Some(Box::new(RightsLicense {
            owner: Some(false),
            extract_allowed: Some(false),
            content_expiry: Some(datetime!(2027-01-01 00:00 UTC)),
            template_name: Some("Vertraulich".into()),
            ..RightsLicense::default()
        })),
        ..Email::default()
    };
    assert_eq!(received(&mail), mail);
    let too_large = BodyPart {
        status: Status(176),
        body: Body { estimated_size: None, data: None, ..Body::whole(BodyType::Html, "") },
    };
    let mail = Email { subject: Some("s".into()), body_part: Some(too_large), ..Email::default() };
    assert_eq!(received(&mail), mail);
}

#[test]
fn meetings_are_known_by_one_id_in_both_forms() {
    let uid = "7a1f@example.test";
    let old = MeetingRequest {
        global_object_id: Some(GlobalObjectId::from_uid(uid).to_bytes().into()),
        ..MeetingRequest::default()
    };
    let new = MeetingRequest { uid: Some(uid.into()), ..MeetingRequest::default() };
    assert_eq!(old.meeting_uid().as_deref(), Some(uid));
    assert_eq!(new.meeting_uid().as_deref(), Some(uid));
    let broken = MeetingRequest {
        global_object_id: Some(Bytes::from_static(&[1, 2, 3])),
        ..MeetingRequest::default()
    };
    assert_eq!(broken.meeting_uid(), None);
}

#[test]
fn not_every_invitation_wants_an_answer() {
    let request = |kind, wanted| MeetingRequest {
        message_type: kind,
        response_requested: wanted,
        ..MeetingRequest::default()
    };
    assert!(request(None, None).wants_answer());
    assert!(request(Some(MeetingMessageType::FullUpdate), Some(true)).wants_answer());
    assert!(!request(Some(MeetingMessageType::Delegated), Some(true)).wants_answer());
    assert!(!request(None, Some(false)).wants_answer());
}

#[test]
fn one_bad_entry_leaves_the_others() {
    let bytes = Writer::document(air_sync::SYNC, |root| {
        root.container(air_sync::COLLECTIONS, |list| {
            list.container(air_sync::COLLECTION, |collection| {
                collection.text(air_sync::COLLECTION_ID, "5");
                collection.container(air_sync::RESPONSES, |list| {
                    list.container(air_sync::ADD, |add| add.text(air_sync::STATUS, "1"));
                });
                collection.container(air_sync::COMMANDS, |commands| {
                    commands.container(air_sync::DELETE, |_| {});
                    commands.container(air_sync::ADD, |add| {
                        add.text(air_sync::SERVER_ID, "5:1");
                        add.container(air_sync::APPLICATION_DATA, |data| {
                            data.text(email::SUBJECT, "s");
                            data.container(email::MEETING_REQUEST, |meeting| {
                                meeting.text(email::TIME_ZONE, "***");
                                meeting.text(email::GLOBAL_OBJ_ID, "***");
                                meeting.text(email::START_TIME, "soon");
                                meeting.text(email::INSTANCE_TYPE, "99");
                                meeting.text(email::ORGANIZER, "Anna");
                            });
                            data.container(air_sync_base::ATTACHMENTS, |list| {
                                list.container(air_sync_base::ATTACHMENT, |_| {});
                            });
                        });
                    });
                });
            });
        });
    });
    let answer = SyncAnswer::decode(&bytes).unwrap().unwrap();
    let mail = Email {
        subject: Some("s".into()),
        meeting_request: Some(Box::new(MeetingRequest {
            organizer: Some("Anna".into()),
            ..MeetingRequest::default()
        })),
        attachments: Some(Attachments::default()),
        ..Email::default()
    };
    let add = ServerCommand::Add { server_id: "5:1".into(), class: None, item: mail.into() };
    assert_eq!(answer.collections[0].commands, [add]);
    assert_eq!(answer.collections[0].responses, []);
}
