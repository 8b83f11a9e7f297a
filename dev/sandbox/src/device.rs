use std::collections::{BTreeMap, BTreeSet};

use activesync::codepage::Tag;
use activesync::messages::{
    ClientCommand, DeviceInformation, PingRequest, RecoveryPassword, SyncOptions, SyncRequest,
    WipeOrder, WipeReport,
};
use activesync::query::{Command, Version};

use crate::http::Reply;
use crate::mailbox::{FolderId, ItemId, Mailbox, TreeView};
use crate::view::View;

/// What the server keeps of one device.
#[derive(Debug, Default)]
pub(crate) struct Device {
    pub(crate) kind: String,
    pub(crate) version: Option<Version>,
    pub(crate) information: Option<DeviceInformation>,
    /// What opens the device when its own password is forgotten.
    pub(crate) recovery_password: Option<RecoveryPassword>,
    pub(crate) provisioning: Provisioning,
    pub(crate) folders: Option<FolderKeys>,
    pub(crate) collections: BTreeMap<FolderId, Collection>,
    /// Folders of which the device knows something and the server does not know what.
    pub(crate) forgotten: BTreeSet<FolderId>,
    pub(crate) ping: Option<PingRequest>,
    /// The last Find, of which more results may be asked.
    pub(crate) search: Option<String>,
    /// The last full Sync request, kept while it may be repeated with an empty body.
    pub(crate) last_sync: Option<SyncRequest>,
    /// The last answer to each command.
    pub(crate) answers: BTreeMap<Command, Reply>,
    /// Number of the newest Ping; it ends older ones.
    pub(crate) newest_ping: u64,
    /// Number of the newest Sync; it ends older ones.
    pub(crate) newest_sync: u64,
    serial: u64,
}

/// Keys of policies, and orders to wipe.
#[derive(Debug, Default)]
pub(crate) struct Provisioning {
    pub(crate) temporary: Option<u32>,
    pub(crate) current: Option<u32>,
    pub(crate) wipe: Option<WipeOrder>,
    pub(crate) wiped: Option<WipeReport>,
}

/// The keys of FolderSync that are good, with what they stand for.
#[derive(Debug, Clone)]
pub(crate) struct FolderKeys {
    pub(crate) current: (String, TreeView),
    /// Still good, because the answer with the current key may have been lost.
    pub(crate) previous: Option<(String, TreeView)>,
}

/// What the server keeps of one device's folder.
#[derive(Debug)]
pub(crate) struct Collection {
    current: (String, View),
    /// Still good, because the answer with the current key may have been lost.
    previous: Option<(String, View)>,
    pub(crate) options: Vec<SyncOptions>,
    /// The properties that the device manages, from its first request.
    pub(crate) supported: Option<Vec<Tag>>,
    /// What the last request uploaded, in case it is repeated.
    pub(crate) uploaded: Uploaded,
}

/// What a device uploaded with one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Uploaded {
    /// Items that it made, by its own ids of them.
    pub(crate) made: BTreeMap<String, ItemId>,
    /// The commands.
    pub(crate) commands: Vec<ClientCommand>,
    /// Drafts that it sent, by whichever id it had of them.
    pub(crate) sent: BTreeSet<String>,
    /// The changes that came of it.
    pub(crate) changes: BTreeSet<u64>,
}

/// What a key stands for.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) view: View,
    /// Whether the device repeats itself, because an answer was lost.
    pub(crate) repeated: bool,
}

impl Device {
    /// Forgets what the device knows of its folders' items.
    pub(crate) fn forget_sync_keys(&mut self) {
        self.forgotten.extend(std::mem::take(&mut self.collections).into_keys());
        self.last_sync = None;
    }

    pub(crate) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Returns what a key of the folder tree stands for.
    pub(crate) fn tree(&self, key: &str) -> Option<&TreeView> {
        let keys = self.folders.as_ref()?;
        let mut good = std::iter::once(&keys.current).chain(&keys.previous);
        good.find(|(known, _)| known == key).map(|(_, tree)| tree)
    }

    /// Makes the key of an answer to `key`, after which the device knows `tree`.
    pub(crate) fn advance_tree(&mut self, key: &str, tree: TreeView) -> String {
        let previous = self.tree(key).map(|before| (key.to_owned(), before.clone()));
        let new_key = format!("tree:{}", self.next_serial());
        self.folders = Some(FolderKeys { current: (new_key.clone(), tree), previous });
        new_key
    }
}

impl Collection {
    pub(crate) fn new(key: String, mailbox: &Mailbox) -> Self {
        Self {
            current: (key, View::new(mailbox)),
            previous: None,
            options: Vec::new(),
            supported: None,
            uploaded: Uploaded::default(),
        }
    }

    pub(crate) fn view(&self) -> &View {
        &self.current.1
    }

    /// Looks up a key; any but the last two is unknown.
    pub(crate) fn known(&self, key: &str) -> Option<Known> {
        if self.current.0 == key {
            return Some(Known { view: self.current.1.clone(), repeated: false });
        }
        let (_, view) = self.previous.as_ref().filter(|(previous, _)| previous == key)?;
        Some(Known { view: view.clone(), repeated: true })
    }

    /// Takes a new key into use after an answer to `key`.
    pub(crate) fn advance(&mut self, key: &str, before: View, new_key: String, after: View) {
        self.previous = Some((key.to_owned(), before));
        self.current = (new_key, after);
    }

    /// Notes that a key stands for `view` too, because there was nothing to tell.
    pub(crate) fn settle(&mut self, key: &str, view: View) {
        if self.current.0 == key {
            self.current.1 = view;
        }
    }
}
