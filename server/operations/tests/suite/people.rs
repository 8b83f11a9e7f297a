//! People and their certificates.

use crate::fleet_for_tests::{Fleet, NOW, anna, eas, facts, name, refusal};
use fleet::device::BlockCause;
use fleet::device::OpenWipe;
use fleet::invitation::Validity;
use fleet::list::{Page, UserFilter};
use fleet::user::Block;
use fleet::{Login, Reason};
use keys::{PrivateKey as _, SoftwareKey};
use openssl::rsa::Rsa;
use pki::{AlternativeName, Certificate, Purpose, Serial, Subject, Template, Usage};
use time::{Duration, OffsetDateTime};

#[tokio::test]
async fn a_person_is_found_as_they_were_saved() {
    let fleet = Fleet::new().await;
    let group = fleet.group("Sales").await;
    let it = &fleet.operations;
    let facts = facts("Alice", &["Alice@example.com", "z@example.com", "a@example.com"], group.id);
    let alice = it.create_user(&anna(), facts).await.unwrap();

    let item = it.user(alice.id).await.unwrap().unwrap();
    assert_eq!((item.user, item.group_name, item.devices), (alice.clone(), name("Sales"), 0));
    let login = Login::parse("ALICE").unwrap();
    assert_eq!(it.user_by_login(&login).await.unwrap(), Some(alice.clone()));

    fleet.native_device(&alice, "n1").await;
    assert_eq!(it.user(alice.id).await.unwrap().unwrap().devices, 1);
}

#[tokio::test]
async fn names_and_addresses_belong_to_one_person() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let bob = fleet.user("bob", alice.group).await;
    let it = &fleet.operations;
    let change = async |login, addresses: &[&str]| {
        refusal(it.change_user(&anna(), bob.id, facts(login, addresses, bob.group)).await)
    };

    assert_eq!(change("ALICE", &["bob@example.com"]).await, "login_taken");
    assert_eq!(change("bob", &["b@example.com", "Alice@Example.com"]).await, "address_taken");
    assert_eq!(it.user(bob.id).await.unwrap().unwrap().user, bob, "nothing was changed by halves");

    // An address that its owner gives up is free for another person.
    let other = facts("alice", &["a@example.com"], alice.group);
    it.change_user(&anna(), alice.id, other).await.unwrap();
    let taken = facts("bob", &["alice@example.com"], bob.group);
    it.change_user(&anna(), bob.id, taken).await.unwrap();
}

#[tokio::test]
async fn a_block_of_a_person_leaves_each_device_its_own_state() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let tablet = fleet.app_device(&alice, 1).await;
    let phone = fleet.native_device(&alice, "n2").await;
    let it = &fleet.operations;
    let reason = |text| Reason::parse(text).unwrap();
    let lost = it.block(&anna(), phone.id, reason("lost")).await.unwrap();
    let cause = async |id| {
        let item = it.device(id).await.unwrap().unwrap();
        item.device.block_cause(item.owner_block.as_ref()).map(|cause| match cause {
            BlockCause::Device(reason) => format!("device {reason}"),
            BlockCause::Owner(reason) => format!("owner {reason}"),
        })
    };

    let blocked = it.block_user(&anna(), alice.id, reason("left")).await.unwrap();
    let by = "administrator anna".to_owned();
    assert_eq!(blocked.block, Some(Block { reason: reason("left"), by, since: NOW }));
    assert_eq!(it.user(alice.id).await.unwrap().unwrap().user, blocked);
    assert_eq!(it.user(alice.id).await.unwrap().unwrap().devices, 2, "the licence counts them");
    let again = it.block_user(&anna(), alice.id, reason("again")).await;
    assert_eq!(refusal(again), "already_blocked");
    assert_eq!(cause(tablet.id).await.as_deref(), Some("owner left"));
    assert_eq!(cause(phone.id).await.as_deref(), Some("device lost"));

    let unblocked = it.unblock_user(&anna(), alice.id).await.unwrap();
    assert_eq!(unblocked, alice);
    assert_eq!(cause(tablet.id).await, None);
    let found = it.device_by_certificate([1; 32]).await.unwrap();
    assert_eq!(found, Some(tablet), "with the same certificate and identifier");
    assert_eq!(it.device(phone.id).await.unwrap().unwrap().device, lost);
    assert_eq!(refusal(it.unblock_user(&anna(), alice.id).await), "not_blocked");
}

#[tokio::test]
async fn a_blocked_person_gets_no_devices() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let it = &fleet.operations;
    it.block_user(&anna(), alice.id, Reason::parse("left").unwrap()).await.unwrap();

    let invited = it.invite(&anna(), alice.id, None, Validity::default()).await;
    assert_eq!(refusal(invited), "user_blocked");
    let added = it.add_native_device(&anna(), alice.id, name("Phone"), eas("n1")).await;
    assert_eq!(refusal(added), "user_blocked");
    assert_eq!(it.figures().await.unwrap().open_invitations, 0);

    it.unblock_user(&anna(), alice.id).await.unwrap();
    it.invite(&anna(), alice.id, None, Validity::default()).await.unwrap();
}

#[tokio::test]
async fn people_are_found() {
    let fleet = Fleet::new().await;
    let (sales, lab) = (fleet.group("Sales").await, fleet.group("Lab").await);
    fleet.user("alice", sales.id).await;
    fleet.user("bob", lab.id).await;
    fleet.user("carol", lab.id).await;
    let found = async |search: &str, group| {
        let filter = UserFilter { search: search.into(), group };
        let listing = fleet.operations.users(&filter, Page::default()).await.unwrap();
        let logins: Vec<_> = listing.items.iter().map(|item| item.user.login.to_string()).collect();
        assert_eq!(listing.total, logins.len() as u64);
        logins.join(" ")
    };

    assert_eq!(found("", None).await, "alice bob carol");
    assert_eq!(found("EXAMPLE o", None).await, "alice bob carol");
    assert_eq!(found("bob@", None).await, "bob");
    assert_eq!(found("", Some(lab.id)).await, "bob carol");
    assert_eq!(found("alice", Some(lab.id)).await, "");
}

#[tokio::test]
async fn a_person_is_removed_once_their_devices_are_retired() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let device = fleet.app_device(&alice, 1).await;
    let it = &fleet.operations;
    assert_eq!(refusal(it.remove_user(&anna(), alice.id).await), "has_devices");

    it.retire(&anna(), device.id, OpenWipe::Keep).await.unwrap();
    it.remove_user(&anna(), alice.id).await.unwrap();

    assert_eq!(it.user(alice.id).await.unwrap(), None);
    assert_eq!(it.device(device.id).await.unwrap(), None);
    fleet.user("alice", alice.group).await;
}

#[tokio::test]
async fn a_certificate_is_deposited_in_der_or_pem() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let it = &fleet.operations;
    for bits in [2048, 0] {
        let (certificate, issuer) = Draft { bits, ..Draft::default() }.issue_with_issuer();
        it.deposit_certificate(&anna(), alice.id, certificate.as_der()).await.unwrap();
        // As authorities hand them out.
        let pem = certificate.to_pem() + &issuer.to_pem();
        it.deposit_certificate(&anna(), alice.id, pem.as_bytes()).await.unwrap();

        let found = it.user(alice.id).await.unwrap().unwrap().user.certificate.unwrap();
        assert_eq!(found.der, certificate.as_der());
        assert_eq!(found.fingerprint, certificate.fingerprint().0);
        assert_eq!(found.addresses, ["alice@example.com"]);
        assert_eq!((found.not_before, found.not_after), (NOW, NOW + Duration::days(365)));
    }
}

#[tokio::test]
async fn a_certificate_that_would_not_protect_the_person_is_refused() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let check = async |draft: Draft, code: &str| {
        let der = draft.issue();
        let outcome = fleet.operations.deposit_certificate(&anna(), alice.id, der.as_der()).await;
        assert_eq!(refusal(outcome), code);
    };

    let day = Duration::DAY;
    check(Draft { address: "bob@example.com", ..Draft::default() }, "certificate_foreign_address")
        .await;
    check(Draft { not_before: NOW + day, ..Draft::default() }, "certificate_not_yet_valid").await;
    let expired = Draft { not_before: NOW - day * 2, not_after: NOW - day, ..Draft::default() };
    check(expired, "certificate_expired").await;
    check(Draft { bits: 1024, ..Draft::default() }, "certificate_key_too_short").await;
    let signs = Usage::Signature(Purpose::EmailProtection);
    for bits in [0, 2048] {
        check(
            Draft { bits, usage: signs.clone(), ..Draft::default() },
            "certificate_not_for_encryption",
        )
        .await;
    }
    let one = Draft::default().issue().to_pem();
    let strangers = one.repeat(2);
    let with_key = one + "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n";
    let it = &fleet.operations;
    let several = it.deposit_certificate(&anna(), alice.id, strangers.as_bytes()).await;
    assert_eq!(refusal(several), "certificate_several");
    for nonsense in
        [with_key.as_bytes(), b"", b"\x30\x82", b"-----BEGIN CERTIFICATE-----\nxx", &[0xff; 300]]
    {
        let outcome = it.deposit_certificate(&anna(), alice.id, nonsense).await;
        assert_eq!(refusal(outcome), "certificate_unreadable");
    }

    assert_eq!(fleet.operations.user(alice.id).await.unwrap().unwrap().user, alice);
}

#[tokio::test]
async fn a_certificate_goes_with_the_address_it_names() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let it = &fleet.operations;
    let der = Draft::default().issue();
    it.deposit_certificate(&anna(), alice.id, der.as_der()).await.unwrap();
    let certificate = async || it.user(alice.id).await.unwrap().unwrap().user.certificate;

    let more = facts("alice", &["new@example.com", "alice@example.com"], alice.group);
    it.change_user(&anna(), alice.id, more).await.unwrap();
    assert!(certificate().await.is_some());
    let other = facts("alice", &["new@example.com"], alice.group);
    it.change_user(&anna(), alice.id, other).await.unwrap();
    assert_eq!(certificate().await, None);
}

/// A certificate that somebody else issued.
struct Draft {
    address: &'static str,
    /// The length of the RSA key; 0 for a key on P-256.
    bits: u32,
    usage: Usage,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

impl Default for Draft {
    fn default() -> Self {
        let not_after = NOW + Duration::days(365);

        let usage = Usage::EnciphermentAndSignature(Purpose::EmailProtection);

        Self { address: "Alice@Example.com", bits: 2048, usage, not_before: NOW, not_after }
    }
}

impl Draft {
    fn issue(&self) -> Certificate {
        self.issue_with_issuer().0
    }

    fn issue_with_issuer(&self) -> (Certificate, Certificate) {
        let authority = SoftwareKey::make_p256().unwrap();
        let issuer = Template {
            subject: Subject::new("Foreign CA"),
            public_key: authority.public_key(),
            not_before: NOW - Duration::days(900),
            not_after: NOW + Duration::days(900),
            usage: Usage::Authority { path_length: 0 },
            names: Vec::new(),
        };
        let issuer = pki::issue(&issuer, None, &authority, Serial::from_random([2; 16])).unwrap();
        // Our own keys are never as weak as some of these have to be.
        let public_key = match self.bits {
            0 => SoftwareKey::make_p256().unwrap().public_key().to_vec(),
            bits => Rsa::generate(bits).unwrap().public_key_to_der().unwrap(),
        };
        let template = Template {
            subject: Subject::new("Alice Example"),
            public_key: &public_key,
            not_before: self.not_before,
            not_after: self.not_after,
            usage: self.usage.clone(),
            names: vec![AlternativeName::Email(self.address.to_owned())],
        };

        let serial = Serial::from_random([3; 16]);
        (pki::issue(&template, Some(&issuer), &authority, serial).unwrap(), issuer)
    }
}
