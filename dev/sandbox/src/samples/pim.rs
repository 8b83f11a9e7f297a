//! The events, contacts, tasks and notes that are there when a sandbox starts, in each mailbox.

mod events;

use activesync::messages::{
    Body, BodyType, Contact, Importance, Item, Note, Recurrence, Task, TaskRecurrence,
};
use activesync::query::Version;
use activesync::zone::Zone;
use bytes::Bytes;
use time::{Date, Duration, OffsetDateTime, Time};

use crate::mailbox::{FolderId, Mailbox};
use crate::pim;
use crate::server::person;

/// Fills the calendar, the contacts, the tasks and the notes of the account `name`.
pub(crate) fn fill(
    mailbox: &mut Mailbox,
    name: &str,
    domain: &str,
    started: OffsetDateTime,
    zone: &Zone,
) {
    let today = zone.local(started).date();
    let address = format!("{name}@{domain}");
    let owner = person(name);
    for (serial, mut event) in (0..).zip(events::all(domain, &address, &owner, today, zone)) {
        let owner = pim::Owner { name: &owner, address: &address };
        pim::complete(&mut event, owner, started - Duration::days(30), serial);
        add(mailbox, Mailbox::CALENDAR, event.into(), zone);
    }
    for contact in contacts(domain) {
        add(mailbox, Mailbox::CONTACTS, contact.into(), zone);
    }
    for task in tasks(today, zone) {
        add(mailbox, Mailbox::TASKS, task.into(), zone);
    }
    for note in notes(started) {
        add(mailbox, Mailbox::NOTES, note.into(), zone);
    }
}

fn add(mailbox: &mut Mailbox, folder: FolderId, item: Item, zone: &Zone) {
    // Samples are written in the form of 14.1: whole days have a zone.
    if let Some(item) = pim::adopted(item, Version::V14_1, zone) {
        let (content, until) = pim::content(item, zone);
        mailbox.add_old(folder, content, until, true);
    }
}

fn text(text: &str) -> Option<Body> {
    Some(Body::whole(BodyType::Text, text.to_owned()))
}

fn contacts(domain: &str) -> Vec<Contact> {
    let words = |list: &[&str]| Some(list.iter().map(|word| (*word).to_owned()).collect());
    let some = |text: &str| Some(text.to_owned());
    vec![
        Contact {
            first_name: some("Lena"),
            last_name: some("Vogt"),
            file_as: some("Vogt, Lena"),
            title: some("Dr."),
            company_name: some("Nordlicht GmbH"),
            department: some("Einkauf"),
            job_title: some("Leiterin Einkauf"),
            email1_address: Some(format!("\"Lena Vogt\" <lena.vogt@{domain}>")),
            business_phone_number: some("+49 40 5550 0110"),
            mobile_phone_number: some("+49 171 5550011"),
            business_address_street: some("Hafenstraße 12"),
            business_address_postal_code: some("20457"),
            business_address_city: some("Hamburg"),
            business_address_country: some("Deutschland"),
            birthday: birthday(1984, 60),
            categories: words(&["Geschäftlich", "Nordlicht"]),
            picture: Some(Bytes::from_static(PHOTO)),
            body: text("Erreicht man am besten vor neun.\r\nVertretung: Jonas Brandt."),
            ..Contact::default()
        },
        Contact {
            first_name: some("Tom"),
            last_name: some("Ashworth"),
            file_as: some("Ashworth, Tom"),
            nick_name: some("Tommy"),
            email1_address: some("tom@ashworth.test"),
            email2_address: some("\"Tom (private)\" <tommy@harbour.test>"),
            home_phone_number: some("+44 20 7946 0990"),
            home_address_street: some("4 Mill Lane"),
            home_address_city: some("Bristol"),
            home_address_postal_code: some("BS1 4ND"),
            home_address_country: some("United Kingdom"),
            spouse: some("Ines Ferreira"),
            children: words(&["Maya", "Luis"]),
            anniversary: birthday(2011, 170),
            web_page: some("https://ashworth.test/"),
            ..Contact::default()
        },
        Contact {
            first_name: some("Mira"),
            last_name: some("Okafor"),
            file_as: some("Okafor, Mira"),
            company_name: some("Harbour Ltd"),
            email1_address: some("\"Mira Okafor\" <mira@harbour.test>"),
            business_phone_number: some("+44 20 7946 0018"),
            im_address: some("mira.okafor@chat.harbour.test"),
            manager_name: some("Ines Ferreira"),
            categories: words(&["Business"]),
            ..Contact::default()
        },
        Contact {
            company_name: some("Schlüsseldienst Meyer & Söhne"),
            file_as: some("Schlüsseldienst Meyer & Söhne"),
            company_main_phone: some("+49 30 5550 0177"),
            body: text("Kundennummer 4711"),
            ..Contact::default()
        },
        Contact {
            first_name: some("太郎"),
            last_name: some("山田"),
            yomi_first_name: some("タロウ"),
            yomi_last_name: some("ヤマダ"),
            file_as: some("山田 太郎"),
            email1_address: some("yamada@werkstoff.test"),
            ..Contact::default()
        },
    ]
}

fn birthday(year: i32, day: u16) -> Option<OffsetDateTime> {
    let date = Date::from_ordinal_date(year, day).ok()?;
    Some(date.midnight().assume_utc())
}

/// Local dates are wall-clock dates written as if they were UTC.
fn tasks(today: Date, zone: &Zone) -> Vec<Task> {
    let local = |days: i64| (today + Duration::days(days)).midnight();
    let dated = |subject: &str, start: i64, due: i64| Task {
        subject: Some(subject.to_owned()),
        importance: Some(Importance::Normal),
        start: Some(local(start).assume_utc()),
        start_utc: Some(zone.moment(local(start))),
        due: Some(local(due).assume_utc()),
        due_utc: Some(zone.moment(local(due))),
        complete: Some(false),
        reminder_set: Some(false),
        ..Task::default()
    };
    let reminder = zone.moment(local(2) + Duration::hours(9));
    let weekly = Recurrence {
        kind: Some(1),
        interval: Some(1),
        day_of_week: Some(32),
        ..Recurrence::default()
    };
    vec![
        Task {
            importance: Some(Importance::High),
            reminder_set: Some(true),
            reminder_time: Some(reminder),
            categories: Some(vec!["Nordlicht".to_owned()]),
            body: text("Zahlen von Lena einarbeiten, dann an die Geschäftsführung."),
            ..dated("Angebot Nordlicht überarbeiten", 0, 3)
        },
        Task {
            recurrence: Some(TaskRecurrence {
                recurrence: weekly,
                start: Some(local(0).assume_utc()),
                ..TaskRecurrence::default()
            }),
            ..dated("Wochenbericht schreiben", 0, 0)
        },
        dated("Book the train to Bristol", -2, -1),
        Task {
            complete: Some(true),
            date_completed: Some(zone.moment(local(-4))),
            ..dated("Renew passport", -20, -5)
        },
        Task {
            subject: Some("Fahrrad zur Werkstatt".to_owned()),
            importance: Some(Importance::Low),
            complete: Some(false),
            ..Task::default()
        },
    ]
}

fn notes(started: OffsetDateTime) -> Vec<Note> {
    let note = |subject: &str, days: i64, body: &str, categories: &[&str]| Note {
        subject: Some(subject.to_owned()),
        message_class: Some(Note::CLASS.to_owned()),
        last_modified: (started - Duration::days(days)).replace_time(Time::MIDNIGHT).into(),
        categories: (!categories.is_empty())
            .then(|| categories.iter().map(|name| (*name).to_owned()).collect()),
        body: text(body),
        ..Note::default()
    };
    vec![
        note("WLAN Gästezugang", 3, "WLAN Gästezugang\r\nNetz: nordlicht-gast", &["Büro"]),
        note("Reading list", 12, "Reading list\r\n- The Mythical Man-Month\r\n- Peopleware", &[]),
        note("Rezept Apfelkuchen", 40, "Rezept Apfelkuchen\r\n1 kg Äpfel, 200 g Mehl, 3 Eier", &[]),
    ]
}

/// A drawn face.
const PHOTO: &[u8] = include_bytes!("photo.jpg");
