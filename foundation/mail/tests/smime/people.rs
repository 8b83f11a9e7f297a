//! Alice and Bob, whom one authority knows, Eve whom it knows too, and Mallory whom nobody knows.

use keys::{PrivateKey as _, SignatureAlgorithm, SoftwareKey};
use mail::smime::{self, Holder, Opened, Trust, UnsealError};
use pki::cms::{Capabilities, ContentCipher, Form, Fresh, Recipient, Signing};
use pki::{AlternativeName, Certificate, Purpose, Serial, Subject, Template, Usage, issue};
use std::io::BufReader;
use std::sync::LazyLock;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

pub(crate) const NOW: OffsetDateTime = datetime!(2027-03-01 12:00:00 UTC);

pub(crate) struct Person {
    pub(crate) certificate: Certificate,
    pub(crate) key: SoftwareKey,
}

static ROOT: LazyLock<Person> = LazyLock::new(|| authority("Root"));
static OTHER: LazyLock<Person> = LazyLock::new(|| authority("Other"));
pub(crate) static ALICE: LazyLock<Person> = LazyLock::new(|| person("alice", &ROOT, 2));
pub(crate) static BOB: LazyLock<Person> = LazyLock::new(|| person("bob", &ROOT, 3));
pub(crate) static EVE: LazyLock<Person> = LazyLock::new(|| person("eve", &ROOT, 4));
/// Somebody who calls himself Alice.
pub(crate) static MALLORY: LazyLock<Person> = LazyLock::new(|| person("alice", &OTHER, 5));

pub(crate) const MAIL: &str = "From: Alice <alice@example.com>\r\nTo: bob@example.com\r\nSubject: Lunch\r\n\
    MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAt noon.\r\n";

/// What of the mail is protected.
pub(crate) const ENTITY: &str = "Content-Type: text/plain; charset=utf-8\r\n\r\nAt noon.\r\n";

pub(crate) fn sign(mail: &str, by: &Person, form: Form) -> String {
    sign_at(mail, by, form, NOW)
}

pub(crate) fn sign_at(mail: &str, by: &Person, form: Form, time: OffsetDateTime) -> String {
    let signing = Signing {
        key: &by.key,
        algorithm: SignatureAlgorithm::EcdsaP256Sha256,
        certificate: &by.certificate,
        chain: &[],
        time,
        encryption: Some(&by.certificate),
    };

    text(smime::sign(mail.as_bytes(), &signing, form).unwrap())
}

pub(crate) fn seal(mail: &str, cipher: ContentCipher) -> String {
    let own = Capabilities::own();
    let recipients = [&*ALICE, &*BOB]
        .map(|it| Recipient { certificate: &it.certificate, capabilities: Some(&own) });
    let fresh = Fresh { key: Zeroizing::new([7; 32]), nonce: [9; 12] };

    text(smime::seal(mail.as_bytes(), &recipients, cipher, fresh).unwrap())
}

/// Opens a mail as Bob.
pub(crate) fn open(mail: impl AsRef<[u8]>) -> Opened {
    open_at(mail, NOW)
}

pub(crate) fn open_at(mail: impl AsRef<[u8]>, now: OffsetDateTime) -> Opened {
    let holder = Holder { key: &BOB.key, certificate: &BOB.certificate };
    let anchors = std::slice::from_ref(&ROOT.certificate);
    let trust = Trust::new(anchors, &[], now);
    let opened = smime::open(mail.as_ref(), &[holder], &trust);
    for piece in [1, 100, 1 << 16] {
        compare_with_unsealed(mail.as_ref(), piece, holder, &trust, &opened);
    }

    opened
}

/// Opens a mail as if it were large, which must come to the same.
fn compare_with_unsealed(
    mail: &[u8],
    piece: usize,
    holder: Holder<'_>,
    trust: &Trust<'_>,
    expected: &Opened,
) {
    let mut content = Vec::new();
    let reader = BufReader::with_capacity(piece, mail);
    let opened = match smime::unseal(reader, &holder, &mut content) {
        Ok(unsealed) => match unsealed.state(BufReader::with_capacity(piece, &content[..])) {
            Ok(Some(state)) => Opened { content: Some(Zeroizing::new(content)), state },
            Ok(None) => unsealed.open(&content, &[holder], trust),
            Err(error) => panic!("{error}"),
        },
        Err(UnsealError::Closed(state)) => Opened { content: None, state: *state },
        Err(UnsealError::Whole) => return,
        Err(error) => panic!("{error}"),
    };
    assert_eq!(format!("{opened:?}"), format!("{expected:?}"));
}

/// Opens a mail as Bob and compares what is said about it.
#[track_caller]
pub(crate) fn check(mail: impl AsRef<[u8]>, problems: &[&str]) -> Opened {
    let opened = open(mail);
    let codes: Vec<_> = opened.state.problems.iter().map(|problem| problem.code()).collect();
    assert_eq!(codes, problems, "{:?}", opened.state.lines(smime::Language::English));

    opened
}

/// Compares, for a mail that must not count as signed.
#[track_caller]
pub(crate) fn check_spoof(mail: impl AsRef<[u8]>, problems: &[&str]) -> Opened {
    let opened = check(mail, problems);
    assert!(!opened.state.is_signed() && !opened.state.is_sound());

    opened
}

pub(crate) fn content(opened: &Opened) -> &str {
    std::str::from_utf8(opened.content.as_ref().expect("it was opened")).unwrap()
}

pub(crate) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The part of a mail that says what its body is, and the body.
pub(crate) fn entity(mail: &str) -> &str {
    &mail[mail.find("Content-Type:").unwrap()..]
}

/// A value in DER, but for the length, which is longer than it must be.
pub(crate) fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();

    [&[tag, 0x82][..], &length, content].concat()
}

fn authority(name: &str) -> Person {
    made(name, None, 1, Usage::Authority { path_length: 0 }, 3650)
}

fn person(name: &str, authority: &Person, number: u8) -> Person {
    let usage = Usage::EnciphermentAndSignature(Purpose::EmailProtection);

    made(name, Some(authority), number, usage, 365)
}

/// A server, whose certificate is for no mail.
pub(crate) fn server() -> Person {
    made("alice", Some(&ROOT), 6, Usage::Signature(Purpose::TlsServer), 365)
}

fn made(name: &str, authority: Option<&Person>, number: u8, usage: Usage, days: i64) -> Person {
    let key = SoftwareKey::make_p256().unwrap();
    let template = Template {
        subject: Subject::new(name),
        public_key: key.public_key(),
        not_before: NOW - Duration::days(30),
        not_after: NOW + Duration::days(days),
        usage,
        names: vec![AlternativeName::Email(format!("{name}@example.com"))],
    };
    let signer = authority.map_or(&key, |authority| &authority.key);
    let issuer = authority.map(|authority| &authority.certificate);
    let certificate = issue(&template, issuer, signer, Serial::from_random([number; 16])).unwrap();

    Person { certificate, key }
}
