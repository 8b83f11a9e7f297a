use crate::folder::*;
use data_encoding::HEXLOWER_PERMISSIVE;
use std::process::Command;

/// gpgsm with keys of its own, which trusts the root.
struct Gpgsm<'a>(&'a Folder);

impl<'a> Gpgsm<'a> {
    fn new(folder: &'a Folder) -> Self {
        let fingerprint = folder.openssl("x509 -in root.pem -noout -fingerprint -sha1");
        let fingerprint = fingerprint.trim().split('=').next_back().unwrap().to_owned();
        std::fs::create_dir_all(folder.0.path().join("gnupg/private-keys-v1.d")).unwrap();
        folder.command("chmod", "700 gnupg");
        folder
            .write("gnupg/gpgsm.conf", "batch\nyes\ndisable-crl-checks\npinentry-mode loopback\n");
        folder.write("gnupg/gpg-agent.conf", "allow-loopback-pinentry\n");
        folder.write("gnupg/trustlist.txt", format!("{fingerprint} S relax\n"));
        let gpgsm = Self(folder);
        gpgsm.done("--import root.pem");

        gpgsm
    }

    fn run(&self, arguments: &str) -> (bool, String) {
        let line = format!("gpgsm --passphrase-fd 0 {arguments} < password");
        let output = Command::new("sh")
            .args(["-c", &line])
            .current_dir(self.0.0.path())
            .env("GNUPGHOME", self.0.0.path().join("gnupg"))
            .output()
            .unwrap();

        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    #[track_caller]
    fn done(&self, arguments: &str) -> String {
        let (done, said) = self.run(arguments);
        assert!(done, "gpgsm {arguments}: {said}");

        said
    }

    /// One file in some hundred is misread by gpgsm 2.2: with another salt it is not.
    fn import(&self, name: &str) {
        let imported = (0..5).any(|_| {
            self.0.openssl(&format!(
                "pkcs12 -export -certpbe NONE -keypbe PBE-SHA1-3DES -macalg sha1 -in {name}.pem -inkey {name}.key \
                 -passout pass:secret -out import.p12"
            ));
            self.run("--import import.p12").0
        });
        assert!(imported, "gpgsm does not import the key of {name}");
    }

    /// gpgsm 2.2 reads no keys on curves from PKCS#12, so its agent gets the key as it stores it.
    fn give(&self, name: &str, curve: &str) {
        self.done(&format!("--import {name}.pem"));
        let text = self.0.openssl(&format!("ec -in {name}.key -noout -text"));
        let number = |from: &str, to: &str| {
            let digits = text.split(from).nth(1).unwrap().split(to).next().unwrap();
            let digits: String = digits.chars().filter(char::is_ascii_hexdigit).collect();
            HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).unwrap()
        };
        let atom = |octets: &[u8]| [format!("{}:", octets.len()).as_bytes(), octets].concat();
        let list = |items: &[Vec<u8>]| [&b"("[..], &items.concat(), b")"].concat();
        let named = |name: &str, value: &[u8]| list(&[atom(name.as_bytes()), atom(value)]);
        let key = list(&[
            atom(b"ecc"),
            named("curve", curve.as_bytes()),
            named("q", &number("pub:", "ASN1")),
            named("d", &number("priv:", "pub:")),
        ]);
        let listed = self
            .0
            .done("gpgsm", &format!("--with-colons --with-keygrip --list-keys {name}@example.com"));
        let grip = listed.lines().find_map(|line| line.strip_prefix("grp:")).unwrap();
        let grip = grip.trim_matches(':');
        self.0.write(
            &format!("gnupg/private-keys-v1.d/{grip}.key"),
            list(&[atom(b"private-key"), key]),
        );
    }
}

impl Drop for Gpgsm<'_> {
    fn drop(&mut self) {
        self.0.command("gpgconf", "--kill all");
    }
}

/// A mail of somebody with a signature that gpgsm made over the text.
fn signed_mail(name: &str, option: &str, signature: &str) -> String {
    let mail = if option == "--sign" {
        enclosed("signed-data", signature)
    } else {
        format!(
            "From: alice@example.com\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=m\r\n\r\n\
             --m\r\n{ENTITY}\r\n--m\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{signature}\r\n--m--\r\n"
        )
    };

    mail.replace("alice@", &format!("{name}@"))
}

#[test]
fn gpgsm_and_cordon_read_each_other() {
    let folder = Folder::new();
    let gpgsm = Gpgsm::new(&folder);
    let mut exchanged = 0;
    gpgsm.import("alice");
    gpgsm.import("bob");
    for cipher in ["3DES", "AES128", "AES192", "AES256"] {
        gpgsm.done(&format!(
            "--cipher-algo {cipher} --base64 -r bob@example.com -o out --encrypt text"
        ));
        folder.write("sealed.eml", enclosed("enveloped-data", &folder.read("out")));
        assert_eq!(folder.smime("open sealed.eml --key bob.p12"), ENTITY, "{cipher}");
        exchanged += 1;
    }
    for option in ["--sign", "--detach-sign"] {
        gpgsm.done(&format!("--base64 -u alice@example.com -o out {option} text"));
        folder.write("signed.eml", signed_mail("alice", option, &folder.read("out")));
        assert_eq!(folder.smime("verify signed.eml --anchor root.pem"), ENTITY, "{option}");
        exchanged += 1;
    }
    // Neither AES-GCM nor RSA-OAEP is known to gpgsm 2.2, and who says nothing gets neither.
    for cipher in ["", "--cipher aes-128-cbc", "--cipher aes-192-cbc", "--cipher 3des --allow-3des"]
    {
        let sealed = folder.smime(&format!("seal mail.eml --to bob.pem --to carl.pem {cipher}"));
        folder.write("out", sealed.split_once("\r\n\r\n").unwrap().1);
        gpgsm.done("-o plain --assume-base64 --decrypt out");
        assert_eq!(folder.read("plain"), ENTITY, "{cipher}");
        exchanged += 1;
    }
    for options in ["", "--pss"] {
        let signed = folder.smime(&format!("sign mail.eml --key alice.p12 --opaque {options}"));
        folder.write("out", signed.split_once("\r\n\r\n").unwrap().1);
        let said = gpgsm.done("--assume-base64 --verify out");
        assert!(said.contains("Good signature"), "{said}");
        let signed = folder.smime(&format!("sign mail.eml --key alice.p12 {options}"));
        let signature = signed.split("filename=smime.p7s\r\n\r\n").nth(1).unwrap();
        folder.write("out", signature.split("\r\n--").next().unwrap());
        let said = gpgsm.done("--assume-base64 --verify out text");
        assert!(said.contains("Good signature"), "{said}");
        exchanged += 2;
    }
    println!("gpgsm: {exchanged} mails by RSA, {exchanged} as expected");
    assert_eq!(exchanged, 14);
}

/// What gpgsm 2.2 can do with keys on curves: verify signatures by P-256 and P-384, and sign by P-256 (by P-384 its agent refuses the
/// length of the digest; by P-521 it neither signs nor verifies). It encrypts for no such key and unwraps nothing that was encrypted for one.
#[test]
fn gpgsm_and_cordon_verify_each_other_on_curves() {
    let folder = Folder::new();
    let gpgsm = Gpgsm::new(&folder);
    let mut exchanged = 0;
    for name in ["carl", "dora"] {
        folder.write("mail.eml", MAIL.replace("alice", name));
        let signed = folder.smime(&format!("sign mail.eml --key {name}.p12 --opaque"));
        folder.write("out", signed.split_once("\r\n\r\n").unwrap().1);
        let said = gpgsm.done("--assume-base64 --verify out");
        assert!(said.contains("Good signature"), "{name}: {said}");
        let signed = folder.smime(&format!("sign mail.eml --key {name}.p12"));
        let signature = signed.split("filename=smime.p7s\r\n\r\n").nth(1).unwrap();
        folder.write("out", signature.split("\r\n--").next().unwrap());
        let said = gpgsm.done("--assume-base64 --verify out text");
        assert!(said.contains("Good signature"), "{name}: {said}");
        folder.write("changed", ENTITY.replace("noon", "two"));
        assert!(!gpgsm.run("--assume-base64 --verify out changed").0, "{name}");
        exchanged += 2;
    }
    gpgsm.give("carl", "NIST P-256");
    for option in ["--sign", "--detach-sign"] {
        gpgsm.done(&format!("--base64 -u carl@example.com -o out {option} text"));
        folder.write("signed.eml", signed_mail("carl", option, &folder.read("out")));
        assert_eq!(folder.smime("verify signed.eml --anchor root.pem"), ENTITY, "{option}");
        exchanged += 1;
    }
    println!("gpgsm: {exchanged} mails by ECDSA, {exchanged} as expected");
    assert_eq!(exchanged, 6);
}
