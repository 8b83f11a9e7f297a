//! A device and a server that lose answers, forget, and crash: whatever happens, both end with the same mailbox, and each mail is
//! delivered exactly once.

#[cfg(test)]
#[path = "model/server.rs"]
mod server;
#[cfg(test)]
#[path = "model/store.rs"]
mod store;
#[cfg(test)]
#[path = "model/world.rs"]
mod world;

use proptest::{collection::vec, prelude::*};
use server::{INBOX, Server};
use time::Duration;
use world::{Accident, Happening, START, World};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

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
        prop_assert!(world.store.uploads.is_empty() && world.store.outbox.is_empty() && world.store.candidates.is_empty());
        let mut delivered = world.server.delivered.clone();
        delivered.sort();
        prop_assert_eq!(delivered, world.sent);
    }
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
fn a_wipe_is_confirmed_and_then_done() {
    let mut world = World::new(Server::new(true, true));
    world.settle();
    world.server.wipes = true;
    world.server.deliver(INBOX, "late", START);
    world.settle();
    assert!(world.server.wipe_reported && world.wiped);
    assert_eq!(world.account.next_command(world.now + Duration::days(1)), None);
}

#[test]
fn a_wipe_that_was_ordered_is_done_after_a_restart_without_a_network() {
    let mut world = World::new(Server::new(true, true));
    world.settle();
    world.server.wipes = true;
    world.server.deliver(INBOX, "late", START);
    while world.store.account.wipe_ordered.is_none() {
        world.happen(Happening::Push(Accident::None));
        world.happen(Happening::Command(Accident::None));
    }
    world.happen(Happening::Crash);
    world.happen(Happening::Command(Accident::Unsent));
    assert!(world.wiped && !world.server.wipe_reported);
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        12 => accident().prop_map(Happening::Command),
        4 => accident().prop_map(Happening::Push),
        1 => Just(Happening::Crash),
        3 => any::<bool>().prop_map(Happening::Deliver),
        1 => (0..8_usize).prop_map(Happening::Delete),
        1 => (0..8_usize, any::<bool>()).prop_map(|(nth, read)| Happening::MarkThere(nth, read)),
        2 => (0..8_usize, any::<bool>()).prop_map(|(nth, read)| Happening::MarkHere(nth, read)),
        2 => Just(Happening::Send),
        1 => Just(Happening::Forget),
        1 => Just(Happening::NewPolicy),
        1 => any::<bool>().prop_map(Happening::Folder),
        1 => Just(Happening::Ask),
        2 => (0..4000_u16).prop_map(Happening::Wait),
    ]
}

fn accident() -> impl Strategy<Value = Accident> {
    prop_oneof![
        8 => Just(Accident::None),
        1 => Just(Accident::Unsent),
        1 => Just(Accident::LostBefore),
        2 => Just(Accident::LostAfter),
        1 => Just(Accident::DiedAfter),
        1 => Just(Accident::Busy),
        1 => Just(Accident::Page),
    ]
}
