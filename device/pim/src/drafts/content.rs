//! What stands in a draft, and when two of them are the same.

use std::collections::BTreeMap;

use activesync::messages::Importance;
use mail::{Mailbox, text};
use time::OffsetDateTime;

use super::DraftFileId;
use crate::{AttachmentRecord, Body, BodyState, Mail, MailPatch, Text, Thread};

/// What stands in a draft.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DraftContent {
    /// Recipients as they were typed.
    pub to: Vec<String>,
    /// Recipients of a copy.
    pub cc: Vec<String>,
    /// Recipients whom the others do not see.
    pub bcc: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The text, plain.
    pub text: String,
    /// How urgent it is.
    pub importance: Importance,
    /// The files, in order.
    pub files: Vec<DraftFile>,
}

/// A file of a draft.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DraftFile {
    /// Its id in this container; 0 for one that is only on the server.
    pub id: DraftFileId,
    /// The file name.
    pub name: String,
    /// The media type; empty where it is not known.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// What the server hands its bytes out for; absent until the server has it. Opaque.
    pub reference: Option<String>,
}

impl Default for DraftContent {
    fn default() -> Self {
        Self {
            to: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: String::new(),
            text: String::new(),
            importance: Importance::Normal,
            files: Vec::new(),
        }
    }
}

impl DraftContent {
    /// Writes the text of a mail as it is typed on.
    pub fn typed_text(text: &Text) -> String {
        match text {
            Text::Html(html) => text::from_html(html),
            Text::None => String::new(),
            Text::Plain(plain) => plain.clone(),
        }
    }

    /// Writes people as they are typed.
    pub fn typed_people(people: &[Mailbox]) -> Vec<String> {
        let typed = |one: &Mailbox| match (one.name.as_str(), one.address.as_str()) {
            ("", address) => address.to_owned(),
            (name, "") => name.to_owned(),
            (name, address) => format!("{name} <{address}>"),
        };
        people.iter().map(typed).collect()
    }

    /// Reads the files that a server names; those that are known here keep their ids.
    pub fn files_named(&self, list: &[AttachmentRecord]) -> Vec<DraftFile> {
        files_of(list, &[self])
    }

    /// Says whether both say the same, whatever a server makes of blanks, of what is no address, and of the order of files.
    pub fn is_same(&self, other: &Self) -> bool {
        fn words(text: &str) -> impl Iterator<Item = &str> {
            text.split_whitespace()
        }
        let people = |one: &[String], other: &[String]| {
            let addresses = |typed: &[String]| -> Vec<String> {
                recipients(typed).into_iter().map(|one| one.address.to_lowercase()).collect()
            };
            addresses(one) == addresses(other)
        };
        people(&self.to, &other.to)
            && people(&self.cc, &other.cc)
            && people(&self.bcc, &other.bcc)
            && words(&self.subject).eq(words(&other.subject))
            && words(&self.text).eq(words(&other.text))
            && self.importance == other.importance
            && self.has_same_files(other)
    }

    /// The bytes of all files.
    pub(super) fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// Says whether it is known what the server calls each file.
    pub(super) fn is_named(&self) -> bool {
        self.files.iter().all(|file| file.reference.is_some())
    }

    pub(super) fn has_same_files(&self, other: &Self) -> bool {
        self.names() == other.names()
    }

    /// Applies what a server says of the draft; files keep the ids that they have here.
    pub(super) fn told(&self, patch: &MailPatch) -> Self {
        let people = |told: &Option<Vec<Mailbox>>, known: &Vec<String>| match told {
            Some(told) => Self::typed_people(told),
            None => known.clone(),
        };
        Self {
            to: people(&patch.to, &self.to),
            cc: people(&patch.cc, &self.cc),
            bcc: people(&patch.bcc, &self.bcc),
            subject: patch.subject.clone().unwrap_or_else(|| self.subject.clone()),
            text: patch
                .body
                .as_ref()
                .map_or_else(|| self.text.clone(), |body| self.told_text(body)),
            importance: patch.importance.unwrap_or(self.importance),
            files: match &patch.attachments {
                Some(list) => files_of(list, &[self]),
                None => self.files.clone(),
            },
        }
    }

    /// A text of which only the beginning came is the known one if that begins so.
    fn told_text(&self, body: &Body) -> String {
        let told = Self::typed_text(&body.text);
        let words = |text: &str| text.split_whitespace().collect::<String>();
        let begins_so = || words(&self.text).starts_with(&words(&told));
        if body.state == BodyState::Partial && begins_so() { self.text.clone() } else { told }
    }

    /// Makes a mail out of it, as the server has it now.
    pub(super) fn to_mail(&self, thread: Thread, now: OffsetDateTime) -> Mail {
        let Told { to, cc, bcc, body, attachments } = self.parts();
        Mail {
            to,
            cc,
            bcc,
            body,
            attachments,
            from: Mailbox::default(),
            reply_to: Vec::new(),
            subject: text::line(&self.subject),
            received: now,
            read: true,
            flag: crate::FollowUp::default(),
            categories: Vec::new(),
            importance: self.importance,
            class: "IPM.Note".to_owned(),
            thread,
            meeting: None,
        }
    }

    /// Says what the mail that the server has of it is now, but for a text that did not change.
    pub(super) fn to_patch(&self, before: &Self) -> MailPatch {
        let Told { to, cc, bcc, body, attachments } = self.parts();
        MailPatch {
            to: Some(to),
            cc: Some(cc),
            bcc: Some(bcc),
            subject: Some(text::line(&self.subject)),
            importance: Some(self.importance),
            body: (self.text != before.text).then_some(body),
            attachments: self.is_named().then_some(attachments),
            ..MailPatch::default()
        }
    }

    fn parts(&self) -> Told {
        let attachment = |file: &DraftFile| {
            Some(AttachmentRecord {
                name: text::line(&file.name),
                reference: file.reference.clone()?,
                size: file.size,
                content_id: None,
                inline: false,
            })
        };
        let body = activesync::messages::Body::whole(
            activesync::messages::BodyType::Text,
            self.text.clone(),
        );
        let is_empty = self.text.is_empty();
        Told {
            to: recipients(&self.to),
            cc: recipients(&self.cc),
            bcc: recipients(&self.bcc),
            body: if is_empty { Body::absent() } else { Body::of(&body) },
            attachments: self.files.iter().filter_map(attachment).collect(),
        }
    }

    fn names(&self) -> BTreeMap<String, usize> {
        let mut names = BTreeMap::new();
        for file in &self.files {
            *names.entry(text::line(&file.name)).or_default() += 1;
        }
        names
    }
}

struct Told {
    to: Vec<Mailbox>,
    cc: Vec<Mailbox>,
    bcc: Vec<Mailbox>,
    body: Body,
    attachments: Vec<AttachmentRecord>,
}

/// Reads the files that a server names; those of the same reference, or else of the same name, keep the ids that they have here.
pub(super) fn files_of(list: &[AttachmentRecord], known: &[&DraftContent]) -> Vec<DraftFile> {
    let mut here: Vec<&DraftFile> = Vec::new();
    for file in known.iter().flat_map(|content| &content.files) {
        if here.iter().all(|other| other.id != file.id) {
            here.push(file);
        }
    }
    let mut take = |fits: &dyn Fn(&DraftFile) -> bool| {
        let found = here.iter().position(|file| fits(file))?;
        Some(here.remove(found))
    };
    let file = |record: &AttachmentRecord| {
        let known = take(&|file| {
            file.reference.as_ref() == Some(&record.reference)
                && text::line(&file.name) == record.name
        })
        .or_else(|| take(&|file| text::line(&file.name) == record.name));
        DraftFile {
            id: known.map_or(DraftFileId(0), |file| file.id),
            name: record.name.clone(),
            media_type: known.map(|file| file.media_type.clone()).unwrap_or_default(),
            size: known.map_or(record.size, |file| file.size),
            reference: Some(record.reference.clone()),
        }
    };
    list.iter().map(file).collect()
}

/// Reads those that are addresses; what is half typed stays on this device.
pub(super) fn recipients(typed: &[String]) -> Vec<Mailbox> {
    typed.iter().filter_map(|typed| Mailbox::recipient(typed)).collect()
}

/// Writes recipients as they stand in the head of a mail.
pub(super) fn header(typed: &[String]) -> String {
    let written = |one: &Mailbox| match one.name.as_str() {
        "" => one.address.clone(),
        name => {
            let name = name.replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{name}\" <{}>", one.address)
        }
    };
    recipients(typed).iter().map(written).collect::<Vec<_>>().join(", ")
}
