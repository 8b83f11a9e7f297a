//! What a person sends the server to do at once: it is done, or they are told why not.
//!
//! ```text
//!   Errand ──request──▶ one command at a time      Event::ErrandEnded ◀── Reply or ErrandFailure ◀──read── its answer
//! ```
//!
//! Nothing of it is stored: whoever asks waits for the end. What an errand changes in the tree is stored with the tree's key.

mod directory;
mod failure;
mod finding;
mod folder;
mod mailbox;
mod meeting;
mod out_of_office;
mod recipients;

use std::collections::VecDeque;

use activesync::{
    query::{Command, Version},
    status::CertificateStatus,
};

pub use directory::{DirectoryPage, DirectoryPerson, DirectoryQuery};
pub use failure::ErrandFailure;
pub(crate) use failure::Refusal;
pub use folder::FolderErrand;
pub(crate) use folder::FolderNews;
pub use mailbox::{FoundMail, MailboxPage, MailboxSearch};
pub use meeting::MeetingAnswer;
pub use out_of_office::{AutoReply, Away, OutOfOffice, OutOfOfficeChange, OutOfOfficeErrand};
pub use recipients::{
    Candidate, CertificateCheck, Certificates, FreeTime, Meant, NamedPeople, PeopleQuery, Period,
};

use crate::{CollectionId, folders::Folders};

/// Names an errand until it has ended.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ErrandId(u64);

/// What a person sends the server to do at once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Errand {
    /// Judges certificates.
    Certificates(CertificateCheck),
    /// Finds people in the directory.
    Directory(DirectoryQuery),
    /// Changes a folder.
    Folder(FolderErrand),
    /// Finds mails.
    Mailbox(MailboxSearch),
    /// Answers an invitation.
    Meeting(MeetingAnswer),
    /// Reads or changes the answers while the person is away.
    OutOfOffice(OutOfOfficeErrand),
    /// Says who is meant by names and addresses.
    People(PeopleQuery),
}

/// What an errand brings back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reply {
    /// The verdict on each certificate, in order.
    Certificates(Vec<CertificateStatus>),
    /// People found in the directory.
    Directory(DirectoryPage),
    /// It is done, and there is nothing to say about it.
    Done,
    /// The folder is made.
    Made(CollectionId),
    /// Mails found.
    Mails(MailboxPage),
    /// The answers while the person is away.
    OutOfOffice(OutOfOffice),
    /// Who is meant by each name, in order.
    People(Vec<NamedPeople>),
}

/// The errands that wait for their turn.
#[derive(Clone, Debug, Default)]
pub(crate) struct Errands {
    waiting: VecDeque<Sent>,
    last: u64,
    find_refused: bool,
}

/// An errand, waiting or on its way.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) id: ErrandId,
    pub(crate) errand: Errand,
    /// It was sent before and has to be sent again after something else was done.
    pub(crate) repeated: bool,
    /// The command that carried it last.
    pub(crate) command: Option<Command>,
}

/// What the requests of errands are made of besides the errands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'a> {
    pub(crate) folders: &'a Folders,
    pub(crate) tree_key: &'a str,
    pub(crate) version: Version,
    /// Searches go with Find, which names the items that it finds.
    pub(crate) find: bool,
}

impl Errands {
    pub(crate) fn add(&mut self, errand: Errand) -> ErrandId {
        self.last += 1;
        let id = ErrandId(self.last);
        self.waiting.push_back(Sent { id, errand, repeated: false, command: None });
        id
    }

    pub(crate) fn take(&mut self) -> Option<Sent> {
        self.waiting.pop_front()
    }

    /// Puts an errand back to the front, to be sent once more.
    pub(crate) fn again(&mut self, sent: Sent) {
        self.waiting.push_front(Sent { repeated: true, ..sent });
    }

    /// Says whether searches may go with Find.
    pub(crate) fn may_find(&self, version: Version) -> bool {
        version >= Version::V16_1 && !self.find_refused
    }

    /// The server does not know Find, whatever it said of its version: searches go with Search until the next start.
    pub(crate) fn search_instead(&mut self, sent: Sent) {
        self.find_refused = true;
        self.waiting.push_front(sent);
    }

    /// Gives up those that wait.
    pub(crate) fn drain(&mut self) -> Vec<ErrandId> {
        self.waiting.drain(..).map(|sent| sent.id).collect()
    }

    /// Drops an errand that waits, if nothing is lost by that.
    pub(crate) fn drop_reading(&mut self, id: ErrandId) {
        self.waiting.retain(|sent| sent.id != id || sent.errand.changes());
    }
}

impl Errand {
    /// Says whether the server may be another after it, even if its answer is lost.
    pub(crate) fn changes(&self) -> bool {
        match self {
            Self::Folder(_) | Self::Meeting(_) | Self::OutOfOffice(OutOfOfficeErrand::Set(_)) => {
                true
            }
            Self::Certificates(_)
            | Self::Directory(_)
            | Self::Mailbox(_)
            | Self::OutOfOffice(OutOfOfficeErrand::Read { .. })
            | Self::People(_) => false,
        }
    }

    /// Says at once what need not be asked.
    pub(crate) fn check(&self, folders: &Folders) -> Result<(), ErrandFailure> {
        match self {
            Self::Certificates(check) => check.check(),
            Self::Directory(query) => query.check(),
            Self::Folder(errand) => errand.check(folders),
            Self::Mailbox(search) => search.check(),
            Self::Meeting(_) => Ok(()),
            Self::OutOfOffice(errand) => errand.check(),
            Self::People(query) => query.check(),
        }
    }

    /// Writes the request.
    pub(crate) fn request(&self, terms: Terms<'_>) -> (Command, Vec<u8>) {
        match self {
            Self::Certificates(check) => check.request(),
            Self::Directory(query) => query.request(terms),
            Self::Folder(errand) => errand.request(terms),
            Self::Mailbox(search) => search.request(terms),
            Self::Meeting(answer) => answer.request(terms.version),
            Self::OutOfOffice(errand) => errand.request(),
            Self::People(query) => query.request(terms.version),
        }
    }
}
