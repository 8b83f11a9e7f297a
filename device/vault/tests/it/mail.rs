//! The mailbox in a container.

mod conversation;
mod counts;
mod drafts;
mod files;
mod outbox;
mod rounds;
mod scale;
mod search;
mod state;
mod wanted;

use crate::ground::{Ground, make_identity, password};
use ::mail::Mailbox;
use activesync::messages::{FolderKind, Importance};
use pim::{
    AttachmentRecord, Body, BodyState, Change, CollectionId, FolderRecord, FollowUp, ItemRef, Mail,
    Marks, Print, ServerId, Text, Thread, UploadRecord,
};
use time::OffsetDateTime;
use vault::Open;
use vault::mail::{FolderId, MessageId, MessageView};

/// A container with an inbox.
pub(crate) struct Store {
    pub(crate) ground: Ground,
    pub(crate) open: Open,
}

impl Store {
    pub(crate) fn new() -> Self {
        let ground = Ground::new();
        let open = ground.create(&make_identity(), 3);
        let store = Self { ground, open };
        store.put(&[Change::PutFolder(folder("inbox"))]);
        store
    }

    /// Locks the container and opens it again.
    pub(crate) fn reopened(mut self) -> Self {
        self.open.lock();
        self.open = self.ground.container().open(&password()).unwrap();
        self
    }

    pub(crate) fn put(&self, changes: &[Change]) {
        self.open.mail().store(changes, at(0)).unwrap();
    }

    pub(crate) fn inbox(&self) -> FolderId {
        self.open.mail().folders().unwrap()[0].id
    }

    pub(crate) fn id(&self, server_id: &str) -> MessageId {
        self.open.mail().find(&item(server_id)).unwrap().unwrap()
    }

    pub(crate) fn message(&self, server_id: &str) -> MessageView {
        self.open.mail().message(self.id(server_id)).unwrap().unwrap()
    }

    /// Returns the server's ids in the inbox, as the list shows them.
    pub(crate) fn listed(&self) -> Vec<String> {
        let page = self.open.mail().messages(self.inbox(), 0, 1000).unwrap().unwrap();
        page.items
            .iter()
            .map(|row| self.open.mail().item(row.id).unwrap().unwrap().item.0)
            .collect()
    }

    pub(crate) fn files(&self) -> usize {
        std::fs::read_dir(self.ground.directory().join("files/mail")).map_or(0, Iterator::count)
    }
}

pub(crate) fn inbox() -> CollectionId {
    CollectionId("inbox".to_owned())
}

pub(crate) fn item(server_id: &str) -> ItemRef {
    ItemRef { collection: inbox(), item: ServerId(server_id.to_owned()) }
}

pub(crate) fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_767_225_600 + seconds).unwrap()
}

pub(crate) fn folder(id: &str) -> FolderRecord {
    FolderRecord {
        id: CollectionId(id.to_owned()),
        parent: None,
        name: "Posteingang".to_owned(),
        kind: FolderKind::Inbox,
        key: "0".to_owned(),
        synced: false,
        in_round: false,
        reset_at: None,
    }
}

pub(crate) fn put_mail(server_id: &str, mail: Mail) -> Change {
    Change::PutMail { item: item(server_id), mail: Box::new(mail) }
}

pub(crate) fn person(name: &str, address: &str) -> Mailbox {
    Mailbox { name: name.to_owned(), address: address.to_owned() }
}

pub(crate) fn mail(seconds: i64) -> Mail {
    Mail {
        from: person("Jürgen \"JJ\" Jäger", "jj@example.org"),
        to: vec![person("", "alice@example.org"), person("Bob", "bob@example.org")],
        cc: Vec::new(),
        bcc: Vec::new(),
        reply_to: Vec::new(),
        subject: format!("Nachricht {seconds}"),
        received: at(seconds),
        read: false,
        flag: FollowUp::default(),
        categories: Vec::new(),
        importance: Importance::Normal,
        class: "IPM.Note".to_owned(),
        thread: Thread::default(),
        body: Body {
            state: BodyState::Whole,
            text: Text::Plain("Guten Tag".to_owned()),
            preview: "Guten Tag".to_owned(),
        },
        attachments: Vec::new(),
        meeting: None,
    }
}

pub(crate) fn attachment(reference: &str, inline: bool) -> AttachmentRecord {
    AttachmentRecord {
        name: format!("{reference}.pdf"),
        reference: reference.to_owned(),
        size: 5,
        content_id: inline.then(|| format!("{reference}@x")),
        inline,
    }
}

/// The wish that a mail be read.
pub(crate) fn wanted(item: ItemRef) -> UploadRecord {
    let marks = Marks { read: Some(true), ..Marks::default() };
    let (before, print) = (Marks::default(), Print::default());
    UploadRecord { item, marks, before, place: None, print, arriving: false }
}
