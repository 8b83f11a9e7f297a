//! Many at once.

use crate::fleet_for_tests::{Fleet, NOW, anna, eas, name};
use fleet::device::{Device, DeviceCertificate, OpenWipe, StateKind, WipeOrder};
use fleet::{Login, Reason};
use keys::SoftwareKey;
use operations::Operations;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::Arc;
use time::Duration;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_devices_at_once_do_not_exceed_the_licence() {
    let fleet = Fleet::with(10, || NOW).await;
    let alice = fleet.alice().await;

    let outcomes = at_once(20, &fleet.operations, move |it, number| {
        let eas_id = eas(&format!("n{number}"));
        async move { code(it.add_native_device(&anna(), alice.id, name("Phone"), eas_id).await) }
    });

    assert_eq!(outcomes.await, counts(&[("done", 10), ("licence_exhausted", 10)]));
    let figures = fleet.operations.figures().await.unwrap();
    assert_eq!(figures.licensed_in_use, 10);
    assert_eq!(figures.devices[&StateKind::Registered], 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_identifier_is_given_to_one_of_twenty() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;

    let outcomes = at_once(20, &fleet.operations, move |it, _| async move {
        code(it.add_native_device(&anna(), alice.id, name("Phone"), eas("same")).await)
    });

    assert_eq!(outcomes.await, counts(&[("done", 1), ("eas_id_taken", 19)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_twenty_blocks_wins() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let device = fleet.native_device(&alice, "n1").await;
    let reason = Reason::parse("lost").unwrap();

    let outcomes = at_once(20, &fleet.operations, move |it, _| {
        let reason = reason.clone();
        async move { code(it.block(&anna(), device.id, reason).await) }
    });

    assert_eq!(outcomes.await, counts(&[("done", 1), ("already_blocked", 19)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everything_at_once_is_counted_and_numbered_without_gaps() {
    let fleet = Fleet::with(6, || NOW).await;
    let alice = fleet.alice().await;
    let mut devices = Vec::new();
    for number in 1..=6 {
        devices.push(fleet.app_device(&alice, number).await.id);
    }
    let before = fleet.last_event().await;
    let reason = Reason::parse("lost").unwrap();

    let outcomes = at_once(48, &fleet.operations, move |it, number| {
        let id = devices[number % 6];
        let reason = reason.clone();
        async move {
            match number / 6 {
                0 | 4 => code(it.block(&anna(), id, reason).await),
                1 => code(it.unblock(&anna(), id).await),
                2 if number % 2 == 0 => code(it.retire(&anna(), id, OpenWipe::Keep).await),
                3 => code(it.wipe(&anna(), id, WipeOrder::Key).await),
                5 => code(it.rename_device(&anna(), id, name(&format!("D{number}"))).await),
                _ => {
                    let eas_id = eas(&format!("x{number}"));
                    code(it.add_native_device(&anna(), alice.id, name("New"), eas_id).await)
                }
            }
        }
    })
    .await;
    assert!(outcomes.keys().all(|code| !code.contains("Store")), "{outcomes:?}");

    let figures = fleet.operations.figures().await.unwrap();
    let counted: u64 =
        figures.devices[&StateKind::Registered] + figures.devices[&StateKind::Blocked];
    assert_eq!(figures.licensed_in_use, counted);
    assert!(counted <= 6, "{counted} devices in service");

    let events = fleet.events().await;
    let numbers: Vec<_> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(numbers, (1..=before + 48).collect::<Vec<_>>());

    let changes = fleet.store.changes_after(0, 1_000).await.unwrap();
    let numbers: Vec<_> = changes.iter().map(|change| change.sequence).collect();
    assert_eq!(numbers, (1..=figures.sequence).collect::<Vec<_>>());
}

/// Whoever follows the numbers while many write must never find an earlier number later.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_follower_sees_every_change_in_order() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let start = fleet.store.sequence().await.unwrap();
    let store = fleet.store.clone();
    let follower = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < 30 {
            let position = start + seen.len() as u64;
            let changes = store.changes_after(position, 1_000).await.unwrap();
            seen.extend(changes.into_iter().map(|change| change.sequence));
            tokio::task::yield_now().await;
        }
        seen
    });

    at_once(30, &fleet.operations, move |it, number| {
        let eas_id = eas(&format!("n{number}"));
        async move { code(it.add_native_device(&anna(), alice.id, name("Phone"), eas_id).await) }
    })
    .await;

    assert_eq!(follower.await.unwrap(), (start + 1..=start + 30).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn signing_in_and_setting_the_password_do_not_block_each_other() {
    let fleet = Fleet::new().await;
    let password: SecretString = "correct horse battery".into();
    let login = Login::parse("anna").unwrap();
    let created = fleet.operations.create_administrator(&anna(), login, &password).await.unwrap();

    let outcomes = at_once(12, &fleet.operations, move |it, number| {
        let password = password.clone();
        async move {
            match number % 2 {
                0 => code(it.set_password(&anna(), created.id, &password).await),
                _ => code(it.sign_in("anna", &password, None).await),
            }
        }
    })
    .await;

    // A password that was hashed anew meanwhile counts as another one.
    let ended: usize = outcomes
        .iter()
        .filter(|(code, _)| {
            ["done", "wrong_name_or_password", "locked_out"].contains(&code.as_str())
        })
        .map(|(_, count)| count)
        .sum();
    assert_eq!(ended, 12, "{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn blocking_a_person_and_exchanging_certificates_do_not_block_each_other() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let mut tablets = Vec::new();
    for number in 1..=4 {
        let tablet = fleet.app_device(&alice, number).await;
        let certificate = tablet.certificate.clone().unwrap();
        let not_after = NOW + Duration::days(9);
        let certificate = Some(DeviceCertificate { not_after, ..certificate });
        let tablet = Device { certificate, ..tablet };
        fleet.save(&tablet).await;
        tablets.push(tablet);
    }
    let request =
        pki::make_request(&pki::Subject::new("device"), &SoftwareKey::make_p256().unwrap());
    let (tablets, request) = (Arc::new(tablets), Arc::new(request.unwrap()));

    let outcomes = at_once(24, &fleet.operations, move |it, number| {
        let (tablets, request) = (Arc::clone(&tablets), Arc::clone(&request));
        async move {
            match number % 6 {
                4 => code(it.block_user(&anna(), alice.id, Reason::parse("lost").unwrap()).await),
                5 => code(it.unblock_user(&anna(), alice.id).await),
                tablet => code(it.renew_device(&tablets[tablet], &request).await),
            }
        }
    })
    .await;

    let ended =
        ["done", "already_blocked", "not_blocked", "not_in_service", "certificate_issued_just_now"];
    assert!(outcomes.keys().all(|code| ended.contains(&code.as_str())), "{outcomes:?}");
}

/// Runs an operation so many times at once, and counts how it ended.
async fn at_once<F: Future<Output = String> + Send + 'static>(
    times: usize,
    operations: &Operations,
    run: impl Fn(Operations, usize) -> F,
) -> BTreeMap<String, usize> {
    let mut running = JoinSet::new();
    for number in 0..times {
        running.spawn(run(operations.clone(), number));
    }

    let mut outcomes = BTreeMap::new();
    for code in running.join_all().await {
        *outcomes.entry(code).or_default() += 1;
    }

    outcomes
}

fn code<T, R: fleet::Refusal>(outcome: Result<T, operations::Failure<R>>) -> String {
    match outcome {
        Ok(_) => "done".to_owned(),
        Err(failure) => match failure.answer() {
            Ok(answer) => answer.code.to_owned(),
            Err(fault) => format!("{fault:?}"),
        },
    }
}

fn counts(expected: &[(&str, usize)]) -> BTreeMap<String, usize> {
    expected.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect()
}
