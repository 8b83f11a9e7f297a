use super::security::SecurityView;
use app::entries::MeetingView;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FolderView {
    id: i64,
    parent: Option<i64>,
    name: String,
    kind: FolderKind,
    unread: u64,
    total: u64,
    /// Whether its first round is complete.
    synced: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FolderKind {
    Deleted,
    Drafts,
    Inbox,
    Junk,
    Outbox,
    Sent,
    User,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessagesView {
    /// How many the folder holds.
    total: u64,
    items: Vec<MessageItem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchView {
    /// How many were found.
    total: u64,
    items: Vec<MessageItem>,
    /// How many cannot be found by their words yet, after an update of the app.
    unindexed: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundView {
    /// How many the mail server found, as it counts them.
    total: u32,
    /// Those of this page that satisfy every condition.
    items: Vec<FoundMail>,
}

/// What the mail server does not tell is null.
#[derive(Debug, Serialize, ToSchema)]
struct FoundMail {
    /// Its id on this device, if it is here.
    message: Option<i64>,
    folder: Option<i64>,
    from: Person,
    /// Of some servers only the names.
    to: Vec<Person>,
    subject: String,
    #[serde(with = "time::serde::rfc3339::option")]
    date: Option<OffsetDateTime>,
    read: Option<bool>,
    flagged: Option<bool>,
    attachments: Option<bool>,
    importance: Importance,
    preview: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct MessageItem {
    id: i64,
    folder: i64,
    from: Person,
    to: Vec<Person>,
    subject: String,
    #[serde(with = "time::serde::rfc3339")]
    date: OffsetDateTime,
    read: bool,
    flagged: bool,
    flag: FlagView,
    categories: Vec<String>,
    importance: Importance,
    preview: String,
    attachments: u32,
    refused: Option<RefusalView>,
    /// The same for all messages of its conversation, where the mail server tells.
    conversation: Option<String>,
    /// The subject without "Re:" and the like.
    topic: String,
}

/// What the user still has to do about a message.
#[derive(Debug, Serialize, ToSchema)]
struct FlagView {
    state: FlagState,
    /// The day by which it is to be done, as `2026-12-31`.
    due: Option<String>,
    /// When it was done.
    #[serde(with = "time::serde::rfc3339::option")]
    completed: Option<OffsetDateTime>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FlagState {
    Active,
    Complete,
    None,
}

/// What the mail server did not take; the message is as it was before.
#[derive(Debug, Serialize, ToSchema)]
struct RefusalView {
    change: RefusedChange,
    /// A stable code, such as `status_7`.
    reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RefusedChange {
    Delete,
    Marks,
    Move,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Person {
    name: String,
    address: String,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Importance {
    Low,
    #[default]
    Normal,
    High,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageView {
    id: i64,
    folder: i64,
    from: Person,
    to: Vec<Person>,
    cc: Vec<Person>,
    bcc: Vec<Person>,
    subject: String,
    #[serde(with = "time::serde::rfc3339")]
    date: OffsetDateTime,
    read: bool,
    flagged: bool,
    flag: FlagView,
    categories: Vec<String>,
    importance: Importance,
    preview: String,
    body: BodyKind,
    text: Option<String>,
    attachments: Vec<AttachmentView>,
    protection: Protection,
    /// What is to be thought of a protected message; null until it is here as it came.
    security: Option<SecurityView>,
    refused: Option<RefusalView>,
    /// The meeting that it is about.
    meeting: Option<MeetingView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum BodyKind {
    Html,
    None,
    Text,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Protection {
    None,
    Smime,
}

#[derive(Debug, Serialize, ToSchema)]
struct AttachmentView {
    id: i64,
    name: String,
    #[serde(rename = "type")]
    media_type: String,
    /// In bytes; an estimate until it is local.
    size: u64,
    inline: bool,
    local: bool,
    /// Bytes that are here of one that is being fetched, or whose fetching was cut off.
    arrived: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutboxView {
    id: i64,
    to: Vec<Person>,
    subject: String,
    #[serde(with = "time::serde::rfc3339")]
    created: OffsetDateTime,
    state: OutboxState,
    error: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OutboxState {
    Failed,
    Sending,
    Waiting,
}

impl From<app::FolderView> for FolderView {
    fn from(folder: app::FolderView) -> Self {
        Self {
            id: folder.id.0,
            parent: folder.parent.map(|parent| parent.0),
            name: folder.name,
            kind: match folder.kind {
                app::FolderKind::Deleted => FolderKind::Deleted,
                app::FolderKind::Drafts => FolderKind::Drafts,
                app::FolderKind::Inbox => FolderKind::Inbox,
                app::FolderKind::Junk => FolderKind::Junk,
                app::FolderKind::Outbox => FolderKind::Outbox,
                app::FolderKind::Sent => FolderKind::Sent,
                app::FolderKind::User => FolderKind::User,
            },
            unread: folder.unread,
            total: folder.total,
            synced: folder.synced,
        }
    }
}

impl From<app::MessagePage> for MessagesView {
    fn from(page: app::MessagePage) -> Self {
        Self { total: page.total, items: page.items.into_iter().map(Into::into).collect() }
    }
}

impl From<app::SearchPage> for SearchView {
    fn from(found: app::SearchPage) -> Self {
        Self {
            total: found.total,
            items: found.items.into_iter().map(Into::into).collect(),
            unindexed: found.unindexed,
        }
    }
}

impl From<app::FoundPage> for FoundView {
    fn from(found: app::FoundPage) -> Self {
        Self { total: found.total, items: found.items.into_iter().map(Into::into).collect() }
    }
}

impl From<app::FoundMail> for FoundMail {
    fn from(mail: app::FoundMail) -> Self {
        Self {
            message: mail.message.map(|message| message.0),
            folder: mail.folder.map(|folder| folder.0),
            from: mail.from.into(),
            to: people(mail.to),
            subject: mail.subject,
            date: mail.date,
            read: mail.read,
            flagged: mail.flagged,
            attachments: mail.attachments,
            importance: mail.importance.into(),
            preview: mail.preview,
        }
    }
}

impl From<app::MessageItem> for MessageItem {
    fn from(item: app::MessageItem) -> Self {
        Self {
            id: item.id.0,
            folder: item.folder.0,
            from: item.from.into(),
            to: people(item.to),
            subject: item.subject,
            date: item.date,
            read: item.read,
            flagged: item.flag.state == app::FlagState::Active,
            flag: item.flag.into(),
            categories: item.categories,
            importance: item.importance.into(),
            preview: item.preview,
            attachments: item.attachments,
            refused: item.refused.map(Into::into),
            conversation: item.conversation,
            topic: item.topic,
        }
    }
}

impl From<app::MessageView> for MessageView {
    fn from(message: app::MessageView) -> Self {
        let item = message.item;
        Self {
            id: item.id.0,
            folder: item.folder.0,
            from: item.from.into(),
            to: people(item.to),
            cc: people(message.cc),
            bcc: people(message.bcc),
            subject: item.subject,
            date: item.date,
            read: item.read,
            flagged: item.flag.state == app::FlagState::Active,
            flag: item.flag.into(),
            categories: item.categories,
            importance: item.importance.into(),
            preview: item.preview,
            body: match message.body {
                app::BodyKind::Html => BodyKind::Html,
                app::BodyKind::None => BodyKind::None,
                app::BodyKind::Text => BodyKind::Text,
            },
            text: message.text,
            attachments: message.attachments.into_iter().map(Into::into).collect(),
            protection: match message.protection {
                app::Protection::None => Protection::None,
                app::Protection::Smime => Protection::Smime,
            },
            security: message.security.map(Into::into),
            meeting: message.meeting,
            refused: item.refused.map(Into::into),
        }
    }
}

impl From<app::FlagView> for FlagView {
    fn from(flag: app::FlagView) -> Self {
        Self {
            state: match flag.state {
                app::FlagState::Active => FlagState::Active,
                app::FlagState::Complete => FlagState::Complete,
                app::FlagState::None => FlagState::None,
            },
            due: flag.due.map(|day| day.to_string()),
            completed: flag.completed,
        }
    }
}

impl From<FlagState> for app::FlagState {
    fn from(state: FlagState) -> Self {
        match state {
            FlagState::Active => Self::Active,
            FlagState::Complete => Self::Complete,
            FlagState::None => Self::None,
        }
    }
}

impl From<app::Refusal> for RefusalView {
    fn from(refusal: app::Refusal) -> Self {
        Self {
            change: match refusal.change {
                app::RefusedChange::Delete => RefusedChange::Delete,
                app::RefusedChange::Marks => RefusedChange::Marks,
                app::RefusedChange::Move => RefusedChange::Move,
            },
            reason: refusal.code,
        }
    }
}

impl From<app::AttachmentView> for AttachmentView {
    fn from(attachment: app::AttachmentView) -> Self {
        Self {
            id: attachment.id.0,
            name: attachment.name,
            media_type: attachment.media_type,
            size: attachment.size,
            inline: attachment.inline,
            local: attachment.local,
            arrived: attachment.arrived,
        }
    }
}

impl From<app::Importance> for Importance {
    fn from(importance: app::Importance) -> Self {
        match importance {
            app::Importance::Low => Self::Low,
            app::Importance::Normal => Self::Normal,
            app::Importance::High => Self::High,
        }
    }
}

impl From<Importance> for app::Importance {
    fn from(importance: Importance) -> Self {
        match importance {
            Importance::Low => Self::Low,
            Importance::Normal => Self::Normal,
            Importance::High => Self::High,
        }
    }
}

impl From<app::Person> for Person {
    fn from(person: app::Person) -> Self {
        Self { name: person.name, address: person.address }
    }
}

impl From<app::OutboxView> for OutboxView {
    fn from(mail: app::OutboxView) -> Self {
        Self {
            id: mail.id.0,
            to: people(mail.to),
            subject: mail.subject,
            created: mail.created,
            state: match mail.state {
                app::OutboxState::Failed => OutboxState::Failed,
                app::OutboxState::Sending => OutboxState::Sending,
                app::OutboxState::Waiting => OutboxState::Waiting,
            },
            error: mail.error,
        }
    }
}

fn people(people: Vec<app::Person>) -> Vec<Person> {
    people.into_iter().map(Into::into).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::{AttachmentId, FolderId, MessageId, OutboxId};
    use time::macros::{date, datetime};

    #[test]
    fn a_message_has_its_shape() {
        let message = app::MessageView {
            item: item(),
            cc: vec![],
            bcc: vec![],
            body: app::BodyKind::Text,
            text: Some("Guten Tag".into()),
            attachments: vec![app::AttachmentView {
                id: AttachmentId(4),
                name: "Zahlen.pdf".into(),
                media_type: "application/pdf".into(),
                size: 1234,
                inline: false,
                local: true,
                arrived: 0,
            }],
            protection: app::Protection::Smime,
            security: None,
            meeting: None,
        };

        insta::assert_json_snapshot!(MessageView::from(message), @r#"
        {
          "id": 7,
          "folder": 3,
          "from": {
            "name": "Bob",
            "address": "bob@example.com"
          },
          "to": [],
          "cc": [],
          "bcc": [],
          "subject": "Zahlen",
          "date": "2026-11-22T10:00:00Z",
          "read": false,
          "flagged": true,
          "flag": {
            "state": "active",
            "due": "2026-12-01",
            "completed": null
          },
          "categories": [
            "Rot"
          ],
          "importance": "high",
          "preview": "Guten",
          "body": "text",
          "text": "Guten Tag",
          "attachments": [
            {
              "id": 4,
              "name": "Zahlen.pdf",
              "type": "application/pdf",
              "size": 1234,
              "inline": false,
              "local": true,
              "arrived": 0
            }
          ],
          "protection": "smime",
          "security": null,
          "refused": {
            "change": "move",
            "reason": "status_5"
          },
          "meeting": null
        }
        "#);
    }

    #[test]
    fn lists_have_their_shapes() {
        let folder = app::FolderView {
            id: FolderId(3),
            parent: None,
            name: "Posteingang".into(),
            kind: app::FolderKind::Inbox,
            unread: 2,
            total: 5,
            synced: true,
        };
        let mail = app::OutboxView {
            id: OutboxId(8),
            to: vec![person()],
            subject: "Zahlen".into(),
            created: datetime!(2026-11-22 10:00 UTC),
            state: app::OutboxState::Failed,
            error: Some("too_large".into()),
        };
        let page = app::MessagePage { total: 1, items: vec![item()] };

        insta::assert_json_snapshot!(FolderView::from(folder), @r#"
        {
          "id": 3,
          "parent": null,
          "name": "Posteingang",
          "kind": "inbox",
          "unread": 2,
          "total": 5,
          "synced": true
        }
        "#);
        insta::assert_json_snapshot!(OutboxView::from(mail), @r#"
        {
          "id": 8,
          "to": [
            {
              "name": "Bob",
              "address": "bob@example.com"
            }
          ],
          "subject": "Zahlen",
          "created": "2026-11-22T10:00:00Z",
          "state": "failed",
          "error": "too_large"
        }
        "#);
        insta::assert_json_snapshot!(MessagesView::from(page), @r#"
        {
          "total": 1,
          "items": [
            {
              "id": 7,
              "folder": 3,
              "from": {
                "name": "Bob",
                "address": "bob@example.com"
              },
              "to": [],
              "subject": "Zahlen",
              "date": "2026-11-22T10:00:00Z",
              "read": false,
              "flagged": true,
              "flag": {
                "state": "active",
                "due": "2026-12-01",
                "completed": null
              },
              "categories": [
                "Rot"
              ],
              "importance": "high",
              "preview": "Guten",
              "attachments": 1,
              "refused": {
                "change": "move",
                "reason": "status_5"
              },
              "conversation": "0af1",
              "topic": "Zahlen"
            }
          ]
        }
        "#);
    }

    fn item() -> app::MessageItem {
        app::MessageItem {
            id: MessageId(7),
            folder: FolderId(3),
            from: person(),
            to: vec![],
            subject: "Zahlen".into(),
            date: datetime!(2026-11-22 10:00 UTC),
            read: false,
            flag: app::FlagView {
                state: app::FlagState::Active,
                due: Some(date!(2026 - 12 - 01)),
                completed: None,
            },
            categories: vec!["Rot".into()],
            importance: app::Importance::High,
            preview: "Guten".into(),
            attachments: 1,
            refused: Some(app::Refusal {
                change: app::RefusedChange::Move,
                code: "status_5".into(),
            }),
            conversation: Some("0af1".into()),
            topic: "Zahlen".into(),
        }
    }

    fn person() -> app::Person {
        app::Person { name: "Bob".into(), address: "bob@example.com".into() }
    }
}
