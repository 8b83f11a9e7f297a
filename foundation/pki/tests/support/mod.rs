//! What the tests share: a folder for the `openssl` command line, and a small hierarchy.

#![allow(dead_code, unreachable_pub, reason = "each test program uses a part of it")]

use keys::{PrivateKey, SoftwareKey};
use pki::{Certificate, Purpose, Serial, Subject, Template, Usage, issue};
use std::process::{Command, Output};
use tempfile::TempDir;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// The moment at which everything here happens.
pub const NOW: OffsetDateTime = datetime!(2027-03-01 12:00:00 UTC);

/// A folder in which the `openssl` command line works.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.0.path().join(name), bytes).expect("the file is written");
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).expect("the file is there")
    }

    pub fn openssl(&self, arguments: &str) -> Output {
        Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .output()
            .expect("the openssl command is installed")
    }

    /// Runs a command that must succeed and returns all it says.
    pub fn run(&self, arguments: &str) -> String {
        let output = self.openssl(arguments);
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        let text: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        assert!(output.status.success(), "openssl {arguments}: {text}");

        text
    }

    pub fn write_key(&self, name: &str, key: &SoftwareKey) {
        self.write(name, key.to_pkcs8());
    }
}

/// A certificate with its key.
pub struct Holder {
    pub certificate: Certificate,
    pub key: SoftwareKey,
}

/// Makes a root on P-384.
pub fn root(path_length: u8) -> Holder {
    let key = SoftwareKey::make_p384().expect("a key");
    let template = Template {
        subject: Subject::new("Root").with_organization("Example, Inc."),
        public_key: key.public_key(),
        not_before: NOW - Duration::days(30),
        not_after: NOW + Duration::days(3650),
        usage: Usage::Authority { path_length },
        names: Vec::new(),
    };
    let certificate = issue(&template, None, &key, serial(1)).expect("a root");

    Holder { certificate, key }
}

impl Holder {
    /// Makes an authority below this one.
    pub fn authority(&self, name: &str, path_length: u8) -> Self {
        self.with(name, SoftwareKey::make_p256(), Usage::Authority { path_length })
    }

    /// Makes a leaf that signs.
    pub fn leaf(&self, purpose: Purpose) -> Self {
        self.with("leaf", SoftwareKey::make_p256(), Usage::Signature(purpose))
    }

    /// Makes a person with an RSA key.
    pub fn person(&self, name: &str) -> Self {
        let usage = Usage::EnciphermentAndSignature(Purpose::EmailProtection);

        self.with(name, SoftwareKey::make_rsa(2048), usage)
    }

    pub fn with(
        &self,
        name: &str,
        key: Result<SoftwareKey, keys::MakeError>,
        usage: Usage,
    ) -> Self {
        let key = key.expect("a key");
        let template = Template {
            subject: Subject::new(name),
            public_key: key.public_key(),
            not_before: NOW - Duration::days(1),
            not_after: NOW + Duration::days(365),
            usage,
            names: vec![pki::AlternativeName::Email(format!("{name}@example.com"))],
        };
        let number = serial(0x80 | name.bytes().fold(7, u8::wrapping_add));
        let certificate =
            issue(&template, Some(&self.certificate), &self.key, number).expect("a certificate");

        Self { certificate, key }
    }
}

pub fn serial(number: u8) -> Serial {
    Serial::from_random([number; 16])
}
