use activesync::messages::*;
use activesync::status::Status;

use crate::client::{Client, options, preferring, ready};

async fn mail(client: &Client, subject: &str, options: SyncOptions) -> (String, Email) {
    let (_, mails) = client.load("f1", options).await;
    mails.into_iter().find(|(_, mail)| mail.subject.as_deref() == Some(subject)).unwrap()
}

fn text(mail: &Email) -> String {
    String::from_utf8(mail.body.as_ref().unwrap().data.as_ref().unwrap().to_vec()).unwrap()
}

const OFFER: &str = "AW: Angebot Nordlicht, zweite Fassung";
const FIGURES: &str = "Wochenzahlen mit Diagramm";

#[tokio::test]
async fn a_mail_has_its_properties() {
    let (_running, client) = ready(options()).await;
    let (_, mail) = mail(&client, OFFER, preferring(BodyPreference::whole(BodyType::Text))).await;
    assert_eq!(mail.from.as_deref(), Some("\"Jonas Brandt\" <jonas.brandt@nordlicht.test>"));
    assert_eq!((mail.to.as_deref(), mail.read), (Some("alice@example.test"), Some(false)));
    assert_eq!(
        (mail.importance, mail.message_class.as_deref()),
        (Some(Importance::High), Some("IPM.Note"))
    );
    assert_eq!(mail.thread_topic.as_deref(), Some("Angebot Nordlicht, zweite Fassung"));
    assert_eq!(mail.categories, Some(vec!["Kunde".to_owned()]));
    assert_eq!(mail.flag.unwrap().state, FlagState::Active);
    let names: Vec<_> =
        mail.attachments.iter().flatten().map(|file| file.display_name.as_str()).collect();
    assert_eq!(names, ["Angebot_Nordlicht_v2.pdf", "Kalkulation.csv"]);
}

#[tokio::test]
async fn threads_share_a_conversation() {
    let (_running, client) = ready(options()).await;
    let (_, mails) = client.load("f1", SyncOptions::default()).await;
    let conversation = |subject: &str| {
        let found = mails.iter().filter(|(_, mail)| mail.subject.as_deref() == Some(subject));
        found.map(|(_, mail)| mail.conversation_id.clone().unwrap()).collect::<Vec<_>>()
    };
    let contract = conversation("Framework contract, clause 7");
    assert_eq!(conversation("Re: Re: Framework contract, clause 7"), contract);
    assert_eq!(conversation(OFFER).len(), 2);
    assert_ne!(conversation(OFFER)[0], contract[0]);
}

#[tokio::test]
async fn bodies_come_in_the_form_that_is_wanted() {
    let (_running, client) = ready(options()).await;
    let whole = |kind| preferring(BodyPreference::whole(kind));
    let (_, html) = mail(&client, FIGURES, whole(BodyType::Html)).await;
    assert_eq!(
        (html.body.as_ref().unwrap().kind, html.native_body_type),
        (BodyType::Html, Some(BodyType::Html))
    );
    assert!(text(&html).contains("<h2>Wochenzahlen</h2>"));
    let (_, plain) = mail(&client, FIGURES, whole(BodyType::Text)).await;
    assert_eq!(plain.body.as_ref().unwrap().kind, BodyType::Text);
    assert!(text(&plain).contains("Wochenzahlen") && !text(&plain).contains('<'));
    let (_, mime) = mail(&client, FIGURES, whole(BodyType::Mime)).await;
    assert_eq!(mime.body.as_ref().unwrap().kind, BodyType::Mime);
    assert!(text(&mime).contains("multipart/mixed"));
    let never = SyncOptions { mime_support: None, ..whole(BodyType::Mime) };
    let (_, none) = mail(&client, FIGURES, never).await;
    let body = none.body.unwrap();
    assert_eq!((body.kind, body.truncated, body.data), (BodyType::Html, true, None));
}

#[tokio::test]
async fn long_bodies_are_cut_between_characters() {
    let (_running, client) = ready(options()).await;
    let subject = "Rahmenbedingungen zur Abnahme (lang)";
    for size in 700..704 {
        let preference = BodyPreference {
            truncation_size: Some(size),
            preview: Some(20),
            ..BodyPreference::whole(BodyType::Text)
        };
        let (_, mail) = mail(&client, subject, preferring(preference)).await;
        let body = mail.body.clone().unwrap();
        assert!(body.truncated && body.estimated_size.unwrap() > 20_000);
        let length = u32::try_from(text(&mail).len()).unwrap();
        assert!((size - 3..=size).contains(&length));
        assert_eq!(body.preview.as_deref(), Some("Sehr geehrte Damen u"));
    }
    let none = BodyPreference {
        truncation_size: Some(9),
        all_or_none: true,
        ..BodyPreference::whole(BodyType::Text)
    };
    let (id, mail) = mail(&client, subject, preferring(none)).await;
    assert!(mail.body.is_some_and(|body| body.truncated && body.data.is_none()));

    let source = FetchSource::Item { collection_id: "f1".into(), server_id: id };
    let body_preferences = vec![BodyPreference::whole(BodyType::Text)];
    let fetched = client.fetch(Fetch { source, body_preferences, ..Fetch::attachment("") }).await;
    assert_eq!(fetched.status, Status::OK);
    assert!(text(&fetched.item.into_email().unwrap()).contains("\n160. Die Abnahme"));
}

#[tokio::test]
async fn attachments_are_real_files_with_the_size_that_was_told() {
    let (_running, client) = ready(options()).await;
    let (_, mails) = client.load("f1", SyncOptions::default()).await;
    let mut seen = 0;
    for file in mails.iter().flat_map(|(_, mail)| mail.attachments.iter().flatten()) {
        let answer = client.fetch(Fetch::attachment(&file.file_reference)).await;
        let Some(FetchContent::Inline(data)) = answer.content else { panic!("{answer:?}") };
        assert_eq!(file.estimated_size, u32::try_from(data.len()).ok());
        let start: &[u8] = match answer.content_type.as_deref() {
            Some("application/pdf") => b"%PDF-1.4",
            Some("image/png") => b"\x89PNG\r\n",
            Some("text/csv") => b"Datum;",
            Some("text/plain") => b"Notes",
            other => panic!("{other:?}"),
        };
        assert!(data.starts_with(start), "{}", file.display_name);
        seen += 1;
    }
    assert!(seen >= 18, "{seen}");
}

#[tokio::test]
async fn inline_pictures_have_the_id_that_the_body_names() {
    let (_running, client) = ready(options()).await;
    let (_, mail) = mail(&client, FIGURES, preferring(BodyPreference::whole(BodyType::Html))).await;
    let picture = &mail.attachments.as_ref().unwrap().list[0];
    assert!(picture.inline);
    assert_eq!(picture.display_name, "Wochenzahlen.png");
    assert!(text(&mail).contains(&format!("cid:{}", picture.content_id.as_ref().unwrap())));
}

#[tokio::test]
async fn attachments_come_in_ranges_and_in_parts() {
    let (_running, client) = ready(options()).await;
    let (_, mail) = mail(&client, OFFER, SyncOptions::default()).await;
    let reference = &mail.attachments.unwrap().list[0].file_reference;
    let Some(FetchContent::Inline(whole)) =
        client.fetch(Fetch::attachment(reference)).await.content
    else {
        panic!()
    };
    let total = whole.len() as u64;
    let ranged = async |first, last| {
        client
            .fetch(Fetch { range: Some(ByteRange { first, last }), ..Fetch::attachment(reference) })
            .await
    };
    let mut joined = Vec::new();
    while joined.len() < whole.len() {
        let first = joined.len() as u64;
        let answer = ranged(first, first + 999).await;
        assert_eq!(answer.total, Some(total));
        assert_eq!(answer.range, Some(ByteRange { first, last: (first + 999).min(total - 1) }));
        let Some(FetchContent::Inline(data)) = answer.content else { panic!() };
        joined.extend_from_slice(&data);
    }
    assert_eq!(joined, whole);
    assert_eq!(ranged(total, total + 5).await.status, Status(8));
    assert_eq!(ranged(5, 4).await.status, Status(8));

    let parts = Client { multipart: true, ..client };
    let request = ItemOperationsRequest {
        fetches: vec![Fetch::attachment(reference)],
        ..ItemOperationsRequest::default()
    };
    let body = parts.post(activesync::query::Command::ItemOperations, request.encode()).await;
    let parts = multipart::Parts::parse(&body).unwrap();
    let answer = ItemOperationsAnswer::decode(parts.wbxml()).unwrap();
    assert_eq!(answer.fetches[0].content, Some(FetchContent::Part(1)));
    assert_eq!(parts.part(1), Some(&whole[..]));
}

#[tokio::test]
async fn what_is_not_there_is_said_so() {
    let (_running, client) = ready(options()).await;
    for (reference, status) in [("", 15), ("{1}%2F", 15), ("{1}%2F:99", 15), ("{999}%2F:0", 15)] {
        assert_eq!(
            client.fetch(Fetch::attachment(reference)).await.status,
            Status(status),
            "{reference}"
        );
    }
    for (folder, id) in [("f1", "{999}%2F"), ("f99", "{1}%2F"), ("f4", "{1}%2F"), ("x", "y")] {
        let source = FetchSource::Item { collection_id: folder.into(), server_id: id.into() };
        let answer = client.fetch(Fetch { source, ..Fetch::attachment("") }).await;
        assert_eq!(answer.status, Status(6), "{folder} {id}");
    }
}

#[tokio::test]
async fn every_folder_of_every_account_can_be_read() {
    let (running, alice) = ready(options()).await;
    let bob = Client::new(&running, "bob");
    for client in [alice, bob] {
        for change in client.folders("0").await.changes {
            let FolderChange::Add(folder) = change else { panic!("{change:?}") };
            if !folder.kind.is_mail() {
                continue;
            }
            let options = preferring(BodyPreference::whole(BodyType::Mime));
            let (_, mails) = client.load(&folder.server_id, options).await;
            assert!(
                mails
                    .iter()
                    .all(|(_, mail)| mail.body.as_ref().is_some_and(|body| body.data.is_some()))
            );
        }
    }
}
