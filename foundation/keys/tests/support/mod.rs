//! A key and its certificate made by the `openssl` command, and the little DER that tests write themselves.
#![allow(
    clippy::indexing_slicing,
    reason = "a value that is cut short fails the test, as it should"
)]

use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A key and its certificate, made by OpenSSL in a folder of their own.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new(kind: &str) -> Self {
        let files = Self(TempDir::new().expect("a temporary folder"));
        let kind: &[_] = match kind.strip_prefix("ec:") {
            Some(curve) => &["ec", "-pkeyopt", &format!("ec_paramgen_curve:{curve}")],
            None => &[kind],
        };
        let rest = ["-nodes", "-x509", "-subj", "/CN=alice", "-keyout", "key.pem", "-out", "c.pem"];
        files.openssl(&[&["req", "-newkey"], kind, &rest].concat());
        files.openssl(&[
            "pkcs8", "-topk8", "-nocrypt", "-in", "key.pem", "-outform", "DER", "-out", "key.der",
        ]);
        files.openssl(&["x509", "-in", "c.pem", "-outform", "DER", "-out", "c.der"]);

        files
    }

    pub(crate) fn export(&self, options: &[&str], password: &str) -> Vec<u8> {
        let password = format!("pass:{password}");
        let fixed = ["pkcs12", "-export", "-inkey", "key.pem", "-in", "c.pem", "-out", "out.p12"];
        self.openssl(&[&fixed[..], options, &["-passout", &password]].concat());

        self.read("out.p12")
    }

    pub(crate) fn certificate(&self) -> Vec<u8> {
        self.read("c.der")
    }

    pub(crate) fn key(&self) -> Vec<u8> {
        self.read("key.der")
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).expect("the file is there")
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path().join(name), bytes).expect("the file is written");
    }

    /// Returns what tells the certificate from others.
    pub(crate) fn subject(&self) -> String {
        let serial = self.openssl(&["x509", "-in", "c.pem", "-noout", "-serial"]);
        let serial = serial.trim().trim_start_matches("serial=").to_lowercase();

        format!("CN=alice (serial number {serial})")
    }

    pub(crate) fn openssl(&self, arguments: &[&str]) -> String {
        let output = Command::new("openssl").args(arguments).current_dir(self.path()).output();
        let output = output.expect("the openssl command is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Writes a value: its tag, its length and its content.
pub(crate) fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("tests are small").to_be_bytes();

    [&[tag, 0x82][..], &length, content].concat()
}

pub(crate) fn sequence(members: &[&[u8]]) -> Vec<u8> {
    value(0x30, &members.concat())
}

/// Takes a value in DER apart: its tag, its content and what follows it.
pub(crate) fn split(der: &[u8]) -> (u8, &[u8], &[u8]) {
    let (start, length) = match der[1] {
        length @ 0..=0x7f => (2, usize::from(length)),
        0x81 => (3, usize::from(der[2])),
        0x82 => (4, usize::from(u16::from_be_bytes([der[2], der[3]]))),
        other => panic!("length {other}"),
    };

    (der[0], &der[start..start + length], &der[start + length..])
}

/// Returns the values in the content of a SEQUENCE, whole.
pub(crate) fn members(mut content: &[u8]) -> Vec<&[u8]> {
    let mut members = Vec::new();
    while !content.is_empty() {
        let (_, _, rest) = split(content);
        members.push(&content[..content.len() - rest.len()]);
        content = rest;
    }

    members
}

/// `ContentInfo` of data.
pub(crate) fn data(content: &[u8]) -> Vec<u8> {
    sequence(&[DATA, &value(0xa0, &value(0x04, content))])
}

/// A file without a MAC around the parts of an `AuthenticatedSafe`.
pub(crate) fn file(parts: &[&[u8]]) -> Vec<u8> {
    sequence(&[&[0x02, 1, 3], &data(&sequence(parts))])
}

/// Returns what the MAC of a file covers.
pub(crate) fn content(file: &[u8]) -> &[u8] {
    let (_, pfx, _) = split(file);
    let (_, info, _) = split(members(pfx)[1]);
    let (_, explicit, _) = split(members(info)[1]);

    split(explicit).1
}

/// Returns the parts of the `AuthenticatedSafe` of a file.
pub(crate) fn parts(file: &[u8]) -> Vec<&[u8]> {
    members(split(content(file)).1)
}

const DATA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
