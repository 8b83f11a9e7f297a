//! Containers that open with a smart card. A key in memory stands in for the card's: what a card does is tested with one
//! in a reader, in the app.

use crate::ground::{
    COST, Ground, PASSWORD, SETTINGS, identity_of, make_identity, new_container, new_password,
    password,
};
use keys::pkcs12::Identity;
use keys::{KeyError, KeyTransport, PrivateKey, Signature, SignatureAlgorithm, SoftwareKey};
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use pki::Certificate;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use vault::{
    CardIdentity, ChangePasswordError, Container, CreateError, FileOwner, KeyWipe, NewContainer,
    NewIdentity, Open, OpenError, Opener, PasswordChange, Presence, Protection, RestoreError,
    SigningKey, UserIdentity,
};
use zeroize::Zeroizing;

#[test]
fn a_card_takes_the_place_of_the_password_and_a_password_that_of_the_card() {
    for card in [make_card(), make_rsa_card(), old_card()] {
        let ground = Ground::with_container(&make_identity());
        let container = ground.container();
        let open = container.open(&password()).unwrap();
        let file = open.files(FileOwner::MAIL).put(b"a file").unwrap();

        switch(&container, &open, &card);
        assert!(!open.is_locked());
        open.lock();

        let Some(Protection::Card(shown)) = container.protection().unwrap() else { panic!() };
        assert_eq!(shown.as_der(), card.certificate);
        assert!(matches!(container.open(&password()), Err(OpenError::NeedsCard)));
        assert_eq!(container.attempts_left().unwrap(), Some(3), "no try was used");
        let other = make_card();
        let refused = container.open_with(Opener::Card(&other));
        assert!(matches!(refused, Err(OpenError::OtherCard)), "{refused:?}");
        let open = container.open_with(Opener::Card(&card)).unwrap();
        assert_eq!(open.files(FileOwner::MAIL).read(file).unwrap().as_slice(), b"a file");
        let read = open.documents().read(SETTINGS).unwrap().unwrap();
        assert_eq!(read.as_slice(), b"the first settings");

        switch_back(&container, &open, &card);
        open.lock();

        assert!(matches!(container.protection().unwrap(), Some(Protection::Password)));
        let refused = container.open_with(Opener::Card(&card));
        assert!(matches!(refused, Err(OpenError::NeedsPassword)), "{refused:?}");
        let open = container.open(&password()).unwrap();
        assert_eq!(open.files(FileOwner::MAIL).read(file).unwrap().as_slice(), b"a file");
    }
}

#[test]
fn a_container_opens_without_its_card_being_there_any_longer() {
    let card = PulledCard::put_in(&make_identity());
    let ground = Ground::new();
    let identity = make_identity();
    let new = NewContainer {
        identity: NewIdentity::Card { identity: &identity, card: &card.identity },
        ..new_container(&identity, 3)
    };
    let open = ground.container().create(&new).unwrap();

    card.pull();

    let file = open.files(FileOwner::MAIL).put(b"a file").unwrap();
    assert_eq!(open.files(FileOwner::MAIL).read(file).unwrap().as_slice(), b"a file");
    open.lock();
    let refused = ground.container().open_with(Opener::Card(&card.identity));
    assert!(matches!(refused, Err(OpenError::Card(KeyError::Absent))), "{refused:?}");
}

#[test]
fn a_key_that_stays_on_the_card_is_needed_for_each_file() {
    let card = PulledCard::put_in(&make_identity());
    let ground = Ground::new();
    let person = make_identity();
    let new =
        NewContainer { identity: NewIdentity::OnCard(&card.identity), ..new_container(&person, 3) };
    let open = ground.container().create(&new).unwrap();
    assert_eq!(open.certificate().as_der(), card.identity.certificate);
    let file = open.files(FileOwner::MAIL).put(b"a file").unwrap();
    assert_eq!(open.files(FileOwner::MAIL).read(file).unwrap().as_slice(), b"a file");
    open.lock();
    let container = ground.container();
    assert!(matches!(container.protection().unwrap(), Some(Protection::OnCard(_))));
    assert!(matches!(container.open(&password()), Err(OpenError::NeedsCard)));
    let other = make_rsa_card();
    let refused = container.open_with(Opener::Card(&other));
    assert!(matches!(refused, Err(OpenError::OtherCard)), "{refused:?}");

    let open = container.open_with(Opener::Card(&card.identity)).unwrap();
    assert_eq!(open.files(FileOwner::MAIL).read(file).unwrap().as_slice(), b"a file");
    let refused = change_to_password(&container, &open, Opener::Card(&card.identity), "a good one");
    assert!(matches!(refused, Err(ChangePasswordError::OnCard)), "{refused:?}");
    card.pull();

    assert!(open.files(FileOwner::MAIL).read(file).is_err());
    let key = open.key();
    assert!(matches!(key.unwrap(KeyTransport::OaepSha256, b"x"), Err(KeyError::Absent)));
    open.lock();
    assert!(matches!(key.unwrap(KeyTransport::OaepSha256, b"x"), Err(KeyError::Store(_))));
    let refused = container.open_with(Opener::Card(&card.identity));
    assert!(matches!(refused, Err(OpenError::Card(KeyError::Absent))), "{refused:?}");
}

#[test]
fn a_key_that_was_wiped_comes_back_under_a_card_and_on_one() {
    let (person, card) = (make_identity(), make_card());
    let ground = Ground::with_container(&person);
    let container = ground.container();
    container.wipe_key(KeyWipe::Ordered).unwrap();
    assert!(container.protection().unwrap().is_none());
    let open = container.reopen(UserIdentity::File(&person)).unwrap();
    let under_card = NewIdentity::Card { identity: &person, card: &card };
    container.restore_identity(&open, &under_card).unwrap();
    open.lock();
    container.open_with(Opener::Card(&card)).unwrap().lock();

    let (on_card, ground) = (make_rsa_card(), Ground::new());
    let container = ground.container();
    let identity = NewIdentity::OnCard(&on_card);
    container
        .create(&NewContainer { identity: identity.clone(), ..new_container(&person, 3) })
        .unwrap()
        .lock();
    container.wipe_key(KeyWipe::Ordered).unwrap();
    assert_eq!(container.presence().unwrap(), Presence::KeyWiped);
    let refused = container.open_with(Opener::Card(&on_card));
    assert!(matches!(refused, Err(OpenError::KeyDeleted)), "{refused:?}");
    let refused = container.reopen(UserIdentity::OnCard(&make_rsa_card()));
    assert!(matches!(refused, Err(RestoreError::OtherIdentity)), "{refused:?}");
    let open = container.reopen(UserIdentity::OnCard(&on_card)).unwrap();
    container.restore_identity(&open, &identity).unwrap();
    open.lock();
    container.open_with(Opener::Card(&on_card)).unwrap();
}

#[test]
fn a_card_signs_with_its_key_for_that_until_the_container_locks() {
    let ground = Ground::new();
    let (card, signer) = (make_rsa_card(), make_ec_identity());
    let certificate = Certificate::from_der(&signer.certificate).unwrap();
    let signing = SigningKey { key: Arc::new(signer.key), certificate: certificate.clone() };
    let container = ground.container();
    let person = make_identity();
    let made = NewContainer { identity: NewIdentity::OnCard(&card), ..new_container(&person, 3) };
    let open = container.create(&made).unwrap();
    // A certificate without a key usage is for everything.
    assert_eq!(open.signing().unwrap().1, open.certificate());
    open.lock();

    let with_signer = CardIdentity { signing: Some(signing), ..card };
    let open = container.open_with(Opener::Card(&with_signer)).unwrap();

    let (key, found) = open.signing().unwrap();
    assert_eq!(found, &certificate);
    assert!(key.sign(SignatureAlgorithm::EcdsaP256Sha256, b"text").is_ok());
    assert_ne!(open.certificate(), &certificate);
    open.lock();
    assert!(matches!(
        key.sign(SignatureAlgorithm::EcdsaP256Sha256, b"text"),
        Err(KeyError::Store(_))
    ));
}

#[test]
fn a_card_that_cannot_open_is_refused_before_anything_changes() {
    let (identity, pulled) = (make_identity(), PulledCard::put_in(&make_identity()));
    let (one, other) = (make_card(), make_card());
    let mixed = CardIdentity { certificate: other.certificate, ..one };
    pulled.pull();
    for (card, reason) in [
        (&mixed, "identity of the container is damaged or was exchanged"),
        (&pulled.identity, "the card or token with the key is not there"),
    ] {
        let ground = Ground::with_container(&identity);
        let container = ground.container();
        let open = container.open(&password()).unwrap();
        let refused = container.change_card(&open, Opener::Password(&password()), card);
        let Err(ChangePasswordError::UnsuitableCard { reason: told }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(told, reason);
        open.lock();
        container.open(&password()).unwrap();

        let new = NewContainer {
            identity: NewIdentity::Card { identity: &identity, card },
            ..new_container(&identity, 3)
        };
        let ground = Ground::new();
        let refused = ground.container().create(&new);
        assert!(matches!(refused, Err(CreateError::UnsuitableCard { .. })), "{refused:?}");
        assert_eq!(ground.container().presence().unwrap(), Presence::Absent);
    }
}

#[test]
fn a_wrong_password_is_a_try_when_a_card_is_to_take_its_place() {
    let ground = Ground::with_container(&make_identity());
    let container = ground.container();
    let open = container.open(&password()).unwrap();

    let refused = container.change_card(&open, Opener::Password(&"a guess".into()), &make_card());

    let Err(ChangePasswordError::Old(OpenError::WrongPassword { attempts_left: 2 })) = refused
    else {
        panic!("{refused:?}")
    };
}

#[test]
fn passwords_from_before_the_card_do_not_come_back() {
    let ground = Ground::with_container(&make_identity());
    let container = ground.container();
    let card = make_card();
    let open = container.open(&password()).unwrap();
    open.note_password(&password(), COST, 1).unwrap();
    switch(&container, &open, &card);

    let refused = change_to_password(&container, &open, Opener::Card(&card), PASSWORD);
    assert!(matches!(refused, Err(ChangePasswordError::Used)), "{refused:?}");
    change_to_password(&container, &open, Opener::Card(&card), "another one").unwrap();

    open.lock();
    let open = container.open(&"another one".into()).unwrap();
    assert_eq!(open.password_since().unwrap(), Some(7));
}

#[test]
fn no_earlier_copy_of_the_file_opens_any_more() {
    let ground = Ground::with_container(&make_identity());
    let (container, card) = (ground.container(), make_card());
    let path = ground.directory().join("identity");
    let first = std::fs::read(&path).unwrap();
    let open = container.open(&password()).unwrap();
    switch(&container, &open, &card);
    let second = std::fs::read(&path).unwrap();
    open.lock();

    std::fs::write(&path, first).unwrap();
    let refused = container.open(&password());
    assert!(matches!(refused, Err(OpenError::Fault(_))), "{refused:?}");
    assert_eq!(container.attempts_left().unwrap(), Some(3));
    std::fs::write(&path, second).unwrap();
    container.open_with(Opener::Card(&card)).unwrap();
}

/// Lets the card open what [`PASSWORD`] opens.
pub(crate) fn switch(container: &Container, open: &Open, card: &CardIdentity) {
    container.change_card(open, Opener::Password(&password()), card).unwrap();
}

/// Lets [`PASSWORD`] open what the card opens.
pub(crate) fn switch_back(container: &Container, open: &Open, card: &CardIdentity) {
    let new = new_password();
    let old = Opener::Card(card);
    let change = PasswordChange { old, new: &new, history: 0, cost: COST, now: 7 };
    container.change_password(open, &change).unwrap();
}

fn change_to_password(
    container: &Container,
    open: &Open,
    old: Opener<'_>,
    new: &str,
) -> Result<(), ChangePasswordError> {
    let rules = policy::PasswordRules::default();
    let new = vault::NewPassword::choose(new.into(), &new.into(), &rules).unwrap();
    container
        .change_password(open, &PasswordChange { old, new: &new, history: 3, cost: COST, now: 7 })
}

/// A card with a key on P-256.
fn make_card() -> CardIdentity {
    card_of(make_ec_identity())
}

pub(crate) fn make_ec_identity() -> Identity {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    identity_of(PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap())
}

fn make_rsa_card() -> CardIdentity {
    card_of(identity_of(PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap()))
}

/// A card that takes off the padding of PKCS#1 v1.5 and knows no other.
fn old_card() -> CardIdentity {
    let identity = make_identity();
    let key = Arc::new(Pkcs1Only(identity.key.clone()));
    CardIdentity { key, ..card_of(identity) }
}

pub(crate) fn card_of(identity: Identity) -> CardIdentity {
    let Identity { key, certificate, chain } = identity;
    CardIdentity { key: Arc::new(key), certificate, chain, signing: None }
}

struct PulledCard {
    identity: CardIdentity,
    gone: Arc<AtomicBool>,
}

impl PulledCard {
    fn put_in(identity: &Identity) -> Self {
        let gone = Arc::new(AtomicBool::new(false));
        let key = Arc::new(Removable { key: identity.key.clone(), gone: Arc::clone(&gone) });
        Self { identity: CardIdentity { key, ..card_of(identity.clone()) }, gone }
    }

    fn pull(&self) {
        self.gone.store(true, Ordering::SeqCst);
    }
}

#[derive(Debug)]
struct Removable {
    key: SoftwareKey,
    gone: Arc<AtomicBool>,
}

impl Removable {
    fn key(&self) -> Result<&SoftwareKey, KeyError> {
        if self.gone.load(Ordering::SeqCst) { Err(KeyError::Absent) } else { Ok(&self.key) }
    }
}

impl PrivateKey for Removable {
    fn public_key(&self) -> &[u8] {
        self.key.public_key()
    }

    fn algorithms(&self) -> &[SignatureAlgorithm] {
        self.key.algorithms()
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Signature, KeyError> {
        self.key()?.sign(algorithm, message)
    }

    fn unwrap(&self, how: KeyTransport, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.key()?.unwrap(how, wrapped)
    }
}

#[derive(Debug)]
struct Pkcs1Only(SoftwareKey);

impl PrivateKey for Pkcs1Only {
    fn public_key(&self) -> &[u8] {
        self.0.public_key()
    }

    fn algorithms(&self) -> &[SignatureAlgorithm] {
        self.0.algorithms()
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Signature, KeyError> {
        self.0.sign(algorithm, message)
    }

    fn unwrap(&self, how: KeyTransport, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match how {
            KeyTransport::Pkcs1 => self.0.unwrap(how, wrapped),
            KeyTransport::OaepSha1
            | KeyTransport::OaepSha256
            | KeyTransport::OaepSha384
            | KeyTransport::OaepSha512
            | KeyTransport::Raw => Err(KeyError::UnsupportedTransport(how)),
        }
    }
}
