//! The life of a mail in the outbox.

use super::{Store, at, folder, item, mail, person, put_mail};
use pim::{Change, CollectionId, ItemRef, OutboxRecord, OutboxState, ServerId};
use vault::mail::{NewMail, Original};

#[test]
fn a_mail_waits_is_sent_fails_and_goes() {
    let store = Store::new();
    let mail = queue(&store, 1);
    // Its names and its bytes are on disk before anything of it is sent.
    let store = store.reopened();
    let saved = |store: &Store| store.open.mail().saved(0).unwrap().outbox;
    assert_eq!(saved(&store), std::slice::from_ref(&mail));
    let bytes = store.open.mail().outbox_bytes(mail.id).unwrap().unwrap();
    assert_eq!(bytes.as_slice(), b"Subject: 1\r\n\r\nHallo");

    let sending = OutboxRecord { state: OutboxState::Sending, tries: 1, ..mail.clone() };
    store.put(&[Change::PutOutbox(sending.clone())]);
    let store = store.reopened();
    assert_eq!(saved(&store), [sending]);

    let failed = OutboxState::Failed("no_recipient".to_owned());
    store.put(&[Change::PutOutbox(OutboxRecord { state: failed, tries: 1, ..mail.clone() })]);
    insta::assert_debug_snapshot!(store.open.mail().outbox().unwrap(), @r#"
    [
        OutboxView {
            id: OutboxId(
                1,
            ),
            to: [
                Mailbox {
                    name: "Bob",
                    address: "bob@example.org",
                },
            ],
            subject: "Hallo",
            created: 2026-01-01 0:00:03.0 +00:00:00,
            state: Failed(
                "no_recipient",
            ),
        },
    ]
    "#);

    store.put(&[Change::RemoveOutbox(mail.id)]);
    assert_eq!((store.open.mail().outbox().unwrap(), store.files()), (Vec::new(), 0));
    assert_eq!(store.open.mail().outbox_bytes(mail.id).unwrap(), None);
    // The server's word on a mail that the user dropped meanwhile brings nothing back.
    store.put(&[Change::PutOutbox(mail)]);
    assert_eq!(saved(&store), []);
}

#[test]
fn no_two_mails_have_a_name_in_common() {
    let store = Store::new();
    let first = queue(&store, 1);

    assert!(store.open.mail().queue(new_mail("client-1", "other@example.org", b"x")).is_err());
    assert!(store.open.mail().queue(new_mail("other", "1@example.org", b"x")).is_err());

    let second = queue(&store, 2);
    assert!(second.id > first.id);
    assert_eq!(store.open.mail().sweep().unwrap(), 2, "the files of those that were refused");
    assert!(store.open.mail().outbox_bytes(first.id).unwrap().is_some());
}

#[test]
fn a_mail_whose_bytes_are_gone_is_a_fault() {
    let store = Store::new();
    let mail = queue(&store, 1);
    for file in std::fs::read_dir(store.ground.directory().join("files/mail")).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }

    assert!(store.open.mail().outbox_bytes(mail.id).is_err());
    assert_eq!(store.open.mail().outbox().unwrap().len(), 1);
}

#[test]
fn an_answer_finds_its_original_where_it_is() {
    let store = Store::new();
    store.put(&[Change::PutFolder(folder("archive")), put_mail("1", mail(1))]);
    let original = Some(Original { message: store.id("1"), forward: true });
    let mail = NewMail { original, ..new_mail("client", "1@example.org", b"x") };
    let queued = store.open.mail().queue(mail).unwrap();
    let expected = |item| Some(pim::Original { item, forward: true });
    assert_eq!(queued.original, expected(Some(item("1"))));

    let there =
        ItemRef { collection: CollectionId("archive".to_owned()), item: ServerId("x".to_owned()) };
    let saved = |store: &Store| store.open.mail().saved(0).unwrap().outbox[0].original.clone();
    store.put(&[Change::MoveMail { from: item("1"), to: there.clone() }]);
    assert_eq!(saved(&store), expected(Some(there.clone())));
    // The server told of it under the new id first.
    store.put(&[put_mail("2", super::mail(1)), Change::MoveMail { from: there, to: item("2") }]);
    assert_eq!(saved(&store), expected(Some(item("2"))));

    store.put(&[Change::RemoveMail(item("2"))]);
    assert_eq!(saved(&store), expected(None), "it is not sent as if nothing were to be added");
}

pub(super) fn queue(store: &Store, number: u32) -> OutboxRecord {
    let bytes = format!("Subject: {number}\r\n\r\nHallo");
    let (client_id, message_id) = (format!("client-{number}"), format!("{number}@example.org"));
    store.open.mail().queue(new_mail(&client_id, &message_id, bytes.as_bytes())).unwrap()
}

fn new_mail<'a>(client_id: &'a str, message_id: &'a str, bytes: &'a [u8]) -> NewMail<'a> {
    let to = Box::leak(Box::new([person("Bob", "bob@example.org")]));
    NewMail {
        client_id,
        message_id,
        created: at(3),
        to,
        subject: "Hallo",
        bytes,
        original: None,
        draft: None,
    }
}
