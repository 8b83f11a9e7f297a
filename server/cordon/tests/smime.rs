//! `cordon smime` as people at a shell see it, against `openssl cms` and `gpgsm` in both directions.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use serde_json::Value;
use std::process::{Command, Output};
use tempfile::TempDir;

const MAIL: &str = "From: alice@example.com\r\nTo: bob@example.com\r\nSubject: Lunch\r\n\
    MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nAt noon.\r\n";

/// What of the mail is protected.
const ENTITY: &str = "Content-Type: text/plain\r\n\r\nAt noon.\r\n";

const HEADERS: &str = "-from alice@example.com -to bob@example.com -subject Lunch";

/// A folder with a root, and Alice, Bob, Carl (on an elliptic curve) and Eve below it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(TempDir::new().unwrap());
        folder.write("mail.eml", MAIL);
        folder.write("text", ENTITY);
        folder.write("password", "secret\n");
        let root = "req -x509 -newkey rsa:2048 -nodes -subj /CN=Root -days 30";
        folder.openssl(&format!("{root} -keyout root.key -out root.pem"));
        folder.openssl(&format!("{root} -keyout other.key -out other.pem"));
        for (name, key) in [
            ("alice", "rsa:2048"),
            ("bob", "rsa:2048"),
            ("carl", "ec -pkeyopt ec_paramgen_curve:P-256"),
            ("dora", "ec -pkeyopt ec_paramgen_curve:P-384"),
            ("fred", "ec -pkeyopt ec_paramgen_curve:P-521"),
            ("gina", "ed25519"),
            ("eve", "ec -pkeyopt ec_paramgen_curve:P-256"),
        ] {
            folder.write(
                "extensions",
                format!(
                    "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment,keyAgreement\n\
                     extendedKeyUsage=emailProtection\nsubjectKeyIdentifier=hash\nsubjectAltName=email:{name}@example.com\n"
                ),
            );
            folder.openssl(&format!(
                "req -new -newkey {key} -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}"
            ));
            folder.openssl(&format!(
                "x509 -req -in {name}.csr -CA root.pem -CAkey root.key -CAcreateserial -days 20 -extfile extensions -out {name}.pem"
            ));
            folder.openssl(&format!(
                "pkcs12 -export -in {name}.pem -inkey {name}.key \
                 -passout pass:secret -out {name}.p12"
            ));
        }
        folder
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> String {
        let bytes = std::fs::read(self.0.path().join(name)).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn command(&self, program: &str, arguments: &str) -> Output {
        Command::new(program)
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .env_remove("CORDON_CONFIG")
            .env("CORDON_KEY_PASSWORD", "secret")
            .env("GNUPGHOME", self.0.path().join("gnupg"))
            .env("SOFTHSM2_CONF", self.0.path().join("softhsm2.conf"))
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}"))
    }

    fn openssl(&self, arguments: &str) -> String {
        self.done("openssl", arguments)
    }

    /// Runs a command that must succeed, and gives what it writes to standard output.
    #[track_caller]
    fn done(&self, program: &str, arguments: &str) -> String {
        let output = self.command(program, arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn smime(&self, arguments: &str) -> String {
        self.done(env!("CARGO_BIN_EXE_cordon"), &format!("smime {arguments}"))
    }

    #[track_caller]
    fn refused(&self, arguments: &str, status: i32) -> Output {
        let output = self.command(env!("CARGO_BIN_EXE_cordon"), &format!("smime {arguments}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments}: {said}");
        output
    }
}

#[test]
fn mails_of_openssl_are_opened() {
    let folder = Folder::new();
    let oaep = |digest: &str| {
        format!("-recip NAME.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:{digest}")
    };
    let ecdh = |digest: &str| format!("-recip NAME.pem -keyopt ecdh_kdf_md:{digest}");
    let plain = "-recip NAME.pem".to_owned();
    let rsa = [
        plain.clone(),
        "-keyid -recip NAME.pem".to_owned(),
        oaep("sha1"),
        oaep("sha256"),
        oaep("sha512"),
    ];
    let ec = [plain, ecdh("sha256"), ecdh("sha384") + " -aes256-wrap"];
    for (name, wraps) in [("bob", &rsa[..]), ("carl", &ec), ("dora", &ec)] {
        for cipher in ["-aes128", "-aes192", "-aes256", "-aes-128-gcm", "-aes-256-gcm", "-des3"] {
            for wrap in wraps {
                let wrap = wrap.replace("NAME", name);
                for stream in ["", "-stream"] {
                    folder.openssl(&format!("cms -encrypt -binary {cipher} {stream} {HEADERS} -in text -out sealed.eml {wrap}"));
                    let content = folder.smime(&format!("open sealed.eml --key {name}.p12"));
                    assert_eq!(content, ENTITY, "{name} {cipher} {wrap} {stream}");
                }
            }
        }
    }
    folder.openssl(&format!(
        "cms -encrypt -binary -rc2-40-cbc -provider legacy -provider default {HEADERS} -in text -out sealed.eml bob.pem"
    ));
    assert_eq!(folder.smime("open sealed.eml --key bob.p12"), ENTITY);
    let report = report(&folder.smime("--json open sealed.eml --key bob.p12"));
    assert_eq!(report["layers"][0]["cipher"], "RC2-40-CBC");
    assert_eq!(report["problems"][0]["code"], "old_cipher");
}

#[test]
fn signatures_of_openssl_are_verified() {
    let folder = Folder::new();
    for (name, padding) in [
        ("alice", ""),
        ("alice", "-keyopt rsa_padding_mode:pss"),
        ("carl", ""),
        ("dora", "-md sha384"),
        ("fred", "-md sha512"),
    ] {
        for form in ["", "-nodetach", "-noattr", "-nodetach -noattr"] {
            folder.openssl(&format!(
                "cms -sign -binary {form} -from {name}@example.com -to bob@example.com -subject Lunch -in text -out signed.eml \
                 -signer {name}.pem {padding} -inkey {name}.key"
            ));
            assert_eq!(
                folder.smime("verify signed.eml --anchor root.pem"),
                ENTITY,
                "{name} {padding} {form}"
            );
            let refused = folder.refused("verify signed.eml --anchor other.pem", 1);
            assert_eq!(refused.stdout, b"");
            folder.openssl(&format!("cms -encrypt -binary -aes256 {HEADERS} -from {name}@example.com -in signed.eml -out sealed.eml bob.pem"));
            assert_eq!(folder.smime("open sealed.eml --key bob.p12 --anchor root.pem"), ENTITY);
        }
    }
}

#[test]
fn openssl_reads_what_is_written() {
    let folder = Folder::new();
    let with_root = "-CAfile root.pem -out out";
    let signers = [("alice", ""), ("alice", "--pss"), ("carl", ""), ("dora", ""), ("fred", "")];
    for (name, options) in signers {
        folder.write("mail.eml", MAIL.replace("alice", name));
        for form in ["", "--opaque"] {
            let signed = folder.smime(&format!("sign mail.eml --key {name}.p12 {options} {form}"));
            folder.write("signed.eml", &signed);
            folder.openssl(&format!("cms -verify -in signed.eml {with_root}"));
            assert_eq!(folder.read("out"), ENTITY);
            assert_eq!(folder.smime("verify signed.eml --anchor root.pem"), ENTITY);
        }
    }
    // OpenSSL 3.0 reads no Ed25519 in CMS.
    folder.write("mail.eml", MAIL.replace("alice", "gina"));
    folder.write("signed.eml", folder.smime("sign mail.eml --key gina.p12"));
    assert_eq!(folder.smime("verify signed.eml --anchor root.pem"), ENTITY);
    folder.refused("seal mail.eml --to gina.pem", 2);
    folder.write("mail.eml", MAIL);
    for cipher in [
        "aes-128-cbc",
        "aes-192-cbc",
        "aes-256-cbc",
        "aes-128-gcm",
        "aes-192-gcm",
        "aes-256-gcm",
        "3des --allow-3des",
    ] {
        let sealed = folder.smime(&format!(
            "seal mail.eml --to bob.pem --to carl.pem --to dora.pem --to fred.pem --cipher {cipher}"
        ));
        folder.write("sealed.eml", &sealed);
        for name in ["bob", "carl", "dora", "fred"] {
            folder.openssl(&format!(
                "cms -decrypt -in sealed.eml -recip {name}.pem -inkey {name}.key -out out"
            ));
            assert_eq!(folder.read("out"), ENTITY, "{cipher} {name}");
            assert_eq!(folder.smime(&format!("open sealed.eml --key {name}.p12")), ENTITY);
        }
        folder.refused("open sealed.eml --key eve.p12", 1);
    }
    folder.refused("seal mail.eml --to bob.pem --cipher 3des", 2);
    let both = folder.smime("seal mail.eml --to bob.pem --key alice.p12 --password-file password");
    folder.write("both.eml", &both);
    folder.openssl("cms -decrypt -in both.eml -recip bob.pem -inkey bob.key -out inner.eml");
    folder.openssl(&format!("cms -verify -in inner.eml {with_root}"));
    assert_eq!(folder.read("out"), ENTITY);
    assert_eq!(folder.smime("open both.eml --key bob.p12 --anchor root.pem"), ENTITY);
}

#[test]
fn gpgsm_and_cordon_read_each_other() {
    let folder = Folder::new();
    let fingerprint = folder.openssl("x509 -in root.pem -noout -fingerprint -sha1");
    let fingerprint = fingerprint.trim().split('=').next_back().unwrap().to_owned();
    std::fs::create_dir(folder.0.path().join("gnupg")).unwrap();
    folder.command("chmod", "700 gnupg");
    folder.write("gnupg/gpgsm.conf", "batch\nyes\ndisable-crl-checks\npinentry-mode loopback\n");
    folder.write("gnupg/gpg-agent.conf", "allow-loopback-pinentry\n");
    folder.write("gnupg/trustlist.txt", format!("{fingerprint} S relax\n"));
    let run = |arguments: &str| {
        let line = format!("gpgsm --passphrase-fd 0 {arguments} < password");
        let output = Command::new("sh")
            .args(["-c", &line])
            .current_dir(folder.0.path())
            .env("GNUPGHOME", folder.0.path().join("gnupg"))
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let gpgsm = |arguments: &str| {
        let (done, said) = run(arguments);
        assert!(done, "gpgsm {arguments}: {said}");
        said
    };
    // One file in some hundred is misread by gpgsm 2.2: with another salt it is not.
    let import = |name: &str| {
        let imported = (0..5).any(|_| {
            folder.openssl(&format!(
                "pkcs12 -export -certpbe NONE -keypbe PBE-SHA1-3DES -macalg sha1 -in {name}.pem -inkey {name}.key \
                 -passout pass:secret -out import.p12"
            ));
            run("--import import.p12").0
        });
        assert!(imported, "gpgsm does not import the key of {name}");
    };
    gpgsm("--import root.pem");
    import("alice");
    import("bob");
    for cipher in ["3DES", "AES128", "AES192", "AES256"] {
        gpgsm(&format!("--cipher-algo {cipher} --base64 -r bob@example.com -o out --encrypt text"));
        folder.write("sealed.eml", enclosed("enveloped-data", &folder.read("out")));
        assert_eq!(folder.smime("open sealed.eml --key bob.p12"), ENTITY, "{cipher}");
    }
    for option in ["--sign", "--detach-sign"] {
        gpgsm(&format!("--base64 -u alice@example.com -o out {option} text"));
        let signature = folder.read("out");
        let mail = if option == "--sign" {
            enclosed("signed-data", &signature)
        } else {
            format!(
                "From: alice@example.com\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=m\r\n\r\n\
                 --m\r\n{ENTITY}\r\n--m\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n{signature}\r\n--m--\r\n"
            )
        };
        folder.write("signed.eml", mail);
        assert_eq!(folder.smime("verify signed.eml --anchor root.pem"), ENTITY, "{option}");
    }
    // Neither AES-GCM nor RSA-OAEP is known to gpgsm 2.2, and who says nothing gets neither.
    for cipher in ["", "--cipher aes-128-cbc", "--cipher aes-192-cbc", "--cipher 3des --allow-3des"]
    {
        let sealed = folder.smime(&format!("seal mail.eml --to bob.pem --to carl.pem {cipher}"));
        folder.write("out", sealed.split_once("\r\n\r\n").unwrap().1);
        gpgsm("-o plain --assume-base64 --decrypt out");
        assert_eq!(folder.read("plain"), ENTITY, "{cipher}");
    }
    for options in ["", "--pss"] {
        let signed = folder.smime(&format!("sign mail.eml --key alice.p12 --opaque {options}"));
        folder.write("out", signed.split_once("\r\n\r\n").unwrap().1);
        let said = gpgsm("--assume-base64 --verify out");
        assert!(said.contains("Good signature"), "{said}");
        let signed = folder.smime(&format!("sign mail.eml --key alice.p12 {options}"));
        let signature = signed.split("filename=smime.p7s\r\n\r\n").nth(1).unwrap();
        folder.write("out", signature.split("\r\n--").next().unwrap());
        let said = gpgsm("--assume-base64 --verify out text");
        assert!(said.contains("Good signature"), "{said}");
    }
    folder.command("gpgconf", "--kill all");
}

#[test]
fn answers_are_encrypted_as_the_correspondent_wants() {
    let folder = Folder::new();
    folder.write("signed.eml", folder.smime("sign mail.eml --key alice.p12"));
    let sealed = folder.smime("seal mail.eml --to signed.eml --anchor root.pem");
    assert!(sealed.contains("smime-type=authEnveloped-data"));
    folder.write("sealed.eml", sealed);
    assert_eq!(folder.smime("open sealed.eml --key alice.p12"), ENTITY);
    let both = folder.smime("seal mail.eml --to signed.eml --to bob.pem --anchor root.pem");
    assert!(both.contains("smime-type=enveloped-data"));
    folder.refused("seal mail.eml --to signed.eml", 2);
    folder.refused("seal mail.eml --to text", 2);
}

#[test]
fn a_report_says_what_is_to_be_thought_of_a_mail() {
    let folder = Folder::new();
    let both = folder.smime("seal mail.eml --to bob.pem --key alice.p12");
    folder.write("both.eml", both);
    let good = report(&folder.smime("--json open both.eml --key bob.p12 --anchor root.pem"));
    assert_eq!(good["content"], ENTITY);
    for (name, expected) in
        [("sound", true), ("signed", true), ("encrypted", true), ("remote_content", false)]
    {
        assert_eq!(good[name], expected, "{name}");
    }
    assert_eq!(good["authors"][0], "alice@example.com");
    assert_eq!(good["signatures"][0]["emails"][0], "alice@example.com");
    assert_eq!(good["signatures"][0]["algorithm"], "RSA PKCS#1 v1.5, SHA-256");
    assert_eq!(good["layers"][0]["cipher"], "AES-256-CBC");
    assert_eq!(good["words"]["en"][1], "Encrypted with AES-256-CBC.");
    assert_eq!(good["words"]["de"][1], "Verschlüsselt mit AES-256-CBC.");

    // The text can be read, and the exit code says that nobody is known to have signed it.
    let untrusted = folder.refused("--json open both.eml --key bob.p12", 1);
    let error: Value = serde_json::from_slice(&untrusted.stderr).unwrap();
    assert_eq!(error["code"], "untrusted");
    let untrusted = report(std::str::from_utf8(&untrusted.stdout).unwrap());
    assert_eq!((&untrusted["content"], &untrusted["signed"]), (&ENTITY.into(), &false.into()));

    folder.write("forged.eml", folder.smime("sign mail.eml --key eve.p12"));
    let forged = folder.refused("--json verify forged.eml --anchor root.pem", 1);
    let forged = report(std::str::from_utf8(&forged.stdout).unwrap());
    assert_eq!(forged["problems"][0]["code"], "address_mismatch");
    assert_eq!(forged["content"], Value::Null);
}

#[test]
fn several_signers_must_all_be_good() {
    let folder = Folder::new();
    folder.openssl("req -x509 -newkey rsa:2048 -nodes -subj /CN=Stranger -keyout s.key -out s.pem -addext subjectAltName=email:alice@example.com");
    for (second, good) in [("carl.pem -inkey carl.key", true), ("s.pem -inkey s.key", false)] {
        folder.openssl(&format!(
            "cms -sign -binary -from alice@example.com -in text -out signed.eml -signer alice.pem -inkey alice.key -signer {second}"
        ));
        if good {
            assert_eq!(folder.smime("verify signed.eml --anchor root.pem"), ENTITY);
        } else {
            folder.refused("verify signed.eml --anchor root.pem", 1);
        }
    }
}

#[test]
fn exit_codes_tell_bad_mail_from_bad_input() {
    let folder = Folder::new();
    folder.write("signed.eml", folder.smime("sign mail.eml --key alice.p12"));
    folder.write("sealed.eml", folder.smime("seal mail.eml --to bob.pem"));
    folder.write("changed.eml", folder.read("signed.eml").replace("noon", "two"));
    folder.write("wrong", "another\n");
    folder.write(
        "junk.eml",
        "From: alice@example.com\r\nContent-Type: application/pkcs7-mime\r\n\r\nMAAA\r\n",
    );
    for (arguments, status) in [
        ("verify changed.eml --anchor root.pem", 1),
        ("verify mail.eml --anchor root.pem", 1),
        ("verify signed.eml", 1),
        ("verify signed.eml --anchor root.pem --at 2001-01-01T00:00:00Z", 1),
        ("verify signed.eml --anchor root.pem --at yesterday", 2),
        ("verify missing.eml --anchor root.pem", 2),
        ("verify signed.eml --anchor mail.eml", 2),
        ("verify sealed.eml --anchor root.pem", 1),
        ("open sealed.eml --key alice.p12", 1),
        ("open sealed.eml --key bob.p12 --password-file wrong", 2),
        ("open sealed.eml --key bob.pem", 2),
        ("open mail.eml --key bob.p12", 2),
        ("open junk.eml --key bob.p12", 2),
        ("seal mail.eml --to mail.eml", 2),
    ] {
        let output = folder.refused(arguments, status);
        assert!(!output.stderr.is_empty());
        assert_eq!(output.stdout, b"", "{arguments}");
    }
}

#[test]
fn a_large_mail_goes_to_a_file() {
    let folder = Folder::new();
    let text = format!("Content-Type: text/plain\r\n\r\n{}", "At noon.\r\n".repeat(2_000_000));
    folder.write("text", &text);
    folder.openssl(&format!(
        "cms -encrypt -binary -aes-256-gcm -stream {HEADERS} -in text -out sealed.eml bob.pem"
    ));
    assert_eq!(folder.smime("open sealed.eml --key bob.p12 --out content"), "");
    assert!(folder.read("content") == text);

    let signed = folder.smime("sign mail.eml --key alice.p12");
    folder.write("signed.eml", signed);
    folder.write("both.eml", folder.smime("seal signed.eml --to bob.pem"));
    for mail in ["both.eml", "signed.eml"] {
        let report = folder
            .smime(&format!("--json open {mail} --key bob.p12 --anchor root.pem --out content"));
        assert_eq!(self::report(&report)["signed"], true);
        assert_eq!(self::report(&report).get("content"), None);
        assert_eq!(folder.read("content"), ENTITY);
    }
    folder.write("content", "as it was");
    for (arguments, status) in [
        ("open sealed.eml --key alice.p12 --out content", 1),
        ("open mail.eml --key bob.p12 --out content", 2),
        ("open missing.eml --key bob.p12 --out content", 2),
        ("open --key bob.p12 --out content", 2),
        ("open both.eml --key bob.p12 --out missing/content", 2),
    ] {
        folder.refused(arguments, status);
        assert_eq!(folder.read("content"), "as it was", "{arguments}");
    }
    let left: Vec<_> = std::fs::read_dir(folder.0.path()).unwrap().collect();
    assert!(!format!("{left:?}").contains("unfinished"), "{left:?}");
}

#[test]
fn who_was_revoked_signs_no_more() {
    let folder = Folder::new();
    folder.write("index.txt", "");
    folder.write("number", "01");
    folder.write(
        "ca.cnf",
        "[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\ncertificate=root.pem\nprivate_key=root.key\n\
         default_md=sha256\ndefault_crl_days=8\n",
    );
    folder.write("signed.eml", folder.smime("sign mail.eml --key alice.p12"));
    let verify = "verify signed.eml --anchor root.pem --require-revocation";
    folder.refused(verify, 1);
    folder.openssl("ca -config ca.cnf -gencrl -out list.pem");
    assert_eq!(folder.smime(&format!("{verify} --crl list.pem")), ENTITY);
    folder.openssl("ca -config ca.cnf -revoke alice.pem -crl_reason keyCompromise");
    folder.openssl("ca -config ca.cnf -gencrl -out list.pem");
    let refused = folder.refused("verify signed.eml --anchor root.pem --crl list.pem", 1);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("revoked"), "{said}");
    folder.refused(&format!("{verify} --crl root.pem"), 2);

    folder.openssl("ca -config ca.cnf -valid bob.pem");
    folder.openssl("ocsp -issuer root.pem -cert bob.pem -reqout question -no_nonce");
    folder.openssl("ocsp -index index.txt -rsigner root.pem -rkey root.key -CA root.pem -reqin question -respout answer -ndays 2");
    folder.write("mail.eml", MAIL.replace("alice", "bob"));
    folder.write("signed.eml", folder.smime("sign mail.eml --key bob.p12"));
    folder.refused(verify, 1);
    assert_eq!(folder.smime(&format!("{verify} --ocsp answer")), ENTITY);
}

#[test]
fn a_key_on_a_token_opens_and_signs() {
    const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
    let folder = Folder::new();
    let tokens = folder.0.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    folder.write("softhsm2.conf", format!("directories.tokendir = {}\n", tokens.display()));
    folder
        .done("softhsm2-util", "--init-token --free --label people --so-pin 12345678 --pin 123456");
    for (name, id, usage) in [
        ("alice", "01", "--usage-sign"),
        ("bob", "02", "--usage-decrypt"),
        ("carl", "03", "--usage-sign --usage-derive"),
    ] {
        folder
            .openssl(&format!("pkcs8 -topk8 -nocrypt -in {name}.key -outform DER -out {name}.p8"));
        folder.openssl(&format!("x509 -in {name}.pem -outform DER -out {name}.der"));
        for object in
            [format!("{name}.p8 --type privkey {usage}"), format!("{name}.der --type cert")]
        {
            folder.done(
                "pkcs11-tool",
                &format!("--module {MODULE} --login --pin 123456 --id {id} --label {name} --write-object {object}"),
            );
        }
    }
    folder.write("pin", "123456\n");
    let key = |name: &str| {
        format!("--key pkcs11:token=people;object={name}?module-path={MODULE} --password-file pin")
    };
    for name in ["alice", "carl"] {
        folder.write("mail.eml", MAIL.replace("alice", name));
        folder.write("signed.eml", folder.smime(&format!("sign mail.eml {}", key(name))));
        folder.openssl("cms -verify -in signed.eml -CAfile root.pem -out out");
        assert_eq!(folder.read("out"), ENTITY);
    }
    for (name, options) in [
        ("bob", ""),
        ("bob", "-recip bob.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256"),
        ("carl", ""),
    ] {
        let to = if options.is_empty() { format!("{name}.pem") } else { options.to_owned() };
        folder.openssl(&format!(
            "cms -encrypt -binary -aes256 {HEADERS} -in text -out sealed.eml {to}"
        ));
        assert_eq!(folder.smime(&format!("open sealed.eml {}", key(name))), ENTITY, "{to}");
        folder.refused(&format!("open sealed.eml {}", key("alice")), 1);
    }

    folder.write("pin", "654321\n");
    let refused = folder.refused(&format!("sign mail.eml {}", key("alice")), 2);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("the PIN is wrong"));
    folder.write("pin", "123456\n");
    let pin = folder.0.path().join("pin").display().to_string();
    let uri = format!("pkcs11:token=people;object=carl?module-path={MODULE}&pin-source=file:{pin}");
    folder.write("signed.eml", folder.smime(&format!("sign mail.eml --key {uri}")));
    folder.openssl("cms -verify -in signed.eml -CAfile root.pem -out out");
    for (arguments, said) in [
        (format!("sign mail.eml {}", key("nobody")), "no such private key"),
        (
            format!("sign mail.eml {}", key("alice").replace(";object=alice", "")),
            "several keys fit",
        ),
        (format!("sign mail.eml {}", key("alice").replace("people", "others")), "no token fits"),
        (
            format!("sign mail.eml {}", key("alice").replace(MODULE, "missing.so")),
            "cannot be loaded",
        ),
        ("sign mail.eml --key pkcs11:token=people --password-file pin".to_owned(), "module-path"),
    ] {
        let refused = folder.refused(&arguments, 2);
        let text = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(text.contains(said), "{arguments}: {text}");
    }
}

fn report(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn enclosed(kind: &str, message: &str) -> String {
    format!(
        "From: alice@example.com\r\nContent-Type: application/pkcs7-mime; smime-type={kind}; name=smime.p7m\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{message}"
    )
}
