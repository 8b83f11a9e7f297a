//! Rounds from key 0, and answers that are stored whole or not at all.

use super::{Store, at, attachment, folder, inbox, item, mail, put_mail, wanted};
use pim::{Change, FolderRecord, MailPatch};

#[test]
fn a_round_keeps_what_stays_and_drops_what_is_gone() {
    let store = Store::new();
    let with_file = || pim::Mail { attachments: vec![attachment("a", false)], ..mail(2) };
    store.put(&[put_mail("1", mail(1)), put_mail("2", with_file()), put_mail("3", mail(3))]);
    let (stays, bytes) = (store.id("2"), store.message("2").attachments[0].id);
    assert!(store.open.mail().keep_attachment(bytes, "application/pdf", b"bytes").unwrap());
    store.put(&[Change::PutUpload(wanted(item("2")))]);

    store.put(&[Change::BeginRound(inbox())]);
    store.put(&[put_mail("2", pim::Mail { subject: "Neu".to_owned(), ..with_file() })]);
    // What the user does in the middle of a round says nothing about the server.
    let read = MailPatch { read: Some(true), ..MailPatch::default() };
    store.put(&[Change::PatchMail { item: item("3"), patch: Box::new(read) }]);
    assert_eq!(store.listed(), ["3", "2", "1"], "nothing is missed before the round has ended");
    let store = store.reopened();
    store.put(&[put_mail("4", mail(4)), Change::EndRound(inbox())]);

    assert_eq!(store.listed(), ["4", "2"]);
    assert_eq!(store.id("2"), stays);
    let message = store.message("2");
    assert_eq!(message.item.subject, "Neu");
    assert_eq!((message.attachments[0].id, message.attachments[0].local), (bytes, true));
    assert_eq!(store.open.mail().attachment_bytes(bytes).unwrap().unwrap().as_slice(), b"bytes");
    assert_eq!(store.open.mail().saved(0).unwrap().uploads.len(), 1);
}

#[test]
fn a_round_that_begins_anew_counts_from_there() {
    let store = Store::new();
    store.put(&[Change::BeginRound(inbox()), put_mail("1", mail(1)), put_mail("2", mail(2))]);
    store.put(&[Change::BeginRound(inbox()), put_mail("2", mail(2)), Change::EndRound(inbox())]);

    assert_eq!(store.listed(), ["2"]);
}

#[test]
fn rounds_of_folders_are_apart() {
    let store = Store::new();
    let other = pim::ItemRef { collection: pim::CollectionId("other".to_owned()), ..item("1") };
    store.put(&[
        Change::PutFolder(folder("other")),
        Change::PutMail { item: other.clone(), mail: Box::new(mail(1)) },
        put_mail("1", mail(1)),
        Change::BeginRound(inbox()),
        Change::EndRound(inbox()),
    ]);

    assert_eq!(store.listed(), Vec::<String>::new());
    assert!(store.open.mail().find(&other).unwrap().is_some());
}

#[test]
fn an_answer_that_fails_leaves_no_trace() {
    let store = Store::new();
    store.put(&[put_mail("1", mail(1))]);
    let before = dump(&store);
    // The database refuses the last step, as it would with a full disk.
    store
        .open
        .database()
        .unwrap()
        .execute_batch(
            "CREATE TEMP TRIGGER full BEFORE UPDATE OF sync_key ON folder WHEN new.sync_key = '2'
             BEGIN SELECT raise(FAIL, 'disk full'); END",
        )
        .unwrap();
    let answer = [
        Change::RemoveMail(item("1")),
        put_mail("2", pim::Mail { attachments: vec![attachment("a", false)], ..mail(2) }),
        Change::PutFolder(FolderRecord { key: "2".to_owned(), ..folder("inbox") }),
    ];

    assert!(store.open.mail().store(&answer, at(0)).is_err());
    assert_eq!(dump(&store), before);

    store.open.database().unwrap().execute_batch("DROP TRIGGER temp.full").unwrap();
    store.put(&answer);
    assert_eq!(store.listed(), ["2"]);
    assert_eq!(store.open.mail().saved(0).unwrap().folders[0].key, "2");
}

#[test]
fn the_same_answer_twice_is_the_same_as_once() {
    let store = Store::new();
    let answer = [
        Change::BeginRound(inbox()),
        put_mail("1", pim::Mail { attachments: vec![attachment("a", true)], ..mail(1) }),
        put_mail("2", mail(2)),
        Change::RemoveMail(item("2")),
        Change::PutFolder(FolderRecord { key: "1".to_owned(), ..folder("inbox") }),
    ];
    store.put(&answer);
    let (ids, saved) = (store.listed(), store.open.mail().saved(9).unwrap());
    let message = store.message("1");

    store.put(&answer);

    assert_eq!((store.listed(), store.open.mail().saved(9).unwrap()), (ids, saved));
    assert_eq!(store.message("1"), message);
}

#[test]
fn ids_are_not_used_twice() {
    let store = Store::new();
    store.put(&[put_mail("1", mail(1))]);
    let first = store.id("1");
    store.put(&[Change::RemoveMail(item("1")), put_mail("2", mail(2))]);

    assert_ne!(store.id("2"), first);
    assert_eq!(store.open.mail().message(first).unwrap(), None);
}

/// Returns everything that the tables of mail hold.
fn dump(store: &Store) -> Vec<String> {
    let database = store.open.database().unwrap();
    let tables = ["folder", "message", "body", "attachment", "wanted", "stale_file"];
    let mut rows = Vec::new();
    for table in tables {
        let mut statement = database.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let read = statement
            .query_map([], |row| {
                (0..columns).map(|column| Ok(format!("{:?}", row.get_ref(column)?))).collect()
            })
            .unwrap();
        let read: Vec<Vec<String>> = read.collect::<Result<_, _>>().unwrap();
        rows.extend(read.iter().map(|row| format!("{table}: {}", row.join(", "))));
    }
    rows
}
