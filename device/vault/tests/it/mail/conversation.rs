//! Mails on the same matter, in whatever folder.

use super::{Store, folder, inbox, item, mail, put_mail};
use pim::{Change, CollectionId, ItemRef, Mail, ServerId, Thread};
use vault::mail::MessageId;

#[test]
fn a_conversation_is_found_in_all_folders() {
    let store = Store::new();
    store.put(&[Change::PutFolder(folder("sent"))]);
    let answer =
        ItemRef { collection: CollectionId("sent".to_owned()), item: ServerId("9".to_owned()) };
    store.put(&[
        put_mail("1", with("matter", Some(1), 1)),
        put_mail("2", with("matter", Some(2), 2)),
        put_mail("3", with("matter", None, 3)),
        put_mail("4", with("matter", None, 4)),
        put_mail("5", with("", None, 5)),
        put_mail("6", with("", None, 6)),
        Change::PutMail { item: answer.clone(), mail: Box::new(with("matter", Some(1), 7)) },
    ]);
    let answer = store.open.mail().find(&answer).unwrap().unwrap();
    let id = |server_id: &str| store.id(server_id);

    assert_eq!(found(&store, id("1")), [answer, id("1")]);
    assert_eq!(found(&store, id("2")), [id("2")]);
    assert_eq!(
        found(&store, id("3")),
        [id("4"), id("3")],
        "the topic, where there is nothing else"
    );
    assert_eq!(found(&store, id("5")), [id("5")]);
    store.put(&[Change::ShowMail { item: item("1"), folder: None }]);
    assert_eq!(found(&store, answer), [answer], "what is to be deleted is not shown");
    store.put(&[Change::ShowMail { item: item("1"), folder: Some(inbox()) }]);
    assert_eq!(found(&store, answer).len(), 2);
    assert_eq!(store.open.mail().conversation(MessageId(99)).unwrap(), None);
}

fn with(topic: &str, conversation: Option<u8>, seconds: i64) -> Mail {
    let conversation = conversation.map(|id| vec![id].into());
    let thread = Thread { conversation, index: None, topic: topic.to_owned() };
    Mail { thread, ..mail(seconds) }
}

fn found(store: &Store, mail: MessageId) -> Vec<MessageId> {
    let mails = store.open.mail().conversation(mail).unwrap().unwrap();
    mails.into_iter().map(|mail| mail.id).collect()
}
