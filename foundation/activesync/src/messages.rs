//! What each command asks and answers, in both directions.
//!
//! `decode` reads a body, `encode` writes one. Optional parts are `Option`; a text that is `Some("")` was there and empty, which
//! in a change means "cleared". Where the protocol allows an empty body, `decode` gives `None` for it.

mod property;

mod attachments;
mod body;
mod calendar;
mod contact;
mod decode;
mod directory;
mod element;
mod email;
mod estimate;
mod find;
mod flag;
mod folder_change;
mod folder_sync;
mod item;
mod item_operations;
mod meeting_request;
mod meeting_response;
mod move_items;
pub mod multipart;
mod note;
mod ping;
mod policy;
mod provision;
mod recurrence;
mod resolve_recipients;
mod rights;
mod search;
mod send_mail;
mod settings;
mod smart_mail;
mod supported;
mod sync_answer;
mod sync_options;
mod sync_request;
mod task;
mod validate_cert;

pub use attachments::{Attachments, NewAttachment};
pub use body::{Attachment, AttachmentMethod, Body, BodyPart, BodyPreference, BodyType};
pub use calendar::{
    Attendee, AttendeeStatus, AttendeeType, BusyStatus, Event, EventFault, Exception, Location,
    MeetingStatus, ResponseType, Sensitivity,
};
pub use contact::Contact;
pub use decode::DecodeError;
pub use directory::{Document, GalEntry, GalPicture, PictureWish};
pub use element::{Content, Element};
pub use email::{Email, Importance, LastVerb, MessageClass};
pub use estimate::{Estimate, EstimateAnswer, EstimateCollection, EstimateRequest};
pub use find::{
    FindAnswer, FindContent, FindCriterion, FindMail, FindRequest, FindResponse, FindResult,
};
pub use flag::{Flag, FlagState};
pub use folder_change::{FolderChangeAnswer, FolderChangeRequest};
pub use folder_sync::{Folder, FolderChange, FolderKind, FolderSyncAnswer, FolderSyncRequest};
pub use item::{Class, Item};
pub use item_operations::{
    ByteRange, Credentials, EmptyFolder, EmptyFolderAnswer, Fetch, FetchAnswer, FetchContent,
    FetchSource, ItemOperationsAnswer, ItemOperationsRequest, MoveConversation,
    MoveConversationAnswer,
};
pub use meeting_request::{Forwardee, InstanceType, MeetingMessageType, MeetingRequest};
pub use meeting_response::{
    MeetingReply, MeetingResponseAnswer, MeetingResponseRequest, MeetingResult, MeetingTarget,
    SendResponse, UserResponse,
};
pub use move_items::{Move, MoveItemsAnswer, MoveItemsRequest, MoveResult};
pub use note::Note;
pub use ping::{PingAnswer, PingFolder, PingRequest};
pub use policy::{PolicyDocument, PolicySetting, PolicyValue};
pub use provision::{
    POLICY_TYPE, PolicyAnswer, PolicyApplied, PolicyRequest, ProvisionAnswer, ProvisionPhase,
    ProvisionRequest, WipeOrder, WipeReport,
};
pub use recurrence::Recurrence;
pub use resolve_recipients::{
    Availability, CertificateRetrieval, FreeBusy, Recipient, RecipientCertificates,
    ResolveRecipientsAnswer, ResolveRecipientsRequest, ResolvedName,
};
pub use rights::{RightsLicense, RightsTemplate};
pub use search::{
    MailboxQuery, SearchAnswer, SearchContent, SearchOptions, SearchQuery, SearchRequest,
    SearchResult,
};
pub use send_mail::{SendMailAnswer, SendMailRequest};
pub use settings::{
    Addresses, DeviceInformation, Oof, OofBodyType, OofMessage, OofRequest, OofState,
    RecoveryPassword, SettingsAnswer, SettingsRequest, UserAccount, UserInformation,
};
pub use smart_mail::{SmartMailAnswer, SmartMailRequest, SmartSource};
pub use supported::supported;
pub use sync_answer::{CollectionAnswer, CommandResult, ServerCommand, SyncAnswer};
pub use sync_options::{Filter, MimeSupport, SyncOptions};
pub use sync_request::{ClientCommand, SyncCollection, SyncRequest, Waiting};
pub use task::{Task, TaskFault, TaskRecurrence};
pub use validate_cert::{ValidateCertAnswer, ValidateCertRequest};
