//! Mails are shown where the user wants them, before the server knows.

use super::{Store, attachment, folder, inbox, item, mail, put_mail, wanted};
use pim::{
    Change, CollectionId, Destination, ItemRef, Known, Marks, Place, Print, Refusal, RefusedChange,
    ServerId, UploadRecord,
};
use vault::mail::{FolderId, Scope};

#[test]
fn a_mail_that_is_to_be_deleted_is_nowhere_and_comes_back() {
    let store = with_archive();
    store.put(&[put_mail("1", mail(1)), put_mail("2", mail(2))]);
    let id = store.id("1");
    let place = Place { to: Destination::DeletedItems, attempt: None };
    store.put(&[
        Change::PutUpload(UploadRecord { place: Some(place), ..wanted(item("1")) }),
        Change::ShowMail { item: item("1"), folder: None },
    ]);

    let store = store.reopened();
    assert_eq!((store.listed(), counts(&store)[0]), (vec!["2".to_owned()], (1, 1)));
    assert_eq!(store.open.mail().message(id).unwrap(), None);
    assert_eq!(found(&store), 1);
    assert_eq!(store.open.mail().saved(0).unwrap().uploads.len(), 1);

    let refusal = Refusal { change: RefusedChange::Delete, code: "status_7".to_owned() };
    store.put(&[
        Change::RemoveUpload(item("1")),
        Change::ShowMail { item: item("1"), folder: Some(inbox()) },
        Change::RefuseMail { item: item("1"), refusal: refusal.clone() },
    ]);
    assert_eq!((store.listed().len(), counts(&store)[0], found(&store)), (2, (2, 2), 2));
    assert_eq!(store.message("1").item.refused, Some(refusal));
    store.put(&[Change::PutUpload(wanted(item("1")))]);
    assert_eq!(store.message("1").item.refused, None, "the next wish starts anew");
}

#[test]
fn a_mail_that_moves_is_shown_there_at_once_and_keeps_its_id() {
    let store = with_archive();
    let with_file = pim::Mail { attachments: vec![attachment("a", false)], ..mail(1) };
    store.put(&[put_mail("1", with_file)]);
    let id = store.id("1");
    let archive = CollectionId("archive".to_owned());
    store.put(&[Change::ShowMail { item: item("1"), folder: Some(archive.clone()) }]);
    assert_eq!(counts(&store), [(0, 0), (1, 1)]);
    assert_eq!(store.message("1").item.folder, FolderId(2));

    let there = ItemRef { collection: archive.clone(), item: ServerId("x".to_owned()) };
    store.put(&[
        Change::BeginRound(archive.clone()),
        Change::MoveMail { from: item("1"), to: there.clone() },
        Change::RemoveMail(item("1")),
    ]);
    let (known, marks) = store.open.mail().known(id).unwrap().unwrap();
    assert_eq!(known, there);
    let expected = Known {
        marks: Marks {
            read: Some(false),
            flag: Some(pim::FollowUp::default()),
            categories: Some(Vec::new()),
        },
        print: Print { received: Some(super::at(1)), subject: "Nachricht 1".to_owned() },
    };
    assert_eq!((marks, counts(&store)), (expected, vec![(0, 0), (1, 1)]));
    assert_eq!(store.open.mail().message(id).unwrap().unwrap().attachments.len(), 1);

    store.put(&[Change::EndRound(archive)]);
    assert_eq!(counts(&store), [(0, 0), (0, 0)], "the round did not name it");
}

#[test]
fn a_mail_that_is_there_already_stays_and_the_old_one_goes() {
    let store = with_archive();
    let there =
        ItemRef { collection: CollectionId("archive".to_owned()), item: ServerId("x".to_owned()) };
    store.put(&[
        put_mail("1", mail(1)),
        Change::PutMail { item: there.clone(), mail: Box::new(mail(1)) },
        Change::MoveMail { from: item("1"), to: there },
    ]);
    assert_eq!(counts(&store), [(0, 0), (1, 1)]);

    let nowhere = ItemRef { collection: CollectionId("gone".to_owned()), ..item("2") };
    store.put(&[put_mail("2", mail(2)), Change::MoveMail { from: item("2"), to: nowhere }]);
    assert_eq!(counts(&store), [(0, 0), (1, 1)], "without its folder it is not here");
}

#[test]
fn a_folder_that_goes_takes_no_mail_along_that_only_waits_for_it() {
    let store = with_archive();
    let archive = CollectionId("archive".to_owned());
    store.put(&[
        put_mail("1", mail(1)),
        Change::ShowMail { item: item("1"), folder: Some(archive.clone()) },
        Change::RemoveFolder(archive),
        Change::ShowMail { item: item("1"), folder: Some(inbox()) },
    ]);
    assert_eq!((store.listed(), counts(&store)), (vec!["1".to_owned()], vec![(1, 1)]));
}

fn with_archive() -> Store {
    let store = Store::new();
    store.put(&[Change::PutFolder(folder("archive"))]);
    store
}

fn counts(store: &Store) -> Vec<(u64, u64)> {
    let folders = store.open.mail().folders().unwrap();
    folders.iter().map(|folder| (folder.total, folder.unread)).collect()
}

fn found(store: &Store) -> u64 {
    let scope = Scope { folder: None, zone: time::UtcOffset::UTC };
    let query = pim::SearchQuery::parse("nachricht");
    store.open.mail().search(&query, scope, 0, 10).unwrap().unwrap().page.total
}
