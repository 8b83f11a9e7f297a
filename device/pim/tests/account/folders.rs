//! Folders that fail: they say so, keep nothing else waiting, and lose nothing.

use activesync::{
    messages::{ClientCommand, FolderKind, SyncAnswer},
    query::{Command, Version},
    status::Status,
};
use pim::{Answer, Change, CollectionId, Effects, ItemRef, Known, Marks, Outcome, Phase, ServerId};
use time::Duration;

use crate::desk::{Desk, INBOX, add, for_folder, ok, policy, refusal, status, sync, tree_of};

#[test]
fn a_folder_that_fails_is_not_up_to_date_and_says_so() {
    for (answer, code) in [
        (sync(|answer| answer.status = Status(5)), "status_5"),
        (sync(|answer| answer.status = Status(9)), "status_9"),
        (sync(|answer| answer.status = Status(4)), "status_4"),
        (status(400), "http_400"),
        (status(507), "http_507"),
        (refusal(Command::Sync, 113), "status_113"),
    ] {
        let mut desk = Desk::listed();
        desk.answers(crate::desk::primed());
        desk.answers(answer);
        let progress = desk.account.progress(desk.now);
        assert_eq!((progress.phase, progress.detail.as_deref()), (Phase::Error, Some(code)));
        assert_eq!(progress.last_success, None, "{code}");

        desk.now = desk.account.wake_at(desk.now).unwrap();
        desk.answers(ok(Vec::new()));
        let progress = desk.account.progress(desk.now);
        assert_eq!((progress.phase, progress.last_success), (Phase::Idle, Some(desk.now)));
    }
}

#[test]
fn a_full_mailbox_is_not_fetched_anew() {
    for answer in [
        sync(|answer| answer.status = Status(9)),
        status(507),
        refusal(Command::Sync, 113),
        refusal(Command::Sync, 110),
    ] {
        let mut desk = Desk::watching();
        desk.account.sync_now();
        let mut keys = Vec::new();
        desk.works(Duration::hours(8), |command, request| {
            if command == Command::Sync {
                keys.push(key(request));
                return Outcome::Answered(answer.clone());
            }
            Outcome::Answered(tree_of(&[(INBOX, FolderKind::Inbox)]))
        });
        assert!(keys.len() > 8 && keys.iter().all(|key| key == "1"), "{keys:?}");
    }
}

#[test]
fn a_folder_that_is_turned_away_keeps_nothing_else_waiting() {
    for (answer, code) in [
        (status(403), "http_403"),
        (refusal(Command::Sync, 129), "status_129"),
        (refusal(Command::Sync, 137), "not_supported"),
        (refusal(Command::Sync, 139), "status_139"),
        (refusal(Command::Sync, 142), "provisioning_failed"),
        (refusal(Command::Sync, 132), "state_lost"),
    ] {
        let mut desk = Desk::provisioned();
        let folders = [(INBOX, FolderKind::Inbox), ("events", FolderKind::Calendar)];
        let well = |desk: &mut Desk, span| {
            desk.works(span, |command, request| {
                if command == Command::Ping {
                    return Outcome::Lost;
                }
                let folder =
                    if command == Command::Sync { Some(collection(request)) } else { None };
                let inbox = folder.filter(|folder| folder.collection_id == INBOX);
                let answers = [
                    (Command::FolderSync, tree_of(&folders)),
                    (Command::Provision, ok(policy(2, None, None))),
                    (Command::Sync, answer.clone()),
                ];
                let other = answers.into_iter().find(|(of, _)| *of == command);
                Outcome::Answered(match inbox {
                    Some(inbox) if inbox.sync_key == "0" => for_folder(INBOX, |_| ()),
                    Some(_) => ok(Vec::new()),
                    None => other.expect("nothing else is asked").1,
                })
            })
        };
        well(&mut desk, Duration::hours(1));
        let asked = well(&mut desk, Duration::hours(3));

        let pings = asked.iter().filter(|asked| **asked == Some(Command::Ping)).count();
        assert!(pings > 3, "{code}: {asked:?}");
        let before = desk.account.progress(desk.now - Duration::minutes(1));
        assert_eq!((before.phase, before.detail.as_deref()), (Phase::Error, Some(code)));
        assert!(asked.len() < 150, "{code}: asked {} times", asked.len());
        desk.account.sync_now();
        assert_eq!(desk.version(), Version::V14_1, "{code}");
    }
}

#[test]
fn moves_that_are_turned_away_keep_nothing_else_waiting() {
    let mut desk = Desk::provisioned();
    let folders = [(INBOX, FolderKind::Inbox), ("other", FolderKind::UserMail)];
    let item =
        ItemRef { collection: CollectionId(INBOX.to_owned()), item: ServerId("1".to_owned()) };
    desk.answers(tree_of(&folders));
    desk.account.move_mail(item, CollectionId("other".to_owned()), Known::default()).unwrap();
    let asked = desk.works(Duration::hours(1), |command, request| {
        if command == Command::Ping {
            return Outcome::Lost;
        }
        let answers = [(Command::FolderSync, tree_of(&folders)), (Command::MoveItems, status(403))];
        let answer = answers.into_iter().find(|(of, _)| *of == command);
        Outcome::Answered(answer.map_or_else(
            || for_folder(&collection(request).collection_id, |_| ()),
            |(_, answer)| answer,
        ))
    });
    let moves = asked.iter().filter(|asked| **asked == Some(Command::MoveItems)).count();
    assert_eq!(moves, 5, "{asked:?}");
    assert!(asked.contains(&Some(Command::Sync)), "{asked:?}");
}

#[test]
fn what_does_not_come_through_is_asked_for_in_smaller_parts_and_others_have_their_turn() {
    let mut desk = Desk::provisioned();
    desk.answers(tree_of(&[(INBOX, FolderKind::Inbox), ("other", FolderKind::UserMail)]));
    desk.answers(for_folder(INBOX, |_| ()));
    for round in 0..6 {
        desk.answers(for_folder(INBOX, |answer| {
            answer.more_available = true;
            answer.sync_key = Some(format!("key {round}"));
            answer.commands = vec![add(&round.to_string(), false)];
        }));
    }
    let (mut windows, mut others) = (Vec::new(), 0);
    desk.works(Duration::minutes(30), |command, request| {
        if command != Command::Sync {
            return Outcome::Lost;
        }
        let collection = collection(request);
        if collection.collection_id != INBOX {
            others += 1;
            return Outcome::Answered(for_folder("other", |_| ()));
        }
        windows.push(collection.window_size.unwrap());
        Outcome::Lost
    });
    assert_eq!(windows[..6], [400, 25, 12, 6, 3, 1]);
    assert!(others > 0 && windows[6..].iter().all(|window| *window == 1));
}

#[test]
fn one_bad_change_takes_no_other_with_it() {
    for (answer, most) in [
        (sync(|answer| answer.status = Status(4)), Duration::minutes(1)),
        (sync(|answer| answer.status = Status(6)), Duration::minutes(1)),
        (sync(|answer| answer.status = Status(5)), Duration::minutes(40)),
        (status(500), Duration::minutes(40)),
        (status(400), Duration::minutes(40)),
        (refusal(Command::Sync, 107), Duration::minutes(40)),
    ] {
        let mut desk = Desk::watching();
        let ids: Vec<String> = (100..140).map(|number| number.to_string()).collect();
        let bad = "117";
        for id in &ids {
            let item =
                ItemRef { collection: CollectionId(INBOX.to_owned()), item: ServerId(id.clone()) };
            let marks = Marks { read: Some(true), ..Marks::default() };
            desk.account.mark(item, marks, Known::default());
        }
        let (mut taken, mut refused) = (Vec::new(), Vec::new());
        let end = desk.now + most;
        while desk.now < end {
            let Some(request) = desk.account.next_command(desk.now) else {
                desk.now = desk.account.wake_at(desk.now).unwrap_or(end);
                continue;
            };
            let effects = answered(&mut desk, request, &answer, bad, &mut taken);
            for change in effects.changes {
                if let Change::RefuseMail { item, .. } = change {
                    refused.push(item.item.0);
                }
            }
        }
        taken.sort();
        taken.dedup();
        let good: Vec<String> = ids.iter().filter(|id| *id != bad).cloned().collect();
        assert_eq!(taken, good, "{answer:?}");
        assert_eq!(refused, [bad], "{answer:?}");
    }
}

#[test]
fn a_change_is_not_refused_because_the_server_is_down() {
    let mut desk = Desk::watching();
    let item =
        ItemRef { collection: CollectionId(INBOX.to_owned()), item: ServerId("1".to_owned()) };
    let marks = Marks { read: Some(true), ..Marks::default() };
    desk.account.mark(item, marks, Known::default());
    desk.works(Duration::hours(3), |_, _| Outcome::Answered(status(500)));
    let mut marked = 0;
    desk.works(Duration::minutes(20), |command, request| {
        if command == Command::Sync {
            let collection = collection(request);
            marked += collection.commands.len();
            return Outcome::Answered(for_folder(INBOX, |answer| {
                answer.sync_key = Some("5".to_owned());
            }));
        }
        Outcome::Answered(tree_of(&[(INBOX, FolderKind::Inbox)]))
    });
    assert_eq!(marked, 1);
}

fn answered(
    desk: &mut Desk,
    request: pim::Request,
    answer: &Answer,
    bad: &str,
    taken: &mut Vec<String>,
) -> Effects {
    let id = |command| {
        let ClientCommand::Change { server_id, .. } = command else { panic!("only marks go up") };
        server_id
    };
    let marked: Vec<String> = collection(&request).commands.into_iter().map(id).collect();
    let answer = if marked.iter().any(|id| id == bad) {
        answer.clone()
    } else {
        taken.extend(marked);
        ok(SyncAnswer::default().encode())
    };
    desk.account.handle(request.ticket, Outcome::Answered(answer), desk.now, 0)
}

fn collection(request: &pim::Request) -> activesync::messages::SyncCollection {
    let request = activesync::messages::SyncRequest::decode(&crate::desk::body(request.clone()));
    request.unwrap().unwrap().collections.swap_remove(0)
}

fn key(request: &pim::Request) -> String {
    collection(request).sync_key
}
