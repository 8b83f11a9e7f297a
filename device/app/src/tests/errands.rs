//! What a person asks of the server directly, on a real one.

use activesync::query::Command;
use tempfile::TempDir;

use super::ground::{Holder, PASSWORD, Way, folder, open, register, until};
use super::peer::Peer;
use crate::{App, ErrandError, FolderKind, FolderView, SyncState};

#[tokio::test(flavor = "multi_thread")]
async fn a_real_server_does_what_a_person_asks() {
    let peer = Peer::start();
    let authority = Holder::root();
    let way = Way::to(peer.address(), &authority).await;
    let root = TempDir::with_prefix("cordon-app-").unwrap();
    register(&root, &authority, way.address);
    let app = open(&root);
    app.unlock(PASSWORD.into()).await.unwrap();
    until(&app, "the first round", at_rest).await;

    folders_are_changed(&app, &way).await;
    app.lock().await;
}

async fn folders_are_changed(app: &App, way: &Way) {
    let projects = named(app, "Projects").await.unwrap();
    let beta = named(app, "Beta").await.unwrap();
    let made = app.create_folder(Some(projects.id), "Gamma ü".to_owned()).await.unwrap();
    let gamma = named(app, "Gamma ü").await.unwrap();
    assert_eq!((gamma.id, gamma.parent, gamma.kind), (made, Some(projects.id), FolderKind::User));
    app.rename_folder(made, "Delta".to_owned()).await.unwrap();
    app.move_folder(beta.id, Some(made)).await.unwrap();
    assert_eq!(named(app, "Delta").await.unwrap().id, made);
    assert_eq!(named(app, "Beta").await.unwrap().parent, Some(made));
    until(app, "the tree", at_rest).await;

    let twice = app.create_folder(Some(projects.id), "delta".to_owned()).await;
    assert!(matches!(twice, Err(ErrandError::NameTaken)), "{twice:?}");
    let inbox = folder(app, FolderKind::Inbox).await.unwrap();
    let junk = folder(app, FolderKind::Junk).await.unwrap();
    for kept in [inbox.id, junk.id] {
        let refused = app.delete_folder(kept).await;
        assert!(matches!(refused, Err(ErrandError::Protected)), "{refused:?}");
    }
    assert_eq!(way.requests(Command::FolderDelete), 0, "nobody was asked");

    way.lose_answer(Command::FolderCreate);
    let lost = app.create_folder(None, "Once".to_owned()).await;
    assert!(matches!(lost, Err(ErrandError::Uncertain)), "{lost:?}");
    let once = until(app, "the folder after all", async |app| named(app, "Once").await).await;
    until(app, "rest after the loss", at_rest).await;

    app.empty_folder(once.id, true).await.unwrap();
    let trash = folder(app, FolderKind::Deleted).await.unwrap();
    app.empty_folder(trash.id, true).await.unwrap();
    app.delete_folder(made).await.unwrap();
    assert_eq!((named(app, "Delta").await, named(app, "Beta").await), (None, None));
    app.sync_now().await.unwrap();
    until(app, "rest at the end", at_rest).await;
    assert!(named(app, "Once").await.is_some() && named(app, "Alpha").await.is_some());
}

async fn named(app: &App, name: &str) -> Option<FolderView> {
    app.folders().await.ok()?.into_iter().find(|folder| folder.name == name)
}

async fn at_rest(app: &App) -> Option<()> {
    let folders = app.folders().await.ok()?;
    let synced = !folders.is_empty() && folders.iter().all(|folder| folder.synced);
    (synced && app.state().sync.state == SyncState::Idle).then_some(())
}
