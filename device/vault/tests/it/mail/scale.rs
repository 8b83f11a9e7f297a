//! A folder of 100,000 mails. Times are printed, not judged.

use super::{Store, inbox, mail, put_mail};
use pim::{Change, MailPatch};
use std::collections::BTreeSet;
use std::time::Instant;
use vault::mail::MessageId;

const MAILS: i64 = 100_000;
const STORED: i64 = 5_000;
const WINDOW: i64 = 100;

#[test]
fn a_hundred_thousand_mails_are_listed_page_by_page() {
    let store = Store::new();
    timed("store 5,000 mails, 100 at a time", || {
        for window in 0..STORED / WINDOW {
            let numbers = window * WINDOW..(window + 1) * WINDOW;
            let changes: Vec<Change> =
                numbers.map(|number| put_mail(&number.to_string(), mail(moment(number)))).collect();
            store.put(&changes);
        }
    });
    timed("add 95,000 rows", || add_rows(&store));
    let store = timed("lock and unlock", || store.reopened());

    let saved = timed("load the state", || store.open.mail().saved(100).unwrap());
    assert_eq!((saved.folders.len(), saved.unfetched.len()), (1, 0));
    let folders = timed("list the folders", || store.open.mail().folders().unwrap());
    assert_eq!((folders[0].total, folders[0].unread), (100_000, 100_000));

    let mut seen = BTreeSet::new();
    for offset in [0, 0, 50_000, 99_950] {
        let page = timed(&format!("page at {offset}"), || page(&store, offset));
        assert!(page.is_sorted_by(|earlier, later| earlier.1 > later.1));
        seen.extend(page.iter().map(|row| row.0));
    }
    assert_eq!(seen.len(), 150, "each page has its own fifty mails");
    let newest = MAILS - 1;
    assert_eq!(page(&store, 0)[0].1, super::at(newest));

    let id = store.id("77777");
    timed("open a mail", || store.open.mail().message(id).unwrap().unwrap());
    let patch = MailPatch { read: Some(true), ..MailPatch::default() };
    let read = Change::PatchMail { item: super::item("77777"), patch: Box::new(patch) };
    timed("mark it as read", || store.put(&[read]));
    assert_eq!(store.open.mail().folders().unwrap()[0].unread, 99_999);

    timed("drop the folder", || store.put(&[Change::RemoveFolder(inbox())]));
    assert_eq!(store.open.mail().folders().unwrap(), []);
}

/// Dates jump to and fro, as in a folder that mails were moved to.
fn moment(number: i64) -> i64 {
    number * 7_919 % MAILS
}

/// Fills the folder from below, because all of it the usual way is a matter of half a minute.
fn add_rows(store: &Store) {
    let sql = "
        WITH RECURSIVE number (value) AS (
            SELECT ?1 UNION ALL SELECT value + 1 FROM number WHERE value + 1 < ?2
        )
        INSERT INTO message (folder, shown, server_id, received, body_state, from_name, from_address, to_people, subject,
            preview, class)
        SELECT folder, shown, number.value, ?3 + number.value * 7919 % ?2 * 1000, body_state, from_name, from_address,
            to_people, subject, preview, class
        FROM number JOIN message ON message.server_id = '0'";
    let milliseconds = super::at(0).unix_timestamp() * 1000;
    let database = store.open.database().unwrap();
    assert_eq!(database.execute(sql, [STORED, MAILS, milliseconds]).unwrap(), 95_000);
}

fn page(store: &Store, offset: u64) -> Vec<(MessageId, time::OffsetDateTime)> {
    let page = store.open.mail().messages(store.inbox(), offset, 50).unwrap().unwrap();
    page.items.iter().map(|row| (row.id, row.received)).collect()
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    println!("{what}: {:?}", start.elapsed());
    done
}
