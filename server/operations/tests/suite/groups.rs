//! Groups and their settings.

use crate::fleet_for_tests::{Fleet, NOW, anna, clock, name, refusal};
use time::Duration;

#[tokio::test]
async fn settings_have_a_revision_and_a_date() {
    clock!(clock);
    let fleet = Fleet::with(5, clock::now).await;
    let group = fleet.group("Sales").await;
    assert_eq!((group.revision, group.changed_at), (1, NOW));

    clock::advance(Duration::HOUR);
    let mut settings = group.settings.clone();
    settings.container.lock_after_seconds = 60;
    fleet.operations.change_settings(&anna(), group.id, settings.clone(), None).await.unwrap();

    let changed = fleet.operations.group(group.id).await.unwrap().unwrap();
    assert_eq!((changed.revision, changed.changed_at), (2, NOW + Duration::HOUR));
    assert_eq!(changed.settings, settings);
    let same = fleet.operations.change_settings(&anna(), group.id, settings, None).await;
    assert_eq!(refusal(same), "settings_unchanged");
}

#[tokio::test]
async fn settings_that_no_app_could_obey_are_refused_with_their_places() {
    let fleet = Fleet::new().await;
    let group = fleet.group("Sales").await;
    let mut settings = group.settings.clone();
    settings.container.wrong_passwords = 0;
    settings.mail.days = 2;

    let failure =
        fleet.operations.change_settings(&anna(), group.id, settings, None).await.unwrap_err();

    insta::assert_snapshot!(failure, @"the settings were not taken: mail.days: must be 1, 3, 7, 14 or 30 days, or 0 for all mail; container.wrong_passwords: must be from 3 to 20");
    assert_eq!(fleet.operations.group(group.id).await.unwrap(), Some(group));
}

#[tokio::test]
async fn a_name_belongs_to_one_group() {
    let fleet = Fleet::new().await;
    let (sales, lab) = (fleet.group("Sales").await, fleet.group("Lab").await);
    let it = &fleet.operations;

    assert_eq!(refusal(it.rename_group(&anna(), lab.id, name("SALES")).await), "name_taken");
    let sales = it.rename_group(&anna(), sales.id, name("SALES")).await.unwrap();
    let lab = it.rename_group(&anna(), lab.id, name("Labs")).await.unwrap();

    let names: Vec<_> = it.groups().await.unwrap().into_iter().map(|item| item.group).collect();
    assert_eq!(names, [lab, sales]);
}

#[tokio::test]
async fn a_group_is_removed_once_nobody_is_in_it() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let it = &fleet.operations;
    assert_eq!(it.groups().await.unwrap()[0].users, 1);
    assert_eq!(refusal(it.remove_group(&anna(), alice.group).await), "has_people");

    it.remove_user(&anna(), alice.id).await.unwrap();
    it.remove_group(&anna(), alice.group).await.unwrap();

    assert_eq!(it.groups().await.unwrap(), []);
    assert_eq!(refusal(it.remove_group(&anna(), alice.group).await), "unknown_group");
}

#[tokio::test]
async fn nobody_overwrites_settings_they_have_not_seen() {
    let fleet = Fleet::new().await;
    let group = fleet.group("Sales").await;
    let it = &fleet.operations;
    let mut settings = group.settings.clone();
    settings.mail.days = 7;
    it.change_settings(&anna(), group.id, settings.clone(), Some(1)).await.unwrap();

    settings.mail.days = 14;
    let late = it.change_settings(&anna(), group.id, settings, Some(1)).await;

    assert_eq!(refusal(late), "settings_outdated");
    assert_eq!(it.group(group.id).await.unwrap().unwrap().settings.mail.days, 7);
}
