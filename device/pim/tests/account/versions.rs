//! What differs between versions, how they are agreed on, and where the server is.

use activesync::{
    messages::{SettingsAnswer, SettingsRequest},
    query::{Command, Version},
    status::Status,
};
use pim::{
    Answer, Content, Event, OutboxId, OutboxRecord, OutboxState, Outcome, Phase, Preferences, Verb,
    Want,
};
use time::Duration;

use crate::desk::{Desk, ok, policy, primed, refusal, status, tree};

#[test]
fn the_newest_version_can_be_limited_at_any_time() {
    let mut desk = offered(
        "12.1,14.1,16.1",
        Preferences { newest_version: Some(Version::V14_1), ..preferences() },
    );
    assert_eq!(desk.version(), Version::V14_1);

    desk.account.prefer(Preferences { newest_version: Some(Version::V12_1), ..preferences() });
    desk.answers(versions("12.1,14.1,16.1"));
    assert_eq!(desk.version(), Version::V12_1);

    desk.account.prefer(preferences());
    desk.answers(versions("12.1,14.1,16.1"));
    assert_eq!(desk.version(), Version::V16_1);
}

#[test]
fn a_server_that_offers_only_what_is_too_new_is_left_alone() {
    let mut desk =
        Desk::with(Preferences { newest_version: Some(Version::V14_1), ..preferences() });
    desk.answers(versions("16.0,16.1"));
    desk.rests(Phase::Refused, "version_not_supported", Duration::minutes(30));
}

#[test]
fn an_offer_that_shrinks_or_grows_is_followed() {
    let mut desk = Desk::watching();
    desk.account.sync_now();
    desk.answers(refusal(Command::FolderSync, 138));
    desk.answers(versions("12.1,14.0"));
    assert_eq!((desk.command(), desk.version()), (Command::Settings, Version::V14_0));
    desk.answers(ok(SettingsAnswer::new(Status::OK).encode()));
    desk.answers(tree());

    desk.now += Duration::days(2);
    assert_eq!(desk.peek().verb, Verb::Options);
    desk.answers(versions("12.1,14.0,14.1,16.0"));
    desk.account.sync_now();
    assert_eq!(desk.version(), Version::V16_0);
}

#[test]
fn a_version_that_is_offered_and_refused_is_not_spoken() {
    for refused in [refusal(Command::FolderSync, 138), status(505)] {
        let mut desk = Desk::watching();
        desk.account.sync_now();
        let mut spoken = Vec::new();
        while spoken.len() < 3 {
            spoken.push(desk.version());
            desk.answers(refused.clone());
            desk.answers(versions("14.1,16.0,16.1"));
        }
        // It is believed once more after it was asked.
        assert_eq!(spoken, [Version::V14_1, Version::V16_1, Version::V16_0]);
        desk.answers(tree());
        desk.now += Duration::days(2);
        desk.answers(versions("14.1,16.0,16.1"));
        desk.account.sync_now();
        assert_eq!(desk.version(), Version::V16_1, "a day later it is tried again");
    }
}

#[test]
fn a_server_that_tells_nothing_is_tried_from_above() {
    let mut desk = Desk::new();
    desk.answers(ok(Vec::new()));
    let mut spoken = vec![desk.version()];
    while spoken.len() < 4 {
        desk.answers(status(400));
        desk.answers(ok(Vec::new()));
        spoken.push(desk.version());
    }
    assert_eq!(spoken, [Version::V14_1, Version::V14_1, Version::V14_0, Version::V12_1]);
    desk.answers(ok(policy(2, None, None)));
    desk.answers(ok(SettingsAnswer::new(Status::OK).encode()));
    desk.answers(tree());
    assert_eq!(desk.version(), Version::V12_1);
}

#[test]
fn a_server_that_finds_everything_bad_is_not_taken_for_an_old_one() {
    let mut desk = Desk::asked();
    desk.answers(status(400));
    desk.answers(versions("14.1"));
    desk.answers(status(400));
    desk.rests(Phase::Error, "http_400", Duration::seconds(3));
}

#[test]
fn old_servers_are_told_of_the_device_by_settings() {
    for (version, told) in [("12.1", true), ("14.0", true), ("14.1", false), ("16.1", false)] {
        let mut desk = offered(version, preferences());
        let provision = activesync::messages::ProvisionRequest::decode(&desk.wbxml()).unwrap();
        assert_eq!(provision.device_information.is_none(), told, "{version}");
        desk.answers(ok(policy(2, None, None)));
        assert_eq!(desk.command() == Command::Settings, told, "{version}");
        if !told {
            continue;
        }
        let request = SettingsRequest::decode(&desk.wbxml()).unwrap();
        let device = request.device_information.unwrap();
        assert_eq!((device.model.as_deref(), device.user_agent), (Some("Test"), None));
        desk.answers(ok(SettingsAnswer::new(Status::OK).encode()));
        assert_eq!(desk.command(), Command::FolderSync);
    }
}

#[test]
fn a_server_that_takes_no_description_is_used_without() {
    for refused in
        [status(501), status(400), status(500), ok(vec![1]), refusal(Command::Settings, 110)]
    {
        let mut desk = offered("14.0", preferences());
        desk.answers(ok(policy(2, None, None)));
        desk.answers(refused);
        assert_eq!(desk.command(), Command::FolderSync);
    }
    let mut desk = offered("14.0", preferences());
    desk.answers(ok(policy(2, None, None)));
    for _ in 0..2 {
        desk.answers(refusal(Command::Settings, 142));
        desk.answers(ok(policy(2, None, None)));
    }
    assert_eq!(desk.command(), Command::FolderSync);
}

#[test]
fn the_oldest_version_names_the_class_of_a_folder_and_asks_for_no_preview() {
    let mut desk = listed("12.1");
    let first = desk.sync();
    assert_eq!(first.collections[0].class.as_deref(), Some("Email"));
    desk.answers(primed());
    let next = desk.sync();
    let [collection] = &next.collections[..] else { panic!("one folder") };
    assert_eq!(collection.class.as_deref(), Some("Email"));
    let previews = collection.options[0].body_preferences.iter().map(|one| one.preview);
    assert!(previews.eq([None, None]));
}

#[test]
fn the_oldest_version_sends_mails_as_they_are() {
    for (version, bare) in [("12.1", true), ("14.0", false)] {
        let mut desk = listed(version);
        desk.account.submit(outgoing(desk.now));
        let request = desk.next();
        let content = match &request.content {
            Content::Mime(mail) => (*mail, true),
            Content::Mail { mail, .. } => (*mail, false),
            Content::Empty | Content::Sync(_) | Content::Wbxml(_) => panic!("a mail is sent"),
        };
        assert_eq!(content, (OutboxId(7), bare));
        assert_eq!(request.parameters.save_in_sent, bare);
        let sent =
            desk.account.handle(request.ticket, Outcome::Answered(ok(Vec::new())), desk.now, 0);
        assert!(sent.changes.contains(&pim::Change::RemoveOutbox(OutboxId(7))), "{version}");
    }
}

#[test]
fn a_full_mailbox_is_told_and_the_mail_not_sent_again() {
    let mut desk = listed("12.1");
    desk.account.submit(outgoing(desk.now));
    let effects = desk.answers(status(507));
    let failed = OutboxState::Failed("http_507".to_owned());
    let told = effects
        .changes
        .iter()
        .any(|change| matches!(change, pim::Change::PutOutbox(record) if record.state == failed));
    assert!(told, "{effects:?}");
}

#[test]
fn the_oldest_version_has_another_way_to_attachments() {
    let mut desk = listed("12.1");
    let want = Want::Attachment("a b".to_owned());
    desk.account.fetch(want.clone(), desk.now).unwrap();
    desk.answers(status(501));
    let request = desk.peek();
    assert_eq!(desk.command(), Command::GetAttachment);
    assert_eq!(request.parameters.attachment_name.as_deref(), Some("a b"));
    let page =
        Answer { content_type: Some("text/html".to_owned()), ..ok(b"<p>attached</p>".to_vec()) };
    let effects = desk.answers(page);
    let fetched = Ok(pim::Fetched::Attachment("<p>attached</p>".into()));
    assert_eq!(effects.events, [Event::Fetched { want: want.clone(), result: fetched }]);

    desk.account.fetch(want.clone(), desk.now).unwrap();
    let effects = desk.answers(status(501));
    let failed = Err(pim::FetchFailure::Unreachable("not_supported".to_owned()));
    assert_eq!(effects.events, [Event::Fetched { want, result: failed }]);
}

#[test]
fn a_mailbox_that_moved_is_followed_but_not_in_circles() {
    let moved = Answer { location: Some("https://other.example/".to_owned()), ..status(451) };
    let mut desk = Desk::watching();
    let (held, _) = desk.push();
    desk.account.sync_now();
    for _ in 0..3 {
        let effects = desk.answers(moved.clone());
        assert_eq!(effects.events.last(), Some(&Event::Moved("https://other.example/".to_owned())));
        assert_eq!(desk.peek().verb, Verb::Options, "it asks again what is there");
    }
    desk.account.handle(held.ticket, Outcome::Cancelled, desk.now, 0);
    assert_eq!(desk.answers(moved.clone()).events, []);
    desk.rests(Phase::Error, "moved_in_circles", Duration::seconds(3));

    let mut desk = Desk::watching();
    desk.account.sync_now();
    desk.answers(moved.clone());
    desk.answers(versions("14.1"));
    desk.answers(tree());
    desk.account.sync_now();
    assert_eq!(desk.answers(moved).events.len(), 1, "after success it is no circle");
}

#[test]
fn a_mailbox_that_moved_nobody_knows_where_is_told() {
    let mut desk = Desk::watching();
    desk.account.sync_now();
    assert_eq!(desk.answers(status(451)).events, []);
    desk.rests(Phase::Error, "moved", Duration::seconds(3));

    let mut desk = Desk::asked();
    desk.account.stay(desk.now);
    desk.rests(Phase::Refused, "moved_elsewhere", Duration::minutes(30));
}

#[test]
fn whoever_wants_a_token_is_not_offered_the_password_again() {
    let mut desk = Desk::watching();
    desk.account.sync_now();
    desk.answers(Answer { wants_token: true, ..status(401) });
    let progress = desk.account.progress(desk.now);
    assert_eq!((progress.detail.as_deref(), progress.needs_password), (Some("token_wanted"), true));

    desk.account.password_given();
    let request = desk.next();
    desk.account.handle(request.ticket, Outcome::NoCredentials, desk.now, 0);
    let progress = desk.account.progress(desk.now);
    assert_eq!(
        (progress.detail.as_deref(), progress.needs_password),
        (Some("sign_in_needed"), true)
    );
}

fn preferences() -> Preferences {
    let device = activesync::messages::DeviceInformation {
        model: Some("Test".to_owned()),
        user_agent: Some("test/1".to_owned()),
        ..Default::default()
    };
    Preferences { device, ..Preferences::default() }
}

fn versions(offered: &str) -> Answer {
    Answer { versions: Some(offered.to_owned()), ..ok(Vec::new()) }
}

fn offered(versions_offered: &str, preferences: Preferences) -> Desk {
    let mut desk = Desk::with(preferences);
    desk.answers(versions(versions_offered));
    desk
}

fn listed(version: &str) -> Desk {
    let mut desk = offered(version, preferences());
    desk.answers(ok(policy(2, None, None)));
    desk.answers(ok(SettingsAnswer::new(Status::OK).encode()));
    desk.answers(tree());
    desk
}

fn outgoing(now: time::OffsetDateTime) -> OutboxRecord {
    OutboxRecord {
        original: None,
        id: OutboxId(7),
        client_id: "c7".to_owned(),
        message_id: "7@example.test".to_owned(),
        created: now,
        state: OutboxState::Waiting,
        tries: 0,
    }
}
