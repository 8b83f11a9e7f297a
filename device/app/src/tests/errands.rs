//! What a person asks of the server directly: of the sample server, and of a real one.

use activesync::messages::FolderKind as Kind;
use activesync::query::{Command, Version};
use sandbox::Fault;
use tempfile::TempDir;
use testkit::sogo::{Setup, Sogo};
use time::macros::datetime;

use super::ground::{Ground, Holder, PASSWORD, Way, by, folder, inbox, open, register_with, until};
use super::{first, synced};
use crate::{
    App, AutoReply, Away, CertificateVerdict, ErrandError, FolderKind, FolderView, FreeBusy,
    FreeTime, Meant, OutOfOfficeChange, ReplyText, SearchScope, SyncState,
};

#[tokio::test(flavor = "multi_thread")]
async fn folders_change_on_the_server_and_here_at_once() {
    for version in [Version::V14_1, Version::V16_1] {
        let ground = Ground::new(|options| options.versions = vec![version]).await;
        synced(&ground).await;
        let app = &ground.app;

        let made = app.create_folder(None, "Projects".to_owned()).await.unwrap();
        let inner = app.create_folder(Some(made), "Alpha".to_owned()).await.unwrap();
        app.rename_folder(inner, "Beta".to_owned()).await.unwrap();
        let other = app.create_folder(None, "Beta".to_owned()).await.unwrap();
        let taken = app.move_folder(inner, None).await;
        assert!(matches!(taken, Err(ErrandError::NameTaken)), "{taken:?}");
        app.move_folder(other, Some(inner)).await.unwrap();
        let inside = app.move_folder(made, Some(other)).await;
        assert!(matches!(inside, Err(ErrandError::Impossible { code: "inside_itself" })));
        let view =
            |id| async move { app.folders().await.unwrap().into_iter().find(|f| f.id == id) };
        assert_eq!(view(other).await.unwrap().parent, Some(inner));

        let inbox = folder(app, FolderKind::Inbox).await.unwrap().id;
        for kept in [app.delete_folder(inbox).await, app.empty_folder(inbox, false).await] {
            assert!(matches!(kept, Err(ErrandError::Protected)), "{kept:?}");
        }
        app.delete_folder(made).await.unwrap();
        for gone in [made, inner, other] {
            assert_eq!(view(gone).await, None);
        }
        let missing = app.rename_folder(made, "x".to_owned()).await;
        assert!(matches!(missing, Err(ErrandError::Missing)), "{missing:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_folders_whose_answer_was_lost_is_told_and_found() {
    let ground = Ground::new(|_| ()).await;
    synced(&ground).await;
    ground.server.fail_next("alice", Some(Command::FolderCreate), Fault::LoseAnswer).unwrap();

    let lost = ground.app.create_folder(None, "Once".to_owned()).await;

    assert!(matches!(lost, Err(ErrandError::Uncertain)), "{lost:?}");
    let once = ground.until("the folder", async |app| named(app, "Once").await).await;
    ground.app.delete_folder(once.id).await.unwrap();
    ground.way.cut();
    let offline = ground.app.create_folder(None, "Twice".to_owned()).await;
    assert!(matches!(offline, Err(ErrandError::Unreachable { .. })), "{offline:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_in_the_directory_with_their_photos() {
    for version in [Version::V14_1, Version::V16_1] {
        let ground = Ground::new(|options| options.versions = vec![version]).await;
        let find = async |words: &str, offset, photos| {
            ground.app.directory(words, offset, 2, photos).await.unwrap()
        };

        let annas = find("anna", 0, true).await;
        let names: Vec<_> = annas.people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!(names, ["Anna Schmidt", "Anna Schmitz"]);
        assert_eq!(annas.total, 2);
        assert!(annas.people[0].photo.as_ref().is_some_and(|photo| photo.starts_with(b"\xff\xd8")));
        assert_eq!(
            (&annas.people[1].photo, &find("anna", 0, false).await.people[0].photo),
            (&None, &None)
        );
        let second = find("schmi", 1, false).await;
        assert_eq!(second.people[0].name, "Anna Schmitz");
        assert_eq!(find("nobody", 0, true).await.people, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn absences_are_set_and_read_back() {
    let ground = Ground::new(|_| ()).await;
    let (start, end) = (datetime!(2026-12-24 0:00 UTC), datetime!(2026-12-31 0:00 UTC));
    let reply = |sent, text: &str| AutoReply { sent, text: ReplyText::Plain(text.to_owned()) };
    let change = OutOfOfficeChange {
        away: Away::Between { start, end },
        internal: Some(reply(true, "Away until January ü")),
        known: Some(reply(true, "Away")),
        unknown: None,
    };

    ground.app.set_out_of_office(change).await.unwrap();

    let read = ground.app.out_of_office(false).await.unwrap();
    assert_eq!(read.away, Away::Between { start, end });
    assert_eq!(
        (&read.internal, &read.known),
        (&reply(true, "Away until January ü"), &reply(true, "Away"))
    );
    assert!(!read.unknown.sent);
    let html = ground.app.out_of_office(true).await.unwrap();
    assert!(matches!(html.internal.text, ReplyText::Html(html) if html.contains("January")));
    let off = OutOfOfficeChange { away: Away::No, internal: None, known: None, unknown: None };
    ground.app.set_out_of_office(off).await.unwrap();
    let read = ground.app.out_of_office(false).await.unwrap();
    assert_eq!((read.away, read.internal), (Away::No, reply(true, "Away until January ü")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_finds_what_is_here_and_what_is_not() {
    for version in [Version::V14_1, Version::V16_1] {
        let ground = Ground::new(|options| {
            (options.versions, options.samples) = (vec![version], false);
        })
        .await;
        for (from, subject) in [("bob", "Quartal"), ("carol", "Umzug")] {
            let from = format!("{from}@example.test");
            ground.server.deliver_text("alice", &from, subject, "in Zürich im Mai").unwrap();
        }
        synced(&ground).await;
        let here = first(&inbox(&ground.app).await, "Quartal").unwrap();
        let search =
            async |typed: &str, scope| ground.app.search_server(typed, scope, 0, 10).await.unwrap();

        let found = search("Zürich from:bob", SearchScope::default()).await;
        let [mail] = &found.items[..] else { panic!("{found:?}") };
        assert_eq!((mail.message, mail.folder), (Some(here.id), Some(here.folder)));
        assert_eq!(
            (mail.subject.as_str(), mail.from.address.as_str()),
            ("Quartal", "bob@example.test")
        );
        assert_eq!(mail.date.map(|date| date.unix_timestamp()), Some(here.date.unix_timestamp()));
        let inbox = SearchScope { folder: Some(here.folder), zone_minutes: 60 };
        assert_eq!(search("zürich after:2020-01-01 ", inbox).await.items.len(), 2);
        let there = ground.server.mails("alice", Kind::Inbox).unwrap();
        let moved = there.iter().find(|mail| mail.subject == "Umzug").unwrap();
        assert_eq!(search("umzug ", inbox).await.items[0].subject, moved.subject);
        assert_eq!(search("nirgends ", inbox).await.total, 0);
        let empty = ground.app.search_server("is:read", inbox, 0, 10).await;
        assert!(matches!(empty, Err(ErrandError::Impossible { code: "no_words" })));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_server_does_what_a_person_asks() {
    let peer = Sogo::start(Setup::default()).unwrap();
    let authority = Holder::root();
    let way = Way::to(peer.address(), &authority).await;
    let root = TempDir::with_prefix("cordon-app-").unwrap();
    register_with(&root, &authority, way.address, |_| {});
    let app = open(&root);
    app.unlock(by(PASSWORD), None).await.unwrap();
    until(&app, "the first round", at_rest).await;

    folders_are_changed(&app, &way).await;
    people_are_found(&app).await;
    an_absence_is_set(&app).await;
    mails_are_found(&app).await;
    app.lock().await;
}

async fn people_are_found(app: &App) {
    let found = app.directory("bob", 0, 10, true).await.unwrap();
    let bob = found.people.iter().find(|person| person.address == "bob@example.test").unwrap();
    assert!(bob.name.contains("Bob"), "{bob:?}");
    assert_eq!(app.directory("zzz", 0, 10, false).await.unwrap().people, []);

    let names = ["bob@example.test", "nobody@example.test"].map(str::to_owned).to_vec();
    let (start, end) = (datetime!(2026-11-25 0:00 +1), datetime!(2026-11-25 12:00 +1));
    let people = app.availability(names.clone(), start, end).await.unwrap();
    assert_eq!((people[0].meant, people[1].meant), (Meant::One, Meant::Nobody));
    let Some(FreeTime::Known(periods)) = &people[0].people[0].free_time else {
        panic!("{people:?}")
    };
    assert_eq!((periods[0].start, periods.last().unwrap().end), (start, end));
    assert!(periods.iter().all(|period| period.state != FreeBusy::Unknown), "{periods:?}");
    let certificates = app.certificates(names).await;
    assert!(matches!(certificates, Err(ErrandError::Unsupported)), "{certificates:?}");
    let verdicts = app.check_certificates(vec![b"no certificate".to_vec()], Vec::new(), false);
    assert_ne!(verdicts.await.unwrap(), [CertificateVerdict::Good]);
}

async fn an_absence_is_set(app: &App) {
    let (start, end) = (datetime!(2026-12-24 0:00 UTC), datetime!(2026-12-31 0:00 UTC));
    let text = ReplyText::Plain("Away till New Year ü".to_owned());
    let internal = Some(AutoReply { sent: true, text });
    let away = Away::Between { start, end };
    let change = OutOfOfficeChange { away, internal: internal.clone(), known: None, unknown: None };
    app.set_out_of_office(change).await.unwrap();
    let read = app.out_of_office(false).await.unwrap();
    assert_eq!((read.away, Some(read.internal)), (away, internal));
    let off = OutOfOfficeChange { away: Away::No, internal: None, known: None, unknown: None };
    app.set_out_of_office(off).await.unwrap();
    assert_eq!(app.out_of_office(false).await.unwrap().away, Away::No);
}

async fn mails_are_found(app: &App) {
    let here = first(&inbox(app).await, "Weekly figures").unwrap();
    let scope = SearchScope { folder: Some(here.folder), zone_minutes: 0 };
    let found = app.search_server("weekly ", scope, 0, 10).await.unwrap();
    let mail = found.items.iter().find(|mail| mail.subject == here.subject).unwrap();
    assert_eq!((mail.message, mail.folder), (Some(here.id), Some(here.folder)));
}

async fn folders_are_changed(app: &App, way: &Way) {
    let projects = named(app, "Projects").await.unwrap();
    let beta = named(app, "Beta").await.unwrap();
    let made = app.create_folder(Some(projects.id), "Gamma ü".to_owned()).await.unwrap();
    let gamma = named(app, "Gamma ü").await.unwrap();
    assert_eq!((gamma.id, gamma.parent, gamma.kind), (made, Some(projects.id), FolderKind::User));
    app.rename_folder(made, "Delta".to_owned()).await.unwrap();
    app.move_folder(beta.id, Some(made)).await.unwrap();
    assert_eq!(named(app, "Delta").await.unwrap().id, made);
    assert_eq!(named(app, "Beta").await.unwrap().parent, Some(made));
    until(app, "the tree", at_rest).await;

    let twice = app.create_folder(Some(projects.id), "delta".to_owned()).await;
    assert!(matches!(twice, Err(ErrandError::NameTaken)), "{twice:?}");
    let inbox = folder(app, FolderKind::Inbox).await.unwrap();
    let junk = folder(app, FolderKind::Junk).await.unwrap();
    for kept in [inbox.id, junk.id] {
        let refused = app.delete_folder(kept).await;
        assert!(matches!(refused, Err(ErrandError::Protected)), "{refused:?}");
    }
    assert_eq!(way.requests(Command::FolderDelete), 0, "nobody was asked");

    way.lose_answer(Command::FolderCreate);
    let lost = app.create_folder(None, "Once".to_owned()).await;
    assert!(matches!(lost, Err(ErrandError::Uncertain)), "{lost:?}");
    let once = until(app, "the folder after all", async |app| named(app, "Once").await).await;
    until(app, "rest after the loss", at_rest).await;

    app.empty_folder(once.id, true).await.unwrap();
    let trash = folder(app, FolderKind::Deleted).await.unwrap();
    app.empty_folder(trash.id, true).await.unwrap();
    app.delete_folder(made).await.unwrap();
    assert_eq!((named(app, "Delta").await, named(app, "Beta").await), (None, None));
    app.sync_now().await.unwrap();
    until(app, "rest at the end", at_rest).await;
    assert!(named(app, "Once").await.is_some() && named(app, "Alpha").await.is_some());
}

async fn named(app: &App, name: &str) -> Option<FolderView> {
    app.folders().await.ok()?.into_iter().find(|folder| folder.name == name)
}

async fn at_rest(app: &App) -> Option<()> {
    let folders = app.folders().await.ok()?;
    let synced = !folders.is_empty() && folders.iter().all(|folder| folder.synced);
    (synced && app.state().sync.state == SyncState::Idle).then_some(())
}
