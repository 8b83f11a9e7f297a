use crate::people::*;
use mail::smime::{self, Holder, UnsealError};
use pki::cms::{ContentCipher, Form};
use std::io::{self, BufReader, Read};

const CIPHER: ContentCipher = ContentCipher::Aes256Gcm;

#[test]
fn only_what_is_encrypted_outside_is_unsealed() {
    let sealed = seal(MAIL, CIPHER);
    for (mail, whole) in [
        (sealed.as_str(), false),
        (&sealed.replace("\r\n", "\n"), false),
        (&seal(&sign(MAIL, &ALICE, Form::Detached), CIPHER), false),
        (&sign(&sealed, &ALICE, Form::Detached), true),
        (&sign(MAIL, &ALICE, Form::Opaque), true),
        (MAIL, true),
        ("", true),
        // What the patient reader makes something of.
        (&sealed.replace("MI", "M*I"), true),
    ] {
        let unsealed = unseal(mail.as_bytes());
        assert_eq!(matches!(unsealed, Err(UnsealError::Whole)), whole, "{mail}: {unsealed:?}");
        open(mail);
    }
}

#[test]
fn a_part_that_is_protected_is_found_wherever_it_is() {
    let large = "At noon.\r\n".repeat(20_000);
    let signed = sign(MAIL, &ALICE, Form::Detached);
    let part = entity(&signed);
    for before in [0, 65_000, 65_520, 65_530, 65_536] {
        let text = &large[..before];
        let mail = MAIL.replace("text/plain; charset=utf-8", "multipart/mixed; boundary=x");
        let mail = mail
            .replace("At noon.\r\n", &format!("--x\r\n\r\n{text}\r\n--x\r\n{part}\r\n--x--\r\n"));
        check_spoof(seal(&mail, CIPHER), &["only_a_part"]);
    }
    check(seal(&MAIL.replace("At noon.", &large), CIPHER), &[]);
}

#[test]
fn what_is_no_head_ends_somewhere() {
    let endless = BufReader::new(io::repeat(b'x'));
    assert!(matches!(unseal(endless), Err(UnsealError::Whole)));
    let broken = BufReader::new((&b"From: a\r\n"[..]).chain(Broken));
    assert!(matches!(unseal(broken), Err(UnsealError::Read(_))));
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk"))
    }
}

fn unseal(mail: impl io::BufRead) -> Result<smime::Unsealed, UnsealError> {
    let holder = Holder { key: &BOB.key, certificate: &BOB.certificate };

    smime::unseal(mail, &holder, &mut Vec::new())
}
