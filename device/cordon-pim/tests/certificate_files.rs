//! Certificate files as people have them: with the real server and the programs.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod company;

use company::{Company, Running, succeed, until};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::Instant;

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
fn keys_on_curves_register_and_take_each_others_place() {
    let company = Company::set_up();
    company.certify_on("alice", "prime256v1");
    company.deposit("alice");
    company.register();
    company.done(&["sync"]);
    let mails = company.done(&["mail", "list"]);
    let file = company.path("alice.p12").to_str().unwrap().to_owned();

    for curve in ["secp384r1", "secp521r1"] {
        company.certify_on("alice", curve);
        company.done(&["renew", "--p12", &file, "--keep-p12"]);
        assert_eq!(company.done(&["mail", "list"]), mails);
    }

    company.deposit("alice");
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

#[test]
fn a_new_certificate_takes_the_place_of_the_one_that_ends() {
    let company = Company::set_up();
    company.register();
    company.done(&["sync"]);
    let mails = company.done(&["mail", "list"]);
    let before = std::fs::read(company.path("alice.p12")).unwrap();
    let old = company.file("old.p12", "");
    std::fs::write(&old, before).unwrap();
    company.certify("alice");
    let new = company.path("alice.p12").to_str().unwrap().to_owned();
    let certificate = std::fs::read(company.path("alice.pem")).unwrap();

    assert_eq!(company.refused(&["renew", "--p12", &old])["code"], "renewal_same");
    let bob = company.path("bob.p12").to_str().unwrap().to_owned();
    let refused = company.refused(&["renew", "--p12", &bob]);
    assert_eq!(
        (&refused["code"], &refused["name"], &refused["wanted"]),
        (&json!("renewal_other_person"), &json!("bob@example.test"), &json!("alice@example.test"))
    );
    assert!(company.path("bob.p12").exists(), "what was not taken stays");
    let state = company.done(&["renew", "--p12", &new, "--keep-p12"]);

    let ends = state["account"]["certificate_ends"].as_str().unwrap();
    assert_eq!(ends, end_of(&company));
    assert_eq!(company.done(&["mail", "list"]), mails);
    let deleted = company.file("again.p12", "");
    std::fs::copy(&old, &deleted).unwrap();
    let older = company.refused(&["renew", "--p12", &deleted]);
    assert_eq!(older["code"], "renewal_older");

    // The key comes back with the certificate of now alone, to which IT has changed too.
    company.cordon(&["wipe", &company.device("registered"), "--what", "key"]);
    assert_eq!(company.refused(&["sync"])["code"], "key_wiped");
    let link = company.invite();
    let back =
        |p12: &str| ["restore", "--keep-p12", "--p12", p12, "--link", &link].map(str::to_owned);
    assert_eq!(company.refused(&back(&old))["code"], "other_certificate");
    std::fs::write(company.path("deposit.pem"), certificate).unwrap();
    let deposit = company.path("deposit.pem");
    company.cordon(&["user", "certificate", "alice", deposit.to_str().unwrap()]);
    let link = company.invite();
    company.done(&["restore", "--keep-p12", "--p12", &new, "--link", &link]);
    assert_eq!(company.done(&["mail", "list"]), mails);
}

#[test]
fn a_certificate_in_the_import_folder_is_found_taken_and_deleted() {
    let company = Company::set_up();
    let app = company.app(&["--no-browser"]).stdout(Stdio::null()).spawn().unwrap();
    let _running = Running(app);
    let socket = company.path("app/run/socket");
    until("the app", || socket.exists().then_some(()));
    let folder = company.path("app/import");
    assert_eq!(
        call(&company, "/api/imports", None),
        json!({ "folder": folder, "files": [], "fetched": [] }),
        "it is there from the beginning"
    );
    std::fs::copy(company.path("alice.p12"), folder.join("alice.p12")).unwrap();
    std::fs::write(folder.join("notes.txt"), "no certificate").unwrap();
    assert_eq!(call(&company, "/api/imports", None)["files"], json!(["alice.p12"]));
    let register = |imported: &str, transport: &str| {
        json!({
            "link": company.invite(), "imported": imported, "transport_password": transport,
            "password": "Container-Password-1", "password_again": "Container-Password-1",
            "mail_password": company::MAIL,
        })
    };

    for (name, code) in [
        ("bob.p12", "import_unreadable"),
        ("../alice.p12", "import_unreadable"),
        ("notes.txt", "import_unreadable"),
    ] {
        let refused = call(&company, "/api/register", Some(register(name, "Transport-Password-1")));
        assert_eq!(refused["code"], code, "{refused}");
    }
    let refused = call(&company, "/api/register", Some(register("alice.p12", "a guess")));
    assert_eq!(refused["code"], "wrong_transport_password");
    assert!(folder.join("alice.p12").exists());
    let state =
        call(&company, "/api/register", Some(register("alice.p12", "Transport-Password-1")));

    assert_eq!(state["container"], "open", "{state}");
    assert!(!folder.join("alice.p12").exists());
    // So is the next one.
    company.certify("alice");
    std::fs::copy(company.path("alice.p12"), folder.join("next.pfx")).unwrap();
    let renew = json!({
        "imported": "next.pfx", "transport_password": "Transport-Password-1", "password": "Container-Password-1",
    });
    let renewed = call(&company, "/api/renew", Some(renew));
    assert_eq!(renewed["container"], "open", "{renewed}");
    assert_ne!(renewed["account"], state["account"]);
    assert!(!folder.join("next.pfx").exists());
}

#[test]
fn an_import_that_is_killed_leaves_the_key_in_the_file_or_in_the_container() {
    let company = Company::set_up();
    company.register();
    let renew = ["renew", "--p12", company.path("alice.p12").to_str().unwrap()].map(str::to_owned);
    company.certify("alice");
    let begun = Instant::now();
    company.done(&renew);
    let takes = begun.elapsed();
    let (mut taken, mut left) = (0, 0);

    for round in 0..60 {
        // A busy machine takes longer than was measured.
        if round >= 12 && taken > 0 && left > 0 {
            break;
        }
        company.certify("alice");
        let mut child = company.app(&renew).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(takes * round / 10);
        child.kill().unwrap();
        child.wait().unwrap();

        let ends = company.done(&["unlock"])["account"]["certificate_ends"].clone();
        let is_taken = ends == end_of(&company);
        assert_eq!(company.path("alice.p12").exists(), !is_taken, "round {round}");
        if is_taken {
            taken += 1
        } else {
            left += 1
        }
        assert!(!company.path("app/imported.json").exists());
    }

    assert!(taken > 0 && left > 0, "{taken} taken, {left} left");
}

#[test]
fn a_file_that_waits_at_the_server_registers_and_is_gone_from_there() {
    let company = Company::set_up();
    let link = company.invite();
    let register = ["register", &link];
    let none = company.app(&register).output().unwrap();
    assert_eq!(none.status.code(), Some(2), "{none:?}");
    let said = String::from_utf8_lossy(&none.stdout).into_owned();
    assert!(said.contains("no certificate file waits at the server"), "{said}");
    company.hand_in("alice");
    assert_eq!(company.waiting(), ["waiting"]);

    let mut wrong = company.app(&register);
    let wrong = wrong.env("CORDON_PIM_P12_PASSWORD", "a guess").output().unwrap();
    assert!(String::from_utf8_lossy(&wrong.stdout).contains("wrong_transport_password"));
    assert_eq!(company.waiting(), ["received"], "it is here now");
    company.done(&register);

    let folder = std::fs::read_dir(company.path("app/import")).unwrap();
    assert_eq!(folder.count(), 0, "and it is gone from here too");
    company.done(&["sync"]);
}

#[test]
fn a_delivery_that_is_killed_leaves_the_file_there_or_here() {
    let company = Company::set_up();
    let link = company.invite();
    let fetch = || {
        // With a wrong password nothing but the file gets here.
        let mut register = company.app(&["register", &link]);
        register.env("CORDON_PIM_P12_PASSWORD", "a guess").stdout(Stdio::null());
        register
    };
    company.hand_in("alice");
    let begun = Instant::now();
    let _ = fetch().status().unwrap();
    let takes = begun.elapsed();
    let (mut here, mut there) = (0, 0);

    for round in 0..40 {
        if round >= 10 && here > 0 && there > 0 {
            break;
        }
        let _ = std::fs::remove_dir_all(company.path("app/import"));
        company.hand_in("alice");
        let mut child = fetch().spawn().unwrap();
        std::thread::sleep(takes * round / 8);
        child.kill().unwrap();
        child.wait().unwrap();

        let has_arrived = company.path("app/import").is_dir()
            && std::fs::read_dir(company.path("app/import")).unwrap().any(|entry| {
                let name = entry.unwrap().file_name().into_string().unwrap();
                name.starts_with("portal-") && name.ends_with(".p12")
            });
        let waits = company.waiting() == ["waiting"];
        assert!(has_arrived || waits, "round {round}");
        if waits { there += 1 } else { here += 1 }
    }

    assert!(here > 0 && there > 0, "{here} here, {there} there");
    company.done(&["register", &link]);
}

#[test]
fn a_new_certificate_arrives_in_the_running_app_and_is_taken() {
    let company = Company::set_up();
    company.register();
    let app = company.app(&["--no-browser"]).stdout(Stdio::null()).spawn().unwrap();
    let _running = Running(app);
    let socket = company.path("app/run/socket");
    until("the app", || socket.exists().then_some(()));
    company.done(&["unlock"]);
    assert_eq!(company.done(&["status"])["delivered"], 0);
    company.certify("alice");
    company.hand_in("alice");

    until("the news", || (company.done(&["status"])["delivered"] == 1).then_some(()));
    // It may be meant for a device that is about to be registered.
    assert_eq!(company.waiting(), ["waiting"], "nobody has asked for it");
    let state = company.done(&["renew"]);

    assert_eq!(state["account"]["certificate_ends"], end_of(&company));
    assert_eq!(company.waiting(), ["received"]);
    until("no more news", || (company.done(&["status"])["delivered"] == 0).then_some(()));
    let folder = std::fs::read_dir(company.path("app/import")).unwrap();
    assert_eq!(folder.count(), 0);
}

impl Company {
    /// Hands a person's file to the server.
    fn hand_in(&self, person: &str) {
        let file = self.path(&format!("{person}.p12"));
        self.cordon(&["user", "certificate-file", "add", person, file.to_str().unwrap()]);
    }

    /// How the files of alice stand at the server.
    fn waiting(&self) -> Vec<String> {
        let files = self.cordon(&["user", "certificate-file", "list", "alice"]);
        let files = files.as_array().unwrap().iter();

        files.map(|file| file["state"].as_str().unwrap().to_owned()).collect()
    }
}

/// The end of the certificate that was made last for alice, as the app tells it.
fn end_of(company: &Company) -> String {
    let mut openssl = Command::new("openssl");
    openssl.args(["x509", "-noout", "-enddate", "-dateopt", "iso_8601", "-in"]);
    let shown = succeed(openssl.arg(company.path("alice.pem"))).stdout;

    String::from_utf8(shown).unwrap().trim().replace("notAfter=", "").replace(' ', "T")
}

/// Asks the running app by its socket, as the commands do.
fn call(company: &Company, path: &str, body: Option<Value>) -> Value {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--unix-socket"]).arg(company.path("app/run/socket"));
    if let Some(body) = body {
        curl.args(["--header", "content-type: application/json", "--data", &body.to_string()]);
    }
    let answer = succeed(curl.arg(format!("http://localhost{path}"))).stdout;

    serde_json::from_slice(&answer).unwrap()
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
