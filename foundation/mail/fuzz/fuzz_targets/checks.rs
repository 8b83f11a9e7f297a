//! What must hold for any input: the fuzzers try it on what they invent, `tests/corpus.rs` on what they found worth keeping.

use keys::SoftwareKey;
use mail::html::{self, Pictures};
use mail::smime::{self, Holder, Language, Trust, UnsealError};
use mail::{Message, text};
use pki::Certificate;
use pki::cms::{self, Capabilities, Ciphers, Signed, StreamError};
use std::io::BufReader;
use std::sync::LazyLock;
use time::OffsetDateTime;

/// A reader whose key everybody may know, so that inputs can be encrypted for it.
struct Reader {
    key: SoftwareKey,
    certificate: Certificate,
}

static READERS: LazyLock<[Reader; 2]> = LazyLock::new(|| {
    [
        reader(include_bytes!("../reader/rsa.key.der"), include_bytes!("../reader/rsa.der")),
        reader(include_bytes!("../reader/ec.key.der"), include_bytes!("../reader/ec.der")),
    ]
});

fn reader(key: &[u8], certificate: &[u8]) -> Reader {
    Reader {
        key: SoftwareKey::from_pkcs8(key).expect("the reader's key is one"),
        certificate: Certificate::from_der(certificate).expect("the reader's certificate is one"),
    }
}

/// CMS: any bytes, as every kind of message. Nothing that is read is larger than what it was read from.
pub(crate) fn cms(bytes: &[u8]) {
    let _ = cms::kind(bytes);
    drop(Capabilities::from_der(bytes));
    for reader in &*READERS {
        let opened = cms::decrypt(bytes, &reader.key, &reader.certificate, Ciphers::Historic);
        let mut streamed = Vec::new();
        let result = cms::decrypt_stream(
            bytes,
            &reader.key,
            &reader.certificate,
            Ciphers::Historic,
            &mut streamed,
        );
        match (opened, result) {
            (Ok(opened), Ok(same)) => {
                assert!(streamed.len() <= bytes.len());
                assert_eq!(
                    (opened.content.as_slice(), opened.cipher),
                    (&streamed[..], same.cipher)
                );
            }
            (Err(_), Err(_)) | (Ok(_), Err(StreamError::Whole)) => {}
            (opened, result) => panic!("not the same: {opened:?}, {result:?}"),
        }
    }
    let Ok(signed) = Signed::read(bytes) else { return };
    let content = signed.content.as_ref().map_or(bytes, |content| content.as_slice());
    assert!(content.len() <= bytes.len());
    for signer in &signed.signers {
        let (certificate, verdict) =
            signed.verify(signer, content, &[], &pki::Algorithms::default());
        assert!(certificate.is_some() || verdict.is_err());
        drop(signer.capabilities());
        let _ = signer.preferred(&signed.certificates);
        let _ = signer.signing_time();
        assert!(!signer.algorithm().is_empty());
    }
}

/// A mail: any bytes, opened as far as it goes. What counts as signed was readable, and every problem has words.
pub(crate) fn smime(bytes: &[u8]) {
    let holders: Vec<_> = READERS
        .iter()
        .map(|reader| Holder { key: &reader.key, certificate: &reader.certificate })
        .collect();
    let anchors: Vec<_> = READERS.iter().map(|reader| reader.certificate.clone()).collect();
    let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).expect("a moment of 2027");
    let opened = smime::open(bytes, &holders, &Trust::new(&anchors, &[], now));
    let state = &opened.state;
    assert!(opened.content.is_some() || !state.is_sound());
    assert!(!state.is_signed() || (state.is_sound() && !state.signatures.is_empty()));
    for language in [Language::English, Language::German] {
        assert!(state.lines(language).iter().all(|line| line.ends_with('.')));
    }
}

/// An encrypted mail, read in pieces: whatever opens as a stream is the same in memory, and what is said of it is the same.
pub(crate) fn large(bytes: &[u8]) {
    let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).expect("a moment of 2027");
    for reader in &*READERS {
        let holder = Holder { key: &reader.key, certificate: &reader.certificate };
        let anchors = [reader.certificate.clone()];
        let trust = Trust::new(&anchors, &[], now);
        for piece in [1, 7, bytes.len().max(1)] {
            let mut streamed = Vec::new();
            let mail = BufReader::with_capacity(piece, bytes);
            let unsealed = match smime::unseal(mail, &holder, &mut streamed) {
                Ok(unsealed) => unsealed,
                Err(UnsealError::Closed(state)) => {
                    let whole = smime::open(bytes, &[holder], &trust);
                    assert!(whole.content.is_none() && !state.is_sound());
                    continue;
                }
                Err(UnsealError::Whole | UnsealError::Read(_)) => continue,
                Err(UnsealError::Write(error)) => panic!("memory takes everything: {error}"),
            };
            let whole = smime::open(bytes, &[holder], &trust);
            let inside = unsealed.open(&streamed, &[holder], &trust);
            assert_eq!(inside.content, whole.content);
            let lines = whole.state.lines(Language::English);
            assert_eq!(inside.state.lines(Language::English), lines);
            let content = BufReader::with_capacity(piece, &streamed[..]);
            if let Some(state) = unsealed.state(content).expect("memory is read") {
                assert_eq!(state.lines(Language::English), lines);
                assert_eq!(whole.content.as_deref(), Some(&streamed));
            }
        }
    }
}

/// A mail, and HTML that somebody wrote: what is shown of them runs nothing, fetches nothing and breaks no line.
pub(crate) fn message(bytes: &[u8]) {
    shown(&String::from_utf8_lossy(bytes));
    let Some(message) = Message::parse(bytes) else { return };
    check_line(&message.subject);
    for mailbox in [&message.from, &message.to, &message.cc, &message.bcc, &message.reply_to] {
        mailbox.iter().for_each(|mailbox| check_line(&mailbox.name));
    }
    message.attachments.iter().for_each(|attachment| check_line(&attachment.name));
    for part in [&message.text, &message.html].into_iter().flatten() {
        shown(part);
    }
}

fn check_line(line: &str) {
    assert!(!line.chars().any(char::is_control), "{line:?}");
}

fn shown(text: &str) {
    let preview = text::preview(&text::from_html(text), 200);
    assert!(preview.chars().count() <= 200);
    check_line(&preview);
    let cleaned = html::clean(text, &Pictures::default());
    let lower = cleaned.html.to_ascii_lowercase();
    for forbidden in ["<script", "<iframe", "<object", "<embed", "<form", "<base", "<meta", "<link"]
    {
        assert!(!lower.contains(forbidden), "{forbidden} in {lower}");
    }
}
