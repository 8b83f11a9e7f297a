//! A device whose certificate is near its end, with the real server and the programs, years later by their clocks.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod company;

use company::{Company, until};
use serde_json::Value;

#[test]
fn the_server_exchanges_the_certificate_of_a_device_near_its_end() {
    let mut company = Company::set_up();
    company.register();
    company.done(&["sync"]);
    let mails = company.done(&["mail", "list", "--limit", "200"]);
    let [first] = &certificates(&company)[..] else { panic!("one device has one certificate") };

    company.days_later(500);

    // The exchange goes on beside what the command does, and a command may end before it.
    let next = until("another certificate", || {
        company.done(&["sync"]);
        let all = certificates(&company);
        all.into_iter().find(|one| one["serial"] != first["serial"])
    });
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
