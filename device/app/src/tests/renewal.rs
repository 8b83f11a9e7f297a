//! Another personal certificate in the place of one that ends (P17).

use keys::pkcs12;
use policy::OwnCertificate;
use time::Duration;

use super::ground::{
    Ground, Holder, PASSWORD, Way, by, former, open, person, person_between, real_clock,
    register_holder,
};
use super::protected::{letter, own, read, seal};
use super::synced;
use crate::{
    App, CertificateFault, CertificateFile, ContainerState, RegisterError, RenewError, Renewing,
    UnlockError,
};

const TRANSPORT: &str = "on paper";
const TEXT: &str = "Content-Type: text/plain\r\n\r\nZimtstern\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn mails_of_before_and_of_now_are_read_after_a_renewal() {
    let authority = Holder::root();
    let ground = Ground::with(&authority, |_| (), |_| ()).await;
    let before = own(&ground.app).await;
    let mail = seal(&letter("bob@example.test", "Before", TEXT), &before);
    ground.server.deliver("alice", mail).unwrap();
    assert_eq!(read(&ground, "Before").await.text.unwrap().trim(), "Zimtstern");
    synced(&ground).await;
    let files = attachments(&ground.app).await;
    assert!(!files.is_empty());
    let next = person(&authority, "Alice", "alice@example.test");
    let certificate = next.certificate.clone();

    ground.app.renew(given(next, PASSWORD)).await.unwrap();

    let state = ground.app.state();
    assert_eq!(state.container, ContainerState::Open);
    assert_eq!(state.account.unwrap().certificate_ends, certificate.not_after());
    assert_eq!(own(&ground.app).await.as_der(), certificate.as_der());
    let mail = seal(&letter("bob@example.test", "After", TEXT), &certificate);
    ground.server.deliver("alice", mail).unwrap();
    for subject in ["Before", "After"] {
        assert_eq!(read(&ground, subject).await.text.unwrap().trim(), "Zimtstern", "{subject}");
    }
    let ground = ground.restart().await;
    ground.way.cut();
    for subject in ["Before", "After"] {
        assert_eq!(read(&ground, subject).await.text.unwrap().trim(), "Zimtstern", "{subject}");
    }
    assert_eq!(attachments(&ground.app).await, files, "what was kept under the key of before");
    ground.app.lock().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_renewal_is_refused_and_disturbs_nobody() {
    let authority = Holder::root();
    let strict =
        |settings: &mut policy::Settings| settings.certificates.own = OwnCertificate::Valid;
    let ground = Ground::with(&authority, |_| (), strict).await;
    let app = &ground.app;
    let present = own(app).await;
    let named = |name, address| person(&authority, name, address);
    let alice = || named("Alice", "alice@example.test");

    let refused = app.renew(given(named("Bob", "bob@example.test"), PASSWORD)).await;
    let Err(UnlockError::NotRenewed(RenewError::OtherPerson { name, wanted })) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((&*name, &*wanted), ("bob@example.test", "alice@example.test"));
    let refused =
        app.renew(given(former(&authority, "Alice", "alice@example.test"), PASSWORD)).await;
    assert!(
        matches!(refused, Err(UnlockError::NotRenewed(RenewError::Ended { .. }))),
        "{refused:?}"
    );
    let now = real_clock();
    let (from, until) = (present.not_before() - Duration::DAY, now + Duration::DAY);
    let older = person_between(&authority, "Alice", "alice@example.test", from, until);
    let refused = app.renew(given(older, PASSWORD)).await;
    assert!(matches!(refused, Err(UnlockError::NotRenewed(RenewError::Older))), "{refused:?}");
    let strange = person(&Holder::root(), "Alice", "alice@example.test");
    let refused = app.renew(given(strange, PASSWORD)).await;
    let Err(UnlockError::NotRenewed(RenewError::Untrusted { fault, .. })) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(fault, CertificateFault::Untrusted);
    let mut guessed = given(alice(), PASSWORD);
    guessed.file.password = "other".into();
    let refused = app.renew(guessed).await;
    let Err(UnlockError::NotRenewed(RenewError::File(RegisterError::WrongTransportPassword))) =
        refused
    else {
        panic!("{refused:?}")
    };
    let refused = app.renew(given(alice(), "a guess")).await;
    let Err(UnlockError::WrongPassword { attempts_left }) = refused else { panic!("{refused:?}") };
    assert_eq!(attempts_left, Some(9));

    assert_eq!(app.state().container, ContainerState::Open);
    assert_eq!(own(app).await.as_der(), present.as_der());
    synced(&ground).await;
    // The right password next: nothing was wrong but what was said.
    app.renew(given(alice(), PASSWORD)).await.unwrap();
    assert_ne!(own(app).await.as_der(), present.as_der());
    assert_eq!(app.state().attempts_left, Some(10));
    app.lock().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_lets_nobody_in_is_replaced_at_the_door() {
    let authority = Holder::root();
    let server = sandbox::Sandbox::start(sandbox::Options::new(super::ground::MAIL, real_clock));
    let server = server.await.unwrap();
    let way = Way::to(server.address(), &authority).await;
    let root = tempfile::tempdir().unwrap();
    let ended = former(&authority, "Alice", "alice@example.test").identity();
    register_holder(&root, &authority, way.address, &ended, |settings| {
        settings.certificates.own = OwnCertificate::Valid;
    });
    let app = open(&root);
    let refused = app.unlock(by(PASSWORD), None).await;
    let Err(UnlockError::Certificate { fault, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(fault, CertificateFault::Expired);

    let stranger = person(&authority, "Bob", "bob@example.test");
    let refused = app.renew(given(stranger, PASSWORD)).await;
    assert!(matches!(refused, Err(UnlockError::NotRenewed(RenewError::OtherPerson { .. }))));
    assert_eq!(app.state().container, ContainerState::Locked);
    assert!(app.folders().await.is_err());
    let next = person(&authority, "Alice", "alice@example.test");
    app.renew(given(next, PASSWORD)).await.unwrap();

    assert_eq!(app.state().container, ContainerState::Open);
    app.lock().await;
    app.unlock(by(PASSWORD), None).await.unwrap();
    app.lock().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_file_goes_with_the_next_unlock_if_the_process_ended_before() {
    let authority = Holder::root();
    let ground = Ground::with(&authority, |_| (), |_| ()).await;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("next.p12");
    let mut next = given(person(&authority, "Alice", "alice@example.test"), PASSWORD);
    std::fs::write(&place, &next.file.pkcs12).unwrap();
    next.file.path = Some(place.clone());
    let mut of_bob = given(person(&authority, "Bob", "bob@example.test"), PASSWORD);
    let stays = folder.path().join("bob.p12");
    std::fs::write(&stays, &of_bob.file.pkcs12).unwrap();
    of_bob.file.path = Some(stays.clone());

    ground.app.renew(of_bob).await.unwrap_err();
    ground.app.renew(next).await.unwrap();
    assert!(place.exists(), "the process ends before it is deleted");
    let ground = ground.restart().await;

    assert!(!place.exists());
    assert!(stays.exists());
    ground.app.delete_imported().await.unwrap();
    ground.app.lock().await;
}

fn given(holder: Holder, password: &str) -> Renewing {
    let pkcs12 = pkcs12::seal(&holder.identity(), TRANSPORT, 1000).unwrap();

    let file = CertificateFile { pkcs12, password: TRANSPORT.into(), path: None };

    Renewing { file, opening: by(password) }
}

/// All attachments of the inbox that are not inline.
async fn attachments(app: &App) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for item in super::ground::inbox(app).await {
        let message = app.message(item.id).await.unwrap();
        for file in message.attachments.iter().filter(|file| !file.inline) {
            let content = app.attachment(file.id).await.unwrap();
            found.push((content.name.clone(), content.bytes.to_vec()));
        }
    }
    found
}
