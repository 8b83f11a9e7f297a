use activesync::messages::*;
use activesync::query::Version;
use activesync::status::Status;
use sandbox::Options;

use crate::client::{Client, options, ready};

async fn find(client: &Client, text: &str, options: SearchOptions) -> SearchAnswer {
    client.search(SearchQuery::Gal(text.to_owned()), options).await
}

fn people(answer: &SearchAnswer) -> Vec<GalEntry> {
    let person = |result: &SearchResult| match &result.content {
        SearchContent::Gal(person) => (**person).clone(),
        SearchContent::Document(_) | SearchContent::Item(_) => panic!("{result:?}"),
    };
    answer.results.iter().map(person).collect()
}

fn names(answer: &SearchAnswer) -> Vec<String> {
    people(answer).into_iter().filter_map(|person| person.display_name).collect()
}

#[tokio::test]
async fn people_are_found_by_the_beginnings_of_their_properties() {
    let (_running, client) = ready(options()).await;
    for (text, expected) in [
        ("ALICE", &["Alice Lindqvist"][..]),
        ("anna sch", &["Anna Schmidt", "Anna Schmitz"]),
        ("schm", &["Anna Schmidt", "Anna Schmitz", "Peter Schmidt"]),
        ("jö", &["Jörg Schäfer"]),
        ("lena.vogt@example", &["Lena Vogt"]),
        ("花", &["花子 山田"]),
        ("indqvist", &[]),
    ] {
        let answer = find(&client, text, SearchOptions::default()).await;
        assert_eq!(
            (answer.store_status, names(&answer)),
            (Some(Status::OK), expected.iter().map(|name| (*name).to_owned()).collect())
        );
        assert_eq!(answer.total, u32::try_from(expected.len()).ok());
    }
    let alice = &people(&find(&client, "alice", SearchOptions::default()).await)[0];
    let texts = [&alice.phone, &alice.office, &alice.title, &alice.company, &alice.alias];
    let texts = texts.map(|text| text.as_deref().unwrap());
    assert_eq!(texts, ["+49 40 5550 10", "2.14", "Head of sales", "example.test", "alice"]);
    assert_eq!(alice.email_address.as_deref(), Some("alice@example.test"));

    for text in ["", "  "] {
        let answer = find(&client, text, SearchOptions::default()).await;
        assert_eq!((answer.store_status, answer.results.len()), (Some(Status(2)), 0));
    }
}

#[tokio::test]
async fn people_come_in_ranges() {
    let (_running, client) = ready(options()).await;
    let range = |first, last| SearchOptions {
        range: Some(ByteRange { first, last }),
        ..SearchOptions::default()
    };
    let answer = find(&client, "schm", range(0, 1)).await;
    assert_eq!((names(&answer).len(), answer.total), (2, Some(3)));
    assert_eq!(answer.range, Some(ByteRange { first: 0, last: 1 }));
    let answer = find(&client, "schm", range(2, 9)).await;
    assert_eq!(names(&answer), ["Peter Schmidt"]);
    assert_eq!(answer.range, Some(ByteRange { first: 2, last: 2 }));
    assert_eq!(find(&client, "schm", range(3, 9)).await.store_status, Some(Status(12)));
}

#[tokio::test]
async fn photos_are_given_within_their_limits() {
    let (_running, client) = ready(options()).await;
    let photos = async |client: &Client, text: &str, max_size, max_pictures| {
        let picture = Some(PictureWish { max_size, max_pictures });
        let answer =
            find(client, text, SearchOptions { picture, ..SearchOptions::default() }).await;
        people(&answer).into_iter().map(|person| person.picture).collect::<Vec<_>>()
    };
    let statuses = |photos: &[Option<GalPicture>]| {
        photos.iter().map(|photo| photo.as_ref().unwrap().status.0).collect::<Vec<_>>()
    };
    let all = photos(&client, "schm", None, None).await;
    assert_eq!(statuses(&all), [1, 173, 1]);
    let photo = all[0].as_ref().unwrap().data.as_ref().unwrap();
    assert!(photo.starts_with(b"\xFF\xD8\xFF\xE0") && photo.ends_with(b"\xFF\xD9"));
    assert_eq!(statuses(&photos(&client, "schm", None, Some(1)).await), [1, 173, 175]);
    assert_eq!(statuses(&photos(&client, "schm", None, Some(0)).await), [175, 173, 175]);
    let small = u32::try_from(photo.len()).unwrap() - 1;
    assert_eq!(statuses(&photos(&client, "schm", Some(small), None).await)[0], 174);
    let (_running, old) =
        ready(Options { versions: vec![Version::V16_1, Version::V14_0], ..options() }).await;
    let old = Client { version: Version::V14_0, ..old };
    assert_eq!(photos(&old, "schm", None, None).await, [None, None, None]);
}

#[tokio::test]
async fn without_samples_only_accounts_are_known() {
    let accounts = vec!["alice".to_owned(), "zoë".to_owned()];
    let (_running, client) = ready(Options { samples: false, accounts, ..options() }).await;
    assert_eq!(names(&find(&client, "schm", SearchOptions::default()).await), [""; 0]);
    let zoe = &people(&find(&client, "Zo", SearchOptions::default()).await)[0];
    assert_eq!(zoe.display_name.as_deref(), Some("Zoë"));
    assert_eq!(zoe.email_address.as_deref(), Some("zoë@example.test"));
}
