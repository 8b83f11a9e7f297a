//! The bytes of attachments.

use super::{Store, attachment, inbox, item, mail, put_mail};
use pim::{AccountRecord, Body, BodyState, Change, Keep, Limits, Saved, SearchQuery, Text};
use std::fs;
use time::UtcOffset;
use vault::mail::{AttachmentId, Scope};

#[test]
fn the_bytes_of_an_attachment_are_kept_and_read() {
    let store = with_attachment();
    let id = only(&store);
    assert_eq!(store.open.mail().attachment_bytes(id).unwrap(), None);

    assert!(store.open.mail().keep_attachment(id, "application/pdf", b"nine byte").unwrap());

    let store = store.reopened();
    let view = store.open.mail().attachment(id).unwrap().unwrap();
    assert_eq!((view.local, view.size, view.media_type.as_str()), (true, 9, "application/pdf"));
    assert_eq!(store.open.mail().attachment_bytes(id).unwrap().unwrap().as_slice(), b"nine byte");
}

#[test]
fn files_go_with_their_rows() {
    let store = with_attachment();
    let keep = |store: &Store| {
        assert!(store.open.mail().keep_attachment(only(store), "", b"bytes").unwrap());
        assert_eq!(store.files(), 1);
    };

    keep(&store);
    // Fetched once more: the old file is replaced.
    keep(&store);
    store.put(&[put_mail("1", mail(1))]);
    assert_eq!(store.files(), 0);

    store.put(&[put_mail("1", pim::Mail { attachments: vec![attachment("a", false)], ..mail(1) })]);
    keep(&store);
    store.put(&[Change::RemoveMail(item("1"))]);
    assert_eq!(store.files(), 0);

    store.put(&[put_mail("1", pim::Mail { attachments: vec![attachment("a", false)], ..mail(1) })]);
    keep(&store);
    store.put(&[Change::RemoveFolder(inbox())]);
    assert_eq!(store.files(), 0);
}

#[test]
fn an_attachment_is_put_together_from_its_ranges() {
    let store = with_attachment();
    let id = only(&store);
    let keep = |start, bytes: &[u8]| store.open.mail().keep_part(id, start, bytes).unwrap();
    let progress = |store: &Store| store.open.mail().attachment_progress(id).unwrap();
    assert_eq!(progress(&store), 0);
    assert!(keep(0, b"one "));
    assert!(!keep(0, b"one "), "it is here");
    assert!(keep(9, b"after a gap"));
    assert_eq!((progress(&store), store.files()), (4, 2));
    assert_eq!(store.open.mail().attachment(id).unwrap().unwrap().arrived, 15);
    assert_eq!(store.open.mail().sweep().unwrap(), 0);
    assert!(keep(4, b"two, "));

    let store = store.reopened();

    assert_eq!(progress(&store), 20);
    let whole = store.open.mail().join_parts(id).unwrap().unwrap();
    assert_eq!(whole.as_slice(), b"one two, after a gap");
    assert!(store.open.mail().keep_attachment(id, "", &whole).unwrap());
    assert_eq!((progress(&store), store.files()), (0, 1));
    assert!(!store.open.mail().keep_part(id, 0, b"late").unwrap(), "it needs none any more");
    assert_eq!(store.files(), 1);
}

#[test]
fn ranges_go_with_the_attachment() {
    let store = with_attachment();
    let id = only(&store);
    let keep = |store: &Store| assert!(store.open.mail().keep_part(id, 0, b"one ").unwrap());
    keep(&store);
    store.open.mail().forget_parts(id).unwrap();
    assert_eq!((store.open.mail().attachment_progress(id).unwrap(), store.files()), (0, 0));

    keep(&store);
    for file in fs::read_dir(store.ground.directory().join("files/mail")).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    assert_eq!(store.open.mail().join_parts(id).unwrap(), None);
    store.open.mail().forget_parts(id).unwrap();

    keep(&store);
    store.put(&[Change::RemoveMail(item("1"))]);
    assert_eq!(store.files(), 0);
}

#[test]
fn erasing_leaves_the_account_alone() {
    let store = with_attachment();
    assert!(store.open.mail().keep_attachment(only(&store), "", b"bytes").unwrap());
    let account = AccountRecord { policy_key: 7, ..AccountRecord::default() };

    store.put(&[Change::PutAccount(account.clone()), Change::Erase]);

    assert_eq!(store.files(), 0);
    assert_eq!(store.open.mail().saved(10).unwrap(), Saved { account, ..Saved::default() });
}

#[test]
fn bytes_that_come_too_late_are_not_kept() {
    let store = with_attachment();
    let id = only(&store);
    store.put(&[Change::RemoveMail(item("1"))]);

    assert!(!store.open.mail().keep_attachment(id, "", b"bytes").unwrap());
    assert_eq!(store.files(), 0);
    assert_eq!(store.open.mail().attachment(id).unwrap(), None);
    assert_eq!(store.open.mail().attachment_bytes(id).unwrap(), None);
}

#[test]
fn a_sweep_takes_orphans_and_nothing_else() {
    let store = with_attachment();
    let id = only(&store);
    assert!(store.open.mail().keep_attachment(id, "", b"bytes").unwrap());
    let waiting = super::outbox::queue(&store, 1);
    // Written, and then the process ended before a row named it.
    store.open.files(vault::FileOwner::MAIL).put(b"orphan").unwrap();
    assert_eq!(store.files(), 3);

    assert_eq!(store.open.mail().sweep().unwrap(), 1);
    assert_eq!(store.open.mail().sweep().unwrap(), 0);

    assert_eq!(store.open.mail().attachment_bytes(id).unwrap().unwrap().as_slice(), b"bytes");
    assert!(store.open.mail().outbox_bytes(waiting.id).unwrap().is_some());
}

#[test]
fn a_sweep_does_not_race_with_what_is_being_kept() {
    let store = with_attachment();
    let id = only(&store);

    std::thread::scope(|scope| {
        let kept = scope.spawn(|| {
            for _ in 0..20 {
                assert!(store.open.mail().keep_attachment(id, "", b"bytes").unwrap());
                let bytes = store.open.mail().attachment_bytes(id).unwrap();
                assert_eq!(bytes.unwrap().as_slice(), b"bytes");
            }
        });
        while !kept.is_finished() {
            store.open.mail().sweep().unwrap();
        }
    });
}

#[test]
fn a_file_that_somebody_deleted_is_fetched_again() {
    let store = with_attachment();
    let id = only(&store);
    assert!(store.open.mail().keep_attachment(id, "", b"bytes").unwrap());
    for file in fs::read_dir(store.ground.directory().join("files/mail")).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }

    assert_eq!(store.open.mail().attachment_bytes(id).unwrap(), None);
    assert!(!store.open.mail().attachment(id).unwrap().unwrap().local);
}

fn with_attachment() -> Store {
    let store = Store::new();
    store.put(&[put_mail("1", pim::Mail { attachments: vec![attachment("a", false)], ..mail(1) })]);
    store
}

fn only(store: &Store) -> AttachmentId {
    store.message("1").attachments[0].id
}

#[test]
fn what_a_policy_forbids_goes() {
    let keep = Keep {
        attachments: true,
        largest_attachment: None,
        html: true,
        longest_text: None,
        longest_html: None,
    };
    let store = with_attachment();
    assert!(store.open.mail().keep_attachment(only(&store), "", b"bytes").unwrap());
    let texts =
        [("plain", Text::Plain("weiß".to_owned())), ("html", Text::Html("<b>Bunt</b>".to_owned()))];
    for (id, text) in texts {
        let body = Body { text, preview: "Anfang".to_owned(), ..mail(1).body };
        store.put(&[put_mail(id, pim::Mail { body, ..mail(1) })]);
    }
    let texts = || ["plain", "html"].map(|id| store.message(id).text != Text::None);
    let previews = || -> Vec<String> {
        let page = store.open.mail().messages(store.inbox(), 0, 9).unwrap().unwrap();
        page.items.into_iter().map(|mail| mail.preview).collect()
    };
    let found = |word: &str| {
        let query = SearchQuery::parse(word);
        let scope = Scope { folder: None, zone: UtcOffset::UTC };
        store.open.mail().search(&query, scope, 0, 9).unwrap().unwrap().page.total
    };

    store.put(&[Change::Enforce(Keep {
        largest_attachment: Some(5),
        longest_text: Some(5),
        ..keep
    })]);
    assert_eq!((store.files(), texts()), (1, [true, true]));
    store.put(&[Change::Enforce(Keep { largest_attachment: Some(4), ..keep })]);
    assert_eq!(store.files(), 0);
    assert!(store.open.mail().keep_attachment(only(&store), "", b"").unwrap());
    store.put(&[Change::Enforce(Keep { attachments: false, ..keep })]);
    assert_eq!(store.files(), 0);

    assert_eq!(found("bunt"), 1);
    store.put(&[Change::Enforce(Keep { html: false, ..keep })]);
    assert_eq!((texts(), found("bunt")), ([true, false], 0));
    assert_eq!(store.message("html").body_state, BodyState::Partial);
    store.put(&[Change::Enforce(Keep { longest_text: Some(4), ..keep })]);
    assert_eq!(texts(), [false, false], "characters are no bytes");
    assert!(previews().contains(&"Anfang".to_owned()));
    store.put(&[Change::Enforce(Keep { longest_text: Some(0), ..keep })]);
    assert_eq!(previews(), ["", "", ""]);
    let unfetched = store.open.mail().saved(9).unwrap().unfetched;
    assert_eq!(unfetched, [item("html"), item("plain"), item("1")]);

    // What was on its way meanwhile comes too late.
    let limits = Limits { attachments: false, ..Limits::default() };
    store.put(&[Change::PutAccount(AccountRecord { limits, ..AccountRecord::default() })]);
    assert!(!store.open.mail().keep_attachment(only(&store), "", b"bytes").unwrap());
    assert!(!store.open.mail().keep_part(only(&store), 0, b"bytes").unwrap());
    assert_eq!(store.files(), 0);
}
