//! The folders themselves: making, naming, moving, deleting and emptying them, and who has been told of it.

use std::collections::BTreeSet;

use activesync::messages::FolderKind;
use activesync::query::Version;

use super::{Folder, FolderId, Mailbox};

/// A folder that is no more.
#[derive(Debug)]
pub(super) struct GoneFolder {
    id: FolderId,
    made: u64,
    /// The change that deleted it.
    gone: u64,
}

/// What a device knows of the folder tree.
#[derive(Debug, Clone)]
pub(crate) struct TreeView {
    told: u64,
    /// Later changes that the device made itself.
    own: BTreeSet<u64>,
}

/// What to tell a device about the folder tree.
#[derive(Debug)]
pub(crate) enum TreeStep<'a> {
    Add(&'a Folder),
    Change(&'a Folder),
    Delete(FolderId),
}

impl TreeView {
    /// Knows everything that there is.
    pub(crate) fn complete(mailbox: &Mailbox) -> Self {
        Self { told: mailbox.last_change, own: BTreeSet::new() }
    }

    /// Notes changes that the device made itself, so that it is not told about them.
    pub(crate) fn note_own(&mut self, changes: impl IntoIterator<Item = u64>) {
        self.own.extend(changes);
    }

    fn knows(&self, change: u64) -> bool {
        change <= self.told || self.own.contains(&change)
    }
}

impl Folder {
    /// Returns whether the user made it, or could have.
    pub(crate) fn is_users(&self) -> bool {
        can_be_made(self.kind)
    }

    /// Returns whether devices keep addresses in it by themselves.
    pub(crate) fn is_recipient_cache(&self) -> bool {
        self.kind == FolderKind::RecipientCache
    }
}

/// Returns whether users can make folders of this kind.
pub(crate) fn can_be_made(kind: FolderKind) -> bool {
    matches!(
        kind,
        FolderKind::Other
            | FolderKind::UserMail
            | FolderKind::UserCalendar
            | FolderKind::UserContacts
            | FolderKind::UserTasks
            | FolderKind::UserJournal
            | FolderKind::UserNotes
    )
}

impl Mailbox {
    /// Returns what is to be told to a device that knows `known`; to one that knows nothing, every folder that its version has.
    pub(crate) fn tree_steps<'a>(
        &'a self,
        known: Option<&'a TreeView>,
        version: Version,
    ) -> impl Iterator<Item = TreeStep<'a>> {
        let knows = move |change: u64| known.is_some_and(|known| known.knows(change));
        let gone = self.gone_folders.iter();
        let gone = gone.filter(move |folder| knows(folder.made) && !knows(folder.gone));
        let here = self.folders.iter().filter(move |folder| folder.is_known_to(version));
        let here =
            here.filter_map(move |folder| match (knows(folder.made), knows(folder.changed)) {
                (false, _) => Some(TreeStep::Add(folder)),
                (true, false) => Some(TreeStep::Change(folder)),
                (true, true) => None,
            });
        gone.map(|folder| TreeStep::Delete(folder.id)).chain(here)
    }

    /// Makes a folder. Returns its id and the number of the change.
    pub(crate) fn make_folder(
        &mut self,
        parent: Option<FolderId>,
        name: &str,
        kind: FolderKind,
    ) -> (FolderId, u64) {
        let id = self.push_folder(parent, name, kind);
        (id, self.last_change)
    }

    /// Names and moves a folder. Returns the number of the change.
    pub(crate) fn change_folder(
        &mut self,
        id: FolderId,
        parent: Option<FolderId>,
        name: &str,
    ) -> Option<u64> {
        let folder = self.folders.iter_mut().find(|folder| folder.id == id)?;
        self.last_change += 1;
        (folder.parent, folder.changed) = (parent, self.last_change);
        name.clone_into(&mut folder.name);
        Some(self.last_change)
    }

    /// Deletes a folder with all that is in it. Returns the numbers of the changes, one for each folder.
    pub(crate) fn delete_folder(&mut self, id: FolderId) -> Vec<u64> {
        let leaving: BTreeSet<_> = self.folders_below(id).into_iter().chain([id]).collect();
        self.items.retain(|_, item| !leaving.contains(&item.folder));
        let (gone, here): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.folders).into_iter().partition(|f| leaving.contains(&f.id));
        self.folders = here;
        let mut changes = Vec::new();
        for folder in gone {
            self.last_change += 1;
            changes.push(self.last_change);
            let (id, made, gone) = (folder.id, folder.made, self.last_change);
            self.gone_folders.push(GoneFolder { id, made, gone });
        }
        changes
    }

    /// Deletes all that is in a folder for good; with `sub_folders`, also the folders in it. Returns false if there is no such folder.
    pub(crate) fn empty_folder(&mut self, id: FolderId, sub_folders: bool) -> bool {
        if self.folder(id).is_none() {
            return false;
        }
        let items: Vec<_> = self.items_in(id).map(|(id, _)| id).collect();
        items.into_iter().for_each(|item| {
            self.delete(item);
        });
        if sub_folders {
            let children: Vec<_> =
                self.folders.iter().filter(|f| f.parent == Some(id)).map(|f| f.id).collect();
            children.into_iter().for_each(|child| {
                self.delete_folder(child);
            });
        }
        true
    }

    /// Returns the folders in a folder, in those, and so on.
    pub(crate) fn folders_below(&self, id: FolderId) -> Vec<FolderId> {
        let mut below = Vec::new();
        let mut above = vec![id];
        while let Some(next) = above.pop() {
            let children = self.folders.iter().filter(|folder| folder.parent == Some(next));
            let children: Vec<_> = children.map(|folder| folder.id).collect();
            above.extend(&children);
            below.extend(children);
        }
        below
    }

    /// Returns whether a folder has a child of this name, in whatever case, other than `except`.
    pub(crate) fn has_child(
        &self,
        parent: Option<FolderId>,
        name: &str,
        except: Option<FolderId>,
    ) -> bool {
        let name = name.to_lowercase();
        self.folders.iter().any(|folder| {
            folder.parent == parent
                && Some(folder.id) != except
                && folder.name.to_lowercase() == name
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(mailbox: &Mailbox, known: Option<&TreeView>) -> Vec<String> {
        let text = |step| match step {
            TreeStep::Add(folder) => format!("add {}", folder.name),
            TreeStep::Change(folder) => format!("change {}", folder.name),
            TreeStep::Delete(id) => format!("delete {id}"),
        };
        mailbox.tree_steps(known, Version::V16_1).map(text).collect()
    }

    #[test]
    fn everything_is_told_to_who_knows_nothing_and_nothing_to_who_knows_all() {
        let mailbox = Mailbox::new(true);
        assert_eq!(steps(&mailbox, None).len(), mailbox.folders().len());
        assert_eq!(steps(&mailbox, Some(&TreeView::complete(&mailbox))), [""; 0]);
    }

    #[test]
    fn own_changes_are_not_told_and_those_of_others_between_them_are() {
        let mut mailbox = Mailbox::new(false);
        let mut tree = TreeView::complete(&mailbox);
        let (other, _) = mailbox.make_folder(None, "Theirs", FolderKind::UserMail);
        let (own, made) = mailbox.make_folder(None, "Mine", FolderKind::UserMail);
        tree.note_own([made]);
        assert_eq!(steps(&mailbox, Some(&tree)), ["add Theirs"]);
        mailbox.change_folder(own, None, "Ours").unwrap();
        assert_eq!(steps(&mailbox, Some(&tree)), ["add Theirs", "change Ours"]);
        mailbox.delete_folder(other);
        mailbox.delete_folder(own);
        assert_eq!(steps(&mailbox, Some(&tree)), [format!("delete {own}")]);
    }

    #[test]
    fn a_folder_goes_with_what_is_below_it() {
        let mut mailbox = Mailbox::new(false);
        let (top, _) = mailbox.make_folder(None, "Top", FolderKind::UserMail);
        let (middle, _) = mailbox.make_folder(Some(top), "Middle", FolderKind::UserMail);
        let (leaf, _) = mailbox.make_folder(Some(middle), "Leaf", FolderKind::UserMail);
        assert_eq!(mailbox.folders_below(top), [middle, leaf]);
        assert!(mailbox.has_child(Some(top), "mIDDLE", None));
        assert!(!mailbox.has_child(Some(top), "Middle", Some(middle)));
        assert_eq!(mailbox.delete_folder(top).len(), 3);
        assert!(mailbox.folder(leaf).is_none());
        let (next, _) = mailbox.make_folder(None, "Next", FolderKind::UserMail);
        assert_ne!(next, leaf, "ids are not given twice");
    }
}
