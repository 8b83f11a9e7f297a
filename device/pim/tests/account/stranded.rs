//! Words that the server has not got, in a folder that is gone from it.

use activesync::{
    messages::{Folder, FolderChange, FolderKind, FolderSyncAnswer, Note, SyncRequest},
    query::Command,
    status::Status,
};
use pim::{Answer, Change, CollectionId, Edit, EditRecord, EntryId, Outcome, Phase};
use time::Duration;

use crate::desk::{Desk, body, for_folder, ok, tree_of};

#[test]
fn words_in_a_folder_that_is_gone_wait_for_another_of_their_class() {
    let mut desk = Desk::provisioned();
    desk.answers(tree_of(&[("paper", FolderKind::UserNotes)]));
    desk.works(Duration::minutes(1), |command, request| {
        if command != Command::Sync {
            return Outcome::Lost;
        }
        let sync = SyncRequest::decode(&body(request.clone())).unwrap().unwrap();
        let is_first = sync.collections[0].sync_key == "0";
        let answer = for_folder("paper", |_| ());
        Outcome::Answered(if is_first { answer } else { ok(Vec::new()) })
    });
    let note = Note { subject: Some("Mine".to_owned()), ..Note::default() };
    desk.account.take_edit(EditRecord {
        entry: EntryId(1),
        collection: CollectionId("paper".to_owned()),
        server_id: None,
        client_id: "c".to_owned(),
        base: None,
        edit: Edit::Put(Box::new(note.into())),
        sent: None,
        refused: None,
    });
    desk.account.sync_now();
    let effects = desk.answers(tree_without("paper", None));
    assert!(!effects.changes.contains(&Change::RemoveFolder(CollectionId("paper".to_owned()))));
    let progress = desk.account.progress(desk.now);
    assert_eq!(
        (progress.phase, progress.detail.as_deref()),
        (Phase::Error, Some("folder_missing"))
    );
    assert_eq!(desk.account.next_command(desk.now), None);

    desk.account.sync_now();
    let effects = desk.answers(tree_without("nothing", Some(("other", FolderKind::UserNotes))));
    let saved = effects.changes.iter().any(|change| {
        matches!(change, Change::PutEdit(edit) if edit.collection.0 == "other" && edit.server_id.is_none())
    });
    let removed = Change::RemoveFolder(CollectionId("paper".to_owned()));
    assert!(saved && effects.changes.contains(&removed), "{effects:?}");
}

/// The tree loses a folder, and perhaps gets another.
fn tree_without(gone: &str, new: Option<(&str, FolderKind)>) -> Answer {
    let added = new.map(|(id, kind)| {
        FolderChange::Add(Folder {
            server_id: id.to_owned(),
            parent_id: "0".to_owned(),
            display_name: id.to_owned(),
            kind,
        })
    });
    let gone = FolderChange::Delete { server_id: gone.to_owned() };
    let changes = [gone].into_iter().chain(added).collect();
    ok(FolderSyncAnswer { status: Status::OK, sync_key: Some("t2".to_owned()), changes }.encode())
}
