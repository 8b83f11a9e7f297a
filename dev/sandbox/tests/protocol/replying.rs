use activesync::messages::*;
use activesync::query::{Command, DeviceId, Form, Query, Version};
use activesync::refusal;
use activesync::status::Status;
use bytes::Bytes;
use hyper::StatusCode;
use mail_parser::{MessageParser, MimeHeaders};
use sandbox::{Fault, MailView, Options, Running};

use crate::client::{Client, options, ready};

const OFFER: &str = "AW: Angebot Nordlicht, zweite Fassung";

async fn original(client: &Client, subject: &str) -> String {
    let (_, mails) = client.load("f1", SyncOptions::default()).await;
    mails.into_iter().find(|(_, mail)| mail.subject.as_deref() == Some(subject)).unwrap().0
}

fn request(forward: bool, item_id: &str, mime: &str) -> SmartMailRequest {
    SmartMailRequest {
        forward,
        client_id: "r1".into(),
        account_id: None,
        save_in_sent_items: true,
        replace_mime: false,
        source: SmartSource::Item { folder_id: "f1".into(), item_id: item_id.to_owned() },
        instance: None,
        mime: Some(Bytes::copy_from_slice(mime.as_bytes())),
        template_id: None,
        forwardees: vec![],
        body: None,
    }
}

fn to(people: &str) -> String {
    format!("From: alice@example.test\r\nTo: {people}\r\nSubject: Written now\r\n\r\nMy words.\r\n")
}

async fn refused(client: &Client, request: &SmartMailRequest, status: u16) {
    let answer = client.post(request.command(), request.encode()).await.to_vec();
    assert_eq!(Some(answer), refusal::body(request.command(), Status(status)), "{request:?}");
}

fn arrived(running: &Running, account: &str) -> MailView {
    let inbox = running.mails(account, FolderKind::Inbox).unwrap();
    inbox.into_iter().find(|mail| mail.subject == "Written now").unwrap()
}

async fn verb(client: &Client, id: &str) -> Option<LastVerb> {
    let (_, mails) = client.load("f1", SyncOptions::default()).await;
    mails.into_iter().find(|(known, _)| known == id).unwrap().1.last_verb
}

#[tokio::test]
async fn an_answer_has_the_original_below_it() {
    let (running, client) = ready(options()).await;
    let id = original(&client, OFFER).await;
    assert_eq!(verb(&client, &id).await, None);
    let answer = request(false, &id, &to("bob@example.test, jonas.brandt@nordlicht.test"));
    assert!(client.post(Command::SmartReply, answer.encode()).await.is_empty());
    let mail = arrived(&running, "bob");
    let message = MessageParser::default().parse(mail.mime.as_ref()).unwrap();
    let text = message.body_text(0).unwrap();
    assert!(text.starts_with("My words."), "{text}");
    for part in
        ["-----Original Message-----", "From: Jonas Brandt <jonas.brandt@nordlicht.test>", OFFER]
    {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(message.attachment_count(), 0);
    assert!(message.in_reply_to().as_text().is_some());
    assert_eq!(running.mails("alice", FolderKind::Sent).unwrap()[0].subject, "Written now");
    assert_eq!(verb(&client, &id).await, Some(LastVerb::ReplyAll));
    refused(&client, &answer, 118).await;

    let alone = SmartMailRequest {
        client_id: "r2".into(),
        ..request(false, &id, &to("jonas.brandt@nordlicht.test"))
    };
    assert!(client.post(Command::SmartReply, alone.encode()).await.is_empty());
    assert_eq!(verb(&client, &id).await, Some(LastVerb::Reply));
}

#[tokio::test]
async fn a_forward_has_the_files_of_the_original() {
    let (running, client) = ready(options()).await;
    let id = original(&client, OFFER).await;
    let (key, _) = client.load("f1", SyncOptions::default()).await;
    let other = Client { device: "Device2", ..client.clone() };
    other.folders("0").await;
    let forward = request(true, &id, &to("bob@example.test"));
    assert!(other.post(Command::SmartForward, forward.encode()).await.is_empty());
    let mail = arrived(&running, "bob");
    let message = MessageParser::default().parse(mail.mime.as_ref()).unwrap();
    let names: Vec<_> = message.attachments().filter_map(|part| part.attachment_name()).collect();
    assert_eq!(names, ["Angebot_Nordlicht_v2.pdf", "Kalkulation.csv"]);
    assert!(message.attachments().next().unwrap().contents().starts_with(b"%PDF-1.4"));
    assert!(message.body_text(0).unwrap().contains("My words."));
    let told = client.sync(crate::client::collection("f1", &key)).await.unwrap();
    let [ServerCommand::Change { server_id, item }] = &told.commands[..] else {
        panic!("{told:?}")
    };
    assert_eq!(server_id, &id);
    assert_eq!(item.clone().into_email().unwrap().last_verb, Some(LastVerb::Forward));
}

#[tokio::test]
async fn a_complete_message_is_sent_as_it_is() {
    let (running, client) = ready(options()).await;
    let id = original(&client, OFFER).await;
    let whole = SmartMailRequest {
        replace_mime: true,
        save_in_sent_items: false,
        ..request(true, &id, &to("bob@example.test"))
    };
    let sent = running.mails("alice", FolderKind::Sent).unwrap().len();
    assert!(client.post(Command::SmartForward, whole.encode()).await.is_empty());
    assert!(arrived(&running, "bob").mime.ends_with(b"\r\n\r\nMy words.\r\n"));
    assert_eq!(running.mails("alice", FolderKind::Sent).unwrap().len(), sent);
    assert_eq!(verb(&client, &id).await, Some(LastVerb::Forward));
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused() {
    let (running, client) = ready(options()).await;
    let id = original(&client, OFFER).await;
    let mime = to("bob@example.test");
    refused(&client, &request(false, "{999}%2F", &mime), 150).await;
    let elsewhere = SmartSource::Item { folder_id: "f4".into(), item_id: id.clone() };
    refused(&client, &SmartMailRequest { source: elsewhere, ..request(false, &id, &mime) }, 150)
        .await;
    refused(&client, &request(false, &id, "Subject: nobody\r\n\r\nx"), 119).await;
    let sealed = "To: bob@example.test\r\nContent-Type: application/pkcs7-mime\r\n\r\nMIAG\r\n";
    refused(&client, &request(false, &id, sealed), 121).await;
    let nameless = SmartMailRequest { client_id: String::new(), ..request(false, &id, &mime) };
    refused(&client, &nameless, 102).await;
    let bob = Forwardee { email: Some("bob@example.test".into()), ..Forwardee::default() };
    let both = SmartMailRequest { forwardees: vec![bob], ..request(true, &id, &mime) };
    refused(&client, &both, 178).await;
    for status in [117, 120] {
        running.fail_next("alice", Some(Command::SmartReply), Fault::Refuse { status }).unwrap();
        refused(&client, &request(false, &id, &mime), status).await;
    }
    assert_eq!(running.submitted("alice"), Ok(0));
    assert_eq!(verb(&client, &id).await, None);
}

#[tokio::test]
async fn what_a_search_found_can_be_answered_and_people_alone_are_enough_to_forward_to() {
    let (running, client) = ready(options()).await;
    let query =
        MailboxQuery { free_text: Some("subject:nordlicht".into()), ..MailboxQuery::default() };
    let found = client.search(SearchQuery::Mailbox(query), SearchOptions::default()).await;
    let source = SmartSource::SearchResult(found.results[0].long_id.clone().unwrap());
    let answer =
        SmartMailRequest { source: source.clone(), ..request(false, "", &to("bob@example.test")) };
    assert!(client.post(Command::SmartReply, answer.encode()).await.is_empty());
    arrived(&running, "bob");

    let carol = Forwardee {
        name: Some("Carol".into()),
        email: Some("carol@example.test".into()),
        ..Forwardee::default()
    };
    let forward = SmartMailRequest {
        source,
        mime: None,
        forwardees: vec![carol],
        client_id: "r2".into(),
        body: Some(Body::whole(BodyType::Text, Bytes::from_static(b"For you."))),
        ..request(true, "", "")
    };
    assert!(client.post(Command::SmartForward, forward.encode()).await.is_empty());
    let inbox = running.mails("carol", FolderKind::Inbox).unwrap();
    assert!(inbox[0].subject.starts_with("FW: ") && inbox[0].from == "alice@example.test");
    let message = MessageParser::default().parse(inbox[0].mime.as_ref()).unwrap();
    assert!(message.body_text(0).unwrap().starts_with("For you."));
}

#[tokio::test]
async fn old_clients_answer_with_the_message_alone() {
    let (running, client) =
        ready(Options { versions: vec![Version::V12_1, Version::V16_1], ..options() }).await;
    let id = original(&client, OFFER).await;
    let old = Client { version: Version::V12_1, ..client };
    let answer = request(false, &id, "");
    let post = async |parameters| {
        let query = Query {
            command: Command::SmartReply,
            user: None,
            device_id: DeviceId::new("Device1").unwrap(),
            device_type: "Test".into(),
            version: None,
            policy_key: None,
            locale: None,
            parameters,
            form: Form::Plain,
        };
        let target = format!("/Microsoft-Server-ActiveSync?{}", query.to_plain());
        old.send("POST", &target, to("bob@example.test").into_bytes()).await.unwrap()
    };
    let sent = post(answer.parameters()).await;
    assert_eq!((sent.status, sent.body.len()), (StatusCode::OK, 0));
    let mail = arrived(&running, "bob");
    assert!(String::from_utf8_lossy(&mail.mime).contains("-----Original Message-----"));
    assert_eq!(
        post(activesync::query::Parameters::default()).await.status,
        StatusCode::BAD_REQUEST
    );
}
