//! Folders, searches, people, meetings and settings.

use activesync::codepage::{air_sync, email};
use activesync::messages::*;
use activesync::query::{Command, Parameters, Version};
use activesync::status::Status;
use bytes::Bytes;
use insta::assert_snapshot;
use time::macros::datetime;

use crate::dump::outline;

macro_rules! outlined {
    ($type:ident, $message:expr) => {{
        let message: $type = $message;
        let bytes = message.encode();
        assert_eq!($type::decode(&bytes), Ok(message));
        outline(&bytes)
    }};
}

#[test]
fn folders_are_made_changed_and_deleted() {
    let create = FolderChangeRequest::Create {
        sync_key: "7".into(),
        parent_id: "0".into(),
        display_name: "Ablage".into(),
        kind: FolderKind::UserMail,
    };
    let update = FolderChangeRequest::Update {
        sync_key: "7".into(),
        server_id: "9".into(),
        parent_id: "5".into(),
        display_name: "Akten".into(),
    };
    let delete = FolderChangeRequest::Delete { sync_key: "7".into(), server_id: "9".into() };
    for request in [&create, &update, &delete] {
        let command = request.command();
        assert_eq!(FolderChangeRequest::decode(command, &request.encode()), Ok(request.clone()));
        let wrong = FolderChangeRequest::decode(Command::Sync, &request.encode());
        assert_eq!(wrong, Err(DecodeError::WrongRoot(air_sync::SYNC)));
        let answer = FolderChangeAnswer {
            status: Status::OK,
            sync_key: Some("8".into()),
            server_id: Some("9".into()),
        };
        let bytes = answer.encode(command).unwrap();
        assert_eq!(FolderChangeAnswer::decode(command, &bytes), Ok(answer));
    }
    assert_snapshot!(outline(&create.encode()), @r#"
    FolderHierarchy:FolderCreate
      FolderHierarchy:SyncKey "7"
      FolderHierarchy:ParentId "0"
      FolderHierarchy:DisplayName "Ablage"
      FolderHierarchy:Type "12"
    "#);
    assert_eq!(
        delete.encode(),
        b"\x03\x01\x6a\x00\x00\x07\x54\x52\x037\x00\x01\x48\x039\x00\x01\x01"
    );
}

fn reply() -> SmartMailRequest {
    SmartMailRequest {
        forward: false,
        client_id: "c1".into(),
        account_id: None,
        save_in_sent_items: true,
        replace_mime: true,
        source: SmartSource::Item { folder_id: "5".into(), item_id: "5:1".into() },
        instance: Some(datetime!(2026-03-01 08:00 UTC)),
        mime: Some(Bytes::from_static(b"To: a")),
        template_id: Some("t".into()),
        forwardees: Vec::new(),
        body: None,
    }
}

#[test]
fn mails_are_answered_and_forwarded() {
    assert_snapshot!(outlined!(SmartMailRequest, reply()), @r#"
    ComposeMail:SmartReply
      ComposeMail:ClientId "c1"
      ComposeMail:Source
        ComposeMail:FolderId "5"
        ComposeMail:ItemId "5:1"
        ComposeMail:InstanceId "2026-03-01T08:00:00.000Z"
      ComposeMail:SaveInSentItems
      ComposeMail:ReplaceMime
      ComposeMail:Mime [54, 6f, 3a, 20, 61]
      RightsManagement:TemplateID "t"
    "#);
    let forwardee = Forwardee {
        name: Some("Bob".into()),
        email: Some("bob@example.test".into()),
        ..Forwardee::default()
    };
    let meeting = SmartMailRequest {
        forward: true,
        mime: None,
        source: SmartSource::SearchResult("l".into()),
        forwardees: vec![forwardee],
        body: Some(Body::whole(BodyType::Text, "fyi")),
        ..reply()
    };
    let bytes = meeting.encode();
    assert_eq!(bytes[..7], [3, 1, 0x6a, 0, 0, 0x15, 0x46], "SmartForward");
    assert_eq!(SmartMailRequest::decode(&bytes), Ok(meeting.clone()));
    assert_eq!(reply().check(), Ok(()));
    assert_eq!(meeting.check(), Ok(()));
    let both = SmartMailRequest { mime: reply().mime, ..meeting.clone() };
    assert_eq!(both.check(), Err(Status(178)));
    let nameless = SmartMailRequest { forwardees: vec![Forwardee::default()], ..meeting };
    assert_eq!(nameless.check(), Err(Status(179)));
    for forward in [true, false] {
        let answer = SmartMailAnswer { status: Status(150) };
        assert_eq!(SmartMailAnswer::decode(&answer.encode(forward)), Ok(Some(answer)));
    }
    assert_eq!(SmartMailAnswer::decode(b""), Ok(None));
}

#[test]
fn the_old_form_of_an_answer_is_a_query_and_a_message() {
    let parameters = reply().parameters();
    let expected = Parameters {
        collection_id: Some("5".into()),
        item_id: Some("5:1".into()),
        occurrence: Some("2026-03-01T08:00:00.000Z".into()),
        save_in_sent: true,
        ..Parameters::default()
    };
    assert_eq!(parameters, expected);
    let mime = Bytes::from_static(b"To: a");
    let again =
        SmartMailRequest::from_query(Command::SmartReply, &parameters, mime.clone()).unwrap();
    let old = SmartMailRequest {
        client_id: String::new(),
        replace_mime: false,
        template_id: None,
        ..reply()
    };
    assert_eq!(again, old);
    assert_eq!(SmartMailRequest::from_query(Command::SendMail, &parameters, mime.clone()), None);
    let nothing = Parameters::default();
    assert_eq!(SmartMailRequest::from_query(Command::SmartReply, &nothing, mime), None);
}

#[test]
fn searches() {
    let mailbox = MailboxQuery {
        class: Some("Email".into()),
        collection_ids: vec!["5".into(), "6".into()],
        free_text: Some("plan".into()),
        conversation_id: Some(Bytes::from_static(&[0, 255])),
        received_after: Some(datetime!(2026-01-01 00:00 UTC)),
        received_before: Some(datetime!(2026-02-01 00:00 UTC)),
    };
    let options = SearchOptions {
        range: Some(ByteRange { first: 0, last: 99 }),
        rebuild_results: true,
        deep_traversal: true,
        body_preferences: vec![BodyPreference::whole(BodyType::Html)],
        mime_support: Some(MimeSupport::Never),
        ..SearchOptions::default()
    };
    assert_snapshot!(outlined!(SearchRequest, SearchRequest { query: SearchQuery::Mailbox(mailbox), options }), @r#"
    Search:Search
      Search:Store
        Search:Name "Mailbox"
        Search:Query
          Search:And
            AirSync:Class "Email"
            AirSync:CollectionId "5"
            AirSync:CollectionId "6"
            Search:FreeText "plan"
            Search:ConversationId [00, ff]
            Search:GreaterThan
              Email:DateReceived
              Search:Value "2026-01-01T00:00:00.000Z"
            Search:LessThan
              Email:DateReceived
              Search:Value "2026-02-01T00:00:00.000Z"
        Search:Options
          AirSync:MIMESupport "0"
          AirSyncBase:BodyPreference
            AirSyncBase:Type "2"
          Search:Range "0-99"
          Search:RebuildResults
          Search:DeepTraversal
    "#);
    let picture = Some(PictureWish { max_size: Some(1000), max_pictures: Some(3) });
    let options = SearchOptions { picture, ..SearchOptions::default() };
    assert_snapshot!(outlined!(SearchRequest, SearchRequest { query: SearchQuery::Gal("ann".into()), options }), @r#"
    Search:Search
      Search:Store
        Search:Name "GAL"
        Search:Query "ann"
        Search:Options
          Search:Picture
            Search:MaxSize "1000"
            Search:MaxPictures "3"
    "#);
    let credentials = Credentials { user_name: "u".into(), password: "geheim".into() };
    let options = SearchOptions { credentials: Some(credentials), ..SearchOptions::default() };
    let library =
        SearchRequest { query: SearchQuery::DocumentLibrary(r"\\srv\docs".into()), options };
    assert!(!format!("{library:?}").contains("geheim"));
    assert_snapshot!(outlined!(SearchRequest, library), @r#"
    Search:Search
      Search:Store
        Search:Name "Document Library"
        Search:Query
          Search:EqualTo
            DocumentLibrary:LinkId
            Search:Value "\\\\srv\\docs"
        Search:Options
          Search:UserName "u"
          Search:Password "geheim"
    "#);
}

fn person() -> Box<GalEntry> {
    Box::new(GalEntry {
        display_name: Some("Anna Meier".into()),
        email_address: Some("anna@example.test".into()),
        picture: Some(GalPicture {
            status: Status::OK,
            data: Some(Bytes::from_static(&[0xff, 0xd8, 0])),
        }),
        ..GalEntry::default()
    })
}

#[test]
fn results_of_searches() {
    let result =
        |content| SearchResult { class: None, long_id: None, collection_id: None, content };
    let document = Document {
        link: Some(r"\\srv\docs\a.txt".into()),
        is_folder: Some(false),
        content_length: Some(5),
        last_modified: Some(datetime!(2026-02-01 00:00 UTC)),
        ..Document::default()
    };
    let mail = SearchResult {
        class: Some("Email".into()),
        long_id: Some("l".into()),
        collection_id: Some("5".into()),
        content: SearchContent::Item(
            Email { subject: Some("s".into()), ..Email::default() }.into(),
        ),
    };
    let answer = SearchAnswer {
        status: Status::OK,
        store_status: Some(Status::OK),
        results: vec![
            result(SearchContent::Gal(person())),
            result(SearchContent::Document(Box::new(document))),
            mail,
        ],
        range: Some(ByteRange { first: 0, last: 2 }),
        total: Some(3),
    };
    assert_snapshot!(outlined!(SearchAnswer, answer), @r#"
    Search:Search
      Search:Status "1"
      Search:Response
        Search:Store
          Search:Status "1"
          Search:Result
            Search:Properties
              GAL:DisplayName "Anna Meier"
              GAL:EmailAddress "anna@example.test"
              GAL:Picture
                GAL:Status "1"
                GAL:Data [ff, d8, 00]
          Search:Result
            Search:Properties
              DocumentLibrary:LinkId "\\\\srv\\docs\\a.txt"
              DocumentLibrary:IsFolder "0"
              DocumentLibrary:LastModifiedDate "2026-02-01T00:00:00.000Z"
              DocumentLibrary:ContentLength "5"
          Search:Result
            AirSync:Class "Email"
            Search:LongId "l"
            AirSync:CollectionId "5"
            Search:Properties
              Email:Subject "s"
          Search:Range "0-2"
          Search:Total "3"
    "#);
    // An empty Result stands for none.
    let nothing =
        b"\x03\x01\x6a\x00\x00\x0f\x45\x4c\x031\x00\x01\x4d\x47\x4c\x031\x00\x01\x0e\x01\x01\x01";
    assert_eq!(SearchAnswer::decode(nothing).unwrap().results, []);
}

#[test]
fn finding() {
    let mailbox = FindRequest {
        search_id: "{g}".into(),
        criterion: FindCriterion::Mailbox {
            class: Some("Email".into()),
            collection_id: Some("5".into()),
            free_text: "from:anna".into(),
            deep_traversal: true,
        },
        range: Some(ByteRange { first: 0, last: 9 }),
    };
    assert_snapshot!(outlined!(FindRequest, mailbox), @r#"
    Find:Find
      Find:SearchId "{g}"
      Find:ExecuteSearch
        Find:MailBoxSearchCriterion
          Find:Query
            AirSync:Class "Email"
            AirSync:CollectionId "5"
            Find:FreeText "from:anna"
          Find:Options
            Find:Range "0-9"
            Find:DeepTraversal
    "#);
    let picture = Some(PictureWish { max_size: Some(9), max_pictures: None });
    let gal = FindRequest {
        search_id: "{h}".into(),
        criterion: FindCriterion::Gal { query: "an".into(), picture },
        range: None,
    };
    let bytes = gal.encode();
    assert!(
        bytes.windows(2).any(|pair| pair == [0x62, 0x61]),
        "Picture and MaxSize are 0x22 and 0x21"
    );
    assert_eq!(FindRequest::decode(&bytes), Ok(gal));
    let mail = FindMail {
        subject: Some("s".into()),
        preview: Some("p".into()),
        has_attachments: Some(true),
        display_cc: Some("c".into()),
        is_draft: Some(false),
        ..FindMail::default()
    };
    let result = |content| FindResult {
        class: Some("Email".into()),
        server_id: Some("5:1".into()),
        collection_id: Some("5".into()),
        content,
    };
    let answer = FindAnswer {
        status: Status::OK,
        response: Some(FindResponse {
            store: Some("Mailbox".into()),
            status: Status::OK,
            results: vec![
                result(FindContent::Mail(Box::new(mail))),
                result(FindContent::Gal(person())),
            ],
            range: Some(ByteRange { first: 0, last: 1 }),
            total: Some(2),
        }),
    };
    assert_eq!(FindAnswer::decode(&answer.encode()), Ok(answer));
}

#[test]
fn people_are_resolved() {
    let request = ResolveRecipientsRequest {
        to: vec!["anna".into(), "bob@example.test".into()],
        certificates: Some(CertificateRetrieval::Whole),
        max_certificates: Some(3),
        max_ambiguous: Some(5),
        availability: Some((datetime!(2026-03-01 08:00 UTC), datetime!(2026-03-01 10:00 UTC))),
        picture: Some(PictureWish { max_size: Some(7), max_pictures: Some(1) }),
    };
    assert_snapshot!(outlined!(ResolveRecipientsRequest, request), @r#"
    ResolveRecipients:ResolveRecipients
      ResolveRecipients:To "anna"
      ResolveRecipients:To "bob@example.test"
      ResolveRecipients:Options
        ResolveRecipients:CertificateRetrieval "2"
        ResolveRecipients:MaxCertificates "3"
        ResolveRecipients:MaxAmbiguousRecipients "5"
        ResolveRecipients:Availability
          ResolveRecipients:StartTime "2026-03-01T08:00:00.000Z"
          ResolveRecipients:EndTime "2026-03-01T10:00:00.000Z"
        ResolveRecipients:Picture
          ResolveRecipients:MaxSize "7"
          ResolveRecipients:MaxPictures "1"
    "#);
    use FreeBusy::{Busy, Free, OutOfOffice, Unknown};
    let anna = Recipient {
        is_contact: true,
        display_name: "Anna".into(),
        email_address: "anna@example.test".into(),
        availability: Some(Availability {
            status: Status::OK,
            merged: vec![Free, Busy, OutOfOffice, Unknown],
        }),
        certificates: Some(RecipientCertificates {
            status: Status::OK,
            certificate_count: Some(2),
            recipient_count: Some(1),
            certificates: vec![Bytes::from_static(&[0x30, 0]), Bytes::from_static(&[0x30, 1])],
            mini: None,
        }),
        picture: Some(GalPicture { status: Status(173), data: None }),
    };
    let name = ResolvedName {
        to: "anna".into(),
        status: Status(2),
        recipient_count: Some(4),
        recipients: vec![anna],
    };
    let answer = ResolveRecipientsAnswer { status: Status::OK, responses: vec![name] };
    assert_snapshot!(outlined!(ResolveRecipientsAnswer, answer), @r#"
    ResolveRecipients:ResolveRecipients
      ResolveRecipients:Status "1"
      ResolveRecipients:Response
        ResolveRecipients:To "anna"
        ResolveRecipients:Status "2"
        ResolveRecipients:RecipientCount "4"
        ResolveRecipients:Recipient
          ResolveRecipients:Type "2"
          ResolveRecipients:DisplayName "Anna"
          ResolveRecipients:EmailAddress "anna@example.test"
          ResolveRecipients:Availability
            ResolveRecipients:Status "1"
            ResolveRecipients:MergedFreeBusy "0234"
          ResolveRecipients:Certificates
            ResolveRecipients:Status "1"
            ResolveRecipients:CertificateCount "2"
            ResolveRecipients:RecipientCount "1"
            ResolveRecipients:Certificate "MAA="
            ResolveRecipients:Certificate "MAE="
          ResolveRecipients:Picture
            ResolveRecipients:Status "173"
    "#);
}

#[test]
fn certificates_are_validated() {
    let request = ValidateCertRequest {
        chain: vec![Bytes::from_static(&[0x30, 0])],
        certificates: vec![Bytes::from_static(&[0x30, 1])],
        check_crl: true,
    };
    assert_snapshot!(outlined!(ValidateCertRequest, request), @r#"
    ValidateCert:ValidateCert
      ValidateCert:CertificateChain
        ValidateCert:Certificate "MAA="
      ValidateCert:Certificates
        ValidateCert:Certificate "MAE="
      ValidateCert:CheckCRL "1"
    "#);
    let answer =
        ValidateCertAnswer { status: Status::OK, certificates: vec![Status(1), Status(13)] };
    assert_eq!(ValidateCertAnswer::decode(&answer.encode()), Ok(answer));
}

#[test]
fn invitations_are_answered() {
    let start = datetime!(2026-03-01 08:00 UTC);
    let reply = MeetingReply {
        response: UserResponse::Tentative,
        target: MeetingTarget::Item { collection_id: "5".into(), request_id: "5:1".into() },
        instance: Some(start),
        send: Some(SendResponse {
            body: Some(Body::whole(BodyType::Text, "vielleicht")),
            proposed: Some((start, datetime!(2026-03-01 09:00 UTC))),
        }),
    };
    let found = MeetingReply {
        target: MeetingTarget::SearchResult("l".into()),
        send: Some(SendResponse::default()),
        ..reply
    };
    let request = MeetingResponseRequest { replies: vec![reply, found] };
    assert_snapshot!(outlined!(MeetingResponseRequest, request.clone()), @r#"
    MeetingResponse:MeetingResponse
      MeetingResponse:Request
        MeetingResponse:UserResponse "2"
        MeetingResponse:CollectionId "5"
        MeetingResponse:RequestId "5:1"
        MeetingResponse:InstanceId "2026-03-01T08:00:00.000Z"
        MeetingResponse:SendResponse
          AirSyncBase:Body
            AirSyncBase:Type "1"
            AirSyncBase:EstimatedDataSize "10"
            AirSyncBase:Data "vielleicht"
          MeetingResponse:ProposedStartTime "20260301T080000Z"
          MeetingResponse:ProposedEndTime "20260301T090000Z"
      MeetingResponse:Request
        MeetingResponse:UserResponse "2"
        Search:LongId "l"
        MeetingResponse:InstanceId "2026-03-01T08:00:00.000Z"
        MeetingResponse:SendResponse
    "#);
    for (version, instance, send, proposed) in [
        (Version::V12_1, false, false, false),
        (Version::V14_1, true, false, false),
        (Version::V16_0, true, true, false),
        (Version::V16_1, true, true, true),
    ] {
        let mut request = request.clone();
        request.prepare(version);
        let reply = &request.replies[0];
        assert_eq!(reply.instance.is_some(), instance, "{version}");
        assert_eq!(reply.send.is_some(), send, "{version}");
        assert_eq!(
            reply.send.as_ref().is_some_and(|send| send.proposed.is_some()),
            proposed,
            "{version}"
        );
    }
    let result = MeetingResult {
        request_id: Some("5:1".into()),
        status: Status::OK,
        calendar_id: Some("2:1".into()),
    };
    let answer = MeetingResponseAnswer { status: None, results: vec![result] };
    assert_eq!(MeetingResponseAnswer::decode(&answer.encode()), Ok(answer));
}

#[test]
fn settings_of_every_kind() {
    let message = OofMessage {
        external_unknown: true,
        enabled: Some(true),
        reply: Some("weg".into()),
        body_type: Some(OofBodyType::Html),
        ..OofMessage::default()
    };
    let oof = Oof {
        state: Some(OofState::Scheduled),
        start: Some(datetime!(2026-03-01 08:00 UTC)),
        end: Some(datetime!(2026-03-08 08:00 UTC)),
        messages: vec![message],
    };
    let request = SettingsRequest {
        oof: Some(OofRequest::Set(oof.clone())),
        device_password: Some(RecoveryPassword("geheim".into())),
        user_information: true,
        rights_management: true,
        ..SettingsRequest::default()
    };
    assert!(!format!("{request:?}").contains("geheim"));
    assert_snapshot!(outlined!(SettingsRequest, request), @r#"
    Settings:Settings
      Settings:Oof
        Settings:Set
          Settings:OofState "2"
          Settings:StartTime "2026-03-01T08:00:00.000Z"
          Settings:EndTime "2026-03-08T08:00:00.000Z"
          Settings:OofMessage
            Settings:AppliesToExternalUnknown
            Settings:Enabled "1"
            Settings:ReplyMessage "weg"
            Settings:BodyType "HTML"
      Settings:DevicePassword
        Settings:Set
          Settings:Password "geheim"
      Settings:UserInformation
        Settings:Get
      Settings:RightsManagementInformation
        Settings:Get
    "#);
    let get = SettingsRequest {
        oof: Some(OofRequest::Get(OofBodyType::Text)),
        ..SettingsRequest::default()
    };
    assert_eq!(SettingsRequest::decode(&get.encode()), Ok(get));
    let addresses = Addresses {
        smtp: vec!["a@example.test".into(), "b@example.test".into()],
        primary: Some("b@example.test".into()),
    };
    let account = UserAccount {
        account_name: Some("n".into()),
        send_disabled: Some(false),
        addresses: addresses.clone(),
        ..UserAccount::default()
    };
    let old = Addresses { primary: None, ..addresses };
    for (user, primary) in [
        (UserInformation::Accounts(vec![account]), "b@example.test"),
        (UserInformation::Addresses(old), "a@example.test"),
    ] {
        assert_eq!(user.primary_address(), Some(primary));
        let template = RightsTemplate { id: Some("t".into()), ..RightsTemplate::default() };
        let answer = SettingsAnswer {
            oof: Some((Status::OK, Some(oof.clone()))),
            device_password: Some(Status(7)),
            user_information: Some((Status::OK, Some(user))),
            rights_management: Some((Status::OK, vec![template])),
            ..SettingsAnswer::new(Status::OK)
        };
        assert_eq!(SettingsAnswer::decode(&answer.encode()), Ok(answer));
    }
}

#[test]
fn items_are_fetched_emptied_and_moved() {
    let document = Fetch {
        source: FetchSource::Document(r"\\srv\a".into()),
        credentials: Some(Credentials { user_name: "u".into(), password: "p".into() }),
        ..Fetch::attachment("")
    };
    let protected = Fetch {
        source: FetchSource::Item { collection_id: "5".into(), server_id: "5:1".into() },
        remove_rights_protection: true,
        rights_management: Some(true),
        schema: vec![email::SUBJECT],
        body_part_preference: Some(BodyPreference::whole(BodyType::Html)),
        ..Fetch::attachment("")
    };
    let request = ItemOperationsRequest {
        fetches: vec![document, protected],
        empties: vec![EmptyFolder { collection_id: "4".into(), delete_sub_folders: true }],
        moves: vec![MoveConversation {
            conversation_id: Bytes::from_static(&[0, 255]),
            destination: "6".into(),
            always: true,
        }],
    };
    assert_snapshot!(outlined!(ItemOperationsRequest, request), @r#"
    ItemOperations:ItemOperations
      ItemOperations:Fetch
        ItemOperations:Store "DocumentLibrary"
        DocumentLibrary:LinkId "\\\\srv\\a"
        ItemOperations:Options
          ItemOperations:UserName "u"
          ItemOperations:Password "p"
      ItemOperations:Fetch
        ItemOperations:Store "Mailbox"
        AirSync:CollectionId "5"
        AirSync:ServerId "5:1"
        RightsManagement:RemoveRightsManagementProtection
        ItemOperations:Options
          ItemOperations:Schema
            Email:Subject
          AirSyncBase:BodyPartPreference
            AirSyncBase:Type "2"
          RightsManagement:RightsManagementSupport "1"
      ItemOperations:EmptyFolderContents
        AirSync:CollectionId "4"
        ItemOperations:Options
          ItemOperations:DeleteSubFolders
      ItemOperations:Move
        ItemOperations:ConversationId [00, ff]
        ItemOperations:DstFldId "6"
        ItemOperations:Options
          ItemOperations:MoveAlways
    "#);
    let event = Event { subject: Some("s".into()), ..Event::default() };
    let source = FetchSource::Item { collection_id: "2".into(), server_id: "2:1".into() };
    let answer = ItemOperationsAnswer {
        fetches: vec![FetchAnswer {
            class: Some("Calendar".into()),
            item: event.into(),
            ..FetchAnswer::new(Status::OK, source)
        }],
        empties: vec![EmptyFolderAnswer { status: Status::OK, collection_id: Some("4".into()) }],
        moves: vec![MoveConversationAnswer {
            status: Status(156),
            conversation_id: Some(Bytes::from_static(&[0, 255])),
        }],
        ..ItemOperationsAnswer::new(Status::OK)
    };
    assert_eq!(ItemOperationsAnswer::decode(&answer.encode()), Ok(answer));
}

#[test]
fn estimates_have_the_order_of_their_version() {
    let collection = EstimateCollection {
        sync_key: "1".into(),
        collection_id: "5".into(),
        class: None,
        conversation_mode: Some(true),
        options: vec![SyncOptions { filter: Some(Filter::OneDay), ..SyncOptions::default() }],
    };
    let old = EstimateCollection {
        class: Some("Email".into()),
        conversation_mode: None,
        ..collection.clone()
    };
    let new = EstimateRequest { collections: vec![collection] };
    assert_snapshot!(outlined!(EstimateRequest, new), @r#"
    GetItemEstimate:GetItemEstimate
      GetItemEstimate:Collections
        GetItemEstimate:Collection
          AirSync:SyncKey "1"
          GetItemEstimate:CollectionId "5"
          AirSync:ConversationMode "1"
          AirSync:Options
            AirSync:FilterType "1"
    "#);
    assert_snapshot!(outlined!(EstimateRequest, EstimateRequest { collections: vec![old] }), @r#"
    GetItemEstimate:GetItemEstimate
      GetItemEstimate:Collections
        GetItemEstimate:Collection
          GetItemEstimate:Class "Email"
          GetItemEstimate:CollectionId "5"
          AirSync:FilterType "1"
          AirSync:SyncKey "1"
    "#);
}
