//! The app against the sample mail server, without a gateway between.

mod device_certificate;
mod drafts;
mod entries;
mod errands;
mod ground;
mod ldap;
mod meetings;
mod password;
mod place;
mod protected;
mod renewal;
mod responder;
mod sogo;
mod token;
mod trust;
mod wanted;

use activesync::codepage::provision;
use activesync::messages::{
    FolderKind as Kind, PolicyDocument, PolicySetting, WipeOrder, WipeReport,
};
use activesync::query::{Command, Version};
use ground::{Ground, PASSWORD, base64, folder, inbox, messages};
use sandbox::Fault;

use crate::{
    AccessError, BodyKind, ContainerState, Draft, DraftAttachment, FetchError, FolderId,
    FolderKind, Importance, OutboxState, SearchScope, Standing, SyncState,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_first_synchronisation_brings_everything() {
    for version in Version::ALL {
        let ground = Ground::new(|options| options.versions = vec![version]).await;
        synced(&ground).await;

        let there = ground.server.mails("alice", Kind::Inbox).unwrap();
        let mut mails: Vec<_> = there
            .iter()
            .map(|mail| (mail.received.unix_timestamp(), mail.subject.clone(), mail.read))
            .collect();
        // Some came at the same moment.
        mails.sort();
        let mut here: Vec<_> = ground
            .inbox()
            .await
            .into_iter()
            .map(|mail| (mail.date.unix_timestamp(), mail.subject, mail.read))
            .collect();
        here.sort();
        assert_eq!(here, mails);
        let unread = there.iter().filter(|mail| !mail.read).count();
        assert_eq!(folder(&ground.app, FolderKind::Inbox).await.unwrap().unread, unread as u64);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_versions_are_spoken_as_they_are() {
    for version in [Version::V12_1, Version::V14_0] {
        let ground = Ground::new(|options| options.versions = vec![version]).await;
        synced(&ground).await;
        let inbox_here = ground.inbox().await;
        let one = inbox_here.iter().find(|mail| mail.attachments > 0).unwrap();
        let message = ground.app.message(one.id).await.unwrap();
        let content = ground.app.attachment(message.attachments[0].id).await.unwrap();
        assert!(!content.bytes.is_empty(), "{version}");
        ground.app.mark_read(one.id, !one.read).await.unwrap();

        ground.server.demand_provisioning("alice").unwrap();
        let to_alice =
            Draft { to: vec!["alice@example.test".to_owned()], ..draft("In the old way") };
        ground.app.send(to_alice).await.unwrap();
        ground.until("the mail", async |app| first(&inbox(app).await, "In the old way")).await;
        ground
            .until("an empty outbox", async |app| app.outbox().await.ok()?.is_empty().then_some(()))
            .await;
        let is_marked = async |_: &crate::App| {
            let there = ground.server.mails("alice", Kind::Inbox).ok()?;
            let mail = there.into_iter().find(|mail| mail.subject == one.subject)?;
            (mail.read != one.read).then_some(())
        };
        ground.until("the mark", is_marked).await;
        let device = &ground.server.devices("alice").unwrap()[0];
        let information = device.information.as_ref().unwrap();
        assert_eq!(information.model.as_deref(), Some("Cordon PIM"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_mails_come_in_windows() {
    let ground = Ground::new(|options| (options.mails, options.samples) = (1000, false)).await;
    synced(&ground).await;

    let inbox = folder(&ground.app, FolderKind::Inbox).await.unwrap();
    assert_eq!(inbox.total, 1000);
    assert!(ground.server.requests("alice", Command::Sync).unwrap() >= 5);
    let last = ground.app.messages(inbox.id, 990, 50).await.unwrap();
    assert_eq!((last.items.len(), last.total), (10, 1000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_mail_is_pushed() {
    let ground = Ground::new(|_| ()).await;
    synced(&ground).await;
    ground.server.until_held("alice", 1).await.unwrap();

    ground
        .server
        .deliver_text("alice", "bob@example.test", "Fresh", "Just now.\n> old words")
        .unwrap();

    let fresh = ground.until("the new mail", async |app| first(&inbox(app).await, "Fresh")).await;
    assert_eq!(fresh.preview, "Just now.");
    assert_eq!(fresh.from.address, "bob@example.test");
    ground.server.until_held("alice", 1).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_elsewhere_arrive_and_changes_here_go_up() {
    let ground = Ground::new(|_| ()).await;
    synced(&ground).await;
    let there = ground.server.mails("alice", Kind::Inbox).unwrap();
    let [gone, read_there, read_here, ..] = &there[..] else { panic!("there are samples") };
    let here = ground.inbox().await;

    ground.server.delete("alice", &gone.server_id).unwrap();
    ground.server.mark_read("alice", &read_there.server_id, !read_there.read).unwrap();
    ground.app.mark_read(here[2].id, !read_here.read).await.unwrap();

    ground
        .until("the deletion", async |app| {
            (inbox(app).await.len() == there.len() - 1).then_some(())
        })
        .await;
    ground
        .until("the mark", async |app| {
            let mail = inbox(app).await.into_iter().find(|mail| mail.id == here[1].id)?;
            (mail.read != read_there.read).then_some(())
        })
        .await;
    let on_server = || {
        let mails = ground.server.mails("alice", Kind::Inbox).unwrap();
        mails.into_iter().find(|mail| mail.server_id == read_here.server_id).unwrap().read
    };
    ground.until("the upload", async |_| (on_server() != read_here.read).then_some(())).await;
    assert_eq!(ground.inbox().await[1].read, !read_here.read);
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_and_refused_keys_leave_no_trace() {
    let ground = Ground::new(|options| options.mails = 60).await;
    for command in
        [Command::Sync, Command::FolderSync, Command::Sync, Command::Provision, Command::Sync]
    {
        ground.server.fail_next("alice", Some(command), Fault::LoseAnswer).unwrap();
    }
    ground.until_asked("the first round", async |app| up_to_date(app, &ground).await).await;
    let there = ground.server.mails("alice", Kind::Inbox).unwrap().len();
    assert_eq!(ground.inbox().await.len(), there.min(200));

    ground.server.forget_sync_keys("alice").unwrap();
    ground.server.forget_folder_keys("alice").unwrap();
    ground.server.demand_provisioning("alice").unwrap();
    ground.server.fail_next("alice", None, Fault::Unavailable { retry_after: 5 }).unwrap();
    let gone = ground.server.mails("alice", Kind::Inbox).unwrap()[0].server_id.clone();
    ground.server.delete("alice", &gone).unwrap();
    ground.server.deliver_text("alice", "bob@example.test", "After the loss", "x").unwrap();

    ground
        .until_asked("the new mail", async |app| first(&inbox(app).await, "After the loss"))
        .await;
    ground
        .until_asked("the deletion", async |app| {
            (inbox(app).await.len() == there.min(200)).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_written_offline_is_sent_once_online() {
    let ground = Ground::new(|_| ()).await;
    synced(&ground).await;
    ground.way.cut();
    ground
        .until("being offline", async |app| {
            (app.state().sync.state == SyncState::Offline).then_some(())
        })
        .await;

    ground.app.send(draft("Written on the train")).await.unwrap();
    assert_eq!(ground.app.outbox().await.unwrap().len(), 1);
    let ground = ground.restart().await;
    let [waiting] = &ground.app.outbox().await.unwrap()[..] else { panic!("one mail waits") };
    assert_eq!(
        (waiting.subject.as_str(), waiting.state),
        ("Written on the train", OutboxState::Waiting)
    );

    ground.way.mend().await;
    sent_once(&ground, "Written on the train").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_whose_answer_was_lost_is_not_sent_again() {
    let ground = Ground::new(|_| ()).await;
    synced(&ground).await;
    ground.server.fail_next("alice", Some(Command::SendMail), Fault::LoseAnswer).unwrap();

    ground.app.send(draft("Only once")).await.unwrap();

    ground
        .until("the loss", async |_| (ground.server.submitted("alice").unwrap() == 1).then_some(()))
        .await;
    sent_once(&ground, "Only once").await;
    assert_eq!(
        ground.server.requests("alice", Command::SendMail).unwrap(),
        1,
        "it was found among the sent mails"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_with_files_arrives_as_it_was_written() {
    let ground = Ground::new(|_| ()).await;
    synced(&ground).await;
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let file = DraftAttachment {
        name: "Übersicht.bin".to_owned(),
        media_type: "application/x-test".to_owned(),
        bytes: bytes.clone(),
    };
    let answered = ground.inbox().await[0].id;
    let draft = Draft {
        in_reply_to: Some(answered),
        attachments: vec![file],
        importance: Importance::High,
        ..draft("With a file")
    };

    ground.app.send(draft).await.unwrap();
    sent_once(&ground, "With a file").await;

    let received = ground
        .server
        .mails("bob", Kind::Inbox)
        .unwrap()
        .into_iter()
        .find(|mail| mail.subject == "With a file")
        .unwrap();
    assert!(String::from_utf8_lossy(&received.mime).contains("\r\nImportance: high\r\n"));
    let received = mail::Message::parse(&received.mime).unwrap();
    assert_eq!(received.text.as_deref().map(str::trim_end), Some("Hello Bob,\nthis is a test."));
    assert_eq!(received.attachments[0].bytes, bytes);
    assert_eq!(received.attachments[0].name, "Übersicht.bin");
    assert_eq!(received.in_reply_to.len(), 1, "the answered mail's Message-ID was fetched");
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_and_pictures_are_fetched_once_and_kept() {
    let ground = Ground::new(|options| options.samples = false).await;
    let gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    let pdf: Vec<u8> =
        b"%PDF-1.7\n".iter().copied().chain((0..=255).cycle().take(300_000)).collect();
    let mime = format!(
        "From: bob@example.test\r\nTo: alice@example.test\r\nSubject: With parts\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n\
         --r\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Look <img src=\"cid:pic@x\"><img src=https://t.example/1.gif>\
         <script>alert(1)</script></p>\r\n--r\r\nContent-Type: image/gif; name=pic.gif\r\nContent-ID: <pic@x>\r\n\
         Content-Disposition: inline; filename=pic.gif\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--r--\r\n\
         --m\r\nContent-Type: application/pdf; name=plan.pdf\r\nContent-Disposition: attachment; filename=plan.pdf\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--m--\r\n",
        base64(gif),
        base64(&pdf),
    );
    ground.server.deliver("alice", mime).unwrap();
    let item = ground.until("the mail", async |app| first(&inbox(app).await, "With parts")).await;

    let message = ground.app.message(item.id).await.unwrap();
    assert_eq!((message.body, item.attachments), (BodyKind::Html, 1));
    let part = message.attachments.iter().find(|part| !part.inline).unwrap();
    assert!(!part.local);
    let content = ground.app.attachment(part.id).await.unwrap();
    assert_eq!(
        (content.name.as_str(), content.media_type.as_str()),
        ("plan.pdf", "application/pdf")
    );
    assert_eq!(content.bytes, pdf);
    let frame = ground.app.frame(item.id, false).await.unwrap();
    assert!(
        frame.html.contains("data:image/gif;base64,R0lGODlh") && !frame.html.contains("script>")
    );
    assert_eq!(frame.blocked_images, 1);

    ground.way.cut();
    assert_eq!(ground.app.attachment(part.id).await.unwrap().bytes, pdf, "it is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_attachment_goes_on_where_it_was_cut_off() {
    let ground = Ground::new(|options| options.samples = false).await;
    let bytes: Vec<u8> = (0..=250).cycle().take(3 * 1024 * 1024 + 5).collect();
    let mime = format!(
        "From: bob@example.test\r\nTo: alice@example.test\r\nSubject: Large\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n\
         --m\r\nContent-Type: application/pdf; name=plan.pdf\r\nContent-Disposition: attachment; filename=plan.pdf\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--m--\r\n",
        base64(&bytes),
    );
    ground.server.deliver("alice", mime).unwrap();
    let item = ground.until("the mail", async |app| first(&inbox(app).await, "Large")).await;
    synced(&ground).await;
    let part = ground.app.message(item.id).await.unwrap().attachments[0].id;
    let stored = vault::mail::AttachmentId(part.0);
    // Two ranges are here; the answer with the third gets lost.
    let (open, _) = ground.app.life.open().await.unwrap();
    let here = 2 * 1024 * 1024;
    for start in [0, here / 2] {
        let range = &bytes[start..start + here / 2];
        assert!(open.mail().keep_part(stored, start as u64, range).unwrap());
    }
    ground.way.lose_answer(Command::ItemOperations);
    let cut = ground.app.attachment(part).await;
    assert!(matches!(cut, Err(FetchError::Offline)), "{cut:?}");

    let ground = ground.restart().await;

    let (open, _) = ground.app.life.open().await.unwrap();
    assert_eq!(open.mail().attachment_progress(stored).unwrap(), here as u64);
    let before = ground.server.requests("alice", Command::ItemOperations).unwrap();
    let fetched =
        ground.until_asked("the attachment", async |app| app.attachment(part).await.ok()).await;
    assert!(fetched.bytes == bytes, "{} bytes", fetched.bytes.len());
    let asked = ground.server.requests("alice", Command::ItemOperations).unwrap() - before;
    assert_eq!(asked, 2, "what was here is not fetched again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_here_cannot_be_had_offline() {
    let ground = Ground::new(|_| ()).await;
    synced(&ground).await;
    let item = ground.inbox().await.into_iter().find(|mail| mail.attachments > 0).unwrap();
    let message = ground.app.message(item.id).await.unwrap();
    ground.way.cut();
    ground
        .until("being offline", async |app| {
            (app.state().sync.state == SyncState::Offline).then_some(())
        })
        .await;

    let content = ground.app.attachment(message.attachments[0].id).await;
    assert!(matches!(content, Err(FetchError::Offline)), "{content:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_missing_texts_than_are_looked_up_at_once_are_all_fetched() {
    let ground = Ground::new(|options| options.samples = false).await;
    synced(&ground).await;
    ground.way.cut();
    let fault = Fault::Unavailable { retry_after: 400 };
    ground.server.fail_next("alice", Some(Command::ItemOperations), fault).unwrap();
    for number in 0..10 {
        let text = format!("{number} {}", "long text. ".repeat(40_000));
        ground.server.deliver_text("alice", "bob@example.test", "Long", &text).unwrap();
    }
    ground.way.mend().await;
    ground
        .until_asked("the mails", async |app| (missing_texts(app).await >= 10).then_some(()))
        .await;

    let ground = ground.restart().await;

    let none = async |app: &crate::App| (missing_texts(app).await == 0).then_some(());
    ground.until_asked("every text", none).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_new_policy_forbids_goes_although_it_was_here() {
    let ground = Ground::new(|options| options.samples = false).await;
    let mime = format!(
        "From: bob@example.test\r\nTo: alice@example.test\r\nSubject: With a file\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <p>{}</p>\r\n--m\r\nContent-Type: application/pdf; name=plan.pdf\r\n\
         Content-Disposition: attachment; filename=plan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--m--\r\n",
        "many words ".repeat(300),
        base64(b"%PDF-1.7 plan"),
    );
    ground.server.deliver("alice", mime).unwrap();
    let item = ground.until("the mail", async |app| first(&inbox(app).await, "With a file")).await;
    let message = ground.app.message(item.id).await.unwrap();
    let part = message.attachments[0].id;
    ground.app.attachment(part).await.unwrap();
    synced(&ground).await;

    let settings = vec![
        PolicySetting::new(provision::DEVICE_PASSWORD_ENABLED, "1"),
        PolicySetting::new(provision::MAX_DEVICE_PASSWORD_FAILED_ATTEMPTS, "4"),
        PolicySetting::new(provision::ATTACHMENTS_ENABLED, "0"),
        PolicySetting::new(provision::ALLOW_HTML_EMAIL, "0"),
        PolicySetting::new(provision::MAX_EMAIL_BODY_TRUNCATION_SIZE, "1"),
    ];
    ground.server.change_policy("alice", PolicyDocument { settings }).unwrap();
    ground.server.deliver_text("alice", "bob@example.test", "Wakes the app", "x").unwrap();
    let plain = async |app: &crate::App| {
        let message = app.message(item.id).await.ok()?;
        (message.body == BodyKind::Text).then_some(message)
    };
    let message = ground.until("the text without HTML", plain).await;

    assert!(
        (900..=1000).contains(&message.text.as_deref().unwrap_or_default().len()),
        "{message:?}"
    );
    assert!(!message.attachments[0].local);
    let refused = ground.app.attachment(part).await;
    assert!(
        matches!(refused, Err(FetchError::Refused { code }) if code == "attachments_forbidden")
    );
    let (open, _) = ground.app.life.open().await.unwrap();
    assert_eq!(open.mail().attachment_bytes(vault::mail::AttachmentId(part.0)).unwrap(), None);
    assert_eq!(
        ground.app.state().attempts_left,
        Some(4),
        "the policy is stricter than the settings"
    );
}

async fn missing_texts(app: &crate::App) -> usize {
    let (open, _) = app.life.open().await.unwrap();
    open.mail().unfetched(vault::mail::UnfetchedPlace::START, 100).unwrap().0.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_password_is_asked_for_once() {
    let ground = Ground::new(|options| options.password = "another".into()).await;
    ground.until("the refusal", async |app| app.state().needs_mail_password.then_some(())).await;
    ground.app.sync_now().await.unwrap();

    ground.app.set_mail_password("another".into()).await.unwrap();
    synced(&ground).await;
    assert!(!ground.app.state().needs_mail_password);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wipe_is_confirmed_and_leaves_nothing() {
    for order in [WipeOrder::Account, WipeOrder::Device] {
        let ground = Ground::new(|_| ()).await;
        synced(&ground).await;
        ground.server.order_wipe("alice", order).unwrap();
        ground.server.deliver_text("alice", "bob@example.test", "Wakes the app", "x").unwrap();

        wiped(&ground).await;
        assert_eq!(report(&ground), Some(WipeReport::Done));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_confirmation_of_a_wipe_outlives_restarts_without_a_network() {
    let ground = Ground::new(|_| ()).await;
    synced(&ground).await;
    ground.way.cut();
    ground.server.order_wipe("alice", WipeOrder::Device).unwrap();
    order_heard(&ground, time::Duration::days(7)).await;
    let mut ground = ground;
    for _ in 0..2 {
        ground = ground.restart().await;
        let gone = async |app: &crate::App| {
            let state = app.state();
            let gone = (state.standing, state.container);
            (gone == (Standing::Wiped, ContainerState::Locked)).then_some(())
        };
        ground.until("nothing to be seen", gone).await;
        assert!(matches!(ground.app.folders().await, Err(AccessError::Locked)));
        assert!(matches!(ground.app.sync_now().await, Err(AccessError::Locked)));
        assert_eq!(report(&ground), None);
    }

    ground.way.mend().await;

    wiped(&ground).await;
    assert_eq!(report(&ground), Some(WipeReport::Done));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wipe_that_cannot_be_confirmed_in_time_is_done_all_the_same() {
    let ground = Ground::new(|_| ()).await;
    synced(&ground).await;
    ground.way.cut();
    ground.server.order_wipe("alice", WipeOrder::Account).unwrap();
    // The clock of the tests goes forty times faster.
    order_heard(&ground, time::Duration::seconds(100)).await;

    let ground = ground.restart().await;

    wiped(&ground).await;
    assert_eq!(report(&ground), None);
}

/// Leaves in the locked container what hearing of an order to wipe would.
async fn order_heard(ground: &Ground, patience: time::Duration) {
    ground.app.lock().await;
    let life = &ground.app.life;
    let open = life.container.open(&PASSWORD.into()).unwrap();
    let account = pim::AccountRecord {
        wipe_ordered: Some(WipeOrder::Device),
        wipe_until: Some(life.now() + patience),
        ..open.mail().saved(0).unwrap().account
    };
    let changes = [pim::Change::PutAccount(account), pim::Change::Erase];
    open.mail().store(&changes, life.now()).unwrap();
    open.lock();
}

async fn wiped(ground: &Ground) {
    let gone = async |app: &crate::App| {
        let state = app.state();
        let gone = (state.standing, state.container);
        (gone == (Standing::Wiped, ContainerState::Absent)).then_some(())
    };
    ground.until("the wipe", gone).await;
}

fn report(ground: &Ground) -> Option<WipeReport> {
    let [device] = &ground.server.devices("alice").unwrap()[..] else { panic!("one device") };
    device.wiped
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_still_there_after_a_restart_without_a_network() {
    let ground = Ground::new(|_| ()).await;
    synced(&ground).await;
    let before = ground.inbox().await;
    ground.way.cut();
    let ground = ground.restart().await;
    assert_eq!(ground.inbox().await, before);
    ground.app.lock().await;
    assert!(ground.app.folders().await.is_err());
    assert_eq!(ground.app.state().container, ContainerState::Locked);
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_found_by_their_words_without_a_network() {
    let ground = Ground::new(|options| options.samples = false).await;
    for (from, subject, text) in [
        ("bob@example.test", "Quartalszahlen", "Der Umsatz in Zürich"),
        ("carol@example.test", "Umzug", "nach Zürich im Mai"),
    ] {
        ground.server.deliver_text("alice", from, subject, text).unwrap();
    }
    synced(&ground).await;
    ground.way.cut();
    let ground = ground.restart().await;
    let inbox = folder(&ground.app, FolderKind::Inbox).await.unwrap().id;
    let sent = folder(&ground.app, FolderKind::Sent).await.unwrap().id;
    let found = async |typed: &str, folder| {
        let scope = SearchScope { folder, zone_minutes: 120 };
        let found = ground.app.search(typed, scope, 0, 10).await.unwrap();
        assert_eq!((found.total, found.unindexed), (found.items.len() as u64, 0));
        let mut subjects: Vec<_> = found.items.into_iter().map(|mail| mail.subject).collect();
        subjects.sort();
        subjects
    };

    assert_eq!(found("zur", None).await, ["Quartalszahlen", "Umzug"]);
    assert_eq!(found("zürich from:bob", Some(inbox)).await, ["Quartalszahlen"]);
    assert_eq!(found("subject:umz", None).await, ["Umzug"]);
    assert_eq!(found("zur", Some(sent)).await, [""; 0]);
    assert_eq!(found("after:2999-01-01 zur", None).await, [""; 0]);
    let nowhere = SearchScope { folder: Some(FolderId(-1)), zone_minutes: i16::MAX };
    let refused = ground.app.search("zur", nowhere, 0, 10).await;
    assert!(matches!(refused, Err(AccessError::Missing)));
    ground.app.lock().await;
    assert!(ground.app.search("zur", SearchScope::default(), 0, 10).await.is_err());
}

async fn synced(ground: &Ground) {
    ground.until("the first round", async |app| up_to_date(app, ground).await).await;
}

/// The app has seen every folder, and has as many mails in the Inbox as the server.
async fn up_to_date(app: &crate::App, ground: &Ground) -> Option<()> {
    let folders = app.folders().await.ok()?;
    let inbox = folder(app, FolderKind::Inbox).await?;
    let there = ground.server.mails("alice", Kind::Inbox).ok()?.len();
    let idle = app.state().sync.state == SyncState::Idle;
    (idle && folders.iter().all(|folder| folder.synced) && inbox.total == there as u64)
        .then_some(())
}

async fn sent_once(ground: &Ground, subject: &str) {
    ground
        .until_asked("an empty outbox", async |app| {
            app.outbox().await.unwrap().is_empty().then_some(())
        })
        .await;
    assert_eq!(ground.server.submitted("alice").unwrap(), 1);
    let received = ground.server.mails("bob", Kind::Inbox).unwrap();
    assert_eq!(received.iter().filter(|mail| mail.subject == subject).count(), 1);
    let sent = async |app: &crate::App| {
        let sent = folder(app, FolderKind::Sent).await?;
        first(&messages(app, &sent).await, subject)
    };
    ground.until("the copy among the sent mails", sent).await;
}

fn first(mails: &[crate::MessageItem], subject: &str) -> Option<crate::MessageItem> {
    mails.iter().find(|mail| mail.subject == subject).cloned()
}

fn draft(subject: &str) -> Draft {
    Draft {
        to: vec!["Bob <bob@example.test>".to_owned()],
        subject: subject.to_owned(),
        text: "Hello Bob,\nthis is a test.".to_owned(),
        ..Draft::default()
    }
}
