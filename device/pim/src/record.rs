//! What is stored of an account between two runs.

mod wanted;

use activesync::{
    messages::{Filter, FolderKind, WipeOrder},
    query::Version,
};
use time::OffsetDateTime;

use crate::{
    DraftRecord, EditRecord,
    policy::{self, Demand},
};

pub use wanted::{
    Attempt, AttemptStage, Destination, Known, Marks, Place, Print, Refusal, RefusedChange,
    UploadRecord,
};

/// A folder's id, as the server gave it. Opaque.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CollectionId(pub String);

/// An item's id, as the server gave it; unique within its folder. Opaque.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ServerId(pub String);

/// Names an item of a mailbox.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ItemRef {
    /// The folder it lies in.
    pub collection: CollectionId,
    /// The item.
    pub item: ServerId,
}

/// Identifies a mail of the outbox in this container.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct OutboxId(pub i64);

/// Everything that is stored of an account, but for the mails and entries themselves.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Saved {
    /// What concerns the account as a whole.
    pub account: AccountRecord,
    /// The folders.
    pub folders: Vec<FolderRecord>,
    /// What the user wants of mails and the server has not confirmed.
    pub uploads: Vec<UploadRecord>,
    /// Edits of entries that the server has not confirmed.
    pub edits: Vec<EditRecord>,
    /// Drafts that the server does not have as they are here.
    pub drafts: Vec<DraftRecord>,
    /// Mails to be sent.
    pub outbox: Vec<OutboxRecord>,
    /// Mails in the sent folder among which an unsure mail of the outbox is looked for.
    pub candidates: Vec<ServerId>,
    /// Some mails whose text is not here, or not whole.
    pub unfetched: Vec<ItemRef>,
}

/// What concerns an account as a whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccountRecord {
    /// The protocol version that was agreed on.
    pub version: Option<Version>,
    /// When the server's abilities were asked last.
    pub asked_at: Option<OffsetDateTime>,
    /// Provision has been gone through.
    pub provisioned: bool,
    /// The policy key; 0 without a policy.
    pub policy_key: u32,
    /// What the server's policy limits.
    pub limits: Limits,
    /// The settings of the server's policy, in its order.
    pub demands: Vec<Demand>,
    /// The key of the folder tree.
    pub tree_key: String,
    /// The interval of push that worked last, in seconds.
    pub heartbeat: u32,
    /// The longest interval the server allows, in seconds.
    pub longest_heartbeat: u32,
    /// The most folders the server watches at once.
    pub most_watched: Option<u32>,
    /// When everything was up to date last.
    pub last_success: Option<OffsetDateTime>,
    /// The server has ordered a wipe that is not done yet.
    pub wipe_ordered: Option<WipeOrder>,
    /// Until when the server is told that its order was obeyed.
    pub wipe_until: Option<OffsetDateTime>,
}

impl AccountRecord {
    /// What the server's policy asks of the container's password.
    pub fn password_rules(&self) -> ::policy::PasswordRules {
        policy::password_rules(&self.demands)
    }
}

/// What the policy of the mail server limits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Attachments may be fetched.
    pub attachments: bool,
    /// The largest attachment that may be fetched, in bytes.
    pub largest_attachment: Option<u64>,
    /// How far back mail may be kept.
    pub oldest: Filter,
    /// Texts may be fetched as HTML.
    pub html: bool,
}

/// A folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FolderRecord {
    /// The server's id.
    pub id: CollectionId,
    /// The folder it lies in; absent at the root.
    pub parent: Option<CollectionId>,
    /// The name the server gave it.
    pub name: String,
    /// What it is for.
    pub kind: FolderKind,
    /// The key of its items; `0` before the first round.
    pub key: String,
    /// A whole round has been completed.
    pub synced: bool,
    /// A round from key 0 is under way: what it does not bring is gone from the server.
    pub in_round: bool,
    /// When it was last started from key 0 because the server had lost its state.
    pub reset_at: Option<OffsetDateTime>,
}

/// A mail to be sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OutboxRecord {
    /// Its id in this container.
    pub id: OutboxId,
    /// What the server knows the mail by, the same at each try; 1 to 40 characters.
    pub client_id: String,
    /// Its Message-ID, without brackets.
    pub message_id: String,
    /// When the user sent it off.
    pub created: OffsetDateTime,
    /// How far it is.
    pub state: OutboxState,
    /// How often its sending was begun.
    pub tries: u32,
    /// The mail to whose text the server adds this one, or whose files it sends along; without one the mail is complete.
    pub original: Option<Original>,
}

/// The mail that another one answers or forwards, for a server that puts both together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Original {
    /// The mail; absent once it is gone.
    pub item: Option<ItemRef>,
    /// Whether it is forwarded; else it is answered.
    pub forward: bool,
}

/// How far a mail of the outbox is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OutboxState {
    /// The server will not take it, for the reason of this code.
    Failed(String),
    /// Its sending was begun and nobody knows yet how it ended.
    Sending,
    /// It waits for its turn.
    Waiting,
}

impl Default for AccountRecord {
    fn default() -> Self {
        Self {
            version: None,
            asked_at: None,
            provisioned: false,
            policy_key: 0,
            limits: Limits::default(),
            demands: Vec::new(),
            tree_key: FIRST_KEY.to_owned(),
            heartbeat: FIRST_HEARTBEAT,
            longest_heartbeat: LONGEST_HEARTBEAT,
            most_watched: None,
            last_success: None,
            wipe_ordered: None,
            wipe_until: None,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { attachments: true, largest_attachment: None, oldest: Filter::All, html: true }
    }
}

/// The key of a folder, or of the tree, of which nothing is known.
pub(crate) const FIRST_KEY: &str = "0";

const FIRST_HEARTBEAT: u32 = 480;

/// 59 minutes less a margin for the way.
const LONGEST_HEARTBEAT: u32 = 3480;
