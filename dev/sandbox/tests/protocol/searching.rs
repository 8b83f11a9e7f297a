use activesync::messages::*;
use activesync::status::Status;
use bytes::Bytes;
use time::Duration;

use crate::client::{Client, now, options, ready};

fn words(text: &str) -> MailboxQuery {
    MailboxQuery { free_text: Some(text.to_owned()), ..MailboxQuery::default() }
}

async fn find(client: &Client, query: MailboxQuery) -> SearchAnswer {
    client.search(SearchQuery::Mailbox(query), SearchOptions::default()).await
}

fn mails(answer: &SearchAnswer) -> Vec<Email> {
    let mail = |result: &SearchResult| match &result.content {
        SearchContent::Item(item) => *item.clone().into_email().unwrap(),
        SearchContent::Document(_) | SearchContent::Gal(_) => panic!("{result:?}"),
    };
    answer.results.iter().map(mail).collect()
}

fn subjects(answer: &SearchAnswer) -> Vec<String> {
    mails(answer).into_iter().filter_map(|mail| mail.subject).collect()
}

#[tokio::test]
async fn mails_are_found_by_words_and_properties() {
    let (running, client) = ready(options()).await;
    running
        .deliver_text("alice", "zoe@harbour.test", "Quarterly figures", "Seventy-one boats")
        .unwrap();
    running.deliver_text("alice", "bob@example.test", "Boats", "None this time").unwrap();
    for (text, expected) in [
        ("boats", &["Boats", "Quarterly figures"][..]),
        ("from:zoe boats", &["Quarterly figures"]),
        ("subject:boats", &["Boats"]),
        ("\"seventy-one boats\"", &["Quarterly figures"]),
        ("boats -from:zoe", &["Boats"]),
        ("oats", &[]),
    ] {
        let answer = find(&client, words(text)).await;
        assert_eq!(
            (answer.store_status, subjects(&answer)),
            (Some(Status::OK), expected.iter().map(|s| (*s).to_owned()).collect()),
            "{text}"
        );
        assert_eq!(answer.total, u32::try_from(expected.len()).ok());
    }
    let answer = find(&client, words("a OR b")).await;
    assert_eq!((answer.store_status, answer.results.len()), (Some(Status(8)), 0));
    assert_eq!(find(&client, MailboxQuery::default()).await.store_status, Some(Status(2)));
    let class = |name: &str| MailboxQuery { class: Some(name.to_owned()), ..words("boats") };
    assert_eq!(find(&client, class("Email")).await.results.len(), 2);
    assert_eq!(find(&client, class("Notes")).await.results.len(), 0);
    assert_eq!(find(&client, class("Boats")).await.store_status, Some(Status(2)));
}

#[tokio::test]
async fn a_search_stays_in_its_folders_and_its_time() {
    let (_running, client) = ready(options()).await;
    let all = find(&client, words("nordlicht")).await;
    let within = async |folder: &str, deep_traversal| {
        let query = MailboxQuery { collection_ids: vec![folder.to_owned()], ..words("nordlicht") };
        let options = SearchOptions { deep_traversal, ..SearchOptions::default() };
        client.search(SearchQuery::Mailbox(query), options).await
    };
    let (top, below) = (within("f11", false).await, within("f11", true).await);
    assert!(top.results.len() < below.results.len() && below.results.len() < all.results.len());
    assert!(below.results.iter().any(|result| result.collection_id.as_deref() == Some("f12")));
    assert_eq!(within("f99", false).await.store_status, Some(Status(11)));

    let day = now() - Duration::DAY;
    let after = MailboxQuery { received_after: Some(day), ..MailboxQuery::default() };
    let before = MailboxQuery { received_before: Some(day), ..words("nordlicht") };
    let received = |answer: &SearchAnswer| {
        mails(answer).into_iter().filter_map(|mail| mail.date_received).collect::<Vec<_>>()
    };
    let recent = received(&find(&client, after).await);
    assert!(
        recent.len() > 5 && recent.iter().all(|at| *at > day) && recent.is_sorted_by(|a, b| a >= b)
    );
    let old = received(&find(&client, before).await);
    assert!(!old.is_empty() && old.iter().all(|at| *at < day));

    let stranger = Client { device: "Device2", ..client.clone() };
    assert_eq!(find(&stranger, words("nordlicht")).await.store_status, Some(Status(11)));
}

#[tokio::test]
async fn results_lead_to_the_mails() {
    let (_running, client) = ready(options()).await;
    let options = SearchOptions {
        range: Some(ByteRange { first: 0, last: 1 }),
        body_preferences: vec![BodyPreference::whole(BodyType::Text)],
        ..SearchOptions::default()
    };
    let answer = client.search(SearchQuery::Mailbox(words("nordlicht")), options).await;
    assert_eq!((answer.results.len(), answer.range), (2, Some(ByteRange { first: 0, last: 1 })));
    assert!(answer.total.unwrap() > 2);
    let found = &mails(&answer)[0];
    assert!(found.body.as_ref().unwrap().data.is_some());
    let source = FetchSource::SearchResult(answer.results[0].long_id.clone().unwrap());
    let fetched = client.fetch(Fetch { source: source.clone(), ..Fetch::attachment("") }).await;
    assert_eq!((fetched.status, fetched.source), (Status::OK, Some(source)));
    assert_eq!(fetched.item.into_email().unwrap().subject, found.subject);
    let unknown = FetchSource::SearchResult("L|f1|{999}%2F".into());
    assert_eq!(
        client.fetch(Fetch { source: unknown, ..Fetch::attachment("") }).await.status,
        Status(6)
    );

    let conversation_id = found.conversation_id.clone();
    let query = MailboxQuery { conversation_id, ..MailboxQuery::default() };
    let thread = find(&client, query).await;
    assert!(mails(&thread).iter().all(|mail| mail.thread_topic == found.thread_topic));
    let nothing =
        MailboxQuery { conversation_id: Some(Bytes::from_static(b"?")), ..MailboxQuery::default() };
    assert_eq!(find(&client, nothing).await.total, Some(0));
}

#[tokio::test]
async fn there_is_no_document_library() {
    let (_running, client) = ready(options()).await;
    let link = r"\\files\plans".to_owned();
    let query = SearchQuery::DocumentLibrary(link.clone());
    let answer = client.search(query, SearchOptions::default()).await;
    assert_eq!((answer.status, answer.store_status), (Status::OK, Some(Status(13))));
    let source = FetchSource::Document(link);
    assert_eq!(client.fetch(Fetch { source, ..Fetch::attachment("") }).await.status, Status(9));
}
