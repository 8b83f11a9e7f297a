//! A device whose certificate is near its end, with the real server and the programs, years later by their clocks.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod company;

use company::{Company, Running, until};
use serde_json::Value;
use std::fs::File;
use std::process::Stdio;

#[test]
fn the_server_exchanges_the_certificate_of_a_device_near_its_end() {
    let mut company = Company::set_up();
    company.register();
    company.done(&["sync"]);
    let mails = company.done(&["mail", "list", "--limit", "200"]);
    let [first] = &certificates(&company)[..] else { panic!("one device has one certificate") };

    company.days_later(500);

    // An app that ends when the server alone has done its part would ask again after an hour.
    let log = File::create(company.path("app.log")).unwrap();
    let mut app = company.app(&["--no-browser"]);
    let app = app.env("CORDON_PIM_LOG", "info").stdout(Stdio::null()).stderr(log).spawn().unwrap();
    let running = Running(app);
    let socket = company.path("app/run/socket");
    until("the app", || socket.exists().then_some(()));
    company.done(&["unlock"]);
    until("another certificate", || {
        let log = std::fs::read_to_string(company.path("app.log")).unwrap();
        log.contains("The device has another certificate").then_some(())
    });
    let all = certificates(&company);
    let next = all.into_iter().find(|one| one["serial"] != first["serial"]).unwrap();
    company.done(&["lock"]);
    drop(running);
    std::fs::remove_file(socket).unwrap();
    company.done(&["sync"]);
    let standing = |of: &Value| {
        let all = certificates(&company);
        let found = all.iter().find(|one| one["serial"] == of["serial"]).unwrap();
        (found["status"].clone(), found["revocation_reason"].clone())
    };
    assert_eq!(standing(first), ("revoked".into(), "superseded".into()));
    assert_eq!(standing(&next), ("valid".into(), Value::Null));
    // The gateway knows it by the new one.
    assert_eq!(company.done(&["mail", "list", "--limit", "200"]), mails);
    let state = company.done(&["status"]);
    assert_eq!(state["standing"], "active", "{state}");
}

/// What the authority has issued to devices.
fn certificates(company: &Company) -> Vec<Value> {
    company.cordon(&["ca", "list", "--profile", "device"]).as_array().unwrap().clone()
}
