use activesync::codepage::{air_sync, calendar, contacts};
use activesync::messages::*;
use activesync::query::Version;
use activesync::wbxml::Writer;

use crate::wire::elements;

#[test]
fn properties_that_are_managed_are_listed_in_the_first_request() {
    let list = supported(Class::Calendar, Version::V14_1).unwrap();
    for tag in [calendar::DT_STAMP, calendar::EXCEPTIONS, calendar::RESPONSE_REQUESTED] {
        assert!(list.contains(&tag), "{tag}");
    }
    assert_eq!(supported(Class::Calendar, Version::V12_1).unwrap().len(), 18);
    assert_eq!(supported(Class::Calendar, Version::V16_1), None);
    assert_eq!(supported(Class::Email, Version::V14_1), None);
    let list = supported(Class::Contacts, Version::V16_1).unwrap();
    assert!(list.contains(&contacts::FIRST_NAME) && !list.contains(&contacts::PICTURE));
    assert_eq!(list.len(), 59, "all fields of both pages but those that are never ghosted");
    for supported in [Some(list), Some(Vec::new()), None] {
        let collection = SyncCollection {
            sync_key: "0".into(),
            collection_id: "2".into(),
            deletes_as_moves: Some(true),
            supported,
            ..SyncCollection::default()
        };
        let request = SyncRequest { collections: vec![collection], ..SyncRequest::default() };
        let bytes = request.encode();
        let order: Vec<_> = elements(&bytes).into_iter().map(|(tag, _)| tag).collect();
        let place = |tag| order.iter().position(|known| *known == tag);
        if let Some(place_of) = place(air_sync::SUPPORTED) {
            assert_eq!(Some(place_of - 1), place(air_sync::COLLECTION_ID));
            assert!(Some(place_of) < place(air_sync::DELETES_AS_MOVES));
        }
        assert_eq!(SyncRequest::decode(&bytes), Ok(Some(request)));
    }
}

#[test]
fn requests_have_the_order_of_their_version() {
    let whole = SyncRequest {
        collections: vec![SyncCollection {
            sync_key: "1".into(),
            collection_id: "2".into(),
            supported: Some(vec![contacts::FILE_AS]),
            deletes_as_moves: Some(true),
            get_changes: Some(true),
            window_size: Some(50),
            conversation_mode: Some(true),
            options: vec![SyncOptions {
                class: Some("SMS".into()),
                max_items: Some(5),
                body_preferences: vec![BodyPreference {
                    preview: Some(9),
                    ..BodyPreference::whole(BodyType::Html)
                }],
                body_part_preference: Some(BodyPreference::whole(BodyType::Html)),
                rights_management: Some(true),
                ..SyncOptions::default()
            }],
            commands: vec![ClientCommand::Fetch { server_id: "1".into() }],
            ..SyncCollection::default()
        }],
        waiting: Some(Waiting::Seconds(601)),
        ..SyncRequest::default()
    };
    let order = |version| {
        let mut request = whole.clone();
        request.prepare(version, |_| Some(Class::Email));
        let names = elements(&request.encode());
        names
            .into_iter()
            .skip(3)
            .map(|(tag, text)| format!("{}={text}", tag.name().unwrap()))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        order(Version::V12_1),
        "Class=Email SyncKey=1 CollectionId=2 Supported= FileAs= DeletesAsMoves=1 GetChanges=1 WindowSize=50 Options= \
         BodyPreference= Type=2 Commands= Fetch= ServerId=1 Wait=11"
    );
    assert_eq!(
        order(Version::V14_0),
        "SyncKey=1 CollectionId=2 Supported= FileAs= DeletesAsMoves=1 GetChanges=1 WindowSize=50 ConversationMode=1 Options= \
         Class=SMS BodyPreference= Type=2 Preview=9 MaxItems=5 Commands= Fetch= ServerId=1 HeartbeatInterval=601"
    );
    assert_eq!(
        order(Version::V14_1),
        "SyncKey=1 CollectionId=2 Supported= FileAs= DeletesAsMoves=1 GetChanges=1 WindowSize=50 ConversationMode=1 Options= \
         Class=SMS BodyPreference= Type=2 Preview=9 MaxItems=5 BodyPartPreference= Type=2 RightsManagementSupport=1 Commands= \
         Fetch= ServerId=1 HeartbeatInterval=601"
    );
}

#[test]
fn filters_fit_their_class() {
    use Class::{Calendar, Contacts, Email, Notes, Tasks};
    for (class, filters) in
        [(Email, "012345"), (Calendar, "04567"), (Tasks, "08"), (Contacts, "0"), (Notes, "0")]
    {
        let fitting: String = (0..=9)
            .filter(|code| Filter::from_code(*code).is_some_and(|filter| filter.fits(class)))
            .map(|code| char::from(b'0' + code))
            .collect();
        assert_eq!(fitting, filters, "{class:?}");
    }
}

#[test]
fn requests_are_checked_as_servers_do() {
    let status = |request: SyncRequest| request.check().map_err(|status| status.0);
    let waits = |waiting| SyncRequest { waiting: Some(waiting), ..SyncRequest::default() };
    assert_eq!(status(waits(Waiting::Minutes(60))), Err(14));
    assert_eq!(status(waits(Waiting::Seconds(59))), Err(14));
    assert_eq!(status(waits(Waiting::Seconds(3540))), Ok(()));
    assert_eq!(status(SyncRequest { partial: true, ..SyncRequest::default() }), Err(13));
    let primes = SyncCollection {
        sync_key: "0".into(),
        get_changes: Some(true),
        ..SyncCollection::default()
    };
    assert_eq!(status(SyncRequest { collections: vec![primes], ..SyncRequest::default() }), Err(4));
    let twice = Writer::document(air_sync::SYNC, |root| {
        root.number(air_sync::WAIT, 5);
        root.number(air_sync::HEARTBEAT_INTERVAL, 300);
    });
    assert_eq!(status(SyncRequest::decode(&twice).unwrap().unwrap()), Err(4));
}
