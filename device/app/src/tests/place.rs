//! A mailbox that moves to another server.

use activesync::query::Command;
use sandbox::{Fault, Options, Sandbox};

use super::ground::{Ground, Holder, MAIL, Way, inbox, real_clock};
use super::{first, synced};
use crate::SyncState;

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_moved_is_found_and_remembered() {
    let authority = Holder::root();
    let elsewhere = Sandbox::start(Options::new(MAIL, real_clock)).await.unwrap();
    let way = Way::to(elsewhere.address(), &authority).await;
    let ground = Ground::with(&authority, |_| (), |_| ()).await;
    synced(&ground).await;

    let location = format!("https://{}/Microsoft-Server-ActiveSync", way.address);
    let moved = Fault::Moved { location };
    ground.server.fail_next("alice", None, moved).unwrap();
    elsewhere.deliver_text("alice", "bob@example.test", "From the other server", "x").unwrap();
    ground
        .until_asked("the move", async |app| first(&inbox(app).await, "From the other server"))
        .await;

    // Without a network for a while, and with the first server switched off for good.
    let before = ground.server.requests("alice", Command::FolderSync).unwrap();
    ground.way.cut();
    way.cut();
    ground
        .until_asked("the failure", async |app| {
            (app.state().sync.state == SyncState::Offline).then_some(())
        })
        .await;
    way.mend().await;
    elsewhere.deliver_text("alice", "bob@example.test", "After the silence", "x").unwrap();
    ground
        .until_asked("the mail after it", async |app| first(&inbox(app).await, "After the silence"))
        .await;
    ground.way.mend().await;

    let ground = ground.restart().await;
    elsewhere.deliver_text("alice", "bob@example.test", "Still there", "x").unwrap();
    ground.until("the next mail", async |app| first(&inbox(app).await, "Still there")).await;
    assert_eq!(ground.server.requests("alice", Command::FolderSync).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_a_stranger() {
    let ground = Ground::new(|_| ()).await;
    synced(&ground).await;
    let location = "https://mail.evil.example/Microsoft-Server-ActiveSync".to_owned();
    ground.server.fail_next("alice", None, Fault::Moved { location }).unwrap();
    ground.server.deliver_text("alice", "bob@example.test", "Kept here", "x").unwrap();

    ground
        .until("the refusal", async |app| {
            let sync = app.state().sync;
            let told = sync.detail.as_deref() == Some("moved_elsewhere");
            (told && sync.state == SyncState::Refused).then_some(())
        })
        .await;
    ground.until_asked("the mail", async |app| first(&inbox(app).await, "Kept here")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_is_nobody_says_where_is_waited_for() {
    let ground = Ground::new(|_| ()).await;
    synced(&ground).await;
    ground.server.move_account("alice", Some("")).unwrap();
    ground.server.deliver_text("alice", "bob@example.test", "Back again", "x").unwrap();
    ground
        .until_asked("the word", async |app| {
            let sync = app.state().sync;
            let told = sync.detail.as_deref() == Some("moved");
            (told && sync.state == SyncState::Error).then_some(())
        })
        .await;
    assert!(!ground.app.state().needs_mail_password);

    ground.server.move_account("alice", None).unwrap();
    ground.until("the mail", async |app| first(&inbox(app).await, "Back again")).await;
}
