use activesync::messages::*;
use activesync::status::Status;
use insta::assert_snapshot;

use crate::dump::dump;
use crate::mail;

#[test]
fn sync_requests() {
    let options = SyncOptions {
        filter: Some(Filter::TwoWeeks),
        class: Some("Email".into()),
        client_wins: Some(false),
        body_preferences: vec![
            BodyPreference {
                kind: BodyType::Html,
                truncation_size: Some(51_200),
                all_or_none: true,
                preview: Some(200),
            },
            BodyPreference::whole(BodyType::Mime),
        ],
        mime_support: Some(MimeSupport::All),
        mime_truncation: Some(8),
        ..SyncOptions::default()
    };
    let change = |mail: Email| ClientCommand::Change {
        server_id: "5:1".into(),
        instance: None,
        item: mail.into(),
        send: false,
    };
    assert_snapshot!(round_trip!(SyncRequest?, SyncRequest {
        collections: vec![SyncCollection {
            sync_key: "{1}|2".into(),
            collection_id: "5".into(),
            deletes_as_moves: Some(true),
            get_changes: Some(false),
            window_size: Some(100),
            conversation_mode: Some(false),
            options: vec![options],
            commands: vec![
                change(Email { read: Some(true), ..Email::default() }),
                change(Email { flag: Some(Flag::default()), categories: Some(vec![]), ..Email::default() }),
                ClientCommand::Delete { server_id: "5:2".into(), instance: None },
                ClientCommand::Fetch { server_id: "5:3".into() },
                ClientCommand::Add {
                    client_id: "c1".into(),
                    class: None,
                    item: Email { bcc: Some("eve@example.test".into()), ..Email::default() }.into(),
                    send: true,
                },
            ],
            ..SyncCollection::default()
        }],
        waiting: None,
        window_size: None,
        partial: false,
        waits_twice: false,
    }), @r#"
    03 01 6a 00
    45 AirSync:Sync
      5c AirSync:Collections
        4f AirSync:Collection
          4b AirSync:SyncKey 03 "{1}|2" 00 01
          52 AirSync:CollectionId 03 "5" 00 01
          5e AirSync:DeletesAsMoves 03 "1" 00 01
          53 AirSync:GetChanges 03 "0" 00 01
          55 AirSync:WindowSize 03 "100" 00 01
          67 AirSync:ConversationMode 03 "0" 00 01
          57 AirSync:Options
            58 AirSync:FilterType 03 "4" 00 01
            50 AirSync:Class 03 "Email" 00 01
            00 11 45 AirSyncBase:BodyPreference
              46 AirSyncBase:Type 03 "2" 00 01
              47 AirSyncBase:TruncationSize 03 "51200" 00 01
              48 AirSyncBase:AllOrNone 03 "1" 00 01
              58 AirSyncBase:Preview 03 "200" 00 01
            01
            45 AirSyncBase:BodyPreference
              46 AirSyncBase:Type 03 "4" 00 01
            01
            00 00 5b AirSync:Conflict 03 "1" 00 01
            62 AirSync:MIMESupport 03 "2" 00 01
            63 AirSync:MIMETruncation 03 "8" 00 01
          01
          56 AirSync:Commands
            48 AirSync:Change
              4d AirSync:ServerId 03 "5:1" 00 01
              5d AirSync:ApplicationData
                00 02 55 Email:Read 03 "1" 00 01
              01 01
            00 00 48 AirSync:Change
              4d AirSync:ServerId 03 "5:1" 00 01
              5d AirSync:ApplicationData
                00 02 3a Email:Flag
                5b Email:Categories 01
              01 01
            00 00 49 AirSync:Delete
              4d AirSync:ServerId 03 "5:2" 00 01
            01
            4a AirSync:Fetch
              4d AirSync:ServerId 03 "5:3" 00 01
            01
            47 AirSync:Add
              4c AirSync:ClientId 03 "c1" 00 01
              00 16 17 Email2:Send
              00 00 5d AirSync:ApplicationData
                00 16 56 Email2:Bcc 03 "eve@example.test" 00 01
              01 01 01 01 01 01
    "#);
    assert_snapshot!(round_trip!(SyncRequest?, SyncRequest {
        collections: vec![],
        waiting: Some(Waiting::Seconds(540)),
        window_size: Some(512),
        partial: true,
        waits_twice: false,
    }), @r#"
    03 01 6a 00
    45 AirSync:Sync
      69 AirSync:HeartbeatInterval 03 "540" 00 01
      55 AirSync:WindowSize 03 "512" 00 01
      26 AirSync:Partial
    01
    "#);
    let old = SyncCollection {
        class: Some("Email".into()),
        sync_key: "0".into(),
        collection_id: "5".into(),
        ..SyncCollection::default()
    };
    let old = SyncRequest {
        collections: vec![old],
        waiting: Some(Waiting::Minutes(9)),
        ..SyncRequest::default()
    };
    assert_snapshot!(round_trip!(SyncRequest?, old), @r#"
    03 01 6a 00
    45 AirSync:Sync
      5c AirSync:Collections
        4f AirSync:Collection
          50 AirSync:Class 03 "Email" 00 01
          4b AirSync:SyncKey 03 "0" 00 01
          52 AirSync:CollectionId 03 "5" 00 01
        01 01
      64 AirSync:Wait 03 "9" 00 01
    01
    "#);
}

#[test]
fn sync_answers() {
    let collection = CollectionAnswer {
        sync_key: Some("{2}".into()),
        more_available: true,
        commands: vec![
            ServerCommand::Add { server_id: "5:1".into(), class: None, item: mail().into() },
            ServerCommand::Change {
                server_id: "5:2".into(),
                item: Email { subject: Some(String::new()), ..Email::default() }.into(),
            },
            ServerCommand::Delete { server_id: "5:3".into() },
            ServerCommand::SoftDelete { server_id: "5:4".into() },
        ],
        responses: vec![
            CommandResult::Add {
                client_id: "c1".into(),
                server_id: Some("5:9".into()),
                status: Status::OK,
                item: None,
            },
            CommandResult::Change {
                server_id: "5:5".into(),
                instance: None,
                status: Status(8),
                item: None,
            },
            CommandResult::Delete { server_id: "5:6".into(), instance: None, status: Status(8) },
            CommandResult::Fetch {
                server_id: "5:7".into(),
                status: Status::OK,
                item: Some(Item::from(Email {
                    read: Some(true),
                    body: Some(Body::whole(BodyType::Mime, &b"Subject: a\r\n\r\n\0"[..])),
                    ..Email::default()
                })),
            },
        ],
        ..CollectionAnswer::new("5".into(), Status::OK, None)
    };
    assert_snapshot!(round_trip!(SyncAnswer?, SyncAnswer { collections: vec![collection], ..SyncAnswer::default() }), @r#"
    03 01 6a 00
    45 AirSync:Sync
      5c AirSync:Collections
        4f AirSync:Collection
          4b AirSync:SyncKey 03 "{2}" 00 01
          52 AirSync:CollectionId 03 "5" 00 01
          4e AirSync:Status 03 "1" 00 01
          14 AirSync:MoreAvailable
          46 AirSync:Responses
            47 AirSync:Add
              4c AirSync:ClientId 03 "c1" 00 01
              4d AirSync:ServerId 03 "5:9" 00 01
              4e AirSync:Status 03 "1" 00 01
            01
            48 AirSync:Change
              4d AirSync:ServerId 03 "5:5" 00 01
              4e AirSync:Status 03 "8" 00 01
            01
            49 AirSync:Delete
              4d AirSync:ServerId 03 "5:6" 00 01
              4e AirSync:Status 03 "8" 00 01
            01
            4a AirSync:Fetch
              4d AirSync:ServerId 03 "5:7" 00 01
              4e AirSync:Status 03 "1" 00 01
              5d AirSync:ApplicationData
                00 02 55 Email:Read 03 "1" 00 01
                00 11 4a AirSyncBase:Body
                  46 AirSyncBase:Type 03 "4" 00 01
                  4c AirSyncBase:EstimatedDataSize 03 "15" 00 01
                  4b AirSyncBase:Data c3 0f 53 75 62 6a 65 63 74 3a 20 61 0d 0a 0d 0a 00 01
                01 01 01 01
          00 00 56 AirSync:Commands
            47 AirSync:Add
              4d AirSync:ServerId 03 "5:1" 00 01
              5d AirSync:ApplicationData
                00 02 56 Email:To 03 "\"Alice\" <alice@example.test>" 00 01
                58 Email:From 03 "Jürgen <bob@example.test>" 00 01
                54 Email:Subject 03 "Grüße 👋" 00 01
                4f Email:DateReceived 03 "2026-03-01T08:15:00.250Z" 00 01
                51 Email:DisplayTo 03 "Alice" 00 01
                75 Email:ThreadTopic 03 "Grüße 👋" 00 01
                52 Email:Importance 03 "2" 00 01
                55 Email:Read 03 "0" 00 01
                00 11 4e AirSyncBase:Attachments
                  4f AirSyncBase:Attachment
                    50 AirSyncBase:DisplayName 03 "Plan.pdf" 00 01
                    51 AirSyncBase:FileReference 03 "5:1%3A0" 00 01
                    52 AirSyncBase:Method 03 "1" 00 01
                    4c AirSyncBase:EstimatedDataSize 03 "4711" 00 01
                    53 AirSyncBase:ContentId 03 "a@b" 00 01
                    55 AirSyncBase:IsInline 03 "1" 00 01
                  01 01
                4a AirSyncBase:Body
                  46 AirSyncBase:Type 03 "2" 00 01
                  4c AirSyncBase:EstimatedDataSize 03 "99" 00 01
                  4d AirSyncBase:Truncated 03 "1" 00 01
                  4b AirSyncBase:Data 03 "<p>Hallo" 00 01
                  58 AirSyncBase:Preview 03 "Hallo" 00 01
                01
                00 02 53 Email:MessageClass 03 "IPM.Note" 00 01
                79 Email:InternetCPID 03 "65001" 00 01
                7c Email:ContentClass 03 "urn:content-classes:message" 00 01
                7a Email:Flag
                  7b Email:Status 03 "2" 00 01
                  7d Email:FlagType 03 "Flag for follow-up" 00 01
                01
                00 11 56 AirSyncBase:NativeBodyType 03 "2" 00 01
                00 02 5b Email:Categories
                  5c Email:Category 03 "Blau" 00 01
                  5c Email:Category 03 "Rot" 00 01
                01
                00 16 49 Email2:ConversationId c3 03 00 01 ff 01
                4a Email2:ConversationIndex c3 01 01 01
                4b Email2:LastVerbExecuted 03 "1" 00 01
                4c Email2:LastVerbExecutionTime 03 "2026-03-01T09:00:00.000Z" 00 01
                55 Email2:IsDraft 03 "0" 00 01
              01 01
            00 00 48 AirSync:Change
              4d AirSync:ServerId 03 "5:2" 00 01
              5d AirSync:ApplicationData
                00 02 14 Email:Subject
              01 01
            00 00 49 AirSync:Delete
              4d AirSync:ServerId 03 "5:3" 00 01
            01
            61 AirSync:SoftDelete
              4d AirSync:ServerId 03 "5:4" 00 01
            01 01 01 01 01
    "#);
    let limit = SyncAnswer { status: Some(Status(14)), limit: Some(3540), collections: vec![] };
    assert_snapshot!(round_trip!(SyncAnswer?, limit), @r#"
    03 01 6a 00
    45 AirSync:Sync
      4e AirSync:Status 03 "14" 00 01
      65 AirSync:Limit 03 "3540" 00 01
    01
    "#);
    let lost = CollectionAnswer::new("5".into(), Status(3), None);
    assert_snapshot!(round_trip!(SyncAnswer?, SyncAnswer { collections: vec![lost], ..SyncAnswer::default() }), @r#"
    03 01 6a 00
    45 AirSync:Sync
      5c AirSync:Collections
        4f AirSync:Collection
          52 AirSync:CollectionId 03 "5" 00 01
          4e AirSync:Status 03 "3" 00 01
        01 01 01
    "#);
}
