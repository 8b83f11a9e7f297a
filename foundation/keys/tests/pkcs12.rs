//! PKCS#12 files exchanged with the `openssl` command line.

use keys::pkcs12::{self, Identity, MAX_ITERATIONS, OpenError, SealError};
use keys::{PrivateKey as _, SignatureAlgorithm, SoftwareKey};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

#[test]
fn files_of_every_age_open() {
    let files = Files::new("rsa:2048");

    for options in [
        &[][..],
        &["-legacy"],
        &["-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-RC2-40"],
        &["-legacy", "-descert"],
        &["-certpbe", "AES-128-CBC", "-keypbe", "AES-256-CBC", "-macalg", "sha512"],
        &["-nomac"],
        &["-certpbe", "NONE", "-keypbe", "NONE"],
    ] {
        let file = files.export(options, "pässword ü");
        let identity = pkcs12::open(&file, "pässword ü").expect("the file opens");
        assert_eq!(identity.certificate, files.certificate(), "{options:?}");
        assert_eq!(identity.key.to_pkcs8().as_slice(), files.key(), "{options:?}");
        assert_eq!(
            identity.key.algorithms(),
            [SignatureAlgorithm::RsaPssSha256, SignatureAlgorithm::RsaPkcs1Sha256]
        );
    }
}

#[test]
fn an_empty_password_is_a_password() {
    let files = Files::new("rsa:2048");

    let file = files.export(&[], "");
    assert!(pkcs12::open(&file, "").is_ok());
    assert!(matches!(pkcs12::open(&file, "x"), Err(OpenError::WrongPassword)));
}

#[test]
fn a_wrong_password_is_told_from_a_damaged_file() {
    let files = Files::new("ec:P-256");

    for options in [&[][..], &["-legacy"], &["-nomac"], &["-legacy", "-nomac"]] {
        let file = files.export(options, "right");
        let wrong = pkcs12::open(&file, "wrong");
        assert!(matches!(wrong, Err(OpenError::WrongPassword)), "{options:?}: {wrong:?}");
        let strange = pkcs12::open(&file, "ri\0ght");
        assert!(matches!(strange, Err(OpenError::WrongPassword)));
        let half = pkcs12::open(&file[..file.len() / 2], "right");
        assert!(matches!(half, Err(OpenError::Damaged)), "{options:?}: {half:?}");
    }
    assert!(matches!(pkcs12::open(b"", "right"), Err(OpenError::Damaged)));
    assert!(matches!(pkcs12::open(b"0\x03\x02\x01\x03", "right"), Err(OpenError::Damaged)));
    assert!(matches!(pkcs12::open(&[0; 2 << 20], "right"), Err(OpenError::TooLarge)));
}

#[test]
fn no_changed_byte_passes_the_mac() {
    let files = Files::new("ec:P-256");
    let file = files.export(&["-iter", "10"], "right");

    for place in 0..file.len() {
        let mut changed = file.clone();
        changed[place] ^= 0x01;
        let Ok(identity) = pkcs12::open(&changed, "right") else {
            continue;
        };
        // Some bytes say the same in two ways, for instance a NULL left out.
        assert_eq!(identity.certificate, files.certificate(), "byte {place}");
        assert_eq!(identity.key.to_pkcs8().as_slice(), files.key(), "byte {place}");
    }
}

#[test]
fn a_file_may_not_ask_for_endless_work() {
    let files = Files::new("ec:P-256");
    let mut file = files.export(&["-iter", "70000"], "right");
    assert!(pkcs12::open(&file, "right").is_ok());

    let (count, huge) = ([0x02, 3, 0x01, 0x11, 0x70], [0x02, 3, 0x7f, 0xff, 0xff]);
    let places: Vec<_> = (0..file.len() - 5).filter(|it| file[*it..*it + 5] == count).collect();
    assert!(places.len() >= 2, "key and certificate are encrypted");
    for place in places {
        file[place..place + 5].copy_from_slice(&huge);
    }
    let refused = pkcs12::open(&file, "right");
    assert!(
        matches!(refused, Err(OpenError::TooExpensive { iterations }) if iterations > MAX_ITERATIONS),
        "{refused:?}"
    );
}

#[test]
fn a_file_without_a_key_is_none() {
    let files = Files::new("ec:P-256");

    let file = files.export(&["-nokeys"], "right");
    assert!(matches!(pkcs12::open(&file, "right"), Err(OpenError::NoKey)));
}

#[test]
fn weak_keys_stay_outside() {
    let files = Files::new("rsa:1024");

    let file = files.export(&[], "right");
    assert!(matches!(pkcs12::open(&file, "right"), Err(OpenError::Key(_))));
}

#[test]
fn openssl_opens_what_is_sealed_here() {
    let files = Files::new("rsa:2048");
    let identity = pkcs12::open(&files.export(&[], "one"), "one").expect("the file opens");

    let sealed = pkcs12::seal(&identity, "zwei ü", 10_000).expect("the identity is sealed");
    files.write("sealed.p12", &sealed);
    let text = files.openssl(&[
        "pkcs12",
        "-in",
        "sealed.p12",
        "-passin",
        "pass:zwei ü",
        "-info",
        "-nodes",
    ]);
    assert!(text.contains("BEGIN PRIVATE KEY") && text.contains("BEGIN CERTIFICATE"), "{text}");
    let again = pkcs12::open(&sealed, "zwei ü").expect("it opens here, too");
    assert_eq!(again.certificate, identity.certificate);
}

#[test]
fn only_what_belongs_together_is_sealed() {
    let files = Files::new("ec:P-256");
    let certificate = files.certificate();
    let stranger =
        Identity { key: SoftwareKey::make_p256().expect("a key"), certificate, chain: Vec::new() };

    assert!(matches!(pkcs12::seal(&stranger, "x", 1000), Err(SealError::Mismatch)));
    assert!(matches!(pkcs12::seal(&stranger, "x\0", 1000), Err(SealError::Password)));
    assert!(matches!(pkcs12::seal(&stranger, "x", 0), Err(SealError::Iterations(0))));
}

/// A key and its certificate, made by OpenSSL in a folder of their own.
struct Files(TempDir);

impl Files {
    fn new(kind: &str) -> Self {
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

    fn export(&self, options: &[&str], password: &str) -> Vec<u8> {
        let password = format!("pass:{password}");
        let fixed = ["pkcs12", "-export", "-inkey", "key.pem", "-in", "c.pem", "-out", "out.p12"];
        self.openssl(&[&fixed[..], options, &["-passout", &password]].concat());

        self.read("out.p12")
    }

    fn certificate(&self) -> Vec<u8> {
        self.read("c.der")
    }

    fn key(&self) -> Vec<u8> {
        self.read("key.der")
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).expect("the file is there")
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path().join(name), bytes).expect("the file is written");
    }

    fn openssl(&self, arguments: &[&str]) -> String {
        let output = Command::new("openssl").args(arguments).current_dir(self.path()).output();
        let output = output.expect("the openssl command is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}
