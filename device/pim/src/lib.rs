//! Synchronisation with a mail server as a state machine: no sockets, no disk, no clock, no dice.
//!
//! ```text
//!   stored state ──restore──▶ Account ──next_command / next_push──▶ Request     to the server
//!   user's wishes ──────────▶    ▲ │
//!                                │ └──Effects: Change (to be stored), Event (to be shown)
//!   Outcome, moment, jitter ─────┘ handle
//! ```
//!
//! The shell sends at most one command and one push request at a time, stores [`Effects::changes`] in one transaction, and only
//! then asks for the next request. After a crash it restores the account from what was stored.
//!
//! Mails are told of as they are and changed in a few marks. Contacts, events, tasks and notes are edited here and on the server
//! alike: each edit keeps what it started from, and both sides' changes are merged (`entries`).
//!
//! Drafts are mails that are edited here and on the server: two changes of one become two drafts (`drafts`).
//!
//! An [`Errand`] is what a person sends the server to do at once; it ends in a [`Reply`] or in what can be done about its failure.
//!
//! [`SearchQuery`] is what a person types to find mails, as conditions for the stored mailbox.
//!
//! Invariants:
//! - the key of an answer and everything that answer said are in one list of changes;
//! - a repeated answer, a lost answer and a restart at any point lead to the same stored mailbox;
//! - what a person wrote in an entry reaches the server, or stays where they can see that it did not;
//! - a mail of the outbox is marked as being sent before its bytes leave, and is sent again only after the server refused it, or
//!   after its Message-ID was looked for among the sent mails and not found;
//! - what the user wants of a mail shows at once, and stands against what the server says until the server has taken or refused it;
//! - a mail that is moved is the same mail under its new id, even if the answer that names it was lost;
//! - a wipe is only begun by an answer to Provision, and is confirmed first;
//! - time and jitter are arguments, ids of mails are given by the caller.

mod account;
mod change;
mod drafts;
mod entries;
mod errands;
mod fetches;
mod folders;
mod item;
mod meeting;
mod outbox;
mod pace;
mod policy;
mod push;
mod record;
mod request;
mod search;
mod uploads;

pub use account::{Account, Effects, Event, Phase, Preferences, Progress};
pub use change::{Change, Keep};
pub use drafts::{
    DraftConflict, DraftContent, DraftEdit, DraftFile, DraftFileId, DraftId, DraftRecord,
};
pub use entries::{
    ConflictKind, ConflictRecord, Edit, EditRecord, EntryEdit, EntryId, Shown, retold,
};
pub use errands::{
    AutoReply, Away, Candidate, CertificateCheck, Certificates, DirectoryPage, DirectoryPerson,
    DirectoryQuery, Errand, ErrandFailure, ErrandId, FolderErrand, FoundMail, FreeTime,
    MailboxPage, MailboxSearch, Meant, MeetingAnswer, NamedPeople, OutOfOffice, OutOfOfficeChange,
    OutOfOfficeErrand, PeopleQuery, Period, Reply,
};
pub use fetches::{FetchFailure, Fetched, Want};
pub use item::{
    AttachmentRecord, Body, BodyState, FlagDetails, FollowUp, Mail, MailPatch, Text, Thread,
    is_smime,
};
pub use meeting::{MeetingLetter, Organised, meeting_news, reply};
pub use pace::TroubleKind;
pub use policy::{Demand, Verdict};
pub use record::{
    AccountRecord, Attempt, AttemptStage, CollectionId, Destination, FolderRecord, ItemRef, Known,
    Limits, Marks, Original, OutboxId, OutboxRecord, OutboxState, Place, Print, Refusal,
    RefusedChange, Saved, ServerId, UploadRecord,
};
pub use request::{Answer, Composition, Content, Lane, Outcome, Request, Ticket, Verb, mail_body};
pub use search::{MailPart, SearchQuery, Term};
