//! A key that IT deletes, and how its data becomes readable again: with the real server, a mail server and the programs.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod company;
#[path = "key_wipe/entries.rs"]
mod entries;

use company::Company;
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;

#[test]
fn a_key_that_it_deleted_comes_back_with_an_invitation_and_the_same_certificate() {
    let company = Company::set_up();
    company.register();
    company.done(&["sync"]);
    let mails = company.done(&["mail", "list", "--limit", "200"]);
    let old = company.device("registered");

    company.cordon(&["wipe", &old, "--what", "key"]);

    assert_eq!(company.refused(&["sync"])["code"], "key_wiped");
    let state = company.done(&["status"]);
    assert_eq!(
        (&state["container"], &state["standing"], &state["key_wiped_by"]),
        (&"key_wiped".into(), &"wiped".into(), &"ordered".into())
    );
    assert!(!company.cordon(&["device", "show", &old])["wipe_confirmed_at"].is_null());
    assert_eq!(company.refused(&["unlock"])["code"], "key_wiped");
    assert_eq!(company.refused(&company.restore("alice"))["code"], "needs_invitation");
    assert_eq!(company.refused(&company.restore("bob"))["code"], "other_certificate");
    let foreign =
        format!("https://{}/join#code={}&pin={}", company.gateway, "a".repeat(26), "A".repeat(43));
    let elsewhere = company.restore_with("alice", &foreign);
    assert_eq!(company.refused(&elsewhere)["code"], "other_server");
    let again = company.register_arguments(&company.invite());
    assert_eq!(company.refused(&again)["code"], "key_wiped");
    assert_eq!(company.done(&["status"])["container"], "key_wiped");

    company.done(&company.restore_with("alice", &company.invite()));

    // Without a word from the mail server: it is the data that was kept.
    assert_eq!(company.done(&["mail", "list", "--limit", "200"]), mails);
    assert_eq!(company.done(&["status"])["key_wiped_by"], Value::Null);
    company.done(&["sync"]);
    assert_eq!(company.done(&["mail", "list", "--limit", "200"]), mails);
    assert_ne!(company.device("registered"), old);
    assert_eq!(company.cordon(&["device", "show", &old])["state"], "wiped");
}

#[test]
fn a_key_lost_to_wrong_passwords_comes_back_unless_the_device_is_blocked() {
    let company = Company::set_up();
    company.register();
    let wrong = company.file("wrong", "not the password");
    let mut code = Value::Null;
    for _ in 0..20 {
        code = company.refused(&["unlock", "--password-file", &wrong])["code"].clone();
        if code != "wrong_password" {
            break;
        }
    }
    assert_eq!(code, "key_wiped");
    assert_eq!(company.done(&["status"])["key_wiped_by"], "wrong_passwords");
    let device = company.device("registered");

    company.cordon(&["block", &device, "--reason", "Reported as lost"]);
    let refused = company.refused(&company.restore("alice"));
    assert_eq!(
        (&refused["code"], &refused["reason"]),
        (&"blocked".into(), &"Reported as lost".into())
    );
    assert_eq!(company.done(&["status"])["container"], "key_wiped");

    company.cordon(&["unblock", &device]);
    company.done(&company.restore("alice"));
    company.done(&["sync"]);
    assert_eq!(company.device("registered"), device, "the registration is the same");
}

#[test]
fn an_order_to_delete_everything_is_obeyed_before_a_key_is_put_back() {
    let company = Company::set_up();
    company.register();
    let device = company.device("registered");
    company.cordon(&["wipe", &device, "--what", "key"]);
    assert_eq!(company.refused(&["sync"])["code"], "key_wiped");
    company.cordon(&["wipe", &device, "--what", "data"]);

    let link = company.invite();
    assert_eq!(company.refused(&company.restore_with("alice", &link))["code"], "wiped");

    assert_eq!(company.done(&["status"])["container"], "absent");
    assert!(!company.cordon(&["device", "show", &device])["wipe_confirmed_at"].is_null());
    company.done(&company.register_arguments(&link));
}

#[test]
fn data_whose_key_is_gone_goes_only_when_that_is_said() {
    let company = Company::set_up();
    company.register();
    company.cordon(&["wipe", &company.device("registered"), "--what", "key"]);
    assert_eq!(company.refused(&["sync"])["code"], "key_wiped");
    let mut arguments = company.register_arguments(&company.invite());
    assert_eq!(company.refused(&arguments)["code"], "key_wiped");

    arguments.push("--discard-data".to_owned());
    company.done(&arguments);

    assert_eq!(company.done(&["status"])["container"], "locked");
    company.done(&["sync"]);
}

#[test]
fn a_restoration_that_is_killed_loses_no_data() {
    let company = Company::set_up();
    company.register();
    company.done(&["sync"]);
    let mails = company.done(&["mail", "list", "--limit", "200"]);

    for delay in [120, 300, 500, 700, 1000] {
        company.cordon(&["wipe", &company.device("registered"), "--what", "key"]);
        assert_eq!(company.refused(&["sync"])["code"], "key_wiped");
        let link = company.invite();
        let mut restoring = company
            .app(&company.restore_with("alice", &link))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        restoring.kill().unwrap();
        restoring.wait().unwrap();

        if company.done(&["status"])["container"] == "key_wiped" {
            let restored = [company.restore("alice"), company.restore_with("alice", &link)]
                .iter()
                .any(|arguments| company.app(arguments).output().unwrap().status.success());
            if !restored {
                // Killed after the server had registered it, and before the app knew: IT blocks the device that nobody has.
                company.cordon(&["block", &company.device("registered"), "--reason", "restored"]);
                company.done(&company.restore_with("alice", &company.invite()));
            }
        }
        assert_eq!(company.done(&["mail", "list", "--limit", "200"]), mails, "after {delay} ms");
    }
}
