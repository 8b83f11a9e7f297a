//! What each command asks and answers, in both directions.
//!
//! `decode` reads a body, `encode` writes one. Optional parts are `Option`; a text that is `Some("")` was there and empty, which
//! in a change means "cleared". Where the protocol allows an empty body, `decode` gives `None` for it.

mod body;
mod decode;
mod email;
mod estimate;
mod flag;
mod folder_sync;
mod item_operations;
mod move_items;
pub mod multipart;
mod ping;
mod policy;
mod provision;
mod send_mail;
mod settings;
mod sync_answer;
mod sync_options;
mod sync_request;

pub use body::{Attachment, AttachmentMethod, Body, BodyPreference, BodyType};
pub use decode::DecodeError;
pub use email::{Email, Importance};
pub use estimate::{Estimate, EstimateAnswer, EstimateCollection, EstimateRequest};
pub use flag::{Flag, FlagState};
pub use folder_sync::{Folder, FolderChange, FolderKind, FolderSyncAnswer, FolderSyncRequest};
pub use item_operations::{
    ByteRange, Fetch, FetchAnswer, FetchContent, FetchSource, ItemOperationsAnswer,
    ItemOperationsRequest,
};
pub use move_items::{Move, MoveItemsAnswer, MoveItemsRequest, MoveResult};
pub use ping::{PingAnswer, PingFolder, PingRequest};
pub use policy::{PolicyDocument, PolicySetting, PolicyValue};
pub use provision::{
    POLICY_TYPE, PolicyAnswer, PolicyApplied, PolicyRequest, ProvisionAnswer, ProvisionPhase,
    ProvisionRequest, WipeOrder, WipeReport,
};
pub use send_mail::{SendMailAnswer, SendMailRequest};
pub use settings::{DeviceInformation, SettingsAnswer, SettingsRequest};
pub use sync_answer::{CollectionAnswer, CommandResult, ServerCommand, SyncAnswer};
pub use sync_options::{Filter, MimeSupport, SyncOptions};
pub use sync_request::{ClientCommand, SyncCollection, SyncRequest, Waiting};
