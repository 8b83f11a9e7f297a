//! What becomes of push where servers have limits and whims.

use activesync::{
    messages::{FolderKind, PingAnswer},
    query::Command,
    status::Status,
};
use pim::Outcome;
use time::Duration;

use crate::desk::{Desk, INBOX, for_folder, ok, status, tree_of};

#[test]
fn each_folder_is_watched_by_its_own_class() {
    let folders = [
        (INBOX, FolderKind::Inbox, "Email"),
        ("events", FolderKind::Calendar, "Calendar"),
        ("people", FolderKind::Contacts, "Contacts"),
        ("paper", FolderKind::UserNotes, "Notes"),
        ("work", FolderKind::Tasks, "Tasks"),
    ];
    let mut desk = Desk::provisioned();
    desk.answers(tree_of(&folders.map(|(id, kind, _)| (id, kind))));
    while desk.account.clone().next_command(desk.now).is_some() {
        let collection = desk.sync().collections[0].clone();
        let is_first = collection.sync_key == "0";
        let answer = for_folder(&collection.collection_id, |_| ());
        desk.answers(if is_first { answer } else { ok(Vec::new()) });
    }

    let (_, ping) = desk.push();

    let mut watched: Vec<(String, String)> =
        ping.folders.into_iter().map(|folder| (folder.id, folder.class)).collect();
    watched.sort();
    let mut wanted = folders.map(|(id, _, class)| (id.to_owned(), class.to_owned())).to_vec();
    wanted.sort();
    assert_eq!(watched, wanted);
}

#[test]
fn an_interval_stays_within_what_any_server_takes_whatever_one_says() {
    for limit in [0, 1, 59, 3541, u32::MAX] {
        let mut desk = Desk::watching();
        desk.pushed(ok(PingAnswer {
            heartbeat_interval: Some(limit),
            ..PingAnswer::new(Status(5))
        }
        .encode()));
        for _ in 0..30 {
            desk.now = desk.account.wake_at(desk.now).unwrap_or(desk.now);
            let interval = desk.pushed(ok(PingAnswer::new(Status(1)).encode()));
            assert!((60..=3540).contains(&interval), "{limit}: {interval}");
        }
    }
}

#[test]
fn push_that_a_server_does_not_have_is_tried_again_ever_more_rarely_and_comes_back() {
    for refused in [status(400), status(501), ok(PingAnswer::new(Status(4)).encode())] {
        let mut desk = Desk::watching();
        let day = Duration::days(2);
        let asked = desk.works(day, |command, _| match command == Command::Ping {
            true => Outcome::Answered(refused.clone()),
            false => Outcome::Answered(ok(Vec::new())),
        });
        let pings = asked.iter().filter(|asked| **asked == Some(Command::Ping)).count();
        assert!((3..10).contains(&pings), "{pings}");
        let rounds = asked.iter().filter(|asked| **asked == Some(Command::Sync)).count();
        assert!((500..700).contains(&rounds), "every five minutes, but {rounds} times");

        let asked = desk.works(Duration::days(1), |command, _| match command == Command::Ping {
            true => Outcome::Lost,
            false => Outcome::Answered(ok(Vec::new())),
        });
        assert!(asked.contains(&Some(Command::Ping)), "it comes back by itself");
    }
}

#[test]
fn a_proxy_that_ends_waiting_requests_shortens_them() {
    for number in [408, 502, 504] {
        let mut desk = Desk::watching();
        assert_eq!(desk.pushed(status(number)), 480);
        assert_eq!(desk.pushed(status(number)), 240, "{number}");
    }
}
