//! Certificates from a directory that speaks LDAP: OpenLDAP's slapd.

use std::process::Command;
use std::time::{Duration, Instant};

use activesync::messages::FolderKind as Kind;
use data_encoding::BASE64_MIME;
use pki::{AlternativeName, Purpose, Usage};
use policy::{LdapSettings, Settings};
use tempfile::tempdir;
use testkit::slapd::{BASE, Directory, Person};
use tokio::net::TcpListener;

use super::ground::{Ground, Holder, former, person};
use super::protected::open_as;
use crate::{CertificateSource, Draft, Protect, SendError};

#[tokio::test(flavor = "multi_thread")]
async fn who_is_known_by_ldap_alone_gets_a_sealed_mail() {
    let authority = Holder::root();
    let ended = former(&authority, "Dora", "dora@example.test");
    let mallory = person(&authority, "Mallory", "mallory@example.test");
    let dora = person(&authority, "Dora", "dora@example.test");
    let emil = person(&authority, "Emil", "emil@example.test");
    let people = [
        // Of several certificates the one that is good and theirs, wherever it stands.
        entry("Dora", "dora@example.test", &[&ended, &dora, &mallory]),
        Person {
            certificates: vec![("userSMIMECertificate", cms(&emil))],
            ..entry("Emil", "emil@example.test", &[])
        },
    ];
    let directory = start(&people, &authority, "127.0.0.1");

    for (server, without_tls) in [
        (format!("ldaps://{}", directory.tls), false),
        (format!("ldap://{}", directory.plain), false),
        (format!("ldap://{}", directory.plain), true),
    ] {
        let ground = ground(&authority, |ldap| {
            ldap.server.clone_from(&server);
            ldap.without_tls = without_tls;
        });
        let ground = ground.await;
        ground.app.send(draft(&["dora@example.test", "Emil@example.test"])).await.unwrap();
        let known = ground.app.known_certificates(None).await.unwrap();
        assert!(known.iter().all(|one| one.source == CertificateSource::Ldap), "{known:?}");
        let addresses: Vec<_> = known.iter().map(|one| one.address.as_str()).collect();
        assert_eq!(
            addresses,
            ["dora@example.test", "dora@example.test", "emil@example.test"],
            "{server}"
        );
        let sent = ground
            .until("the mail", async |_| {
                let mails = ground.server.mails("alice", Kind::Sent).ok()?;
                mails.into_iter().find(|mail| mail.subject == "By LDAP")
            })
            .await;
        assert!(!String::from_utf8_lossy(&sent.mime).contains("text/plain"));
        for reader in [&dora, &emil] {
            let opened = open_as(&sent.mime, &[reader], &authority);
            assert!(opened.content.is_some(), "{server}");
        }
        for stranger in [&ended, &mallory] {
            assert!(open_as(&sent.mime, &[stranger], &authority).content.is_none(), "{server}");
        }
        ground.app.lock().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_not_the_one_meant_is_told_nothing() {
    let authority = Holder::root();
    let dora = person(&authority, "Dora", "dora@example.test");
    let people = [entry("Dora", "dora@example.test", &[&dora])];
    let of_a_stranger = start(&people, &Holder::root(), "127.0.0.1");
    let of_another_name = start(&people, &authority, "127.0.0.2");

    for server in [
        format!("ldaps://{}", of_a_stranger.tls),
        format!("ldap://{}", of_a_stranger.plain),
        format!("ldaps://{}", of_another_name.tls),
        format!("ldap://{}", of_another_name.plain),
        // No TLS where TLS is spoken from the first byte on, and the other way round.
        format!("ldap://{}", of_a_stranger.tls),
        format!("ldaps://{}", of_a_stranger.plain),
    ] {
        let ground = ground(&authority, |ldap| ldap.server.clone_from(&server)).await;
        assert_eq!(missing(&ground, &["dora@example.test"]).await, ["dora@example.test"]);
        assert_eq!(ground.app.known_certificates(None).await.unwrap(), [], "{server}");
        ground.app.lock().await;
    }
    // Not a filter went out before the server was known.
    for directory in [of_a_stranger, of_another_name] {
        assert_eq!(directory.asked(0), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_a_value_whatever_stands_in_it() {
    let authority = Holder::root();
    let dora = person(&authority, "Dora", "dora@example.test");
    let directory = start(&[entry("Dora", "dora@example.test", &[&dora])], &authority, "127.0.0.1");
    let ground =
        ground(&authority, |ldap| ldap.server = format!("ldaps://{}", directory.tls)).await;
    let hostile = ["*@example.test", "dora*@example.test", "d|*&!=dora@example.test"];

    for address in hostile {
        let sent = ground.app.send(draft(&[address])).await;
        assert!(sent.is_err(), "{address}");
        assert_eq!(ground.app.known_certificates(None).await.unwrap(), [], "{address}");
    }
    ground.app.send(draft(&["dora@example.test"])).await.unwrap();
    let asked = directory.asked(4).into_iter().map(|filter| filter.to_lowercase());
    assert_eq!(
        asked.collect::<Vec<_>>(),
        [
            r"(mail=\2a@example.test)",
            r"(mail=dora\2a@example.test)",
            r"(mail=d|\2a&!=dora@example.test)",
            "(mail=dora@example.test)",
        ]
    );
    ground.app.lock().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_silent_or_gone_holds_nobody_up_for_long() {
    let authority = Holder::root();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = (silent.local_addr().unwrap(), silent);
    for (server, at_most) in [
        (format!("ldaps://{}", silent.0), 20),
        (format!("ldap://{}", silent.0), 20),
        ("ldaps://127.0.0.1:1".to_owned(), 5),
    ] {
        let ground = ground(&authority, |ldap| ldap.server.clone_from(&server)).await;
        let dora = person(&authority, "Dora", "dora@example.test");
        ground.way.publish("dora@example.test", vec![dora.certificate]);
        let begun = Instant::now();
        // The next directory knows her.
        ground.app.send(draft(&["dora@example.test"])).await.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(at_most), "{server}");
        let known = ground.app.known_certificates(None).await.unwrap();
        assert_eq!((known.len(), known[0].source), (1, CertificateSource::Portal));
        ground.app.lock().await;
    }
}

async fn ground(authority: &Holder, change: impl FnOnce(&mut LdapSettings)) -> Ground {
    let settings = |settings: &mut Settings| {
        settings.ldap.base = BASE.to_owned();
        change(&mut settings.ldap);
    };
    let ground = Ground::with(authority, |_| (), settings).await;
    super::synced(&ground).await;
    ground
}

fn draft(to: &[&str]) -> Draft {
    Draft {
        to: to.iter().map(|one| (*one).to_owned()).collect(),
        protect: Protect { sign: None, encrypt: Some(true), despite: Vec::new() },
        ..super::draft("By LDAP")
    }
}

async fn missing(ground: &Ground, to: &[&str]) -> Vec<String> {
    let refused = ground.app.send(draft(to)).await.unwrap_err();
    let SendError::Certificates { problems, .. } = refused else { panic!("{refused}") };
    problems.into_iter().filter(|one| one.missing).map(|one| one.address).collect()
}

fn entry(name: &str, mail: &str, holders: &[&Holder]) -> Person {
    let certificates = holders.iter().map(|one| one.certificate.as_der().to_vec());
    Person {
        name: name.to_owned(),
        mail: mail.to_owned(),
        certificates: certificates.map(|der| ("userCertificate;binary", der)).collect(),
    }
}

/// A directory whose certificate is for this address.
fn start(people: &[Person], authority: &Holder, address: &str) -> Directory {
    let names = vec![AlternativeName::Ip(address.parse().unwrap())];
    let server = authority.issue("directory", Usage::Signature(Purpose::TlsServer), names);
    let key = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        BASE64_MIME.encode(&server.key.to_pkcs8()).trim_end()
    );
    Directory::start(people, &server.certificate.to_pem(), &key).unwrap()
}

/// A CMS message that holds a certificate and nothing else, as OpenSSL makes it.
fn cms(holder: &Holder) -> Vec<u8> {
    let folder = tempdir().unwrap();
    let (pem, der) = (folder.path().join("one.pem"), folder.path().join("all.p7b"));
    std::fs::write(&pem, holder.certificate.to_pem()).unwrap();
    let made = Command::new("openssl")
        .args(["crl2pkcs7", "-nocrl", "-outform", "DER", "-certfile"])
        .arg(&pem)
        .arg("-out")
        .arg(&der)
        .status()
        .unwrap();
    assert!(made.success());
    std::fs::read(der).unwrap()
}
