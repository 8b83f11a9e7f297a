//! What synchronisation stores is what it gets back.

use super::{Store, at, attachment, folder, inbox, item, mail, person, put_mail, wanted};
use activesync::messages::{Filter, FlagState, FolderKind, Importance, WipeOrder};
use activesync::query::Version;
use pim::{
    AccountRecord, Attempt, AttemptStage, Body, BodyState, Change, CollectionId, Destination,
    FlagDetails, FolderRecord, FollowUp, Limits, MailPatch, Marks, Place, Print, Saved, ServerId,
    Text, Thread, UploadRecord,
};
use time::macros::{date, datetime};
use vault::AccessError;

#[test]
fn a_fresh_container_knows_nothing() {
    let ground = crate::ground::Ground::new();
    let open = ground.create(&crate::ground::make_identity(), 3);

    assert_eq!(open.mail().saved(10).unwrap(), Saved::default());
    assert_eq!(open.mail().folders().unwrap(), []);
}

#[test]
fn the_state_survives_the_lock() {
    let store = Store::new();
    let account = AccountRecord {
        version: Some(Version::V16_1),
        asked_at: Some(at(1)),
        provisioned: true,
        policy_key: u32::MAX,
        demands: vec![pim::Demand { setting: "AllowCamera".to_owned(), value: "0".to_owned() }],
        limits: Limits {
            attachments: false,
            largest_attachment: Some(0),
            oldest: Filter::TwoWeeks,
            html: false,
        },
        tree_key: "{tree}|1".to_owned(),
        heartbeat: 720,
        longest_heartbeat: 3_000,
        most_watched: Some(0),
        last_success: Some(datetime!(2026-01-01 10:00:00.123 UTC)),
        wipe_ordered: Some(WipeOrder::Account),
        wipe_until: Some(at(8)),
    };
    let changed = FolderRecord {
        parent: Some(CollectionId("above".to_owned())),
        name: "Projekte: %; 'x'".to_owned(),
        kind: FolderKind::UserMail,
        key: "{key}17".to_owned(),
        synced: true,
        in_round: true,
        reset_at: Some(at(7)),
        ..folder("inbox")
    };
    let flag = FollowUp {
        state: FlagState::Done,
        due: Some(date!(2026 - 12 - 01)),
        completed: Some(at(9)),
        details: details(),
    };
    let upload = UploadRecord {
        item: item("1"),
        marks: Marks {
            read: Some(true),
            flag: Some(flag),
            categories: Some(vec!["Rot".to_owned()]),
        },
        before: Marks { read: Some(false), ..Marks::default() },
        place: Some(Place {
            to: Destination::Folder(CollectionId("archive".to_owned())),
            attempt: Some(Attempt {
                to: CollectionId("other".to_owned()),
                stage: AttemptStage::Left,
                landed: Some(ServerId("x:1".to_owned())),
            }),
        }),
        print: Print { received: Some(at(1)), subject: "Nachricht 1".to_owned() },
        arriving: true,
    };
    store.put(&[
        Change::PutAccount(AccountRecord::default()),
        Change::PutAccount(account.clone()),
        Change::PutFolder(changed.clone()),
        put_mail("1", mail(1)),
        Change::PutUpload(wanted(item("1"))),
        Change::PutUpload(upload.clone()),
        Change::AddCandidate(ServerId("b".to_owned())),
        Change::AddCandidate(ServerId("a".to_owned())),
        Change::AddCandidate(ServerId("a".to_owned())),
        Change::RemoveCandidate(ServerId("b".to_owned())),
    ]);

    let store = store.reopened();

    let expected = Saved {
        account,
        folders: vec![changed],
        uploads: vec![upload],
        edits: Vec::new(),
        drafts: Vec::new(),
        outbox: Vec::new(),
        candidates: vec![ServerId("a".to_owned())],
        unfetched: Vec::new(),
    };
    assert_eq!(store.open.mail().saved(10).unwrap(), expected);
    store.put(&[Change::RemoveUpload(item("1"))]);
    assert_eq!(store.open.mail().saved(10).unwrap().uploads, []);
}

#[test]
fn a_mail_comes_back_whole() {
    let store = Store::new();
    let sent = pim::Mail {
        cc: vec![person("Carla", "carla@example.org")],
        bcc: vec![person("Dora", "")],
        reply_to: vec![person("", "list@example.org")],
        read: true,
        flag: FollowUp {
            state: FlagState::Active,
            due: Some(date!(2026 - 12 - 01)),
            completed: None,
            details: details(),
        },
        categories: vec!["Blau".to_owned(), "\"Rot\"".to_owned()],
        importance: Importance::High,
        class: "IPM.Note.SMIME".to_owned(),
        thread: Thread {
            conversation: Some(vec![1, 2].into()),
            index: Some(vec![3].into()),
            topic: "Nachricht".to_owned(),
        },
        body: Body {
            state: BodyState::Partial,
            text: Text::Html("<p>Grüße".to_owned()),
            preview: "Grüße".to_owned(),
        },
        attachments: vec![attachment("b", true), attachment("a", false)],
        ..mail(5)
    };
    store.put(&[
        put_mail("1", sent),
        Change::PutMessageId { item: item("1"), message_id: "x@example.org".to_owned() },
    ]);

    insta::assert_debug_snapshot!(store.message("1"), @r#"
    MessageView {
        item: MessageItem {
            id: MessageId(
                1,
            ),
            folder: FolderId(
                1,
            ),
            from: Mailbox {
                name: "Jürgen \"JJ\" Jäger",
                address: "jj@example.org",
            },
            to: [
                Mailbox {
                    name: "",
                    address: "alice@example.org",
                },
                Mailbox {
                    name: "Bob",
                    address: "bob@example.org",
                },
            ],
            subject: "Nachricht 5",
            received: 2026-01-01 0:00:05.0 +00:00:00,
            read: true,
            flag: FollowUp {
                state: Active,
                due: Some(
                    2026-12-01,
                ),
                completed: None,
                details: FlagDetails {
                    text: None,
                    start: None,
                    start_utc: None,
                    due: None,
                    due_utc: None,
                    reminder: None,
                },
            },
            categories: [
                "Blau",
                "\"Rot\"",
            ],
            importance: High,
            preview: "Grüße",
            attachments: 1,
            refused: None,
            conversation: Some(
                [
                    1,
                    2,
                ],
            ),
            topic: "Nachricht",
        },
        cc: [
            Mailbox {
                name: "Carla",
                address: "carla@example.org",
            },
        ],
        bcc: [
            Mailbox {
                name: "Dora",
                address: "",
            },
        ],
        reply_to: [
            Mailbox {
                name: "",
                address: "list@example.org",
            },
        ],
        class: "IPM.Note.SMIME",
        message_id: Some(
            "x@example.org",
        ),
        has_source: false,
        body_state: Partial,
        text: Html(
            "<p>Grüße",
        ),
        attachments: [
            AttachmentView {
                id: AttachmentId(
                    1,
                ),
                message: MessageId(
                    1,
                ),
                reference: "b",
                name: "b.pdf",
                media_type: "",
                size: 5,
                content_id: Some(
                    "b@x",
                ),
                inline: true,
                local: false,
                arrived: 0,
            },
            AttachmentView {
                id: AttachmentId(
                    2,
                ),
                message: MessageId(
                    1,
                ),
                reference: "a",
                name: "a.pdf",
                media_type: "",
                size: 5,
                content_id: None,
                inline: false,
                local: false,
                arrived: 0,
            },
        ],
        meeting: None,
    }
    "#);
}

#[test]
fn a_patch_changes_what_it_names() {
    let store = Store::new();
    store.put(&[put_mail("1", pim::Mail { attachments: vec![attachment("a", false)], ..mail(5) })]);
    let before = store.message("1");

    let patch = MailPatch { read: Some(true), ..MailPatch::default() };
    store.put(&[Change::PatchMail { item: item("1"), patch: Box::new(patch) }]);

    let mut expected = before;
    expected.item.read = true;
    assert_eq!(store.message("1"), expected);
}

#[test]
fn a_patch_that_tells_all_adds_the_mail_and_another_does_not() {
    let store = Store::new();
    let flag = MailPatch { flag: Some(FollowUp::default()), ..MailPatch::default() };
    let whole = MailPatch { subject: Some("Da".to_owned()), ..MailPatch::default() };
    store.put(&[
        Change::PatchMail { item: item("1"), patch: Box::new(flag) },
        Change::PatchMail { item: item("2"), patch: Box::new(whole) },
    ]);

    assert_eq!(store.listed(), ["2"]);
    assert_eq!(store.message("2").item.received, at(0));
}

#[test]
fn a_text_is_fetched_later() {
    let store = Store::new();
    let unknown = || Body { state: BodyState::Partial, text: Text::None, preview: String::new() };
    store.put(&[
        put_mail("1", pim::Mail { body: unknown(), ..mail(1) }),
        put_mail("2", pim::Mail { body: unknown(), ..mail(2) }),
        put_mail("3", mail(3)),
    ]);
    assert_eq!(store.open.mail().saved(9).unwrap().unfetched, [item("2"), item("1")]);
    assert_eq!(store.open.mail().saved(1).unwrap().unfetched, [item("2")]);
    let mut place = vault::mail::UnfetchedPlace::START;
    for expected in [vec![item("2")], vec![item("1")], Vec::new()] {
        let (items, after) = store.open.mail().unfetched(place, 1).unwrap();
        assert_eq!(items, expected);
        place = after;
    }

    let body = mail(1).body;
    store.put(&[
        Change::PutBody { item: item("2"), body, attachments: Some(vec![attachment("a", false)]) },
        Change::PutBody {
            item: item("1"),
            body: Body { state: BodyState::Absent, ..unknown() },
            attachments: None,
        },
    ]);

    assert_eq!(store.open.mail().saved(9).unwrap().unfetched, []);
    let message = store.message("2");
    assert_eq!((message.body_state, message.text), (BodyState::Whole, mail(1).body.text));
    assert_eq!((message.item.attachments, message.attachments.len()), (1, 1));
    assert_eq!(store.message("1").text, Text::None);
}

#[test]
fn a_protected_mail_stays_as_it_came() {
    let store = Store::new();
    let partial = Body { state: BodyState::Partial, text: Text::None, preview: String::new() };
    let protected = pim::Mail { class: "IPM.Note.SMIME".to_owned(), body: partial, ..mail(1) };
    store.put(&[put_mail("1", protected.clone())]);
    let id = store.message("1").item.id;
    assert_eq!((store.message("1").is_protected(), store.message("1").has_source), (true, false));
    assert_eq!(store.open.mail().source(id).unwrap(), None);

    let source = |bytes: &'static [u8]| Change::PutSource { item: item("1"), bytes: bytes.into() };
    let elsewhere = Change::PutSource { item: item("9"), bytes: (&b"gone"[..]).into() };
    store.put(&[elsewhere, source(b"first"), source(b"second")]);

    let store = store.reopened();
    let kept = store.open.mail().source(id).unwrap().unwrap();
    assert_eq!(kept.as_slice(), b"second");
    assert_eq!(store.open.mail().saved(9).unwrap().unfetched, []);
    // The server tells of it again, with as little of its text as before.
    store.put(&[put_mail("1", protected)]);
    assert_eq!(store.message("1").body_state, BodyState::Whole);
    assert_eq!(store.open.mail().saved(9).unwrap().unfetched, []);
    assert_eq!(store.files(), 1, "what no mail has goes");

    store.put(&[Change::RemoveMail(item("1"))]);
    assert_eq!((store.open.mail().source(id).unwrap(), store.files()), (None, 0));
}

#[test]
fn what_went_in_the_meantime_is_left_out() {
    let store = Store::new();
    let gone = pim::ItemRef { collection: CollectionId("gone".to_owned()), ..item("1") };
    let read = MailPatch { read: Some(true), ..MailPatch::default() };
    store.put(&[
        Change::PutMail { item: gone.clone(), mail: Box::new(mail(1)) },
        Change::PutBody { item: gone.clone(), body: mail(1).body, attachments: Some(Vec::new()) },
        Change::PutMessageId { item: gone.clone(), message_id: "x".to_owned() },
        Change::PutUpload(wanted(gone.clone())),
        Change::PatchMail { item: gone.clone(), patch: Box::new(read) },
        Change::BeginRound(gone.collection.clone()),
        Change::EndRound(gone.collection.clone()),
        Change::RemoveUpload(gone.clone()),
        Change::RemoveFolder(gone.collection.clone()),
        Change::RemoveMail(gone),
        Change::RemoveMail(item("1")),
        Change::PutFolder(FolderRecord { key: "1".to_owned(), ..folder("inbox") }),
    ]);

    let saved = store.open.mail().saved(9).unwrap();
    assert_eq!((saved.uploads.len(), saved.folders.len()), (0, 1));
    assert_eq!(saved.folders[0].key, "1");
    assert_eq!(store.listed(), Vec::<String>::new());
}

#[test]
fn folders_name_the_one_above_them_in_any_order() {
    let store = Store::new();
    let below = |id: &str, above: &str| {
        let parent = Some(CollectionId(above.to_owned()));
        Change::PutFolder(FolderRecord { parent, ..folder(id) })
    };
    store.put(&[below("leaf", "branch"), below("branch", "inbox"), below("lost", "nowhere")]);

    let folders = store.open.mail().folders().unwrap();

    let above = |number: usize| folders[number].parent;
    assert_eq!(
        (above(0), above(1), above(2), above(3)),
        (None, Some(folders[2].id), Some(folders[0].id), None)
    );
    assert_eq!(store.open.mail().collection(folders[0].id).unwrap(), Some(inbox()));
}

#[test]
fn a_locked_container_gives_and_takes_no_mail() {
    let store = Store::new();
    store.open.lock();

    let mail = store.open.mail();
    assert!(matches!(mail.saved(1), Err(AccessError::Locked)));
    assert!(matches!(mail.folders(), Err(AccessError::Locked)));
    assert!(matches!(mail.sweep(), Err(AccessError::Locked)));
    assert!(matches!(
        mail.store(&[Change::RemoveMail(item("1"))], at(0)),
        Err(AccessError::Locked)
    ));
}

#[test]
fn what_is_not_shown_of_a_flag_is_known_all_the_same() {
    let store = Store::new();
    let flag = FollowUp { state: FlagState::Active, details: details(), ..FollowUp::default() };
    store.put(&[put_mail("1", pim::Mail { flag: flag.clone(), ..mail(1) })]);
    let known = |store: &Store| {
        let (_, known) = store.open.mail().known(store.id("1")).unwrap().unwrap();
        known.marks.flag
    };
    assert_eq!(known(&store), Some(flag));

    let cleared = MailPatch { flag: Some(FollowUp::default()), ..MailPatch::default() };
    store.put(&[Change::PatchMail { item: item("1"), patch: Box::new(cleared) }]);
    assert_eq!(known(&store), Some(FollowUp::default()));
}

fn details() -> FlagDetails {
    FlagDetails {
        text: Some("Zurückrufen".to_owned()),
        start: Some(at(1)),
        start_utc: Some(at(2)),
        due: Some(at(3)),
        due_utc: Some(at(4)),
        reminder: Some(at(5)),
    }
}
