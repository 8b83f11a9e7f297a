use activesync::messages::*;
use activesync::query::Command;
use activesync::refusal;
use activesync::status::Status;
use bytes::Bytes;
use sandbox::Fault;

use crate::client::{Client, options, ready};

const MESSAGE: &str = "From: alice@example.test\r\nTo: Bob <bob@example.test>, x@elsewhere.test\r\nBcc: carol@example.test\r\n\
    Subject: Sent\r\n\r\nHello\r\n";

fn message(client_id: &str, mime: &str) -> Vec<u8> {
    SendMailRequest {
        client_id: client_id.to_owned(),
        account_id: None,
        save_in_sent_items: true,
        mime: Bytes::copy_from_slice(mime.as_bytes()),
        template_id: None,
    }
    .encode()
}

async fn refused(client: &Client, body: Vec<u8>, status: u16) {
    let answer = client.post(Command::SendMail, body).await;
    assert_eq!(Some(answer.to_vec()), refusal::body(Command::SendMail, Status(status)));
}

fn subjects(mails: &[sandbox::MailView], subject: &str) -> Vec<String> {
    let found = mails.iter().filter(|mail| mail.subject == subject);
    found.map(|mail| String::from_utf8(mail.mime.to_vec()).unwrap()).collect()
}

#[tokio::test]
async fn a_mail_reaches_its_recipients_and_the_sent_folder() {
    let (running, client) = ready(options()).await;
    assert!(client.post(Command::SendMail, message("m1", MESSAGE)).await.is_empty());
    for recipient in ["bob", "carol"] {
        let inbox = running.mails(recipient, FolderKind::Inbox).unwrap();
        assert!(!inbox[0].read);
        let [mime] = &subjects(&inbox, "Sent")[..] else { panic!("{inbox:?}") };
        assert!(!mime.contains("Bcc") && mime.contains("Message-ID: <") && mime.contains("Date: "));
        assert!(mime.ends_with("Subject: Sent\r\n\r\nHello\r\n"));
    }
    assert!(subjects(&running.mails("alice", FolderKind::Inbox).unwrap(), "Sent").is_empty());
    let sent = running.mails("alice", FolderKind::Sent).unwrap();
    assert!(sent[0].read && subjects(&sent, "Sent")[0].contains("Bcc: carol@example.test"));
    assert_eq!(running.submitted("alice"), Ok(1));
}

#[tokio::test]
async fn the_same_client_id_sends_once() {
    let (running, client) = ready(options()).await;
    running.fail_next("alice", Some(Command::SendMail), Fault::LoseAnswer).unwrap();
    client.try_post(Command::SendMail, message("m1", MESSAGE)).await.unwrap_err();
    refused(&client, message("m1", MESSAGE), 118).await;
    assert_eq!(subjects(&running.mails("bob", FolderKind::Inbox).unwrap(), "Sent").len(), 1);
    assert!(client.post(Command::SendMail, message("m2", MESSAGE)).await.is_empty());
    assert_eq!(subjects(&running.mails("bob", FolderKind::Inbox).unwrap(), "Sent").len(), 2);
    assert_eq!(running.submitted("alice"), Ok(2));
}

#[tokio::test]
async fn messages_that_cannot_be_sent_are_refused() {
    let (running, client) = ready(options()).await;
    refused(&client, message("m1", "Subject: nobody\r\n\r\n"), 119).await;
    refused(&client, message("", MESSAGE), 102).await;
    refused(&client, message(&"m".repeat(41), MESSAGE), 102).await;
    refused(&client, b"junk".to_vec(), 102).await;
    assert_eq!(running.submitted("alice"), Ok(0));
}
