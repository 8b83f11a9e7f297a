use activesync::messages::*;
use activesync::status::Status;
use bytes::Bytes;
use insta::assert_snapshot;

use crate::dump::dump;
use crate::mail;

#[test]
fn item_operations() {
    let item = FetchSource::Item { collection_id: "5".into(), server_id: "5:1".into() };
    assert_snapshot!(round_trip!(ItemOperationsRequest, ItemOperationsRequest {
        fetches: vec![
            Fetch { range: Some(ByteRange { first: 0, last: 9 }), ..Fetch::attachment("5:1:0") },
            Fetch {
                source: item.clone(),
                range: None,
                body_preferences: vec![BodyPreference::whole(BodyType::Mime)],
                mime_support: Some(MimeSupport::All),
                ..Fetch::attachment("")
            },
            Fetch { source: FetchSource::SearchResult("l".into()), ..Fetch::attachment("") },
        ],
        ..ItemOperationsRequest::default()
    }), @r#"
    03 01 6a 00
    00 14 45 ItemOperations:ItemOperations
      46 ItemOperations:Fetch
        47 ItemOperations:Store 03 "Mailbox" 00 01
        00 11 51 AirSyncBase:FileReference 03 "5:1:0" 00 01
        00 14 48 ItemOperations:Options
          49 ItemOperations:Range 03 "0-9" 00 01
        01 01
      46 ItemOperations:Fetch
        47 ItemOperations:Store 03 "Mailbox" 00 01
        00 00 52 AirSync:CollectionId 03 "5" 00 01
        4d AirSync:ServerId 03 "5:1" 00 01
        00 14 48 ItemOperations:Options
          00 00 62 AirSync:MIMESupport 03 "2" 00 01
          00 11 45 AirSyncBase:BodyPreference
            46 AirSyncBase:Type 03 "4" 00 01
          01 01 01
      00 14 46 ItemOperations:Fetch
        47 ItemOperations:Store 03 "Mailbox" 00 01
        00 0f 58 Search:LongId 03 "l" 00 01
      01 01
    "#);
    let attachment = FetchAnswer {
        range: Some(ByteRange { first: 0, last: 3 }),
        total: Some(10),
        content_type: Some("image/png".into()),
        content: Some(FetchContent::Inline(Bytes::from_static(&[0, 255, 1, 2]))),
        ..FetchAnswer::new(Status::OK, FetchSource::Attachment("5:1:0".into()))
    };
    let part = FetchAnswer {
        content: Some(FetchContent::Part(1)),
        ..FetchAnswer::new(Status::OK, FetchSource::Attachment("5:1:1".into()))
    };
    let whole = FetchAnswer { item: mail().into(), ..FetchAnswer::new(Status::OK, item) };
    let missing = FetchAnswer::new(Status(6), FetchSource::Attachment("x".into()));
    assert_snapshot!(round_trip!(ItemOperationsAnswer, ItemOperationsAnswer {
        status: Status::OK,
        fetches: vec![attachment, part, whole, missing],
        ..ItemOperationsAnswer::new(Status::OK)
    }), @r#"
    03 01 6a 00
    00 14 45 ItemOperations:ItemOperations
      4d ItemOperations:Status 03 "1" 00 01
      4e ItemOperations:Response
        46 ItemOperations:Fetch
          4d ItemOperations:Status 03 "1" 00 01
          00 11 51 AirSyncBase:FileReference 03 "5:1:0" 00 01
          00 14 4b ItemOperations:Properties
            49 ItemOperations:Range 03 "0-3" 00 01
            4a ItemOperations:Total 03 "10" 00 01
            00 11 57 AirSyncBase:ContentType 03 "image/png" 00 01
            00 14 4c ItemOperations:Data 03 "AP8BAg==" 00 01
          01 01
        46 ItemOperations:Fetch
          4d ItemOperations:Status 03 "1" 00 01
          00 11 51 AirSyncBase:FileReference 03 "5:1:1" 00 01
          00 14 4b ItemOperations:Properties
            51 ItemOperations:Part 03 "1" 00 01
          01 01
        46 ItemOperations:Fetch
          4d ItemOperations:Status 03 "1" 00 01
          00 00 52 AirSync:CollectionId 03 "5" 00 01
          4d AirSync:ServerId 03 "5:1" 00 01
          00 14 4b ItemOperations:Properties
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
        00 14 46 ItemOperations:Fetch
          4d ItemOperations:Status 03 "6" 00 01
          00 11 51 AirSyncBase:FileReference 03 "x" 00 01
        01 01 01
    "#);
}

#[test]
fn send_mail() {
    let request = SendMailRequest {
        client_id: "c-1".into(),
        account_id: None,
        save_in_sent_items: true,
        mime: Bytes::from_static(b"To: bob\r\n\r\n\0"),
        template_id: None,
    };
    assert_snapshot!(round_trip!(SendMailRequest, request), @r#"
    03 01 6a 00
    00 15 45 ComposeMail:SendMail
      51 ComposeMail:ClientId 03 "c-1" 00 01
      08 ComposeMail:SaveInSentItems
      50 ComposeMail:Mime c3 0c 54 6f 3a 20 62 6f 62 0d 0a 0d 0a 00 01
    01
    "#);
    assert_snapshot!(round_trip!(SendMailAnswer?, SendMailAnswer { status: Status(118) }), @r#"
    03 01 6a 00
    00 15 45 ComposeMail:SendMail
      52 ComposeMail:Status 03 "118" 00 01
    01
    "#);
}
