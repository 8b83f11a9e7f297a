//! Reading of messages that others wrote: liberal where it does no harm, strict where it would, and never a panic.

use activesync::codepage::{
    air_sync, email, email2, folder_hierarchy, item_operations, ping, provision,
};
use activesync::messages::*;
use activesync::status::Status;
use activesync::wbxml::Writer;
use bytes::Bytes;
use proptest::prelude::*;

#[test]
fn empty_bodies_are_messages_of_their_own() {
    assert_eq!(SyncRequest::decode(b""), Ok(None));
    assert_eq!(SyncAnswer::decode(b""), Ok(None));
    assert_eq!(PingRequest::decode(b""), Ok(None));
    assert_eq!(SendMailAnswer::decode(b""), Ok(None));
    assert!(FolderSyncAnswer::decode(b"").is_err());
}

#[test]
fn pages_of_errors_are_no_messages() {
    let error = SyncAnswer::decode(b"<html><body>502 Bad Gateway</body></html>").unwrap_err();
    insta::assert_snapshot!(error, @"not readable as WBXML: byte 0: no WBXML header for UTF-8");
}

#[test]
fn messages_of_another_kind_are_refused() {
    let bytes = PingAnswer::new(Status::OK).encode();
    assert_eq!(FolderSyncAnswer::decode(&bytes), Err(DecodeError::WrongRoot(ping::PING)));
}

#[test]
fn what_must_be_there_is_demanded() {
    let bare = |root| Writer::document(root, |_| {});
    assert_eq!(
        FolderSyncRequest::decode(&bare(folder_hierarchy::FOLDER_SYNC)),
        Err(DecodeError::Missing(folder_hierarchy::SYNC_KEY))
    );
    assert_eq!(
        FolderSyncAnswer::decode(&bare(folder_hierarchy::FOLDER_SYNC)),
        Err(DecodeError::Missing(folder_hierarchy::STATUS))
    );
    assert_eq!(
        ProvisionAnswer::decode(&bare(provision::PROVISION)),
        Err(DecodeError::Missing(provision::STATUS))
    );
    let collection = Writer::document(air_sync::SYNC, |root| {
        root.container(air_sync::COLLECTIONS, |list| list.container(air_sync::COLLECTION, |_| {}));
    });
    assert_eq!(SyncRequest::decode(&collection), Err(DecodeError::Missing(air_sync::SYNC_KEY)));
    assert_eq!(SyncAnswer::decode(&collection), Err(DecodeError::Missing(air_sync::COLLECTION_ID)));
}

#[test]
fn impossible_numbers_are_refused_where_they_decide() {
    for status in ["", "x", "-1", "65536", "99999999999999999999"] {
        let bytes = Writer::document(ping::PING, |root| root.text(ping::STATUS, status));
        let error = PingAnswer::decode(&bytes).unwrap_err();
        assert!(
            matches!(error, DecodeError::Invalid { tag: ping::STATUS, .. }),
            "{status}: {error}"
        );
    }
    let bytes = ProvisionRequest::acknowledge(1, PolicyApplied::All).encode();
    let broken: Vec<u8> =
        bytes.iter().map(|byte| if *byte == b'1' { b'9' } else { *byte }).collect();
    assert!(matches!(
        ProvisionRequest::decode(&broken),
        Err(DecodeError::Invalid { tag: provision::STATUS, .. })
    ));
}

#[test]
fn one_odd_property_does_not_spoil_a_mail() {
    let bytes = Writer::document(air_sync::SYNC, |root| {
        root.container(air_sync::COLLECTIONS, |list| {
            list.container(air_sync::COLLECTION, |collection| {
                collection.text(air_sync::COLLECTION_ID, "5");
                collection.container(air_sync::COMMANDS, |commands| {
                    commands.container(air_sync::ADD, |add| {
                        add.text(air_sync::SERVER_ID, "5:1");
                        add.container(air_sync::APPLICATION_DATA, |data| {
                            data.text(email::DATE_RECEIVED, "yesterday");
                            data.text(email::IMPORTANCE, "7");
                            data.container(email::FLAG, |flag| flag.text(email::SUBJECT, "inner"));
                            data.text(email::SUBJECT, "outer");
                            data.empty(email::READ);
                        });
                    });
                });
            });
        });
    });
    let answer = SyncAnswer::decode(&bytes).unwrap().unwrap();
    assert_eq!(answer.collections[0].status, Status::OK);
    let mail = Email {
        subject: Some("outer".into()),
        read: Some(true),
        flag: Some(Flag::default()),
        ..Email::default()
    };
    assert_eq!(
        answer.collections[0].commands,
        [ServerCommand::Add { server_id: "5:1".into(), class: None, item: mail.into() }]
    );
}

#[test]
fn send_is_understood_at_both_places() {
    for inside in [true, false] {
        let bytes = Writer::document(air_sync::SYNC, |root| {
            root.container(air_sync::COLLECTIONS, |list| {
                list.container(air_sync::COLLECTION, |collection| {
                    collection.text(air_sync::SYNC_KEY, "1");
                    collection.text(air_sync::COLLECTION_ID, "5");
                    collection.container(air_sync::COMMANDS, |commands| {
                        commands.container(air_sync::CHANGE, |change| {
                            change.text(air_sync::SERVER_ID, "5:1");
                            if !inside {
                                change.empty(email2::SEND);
                            }
                            change.container(air_sync::APPLICATION_DATA, |data| {
                                if inside {
                                    data.empty(email2::SEND);
                                }
                            });
                        });
                    });
                });
            });
        });
        let request = SyncRequest::decode(&bytes).unwrap().unwrap();
        assert!(
            matches!(
                request.collections[0].commands[..],
                [ClientCommand::Change { send: true, .. }]
            ),
            "{inside}"
        );
    }
}

#[test]
fn content_that_is_not_base64_is_refused() {
    let bytes = Writer::document(item_operations::ITEM_OPERATIONS, |root| {
        root.text(item_operations::STATUS, "1");
        root.container(item_operations::RESPONSE, |response| {
            response.container(item_operations::FETCH, |fetch| {
                fetch.text(item_operations::STATUS, "1");
                fetch.container(item_operations::PROPERTIES, |properties| {
                    properties.text(item_operations::DATA, "(null)");
                });
            });
        });
    });
    let error = ItemOperationsAnswer::decode(&bytes).unwrap_err();
    assert!(matches!(error, DecodeError::Invalid { tag: item_operations::DATA, .. }), "{error}");
}

#[test]
fn wipes_without_a_readable_report_are_not_done() {
    let bytes = Writer::document(provision::PROVISION, |root| root.empty(provision::REMOTE_WIPE));
    assert_eq!(
        ProvisionRequest::decode(&bytes).unwrap().phase(),
        ProvisionPhase::Wipe(WipeOrder::Device, WipeReport::Failed)
    );
}

#[test]
fn filters_cover_the_days_that_are_asked_for() {
    for days in 0..=400 {
        let filter = Filter::covering_days(days);
        assert!(filter.days().is_none_or(|covered| days > 0 && covered >= days), "{days}");
    }
    assert_eq!(Filter::covering_days(14), Filter::TwoWeeks);
    assert_eq!(Filter::covering_days(0), Filter::All);
}

fn decode_all(input: &[u8]) {
    use activesync::query::Command;

    for command in [Command::FolderCreate, Command::FolderDelete, Command::FolderUpdate] {
        drop(FolderChangeRequest::decode(command, input));
        drop(FolderChangeAnswer::decode(command, input));
    }
    drop(FindAnswer::decode(input));
    drop(FindRequest::decode(input));
    drop(MeetingResponseAnswer::decode(input));
    drop(MeetingResponseRequest::decode(input));
    drop(ResolveRecipientsAnswer::decode(input));
    drop(ResolveRecipientsRequest::decode(input));
    drop(SearchAnswer::decode(input));
    drop(SearchRequest::decode(input));
    drop(SmartMailAnswer::decode(input));
    drop(SmartMailRequest::decode(input));
    drop(ValidateCertAnswer::decode(input));
    drop(ValidateCertRequest::decode(input));
    drop(EstimateAnswer::decode(input));
    drop(EstimateRequest::decode(input));
    drop(FolderSyncAnswer::decode(input));
    drop(FolderSyncRequest::decode(input));
    drop(ItemOperationsAnswer::decode(input));
    drop(ItemOperationsRequest::decode(input));
    drop(MoveItemsAnswer::decode(input));
    drop(MoveItemsRequest::decode(input));
    drop(PingAnswer::decode(input));
    drop(PingRequest::decode(input));
    drop(ProvisionAnswer::decode(input));
    drop(ProvisionRequest::decode(input));
    drop(SendMailAnswer::decode(input));
    drop(SendMailRequest::decode(input));
    drop(SettingsAnswer::decode(input));
    drop(SettingsRequest::decode(input));
    drop(SyncAnswer::decode(input));
    drop(SyncRequest::decode(input));
    drop(multipart::Parts::parse(input));
}

/// A well-formed document of elements that messages are made of, with values that often fit.
fn document() -> impl Strategy<Value = Vec<u8>> {
    let roots = prop_oneof![
        Just((0_u8, 0x05_u8)),
        Just((5, 0x05)),
        Just((6, 0x05)),
        Just((7, 0x16)),
        Just((13, 0x05)),
        Just((14, 0x05)),
        Just((18, 0x05)),
        Just((20, 0x05)),
        Just((21, 0x05)),
        Just((21, 0x06)),
        Just((8, 0x07)),
        Just((10, 0x05)),
        Just((11, 0x05)),
        Just((15, 0x05)),
        Just((25, 0x05)),
    ];
    let page = proptest::sample::select((0_u8..26).collect::<Vec<_>>());
    let value = prop_oneof!["[0-9]{1,3}", "", "[a-z:]{0,8}", "0-9"];
    let step = (page, 5_u8..0x40, value, 0..3_u8);
    (roots, proptest::collection::vec(step, 0..60)).prop_map(|((page, token), steps)| {
        let mut bytes = vec![3, 1, 0x6a, 0, 0, page, token | 0x40];
        let mut open = 1;
        for (page, token, value, kind) in steps {
            bytes.extend([0, page]);
            match kind {
                0 => {
                    bytes.push(token | 0x40);
                    open += 1;
                }
                1 if open > 1 => {
                    bytes.push(1);
                    open -= 1;
                }
                _ => {
                    bytes.extend([token | 0x40, 3]);
                    bytes.extend(value.bytes());
                    bytes.extend([0, 1]);
                }
            }
        }
        bytes.extend(vec![1; open]);
        bytes
    })
}

proptest! {
    #[test]
    fn no_bytes_make_a_message_panic(input in proptest::collection::vec(any::<u8>(), 0..300)) {
        decode_all(&input);
    }

    #[test]
    fn no_document_makes_a_message_panic(input in document()) {
        decode_all(&input);
    }

    #[test]
    fn cut_and_changed_messages_do_not_panic(cut in 0_usize..400, place in 0_usize..400, byte in any::<u8>()) {
        let mail = Email { subject: Some("s".into()), flag: Some(Flag::active()), ..Email::default() };
        let mut answer = CollectionAnswer::new("5".into(), Status::OK, Some("1".into()));
        answer.commands.push(ServerCommand::Add { server_id: "1".into(), class: None, item: mail.into() });
        let mut bytes = SyncAnswer { collections: vec![answer], ..SyncAnswer::default() }.encode();
        bytes.truncate(cut.max(1));
        if let Some(slot) = bytes.get_mut(place) {
            *slot = byte;
        }
        decode_all(&bytes);
    }

    #[test]
    fn mails_come_back(
        subject in proptest::option::of("[^\0]{0,30}"), read in any::<Option<bool>>(), seconds in 0_i64..4_000_000_000,
        data in proptest::collection::vec(any::<u8>(), 0..200), categories in proptest::option::of(proptest::collection::vec("[^\0]{0,9}", 0..4)),
        id in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..20)), truncated in any::<bool>(),
    ) {
        let mail = Email {
            subject,
            read,
            date_received: time::OffsetDateTime::from_unix_timestamp(seconds).ok(),
            body: Some(Body { truncated, ..Body::whole(BodyType::Mime, data) }),
            categories,
            conversation_id: id.map(Bytes::from),
            ..Email::default()
        };
        let command = ServerCommand::Add { server_id: "1".into(), class: None, item: mail.clone().into() };
        let mut collection = CollectionAnswer::new("5".into(), Status::OK, Some("1".into()));
        collection.commands.push(command);
        let answer = SyncAnswer { collections: vec![collection], ..SyncAnswer::default() };
        let mut again = SyncAnswer::decode(&answer.encode()).unwrap().unwrap();
        let ServerCommand::Add { item, .. } = again.collections.remove(0).commands.remove(0) else {
            panic!("an Add went in");
        };
        prop_assert_eq!(item.into_email(), Some(Box::new(mail)));
    }
}
