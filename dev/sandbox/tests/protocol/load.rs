use activesync::messages::*;
use sandbox::Options;

use crate::client::{collection, options, ready};

#[tokio::test]
async fn generated_mails_are_all_there() {
    let (_running, client) = ready(Options { samples: false, mails: 3_000, ..options() }).await;
    let mut key = client.prime("f1").await;
    let mut subjects = std::collections::BTreeSet::new();
    loop {
        let preference =
            BodyPreference { truncation_size: Some(500), ..BodyPreference::whole(BodyType::Html) };
        let request = SyncCollection {
            window_size: Some(512),
            options: vec![SyncOptions {
                filter: Some(Filter::OneMonth),
                body_preferences: vec![preference],
                ..SyncOptions::default()
            }],
            ..collection("f1", &key)
        };
        let answer = client.sync(request).await.unwrap();
        key = answer.sync_key.unwrap();
        for command in answer.commands {
            let ServerCommand::Add { item, .. } = command else { panic!("{command:?}") };
            let mail = item.clone().into_email().unwrap();
            subjects.insert(mail.subject.unwrap());
        }
        if !answer.more_available {
            break;
        }
    }
    assert_eq!(subjects.len(), 3_000);
}
