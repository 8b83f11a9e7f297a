//! Mails that are signed and encrypted: read as they are meant, and never stored decrypted.

use activesync::messages::FolderKind as Kind;
use activesync::query::Version;
use keys::SignatureAlgorithm;
use mail::smime;
use pki::Certificate;
use pki::cms::{ContentCipher, Form, Fresh, Recipient, Signing};
use zeroize::Zeroizing;

use super::first;
use super::ground::{Ground, Holder, inbox, person, real_clock};
use crate::{
    App, BodyKind, MessageItem, MessageView, Protection, Response, ResponseKind, SearchScope,
    SecurityView,
};

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

fn seal(mail: &[u8], to: &Certificate) -> Vec<u8> {
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
async fn own(app: &App) -> Certificate {
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

async fn read(ground: &Ground, subject: &str) -> MessageView {
    let item = arrived(ground, subject).await;
    ground.app.message(item.id).await.unwrap()
}

pub(super) async fn security_of(ground: &Ground, subject: &str) -> SecurityView {
    read(ground, subject).await.security.unwrap()
}

pub(super) fn codes(security: &SecurityView) -> Vec<&str> {
    security.problems.iter().map(|problem| problem.code.as_str()).collect()
}
