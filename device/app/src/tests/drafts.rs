//! Drafts: on this device at once, on the server where it keeps them, and sent from here.

use super::ground::{Ground, Holder, Second, folder, messages, until};
use super::{sent_once, synced};
use crate::{
    AccessError, DraftAttachment, DraftError, DraftId, DraftKind, DraftText, Importance, Protect,
    SendError,
};
use crate::{App, Draft, DraftConflict, DraftState, DraftView, FolderKind};
use activesync::messages::FolderKind as Kind;
use activesync::query::{Command, Version};
use sandbox::{Fault, MailView};

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_written_offline_is_there_after_a_restart_and_is_sent_once() {
    let ground = Ground::new(|options| options.samples = false).await;
    synced(&ground).await;
    ground.way.cut();
    let half = DraftText {
        text: "Half a th".to_owned(),
        importance: Some(Importance::High),
        ..DraftText::default()
    };
    let id = ground.app.save_draft(None, half.clone()).await.unwrap();
    let file = DraftAttachment {
        name: "plan.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        bytes: b"the plan".to_vec(),
    };
    ground.app.add_draft_file(id, file.clone()).await.unwrap();
    let second = ground.app.add_draft_file(id, file).await.unwrap();
    ground.app.remove_draft_file(id, second).await.unwrap();

    let ground = ground.restart().await;
    let [draft] = &ground.app.drafts().await.unwrap()[..] else { panic!("one draft") };
    assert_eq!((draft.id, &draft.text, draft.files.len()), (id, &half, 1));
    assert_eq!((&draft.state, draft.message), (&DraftState::Waiting, None));
    assert!(matches!(
        ground.app.send_draft(id, Protect::default()).await,
        Err(SendError::NoRecipient)
    ));
    let whole = DraftText {
        to: vec!["bob@example.test".to_owned()],
        subject: "A plan".to_owned(),
        text: "Here it is.".to_owned(),
        ..half
    };
    assert_eq!(ground.app.save_draft(Some(id), whole).await.unwrap(), id);
    ground.app.send_draft(id, Protect::default()).await.unwrap();
    assert_eq!(ground.app.drafts().await.unwrap(), [], "it is in the outbox now");

    ground.way.mend().await;
    sent_once(&ground, "A plan").await;
    let received = ground.server.mails("bob", Kind::Inbox).unwrap();
    let received = received.into_iter().find(|mail| mail.subject == "A plan").unwrap();
    let received = mail::Message::parse(&received.mime).unwrap();
    assert_eq!(received.attachments[0].bytes, b"the plan");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_is_thrown_away_is_gone() {
    let ground = Ground::new(|_| ()).await;
    let text = DraftText { kind: DraftKind::Reply, ..DraftText::default() };
    let id = ground.app.save_draft(None, text).await.unwrap();
    assert!(matches!(
        ground.app.send_draft(id, Protect::default()).await,
        Err(SendError::OriginalMissing)
    ));
    ground.app.remove_draft(id).await.unwrap();

    assert!(matches!(ground.app.draft(id).await, Err(AccessError::Missing)));
    let nowhere = ground.app.save_draft(Some(DraftId(99)), DraftText::default()).await;
    assert!(matches!(nowhere, Err(DraftError::Missing)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_written_on_one_device_is_finished_and_sent_on_another() {
    let (ground, second) = two().await;
    let server = &ground.server;
    server.fail_next("alice", Some(Command::Sync), Fault::LoseAnswer).unwrap();
    let id = ground.app.save_draft(None, text("Plan", "Half a th")).await.unwrap();
    ground.app.add_draft_file(id, file("plan.txt", b"the plan")).await.unwrap();
    ground.until_asked("the upload", async |app| synced_as(app, "Half a th").await).await;
    assert_eq!(drafts_there(&ground).len(), 1, "it is there once");

    let there =
        until(&second.app, "the draft elsewhere", async |app| synced_as(app, "Half a th").await);
    let there = second.app.draft(there.await.id).await.unwrap();
    assert!(there.whole, "{there:?}");
    assert_eq!((&there.text.to, &there.text.bcc), (&to(), &vec!["carol@example.test".to_owned()]));
    assert_eq!((there.text.importance, there.files.len()), (Some(Importance::High), 1));
    second.app.save_draft(Some(there.id), text("Plan", "Half a thought.")).await.unwrap();
    second.app.add_draft_file(there.id, file("more.txt", b"more")).await.unwrap();
    second.app.remove_draft_file(there.id, there.files[0].id).await.unwrap();
    until(&second.app, "the change", async |app| synced_as(app, "Half a thought.").await).await;

    let seen = ground.until("the change here", async |app| synced_as(app, "Half a thought.").await);
    let seen = ground.app.draft(seen.await.id).await.unwrap();
    assert_eq!((seen.id, seen.files.len(), seen.files[0].name.as_str()), (id, 1, "more.txt"));
    let [whole] = &drafts_there(&ground)[..] else { panic!("one draft") };
    let parsed = mail::Message::parse(&whole.mime).unwrap();
    assert_eq!(
        (parsed.attachments.len(), parsed.attachments[0].bytes.as_slice()),
        (1, &b"more"[..])
    );

    ground.app.send_draft(id, Protect::default()).await.unwrap();
    sent_once(&ground, "Plan").await;
    ground.until_asked("no draft", async |_| drafts_there(&ground).is_empty().then_some(())).await;
    let gone = async |app: &App| app.drafts().await.ok()?.is_empty().then_some(());
    ground.until("no draft here", gone).await;
    until(&second.app, "no draft elsewhere", gone).await;
    let deleted = server.mails("alice", Kind::Deleted).unwrap();
    assert!(deleted.iter().all(|mail| mail.subject != "Plan"), "what was sent is not thrown away");
    let received = server.mails("bob", Kind::Inbox).unwrap();
    let received = received.into_iter().find(|mail| mail.subject == "Plan").unwrap();
    let received = mail::Message::parse(&received.mime).unwrap();
    assert_eq!(received.attachments[0].bytes, b"more");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_of_one_draft_become_two_drafts_on_both_devices() {
    let (ground, second) = two().await;
    let id = ground.app.save_draft(None, text("Plan", "First words")).await.unwrap();
    let there = until(&second.app, "the draft", async |app| synced_as(app, "First words").await);
    let there = there.await.id;
    ground.until("the upload", async |app| synced_as(app, "First words").await).await;
    ground.way.cut();
    ground.app.save_draft(Some(id), text("Plan", "Written here")).await.unwrap();
    second.app.save_draft(Some(there), text("Plan", "Written there")).await.unwrap();
    ground.way.mend().await;

    for app in [&ground.app, &second.app] {
        until(app, "both texts", async |app| {
            app.sync_now().await.ok()?;
            let drafts = app.drafts().await.ok()?;
            let mut texts: Vec<&str> = drafts.iter().map(|one| one.text.text.trim()).collect();
            texts.sort_unstable();
            let settled = drafts.iter().all(|draft| draft.state == DraftState::Synced);
            (settled && texts == ["Written here", "Written there"]).then_some(())
        })
        .await;
    }
    assert_eq!(drafts_there(&ground).len(), 2);
    let mut conflicts = ground.app.drafts().await.unwrap();
    conflicts.extend(second.app.drafts().await.unwrap());
    let conflicts: Vec<DraftConflict> = conflicts.iter().filter_map(|one| one.conflict).collect();
    assert_eq!(conflicts, [DraftConflict::Changed], "whoever came second is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_thrown_away_lies_among_the_deleted_mails() {
    let (ground, second) = two().await;
    let id = ground.app.save_draft(None, text("Plan", "Words")).await.unwrap();
    until(&second.app, "the draft", async |app| synced_as(app, "Words").await).await;
    let drafts = folder(&second.app, FolderKind::Drafts).await.unwrap();
    let [shown] = &messages(&second.app, &drafts).await[..] else { panic!("one mail") };
    ground.until("the upload", async |app| synced_as(app, "Words").await).await;
    ground.app.remove_draft(id).await.unwrap();
    assert_eq!(ground.app.drafts().await.unwrap(), []);
    let gone = async |app: &App| app.drafts().await.ok()?.is_empty().then_some(());
    until(&second.app, "no draft elsewhere", gone).await;
    assert!(matches!(second.app.message(shown.id).await, Err(AccessError::Missing)));
    let deleted = ground.server.mails("alice", Kind::Deleted).unwrap();
    assert_eq!(deleted.iter().filter(|mail| mail.subject == "Plan").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_was_deleted_as_a_message_is_no_draft_any_more() {
    let (ground, _second) = two().await;
    ground.app.save_draft(None, text("Plan", "Words")).await.unwrap();
    let draft = ground.until("the upload", async |app| synced_as(app, "Words").await).await;
    ground.app.delete(draft.message.unwrap(), true).await.unwrap();
    assert_eq!(ground.app.drafts().await.unwrap(), []);
    ground.until("no draft", async |_| drafts_there(&ground).is_empty().then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_stay_on_this_device_before_16() {
    let ground = Ground::new(|options| options.versions = vec![Version::V14_1]).await;
    synced(&ground).await;
    let before = drafts_there(&ground).len();
    ground.app.save_draft(None, text("Plan", "Words")).await.unwrap();
    ground.app.save_draft(None, text("Another", "Words")).await.unwrap();
    // A mail that was sent after them is there: they would have gone up with it.
    let sent = Draft { to: to(), subject: "Later".to_owned(), ..Draft::default() };
    ground.app.send(sent).await.unwrap();
    sent_once(&ground, "Later").await;
    let drafts = ground.app.drafts().await.unwrap();
    assert_eq!(drafts.len(), 2, "those of the server are mails there");
    assert!(drafts.iter().all(|draft| draft.state == DraftState::Here));
    assert_eq!(drafts_there(&ground).len(), before);
}

/// Two devices of one person whose server keeps drafts.
async fn two() -> (Ground, Second) {
    let authority = Holder::root();
    let options = |options: &mut sandbox::Options| {
        options.versions = vec![Version::V16_1];
        options.samples = false;
    };
    let ground = Ground::with(&authority, options, |_| ()).await;
    synced(&ground).await;
    let second = Second::beside(&ground, &authority).await;
    (ground, second)
}

fn to() -> Vec<String> {
    vec!["Bob <bob@example.test>".to_owned()]
}

fn text(subject: &str, text: &str) -> DraftText {
    DraftText {
        to: to(),
        bcc: vec!["carol@example.test".to_owned()],
        subject: subject.to_owned(),
        text: text.to_owned(),
        importance: Some(Importance::High),
        ..DraftText::default()
    }
}

fn file(name: &str, bytes: &[u8]) -> DraftAttachment {
    DraftAttachment {
        name: name.to_owned(),
        media_type: "text/plain".to_owned(),
        bytes: bytes.to_vec(),
    }
}

fn drafts_there(ground: &Ground) -> Vec<MailView> {
    ground.server.mails("alice", Kind::Drafts).unwrap()
}

/// The draft with this text, once the server has it so.
async fn synced_as(app: &App, text: &str) -> Option<DraftView> {
    let drafts = app.drafts().await.ok()?;
    drafts
        .into_iter()
        .find(|draft| draft.text.text.trim() == text && draft.state == DraftState::Synced)
}
