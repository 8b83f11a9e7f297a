//! Messages that are decrypted piece by piece, against those that are decrypted whole.

mod support;

use keys::SoftwareKey;
use pki::cms::{self, Ciphers, Fresh, OpenError, StreamError, Streamed};
use pki::{Purpose, Usage};
use std::io::{self, BufReader, Read, Write};
use support::{Folder, Holder, root};
use zeroize::Zeroizing;

#[test]
fn what_openssl_streams_is_read() {
    let (folder, holders) = people();
    let text = text(200_000);
    folder.write("text", &text);
    for cipher in ["-aes-256-cbc", "-aes-128-cbc", "-des3", "-aes-256-gcm", "-aes-128-gcm"] {
        for form in ["", "-stream -indef"] {
            folder.run(&format!(
                "cms -encrypt -binary {cipher} {form} -in text -outform DER -out sealed rsa.pem ec.pem"
            ));
            let sealed = folder.read("sealed");
            for holder in &holders {
                for piece in [1, 7, 1000, 1 << 16] {
                    let mut out = Vec::new();
                    let reader = BufReader::with_capacity(piece, sealed.as_slice());
                    stream(reader, holder, &mut out).unwrap();
                    assert!(out == text, "{cipher} {form} {piece}");
                }
            }
        }
    }
}

#[test]
fn whatever_is_cut_or_changed_is_refused_as_when_it_is_read_whole() {
    let (folder, [holder, _]) = people();
    folder.write("text", "what only one may read, in two blocks and a half");
    for options in ["-aes-256-gcm -stream -indef", "-aes-256-gcm", "-aes-256-cbc -stream -indef"] {
        folder.run(&format!(
            "cms -encrypt -binary {options} -in text -outform DER -out sealed rsa.pem"
        ));
        let sealed = folder.read("sealed");
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 0x04;
            agree(&changed, &holder);
            agree(&sealed[..place], &holder);
        }
        agree(&[&sealed[..], b"\0"].concat(), &holder);
        agree(&sealed, &holder);
    }
}

#[test]
fn a_message_for_somebody_else_writes_nothing() {
    let (folder, [rsa, ec]) = people();
    let sealed = cms::seal(b"text", &[&rsa.certificate], fresh()).unwrap();
    let mut out = Vec::new();

    let refused = stream(sealed.as_slice(), &ec, &mut out);

    assert!(matches!(refused, Err(StreamError::Open(OpenError::NotARecipient))));
    assert!(out.is_empty());
    folder.write("text", "text");
    folder.run("cms -encrypt -binary -des3 -in text -outform DER -out sealed rsa.pem");
    let sealed = folder.read("sealed");
    let strong =
        cms::decrypt_stream(&sealed[..], &rsa.key, &rsa.certificate, Ciphers::Strong, &mut out);
    assert!(matches!(strong, Err(StreamError::Open(OpenError::UnsupportedAlgorithm(_)))));
    assert!(out.is_empty());
}

#[test]
fn troubles_with_reading_and_writing_are_told() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk"))
        }
    }
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk"))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (_, [holder, _]) = people();
    let sealed = cms::seal(&text(100), &[&holder.certificate], fresh()).unwrap();

    let half = BufReader::new((&sealed[..50]).chain(Broken));
    assert!(matches!(stream(half, &holder, &mut Vec::new()), Err(StreamError::Read(_))));
    assert!(matches!(stream(&sealed[..], &holder, &mut Broken), Err(StreamError::Write(_))));
}

#[test]
fn what_is_larger_than_a_head_should_be_is_refused() {
    let (_, [holder, _]) = people();
    // A set of recipients without end.
    let endless = (&b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80\x30\x80\x02\x01\x00\x31\x80"[..])
        .chain(io::repeat(0x30));

    let refused = stream(BufReader::new(endless), &holder, &mut Vec::new());
    assert!(matches!(refused, Err(StreamError::Open(OpenError::Damaged(_)))));
}

/// Both ways to decrypt must come to the same.
#[track_caller]
fn agree(message: &[u8], holder: &Holder) {
    let whole = cms::decrypt(message, &holder.key, &holder.certificate, Ciphers::Historic);
    let mut out = Vec::new();
    match (whole, stream(message, holder, &mut out)) {
        (Ok(whole), Ok(streamed)) => {
            assert_eq!((whole.content.as_slice(), whole.cipher), (&out[..], streamed.cipher));
            assert_eq!(whole.holds_data(), streamed.holds_data());
        }
        (Err(whole), Err(StreamError::Open(streamed))) => {
            assert_eq!(whole.to_string(), streamed.to_string());
        }
        (whole, streamed) => panic!("{whole:?}, {streamed:?}"),
    }
}

fn stream(
    message: impl io::BufRead,
    holder: &Holder,
    out: &mut dyn Write,
) -> Result<Streamed, StreamError> {
    cms::decrypt_stream(message, &holder.key, &holder.certificate, Ciphers::Historic, out)
}

/// Somebody with RSA and somebody with an EC key, and a folder with their certificates.
fn people() -> (Folder, [Holder; 2]) {
    let (folder, root) = (Folder::new(), root(0));
    let usage = || Usage::EnciphermentAndSignature(Purpose::EmailProtection);
    let holders = [
        root.with("rsa", SoftwareKey::make_rsa(2048), usage()),
        root.with("ec", SoftwareKey::make_p256(), usage()),
    ];
    for (name, holder) in ["rsa", "ec"].into_iter().zip(&holders) {
        folder.write(&format!("{name}.pem"), holder.certificate.to_pem());
    }

    (folder, holders)
}

fn text(length: usize) -> Vec<u8> {
    (0_u32..).flat_map(u32::to_be_bytes).take(length).collect()
}

fn fresh() -> Fresh {
    Fresh { key: Zeroizing::new([7; 32]), nonce: [9; 12] }
}
