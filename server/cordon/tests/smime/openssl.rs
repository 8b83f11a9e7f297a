use crate::folder::*;

/// The options of `openssl cms -encrypt`, and how `cordon smime` names what they do.
const CIPHERS: [(&str, &str); 10] = [
    ("-aes128", "AES-128-CBC"),
    ("-aes192", "AES-192-CBC"),
    ("-aes256", "AES-256-CBC"),
    ("-aes-128-gcm", "AES-128-GCM"),
    ("-aes-192-gcm", "AES-192-GCM"),
    ("-aes-256-gcm", "AES-256-GCM"),
    ("-des3", "3DES-CBC"),
    ("-rc2-cbc -provider legacy -provider default", "RC2-128-CBC"),
    ("-rc2-64-cbc -provider legacy -provider default", "RC2-64-CBC"),
    ("-rc2-40-cbc -provider legacy -provider default", "RC2-40-CBC"),
];

const RSA: &str = "bob";
const CURVES: [&str; 3] = ["carl", "dora", "fred"];

/// Has OpenSSL encrypt a mail and opens it.
fn exchange(folder: &Folder, name: &str, (option, cipher): (&str, &str), more: &str) {
    folder.openssl(&format!(
        "cms -encrypt -binary {option} {HEADERS} -in text -out sealed.eml {more} -recip {name}.pem"
    ));
    check(folder, name, cipher, more);
}

fn check(folder: &Folder, name: &str, cipher: &str, case: &str) {
    let opened = report(&folder.smime(&format!("--json open sealed.eml --key {name}.p12")));
    assert_eq!(opened["content"], ENTITY, "{name} {cipher} {case}");
    assert_eq!(opened["layers"][0]["cipher"], cipher, "{name} {case}");
    let old = ["3DES", "RC2"].iter().any(|old| cipher.starts_with(old));
    let authenticates = cipher.ends_with("GCM");
    let problems = opened["problems"].as_array().unwrap();
    let codes: Vec<_> = problems.iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(codes.contains(&"old_cipher"), old, "{cipher}: {codes:?}");
    assert_eq!(opened["remote_content"], authenticates, "{cipher}");
}

#[test]
fn mails_of_openssl_are_opened() {
    let folder = Folder::new();
    let mut pairs = 0;
    for name in [RSA].iter().chain(&CURVES) {
        for cipher in CIPHERS {
            // Keys below sixteen octets are not wrapped by AES.
            if *name != RSA && ["RC2-64-CBC", "RC2-40-CBC"].contains(&cipher.1) {
                continue;
            }
            for stream in ["", "-stream", "-keyid"] {
                exchange(&folder, name, cipher, stream);
                pairs += 1;
            }
        }
    }
    println!("OpenSSL: {pairs} mails by cipher and key, {pairs} opened as expected");
    assert_eq!(pairs, 102);
}

#[test]
fn however_openssl_wraps_a_key_it_is_found() {
    let folder = Folder::new();
    let digests = ["sha1", "sha224", "sha256", "sha384", "sha512"];
    let mut ciphers = CIPHERS[..7].iter().copied().cycle();
    let mut ways = 0;
    let mut exchange = |name: &str, options: String| {
        let (option, cipher) = ciphers.next().unwrap();
        folder.openssl(&format!(
            "cms -encrypt -binary {option} {HEADERS} -in text -out sealed.eml -recip {name}.pem {options}"
        ));
        check(&folder, name, cipher, &options);
        ways += 1;
    };
    for digest in ["sha1", "sha256", "sha384", "sha512"] {
        for mask in ["sha1", "sha256", "sha384", "sha512"] {
            let padding = "-keyopt rsa_padding_mode:oaep";
            exchange(
                RSA,
                format!("{padding} -keyopt rsa_oaep_md:{digest} -keyopt rsa_mgf1_md:{mask}"),
            );
        }
    }
    for name in CURVES {
        for digest in digests {
            for bits in [128, 192, 256] {
                exchange(name, format!("-keyopt ecdh_kdf_md:{digest} -aes{bits}-wrap"));
            }
        }
    }
    println!("OpenSSL: {ways} ways to wrap a key, {ways} opened as expected");
    assert_eq!(ways, 61);
}

#[test]
fn signatures_of_openssl_are_verified() {
    let folder = Folder::new();
    let mut signatures = 0;
    for (name, padding) in [
        ("alice", ""),
        ("alice", "-keyopt rsa_padding_mode:pss"),
        ("alice", "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:20"),
        ("carl", ""),
        ("dora", ""),
        ("fred", ""),
    ] {
        for digest in ["sha224", "sha256", "sha384", "sha512"] {
            for form in ["", "-nodetach", "-noattr", "-nodetach -noattr"] {
                folder.openssl(&format!(
                    "cms -sign -binary {form} -md {digest} -from {name}@example.com -to bob@example.com -subject Lunch -in text \
                     -out signed.eml -signer {name}.pem {padding} -inkey {name}.key"
                ));
                let verified = folder.smime("verify signed.eml --anchor root.pem");
                assert_eq!(verified, ENTITY, "{name} {padding} {digest} {form}");
                signatures += 1;
            }
        }
        let refused = folder.refused("verify signed.eml --anchor other.pem", 1);
        assert_eq!(refused.stdout, b"");
        folder.openssl(&format!("cms -encrypt -binary -aes256 {HEADERS} -from {name}@example.com -in signed.eml -out sealed.eml bob.pem"));
        assert_eq!(folder.smime("open sealed.eml --key bob.p12 --anchor root.pem"), ENTITY);
    }
    println!("OpenSSL: {signatures} signatures, {signatures} verified as expected");
    assert_eq!(signatures, 96);
}

#[test]
fn signatures_that_can_be_forged_do_not_count() {
    let folder = Folder::new();
    for (name, options, digest) in [
        ("alice", "-md sha1", "SHA-1"),
        ("alice", "-md md5", "MD5"),
        ("alice", "-md sha1 -keyopt rsa_padding_mode:pss", "SHA-1"),
        ("alice", "-keyopt rsa_padding_mode:pss -keyopt rsa_mgf1_md:sha1", "SHA-1"),
        ("carl", "-md sha1", "SHA-1"),
        ("dora", "-md sha1", "SHA-1"),
        ("fred", "-md sha1", "SHA-1"),
    ] {
        for form in ["", "-nodetach"] {
            folder.openssl(&format!(
                "cms -sign -binary {form} -from {name}@example.com -in text -out signed.eml -signer {name}.pem {options} -inkey {name}.key"
            ));
            let refused = folder.refused("verify signed.eml --anchor root.pem", 1);
            let said = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert!(said.contains(&format!("uses {digest}, which can be forged")), "{said}");
            assert_eq!(refused.stdout, b"", "{name} {options}");
        }
    }
}

/// Keys that OpenSSL makes and of which little or nothing is used here.
#[test]
fn keys_of_other_kinds_are_refused_for_what_they_are() {
    let folder = Folder::new();
    let stranger = |name: &str, kind: &str| {
        folder.openssl(&format!("genpkey -algorithm {kind} -out {name}.key"));
        folder.openssl(&format!("pkey -in {name}.key -pubout -out {name}.pub"));
        folder.openssl(&format!(
            "x509 -req -in alice.csr -force_pubkey {name}.pub -CA root.pem -CAkey root.key -days 9 -extfile extensions -out {name}.pem"
        ));
        folder.openssl(&format!(
            "pkcs12 -export -in {name}.pem -inkey {name}.key -passout pass:secret -out {name}.p12"
        ));
    };
    stranger("pss", "RSA-PSS -pkeyopt rsa_keygen_bits:2048");
    stranger("x25519", "X25519");
    stranger("brainpool", "EC -pkeyopt ec_paramgen_curve:brainpoolP256r1");
    for (arguments, said) in [
        ("sign mail.eml --key pss.p12", "keys of this kind are not used"),
        ("sign mail.eml --key brainpool.p12", "keys of this kind are not used"),
        ("open mail.eml --key x25519.p12", "keys of this kind are not used"),
        ("seal mail.eml --to pss.pem", "the key is neither RSA"),
        ("seal mail.eml --to x25519.pem", "the key is neither RSA"),
        ("seal mail.eml --to brainpool.pem", "the key is neither RSA"),
    ] {
        let refused = folder.refused(arguments, 2);
        let error = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(error.contains(said), "{arguments}: {error}");
        assert_eq!(refused.stdout, b"");
    }
    let sign = |name: &str| {
        folder.openssl(&format!(
            "cms -sign -binary -from eve@example.com -in text -out signed.eml -signer {name}.pem -inkey {name}.key"
        ));
    };
    sign("brainpool");
    let refused = folder.refused("verify signed.eml --anchor root.pem", 1);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is not trusted"));
    assert_eq!(refused.stdout, b"");
    // What is signed by a key for PSS alone is read all the same.
    for form in ["", "-nodetach", "-md sha512", "-noattr"] {
        folder.openssl(&format!(
            "cms -sign -binary {form} -from eve@example.com -in text -out signed.eml -signer pss.pem -keyopt rsa_padding_mode:pss -inkey pss.key"
        ));
        assert_eq!(folder.smime("verify signed.eml --anchor root.pem"), ENTITY, "{form}");
    }
    folder.write("signed.eml", folder.read("signed.eml").replace("noon", "four"));
    folder.refused("verify signed.eml --anchor root.pem", 1);
    // Without a word about PSS OpenSSL names another algorithm than it used, and takes it for wrong itself.
    sign("pss");
    folder.refused("verify signed.eml --anchor root.pem", 1);
    assert!(
        !folder.command("openssl", "cms -verify -in signed.eml -CAfile root.pem").status.success()
    );
}

#[test]
fn openssl_reads_what_is_written() {
    let folder = Folder::new();
    let with_root = "-CAfile root.pem -out out";
    let signers = [("alice", ""), ("alice", "--pss"), ("carl", ""), ("dora", ""), ("fred", "")];
    let mut read = 0;
    for (name, options) in signers {
        folder.write("mail.eml", MAIL.replace("alice", name));
        for form in ["", "--opaque"] {
            let signed = folder.smime(&format!("sign mail.eml --key {name}.p12 {options} {form}"));
            folder.write("signed.eml", &signed);
            folder.openssl(&format!("cms -verify -in signed.eml {with_root}"));
            assert_eq!(folder.read("out"), ENTITY);
            assert_eq!(folder.smime("verify signed.eml --anchor root.pem"), ENTITY);
            read += 1;
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
            read += 1;
        }
        folder.refused("open sealed.eml --key eve.p12", 1);
    }
    folder.refused("seal mail.eml --to bob.pem --cipher 3des", 2);
    for bits in [40, 64, 128] {
        folder.refused(&format!("seal mail.eml --to bob.pem --cipher rc2-{bits}-cbc"), 2);
    }
    // Who says so gets the key by RSA-OAEP.
    folder.write("signed.eml", folder.smime("sign mail.eml --key alice.p12"));
    folder.write("sealed.eml", folder.smime("seal mail.eml --to signed.eml --anchor root.pem"));
    folder.openssl("cms -decrypt -in sealed.eml -recip alice.pem -inkey alice.key -out out");
    assert_eq!(folder.read("out"), ENTITY);
    assert!(folder.openssl("cms -cmsout -print -noout -in sealed.eml").contains("rsaesOaep"));
    let both = folder.smime("seal mail.eml --to bob.pem --key alice.p12 --password-file password");
    folder.write("both.eml", &both);
    folder.openssl("cms -decrypt -in both.eml -recip bob.pem -inkey bob.key -out inner.eml");
    folder.openssl(&format!("cms -verify -in inner.eml {with_root}"));
    assert_eq!(folder.read("out"), ENTITY);
    assert_eq!(folder.smime("open both.eml --key bob.p12 --anchor root.pem"), ENTITY);
    println!("OpenSSL: {read} mails written, {read} read as expected");
    assert_eq!(read, 38);
}
