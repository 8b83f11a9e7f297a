//! The life of a draft.

use super::{Store, at, mail, put_mail};
use pim::Change;
use vault::mail::{DraftId, DraftKind, DraftText, NewMail};

#[test]
fn a_draft_is_kept_with_its_files_until_it_is_sent() {
    let store = Store::new();
    store.put(&[put_mail("1", mail(1))]);
    let text = DraftText {
        to: vec!["bob@example.org".to_owned(), "half an addr".to_owned()],
        subject: "Re: Zahlen".to_owned(),
        text: "Hallo".to_owned(),
        kind: DraftKind::Reply,
        original: Some(store.id("1")),
        ..DraftText::default()
    };
    let drafts = store.open.mail();
    let id = drafts.save_draft(None, &text, at(5)).unwrap().unwrap();
    let file = drafts.add_draft_file(id, "q3.pdf", "application/pdf", b"bytes").unwrap().unwrap();
    let other = drafts.add_draft_file(id, "x", "text/plain", b"xx").unwrap().unwrap();
    assert!(drafts.remove_draft_file(id, other).unwrap());
    let longer = DraftText { text: "Hallo Bob".to_owned(), ..text };
    assert_eq!(drafts.save_draft(Some(id), &longer, at(9)).unwrap(), Some(id));

    let store = store.reopened();
    let drafts = store.open.mail();
    drafts.sweep().unwrap();
    let [kept] = &drafts.drafts().unwrap()[..] else { panic!("one draft") };
    assert_eq!((kept.id, kept.saved, &kept.text), (id, at(9), &longer));
    assert_eq!((kept.files.len(), kept.files[0].id, kept.files[0].size), (1, file, 5));
    assert_eq!(drafts.draft_bytes(file).unwrap().unwrap().as_slice(), b"bytes");
    assert_eq!((drafts.draft_bytes(other).unwrap(), store.files()), (None, 1));

    store.put(&[Change::RemoveMail(super::item("1"))]);
    assert_eq!(drafts.draft(id).unwrap().unwrap().text.original, None);
    let to = [super::person("Bob", "bob@example.org")];
    let queued = drafts.queue(NewMail {
        client_id: "c",
        message_id: "m@x",
        created: at(10),
        to: &to,
        subject: "Re: Zahlen",
        bytes: b"mail",
        original: None,
        draft: Some(id),
    });
    assert!(queued.is_ok());
    assert_eq!((drafts.drafts().unwrap(), store.files()), (Vec::new(), 1), "its file went with it");
}

#[test]
fn what_is_not_there_is_not_kept() {
    let store = Store::new();
    let drafts = store.open.mail();
    let nowhere = DraftId(9);
    assert_eq!(drafts.save_draft(Some(nowhere), &DraftText::default(), at(1)).unwrap(), None);
    assert_eq!(drafts.add_draft_file(nowhere, "x", "", b"x").unwrap(), None);
    assert_eq!((drafts.draft(nowhere).unwrap(), store.files()), (None, 0));
    assert!(!drafts.remove_draft(nowhere).unwrap());
}
