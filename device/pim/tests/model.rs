//! A device and a server that lose answers, forget, and crash: whatever happens, both end with the same mailbox, and each mail is
//! delivered exactly once.

#[cfg(test)]
#[path = "model/cases.rs"]
mod cases;
#[cfg(test)]
#[path = "model/picture.rs"]
mod picture;
#[cfg(test)]
#[path = "model/server.rs"]
mod server;
#[cfg(test)]
#[path = "model/store.rs"]
mod store;
#[cfg(test)]
#[path = "model/uploads.rs"]
mod uploads;
#[cfg(test)]
#[path = "model/world.rs"]
mod world;

use activesync::messages::{FlagState, WipeOrder};
use cases::cases;
use pim::OutboxState;
use proptest::{collection::vec, prelude::*};
use server::{ARCHIVE, INBOX, Server};
use time::Duration;
use world::{Accident, Happening, NOWHERE, START, World};

/// Why a mail may stay: its original is gone, the server turns it away, or nobody can tell whether it was sent.
const FINAL: [&str; 4] = ["original_missing", "http_403", "not_supported", "fate_unknown"];

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn whatever_happens_both_sides_agree_in_the_end(
        remembers in any::<bool>(),
        policy in any::<bool>(),
        happenings in vec(happening(), 0..80),
    ) {
        let mut world = World::new(Server::new(remembers, policy));
        for happening in happenings {
            world.happen(happening);
        }
        world.settle();

        prop_assert_eq!(world.store.picture(), world.server.picture());
        prop_assert!(world.store.uploads.is_empty() && world.store.candidates.is_empty());
        // What stays is for the user to decide.
        let mut told = world.server.delivered.clone();
        for mail in world.store.outbox.values() {
            let OutboxState::Failed(code) = &mail.state else { panic!("{mail:?}") };
            prop_assert!(FINAL.contains(&code.as_str()), "{}", code);
            prop_assert!(mail.original.is_some() || code != "original_missing");
            if code != "fate_unknown" || !told.contains(&mail.message_id) {
                told.push(mail.message_id.clone());
            }
        }
        told.sort();
        prop_assert_eq!(told, world.sent);
    }

    #[test]
    fn what_the_user_wants_is_what_the_server_has_in_the_end(
        happenings in vec(prop_oneof![3 => own_happening(), 2 => wish()], 0..80),
    ) {
        let mut world = World::new(Server::new(true, false));
        for happening in happenings {
            world.happen(happening);
        }
        world.settle();

        prop_assert_eq!(world.store.picture(), world.server.picture());
        prop_assert!(world.store.uploads.is_empty() && world.store.refused.is_empty());
        for (subject, wished) in &world.wished {
            let found: Vec<_> = world
                .server
                .folders
                .iter()
                .flat_map(|(id, (_, items))| items.values().map(move |item| (id.as_str(), item)))
                .filter(|(_, item)| item.subject == *subject)
                .collect();
            let [(folder, item)] = found[..] else {
                prop_assert!(found.is_empty() && wished.place == Some(NOWHERE), "{subject}: {found:?}");
                continue;
            };
            prop_assert_eq!(folder, wished.place.unwrap_or(INBOX));
            prop_assert_eq!(item.read, wished.read.unwrap_or_default());
            prop_assert_eq!(item.flag.state, wished.flag.unwrap_or_default());
            prop_assert_eq!(&item.categories, &wished.categories.clone().unwrap_or_default());
        }
    }
}

#[test]
fn a_mail_that_was_moved_is_neither_lost_nor_doubled_although_the_answer_is_lost() {
    let mut world = World::new(Server::new(true, false));
    world.server.deliver(INBOX, "short", START);
    world.settle();
    world.happen(Happening::MoveHere(0, ARCHIVE));
    world.happen(Happening::Command(Accident::LostAfter));
    world.happen(Happening::MarkHere(0, true));
    world.happen(Happening::Crash);
    world.settle();

    assert_eq!(world.store.picture(), world.server.picture());
    let [((folder, _), read, ..)] = &world.store.picture()[..] else { panic!("one mail") };
    assert_eq!((folder.as_str(), *read), (ARCHIVE, true));
}

#[test]
fn a_mail_is_sent_once_although_its_copy_is_moved_away_before_it_was_looked_for() {
    let mut world = World::new(Server::new(false, false));
    world.settle();
    world.happen(Happening::Send);
    world.happen(Happening::Command(Accident::LostAfter));
    for _ in 0..30 {
        world.happen(Happening::Ask);
        world.happen(Happening::Command(Accident::None));
        world.happen(Happening::MoveHere(0, ARCHIVE));
    }
    world.settle();
    assert_eq!(world.server.delivered, ["1@example.org"]);
    assert_eq!(world.store.picture(), world.server.picture());
}

#[test]
fn a_mail_that_comes_and_goes_unseen_leaves_no_ghost() {
    let mut world = World::new(Server::new(true, false));
    world.server.deliver(INBOX, "short", START);
    world.settle();
    world.happen(Happening::MoveHere(0, ARCHIVE));
    world.happen(Happening::Command(Accident::None));
    world.happen(Happening::MoveHere(0, INBOX));
    // The server acts and answers with a page, and never tells that the mail was in the archive.
    world.happen(Happening::Command(Accident::Page));
    world.settle();

    assert_eq!(world.store.picture(), world.server.picture());
    let [((folder, _), ..)] = &world.store.picture()[..] else { panic!("one mail") };
    assert_eq!(folder, INBOX);
}

#[test]
fn what_the_server_refuses_is_as_before_and_says_so() {
    let mut world = World::new(Server::new(true, false));
    world.happen(Happening::Stubborn);
    world.settle();
    let before = world.store.picture();
    for wish in [
        Happening::MarkHere(0, true),
        Happening::DeleteHere(0, false),
        Happening::MoveHere(0, ARCHIVE),
    ] {
        world.happen(wish);
        assert_ne!(world.store.picture(), before);
        world.settle();
        assert_eq!(world.store.picture(), before);
    }
    let codes: Vec<&str> = world.store.refused.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["status_6", "status_7", "status_5"]);
}

#[test]
fn a_mail_is_sent_once_to_a_server_without_memory_although_its_answer_is_lost() {
    let mut world = World::new(Server::new(false, false));
    world.settle();
    world.happen(Happening::Send);
    world.happen(Happening::Command(Accident::LostAfter));
    world.settle();
    assert_eq!(world.server.delivered, ["1@example.org"]);
}

#[test]
fn a_mail_is_sent_once_although_somebody_in_between_calls_the_server_busy() {
    let mut world = World::new(Server::new(false, false));
    world.settle();
    world.happen(Happening::Send);
    world.happen(Happening::Command(Accident::BusyAfter));
    world.settle();
    assert_eq!(world.server.delivered, ["1@example.org"]);
}

#[test]
fn a_mail_of_which_no_head_tells_is_not_sent_again_and_the_user_decides() {
    let mut world = World::new(Server::new(false, false));
    world.server.hides_heads = true;
    world.settle();
    world.happen(Happening::Send);
    world.happen(Happening::Command(Accident::LostAfter));
    world.settle();
    assert_eq!(world.server.delivered, ["1@example.org"]);
    let states: Vec<&OutboxState> = world.store.outbox.values().map(|mail| &mail.state).collect();
    assert_eq!(states, [&OutboxState::Failed("fate_unknown".to_owned())]);
}

#[test]
fn a_head_that_comes_garbled_is_read_again() {
    let mut world = World::new(Server::new(false, false));
    world.settle();
    world.happen(Happening::Send);
    world.happen(Happening::Command(Accident::LostAfter));
    // Some of these are the heads of what appeared in the folder of sent mails.
    for _ in 0..8 {
        world.happen(Happening::Wait(30));
        world.happen(Happening::Command(Accident::None));
        world.happen(Happening::Command(Accident::Garbled));
    }
    world.settle();
    assert_eq!(world.server.delivered, ["1@example.org"]);
}

#[test]
fn a_mail_that_never_left_is_sent_again() {
    let mut world = World::new(Server::new(false, false));
    world.settle();
    world.happen(Happening::Send);
    world.happen(Happening::Command(Accident::LostBefore));
    world.happen(Happening::Crash);
    world.settle();
    assert_eq!(world.server.delivered, ["1@example.org"]);
}

#[test]
fn a_wipe_is_done_and_then_confirmed() {
    for order in [WipeOrder::Account, WipeOrder::Device] {
        let mut world = World::new(Server::new(true, true));
        world.settle();
        world.server.wipes = Some(order);
        world.server.deliver(INBOX, "late", START);
        world.settle();
        assert!(world.server.wipe_reported);
        assert_eq!(world.wiped, Some(order));
        assert_eq!(world.account.next_command(world.now + Duration::days(1)), None);
    }
}

#[test]
fn the_confirmation_of_a_wipe_is_lost_neither_by_a_restart_nor_by_the_network() {
    let mut world = ordered_to_wipe();
    for accident in [Accident::Unsent, Accident::LostBefore, Accident::Busy, Accident::Unsent] {
        world.happen(Happening::Crash);
        world.happen(Happening::Command(accident));
        assert!(world.wiped.is_none() && !world.server.wipe_reported, "{accident:?}");
        assert_eq!(world.store.saved().folders, []);
    }
    world.settle();
    assert!(world.server.wipe_reported);
    assert_eq!(world.wiped, Some(WipeOrder::Device));
}

#[test]
fn a_server_that_cannot_be_told_of_a_wipe_puts_it_off_for_a_week() {
    let mut world = ordered_to_wipe();
    world.happen(Happening::Command(Accident::Unsent));
    let (order, until) = world.account.wipe_ordered().unwrap();
    assert_eq!(until - world.now > Duration::days(6), until - world.now <= Duration::days(7));
    assert_eq!(world.account.wipe_due(until - Duration::SECOND), None);
    assert_eq!(world.account.wake_at(until - Duration::SECOND), Some(until));
    world.happen(Happening::Crash);
    assert_eq!(world.account.wipe_due(until), Some(order));
}

/// A device whose server has ordered a wipe and not heard of it since.
fn ordered_to_wipe() -> World {
    let mut world = World::new(Server::new(true, true));
    world.happen(Happening::Deliver(true));
    world.settle();
    world.happen(Happening::Send);
    world.server.wipes = Some(WipeOrder::Device);
    world.server.deliver(INBOX, "late", START);
    while world.store.account.wipe_ordered.is_none() {
        world.happen(Happening::Push(Accident::None));
        world.happen(Happening::Command(Accident::None));
    }
    world
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        20 => own_happening(),
        7 => wish(),
        1 => (0..8_usize).prop_map(Happening::Delete),
        1 => (0..8_usize, any::<bool>()).prop_map(|(nth, read)| Happening::MarkThere(nth, read)),
        1 => (0..8_usize, place()).prop_map(|(nth, to)| Happening::MoveThere(nth, to)),
        1 => (0..8_usize, place()).prop_map(|(nth, to)| Happening::CopyThere(nth, to)),
        1 => Just(Happening::Stubborn),
        2 => Just(Happening::Send),
        2 => (0..8_usize, any::<bool>()).prop_map(|(nth, forward)| Happening::Answer(nth, forward)),
        1 => Just(Happening::Forget),
        1 => Just(Happening::NewPolicy),
        1 => any::<bool>().prop_map(Happening::Folder),
    ]
}

/// What happens without anybody else's doing.
fn own_happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        12 => accident().prop_map(Happening::Command),
        4 => accident().prop_map(Happening::Push),
        1 => Just(Happening::Crash),
        3 => any::<bool>().prop_map(Happening::Deliver),
        1 => Just(Happening::Ask),
        2 => (0..4000_u16).prop_map(Happening::Wait),
    ]
}

fn wish() -> impl Strategy<Value = Happening> {
    let flag = prop_oneof![Just(FlagState::None), Just(FlagState::Active), Just(FlagState::Done)];
    prop_oneof![
        2 => (0..8_usize, any::<bool>()).prop_map(|(nth, read)| Happening::MarkHere(nth, read)),
        1 => (0..8_usize, flag).prop_map(|(nth, state)| Happening::FlagHere(nth, state)),
        1 => (0..8_usize, any::<bool>()).prop_map(|(nth, red)| Happening::CategorizeHere(nth, red)),
        1 => (0..8_usize, any::<bool>()).prop_map(|(nth, good)| Happening::DeleteHere(nth, good)),
        3 => (0..8_usize, place()).prop_map(|(nth, to)| Happening::MoveHere(nth, to)),
    ]
}

fn place() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(INBOX), Just(ARCHIVE)]
}

fn accident() -> impl Strategy<Value = Accident> {
    prop_oneof![
        8 => Just(Accident::None),
        1 => Just(Accident::Unsent),
        1 => Just(Accident::LostBefore),
        2 => Just(Accident::LostAfter),
        1 => Just(Accident::DiedAfter),
        1 => Just(Accident::Busy),
        1 => Just(Accident::BusyAfter),
        1 => Just(Accident::Garbled),
        1 => Just(Accident::Page),
        1 => Just(Accident::TooLarge),
        1 => prop_oneof![Just(403), Just(501)].prop_map(Accident::TurnsAway),
    ]
}
