//! What screens need, as plain values.

mod security;
mod stored;

pub(crate) use stored::{media_type, media_type_of};

pub use activesync::messages::Importance;
pub use pim::{DraftConflict, DraftFileId, DraftId};
pub use security::{SecurityProblem, SecurityView, SignatureView, Words};
pub use vault::mail::{DraftFileView, DraftKind, DraftState, DraftText, DraftView, MessageId};

use crate::entries::MeetingView;
use policy::{PasswordRules, SmimeSettings};
use time::{Date, OffsetDateTime};

/// Identifies a folder inside this container.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FolderId(pub i64);

/// Identifies an attachment inside this container.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AttachmentId(pub i64);

/// Identifies a mail that waits to be sent.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct OutboxId(pub i64);

/// Everything the frame of the screen shows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StateView {
    /// Whether there is a container, and whether it is open.
    pub container: ContainerState,
    /// Where the device stands with IT.
    pub standing: Standing,
    /// What IT noted when it blocked the device.
    pub block_reason: Option<String>,
    /// Why the user's key was deleted, while it is gone and that is known.
    pub key_wiped_by: Option<KeyWipe>,
    /// Whose mailbox this is; only known while the container is open.
    pub account: Option<AccountView>,
    /// What opens the container; absent while there is none with a key, or that cannot be told.
    pub opens_with: Option<OpensWith>,
    /// The container was locked because its smart card was pulled out.
    pub card_removed: bool,
    /// Wrong passwords left before the key is deleted; absent when there is no limit or no container.
    pub attempts_left: Option<u8>,
    /// The mail server wants a password that the app does not have, or refused the one it has.
    pub needs_mail_password: bool,
    /// The mail server wants a token, and the person has to sign in with the browser for it: [`App::begin_sign_in`](crate::App::begin_sign_in).
    pub needs_sign_in: bool,
    /// A sign-in waits for the browser.
    pub signing_in: bool,
    /// A short stable code of why the last sign-in in the browser came to nothing.
    pub sign_in_failure: Option<String>,
    /// How synchronisation is doing.
    pub sync: SyncView,
    /// Mails that wait to be sent.
    pub outbox: u64,
    /// How many certificate files IT has sent: they wait at the server, or lie in the import folder.
    pub delivered: u64,
    /// What a new password of the container must be: what every one must be while it is locked, else what IT and the mail server want.
    pub password_rules: PasswordRules,
    /// Whether pictures from outside may be loaded.
    pub remote_images: RemoteImages,
    /// How mails are signed and encrypted, as IT has it.
    pub smime: SmimeSettings,
    /// Seconds without use after which the container locks, the shorter of what IT and the mail server want; 0 means never.
    pub lock_after_seconds: u32,
    /// What the mail server's policy asks for, and what becomes of it; known while the container is open.
    pub policy: Vec<PolicyView>,
    /// What the user or IT should know about this installation.
    pub warnings: Vec<Warning>,
    /// The number of the last change, for [`App::wait_for_change`](crate::App::wait_for_change).
    pub sequence: u64,
}

/// Whether there is a container, and whether it is open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ContainerState {
    /// No container on this device: never registered, or everything was wiped.
    Absent,
    /// There is one, and the user's key to it was wiped: [`App::restore`](crate::App::restore) puts it back.
    KeyWiped,
    /// There is one, and its key is not in memory.
    Locked,
    /// The key is in memory.
    Open,
}

/// What opens the container.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OpensWith {
    /// A password, or which use of a smart card.
    pub by: policy::OpenedBy,
    /// Whose smart card it is, as its certificate says.
    pub card: Option<String>,
}

/// Why the user's key was deleted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyWipe {
    /// IT ordered it.
    Ordered,
    /// The password was wrong too often.
    WrongPasswords,
}

/// Where the device stands with IT.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Registered and allowed.
    Active,
    /// Registered, and stopped by IT until it says otherwise.
    Blocked,
    /// Not registered yet.
    Unregistered,
    /// Key or data were deleted by an order of IT or by too many wrong passwords.
    Wiped,
}

/// Whose mailbox this is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccountView {
    /// The name to show.
    pub name: String,
    /// The mail address.
    pub address: String,
    /// When the personal certificate ends, or the one to sign with, where that is another and ends earlier.
    pub certificate_ends: OffsetDateTime,
}

/// How synchronisation is doing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SyncView {
    /// What it is doing.
    pub state: SyncState,
    /// When the last round ended well.
    pub last_success: Option<OffsetDateTime>,
    /// A short stable code of what went wrong, such as `password_refused`.
    pub detail: Option<String>,
    /// Messages fetched in this round.
    pub done: u64,
    /// Messages expected in this round, where that is known.
    pub total: Option<u64>,
}

/// What synchronisation is doing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SyncState {
    /// The server misbehaves; the app tries again by itself.
    Error,
    /// Nothing to do; waiting for the server to report news.
    Idle,
    /// The server cannot be reached.
    Offline,
    /// The server turned this device or user away.
    Refused,
    /// A round is running.
    Syncing,
}

/// Whether pictures from outside may be loaded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RemoteImages {
    /// When the user asks for it, message by message.
    Ask,
    /// Not at all.
    Never,
}

/// A setting of the mail server's policy that asks for something.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyView {
    /// Its name in the protocol, for instance `MinDevicePasswordLength`.
    pub setting: String,
    /// Its value.
    pub value: String,
    /// What becomes of it.
    pub verdict: PolicyVerdict,
}

/// What becomes of a setting of the mail server's policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PolicyVerdict {
    /// It concerns the device outside the container, which this app does not control.
    Beyond,
    /// The app sees to it.
    Enforced,
    /// The app does not do it, and has told the mail server that it complies in part.
    Unmet,
}

/// Something the user or IT should know about this installation.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Warning {
    /// The platform has no key store; the device-bound key lies in a file.
    DeviceKeyInFile,
}

/// One folder of the mailbox.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FolderView {
    /// Its id in this container.
    pub id: FolderId,
    /// The folder it lies in.
    pub parent: Option<FolderId>,
    /// The name the server gave it.
    pub name: String,
    /// What it is for.
    pub kind: FolderKind,
    /// Unread messages held here.
    pub unread: u64,
    /// Messages held here.
    pub total: u64,
    /// The first round of this folder is complete.
    pub synced: bool,
}

/// What a folder is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FolderKind {
    /// Where deleted mail goes.
    Deleted,
    /// Mail that is being written.
    Drafts,
    /// Where new mail arrives.
    Inbox,
    /// Where the server puts what it takes for spam.
    Junk,
    /// The server's own outbox.
    Outbox,
    /// Copies of what was sent.
    Sent,
    /// Any other.
    User,
}

/// A name and an address.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Person {
    /// The name to show; may be empty.
    pub name: String,
    /// The address; empty when the header held none.
    pub address: String,
}

/// A page of a folder's list, newest first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessagePage {
    /// Messages in the folder.
    pub total: u64,
    /// Those of this page.
    pub items: Vec<MessageItem>,
}

/// Where to search, and what a day is there.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SearchScope {
    /// The folder; all of them if absent.
    pub folder: Option<FolderId>,
    /// How far the days of the user are ahead of UTC, in minutes.
    pub zone_minutes: i16,
}

/// A page of what a search found, newest first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SearchPage {
    /// Messages found.
    pub total: u64,
    /// Those of this page.
    pub items: Vec<MessageItem>,
    /// Messages that cannot be found by their words yet, after an update of the app.
    pub unindexed: u64,
}

/// A page of what the mail server found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoundPage {
    /// Messages found in all, as the server counts them.
    pub total: u32,
    /// Those of this page that satisfy every condition.
    pub items: Vec<FoundMail>,
}

/// A message that the mail server found. What the server does not tell is absent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoundMail {
    /// Its id in this container, if it is here.
    pub message: Option<MessageId>,
    /// The folder it lies in, if that one is here.
    pub folder: Option<FolderId>,
    /// Who wrote it.
    pub from: Person,
    /// To whom; of some servers only the names.
    pub to: Vec<Person>,
    /// The subject as written.
    pub subject: String,
    /// When it was received.
    pub date: Option<OffsetDateTime>,
    /// The user has read it.
    pub read: Option<bool>,
    /// The user has flagged it.
    pub flagged: Option<bool>,
    /// It has attachments.
    pub attachments: Option<bool>,
    /// How urgent the sender calls it.
    pub importance: Importance,
    /// The first words of the text.
    pub preview: String,
}

/// A row of a folder's list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessageItem {
    /// Its id in this container.
    pub id: MessageId,
    /// The folder it lies in.
    pub folder: FolderId,
    /// Who wrote it.
    pub from: Person,
    /// To whom.
    pub to: Vec<Person>,
    /// The subject as written.
    pub subject: String,
    /// When it was received.
    pub date: OffsetDateTime,
    /// The user has read it.
    pub read: bool,
    /// What the user still has to do about it.
    pub flag: FlagView,
    /// The user's categories.
    pub categories: Vec<String>,
    /// How urgent the sender calls it.
    pub importance: Importance,
    /// The first words of the text.
    pub preview: String,
    /// Attachments that are shown as such.
    pub attachments: u32,
    /// What the mail server did not take of what the user wanted last.
    pub refused: Option<Refusal>,
    /// The same for all messages of its conversation, where the mail server tells.
    pub conversation: Option<String>,
    /// The subject without "Re:" and the like.
    pub topic: String,
}

/// What the user still has to do about a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FlagView {
    /// Whether there is something to do.
    pub state: FlagState,
    /// The day by which it is to be done.
    pub due: Option<Date>,
    /// When it was done.
    pub completed: Option<OffsetDateTime>,
}

/// Whether there is something to do about a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FlagState {
    /// Yes.
    Active,
    /// It is done.
    Complete,
    /// No.
    None,
}

/// What the mail server did not take; the message is as it was before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// What the user wanted.
    pub change: RefusedChange,
    /// A short stable code of why, such as `status_7`.
    pub code: String,
}

/// What a mail server did not take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RefusedChange {
    /// The message was to be deleted.
    Delete,
    /// Marks were to be set.
    Marks,
    /// The message was to be moved.
    Move,
}

/// A message to be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessageView {
    /// What the list shows of it.
    pub item: MessageItem,
    /// Further recipients.
    pub cc: Vec<Person>,
    /// Hidden recipients; known for own drafts only.
    pub bcc: Vec<Person>,
    /// In which form the text is there.
    pub body: BodyKind,
    /// The text, when it is plain.
    pub text: Option<String>,
    /// The attachments, those shown inside the text among them.
    pub attachments: Vec<AttachmentView>,
    /// How the message is protected.
    pub protection: Protection,
    /// What is to be thought of a protected message; absent until it is here as it came.
    pub security: Option<SecurityView>,
    /// The meeting that it is about.
    pub meeting: Option<MeetingView>,
}

/// In which form the text of a message is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BodyKind {
    /// HTML, shown in a frame.
    Html,
    /// Not fetched yet, or the message has none.
    None,
    /// Plain text.
    Text,
}

/// How a message is protected on its way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protection {
    /// Neither signed nor encrypted.
    None,
    /// Signed or encrypted with S/MIME; [`MessageView::security`] says what is to be thought of it.
    Smime,
}

/// An attachment of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AttachmentView {
    /// Its id in this container.
    pub id: AttachmentId,
    /// The file name the sender gave it.
    pub name: String,
    /// The media type, from the server or from the name.
    pub media_type: String,
    /// Bytes; an estimate until it is here.
    pub size: u64,
    /// It is shown inside the text.
    pub inline: bool,
    /// Its bytes are in the container.
    pub local: bool,
    /// Bytes that are in the container of one that comes in ranges.
    pub arrived: u64,
}

/// The bytes of an attachment.
#[derive(Clone, Eq, PartialEq)]
pub struct AttachmentContent {
    /// The file name the sender gave it.
    pub name: String,
    /// The media type, from the server or from the name.
    pub media_type: String,
    /// The bytes, in the clear.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for AttachmentContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AttachmentContent")
            .field("size_bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// A complete HTML document that holds the cleaned text of one message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FrameView {
    /// The document, to be served under the policy of [`mail::html::CONTENT_SECURITY_POLICY`].
    pub html: String,
    /// Pictures from outside that were left out.
    pub blocked_images: u32,
}

/// A mail to be sent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Draft {
    /// Recipients: bare addresses, or `Name <address>`.
    pub to: Vec<String>,
    /// Recipients of a copy.
    pub cc: Vec<String>,
    /// Recipients whom the others do not see.
    pub bcc: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// How urgent it is.
    pub importance: Importance,
    /// The message this one answers.
    pub in_reply_to: Option<MessageId>,
    /// Files that go with it.
    pub attachments: Vec<DraftAttachment>,
    /// How it is signed and encrypted.
    pub protect: Protect,
}

/// How a mail is to be signed and encrypted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Protect {
    /// It is signed; absent, as IT has it.
    pub sign: Option<bool>,
    /// It is encrypted; absent, as IT has it, or as the message was that it answers or sends on.
    pub encrypt: Option<bool>,
    /// Recipients whose certificate is used although something is wrong with it: the person has read what.
    pub despite: Vec<String>,
}

/// Why a mail cannot be encrypted for somebody, or not without the person's consent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecipientProblem {
    /// The recipient.
    pub address: String,
    /// There is no certificate at all; else something is wrong with the one that there is.
    pub missing: bool,
    /// It in plain words.
    pub words: Words,
}

/// An answer to a message, or what is said beside one that is sent on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Response {
    /// Recipients, besides those that an answer has by itself: bare addresses, or `Name <address>`.
    pub to: Vec<String>,
    /// Recipients of a copy, likewise.
    pub cc: Vec<String>,
    /// Recipients whom the others do not see.
    pub bcc: Vec<String>,
    /// The subject; without one it is made of the original's.
    pub subject: Option<String>,
    /// What is new.
    pub text: String,
    /// How urgent it is.
    pub importance: Importance,
    /// Files that go with it, besides those of a message that is sent on.
    pub attachments: Vec<DraftAttachment>,
    /// How it is signed and encrypted.
    pub protect: Protect,
}

/// What is done with a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ResponseKind {
    /// It is sent on.
    Forward,
    /// Its author gets an answer.
    Reply,
    /// Its author and everybody who got it get an answer.
    ReplyAll,
}

/// A file that goes with a mail.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DraftAttachment {
    /// The file name.
    pub name: String,
    /// The media type.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A mail that waits to be sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OutboxView {
    /// Its id in this container.
    pub id: OutboxId,
    /// To whom.
    pub to: Vec<Person>,
    /// The subject.
    pub subject: String,
    /// When the user sent it off.
    pub created: OffsetDateTime,
    /// How far it is.
    pub state: OutboxState,
    /// A short stable code of why it failed.
    pub error: Option<String>,
}

/// How far a mail in the outbox is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OutboxState {
    /// The server will not take it; the user decides.
    Failed,
    /// On its way, or its fate is being found out.
    Sending,
    /// Waits for the server.
    Waiting,
}

/// What [`App::wait_for_change`](crate::App::wait_for_change) reports.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChangesView {
    /// The number of the last change.
    pub sequence: u64,
    /// What changed since the number asked about; everything if that is too long ago.
    pub topics: Vec<Topic>,
}

/// A part of what screens show.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Topic {
    /// [`App::state`](crate::App::state).
    State,
    /// [`App::folders`](crate::App::folders).
    Folders,
    /// [`App::messages`](crate::App::messages) and [`App::message`](crate::App::message).
    Messages,
    /// [`App::outbox`](crate::App::outbox).
    Outbox,
    /// [`App::drafts`](crate::App::drafts).
    Drafts,
    /// [`App::entries`](crate::App::entries) and [`App::occurrences`](crate::App::occurrences).
    Entries,
}
