//! What a person does with mails, offline first.

use super::ground::{Ground, folder, inbox, messages};
use super::{first, synced};
use crate::{App, ChangeError, FlagState, FolderId, FolderKind, MessageItem, SyncState};
use activesync::messages::FolderKind as Kind;
use activesync::query::{Command, Version};
use sandbox::{Fault, MailView};
use time::macros::date;

#[tokio::test(flavor = "multi_thread")]
async fn marks_deletions_and_moves_made_offline_reach_the_server() {
    for version in [Version::V14_1, Version::V16_1] {
        let ground = stocked(version).await;
        offline(&ground).await;
        let of = async |subject: &str| first(&inbox(&ground.app).await, subject).unwrap();
        let archive = named(&ground.app, "Junk E-mail").await;
        let app = &ground.app;
        let due = Some(date!(2026 - 12 - 01));
        app.flag(of("Flag me").await.id, FlagState::Active, due).await.unwrap();
        app.flag(of("Done").await.id, FlagState::Complete, None).await.unwrap();
        let categories = vec!["Rot".to_owned(), " Rot".to_owned(), String::new()];
        app.categorize(of("Flag me").await.id, categories).await.unwrap();
        app.mark_read(of("Move me").await.id, true).await.unwrap();
        app.delete(of("To the bin").await.id, false).await.unwrap();
        app.delete(of("For good").await.id, true).await.unwrap();
        let moved = of("Move me").await.id;
        app.move_message(moved, archive).await.unwrap();

        let ground = ground.restart().await;
        let here = inbox(&ground.app).await;
        let mut subjects: Vec<_> = here.iter().map(|mail| mail.subject.as_str()).collect();
        subjects.sort_unstable();
        assert_eq!(subjects, ["Done", "Flag me"], "the others are gone at once");
        let shown = ground.app.messages(archive, 0, 10).await.unwrap().items;
        assert_eq!((shown[0].id, shown[0].read), (moved, true));

        ground.way.mend().await;
        ground
            .until_asked("the server's view", async |_| {
                let in_bin = there(&ground, Kind::Deleted);
                let done = in_bin.iter().any(|mail| mail.subject == "To the bin")
                    && there(&ground, Kind::Inbox).len() == 2
                    && there(&ground, Kind::Inbox).iter().all(|mail| mail.flagged);
                done.then_some(())
            })
            .await;
        let bin = there(&ground, Kind::Deleted);
        assert!(bin.iter().all(|mail| mail.subject != "For good"));
        let junk = there(&ground, Kind::UserMail);
        let [there] = &junk[..] else { panic!("one mail was moved: {}", junk.len()) };
        assert_eq!((there.subject.as_str(), there.read), ("Move me", true));
        same_everywhere(&ground).await;
        let shown = ground.app.messages(archive, 0, 10).await.unwrap().items;
        assert_eq!((shown.len(), shown[0].id), (1, moved), "it is the same mail");
        let flagged = first(&inbox(&ground.app).await, "Flag me").unwrap();
        assert_eq!((flagged.flag.state, flagged.flag.due), (FlagState::Active, due));
        assert_eq!(flagged.categories, ["Rot"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_whose_answer_is_lost_leaves_one_mail() {
    let ground = stocked(Version::V16_1).await;
    let moved = first(&ground.inbox().await, "Move me").unwrap().id;
    let archive = named(&ground.app, "Junk E-mail").await;
    ground.server.fail_next("alice", Some(Command::MoveItems), Fault::LoseAnswer).unwrap();

    ground.app.move_message(moved, archive).await.unwrap();
    ground.app.mark_read(moved, true).await.unwrap();

    ground
        .until_asked("the move", async |_| {
            let there = there(&ground, Kind::UserMail);
            there.first().is_some_and(|mail| mail.read).then_some(())
        })
        .await;
    same_everywhere(&ground).await;
    let shown = ground.app.messages(archive, 0, 10).await.unwrap().items;
    assert_eq!((shown.len(), shown[0].read), (1, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_cannot_be_changed() {
    let ground = stocked(Version::V14_1).await;
    let mail = ground.inbox().await[0].id;
    let nowhere = ground.app.move_message(mail, FolderId(999)).await;
    assert!(matches!(nowhere, Err(ChangeError::NoFolder)), "{nowhere:?}");
    ground.app.delete(mail, true).await.unwrap();
    ground
        .until("the deletion", async |_| (there(&ground, Kind::Inbox).len() == 4).then_some(()))
        .await;
    same_everywhere(&ground).await;
    let gone = ground.app.mark_read(mail, true).await;
    assert!(matches!(gone, Err(ChangeError::Missing)), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_spans_folders() {
    let ground = stocked(Version::V16_1).await;
    ground.server.deliver_text("alice", "bob@example.test", "Re: Move me", "text").unwrap();
    let answer =
        ground.until("the answer", async |app| first(&inbox(app).await, "Re: Move me")).await;
    let asked = first(&ground.inbox().await, "Move me").unwrap();
    let archive = named(&ground.app, "Junk E-mail").await;
    ground.app.move_message(asked.id, archive).await.unwrap();

    let conversation = ground.app.conversation(answer.id).await.unwrap();
    let ids: Vec<_> = conversation.items.iter().map(|mail| mail.id).collect();
    assert_eq!((ids, answer.topic.as_str()), (vec![answer.id, asked.id], "Move me"));
    assert!(answer.conversation.is_some() && answer.conversation == asked.conversation);
}

/// A mailbox with five mails, up to date.
async fn stocked(version: Version) -> Ground {
    let ground = Ground::new(|options| {
        options.samples = false;
        options.versions = vec![version];
    })
    .await;
    for subject in ["Flag me", "Done", "To the bin", "For good", "Move me"] {
        ground.server.deliver_text("alice", "bob@example.test", subject, "text").unwrap();
    }
    ground.until_asked("all mails", async |app| (inbox(app).await.len() == 5).then_some(())).await;
    synced(&ground).await;
    ground
}

async fn offline(ground: &Ground) {
    ground.way.cut();
    ground
        .until("being offline", async |app| {
            (app.state().sync.state == SyncState::Offline).then_some(())
        })
        .await;
}

/// Waits until the app has in each folder what the server has.
async fn same_everywhere(ground: &Ground) {
    let kinds = [
        (FolderKind::Inbox, Kind::Inbox),
        (FolderKind::Deleted, Kind::Deleted),
        (FolderKind::Junk, Kind::UserMail),
    ];
    for (here, kind) in kinds {
        ground
            .until_asked("the same mails on both sides", async |app| {
                let here = messages(app, &folder(app, here).await?).await;
                let pair = |mail: &MessageItem| (mail.subject.clone(), mail.read);
                let mut here: Vec<_> = here.iter().map(pair).collect();
                let there = there(ground, kind);
                let mut there: Vec<_> =
                    there.into_iter().map(|mail| (mail.subject, mail.read)).collect();
                here.sort();
                there.sort();
                (here == there).then_some(())
            })
            .await;
    }
    ground
        .until_asked("nothing left to tell", async |app| {
            let (open, _) = app.life.open().await.unwrap();
            open.mail().saved(0).unwrap().uploads.is_empty().then_some(())
        })
        .await;
}

fn there(ground: &Ground, kind: Kind) -> Vec<MailView> {
    ground.server.mails("alice", kind).unwrap()
}

async fn named(app: &App, name: &str) -> FolderId {
    let folders = app.folders().await.unwrap();
    folders.into_iter().find(|folder| folder.name == name).unwrap().id
}
