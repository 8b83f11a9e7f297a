use activesync::messages::*;
use activesync::query::Version;
use activesync::status::Status;
use sandbox::Options;

use super::*;
use crate::client::{Client, options, ready};

const DRAFTS: &str = "f2";

fn draft() -> Email {
    Email {
        to: some("\"Bob\" <bob@example.test>"),
        bcc: some("carol@example.test"),
        subject: some("Entwurf"),
        body: Some(Body::whole(BodyType::Text, "Hallo Bob")),
        ..Email::default()
    }
}

fn with_file() -> Email {
    let file = NewAttachment {
        client_id: some("file-1"),
        display_name: some("zahlen.csv"),
        content: Some(b"1;2;3".as_slice().into()),
        content_type: some("text/csv"),
        method: Some(AttachmentMethod::Normal),
        ..NewAttachment::default()
    };
    let attachments = Attachments { add: vec![file], ..Attachments::default() };
    Email { attachments: Some(attachments), ..draft() }
}

fn sent(command: ClientCommand) -> ClientCommand {
    match command {
        ClientCommand::Add { client_id, class, item, .. } => {
            ClientCommand::Add { client_id, class, item, send: true }
        }
        ClientCommand::Change { server_id, instance, item, .. } => {
            ClientCommand::Change { server_id, instance, item, send: true }
        }
        ClientCommand::Delete { .. } | ClientCommand::Fetch { .. } => panic!("{command:?}"),
    }
}

#[tokio::test]
async fn a_draft_is_written_changed_and_sent() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let (mut drafts, _) = Replica::loaded(&client, DRAFTS).await;
    let answer = drafts.push(vec![add("d1", with_file())]).await;
    let [CommandResult::Add { server_id: Some(id), item: Some(given), .. }] = &answer.responses[..]
    else {
        panic!("{answer:?}");
    };
    let given = given.clone().into_email().unwrap();
    let file = given.attachments.unwrap().list.remove(0);
    assert_eq!(file.client_id, some("file-1"));
    assert!(given.conversation_id.is_some());
    let data = client.fetch(Fetch::attachment(&file.file_reference)).await.content;
    assert_eq!(data, Some(FetchContent::Inline(b"1;2;3".as_slice().into())));

    let there = *running.item("alice", id, Version::V16_1).unwrap().into_email().unwrap();
    assert_eq!((there.is_draft, there.bcc.clone()), (Some(true), some("carol@example.test")));
    assert_eq!(there.subject, some("Entwurf"));
    drafts.push(vec![change(id, Email { subject: some("Fertig"), ..Email::default() })]).await;
    let there = *running.item("alice", id, Version::V16_1).unwrap().into_email().unwrap();
    assert_eq!((there.subject, there.to), (some("Fertig"), draft().to));
    assert_eq!(there.attachments.unwrap().list.len(), 1);
    assert_eq!(drafts.pull().await, []);

    let change = sent(change(id, Email { read: Some(true), ..Email::default() }));
    drafts.push(vec![change]).await;
    running.item("alice", id, Version::V16_1).unwrap_err();
    for account in ["bob", "carol"] {
        let mails = running.mails(account, FolderKind::Inbox).unwrap();
        assert_eq!(mails[0].subject, "Fertig");
        let mime = String::from_utf8_lossy(&mails[0].mime).into_owned();
        assert!(!mime.contains("Bcc:"), "{mime}");
        assert!(mime.contains("zahlen.csv"), "{mime}");
    }
    assert_eq!(running.mails("alice", FolderKind::Sent).unwrap().len(), 1);
    assert_eq!(running.submitted("alice"), Ok(1));
}

#[tokio::test]
async fn a_draft_without_recipients_is_not_sent() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let (mut drafts, _) = Replica::loaded(&client, DRAFTS).await;
    let nobody = Email { to: None, bcc: None, ..draft() };
    let answer = drafts.push(vec![sent(add("a", nobody)), sent(add("b", draft()))]).await;
    let statuses: Vec<_> = answer
        .responses
        .iter()
        .map(|response| match response {
            CommandResult::Add { status, .. } => status.0,
            CommandResult::Change { .. }
            | CommandResult::Delete { .. }
            | CommandResult::Fetch { .. } => panic!("{response:?}"),
        })
        .collect();
    assert_eq!(statuses, [183, 1]);
    assert_eq!(running.mails("bob", FolderKind::Inbox).unwrap().len(), 1);
    assert_eq!(running.mails("alice", FolderKind::Drafts).unwrap().len(), 0);
}

#[tokio::test]
async fn drafts_stay_on_the_device_before_16() {
    let (_running, client) = ready(Options { samples: false, ..options() }).await;
    let client = Client { version: Version::V14_1, ..client };
    let (mut drafts, _) = Replica::loaded(&client, DRAFTS).await;
    let answer = drafts.push(vec![add("d1", draft())]).await;
    assert!(
        matches!(&answer.responses[..], [CommandResult::Add { status: Status(6), .. }]),
        "{answer:?}"
    );
}
