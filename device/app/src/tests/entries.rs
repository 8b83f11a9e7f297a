//! Contacts, events, tasks and notes against the sample mail server.

use super::ground::Ground;
use super::synced;
use crate::entries::{
    Attendee, AttendeeKind, ConflictCause, ContactFields, ContactView, EntryQuery, EntryStanding,
    EntryView, EventFields, Fields, Frequency, NoteFields, Phone, PhoneKind, RecurrenceFields,
    Take, TaskFields,
};
use crate::error::EntryError;
use crate::{App, SyncState};
use activesync::messages::{Contact, FolderKind as Kind, Item};
use activesync::query::{Command, Version};
use sandbox::Fault;

const BERLIN: Option<&str> = Some("Europe/Berlin");
const VERSIONS: [Version; 2] = [Version::V14_1, Version::V16_1];

type ContactEntry = EntryView<ContactView, ContactFields>;

async fn ground(version: Version) -> Ground {
    let ground = Ground::new(|options| options.versions = vec![version]).await;
    synced(&ground).await;
    ground.until("the contacts", async |app| contact(app, "Lena Vogt").await).await;
    ground
}

async fn all<F: Fields>(app: &App, words: Option<&str>) -> Vec<EntryView<F::View, F>> {
    let query = EntryQuery {
        words: words.map(str::to_owned),
        limit: 200,
        zone: BERLIN.map(str::to_owned),
        ..EntryQuery::default()
    };
    app.entries::<F>(query).await.unwrap().items
}

async fn contact(app: &App, name: &str) -> Option<ContactEntry> {
    all::<ContactFields>(app, None).await.into_iter().find(|contact| contact.entry.name == name)
}

/// Waits until the server has confirmed everything of a class.
async fn settled<F: Fields>(ground: &Ground) {
    let done = async |app: &App| {
        let all = all::<F>(app, None).await;
        all.iter().all(|entry| entry.state == EntryStanding::Synced).then_some(())
    };
    ground.until_asked("the confirmation", done).await;
}

fn there(ground: &Ground, kind: Kind, version: Version) -> Vec<(String, Item)> {
    ground.server.items("alice", kind, version).unwrap()
}

fn contact_there(ground: &Ground, version: Version, last_name: &str) -> Option<(String, Contact)> {
    there(ground, Kind::Contacts, version).into_iter().find_map(|(id, item)| {
        let contact = *item.into_contact()?;
        (contact.last_name.as_deref() == Some(last_name)).then_some((id, contact))
    })
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn named(first: &str, last: &str) -> ContactFields {
    ContactFields { first_name: some(first), last_name: some(last), ..ContactFields::default() }
}

async fn offline(ground: &Ground) {
    ground.way.cut();
    let offline = async |app: &App| (app.state().sync.state == SyncState::Offline).then_some(());
    ground.until("being offline", offline).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_come_change_and_go_on_both_sides() {
    for version in VERSIONS {
        let ground = ground(version).await;
        let contacts = all::<ContactFields>(&ground.app, None).await;
        assert_eq!(contacts.len(), there(&ground, Kind::Contacts, version).len());
        let lena = contact(&ground.app, "Lena Vogt").await.unwrap();
        assert!(lena.entry.has_photo);
        let photo = ground.app.contact_photo(lena.id).await.unwrap();
        assert!(photo.starts_with(&[0xff, 0xd8, 0xff]));
        let fields = &lena.entry.fields;
        assert_eq!(fields.emails.as_deref(), Some(&["lena.vogt@example.test".to_owned()][..]));
        let mobile = Phone { kind: PhoneKind::Mobile, number: "+49 171 5550011".to_owned() };
        assert!(fields.phones.as_ref().unwrap().contains(&mobile));

        let added = ContactFields {
            company: some("Beispiel AG"),
            emails: Some(vec!["jj@example.org".to_owned()]),
            birthday: some("1980-05-17"),
            notes: some("Kennt\nZürich"),
            ..named("Jörg", "Jäger")
        };
        let id = ground.app.add_entry(None, added, BERLIN).await.unwrap();
        let shown = ground.app.entry::<ContactFields>(id, BERLIN).await.unwrap();
        assert_eq!(
            (shown.state, shown.entry.name.as_str()),
            (EntryStanding::Waiting, "Jörg Jäger")
        );
        settled::<ContactFields>(&ground).await;
        let (server_id, contact) = contact_there(&ground, version, "Jäger").unwrap();
        assert_eq!(contact.file_as.as_deref(), Some("Jäger, Jörg"));
        assert_eq!(contact.birthday.unwrap().date().to_string(), "1980-05-17");

        let change =
            ContactFields { company: some(""), office: some("3.14"), ..Default::default() };
        ground.app.change_entry(id, change, BERLIN).await.unwrap();
        settled::<ContactFields>(&ground).await;
        let (same_id, contact) = contact_there(&ground, version, "Jäger").unwrap();
        assert_eq!((&same_id, contact.office_location.as_deref()), (&server_id, Some("3.14")));
        assert_eq!(contact.company_name.filter(|name| !name.is_empty()), None);
        assert!(contact.email1_address.unwrap().contains("jj@example.org"), "the rest stays");

        let renamed = Contact { last_name: some("Jägerin"), ..Contact::default() };
        ground.server.change_item("alice", &server_id, renamed).unwrap();
        let seen = async |app: &App| {
            let seen = app.entry::<ContactFields>(id, None).await.ok()?;
            (seen.entry.fields.last_name.as_deref() == Some("Jägerin")).then_some(())
        };
        ground.until("the change there", seen).await;

        ground.app.remove_entry::<ContactFields>(id).await.unwrap();
        assert!(matches!(
            ground.app.entry::<ContactFields>(id, None).await,
            Err(EntryError::Missing)
        ));
        let gone =
            async |_: &App| contact_there(&ground, version, "Jägerin").is_none().then_some(());
        ground.until_asked("the removal", gone).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_offline_survives_and_arrives_once() {
    for version in VERSIONS {
        let ground = ground(version).await;
        offline(&ground).await;
        let id = ground.app.add_entry(None, named("Emil", "Unterwegs"), None).await.unwrap();
        let lena = contact(&ground.app, "Lena Vogt").await.unwrap().id;
        let job = ContactFields { job_title: some("Chefin"), ..ContactFields::default() };
        ground.app.change_entry(lena, job, None).await.unwrap();
        let ground = ground.restart().await;
        let found = all::<ContactFields>(&ground.app, Some("unterw")).await;
        assert_eq!(found.iter().map(|entry| entry.id).collect::<Vec<_>>(), [id]);

        ground.server.fail_next("alice", Some(Command::Sync), Fault::LoseAnswer).unwrap();
        ground.way.mend().await;
        settled::<ContactFields>(&ground).await;
        let names = there(&ground, Kind::Contacts, version).into_iter().filter(|(_, item)| {
            item.clone().into_contact().unwrap().last_name.as_deref() == Some("Unterwegs")
        });
        assert_eq!(names.count(), 1);
        let (_, vogt) = contact_there(&ground, version, "Vogt").unwrap();
        assert_eq!(vogt.job_title.as_deref(), Some("Chefin"));
        assert_eq!(ground.app.entry::<ContactFields>(id, None).await.unwrap().id, id);
        let shown = all::<ContactFields>(&ground.app, Some("unterwegs")).await;
        assert_eq!(shown.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_of_one_property_are_decided_by_the_person() {
    for take in [Take::Mine, Take::Theirs] {
        let ground = ground(Version::V16_1).await;
        let lena = contact(&ground.app, "Lena Vogt").await.unwrap().id;
        let (server_id, _) = contact_there(&ground, Version::V16_1, "Vogt").unwrap();
        offline(&ground).await;
        let mine = ContactFields { job_title: some("Mine"), ..ContactFields::default() };
        ground.app.change_entry(lena, mine, None).await.unwrap();
        let theirs = Contact { job_title: some("Theirs"), ..Contact::default() };
        ground.server.change_item("alice", &server_id, theirs).unwrap();
        ground.way.mend().await;

        let met = async |app: &App| {
            app.entry::<ContactFields>(lena, None)
                .await
                .ok()
                .filter(|entry| entry.conflict.is_some())
        };
        let entry = ground.until_asked("the conflict", met).await;
        let conflict = entry.conflict.unwrap();
        assert_eq!(entry.entry.fields.job_title.as_deref(), Some("Theirs"));
        assert_eq!(conflict.kind, ConflictCause::Changed);
        assert_eq!(conflict.mine.job_title.as_deref(), Some("Mine"));

        ground.app.settle_conflict(lena, take).await.unwrap();
        settled::<ContactFields>(&ground).await;
        let (_, vogt) = contact_there(&ground, Version::V16_1, "Vogt").unwrap();
        let expected = if take == Take::Mine { "Mine" } else { "Theirs" };
        assert_eq!(vogt.job_title.as_deref(), Some(expected));
        assert!(matches!(ground.app.settle_conflict(lena, take).await, Err(EntryError::Missing)));
    }
}

fn weekly() -> EventFields {
    let recurrence = RecurrenceFields {
        frequency: Frequency::Weekly,
        interval: 1,
        weekdays: Vec::new(),
        week: None,
        day: None,
        month: None,
        count: Some(4),
        until: None,
    };
    EventFields {
        subject: some("Jour fixe am Meer"),
        location: some("Raum 3"),
        // The clock changes on the 25th of October.
        start: some("2027-10-20T09:00"),
        end: some("2027-10-20T10:00"),
        zone: some("Europe/Berlin"),
        reminder: Some(Some(10)),
        recurrence: Some(Some(recurrence)),
        ..EventFields::default()
    }
}

async fn times(app: &App) -> Vec<(String, String)> {
    let list = app.occurrences("2027-10-01", "2027-12-01", None, BERLIN).await.unwrap();
    let own = list.into_iter().filter(|one| one.subject.contains("Meer"));
    own.map(|one| (one.start, one.subject)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_keeps_its_hour_and_its_exceptions_on_both_sides() {
    for version in VERSIONS {
        let ground = ground(version).await;
        let id = ground.app.add_entry(None, weekly(), BERLIN).await.unwrap();
        let plain = |start: &str| (start.to_owned(), "Jour fixe am Meer".to_owned());
        let four = [
            plain("2027-10-20T09:00:00+02:00"),
            plain("2027-10-27T09:00:00+02:00"),
            plain("2027-11-03T09:00:00+01:00"),
            plain("2027-11-10T09:00:00+01:00"),
        ];
        assert_eq!(times(&ground.app).await, four);
        settled::<EventFields>(&ground).await;
        assert_eq!(times(&ground.app).await, four);

        let list = ground.app.occurrences("2027-10-01", "2027-12-01", None, BERLIN).await.unwrap();
        let list: Vec<_> = list.into_iter().filter(|one| one.id == id).collect();
        let name = |index: usize| list[index].occurrence.clone().unwrap();
        let moved = EventFields {
            subject: some("Nur einmal am Meer"),
            start: some("2027-10-28T11:00"),
            ..EventFields::default()
        };
        ground.app.change_occurrence(id, &name(1), moved, BERLIN).await.unwrap();
        ground.app.remove_occurrence(id, &name(2)).await.unwrap();
        let three = [
            four[0].clone(),
            ("2027-10-28T11:00:00+02:00".to_owned(), "Nur einmal am Meer".to_owned()),
            four[3].clone(),
        ];
        assert_eq!(times(&ground.app).await, three);
        let again = ground.app.remove_occurrence(id, &name(2)).await;
        assert!(matches!(again, Err(EntryError::Missing)), "{again:?}");
        settled::<EventFields>(&ground).await;
        assert_eq!(times(&ground.app).await, three);

        let event = there(&ground, Kind::Calendar, version)
            .into_iter()
            .filter_map(|(_, item)| item.into_event())
            .find(|event| event.subject.as_deref() == Some("Jour fixe am Meer"))
            .unwrap();
        let exceptions = event.exceptions.unwrap();
        let deleted: Vec<bool> = exceptions.iter().map(|one| one.is_deleted()).collect();
        assert_eq!(deleted, [false, true]);
        let shown = ground.app.entry::<EventFields>(id, BERLIN).await.unwrap().entry;
        assert_eq!(shown.recurrence_words.as_deref(), Some("every week on Wednesday, 4 times"));
        assert_eq!(shown.exceptions.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_days_stay_the_days_they_are() {
    for version in VERSIONS {
        let ground = ground(version).await;
        let fields = EventFields {
            subject: some("Urlaub am Meer"),
            all_day: Some(true),
            start: some("2027-10-30"),
            end: some("2027-11-01"),
            ..EventFields::default()
        };
        let id = ground.app.add_entry(None, fields, BERLIN).await.unwrap();
        settled::<EventFields>(&ground).await;

        let list = ground.app.occurrences("2027-11-01", "2027-11-02", None, BERLIN).await.unwrap();
        let one = list.iter().find(|one| one.id == id).unwrap();
        assert_eq!((one.start.as_str(), one.end.as_str()), ("2027-10-30", "2027-11-01"));
        let list = ground.app.occurrences("2027-11-02", "2027-11-03", None, BERLIN).await.unwrap();
        assert!(!list.iter().any(|one| one.id == id));
        let later = EventFields { start: some("2027-10-31"), ..EventFields::default() };
        ground.app.change_entry(id, later, BERLIN).await.unwrap();
        settled::<EventFields>(&ground).await;
        let fields = ground.app.entry::<EventFields>(id, BERLIN).await.unwrap().entry.fields;
        assert_eq!((fields.start, fields.end), (some("2027-10-31"), some("2027-11-02")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_and_notes_come_change_and_go_on_both_sides() {
    for version in VERSIONS {
        let ground = ground(version).await;
        let task = TaskFields {
            subject: some("Bericht schreiben"),
            due: some("2027-10-30"),
            ..TaskFields::default()
        };
        let task = ground.app.add_entry(None, task, BERLIN).await.unwrap();
        let note = NoteFields { text: some("Milch\nBrot"), ..NoteFields::default() };
        let note = ground.app.add_entry(None, note, None).await.unwrap();
        settled::<TaskFields>(&ground).await;
        settled::<NoteFields>(&ground).await;
        let done = TaskFields { complete: Some(true), ..TaskFields::default() };
        ground.app.change_entry(task, done, BERLIN).await.unwrap();
        let more = NoteFields { text: some("Milch\nBrot\nKäse"), ..NoteFields::default() };
        ground.app.change_entry(note, more, None).await.unwrap();
        settled::<TaskFields>(&ground).await;
        settled::<NoteFields>(&ground).await;

        let tasks = there(&ground, Kind::Tasks, version).into_iter();
        let mut tasks = tasks.filter_map(|(_, item)| item.into_task());
        let report = tasks.find(|task| task.subject.as_deref() == Some("Bericht schreiben"));
        assert_eq!(report.unwrap().complete, Some(true));
        let shown = ground.app.entry::<TaskFields>(task, BERLIN).await.unwrap().entry;
        assert_eq!(shown.fields.due.as_deref(), Some("2027-10-30"));
        assert!(shown.completed_at.is_some());
        let found = all::<NoteFields>(&ground.app, Some("kase")).await;
        assert_eq!(found[0].entry.title.as_deref(), Some("Milch"));

        ground.app.remove_entry::<TaskFields>(task).await.unwrap();
        ground.app.remove_entry::<NoteFields>(note).await.unwrap();
        let gone = async |_: &App| {
            let notes = there(&ground, Kind::Notes, version).into_iter();
            let mut notes = notes.filter_map(|(_, item)| item.into_note());
            (!notes.any(|note| note.subject.as_deref() == Some("Milch"))).then_some(())
        };
        ground.until_asked("the removal", gone).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_cannot_be_are_refused_with_their_field() {
    let ground = ground(Version::V16_1).await;
    let app = &ground.app;
    let event = |edit: fn(&mut EventFields)| {
        let mut fields = weekly();
        edit(&mut fields);
        app.add_entry(None, fields, BERLIN)
    };
    let field = |refused: Result<i64, EntryError>| match refused {
        Err(EntryError::BadValue { field, .. }) => field,
        other => panic!("{other:?}"),
    };

    assert_eq!(field(event(|event| event.end = some("2027-10-20T08:00")).await), "end");
    assert_eq!(field(event(|event| event.start = some("2027-02-30T08:00")).await), "start");
    assert_eq!(field(event(|event| event.start = None).await), "start");
    assert_eq!(field(event(|event| event.zone = some("Europe/Nowhere")).await), "zone");
    let nobody = Attendee {
        address: "nobody".to_owned(),
        name: String::new(),
        kind: AttendeeKind::Required,
        reply: None,
    };
    let mut fields = weekly();
    fields.attendees = Some(vec![nobody]);
    assert_eq!(field(app.add_entry(None, fields, None).await), "attendees");
    let contact = ContactFields { birthday: some("17.5.1980"), ..named("A", "B") };
    assert_eq!(field(app.add_entry(None, contact, None).await), "birthday");
    assert_eq!(field(app.add_entry(None, ContactFields::default(), None).await), "last_name");
    let picture = ContactFields { photo: some("R0lGODlh"), ..named("A", "B") };
    assert_eq!(field(app.add_entry(None, picture, None).await), "photo");
    assert_eq!(field(app.add_entry(Some(-1), named("A", "B"), None).await), "folder");
    assert_eq!(field(app.add_entry(None, TaskFields::default(), None).await), "subject");
    let lena = contact_id(app).await;
    let wrong_class = app.entry::<NoteFields>(lena, None).await;
    assert!(matches!(wrong_class, Err(EntryError::Missing)));
    app.lock().await;
    assert!(matches!(app.entry::<ContactFields>(lena, None).await, Err(EntryError::Locked)));
}

async fn contact_id(app: &App) -> i64 {
    contact(app, "Lena Vogt").await.unwrap().id
}
