//! The life of a draft.

use super::{Store, at, mail, put_mail};
use activesync::messages::{FolderKind, Importance};
use activesync::query::Version;
use pim::{
    AccountRecord, Body, BodyState, Change, CollectionId, DraftConflict, DraftEdit, DraftRecord,
    FolderRecord, ItemRef, Mail, ServerId, Text,
};
use vault::mail::{DraftChange, DraftId, DraftKind, DraftState, DraftText, DraftView, NewMail};

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
        importance: Some(Importance::Normal),
        ..DraftText::default()
    };
    let drafts = store.open.mail();
    let id = done(drafts.save_draft(None, &text, at(5)).unwrap());
    let file = done(drafts.add_draft_file(id, "q3.pdf", "application/pdf", b"bytes").unwrap());
    let other = done(drafts.add_draft_file(id, "x", "text/plain", b"xx").unwrap());
    done(drafts.remove_draft_file(id, other).unwrap());
    let longer = DraftText { text: "Hallo Bob".to_owned(), ..text };
    let saved = DraftText { importance: None, ..longer.clone() };
    assert_eq!(drafts.save_draft(Some(id), &saved, at(9)).unwrap(), DraftChange::Done(id));

    let store = store.reopened();
    let drafts = store.open.mail();
    drafts.sweep().unwrap();
    let [kept] = &drafts.drafts().unwrap()[..] else { panic!("one draft") };
    assert_eq!((kept.id, kept.saved, &kept.text), (id, at(9), &longer));
    assert_eq!((kept.files.len(), kept.files[0].id, kept.files[0].size), (1, file, 5));
    assert_eq!((&kept.state, kept.whole, kept.message), (&DraftState::Here, true, None));
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
    assert_eq!(drafts.drafts().unwrap(), Vec::new(), "it went in the same step");
    assert!(!drafts.remove_draft(id, false).unwrap());
    store.put(&[Change::DropDraft(id)]);
    assert_eq!(store.files(), 1, "its file went with it");
}

#[test]
fn what_is_not_there_is_not_kept() {
    let store = Store::new();
    let drafts = store.open.mail();
    let nowhere = DraftId(9);
    let saved = drafts.save_draft(Some(nowhere), &DraftText::default(), at(1)).unwrap();
    assert_eq!(saved, DraftChange::Missing);
    assert_eq!(drafts.add_draft_file(nowhere, "x", "", b"x").unwrap(), DraftChange::Missing);
    assert_eq!((drafts.draft(nowhere).unwrap(), store.files()), (None, 0));
    assert!(!drafts.remove_draft(nowhere, false).unwrap());
}

#[test]
fn a_draft_of_the_servers_is_written_on_once_it_is_whole() {
    let store = store_of_drafts();
    let drafts = store.open.mail();
    let partial = Body { state: BodyState::Partial, ..mail(1).body };
    store.put(&[put_draft_mail(partial)]);
    let shown = taken_in(&store);
    assert_eq!((shown.whole, shown.files.len(), shown.files[0].local), (false, 1, false));
    let text = DraftText { text: "Anders".to_owned(), ..shown.text.clone() };
    let refused = drafts.save_draft(Some(shown.id), &text, at(9)).unwrap();
    assert_eq!(refused, DraftChange::Incomplete);
    let nothing = drafts.remove_draft_file(shown.id, shown.files[0].id).unwrap();
    assert_eq!(nothing, DraftChange::Incomplete);

    let body = mail(1).body;
    store.put(&[Change::PutBody { item: there(), body, attachments: None }]);
    let [(file, reference)] = &drafts.draft_files_to_fetch(shown.id).unwrap()[..] else {
        panic!("one file")
    };
    assert!(!drafts.keep_draft_file(*file, "another", b"bytes").unwrap());
    assert!(drafts.keep_draft_file(*file, reference, b"bytes").unwrap());
    let whole = taken_in(&store);
    assert_eq!((whole.whole, whole.state, store.files()), (true, DraftState::Synced, 1));
    assert_eq!(drafts.saved(0).unwrap().drafts, []);
    assert_eq!(
        drafts.save_draft(Some(shown.id), &text, at(9)).unwrap(),
        DraftChange::Done(whole.id)
    );

    let store = store.reopened();
    let [record] = &store.open.mail().saved(0).unwrap().drafts[..] else { panic!("one draft") };
    assert_eq!((record.item.as_ref(), record.refused.as_ref()), (Some(&there()), None));
    let Some(DraftEdit::Put(edit)) = &record.edit else { panic!("{record:?}") };
    let base = record.base.as_ref().unwrap();
    assert_eq!((edit.text.as_str(), base.text.as_str()), ("Anders", "Guten Tag"));
    assert_eq!(edit.files, base.files);
    assert_eq!(taken_in(&store).state, DraftState::Waiting);
}

#[test]
fn what_synchronisation_notes_does_not_touch_what_was_written_since() {
    let store = store_of_drafts();
    let drafts = store.open.mail();
    let text = DraftText { text: "Eins".to_owned(), ..DraftText::default() };
    let id = done(drafts.save_draft(None, &text, at(1)).unwrap());
    let record = drafts.draft_record(id).unwrap().unwrap();
    let newer = DraftText { text: "Zwei".to_owned(), ..DraftText::default() };
    done(drafts.save_draft(Some(id), &newer, at(2)).unwrap());

    let Some(DraftEdit::Put(sent)) = record.edit.clone() else { panic!("{record:?}") };
    let taken = DraftRecord {
        item: Some(there()),
        base: Some(sent.clone()),
        edit: None,
        refused: Some("status_6".to_owned()),
        conflict: Some(DraftConflict::Changed),
        ..record
    };
    store.put(&[put_draft_mail(mail(1).body), Change::PutDraft(taken)]);

    let open = drafts.draft_record(id).unwrap().unwrap();
    let Some(DraftEdit::Put(edit)) = &open.edit else { panic!("{open:?}") };
    assert_eq!((edit.text.as_str(), open.base), ("Zwei", Some(sent)));
    assert_eq!((open.item, open.refused, open.conflict), (Some(there()), None, None));
}

#[test]
fn a_draft_without_an_open_change_follows_the_server_and_goes_with_its_mail() {
    let store = store_of_drafts();
    store.put(&[put_draft_mail(mail(1).body)]);
    let first = taken_in(&store);
    let body = Body { text: Text::Html("<p>Neu</p>".to_owned()), ..mail(1).body };
    store.put(&[put_draft_mail(body)]);
    let second = taken_in(&store);
    assert_eq!((second.id, second.text.text.as_str()), (first.id, "Neu"));
    assert_eq!(store.open.mail().draft_of(second.message.unwrap()).unwrap(), Some(first.id));

    store.put(&[Change::RemoveMail(there())]);
    assert_eq!(store.open.mail().drafts().unwrap(), []);

    store.put(&[put_draft_mail(mail(1).body)]);
    let third = taken_in(&store);
    assert!(store.open.mail().remove_draft(third.id, false).unwrap());
    let record = store.open.mail().draft_record(third.id).unwrap().unwrap();
    assert_eq!(record.edit, Some(DraftEdit::Delete { for_good: false }));
    let to = ItemRef { collection: super::inbox(), item: ServerId("9".to_owned()) };
    store.put(&[Change::MoveMail { from: there(), to }]);
    let moved = store.open.mail().draft_record(third.id).unwrap().unwrap();
    assert_eq!((moved.item, moved.base), (None, None), "in another folder it is no draft");
}

#[test]
fn a_policy_holds_for_the_servers_drafts_and_not_for_what_is_nowhere_else() {
    let store = store_of_drafts();
    store.put(&[put_draft_mail(mail(1).body)]);
    let draft = taken_in(&store);
    let (file, reference) = store.open.mail().draft_files_to_fetch(draft.id).unwrap().remove(0);
    assert!(store.open.mail().keep_draft_file(file, &reference, b"bytes").unwrap());
    let own = done(store.open.mail().save_draft(None, &DraftText::default(), at(1)).unwrap());
    done(store.open.mail().add_draft_file(own, "own.txt", "text/plain", b"own bytes").unwrap());
    assert_eq!(store.files(), 2);

    let keep = pim::Keep {
        attachments: false,
        largest_attachment: None,
        html: true,
        longest_text: Some(1),
        longest_html: None,
    };
    store.put(&[Change::Enforce(keep)]);
    let there = store.open.mail().draft(draft.id).unwrap().unwrap();
    assert_eq!((there.text.text.as_str(), there.whole), ("", false));
    assert!(there.files.iter().all(|file| !file.local));
    let here = store.open.mail().draft(own).unwrap().unwrap();
    assert!(here.whole && here.files.iter().all(|file| file.local));
    assert_eq!(store.files(), 1);

    let limits = pim::Limits { attachments: false, ..pim::Limits::default() };
    let version = Some(Version::V16_1);
    store.put(&[Change::PutAccount(AccountRecord { version, limits, ..AccountRecord::default() })]);
    assert!(!store.open.mail().keep_draft_file(file, &reference, b"bytes").unwrap());
    assert_eq!(store.files(), 1);
}

/// A container whose server keeps drafts.
fn store_of_drafts() -> Store {
    let store = Store::new();
    let account = AccountRecord { version: Some(Version::V16_1), ..AccountRecord::default() };
    let folder = FolderRecord { kind: FolderKind::Drafts, ..super::folder("drafts") };
    store.put(&[Change::PutAccount(account), Change::PutFolder(folder)]);
    store
}

fn there() -> ItemRef {
    ItemRef { collection: CollectionId("drafts".to_owned()), item: ServerId("d1".to_owned()) }
}

fn put_draft_mail(body: Body) -> Change {
    let attachments = vec![super::attachment("d1:0", false)];
    let mail = Mail { body, attachments, ..mail(1) };
    Change::PutMail { item: there(), mail: Box::new(mail) }
}

fn taken_in(store: &Store) -> DraftView {
    store.open.mail().adopt_drafts().unwrap();
    let drafts = store.open.mail().drafts().unwrap();
    let [draft] = <[DraftView; 1]>::try_from(drafts).unwrap();
    draft
}

fn done<T: std::fmt::Debug>(change: DraftChange<T>) -> T {
    match change {
        DraftChange::Done(done) => done,
        DraftChange::Incomplete | DraftChange::Missing => panic!("{change:?}"),
    }
}
