//! From what the container holds to what screens show.

use super::{
    AttachmentId, AttachmentView, FolderId, FolderKind, FolderView, MessageItem, MessagePage,
    MessageView, OutboxId, OutboxState, OutboxView, Person, Protection, Refusal, RefusedChange,
};
use crate::entries::MeetingView;
use crate::mailbox::body_kind;
use activesync::messages as wire;
use data_encoding::HEXLOWER;
use mail::Mailbox;
use pim::Text;
use vault::mail as stored;

/// What is not known is offered as bytes.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// The media type of an attachment: by its name, because that is what people see; else as the server says.
pub(crate) fn media_type(attachment: &stored::AttachmentView) -> String {
    media_type_of(&attachment.name, &attachment.media_type)
}

/// As [`media_type`], of a file that is called so and said to be that.
pub(crate) fn media_type_of(name: &str, told: &str) -> String {
    let by_name = mime_guess::from_path(name).first_raw();
    let told = Some(told).filter(|told| !told.is_empty());

    by_name.or(told).unwrap_or(UNKNOWN_TYPE).to_owned()
}

fn people(mailboxes: Vec<Mailbox>) -> Vec<Person> {
    mailboxes.into_iter().map(Person::from).collect()
}

impl From<Mailbox> for Person {
    fn from(mailbox: Mailbox) -> Self {
        Self { name: mailbox.name, address: mailbox.address }
    }
}

impl From<stored::FolderView> for FolderView {
    fn from(folder: stored::FolderView) -> Self {
        Self {
            id: FolderId(folder.id.0),
            parent: folder.parent.map(|parent| FolderId(parent.0)),
            kind: kind(folder.kind, &folder.name),
            name: folder.name,
            unread: folder.unread,
            total: folder.total,
            synced: folder.synced,
        }
    }
}

fn kind(kind: wire::FolderKind, name: &str) -> FolderKind {
    match kind {
        wire::FolderKind::Inbox => FolderKind::Inbox,
        wire::FolderKind::Drafts => FolderKind::Drafts,
        wire::FolderKind::Deleted => FolderKind::Deleted,
        wire::FolderKind::Sent => FolderKind::Sent,
        wire::FolderKind::Outbox => FolderKind::Outbox,
        wire::FolderKind::Calendar
        | wire::FolderKind::Contacts
        | wire::FolderKind::Journal
        | wire::FolderKind::Notes
        | wire::FolderKind::Other
        | wire::FolderKind::RecipientCache
        | wire::FolderKind::Tasks
        | wire::FolderKind::Unknown
        | wire::FolderKind::UserCalendar
        | wire::FolderKind::UserContacts
        | wire::FolderKind::UserJournal
        | wire::FolderKind::UserMail
        | wire::FolderKind::UserNotes
        | wire::FolderKind::UserTasks => by_name(name),
    }
}

/// ActiveSync has no kind for junk; servers name it.
fn by_name(name: &str) -> FolderKind {
    let junk = ["junk", "junk e-mail", "junk-e-mail", "spam"];

    if junk.contains(&name.to_lowercase().as_str()) { FolderKind::Junk } else { FolderKind::User }
}

impl From<stored::MessagePage> for MessagePage {
    fn from(page: stored::MessagePage) -> Self {
        Self { total: page.total, items: page.items.into_iter().map(MessageItem::from).collect() }
    }
}

impl From<stored::MessageItem> for MessageItem {
    fn from(item: stored::MessageItem) -> Self {
        Self {
            id: item.id,
            folder: FolderId(item.folder.0),
            from: item.from.into(),
            to: people(item.to),
            subject: item.subject,
            date: item.received,
            read: item.read,
            flag: item.flag.into(),
            categories: item.categories,
            importance: item.importance,
            preview: item.preview,
            attachments: item.attachments,
            refused: item.refused.map(Refusal::from),
            conversation: item.conversation.map(|id| HEXLOWER.encode(&id)),
            topic: item.topic,
        }
    }
}

impl From<pim::Refusal> for Refusal {
    fn from(refusal: pim::Refusal) -> Self {
        let change = match refusal.change {
            pim::RefusedChange::Delete => RefusedChange::Delete,
            pim::RefusedChange::Marks => RefusedChange::Marks,
            pim::RefusedChange::Move => RefusedChange::Move,
        };

        Self { change, code: refusal.code }
    }
}

impl From<stored::MessageView> for MessageView {
    fn from(message: stored::MessageView) -> Self {
        let smime = message.is_protected();
        let meeting =
            message.meeting.as_ref().map(|meeting| MeetingView::of(&message.class, meeting));

        Self {
            item: message.item.into(),
            cc: people(message.cc),
            bcc: people(message.bcc),
            body: body_kind(&message.text),
            text: match message.text {
                Text::Plain(text) => Some(text),
                Text::Html(_) | Text::None => None,
            },
            attachments: message.attachments.into_iter().map(AttachmentView::from).collect(),
            protection: if smime { Protection::Smime } else { Protection::None },
            security: None,
            meeting,
        }
    }
}

impl From<stored::AttachmentView> for AttachmentView {
    fn from(attachment: stored::AttachmentView) -> Self {
        Self {
            media_type: media_type(&attachment),
            id: AttachmentId(attachment.id.0),
            name: attachment.name,
            size: attachment.size,
            inline: attachment.inline,
            local: attachment.local,
            arrived: attachment.arrived,
        }
    }
}

impl From<stored::OutboxView> for OutboxView {
    fn from(mail: stored::OutboxView) -> Self {
        let (state, error) = match mail.state {
            pim::OutboxState::Failed(code) => (OutboxState::Failed, Some(code)),
            pim::OutboxState::Sending => (OutboxState::Sending, None),
            pim::OutboxState::Waiting => (OutboxState::Waiting, None),
        };

        Self {
            id: OutboxId(mail.id.0),
            to: people(mail.to),
            subject: mail.subject,
            created: mail.created,
            state,
            error,
        }
    }
}

impl From<super::DraftAttachment> for mail::compose::File {
    fn from(file: super::DraftAttachment) -> Self {
        Self { name: file.name, media_type: file.media_type, bytes: file.bytes }
    }
}
