//! Certificate files that wait for the app: who gets them, and when they are gone.

use crate::company::{Answer, Company, Line, Person, wait};
use crate::device::{Device, binary};
use audit::Filter;
use data_encoding::HEXLOWER;
use fleet::Reason;
use fleet::certificate_file::End;
use fleet::list::Page;
use insta::assert_snapshot;
use keys::pkcs12::{self, Identity};
use operations::{Failure, MailedFile};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use time::Duration;

const FETCH: &str = "/app/v1/registration/certificate-files";
const RECEIVED: &str = "/app/v1/registration/certificate-files/received";

#[tokio::test]
async fn a_file_that_was_mailed_reaches_who_was_invited_once() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let file = p12(&alice);
    let (_, code) = company.invite(&alice).await;
    let line = company.connect(1, None);
    assert_snapshot!(fetch(&line, &code).await, @r#"200 {"files":[]}"#);
    mail(&company, "Alice@Example.com", &file, 1).await.expect("it is taken");

    let first = fetch(&line, &code).await.json();
    let again = fetch(&line, &code).await.json();

    assert_eq!(first, again, "until the app has it");
    assert_eq!(first["files"].as_array().expect("a list").len(), 1);
    assert_eq!(binary(&first["files"][0]["pkcs12"]), file);
    assert_eq!(first["files"][0]["sha256"], hex(&file));
    assert!(!company.everything_stored().contains(&*String::from_utf8_lossy(&file[..40])));
    assert_eq!(received(&line, &code, &[0; 4]).await.status, 204, "another file");
    assert_eq!(fetch(&line, &code).await.json(), first);
    assert_eq!(received(&line, &code, &file).await.status, 204);
    assert_snapshot!(fetch(&line, &code).await, @r#"200 {"files":[]}"#);
    assert_eq!(received(&line, &code, &file).await.status, 204, "the first answer was lost");
    let kept = company.operations.certificate_files(alice.user.id).await.expect("a list");
    assert_eq!(kept[0].end.map(|(end, _)| end), Some(End::Received));
    assert_snapshot!(log(&company).await, @"
    server certificate-file.deposit alice done
    invitation certificate-file.hand-out alice done
    invitation certificate-file.hand-out alice done
    invitation certificate-file.hand-out alice done
    invitation certificate-file.receive alice done
    ");
}

#[tokio::test]
async fn nobody_else_gets_it() {
    let company = Company::new().await;
    let (alice, bob) = (company.person("alice").await, company.person("bob").await);
    let file = p12(&alice);
    mail(&company, "alice@example.com", &file, 1).await.expect("it is taken");
    let line = company.connect(1, None);

    let (_, of_bob) = company.invite(&bob).await;
    assert_snapshot!(fetch(&line, &of_bob).await, @r#"200 {"files":[]}"#);
    assert_eq!(received(&line, &of_bob, &file).await.status, 204);
    assert_snapshot!(fetch(&line, "nonsense").await, @r#"403 {"code":"unknown_invitation","detail":"the certificate files were not handed out: no invitation has this code; check the link or ask for another one"}"#);
    assert_eq!(fetch(&line, &"A".repeat(26)).await.code(), (403, "unknown_invitation".into()));
    let (_, late) = company.invite(&alice).await;
    wait(Duration::days(60));
    assert_eq!(fetch(&line, &late).await.code(), (409, "invitation_expired".into()));
    let (_, code) = company.invite(&alice).await;
    let reason = Reason::parse("left").expect("a reason");
    let block = company.operations.block_user(&company.admin, alice.user.id, reason).await;
    block.expect("alice is blocked");
    assert_eq!(fetch(&line, &code).await.code(), (409, "user_blocked".into()));
    assert_eq!(received(&line, &code, &file).await.code(), (409, "user_blocked".into()));
    let nobody = company.connect(2, None).get("/app/v1/certificate-files").await;
    assert_eq!(nobody.code(), (401, "certificate_required".into()));
}

#[tokio::test]
async fn a_device_hears_of_a_file_and_fetches_it() {
    let company = Company::new().await;
    let (alice, bob) = (company.person("alice").await, company.person("bob").await);
    let of_alice = company.in_service(&alice, 1).await;
    let of_bob = company.in_service(&bob, 2).await;
    let before = of_alice.get("/app/v1/status").await.json();
    assert_eq!(before["certificate_files"], 0);
    let file = p12(&alice);
    let deposited = company
        .operations
        .deposit_certificate_file(&company.admin, alice.user.id, "new.p12", &file)
        .await;
    deposited.expect("it is taken");

    let after = of_alice.get("/app/v1/status").await.json();

    assert_eq!(after["certificate_files"], 1);
    assert_ne!(after["sequence"], before["sequence"], "whoever waits is woken");
    assert_eq!(of_bob.get("/app/v1/status").await.json()["certificate_files"], 0);
    assert_snapshot!(of_bob.get("/app/v1/certificate-files").await, @r#"200 {"files":[]}"#);
    let files = of_alice.get("/app/v1/certificate-files").await.json();
    assert_eq!(binary(&files["files"][0]["pkcs12"]), file);
    let body = json!({ "sha256": [hex(&file)] }).to_string();
    assert_eq!(of_bob.post("/app/v1/certificate-files/received", body.clone()).await.status, 204);
    assert_eq!(of_alice.get("/app/v1/certificate-files").await.json(), files);
    assert_eq!(of_alice.post("/app/v1/certificate-files/received", body).await.status, 204);
    assert_snapshot!(of_alice.get("/app/v1/certificate-files").await, @r#"200 {"files":[]}"#);
    assert_eq!(of_alice.get("/app/v1/status").await.json()["certificate_files"], 0);

    company
        .operations
        .deposit_certificate_file(&company.admin, alice.user.id, "new.p12", &file)
        .await
        .expect("it is taken once more");
    let reason = Reason::parse("lost").expect("a reason");
    let block = company.operations.block_user(&company.admin, alice.user.id, reason).await;
    block.expect("alice is blocked");
    let refused = of_alice.get("/app/v1/certificate-files").await;
    assert_eq!(refused.code(), (409, "device_blocked".into()));
}

#[tokio::test]
async fn what_is_not_the_senders_own_is_not_taken() {
    let company = Company::new().await;
    let (alice, bob) = (company.person("alice").await, company.person("bob").await);
    let carol = company.person_without_certificate("carol").await;
    let file = p12(&alice);
    let refusal = async |sender, file: &[u8]| match mail(&company, sender, file, 1).await {
        Err(Failure::Refused(refusal)) => fleet::Refusal::code(&refusal).to_owned(),
        other => panic!("{other:?}"),
    };

    assert_eq!(refusal("mallory@example.com", &file).await, "sender_unknown");
    assert_eq!(refusal("carol@example.com", &file).await, "certificate_hidden");
    assert_eq!(refusal("bob@example.com", &open_p12(&alice)).await, "certificate_of_others");
    assert_eq!(refusal("alice@example.com", b"no file").await, "not_pkcs12");
    assert_eq!(refusal("alice@example.com", &[0; 50_000]).await, "certificate_file_too_large");
    mail(&company, "carol@example.com", &open_p12(&carol), 1).await.expect("it shows whose it is");
    for number in 0..3 {
        let file = p12(&Person { user: bob.user.clone(), ..company.person_like(&bob) });
        mail(&company, "bob@example.com", &file, number).await.expect("it is taken");
    }
    assert_eq!(refusal("bob@example.com", &p12(&bob)).await, "too_many_certificate_files");
    assert_snapshot!(log(&company).await, @"
    server certificate-file.deposit carol certificate_hidden
    server certificate-file.deposit bob certificate_of_others
    server certificate-file.deposit alice not_pkcs12
    server certificate-file.deposit alice certificate_file_too_large
    server certificate-file.deposit carol done
    server certificate-file.deposit bob done
    server certificate-file.deposit bob done
    server certificate-file.deposit bob done
    server certificate-file.deposit bob too_many_certificate_files
    ");
}

#[tokio::test]
async fn the_same_mail_counts_once_and_the_same_file_again() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let file = p12(&alice);
    let waiting = async || {
        let files = company.operations.certificate_files(alice.user.id).await.expect("a list");
        files.iter().filter(|file| file.end.is_none()).count()
    };
    let first = mail(&company, "alice@example.com", &file, 1).await.expect("it is taken");
    let same = mail(&company, "alice@example.com", &file, 1).await.expect("it is there");
    assert_eq!((same, waiting().await), (first.clone(), 1));

    let removed =
        company.operations.remove_certificate_file(&company.admin, alice.user.id, first.id).await;
    removed.expect("it is removed");
    mail(&company, "alice@example.com", &file, 1).await.expect("nothing new");
    assert_eq!(waiting().await, 0);
    let gone =
        company.operations.remove_certificate_file(&company.admin, alice.user.id, first.id).await;
    assert!(matches!(gone, Err(Failure::Unknown(_))), "{gone:?}");

    mail(&company, "alice@example.com", &file, 2).await.expect("it is taken again");
    assert_eq!(waiting().await, 1);
    wait(Duration::days(15));
    company.operations.tidy().await.expect("upkeep");
    assert_eq!(waiting().await, 0);
    let (_, code) = company.invite(&alice).await;
    assert_snapshot!(fetch(&company.connect(1, None), &code).await, @r#"200 {"files":[]}"#);
    wait(Duration::days(91));
    company.operations.tidy().await.expect("upkeep");
    let files = company.operations.certificate_files(alice.user.id).await.expect("a list");
    assert_eq!(files, []);
    assert_snapshot!(log(&company).await, @"
    server certificate-file.deposit alice done
    administrator certificate-file.remove alice done
    administrator certificate-file.remove alice unknown_certificate
    server certificate-file.deposit alice done
    server certificate-file.expire alice done
    ");
}

impl Company {
    /// Registers a device of a person, and returns its connection.
    async fn in_service(&self, person: &Person, number: u8) -> Line {
        let line = self.connect(number, None);
        let registered = Device::new(number).registers(self, &line, person).await;

        self.connect(number, Some(registered.certificate.as_der()))
    }

    /// Makes another key and certificate for a person.
    fn person_like(&self, person: &Person) -> Person {
        let key = keys::SoftwareKey::make_rsa(2048).expect("a key");
        let address = person.user.addresses.primary().as_str();
        let certificate = crate::company::certificate_of(&key, address);

        Person { user: person.user.clone(), key, certificate }
    }
}

async fn mail(
    company: &Company,
    sender: &str,
    content: &[u8],
    number: u8,
) -> Result<
    fleet::certificate_file::CertificateFile,
    Failure<fleet::certificate_file::DepositFileRefusal>,
> {
    let mail = [number; 32];
    let file = MailedFile { authors: &[sender], is_proven: true, mail, name: "mine.p12", content };

    company.operations.deposit_mailed_file(file).await
}

async fn fetch(line: &Line, code: &str) -> Answer {
    line.post(FETCH, json!({ "code": code }).to_string()).await
}

async fn received(line: &Line, code: &str, file: &[u8]) -> Answer {
    line.post(RECEIVED, json!({ "code": code, "sha256": [hex(file)] }).to_string()).await
}

fn hex(content: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(content))
}

/// A certificate file as programs of today write it: the certificate is under the password too.
fn p12(person: &Person) -> Vec<u8> {
    let identity = Identity {
        key: person.key.clone(),
        certificate: person.certificate.as_der().to_vec(),
        chain: vec![],
    };

    pkcs12::seal(&identity, "transport", 2048).expect("a file")
}

/// A certificate file whose certificate lies open.
fn open_p12(person: &Person) -> Vec<u8> {
    let pkey = openssl::pkey::PKey::private_key_from_pkcs8(&person.key.to_pkcs8()).expect("a key");
    let certificate = openssl::x509::X509::from_der(person.certificate.as_der()).expect("one");
    let mut file = openssl::pkcs12::Pkcs12::builder();
    // -1 leaves them as they are (PKCS12_create).
    file.cert_algorithm(openssl::nid::Nid::from_raw(-1)).pkey(&pkey).cert(&certificate);

    file.build2("transport").and_then(|file| file.to_der()).expect("a file")
}

async fn log(company: &Company) -> String {
    let log = company.operations.audit_events(&Filter::default(), Page::new(0, 200)).await;
    let mut events = log.expect("the log is read").items;
    events.reverse();
    let lines = events.iter().map(|event| &event.record).filter_map(|record| {
        let reason = match &record.outcome {
            audit::Outcome::Done => "done",
            audit::Outcome::Refused { reason } => reason,
        };
        let (name, actor) = (record.action.name(), record.actor.kind());
        name.starts_with("certificate-file")
            .then(|| format!("{actor} {name} {} {reason}", record.subject.label))
    });

    lines.collect::<Vec<_>>().join("\n")
}
