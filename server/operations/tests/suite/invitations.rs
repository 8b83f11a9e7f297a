//! Invitations.

use crate::fleet_for_tests::{Fleet, NOW, anna, clock, name, refusal};
use fleet::device::StateKind;
use fleet::invitation::{Standing, Validity, Warning};
use fleet::list::{DeviceFilter, InvitationFilter, Page};
use operations::InvitationCode;
use secrecy::ExposeSecret as _;
use time::Duration;

#[tokio::test]
async fn an_invitation_without_a_certificate_is_made_with_a_warning() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let before = fleet.last_event().await;

    let invited = fleet.operations.invite(&anna(), alice.id, None, Validity::default()).await;

    assert_eq!(invited.unwrap().warning, Some(Warning::CertificateMissing));
    insta::assert_snapshot!(fleet.log_after(before).await, @r#"  3 administrator anna | invitation.create | invitation "alice" | done | expires_at="2026-01-09T03:04:05Z" warning="user_certificate_missing""#);
}

#[tokio::test]
async fn an_invitation_is_a_link_that_only_the_invited_person_has() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let invited = fleet.operations.invite(&anna(), alice.id, None, Validity::default()).await;
    let invited = invited.unwrap();

    let link = invited.link.expose_secret();
    let rest = link.strip_prefix("https://mail.example.com/join#code=").unwrap();
    let (code, pin) = rest.split_once("&pin=").unwrap();
    let code = InvitationCode::parse(code).expect("the code is one");
    let root = fleet.operations.authority().issuer().certificate().fingerprint();
    assert_eq!(pin, data_encoding::BASE64URL_NOPAD.encode(&root.0));
    let found = fleet.store.invitation_by_code(code.hash()).await.unwrap();
    assert_eq!(found, Some(invited.invitation.clone()));
    for event in fleet.events().await {
        let text = event.to_json().unwrap();
        assert!(!text.contains(code.as_str()), "the log knows the code: {text}");
    }

    assert_eq!(invited.device.state.kind(), StateKind::Invited);
    assert_eq!(invited.device.name, alice.name);
    assert_eq!(invited.invitation.expires_at, NOW + Duration::days(7));
    let listing =
        fleet.operations.devices(&DeviceFilter::default(), Page::default()).await.unwrap();
    assert_eq!(listing.items[0].device, invited.device, "the device is expected");
    let figures = fleet.operations.figures().await.unwrap();
    assert_eq!((figures.open_invitations, figures.licensed_in_use), (1, 0));
}

#[tokio::test]
async fn a_revoked_invitation_takes_its_device_along() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let it = &fleet.operations;
    let invited =
        it.invite(&anna(), alice.id, Some(name("Tablet")), Validity::default()).await.unwrap();

    let revoked = it.revoke_invitation(&anna(), invited.invitation.id).await.unwrap();

    assert_eq!(revoked.standing(NOW), Standing::Revoked);
    assert_eq!(it.device(invited.device.id).await.unwrap(), None);
    let again = it.revoke_invitation(&anna(), invited.invitation.id).await;
    assert_eq!(refusal(again), "already_revoked");
    let history = it.device_history(invited.device.id, Page::default()).await.unwrap();
    assert_eq!(history.total, 3, "its history stays");
}

#[tokio::test]
async fn invitations_are_listed_with_their_standing() {
    clock!(clock);
    let fleet = Fleet::with(5, clock::now).await;
    let alice = fleet.alice().await;
    let bob = fleet.user("bob", alice.group).await;
    let it = &fleet.operations;
    let hour = Validity::parse(Duration::HOUR).unwrap();
    let short = it.invite(&anna(), alice.id, None, hour).await.unwrap().invitation;
    clock::advance(Duration::SECOND);
    let long = it.invite(&anna(), bob.id, None, Validity::default()).await.unwrap().invitation;
    clock::advance(Duration::HOUR);

    let listed = async |filter: InvitationFilter| {
        let listing = it.invitations(&filter, Page::default()).await.unwrap();
        let ids: Vec<_> = listing.items.into_iter().map(|item| item.invitation.id).collect();
        assert_eq!(listing.total, ids.len() as u64);
        ids
    };
    assert_eq!(listed(InvitationFilter::default()).await, [long.id, short.id]);
    let open = InvitationFilter { open_at: Some(clock::now()), ..InvitationFilter::default() };
    assert_eq!(listed(open).await, [long.id]);
    let of_alice = InvitationFilter { user: Some(alice.id), ..InvitationFilter::default() };
    assert_eq!(listed(of_alice).await, [short.id]);
    assert_eq!(short.standing(clock::now()), Standing::Expired);
    assert_eq!(it.figures().await.unwrap().open_invitations, 1);
}
