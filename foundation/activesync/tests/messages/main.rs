//! Every message on the wire: its bytes, and that they are read back as the same message.

/// Checks that `decode` turns the bytes of a message into the message, and gives the bytes for a snapshot.
macro_rules! round_trip {
    ($type:ident, $message:expr) => {{
        let message: $type = $message;
        let bytes = message.encode();
        assert_eq!($type::decode(&bytes), Ok(message));
        dump(&bytes)
    }};
    ($type:ident?, $message:expr) => {{
        let message: $type = $message;
        let bytes = message.encode();
        assert_eq!($type::decode(&bytes), Ok(Some(message)));
        dump(&bytes)
    }};
}

#[cfg(test)]
mod dump;
mod folders;
mod items;
mod people;
mod provisioning;
mod syncing;

use activesync::messages::*;
use bytes::Bytes;
use time::macros::datetime;

fn mail() -> Box<Email> {
    Box::new(Email {
        to: Some("\"Alice\" <alice@example.test>".into()),
        from: Some("Jürgen <bob@example.test>".into()),
        subject: Some("Grüße 👋".into()),
        date_received: Some(datetime!(2026-03-01 08:15:00.250 UTC)),
        display_to: Some("Alice".into()),
        thread_topic: Some("Grüße 👋".into()),
        importance: Some(Importance::High),
        read: Some(false),
        attachments: Some(Attachments::from(vec![Attachment {
            display_name: "Plan.pdf".into(),
            file_reference: "5:1%3A0".into(),
            method: AttachmentMethod::Normal,
            estimated_size: Some(4711),
            content_id: Some("a@b".into()),
            content_location: None,
            inline: true,
            ..Attachment::default()
        }])),
        body: Some(Body {
            kind: BodyType::Html,
            estimated_size: Some(99),
            truncated: true,
            data: Some(Bytes::from_static(b"<p>Hallo")),
            preview: Some("Hallo".into()),
            part: None,
        }),
        native_body_type: Some(BodyType::Html),
        message_class: Some("IPM.Note".into()),
        content_class: Some("urn:content-classes:message".into()),
        internet_cpid: Some("65001".into()),
        flag: Some(Flag::active()),
        categories: Some(vec!["Blau".into(), "Rot".into()]),
        conversation_id: Some(Bytes::from_static(&[0, 1, 255])),
        conversation_index: Some(Bytes::from_static(&[1])),
        last_verb: Some(LastVerb::Reply),
        last_verb_at: Some(datetime!(2026-03-01 09:00 UTC)),
        is_draft: Some(false),
        ..Email::default()
    })
}
