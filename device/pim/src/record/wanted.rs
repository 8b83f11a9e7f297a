use time::OffsetDateTime;

use super::{CollectionId, ItemRef, ServerId};
use crate::{FollowUp, MailPatch};

/// What the user wants of a mail and the server has not confirmed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UploadRecord {
    /// The mail.
    pub item: ItemRef,
    /// The marks that the user set.
    pub marks: Marks,
    /// What the server says of these marks, as far as it is known: they come back if it refuses.
    pub before: Marks,
    /// Where the user wants the mail, if not where it lies.
    pub place: Option<Place>,
    /// By what the mail is recognised in another folder.
    pub print: Print,
    /// It was moved here, and the folder has not told of it yet; if it never does, the mail is gone again.
    pub arriving: bool,
}

/// What a user may change in a mail; what is absent stays.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Marks {
    /// Whether it is read.
    pub read: Option<bool>,
    /// What there is to do about it.
    pub flag: Option<FollowUp>,
    /// Its categories; since 14.0.
    pub categories: Option<Vec<String>>,
}

/// Where the user wants a mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// Where it shall go.
    pub to: Destination,
    /// The move that was begun and of which nobody knows yet how it ended.
    pub attempt: Option<Attempt>,
}

/// Where a mail shall go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Destination {
    /// To the server's folder for deleted mails.
    DeletedItems,
    /// To this folder.
    Folder(CollectionId),
    /// It shall be deleted for good.
    Nowhere,
}

/// A move that was begun.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attempt {
    /// The folder.
    pub to: CollectionId,
    /// How far it is.
    pub stage: AttemptStage,
    /// A mail that appeared in the folder since and may be this one.
    pub landed: Option<ServerId>,
}

/// How far a move is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AttemptStage {
    /// The mail has left its folder; whether it is in the other one will show.
    Left,
    /// The server does not know the mail there; whether it has left will show.
    Missing,
    /// The request was sent, or is about to be.
    Sent,
}

/// By what a mail is recognised in another folder, where it has another id.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Print {
    /// When it was received, to the millisecond.
    pub received: Option<OffsetDateTime>,
    /// Its subject.
    pub subject: String,
}

/// What is stored of a mail that the user changes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Known {
    /// Its marks, all of them.
    pub marks: Marks,
    /// By what it is recognised.
    pub print: Print,
}

/// Why a mail is not as the user wanted it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// What the server did not take.
    pub change: RefusedChange,
    /// A short stable code of why, such as `status_7`.
    pub code: String,
}

/// A kind of change that a server did not take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RefusedChange {
    /// The mail was to be deleted.
    Delete,
    /// Marks were to be set.
    Marks,
    /// The mail was to be moved.
    Move,
}

impl UploadRecord {
    pub(crate) fn new(item: ItemRef, print: Print) -> Self {
        let (marks, before) = (Marks::default(), Marks::default());
        Self { item, marks, before, place: None, print, arriving: false }
    }

    /// Says whether nothing is wanted any more.
    pub(crate) fn is_empty(&self) -> bool {
        self.marks.is_empty() && self.place.is_none() && !self.arriving
    }

    pub(crate) fn attempt(&self) -> Option<&Attempt> {
        self.place.as_ref().and_then(|place| place.attempt.as_ref())
    }
}

impl Marks {
    /// Says whether no mark is among them.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes over the marks that `newer` names.
    pub(crate) fn take(&mut self, newer: Self) {
        self.read = newer.read.or(self.read);
        self.flag = newer.flag.or(self.flag.take());
        self.categories = newer.categories.or(self.categories.take());
    }

    /// Keeps the marks that `wanted` names and `already` does not.
    pub(crate) fn only_new(self, wanted: &Self, already: &Self) -> Self {
        Self {
            read: self.read.filter(|_| wanted.read.is_some() && already.read.is_none()),
            flag: self.flag.filter(|_| wanted.flag.is_some() && already.flag.is_none()),
            categories: self
                .categories
                .filter(|_| wanted.categories.is_some() && already.categories.is_none()),
        }
    }

    /// Takes out the marks that are as in `same`, together with those of `before`, which it returns.
    pub(crate) fn take_same(&mut self, same: &Self, before: &mut Self) -> Self {
        let mut taken = Self::default();
        if same.read.is_some() && self.read == same.read {
            self.read = None;
            taken.read = before.read.take();
        }
        if same.flag.is_some() && self.flag == same.flag {
            self.flag = None;
            taken.flag = before.flag.take();
        }
        if same.categories.is_some() && self.categories == same.categories {
            self.categories = None;
            taken.categories = before.categories.take();
        }
        taken
    }

    /// Lets these marks stand in a patch; returns what the patch said of them.
    pub(crate) fn overlay(&self, patch: &mut MailPatch) -> Self {
        let mut said = Self::default();
        if self.read.is_some() && patch.read.is_some() {
            said.read = std::mem::replace(&mut patch.read, self.read);
        }
        if self.flag.is_some() && patch.flag.is_some() {
            said.flag = std::mem::replace(&mut patch.flag, self.flag.clone());
        }
        if self.categories.is_some() && patch.categories.is_some() {
            said.categories = std::mem::replace(&mut patch.categories, self.categories.clone());
        }
        said
    }
}

impl From<Marks> for MailPatch {
    fn from(marks: Marks) -> Self {
        let Marks { read, flag, categories } = marks;
        Self { read, flag, categories, ..Self::default() }
    }
}
