//! Which folder lies in which.

use super::Folders;
use crate::{CollectionId, FolderRecord};

impl Folders {
    pub(crate) fn records(&self) -> impl Iterator<Item = &FolderRecord> {
        self.folders.values().map(|folder| &folder.record)
    }

    /// Says whether a folder is another one, or lies somewhere in it.
    pub(crate) fn lies_in(&self, inner: &CollectionId, outer: &CollectionId) -> bool {
        self.with_descendants(outer).contains(inner)
    }

    /// Names a folder and all folders that lie somewhere in it.
    pub(crate) fn with_descendants(&self, folder: &CollectionId) -> Vec<CollectionId> {
        let mut found = vec![folder.clone()];
        let mut place = 0;
        while let Some(outer) = found.get(place).cloned() {
            let inside = self
                .records()
                .filter(|record| record.parent.as_ref() == Some(&outer))
                .map(|record| record.id.clone())
                // A server that puts folders into each other must not keep anybody busy.
                .filter(|id| !found.contains(id))
                .collect::<Vec<_>>();
            found.extend(inside);
            place += 1;
        }
        found
    }
}
