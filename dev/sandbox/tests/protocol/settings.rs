use activesync::codepage::provision;
use activesync::messages::*;
use activesync::query::{Command, Version};
use activesync::status::Status;
use bytes::Bytes;
use sandbox::Options;
use secrecy::ExposeSecret;
use time::macros::datetime;

use crate::client::{Client, options, ready};

async fn oof(client: &Client, request: OofRequest) -> (Status, Option<Oof>) {
    let request = SettingsRequest { oof: Some(request), ..SettingsRequest::default() };
    client.settings(&request).await.oof.unwrap()
}

fn reply(text: &str, body_type: OofBodyType) -> OofMessage {
    OofMessage {
        enabled: Some(true),
        reply: Some(text.to_owned()),
        body_type: Some(body_type),
        ..OofMessage::default()
    }
}

/// In the office replies for colleagues and for strangers, none for who is known outside.
fn away(state: OofState) -> Oof {
    Oof {
        state: Some(state),
        start: None,
        end: None,
        messages: vec![
            OofMessage { internal: true, ..reply("Bin am Montag zurück.", OofBodyType::Text) },
            OofMessage { external_unknown: true, ..reply("<p>Away.</p>", OofBodyType::Html) },
        ],
    }
}

#[tokio::test]
async fn out_of_office_is_kept_and_told() {
    let (_running, client) = ready(options()).await;
    let (status, told) = oof(&client, OofRequest::Get(OofBodyType::Html)).await;
    let told = told.unwrap();
    assert_eq!((status, told.state, told.messages.len()), (Status::OK, Some(OofState::Off), 3));
    assert!(told.messages.iter().all(|message| message.enabled == Some(false)));

    let window = (datetime!(2026-09-20 06:00 UTC), datetime!(2026-09-27 06:00 UTC));
    let scheduled = Oof { start: Some(window.0), end: Some(window.1), ..away(OofState::Scheduled) };
    assert_eq!(oof(&client, OofRequest::Set(scheduled)).await, (Status::OK, None));
    let other = Client { device: "Device2", ..client.clone() };
    let told = oof(&other, OofRequest::Get(OofBodyType::Text)).await.1.unwrap();
    assert_eq!((told.start, told.end), (Some(window.0), Some(window.1)));
    assert_eq!(told.messages[0].reply.as_deref(), Some("Bin am Montag zurück."));
    assert!(told.messages[0].internal && told.messages[2].external_unknown);
    assert_eq!(told.messages[1].enabled, Some(false));
    assert_eq!(told.messages[2].reply.as_deref().map(str::trim), Some("Away."));

    let wrong = Oof { end: Some(window.0), start: Some(window.1), ..away(OofState::Scheduled) };
    assert_eq!(oof(&client, OofRequest::Set(wrong)).await.0, Status(6));
    let half = Oof { start: Some(window.0), ..away(OofState::Scheduled) };
    assert_eq!(oof(&client, OofRequest::Set(half)).await.0, Status(2));
}

#[tokio::test]
async fn who_is_away_answers_everybody_once() {
    let (running, client) = ready(options()).await;
    let bob = Client::new(&running, "bob");
    bob.folders("0").await;
    let before = running.mails("bob", FolderKind::Inbox).unwrap().len();
    let write = async |id: &str, extra: &str| {
        let mime = format!(
            "From: bob@example.test\r\nTo: alice@example.test\r\n{extra}Subject: Plan\r\n\r\nHi\r\n"
        );
        let request = SendMailRequest {
            client_id: id.to_owned(),
            account_id: None,
            save_in_sent_items: false,
            mime: Bytes::from(mime),
            template_id: None,
        };
        assert!(bob.post(Command::SendMail, request.encode()).await.is_empty());
    };
    write("0", "").await;
    oof(&client, OofRequest::Set(away(OofState::On))).await;
    write("1", "Auto-Submitted: auto-replied\r\n").await;
    write("2", "Precedence: bulk\r\n").await;
    assert_eq!(running.mails("bob", FolderKind::Inbox).unwrap().len(), before);
    write("3", "Message-ID: <plan@example.test>\r\n").await;
    write("4", "").await;
    let inbox = running.mails("bob", FolderKind::Inbox).unwrap();
    assert_eq!(inbox.len(), before + 1);
    let answer = String::from_utf8(inbox[0].mime.to_vec()).unwrap();
    assert_eq!(
        (inbox[0].subject.as_str(), inbox[0].from.as_str()),
        ("Automatic reply: Plan", "alice@example.test")
    );
    for part in
        ["Auto-Submitted: auto-replied", "In-Reply-To: <plan@example.test>", "Alice Lindqvist"]
    {
        assert!(answer.contains(part), "{answer}");
    }

    running.deliver_text("alice", "news@nobody.test", "Offer", "x").unwrap();
    running.deliver_text("alice", "NEWS@nobody.test", "Offer", "x").unwrap();
    let answers = running.automatic_answers("alice").unwrap();
    assert_eq!(answers.len(), 2);
    assert!(String::from_utf8_lossy(&answers[1]).contains("<p>Away.</p>"));
    oof(&client, OofRequest::Set(Oof { messages: vec![], ..away(OofState::Off) })).await;
    write("5", "").await;
    assert_eq!(running.automatic_answers("alice").unwrap().len(), 2);
}

#[tokio::test]
async fn who_is_known_outside_has_an_answer_of_their_own() {
    let (running, client) = ready(options()).await;
    let messages =
        vec![OofMessage { external_known: true, ..reply("Call me.", OofBodyType::Text) }];
    oof(&client, OofRequest::Set(Oof { messages, ..away(OofState::On) })).await;
    running.deliver_text("alice", "jonas.brandt@nordlicht.test", "Hello", "x").unwrap();
    running.deliver_text("alice", "news@nobody.test", "Hello", "x").unwrap();
    let answers = running.automatic_answers("alice").unwrap();
    assert_eq!(answers.len(), 1);
    assert!(String::from_utf8_lossy(&answers[0]).contains("To: <jonas.brandt@nordlicht.test>"));
}

#[tokio::test]
async fn the_user_has_an_address_in_the_form_of_the_version() {
    let (_running, client) =
        ready(Options { versions: vec![Version::V14_0, Version::V16_1], ..options() }).await;
    let request = SettingsRequest {
        user_information: true,
        rights_management: true,
        ..SettingsRequest::default()
    };
    let answer = client.settings(&request).await;
    let Some((Status::OK, Some(UserInformation::Accounts(accounts)))) = answer.user_information
    else {
        panic!("{answer:?}")
    };
    assert_eq!(accounts[0].addresses.primary.as_deref(), Some("alice@example.test"));
    assert_eq!(accounts[0].user_display_name.as_deref(), Some("Alice Lindqvist"));
    assert_eq!((accounts[0].account_id.as_ref(), accounts.len()), (None, 1));
    assert_eq!(answer.rights_management, Some((Status::OK, vec![])));
    let old = Client { version: Version::V14_0, ..client };
    let answer = old.settings(&request).await;
    let addresses = Addresses { smtp: vec!["alice@example.test".into()], primary: None };
    assert_eq!(
        answer.user_information,
        Some((Status::OK, Some(UserInformation::Addresses(addresses))))
    );
    assert_eq!(answer.rights_management, Some((Status(2), vec![])));
}

#[tokio::test]
async fn only_a_policy_that_says_so_keeps_a_recovery_password() {
    let request = SettingsRequest {
        device_password: Some(RecoveryPassword("4711-0815".into())),
        device_information: Some(DeviceInformation {
            model: Some("Tester".into()),
            ..DeviceInformation::default()
        }),
        ..SettingsRequest::default()
    };
    let (running, client) = ready(options()).await;
    let answer = client.settings(&request).await;
    assert_eq!(
        (answer.device_password, answer.device_information),
        (Some(Status(7)), Some(Status::OK))
    );
    assert!(running.recovery_password("alice", "Device1").unwrap().is_none());
    assert_eq!(
        running.devices("alice").unwrap()[0].information.as_ref().unwrap().model.as_deref(),
        Some("Tester")
    );

    let setting = PolicySetting::new(provision::PASSWORD_RECOVERY_ENABLED, "1");
    let policy = Some(PolicyDocument { settings: vec![setting] });
    let (running, client) = ready(Options { policy, ..options() }).await;
    assert_eq!(client.settings(&request).await.device_password, Some(Status::OK));
    let kept = running.recovery_password("alice", "Device1").unwrap().unwrap();
    assert_eq!(kept.expose_secret(), "4711-0815");
    assert_eq!(client.settings(&SettingsRequest::default()).await.status, Status(2));
}
