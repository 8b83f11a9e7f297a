use bytes::Bytes;
use time::OffsetDateTime;

use super::attachments::{Attachments, AttachmentsCodec};
use super::body::{Body, BodyPart, BodyType};
use super::calendar::BodyCodec;
use super::decode::DecodeError;
use super::flag::Flag;
use super::meeting_request::MeetingRequest;
use super::property::{
    Boolean, Boxed, Code, Codec, Found, Inner, List, Long, Number, Opaque, Text, children, codes,
    properties,
};
use super::rights::RightsLicense;
use crate::codepage::{Tag, air_sync_base, email, email2, rights_management};
use crate::query::Version;
use crate::wbxml::{Reader, Writer};

codes! {
    /// How important an item is to its author.
    #[derive(Default)]
    pub enum Importance {
        /// Low.
        Low = 0,
        /// Normal.
        #[default]
        Normal = 1,
        /// High.
        High = 2,
    }

    /// What the user did last with a mail.
    pub enum LastVerb {
        /// Nothing of these.
        None = 0,
        /// Replied to the sender.
        Reply = 1,
        /// Replied to all.
        ReplyAll = 2,
        /// Forwarded it.
        Forward = 3,
    }
}

children! {
    CategoryChild = email::CATEGORY;
}

properties! {
    /// Properties of a mail.
    ///
    /// As an item it is complete; as a change it holds only what changed.
    pub struct Email {
        /// Recipients as in the message's header.
        to: String = Text, email::TO;
        /// Recipients of a copy.
        cc: String = Text, email::CC;
        /// Author.
        from: String = Text, email::FROM;
        /// Subject; may be empty.
        subject: String = Text, email::SUBJECT;
        /// Where answers go.
        reply_to: String = Text, email::REPLY_TO;
        /// When the server received it.
        date_received: OffsetDateTime = Long, email::DATE_RECEIVED;
        /// Names of the recipients, for lists.
        display_to: String = Text, email::DISPLAY_TO;
        /// Subject without "Re:" and the like.
        thread_topic: String = Text, email::THREAD_TOPIC;
        /// Importance.
        importance: Importance = Code<Importance>, email::IMPORTANCE;
        /// Whether it was read.
        read: bool = Boolean, email::READ;
        /// Attachments; a draft of 16.0 and later can change them.
        attachments: Attachments = AttachmentsCodec, air_sync_base::ATTACHMENTS;
        /// Body.
        body: Body = BodyCodec, air_sync_base::BODY;
        /// The part of the body that is new in its conversation; since 14.1.
        body_part: BodyPart = Inner<BodyPart>, air_sync_base::BODY_PART;
        /// Message class, for instance `IPM.Note.SMIME`; see [`MessageClass`].
        message_class: String = Text, email::MESSAGE_CLASS;
        /// Code page number of the body's charset.
        internet_cpid: String = Text, email::INTERNET_CPID;
        /// Content class, for instance `urn:content-classes:message`.
        content_class: String = Text, email::CONTENT_CLASS;
        /// Follow-up flag.
        flag: Flag = FlagCodec, email::FLAG;
        /// Form in which the server stores the body.
        native_body_type: BodyType = Code<BodyType>, air_sync_base::NATIVE_BODY_TYPE;
        /// Categories; since 14.0.
        categories: Vec<String> = List<Text, CategoryChild>, email::CATEGORIES;
        /// The meeting that the mail is about.
        meeting_request: Box<MeetingRequest> = Boxed<Inner<MeetingRequest>>, email::MEETING_REQUEST;
        /// Who sent it for the author, if that is somebody else.
        sender: String = Text, email2::SENDER;
        /// Recipients of a hidden copy, drafts only; since 16.0.
        bcc: String = Text, email2::BCC;
        /// Id shared by the mails of a conversation; opaque, since 14.0.
        conversation_id: Bytes = Opaque, email2::CONVERSATION_ID;
        /// Place within the conversation: 5 bytes of time and more; opaque, since 14.0.
        conversation_index: Bytes = Opaque, email2::CONVERSATION_INDEX;
        /// What the user did last with it; since 14.0.
        last_verb: LastVerb = Code<LastVerb>, email2::LAST_VERB_EXECUTED;
        /// When the user did that.
        last_verb_at: OffsetDateTime = Long, email2::LAST_VERB_EXECUTION_TIME;
        /// Whether the user got it as a hidden copy; since 14.0.
        received_as_bcc: bool = Boolean, email2::RECEIVED_AS_BCC;
        /// Which of the user's accounts it belongs to; since 14.1.
        account_id: String = Text, email2::ACCOUNT_ID;
        /// Number from which a voice message came; since 14.0.
        um_caller_id: String = Text, email2::UM_CALLER_ID;
        /// The user's notes on a voice message; since 14.0.
        um_user_notes: String = Text, email2::UM_USER_NOTES;
        /// Seconds of a voice message; since 14.0.
        um_duration: u32 = Number<u32>, email2::UM_ATT_DURATION;
        /// Whether it is a draft; from the server only, since 16.0.
        is_draft: bool = Boolean, email2::IS_DRAFT;
        /// What the user may do with a protected mail; since 14.1.
        rights: Box<RightsLicense> = Boxed<Inner<RightsLicense>>, rights_management::RIGHTS_MANAGEMENT_LICENSE;
    }
}

/// What a client may change in a mail that is no draft.
const CHANGEABLE: &[Tag] = &[email::READ, email::FLAG, email::CATEGORIES];

/// What a client may say of a draft; since 16.0.
const DRAFT: &[Tag] = &[
    email::TO,
    email::CC,
    email2::BCC,
    email::REPLY_TO,
    email::SUBJECT,
    email::IMPORTANCE,
    email::READ,
    email::FLAG,
    air_sync_base::BODY,
    air_sync_base::ATTACHMENTS,
];

/// What may stand beside a body that is MIME.
const BESIDE_MIME: &[Tag] =
    &[email::IMPORTANCE, email::READ, email::FLAG, air_sync_base::ATTACHMENTS, air_sync_base::BODY];

impl Email {
    /// Takes away what a client of this version may not change in a mail that is no draft.
    pub fn prepare_change(&mut self, version: Version) {
        self.retain(CHANGEABLE);
        if version < Version::V14_0 {
            self.categories = None;
        }
    }

    /// Takes away what a client may not say of a draft; since 16.0.
    pub fn prepare_draft(&mut self) {
        let mime = self.body.as_ref().is_some_and(|body| body.kind == BodyType::Mime);
        self.retain(if mime { BESIDE_MIME } else { DRAFT });
    }

    /// Returns the kind of message.
    pub fn class(&self) -> MessageClass {
        MessageClass::of(self.message_class.as_deref().unwrap_or("IPM.Note"))
    }

    fn retain(&mut self, tags: &[Tag]) {
        let rest = Self::TAGS.iter().filter(|tag| !tags.contains(tag)).copied();
        self.remove(&rest.collect::<Vec<_>>());
        self.other.clear();
    }
}

/// Kinds of messages, by the longest known start of the message class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageClass {
    /// A meeting was called off.
    MeetingCancellation,
    /// News about a meeting.
    MeetingNotification,
    /// An invitation, or an update of one.
    MeetingRequest,
    /// Somebody accepted.
    MeetingAccepted,
    /// Somebody declined.
    MeetingDeclined,
    /// Somebody answered "perhaps".
    MeetingTentative,
    /// An ordinary mail; unknown classes too.
    Note,
    /// A post in a folder.
    Post,
    /// A read receipt, signed or encrypted.
    SmimeReceipt,
    /// Encrypted, or signed so that only S/MIME can read it.
    Smime,
    /// Signed, and readable without S/MIME.
    SmimeSigned,
    /// A mail arrived, or did not.
    DeliveryReport,
    /// A mail was read, or not.
    ReadReport,
    /// A voice message.
    Voicemail,
}

impl MessageClass {
    /// Reads a message class, for instance `IPM.Note.SMIME`.
    pub fn of(class: &str) -> Self {
        const STARTS: [(&str, MessageClass); 13] = [
            ("IPM.NOTE.SMIME.MULTIPARTSIGNED", MessageClass::SmimeSigned),
            ("IPM.NOTE.SMIME", MessageClass::Smime),
            ("IPM.NOTE.RECEIPT.SMIME", MessageClass::SmimeReceipt),
            ("IPM.NOTE.RPMSG.MICROSOFT.VOICEMAIL", MessageClass::Voicemail),
            ("IPM.NOTE.MICROSOFT.VOICEMAIL", MessageClass::Voicemail),
            ("IPM.SCHEDULE.MEETING.REQUEST", MessageClass::MeetingRequest),
            ("IPM.SCHEDULE.MEETING.CANCELED", MessageClass::MeetingCancellation),
            ("IPM.SCHEDULE.MEETING.RESP.POS", MessageClass::MeetingAccepted),
            ("IPM.SCHEDULE.MEETING.RESP.TENT", MessageClass::MeetingTentative),
            ("IPM.SCHEDULE.MEETING.RESP.NEG", MessageClass::MeetingDeclined),
            ("IPM.NOTIFICATION.MEETING", MessageClass::MeetingNotification),
            ("IPM.POST", MessageClass::Post),
            ("IPM.NOTE", MessageClass::Note),
        ];
        let class = class.trim().to_ascii_uppercase();
        if class.starts_with("REPORT.") {
            return if class.ends_with(".IPNRN") || class.ends_with(".IPNNRN") {
                Self::ReadReport
            } else {
                Self::DeliveryReport
            };
        }
        let known = |start: &str| {
            class.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        STARTS.into_iter().find(|(start, _)| known(start)).map_or(Self::Note, |(_, kind)| kind)
    }
}

/// A flag that is there and empty is a flag too: none.
struct FlagCodec;

impl Codec for FlagCodec {
    type Value = Flag;

    fn read(reader: &mut Reader<'_>) -> Result<Found<Flag>, DecodeError> {
        Flag::read(reader).map(Found::Value)
    }

    fn write(writer: &mut Writer, _tag: Tag, value: &Flag) {
        value.write(writer);
    }
}
