//! Contacts, events, tasks and notes by command line, up to the mail server and back.

use crate::company::Company;
use serde_json::Value;

const DATES: [&str; 4] = ["--from", "2027-10-01", "--to", "2027-12-01"];

fn id(entry: &Value) -> String {
    entry["id"].as_i64().unwrap().to_string()
}

/// Synchronises until the server has confirmed an entry.
fn confirmed(company: &Company, class: &str, id: &str) -> Value {
    for _ in 0..10 {
        company.done(&["sync"]);
        let entry = company.done(&[class, "show", id]);
        if entry["state"] == "synced" {
            return entry;
        }
    }
    panic!("the server did not take {class} {id}")
}

fn starts(company: &Company) -> Vec<String> {
    let list = company.done(&[&["event", "list"], &DATES[..]].concat());
    let own = list.as_array().unwrap().iter().filter(|one| one["subject"] == "Jour fixe am Meer");
    own.map(|one| one["start"].as_str().unwrap().chars().take(10).collect()).collect()
}

#[test]
fn contacts_events_tasks_and_notes_are_kept_by_command_line() {
    let company = Company::set_up();
    company.register();
    company.done(&["sync"]);
    let listed = company.done(&["contact", "list", "--limit", "200"]);
    let lena = listed["items"].as_array().unwrap();
    let lena = lena.iter().find(|contact| contact["name"] == "Lena Vogt").unwrap();
    assert_eq!(lena["has_photo"], true);

    let names = ["contact", "add", "--first-name", "Jörg", "--last-name", "Jäger"];
    let more = ["--email", "jj@example.org", "--phone", "mobile=+49 170 / 123", "--birthday"];
    let added = company.done(&[&names[..], &more, &["1980-05-17"]].concat());
    assert_eq!((&added["state"], &added["file_as"]), (&"waiting".into(), &"Jäger, Jörg".into()));
    let contact = id(&added);
    let found = company.done(&["contact", "search", "0170123"]);
    assert_eq!((&found["total"], &found["items"][0]["id"]), (&1.into(), &added["id"]));
    confirmed(&company, "contact", &contact);
    company.done(&["contact", "edit", &contact, "--job-title", "Chef", "--clear", "phones"]);
    let edited = confirmed(&company, "contact", &contact);
    assert_eq!((&edited["job_title"], &edited["phones"]), (&"Chef".into(), &Value::Null));

    let series = ["event", "add", "--subject", "Jour fixe am Meer", "--start", "2027-10-20T09:00"];
    let weekly = ["--zone", "Europe/Berlin", "--repeat", "weekly", "--count", "3"];
    let event = id(&company.done(&[&series[..], &weekly].concat()));
    assert_eq!(starts(&company), ["2027-10-20", "2027-10-27", "2027-11-03"]);
    company.done(&["event", "remove", &event, "--occurrence", "2027-10-27T07:00:00Z"]);
    let shown = confirmed(&company, "event", &event);
    assert_eq!(shown["recurrence_words"], "every week on Wednesday, 3 times");
    assert_eq!(starts(&company), ["2027-10-20", "2027-11-03"]);

    let task = id(&company.done(&["task", "add", "--subject", "Bericht", "--due", "2027-10-30"]));
    company.done(&["task", "edit", &task, "--complete"]);
    let done = company.done(&["task", "list", "--done", "--limit", "200"]);
    assert!(done["items"].as_array().unwrap().iter().any(|one| id(one) == task));
    confirmed(&company, "task", &task);
    let note = id(&company.done(&["note", "add", "--text", "Milch\nBrot"]));
    assert_eq!(confirmed(&company, "note", &note)["title"], "Milch");

    for (class, id) in [("contact", &contact), ("event", &event), ("task", &task), ("note", &note)]
    {
        company.done(&[class, "remove", id]);
        assert_eq!(company.refused(&[class, "show", id])["code"], "missing");
    }
    company.done(&["sync"]);
    assert_eq!(starts(&company), [""; 0]);
    assert_eq!(company.done(&["contact", "list", "--limit", "200"])["total"], listed["total"]);
    bad_input_is_named(&company);
}

fn bad_input_is_named(company: &Company) {
    let field = |arguments: &[&str]| {
        let refused = company.refused(arguments);
        assert_eq!(refused["code"], "bad_value", "{refused}");
        refused["field"].as_str().unwrap().to_owned()
    };
    let event = ["event", "add", "--subject", "x", "--start", "2027-10-20T09:00"];

    assert_eq!(field(&[&event[..], &["--end", "2027-10-20T08:00"]].concat()), "end");
    assert_eq!(field(&[&event[..], &["--zone", "Europe/Nowhere"]].concat()), "zone");
    assert_eq!(field(&["event", "add", "--subject", "x", "--start", "2027-02-30T09:00"]), "start");
    assert_eq!(field(&["contact", "add", "--last-name", "x", "--birthday", "17.5."]), "birthday");
    assert_eq!(field(&["contact", "add", "--last-name", "x", "--email", "nobody"]), "emails");
    assert_eq!(field(&["task", "add", "--due", "2027-10-30"]), "subject");
    assert_eq!(
        company.refused(&["contact", "add", "--last-name", "x", "--phone", "fax=1"])["code"],
        "bad_request"
    );
}
