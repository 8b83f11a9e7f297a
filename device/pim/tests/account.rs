//! One answer at a time: what an account asks after it.

#[cfg(test)]
#[path = "account/desk.rs"]
mod desk;
#[cfg(test)]
#[path = "account/fetching.rs"]
mod fetching;
#[cfg(test)]
#[path = "account/folders.rs"]
mod folders;
#[cfg(test)]
#[path = "account/pauses.rs"]
mod pauses;
#[cfg(test)]
#[path = "account/push.rs"]
mod push;
#[cfg(test)]
#[path = "account/sending.rs"]
mod sending;
#[cfg(test)]
#[path = "account/stranded.rs"]
mod stranded;
#[cfg(test)]
#[path = "account/versions.rs"]
mod versions;

use activesync::{
    codepage::{Tag, provision},
    messages::{
        BodyType, ByteRange, Email, FetchAnswer, FetchContent, FetchSource, Filter, Folder,
        FolderChange, FolderKind, FolderSyncAnswer, ItemOperationsAnswer, ItemOperationsRequest,
        PingAnswer, PolicyApplied, PolicyDocument, PolicySetting, ProvisionRequest, ServerCommand,
        SyncAnswer,
    },
    query::{Command, Version},
    status::Status,
};
use desk::{Desk, INBOX, add, for_folder, ok, policy, primed, refusal, status, sync, tree};
use pim::{
    Answer, Change, CollectionId, Effects, Event, FetchFailure, Fetched, ItemRef, Keep, Outcome,
    Phase, ServerId, Text, Verdict, Want,
};
use time::Duration;

#[test]
fn the_highest_common_version_is_spoken() {
    for (offered, spoken) in [
        ("2.5,12.1,14.0,14.1", Version::V14_1),
        ("2.5,12.0,12.1", Version::V12_1),
        ("12.1,14.0", Version::V14_0),
        ("16.1", Version::V16_1),
        ("14.1,16.0,16.1,17.0", Version::V16_1),
    ] {
        let mut desk = Desk::new();
        desk.answers(Answer { versions: Some(offered.to_owned()), ..ok(Vec::new()) });
        assert_eq!(desk.version(), spoken, "{offered}");
    }
}

#[test]
fn a_server_that_speaks_nothing_in_common_is_left_alone() {
    let mut desk = Desk::new();
    desk.answers(Answer { versions: Some("2.5,12.0".to_owned()), ..ok(Vec::new()) });
    desk.rests(Phase::Refused, "version_not_supported", Duration::minutes(30));
}

#[test]
fn a_server_that_does_not_tell_its_versions_is_spoken_to_in_a_usual_one() {
    for answer in [ok(Vec::new()), status(501), status(405)] {
        let mut desk = Desk::new();
        desk.answers(answer);
        assert_eq!((desk.command(), desk.version()), (Command::Provision, Version::V14_1));
    }
}

#[test]
fn a_policy_is_confirmed_with_its_temporary_key_and_used_with_the_last() {
    let mut desk = Desk::asked();
    insta::assert_debug_snapshot!((desk.policy_key(), ProvisionRequest::decode(&desk.wbxml())), @r#"
    (
        None,
        Ok(
            ProvisionRequest {
                device_information: Some(
                    DeviceInformation {
                        model: None,
                        imei: None,
                        friendly_name: None,
                        os: None,
                        os_language: None,
                        phone_number: None,
                        user_agent: None,
                        mobile_operator: None,
                        enable_outbound_sms: None,
                    },
                ),
                policy: Some(
                    PolicyRequest {
                        policy_type: "MS-EAS-Provisioning-WBXML",
                        key: None,
                        applied: None,
                    },
                ),
                remote_wipe: None,
                account_only_remote_wipe: None,
            },
        ),
    )
    "#);
    let setting = |tag, value: &str| PolicySetting::new(tag, value);
    let document = PolicyDocument {
        settings: vec![
            setting(provision::ATTACHMENTS_ENABLED, "0"),
            setting(provision::MAX_EMAIL_AGE_FILTER, "2"),
            setting(provision::ALLOW_HTML_EMAIL, "0"),
        ],
    };
    desk.answers(ok(policy(1, Some(11), Some(document))));
    assert_eq!((desk.command(), desk.policy_key()), (Command::Provision, Some(11)));
    desk.answers(ok(policy(1, Some(12), None)));
    assert_eq!((desk.command(), desk.policy_key()), (Command::FolderSync, Some(12)));
    let attachment = desk.account.fetch(Want::Attachment("a".to_owned()), desk.now);
    assert_eq!(attachment, Err(FetchFailure::Refused("attachments_forbidden".to_owned())));
    desk.answers(tree());
    desk.answers(primed());
    insta::assert_debug_snapshot!(desk.sync().collections[0].options, @r#"
    [
        SyncOptions {
            filter: Some(
                ThreeDays,
            ),
            class: None,
            client_wins: None,
            body_preferences: [
                BodyPreference {
                    kind: Text,
                    truncation_size: Some(
                        65536,
                    ),
                    all_or_none: false,
                    preview: Some(
                        200,
                    ),
                },
            ],
            mime_support: Some(
                Never,
            ),
            mime_truncation: None,
            body_part_preference: None,
            rights_management: None,
            max_items: None,
        },
    ]
    "#);
}

#[test]
fn a_policy_that_is_met_in_part_is_answered_so() {
    let applied = |settings: &[(Tag, &str)]| {
        let mut desk = Desk::asked();
        let settings = settings.iter().map(|(tag, value)| PolicySetting::new(*tag, *value));
        let document = PolicyDocument { settings: settings.collect() };
        desk.answers(ok(policy(1, Some(11), Some(document))));
        let request = ProvisionRequest::decode(&desk.wbxml()).unwrap();
        let verdicts: Vec<Verdict> =
            desk.account.policy().into_iter().map(|(_, verdict)| verdict).collect();
        (request.policy.unwrap().applied, verdicts)
    };

    let camera = (provision::ALLOW_CAMERA, "0");
    assert_eq!(
        applied(&[camera, (provision::ATTACHMENTS_ENABLED, "0")]),
        (Some(PolicyApplied::All), vec![Verdict::Beyond, Verdict::Enforced])
    );
    assert_eq!(
        applied(&[
            camera,
            (provision::DEVICE_PASSWORD_ENABLED, "1"),
            (provision::DEVICE_PASSWORD_EXPIRATION, "9000")
        ]),
        (Some(PolicyApplied::Partly), vec![Verdict::Beyond, Verdict::Enforced, Verdict::Unmet])
    );
    assert_eq!(applied(&[]), (Some(PolicyApplied::All), Vec::new()));
}

#[test]
fn another_policy_is_in_force_before_it_is_said_to_be() {
    let mut desk = Desk::watching();
    let setting = |tag, value: &str| PolicySetting::new(tag, value);
    let document = PolicyDocument {
        settings: vec![
            setting(provision::ATTACHMENTS_ENABLED, "0"),
            setting(provision::ALLOW_HTML_EMAIL, "0"),
            setting(provision::MAX_EMAIL_AGE_FILTER, "1"),
            setting(provision::MAX_EMAIL_BODY_TRUNCATION_SIZE, "1"),
        ],
    };
    desk.pushed(status(449));

    let effects = desk.answers(ok(policy(1, Some(11), Some(document.clone()))));

    let keep = Keep {
        attachments: false,
        largest_attachment: None,
        html: false,
        longest_text: Some(1000),
        longest_html: Some(1000),
    };
    let [Change::PutAccount(account), Change::Enforce(kept)] = &effects.changes[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((account.limits.attachments, *kept), (false, keep));
    assert_eq!(desk.policy_key(), Some(11), "only then it is acknowledged");
    desk.answers(ok(policy(1, Some(12), None)));
    // Nothing happened there, and yet the folder is asked for what is not too old.
    assert_eq!(desk.sync().collections[0].options[0].filter, Some(Filter::OneDay));
    desk.answers(ok(Vec::new()));

    // The same once more changes nothing that is here.
    desk.pushed(status(449));
    let effects = desk.answers(ok(policy(1, Some(13), Some(document))));
    assert_eq!(effects.changes, []);
}

#[test]
fn a_text_that_a_server_should_not_have_sent_is_cut() {
    let mut desk = Desk::asked();
    let settings = vec![
        PolicySetting::new(provision::ALLOW_HTML_EMAIL, "0"),
        PolicySetting::new(provision::MAX_EMAIL_BODY_TRUNCATION_SIZE, "1"),
    ];
    desk.answers(ok(policy(1, Some(11), Some(PolicyDocument { settings }))));
    desk.answers(ok(policy(1, Some(12), None)));
    desk.answers(tree());
    desk.answers(primed());
    let html = format!("<p>{}</p>", "Zürich ".repeat(1000));
    let body = activesync::messages::Body::whole(BodyType::Html, html.into_bytes());
    let mail = Email { body: Some(body), ..Email::default() };
    let add = ServerCommand::Add { server_id: "1".to_owned(), class: None, item: mail.into() };

    let effects = desk.answers(sync(|answer| answer.commands.push(add)));

    let stored = effects.changes.iter().find_map(|change| {
        if let Change::PatchMail { patch, .. } = change {
            return patch.body.as_ref().map(|body| body.text.clone());
        }
        let Change::PutMail { mail, .. } = change else { return None };
        Some(mail.body.text.clone())
    });
    let Some(Text::Plain(text)) = stored else { panic!("{effects:?}") };
    assert!(text.starts_with("Zürich Zürich") && (998..=1000).contains(&text.len()), "{text}");
}

#[test]
fn an_attachment_that_turns_out_too_large_is_withheld() {
    let mut desk = Desk::asked();
    let settings = vec![PolicySetting::new(provision::MAX_ATTACHMENT_SIZE, "3")];
    desk.answers(ok(policy(1, Some(11), Some(PolicyDocument { settings }))));
    desk.answers(ok(policy(1, Some(12), None)));
    desk.answers(tree());
    desk.answers(primed());
    desk.answers(ok(Vec::new()));
    let mut fetch = |bytes: &'static [u8]| {
        let want = Want::Attachment("a".to_owned());
        desk.account.fetch(want, desk.now).unwrap();
        let answer = ItemOperationsAnswer {
            status: Status::OK,
            fetches: vec![FetchAnswer {
                content: Some(FetchContent::Inline(bytes.into())),
                ..FetchAnswer::new(Status::OK, FetchSource::Attachment("a".to_owned()))
            }],
            empties: Vec::new(),
            moves: Vec::new(),
        };
        let events = desk.answers(ok(answer.encode())).events;
        let [Event::Fetched { result, .. }] = &events[..] else { panic!("{events:?}") };
        result.clone()
    };

    assert_eq!(fetch(b"abc"), Ok(Fetched::Attachment(b"abc".as_slice().into())));
    assert_eq!(fetch(b"abcd"), Err(FetchFailure::Refused("too_large".to_owned())));
}

#[test]
fn an_attachment_comes_in_ranges_from_servers_that_know_them() {
    let mut desk = Desk::watching();
    let reference = || FetchSource::Attachment("a".to_owned());
    let mut fetch = |content: &'static [u8], range: Option<(u64, u64)>, total| {
        let want = Want::Part { reference: "a".to_owned(), from: 4, length: 4 };
        desk.account.fetch(want, desk.now).unwrap();
        let asked = ItemOperationsRequest::decode(&desk.wbxml()).unwrap();
        assert_eq!(asked.fetches[0].range, Some(ByteRange { first: 4, last: 7 }));
        assert_eq!(asked.fetches[0].source, reference());
        let answer = ItemOperationsAnswer {
            status: Status::OK,
            fetches: vec![FetchAnswer {
                content: Some(FetchContent::Inline(content.into())),
                range: range.map(|(first, last)| ByteRange { first, last }),
                total,
                ..FetchAnswer::new(Status::OK, reference())
            }],
            empties: Vec::new(),
            moves: Vec::new(),
        };
        let events = desk.answers(ok(answer.encode())).events;
        let [Event::Fetched { result, .. }] = &events[..] else { panic!("{events:?}") };
        result.clone()
    };

    let part = |bytes: &'static [u8], total| Ok(Fetched::Part { bytes: bytes.into(), total });
    assert_eq!(fetch(b"4567", Some((4, 7)), Some(9)), part(b"4567", Some(9)));
    assert_eq!(fetch(b"45", Some((4, 5)), None), part(b"45", None));
    let whole = Ok(Fetched::Attachment(b"012345678".as_slice().into()));
    assert_eq!(fetch(b"012345678", None, None), whole, "it does not know ranges");
    assert_eq!(fetch(b"012345678", Some((0, 8)), Some(9)), whole);
    let wrong = Err(FetchFailure::Refused("status_8".to_owned()));
    assert_eq!(fetch(b"0123", Some((0, 3)), Some(9)), wrong);
    assert_eq!(fetch(b"4567", None, Some(9)), wrong);
}

#[test]
fn no_policy_is_no_error() {
    for answer in [ok(policy(2, None, None)), ok(policy(3, None, None)), status(501)] {
        let mut desk = Desk::asked();
        desk.answers(answer);
        assert_eq!((desk.command(), desk.policy_key()), (Command::FolderSync, Some(0)));
    }
}

#[test]
fn a_demand_for_provision_is_met_and_the_command_repeated() {
    for demand in
        [status(449), refusal(Command::FolderSync, 142), refusal(Command::FolderSync, 165)]
    {
        let mut desk = Desk::provisioned();
        desk.answers(demand);
        desk.answers(ok(policy(2, None, None)));
        assert_eq!(desk.command(), Command::FolderSync);
    }
}

#[test]
fn a_demand_that_does_not_end_is_no_loop() {
    let mut desk = Desk::provisioned();
    for _ in 0..3 {
        desk.answers(refusal(Command::FolderSync, 142));
        desk.answers(ok(policy(2, None, None)));
    }
    desk.answers(refusal(Command::FolderSync, 142));
    desk.rests(Phase::Error, "provisioning_failed", Duration::seconds(3));
}

#[test]
fn refusals_stop_everything_for_half_an_hour_unless_the_user_asks() {
    for (answer, code) in [
        (status(403), "http_403"),
        (refusal(Command::FolderSync, 126), "status_126"),
        (refusal(Command::FolderSync, 129), "status_129"),
        (refusal(Command::FolderSync, 177), "status_177"),
    ] {
        let mut desk = Desk::provisioned();
        desk.answers(answer);
        desk.rests(Phase::Refused, code, Duration::minutes(30));
        desk.account.sync_now();
        assert_eq!(desk.command(), Command::FolderSync);
    }
}

#[test]
fn a_refused_password_is_not_tried_again() {
    let mut desk = Desk::provisioned();
    desk.answers(status(401));
    assert!(desk.account.progress(desk.now).needs_password);
    desk.account.sync_now();
    desk.now += Duration::days(1);
    assert_eq!(desk.account.next_command(desk.now), None);
    desk.account.password_given();
    assert!(desk.account.next_command(desk.now).is_some());
}

#[test]
fn a_busy_server_is_left_alone_as_long_as_it_wants() {
    let mut desk = Desk::provisioned();
    let retry_at = Some(desk.now + Duration::minutes(7));
    desk.answers(Answer { retry_at, ..status(503) });
    desk.rests(Phase::Error, "server_busy", Duration::minutes(6));
}

#[test]
fn a_folder_is_primed_and_then_asked_for_more_and_more() {
    let mut desk = Desk::listed();
    insta::assert_debug_snapshot!(desk.sync(), @r#"
    SyncRequest {
        collections: [
            SyncCollection {
                class: None,
                sync_key: "0",
                collection_id: "in{box}%2F1",
                supported: None,
                deletes_as_moves: None,
                get_changes: None,
                window_size: None,
                conversation_mode: None,
                options: [],
                commands: [],
            },
        ],
        waiting: None,
        window_size: None,
        partial: false,
        waits_twice: false,
    }
    "#);
    desk.answers(primed());
    insta::assert_debug_snapshot!(desk.sync(), @r#"
    SyncRequest {
        collections: [
            SyncCollection {
                class: None,
                sync_key: "1",
                collection_id: "in{box}%2F1",
                supported: None,
                deletes_as_moves: None,
                get_changes: Some(
                    true,
                ),
                window_size: Some(
                    25,
                ),
                conversation_mode: None,
                options: [
                    SyncOptions {
                        filter: Some(
                            TwoWeeks,
                        ),
                        class: None,
                        client_wins: None,
                        body_preferences: [
                            BodyPreference {
                                kind: Text,
                                truncation_size: Some(
                                    65536,
                                ),
                                all_or_none: false,
                                preview: Some(
                                    200,
                                ),
                            },
                            BodyPreference {
                                kind: Html,
                                truncation_size: Some(
                                    65536,
                                ),
                                all_or_none: false,
                                preview: Some(
                                    200,
                                ),
                            },
                        ],
                        mime_support: Some(
                            Never,
                        ),
                        mime_truncation: None,
                        body_part_preference: None,
                        rights_management: None,
                        max_items: None,
                    },
                ],
                commands: [],
            },
        ],
        waiting: None,
        window_size: None,
        partial: false,
        waits_twice: false,
    }
    "#);
    desk.answers(sync(|answer| {
        answer.more_available = true;
        answer.sync_key = Some("2".to_owned());
        answer.commands = vec![add("1", false)];
    }));
    assert_eq!(desk.sync().collections[0].window_size, Some(50), "it was quick");
}

#[test]
fn a_key_and_what_came_with_it_are_stored_together() {
    let mut desk = Desk::listed();
    desk.answers(primed());
    let effects = desk.answers(sync(|answer| {
        answer.commands =
            vec![add("1", false), ServerCommand::SoftDelete { server_id: "9".to_owned() }]
    }));
    insta::assert_debug_snapshot!(effects.changes.iter().map(|change| format!("{change:?}").chars().take(110).collect::<String>()).collect::<Vec<_>>(), @r#"
    [
        "PutMail { item: ItemRef { collection: CollectionId(\"in{box}%2F1\"), item: ServerId(\"1\") }, mail: Mail { from: M",
        "RemoveMail(ItemRef { collection: CollectionId(\"in{box}%2F1\"), item: ServerId(\"9\") })",
        "EndRound(CollectionId(\"in{box}%2F1\"))",
        "PutFolder(FolderRecord { id: CollectionId(\"in{box}%2F1\"), parent: None, name: \"in{box}%2F1\", kind: Inbox, key:",
        "PutAccount(AccountRecord { version: Some(V14_1), asked_at: Some(2026-01-01 0:00:00.0 +00:00:00), provisioned: ",
    ]
    "#);
}

#[test]
fn rounds_that_bring_nothing_come_to_an_end() {
    let mut desk = Desk::listed();
    desk.answers(primed());
    for round in 0..40 {
        if desk.account.clone().next_command(desk.now).is_none() {
            assert!(round >= 10);
            return;
        }
        desk.answers(sync(|answer| {
            answer.more_available = true;
            answer.sync_key = Some(format!("key {round}"));
        }));
    }
    panic!("it asks for ever");
}

#[test]
fn a_lost_key_starts_the_folder_anew_at_most_once_in_an_hour() {
    let mut desk = Desk::listed();
    desk.answers(primed());
    desk.answers(sync(|answer| answer.status = Status(3)));
    assert_eq!(desk.sync().collections[0].sync_key, "0");
    desk.answers(primed());
    desk.answers(sync(|answer| answer.status = Status(3)));
    assert_eq!(desk.account.next_command(desk.now), None);
    desk.now += Duration::minutes(61);
    assert_eq!(desk.sync().collections[0].sync_key, "0");
}

#[test]
fn a_changed_tree_is_asked_for_before_the_folder() {
    let mut desk = Desk::listed();
    desk.answers(primed());
    desk.answers(ok(SyncAnswer { status: Some(Status(12)), ..SyncAnswer::default() }.encode()));
    assert_eq!(desk.command(), Command::FolderSync);
}

#[test]
fn a_tree_key_that_is_refused_is_replaced_and_folders_stay() {
    let mut desk = Desk::watching();
    desk.account.sync_now();
    desk.answers(ok(
        FolderSyncAnswer { status: Status(9), sync_key: None, changes: Vec::new() }.encode()
    ));
    desk.answers(tree());
    assert_eq!(desk.sync().collections[0].sync_key, "1", "the folder's own key is still good");
}

#[test]
fn silence_about_key_zero_means_that_the_folder_is_unknown() {
    let mut desk = Desk::listed();
    desk.answers(ok(Vec::new()));
    assert_eq!(desk.command(), Command::FolderSync);
}

#[test]
fn a_mark_goes_up_with_the_key_and_is_confirmed_by_silence() {
    let mut desk = Desk::watching();
    let item =
        ItemRef { collection: CollectionId(INBOX.to_owned()), item: ServerId("1".to_owned()) };
    let marks = pim::Marks { read: Some(true), ..pim::Marks::default() };
    desk.account.mark(item, marks, pim::Known::default());
    insta::assert_debug_snapshot!(desk.sync().collections[0].commands, @r#"
    [
        Change {
            server_id: "1",
            instance: None,
            item: Email(
                Email {
                    read: true,
                },
            ),
            send: false,
        },
    ]
    "#);
    let effects = desk.answers(sync(|answer| answer.sync_key = Some("2".to_owned())));
    assert!(effects.changes.iter().any(|change| matches!(change, Change::RemoveUpload(_))));
    assert_eq!(desk.account.next_command(desk.now), None);
}

#[test]
fn push_grows_longer_while_nothing_happens_and_shorter_when_it_is_cut() {
    let mut desk = Desk::watching();
    let mut intervals = Vec::new();
    for _ in 0..4 {
        intervals.push(desk.pushed(ok(PingAnswer::new(Status(1)).encode())));
    }
    for _ in 0..3 {
        let (request, ping) = desk.push();
        intervals.push(ping.heartbeat_interval.unwrap());
        desk.now += Duration::minutes(2);
        desk.account.handle(request.ticket, Outcome::Lost, desk.now, 0);
    }
    assert_eq!(intervals, [480, 660, 840, 1020, 1200, 600, 300]);
}

#[test]
fn push_obeys_the_servers_limits() {
    let mut desk = Desk::watching();
    desk.pushed(ok(
        PingAnswer { heartbeat_interval: Some(60), ..PingAnswer::new(Status(5)) }.encode()
    ));
    for _ in 0..3 {
        assert_eq!(
            desk.pushed(ok(PingAnswer {
                heartbeat_interval: Some(60),
                ..PingAnswer::new(Status(5))
            }
            .encode())),
            60
        );
    }
    desk.pushed(ok(PingAnswer { max_folders: Some(1), ..PingAnswer::new(Status(6)) }.encode()));
    assert_eq!(desk.push().1.folders.len(), 1);
}

#[test]
fn alarms_without_news_make_push_rest() {
    let mut desk = Desk::watching();
    for _ in 0..2 {
        desk.pushed(ok(PingAnswer {
            folders: vec![INBOX.to_owned()],
            ..PingAnswer::new(Status(2))
        }
        .encode()));
        desk.answers(ok(Vec::new()));
    }
    assert_eq!(desk.account.next_push(desk.now, 0), None);
    assert!(desk.account.wake_at(desk.now).is_some());
}

#[test]
fn a_server_without_push_is_asked_by_turns() {
    let mut desk = Desk::watching();
    let (request, _) = desk.push();
    desk.account.handle(request.ticket, Outcome::Answered(status(501)), desk.now, 0);
    assert_eq!(desk.account.next_push(desk.now, 0), None);
    desk.now = desk.account.wake_at(desk.now).unwrap();
    assert_eq!(desk.command(), Command::Sync);
}

#[test]
fn a_new_folder_ends_the_push_that_does_not_watch_it() {
    let mut desk = Desk::watching();
    desk.push();
    desk.account.sync_now();
    let folder = FolderChange::Add(Folder {
        server_id: "new".to_owned(),
        parent_id: "0".to_owned(),
        display_name: "New".to_owned(),
        kind: FolderKind::UserMail,
    });
    desk.answers(ok(FolderSyncAnswer {
        status: Status::OK,
        sync_key: Some("t2".to_owned()),
        changes: vec![folder],
    }
    .encode()));
    desk.answers(ok(Vec::new()));
    desk.answers(for_folder("new", |_| ()));
    let effects = desk.answers(ok(Vec::new()));
    assert_eq!(effects.events, [Event::StopPush]);
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let mut desk = Desk::provisioned();
    let request = desk.next();
    desk.account.handle(request.ticket, Outcome::Cancelled, desk.now, 0);
    let effects = desk.account.handle(request.ticket, Outcome::Answered(tree()), desk.now, 0);
    assert_eq!(effects, Effects::default());
}
