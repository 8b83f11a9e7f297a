//! The register of certificates, revocation, and revocation lists.

use crate::fleet_for_tests::{Fleet, NOW, anna, clock, refusal};
use audit::Actor;
use ca::{Holder, Issued, Profile, SerialNumber, Standing, Status};
use fleet::device::{Device, OpenWipe, WipeOrder};
use fleet::list::Page;
use operations::{Fault, IssuedFilter, ListDue, Operations};
use pki::validate::{Crl, Inputs, RevocationReason, Revocations, Use, validate};
use pki::{Certificate, Request, Serial, Subject, make_request};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use store::InsertError;
use time::Duration;

clock!(DAYS);
clock!(STANDS);

#[tokio::test]
async fn a_revoked_certificate_is_in_the_next_list_and_nobody_trusts_it() {
    let fleet = Fleet::new().await;
    let (certificate, serial) = issued(&fleet, 1, None).await;
    let it = &fleet.operations;
    let first = published(it).await;
    assert!(is_trusted(it, &certificate, &first));

    let reason = RevocationReason::KeyCompromise;
    let revoked = it.revoke_certificate(&anna(), &serial, reason).await.unwrap();
    assert_eq!(revoked.status(NOW), Status::Revoked);
    let second = published(it).await;
    assert!(!is_trusted(it, &certificate, &second));
    assert!(number(&second) > number(&first));
    assert!(it.publish_lists(&anna(), ListDue::IfDue).await.unwrap().is_empty(), "it is new");

    assert_eq!(
        refusal(it.revoke_certificate(&anna(), &serial, reason).await),
        "certificate_already_revoked"
    );
    assert_eq!(refusal(it.release_certificate(&anna(), &serial).await), "certificate_revoked");
    let unknown = SerialNumber::parse("77").unwrap();
    assert_eq!(
        refusal(it.revoke_certificate(&anna(), &unknown, reason).await),
        "unknown_certificate"
    );
    insta::assert_snapshot!(fleet.log_after(0).await, @r#"
      1 server | registration.finish | server "" | done |
      2 administrator anna | crl.publish | server "" | done | crl_number="1767323045" issuer="CN=Example Cordon CA,O=Example" next_update="2026-01-09T03:04:05Z" revoked="0"
      3 administrator anna | certificate.revoke | certificate "CN=device-1" | done | certificate_serial="01010101010101010101010101010101" profile="device" revocation_reason="keyCompromise"
      4 administrator anna | crl.publish | server "" | done | crl_number="1767323046" issuer="CN=Example Cordon CA,O=Example" next_update="2026-01-09T03:04:05Z" revoked="1"
      5 administrator anna | certificate.revoke | certificate "CN=device-1" | refused: certificate_already_revoked | certificate_serial="01010101010101010101010101010101" profile="device" revocation_reason="keyCompromise"
      6 administrator anna | certificate.release | certificate "CN=device-1" | refused: certificate_revoked | certificate_serial="01010101010101010101010101010101" profile="device"
      7 administrator anna | certificate.revoke | certificate "" | refused: unknown_certificate | certificate_serial="77" revocation_reason="keyCompromise"
    "#);
}

#[tokio::test]
async fn a_hold_is_released_or_becomes_final() {
    let fleet = Fleet::new().await;
    let (certificate, serial) = issued(&fleet, 1, None).await;
    let it = &fleet.operations;
    let hold = RevocationReason::CertificateHold;

    let held = it.revoke_certificate(&anna(), &serial, hold).await.unwrap();
    assert_eq!(held.status(NOW), Status::OnHold);
    assert!(!is_trusted(it, &certificate, &published(it).await));
    assert_eq!(
        refusal(it.revoke_certificate(&anna(), &serial, hold).await),
        "certificate_already_on_hold"
    );
    it.release_certificate(&anna(), &serial).await.unwrap();
    assert!(is_trusted(it, &certificate, &published(it).await));
    assert_eq!(refusal(it.release_certificate(&anna(), &serial).await), "certificate_not_on_hold");

    it.revoke_certificate(&anna(), &serial, hold).await.unwrap();
    let reason = RevocationReason::Superseded;
    let revoked = it.revoke_certificate(&anna(), &serial, reason).await.unwrap();
    assert_eq!(revoked.revocation.unwrap().reason, reason);
}

#[tokio::test]
async fn a_list_is_made_anew_each_day_and_lasts_a_week() {
    let fleet = Fleet::with(9, DAYS::now).await;
    let it = &fleet.operations;
    let first = published(it).await;
    assert_eq!(first.next_update(), Some(NOW + Duration::days(7)));

    DAYS::advance(Duration::hours(23));
    assert!(it.publish_lists(&Actor::Server, ListDue::IfDue).await.unwrap().is_empty());
    DAYS::advance(Duration::hours(1));
    let second = published(it).await;
    assert_eq!(second.next_update(), Some(NOW + Duration::days(8)));

    // A clock that was set back takes no number back.
    DAYS::advance(Duration::days(-30));
    let third = published(it).await;
    assert!(number(&third) > number(&second));
}

#[tokio::test]
async fn whoever_leaves_service_loses_the_certificate() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let it = &fleet.operations;
    let retired = fleet.app_device(&alice, 1).await;
    let wiped = fleet.app_device(&alice, 2).await;
    let of_retired = issued(&fleet, 1, Some(&retired)).await.1;
    let of_wiped = issued(&fleet, 2, Some(&wiped)).await.1;
    let own = issued(&fleet, 3, None).await.1;
    let status = async |serial| it.certificate(serial).await.unwrap().unwrap().status(NOW);

    it.retire(&anna(), retired.id, OpenWipe::Keep).await.unwrap();
    assert_eq!(status(&of_retired).await, Status::Revoked);
    it.wipe(&anna(), wiped.id, WipeOrder::Data).await.unwrap();
    assert_eq!(status(&of_wiped).await, Status::Valid, "it still has to hear of the order");
    let itself = Actor::Device(wiped.id.0);
    it.confirm_wipe(&itself, wiped.id, WipeOrder::Data).await.unwrap();
    assert_eq!(status(&of_wiped).await, Status::Revoked);
    it.retire(&anna(), wiped.id, OpenWipe::Keep).await.unwrap();

    let last = it.certificate(&of_retired).await.unwrap().unwrap();
    assert_eq!(last.revocation.unwrap().reason, RevocationReason::CessationOfOperation);
    assert_eq!(status(&own).await, Status::Valid);
    let revoked = IssuedFilter { revoked: Some(true), ..IssuedFilter::default() };
    assert_eq!(it.certificates(&revoked, Page::default()).await.unwrap().total, 2);
}

#[tokio::test]
async fn a_serial_number_is_given_once() {
    let fleet = Fleet::new().await;
    let (certificate, serial) = issued(&fleet, 1, None).await;
    let entry = fleet.operations.certificate(&serial).await.unwrap().unwrap();
    assert_eq!(entry.der.as_deref(), Some(certificate.as_der()));

    let unit = fleet.store.begin().await.unwrap();
    let again = unit.insert_issued(&entry).await;
    assert!(matches!(again, Err(InsertError::Taken)), "{again:?}");
}

#[tokio::test]
async fn own_certificates_are_entered_once() {
    let fleet = Fleet::new().await;
    let portal = fleet.operations.authority().portal().certificate.clone();
    let foreign = Certificate::from_der(pki_of_somebody_else().as_der()).unwrap();
    let own = [(portal.clone(), Profile::Portal), (foreign, Profile::Server)];
    for _ in 0..2 {
        fleet.operations.record_own_certificates(&Actor::Server, &own).await.unwrap();
    }

    let any = IssuedFilter::default();
    let all = fleet.operations.certificates(&any, Page::default()).await.unwrap();
    let serials: Vec<_> = all.items.into_iter().map(|issued| issued.serial).collect();
    assert_eq!(serials, [SerialNumber::of(&portal)]);
    assert_eq!(fleet.last_event().await, 1);
}

#[tokio::test]
async fn certificates_are_found_by_how_they_stand_and_whose_they_are() {
    let fleet = Fleet::with(9, STANDS::now).await;
    let alice = fleet.alice().await;
    let tablet = fleet.app_device(&alice, 1).await;
    let it = &fleet.operations;
    let of_tablet = issued(&fleet, 1, Some(&tablet)).await.1;
    let (on_hold, revoked) = (issued(&fleet, 2, None).await.1, issued(&fleet, 3, None).await.1);
    it.revoke_certificate(&anna(), &on_hold, RevocationReason::CertificateHold).await.unwrap();
    it.revoke_certificate(&anna(), &revoked, RevocationReason::Superseded).await.unwrap();

    for days in [0, 699, 2, 28, 2] {
        STANDS::advance(Duration::days(days));
        let mut found = 0;
        for standing in Standing::ALL {
            let filter = IssuedFilter { standing: Some(*standing), ..IssuedFilter::default() };
            let listing = it.certificates(&filter, Page::default()).await.unwrap();
            assert_eq!(listing.total, u64::try_from(listing.items.len()).unwrap());
            assert!(listing.items.iter().all(|issued| issued.standing(it.now()) == *standing));
            found += listing.items.len();
        }
        assert_eq!(found, 3, "each stands in one way, {} days on", (it.now() - NOW).whole_days());
    }
    for filter in [
        IssuedFilter { user: Some(alice.id), ..IssuedFilter::default() },
        IssuedFilter { device: Some(tablet.id), ..IssuedFilter::default() },
        IssuedFilter { search: "DEVICE-1".into(), ..IssuedFilter::default() },
    ] {
        let listing = it.certificates(&filter, Page::default()).await.unwrap();
        let serials: Vec<_> = listing.items.iter().map(|issued| &issued.serial).collect();
        assert_eq!(serials, [&of_tablet]);
        let names = it.holder_names(&listing.items).await.unwrap();
        assert_eq!(names.devices[&tablet.id], tablet.name);
        assert_eq!(names.users[&alice.id].1, alice.name);
    }
}

/// Cancelled after each number of steps, as if the process had been killed there.
#[tokio::test]
async fn whatever_is_cut_off_no_list_goes_back_and_no_number_is_given_twice() {
    let fleet = Fleet::new().await;
    let mut last = 0;
    let mut was_cut_off = false;
    for polls in 0_u8..200 {
        let serial = issued(&fleet, polls + 1, None).await.1;
        let it = &fleet.operations;
        let reason = RevocationReason::Superseded;
        let actor = anna();
        let both = async {
            it.revoke_certificate(&actor, &serial, reason).await.unwrap();
            it.publish_lists(&actor, ListDue::IfDue).await.unwrap();
        };
        let finished = polled(both, polls).await;

        let issuer = it.authority().issuer().certificate().fingerprint();
        // Whatever is still on its way holds the lock.
        fleet.store.begin().await.unwrap().roll_back().await.unwrap();
        if let Some(list) = it.revocation_list(issuer).await.unwrap() {
            assert!(list.number >= last, "after {polls} polls");
            last = list.number;
        }
        let is_revoked = it.certificate(&serial).await.unwrap().unwrap().revocation.is_some();
        let made = it.publish_lists(&actor, ListDue::IfDue).await.unwrap();
        for listed in &made {
            assert!(listed.list.number > last, "after {polls} polls");
            last = listed.list.number;
        }
        let list = it.revocation_list(issuer).await.unwrap().unwrap();
        let unit = fleet.store.begin().await.unwrap();
        let revoked = unit.revoked_by(issuer, NOW).await.unwrap();
        unit.roll_back().await.unwrap();
        assert_eq!(revoked.iter().any(|it| it.serial == serial), is_revoked);
        assert_eq!(list.number, last);
        if finished {
            assert!(is_revoked && was_cut_off && made.is_empty());
            return;
        }
        was_cut_off = true;
    }
    panic!("it never finished");
}

/// Issues a certificate and enters it, as a registration does.
async fn issued(fleet: &Fleet, number: u8, device: Option<&Device>) -> (Certificate, SerialNumber) {
    let key = keys::SoftwareKey::make_p256().unwrap();
    let request = make_request(&Subject::new("x"), &key).unwrap();
    let request = Request::from_der(&request).unwrap();
    let root = fleet.operations.authority().issuer();
    let (name, serial) = (format!("device-{number}"), Serial::from_random([number; 16]));
    let certificate = root.issue_device(&request, &name, serial, NOW).unwrap();
    let holder = Holder { device: device.map(|it| it.id), user: device.map(|it| it.user) };
    let issuer = root.certificate();
    let entry = Issued::new(&certificate, issuer, Profile::Device, holder, NOW);
    let unit = fleet.store.begin().await.unwrap();
    unit.insert_issued(&entry).await.unwrap();
    unit.commit(audit::Record {
        at: NOW,
        actor: Actor::Server,
        action: audit::Action::RegistrationFinish,
        subject: audit::Subject::server(),
        outcome: audit::Outcome::Done,
        detail: audit::Detail::new(),
    })
    .await
    .unwrap();

    (certificate, entry.serial)
}

/// Publishes the list that is due.
async fn published(operations: &Operations) -> Crl {
    let made: Result<Vec<_>, Fault> = operations.publish_lists(&anna(), ListDue::IfDue).await;
    let made = made.unwrap();
    let [made] = made.as_slice() else { panic!("one list is due, not {}", made.len()) };
    let kept = operations.revocation_list(made.issuer.fingerprint()).await.unwrap().unwrap();
    assert_eq!(kept, made.list);

    Crl::from_der(&kept.der).unwrap()
}

fn number(list: &Crl) -> u64 {
    list.number().unwrap().iter().fold(0, |number, octet| (number << 8) | u64::from(*octet))
}

fn is_trusted(operations: &Operations, certificate: &Certificate, list: &Crl) -> bool {
    let anchors = [operations.authority().issuer().certificate().clone()];
    let mut inputs = Inputs::new(&anchors, NOW, Use::TlsClient);
    inputs.crls = std::slice::from_ref(list);
    inputs.revocation = Revocations::Required;

    validate(certificate, &inputs).is_ok()
}

fn pki_of_somebody_else() -> Certificate {
    let key = std::sync::Arc::new(keys::SoftwareKey::make_p256().unwrap());
    let lifetime = ca::Lifetime::from_years(10).unwrap();
    let serial = Serial::from_random([9; 16]);

    ca::make_root("Other", key, lifetime, serial, NOW).unwrap().certificate().clone()
}

/// Polls a future so often and drops it; tells whether it had finished.
async fn polled(future: impl Future, times: u8) -> bool {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
