//! Measures certificates, messages and the container beside OpenSSL, in turns in one process, and prints a table.
//!
//! ```text
//! cargo run --release -p vault --example bench_trust
//! ```
//!
//! Every time is the processor's and the disk's of one operation: the median of all turns.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement"
)]

use keys::SoftwareKey;
use keys::pkcs12::Identity;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::stack::Stack;
use openssl::symm::{self, Cipher};
use openssl::x509::store::{X509Lookup, X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509, X509StoreContext};
use pki::Certificate;
use pki::cms::{self, Ciphers, Form, Signing};
use pki::validate::{Crl, Inputs, Revocations, Use, validate};
use policy::PasswordRules;
use std::fs::File;
use std::io::{self, BufReader, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use time::OffsetDateTime;
use vault::{
    Container, Cost, DeviceKeys, FileOwner, NewContainer, NewIdentity, NewPassword, Open, Place,
};

const PASSWORD: &str = "correct horse battery";
const MB: usize = 1_000_000;

fn main() {
    let folder = Folder::new();
    println!("| trust, one operation | Cordon | OpenSSL | ratio |");
    println!("|---|---|---|---|");
    validation(&folder);
    decryption(&folder, "CMS decrypt, AES-256-CBC, 1 MB", Cipher::aes_256_cbc(), MB, 60);
    decryption(&folder, "CMS decrypt, AES-256-CBC, 50 MB", Cipher::aes_256_cbc(), 50 * MB, 11);
    decryption(&folder, "CMS decrypt, AES-256-GCM, 1 MB", Cipher::aes_256_gcm(), MB, 60);
    decryption(&folder, "CMS decrypt, AES-256-GCM, 50 MB", Cipher::aes_256_gcm(), 50 * MB, 11);
    streaming(&folder, "CMS decrypt, AES-256-CBC, streamed", Cipher::aes_256_cbc());
    streaming(&folder, "CMS decrypt, AES-256-GCM, streamed", Cipher::aes_256_gcm());
    verification(&folder);
    container(&folder);
}

/// A root, an authority and a person, with lists, made by the `openssl` command line.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.run(
            "req -x509 -newkey rsa:2048 -nodes -keyout r.key -out r.pem -subj /CN=Root -days 90",
        );
        folder.issue("i", "r", "basicConstraints=critical,CA:true\nkeyUsage=keyCertSign,cRLSign\n");
        folder.issue("p", "i", "subjectAltName=email:p@example.org\n");
        let lists: Vec<_> = ["r", "i"].into_iter().flat_map(|name| folder.list(name)).collect();
        folder.write("lists.pem", &lists);

        folder
    }

    fn issue(&self, name: &str, issuer: &str, extensions: &str) {
        self.write("ext", extensions.as_bytes());
        self.run(&format!(
            "req -new -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}"
        ));
        self.run(&format!("x509 -req -in {name}.csr -CA {issuer}.pem -CAkey {issuer}.key -days 60 -set_serial 7 -extfile ext -out {name}.pem"));
    }

    fn list(&self, name: &str) -> Vec<u8> {
        self.write("index.txt", b"");
        self.write("ca.cnf", format!("[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\ncertificate={name}.pem\nprivate_key={name}.key\ndefault_md=sha256\ndefault_crl_days=8\n").as_bytes());
        self.run(&format!("ca -config ca.cnf -gencrl -out {name}.crl"));

        self.read(&format!("{name}.crl"))
    }

    fn run(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .output()
            .expect("the openssl command is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).unwrap()
    }

    fn der(&self, name: &str) -> Vec<u8> {
        X509::from_pem(&self.read(name)).unwrap().to_der().unwrap()
    }

    fn key(&self) -> PKey<Private> {
        PKey::private_key_from_pem(&self.read("p.key")).unwrap()
    }

    fn person(&self) -> (Certificate, SoftwareKey) {
        let certificate = Certificate::from_der(&self.der("p.pem")).unwrap();

        (certificate, SoftwareKey::from_pkcs8(&self.key().private_key_to_pkcs8().unwrap()).unwrap())
    }
}

/// Runs both in turns and prints a row.
fn compare(what: &str, turns: usize, mut ours: impl FnMut(), mut theirs: impl FnMut()) {
    let time = |work: &mut dyn FnMut()| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    };
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for turn in 0..=turns {
        let (one, other) = (time(&mut ours), time(&mut theirs));
        // The first turn warms both.
        if turn > 0 {
            own.push(one);
            others.push(other);
        }
    }
    let (own, other) = (median(own), median(others));
    let ratio = own.as_secs_f64() / other.as_secs_f64();
    println!("| {what} | {own:.1?} | {other:.1?} | {ratio:.2} (bar: 1.2) |");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn validation(folder: &Folder) {
    let (leaf, issuing, root) = (folder.der("p.pem"), folder.der("i.pem"), folder.der("r.pem"));
    let anchors = [Certificate::from_der(&root).unwrap()];
    let lists = String::from_utf8(folder.read("lists.pem")).unwrap();
    let lists = Crl::all_from_pem(&lists).unwrap();
    let at = Certificate::from_der(&leaf).unwrap().not_before() + Duration::from_secs(20);
    let ours = || {
        let leaf = Certificate::from_der(&leaf).unwrap();
        let untrusted = [Certificate::from_der(&issuing).unwrap()];
        let inputs = Inputs {
            untrusted: &untrusted,
            crls: &lists,
            revocation: Revocations::Required,
            ..Inputs::new(&anchors, at, Use::Any)
        };
        assert_eq!(validate(&leaf, &inputs).unwrap().path.len(), 3);
    };
    let store = store(folder, &root, at);
    let theirs = || {
        let leaf = X509::from_der(&leaf).unwrap();
        let mut chain = Stack::new().unwrap();
        chain.push(X509::from_der(&issuing).unwrap()).unwrap();
        let mut context = X509StoreContext::new().unwrap();
        let verified = context.init(&store, &leaf, &chain, |context| context.verify_cert());
        assert!(verified.unwrap(), "{}", context.error());
    };
    compare("path of three certificates with two revocation lists", 400, ours, theirs);
}

fn store(folder: &Folder, root: &[u8], at: OffsetDateTime) -> X509Store {
    let mut builder = X509StoreBuilder::new().unwrap();
    builder.add_cert(X509::from_der(root).unwrap()).unwrap();
    let lists = folder.0.path().join("lists.pem");
    let lookup = builder.add_lookup(X509Lookup::file()).unwrap();
    lookup.load_crl_file(&lists, openssl::ssl::SslFiletype::PEM).unwrap();
    builder.set_flags(X509VerifyFlags::CRL_CHECK | X509VerifyFlags::CRL_CHECK_ALL).unwrap();
    let mut param = openssl::x509::verify::X509VerifyParam::new().unwrap();
    param.set_time(at.unix_timestamp());
    builder.set_param(&param).unwrap();

    builder.build()
}

fn decryption(folder: &Folder, what: &str, cipher: Cipher, size: usize, turns: usize) {
    let content = vec![b'x'; size];
    let mut to = Stack::new().unwrap();
    to.push(X509::from_pem(&folder.read("p.pem")).unwrap()).unwrap();
    let message = CmsContentInfo::encrypt(&to, &content, cipher, CMSOptions::BINARY).unwrap();
    let message = message.to_der().unwrap();
    let (certificate, own) = folder.person();
    let (key, x509) = (folder.key(), X509::from_pem(&folder.read("p.pem")).unwrap());
    compare(
        what,
        turns,
        || {
            let opened = cms::decrypt(&message, &own, &certificate, Ciphers::Historic).unwrap();
            assert_eq!(opened.content.len(), size);
        },
        || {
            let message = CmsContentInfo::from_der(&message).unwrap();
            assert_eq!(message.decrypt(&key, &x509).unwrap().len(), size);
        },
    );
}

/// A message of 50 MB that is decrypted piece by piece, and how much memory that takes.
fn streaming(folder: &Folder, what: &str, cipher: Cipher) {
    const SIZE: usize = 50 * MB;
    let mut to = Stack::new().unwrap();
    to.push(X509::from_pem(&folder.read("p.pem")).unwrap()).unwrap();
    let options = CMSOptions::BINARY;
    let message = CmsContentInfo::encrypt(&to, &vec![b'x'; SIZE], cipher, options).unwrap();
    let message = message.to_der().unwrap();
    folder.write("message", &message);
    let (certificate, own) = folder.person();
    let (key, x509) = (folder.key(), X509::from_pem(&folder.read("p.pem")).unwrap());
    let ours = || {
        let file = File::open(folder.0.path().join("message")).unwrap();
        let file = BufReader::with_capacity(1 << 16, file);
        let streamed =
            cms::decrypt_stream(file, &own, &certificate, Ciphers::Historic, &mut io::sink());
        assert!(streamed.unwrap().holds_data());
    };
    peak_memory();
    let before = peak_memory();
    ours();
    let memory = peak_memory().saturating_sub(before);
    let what = format!("{what}, 50 MB in {memory} KB more of memory; the peer: in memory");
    compare(&what, 11, ours, || {
        let message = CmsContentInfo::from_der(&message).unwrap();
        assert_eq!(message.decrypt(&key, &x509).unwrap().len(), SIZE);
    });
}

/// The most memory in KB that this process has had since the last call (proc(5), `clear_refs`).
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    std::fs::write("/proc/self/clear_refs", "5").unwrap();

    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn verification(folder: &Folder) {
    let (certificate, key) = folder.person();
    let content = vec![b'x'; MB];
    let signing = Signing {
        key: &key,
        certificate: &certificate,
        algorithm: keys::SignatureAlgorithm::RsaPkcs1Sha256,
        chain: &[],
        encryption: None,
        time: OffsetDateTime::UNIX_EPOCH,
    };
    let message = cms::sign(&content, &signing, Form::Opaque).unwrap();
    let mut known = Stack::new().unwrap();
    known.push(X509::from_pem(&folder.read("p.pem")).unwrap()).unwrap();
    compare(
        "CMS verify, RSA-2048 with SHA-256, 1 MB",
        60,
        || {
            let signed = cms::Signed::read(&message).unwrap();
            let content = signed.content.as_ref().unwrap();
            let strong = pki::Algorithms::default();
            assert!(signed.verify(&signed.signers[0], content, &[], &strong).1.is_ok());
        },
        || {
            let mut message = CmsContentInfo::from_der(&message).unwrap();
            let flags = CMSOptions::NO_SIGNER_CERT_VERIFY | CMSOptions::BINARY;
            let mut out = Vec::new();
            message.verify(Some(&known), None, None, Some(&mut out), flags).unwrap();
            assert_eq!(out.len(), MB);
        },
    );
}

fn container(folder: &Folder) {
    let root = tempfile::tempdir().unwrap();
    let place = Place {
        directory: root.path().join("container"),
        key_files: root.path().join("keys"),
        device_keys: DeviceKeys::KeyFiles,
    };
    let (certificate, key) = folder.person();
    let identity = Identity { key, certificate: certificate.as_der().to_vec(), chain: Vec::new() };
    let rules = PasswordRules { minimum_length: 8, ..PasswordRules::default() };
    let password = NewPassword::choose(PASSWORD.into(), &PASSWORD.into(), &rules).unwrap();
    let container = Container::at(place).unwrap();
    let new = NewContainer {
        identity: NewIdentity::Password {
            identity: &identity,
            password: &password,
            cost: Cost::STANDARD,
        },
        wrong_passwords: 3,
        documents: &[],
    };
    let open = container.create(&new).unwrap();
    sealing(folder, &open, root.path());
    open.lock();
    opening(folder, &container, &identity);
}

/// A file of the container: CMS for the certificate, the second layer, and both on the disk before it counts.
fn sealing(folder: &Folder, open: &Open, root: &Path) {
    let content = vec![b'x'; MB];
    let mut to = Stack::new().unwrap();
    to.push(X509::from_pem(&folder.read("p.pem")).unwrap()).unwrap();
    let files = open.files(FileOwner::MAIL);
    let mut number = 0;
    compare(
        "seal a file of 1 MB into the container, flushed to the disk",
        60,
        || {
            files.put(&content).unwrap();
        },
        || {
            let cipher = Cipher::aes_256_gcm();
            let message =
                CmsContentInfo::encrypt(&to, &content, cipher, CMSOptions::BINARY).unwrap();
            let mut tag = [0; 16];
            let message = message.to_der().unwrap();
            let sealed =
                symm::encrypt_aead(cipher, &[7; 32], Some(&[0; 12]), b"", &message, &mut tag);
            number += 1;
            let path = root.join(format!("{number}.unfinished"));
            let mut file = File::create(&path).unwrap();
            file.write_all(&sealed.unwrap()).unwrap();
            file.write_all(&tag).unwrap();
            file.sync_all().unwrap();
            std::fs::rename(&path, root.join(number.to_string())).unwrap();
            File::open(root).unwrap().sync_all().unwrap();
        },
    );
}

/// The key derivation of the password is nearly all of it: Argon2id here, PBKDF2 of an ordinary PKCS#12 file there.
fn opening(folder: &Folder, container: &Container, identity: &Identity) {
    let mut builder = Pkcs12::builder();
    let x509 = X509::from_pem(&folder.read("p.pem")).unwrap();
    let key = folder.key();
    builder.cert(&x509).pkey(&key);
    builder.key_iter(600_000).mac_iter(600_000);
    builder.key_algorithm(openssl::nid::Nid::AES_256_CBC);
    builder.cert_algorithm(openssl::nid::Nid::AES_256_CBC);
    builder.mac_md(openssl::hash::MessageDigest::sha256());
    let file = builder.build2(PASSWORD).unwrap().to_der().unwrap();
    let mut to = Stack::new().unwrap();
    to.push(x509.clone()).unwrap();
    let session = CmsContentInfo::encrypt(&to, &[7; 32], Cipher::aes_256_gcm(), CMSOptions::BINARY);
    let session = session.unwrap().to_der().unwrap();
    assert_eq!(identity.certificate, x509.to_der().unwrap());
    compare(
        "open the container: password, session key, database; the peer: PKCS#12 with 600,000 iterations, session key",
        11,
        || container.open(&PASSWORD.into()).unwrap().lock(),
        || {
            let parsed = Pkcs12::from_der(&file).unwrap().parse2(PASSWORD).unwrap();
            let (key, x509) = (parsed.pkey.unwrap(), parsed.cert.unwrap());
            let session = CmsContentInfo::from_der(&session).unwrap();
            assert_eq!(session.decrypt(&key, &x509).unwrap().len(), 32);
        },
    );
}
