//! A person with two devices and a mailbox, and everything that can go wrong between them, in thousands of random worlds.
//!
//! The devices are the state machine that ships (`pim`), the server is the sandbox itself, and time is the world's, so that hours go
//! by in no time. In the end faults stop, and everybody has the same: what a device has that was never here before.
//!
//! `PROPTEST_CASES=20000 cargo nextest run -p sandbox --test converge` tries more worlds. What fails is made smaller and printed as
//! the list of what happened, which a test of its own can repeat.

#[cfg(test)]
#[path = "../../../../device/pim/tests/model/cases.rs"]
mod cases;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod device;
#[cfg(test)]
#[path = "../../../../device/pim/tests/entries/store.rs"]
mod entries;
#[cfg(test)]
mod entry;
#[cfg(test)]
#[path = "../../../../device/pim/tests/model/store.rs"]
mod mails;
#[cfg(test)]
mod store;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use activesync::messages::{Class, FlagState};
use activesync::query::Version;
use cases::cases;
use device::{Accident, Device};
use entry::Spot;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use sandbox::Fault;
use world::{Doing, Happening, INBOX, JUNK, World};

/// More than any of these worlds needs.
const MOST_REQUESTS: usize = 1500;

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn whatever_happens_devices_and_server_agree_in_the_end(
        version in select(&Version::ALL[..]),
        policy in any::<bool>(),
        begun in any::<bool>(),
        happenings in vec(happening(), 0..100),
    ) {
        let mut world = World::new(version, policy);
        if begun {
            (0..3).for_each(|_| world.happen(Happening::Deliver(false)));
            world.settle();
        }
        for happening in happenings {
            world.happen(happening);
        }
        world.settle();
        agree(&mut world)?;
    }

    #[test]
    fn one_bad_item_never_stops_a_folder(
        version in select(&Version::ALL[..]),
        happenings in vec(with_bad_items(), 1..50),
    ) {
        let mut world = World::new(version, false);
        world.settle();
        let bad = happenings.iter().filter(|happening| is_bad(happening)).count();
        for happening in happenings {
            world.happen(happening);
        }
        world.settle();
        let before = unlike(&mut world);
        prop_assert!(before <= bad, "{before} differ after {bad} bad items");
        prop_assert_eq!(world.lost_words(), Vec::<String>::new());

        world.happen(Happening::Deliver(false));
        world.happen(Happening::Entry(Class::Calendar));
        world.happen(Happening::At(0, Doing::Add(Class::Contacts, false)));
        world.settle();
        prop_assert!(unlike(&mut world) <= before, "what is good goes on");
        prop_assert_eq!(world.lost_words(), Vec::<String>::new());
    }
}

/// How many mails and entries the first device has in another way than one that was never here before.
fn unlike(world: &mut World) -> usize {
    let newcomer = world.newcomer();
    let Some(device) = world.devices.first() else { return usize::MAX };
    let words = |device: &Device| words(device).into_iter().collect();
    differing(device.store.mails(), &newcomer.store.mails()).len()
        + differing(words(device), &words(&newcomer)).len()
}

fn with_bad_items() -> impl Strategy<Value = Happening> {
    let spoilt = select(&[Fault::BadItem, Fault::RefuseItem { status: 6 }][..]);
    let doing = prop_oneof![
        3 => spoilt.prop_map(|fault| Doing::Command(Accident::Fault(fault))),
        4 => Just(Doing::Command(Accident::None)),
        1 => Just(Doing::Work),
        2 => entry_class().prop_map(|class| Doing::Add(class, false)),
        2 => (0..5_usize, spot()).prop_map(|(nth, spot)| Doing::Write(nth, spot)),
        1 => (0..5_usize, any::<bool>()).prop_map(|(nth, read)| Doing::Mark(nth, read)),
    ];
    prop_oneof![
        6 => doing.prop_map(|doing| Happening::At(0, doing)),
        2 => Just(Happening::Deliver(false)),
        1 => entry_class().prop_map(Happening::Entry),
    ]
}

fn is_bad(happening: &Happening) -> bool {
    matches!(
        happening,
        Happening::At(
            _,
            Doing::Command(Accident::Fault(Fault::BadItem | Fault::RefuseItem { .. }))
        )
    )
}

/// Checks that both devices have what one has that was never here before, and that nothing was lost on the way.
fn agree(world: &mut World) -> Result<(), TestCaseError> {
    let newcomer = world.newcomer();
    let (mails, entries) = (newcomer.store.mails(), newcomer.store.entries());
    let ids = mails.keys().map(|item| item.item.0.clone()).chain(entries.keys().cloned());
    prop_assert_eq!(ids.collect::<BTreeSet<_>>(), world.ids());
    for device in &world.devices {
        let differing = differing(device.store.mails(), &mails);
        prop_assert!(differing.is_empty(), "{}: {differing:#?}", device.name);
        prop_assert_eq!(words(device), words(&newcomer), "{}", device.name);
        prop_assert_eq!(folders(device), folders(&newcomer), "{}", device.name);
        prop_assert!(device.store.mails.shown.is_empty(), "{:?}", device.store.mails.shown);
        // What the other device moved or deleted meanwhile cannot be changed any more.
        let mut refused = device.store.mails.refused.iter().map(|refusal| refusal.code.as_str());
        let strange = refused.find(|code| !["status_1", "status_8"].contains(code));
        prop_assert_eq!(strange, None, "{}", device.name);
        prop_assert!(device.store.entries.edits.is_empty(), "{:?}", device.store.entries.edits);
        prop_assert!(device.log.len() < MOST_REQUESTS, "{} requests", device.log.len());
    }
    prop_assert_eq!(world.lost_words(), Vec::<String>::new());
    world.check_deliveries().map_err(TestCaseError::fail)
}

/// What only one of both has, or both have in different ways: here and there.
fn differing<K: Ord + Clone, V: PartialEq + Clone>(
    here: BTreeMap<K, V>,
    there: &BTreeMap<K, V>,
) -> Vec<(K, Option<V>, Option<V>)> {
    let keys: BTreeSet<&K> = here.keys().chain(there.keys()).collect();
    let differing = keys.into_iter().filter(|key| here.get(*key) != there.get(*key));
    differing.map(|key| (key.clone(), here.get(key).cloned(), there.get(key).cloned())).collect()
}

fn words(device: &Device) -> Vec<(String, Vec<(String, String)>)> {
    let entries = device.store.entries().into_iter();
    entries.map(|(id, item)| (id, entry::words(&item))).collect()
}

fn folders(device: &Device) -> Vec<(String, String)> {
    let folders = device.store.mails.folders.values();
    folders.map(|folder| (folder.id.0.clone(), folder.name.clone())).collect()
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        40 => (0..2_usize, doing()).prop_map(|(index, doing)| Happening::At(index, doing)),
        3 => prop::bool::weighted(0.1).prop_map(Happening::Deliver),
        1 => entry_class().prop_map(Happening::Entry),
        1 => Just(Happening::Folder),
        1 => Just(Happening::ForgetKeys),
        1 => Just(Happening::ForgetTree),
        1 => Just(Happening::NewPolicy),
        3 => (0..4000_u16).prop_map(Happening::Wait),
    ]
}

fn doing() -> impl Strategy<Value = Doing> {
    let nth = || 0..5_usize;
    let state = prop_oneof![Just(FlagState::None), Just(FlagState::Active), Just(FlagState::Done)];
    prop_oneof![
        24 => accident().prop_map(Doing::Command),
        5 => accident().prop_map(Doing::Listen),
        6 => Just(Doing::Work),
        2 => Just(Doing::Crash),
        2 => Just(Doing::ArriveLate),
        1 => Just(Doing::Ask),
        4 => (entry_class(), any::<bool>()).prop_map(|(class, series)| Doing::Add(class, series)),
        8 => (nth(), spot()).prop_map(|(nth, spot)| Doing::Write(nth, spot)),
        1 => nth().prop_map(Doing::DeleteEntry),
        2 => (nth(), any::<bool>()).prop_map(|(nth, read)| Doing::Mark(nth, read)),
        1 => (nth(), state).prop_map(|(nth, state)| Doing::Flag(nth, state)),
        1 => (nth(), any::<bool>()).prop_map(|(nth, red)| Doing::Categorize(nth, red)),
        1 => (nth(), any::<bool>()).prop_map(|(nth, good)| Doing::DeleteMail(nth, good)),
        3 => (nth(), select(&[INBOX, JUNK][..])).prop_map(|(nth, to)| Doing::Move(nth, to)),
        3 => Just(Doing::Send),
        2 => (nth(), any::<bool>()).prop_map(|(nth, forward)| Doing::Answer(nth, forward)),
    ]
}

fn entry_class() -> impl Strategy<Value = Class> {
    select(&[Class::Calendar, Class::Contacts, Class::Notes, Class::Tasks][..])
}

fn spot() -> impl Strategy<Value = Spot> {
    prop_oneof![
        3 => Just(Spot::Title),
        2 => Just(Spot::Text),
        2 => (0..3_u8).prop_map(Spot::Occurrence),
        1 => (0..3_u8).prop_map(Spot::NoOccurrence),
    ]
}

fn accident() -> impl Strategy<Value = Accident> {
    prop_oneof![
        16 => Just(Accident::None),
        2 => Just(Accident::DiedAfter),
        1 => Just(Accident::DiedBefore),
        8 => fault().prop_map(Accident::Fault),
        2 => Just(Accident::Late),
        1 => Just(Accident::Page),
        1 => Just(Accident::SignedOut),
        1 => Just(Accident::Unsent),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        4 => Just(Fault::LoseAnswer),
        2 => Just(Fault::LoseRequest),
        1 => Just(Fault::DemandProvisioning),
        1 => Just(Fault::ForgetSyncKeys),
        1 => Just(Fault::RepeatAnswer),
        1 => Just(Fault::SplitWindow),
        1 => Just(Fault::Unavailable { retry_after: 90 }),
        1 => Just(Fault::Refuse { status: 111 }),
    ]
}

#[test]
fn a_tree_that_the_server_forgot_is_asked_anew() {
    for version in Version::ALL {
        let mut world = World::new(version, true);
        world.settle();
        world.happen(Happening::ForgetTree);
        world.happen(Happening::Folder);
        world.settle();
        agree(&mut world).unwrap();
    }
}

#[test]
fn a_mail_that_comes_after_the_server_forgot_its_folder_is_found() {
    let mut world = World::new(Version::V14_0, false);
    world.settle();
    world.happen(Happening::Folder);
    world.happen(Happening::ForgetKeys);
    world.happen(Happening::Deliver(false));
    world.settle();
    agree(&mut world).unwrap();
}

#[test]
fn marks_that_two_devices_set_at_once_are_both_told() {
    let mut world = World::new(Version::V14_0, false);
    world.happen(Happening::Deliver(false));
    world.settle();
    world.happen(Happening::At(1, Doing::Categorize(0, true)));
    world.happen(Happening::At(1, Doing::Command(Accident::None)));
    world.happen(Happening::At(0, Doing::Mark(0, true)));
    world.settle();
    agree(&mut world).unwrap();
}

#[test]
fn an_entry_that_another_device_changed_before_it_was_confirmed_is_as_that_device_left_it() {
    let mut world = World::new(Version::V16_0, false);
    world.settle();
    let first = |accident| Happening::At(0, Doing::Command(accident));
    world.happen(Happening::At(0, Doing::Add(Class::Calendar, false)));
    world.happen(first(Accident::None));
    world.happen(first(Accident::Fault(Fault::LoseAnswer)));
    world.happen(Happening::At(1, Doing::Work));
    world.happen(Happening::At(1, Doing::Write(0, Spot::Title)));
    world.happen(Happening::At(1, Doing::Command(Accident::None)));
    world.settle();
    agree(&mut world).unwrap();
}
