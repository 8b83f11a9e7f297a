use activesync::messages::*;
use activesync::status::Status;
use insta::assert_snapshot;

use crate::dump::dump;

#[test]
fn folder_sync() {
    assert_snapshot!(round_trip!(FolderSyncRequest, FolderSyncRequest { sync_key: "0".into() }), @r#"
    03 01 6a 00
    00 07 56 FolderHierarchy:FolderSync
      52 FolderHierarchy:SyncKey 03 "0" 00 01
    01
    "#);
    let inbox = Folder {
        server_id: "mail%2Finbox".into(),
        parent_id: "0".into(),
        display_name: "Posteingang".into(),
        kind: FolderKind::Inbox,
    };
    let sub = Folder {
        server_id: "7".into(),
        parent_id: "mail%2Finbox".into(),
        display_name: "Ablage".into(),
        kind: FolderKind::UserMail,
    };
    assert_snapshot!(round_trip!(FolderSyncAnswer, FolderSyncAnswer {
        status: Status::OK,
        sync_key: Some("1".into()),
        changes: vec![FolderChange::Add(inbox), FolderChange::Update(sub), FolderChange::Delete { server_id: "9".into() }],
    }), @r#"
    03 01 6a 00
    00 07 56 FolderHierarchy:FolderSync
      4c FolderHierarchy:Status 03 "1" 00 01
      52 FolderHierarchy:SyncKey 03 "1" 00 01
      4e FolderHierarchy:Changes
        57 FolderHierarchy:Count 03 "3" 00 01
        4f FolderHierarchy:Add
          48 FolderHierarchy:ServerId 03 "mail%2Finbox" 00 01
          49 FolderHierarchy:ParentId 03 "0" 00 01
          47 FolderHierarchy:DisplayName 03 "Posteingang" 00 01
          4a FolderHierarchy:Type 03 "2" 00 01
        01
        51 FolderHierarchy:Update
          48 FolderHierarchy:ServerId 03 "7" 00 01
          49 FolderHierarchy:ParentId 03 "mail%2Finbox" 00 01
          47 FolderHierarchy:DisplayName 03 "Ablage" 00 01
          4a FolderHierarchy:Type 03 "12" 00 01
        01
        50 FolderHierarchy:Delete
          48 FolderHierarchy:ServerId 03 "9" 00 01
        01 01 01
    "#);
    let refused = FolderSyncAnswer { status: Status(9), sync_key: None, changes: vec![] };
    assert_snapshot!(round_trip!(FolderSyncAnswer, refused), @r#"
    03 01 6a 00
    00 07 56 FolderHierarchy:FolderSync
      4c FolderHierarchy:Status 03 "9" 00 01
    01
    "#);
}

#[test]
fn ping() {
    let folder = PingFolder { id: "5".into(), class: "Email".into() };
    let request = PingRequest { heartbeat_interval: Some(480), folders: vec![folder] };
    assert_snapshot!(round_trip!(PingRequest?, request), @r#"
    03 01 6a 00
    00 0d 45 Ping:Ping
      48 Ping:HeartbeatInterval 03 "480" 00 01
      49 Ping:Folders
        4a Ping:Folder
          4b Ping:Id 03 "5" 00 01
          4c Ping:Class 03 "Email" 00 01
        01 01 01
    "#);
    assert_snapshot!(round_trip!(PingAnswer, PingAnswer { folders: vec!["5".into()], ..PingAnswer::new(Status(2)) }), @r#"
    03 01 6a 00
    00 0d 45 Ping:Ping
      47 Ping:Status 03 "2" 00 01
      49 Ping:Folders
        4a Ping:Folder 03 "5" 00 01
      01 01
    "#);
    let range = PingAnswer {
        heartbeat_interval: Some(3540),
        max_folders: Some(200),
        ..PingAnswer::new(Status(5))
    };
    assert_snapshot!(round_trip!(PingAnswer, range), @r#"
    03 01 6a 00
    00 0d 45 Ping:Ping
      47 Ping:Status 03 "5" 00 01
      48 Ping:HeartbeatInterval 03 "3540" 00 01
      4d Ping:MaxFolders 03 "200" 00 01
    01
    "#);
}

#[test]
fn get_item_estimate() {
    let options = vec![SyncOptions { filter: Some(Filter::OneWeek), ..SyncOptions::default() }];
    let collection = EstimateCollection {
        sync_key: "1".into(),
        collection_id: "5".into(),
        class: None,
        conversation_mode: None,
        options,
    };
    assert_snapshot!(round_trip!(EstimateRequest, EstimateRequest { collections: vec![collection.clone()] }), @r#"
    03 01 6a 00
    00 06 45 GetItemEstimate:GetItemEstimate
      47 GetItemEstimate:Collections
        48 GetItemEstimate:Collection
          00 00 4b AirSync:SyncKey 03 "1" 00 01
          00 06 4a GetItemEstimate:CollectionId 03 "5" 00 01
          00 00 57 AirSync:Options
            58 AirSync:FilterType 03 "3" 00 01
          01 01 01 01
    "#);
    let old_form = [
        0x03, 0x01, 0x6a, 0x00, 0x00, 0x06, 0x45, 0x47, 0x48, 0x49, 0x03, b'E', 0x00, 0x01, 0x4a,
        0x03, b'5', 0x00, 0x01, 0x00, 0x00, 0x58, 0x03, b'3', 0x00, 0x01, 0x4b, 0x03, b'1', 0x00,
        0x01, 0x01, 0x01, 0x01,
    ];
    assert_eq!(
        EstimateRequest::decode(&old_form),
        Ok(EstimateRequest {
            collections: vec![EstimateCollection { class: Some("E".into()), ..collection }]
        })
    );
    let estimate =
        Estimate { status: Status::OK, collection_id: Some("5".into()), count: Some(60) };
    assert_snapshot!(round_trip!(EstimateAnswer, EstimateAnswer { status: None, estimates: vec![estimate] }), @r#"
    03 01 6a 00
    00 06 45 GetItemEstimate:GetItemEstimate
      4d GetItemEstimate:Response
        4e GetItemEstimate:Status 03 "1" 00 01
        48 GetItemEstimate:Collection
          4a GetItemEstimate:CollectionId 03 "5" 00 01
          4c GetItemEstimate:Estimate 03 "60" 00 01
        01 01 01
    "#);
}

#[test]
fn move_items() {
    let entry =
        Move { source_id: "5:1".into(), source_folder: "5".into(), destination_folder: "6".into() };
    assert_snapshot!(round_trip!(MoveItemsRequest, MoveItemsRequest { moves: vec![entry] }), @r#"
    03 01 6a 00
    00 05 45 Move:MoveItems
      46 Move:Move
        47 Move:SrcMsgId 03 "5:1" 00 01
        48 Move:SrcFldId 03 "5" 00 01
        49 Move:DstFldId 03 "6" 00 01
      01 01
    "#);
    let result = MoveResult {
        source_id: "5:1".into(),
        status: Status(3),
        destination_id: Some("6:1".into()),
    };
    assert_snapshot!(round_trip!(MoveItemsAnswer, MoveItemsAnswer { status: None, results: vec![result] }), @r#"
    03 01 6a 00
    00 05 45 Move:MoveItems
      4a Move:Response
        47 Move:SrcMsgId 03 "5:1" 00 01
        4b Move:Status 03 "3" 00 01
        4c Move:DstMsgId 03 "6:1" 00 01
      01 01
    "#);
}
