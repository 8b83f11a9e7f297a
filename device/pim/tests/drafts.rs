//! A person who writes drafts on a device that is often offline, the same person who writes on them elsewhere, and everything that
//! can go wrong between: in the end both sides have the same drafts, each once, and no words are lost.

#[cfg(test)]
#[path = "model/cases.rs"]
mod cases;
#[cfg(test)]
#[path = "drafts/server.rs"]
mod server;
#[cfg(test)]
#[path = "drafts/store.rs"]
mod store;
#[cfg(test)]
#[path = "drafts/world.rs"]
mod world;

use activesync::query::Version;
use cases::cases;
use pim::DraftConflict;
use proptest::{collection::vec, prelude::*};
use server::Manner;
use world::{Accident, Happening, World};

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn whatever_happens_both_sides_have_the_same_drafts_and_no_words_are_lost(
        manner in manner(),
        happenings in vec(happening(), 0..60),
    ) {
        let mut world = World::new(manner);
        for happening in happenings {
            world.happen(happening);
        }
        world.settle();

        prop_assert_eq!(world.store.shown(), world.server.shown());
        prop_assert_eq!(world.store.waiting(), Vec::new());
        prop_assert_eq!(world.server.doubled(), Vec::<String>::new());
        prop_assert_eq!(world.lost_here(), Vec::<String>::new());
        if manner.notices {
            prop_assert_eq!(world.lost_there(), Vec::<String>::new());
        }
    }
}

#[test]
fn a_new_draft_with_a_file_is_made_once_although_the_answer_is_lost() {
    for manner in [Manner::EXCHANGE, Manner::FORGETFUL] {
        let mut world = settled(manner);
        world.happen(Happening::AddHere);
        world.happen(Happening::AttachHere(0, false));
        world.happen(Happening::Wait(60));
        world.happen(Happening::Command(Accident::None));
        world.happen(Happening::Command(Accident::LostAfter));
        world.settle();
        assert_eq!(world.server.items.len(), 1, "{manner:?}");
        assert_eq!(world.server.doubled(), Vec::<String>::new());
        assert_eq!(world.store.shown(), world.server.shown());
    }
}

#[test]
fn what_was_written_elsewhere_in_a_new_draft_is_known_after_a_restart() {
    let mut world = settled(Manner::EXCHANGE);
    world.happen(Happening::AddHere);
    world.happen(Happening::Wait(60));
    world.happen(Happening::Command(Accident::None));
    world.happen(Happening::Command(Accident::LostAfter));
    world.happen(Happening::WriteThere(0));
    world.happen(Happening::Wait(60));
    world.happen(Happening::Command(Accident::None));
    world.happen(Happening::Command(Accident::DiedAfter));
    world.settle();
    assert_eq!(world.store.shown(), world.server.shown());
    assert_eq!(world.store.conflicts(), [DraftConflict::Changed]);
    assert_eq!(world.server.items.len(), 2);
}

#[test]
fn what_a_server_takes_for_known_of_a_new_draft_is_asked_for() {
    let mut world = settled(Manner::EXCHANGE);
    world.happen(Happening::AddHere);
    world.happen(Happening::Wait(60));
    world.happen(Happening::Command(Accident::None));
    world.happen(Happening::Command(Accident::LostAfter));
    world.happen(Happening::WriteThere(0));
    world.happen(Happening::Wait(60));
    world.happen(Happening::Command(Accident::None));
    world.happen(Happening::WriteThere(0));
    world.settle();
    assert_eq!(world.store.shown(), world.server.shown());
    assert_eq!(world.server.items.len(), 2);
}

#[test]
fn a_file_is_put_to_a_draft_once_although_the_answer_is_lost() {
    let mut world = settled(Manner::EXCHANGE);
    world.happen(Happening::AddThere);
    world.settle();
    world.happen(Happening::AttachHere(0, false));
    world.happen(Happening::Wait(60));
    world.happen(Happening::Command(Accident::None));
    world.happen(Happening::Command(Accident::DiedAfter));
    world.happen(Happening::Wait(60));
    world.settle();
    assert_eq!(world.server.doubled(), Vec::<String>::new());
    assert_eq!(world.store.shown(), world.server.shown());
    let (_, draft) = world.server.items.iter().next().unwrap();
    assert_eq!(draft.files.len(), 1);
}

#[test]
fn a_file_that_was_replaced_by_one_of_the_same_name_goes_up_although_the_answer_is_lost() {
    let mut world = settled(Manner::EXCHANGE);
    world.happen(Happening::AddThere);
    world.settle();
    world.happen(Happening::AttachHere(0, false));
    world.happen(Happening::Wait(60));
    world.happen(Happening::Command(Accident::None));
    world.happen(Happening::Command(Accident::LostAfter));
    world.happen(Happening::AttachHere(0, true));
    world.settle();
    assert_eq!(world.server.doubled(), Vec::<String>::new());
    assert_eq!(world.store.shown(), world.server.shown());
}

#[test]
fn two_changes_of_one_draft_become_two_drafts() {
    let mut world = settled(Manner::EXCHANGE);
    world.happen(Happening::AddThere);
    world.settle();
    world.happen(Happening::AttachHere(0, false));
    world.settle();
    world.happen(Happening::WriteThere(0));
    world.happen(Happening::WriteHere(0));
    world.settle();

    assert_eq!(world.store.shown(), world.server.shown());
    assert_eq!(world.store.conflicts(), [DraftConflict::Changed]);
    assert_eq!(world.server.items.len(), 2);
    assert!(world.server.items.values().all(|draft| draft.files.len() == 1));
}

#[test]
fn a_change_beats_a_deletion_on_either_side() {
    let mut world = settled(Manner::EXCHANGE);
    world.happen(Happening::AddThere);
    world.happen(Happening::AddThere);
    world.settle();
    world.happen(Happening::DeleteThere(0));
    world.happen(Happening::WriteHere(0));
    world.happen(Happening::WriteThere(0));
    world.happen(Happening::DeleteHere(1, false));
    world.settle();

    assert_eq!(world.server.items.len(), 2);
    assert_eq!(world.store.shown(), world.server.shown());
    let mut conflicts = world.store.conflicts();
    conflicts.sort_by_key(|conflict| format!("{conflict:?}"));
    assert_eq!(conflicts, [DraftConflict::DeletedHere, DraftConflict::DeletedThere]);
}

#[test]
fn a_draft_that_was_sent_goes_for_good_and_one_thrown_away_does_not() {
    let mut world = settled(Manner::EXCHANGE);
    world.happen(Happening::AddThere);
    world.happen(Happening::AddThere);
    world.settle();
    world.happen(Happening::DeleteHere(0, true));
    world.happen(Happening::DeleteHere(0, false));
    world.settle();
    assert_eq!((world.server.items.len(), world.server.deleted.len()), (0, 1));
    assert_eq!(world.store.shown(), Vec::new());
}

#[test]
fn a_draft_that_the_server_does_not_take_stays_and_stops_no_other() {
    let mut world = settled(Manner::EXCHANGE);
    world.happen(Happening::AddHere);
    world.happen(Happening::AddHere);
    world.server.refuses = Some("here 1".to_owned());
    world.settle();
    assert_eq!(world.store.refused(), ["status_6"]);
    assert_eq!((world.server.items.len(), world.store.shown().len()), (1, 2));
}

#[test]
fn a_draft_that_the_server_fails_over_stays_and_stops_no_other() {
    for file in [false, true] {
        let mut world = settled(Manner::EXCHANGE);
        for _ in 0..4 {
            world.happen(Happening::AddHere);
        }
        world.settle();
        for nth in 0..4 {
            world.happen(Happening::WriteHere(nth));
        }
        if file {
            world.happen(Happening::AttachHere(0, false));
        }
        world.server.fails_over = Some("here 5".to_owned());
        world.settle();
        assert_eq!(world.store.refused(), ["http_500"], "with a file: {file}");
        let there = world.server.items.values().map(|draft| draft.text.as_str());
        assert_eq!(there.collect::<Vec<_>>(), ["here 1", "here 6", "here 7", "here 8"]);
    }
}

#[test]
fn a_draft_settles_before_it_goes_up() {
    let mut world = settled(Manner::EXCHANGE);
    world.happen(Happening::AddHere);
    for _ in 0..4 {
        world.happen(Happening::WriteHere(0));
        world.happen(Happening::Command(Accident::None));
        world.happen(Happening::Command(Accident::None));
    }
    assert_eq!(world.server.items.len(), 0);
    world.happen(Happening::Wait(10));
    world.happen(Happening::Command(Accident::None));
    world.happen(Happening::Command(Accident::None));
    assert_eq!(world.server.items.len(), 1);
}

#[test]
fn drafts_stay_here_before_16() {
    let mut world = World::new(Manner { version: Version::V14_1, ..Manner::EXCHANGE });
    world.settle();
    world.happen(Happening::AddHere);
    world.happen(Happening::Wait(300));
    world.settle();
    assert_eq!((world.server.items.len(), world.store.shown().len()), (0, 1));
}

fn settled(manner: Manner) -> World {
    let mut world = World::new(manner);
    world.settle();
    world
}

fn manner() -> impl Strategy<Value = Manner> {
    prop_oneof![
        Just(Manner::EXCHANGE),
        Just(Manner { version: Version::V16_0, ..Manner::EXCHANGE }),
        Just(Manner::FORGETFUL)
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    let nth = || 0..4_usize;
    prop_oneof![
        14 => accident().prop_map(Happening::Command),
        3 => accident().prop_map(Happening::Push),
        2 => Just(Happening::Crash),
        3 => Just(Happening::AddHere),
        2 => Just(Happening::AddThere),
        5 => nth().prop_map(Happening::WriteHere),
        3 => nth().prop_map(Happening::WriteThere),
        3 => (nth(), any::<bool>()).prop_map(|(nth, same)| Happening::AttachHere(nth, same)),
        2 => nth().prop_map(Happening::DetachHere),
        2 => nth().prop_map(Happening::AttachThere),
        2 => (nth(), any::<bool>()).prop_map(|(nth, sent)| Happening::DeleteHere(nth, sent)),
        1 => nth().prop_map(Happening::DeleteThere),
        1 => Just(Happening::Forget),
        5 => (0..60_u16).prop_map(Happening::Wait),
    ]
}

fn accident() -> impl Strategy<Value = Accident> {
    prop_oneof![
        8 => Just(Accident::None),
        1 => Just(Accident::Unsent),
        1 => Just(Accident::LostBefore),
        3 => Just(Accident::LostAfter),
        2 => Just(Accident::DiedAfter),
    ]
}
