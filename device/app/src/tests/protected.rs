//! Mails that are signed and encrypted: read as they are meant, and never stored decrypted.

use activesync::messages::FolderKind as Kind;
use activesync::query::Version;
use keys::SignatureAlgorithm;
use mail::smime;
use pki::cms::{ContentCipher, Form, Fresh, Recipient, Signing};
use pki::{AlternativeName, Certificate, Purpose, Usage};
use std::net::SocketAddr;
use zeroize::Zeroizing;

use super::first;
use super::ground::{
    Ground, Holder, PASSWORD, by, folder, former, inbox, messages, open, person, real_clock,
    register_holder,
};
use policy::Encryption;

use crate::{
    AccessError, App, BodyKind, CertificateSource, Draft, DraftAttachment, DraftKind, DraftState,
    DraftText, FolderKind, ImportError, MessageItem, MessageView, Protect, Protection, Response,
    ResponseKind, SearchScope, SecurityView, SendError,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_made_with_sha1_counts_where_the_settings_say_so() {
    for allowed in [false, true] {
        let authority = Holder::root();
        let ground =
            Ground::with(&authority, |_| (), |it| it.smime.sha1_signatures = allowed).await;
        let bob = person(&authority, "Bob", "bob@example.test");
        ground.server.deliver("alice", sign_with_sha1(&bob, "Old")).unwrap();

        let item = arrived(&ground, "Old").await;
        let security = ground.app.message(item.id).await.unwrap().security.unwrap();

        assert_eq!((security.signed, security.sound), (allowed, allowed), "{security:?}");
        let remarked = security.problems.iter().any(|problem| problem.code == "old_digest");
        assert_eq!(remarked, allowed, "{security:?}");
    }
}

/// A mail that OpenSSL signs as programs did twenty years ago.
fn sign_with_sha1(signer: &Holder, subject: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("key"), &*signer.key.to_pkcs8()).unwrap();
    std::fs::write(path("certificate"), signer.certificate.as_der()).unwrap();
    std::fs::write(path("text"), "Hello\r\n").unwrap();
    let signed = std::process::Command::new("openssl")
        .args(["cms", "-sign", "-md", "sha1", "-text", "-keyform", "DER", "-in"])
        .arg(path("text"))
        .arg("-inkey")
        .arg(path("key"))
        .arg("-signer")
        .arg(path("certificate"))
        .args(["-from", "bob@example.test", "-to", "alice@example.test", "-subject", subject])
        .output()
        .unwrap();
    assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));

    signed.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_and_encrypted_mail_opens_and_leaves_nothing_behind() {
    for version in [Version::V12_1, Version::V14_1, Version::V16_1] {
        let authority = Holder::root();
        let ground =
            Ground::with(&authority, |options| options.versions = vec![version], |_| ()).await;
        let bob = person(&authority, "Bob", "bob@example.test");
        let inner = letter("bob@example.test", "Sealed", WITH_FILE);
        let mail = seal(&sign(&inner, &bob, Form::Opaque), &own(&ground.app).await);
        ground.server.deliver("alice", mail).unwrap();

        let item = arrived(&ground, "Sealed").await;
        let message = ground.app.message(item.id).await.unwrap();
        assert_eq!(message.protection, Protection::Smime);
        let security = message.security.clone().unwrap();
        assert_eq!(
            (security.signed, security.encrypted, security.sound, security.opened),
            (true, true, true, true),
            "{security:?}"
        );
        assert_eq!(security.ciphers, ["AES-256-GCM"]);
        assert_eq!(security.signatures[0].signer, "bob@example.test");
        assert_eq!((message.body, message.attachments.len()), (BodyKind::Html, 2));
        let frame = ground.app.frame(item.id, false).await.unwrap();
        assert!(frame.html.contains("Zimtstern") && frame.html.contains("data:image/png"));
        let file = message.attachments.iter().find(|file| !file.inline).unwrap();
        let content = ground.app.attachment(file.id).await.unwrap();
        assert_eq!((content.name.as_str(), content.bytes.as_slice()), ("plan.txt", &b"Ofen"[..]));
        assert_eq!(content.media_type, "text/plain");

        // Neither what is stored nor what is searched knows a word of it.
        let ground = ground.restart().await;
        let stored = stored(&ground.app, &item).await;
        assert_eq!((stored.text, stored.item.preview.as_str()), (pim::Text::None, ""));
        assert_eq!(found(&ground.app, "Zimtstern").await, 0);
        assert_eq!(found(&ground.app, "Sealed").await, 1);
        // What is here needs no server.
        ground.way.cut();
        let again = ground.app.message(item.id).await.unwrap();
        assert!(again.security.is_some_and(|security| security.signed));
        ground.app.lock().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said() {
    let authority = Holder::root();
    let ground = Ground::with(&authority, |_| (), |_| ()).await;
    let bob = person(&authority, "Bob", "bob@example.test");
    let stranger = person(&Holder::root(), "Bob", "bob@example.test");
    let alice = own(&ground.app).await;
    let signed = sign(&letter("bob@example.test", "Changed", PLAIN), &bob, Form::Detached);
    let changed = String::from_utf8(signed).unwrap().replace("Zimtstern", "Zimtsterne");
    let mails = [
        changed.into_bytes(),
        sign(&letter("carol@example.test", "Pretended", PLAIN), &bob, Form::Detached),
        sign(&letter("bob@example.test", "Stranger", PLAIN), &stranger, Form::Detached),
        seal(&letter("bob@example.test", "Elsewhere", PLAIN), &bob.certificate),
        old(&letter("bob@example.test", "Old", WITH_TRACKER), &alice),
        gateway(&seal(&letter("bob@example.test", "Inside", PLAIN), &alice)),
    ];
    for mail in mails {
        ground.server.deliver("alice", mail).unwrap();
    }

    let security = security_of(&ground, "Changed").await;
    assert_eq!((codes(&security), security.signed), (vec!["signature"], false));
    assert_eq!(codes(&security_of(&ground, "Pretended").await), ["address_mismatch"]);
    assert_eq!(codes(&security_of(&ground, "Stranger").await), ["untrusted"]);
    let elsewhere = read(&ground, "Elsewhere").await;
    assert_eq!((elsewhere.body, elsewhere.attachments.len()), (BodyKind::None, 1));
    let security = elsewhere.security.unwrap();
    assert_eq!((codes(&security), security.opened), (vec!["not_for_us"], false));
    assert_eq!(security.words.german[0], "Die Mail konnte nicht geöffnet werden.");

    // What may have been changed on its way fetches nothing.
    let old = read(&ground, "Old").await;
    let security = old.security.unwrap();
    assert_eq!((codes(&security), security.remote_content), (vec!["malleable"], false));
    assert_eq!(ground.app.frame(old.item.id, true).await.unwrap().blocked_images, 1);

    // A gateway that packs a sealed mail into another one is no seal around that one.
    let packed = read(&ground, "Packed").await;
    let security = packed.security.unwrap();
    assert_eq!((codes(&security), security.signed), (vec!["only_a_part"], false));
    assert_eq!(packed.text.unwrap().trim(), "Packed by the gateway.");
    assert_eq!(packed.attachments[0].name, "smime.p7m");
    ground.app.lock().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_an_encrypted_mail_does_not_carry_it_out() {
    let authority = Holder::root();
    let ground = Ground::with(&authority, |_| (), |_| ()).await;
    let mail = seal(&letter("bob@example.test", "Secret", WITH_FILE), &own(&ground.app).await);
    ground.server.deliver("alice", mail).unwrap();
    let item = arrived(&ground, "Secret").await;
    ground.app.message(item.id).await.unwrap();

    let response = Response {
        to: vec!["bob@example.test".to_owned()],
        text: "Danke".to_owned(),
        protect: Protect { encrypt: Some(false), ..Protect::default() },
        ..Response::default()
    };
    ground.app.respond(item.id, ResponseKind::Forward, response).await.unwrap();
    let received = ground
        .until("the answer", async |_| {
            let mails = ground.server.mails("bob", Kind::Inbox).unwrap();
            mails.into_iter().find(|mail| mail.subject == "Fwd: Secret")
        })
        .await;

    let text = String::from_utf8_lossy(&received.mime);
    assert!(text.contains("Danke") && !text.contains("Zimtstern") && !text.contains("plan.txt"));
    ground.app.lock().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_mail_teaches_how_to_answer_it() {
    let authority = Holder::root();
    let ground = Ground::with(&authority, |_| (), |_| ()).await;
    let bob = person(&authority, "Bob", "bob@example.test");
    let stranger = person(&Holder::root(), "Dora", "dora@example.test");
    for (mail, by) in [
        (letter("bob@example.test", "Known", PLAIN), &bob),
        (letter("dora@example.test", "Stranger", PLAIN), &stranger),
        (letter("carol@example.test", "Pretended", PLAIN), &bob),
    ] {
        ground.server.deliver("alice", sign(&mail, by, Form::Detached)).unwrap();
    }
    for subject in ["Known", "Stranger", "Pretended", "Known"] {
        read(&ground, subject).await;
    }

    let known = ground.app.known_certificates(None).await.unwrap();
    let shown: Vec<_> = known
        .iter()
        .map(|one| (one.address.as_str(), one.source, one.capable, one.problem.is_some()))
        .collect();
    assert_eq!(shown, [("bob@example.test", CertificateSource::SignedMail, true, false)]);
    assert_eq!(known[0].fingerprint, bob.certificate.fingerprint().to_string());

    // What the person puts in is kept whoever issued it, and says what is wrong with it.
    let file = stranger.certificate.to_pem() + &authority.certificate.to_pem();
    let imported = ground.app.import_certificates(file.into_bytes()).await.unwrap();
    assert_eq!(
        (imported.addresses, imported.nameless.len()),
        (vec!["dora@example.test".to_owned()], 1)
    );
    let dora = ground.app.known_certificates(Some("Dora@Example.test".to_owned())).await.unwrap();
    assert!(dora[0].problem.as_ref().unwrap().english[0].contains("not trusted"));
    ground.app.forget_certificate(dora[0].id).await.unwrap();
    let gone = ground.app.known_certificate(dora[0].id).await;
    assert!(matches!(gone, Err(AccessError::Missing)));
    let wrong = ground.app.import_certificates(b"no certificate".to_vec()).await;
    assert!(matches!(wrong, Err(ImportError::NotACertificate)));
    ground.app.lock().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_sealed_for_each_and_hides_whom_it_should() {
    let authority = Holder::root();
    let ground = Ground::with(&authority, |_| (), |_| ()).await;
    let [bob, carol, dave] = ["bob", "carol", "dave"]
        .map(|name| person(&authority, name, &format!("{name}@example.test")));
    let file = [&bob, &carol, &dave].map(|one| one.certificate.to_pem()).concat();
    ground.app.import_certificates(file.into_bytes()).await.unwrap();

    let draft = Draft {
        to: vec!["Bob@example.test".to_owned()],
        cc: vec!["carol@example.test".to_owned()],
        bcc: vec!["dave@example.test".to_owned()],
        protect: Protect { sign: Some(true), encrypt: Some(true), despite: Vec::new() },
        attachments: vec![DraftAttachment {
            name: "plan.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            bytes: b"Ofen".to_vec(),
        }],
        ..super::draft("For three")
    };
    ground.app.send(draft).await.unwrap();
    ground.until("the mails", async |app| app.outbox().await.ok()?.is_empty().then_some(())).await;

    for (name, holder, others) in
        [("bob", &bob, vec![&carol]), ("carol", &carol, vec![&bob]), ("dave", &dave, Vec::new())]
    {
        let mails = ground.server.mails(name, Kind::Inbox).unwrap();
        let mails: Vec<_> = mails.iter().filter(|mail| mail.subject == "For three").collect();
        assert_eq!(mails.len(), 1, "{name}");
        let text = String::from_utf8_lossy(&mails[0].mime).to_lowercase();
        // In what is encrypted any letters may come up.
        let head = text.split("\r\n\r\n").next().unwrap();
        assert_eq!(head.contains("dave"), name == "dave" && head.contains("bcc:"), "{name}");
        let opened = open_as(&mails[0].mime, &[holder], &authority);
        assert!(opened.state.is_signed() && opened.state.is_encrypted(), "{:?}", opened.state);
        let content = mail::Message::parse(&opened.content.unwrap()).unwrap();
        assert_eq!(content.attachments[0].bytes, b"Ofen");
        for other in others {
            assert!(open_as(&mails[0].mime, &[other], &authority).content.is_some(), "{name}");
        }
        let hidden = if name == "dave" { [&bob, &carol].to_vec() } else { vec![&dave] };
        for other in hidden {
            assert!(open_as(&mails[0].mime, &[other], &authority).content.is_none(), "{name}");
        }
    }
    // What was sent can be read again.
    let sent = ground
        .until("the copies", async |app| {
            let sent = folder(app, FolderKind::Sent).await?;
            let mails = messages(app, &sent).await;
            let mails: Vec<_> =
                mails.into_iter().filter(|mail| mail.subject == "For three").collect();
            (mails.len() == 2).then_some(mails)
        })
        .await;
    for copy in sent {
        let security = ground.app.message(copy.id).await.unwrap().security.unwrap();
        assert!(security.signed && security.encrypted);
    }
    ground.app.lock().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_signs_with_what_nobody_would_believe() {
    let authority = Holder::root();
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
    let for_encryption = Usage::Encipherment(Purpose::EmailProtection);
    let names = vec![AlternativeName::Email("alice@example.test".to_owned())];
    let encrypts = authority.issue("Alice", for_encryption, names);
    let ended = former(&authority, "Alice", "alice@example.test");
    for (person, code) in
        [(encrypts, "signing_certificate_missing"), (ended, "signing_certificate_expired")]
    {
        let root = tempfile::tempdir().unwrap();
        register_holder(&root, &authority, nowhere, &person.identity(), |_| ());
        let app = open(&root);
        app.unlock(by(PASSWORD), None).await.unwrap();
        let protect = Protect { sign: Some(true), ..Protect::default() };

        let refused = app.send(Draft { protect, ..super::draft("Signed") }).await;

        let Err(SendError::CannotSign(fault)) = refused else { panic!("{refused:?}") };
        assert_eq!(fault.code(), code);
        assert!(app.outbox().await.unwrap().is_empty());
        app.send(super::draft("As it is")).await.unwrap();
        app.lock().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_a_mail_in_the_clear_unasked() {
    let authority = Holder::root();
    let ground = Ground::with(
        &authority,
        |options| options.samples = false,
        |settings| {
            settings.smime.encrypt = Encryption::Default;
        },
    )
    .await;
    super::synced(&ground).await;
    let stranger = person(&Holder::root(), "Dora", "dora@example.test");
    ground.app.import_certificates(stranger.certificate.to_pem().into_bytes()).await.unwrap();
    let draft = |encrypt, despite: &[&str]| Draft {
        to: vec!["dora@example.test".to_owned(), "nobody@outside.test".to_owned()],
        protect: Protect {
            sign: None,
            encrypt,
            despite: despite.iter().map(|one| (*one).to_owned()).collect(),
        },
        ..super::draft("Unasked")
    };

    let refused = ground.app.send(draft(None, &[])).await.unwrap_err();
    let SendError::Certificates { problems, despite_allowed, plain_allowed } = refused else {
        panic!("{refused}")
    };
    assert_eq!((despite_allowed, plain_allowed), (true, true));
    let problems: Vec<_> = problems.iter().map(|one| (one.address.as_str(), one.missing)).collect();
    assert_eq!(problems, [("dora@example.test", false), ("nobody@outside.test", true)]);
    // Consent helps where there is something to consent to.
    let refused = ground.app.send(draft(None, &["dora@example.test"])).await.unwrap_err();
    let SendError::Certificates { problems, .. } = refused else { panic!("{refused}") };
    assert_eq!(problems.len(), 1);
    assert!(ground.app.outbox().await.unwrap().is_empty());
    let only =
        Draft { to: vec!["dora@example.test".to_owned()], ..draft(None, &["Dora@example.test"]) };
    ground.app.send(only).await.unwrap();
    ground.app.send(draft(Some(false), &[])).await.unwrap();
    ground.app.lock().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_found_where_the_mail_server_knows_people() {
    let authority = Holder::root();
    let ground = Ground::with(&authority, |_| (), |_| ()).await;
    super::synced(&ground).await;
    let protect = |despite: Vec<String>| Protect { sign: None, encrypt: Some(true), despite };
    let draft = |despite| Draft {
        to: vec!["bob@example.test".to_owned()],
        protect: protect(despite),
        ..super::draft("Found")
    };

    // The mail server has one, of an authority that nobody trusts.
    let refused = ground.app.send(draft(Vec::new())).await.unwrap_err();
    let SendError::Certificates { problems, .. } = refused else { panic!("{refused}") };
    assert_eq!((problems[0].missing, problems.len()), (false, 1));
    let known = ground.app.known_certificates(None).await.unwrap();
    assert_eq!((known.len(), known[0].source), (1, CertificateSource::Directory));
    ground.app.send(draft(vec!["bob@example.test".to_owned()])).await.unwrap();
    let received = ground
        .until("the mail", async |_| {
            let mails = ground.server.mails("bob", Kind::Inbox).unwrap();
            mails.into_iter().find(|mail| mail.subject == "Found")
        })
        .await;
    assert!(!String::from_utf8_lossy(&received.mime).contains("text/plain"));
    ground.app.lock().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_found_in_the_directory_of_the_server() {
    let authority = Holder::root();
    let ground = Ground::with(&authority, |_| (), |_| ()).await;
    super::synced(&ground).await;
    let dora = person(&authority, "Dora", "dora@example.test");
    let mallory = person(&authority, "Mallory", "mallory@example.test");
    let olga = person(&Holder::root(), "Olga", "olga@example.test");
    let published = vec![mallory.certificate.clone(), dora.certificate];
    ground.way.publish("dora@example.test", published);
    ground.way.publish("olga@example.test", vec![olga.certificate]);
    ground.way.publish("frank@example.test", vec![mallory.certificate]);
    let draft = |to: &[&str]| Draft {
        to: to.iter().map(|one| (*one).to_owned()).collect(),
        protect: Protect { sign: None, encrypt: Some(true), despite: Vec::new() },
        ..super::draft("Directory")
    };

    // The server's word is not enough: neither for a stranger's authority nor for another's certificate.
    let to = ["dora@example.test", "olga@example.test", "frank@example.test"];
    let refused = ground.app.send(draft(&to)).await.unwrap_err();
    let SendError::Certificates { problems, .. } = refused else { panic!("{refused}") };
    let problems: Vec<_> = problems.iter().map(|one| (one.address.as_str(), one.missing)).collect();
    assert_eq!(problems, [("frank@example.test", true), ("olga@example.test", false)]);
    let known = ground.app.known_certificates(None).await.unwrap();
    let mut known: Vec<_> = known.iter().map(|one| (one.address.as_str(), one.source)).collect();
    known.sort_by_key(|(address, _)| *address);
    let portal = CertificateSource::Portal;
    assert_eq!(known, [("dora@example.test", portal), ("olga@example.test", portal)]);
    ground.app.send(draft(&["dora@example.test"])).await.unwrap();
    ground.app.lock().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_quotes_what_came_encrypted_stays_here() {
    let authority = Holder::root();
    let ground =
        Ground::with(&authority, |options| options.versions = vec![Version::V16_1], |_| ()).await;
    let bob = person(&authority, "Bob", "bob@example.test");
    ground.app.import_certificates(bob.certificate.to_pem().into_bytes()).await.unwrap();
    let mail = seal(&letter("bob@example.test", "Quiet", PLAIN), &own(&ground.app).await);
    ground.server.deliver("alice", mail).unwrap();
    let item = arrived(&ground, "Quiet").await;
    let text = DraftText {
        kind: DraftKind::Reply,
        original: Some(item.id),
        text: "> Zimtstern".to_owned(),
        ..DraftText::default()
    };

    let id = ground.app.save_draft(None, text).await.unwrap();
    let plain = DraftText { subject: "Told".to_owned(), ..DraftText::default() };
    ground.app.save_draft(None, plain).await.unwrap();
    ground
        .until_asked("the other draft", async |_| {
            let drafts = ground.server.mails("alice", Kind::Drafts).unwrap();
            drafts.iter().any(|mail| mail.subject == "Told").then_some(())
        })
        .await;
    let drafts = ground.server.mails("alice", Kind::Drafts).unwrap();
    assert!(drafts.iter().all(|mail| !String::from_utf8_lossy(&mail.mime).contains("Zimtstern")));
    assert_eq!(ground.app.draft(id).await.unwrap().state, DraftState::Here);

    ground.app.send_draft(id, Protect::default()).await.unwrap();
    let received = ground
        .until("the answer", async |_| {
            let mails = ground.server.mails("bob", Kind::Inbox).unwrap();
            mails.into_iter().find(|mail| mail.subject == "Re: Quiet")
        })
        .await;
    assert!(!String::from_utf8_lossy(&received.mime).contains("Zimtstern"));
    let opened = open_as(&received.mime, &[&bob], &authority).content.unwrap();
    assert!(String::from_utf8_lossy(&opened).contains("Zimtstern"));
    ground.app.lock().await;
}

pub(super) fn open_as(mail: &[u8], holders: &[&Holder], authority: &Holder) -> smime::Opened {
    let holders: Vec<_> = holders
        .iter()
        .map(|one| smime::Holder { key: &one.key, certificate: &one.certificate })
        .collect();
    let anchors = [authority.certificate.clone()];

    smime::open(mail, &holders, &smime::Trust::new(&anchors, &[], real_clock()))
}

pub(super) const PLAIN: &str = "Content-Type: text/plain; charset=utf-8\r\n\r\nZimtstern\r\n";
const WITH_TRACKER: &str =
    "Content-Type: text/html\r\n\r\n<p>Zimtstern<img src=\"http://127.0.0.1:9/x.png\"></p>\r\n";
const WITH_FILE: &str = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
    Content-Type: text/html; charset=utf-8\r\n\r\n<p>Zimtstern <img src=\"cid:p\"></p>\r\n--b\r\n\
    Content-Type: image/png\r\nContent-ID: <p>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n\
    iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==\r\n--b\r\n\
    Content-Type: text/plain; name=plan.txt\r\nContent-Disposition: attachment; filename=plan.txt\r\n\r\nOfen\r\n--b--\r\n";

pub(super) fn letter(from: &str, subject: &str, content: &str) -> Vec<u8> {
    let head = format!(
        "From: {from}\r\nTo: alice@example.test\r\nSubject: {subject}\r\nMessage-ID: <{subject}@example.test>\r\n\
         MIME-Version: 1.0\r\n"
    );

    (head + content).into_bytes()
}

pub(super) fn sign(mail: &[u8], by: &Holder, form: Form) -> Vec<u8> {
    let signing = Signing {
        key: &by.key,
        algorithm: SignatureAlgorithm::RsaPkcs1Sha256,
        certificate: &by.certificate,
        chain: &[],
        time: real_clock(),
        encryption: None,
    };

    smime::sign(mail, &signing, form).unwrap()
}

pub(super) fn seal(mail: &[u8], to: &Certificate) -> Vec<u8> {
    sealed(mail, to, ContentCipher::Aes256Gcm)
}

fn old(mail: &[u8], to: &Certificate) -> Vec<u8> {
    sealed(mail, to, ContentCipher::Aes256Cbc)
}

fn sealed(mail: &[u8], to: &Certificate, cipher: ContentCipher) -> Vec<u8> {
    let fresh = Fresh { key: Zeroizing::new([7; 32]), nonce: [7; 12] };
    let to = [Recipient { certificate: to, capabilities: None }];

    smime::seal(mail, &to, cipher, fresh).unwrap()
}

/// A mail with a sealed one as its file, under the name that gateways give it.
fn gateway(mail: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(mail.to_vec()).unwrap();
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    let content = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
         Packed by the gateway.\r\n--b\r\nContent-Type: application/octet-stream; name=smime.p7m\r\n\
         Content-Disposition: attachment; filename=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}\r\n--b--\r\n"
    );

    letter("gateway@example.test", "Packed", &content)
}

/// The person's own certificate.
pub(super) async fn own(app: &App) -> Certificate {
    app.life.open().await.unwrap().0.certificate().clone()
}

async fn stored(app: &App, item: &MessageItem) -> vault::mail::MessageView {
    app.life.open().await.unwrap().0.mail().message(item.id).unwrap().unwrap()
}

async fn found(app: &App, word: &str) -> u64 {
    app.search(word, SearchScope::default(), 0, 10).await.unwrap().total
}

/// Waits until a mail is there with all that is fetched of it in the background.
async fn arrived(ground: &Ground, subject: &str) -> MessageItem {
    ground
        .until(subject, async |app| {
            let item = first(&inbox(app).await, subject)?;
            let stored = stored(app, &item).await;
            let is_here = stored.body_state != pim::BodyState::Partial;
            is_here.then_some(item)
        })
        .await
}

pub(super) async fn read(ground: &Ground, subject: &str) -> MessageView {
    let item = arrived(ground, subject).await;
    ground.app.message(item.id).await.unwrap()
}

pub(super) async fn security_of(ground: &Ground, subject: &str) -> SecurityView {
    read(ground, subject).await.security.unwrap()
}

pub(super) fn codes(security: &SecurityView) -> Vec<&str> {
    security.problems.iter().map(|problem| problem.code.as_str()).collect()
}
