//! Certificates of colleagues in the directory of the server: with the real server and the programs.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod company;

use company::{Company, succeed};
use std::process::Command;

#[test]
fn a_colleague_with_a_certificate_of_the_companys_authority_gets_sealed_mail() {
    let company = Company::set_up();
    company.register();
    company.done(&["sync"]);
    let text = company.file("text", "for Bob alone");
    let send = |subject: &str| {
        let bob = "bob@example.test";
        let arguments = ["mail", "send", "--to", bob, "--subject", subject, "--text-file", &text];
        [&arguments[..], &["--encrypt"]].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };

    // What was deposited is found, and that the server has it makes nobody trust it.
    let refused = company.refused(&send("Too early"));
    assert_eq!(refused["code"], "certificates");
    assert_eq!(from_the_portal(&company), [false]);

    issue(&company, "bob");
    company.done(&send("Sealed"));

    assert_eq!(from_the_portal(&company), [false, true]);
}

#[test]
fn a_file_made_for_a_person_registers_their_device() {
    let company = Company::set_up();
    let file = company.path("alice.p12");
    std::fs::remove_file(&file).unwrap();
    let password = company.file("transport", company::TRANSPORT);
    let order = ["ca", "person", "alice", "--key", "p256", "--password-file", &password];
    company.cordon(&[&order[..], &["--out", file.to_str().unwrap()]].concat());

    company.register();
    company.done(&["sync"]);

    // Its issuer is the company's own authority, so others of it are trusted.
    issue(&company, "bob");
    let text = company.file("text", "for Bob alone");
    let bob =
        ["mail", "send", "--to", "bob@example.test", "--subject", "Sealed", "--text-file", &text];
    company.done(&[&bob[..], &["--sign", "--encrypt"]].concat());
}

/// Of each certificate of Bob's that the app has from the portal, whether it would be used.
fn from_the_portal(company: &Company) -> Vec<bool> {
    let known = company.done(&["certificates", "list"]);
    let known = known.as_array().unwrap().iter().filter(|one| one["source"] == "portal");
    let mut good: Vec<_> = known
        .map(|one| {
            assert_eq!(one["address"], "bob@example.test");
            one["problem"].is_null()
        })
        .collect();
    good.sort_unstable();

    good
}

/// Has the authority of the server issue a person a certificate for mail.
fn issue(company: &Company, person: &str) {
    let request = company.path("request.pem").to_str().unwrap().to_owned();
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null"]);
    openssl.args(["-subj", &format!("/CN={person}"), "-out", &request, "-addext"]);
    succeed(openssl.arg(format!("subjectAltName=email:{person}@example.test")));
    company.cordon(&["ca", "issue", "--profile", "person", "--user", person, "--csr", &request]);
}
