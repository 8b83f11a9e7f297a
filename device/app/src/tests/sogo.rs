//! The app against a real mail server, which speaks 12.1 to 14.1, knows no policy and no ClientId.

use activesync::query::Command;
use policy::NewestVersion;
use tempfile::TempDir;
use testkit::sogo::{Setup, Sogo};

use super::ground::{
    Holder, PASSWORD, Way, by, folder, inbox, messages, open, register_holder, register_with, until,
};
use super::{draft, first};
use crate::entries::{
    ContactFields, EntryQuery, EntryStanding, EventFields, Frequency, OccurrenceView,
    RecurrenceFields, Weekday,
};
use crate::{App, BodyKind, Draft, FolderKind, MessageItem, Protect, Protection, SyncState};

#[tokio::test(flavor = "multi_thread")]
async fn a_real_server_is_synchronised_read_and_sent_through() {
    everything_works(NewestVersion::Any).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_server_is_spoken_to_in_14_0() {
    everything_works(NewestVersion::V14_0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_server_is_spoken_to_in_12_1() {
    everything_works(NewestVersion::V12_1).await;
}

async fn everything_works(newest_version: NewestVersion) {
    let peer = Sogo::start(Setup::default()).unwrap();
    let authority = Holder::root();
    let way = Way::to(peer.address(), &authority).await;
    let root = TempDir::with_prefix("cordon-app-").unwrap();
    register_with(&root, &authority, way.address, |settings| {
        settings.mail.newest_version = newest_version;
    });
    let app = open(&root);
    app.unlock(by(PASSWORD), None).await.unwrap();
    until(&app, "the first round", up_to_date).await;

    folders_have_their_names(&app).await;
    mails_can_be_read(&app).await;
    let to_alice =
        |subject: &str| Draft { to: vec!["alice@example.test".to_owned()], ..draft(subject) };
    app.send(to_alice("Pushed back")).await.unwrap();
    let arrived =
        until(&app, "the push", async |app| first(&inbox(app).await, "Pushed back")).await;
    app.mark_read(arrived.id, true).await.unwrap();

    way.lose_answer(Command::SendMail);
    app.send(to_alice("Sent once")).await.unwrap();
    until(&app, "certainty", async |app| app.outbox().await.ok()?.is_empty().then_some(())).await;
    until(&app, "the mail", async |app| first(&inbox(app).await, "Sent once")).await;
    until(&app, "rest", up_to_date).await;
    assert_eq!(way.requests(Command::SendMail), 2, "one for each mail");
    let sent = folder(&app, FolderKind::Sent).await.unwrap();
    assert_eq!(count(&messages(&app, &sent).await, "Sent once"), 1);
    assert_eq!(count(&inbox(&app).await, "Sent once"), 1);
    app.lock().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn protected_mails_of_a_real_server_open() {
    let peer = Sogo::start(Setup::default()).unwrap();
    let authority = Holder::root();
    let way = Way::to(peer.address(), &authority).await;
    let file = std::fs::read(peer.directory().join("smime/alice.p12")).unwrap();
    let identity = keys::pkcs12::open(&file, Sogo::PASSWORD).unwrap();
    let root = TempDir::with_prefix("cordon-app-").unwrap();
    register_holder(&root, &authority, way.address, &identity, |_| ());
    let app = open(&root);
    app.unlock(by(PASSWORD), None).await.unwrap();
    until(&app, "the first round", up_to_date).await;

    let cases = [
        ("S/MIME signed", (true, false), "Signed by Bob."),
        ("S/MIME signed (opaque)", (true, false), "Signed by Bob, opaque."),
        ("S/MIME encrypted", (false, true), "Only Alice can read this: Grüße."),
        ("S/MIME signed and encrypted", (true, true), "Signed and sealed."),
    ];
    for (subject, protected, text) in cases {
        let mails = inbox(&app).await;
        let item = mails.iter().find(|mail| mail.subject == subject).unwrap();
        let message = app.message(item.id).await.unwrap();
        let security = message.security.unwrap();
        assert!(security.sound && security.opened, "{subject}: {security:?}");
        assert_eq!((security.signed, security.encrypted), protected, "{subject}");
        assert_eq!(message.text.as_deref().map(str::trim), Some(text), "{subject}");
    }
    sealed_for_bob_and_oneself(&app, &peer).await;
    app.lock().await;
}

/// Sends a mail through the server, and opens both what comes back and what lies among the sent ones.
async fn sealed_for_bob_and_oneself(app: &App, peer: &Sogo) {
    let bob = std::fs::read(peer.directory().join("smime/bob.pem")).unwrap();
    app.import_certificates(bob).await.unwrap();
    let to = ["alice@example.test", "bob@example.test"].map(str::to_owned).to_vec();
    let protect = Protect { sign: Some(true), encrypt: Some(true), despite: Vec::new() };
    app.send(Draft { to, protect, ..draft("Round trip") }).await.unwrap();

    let arrived = until(app, "the mail", async |app| first(&inbox(app).await, "Round trip")).await;
    let sent = until(app, "its copy", async |app| {
        let sent = folder(app, FolderKind::Sent).await?;
        first(&messages(app, &sent).await, "Round trip")
    })
    .await;
    for mail in [arrived, sent] {
        let message = app.message(mail.id).await.unwrap();
        let security = message.security.unwrap();
        assert!(security.signed && security.encrypted && security.sound, "{security:?}");
        assert_eq!(message.text.as_deref().map(str::trim), Some(draft("").text.trim()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_and_events_are_written_to_a_real_server_and_read_back() {
    let peer = Sogo::start(Setup::default()).unwrap();
    let authority = Holder::root();
    let way = Way::to(peer.address(), &authority).await;
    let register_new = || {
        let root = TempDir::with_prefix("cordon-app-").unwrap();
        register_with(&root, &authority, way.address, |_| {});
        root
    };
    let (first, second) = (register_new(), register_new());
    let app = open(&first);
    app.unlock(by(PASSWORD), None).await.unwrap();
    until(&app, "the folders", entry_folders).await;

    let contact = ContactFields {
        first_name: Some("Jörg".to_owned()),
        last_name: Some("Jäger".to_owned()),
        emails: Some(vec!["jj@example.org".to_owned()]),
        notes: Some("Kennt Zürich".to_owned()),
        ..ContactFields::default()
    };
    let contact = app.add_entry(None, contact, BERLIN).await.unwrap();
    let event = EventFields {
        subject: Some("Jour fixe".to_owned()),
        location: Some("Raum 3".to_owned()),
        start: Some("2027-10-20T09:00".to_owned()),
        end: Some("2027-10-20T10:00".to_owned()),
        zone: Some("Europe/Berlin".to_owned()),
        recurrence: Some(Some(weekly())),
        ..EventFields::default()
    };
    let event = app.add_entry(None, event, BERLIN).await.unwrap();
    settled(&app, contact, event).await;
    let change = ContactFields { job_title: Some("Chef".to_owned()), ..ContactFields::default() };
    app.change_entry(contact, change, BERLIN).await.unwrap();
    let name = occurrences(&app).await[1].occurrence.clone().unwrap();
    app.remove_occurrence(event, &name).await.unwrap();
    settled(&app, contact, event).await;
    let here = times(&app).await;
    assert_eq!(
        here,
        ["2027-10-20T09:00:00+02:00", "2027-11-03T09:00:00+01:00", "2027-11-10T09:00:00+01:00"]
    );
    app.lock().await;

    // Another device of the same person has nothing but what the server says.
    let other = open(&second);
    other.unlock(by(PASSWORD), None).await.unwrap();
    let seen = until(&other, "the contact", async |app| {
        let query = EntryQuery { limit: 50, ..EntryQuery::default() };
        let contacts = app.entries::<ContactFields>(query).await.ok()?.items;
        contacts.into_iter().find(|contact| contact.entry.name == "Jörg Jäger")
    })
    .await;
    let fields = seen.entry.fields;
    assert_eq!(fields.job_title.as_deref(), Some("Chef"));
    assert_eq!(fields.emails.unwrap(), ["jj@example.org"]);
    assert_eq!(fields.notes.as_deref().map(str::trim), Some("Kennt Zürich"));
    until(&other, "the series", async |app| (times(app).await == here).then_some(())).await;
    other.remove_entry::<ContactFields>(seen.id).await.unwrap();
    until(&other, "the removal", up_to_date).await;
    other.lock().await;
}

const BERLIN: Option<&str> = Some("Europe/Berlin");

fn weekly() -> RecurrenceFields {
    RecurrenceFields {
        frequency: Frequency::Weekly,
        interval: 1,
        weekdays: vec![Weekday::Wednesday],
        week: None,
        day: None,
        month: None,
        count: Some(4),
        until: None,
    }
}

async fn entry_folders(app: &App) -> Option<()> {
    let contacts = app.entry_folders::<ContactFields>().await.ok()?;
    let events = app.entry_folders::<EventFields>().await.ok()?;
    (!contacts.is_empty() && !events.is_empty()).then_some(())
}

async fn settled(app: &App, contact: i64, event: i64) {
    until(app, "the confirmation", async |app| {
        let contact = app.entry::<ContactFields>(contact, None).await.ok()?.state;
        let event = app.entry::<EventFields>(event, None).await.ok()?.state;
        (contact == EntryStanding::Synced && event == EntryStanding::Synced).then_some(())
    })
    .await;
}

async fn occurrences(app: &App) -> Vec<OccurrenceView> {
    let all = app.occurrences("2027-10-01", "2027-12-01", None, BERLIN).await.unwrap();
    // The calendar has events of its own, on days that move with the day of the test.
    all.into_iter().filter(|one| one.subject == "Jour fixe").collect()
}

async fn times(app: &App) -> Vec<String> {
    occurrences(app).await.into_iter().map(|one| one.start).collect()
}

async fn folders_have_their_names(app: &App) {
    let folders = app.folders().await.unwrap();
    let projects = folders.iter().find(|folder| folder.name == "Projects").unwrap();
    let alpha = folders.iter().find(|folder| folder.name == "Alpha").unwrap();
    assert_eq!(alpha.parent, Some(projects.id));
    assert!(folders.iter().any(|folder| folder.name == "Ärchiv 2025"));
    for kind in [
        FolderKind::Inbox,
        FolderKind::Sent,
        FolderKind::Drafts,
        FolderKind::Deleted,
        FolderKind::Junk,
    ] {
        assert!(folders.iter().any(|folder| folder.kind == kind), "{kind:?}");
    }
}

async fn mails_can_be_read(app: &App) {
    let mails = inbox(app).await;
    let all = first(&mails, "Alle Unterlagen").unwrap();
    let message = app.message(all.id).await.unwrap();
    assert_eq!((message.body, message.attachments.len()), (BodyKind::Html, 6));
    for part in &message.attachments {
        let content = app.attachment(part.id).await.unwrap();
        let is_right = match content.media_type.as_str() {
            "image/png" => content.bytes.starts_with(b"\x89PNG"),
            "application/pdf" => content.bytes.starts_with(b"%PDF"),
            _ => !content.bytes.is_empty(),
        };
        assert!(is_right, "{}", content.name);
    }
    assert!(message.attachments.iter().any(|part| part.name == "点検表.txt"));

    let chart = first(&mails, "Chart inside the text").unwrap();
    assert!(app.frame(chart.id, false).await.unwrap().html.contains("data:image/png;base64,"));
    let tracked = first(&mails, "Weekly figures").unwrap();
    let frame = app.frame(tracked.id, false).await.unwrap();
    assert!(frame.blocked_images == 1 && !frame.html.contains("script>"));

    let signed = first(&mails, "S/MIME signed").unwrap();
    assert_eq!(app.message(signed.id).await.unwrap().protection, Protection::Smime);
    let legacy = first(&mails, "Накладная").unwrap();
    assert_eq!(
        app.message(legacy.id).await.unwrap().text.as_deref().map(str::trim),
        Some("Груз прибыл.")
    );
}

async fn up_to_date(app: &App) -> Option<()> {
    let folders = app.folders().await.ok()?;
    let synced = !folders.is_empty() && folders.iter().all(|folder| folder.synced);
    (synced && app.state().sync.state == SyncState::Idle).then_some(())
}

fn count(mails: &[MessageItem], subject: &str) -> usize {
    mails.iter().filter(|mail| mail.subject == subject).count()
}
