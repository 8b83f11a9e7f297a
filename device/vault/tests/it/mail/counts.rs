//! The counts of folders against a recount.

use super::{Store, at, attachment, folder, item, mail};
use pim::{Change, CollectionId, ItemRef, MailPatch, ServerId};
use vault::mail::FolderId;

#[test]
fn counts_are_those_of_the_rows_whatever_happened() {
    let store = Store::new();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut largest, mut unread) = (0, 0);

    for round in 0..60 {
        let changes: Vec<Change> = (0..dice.below(80)).map(|_| change(&mut dice)).collect();
        store.put(&changes);
        let (counted, recounted) = counts(&store);
        assert_eq!(counted, recounted, "after round {round}");
        largest = largest.max(counted.iter().map(|folder| folder.1).max().unwrap_or(0));
        unread = unread.max(counted.iter().map(|folder| folder.2).max().unwrap_or(0));
    }

    assert!(largest > 20 && unread > 5, "{largest} mails, {unread} unread: the dice fell flat");
}

#[test]
fn attachments_that_are_shown_as_such_are_counted() {
    let store = Store::new();
    let with = |list: Vec<pim::AttachmentRecord>| {
        [super::put_mail("1", pim::Mail { attachments: list, ..mail(1) })]
    };
    let counted = || store.message("1").item.attachments;

    store.put(&with(vec![attachment("a", false), attachment("b", true), attachment("c", false)]));
    assert_eq!(counted(), 2);
    store.put(&with(vec![attachment("b", false)]));
    assert_eq!(counted(), 1);
    // A server that names one twice means one.
    store.put(&with(vec![attachment("b", false), attachment("b", false)]));
    assert_eq!(counted(), 1);
    store.put(&with(Vec::new()));
    assert_eq!(counted(), 0);
    assert_eq!(store.message("1").attachments, []);
}

fn change(dice: &mut Dice) -> Change {
    let collection = CollectionId(["inbox", "sent", "junk"][dice.below(3)].to_owned());
    let item =
        ItemRef { collection: collection.clone(), item: ServerId(dice.below(40).to_string()) };
    let read = dice.below(2) == 0;
    match dice.below(32) {
        0 => Change::RemoveFolder(collection),
        1 => Change::BeginRound(collection),
        2 => Change::EndRound(collection),
        3..=5 => Change::RemoveMail(item),
        6..=11 => {
            let patch = MailPatch { read: Some(read), ..MailPatch::default() };
            Change::PatchMail { item, patch: Box::new(patch) }
        }
        12 | 13 => Change::PutFolder(folder(&collection.0)),
        _ => Change::PutMail { item, mail: Box::new(pim::Mail { read, ..mail(1) }) },
    }
}

type Counts = Vec<(FolderId, u64, u64)>;

fn counts(store: &Store) -> (Counts, Counts) {
    let folders = store.open.mail().folders().unwrap();
    let counted = folders.iter().map(|folder| (folder.id, folder.total, folder.unread)).collect();
    let database = store.open.database().unwrap();
    let recount = |folder: FolderId, condition: &str| -> u64 {
        let sql = format!("SELECT count(*) FROM message WHERE folder = ?1 AND {condition}");
        let count: i64 = database.query_row(&sql, [folder.0], |row| row.get(0)).unwrap();
        count.try_into().unwrap()
    };
    let recounted =
        folders.iter().map(|one| (one.id, recount(one.id, "true"), recount(one.id, "read = 0")));
    (counted, recounted.collect())
}

/// Numbers that are the same in every run (xorshift64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

#[test]
fn equal_moments_are_listed_in_one_order() {
    let store = Store::new();
    store.put(&[
        super::put_mail("1", mail(7)),
        super::put_mail("2", mail(7)),
        super::put_mail("3", mail(9)),
        super::put_mail("4", mail(-9)),
    ]);

    assert_eq!(store.listed(), ["3", "2", "1", "4"]);
    let second = store.open.mail().messages(store.inbox(), 1, 2).unwrap().unwrap();
    assert_eq!(second.total, 4);
    assert_eq!(
        second.items.iter().map(|row| row.id).collect::<Vec<_>>(),
        [store.id("2"), store.id("1")]
    );
    assert_eq!(second.items[0].received, at(7));
    assert_eq!(store.open.mail().messages(store.inbox(), 9, 2).unwrap().unwrap().items, []);
    assert_eq!(store.open.mail().messages(FolderId(99), 0, 2).unwrap(), None);
    assert_eq!(store.open.mail().item(store.id("1")).unwrap(), Some(item("1")));
}
