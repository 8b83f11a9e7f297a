//! Drafts: on this device at once, and sent from there.

use super::ground::Ground;
use super::{sent_once, synced};
use crate::{AccessError, DraftAttachment, DraftId, DraftKind, DraftText, SendError};
use activesync::messages::FolderKind as Kind;

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_written_offline_is_there_after_a_restart_and_is_sent_once() {
    let ground = Ground::new(|_| ()).await;
    synced(&ground).await;
    ground.way.cut();
    let half = DraftText { text: "Half a th".to_owned(), ..DraftText::default() };
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
    assert!(matches!(ground.app.send_draft(id).await, Err(SendError::NoRecipient)));
    let whole = DraftText {
        to: vec!["bob@example.test".to_owned()],
        subject: "A plan".to_owned(),
        text: "Here it is.".to_owned(),
        ..half
    };
    assert_eq!(ground.app.save_draft(Some(id), whole).await.unwrap(), id);
    ground.app.send_draft(id).await.unwrap();
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
    assert!(matches!(ground.app.send_draft(id).await, Err(SendError::OriginalMissing)));
    ground.app.remove_draft(id).await.unwrap();

    assert!(matches!(ground.app.draft(id).await, Err(AccessError::Missing)));
    let nowhere = ground.app.save_draft(Some(DraftId(99)), DraftText::default()).await;
    assert!(matches!(nowhere, Err(AccessError::Missing)));
}
