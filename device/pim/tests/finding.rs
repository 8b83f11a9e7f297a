//! What the server is asked about people and mails, and what its answers are taken for.
#![expect(clippy::unwrap_used, reason = "tests")]

#[cfg(test)]
#[path = "account/desk.rs"]
#[expect(dead_code, reason = "another test asks for the rest")]
mod desk;

use activesync::{
    messages::{
        Availability, Body, BodyType, Email, FindAnswer, FindContent, FindCriterion, FindMail,
        FindRequest, FindResponse, FindResult, FreeBusy, GalEntry, GalPicture, Oof, OofBodyType,
        OofMessage, OofRequest, OofState, Recipient, RecipientCertificates,
        ResolveRecipientsAnswer, ResolveRecipientsRequest, ResolvedName, SearchAnswer,
        SearchContent, SearchQuery as WireQuery, SearchRequest, SearchResult, SettingsAnswer,
        SettingsRequest, ValidateCertAnswer, ValidateCertRequest,
    },
    query::Command,
    status::{CertificateStatus, Status},
};
use bytes::Bytes;
use desk::{Desk, INBOX, ok, policy, refusal, status, tree};
use pim::{
    Answer, AutoReply, Away, CertificateCheck, Certificates, CollectionId, DirectoryPage,
    DirectoryQuery, Errand, ErrandFailure, Event, FreeTime, ItemRef, MailboxSearch, Meant,
    OutOfOfficeChange, OutOfOfficeErrand, PeopleQuery, Period, Reply, SearchQuery, ServerId, Text,
};
use time::macros::{datetime, offset};

#[test]
fn people_are_found_with_their_photos_and_counted() {
    let mut desk = speaking("14.1");
    run(&mut desk, Errand::Directory(people("bo", 20)));
    let request = SearchRequest::decode(&desk.wbxml()).unwrap();
    assert_eq!(request.query, WireQuery::Gal("bo".to_owned()));
    assert_eq!(request.options.range.unwrap().to_string(), "20-39");
    assert_eq!(request.options.picture.unwrap().max_size, Some(1000));

    let photo = GalPicture { status: Status::OK, data: Some(Bytes::from_static(b"jpeg")) };
    let none = GalPicture { status: Status(173), data: None };
    let bob = GalEntry {
        display_name: Some("Bob\u{202e} Marsh\n".to_owned()),
        email_address: Some("bob@example.test".to_owned()),
        picture: Some(photo),
        ..GalEntry::default()
    };
    let parts = GalEntry {
        first_name: Some("Bodo".to_owned()),
        last_name: Some("Ax".to_owned()),
        picture: Some(none),
        ..GalEntry::default()
    };
    let Ok(Reply::Directory(page)) =
        answered(&mut desk, found(vec![gal(bob), gal(parts), gal(GalEntry::default())], Some(45)))
    else {
        panic!("people are found")
    };

    assert_eq!(page.total, 45);
    let seen: Vec<_> =
        page.people.iter().map(|person| (person.name.as_str(), person.photo.as_deref())).collect();
    assert_eq!(seen, [("Bob Marsh", Some(b"jpeg".as_slice())), ("Bodo Ax", None)]);
}

#[test]
fn an_older_server_is_not_asked_for_photos() {
    let mut desk = speaking("14.0");
    run(&mut desk, Errand::Directory(people("bo", 0)));
    assert_eq!(SearchRequest::decode(&desk.wbxml()).unwrap().options.picture, None);
}

#[test]
fn nobody_is_no_failure() {
    let nobody = Ok(Reply::Directory(DirectoryPage::default()));
    for answer in [
        found(Vec::new(), Some(0)),
        found(vec![gal(GalEntry::default())], None),
        store(12),
        ok(SearchAnswer::new(Status::OK).encode()),
    ] {
        let mut desk = speaking("14.1");
        run(&mut desk, Errand::Directory(people("zz", 0)));
        assert_eq!(answered(&mut desk, answer), nobody);
    }
}

#[test]
fn a_search_that_fails_says_what_can_be_done() {
    for (answer, failure) in [
        (store(5), ErrandFailure::Forbidden("status_5".to_owned())),
        (store(8), ErrandFailure::TooMuch("status_8".to_owned())),
        (store(10), ErrandFailure::TooMuch("status_10".to_owned())),
        (store(2), ErrandFailure::Refused("status_2".to_owned())),
        (store(3), ErrandFailure::Unreachable("status_3".to_owned())),
        (status(501), ErrandFailure::Unsupported),
        (ok(b"x".to_vec()), ErrandFailure::Unreachable("unreadable_answer".to_owned())),
    ] {
        let mut desk = speaking("14.1");
        run(&mut desk, Errand::Directory(people("bo", 0)));
        assert_eq!(answered(&mut desk, answer), Err(failure));
        assert_eq!(desk.account.progress(desk.now).detail, None, "the account goes on");
    }
    let mut desk = speaking("14.1");
    let empty = desk.account.run(Errand::Directory(people(" ", 0)), desk.now);
    assert_eq!(empty, Err(ErrandFailure::Impossible("no_words")));
}

#[test]
fn a_tree_that_has_to_be_read_first_is_read_and_the_search_repeated() {
    let mut desk = speaking("14.1");
    run(&mut desk, Errand::Directory(people("bo", 0)));
    assert!(desk.answers(store(11)).events.is_empty());
    assert_eq!(desk.command(), Command::FolderSync);
    desk.answers(tree());
    assert_eq!(desk.command(), Command::Search);
    let failed = answered(&mut desk, store(11));
    assert_eq!(failed, Err(ErrandFailure::Unreachable("state_lost".to_owned())));
}

#[test]
fn what_nobody_waits_for_is_not_asked() {
    let mut desk = speaking("14.1");
    let older = run(&mut desk, Errand::Directory(people("b", 0)));
    run(&mut desk, Errand::Directory(people("bo", 0)));
    desk.account.leave(older);
    let request = SearchRequest::decode(&desk.wbxml()).unwrap();
    assert_eq!(request.query, WireQuery::Gal("bo".to_owned()));

    let mut desk = speaking("14.1");
    let off = OutOfOfficeChange { away: Away::No, internal: None, known: None, unknown: None };
    let set = run(&mut desk, Errand::OutOfOffice(OutOfOfficeErrand::Set(off)));
    desk.account.leave(set);
    assert_eq!(desk.command(), Command::Settings, "what was to be changed is changed");
}

#[test]
fn find_is_used_where_there_is_one_and_search_where_it_is_refused() {
    let refusals =
        [refusal(Command::Find, 137), refusal(Command::Find, 138), status(501), find_status(2)];
    for refused in refusals {
        let mut desk = speaking("16.1");
        run(&mut desk, Errand::Directory(people("bo", 20)));
        let request = FindRequest::decode(&desk.wbxml()).unwrap();
        assert_eq!(request.range.unwrap().to_string(), "0-39", "a search begins at its beginning");
        assert!(matches!(request.criterion, FindCriterion::Gal { .. }));
        assert!(desk.answers(refused).events.is_empty());
        assert_eq!(desk.command(), Command::Search);
        assert!(answered(&mut desk, found(Vec::new(), Some(0))).is_ok());
        run(&mut desk, Errand::Directory(people("bo", 0)));
        assert_eq!(desk.command(), Command::Search, "it is not tried again");
        assert_eq!(desk.account.progress(desk.now).detail, None);
    }
}

#[test]
fn find_leaves_out_what_was_shown_before() {
    let mut desk = speaking("16.1");
    run(&mut desk, Errand::Directory(people("bo", 2)));
    let person = |name: &str| {
        let entry = GalEntry { display_name: Some(name.to_owned()), ..GalEntry::default() };
        result(None, None, FindContent::Gal(Box::new(entry)))
    };
    let answer = finding(vec![person("A"), person("B"), person("C")]);
    let Ok(Reply::Directory(page)) = answered(&mut desk, answer) else { panic!("it is found") };
    assert_eq!((page.people.len(), page.people[0].name.as_str()), (1, "C"));
}

#[test]
fn mails_are_searched_by_words_and_days_and_judged_by_the_rest() {
    let mut desk = speaking("14.1");
    let typed = "\"Annual report\" from:Alice NOT is:unread after:2026-01-01 before:2026-02-01 ";
    run(&mut desk, Errand::Mailbox(search(typed)));
    let request = SearchRequest::decode(&desk.wbxml()).unwrap();
    let WireQuery::Mailbox(query) = request.query else { panic!("mails are searched") };
    assert_eq!(query.free_text.as_deref(), Some("annual report alice not"));
    assert_eq!(query.collection_ids, [INBOX]);
    assert_eq!(query.received_after, Some(datetime!(2025-12-31 23:59:59 +1)));
    assert_eq!(query.received_before, Some(datetime!(2026-02-01 0:00 +1)));
    assert!(request.options.rebuild_results && request.options.deep_traversal);

    let mail = |from: &str, read| {
        let email = Email {
            from: Some(from.to_owned()),
            to: Some("bob@example.test".to_owned()),
            subject: Some("Annual\r\n report".to_owned()),
            date_received: Some(datetime!(2026-01-05 10:00 UTC)),
            read,
            body: Some(Body::whole(BodyType::Text, "See the figures")),
            ..Email::default()
        };
        SearchResult {
            class: Some("Email".to_owned()),
            long_id: Some("L|1".to_owned()),
            collection_id: Some(INBOX.to_owned()),
            content: SearchContent::Item(email.into()),
        }
    };
    let answer = found(
        vec![
            mail("\"Alice A.\" <a@example.test>", Some(false)),
            mail("alice@example.test", None),
            mail("alice@example.test", Some(true)),
            mail("carol@example.test", Some(false)),
        ],
        Some(4),
    );
    let Ok(Reply::Mails(page)) = answered(&mut desk, answer) else { panic!("it is found") };

    assert_eq!((page.total, page.mails.len()), (4, 2));
    let first = &page.mails[0];
    assert_eq!(
        (first.subject.as_str(), first.preview.as_str()),
        ("Annual report", "See the figures")
    );
    assert_eq!((first.from.name.as_str(), &first.item), ("Alice A.", &None));
    let none = desk.account.run(Errand::Mailbox(search("is:unread")), desk.now);
    assert_eq!(none, Err(ErrandFailure::Impossible("no_words")));
}

#[test]
fn find_gets_the_conditions_and_names_the_mails() {
    let mut desk = speaking("16.1");
    let typed = "plan from:\"Alice A\" subject:re:plan OR after:2026-01-01 bud";
    run(&mut desk, Errand::Mailbox(search(typed)));
    let FindCriterion::Mailbox { class, collection_id, free_text, deep_traversal } =
        FindRequest::decode(&desk.wbxml()).unwrap().criterion
    else {
        panic!("mails are searched")
    };
    assert_eq!(
        free_text,
        "plan from:\"alice a\" subject:\"re:plan\" \"or\" bud* received>=2026-01-01"
    );
    assert_eq!((class.as_deref(), collection_id.as_deref()), (Some("Email"), Some(INBOX)));
    assert!(deep_traversal);

    let mail = FindMail {
        subject: Some("re:plan".to_owned()),
        from: Some("Alice A <alice@example.test>".to_owned()),
        display_to: Some("Bob; Carol".to_owned()),
        has_attachments: Some(true),
        ..FindMail::default()
    };
    let content = FindContent::Mail(Box::new(mail));
    let answer = finding(vec![result(Some(INBOX), Some("7"), content)]);
    let Ok(Reply::Mails(page)) = answered(&mut desk, answer) else { panic!("it is found") };
    let found = &page.mails[0];
    let item = ItemRef { collection: inbox(), item: ServerId("7".to_owned()) };
    assert_eq!((&found.item, found.attachments), (&Some(item), Some(true)));
    let to: Vec<_> = found.to.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(to, ["Bob", "Carol"]);
}

#[test]
fn an_absence_is_read_with_its_three_groups() {
    let mut desk = speaking("14.1");
    run(&mut desk, Errand::OutOfOffice(OutOfOfficeErrand::Read { html: false }));
    let request = SettingsRequest::decode(&desk.wbxml()).unwrap();
    assert_eq!(request.oof, Some(OofRequest::Get(OofBodyType::Text)));
    let message = |reply: &str, kind| OofMessage {
        enabled: Some(true),
        reply: Some(reply.to_owned()),
        body_type: kind,
        ..OofMessage::default()
    };
    let (start, end) = (datetime!(2026-12-24 0:00 UTC), datetime!(2026-12-31 0:00 UTC));
    let oof = Oof {
        state: Some(OofState::Scheduled),
        start: Some(start),
        end: Some(end),
        messages: vec![
            OofMessage { internal: true, ..message("Away\r\n", Some(OofBodyType::Text)) },
            OofMessage { external_known: true, ..message("<p>x", Some(OofBodyType::Html)) },
            OofMessage { external_unknown: true, ..message("(null)", None) },
        ],
    };

    let Ok(Reply::OutOfOffice(read)) = answered(&mut desk, settings(1, Some((1, Some(oof)))))
    else {
        panic!("it is read")
    };

    assert_eq!(read.away, Away::Between { start, end });
    assert!(
        matches!(&read.internal, AutoReply { sent: true, text: Text::Plain(text) } if text.trim() == "Away")
    );
    assert_eq!(read.known, AutoReply { sent: true, text: Text::Html("<p>x".to_owned()) });
    assert_eq!(read.unknown, AutoReply { sent: true, text: Text::None });
}

#[test]
fn an_absence_is_set_and_what_is_not_named_stays() {
    let mut desk = speaking("14.1");
    let (start, end) = (datetime!(2026-12-24 0:00 UTC), datetime!(2026-12-31 0:00 UTC));
    let change = |away| OutOfOfficeChange {
        away,
        internal: Some(AutoReply { sent: true, text: Text::Html("<p>Away".to_owned()) }),
        known: None,
        unknown: Some(AutoReply { sent: false, text: Text::None }),
    };
    let set = |away| Errand::OutOfOffice(OutOfOfficeErrand::Set(change(away)));
    let backwards = desk.account.run(set(Away::Between { start: end, end: start }), desk.now);
    assert_eq!(backwards, Err(ErrandFailure::Impossible("end_before_start")));
    run(&mut desk, set(Away::Between { start, end }));

    let Some(OofRequest::Set(oof)) = SettingsRequest::decode(&desk.wbxml()).unwrap().oof else {
        panic!("it is set")
    };
    assert_eq!(
        (oof.state, oof.start, oof.end),
        (Some(OofState::Scheduled), Some(start), Some(end))
    );
    let [internal, unknown] = &oof.messages[..] else { panic!("two groups") };
    assert!(internal.internal && internal.enabled == Some(true));
    assert_eq!(internal.reply.as_deref(), Some("<p>Away"));
    assert_eq!((unknown.external_unknown, unknown.reply.as_deref()), (true, None));
    assert_eq!(answered(&mut desk, settings(1, Some((1, None)))), Ok(Reply::Done));
    for (answer, failure) in [
        (settings(1, Some((3, None))), ErrandFailure::Forbidden("status_3".to_owned())),
        (settings(1, Some((6, None))), ErrandFailure::Refused("status_6".to_owned())),
        (settings(4, None), ErrandFailure::Unreachable("status_4".to_owned())),
        (settings(1, None), ErrandFailure::Unsupported),
    ] {
        run(&mut desk, set(Away::Yes));
        assert_eq!(answered(&mut desk, answer), Err(failure));
    }
}

#[test]
fn free_time_is_told_in_periods_by_the_clock_that_was_asked_for() {
    let mut desk = speaking("14.1");
    let (start, end) = (datetime!(2026-11-25 9:00 +1), datetime!(2026-11-25 11:15 +1));
    let names = ["bob", "team", "zzz"].map(str::to_owned).to_vec();
    let query = PeopleQuery { names, certificates: false, free_time: Some((start, end)) };
    run(&mut desk, Errand::People(query.clone()));
    let request = ResolveRecipientsRequest::decode(&desk.wbxml()).unwrap();
    assert_eq!((request.to.len(), request.availability), (3, Some((start, end))));
    assert_eq!(request.certificates, None);
    let available = |number, merged| Recipient {
        display_name: "Bob".to_owned(),
        availability: Some(Availability { status: Status(number), merged }),
        ..Recipient::default()
    };
    let merged = vec![FreeBusy::Free, FreeBusy::Busy, FreeBusy::Busy];
    let answer = resolved(vec![
        named("team", 1, vec![available(161, Vec::new())]),
        named("bob", 1, vec![available(1, merged)]),
    ]);

    let Ok(Reply::People(people)) = answered(&mut desk, answer) else { panic!("they are known") };

    let meant: Vec<_> = people.iter().map(|named| (named.name.as_str(), named.meant)).collect();
    assert_eq!(meant, [("bob", Meant::One), ("team", Meant::One), ("zzz", Meant::Nobody)]);
    let period = |start, end, state| Period { start, end, state };
    let half = |hour, minute| start.replace_time(time::Time::from_hms(hour, minute, 0).unwrap());
    assert_eq!(
        people[0].people[0].free_time,
        Some(FreeTime::Known(vec![
            period(start, half(9, 30), FreeBusy::Free),
            period(half(9, 30), half(10, 30), FreeBusy::Busy),
            period(half(10, 30), end, FreeBusy::Unknown),
        ]))
    );
    assert_eq!(people[1].people[0].free_time, Some(FreeTime::ListTooLarge));
    let wrong = |change: fn(&mut PeopleQuery)| {
        let mut query = query.clone();
        change(&mut query);
        speaking("14.1").account.run(Errand::People(query), desk.now).unwrap_err()
    };
    assert_eq!(wrong(|query| query.names.clear()), ErrandFailure::Impossible("name_empty"));
    assert_eq!(
        wrong(|query| query.names = vec!["x".to_owned(); 101]),
        ErrandFailure::TooMuch("at_most_100".to_owned())
    );
    assert_eq!(
        wrong(|query| query.free_time = query.free_time.map(|(start, end)| (end, start))),
        ErrandFailure::Impossible("end_before_start")
    );
}

#[test]
fn certificates_that_are_missing_are_never_taken_for_all() {
    let mut desk = speaking("14.1");
    let names = ["bob", "list", "many", "none", "odd"].map(str::to_owned).to_vec();
    run(&mut desk, Errand::People(PeopleQuery { names, certificates: true, free_time: None }));
    let holder = |number, count, list: &[&'static [u8]]| Recipient {
        certificates: Some(RecipientCertificates {
            status: Status(number),
            certificate_count: count,
            recipient_count: None,
            certificates: list.iter().map(|der| Bytes::from_static(der)).collect(),
            mini: None,
        }),
        ..Recipient::default()
    };
    let answer = resolved(vec![
        named("bob", 1, vec![holder(1, Some(1), &[b"der"])]),
        named("list", 1, vec![holder(1, Some(2), &[b"der"])]),
        named("many", 3, vec![holder(8, None, &[]), Recipient::default()]),
        named("none", 1, vec![holder(7, Some(0), &[])]),
        named("odd", 1, vec![holder(1, None, &[])]),
    ]);
    let Ok(Reply::People(people)) = answered(&mut desk, answer) else { panic!("they are known") };
    let silent = PeopleQuery { names: vec!["bob".into()], certificates: true, free_time: None };
    run(&mut desk, Errand::People(silent));
    assert_eq!(answered(&mut desk, ok(Vec::new())), Err(ErrandFailure::Unsupported));

    let found: Vec<_> = people
        .iter()
        .map(|named| (named.meant, named.people[0].certificates.clone().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            (Meant::One, Certificates::Found(vec![Bytes::from_static(b"der")])),
            (Meant::One, Certificates::Some),
            (Meant::SeveralAndMore, Certificates::Some),
            (Meant::One, Certificates::None),
            (Meant::One, Certificates::None),
        ]
    );
}

#[test]
fn each_certificate_has_its_verdict_and_silence_is_none() {
    for (answer, expected) in [
        (validated(1, &[1, 13]), Ok(vec![CertificateStatus::Ok, CertificateStatus::Revoked])),
        (validated(1, &[1]), Ok(vec![CertificateStatus::Ok, CertificateStatus::ServerError])),
        (validated(1, &[]), Ok(vec![CertificateStatus::ServerError; 2])),
        (validated(7, &[]), Ok(vec![CertificateStatus::Expired; 2])),
        (validated(17, &[]), Err(ErrandFailure::Unreachable("status_17".to_owned()))),
        (validated(2, &[]), Err(ErrandFailure::Refused("status_2".to_owned()))),
    ] {
        let mut desk = speaking("14.1");
        let der = |byte: &'static [u8]| Bytes::from_static(byte);
        let check = CertificateCheck {
            certificates: vec![der(b"a"), der(b"b")],
            chain: vec![der(b"c")],
            revocation: true,
        };
        run(&mut desk, Errand::Certificates(check.clone()));
        let request = ValidateCertRequest::decode(&desk.wbxml()).unwrap();
        assert_eq!(request.certificates, check.certificates);
        assert_eq!((request.chain, request.check_crl), (check.chain, true));
        assert_eq!(answered(&mut desk, answer), expected.map(Reply::Certificates));
    }
}

fn speaking(version: &str) -> Desk {
    let mut desk = Desk::new();
    desk.answers(Answer { versions: Some(version.to_owned()), ..ok(Vec::new()) });
    desk.answers(ok(policy(2, None, None)));
    if desk.command() == Command::Settings {
        // What the device is, which later versions tell with the policy.
        desk.answers(ok(SettingsAnswer::new(Status::OK).encode()));
    }
    desk.answers(tree());
    desk
}

#[track_caller]
fn run(desk: &mut Desk, errand: Errand) -> pim::ErrandId {
    desk.account.run(errand, desk.now).unwrap()
}

#[track_caller]
fn answered(desk: &mut Desk, answer: Answer) -> Result<Reply, ErrandFailure> {
    let effects = desk.answers(answer);
    let [Event::ErrandEnded { result, .. }] = &effects.events[..] else { panic!("{effects:?}") };
    result.clone()
}

fn people(words: &str, offset: u32) -> DirectoryQuery {
    let search_id = "9d4b4b4e-0000-4000-8000-000000000001".to_owned();
    DirectoryQuery { words: words.to_owned(), offset, limit: 20, photos: Some(1000), search_id }
}

fn search(typed: &str) -> MailboxSearch {
    MailboxSearch {
        query: SearchQuery::parse(typed),
        folder: Some(inbox()),
        zone: offset!(+1),
        offset: 0,
        limit: 20,
        search_id: "9d4b4b4e-0000-4000-8000-000000000002".to_owned(),
    }
}

fn inbox() -> CollectionId {
    CollectionId(INBOX.to_owned())
}

fn gal(entry: GalEntry) -> SearchResult {
    let content = SearchContent::Gal(Box::new(entry));
    SearchResult { class: None, long_id: None, collection_id: None, content }
}

fn found(results: Vec<SearchResult>, total: Option<u32>) -> Answer {
    let answer = SearchAnswer {
        store_status: Some(Status::OK),
        results,
        total,
        ..SearchAnswer::new(Status::OK)
    };
    ok(answer.encode())
}

fn store(number: u16) -> Answer {
    let store_status = Some(Status(number));
    ok(SearchAnswer { store_status, ..SearchAnswer::new(Status::OK) }.encode())
}

fn finding(results: Vec<FindResult>) -> Answer {
    let response =
        FindResponse { store: None, status: Status::OK, results, range: None, total: None };
    ok(FindAnswer { status: Status::OK, response: Some(response) }.encode())
}

fn find_status(number: u16) -> Answer {
    ok(FindAnswer { status: Status(number), response: None }.encode())
}

fn result(folder: Option<&str>, item: Option<&str>, content: FindContent) -> FindResult {
    FindResult {
        class: None,
        server_id: item.map(str::to_owned),
        collection_id: folder.map(str::to_owned),
        content,
    }
}

fn settings(root: u16, oof: Option<(u16, Option<Oof>)>) -> Answer {
    let oof = oof.map(|(number, oof)| (Status(number), oof));
    ok(SettingsAnswer { oof, ..SettingsAnswer::new(Status(root)) }.encode())
}

fn resolved(responses: Vec<ResolvedName>) -> Answer {
    ok(ResolveRecipientsAnswer { status: Status::OK, responses }.encode())
}

fn named(to: &str, number: u16, recipients: Vec<Recipient>) -> ResolvedName {
    let (to, status) = (to.to_owned(), Status(number));
    ResolvedName { to, status, recipient_count: None, recipients }
}

fn validated(root: u16, certificates: &[u16]) -> Answer {
    let certificates = certificates.iter().copied().map(Status).collect();
    ok(ValidateCertAnswer { status: Status(root), certificates }.encode())
}
