use crate::folder::*;
use serde_json::Value;

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
fn signatures_made_with_sha1_count_where_that_is_said_and_are_remarked_upon() {
    let folder = Folder::new();
    folder.openssl("cms -sign -md sha1 -from alice@example.com -in text -out signed.eml -signer alice.pem -inkey alice.key");
    let refused = folder.refused("--json verify signed.eml --anchor root.pem", 1);
    let refused = report(std::str::from_utf8(&refused.stdout).unwrap());
    assert_eq!((&refused["signed"], &refused["content"]), (&false.into(), &Value::Null));

    let taken = folder.smime("--json verify signed.eml --anchor root.pem --allow-sha1");
    let taken = report(&taken);
    assert_eq!((&taken["signed"], &taken["sound"]), (&true.into(), &true.into()));
    assert_eq!(taken["problems"][0]["code"], "old_digest");
    let words = "The signature of alice@example.com is made with SHA-1: whoever spends enough can forge such a one.";
    assert_eq!(taken["words"]["en"][2], words);
    folder.openssl("cms -sign -md md5 -from alice@example.com -in text -out signed.eml -signer alice.pem -inkey alice.key");
    folder.refused("verify signed.eml --anchor root.pem --allow-sha1", 1);
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
