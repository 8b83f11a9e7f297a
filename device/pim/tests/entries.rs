//! A person who edits contacts on a device that is often offline, others who edit them on the server, and everything that can go
//! wrong between: in the end both sides have the same, and nobody's words are lost in silence.

#[cfg(test)]
#[path = "model/cases.rs"]
mod cases;
#[cfg(test)]
#[path = "entries/server.rs"]
mod server;
#[cfg(test)]
#[path = "entries/store.rs"]
mod store;
#[cfg(test)]
#[path = "entries/world.rs"]
mod world;

use cases::cases;
use pim::ConflictKind;
use proptest::{collection::vec, prelude::*};
use server::{Manner, Property};
use world::{Accident, Happening, World};

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn whatever_happens_both_sides_agree_and_no_words_are_lost(
        manner in manner(),
        happenings in vec(happening(), 0..60),
    ) {
        let mut world = World::new(manner);
        let deletes = happenings.iter().any(|happening| matches!(happening, Happening::DeleteThere(_)));
        for happening in happenings {
            world.happen(happening);
        }
        world.settle();

        prop_assert_eq!(world.store.shown(), world.server.shown());
        prop_assert!(world.store.edits.is_empty(), "{:?}", world.store.edits);
        prop_assert_eq!(world.server.doubled(), Vec::<String>::new());
        // A server that takes changes of what it does not have any more loses them.
        if manner.notices || !deletes {
            prop_assert_eq!(world.lost_here(), Vec::<String>::new());
        }
        if manner.notices {
            prop_assert_eq!(world.lost_there(), Vec::<String>::new());
        }
    }
}

#[test]
fn a_new_entry_is_made_once_although_the_answer_is_lost() {
    for manner in [Manner::EXCHANGE, Manner::SOGO] {
        let mut world = World::new(manner);
        world.settle();
        world.happen(Happening::AddHere);
        world.happen(Happening::Command(Accident::None));
        world.happen(Happening::Command(Accident::LostAfter));
        world.settle();
        assert_eq!(world.server.items.len(), 1, "{manner:?}");
        assert_eq!(world.store.shown(), world.server.shown());
    }
}

#[test]
fn news_that_was_lost_with_an_answer_is_asked_for_again() {
    let mut world = World::new(Manner::EXCHANGE);
    world.settle();
    world.happen(Happening::AddHere);
    world.happen(Happening::AddThere);
    // It is asked for the sake of the new entry, which is gone by then.
    world.happen(Happening::Command(Accident::LostAfter));
    world.happen(Happening::DeleteHere(0));
    world.settle();
    assert_eq!(world.store.shown(), world.server.shown());
}

#[test]
fn a_request_for_the_first_key_carries_nothing_up_and_confirms_nothing() {
    let mut world = World::new(Manner::EXCHANGE);
    world.settle();
    world.happen(Happening::AddThere);
    world.settle();
    world.happen(Happening::Forget);
    world.happen(Happening::EditHere(0, Property::Mobile));
    world.settle();
    assert_eq!(world.lost_here(), Vec::<String>::new());
    assert_eq!(world.store.shown(), world.server.shown());
}

#[test]
fn two_changes_of_one_property_end_with_the_servers_and_the_other_is_kept() {
    let mut world = World::new(Manner::EXCHANGE);
    world.settle();
    world.happen(Happening::AddThere);
    world.settle();
    world.happen(Happening::EditThere(0, Property::Mobile));
    world.happen(Happening::EditHere(0, Property::Mobile));
    world.happen(Happening::EditHere(0, Property::JobTitle));
    world.settle();

    let [conflict] = &world.store.conflicts[..] else { panic!("{:?}", world.store.conflicts) };
    assert_eq!(conflict.kind, ConflictKind::Changed);
    let mine = conflict.mine.clone().into_contact().unwrap();
    assert!(mine.mobile_phone_number.is_some() && mine.job_title.is_none());
    assert_eq!(world.store.shown(), world.server.shown());
}

#[test]
fn a_change_beats_a_deletion_on_either_side() {
    let mut world = World::new(Manner::EXCHANGE);
    world.settle();
    world.happen(Happening::AddThere);
    world.happen(Happening::AddThere);
    world.settle();
    world.happen(Happening::DeleteThere(0));
    world.happen(Happening::EditHere(0, Property::Mobile));
    world.happen(Happening::EditThere(0, Property::Mobile));
    world.happen(Happening::DeleteHere(1));
    world.settle();

    assert_eq!(world.server.items.len(), 2);
    assert_eq!(world.store.shown(), world.server.shown());
    let mut kinds: Vec<ConflictKind> =
        world.store.conflicts.iter().map(|conflict| conflict.kind).collect();
    kinds.sort_by_key(|kind| format!("{kind:?}"));
    assert_eq!(kinds, [ConflictKind::DeletedHere, ConflictKind::DeletedThere]);
}

#[test]
fn one_bad_entry_stops_no_other() {
    let mut world = World::new(Manner::EXCHANGE);
    world.settle();
    world.happen(Happening::AddHere);
    world.happen(Happening::AddHere);
    world.server.refuses = Some("name 1".to_owned());
    world.settle();

    let refused: Vec<_> = world.store.edits.values().map(|edit| edit.refused.as_deref()).collect();
    assert_eq!(refused, [Some("status_6")]);
    assert_eq!(world.server.items.len(), 1);
    assert_eq!(world.store.shown().len(), 2, "the person still sees what they wrote");
}

#[test]
fn what_was_written_in_a_folder_that_is_gone_moves_to_the_persons_own() {
    let mut world = World::new(Manner::EXCHANGE);
    world.server.second_folder = true;
    world.settle();
    world.happen(Happening::AddInSecond);
    world.server.second_folder = false;
    world.server.tree_changed();
    world.settle();
    assert_eq!(world.server.items.len(), 1);
    assert_eq!(world.store.shown(), world.server.shown());
}

fn manner() -> impl Strategy<Value = Manner> {
    prop_oneof![
        Just(Manner::EXCHANGE),
        Just(Manner { partial: true, ..Manner::EXCHANGE }),
        Just(Manner::SOGO)
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    let nth = || 0..4_usize;
    let property = || prop_oneof![Just(Property::JobTitle), Just(Property::Mobile)];
    prop_oneof![
        14 => accident().prop_map(Happening::Command),
        3 => accident().prop_map(Happening::Push),
        2 => Just(Happening::Crash),
        3 => Just(Happening::AddHere),
        2 => Just(Happening::AddThere),
        5 => (nth(), property()).prop_map(|(nth, property)| Happening::EditHere(nth, property)),
        4 => (nth(), property()).prop_map(|(nth, property)| Happening::EditThere(nth, property)),
        1 => nth().prop_map(Happening::DeleteHere),
        1 => nth().prop_map(Happening::DeleteThere),
        1 => Just(Happening::Forget),
        2 => (0..400_u16).prop_map(Happening::Wait),
    ]
}

fn accident() -> impl Strategy<Value = Accident> {
    prop_oneof![
        8 => Just(Accident::None),
        1 => Just(Accident::Unsent),
        1 => Just(Accident::LostBefore),
        3 => Just(Accident::LostAfter),
        2 => Just(Accident::DiedAfter),
        1 => Just(Accident::FailedAfter),
        1 => Just(Accident::BusyAfter),
    ]
}
