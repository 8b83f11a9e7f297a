//! Certificate files as people have them: with the real server and the programs.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod company;

use company::{Company, succeed};
use serde_json::json;
use std::process::Command;

#[test]
fn a_file_of_an_old_program_registers_and_brings_the_key_back() {
    let company = Company::set_up();
    export(&company, &["-legacy"]);
    let file = std::fs::read(company.path("alice.p12")).unwrap();
    let rc2_40 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 6];
    assert!(file.windows(rc2_40.len()).any(|it| it == rc2_40), "the old default of OpenSSL");

    company.register();
    company.done(&["sync"]);
    let mails = company.done(&["mail", "list"]);
    company.cordon(&["wipe", &company.device("registered"), "--what", "key"]);
    assert_eq!(company.refused(&["sync"])["code"], "key_wiped");
    company.done(&company.restore_with("alice", &company.invite()));

    assert_eq!(company.done(&["mail", "list"]), mails);
}

#[test]
fn a_file_that_is_not_taken_says_why() {
    let company = Company::set_up();
    let register = company.register_arguments(&company.invite());

    // Two files of OpenSSL without a MAC, joined.
    std::fs::write(company.path("alice.p12"), include_bytes!("data/two-keys.p12")).unwrap();
    let several = company.refused(&register);
    assert_eq!(several["code"], "pkcs12_several_keys");
    let keys = [
        "\"Signing\": CN=Alice signs, O=Example Works (serial number 7b7ccdff82f93e9e4bf89aaa6f70344c43d5ab75)",
        "\"Encryption\": CN=Alice encrypts, O=Example Works (serial number 2f3a7f7e9e85ce0e573e3be76d35707a1c2994ca)",
    ];
    assert_eq!(several["keys"], json!(keys));
    let said = company.app(&register[..]).output().unwrap();
    assert!(String::from_utf8_lossy(&said.stdout).contains(&keys[0].replace('"', "\\\"")));

    export(&company, &["-iter", "70000"]);
    let mut file = std::fs::read(company.path("alice.p12")).unwrap();
    let (count, huge) = ([0x02, 3, 0x01, 0x11, 0x70], [0x02, 3, 0x7f, 0xff, 0xff]);
    for place in 0..file.len() - 5 {
        if file[place..place + 5] == count {
            file[place..place + 5].copy_from_slice(&huge);
        }
    }
    std::fs::write(company.path("alice.p12"), &file).unwrap();
    let expensive = company.refused(&register);
    assert_eq!(expensive["code"], "pkcs12_too_expensive");
    let detail = expensive["detail"].as_str().unwrap();
    assert!(detail.contains("iterations") && detail.contains("10000000"), "{detail}");

    export(&company, &["-keypbe", "camellia-256-cbc"]);
    assert_eq!(company.refused(&register)["code"], "pkcs12_unsupported");
    export(&company, &["-nokeys"]);
    assert_eq!(company.refused(&register)["code"], "pkcs12_unusable");
    export(&company, &["-passout", "pass:another"]);
    assert_eq!(company.refused(&register)["code"], "wrong_transport_password");

    // None of it has used the invitation up.
    export(&company, &[]);
    company.done(&register);
}

/// Writes the file of alice anew, with these options.
fn export(company: &Company, options: &[&str]) {
    let name = |ending: &str| company.path(&format!("alice.{ending}"));
    let mut openssl = Command::new("openssl");
    openssl.args(["pkcs12", "-export", "-in"]).arg(name("pem"));
    openssl.arg("-inkey").arg(name("key")).arg("-out").arg(name("p12"));
    if !options.contains(&"-passout") {
        openssl.args(["-passout", "pass:Transport-Password-1"]);
    }
    succeed(openssl.args(options));
}
