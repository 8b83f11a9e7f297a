//! Errands of a person: what is asked, and what follows from the answer or from its absence.
#![expect(clippy::unwrap_used, clippy::wildcard_enum_match_arm, reason = "tests")]

#[cfg(test)]
#[path = "account/desk.rs"]
#[expect(dead_code, reason = "another test asks for the rest")]
mod desk;

use activesync::{
    messages::{
        EmptyFolderAnswer, Folder, FolderChange, FolderChangeAnswer, FolderChangeRequest,
        FolderKind, FolderSyncAnswer, FolderSyncRequest, ItemOperationsAnswer,
        ItemOperationsRequest,
    },
    query::Command,
    status::Status,
};
use desk::{Desk, INBOX, for_folder, ok, policy, refusal, status};
use pim::{
    Answer, Change, CollectionId, Effects, Errand, ErrandFailure, ErrandId, Event, FolderErrand,
    Outcome, Phase, Reply,
};

#[test]
fn a_folder_is_made_and_stored_with_the_key_of_the_tree() {
    let mut desk = at_rest();
    run(&mut desk, FolderErrand::Create { parent: None, name: " New\nfolder ".to_owned() });
    assert_eq!(
        request(&desk),
        FolderChangeRequest::Create {
            sync_key: "t1".to_owned(),
            parent_id: "0".to_owned(),
            display_name: "New folder".to_owned(),
            kind: FolderKind::UserMail,
        }
    );

    let effects = desk.answers(changed(Command::FolderCreate, Some("n1")));

    assert_eq!(ended(&effects), Ok(Reply::Made(id("n1"))));
    let stored: Vec<_> = effects
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::PutAccount(account) => Some(format!("tree {}", account.tree_key)),
            Change::PutFolder(folder) => Some(format!("{} {}", folder.id.0, folder.name)),
            _ => None,
        })
        .collect();
    assert_eq!(stored, ["n1 New folder", "tree t2"]);
    assert_eq!(tree_key(&desk), "t2");
    desk.answers(same_tree("t3"));
    assert_eq!(desk.sync().collections[0].collection_id, "n1");
}

#[test]
fn a_folder_is_renamed_and_moved_with_what_it_was() {
    let mut desk = with_folders();
    run(&mut desk, FolderErrand::Rename { folder: id("a"), name: "Alpha".to_owned() });
    assert_eq!(request(&desk), update("t1", "a", "p", "Alpha"));
    desk.answers(changed(Command::FolderUpdate, None));
    desk.answers(same_tree("t2"));
    run(&mut desk, FolderErrand::Move { folder: id("a"), parent: None });
    assert_eq!(request(&desk), update("t2", "a", "0", "Alpha"));

    let effects = desk.answers(changed(Command::FolderUpdate, None));

    let moved = effects.changes.iter().find_map(|change| match change {
        Change::PutFolder(folder) => Some((folder.name.as_str(), folder.parent.clone())),
        _ => None,
    });
    assert_eq!(moved, Some(("Alpha", None)));
}

#[test]
fn a_deleted_folder_takes_along_what_lies_in_it() {
    let mut desk = with_folders();
    run(&mut desk, FolderErrand::Delete(id("p")));
    let request = request(&desk);
    assert_eq!(
        request,
        FolderChangeRequest::Delete { sync_key: "t1".to_owned(), server_id: "p".to_owned() }
    );

    let effects = desk.answers(changed(Command::FolderDelete, None));

    let gone: Vec<_> = effects
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::RemoveFolder(folder) => Some(folder.0.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(gone, ["p", "a", "deep"]);
}

#[test]
fn a_folder_is_emptied_and_looked_at_again() {
    for (answer, expected) in [
        (emptied(Some(1), 1), Ok(Reply::Done)),
        (emptied(None, 1), Ok(Reply::Done)),
        (emptied(Some(6), 1), Err(ErrandFailure::Missing)),
        (emptied(Some(16), 1), Err(ErrandFailure::Forbidden("status_16".to_owned()))),
        (emptied(Some(17), 17), Err(ErrandFailure::Uncertain)),
    ] {
        let mut desk = at_rest();
        run(&mut desk, FolderErrand::Empty { folder: id("bin"), subfolders: true });
        assert_eq!(desk.command(), Command::ItemOperations);
        let request = ItemOperationsRequest::decode(&desk.wbxml()).unwrap();
        assert_eq!(request.empties[0].collection_id, "bin");
        assert!(request.empties[0].delete_sub_folders);

        assert_eq!(ended(&desk.answers(answer)), expected);
        assert_eq!(desk.command(), Command::FolderSync, "folders may have gone with it");
        if expected.is_ok() {
            desk.answers(same_tree("t2"));
            assert_eq!(desk.sync().collections[0].collection_id, "bin");
        }
    }
}

#[test]
fn what_cannot_be_is_not_asked() {
    let mut desk = with_folders();
    let mut refused = |errand| desk.account.run(Errand::Folder(errand), desk.now).unwrap_err();
    let create = |name: &str| FolderErrand::Create { parent: None, name: name.to_owned() };
    let into = |folder, parent| FolderErrand::Move { folder: id(folder), parent: Some(id(parent)) };
    let rename =
        |folder, name: &str| FolderErrand::Rename { folder: id(folder), name: name.into() };

    for protected in [INBOX, "bin"] {
        assert_eq!(refused(FolderErrand::Delete(id(protected))), ErrandFailure::Protected);
        assert_eq!(refused(rename(protected, "x")), ErrandFailure::Protected);
        assert_eq!(refused(into(protected, "p")), ErrandFailure::Protected);
    }
    let empty = FolderErrand::Empty { folder: id(INBOX), subfolders: false };
    assert_eq!(refused(empty), ErrandFailure::Protected);
    assert_eq!(refused(create(" \t")), ErrandFailure::Impossible("name_empty"));
    assert_eq!(refused(create(&"x".repeat(256))), ErrandFailure::Impossible("name_too_long"));
    assert_eq!(refused(create("PROJECTS")), ErrandFailure::NameTaken);
    assert_eq!(refused(rename("p", "Other")), ErrandFailure::NameTaken);
    assert_eq!(refused(into("p", "deep")), ErrandFailure::Impossible("inside_itself"));
    assert_eq!(refused(into("p", "p")), ErrandFailure::Impossible("inside_itself"));
    assert_eq!(refused(into("p", "gone")), ErrandFailure::Missing);
    assert_eq!(refused(FolderErrand::Delete(id("gone"))), ErrandFailure::Missing);
    run(&mut desk, rename("p", "projects"));
}

#[test]
fn each_refusal_says_what_can_be_done() {
    let answer = |number| {
        let answer = FolderChangeAnswer { status: Status(number), sync_key: None, server_id: None };
        ok(answer.encode(Command::FolderUpdate).unwrap())
    };
    for (answer, expected) in [
        (answer(2), ErrandFailure::NameTaken),
        (answer(3), ErrandFailure::Protected),
        (answer(4), ErrandFailure::Missing),
        (answer(5), ErrandFailure::Missing),
        (answer(6), ErrandFailure::Unreachable("status_6".to_owned())),
        (answer(10), ErrandFailure::Refused("status_10".to_owned())),
        (answer(103), ErrandFailure::Refused("status_103".to_owned())),
        (answer(129), ErrandFailure::Forbidden("status_129".to_owned())),
        (status(403), ErrandFailure::Forbidden("http_403".to_owned())),
        (status(500), ErrandFailure::Unreachable("http_500".to_owned())),
        (status(501), ErrandFailure::Unsupported),
        (status(503), ErrandFailure::Unreachable("server_busy".to_owned())),
        (ok(b"nonsense".to_vec()), ErrandFailure::Uncertain),
    ] {
        let mut desk = with_folders();
        run(&mut desk, FolderErrand::Move { folder: id("a"), parent: None });
        let shown = format!("{answer:?}");
        assert_eq!(ended(&desk.answers(answer)), Err(expected), "{shown}");
    }
}

#[test]
fn the_loss_of_an_answer_is_told_and_the_tree_is_read_again() {
    let mut desk = with_folders();
    run(&mut desk, FolderErrand::Delete(id("a")));
    let request = desk.next();

    let effects = desk.account.handle(request.ticket, Outcome::Lost, desk.now, 0);

    assert_eq!(ended(&effects), Err(ErrandFailure::Uncertain));
    assert_eq!(desk.account.progress(desk.now).phase, Phase::Offline);
    desk.now = desk.account.wake_at(desk.now).unwrap();
    assert_eq!(tree_key(&desk), "0");
}

#[test]
fn offline_nothing_is_taken_and_what_waits_is_told() {
    let mut desk = with_folders();
    run(&mut desk, FolderErrand::Delete(id("a")));
    let waiting = run(&mut desk, FolderErrand::Delete(id("deep")));
    let request = desk.next();

    let effects = desk.account.handle(request.ticket, Outcome::Unsent, desk.now, 0);

    let offline = || Err(ErrandFailure::Unreachable("offline".to_owned()));
    let ends: Vec<_> = ends(&effects).map(|(errand, result)| (errand == waiting, result)).collect();
    assert_eq!(ends, [(false, offline()), (true, offline())]);
    let refused = desk.account.run(Errand::Folder(FolderErrand::Delete(id("a"))), desk.now);
    assert_eq!(refused, Err(ErrandFailure::Unreachable("offline".to_owned())));
}

#[test]
fn a_demand_for_provision_is_met_and_the_errand_repeated() {
    let mut desk = with_folders();
    run(&mut desk, FolderErrand::Delete(id("a")));
    let effects = desk.answers(refusal(Command::FolderDelete, 144));
    assert_eq!(ends(&effects).count(), 0);
    desk.answers(ok(policy(2, None, None)));
    assert_eq!(desk.command(), Command::FolderDelete);
    assert_eq!(ended(&desk.answers(changed(Command::FolderDelete, None))), Ok(Reply::Done));
}

#[test]
fn a_lost_key_of_the_tree_is_renewed_once() {
    let mut desk = with_folders();
    let lost = || {
        let answer = FolderChangeAnswer { status: Status(9), sync_key: None, server_id: None };
        ok(answer.encode(Command::FolderDelete).unwrap())
    };
    run(&mut desk, FolderErrand::Delete(id("a")));
    desk.answers(lost());
    assert_eq!(tree_key(&desk), "0");
    desk.answers(folders());
    assert_eq!(desk.command(), Command::FolderDelete);
    let effects = desk.answers(lost());
    assert_eq!(ended(&effects), Err(ErrandFailure::Unreachable("state_lost".to_owned())));
}

#[test]
fn a_server_that_does_not_know_a_command_is_asked_once_what_it_knows() {
    let mut desk = with_folders();
    run(&mut desk, FolderErrand::Delete(id("a")));
    desk.answers(refusal(Command::FolderDelete, 137));
    desk.answers(Answer { versions: Some("14.1".to_owned()), ..ok(Vec::new()) });
    let effects = desk.answers(refusal(Command::FolderDelete, 137));
    assert_eq!(ended(&effects), Err(ErrandFailure::Unsupported));
    assert_eq!(desk.account.progress(desk.now).detail, None, "the account goes on");
}

fn with_folders() -> Desk {
    let mut desk = Desk::provisioned();
    desk.answers(folders());
    desk
}

fn at_rest() -> Desk {
    let mut desk = with_folders();
    while desk.account.clone().next_command(desk.now).is_some() {
        let collection = desk.sync().collections.remove(0);
        let first = collection.sync_key == "0";
        desk.answers(if first {
            for_folder(&collection.collection_id, |_| ())
        } else {
            ok(Vec::new())
        });
    }
    desk
}

fn folders() -> Answer {
    let folder = |id: &str, parent: &str, name: &str, kind| {
        FolderChange::Add(Folder {
            server_id: id.to_owned(),
            parent_id: parent.to_owned(),
            display_name: name.to_owned(),
            kind,
        })
    };
    let changes = vec![
        folder(INBOX, "0", "Inbox", FolderKind::Inbox),
        folder("bin", "0", "Trash", FolderKind::Deleted),
        folder("p", "0", "Projects", FolderKind::UserMail),
        folder("a", "p", "A", FolderKind::UserMail),
        folder("deep", "a", "Deep", FolderKind::UserMail),
        folder("o", "0", "Other", FolderKind::UserMail),
    ];
    ok(FolderSyncAnswer { status: Status::OK, sync_key: Some("t1".to_owned()), changes }.encode())
}

fn same_tree(key: &str) -> Answer {
    let sync_key = Some(key.to_owned());
    ok(FolderSyncAnswer { status: Status::OK, sync_key, changes: Vec::new() }.encode())
}

fn changed(command: Command, server_id: Option<&str>) -> Answer {
    let answer = FolderChangeAnswer {
        status: Status::OK,
        sync_key: Some("t2".to_owned()),
        server_id: server_id.map(str::to_owned),
    };
    ok(answer.encode(command).unwrap())
}

fn emptied(status: Option<u16>, root: u16) -> Answer {
    let folder = |status| EmptyFolderAnswer { status: Status(status), collection_id: None };
    let empties = status.map(folder).into_iter().collect();
    ok(ItemOperationsAnswer { empties, ..ItemOperationsAnswer::new(Status(root)) }.encode())
}

fn update(key: &str, folder: &str, parent: &str, name: &str) -> FolderChangeRequest {
    FolderChangeRequest::Update {
        sync_key: key.to_owned(),
        server_id: folder.to_owned(),
        parent_id: parent.to_owned(),
        display_name: name.to_owned(),
    }
}

fn request(desk: &Desk) -> FolderChangeRequest {
    FolderChangeRequest::decode(desk.command(), &desk.wbxml()).unwrap()
}

fn tree_key(desk: &Desk) -> String {
    assert_eq!(desk.command(), Command::FolderSync);
    FolderSyncRequest::decode(&desk.wbxml()).unwrap().sync_key
}

#[track_caller]
fn run(desk: &mut Desk, errand: FolderErrand) -> ErrandId {
    desk.account.run(Errand::Folder(errand), desk.now).unwrap()
}

fn ends(effects: &Effects) -> impl Iterator<Item = (ErrandId, Result<Reply, ErrandFailure>)> {
    effects.events.iter().filter_map(|event| match event {
        Event::ErrandEnded { errand, result } => Some((*errand, result.clone())),
        Event::Fetched { .. }
        | Event::Moved(_)
        | Event::StopPush
        | Event::Wipe(_)
        | Event::WipeOrdered { .. } => None,
    })
}

#[track_caller]
fn ended(effects: &Effects) -> Result<Reply, ErrandFailure> {
    let [(_, result)] = &ends(effects).collect::<Vec<_>>()[..] else { panic!("{effects:?}") };
    result.clone()
}

fn id(id: &str) -> CollectionId {
    CollectionId(id.to_owned())
}
