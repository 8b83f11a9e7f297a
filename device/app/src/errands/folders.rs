//! Changes of folders, on the server and here.

use super::ErrandError;
use crate::app::App;
use crate::error::AccessError;
use crate::session::with;
use crate::view::{FolderId, FolderKind, FolderView};
use pim::{CollectionId, Errand, FolderErrand, Reply};

impl App {
    /// Makes a folder for mail, at the top or in another one.
    ///
    /// # Errors
    ///
    /// [`ErrandError`] says what the person can do.
    pub async fn create_folder(
        &self,
        parent: Option<FolderId>,
        name: String,
    ) -> Result<FolderId, ErrandError> {
        let parent = match parent {
            Some(parent) => Some(self.collection(parent).await?),
            None => None,
        };
        let Reply::Made(made) =
            self.run(Errand::Folder(FolderErrand::Create { parent, name })).await?
        else {
            return Err(ErrandError::Uncertain);
        };
        let (open, _) = self.life.open().await?;
        let id = with(&open, move |open| open.mail().folder(&made)).await;
        let id = id.map_err(AccessError::from)?.ok_or(ErrandError::Missing)?;

        Ok(FolderId(id.0))
    }

    /// Gives a folder another name.
    ///
    /// # Errors
    ///
    /// [`ErrandError::Protected`] if the mailbox needs it as it is.
    pub async fn rename_folder(&self, folder: FolderId, name: String) -> Result<(), ErrandError> {
        let folder = self.own(folder).await?;

        self.change(FolderErrand::Rename { folder, name }).await
    }

    /// Moves a folder with everything in it, to the top or into another one.
    ///
    /// # Errors
    ///
    /// [`ErrandError::Protected`] if the mailbox needs it as it is.
    pub async fn move_folder(
        &self,
        folder: FolderId,
        parent: Option<FolderId>,
    ) -> Result<(), ErrandError> {
        let folder = self.own(folder).await?;
        let parent = match parent {
            Some(parent) => Some(self.collection(parent).await?),
            None => None,
        };

        self.change(FolderErrand::Move { folder, parent }).await
    }

    /// Deletes a folder with all folders and mails in it, those that are only on the server among them. Some servers keep a
    /// copy among the deleted mails, others do not.
    ///
    /// # Errors
    ///
    /// [`ErrandError::Protected`] if the mailbox needs it.
    pub async fn delete_folder(&self, folder: FolderId) -> Result<(), ErrandError> {
        self.own(folder).await?;
        // A server that keeps its mail in IMAP deletes a folder alone, so those in it go first.
        for folder in with_descendants(folder, &self.folders().await?).into_iter().rev() {
            let folder = self.collection(folder).await?;
            self.change(FolderErrand::Delete(folder)).await?;
        }

        Ok(())
    }

    /// Deletes all mails in a folder for good, those that are only on the server among them, and with `subfolders` the folders
    /// in it. That goes for the deleted mails, for junk and for folders of the person's own.
    ///
    /// # Errors
    ///
    /// [`ErrandError::Protected`] for any other folder.
    pub async fn empty_folder(
        &self,
        folder: FolderId,
        subfolders: bool,
    ) -> Result<(), ErrandError> {
        let folder = self.collection(folder).await?;

        self.change(FolderErrand::Empty { folder, subfolders }).await
    }

    async fn change(&self, errand: FolderErrand) -> Result<(), ErrandError> {
        self.run(Errand::Folder(errand)).await.map(drop)
    }

    /// What the server calls a folder that is the person's own. ActiveSync tells no such folder from the one for junk.
    async fn own(&self, folder: FolderId) -> Result<CollectionId, ErrandError> {
        let folders = self.folders().await?;
        let kind = folders.iter().find(|known| known.id == folder).map(|known| known.kind);
        if kind == Some(FolderKind::Junk) {
            return Err(ErrandError::Protected);
        }

        self.collection(folder).await
    }

    pub(super) async fn collection(&self, folder: FolderId) -> Result<CollectionId, ErrandError> {
        let (open, _) = self.life.open().await?;
        let id = vault::mail::FolderId(folder.0);
        let collection = with(&open, move |open| open.mail().collection(id)).await;

        collection.map_err(AccessError::from)?.ok_or(ErrandError::Missing)
    }
}

/// A folder and all that lie in it, each after the one it lies in.
fn with_descendants(folder: FolderId, all: &[FolderView]) -> Vec<FolderId> {
    let mut found = vec![folder];
    let mut place = 0;
    while let Some(outer) = found.get(place).copied() {
        let inside = all.iter().filter(|folder| folder.parent == Some(outer));
        let inside: Vec<_> =
            inside.map(|folder| folder.id).filter(|id| !found.contains(id)).collect();
        found.extend(inside);
        place += 1;
    }

    found
}
