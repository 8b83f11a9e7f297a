use crate::{
    AccountRecord, AttachmentRecord, Body, CollectionId, ConflictRecord, DraftId, DraftRecord,
    EditRecord, EntryId, FolderRecord, ItemRef, Mail, MailPatch, OutboxId, OutboxRecord, Refusal,
    ServerId, UploadRecord,
};
use activesync::messages::Item;
use bytes::Bytes;

/// One step of what is to be stored. The steps of a list are stored in order, and all or none.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "few at a time, and only until they are stored")]
pub enum Change {
    /// Adds a mail of the sent folder to those among which an unsure mail of the outbox is looked for.
    AddCandidate(ServerId),
    /// Begins a round: each [`Change::PutMail`], [`Change::PutEntry`] and [`Change::PutEdit`] of this folder counts as seen from here
    /// on.
    BeginRound(CollectionId),
    /// Removes a draft with its files; one that is not there is fine.
    DropDraft(DraftId),
    /// Removes an entry, and what waits for it; one that is not there is fine.
    DropEntry(EntryId),
    /// Removes everything but what concerns the account as a whole: folders with all in them, drafts, the outbox.
    Erase,
    /// Removes from the mails what may not be kept. Texts that go are to be fetched anew.
    Enforce(Keep),
    /// Ends a round: mails and entries of this folder that were not put since it began are gone, but for entries with an edit.
    EndRound(CollectionId),
    /// A mail is in another folder, under another id. If that one is here already, it is the one that stays.
    MoveMail {
        /// The mail as it was known.
        from: ItemRef,
        /// The same mail.
        to: ItemRef,
    },
    /// Notes that those who are invited to a meeting have to be told of a change, once the server has it. What they know stays noted
    /// if they have to be told of an earlier one already.
    OweNews {
        /// The meeting's id, which all who take part share.
        uid: String,
        /// The event.
        entry: EntryId,
        /// What they know of it; absent, nothing.
        told: Option<Box<Item>>,
        /// The person deleted it.
        deleted: bool,
    },
    /// Adds or replaces what concerns the account as a whole.
    PutAccount(AccountRecord),
    /// Replaces the text of a mail that is there.
    PutBody {
        /// The mail.
        item: ItemRef,
        /// Its text, or that there is none.
        body: Body,
        /// Its attachments, if the server named them.
        attachments: Option<Vec<AttachmentRecord>>,
    },
    /// Adds or replaces what is kept of two changes that met.
    PutConflict(ConflictRecord),
    /// Notes how far a draft is that is there; what the person wrote in it stays, and what they wrote since is still to be told.
    PutDraft(DraftRecord),
    /// Adds or replaces an edit: the entry is shown as it wants it, or not at all; and is called by its server's id.
    PutEdit(EditRecord),
    /// Adds or replaces an entry by the server's id.
    PutEntry {
        /// The entry.
        item: ItemRef,
        /// All its properties.
        entry: Box<Item>,
    },
    /// Adds or replaces a folder by its id; what lies in it stays.
    PutFolder(FolderRecord),
    /// Adds or replaces a mail by its id.
    PutMail {
        /// The mail.
        item: ItemRef,
        /// Everything known of it.
        mail: Box<Mail>,
    },
    /// Notes the Message-ID of a mail that is there.
    PutMessageId {
        /// The mail.
        item: ItemRef,
        /// Its Message-ID, without brackets.
        message_id: String,
    },
    /// Adds or replaces a mail of the outbox; its bytes stay.
    PutOutbox(OutboxRecord),
    /// Keeps a mail that is there as it came, byte for byte, beside what its server made of it: all of it is here now.
    PutSource {
        /// The mail.
        item: ItemRef,
        /// Head and body (RFC 5322).
        bytes: Bytes,
    },
    /// Adds or replaces what the user wants of a mail that is there; an earlier refusal is forgotten.
    PutUpload(UploadRecord),
    /// Changes an entry that is there as [`retold`](crate::retold) reads it.
    PatchEntry {
        /// The entry.
        item: ItemRef,
        /// What the server says of it.
        patch: Box<Item>,
    },
    /// Changes some properties of a mail. If the mail is not there, a patch that tells what it is adds it.
    PatchMail {
        /// The mail.
        item: ItemRef,
        /// What changed.
        patch: Box<MailPatch>,
    },
    /// Notes that the server did not take what the user wanted of a mail.
    RefuseMail {
        /// The mail.
        item: ItemRef,
        /// What, and why.
        refusal: Refusal,
    },
    /// Takes one mail from those among which an unsure mail is looked for.
    RemoveCandidate(ServerId),
    /// Removes an edit that the server has taken: the entry stays as it is shown, under the server's id. If the server has told of
    /// that id already, what it told stands: somebody changed the entry before its first answer was heard.
    RemoveEdit {
        /// The entry.
        entry: EntryId,
        /// What the server calls it.
        server_id: ServerId,
    },
    /// Removes an entry that has no edit; one that is not there is fine.
    RemoveEntry(ItemRef),
    /// Removes a folder and everything in it.
    RemoveFolder(CollectionId),
    /// Removes a mail; one that is not there is fine.
    RemoveMail(ItemRef),
    /// Removes a mail of the outbox and its bytes.
    RemoveOutbox(OutboxId),
    /// Removes what the user wants of a mail: the server has it, or cannot take it.
    RemoveUpload(ItemRef),
    /// Shows a mail in another folder than the one it lies in, or nowhere.
    ShowMail {
        /// The mail.
        item: ItemRef,
        /// The folder; absent for nowhere.
        folder: Option<CollectionId>,
    },
}

/// What a policy lets be kept of mails.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Keep {
    /// Attachments.
    pub attachments: bool,
    /// The largest attachment, in bytes.
    pub largest_attachment: Option<u64>,
    /// Texts in HTML.
    pub html: bool,
    /// The longest plain text, in bytes.
    pub longest_text: Option<u32>,
    /// The longest text in HTML, in bytes.
    pub longest_html: Option<u32>,
}
